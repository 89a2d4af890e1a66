"""The dialog that prints labels again that are on paper already: which, why, and where."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.label_print_job import COPY_REASONS
from ..services.contract.label_runs import LabelRunsError, parse_runs
from ..services.lifecycle.label_account import PRINTED


class LabelPrintAgainWizard(models.TransientModel):
    """Copies of labels of one job, with a reason."""

    _name = "label.print.again.wizard"
    _description = "Print Labels Again"

    job_id = fields.Many2one("label.print.job", "Print Job", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="job_id.company_id", related_sudo=False)
    quantity = fields.Integer(related="job_id.quantity", related_sudo=False)
    label_grid = fields.Json(compute="_compute_label_grid")
    missing_display = fields.Char(compute="_compute_label_grid")
    labels_text = fields.Char("Labels", help="Label numbers, for example 3, 9-11.")
    labels_count = fields.Integer("Copies That Will Be Printed", compute="_compute_labels_count")
    reason = fields.Selection(COPY_REASONS)
    note = fields.Char()
    printer_id = fields.Many2one(
        "printer.configuration",
        compute="_compute_printer_id",
        store=True,
        readonly=False,
        domain="[('company_id', 'in', [False, company_id]), ('server_id.active', '=', True)]",
    )
    printer_warning = fields.Char(compute="_compute_printer_warning")
    roll_warning = fields.Char(compute="_compute_roll_warning")

    @api.depends("job_id", "quantity")
    @api.depends_context("lang")
    def _compute_label_grid(self):
        for wizard in self:
            wizard.label_grid = wizard.missing_display = False
            if not wizard.job_id:
                continue
            account = wizard.job_id._job_account()
            printed = account.indexes(*PRINTED)
            wizard.label_grid = {**wizard.job_id._grid_of(account), "selectable": printed}
            if len(printed) < wizard.quantity:
                wizard.missing_display = self.env._(
                    "%(printed)s of %(quantity)s can be chosen; the others are printed with Retry.",
                    printed=len(printed),
                    quantity=wizard.quantity,
                )

    @api.depends("job_id")
    def _compute_printer_id(self):
        for wizard in self:
            # It may have become another company's; stored fields are computed as superuser.
            printer = wizard.job_id.printer_id.sudo(False)._filtered_access("read")
            gone = printer and printer._problem_to_print(wizard.company_id)
            wizard.printer_id = False if gone else printer

    @api.depends("printer_id.status")
    @api.depends_context("lang")
    def _compute_printer_warning(self):
        for wizard in self:
            before = wizard.job_id.printer_id
            if before and not wizard.printer_id:
                wizard.printer_warning = before._problem_to_print(wizard.company_id)
            else:
                wizard.printer_warning = wizard.printer_id._not_ready_warning(wizard.company_id)

    @api.depends("labels_text", "quantity")
    def _compute_labels_count(self):
        for wizard in self:
            try:
                wizard.labels_count = len(parse_runs(wizard.labels_text, wizard.quantity or 0))
            except LabelRunsError:
                wizard.labels_count = 0

    @api.depends("printer_id", "labels_count")
    @api.depends_context("lang")
    def _compute_roll_warning(self):
        for wizard in self:
            wizard.roll_warning = wizard.printer_id._roll_shortage(wizard.labels_count)

    def action_confirm(self):
        """Print the copies; their job opens and follows them."""
        self.ensure_one()
        self.check_access("write")
        try:
            indexes = parse_runs(self.labels_text, self.quantity)
        except LabelRunsError as error:
            raise UserError(self.env._(error.message, **error.params)) from None
        if not self.printer_id:
            raise UserError(self.env._("Choose a printer."))
        job = self.job_id._print_again(indexes, self.reason, self.note or "", self.printer_id)
        return job._get_form_action()
