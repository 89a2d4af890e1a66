"""What each attempt that has ended brought, stored as the figures ask for it: with its shift, day and hour.

A row is written where its attempt is written, in the same transaction. A scheduled action stores what was there before
there were rows, and stores all again when a shift or a company's time zone has changed: newest attempts first, in
batches that are committed. What has no row yet is computed by whoever reads (label_print_attempt_report.py).
"""

import logging

import psycopg2
from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from . import label_print_attempt_figure_rows as figure_rows
from .expected_conflicts import expected_conflicts
from .label_print_job import JOB_TYPES

_logger = logging.getLogger(__name__)

ATTEMPTS_A_BATCH = 5000  # of a transaction: some tenths of a second
ALL = 2**31 - 1  # no attempt has a higher id


class BigInteger(fields.Integer):
    """An Integer whose column has eight bytes."""

    _column_type = ("int8", "int8")


class LabelPrintAttemptFigure(models.Model):
    """A row has the id of its attempt. Nobody has a right on it: people read `label.print.attempt.report`."""

    _name = "label.print.attempt.figure"
    _description = "Figures of an Attempt"
    _log_access = False

    # Without an index: what was printed cannot be deleted.
    job_id = fields.Many2one("label.print.job", "Print Job", required=True, ondelete="cascade")
    ended_date = fields.Datetime("Ended", required=True)
    day = fields.Date(required=True)
    hour = fields.Char("Hour of Day", required=True)
    # Without an index, which each ended attempt would write: a shift that has rows is archived, not deleted.
    shift_id = fields.Many2one("label.print.shift", ondelete="set null")
    shift_key = BigInteger(help="The shift of that day: its company, when it began and how long it lasts.")
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    printer_id = fields.Many2one("printer.configuration", ondelete="restrict")
    product_id = fields.Many2one("product.product", index="btree_not_null", ondelete="set null")
    mo_reference = fields.Char("Order")
    user_id = fields.Many2one("res.users", "Person", ondelete="restrict")
    job_type = fields.Selection(JOB_TYPES)
    outcome = fields.Char()
    error_kind = fields.Char("Reason")
    labels = fields.Integer("Labels Printed")
    lost = fields.Integer("Labels Failed or Uncertain")
    runs = fields.Integer("Attempts")
    failures = fields.Integer("Failed Attempts")
    first_label_seconds = fields.Float("Click to First Label (s)")

    _ended = models.Index("(ended_date)")

    @api.model
    def _store(self, which):
        """Bring the rows of ended attempts up to date.

        :param which: condition on attempts ``a``
        :return: how many rows were written; one that says what it said before is not
        """
        self.env["label.print.attempt"].flush_model(["job_id", "number", *figure_rows.OF_ATTEMPT])
        self.env["label.print.job"].flush_model(figure_rows.OF_JOB)
        self.env["label.print.shift"].flush_model()
        self.env.cr.execute(figure_rows.store(self.env.cr, which))
        written = self.env.cr.rowcount
        self.invalidate_model(flush=False)
        return written

    @api.model
    def _store_ended(self, attempt_ids):
        """Store the rows of attempts that have just ended; what goes wrong with that must not undo their end."""
        try:
            with self.env.cr.savepoint(flush=False):
                self._store(SQL("a.id = ANY(%s)", list(attempt_ids)))
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except psycopg2.Error:
            _logger.exception(
                "Figures of attempts %s could not be stored: the next scheduled run does", attempt_ids
            )
            self.env.cr.execute(
                """UPDATE label_print_figure_progress
                      SET rules = '', rows_missing = TRUE, due_up_to = (SELECT max(id) FROM label_print_attempt)"""
            )

    @api.model
    def _remove(self, attempt_ids):
        """Of attempts that have not ended after all."""
        self.env.cr.execute(SQL("DELETE FROM label_print_attempt_figure WHERE id = ANY(%s)", list(attempt_ids)))
        self.invalidate_model(flush=False)

    @api.model
    def _missing_up_to(self):
        """Attempts up to this id may have ended without having a row; 0 when none have."""
        progress = self._progress()
        if not progress:
            return ALL
        return progress["due_up_to"] if progress["rows_missing"] else 0

    @api.model
    def _progress(self):
        self.env["label.print.figure.progress"].flush_model()
        rows = self.env.execute_query_dict(
            SQL("SELECT due_up_to, rows_missing, rules FROM label_print_figure_progress WHERE id = 1")
        )
        return rows[0] if rows else None

    @api.model
    def _cron_store(self):
        """Store what is due, each batch in a transaction of its own; writes nothing when nothing is."""
        left = 1.0
        while left > 0:
            try:
                with expected_conflicts():
                    due = self._store_batch()
                    if due is None:
                        return
                    left = self.env["ir.cron"]._commit_progress(ATTEMPTS_A_BATCH, remaining=due)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:  # an attempt of the batch has just been written
                self.env.cr.rollback()
                self.env.invalidate_all(flush=False)
                left = self.env["ir.cron"]._commit_progress()

    @api.model
    def _store_batch(self):
        """Store the newest attempts that are due.

        :return: up to which attempt rows are due after that; None when none were
        """
        for model in ("label.print.shift", "res.company", "res.partner", "resource.calendar"):
            self.env[model].flush_model()
        progress = self._progress()
        [(rules,)] = self.env.execute_query(figure_rows.rules(self.env.cr))
        if progress and progress["rules"] == rules and not progress["due_up_to"]:
            return None
        if progress and progress["rules"] == rules:
            up_to = progress["due_up_to"]
        else:
            [(up_to,)] = self.env.execute_query(SQL("SELECT COALESCE(max(id), 0) FROM label_print_attempt"))
        due = max(0, up_to - ATTEMPTS_A_BATCH)
        self._store(SQL("a.id > %s AND a.id <= %s", due, up_to))
        # Whoever does the same at this moment fails here, and begins again.
        self.env.cr.execute(
            SQL(
                """INSERT INTO label_print_figure_progress (id, due_up_to, rows_missing, rules)
                   VALUES (1, %(due)s, %(missing)s, %(rules)s)
                       ON CONFLICT (id) DO UPDATE
                      SET (due_up_to, rows_missing, rules) = ROW(excluded.due_up_to, excluded.rows_missing,
                                                                 excluded.rules)""",
                due=due,
                missing=bool(due and (not progress or progress["rows_missing"])),
                rules=rules,
            )
        )
        return due


class LabelPrintFigureProgress(models.Model):
    """One row, with id 1; nobody has a right on it."""

    _name = "label.print.figure.progress"
    _description = "Progress of Storing Figures"
    _log_access = False

    due_up_to = fields.Integer(help="Attempts up to this id are still to be stored, or stored again.")
    rows_missing = fields.Boolean(help="Those attempts may have no row yet.")
    rules = fields.Char(help="The shifts and time zones by which rows are stored.")
