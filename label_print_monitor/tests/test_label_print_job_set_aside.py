"""Set Aside, and a retry that finds labels on the boxes already."""

from lxml import etree
from odoo.addons.label_print_monitor.services.lifecycle.order_labels import with_boxes
from odoo.exceptions import UserError
from odoo.tests import Form
from odoo.tools.safe_eval import safe_eval

from .common import LabelPrintCase


class SetAsideCase(LabelPrintCase):
    def set_aside(self, jobs, reason="not_needed", user=None, **values):
        action = jobs.with_user(user or self.user).action_set_aside()
        Wizard = self.env[action["res_model"]].with_user(user or self.user).with_context(**action["context"])
        return Wizard.create(values).with_context(label_print_set_aside_reason=reason).action_confirm()


class TestSetAside(SetAsideCase):
    def filtered(self, name):
        search = self.env["label.print.job"].get_view(view_type="search")["arch"]
        domain = safe_eval(etree.fromstring(search).xpath(f"//filter[@name='{name}']/@domain")[0])
        return self.env["label.print.job"].with_user(self.user).search(domain)

    def test_it_asks_for_nobody_any_more(self):
        job = self.failed_job()
        job.activity_schedule("mail.mail_activity_data_todo", user_id=self.user.id)
        Job = self.env["label.print.job"].with_user(self.user)
        self.assertTrue(job.needs_attention)
        before = Job.get_overview()
        message = self.set_aside(job)["params"]["message"]
        self.assertEqual(message, f"Print Job {job.id} is set aside and asks for nobody any more.")
        self.assertEqual((job.status, job.set_aside_by, job.set_aside_reason), ("failed", self.user, "not_needed"))
        self.assertEqual((job.needs_attention, job.can_retry, job.can_print_missing), (False, False, True))
        self.assertFalse(job.activity_ids)
        self.assertIn(job, self.filtered("set_aside"))
        self.assertNotIn(job, self.filtered("needs_attention"))
        after = Job.get_overview()
        self.assertEqual(after["tiles"]["attention"]["value"], before["tiles"]["attention"]["value"] - 1)
        self.assertIn(job.id, [failure["id"] for failure in before["failures"]])
        self.assertNotIn(job.id, [failure["id"] for failure in after["failures"]])

    def test_its_labels_leave_the_list_of_those_that_need_somebody(self):
        job = self.failed_job()
        arch = self.env["label.print.failed.label"].get_view(view_type="search")["arch"]
        Label = self.env["label.print.failed.label"].with_user(self.user)

        def count(name):
            domain = safe_eval(etree.fromstring(arch).xpath(f"//filter[@name='{name}']/@domain")[0])
            return Label.search_count([*domain, ("job_id", "=", job.id)])

        self.assertEqual((count("needs_somebody"), count("set_aside")), (12, 0))
        self.set_aside(job)
        self.assertEqual((count("needs_somebody"), count("set_aside")), (0, 12))

    def test_the_timeline_says_who_and_why_and_it_can_be_undone(self):
        job = self.failed_job()
        self.set_aside(job, "other", note="Truck has left")
        entry = job.timeline_display[-1]
        self.assertEqual((entry["user"], entry["note"]), (self.user.name, "Set aside: Truck has left"))
        with self.assertRaisesRegex(UserError, f"has set Print Job {job.id} aside. Choose Undo Set Aside"):
            job.with_user(self.manager).action_retry()
        with self.assertRaisesRegex(UserError, "aside already"):
            job.with_user(self.manager).action_set_aside()
        job.with_user(self.manager).action_undo_set_aside()
        self.assertEqual((job.needs_attention, job.can_retry, job.set_aside_by.id), (True, True, False))
        entry = job.timeline_display[-1]
        self.assertEqual((entry["user"], entry["note"]), (self.manager.name, "No longer set aside"))
        self.assertEqual(job.with_user(self.manager).action_undo_set_aside()["params"]["type"], "info")

    def test_printing_the_missing_labels_after_all_ends_it(self):
        job = self.failed_job()
        self.set_aside(job)
        action = job.with_user(self.user).action_retry_choose()
        self.env[action["res_model"]].with_user(self.user).with_context(**action["context"]).create({}).action_confirm()
        self.assertEqual((job.status, job.attempt_number, job.set_aside_date), ("pending", 2, False))

    def test_only_what_failed_can_be(self):
        for job in (self.make_job(), self.make_job(status="completed"), self.make_job(status="cancelled")):
            self.assertFalse(job.can_set_aside)
            with self.assertRaisesRegex(UserError, "Only what has failed can be set aside"):
                job.with_user(self.user).action_set_aside()
        job = self.failed_job()
        with self.assertRaises(UserError):
            job.with_user(self.user).write({"set_aside_date": "2026-01-01"})
        with self.assertRaisesRegex(UserError, "in a few words"):
            self.set_aside(job, "other")
        with self.assertRaisesRegex(UserError, "none of the reasons"):
            self.set_aside(job, "forged")

    def test_a_selection_sets_aside_what_can_be(self):
        jobs = self.failed_job() + self.failed_job() + self.make_job()
        self.assertIn("2 jobs are set aside", self.set_aside(jobs)["params"]["message"])
        self.assertEqual([bool(job.set_aside_date) for job in jobs], [True, True, False])

    def test_an_order_lacks_no_labels_that_were_set_aside(self):
        production = self.make_production()
        job = self.make_job(status="printing", mo_id=production.id)
        self.report(job, status="failed", current_label=8, error_code="paper_out")
        job._settle(not_on_paper=job._job_account().uncertain)
        self.assertTrue(production.labels_missing)
        self.set_aside(job)
        self.assertFalse(production.labels_missing)
        self.assertEqual(production.label_print_summary, "8 of 8 labels on paper")
        self.assertNotIn(production, production.search([("labels_missing", "=", True)]))
        dialog = self.env["label.print.wizard"].with_user(self.user).create({"mo_id": production.id})
        self.assertFalse(dialog.has_missing)


