"""The dialog that says until when a printer is in maintenance."""

from datetime import timedelta

from odoo import fields, models


class LabelPrintMaintenanceWizard(models.TransientModel):
    """Until when nobody is told of what stops the printer."""

    _name = "label.print.maintenance.wizard"
    _description = "Maintenance of a Printer"

    printer_id = fields.Many2one("printer.configuration", required=True, ondelete="cascade")
    maintenance_display = fields.Char(related="printer_id.maintenance_display", related_sudo=False)
    until = fields.Datetime(
        required=True, default=lambda self: fields.Datetime.now().replace(second=0) + timedelta(hours=1)
    )

    def action_confirm(self):
        """Nobody is told until then."""
        self.ensure_one()
        self.check_access("write")
        self.printer_id._begin_maintenance(self.until)
        words = self.printer_id.maintenance_display
        return self.env["label.print.job"]._notification("success", self.printer_id.name, words)
