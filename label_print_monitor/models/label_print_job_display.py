"""What a person reads of a job: progress, and what an error means and asks for. Nothing here is stored."""

from datetime import timedelta

from markupsafe import Markup
from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_datetime, format_time

from ..services.lifecycle import job_lifecycle
from ..services.wording import error_catalogue
from ..services.wording.error_catalogue import ERROR_MESSAGES

# A failure asks for somebody for so long; an older one is history.
ATTENTION_FOR = timedelta(days=7)


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    progress_display = fields.Char("Progress", compute="_compute_progress_display")
    labels_done_display = fields.Char("Labels Done", compute="_compute_progress_display")
    error_action = fields.Char("What to Do", compute="_compute_error_advice")
    error_title = fields.Char("Problem", compute="_compute_error_advice")
    error_steps_html = fields.Html("Steps", compute="_compute_error_advice", sanitize=False)
    error_retry_helps = fields.Boolean(
        compute="_compute_error_advice", help="Whether a retry is offered first; it is allowed in any case."
    )
    # Stored, because only what the database knows can be grouped by; a selection, so that groups have words.
    error_kind = fields.Selection("_selection_error_kind", "Problem Kind", compute="_compute_error_kind", store=True)
    needs_attention = fields.Boolean(
        compute="_compute_needs_attention", search="_search_needs_attention"
    )
    attention_message = fields.Char("Attention", compute="_compute_needs_attention")
    unverified_reason = fields.Char("Unverified Because", compute="_compute_unverified_reason")
    is_unverified = fields.Boolean("Unverified", compute="_compute_is_unverified", search="_search_is_unverified")
    timeline_display = fields.Json("Timeline", compute="_compute_timeline_display", exportable=False)
    can_retry = fields.Boolean(compute="_compute_allowed_actions")
    can_print_missing = fields.Boolean(compute="_compute_allowed_actions")
    can_cancel = fields.Boolean(compute="_compute_allowed_actions")

    @api.depends("current_label", "quantity", "status")
    @api.depends_context("lang")
    def _compute_progress_display(self):
        for job in self:
            done = job.quantity if job.status == "completed" else job.current_label
            counted = self.env._("%(done)s of %(total)s", done=done, total=job.quantity)
            is_counted = job.status in ("printing", "completed")
            # Where it stopped is what a supervisor wants to know of a job that has ended.
            has_stopped = done and job.status in ("failed", "completed_with_errors", "cancelled")
            job.progress_display = counted if is_counted or has_stopped else "-"
            # Of one that is tried again, also what is on paper from before.
            job.labels_done_display = counted if is_counted or done else "-"

    @api.model
    def _format_error_message(self, error_code):
        """Format user-friendly error message.

        :param str error_code: a code of the catalogue, or a word that only the print server knows
        :return: the message and what to do about it, in the user's language
        """
        advice = error_catalogue.advice(error_code)
        if advice:
            return self.env._(
                "%(problem)s. %(action)s.", problem=self.env._(advice.message), action=self.env._(advice.action)
            )
        return self.env._("Unknown error: %(error_code)s", error_code=error_code)

    @api.depends("error_code", "error_message", "status", "attention_code", "waiting_for")
    @api.depends_context("lang", "uid")
    def _compute_error_advice(self):
        manager = self.env.user._manages_label_printing()
        for job in self:
            job.error_title = job.error_action = job.error_steps_html = False
            job.error_retry_helps = job_lifecycle.can_retry(job.status)
            if job.status in ("completed", "cancelled"):
                continue
            waiting = error_catalogue.waiting_advice(job.waiting_for)
            advice = waiting or error_catalogue.advice_about(job.error_code, job.error_message)
            if waiting:
                # What it waits for stands in `attention_message`; said twice it would look like two problems.
                job.error_title = self.env._(waiting.action_for(manager))
            elif advice:
                job.error_title = self.env._(advice.message)
                job.error_action = self.env._(advice.action_for(manager))
            elif job.status in job_lifecycle.OPEN and (advice := error_catalogue.advice(job.attention_code)):
                # What is wrong stands in `attention_message`; said twice it would look like two problems.
                job.error_title = self.env._(advice.action_for(manager))
            else:
                job.error_title = job.error_message
                if job.status == "failed" and not job.error_title:
                    job.error_title = self.env._("The print server gave no reason")
                continue
            job.error_steps_html = Markup("<ol>%s</ol>") % Markup("").join(
                Markup("<li>%s</li>") % self.env._(step) for step in advice.steps_for(manager)
            )
            job.error_retry_helps = advice.retryable

    @api.model
    def _selection_error_kind(self):
        known = [(code, self.env._(error_catalogue.advice(code).message)) for code in error_catalogue.ENTRIES]
        return [*known, (error_catalogue.OTHER, self.env._("Another problem"))]

    @api.depends("error_code", "error_message")
    def _compute_error_kind(self):
        for job in self:
            job.error_kind = error_catalogue.kind_of(job.error_code, job.error_message)

    @api.model
    def _needs_attention_domain(self):
        """The one rule of what asks for somebody: what may be stuck or unclear, and what failed not long ago.

        Not what somebody has set aside.
        """
        failed = Domain("status", "in", ("failed", "completed_with_errors"))
        recent = Domain("completed_date", ">=", fields.Datetime.now() - ATTENTION_FOR)
        wanted = Domain("set_aside_date", "=", False)
        return Domain("attention_code", "!=", False) | Domain("waiting_for", "!=", False) | (failed & recent & wanted)

    @api.depends("attention_code", "waiting_for", "waiting_since", "status", "completed_date", "set_aside_date")
    @api.depends_context("lang", "tz")
    def _compute_needs_attention(self):
        asking = self.filtered_domain(self._needs_attention_domain())
        for job in self:
            job.needs_attention = job in asking
            advice = error_catalogue.advice(job.attention_code)
            job.attention_message = self.env._(advice.message) if advice else job.attention_code
            if job.waiting_for:
                job.attention_message = job._waiting_in_words()

    def _waiting_in_words(self):
        """What the job waits for, and since when, in the reader's language and time zone."""
        waiting = self.env._(error_catalogue.waiting_advice(self.waiting_for).message)
        if not self.waiting_since:
            return waiting
        since = self._time_in_words(self.waiting_since)
        return self.env._("%(waiting)s, since %(time)s", waiting=waiting, time=since)

    @api.model
    def _time_in_words(self, moment, seconds=False):
        """The time of day of a moment (UTC) as the reader's clock shows it, with the date unless it is today's.

        :param bool seconds: for a moment that is near
        """
        local = fields.Datetime.context_timestamp(self, moment)
        today = fields.Datetime.context_timestamp(self, fields.Datetime.now()).date()
        show = format_time if local.date() == today else format_datetime
        options = {"time_format": "medium" if seconds else "short"} if local.date() == today else {"dt_format": False}
        return show(self.env, moment, tz=local.tzinfo.zone, **options)

    def _search_needs_attention(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._needs_attention_domain()
        return domain if True in value else ~domain

    @api.depends("unverified_problem")
    @api.depends_context("lang")
    def _compute_unverified_reason(self):
        for job in self:
            words = error_catalogue.kept_sentence(job.unverified_problem)
            job.unverified_reason = self.env._(words) if words else False

    @api.depends("unverified_since")
    def _compute_is_unverified(self):
        for job in self:
            job.is_unverified = bool(job.unverified_since)

    def _search_is_unverified(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("unverified_since", "!=" if True in value else "=", False)

    @api.depends("timeline")
    @api.depends_context("lang")
    def _compute_timeline_display(self):
        """The timeline with its notes in the reader's language; those that were kept as words stay as they are.

        Read by the form alone: `timeline` is not prefetched, so that no list drags it along.
        """
        for job in self:
            job.timeline_display = [job._entry_in_words(entry) for entry in job.timeline or []]

    def _entry_in_words(self, entry):
        shown = {name: value for name, value in entry.items() if name != "said"}
        words = error_catalogue.kept_sentence(entry.get("said"))
        return {**shown, "note": self.env._(words)} if words else shown

    @api.depends("status", "attention_code", "cancel_requested_at", "set_aside_date")
    def _compute_allowed_actions(self):
        for job in self:
            unclear = job.attention_code == "submission_uncertain"
            # What was set aside is printed by the dialog alone.
            job.can_retry = (job_lifecycle.can_retry(job.status) and not job.set_aside_date) or unclear
            job.can_print_missing = job_lifecycle.can_print_missing(job.status) or unclear
            # One request is enough: it is repeated until the print server has answered.
            job.can_cancel = job_lifecycle.can_cancel(job.status) and not job.cancel_requested_at


__all__ = ["ERROR_MESSAGES", "LabelPrintJob"]
