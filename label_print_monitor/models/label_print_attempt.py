"""The attempts of a job: a row from the first moment of each, so that a retry never overwrites what was before it."""

from odoo import api, fields, models

from ..services.lifecycle import job_lifecycle
from ..services.lifecycle.record_chain import ATTEMPT, VERSION
from ..services.wording import error_catalogue
from .label_print_attempt_figure_rows import OF_ATTEMPT

# What the record keeps of an attempt.
RECORDED = frozenset(ATTEMPT[VERSION])


class LabelPrintAttempt(models.Model):
    """One attempt to print some labels of a job: which, where, by whom and why, how it ended, and each label's account.

    Times of the print server are by its clock, corrected for what that differs from ours; `learned_date` is when Odoo
    came to know. The account is written by `_record` alone, see label_print_attempt_account.py.
    """

    _name = "label.print.attempt"
    _description = "Label Print Attempt"
    _inherit = ["label.print.bulk.write.mixin"]
    _order = "job_id desc, number desc"
    _rec_name = "number"

    # Without an index of its own: `_job_number` begins with it.
    job_id = fields.Many2one("label.print.job", "Print Job", required=True, ondelete="cascade")
    number = fields.Integer("Attempt", required=True)
    company_id = fields.Many2one(related="job_id.company_id")
    mo_id = fields.Many2one(related="job_id.mo_id")
    product_id = fields.Many2one(related="job_id.product_id")
    job_type = fields.Selection(related="job_id.job_type")
    job_status = fields.Selection(related="job_id.status", string="Job's Status")
    # What was asked for, as it was then: printers are renamed, moved and replaced.
    label_indexes = fields.Json(help="The labels of the job that this attempt prints, counted from 1; empty for all.")
    labels_count = fields.Integer("Labels in This Attempt")
    printer_id = fields.Many2one("printer.configuration", ondelete="restrict")
    printer_name = fields.Char("Printer's Name Then")
    printer_model = fields.Char("Printer's Model")
    printer_serial = fields.Char("Printer's Serial Number")
    server_id = fields.Many2one("label.print.server", "Print Server", ondelete="restrict")
    server_name = fields.Char("Print Server's Name Then")
    submitted_by = fields.Many2one("res.users", "Started By", ondelete="restrict")
    reason = fields.Char("Why")
    copy_of_id = fields.Many2one(related="job_id.copy_of_id")
    why = fields.Char(
        "Reason for Printing Again",
        compute="_compute_why",
        help="Why labels were printed again: in a retry, or as copies.",
    )
    # The submission.
    flask_job_id = fields.Char("Server Job ID", index="btree_not_null")
    idempotency_key = fields.Char()
    request = fields.Json(
        prefetch=False,
        help="Printer, priority and reference as they were first sent under the idempotency key. "
        "A repetition has to say the same, or the print server refuses it as another request.",
    )
    first_sent_date = fields.Datetime("First Sent", help="When the request first left, whatever became of it.")
    submitted_date = fields.Datetime("Handed to Server")
    started_date = fields.Datetime("Printing Started")
    # The end.
    outcome = fields.Selection("_selection_outcome", help="How this attempt itself ended; empty while it runs.")
    status = fields.Selection("_selection_status", compute="_compute_status")
    ended_date = fields.Datetime("Ended")
    learned_date = fields.Datetime("Odoo Learned It")
    times_from = fields.Selection(
        [("server", "Print Server"), ("odoo", "Odoo"), ("corrected", "Odoo, the print server's cannot be true")],
        help="Odoo's own times stand in where the print server said none, or none that can be true.",
    )
    error_code = fields.Char()
    error_message = fields.Char(help="The print server's own words.")
    error_title = fields.Char("Problem", compute="_compute_error_title", search="_search_error_title")
    # Kept for groups, in which there are only stored values; written with the outcome.
    error_kind = fields.Selection("_selection_error_kind", "Problem Kind")
    # The account, and what it sums up to.
    account = fields.Json(prefetch=False, help="Each label's state, time, code and tries, in a compact form.")
    account_exact = fields.Boolean(
        "Label by Label",
        help="The print server named each label. If not, it only counted them, and which ones are meant is inferred.",
    )
    account_due = fields.Boolean(help="The engine asks the print server for the account with its next sweep.")
    account_asked_at = fields.Datetime(help="When the print server was last asked while somebody looked at the job.")
    printed_count = fields.Integer("Labels Printed")
    added_count = fields.Integer(
        "Labels Brought to Paper",
        help="Labels of the job that are on paper since this attempt: no label counts in two attempts.",
    )
    confirmed_count = fields.Integer("Labels Confirmed")
    failed_count = fields.Integer("Labels Failed")
    uncertain_count = fields.Integer("Labels Uncertain")
    taken_back_count = fields.Integer("Labels Taken Back")

    _job_number = models.UniqueIndex("(job_id, number)")
    # With what the overview sums up: of a day it then reads the index alone.
    _ended = models.Index(
        "(ended_date) INCLUDE (job_id, outcome, printer_id, added_count, failed_count, uncertain_count) "
        "WHERE ended_date IS NOT NULL"
    )
    _due = models.Index("(server_id) WHERE account_due")

    def write(self, vals):
        """As always; what is written to an attempt that has ended goes into its job's record and into the figures."""
        result = super().write(vals)
        if OF_ATTEMPT & vals.keys():
            self._follow_in_figures(vals)
        if RECORDED & vals.keys() and (ended := self.filtered("outcome")):
            ended.job_id._recorded().sudo()._seal(attempts=ended.ids)
        return result

    def _follow_in_figures(self, vals):
        """These attempts have been changed in what the figures are made of."""
        if ended := self.filtered("ended_date"):
            self.env["label.print.attempt.figure"]._store_ended(ended.ids)
        elif "ended_date" in vals:
            self.env["label.print.attempt.figure"]._remove(self.ids)

    @api.depends("number", "job_id.display_name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for attempt in self:
            attempt.display_name = self.env._(
                "Attempt %(number)s of %(job)s", number=attempt.number, job=attempt.job_id.display_name
            )

    @api.model
    def _selection_error_kind(self):
        return self.env["label.print.job"]._selection_error_kind()

    @api.depends("error_code", "error_message", "outcome")
    @api.depends_context("lang")
    def _compute_error_title(self):
        for attempt in self:
            advice = error_catalogue.advice_about(attempt.error_code, attempt.error_message)
            # Of one that was cancelled the print server says how far it was, which is no problem.
            words = attempt.error_message if attempt.outcome != "cancelled" else False
            attempt.error_title = self.env._(advice.message) if advice else words

    @api.model
    def _search_error_title(self, operator, value):
        """As for jobs: by what its reader sees, and by what the print server said."""
        return self.env["label.print.job"]._search_error_words(operator, value)

    @api.depends("outcome", "job_id.status")
    def _compute_status(self):
        for attempt in self:
            attempt.status = attempt.outcome or attempt.job_id.status

    @api.model
    def _selection_status(self):
        return self.env["label.print.job"]._fields["status"]._description_selection(self.env)

    @api.depends("reason", "job_id.copy_reason", "job_id.copy_note")
    @api.depends_context("lang")
    def _compute_why(self):
        reasons = dict(self.env["label.print.job"]._fields["copy_reason"]._description_selection(self.env))
        for attempt in self:
            copy = filter(None, (reasons.get(attempt.job_id.copy_reason), attempt.job_id.copy_note))
            attempt.why = attempt.reason or ": ".join(copy) or False

    @api.model
    def _selection_outcome(self):
        return [(value, label) for value, label in self._selection_status() if value in job_lifecycle.TERMINAL]

    @api.model
    def _values_of_new(self, job, number, indexes, user, reason=""):
        """An attempt as it begins.

        :param indexes: the labels of the job that it is to print, counted from 1, in their order
        :param user: who wants it
        """
        return {
            **self._values_of_place(job),
            "job_id": job.id,
            "number": number,
            "label_indexes": list(indexes) if len(indexes) < job.quantity else False,
            "labels_count": len(indexes),
            "submitted_by": user.id,
            "reason": reason or False,
            "idempotency_key": job.idempotency_key,
        }

    @api.model
    def _values_of_place(self, job):
        """The printer and the print server of a job, as they are called now."""
        printer, server = job.printer_id, job.server_id
        return {
            "printer_id": printer.id,
            "printer_name": printer.name,
            "printer_model": printer.model,
            "server_id": server.id,
            "server_name": server.name,
        }

    def _indexes(self):
        """The labels of the job that this attempt prints, counted from 1."""
        self.ensure_one()
        return self.label_indexes or list(range(1, self.labels_count + 1))
