"""Retry: as few labels as is safe, once, and the dialog where a person must look."""

from unittest.mock import patch

from odoo.addons.label_print_monitor.services.contract.payloads import parse_batch, parse_job_report
from odoo.addons.label_print_monitor.services.transport.print_server_client import PrintServerClient
from odoo.exceptions import UserError

from .common import LabelPrintCase


class TestRetry(LabelPrintCase):
    def test_only_what_failed(self):
        job = self.failed_job()
        key = job.idempotency_key
        job.with_user(self.user).action_retry()
        self.assertEqual((job.status, job.attempt_number, job.attempt_quantity), ("pending", 2, 12))
        self.assertEqual(job.attempt_labels, list(range(9, 21)))
        self.assertEqual([label["box_number"] for label in job._labels_of_attempt()], list(range(9, 21)))
        self.assertEqual(job.current_label, 8)
        self.assertNotEqual(job.idempotency_key, key)
        self.assertEqual(job.attempt_ids.mapped("outcome"), [False, "failed"])
        self.assertEqual(job.attempt_ids.mapped("labels_count"), [12, 20])
        self.assertEqual(set(job.failed_label_ids.mapped("reprint_attempt_number")), {0}, "not on paper yet")
        self.assertTrue(all(job.failed_label_ids.mapped("needs_somebody")))

    def test_progress_of_the_second_attempt_goes_on(self):
        job = self.failed_job()
        job.with_user(self.user).action_retry()
        job.write({"flask_job_id": "srv-second"})
        self.env["label.print.job"].browse(job.id)._apply({job.id: {"status": "sent"}})
        self.report(job, status="printing", current_label=4)
        self.assertEqual(job.current_label, 12)
        self.report(job, status="completed", current_label=12)
        self.assertEqual((job.status, job.current_label), ("completed", 20))
        self.assertEqual(set(job.failed_label_ids.mapped("reprint_attempt_number")), {2})
        self.assertFalse(any(job.failed_label_ids.mapped("needs_somebody")))

    def test_a_second_click_says_who_was_faster(self):
        """No error dialog: whoever pressed it had read a notice that was true a moment ago."""
        job = self.failed_job()
        job.with_user(self.user).action_retry()
        said = job.with_user(self.manager).action_retry()["params"]
        self.assertEqual(said["type"], "warning")
        self.assertEqual(
            said["message"], f"{self.user.name} has just retried Print Job {job.id}. It is “Pending” now."
        )
        self.assertEqual(job.attempt_number, 2)
        with self.assertRaisesRegex(UserError, "cannot be retried"):
            self.make_job().with_user(self.user).action_retry()

    def test_of_a_selection_all_accounts_are_asked_for_before_anything_is_locked(self):
        """A print server that takes its time must not keep the rows of those that were retried already."""
        self.server.write({"api_url": "http://127.0.0.1:9", "capabilities": ["batch_status", "label_account"]})
        jobs = self.failed_job() + self.failed_job() + self.failed_job()
        self.assertTrue(all(jobs.attempt_ids.mapped("account_due")))
        labels = [{"index": 1, "count": 10, "state": "confirmed"}, {"index": 11, "count": 10, "state": "failed"}]
        seen = []

        def tell(_client, ids, **_options):
            jobs.invalidate_recordset()
            seen.append((len(ids), set(jobs.mapped("status")), set(jobs.mapped("attempt_number"))))
            return parse_batch({"jobs": [{"job_id": id_, "status": "failed", "labels": labels} for id_ in ids]})

        with patch.object(PrintServerClient, "batch_status", autospec=True, side_effect=tell):
            said = jobs.with_user(self.user).action_retry()["params"]["message"]
        jobs.invalidate_recordset()
        self.assertEqual(seen, [(3, {"failed"}, {1})])
        self.assertIn("3 jobs print their missing labels.", said)
        self.assertEqual(jobs.mapped("attempt_labels"), [list(range(11, 21))] * 3)

    def test_unknown_labels_open_the_dialog(self):
        job = self.failed_job(with_labels=False)
        action = job.with_user(self.user).action_retry()
        self.assertEqual(action["res_model"], "label.print.retry.wizard")
        wizard = self.env["label.print.retry.wizard"].with_user(self.user).create({"job_id": job.id})
        self.assertEqual((wizard.is_counted_only, wizard.uncertain_count), (True, 12))
        self.assertTrue(wizard.question.startswith("The print server only counted: 8 of 20 labels. "))
        with self.assertRaisesRegex(UserError, "labels 9–20 whether they are on paper"):
            wizard.action_confirm()
        wizard.resume_from = 8
        wizard._onchange_resume_from()
        wizard.reason = "label 8 on the floor"
        wizard.action_confirm()
        self.assertEqual(job.attempt_labels, list(range(8, 21)))
        self.assertEqual(job.attempt_ids[0].reason, "label 8 on the floor")
        self.assertEqual((job.mark_ids.kind, job.mark_ids.user_id), ("missing", self.user))

    def partial_retry(self):
        """Labels 3 and 7 failed; the attempt that prints them again fails after label 3."""
        job = self.make_job(status="printing")
        failed = [{"index": n, "code": "paper_out", "message": "media out"} for n in (3, 7)]
        self.report(job, status="completed", progress={"total": 20, "completed": 18, "failed": 2}, failed_labels=failed)
        job.with_user(self.user).action_retry()
        self.assertEqual(job.attempt_labels, [3, 7])
        job.write({"flask_job_id": "srv-second"})
        job._apply({job.id: {"status": "sent"}})
        self.report(job, status="failed", current_label=1)
        return job

    def test_a_missing_label_of_the_first_attempt_is_not_forgotten(self):
        """The newest attempt ends complete, and label 3 is not on paper: never “Completed, 20 of 20”."""
        job = self.failed_job()
        job.with_user(self.user)._retry(range(10, 21))
        job.write({"flask_job_id": "srv-second"})
        job._apply({job.id: {"status": "sent"}})
        self.report(job, status="completed", current_label=11)
        self.assertEqual((job.status, job.current_label, job.can_retry), ("completed_with_errors", 19, True))
        job.with_user(self.user).action_retry()
        self.assertEqual(job.attempt_labels, [9])

    def test_the_dialog_after_a_partial_retry_knows_its_labels(self):
        job = self.partial_retry()
        wizard = self.env["label.print.retry.wizard"].with_user(self.user).create({"job_id": job.id})
        self.assertEqual((wizard.label_grid["asked"], wizard.label_grid["missing"]), ([7], []))
        wizard.not_on_paper = "7"
        wizard.action_confirm()
        self.assertEqual(job.attempt_labels, [7])

    def test_failed_labels_bring_those_that_were_never_reached(self):
        job = self.make_job(status="printing")
        failed = [{"index": 9, "code": "uncertain", "message": "cut"}]
        self.report(job, status="failed", current_label=8, failed_labels=failed)
        wizard = self.env["label.print.retry.wizard"].with_user(self.user).create({"job_id": job.id})
        self.assertEqual(wizard.label_grid["missing"], list(range(10, 21)))
        wizard.on_paper = "9"
        wizard.action_confirm()
        self.assertEqual(job.attempt_labels, list(range(10, 21)))

    def test_one_uncertain_label_in_the_middle_is_asked_about_and_nothing_else_printed(self):
        """The dialog proposed label 20; accepted as proposed, 20 came out twice and 9 never."""
        job = self.make_job(status="printing")
        failed = [{"index": 9, "code": "uncertain", "message": "cut"}]
        counts = {"total": 20, "completed": 19, "failed": 1}
        self.report(job, status="completed", current_label=20, progress=counts, failed_labels=failed)
        self.assertEqual((job.status, job.current_label, job.uncertain_count), ("completed_with_errors", 19, 1))
        action = job.with_user(self.user).action_retry()
        Wizard = self.env["label.print.retry.wizard"].with_user(self.user).with_context(**action["context"])
        missing = Wizard.create({"not_on_paper": "9"})
        missing.action_confirm()
        self.assertEqual(job.attempt_labels, [9])

    def test_seen_on_paper_it_is_complete_and_nothing_is_printed(self):
        job = self.make_job(status="printing")
        failed = [{"index": 9, "code": "uncertain", "message": "cut"}]
        counts = {"total": 20, "completed": 19, "failed": 1}
        self.report(job, status="completed", current_label=20, progress=counts, failed_labels=failed)
        ended = job.completed_date
        toasts = len(self.sent_toasts(self.user))
        action = job.with_user(self.user).action_settle()
        Wizard = self.env["label.print.retry.wizard"].with_user(self.user).with_context(**action["context"])
        Wizard.create({"on_paper": "9"}).action_confirm()
        self.assertEqual((job.status, job.current_label, job.attempt_number), ("completed", 20, 1))
        self.assertEqual((job.completed_date, len(self.sent_toasts(self.user))), (ended, toasts))
        self.assertEqual((job.mark_ids.kind, job.mark_ids.user_name), ("checked", self.user.name))
        self.assertFalse(job.failed_label_ids.needs_somebody)

    def test_a_dialog_that_is_out_of_date_refuses(self):
        """It was opened on attempt 1 and confirmed after attempt 2: labels 9 to 14 came out twice."""
        job = self.failed_job()
        action = job.with_user(self.user).action_retry_choose()
        Wizard = self.env["label.print.retry.wizard"].with_user(self.user).with_context(**action["context"])
        first, second = Wizard.create({}), Wizard.create({})
        first.action_confirm()
        job.write({"flask_job_id": "srv-second"})
        job._apply({job.id: {"status": "sent"}})
        self.report(job, status="failed", current_label=6, error_code="paper_out")
        self.assertEqual(job.current_label, 14)
        with self.assertRaisesRegex(UserError, "since this dialog was opened"):
            second.action_confirm()
        self.assertEqual(job.attempt_number, 2)

    def test_labels_that_are_on_paper_are_never_retried(self):
        job = self.failed_job()
        with self.assertRaisesRegex(UserError, "Labels 7–8 of .* are on paper already"):
            job.with_user(self.user)._retry(range(7, 21))

    def test_labels_failed_twice_and_left_out_are_still_missing(self):
        """Labels 4–9 failed twice, then “continue with 10”: it was called complete with 14 on paper."""
        job = self.make_job(status="printing")
        failed = [{"index": n, "code": "paper_out"} for n in range(4, 21)]
        self.report(job, status="failed", current_label=3, failed_labels=failed)
        for labels, done in ((range(4, 21), 0), (range(10, 21), 11)):
            job.with_user(self.user)._retry(labels)
            job.write({"flask_job_id": f"srv-{job.attempt_number}"})
            job._apply({job.id: {"status": "sent"}})
            again = [{"index": n, "code": "paper_out"} for n in range(1, 18)]
            if done:
                self.report(job, status="completed", current_label=done)
            else:
                self.report(job, status="failed", current_label=0, failed_labels=again)
        self.assertEqual((job.status, job.current_label, job.failed_count), ("completed_with_errors", 14, 6))
        self.assertFalse(job.confirmed)
        job.with_user(self.user).action_retry()
        self.assertEqual(job.attempt_labels, list(range(4, 10)))

    def test_a_cancelled_job_is_never_printed_by_one_click(self):
        job = self.make_job(status="printing")
        self.report(job, status="cancelled", current_label=5)
        with self.assertRaisesRegex(UserError, "cannot be retried"):
            job.with_user(self.user).action_retry()
        action = job.with_user(self.user).action_retry_choose()
        Wizard = self.env["label.print.retry.wizard"].with_user(self.user).with_context(**action["context"])
        Wizard.create({"choose": True, "labels_text": "6-8"}).action_confirm()
        self.assertEqual((job.status, job.attempt_labels), ("pending", [6, 7, 8]))

    def test_on_another_printer(self):
        job = self.failed_job()
        other = self.env["printer.configuration"].create({"name": "Line 2", "cups_name": "zebra-line-2"})
        action = job.with_user(self.user).action_retry_choose()
        Wizard = self.env["label.print.retry.wizard"].with_user(self.user).with_context(**action["context"])
        Wizard.create({"printer_id": other.id}).action_confirm()
        self.assertEqual(job.printer_id, other)
        self.assertEqual(job.attempt_ids.mapped("printer_name"), ["Line 2", "Line 1"])

    def test_a_finished_retry_closes_the_activity(self):
        job = self.failed_job()
        self.assertTrue(job.activity_ids)
        job.with_user(self.user).action_retry()
        job.write({"flask_job_id": "srv-second"})
        job._apply({job.id: {"status": "sent"}})
        self.report(job, status="completed")
        self.assertFalse(job.activity_ids)

    def test_an_uncertain_label_asks_a_person(self):
        job = self.make_job(status="printing")
        self.report(
            job, status="failed", current_label=8, failed_labels=[{"index": 9, "code": "uncertain", "message": "cut"}]
        )
        self.assertEqual(job.action_retry()["res_model"], "label.print.retry.wizard")

    def test_old_reports_of_the_first_attempt_are_ignored(self):
        job = self.failed_job()
        first = job.flask_job_id
        job.with_user(self.user).action_retry()
        self.env["print.job.status.poller"].apply_reports(
            self.server, [parse_job_report({"job_id": first, "status": "completed"})]
        )
        job.invalidate_recordset()
        self.assertEqual(job.status, "pending")

    def test_bulk_retry_sums_up(self):
        certain, unclear = self.failed_job(), self.failed_job(with_labels=False)
        action = (certain + unclear).with_user(self.user).action_retry()
        self.assertEqual((certain.status, unclear.status), ("pending", "failed"))
        self.assertIn("1 job prints its missing labels.", action["params"]["message"])
        self.assertIn("1 × somebody has to say which labels are on paper", action["params"]["message"])
        self.assertEqual((action["tag"], action["params"]["job_ids"]), ("label_print_monitor.summary", unclear.ids))
        jobs = self.failed_job() + self.failed_job()
        self.assertIn("2 jobs print their missing labels.", jobs.action_retry()["params"]["message"])

    def test_one_label_and_several_in_words(self):
        for failed, words in (([20], "label 20 will"), ([3, 9, 10, 11], "labels 3, 9–11 will")):
            with self.subTest(failed):
                job = self.make_job(status="printing")
                failed = [{"index": index, "code": "label_failed"} for index in failed]
                self.report(job, status="completed", failed_labels=failed)
                self.assertIn(words, job.with_user(self.user).action_retry()["params"]["message"])
