"""How long a printer was in which state on one day, of the intervals that are over, and how often it failed."""

from collections import Counter
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytz
from odoo import api, fields, models
from odoo.tools import SQL

from ..services.lifecycle import printer_intervals


class LabelPrintPrinterDay(models.Model):
    _name = "label.print.printer.day"
    _description = "Day of a Printer"
    _order = "day desc, id desc"
    _rec_name = "printer_name"
    _log_access = False

    printer_id = fields.Many2one("printer.configuration", ondelete="set null", readonly=True)
    printer_name = fields.Char(readonly=True, help="As it was called then; kept when the printer is deleted.")
    server_id = fields.Many2one("label.print.server", "Print Server", ondelete="set null", readonly=True)
    company_id = fields.Many2one("res.company", ondelete="cascade", readonly=True)
    day = fields.Date(required=True, readonly=True, help="By the clock of the company's working hours.")
    online_seconds = fields.Integer(readonly=True)
    busy_seconds = fields.Integer(readonly=True)
    attention_seconds = fields.Integer(readonly=True)
    offline_seconds = fields.Integer(readonly=True)
    unknown_seconds = fields.Integer(readonly=True)
    failures = fields.Integer(readonly=True)

    # One row for each server and company that the printer had on this day.
    _one_each = models.UniqueIndex(
        "(printer_id, day, server_id, COALESCE(company_id, 0)) WHERE printer_id IS NOT NULL AND server_id IS NOT NULL"
    )
    _by_day = models.Index("(day)")

    @api.model
    def _zone_of(self, company_id):
        """The time zone of the days of a company's printers; of shared ones, that of the main company.

        The working hours have it in Odoo: the plant's clock, whoever reads.
        """
        # The reader may be of another company than the main one.
        companies = self.env["res.company"].sudo()
        company = companies.browse(company_id) if company_id else companies._get_main_company()
        name = company.resource_calendar_id.tz or company.partner_id.tz or "UTC"
        # Not pytz's own, which as a `tzinfo` of a new time means the local mean time of long ago.
        try:
            return ZoneInfo(name)
        except (ValueError, ZoneInfoNotFoundError):
            return ZoneInfo("UTC")

    @api.model
    def _add(self, closed, opened):
        """Add intervals that are over to their days, and failures to the days on which they began.

        :param closed: rows with ``printer_id, server_id, company_id, status, since, until``
        :param opened: rows with ``printer_id, server_id, company_id, since, fails``
        """
        zones, found = {}, {}

        def zone(company_id):
            if company_id not in zones:
                zones[company_id] = self._zone_of(company_id)
            return zones[company_id]

        def day_of(row, day):
            key = (row["printer_id"], row["server_id"], row["company_id"], day)
            return found.setdefault(key, Counter())

        for row in closed:
            by_day = printer_intervals.seconds_by_day(row["since"], row["until"], zone(row["company_id"]))
            for day, seconds in by_day.items():
                day_of(row, day)[row["status"]] += seconds
        for row in opened:
            if row["fails"]:
                day = pytz.utc.localize(row["since"]).astimezone(zone(row["company_id"])).date()
                day_of(row, day)["failures"] += 1
        if not found:
            return
        columns = (*printer_intervals.STATES, "failures")
        names = [name if name == "failures" else f"{name}_seconds" for name in columns]
        # In the same order everywhere, so that no two of these wait for each other.
        keys = sorted(found, key=lambda key: tuple(map(str, key)))
        rows = [(*key, *(found[key][column] for column in columns)) for key in keys]
        self.env.cr.execute(
            SQL(
                """INSERT INTO label_print_printer_day (printer_id, server_id, company_id, day, %(names)s, printer_name)
                   SELECT said.*, p.name
                     FROM (VALUES %(rows)s) AS said (printer_id, server_id, company_id, day, %(names)s)
                     JOIN printer_configuration p ON p.id = said.printer_id
                       ON CONFLICT (printer_id, day, server_id, COALESCE(company_id, 0))
                          WHERE printer_id IS NOT NULL AND server_id IS NOT NULL DO UPDATE SET %(sums)s""",
                names=SQL(", ").join(map(SQL.identifier, names)),
                rows=SQL(", ").join(
                    SQL("(%s::integer, %s::integer, %s::integer, %s::date, %s)", *row[:4], SQL(", ").join(
                        SQL("%s", value) for value in row[4:]
                    ))
                    for row in rows
                ),
                sums=SQL(", ").join(
                    SQL(
                        "%(name)s = label_print_printer_day.%(name)s + EXCLUDED.%(name)s", name=SQL.identifier(name)
                    )
                    for name in names
                ),
            )
        )
        self.invalidate_model(flush=False)
