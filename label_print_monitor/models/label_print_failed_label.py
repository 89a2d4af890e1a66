"""The labels that failed, each findable by its lot and with the attempt that printed it again."""

from odoo import api, fields, models

from ..services.wording import error_catalogue


class LabelPrintFailedLabel(models.Model):
    """One label that did not reach the paper. Labels that printed have no row: there are millions of them."""

    _name = "label.print.failed.label"
    _description = "Failed Label"
    _order = "job_id desc, label_index"
    _rec_name = "label_index"

    job_id = fields.Many2one("label.print.job", "Print Job", required=True, index=True, ondelete="cascade")
    attempt_number = fields.Integer("Attempt", required=True)
    label_index = fields.Integer("Label", required=True, help="The label's place in the job, counted from 1.")
    box_number = fields.Char("Box")
    lot_number = fields.Char("Lot/Serial", index=True)
    code = fields.Char("Error Code")
    message = fields.Char("Print Server's Message")
    problem = fields.Char("What Happened", compute="_compute_problem")
    # Stored, because only what the database knows can be grouped by; a selection, so that groups have words.
    error_kind = fields.Selection("_selection_error_kind", "Problem Kind", compute="_compute_error_kind", store=True)
    reprint_attempt_number = fields.Integer("Reprinted in Attempt", help="0 while nobody has sent it again.")
    company_id = fields.Many2one(related="job_id.company_id")
    mo_id = fields.Many2one(related="job_id.mo_id", string="Manufacturing Order")
    printer_id = fields.Many2one(related="job_id.printer_id", string="Printer")

    @api.model
    def _selection_error_kind(self):
        return self.env["label.print.job"]._selection_error_kind()

    @api.depends("code", "message")
    def _compute_error_kind(self):
        for label in self:
            label.error_kind = error_catalogue.kind_of(label.code, label.message)

    @api.depends("code", "message")
    @api.depends_context("lang")
    def _compute_problem(self):
        """The print server's own words, or the catalogue's where it only gave a code."""
        for label in self:
            advice = error_catalogue.advice(label.code)
            label.problem = label.message or (self.env._(advice.message) if advice else label.code)

    _job_attempt_label = models.UniqueIndex("(job_id, attempt_number, label_index)")
