"""The dialog that asks why a job is cancelled: one tap on a reason."""

from odoo import api, fields, models

from ..models.label_print_job import CANCEL_REASONS

MOST_NAMED = 5  # jobs named one by one


class LabelPrintCancelWizard(models.TransientModel):
    """Why jobs are cancelled, kept with them."""

    _name = "label.print.cancel.wizard"
    _description = "Cancel Print Job"

    job_ids = fields.Many2many("label.print.job", string="Print Jobs", required=True)
    jobs_display = fields.Char(compute="_compute_jobs_display")
    progress_display = fields.Char(compute="_compute_jobs_display")
    reason = fields.Selection(CANCEL_REASONS)
    note = fields.Char("In Your Own Words")

    @api.depends("job_ids")
    @api.depends_context("lang")
    def _compute_jobs_display(self):
        for wizard in self:
            jobs = wizard.job_ids
            wizard.jobs_display = jobs._name_some(jobs.mapped("display_name"), MOST_NAMED)
            printed, quantity = sum(jobs.mapped("current_label")), sum(jobs.mapped("quantity"))
            wizard.progress_display = (
                self.env._(
                    "%(printed)s of %(quantity)s labels are printed. They stay printed.",
                    printed=printed,
                    quantity=quantity,
                )
                if printed
                else self.env._("No label of %(quantity)s is printed yet.", quantity=quantity)
            )

    def action_confirm(self):
        """Cancel, for the reason whose button was pressed, that is chosen, or that is given in the person's own words.

        The buttons say their reason in the context: one tap is enough.
        """
        self.ensure_one()
        self.check_access("write")
        reason = self.env.context.get("label_print_cancel_reason") or self.reason
        reason, note = self.job_ids._check_reason(CANCEL_REASONS, reason, self.note)
        return self.job_ids._cancel(reason, note)
