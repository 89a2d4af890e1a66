"""What a person reads of a job: progress, estimate, and what an error means and asks for. Nothing here is stored."""

from datetime import timedelta

from markupsafe import Markup
from odoo import api, fields, models
from odoo.fields import Domain

from ..services import error_catalogue, job_lifecycle
from ..services.error_catalogue import ERROR_MESSAGES
from ..services.poll_schedule import Place, attempt_pace, queue_estimates

# A failure asks for somebody for so long; an older one is history.
ATTENTION_FOR = timedelta(days=7)
# What the time left depends on, of a job and of those before it at the same printer.
QUEUE_FIELDS = (
    "printer_id",
    "status",
    "quantity",
    "current_label",
    "attempt_base",
    "priority",
    "started_date",
    "estimated_completion",
)


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    progress_display = fields.Char("Progress", compute="_compute_progress_display")
    labels_done_display = fields.Char("Labels Done", compute="_compute_progress_display")
    error_action = fields.Char("What to Do", compute="_compute_error_advice")
    error_title = fields.Char("Problem", compute="_compute_error_advice")
    error_steps_html = fields.Html("Steps", compute="_compute_error_advice", sanitize=False)
    error_retry_helps = fields.Boolean(compute="_compute_error_advice")
    needs_attention = fields.Boolean(
        "Needs Attention", compute="_compute_needs_attention", search="_search_needs_attention"
    )
    attention_message = fields.Char("Attention", compute="_compute_needs_attention")
    unverified_reason = fields.Char("Unverified Because", compute="_compute_unverified_reason")
    is_unverified = fields.Boolean("Unverified", compute="_compute_is_unverified", search="_search_is_unverified")
    can_retry = fields.Boolean(compute="_compute_allowed_actions")
    can_cancel = fields.Boolean(compute="_compute_allowed_actions")
    expected_at = fields.Datetime("Expected to End", compute="_compute_estimate")
    eta_source = fields.Selection(
        [("server", "Print server's estimate"), ("measured", "Measured on this printer"), ("typical", "Typical speed")],
        "Estimate From",
        compute="_compute_estimate",
    )
    eta_display = fields.Char("Time Left", compute="_compute_estimate")

    @api.depends("current_label", "quantity", "status")
    @api.depends_context("lang")
    def _compute_progress_display(self):
        for job in self:
            done = job.quantity if job.status == "completed" else job.current_label
            job.labels_done_display = self.env._("%(done)s of %(total)s", done=done, total=job.quantity)
            if job.status in ("printing", "completed"):
                job.progress_display = job.labels_done_display
            elif done and job.status in ("failed", "completed_with_errors", "cancelled"):
                # Where it stopped is what a supervisor wants to know of these.
                job.progress_display = job.labels_done_display
            else:
                job.progress_display = "-"

    @api.model
    def _format_error_message(self, error_code):
        """Format user-friendly error message.

        :param str error_code: a code of the catalogue, or a word that only the print server knows
        :return: the message and what to do about it, in the user's language
        """
        advice = error_catalogue.advice(error_code)
        if advice:
            return f"{self.env._(advice.message)}. {self.env._(advice.action)}."
        return self.env._("Unknown error: %(error_code)s", error_code=error_code)

    @api.depends("error_code", "error_message", "status", "attention_code")
    @api.depends_context("lang")
    def _compute_error_advice(self):
        for job in self:
            job.error_title = job.error_action = job.error_steps_html = False
            job.error_retry_helps = job_lifecycle.can_retry(job.status)
            if job.status in ("completed", "cancelled"):
                continue
            advice = error_catalogue.advice_about(job.error_code, job.error_message)
            if advice:
                job.error_title = self.env._(advice.message)
                job.error_action = self.env._(advice.action)
            elif job.status in job_lifecycle.OPEN and (advice := error_catalogue.advice(job.attention_code)):
                # What is wrong stands in `attention_message`; said twice it would look like two problems.
                job.error_title = self.env._(advice.action)
            else:
                job.error_title = job.error_message
                if job.status == "failed" and not job.error_title:
                    job.error_title = self.env._("The print server gave no reason")
                continue
            job.error_steps_html = Markup("<ol>%s</ol>") % Markup("").join(
                Markup("<li>%s</li>") % self.env._(step) for step in advice.steps
            )
            job.error_retry_helps = advice.retryable

    @api.model
    def _needs_attention_domain(self):
        """The one rule of what asks for somebody: what may be stuck or unclear, and what failed not long ago."""
        failed = Domain("status", "in", ("failed", "completed_with_errors"))
        recent = Domain("completed_date", ">=", fields.Datetime.now() - ATTENTION_FOR)
        return Domain("attention_code", "!=", False) | (failed & recent)

    @api.depends("attention_code", "status", "completed_date")
    @api.depends_context("lang")
    def _compute_needs_attention(self):
        asking = self.filtered_domain(self._needs_attention_domain())
        for job in self:
            job.needs_attention = job in asking
            advice = error_catalogue.advice(job.attention_code)
            job.attention_message = self.env._(advice.message) if advice else job.attention_code

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

    @api.depends("status", "attention_code")
    def _compute_allowed_actions(self):
        for job in self:
            job.can_retry = job_lifecycle.can_retry(job.status) or job.attention_code == "submission_uncertain"
            job.can_cancel = job_lifecycle.can_cancel(job.status)

    @api.depends(
        "status",
        "quantity",
        "current_label",
        "attempt_base",
        "priority",
        "started_date",
        "estimated_completion",
        "unverified_since",
        "printer_id.seconds_per_label",
    )
    @api.depends_context("lang")
    def _compute_estimate(self):
        now = fields.Datetime.now()
        running = self.filtered(lambda job: job.status in job_lifecycle.ACTIVE and not job.unverified_since)
        estimates = running._origin._estimates(now) if running else {}
        for job in self:
            expected = estimates.get(job._origin.id) if job in running else None
            job.expected_at = expected.finish_at if expected else False
            job.eta_source = expected.source if expected else False
            job.eta_display = self._time_left(expected.finish_at - now) if expected else False

    def _estimates(self, now):
        """When these jobs should end, by id. What their printers do before them is read at once, for all of them."""
        printers = self.sudo().printer_id
        queues = self.sudo()
        if printers:
            # As superuser: another company's labels on a shared printer take their time, too.
            queues |= queues.search_fetch(
                [("printer_id", "in", printers.ids), ("status", "in", job_lifecycle.ACTIVE)], QUEUE_FIELDS
            )
        estimates = {}
        for printer, jobs in queues.grouped("printer_id").items():
            places = [job._place_in_queue(now) for job in jobs]
            for queue in [places] if printer else [[place] for place in places]:
                estimates.update(queue_estimates(now, queue, printer.seconds_per_label))
        return estimates

    def _place_in_queue(self, now):
        printing = self.status == "printing"
        pace = None
        if printing and self.started_date:
            pace = attempt_pace(self.current_label - self.attempt_base, (now - self.started_date).total_seconds())
        return Place(
            job_id=self.id,
            labels_left=max(self.quantity - self.current_label, 0),
            printing=printing,
            priority=self.priority,
            server_says=self.estimated_completion or None,
            pace=pace,
        )

    def _time_left(self, left):
        seconds = max(0, round(left.total_seconds()))
        if seconds < 60:
            return self.env._("about %(seconds)s s", seconds=seconds)
        if seconds < 3600:
            return self.env._("about %(minutes)s min", minutes=round(seconds / 60))
        return self.env._("about %(hours)s h %(minutes)s min", hours=seconds // 3600, minutes=seconds % 3600 // 60)


__all__ = ["ERROR_MESSAGES", "LabelPrintJob"]
