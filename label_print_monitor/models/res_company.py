"""The printer that a company's labels go to when nobody chooses another one."""

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    label_print_printer_id = fields.Many2one(
        "printer.configuration",
        "Default Label Printer",
        domain="[('company_id', 'in', [False, id])]",
        groups="label_print_monitor.group_label_print_user",
        copy=False,
        help="Empty: the default printer of all companies.",
    )
