"""How available the printers are, by printer and day: the days, and the intervals that are still open.

The ratios of a group follow from the sums of its rows, as services/lifecycle/printer_intervals.py defines them.
"""

from odoo import api, fields, models
from odoo.tools import SQL

from ..services.lifecycle.printer_intervals import DOWN, READY, STATES

# Of a group's rows; the names are those of the fields.
RATIOS = {
    "availability": ("100.0 * %(ready)s", "(%(ready)s + %(down)s)"),
    "between_failures": ("%(ready)s", "%(failures)s"),
    "to_repair": ("%(down)s", "%(failures)s"),
}


class LabelPrintPrinterReport(models.Model):
    _name = "label.print.printer.report"
    _description = "Availability of Printers"
    _auto = False
    _log_access = False
    _order = "day desc"
    _rec_name = "printer_id"
    _depends = {
        "label.print.printer.day": ["printer_id", "day", "failures", *(f"{state}_seconds" for state in STATES)],
        "label.print.printer.interval": ["printer_id", "status", "since", "until"],
        "res.company": ["resource_calendar_id", "partner_id"],
        "resource.calendar": ["tz"],
    }

    printer_id = fields.Many2one("printer.configuration", readonly=True)
    printer_name = fields.Char("Printer's Name", readonly=True, help="As it was called then.")
    server_id = fields.Many2one("label.print.server", "Print Server", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    day = fields.Date(readonly=True, help="By the clock of the company's working hours.")
    ready_hours = fields.Float("Ready (h)", readonly=True, help="Online or busy.")
    down_hours = fields.Float("Down (h)", readonly=True, help="It needed somebody, or was offline.")
    online_hours = fields.Float("Online (h)", readonly=True)
    busy_hours = fields.Float("Busy (h)", readonly=True)
    attention_hours = fields.Float("Needed Attention (h)", readonly=True)
    offline_hours = fields.Float("Offline (h)", readonly=True)
    unknown_hours = fields.Float(
        "Unknown (h)", readonly=True, help="Nothing was known of it, so it counts neither way."
    )
    failures = fields.Integer(readonly=True, help="How often it was ready and then needed somebody or was offline.")
    availability = fields.Float(
        "Availability (%)", readonly=True, aggregator="avg",
        help="The time in which it was ready, of the time in which something was known of it.",
    )  # fmt: skip
    between_failures = fields.Float(
        "Between Failures (h)", readonly=True, aggregator="avg",
        help="Mean time between failures: ready time for each failure.",
    )  # fmt: skip
    to_repair = fields.Float(
        "To Repair (h)", readonly=True, aggregator="avg", help="Mean time to repair: down time for each failure."
    )

    @property
    def _table_query(self):
        hours = {state: SQL("days.%s / 3600.0", SQL.identifier(f"{state}_seconds")) for state in STATES}
        sums = {"ready": _sum(hours, READY), "down": _sum(hours, DOWN), "failures": SQL("days.failures")}
        return SQL(
            """SELECT days.id, days.printer_id, days.printer_name, days.server_id, days.company_id, days.day,
                      days.failures, %(hours)s, %(ready)s AS ready_hours, %(down)s AS down_hours, %(ratios)s
                 FROM (%(days)s) days""",
            hours=SQL(", ").join(SQL("%s AS %s", hours[state], SQL.identifier(f"{state}_hours")) for state in STATES),
            ready=sums["ready"],
            down=sums["down"],
            ratios=SQL(", ").join(SQL("%s AS %s", _ratio(name, sums), SQL.identifier(name)) for name in RATIOS),
            days=self._query_days(),
        )

    @api.model
    def _query_days(self):
        """The kept days, and as many days of each open interval as it has lasted so far. Those have negative ids."""
        seconds = [SQL.identifier(f"{state}_seconds") for state in STATES]
        lasted = SQL(
            """GREATEST(0, EXTRACT(EPOCH FROM LEAST(now(), (of_day.day + interval '1 day') AT TIME ZONE zone.tz)
                                            - GREATEST(since.at, of_day.day AT TIME ZONE zone.tz)))::integer"""
        )
        return SQL(
            """SELECT id, printer_id, printer_name, server_id, company_id, day, failures, %(seconds)s
                 FROM label_print_printer_day
                UNION ALL
               SELECT -(i.id::bigint * 10000 + of_day.number), i.printer_id, i.printer_name, i.server_id, i.company_id,
                      of_day.day::date, 0, %(lasted)s
                 FROM label_print_printer_interval i
                 JOIN res_company c ON c.id = COALESCE(i.company_id, %(main)s)
            LEFT JOIN resource_calendar working ON working.id = c.resource_calendar_id
                 JOIN res_partner p ON p.id = c.partner_id
           CROSS JOIN LATERAL (SELECT COALESCE(working.tz, p.tz, 'UTC') AS tz) zone
           CROSS JOIN LATERAL (SELECT i.since AT TIME ZONE 'UTC' AS at) since
           CROSS JOIN LATERAL generate_series(
                          date_trunc('day', since.at AT TIME ZONE zone.tz),
                          now() AT TIME ZONE zone.tz, interval '1 day') WITH ORDINALITY AS of_day(day, number)
                WHERE i.until IS NULL AND i.printer_id IS NOT NULL""",
            seconds=SQL(", ").join(seconds),
            lasted=SQL(", ").join(SQL("CASE i.status WHEN %s THEN %s ELSE 0 END", state, lasted) for state in STATES),
            main=self.env["res.company"]._get_main_company().id,
        )

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """A group's ratio is that of its sums, and not the mean of its days' ratios."""
        name, _colon, function = aggregate_spec.partition(":")
        if name not in RATIOS or function != "avg":
            return super()._read_group_select(aggregate_spec, query)
        sums = {
            key: SQL("SUM(%s)", self._field_to_sql(self._table, field, query))
            for key, field in (("ready", "ready_hours"), ("down", "down_hours"), ("failures", "failures"))
        }
        return _ratio(name, sums)


def _sum(hours, states):
    return SQL("(%s)", SQL(" + ").join(hours[state] for state in states))


def _ratio(name, sums):
    above, below = RATIOS[name]
    return SQL("(%s / NULLIF(%s, 0))", SQL(above, **sums), SQL(below, **sums))
