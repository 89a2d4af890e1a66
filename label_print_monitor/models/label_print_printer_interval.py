"""From when until when a printer was in which state, and how long it was so on each day.

The intervals are written where a printer's state is written, for all printers of a report at once; the seconds of each
day are added up in the same transaction. So a year of figures reads some hundred rows a printer and not the tens of
thousands of intervals. Intervals are kept for three years, the days for good.
"""

from dataclasses import dataclass

from odoo import api, fields, models
from odoo.tools import SQL

from ..services.contract.reports import PrinterReason
from ..services.lifecycle import incidents, printer_intervals
from ..services.wording import error_catalogue
from .printer_configuration import STATUS

KEPT_DAYS = 3 * 365
REMOVED_A_CALL = 5000
SERVER_AWAY, NOT_NAMED = incidents.SERVER_AWAY, "not_named"
COLUMNS = ("printer_id", "printer_name", "server_id", "company_id", "status", "reason", "in_failure", "since")


@dataclass(frozen=True)
class State:
    """What an interval says; another one begins when any of it changes."""

    server_id: int
    company_id: int | None
    status: str
    reason: str


class LabelPrintPrinterInterval(models.Model):
    _name = "label.print.printer.interval"
    _description = "State Interval of a Printer"
    _order = "since desc, id desc"
    _rec_name = "printer_name"
    _log_access = False

    printer_id = fields.Many2one("printer.configuration", ondelete="set null", readonly=True)
    printer_name = fields.Char(readonly=True, help="As it was called then; kept when the printer is deleted.")
    server_id = fields.Many2one("label.print.server", "Print Server", ondelete="set null", readonly=True)
    company_id = fields.Many2one("res.company", ondelete="cascade", readonly=True)
    status = fields.Selection(STATUS, required=True, readonly=True)
    reason = fields.Char(
        "Reason Code", readonly=True, help="A code of the error catalogue, or the printer's own keyword."
    )
    # Also while nothing is known of a printer that has failed: see services/lifecycle/printer_intervals.py.
    in_failure = fields.Boolean("Not Ready Since It Failed", readonly=True)
    since = fields.Datetime("From", required=True, readonly=True, help="By the print server's clock.")
    until = fields.Datetime(readonly=True, help="Empty while it is so.")

    reason_display = fields.Char("Reason", compute="_compute_reason_display")
    duration = fields.Float("Duration (h)", compute="_compute_duration")

    _one_open = models.UniqueIndex("(printer_id) WHERE until IS NULL")
    _of_printer = models.Index("(printer_id, since)")
    _over = models.Index("(until) WHERE until IS NOT NULL")

    @api.depends("reason")
    @api.depends_context("lang")
    def _compute_reason_display(self):
        for interval in self:
            interval.reason_display = interval.reason and interval._reason_in_words()

    def _reason_in_words(self):
        """Why it was so, in the reader's language; a keyword that nobody knows is made readable."""
        if self.reason == SERVER_AWAY:
            return self.env._("Print server is away")
        if self.reason == NOT_NAMED:
            return self.env._("Print server no longer names the printer")
        if self.reason == incidents.NO_REASON:
            return self.env._("Stopped, and nobody says why")
        advice = error_catalogue.advice(self.reason)
        return self.env._(advice.message if advice else error_catalogue.reason_label(self.reason))

    @api.depends("since", "until")
    def _compute_duration(self):
        now = fields.Datetime.now()
        for interval in self:
            lasted = incidents.duration(interval.since or now, interval.until, now)
            interval.duration = lasted.total_seconds() / 3600

    @api.model
    def _note(self, printers, moments=None, unknown_because=""):
        """Bring the intervals of these printers to the state that they are stored with.

        :param dict moments: by printer, since when it is so; now for those that are not in it
        :param str unknown_because: the reason code of those of which nothing is known
        """
        printers = printers.sudo()
        if not printers:
            return
        # Whoever writes the same printers at this moment must fail here, before intervals are compared.
        printers.flush_recordset()
        self.flush_model()
        known = {row["printer_id"]: row for row in self._open_rows(printers.ids)}
        now = fields.Datetime.now()
        closed, opened = [], []
        for printer in printers:
            row = known.get(printer.id)
            was = State(row["server_id"], row["company_id"], row["status"], row["reason"] or "") if row else None
            state = self._state_of(printer, unknown_because or (was.reason if was and was.status == "unknown" else ""))
            if state == was:
                continue
            at = min((moments or {}).get(printer) or now, now).replace(microsecond=0)
            at = max(at, row["since"]) if row else at
            if row:
                closed.append({**row, "until": at})
            if state:
                opened.append(self._values_of(printer, state, at, bool(row and row["in_failure"])))
        self._close(closed)
        self._open(opened)
        self.env["label.print.printer.day"]._add(closed, opened)

    @api.model
    def _open_rows(self, printer_ids):
        return self.env.execute_query_dict(
            SQL(
                """SELECT id, printer_id, server_id, company_id, status, reason, in_failure, since
                     FROM label_print_printer_interval WHERE printer_id = ANY(%s) AND until IS NULL""",
                list(printer_ids),
            )
        )

    @api.model
    def _state_of(self, printer, unknown_because):
        """What is to be noted of a printer; None when it or its print server is archived, and nobody asks how it is."""
        if not printer.active or not printer.server_id.active:
            return None
        if printer.status == "unknown":
            reason = unknown_because
        else:
            reasons = [PrinterReason(one["keyword"], one.get("severity")) for one in printer.state_reasons or []]
            reason = printer_intervals.main_reason(incidents.causes_of(printer.status, reasons))
        return State(printer.server_id.id, printer.company_id.id or None, printer.status, reason)

    @api.model
    def _values_of(self, printer, state, at, was_in_failure):
        in_failure = printer_intervals.is_in_failure(state.status, was_in_failure)
        return {
            "printer_id": printer.id,
            "printer_name": printer.name,
            "server_id": state.server_id,
            "company_id": state.company_id,
            "status": state.status,
            "reason": state.reason or None,
            "in_failure": in_failure,
            "since": at,
            "fails": in_failure and not was_in_failure,
        }

    @api.model
    def _close(self, rows):
        if not rows:
            return
        self.env.cr.execute(
            SQL(
                """UPDATE label_print_printer_interval i SET until = said.until
                     FROM unnest(%s::integer[], %s::timestamp[]) AS said(id, until) WHERE i.id = said.id""",
                [row["id"] for row in rows],
                [row["until"] for row in rows],
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _open(self, rows):
        if not rows:
            return
        self.env.cr.execute(
            SQL(
                "INSERT INTO label_print_printer_interval (%s) VALUES %s",
                SQL(", ").join(map(SQL.identifier, COLUMNS)),
                SQL(", ").join(SQL("%s", tuple(row[name] for name in COLUMNS)) for row in rows),
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _end(self, printers):
        """These printers are about to be deleted: what was so is over, and stays."""
        now = fields.Datetime.now()
        self.flush_model()
        rows = [{**row, "until": max(now, row["since"])} for row in self._open_rows(printers.ids)]
        self._close(rows)
        self.env["label.print.printer.day"]._add(rows, [])

    @api.autovacuum
    def _gc_intervals(self):
        """Remove intervals that are old enough, some of them in each call."""
        limit = fields.Datetime.subtract(fields.Datetime.now(), days=KEPT_DAYS)
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """DELETE FROM label_print_printer_interval WHERE id = ANY (ARRAY(
                       SELECT id FROM label_print_printer_interval WHERE until < %s ORDER BY until LIMIT %s
                          FOR UPDATE SKIP LOCKED))""",
                limit,
                REMOVED_A_CALL,
            )
        )
        removed = self.env.cr.rowcount
        self.invalidate_model(flush=False)
        return removed, removed == REMOVED_A_CALL
