"""Cancel: what the print server says becomes the status."""

from unittest.mock import patch

from odoo import fields
from odoo.addons.label_print_monitor.services.contract.payloads import parse_job_report
from odoo.addons.label_print_monitor.services.transport.print_server_client import (
    CancelAnswer,
    NotFound,
    PrintServerClient,
    Rejected,
    Unreachable,
)
from odoo.exceptions import UserError

from .common import LabelPrintCase


class TestCancel(LabelPrintCase):
    def setUp(self):
        super().setUp()
        self.server.api_url = "http://127.0.0.1:9"

    def cancel(self, job, answer=None, error=None, now=None):
        """:param dict now: what the print server says of the job after it was asked to cancel it"""
        report = parse_job_report({"job_id": job.flask_job_id, **now}) if now else None
        with (
            patch.object(PrintServerClient, "cancel", autospec=True, side_effect=error, return_value=answer),
            patch.object(
                PrintServerClient,
                "job_status",
                autospec=True,
                return_value=report,
                side_effect=None if report else Unreachable("unreachable", server="x"),
            ),
        ):
            action = job.with_user(self.user).action_cancel()
        job.invalidate_recordset()
        return action["params"]

    def test_cancelled(self):
        job = self.make_job(status="printing")
        said = self.cancel(job, CancelAnswer("cancelled"), now={"status": "cancelled", "current_label": 3})
        self.assertEqual(said["type"], "success")
        self.assertIn("3 of 20 labels were printed", said["message"])
        self.assertEqual((job.status, job.current_label), ("cancelled", 3))
        self.assertEqual(job.timeline[-1]["user"], self.user.name)

    def test_a_job_is_cancelling_until_the_print_server_has_said_how_it_ended(self):
        """Odoo said 50 of 200 for ever, the moment of the click; 51 were on paper."""
        job = self.make_job(quantity=200, status="printing", current_label=50)
        said = self.cancel(job, CancelAnswer("cancelling"), now={"status": "printing", "current_label": 50})
        self.assertEqual((job.status, job.is_cancelling, said["title"]), ("printing", True, "Cancelling"))
        self.assertEqual((job.cancelled_by, job.cancel_accepted), (self.user, True))
        self.report(job, status="cancelled", current_label=51)
        self.assertEqual((job.status, job.current_label, job.is_cancelling), ("cancelled", 51, False))
        self.assertEqual(job.timeline[-1]["user"], self.user.name)

    def test_a_job_that_completed_meanwhile_says_so(self):
        """DELETE was answered 200 while the last label was printing: the job is complete, not cancelled."""
        job = self.make_job(quantity=10, status="printing", current_label=8)
        self.cancel(job, CancelAnswer("cancelling"), now={"status": "printing", "current_label": 9})
        self.report(job, status="completed", current_label=10)
        self.assertEqual((job.status, job.current_label), ("completed", 10))

    def test_a_wish_whose_answer_was_lost_is_kept_and_its_person_is_told(self):
        job = self.make_job(status="printing", current_label=4)
        said = self.cancel(job, error=Unreachable("timed_out", seconds=5))
        self.assertEqual((said["title"], job.is_cancelling, job.cancel_accepted), ("Not cancelled yet", True, False))
        self.assertFalse(self.sent_toasts(self.user))
        self.report(job, status="cancelled", current_label=5)
        self.assertEqual((job.status, job.cancelled_by), ("cancelled", self.user))
        (toast,) = self.sent_toasts(self.user)
        self.assertEqual(toast["title"], "Print Job Cancelled")
        self.assertIn("5 of 20 labels were printed", toast["message"])

    def test_a_reason_is_asked_for_and_kept(self):
        job = self.make_job()
        buttons = job.with_user(self.user).with_context(label_print_ask_reason=True)
        action = buttons.action_cancel()
        self.assertEqual(action["res_model"], "label.print.cancel.wizard")
        wizard = self.env["label.print.cancel.wizard"].with_user(self.user).with_context(**action["context"]).create({})
        with self.assertRaisesRegex(UserError, "Choose a reason"):
            wizard.action_confirm()
        wizard.reason = "wrong_label"
        wizard.action_confirm()
        self.assertEqual((job.status, job.cancel_reason, job.cancelled_by), ("cancelled", "wrong_label", self.user))
        self.env["ir.config_parameter"].set_param("label_print.cancel_without_reason", "True")
        other = self.make_job()
        other.with_user(self.user).with_context(label_print_ask_reason=True).action_cancel()
        self.assertEqual(other.status, "cancelled")

    def test_of_a_dead_server_one_time_limit_is_enough(self):
        jobs = self.env["label.print.job"].union(*(self.make_job(status="printing") for _job in range(5)))
        asked = []

        def time_out(_client, job_id):
            asked.append(job_id)
            raise Unreachable("timed_out", seconds=5)

        with patch.object(PrintServerClient, "cancel", autospec=True, side_effect=time_out):
            said = jobs.with_user(self.user).action_cancel()["params"]["message"]
        self.assertEqual(len(asked), 1)
        jobs.invalidate_recordset()
        self.assertTrue(all(job.is_cancelling for job in jobs))
        self.assertIn(f"{len(jobs)} jobs are cancelled as soon as the print server answers.", said)

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
            return parse_job_report(
                {"job_id": job_id, "status": "completed" if job_id == jobs[0].flask_job_id else "cancelled"}
            )

        with (
            patch.object(PrintServerClient, "cancel", autospec=True, side_effect=ask),
            patch.object(PrintServerClient, "job_status", autospec=True, side_effect=look),
        ):
            params = jobs.with_user(self.user).action_cancel()["params"]
        jobs.invalidate_recordset()
        self.assertEqual(seen, [{"printing"}] * 6)
        self.assertEqual(jobs.mapped("status"), ["completed", "cancelled", "cancelled"])
        self.assertIn("2 jobs are cancelled.", params["message"])
        self.assertIn("1 × finished by the print server before it could be cancelled", params["message"])
        self.assertEqual(params["job_ids"], jobs[0].ids)

    def test_too_late(self):
        job = self.make_job(status="printing")
        params = self.cancel(job, CancelAnswer("finished"), now={"status": "completed"})
        self.assertEqual((job.status, params["type"]), ("completed", "warning"))

    def test_unknown_there(self):
        job = self.make_job(status="printing")
        with (
            patch.object(PrintServerClient, "cancel", return_value=CancelAnswer("unknown")),
            patch.object(PrintServerClient, "job_status", side_effect=NotFound("not_found", status=404)),
        ):
            params = job.with_user(self.user).action_cancel()["params"]
        job.invalidate_recordset()
        self.assertEqual((job.status, params["type"], job.is_cancelling), ("printing", "warning", False))

    def test_server_away(self):
        job = self.make_job(status="printing")
        params = self.cancel(job, error=Unreachable("unreachable", server="x"))
        self.assertEqual((job.status, params["type"]), ("printing", "warning"))
        self.assertIn("may go on printing", params["message"])

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
            self.assertIn("1 job is left: 1 × ended, or cancelled by somebody already.", params["message"])
            self.assertEqual(params["job_ids"], ended.ids)

    def test_while_being_submitted(self):
        job = self.make_job(submit_started_at=fields.Datetime.now(), submission="sending")
        params = self.cancel(job)
        self.assertEqual((job.status, job.is_cancelling, params["title"]), ("pending", True, "Cancelling"))

    def test_a_report_that_comes_before_the_answer_is_noted_knows_who_cancelled(self):
        """A print server pushes the end of a job at once: Odoo applied it while it was still asking."""
        jobs = self.make_job(status="queued") + self.make_job(status="queued") + self.make_job(status="queued")

        def cancel_and_push(_client, job_id):
            self.report(jobs.filtered(lambda job: job.flask_job_id == job_id), status="cancelled", current_label=0)
            return CancelAnswer("cancelled")

        with (
            patch.object(PrintServerClient, "cancel", autospec=True, side_effect=cancel_and_push),
            patch.object(PrintServerClient, "job_status", side_effect=Unreachable("unreachable", server="x")),
        ):
            said = jobs[0].with_user(self.user)._cancel("wrong_label")["params"]
            many = jobs[1:].with_user(self.user)._cancel("duplicate")["params"]
        jobs.invalidate_recordset()
        self.assertEqual((said["type"], many["type"]), ("success", "success"))
        self.assertEqual(jobs.mapped("status"), ["cancelled"] * 3)
        self.assertEqual(jobs.cancelled_by, self.user)
        self.assertEqual(jobs.mapped("cancel_reason"), ["wrong_label", "duplicate", "duplicate"])

    def test_a_print_server_that_refuses_leaves_no_wish(self):
        job = self.make_job(status="printing")
        with patch.object(PrintServerClient, "cancel", side_effect=Rejected("rejected", status=400)):
            said = job.with_user(self.user)._cancel("wrong_label")["params"]
        job.invalidate_recordset()
        self.assertEqual((said["title"], job.status, job.is_cancelling), ("Not cancelled", "printing", False))
        self.assertFalse(job.cancelled_by or job.cancel_reason)

    def test_a_print_server_that_does_not_know_a_submission_in_doubt_keeps_the_wish(self):
        """It may still arrive: then it must not be printed as if nobody had cancelled it."""
        self.server.capabilities = ["idempotency", "submission_lookup"]
        job = self.make_job(submission="maybe")
        with patch.object(PrintServerClient, "cancel_submission", return_value=CancelAnswer("unknown")):
            job.with_user(self.user).action_cancel()
        job.invalidate_recordset()
        self.assertEqual((job.is_cancelling, job.attention_code), (True, "submission_uncertain"))
        job.with_user(self.user)._settle(not_on_paper=range(1, 21))
        self.assertEqual(job.status, "cancelled")
