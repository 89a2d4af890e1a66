"""`apply_reports`: what reports of a print server change."""

from datetime import timedelta

from odoo import fields

from .common import LabelPrintCase


class TestReports(LabelPrintCase):
    def test_a_job_from_queued_to_completed(self):
        job = self.make_job(status="sent")
        self.report(job, status="queued")
        self.assertEqual(job.status, "queued")
        self.report(job, status="printing", current_label=5, progress_percent=25)
        self.assertEqual((job.status, job.current_label, job.progress_display), ("printing", 5, "5 of 20"))
        self.report(job, status="completed", current_label=20, progress_percent=100, confirmed=True)
        self.assertEqual((job.status, job.progress_display, job.confirmed), ("completed", "20 of 20", True))
        self.assertEqual([entry["status"] for entry in job.timeline], ["sent", "queued", "printing", "completed"])
        self.assertTrue(job.started_date and job.completed_date)

    def test_older_and_equal_reports_change_nothing_and_tell_nobody(self):
        job = self.make_job(status="sent")
        self.report(job, status="completed")
        before = self.sent_toasts(self.user)
        stamp = job.write_date
        for word in ("completed", "printing", "queued", "failed"):
            self.report(job, status=word)
        self.assertEqual(job.status, "completed")
        self.assertEqual(job.write_date, stamp)
        self.assertEqual(self.sent_toasts(self.user), before)
        self.assertEqual(len(before), 1)

    def test_unknown_word_keeps_the_status_and_is_shown(self):
        job = self.make_job(status="printing")
        self.report(job, status="defrobnicating")
        self.assertEqual((job.status, job.server_warning), ("printing", "defrobnicating"))
        self.report(job, status="printing", current_label=3)
        self.assertFalse(job.server_warning)

    def test_completed_with_failed_labels(self):
        job = self.make_job(status="printing")
        self.report(
            job,
            status="completed",
            progress={"total": 20, "completed": 19, "failed": 1},
            failed_labels=[{"index": 4, "code": "paper_out", "message": "media out"}],
        )
        self.assertEqual(job.status, "completed_with_errors")
        self.assertEqual(job.failed_label_ids.mapped("label_index"), [4])
        self.assertEqual(job.failed_label_ids.lot_number, "LOT-1")
        self.assertTrue(job.can_retry)

    def test_unknown_to_the_server_fails_only_after_two_minutes(self):
        job = self.make_job(status="sent")
        poller = self.env["print.job.status.poller"]
        for _ask in range(5):
            poller.apply_reports(self.server, [], unknown=[job.flask_job_id])
        job.invalidate_recordset()
        self.assertEqual(job.status, "sent")
        job.not_found_since = fields.Datetime.now() - timedelta(minutes=3)
        poller.apply_reports(self.server, [], unknown=[job.flask_job_id])
        job.invalidate_recordset()
        self.assertEqual((job.status, job.error_code), ("failed", "job_unknown"))

    def test_found_again_starts_the_count_anew(self):
        job = self.make_job(status="sent")
        poller = self.env["print.job.status.poller"]
        poller.apply_reports(self.server, [], unknown=[job.flask_job_id])
        self.report(job, status="queued")
        self.assertEqual((job.not_found_count, job.not_found_since), (0, False))
