"""The dialog that asks why a job is cancelled: one tap on a reason."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.label_print_job import CANCEL_REASONS


class LabelPrintCancelWizard(models.TransientModel):
    """Why jobs are cancelled, kept with them."""

    _name = "label.print.cancel.wizard"
    _description = "Cancel Print Job"

    job_ids = fields.Many2many("label.print.job", string="Print Jobs", required=True)
    jobs_count = fields.Integer(compute="_compute_jobs_count")
    progress_display = fields.Char(compute="_compute_jobs_count")
    reason = fields.Selection(CANCEL_REASONS)
    note = fields.Char()

    @api.depends("job_ids")
    @api.depends_context("lang")
    def _compute_jobs_count(self):
        for wizard in self:
            jobs = wizard.job_ids
            wizard.jobs_count = len(jobs)
            wizard.progress_display = self.env._(
                "%(printed)s of %(quantity)s labels are printed. They stay printed.",
                printed=sum(jobs.mapped("current_label")),
                quantity=sum(jobs.mapped("quantity")),
            )

    def action_confirm(self):
        """Cancel for the reason that is chosen."""
        self.ensure_one()
        if not self.reason:
            raise UserError(self.env._("Choose a reason."))
        if self.reason == "other" and not (self.note or "").strip():
            raise UserError(self.env._("Say in a few words why."))
        return self.job_ids._cancel(self.reason, (self.note or "").strip() or False)
