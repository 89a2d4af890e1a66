"""Retry: as few labels as is safe, once, and the dialog where a person must look."""

from odoo.addons.label_print_monitor.services.contract.payloads import parse_job_report
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
        self.assertEqual(job.attempt_ids.status, "failed")
        self.assertEqual(set(job.failed_label_ids.mapped("reprint_attempt_number")), {2})

    def test_progress_of_the_second_attempt_goes_on(self):
        job = self.failed_job()
        job.with_user(self.user).action_retry()
        job.write({"flask_job_id": "srv-second"})
        self.env["label.print.job"].browse(job.id)._apply({job.id: {"status": "sent"}})
        self.report(job, status="printing", current_label=4)
        self.assertEqual(job.current_label, 12)
        self.report(job, status="completed", current_label=12)
        self.assertEqual((job.status, job.current_label), ("completed", 20))

    def test_second_click_is_refused(self):
        job = self.failed_job()
        job.with_user(self.user).action_retry()
        with self.assertRaises(UserError):
            job.with_user(self.manager).action_retry()
        self.assertEqual(job.attempt_number, 2)

    def test_unknown_labels_open_the_dialog(self):
        job = self.failed_job(with_labels=False)
        action = job.with_user(self.user).action_retry()
        self.assertEqual(action["res_model"], "label.print.retry.wizard")
        wizard = self.env["label.print.retry.wizard"].with_user(self.user).create({"job_id": job.id})
        self.assertEqual((wizard.mode, wizard.resume_from, wizard.last_label), ("resume", 9, 8))
        self.assertTrue(wizard.last_label_display.startswith("The last label reported as printed is number 8 of 20. "))
        wizard.resume_from = 8
        wizard.reason = "label 8 on the floor"
        wizard.action_confirm()
        self.assertEqual(job.attempt_labels, list(range(8, 21)))
        self.assertEqual(job.attempt_ids.retry_reason, "label 8 on the floor")

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

    def test_the_dialog_after_a_partial_retry_knows_its_labels(self):
        job = self.partial_retry()
        wizard = self.env["label.print.retry.wizard"].with_user(self.user).create({"job_id": job.id})
        self.assertEqual((wizard.last_label, wizard.resume_from, wizard.labels_count), (3, 7, 1))
        wizard.action_confirm()
        self.assertEqual(job.attempt_labels, [7])

    def test_failed_labels_bring_those_that_were_never_reached(self):
        job = self.make_job(status="printing")
        failed = [{"index": 9, "code": "uncertain", "message": "cut"}]
        self.report(job, status="failed", current_label=8, failed_labels=failed)
        wizard = self.env["label.print.retry.wizard"].with_user(self.user).create({"job_id": job.id, "mode": "failed"})
        wizard.action_confirm()
        self.assertEqual(job.attempt_labels, list(range(9, 21)))

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
        self.assertIn("1 job is printed again.", action["params"]["message"])
        self.assertIn("open it and choose", action["params"]["message"])
        jobs = self.failed_job() + self.failed_job()
        self.assertIn("2 jobs are printed again.", jobs.action_retry()["params"]["message"])

    def test_one_label_and_several_in_words(self):
        for failed, words in (([20], "label 20 will"), ([3, 9, 10, 11], "labels 3, 9–11 will")):
            with self.subTest(failed):
                job = self.make_job(status="printing")
                failed = [{"index": index, "code": "label_failed"} for index in failed]
                self.report(job, status="completed", failed_labels=failed)
                self.assertIn(words, job.with_user(self.user).action_retry()["params"]["message"])
