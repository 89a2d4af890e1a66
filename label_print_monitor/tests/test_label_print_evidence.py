"""The evidence page: it adds up, says what is open, and shows nothing to those who may not read the jobs."""

from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from .evidence_case import JOB, LOT, ORDER, EvidenceCase


class TestEvidence(EvidenceCase):
    def fail(self):
        self.report(
            self.job,
            status="failed",
            current_label=18,
            error_code="paper_out",
            failed_labels=[{"index": 19, "code": "paper_out"}, {"index": 20, "code": "uncertain"}],
        )

    def test_a_failure_is_open_until_its_labels_are_on_paper(self):
        self.fail()
        page = self.page()
        self.assertEqual(
            self.sums(page),
            {"Asked for": 20, "On paper": 18, "Uncertain": 1, "Not printed, without a reason": 1},
        )
        self.assertFalse(page["is_complete"])
        self.assertEqual(
            page["open_points"],
            [
                "Uncertain: 1. Look for them, and say what you see.",
                "Not printed, without a reason: 1. Print them, or set their jobs aside with a reason.",
            ],
        )
        self.job.with_user(self.user)._settle(on_paper=[20])
        self.job.with_user(self.user)._retry([19], "New roll")
        self.assertEqual(
            self.sums(self.page()),
            {"Asked for": 20, "On paper": 19, "Seen on paper, of those": 1, "Not yet printed": 1},
        )
        self.job.sudo().write({"status": "printing", "flask_job_id": "srv-evidence-2"})
        self.report(self.job, status="completed")
        page = self.page()
        self.assertEqual((page["is_complete"], page["open_points"]), (True, []))
        [job] = page["jobs"]
        self.assertEqual([attempt["labels"] for attempt in job["attempts"]], ["1–20", "19"])
        self.assertEqual(job["attempts"][1]["reason"], "New roll")
        self.assertEqual([(mark["labels"], mark["person"]) for mark in job["marks"]], [("20", self.user.name)])
        self.assertEqual((job["labels"][18]["attempt"], job["labels"][19]["state"]), (2, "Seen on Paper"))
        self.assertEqual({label["lot"] for label in job["labels"]}, {"LOT-MO-1"})
        self.assertEqual("".join(label["hash"] for label in job["labels"]), self.job.label_hashes)
        self.assertEqual((job["template"], job["template_hash"]), (self.job.template_xmlid, self.job.template_hash))

    def test_a_reason_closes_what_is_missing(self):
        self.fail()
        self.job.with_user(self.user)._settle(not_on_paper=[20])
        self.job.with_user(self.user)._set_aside("by_hand", "Truck was waiting")
        page = self.page()
        self.assertEqual(self.sums(page), {"Asked for": 20, "On paper": 18, "Not printed, with a reason": 2})
        self.assertTrue(page["is_complete"])
        words = page["jobs"][0]["set_aside"]
        for part in (self.user.name, "Boxes labelled by hand", "Truck was waiting"):
            self.assertIn(part, words)

    def test_copies_and_destroyed_labels(self):
        self.report(self.job, status="completed")
        self.job.with_user(self.user)._settle(destroyed=[3])
        copy = self.job.with_user(self.manager)._print_again([2], "damaged", "Wet").sudo()
        copy.write({"status": "printing", "flask_job_id": "srv-copy"})
        self.report(copy, status="completed")
        page = self.page()
        self.assertEqual(
            self.sums(page),
            {"Asked for": 20, "On paper": 19, "Destroyed after printing": 1, "Copies of labels": 1},
        )
        [job] = page["jobs"]
        [words] = job["labels"][1]["copies"]
        for part in (copy.display_name, self.manager.name, "Label damaged", "Wet"):
            self.assertIn(part, words)
        self.assertTrue(page["is_complete"])
        # The copy's own page is about its label alone.
        self.assertEqual(self.sums(self.page(JOB, copy)), {"Asked for": 1, "On paper": 1})
        self.assertIn(f"Copy of {self.job.display_name}", self.page(JOB, copy)["jobs"][0]["origin"])

    def test_two_jobs_for_the_same_boxes_are_no_copies(self):
        self.report(self.job, status="completed")
        twice = self.make_job(20, labels_data=self.job.labels_data, mo_id=self.production.id, status="printing")
        self.report(twice, status="completed")
        page = self.page()
        self.assertEqual(
            self.sums(page), {"Asked for": 20, "On paper": 20, "Of the same labels, in further jobs or attempts: printed": 20}
        )
        self.assertEqual(
            page["open_points"],
            ["Printed in more than one job or attempt without being a copy: 20. Destroy what is too many, and say so."],
        )
        self.assertFalse(page["is_complete"])

    def test_what_nobody_has_asked_for_is_open(self):
        self.report(self.job, status="completed")
        self.production.qty_producing = 22
        page = self.page()
        self.assertFalse(page["is_complete"])
        self.assertEqual(page["open_points"], ["Labels of the order that nobody has asked for: 2."])

    def test_an_order_without_jobs(self):
        page = self.page(record=self.make_production(quantity=3, lot="LOT-NONE"))
        self.assertFalse(page["is_complete"])
        self.assertIn("No label has been asked for.", page["open_points"])
        self.assertEqual(page["jobs"], [])

    def test_proof_that_is_too_weak_is_open(self):
        self.report(self.job, status="completed")
        self.assertTrue(self.page()["is_complete"])
        self.env["ir.config_parameter"].set_param("label_print.good_evidence", "confirmed")
        page = self.page()
        self.assertFalse(page["is_complete"])
        self.assertEqual(
            page["open_points"], ["Known less well than the settings ask for (Confirmed by the Printer): 20."]
        )

    def test_of_a_lot_only_its_labels(self):
        self.report(self.job, status="completed")
        lot = self.production.lot_producing_ids
        others = self.labels(4, "LOT-X")
        mixed = [*others, {**self.job.labels_data[0], "box_number": 21}]
        mixed_job = self.make_job(5, labels_data=mixed, status="printing")
        mixed_job.sudo().lot_ids = lot
        self.report(mixed_job, status="completed")
        page = self.page(LOT, lot)
        self.assertEqual(self.sums(page), {"Asked for": 21, "On paper": 21})
        self.assertEqual([label["index"] for label in page["jobs"][1]["labels"]], [5])

    def test_the_page_is_made_by_odoos_report_engine(self):
        self.fail()
        Report = self.env["ir.actions.report"].with_user(self.user)
        for report, record in (
            (ORDER, self.production),
            (JOB, self.job),
            (LOT, self.production.lot_producing_ids),
        ):
            text = str(Report._render_qweb_html(report, record.ids)[0], "utf-8")
            for words in ("Not complete.", "Not printed, without a reason", "LOT-MO-1", "Printer is out of paper"):
                self.assertIn(words, text, report)

    def test_it_is_for_those_who_may_read_the_jobs(self):
        employee = new_test_user(self.env, "lpm_evidence", groups="mrp.group_mrp_user")
        for report, record in ((ORDER, self.production), (JOB, self.job), (LOT, self.production.lot_producing_ids)):
            with self.assertRaises(AccessError):
                self.page(report, record, employee)
        names = [action["name"] for action in self.printed_by(employee)]
        self.assertNotIn("Label Evidence", names)
        self.assertIn("Label Evidence", [action["name"] for action in self.printed_by(self.user)])

    def printed_by(self, user):
        """The entries of an order's Print menu."""
        return self.env["ir.actions.actions"].with_user(user).get_bindings("mrp.production").get("report", [])

    def test_another_companys_jobs_are_not_shown(self):
        company = self.env["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.env,
            "lpm_stranger",
            groups="label_print_monitor.group_label_print_user,mrp.group_mrp_user",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        for report, record in ((ORDER, self.production), (JOB, self.job)):
            with self.assertRaises(AccessError):
                self.page(report, record, stranger)
