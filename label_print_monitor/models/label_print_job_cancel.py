"""Cancel jobs: the print server's answer, and not our wish, becomes the status."""

from odoo import fields, models
from odoo.exceptions import UserError

from ..services.lifecycle import job_lifecycle
from ..services.transport.print_server_client import NotFound, PrintServerError
from .print_job_submitter import LEASE


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    def action_cancel(self):
        """Cancel at the print server; what it says, and not our wish, becomes the job's status."""
        if len(self) == 1:
            return self._notification(*self._note_cancel(*self._ask_to_cancel()))
        self._check_selection_is_whole()
        # All are asked before any is locked: a sweep must not wait for a print server that takes its time.
        answers, done, left = {}, self.browse(), []
        for job in self:
            try:
                answers[job] = job._ask_to_cancel()
            except UserError as error:
                left.append(f"{job.display_name}: {error}")
        for job, answer in answers.items():
            try:
                kind, _title, message = job._note_cancel(*answer)
            except UserError as error:
                left.append(f"{job.display_name}: {error}")
                continue
            if kind == "success":
                done += job
            else:
                left.append(f"{job.display_name}: {message}")
        words = (
            self.env._("1 job is cancelled.")
            if len(done) == 1
            else self.env._("%(count)s jobs are cancelled.", count=len(done))
        )
        return self._summary(words, left)

    def _ask_to_cancel(self):
        """Ask the print server, and change nothing.

        :return: its answer, None when it has never got the job, or the error that came instead; and when it did not
            cancel, what it says of the job now, as arguments for `apply_reports`
        """
        self.ensure_one()
        self.check_access("write")
        if not self.can_cancel:
            label = dict(self._fields["status"]._description_selection(self.env))[self.status]
            raise UserError(
                self.env._(
                    "%(job)s is already “%(status)s”, so there is nothing to cancel.",
                    job=self.display_name,
                    status=label,
                )
            )
        job = self.sudo()
        if not job.flask_job_id:
            return None, None
        try:
            with job.server_id._client() as client:
                answer = client.cancel(job.flask_job_id)
                if answer.outcome == "cancelled":
                    return answer, None
                try:
                    return answer, {"reports": [client.job_status(job.flask_job_id)]}
                except NotFound:
                    return answer, {"reports": [], "unknown": [job.flask_job_id]}
        except PrintServerError as error:
            return error, None

    def _note_cancel(self, answer, news):
        """:return: ``(kind, title, message)`` of what came of it"""
        job = self.sudo()
        if answer is None:
            return self._cancel_before_submission()
        if isinstance(answer, PrintServerError):
            return (
                "warning",
                self.env._("Not cancelled"),
                self.env._(
                    "%(problem)s The job is not cancelled and may go on printing: "
                    "try again, or pause the printer itself.",
                    problem=job.server_id._problem_in_words(answer),
                ),
            )
        if answer.outcome == "cancelled":
            self._lock_or_tell()
            if job_lifecycle.can_cancel(job.status):
                job._apply({job.id: {"status": "cancelled"}}, user=self.env.user, note={"key": "note_cancelled"})
            return "success", self.env._("Cancelled"), self.env._("%(job)s is cancelled.", job=self.display_name)
        # Finished already, or unknown there: what really happened is what the server says of it now.
        self.env["print.job.status.poller"].apply_reports(job.server_id, **news)
        self.invalidate_recordset()
        label = dict(self._fields["status"]._description_selection(self.env))[self.status]
        if answer.outcome == "finished":
            return (
                "warning",
                self.env._("Too late to cancel"),
                self.env._(
                    "The print server had already finished %(job)s: it is “%(status)s”.",
                    job=self.display_name,
                    status=label,
                ),
            )
        return (
            "warning",
            self.env._("Not cancelled"),
            self.env._(
                "The print server does not know %(job)s. "
                "If it stays unknown, the job will be shown as failed within minutes.",
                job=self.display_name,
            ),
        )

    def _cancel_before_submission(self):
        self._lock_or_tell()
        job = self.sudo()
        if job.flask_job_id:
            raise UserError(self.env._("The job has just been handed to the print server. Cancel it again."))
        leased_until = job.submit_started_at and job.submit_started_at + LEASE
        if job.status == "pending" and leased_until and leased_until > fields.Datetime.now():
            raise UserError(self.env._("The job is just being handed to the print server. Try again in a few seconds."))
        uncertain = job.attention_code == "submission_uncertain" or bool(job.submit_started_at)
        job._apply({job.id: {"status": "cancelled"}}, user=self.env.user, note={"key": "note_cancelled"})
        if uncertain:
            return (
                "warning",
                self.env._("Cancelled here"),
                self.env._(
                    "Whether the print server has the job is not known: look at the printer before you print again."
                ),
            )
        return (
            "success",
            self.env._("Cancelled"),
            self.env._("%(job)s is cancelled; nothing was printed.", job=self.display_name),
        )
