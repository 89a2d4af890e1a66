"""A printer's intervals when it is moved, archived or deleted, and its last thirty days for the printer's form."""

from collections import Counter, defaultdict
from datetime import timedelta

import pytz
from odoo import api, fields, models
from odoo.fields import Domain

from ..services.lifecycle import printer_intervals
from .deletable_records import need_action

SHOWN_DAYS = 30


class PrinterConfiguration(models.Model):
    _inherit = "printer.configuration"

    last_days = fields.Json(
        "Last 30 Days", compute="_compute_last_days", help="How long it was ready on each day, and how often it failed."
    )

    def _follow_in_intervals(self, vals):
        """These printers or their print servers have been changed by ``vals``."""
        if not vals.keys().isdisjoint(("active", "server_id", "company_id")):
            self.env["label.print.printer.interval"].sudo()._note(self)

    @api.ondelete(at_uninstall=False)
    def _unlink_end_intervals(self):
        self.env["label.print.printer.interval"].sudo()._end(self)

    @api.depends("status", "state_reasons")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_last_days(self):
        """The days of the company whose printer it is, oldest first, today last; days before it was known are empty."""
        Day, Interval = self.env["label.print.printer.day"], self.env["label.print.printer.interval"]
        now = fields.Datetime.now()
        printers = self._origin
        zones = {printer.id: Day._zone_of(printer.company_id.id) for printer in printers}
        first = fields.Date.subtract(now.date(), days=SHOWN_DAYS)
        mine = Domain("printer_id", "in", printers.ids)
        seconds, failures = defaultdict(Counter), Counter()
        columns = {state: f"{state}_seconds" for state in printer_intervals.STATES}
        kept = Day.search_fetch(mine & Domain("day", ">=", first), ["printer_id", "day", "failures", *columns.values()])
        for row in kept:
            key = (row.printer_id.id, row.day)
            seconds[key].update({state: row[column] for state, column in columns.items() if row[column]})
            failures[key] += row.failures
        for row in Interval.search_fetch(mine & Domain("until", "=", False), ["printer_id", "status", "since"]):
            since = max(row.since, now - timedelta(days=SHOWN_DAYS + 1))
            by_day = printer_intervals.seconds_by_day(since, now, zones[row.printer_id.id])
            for day, count in by_day.items():
                seconds[row.printer_id.id, day][row.status] += count
        for printer in self:
            id_ = printer._origin.id
            today = pytz.utc.localize(now).astimezone(zones.get(id_) or pytz.utc).date()
            days = [today - timedelta(days=back) for back in reversed(range(SHOWN_DAYS))]
            printer.last_days = [
                {
                    "day": fields.Date.to_string(day),
                    "seconds": dict(seconds.get((id_, day), {})),
                    "failures": failures[id_, day],
                }
                for day in days
            ]

    def action_view_availability(self):
        """How available this printer was, by month and day."""
        self.ensure_one()
        self.check_access("read")
        action = need_action(self.env, "label_print_monitor.action_label_print_printer_report")
        return {
            **action,
            "context": {
                "search_default_printer_id": self.id,
                "search_default_last_30_days": 1,
                "pivot_row_groupby": ["day:day"],
                "graph_groupbys": ["day:day"],
            },
        }
