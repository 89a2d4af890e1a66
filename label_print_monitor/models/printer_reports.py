"""How what a print server says of its printers becomes their shown state. Sweeps and events both come here."""

import logging
from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL
from psycopg2.errors import SerializationFailure

from ..services.lifecycle.incidents import believed, causes_of
from .label_print_printer_interval import NOT_NAMED

_logger = logging.getLogger(__name__)

SWEEPS_UNTIL_UNKNOWN = 3
# An event is not told so long after: what it says would be older than the last answer about the printer.
EVENTS_ON_THEIR_WAY = timedelta(minutes=1)
# Print servers that write their own local time without a zone are ahead by no more than this.
WIDEST_ZONE = timedelta(hours=14)
MAX_PRINTERS = 500  # of one print server: a factory has fewer, and what a server says must not fill the database


class PrinterConfiguration(models.Model):
    _inherit = "printer.configuration"

    def _apply_reports(self, server, reports, complete=False):
        """Bring the printers of ``server`` to what it says of them; make those that are new.

        What a person has typed is never overwritten. Only what differs is written, and only then is anybody told.

        :param reports: `PrinterReport` objects
        :param bool complete: the reports name every printer of the server, so that one left out is missing
        """
        known = {
            printer.cups_name: printer
            for printer in self.sudo().with_context(active_test=False).search([("server_id", "=", server.id)])
        }
        now = fields.Datetime.now()
        changed, observed, moments = self.browse(), {}, {}
        newest = {report.cups_name: report for report in reports}
        too_many = 0
        for name, report in newest.items():
            printer = known.get(name)
            if not printer:
                if len(known) >= MAX_PRINTERS:
                    too_many += 1
                    continue
                printer = self.sudo()._create_reported(self._values_of_new(server, report))
                if not printer:
                    continue
                known[name] = printer
                changed |= printer
            at = printer._time_of(report, now)
            if at is None:
                continue
            if printer._apply_report(report, at, now):
                changed |= printer
                moments[printer] = at
            if printer.active and report.status != "unknown":
                observed[printer] = (causes_of(report.status, report.reasons), at)
        if too_many:
            _logger.warning(
                "Print server %s names more than %s printers: %s are left out", server.id, MAX_PRINTERS, too_many
            )
        self.env["label.print.printer.interval"].sudo()._note(self.union(*moments), moments)
        self.env["label.print.incident"].sudo()._apply_printers(observed)
        if complete:
            unnamed = self.union(*(printer for name, printer in known.items() if name not in newest))
            missing = self._note_missing(unnamed)
            # Also of those that were unknown already, while their print server was away.
            unnamed.filtered(lambda printer: printer.status == "unknown")._open_incidents()._close("vanished")
            changed |= missing
        if changed:
            self.env["print.job.notifier"]._live(printers=changed)

    def _create_reported(self, values):
        """Make a printer, or none when somebody has made the same one since this transaction began.

        That one cannot be seen before the next report, and must not cost what else this one says. So the row is made
        past `create`, which would fail and log it; everything else is written as usual.
        """
        # A conflict of what is still to be written must reach whoever runs this again, and not be taken for this row's.
        self.env.flush_all()
        stored = {
            name: value
            for name, value in self._add_missing_default_values(values).items()
            if self._fields[name].store and self._fields[name].column_type
        }
        row = {name: self._fields[name].convert_to_column_insert(value, self, stored) for name, value in stored.items()}
        row.update(create_uid=self.env.uid, create_date=fields.Datetime.now())
        try:
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute(
                    SQL(
                        """INSERT INTO printer_configuration (%s) VALUES (%s)
                           ON CONFLICT (cups_name, server_id) DO NOTHING RETURNING id""",
                        SQL(", ").join(map(SQL.identifier, row)),
                        SQL(", ").join(SQL("%s", value) for value in row.values()),
                    ),
                    log_exceptions=False,
                )
                made = self.env.cr.fetchone()
        except SerializationFailure:
            made = None
        if not made:
            _logger.info("Printer %s of print server %s is just being made", values["cups_name"], values["server_id"])
            return self.browse()
        printer = self.browse(made[0])
        printer.write(stored)
        return printer

    def _values_of_new(self, server, report):
        values = {
            "name": report.cups_name,
            "cups_name": report.cups_name,
            "server_id": server.id,
            "company_id": server.company_id.id,
        }
        if report.model:
            values["model"] = report.model
        if report.location:
            values["location"] = report.location
        if report.connection in ("usb", "network"):
            values["connection_type"] = report.connection
        return values

    def _time_of(self, report, now):
        """When what ``report`` says has become so, as our clock has it; None when it is older than what is known."""
        # Events are compared with events only, by the clock of the print server that they come from.
        if report.occurred_at and self.reported_at and report.occurred_at < self.reported_at:
            return None
        heard = self.last_seen and self.last_seen - EVENTS_ON_THEIR_WAY
        return believed(report.occurred_at, self.server_id.clock_skew, heard, now)

    def _apply_report(self, report, at, now):
        """:return: whether anything that is shown has changed"""
        self.ensure_one()
        values = {}
        since = {reason["keyword"]: reason.get("since") for reason in self.state_reasons or []}
        reasons = [
            {
                "keyword": reason.keyword,
                "severity": reason.severity,
                "since": since.get(reason.keyword) or fields.Datetime.to_string(at),
            }
            for reason in report.reasons
        ]
        if reasons != (self.state_reasons or []):
            values["state_reasons"] = reasons
        if report.status != self.status:
            values.update(status=report.status, status_since=at)
        if report.jobs_in_queue != self.jobs_in_queue:
            values["jobs_in_queue"] = report.jobs_in_queue
        for name in ("serial_number", "firmware", "confirms_labels"):
            said = getattr(report, name)
            if said not in (None, "") and said != self[name]:
                values[name] = said
        shown = bool(values)
        if self.sweeps_missing:
            values["sweeps_missing"] = 0
        # The time of the last report is kept to half a minute: exact would mean a write in every sweep.
        if shown or not self.last_seen or (now - self.last_seen).total_seconds() >= 30:
            values.update(last_seen=now, last_status_check=now)
            # It moves with every label: kept as exactly as the time.
            if report.odometer is not None and report.odometer != self.odometer:
                values["odometer"] = report.odometer
            # By one event with a time of next year all later ones would be older.
            if report.occurred_at and report.occurred_at < now + WIDEST_ZONE:
                values["reported_at"] = report.occurred_at
        if values:
            self.sudo().write(values)
        return shown

    def _note_pace(self, pace):
        """An attempt took ``pace`` seconds a label: a moving average, so that one odd job counts little."""
        self.ensure_one()
        known = self.seconds_per_label
        pace = round(0.7 * known + 0.3 * pace if known else pace, 3)
        if not known or abs(pace - known) > 0.1 * known:
            self.seconds_per_label = pace

    def _note_unanswered(self, server, error):
        """The print server answers, but not about its printers: they are unknown after a few sweeps."""
        printers = self.sudo().search([("server_id", "=", server.id)])
        if self._note_missing(printers):
            _logger.info("Print server %s does not say how its printers are: %s", server.id, error.message)

    def _note_missing(self, printers):
        """A printer that its server stops naming is unknown after a few sweeps, never "online"."""
        changed = self.browse()
        for printer in printers:
            if printer.status == "unknown":
                continue
            printer.sweeps_missing += 1
            if printer.sweeps_missing >= SWEEPS_UNTIL_UNKNOWN:
                changed |= printer
        changed._set_unknown(NOT_NAMED)
        return changed

    def _set_unknown(self, because):
        """Nothing is known of these printers any more.

        :param str because: the reason code of their intervals
        """
        now = fields.Datetime.now()
        printers = self.sudo().filtered(lambda printer: printer.status != "unknown")
        printers.write({"status": "unknown", "status_since": now, "state_reasons": False, "jobs_in_queue": 0})
        self.env["label.print.printer.interval"].sudo()._note(printers, unknown_because=because)
        if printers:
            self.env["print.job.notifier"]._live(printers=printers)
