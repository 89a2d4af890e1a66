"""Cancel: what the print server says becomes the status."""

from unittest.mock import patch

from odoo import fields
from odoo.addons.label_print_monitor.services.contract.payloads import parse_job_report
from odoo.addons.label_print_monitor.services.transport.print_server_client import (
    CancelAnswer,
    NotFound,
    PrintServerClient,
    Unreachable,
)
from odoo.exceptions import UserError

from .common import LabelPrintCase


class TestCancel(LabelPrintCase):
    def setUp(self):
        super().setUp()
        self.server.api_url = "http://127.0.0.1:9"

    def cancel(self, job, answer=None, error=None):
        with patch.object(PrintServerClient, "cancel", autospec=True, side_effect=error, return_value=answer):
            action = job.with_user(self.user).action_cancel()
        job.invalidate_recordset()
        return action["params"]

    def test_cancelled(self):
        job = self.make_job(status="printing")
        self.assertEqual(self.cancel(job, CancelAnswer("cancelled"))["type"], "success")
        self.assertEqual(job.status, "cancelled")
        self.assertEqual(job.timeline[-1]["user"], self.user.name)

    def test_of_a_selection_all_is_asked_before_anything_is_locked(self):
        """A print server may take seconds to answer, and who holds rows meanwhile keeps the sweeps from them."""
        jobs = self.make_job(status="printing") + self.make_job(status="printing") + self.make_job(status="printing")
        seen = []

        def ask(_client, job_id):
            jobs.invalidate_recordset()
            seen.append(set(jobs.mapped("status")))
            return CancelAnswer("finished" if job_id == jobs[0].flask_job_id else "cancelled")

        def look(_client, job_id):
            seen.append(set(jobs.mapped("status")))
            return parse_job_report({"job_id": job_id, "status": "completed"})

        with (
            patch.object(PrintServerClient, "cancel", autospec=True, side_effect=ask),
            patch.object(PrintServerClient, "job_status", autospec=True, side_effect=look),
        ):
            params = jobs.with_user(self.user).action_cancel()["params"]
        jobs.invalidate_recordset()
        self.assertEqual(seen, [{"printing"}] * 4)
        self.assertEqual(jobs.mapped("status"), ["completed", "cancelled", "cancelled"])
        self.assertIn("2 jobs are cancelled.", params["message"])
        self.assertIn("already finished", params["message"])

    def test_too_late(self):
        job = self.make_job(status="printing")
        report = parse_job_report({"job_id": job.flask_job_id, "status": "completed"})
        with patch.object(PrintServerClient, "job_status", return_value=report):
            params = self.cancel(job, CancelAnswer("finished"))
        self.assertEqual((job.status, params["type"]), ("completed", "warning"))

    def test_unknown_there(self):
        job = self.make_job(status="printing")
        with patch.object(PrintServerClient, "job_status", side_effect=NotFound("not_found", status=404)):
            params = self.cancel(job, CancelAnswer("unknown"))
        self.assertEqual((job.status, params["type"]), ("printing", "warning"))

    def test_server_away(self):
        job = self.make_job(status="printing")
        params = self.cancel(job, error=Unreachable("unreachable", server="x"))
        self.assertEqual((job.status, params["type"]), ("printing", "warning"))
        self.assertIn("not cancelled", params["message"])

    def test_before_submission(self):
        job = self.make_job()
        params = self.cancel(job)
        self.assertEqual((job.status, params["type"]), ("cancelled", "success"))

    def test_a_selection_is_summed_up(self):
        for count, words in ((1, "1 job is cancelled."), (2, "2 jobs are cancelled.")):
            ended = self.make_job(status="printing")
            self.report(ended, status="completed")
            jobs = ended.union(*(self.make_job() for _job in range(count)))
            params = jobs.with_user(self.user).action_cancel()["params"]
            self.assertEqual(params["type"], "warning")
            self.assertIn(words, params["message"])
            self.assertIn("nothing to cancel", params["message"])

    def test_while_being_submitted(self):
        job = self.make_job(submit_started_at=fields.Datetime.now())
        with self.assertRaisesRegex(UserError, "just being handed"):
            job.with_user(self.user).action_cancel()
