"""Move what waits to another printer: nothing lost, nothing printed twice, whatever the print server says when."""

from unittest.mock import patch

from odoo.addons.label_print_monitor.services.transport.print_server_client import (
    CancelAnswer,
    PrintServerClient,
    Unreachable,
)
from odoo.exceptions import UserError

from .common import LabelPrintCase


class TestMove(LabelPrintCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.api_url = "http://127.0.0.1:9"
        cls.server.state = "ok"
        cls.other = cls.env["printer.configuration"].create({"name": "Line 2", "cups_name": "zebra-line-2"})

    def move(self, jobs, answer):
        """:param answer: what the print server answers to DELETE, or a function of the client and the job's id"""
        side_effect = answer if callable(answer) or isinstance(answer, Exception) else None
        with (
            patch.object(PrintServerClient, "cancel", autospec=True, side_effect=side_effect, return_value=answer) as asked,
            patch.object(PrintServerClient, "job_status", side_effect=Unreachable("unreachable", server="x")),
        ):
            moved, left = jobs.with_user(self.user)._move(self.other)
        jobs.invalidate_recordset()
        self.asked = asked.call_count
        return moved, left

    def test_a_report_that_comes_before_the_answer_is_noted_moves_the_job(self):
        """A print server pushes the end of a job at once: Odoo took it for cancelled, and nobody printed it."""
        jobs = self.make_job(status="queued") + self.make_job(status="queued")

        def cancel_and_push(_client, job_id):
            self.report(jobs.filtered(lambda job: job.flask_job_id == job_id), status="cancelled", current_label=0)
            return CancelAnswer("cancelled")

        moved, left = self.move(jobs, cancel_and_push)
        self.assertEqual((moved, left), (jobs, []))
        self.assertEqual(jobs.mapped("status"), ["pending", "pending"])
        self.assertEqual((jobs.printer_id, jobs.mapped("attempt_number")), (self.other, [2, 2]))
        self.assertEqual(jobs.attempt_ids.filtered(lambda attempt: attempt.number == 2).submitted_by, self.user)
        self.assertFalse(self.sent_toasts(self.user))

    def test_a_job_that_has_just_begun_goes_on_at_the_other_printer(self):
        """Its print server has stopped it by then: left alone it would stay cancelled."""
        job = self.make_job(status="queued")
        self.assertEqual(self.move(job, CancelAnswer("cancelling")), (job, []))
        self.report(job, status="cancelled", current_label=3)
        self.assertEqual((job.status, job.printer_id, job.current_label), ("pending", self.other, 3))
        self.assertEqual(job.attempt_labels, list(range(4, 21)))
        attempt = job._current_attempt()
        self.assertEqual(attempt.submitted_by, self.user, "not of whoever brought the report")

    def test_one_that_was_complete_stays(self):
        job = self.make_job(status="queued")
        self.move(job, CancelAnswer("finished"))
        self.report(job, status="completed", current_label=20)
        self.assertEqual((job.status, job.printer_id, job.attempt_number), ("completed", self.printer, 1))
        self.assertFalse(job.move_to_id)

    def test_whoever_cancels_meanwhile_is_obeyed(self):
        job = self.make_job(status="queued")
        self.move(job, CancelAnswer("cancelling"))
        with (
            patch.object(PrintServerClient, "cancel", return_value=CancelAnswer("cancelling")),
            patch.object(PrintServerClient, "job_status", side_effect=Unreachable("unreachable", server="x")),
        ):
            job.with_user(self.manager).action_cancel()
        self.report(job, status="cancelled", current_label=1)
        self.assertEqual((job.status, job.attempt_number, job.cancelled_by), ("cancelled", 1, self.manager))

    def test_what_is_being_cancelled_does_not_move(self):
        job = self.make_job(status="queued")
        job.sudo()._apply({job.id: {"cancel_requested_at": job.create_date, "cancelled_by": self.manager.id}})
        moved, left = self.move(job, CancelAnswer("cancelled"))
        self.assertFalse(moved)
        self.assertIn("does not wait any more", left[0])
        self.assertEqual(self.asked, 0)

    def test_of_one_that_cannot_move_somebody_hears(self):
        """Its print server forgot it: whether something is on paper nobody knows, so it is not printed elsewhere."""
        job = self.make_job(status="queued")
        self.move(job, CancelAnswer("cancelled"))
        self.report(job, status="cancelled", failed_labels=[{"index": 1, "code": "uncertain"}])
        self.assertEqual((job.status, job.cancelled_by, job.move_to_id.id), ("cancelled", self.user, False))
        self.assertEqual([toast["title"] for toast in self.sent_toasts(self.user)], ["Print Job Cancelled"])

    def test_a_dead_server_is_asked_once(self):
        jobs = self.make_job(status="queued") + self.make_job(status="queued")
        moved, left = self.move(jobs, Unreachable("timed_out", seconds=5))
        self.assertEqual((len(moved), len(left), self.asked), (0, 2, 1))
        self.assertFalse(jobs.move_to_id)

    def test_to_a_print_server_that_takes_less(self):
        small = self.env["label.print.server"].create({"name": "Small", "limits": {"labels": 10}})
        self.other.server_id = small
        waiting, ended = self.make_job(), self.failed_job()
        moved, left = self.move(waiting, CancelAnswer("cancelled"))
        self.assertFalse(moved)
        self.assertIn("10", left[0])
        self.assertEqual((waiting.printer_id, waiting.status), (self.printer, "pending"))
        with self.assertRaisesRegex(UserError, "10"):
            ended.with_user(self.user)._retry([*range(9, 21)], printer=self.other)
        ended.with_user(self.user)._retry([9, 10], printer=self.other)
        self.assertEqual((ended.printer_id, ended.attempt_quantity), (self.other, 2))
