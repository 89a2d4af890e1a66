"""A visit to a printer that needs somebody, as a module for maintenance keeps."""

from odoo import fields, models


class ExampleVisit(models.Model):
    _name = "example.visit"
    _description = "Visit to a Printer"

    incident_id = fields.Many2one("label.print.incident", required=True, ondelete="cascade", index=True)
    printer_id = fields.Many2one("printer.configuration", ondelete="cascade", index="btree_not_null")
    times = fields.Integer()
    is_done = fields.Boolean()
