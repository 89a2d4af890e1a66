"""What a person reads of a job: progress, estimate, and what an error means and asks for. Nothing here is stored."""

from markupsafe import Markup
from odoo import api, fields, models
from odoo.fields import Domain

from ..services import error_catalogue, job_lifecycle
from ..services.error_catalogue import ERROR_MESSAGES
from ..services.poll_schedule import estimate

# A job that failed keeps asking for a person; these two say it of jobs that have not ended.
ATTENTION = [("stuck", "No progress"), ("submission_uncertain", "Unclear whether it was submitted")]


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
            code = job.error_code or (job.status in job_lifecycle.OPEN and job.attention_code) or ""
            advice = error_catalogue.advice(code) or error_catalogue.advice(
                error_catalogue.code_from_text(job.error_message) if job.error_message else ""
            )
            if not advice or job.status in ("completed", "cancelled"):
                job.error_title = job.error_message if job.status not in ("completed", "cancelled") else False
                if job.status == "failed" and not job.error_title:
                    job.error_title = self.env._("The print server gave no reason")
                job.error_action = job.error_steps_html = False
                job.error_retry_helps = job_lifecycle.can_retry(job.status)
                continue
            job.error_title = self.env._(advice.message)
            job.error_action = self.env._(advice.action)
            job.error_steps_html = Markup("<ol>%s</ol>") % Markup("").join(
                Markup("<li>%s</li>") % self.env._(step) for step in advice.steps
            )
            job.error_retry_helps = advice.retryable

    @api.depends("attention_code", "status")
    @api.depends_context("lang")
    def _compute_needs_attention(self):
        for job in self:
            code = job.attention_code
            advice = error_catalogue.advice(code)
            job.needs_attention = bool(code) or job.status in ("failed", "completed_with_errors")
            job.attention_message = self.env._(advice.message) if advice else code

    def _search_needs_attention(self, operator, value):
        if operator != "in":
            return NotImplemented
        # Failures of the last days still ask for somebody; older ones are history.
        recent = Domain("status", "in", ("failed", "completed_with_errors")) & Domain(
            "completed_date", ">=", "today -7d"
        )
        domain = Domain("attention_code", "!=", False) | recent
        return domain if True in value else ~domain

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

    @api.depends("status", "current_label", "estimated_completion", "printer_id.seconds_per_label")
    @api.depends_context("lang")
    def _compute_estimate(self):
        now = fields.Datetime.now()
        # What the printer still has to do before the queued ones: the job that it prints now.
        ahead = {
            printer.id: quantity - done
            for printer, quantity, done in self.sudo()._read_group(
                [("printer_id", "in", self.printer_id.ids), ("status", "=", "printing")],
                ["printer_id"],
                ["quantity:sum", "current_label:sum"],
            )
        }
        for job in self:
            job.expected_at = job.eta_source = job.eta_display = False
            if job.status not in job_lifecycle.ACTIVE or job.unverified_since:
                continue
            expected = estimate(
                now=now,
                labels_left=max(job.quantity - job.current_label, 0),
                seconds_per_label=job.printer_id.seconds_per_label or None,
                server_says=job.estimated_completion or None,
                labels_ahead=ahead.get(job.printer_id.id, 0) if job.status == "queued" else 0,
            )
            job.expected_at = expected.finish_at
            job.eta_source = expected.source
            seconds = max(0, round((expected.finish_at - now).total_seconds()))
            if seconds < 60:
                job.eta_display = self.env._("about %(seconds)s s", seconds=seconds)
            elif seconds < 3600:
                job.eta_display = self.env._("about %(minutes)s min", minutes=round(seconds / 60))
            else:
                job.eta_display = self.env._(
                    "about %(hours)s h %(minutes)s min", hours=seconds // 3600, minutes=seconds % 3600 // 60
                )


__all__ = ["ERROR_MESSAGES", "LabelPrintJob"]
