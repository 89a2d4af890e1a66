"""The dialog that says that a printer has a new roll of labels, or how many labels are left on the old one."""

from odoo import api, fields, models


class LabelPrintRollWizard(models.TransientModel):
    """What is in the printer now."""

    _name = "label.print.roll.wizard"
    _description = "Roll of Labels"

    printer_id = fields.Many2one("printer.configuration", required=True, ondelete="cascade")
    roll_display = fields.Char(related="printer_id.roll_display", related_sudo=False)
    which = fields.Selection(
        [("new", "A new roll is in the printer"), ("same", "The same roll, the count is to be corrected")],
        "Which Roll",
        default="new",
        required=True,
    )
    labels = fields.Integer("Labels on It", compute="_compute_labels", store=True, readonly=False)

    @api.depends("printer_id", "which")
    def _compute_labels(self):
        rolls = self.printer_id._rolls()
        for wizard in self:
            printer = wizard.printer_id
            roll = rolls.get(printer.id)
            wizard.labels = printer.roll_size if wizard.which == "new" else max(0, roll.left) if roll else 0

    def action_confirm(self):
        """Count from now."""
        self.ensure_one()
        self.check_access("write")
        printer = self.printer_id
        words = printer.change_roll(self.labels) if self.which == "new" else printer.correct_roll(self.labels)
        return self.env["label.print.job"]._notification("success", printer.name, words)
