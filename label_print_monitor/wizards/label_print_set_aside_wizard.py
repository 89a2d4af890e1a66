"""The dialog that asks why failed jobs are set aside: one tap on a reason."""

from odoo import api, fields, models

from ..models.label_print_job_set_aside import SET_ASIDE_REASONS

MOST_NAMED = 5  # jobs named one by one


class LabelPrintSetAsideWizard(models.TransientModel):
    """Why jobs are set aside, kept with them."""

    _name = "label.print.set.aside.wizard"
    _description = "Set Print Job Aside"

    job_ids = fields.Many2many("label.print.job", string="Print Jobs", required=True)
    jobs_display = fields.Char(compute="_compute_jobs_display")
    missing_display = fields.Char(compute="_compute_jobs_display")
    reason = fields.Selection(SET_ASIDE_REASONS)
    note = fields.Char("In Your Own Words")

    @api.depends("job_ids")
    @api.depends_context("lang")
    def _compute_jobs_display(self):
        for wizard in self:
            jobs = wizard.job_ids
            wizard.jobs_display = jobs._name_some(jobs.mapped("display_name"), MOST_NAMED)
            printed, quantity = sum(jobs.mapped("current_label")), sum(jobs.mapped("quantity"))
            wizard.missing_display = self.env._(
                "%(missing)s of %(quantity)s labels are not on paper and will not be printed.",
                missing=quantity - printed,
                quantity=quantity,
            )

    def action_confirm(self):
        """Set aside, for the reason whose button was pressed, that is chosen, or that is given in own words.

        The buttons say their reason in the context: one tap is enough.
        """
        self.ensure_one()
        self.check_access("write")
        reason = self.env.context.get("label_print_set_aside_reason") or self.reason
        reason, note = self.job_ids._check_reason(SET_ASIDE_REASONS, reason, self.note)
        jobs = self.job_ids
        done = jobs._set_aside(reason, note)
        if not done:
            jobs._check_can_set_aside()
        words = (
            self.env._("%(job)s is set aside and asks for nobody any more.", job=done.display_name)
            if len(done) == 1
            else self.env._("%(count)s jobs are set aside and ask for nobody any more.", count=len(done))
        )
        return jobs._notification("success", self.env._("Set Aside"), words)