class TestPrintedElsewhere(SetAsideCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.production = cls.make_production()

    def failed_of_order(self):
        """12 of 20 labels of the order are missing."""
        job = self.make_job(status="printing", mo_id=self.production.id)
        failed = [{"index": n, "code": "paper_out"} for n in range(9, 21)]
        self.report(job, status="failed", current_label=8, error_code="paper_out", failed_labels=failed)
        return job

    def printed_since(self, boxes, lot="LOT-1", **values):
        """Another job of the order that has printed labels for these boxes."""
        labels = [label for label in self.labels(20, lot) if label["box_number"] in boxes]
        job = self.make_job(
            len(labels), status="printing", mo_id=self.production.id, labels_data=labels,
            flask_job_id=f"srv-since-{min(boxes)}", **values,
        )  # fmt: skip
        self.report(job, status="completed", current_label=len(labels))
        return job

    def retry_dialog(self, job):
        action = job.with_user(self.user).action_retry()
        self.assertEqual(action.get("res_model"), "label.print.retry.wizard")
        return self.env["label.print.retry.wizard"].with_user(self.user).with_context(**action["context"]).create({})

    def test_a_retry_offers_only_what_no_other_job_has_printed(self):
        job = self.failed_of_order()
        other = self.printed_since(range(11, 21))
        dialog = self.retry_dialog(job)
        self.assertEqual(job.attempt_number, 1)
        self.assertEqual(
            dialog.elsewhere_warning,
            f"Labels 11–20 of this job (10) have been printed since, or are being printed, in {other.display_name}.",
        )
        self.assertEqual((dialog.choose, dialog.labels_text, dialog.labels_count), (True, "9–10", 2))
        dialog.action_confirm()
        self.assertEqual(job.attempt_labels, [9, 10])

    def test_the_dialog_opens_so_in_a_browser(self):
        job = self.failed_of_order()
        self.printed_since(range(11, 21))
        action = job.with_user(self.user).action_retry()
        form = Form(self.env["label.print.retry.wizard"].with_user(self.user).with_context(**action["context"]))
        self.assertEqual((form.choose, form.labels_text, form.labels_count), (True, "9–10", 2))
        form.labels_text = "9-12"
        form.save().action_confirm()
        self.assertEqual(job.attempt_labels, [9, 10, 11, 12], "a warning, not a prohibition")

    def test_labels_for_further_boxes_count_for_their_lot(self):
        """Whoever prints the same labels again by the order's dialog gets further boxes, and a retry printed them twice."""
        job = self.failed_of_order()
        labels = with_boxes(self.labels(20)[8:12], job.labels_data, 20)
        self.assertEqual([label["box_number"] for label in labels], [21, 22, 23, 24])
        other = self.make_job(
            4, status="printing", mo_id=self.production.id, labels_data=labels, flask_job_id="srv-further"
        )
        self.report(other, status="completed", current_label=3, failed_labels=[{"index": 4, "code": "jam"}])
        self.assertEqual(job._printed_elsewhere(range(9, 21)), {other: [9, 10, 11]})
        elsewhere = [{**label, "lot_number": "LOT-2"} for label in labels]
        other.labels_data = elsewhere
        self.assertFalse(job._printed_elsewhere(range(9, 21)), "another lot's")

    def test_when_all_are_printed_elsewhere_setting_aside_is_offered(self):
        job = self.failed_of_order()
        self.printed_since(range(9, 21))
        dialog = self.retry_dialog(job)
        self.assertEqual((dialog.labels_count, dialog.can_set_aside), (0, True))
        action = dialog.action_set_aside()
        self.assertEqual((action["res_model"], action["context"]), ("label.print.set.aside.wizard", {"default_job_ids": job.ids}))

    def test_what_is_being_printed_counts_and_what_failed_there_does_not(self):
        job = self.failed_of_order()
        labels = [label for label in self.labels(20) if label["box_number"] in (12, 13)]
        waiting = self.make_job(2, mo_id=self.production.id, labels_data=labels)
        self.assertEqual(job._printed_elsewhere(range(9, 21)), {waiting: [12, 13]})
        waiting.write({"status": "printing", "flask_job_id": "srv-w", "submission": "accepted"})
        self.report(waiting, status="failed", current_label=1, failed_labels=[{"index": 2, "code": "jam"}])
        self.assertEqual(job._printed_elsewhere(range(9, 21)), {waiting: [12]})

    def test_other_boxes_other_lots_other_orders_and_earlier_prints_do_not_count(self):
        before = self.printed_since(range(9, 11))
        before.attempt_ids.ended_date = before.completed_date = "2020-01-01"
        job = self.failed_of_order()
        self.printed_since(range(1, 5))
        self.printed_since(range(12, 15), lot="LOT-2")
        self.make_job(status="completed", current_label=20)
        job.with_user(self.user).action_retry()
        self.assertEqual((job.status, job.attempt_number), ("pending", 2))

    def test_a_selection_leaves_it_and_retries_the_rest(self):
        job, free = self.failed_of_order(), self.failed_job()
        self.printed_since(range(11, 21))
        params = (job + free).with_user(self.user).action_retry()["params"]
        self.assertEqual((job.attempt_number, free.attempt_number), (1, 2))
        self.assertIn("1 × labels of the same boxes have been printed since in another job", params["message"])
        self.assertEqual(params["job_ids"], job.ids)
