"""Cancel jobs: the print server's answer, and not the request, becomes the status.

The request is kept with who made it and why. A job is *cancelling* until the print server has said how it ended; a
request that the server has not answered is repeated by the sweeps until it has.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..services.lifecycle import job_lifecycle
from ..services.transport.print_server_client import NotFound, PrintServerError, Rejected, Unreachable
from .label_print_attempt_account import AttemptUpdate

SKIP_REASON = "label_print.cancel_without_reason"

ARRIVAL = timedelta(seconds=30)  # for which a request may be on its way to the print server


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    is_cancelling = fields.Boolean("Cancelling", compute="_compute_is_cancelling")

    @api.depends("cancel_requested_at", "status")
    def _compute_is_cancelling(self):
        for job in self:
            job.is_cancelling = bool(job.cancel_requested_at) and job_lifecycle.can_cancel(job.status)

    def action_cancel(self):
        """Cancel at the print server; what it says, and not our cancellation, becomes the job's status.

        The buttons of the views ask for a reason first, unless the settings say that none is needed.
        """
        self.check_access("write")
        if self.env.context.get("label_print_ask_reason") and not self._skips_cancel_reason():
            return self._get_cancel_wizard_action()
        return self._cancel()

    @api.model
    def _skips_cancel_reason(self):
        return self.env["ir.config_parameter"].sudo().get_param(SKIP_REASON) == "True"

    def _get_cancel_wizard_action(self):
        for job in self:
            job._check_can_cancel()
        self._check_selection_is_whole()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Cancel Print Job") if len(self) == 1 else self.env._("Cancel Print Jobs"),
            "res_model": "label.print.cancel.wizard",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_job_ids": self.ids},
        }

    def _cancel(self, reason=False, note=False):
        """Cancel these jobs, for ``reason`` (one of `CANCEL_REASONS`) and with a ``note`` in the person's own words."""
        cancellation = self._cancellation(reason, note)
        if len(self) == 1:
            self._check_can_cancel()
            if self._has_to_ask_a_person():
                action = self._get_settle_wizard_action(cancelling=True)
                why = {"default_cancel_reason": reason, "default_cancel_note": note}
                return {**action, "context": {**action["context"], **why}}
            ended = self._in_own_transaction(lambda: self._begin_cancel(cancellation))
            if ended:
                return self._notification(*ended)
            answer, reported = self._ask_to_cancel()
            return self._notification(*self._in_own_transaction(lambda: self._note_cancel(answer, reported)))
        self._check_selection_is_whole()
        # All are asked before any is locked: a sweep must not wait for a print server that takes its time.
        answers, left, silent, done, waiting = {}, {}, {}, self.browse(), self.browse()

        def leave(job, reason):
            left[reason] = left.get(reason, self.browse()) | job

        for job in self:
            if job.is_cancelling or not job.can_cancel:
                leave(job, self.env._("ended, or cancelled by somebody already"))
                continue
            try:
                job._check_can_cancel()
                if job._has_to_ask_a_person():
                    leave(job, self.env._("somebody has to say which labels are on paper"))
                    continue
                if job._in_own_transaction(lambda job=job: job._begin_cancel(cancellation)):
                    done += job
                elif job.server_id in silent:
                    # One time limit for each server is enough: the sweeps ask for the others when it answers.
                    answers[job] = silent[job.server_id], None
                else:
                    answer, reported = answers[job] = job._ask_to_cancel()
                    if isinstance(answer, Unreachable):
                        silent[job.server_id] = answer
            except UserError:
                leave(job, self.env._("open it and choose Cancel there to read why"))
        for job, (answer, reported) in answers.items():
            try:
                kind, _title, _message = job._in_own_transaction(
                    lambda job=job, answer=answer, reported=reported: job._note_cancel(answer, reported)
                )
            except UserError:
                leave(job, self.env._("open it and choose Cancel there to read why"))
                continue
            if kind == "success":
                done += job
            elif job.is_cancelling:
                waiting += job
            elif job.status in job_lifecycle.TERMINAL:
                leave(job, self.env._("finished by the print server before it could be cancelled"))
            else:
                leave(job, self.env._("not cancelled by the print server: pause the printer itself"))
        words = (
            self.env._("1 job is cancelled.")
            if len(done) == 1
            else self.env._("%(count)s jobs are cancelled.", count=len(done))
        )
        if len(waiting) == 1:
            words += " " + self.env._("1 job is cancelled as soon as the print server answers.")
        elif waiting:
            words += " " + self.env._(
                "%(count)s jobs are cancelled as soon as the print server answers.", count=len(waiting)
            )
        return self._counted_summary(words, left)

    @api.model
    def _cancellation(self, reason=False, note=False):
        """Who cancels jobs, when and why, as their values."""
        return {
            "cancel_requested_at": fields.Datetime.now(),
            "cancelled_by": self.env.user.id,
            "cancel_reason": reason,
            "cancel_note": note,
        }

    def _check_can_cancel(self):
        """:raise UserError: in words, when there is nothing to cancel"""
        self.ensure_one()
        self.check_access("write")
        if self.is_cancelling:
            raise UserError(
                self.env._(
                    "%(person)s has cancelled %(job)s already. It ends when the print server has answered.",
                    person=self.cancelled_by.sudo().name,
                    job=self.display_name,
                )
            )
        if not self.can_cancel:
            label = dict(self._fields["status"]._description_selection(self.env))[self.status]
            raise UserError(
                self.env._(
                    "%(job)s is already “%(status)s”, so there is nothing to cancel.",
                    job=self.display_name,
                    status=label,
                )
            )

    def _has_to_ask_a_person(self):
        """Whether the print server may have the job and nothing but a look at the paper can tell."""
        self.ensure_one()
        job = self.sudo()
        return job.submission == "maybe" and not job._can_be_found_out(fields.Datetime.now())

    def _can_be_found_out(self, now):
        """Whether the print server can still say what became of a submission whose answer was lost."""
        self.ensure_one()
        server = self.server_id
        if not (server._has_capability("idempotency") or server._has_capability("submission_lookup")):
            return False
        first = self._current_attempt().first_sent_date
        if first and not server._knows_submission_of(first):
            return False  # another computer is this print server by now
        return not first or (now - first).total_seconds() < 3600 * (server.idempotency_hours or 24)

    def _may_still_arrive(self):
        """Whether a request that was not answered left so short a time ago that the print server may still take it.

        A print server that has stood still takes what has come in meanwhile seconds after it answers others again.
        """
        first = self._current_attempt().first_sent_date
        return self.submission == "maybe" and bool(first) and fields.Datetime.now() - first < ARRIVAL

    def _ask_to_cancel(self):
        """Ask the print server, and change nothing.

        :return: its answer, None when it has never got the job or cannot be asked yet, or the error that came instead;
            and what it says of the job now, as arguments for `apply_reports`
        """
        job = self.sudo()
        by_key = job.submission == "maybe" and job.server_id._has_capability("submission_lookup")
        if not by_key and not job.flask_job_id:
            return None, None  # whatever the print server's state or address: it has nothing of this job
        try:
            with job.server_id._client() as client:
                if by_key:
                    return client.cancel_submission(job.idempotency_key), None
                answer = client.cancel(job.flask_job_id)
                try:
                    report = job._ask_status(client)
                    return answer, {"reports": [report]}
                except NotFound:
                    return answer, {"reports": [], "unknown": [job.flask_job_id]}
                except PrintServerError:
                    return answer, None
        except PrintServerError as error:
            return error, None

    def _ask_status(self, client):
        """What the server says of this job now, with its labels where it knows them. :raise PrintServerError:"""
        server = self.server_id
        if server._has_capability("label_account") and server._has_capability("batch_status"):
            answer = client.batch_status([self.flask_job_id], labels=True)
            if answer.reports:
                return answer.reports[0]
        return client.job_status(self.flask_job_id)

    def _begin_cancel(self, cancellation):
        """Keep the request before the print server is told: it may have cancelled the job before we can note that.

        :return: ``(kind, title, message)`` when the job has ended by that, because it has never left
        """
        job = self.sudo()
        self._lock_or_tell()
        self._check_can_cancel()
        self._note_cancel_request(cancellation)
        if job.submission != "not_sent" or job.flask_job_id:
            return None
        self._tell_others(
            job._record({job.id: AttemptUpdate(job.attempt_number, outcome="cancelled")}, user=self.env.user)
        )
        return self._words_of_cancel()

    def _note_cancel(self, answer, reported):
        """:return: ``(kind, title, message)`` of what came of it"""
        job = self.sudo()
        self._lock_or_tell()
        if not job_lifecycle.can_cancel(job.status):
            return self._words_of_cancel()
        if isinstance(answer, Rejected | NotFound):
            self._drop_cancel_request()
            return (
                "warning",
                self.env._("Not cancelled"),
                self.env._(
                    "%(problem)s The job is not cancelled and may go on printing: pause the printer itself.",
                    problem=job.server_id._problem_in_words(answer),
                ),
            )
        unknown = answer is not None and not isinstance(answer, PrintServerError) and answer.outcome == "unknown"
        # A submission in doubt that the server does not know may still arrive: then the request is needed.
        if unknown and job.flask_job_id:
            self._drop_cancel_request()
            self.env["print.job.status.poller"].apply_reports(job.server_id, **(reported or {"reports": []}))
            return (
                "warning",
                self.env._("Not cancelled"),
                self.env._(
                    "The print server does not know %(job)s. "
                    "If it stays unknown, the job will be shown as failed within minutes.",
                    job=self.display_name,
                ),
            )
        if answer is None:
            # It is just being handed over, or has to be found first: the engine goes on from here.
            job._apply({job.id: {"next_poll_at": fields.Datetime.now()}} if job.submission != "sending" else {})
            job._trigger_submission()
            return self._words_of_cancel()
        if isinstance(answer, PrintServerError):
            job._trigger_engine()
            return (
                "warning",
                self.env._("Not cancelled yet"),
                self.env._(
                    "%(problem)s %(job)s may go on printing until the print server can be asked; "
                    "Odoo keeps asking. To stop at once, pause the printer itself.",
                    problem=job.server_id._problem_in_words(answer),
                    job=self.display_name,
                ),
            )
        if not job.flask_job_id:
            self.env["print.job.submitter"]._cancelled(job, answer)
            return self._words_of_cancel()
        job._apply({job.id: {"cancel_accepted": answer.outcome != "finished", "next_poll_at": fields.Datetime.now()}})
        if reported:
            poller = self.env["print.job.status.poller"].with_context(label_print_told_user=self.env.user.id)
            poller.apply_reports(job.server_id, **reported)
        job._trigger_engine()
        return self._words_of_cancel()

    def _note_cancel_request(self, cancellation):
        """Note who cancels this job and why; the first who did stays named."""
        job = self.sudo()
        if job.cancel_requested_at:
            return
        note = {"key": "note_cancel_requested"}
        words = cancellation["cancel_note"] or dict(self._fields["cancel_reason"]._description_selection(self.env)).get(
            cancellation["cancel_reason"]
        )
        if words:
            note = {"key": "note_cancel_requested_because", "reason": words}
        entry = self._timeline_entry(job.status, fields.Datetime.now(), job.attempt_number, self.env.user, note)
        job._apply({job.id: {**cancellation, "cancel_accepted": False, "timeline": [*(job.timeline or []), entry]}})

    def _drop_cancel_request(self):
        """The print server will not cancel this job, whoever asks: it goes on. Who has asked stays in the timeline."""
        names = ("cancel_requested_at", "cancelled_by", "cancel_reason", "cancel_note")
        self.sudo()._apply({self.id: dict.fromkeys(names, False)})

    def _tell_others(self, jobs):
        """Tell of an outcome whoever has not just brought it about."""
        notifier = self.env["print.job.notifier"].with_context(label_print_told_user=self.env.user.id)
        notifier._notify_outcomes(jobs)

    def _words_of_cancel(self):
        """How a job stands after somebody has cancelled it: ``(kind, title, message)``."""
        self.invalidate_recordset()
        name, printed = self.display_name, self.current_label
        if self.status == "cancelled":
            words = (
                self.env._(
                    "%(job)s is cancelled; %(printed)s of %(quantity)s labels were printed.",
                    job=name,
                    printed=printed,
                    quantity=self.quantity,
                )
                if printed
                else self.env._("%(job)s is cancelled; nothing was printed.", job=name)
            )
            if self.uncertain_count == 1:
                words += " " + self.env._("One label may be on paper as well: look for it.")
            elif self.uncertain_count:
                words += " " + self.env._(
                    "%(count)s labels may be on paper as well: look for them.", count=self.uncertain_count
                )
            return "success", self.env._("Cancelled"), words
        if self.is_cancelling:
            words = (
                self.env._("%(job)s is being cancelled: it stops after the label that is under way.", job=name)
                if self.cancel_accepted
                else self.env._(
                    "%(job)s is cancelled as soon as it is known whether the print server has it.", job=name
                )
            )
            return "info", self.env._("Cancelling"), words
        label = dict(self._fields["status"]._description_selection(self.env))[self.status]
        return (
            "warning",
            self.env._("Too late to cancel"),
            self.env._(
                "The print server had already finished %(job)s: it is “%(status)s”, with %(printed)s of %(quantity)s "
                "labels printed.",
                job=name,
                status=label,
                printed=printed,
                quantity=self.quantity,
            ),
        )
