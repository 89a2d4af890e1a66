"""The evidence page: labels of several jobs, orders and companies, copies, destroyed ones, old ones; names as they were."""

from odoo import Command
from odoo.addons.label_print_monitor.services.contract.payloads import parse_job_report

from .evidence_case import JOB, LOT, EvidenceCase

COMPLETE = (True, [])


def verdict(page):
    return page["is_complete"], page["open_points"]


class TestEvidenceOfALot(EvidenceCase):
    """A lot that is made by two orders: each of them has a box 1."""

    def setUp(self):
        super().setUp()
        self.report(self.job, status="completed")
        self.second = self.env["mrp.production"].create({"product_id": self.product.id, "product_qty": 2})

    def of_second(self, *states, **values):
        return self.ended(*states, mo_id=self.second.id, **values)

    def test_a_label_that_one_order_lacks_is_not_hidden_by_the_other(self):
        self.of_second("failed", "uncertain")
        page = self.page(LOT, self.lot)
        self.assertEqual(
            self.sums(page),
            {"Asked for": 22, "On paper": 20, "Uncertain": 1, "Not printed, without a reason": 1},
        )
        self.assertFalse(page["is_complete"])
        self.assertEqual([job["origin"].split(" · ")[0] for job in page["jobs"]], [
            f"Manufacturing order {self.production.name}", f"Manufacturing order {self.second.name}",
        ])  # fmt: skip

    def test_labels_of_two_orders_are_not_too_many(self):
        self.of_second("confirmed", "confirmed")
        page = self.page(LOT, self.lot)
        self.assertEqual(self.sums(page), {"Asked for": 22, "On paper": 22})
        self.assertEqual(verdict(page), COMPLETE)
        # In one order they are.
        self.of_second("confirmed")
        page = self.page(LOT, self.lot)
        self.assertEqual(
            self.sums(page),
            {"Asked for": 22, "On paper": 22, "Of the same labels, in further jobs or attempts: printed": 1},
        )
        self.assertFalse(page["is_complete"])

    def test_also_when_the_orders_are_deleted(self):
        self.of_second("failed")
        self.env.flush_all()
        self.env.cr.execute("UPDATE label_print_job SET mo_id = NULL")
        page = self.page(LOT, self.lot)
        self.assertEqual(self.sums(page), {"Asked for": 21, "On paper": 20, "Not printed, without a reason": 1})
        self.assertFalse(page["is_complete"])

    def test_orders_of_the_same_name_in_two_companies(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.user.company_ids = [Command.link(other.id)]
        lot = self.env["stock.lot"].create({"name": "LOT-SHARED", "product_id": self.product.id, "company_id": False})
        labels = [{**self.labels(1)[0], "lot_id": lot.id, "product_id": self.product.id, "lot_number": lot.name}]
        for company, state in ((self.env.company, "confirmed"), (other, "failed")):
            self.ended(state, labels_data=labels, company_id=company.id, mo_reference="MO/SAME")
        self.env.invalidate_all()
        both = self.user.company_ids.ids
        Report = self.env[f"report.{LOT}"].with_user(self.user).with_context(allowed_company_ids=both)
        [page] = Report._get_report_values(lot.ids)["pages"]
        self.assertEqual(self.sums(page), {"Asked for": 2, "On paper": 1, "Not printed, without a reason": 1})
        self.assertFalse(page["is_complete"])

    def test_labels_of_no_order_stand_for_themselves(self):
        self.ended("confirmed")
        self.ended("failed")
        page = self.page(LOT, self.lot)
        self.assertEqual(self.sums(page), {"Asked for": 22, "On paper": 21, "Not printed, without a reason": 1})

    def test_a_renamed_lot_keeps_the_labels_that_know_its_name_alone(self):
        """As the jobs of 19.0.1."""
        names = ("zpl_code", "box_number", "lot_number")
        old = [{name: label[name] for name in names} for label in self.job.labels_data[:2]]
        job = self.of_second("confirmed", "uncertain", labels_data=old, product_id=self.product.id)
        self.assertEqual(job.lot_ids, self.lot)
        for name in ("LOT-MO-1", "LOT-RENAMED"):
            self.lot.name = name
            page = self.page(LOT, self.lot)
            self.assertEqual(self.sums(page), {"Asked for": 22, "On paper": 21, "Uncertain": 1}, name)
            self.assertFalse(page["is_complete"])
            self.assertEqual([label["lot"] for label in page["jobs"][1]["labels"]], ["LOT-MO-1"] * 2)

    def test_old_labels_and_new_ones_of_the_same_boxes(self):
        """Which know their lot by its name, and by its record; the lot has another name now."""
        names = ("zpl_code", "box_number", "lot_number")
        old = [{name: label[name] for name in names} for label in self.job.labels_data[:2]]
        self.of_second("confirmed", "failed", labels_data=old, product_id=self.product.id)
        self.lot.name = "LOT-RENAMED"
        new = [{**label, "lot_number": "LOT-RENAMED"} for label in self.job.labels_data[:2]]
        self.of_second("confirmed", "confirmed", labels_data=new)
        sums = {"Asked for": 2, "On paper": 2, "Of the same labels, in further jobs or attempts: printed": 1}
        page = self.page(record=self.second)
        self.assertEqual(self.sums(page), sums)
        self.assertFalse(page["is_complete"])
        page = self.page(LOT, self.lot)
        self.assertEqual(self.sums(page), {**sums, "Asked for": 22, "On paper": 22})


class TestEvidenceOfSeveralJobs(EvidenceCase):
    def setUp(self):
        super().setUp()
        self.report(self.job, status="completed")

    def again(self, *states):
        return self.ended(*states, mo_id=self.production.id)

    def test_the_one_too_many_is_destroyed(self):
        """Issued are 21: 20 are used and one is destroyed."""
        second = self.again("confirmed")
        self.assertFalse(self.page()["is_complete"])
        second.with_user(self.user)._settle(destroyed=[1])
        for report, record in (("", self.production), (LOT, self.lot)):
            page = self.page(*filter(None, [report]), record=record)
            self.assertEqual(
                self.sums(page),
                {"Asked for": 20, "On paper": 20, "Of the same labels, in further jobs or attempts: destroyed after printing": 1},
            )
            self.assertEqual(verdict(page), COMPLETE)
        self.assertEqual(self.sums(self.page(JOB, second)), {"Asked for": 1, "Destroyed after printing": 1})

    def test_a_label_that_two_attempts_of_one_job_have_printed(self):
        """Nobody found label 2, and it was retried; then the account of the first attempt came, and it was printed."""
        job = self.make_job(2, status="printing", labels_data=self.job.labels_data[:2])
        first = job.flask_job_id
        self.report(job, status="failed", current_label=1, error_code="printer_offline")
        job.with_user(self.user)._settle(not_on_paper=[2])
        job.with_user(self.user)._retry([2])
        job.write({"status": "printing", "flask_job_id": "srv-second", "submission": "accepted"})
        self.report(job, status="completed", labels=[{"index": 1, "state": "confirmed"}])
        self.assertEqual(verdict(self.page(JOB, job)), COMPLETE)
        late = {"job_id": first, "status": "completed", "labels": [{"index": 1, "count": 2, "state": "confirmed"}]}
        self.env["print.job.status.poller"].apply_reports(job.server_id, [parse_job_report(late)])
        self.env.invalidate_all()
        page = self.page(JOB, job)
        self.assertFalse(page["is_complete"])
        self.assertEqual(
            page["open_points"],
            ["Printed in more than one job or attempt without being a copy: 1. Destroy what is too many, and say so."],
        )
        job.with_user(self.user)._settle(destroyed=[2])
        self.assertEqual(verdict(self.page(JOB, job)), COMPLETE)

    def test_what_is_uncertain_in_one_job_is_open_though_another_has_printed_it(self):
        second = self.again("uncertain")
        page = self.page()
        self.assertEqual(
            self.sums(page), {"Asked for": 20, "On paper": 20, "Of the same labels, in further jobs: uncertain": 1}
        )
        self.assertEqual(
            verdict(page),
            (
                False,
                [
                    "Uncertain in a further job for the same label: 1. Look whether they are there twice, and say what "
                    "you see."
                ],
            ),
        )
        second.with_user(self.user)._settle(not_on_paper=[1])
        self.assertEqual(verdict(self.page()), COMPLETE)

    def test_what_is_still_to_be_printed_once_more_is_open(self):
        self.make_job(1, labels_data=self.job.labels_data[:1], mo_id=self.production.id)
        page = self.page()
        self.assertEqual(
            self.sums(page),
            {"Asked for": 20, "On paper": 20, "Of the same labels, in further jobs: not yet printed": 1},
        )
        self.assertFalse(page["is_complete"])

    def test_a_reason_is_for_the_job_that_has_it(self):
        labels = [{**self.job.labels_data[0], "box_number": 21}]
        first = self.ended("failed", labels_data=labels, mo_id=self.production.id)
        first.with_user(self.user)._set_aside("by_hand")
        self.assertTrue(self.page()["is_complete"])
        second = self.ended("failed", labels_data=labels, mo_id=self.production.id)
        page = self.page()
        self.assertEqual(self.sums(page), {"Asked for": 21, "On paper": 20, "Not printed, without a reason": 1})
        self.assertFalse(page["is_complete"])
        second.with_user(self.user)._set_aside("by_hand")
        self.assertEqual(verdict(self.page()), COMPLETE)


class TestEvidenceOfCopies(EvidenceCase):
    def setUp(self):
        super().setUp()
        self.report(self.job, status="completed")

    def pages(self):
        """The pages that show the copies: of the order, the lot and the original."""
        return [self.page(), self.page(LOT, self.lot), self.page(JOB, self.job)]

    def test_a_copy_of_which_nobody_knows_is_open(self):
        copy = self.copy(self.job, 2, "uncertain")
        for page in self.pages():
            self.assertEqual(self.sums(page), {"Asked for": 20, "On paper": 20, "Copies that are uncertain": 1})
            self.assertEqual(
                verdict(page),
                (
                    False,
                    [
                        "Copies of labels of which nobody knows whether they are on paper: 1. Look for them, and say "
                        "what you see."
                    ],
                ),
            )
            [words] = page["jobs"][0]["labels"][1]["copies"]
            self.assertIn(f"Asked for again in {copy.display_name} (Uncertain): {self.manager.name}", words)
        order = self.production.with_user(self.user)
        self.assertEqual((order.labels_uncertain, order.labels_missing), (True, False))
        self.assertIn(order, order.search([("labels_uncertain", "=", True)]))
        self.assertEqual(order.label_print_summary, "20 of 20 labels on paper; copies uncertain: 1")
        copy.with_user(self.user)._settle(on_paper=[1])
        for page in self.pages():
            self.assertEqual(
                self.sums(page),
                {"Asked for": 20, "On paper": 20, "Seen on paper, of those": 1, "Copies of labels": 1},
            )
            self.assertEqual(verdict(page), COMPLETE)
        self.env.invalidate_all()
        self.assertFalse(order.labels_uncertain)

    def test_a_copy_that_is_not_printed_is_open(self):
        copy = self.copy(self.job, 2, None)
        for page in self.pages():
            self.assertEqual(
                verdict(page), (False, ["Copies of labels that are not yet printed: 1. Look again when they are."])
            )
        self.end(copy, "failed")
        for page in self.pages():
            self.assertEqual(
                verdict(page),
                (
                    False,
                    [
                        "Copies of labels that were not printed, without a reason: 1. Print them, or set their jobs "
                        "aside with a reason."
                    ],
                ),
            )
        copy.with_user(self.user)._set_aside("by_hand", "Written with a pen")
        for page in self.pages():
            self.assertEqual(verdict(page), COMPLETE)
            self.assertIn("Written with a pen", page["jobs"][0]["labels"][1]["copies"][0])

    def test_a_copy_of_a_copy_is_one_more_copy_of_the_label(self):
        first = self.copy(self.job, 2, "confirmed")
        second = self.copy(first, 1, "confirmed", "damaged")
        self.assertEqual((second.copy_of_id, second.copy_labels), (self.job, [2]))
        self.assertEqual(second.copy_display, f"Copy 3 of {self.job.display_name}")
        self.check_two_copies(first, second)

    def test_also_where_it_was_made_as_a_copy_of_the_copy(self):
        """As jobs from before this was so."""
        first = self.copy(self.job, 2, "confirmed")
        values = {"mo_id": self.production.id, "copy_of_id": first.id, "copy_labels": [1], "copy_reason": "damaged"}
        second = self.ended("confirmed", labels_data=first.labels_data, **values)
        self.assertEqual(second.copy_display, f"Copy 3 of {self.job.display_name}")
        self.check_two_copies(first, second)
        lost = self.ended("uncertain", labels_data=first.labels_data, **{**values, "copy_of_id": second.id})
        for page in self.pages():
            self.assertFalse(page["is_complete"])
            self.assertEqual(self.sums(page)["Copies that are uncertain"], 1)
        lost.with_user(self.user)._settle(not_on_paper=[1])
        lost.with_user(self.user)._set_aside("by_hand")
        self.assertEqual([verdict(page) for page in self.pages()], [COMPLETE] * 3)
        # A change in it is found there, too.
        self.env.flush_all()
        self.env.cr.execute("UPDATE label_print_job SET copy_note = 'x' WHERE id = %s", [lost.id])
        self.assertFalse(any(page["is_complete"] for page in self.pages()))

    def check_two_copies(self, first, second):
        for page in self.pages():
            self.assertEqual(self.sums(page), {"Asked for": 20, "On paper": 20, "Copies of labels": 2})
            self.assertEqual(verdict(page), COMPLETE)
            words = page["jobs"][0]["labels"][1]["copies"]
            for copy, text in zip((first, second), words, strict=True):
                self.assertIn(f"in {copy.display_name} (Confirmed by the Printer): ", text)
        entries = self.job.with_user(self.user).get_label_story(2)["entries"]
        told = [entry["text"] for entry in entries if "again" in entry["text"]]
        self.assertEqual(told, [f"Printed again in {copy.display_name}" for copy in (first, second)])
        self.assertEqual(self.job.label_grid["copies"], {"2": 3})

    def test_destroyed_copies(self):
        copy = self.copy(self.job, 2, "confirmed")
        copy.with_user(self.user)._settle(destroyed=[1])
        page = self.page()
        self.assertEqual(
            self.sums(page),
            {"Asked for": 20, "On paper": 20, "Copies of labels": 1, "Copies that were destroyed": 1},
        )
        self.assertIn("(Destroyed)", page["jobs"][0]["labels"][1]["copies"][0])

    def test_a_box_whose_copy_is_scanned_has_been_seen(self):
        """The scan is of the copy, since the original is lost: nobody can see that one any more."""
        self.env["ir.config_parameter"].set_param("label_print.good_evidence", "checked")
        self.job.with_user(self.user)._settle(on_paper=[1, *range(3, 21)])
        copy = self.copy(self.job, 2, "confirmed")
        self.assertEqual(self.page()["open_points"], ["Known less well than the settings ask for (Seen on Paper): 1."])
        copy._mark_scanned([(1, "LOT-MO-1", "2026-01-01 10:00:00")])
        self.assertEqual((copy.checked_count, self.job.checked_count), (1, 19))
        for page in self.pages():
            self.assertEqual(
                self.sums(page),
                {"Asked for": 20, "On paper": 20, "Seen on paper, of those": 20, "Copies of labels": 1},
            )
            self.assertEqual(verdict(page), COMPLETE)


class TestEvidenceNames(EvidenceCase):
    def test_people_have_the_names_that_they_had_then(self):
        """A log-in that another person has now: nobody of today has printed the labels of then."""
        self.end(self.job, *["confirmed"] * 20)
        self.user.name, self.manager.name = "Anna", "Maria"
        failed = self.ended("failed", mo_id=self.production.id, labels_data=self.labels(1))
        failed.with_user(self.user)._set_aside("by_hand")
        cancelled = self.make_job(1, mo_id=self.production.id)
        cancelled.with_user(self.user)._cancel("wrong_printer")
        printed = self.ended("confirmed", mo_id=self.production.id, labels_data=self.labels(1))
        self.copy(printed, 1, "confirmed")
        self.user.name, self.manager.name = "Ben", "Otto"
        page = self.page()
        first, second, third = page["jobs"][1:]
        self.assertIn("Asked for by Anna", first["origin"])
        self.assertEqual(first["attempts"][0]["person"], "Anna")
        self.assertIn("Anna", first["set_aside"])
        self.assertIn("Anna", second["cancelled"])
        self.assertIn("Maria", third["labels"][0]["copies"][0])
        del page["made"]  # by whoever asks now
        self.assertNotIn("Ben", str(page))
        self.assertNotIn("Otto", str(page))

    def test_who_has_set_it_aside_last(self):
        self.end(self.job, *["failed"] * 20)
        self.user.name, self.manager.name = "Anna", "Maria"
        self.job.with_user(self.user)._set_aside("by_hand")
        self.job.with_user(self.user).action_undo_set_aside()
        self.job.with_user(self.manager)._set_aside("not_needed")
        self.user.name, self.manager.name = "Ben", "Otto"
        [job] = self.page()["jobs"]
        self.assertIn("Maria", job["set_aside"])
        self.assertNotIn("Anna", job["set_aside"])

    def test_an_attempt_that_runs_has_the_present_name(self):
        self.user.name = "Anna"
        self.assertEqual(self.page()["jobs"][0]["attempts"][0]["person"], "Anna")
