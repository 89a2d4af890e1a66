"""The dialog that moves what waits for a printer to another one."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..services.lifecycle.job_lifecycle import WAITING


class LabelPrintMoveWizard(models.TransientModel):
    """Where the jobs that wait for a printer shall go instead."""

    _name = "label.print.move.wizard"
    _description = "Move Waiting Print Jobs"

    printer_id = fields.Many2one("printer.configuration", "From", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="printer_id.company_id")
    target_id = fields.Many2one(
        "printer.configuration",
        "To",
        # Of a company's printer all jobs are that company's; of a shared one they are of several.
        domain="[('id', '!=', printer_id), ('server_id.active', '=', True)]"
        " + (company_id and [('company_id', 'in', [False, company_id])] or [])",
        help="Of the jobs' own company.",
    )
    target_warning = fields.Char(compute="_compute_target_warning")
    roll_warning = fields.Char(compute="_compute_roll_warning")
    job_ids = fields.Many2many("label.print.job", string="Jobs in Queue", compute="_compute_job_ids")
    jobs_count = fields.Integer("Jobs That Wait", compute="_compute_job_ids")

    @api.depends("printer_id")
    def _compute_job_ids(self):
        for wizard in self:
            jobs = self.env["label.print.job"].search(
                [("printer_id", "=", wizard.printer_id.id), ("status", "in", list(WAITING))], order="id"
            )
            wizard.job_ids, wizard.jobs_count = jobs, len(jobs)

    @api.depends("target_id.status")
    @api.depends_context("lang")
    def _compute_target_warning(self):
        for wizard in self:
            wizard.target_warning = wizard.target_id._not_ready_warning()

    @api.depends("target_id", "job_ids")
    @api.depends_context("lang")
    def _compute_roll_warning(self):
        for wizard in self:
            wanted = sum(job.quantity - job.current_label for job in wizard.job_ids)
            wizard.roll_warning = wizard.target_id._roll_shortage(wanted)

    def action_confirm(self):
        """Move them, and say which have not moved."""
        self.ensure_one()
        self.check_access("write")
        if not self.target_id or self.target_id == self.printer_id:
            raise UserError(self.env._("Choose another printer."))
        if not self.job_ids:
            raise UserError(self.env._("No job waits for %(printer)s any more.", printer=self.printer_id.name))
        moved, left = self.job_ids._move(self.target_id)
        if len(moved) == 1:
            words = self.env._("1 job moves to %(printer)s.", printer=self.target_id.name)
        elif moved:
            words = self.env._("%(count)s jobs move to %(printer)s.", count=len(moved), printer=self.target_id.name)
        else:
            words = self.env._("No job has moved.")
        return moved._summary(words, left)
