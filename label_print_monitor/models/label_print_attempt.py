"""Ended attempts of a job, so that a retry never overwrites what happened before it."""

from odoo import api, fields, models

from ..services.wording import error_catalogue


class LabelPrintAttempt(models.Model):
    """An ended attempt of a job, kept when a retry opens the next one: what was tried, by whom, and how it ended."""

    _name = "label.print.attempt"
    _description = "Label Print Attempt"
    _order = "job_id desc, number desc"
    _rec_name = "number"

    job_id = fields.Many2one("label.print.job", "Print Job", required=True, index=True, ondelete="cascade")
    number = fields.Integer("Attempt", required=True)
    flask_job_id = fields.Char("Server Job ID", index=True)
    idempotency_key = fields.Char("Idempotency Key")
    printer_id = fields.Many2one("printer.configuration", "Printer", ondelete="restrict")
    submitted_by = fields.Many2one("res.users", "Started By", ondelete="restrict")
    submitted_date = fields.Datetime("Submitted On")
    ended_date = fields.Datetime("Ended On")
    status = fields.Selection(selection="_selection_status", required=True)
    labels_count = fields.Integer("Labels in This Attempt")
    labels_done = fields.Integer("Labels Reported Printed")
    label_indexes = fields.Json(help="The labels of the job that this attempt printed, counted from 1; empty for all.")
    error_code = fields.Char("Error Code")
    error_message = fields.Char("Error Message", help="The print server's own words.")
    error_title = fields.Char("Problem", compute="_compute_error_title")
    retried_by = fields.Many2one("res.users", "Retried By", ondelete="restrict")
    retry_reason = fields.Char("Reason for Retrying")

    @api.depends("error_code", "error_message")
    @api.depends_context("lang")
    def _compute_error_title(self):
        for attempt in self:
            advice = error_catalogue.advice_about(attempt.error_code, attempt.error_message)
            attempt.error_title = self.env._(advice.message) if advice else attempt.error_message

    @api.model
    def _selection_status(self):
        return self.env["label.print.job"]._fields["status"]._description_selection(self.env)
