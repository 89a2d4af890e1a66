"""From when until when a printer was in which state, whatever becomes of it, and that the days are those of its intervals."""

from collections import Counter
from datetime import timedelta
from unittest.mock import patch

import pytz
from odoo import Command, fields
from odoo.addons.label_print_monitor.models import label_print_printer_interval
from odoo.addons.label_print_monitor.services.contract.payloads import parse_printers
from odoo.addons.label_print_monitor.services.lifecycle import printer_intervals
from odoo.tests import tagged

from .incident_case import NO_LABELS, READY, IncidentCase

STATES = printer_intervals.STATES


class IntervalCase(IncidentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Interval, cls.Day = cls.env["label.print.printer.interval"], cls.env["label.print.printer.day"]
        cls.start = fields.Datetime.now() - timedelta(days=2)
        cls.restart(cls.printer)

    @classmethod
    def restart(cls, printer):
        """As if the printer had been made two days ago."""
        cls.env.flush_all()
        cls.env.cr.execute("DELETE FROM label_print_printer_day WHERE printer_id = %s", [printer.id])
        cls.env.cr.execute("DELETE FROM label_print_printer_interval WHERE printer_id = %s", [printer.id])
        cls.env.invalidate_all()
        printer.write({"status": "unknown", "last_seen": False, "reported_at": False})
        cls.Interval._note(printer, {printer: cls.start})

    def says(self, said, minutes, printer=None):
        """What an event says that came so many minutes after the beginning."""
        at = self.start + timedelta(minutes=minutes)
        with patch.object(fields.Datetime, "now", return_value=at):
            self.printer_says(said, printer=printer, occurred_at=at.isoformat() + "Z")

    def rows(self, printer=None):
        self.env.invalidate_all()
        return self.Interval.search([("printer_id", "=", (printer or self.printer).id)], order="id")

    def short(self, printer=None):
        return [(row.status, row.reason or "", self.minutes(row.since), self.minutes(row.until)) for row in self.rows(printer)]

    def minutes(self, moment):
        return moment and round((moment - self.start).total_seconds() / 60)

    def check_days(self):
        """The days, compared with the intervals that they were added up from."""
        wanted = Counter()
        in_failure = {}
        for row in self.Interval.search([("printer_id", "!=", False)], order="printer_id, id"):
            zone = self.Day._zone_of(row.company_id.id)
            key = (row.printer_id.id, row.server_id.id, row.company_id.id)
            if row.until:
                for day, seconds in printer_intervals.seconds_by_day(row.since, row.until, zone).items():
                    wanted[(*key, day, f"{row.status}_seconds")] += seconds
            if row.in_failure and not in_failure.get(row.printer_id):
                wanted[(*key, pytz.utc.localize(row.since).astimezone(zone).date(), "failures")] += 1
            in_failure[row.printer_id] = row.in_failure
        names = [*(f"{state}_seconds" for state in STATES), "failures"]
        found = {
            (day.printer_id.id, day.server_id.id, day.company_id.id, day.day, name): day[name]
            for day in self.Day.search([("printer_id", "!=", False)])
            for name in names
            if day[name]
        }
        self.assertEqual(found, {key: count for key, count in wanted.items() if count})


@tagged("post_install", "-at_install")
class TestLabelPrintPrinterInterval(IntervalCase):
    def test_each_state_has_an_interval(self):
        self.says(READY, 10)
        self.says(NO_LABELS, 70)
        self.says(READY, 100)
        self.assertEqual(
            self.short(),
            [("unknown", "", 0, 10), ("online", "", 10, 70), ("attention", "paper_out", 70, 100), ("online", "", 100, False)],
        )
        self.check_days()
        self.assertEqual(sum(self.Day.search([("printer_id", "=", self.printer.id)]).mapped("failures")), 1)

    def test_days_begin_at_midnight_of_the_plant(self):
        """In hours counted by hand: a sum that is compared with itself would not show a wrong midnight."""
        company = self.printer.company_id or self.env["res.company"]._get_main_company()
        for zone, hours in (("Europe/Berlin", [22, 24, 24, 2]), ("America/New_York", [4, 24, 24, 20]), ("UTC", [24, 24, 24])):
            with self.subTest(zone):
                company.resource_calendar_id.tz = zone
                start = fields.Datetime.to_datetime("2026-07-01 00:00:00")
                row = {
                    "printer_id": self.printer.id, "server_id": self.server.id, "company_id": company.id,
                    "status": "online", "since": start, "until": start + timedelta(days=3),
                }  # fmt: skip
                self.env.cr.execute("DELETE FROM label_print_printer_day WHERE printer_id = %s", [self.printer.id])
                self.env.invalidate_all()
                self.Day._add([row], [])
                days = self.Day.search([("printer_id", "=", self.printer.id)], order="day")
                self.assertEqual(days.mapped("online_seconds"), [3600 * count for count in hours])

    def test_said_twice_is_one_interval(self):
        for minutes in (10, 11, 12):
            self.says(NO_LABELS, minutes)
        self.says({**NO_LABELS, "state_reasons": ["media-empty-error"]}, 13)  # the same reason, nobody paused it
        self.assertEqual(self.short()[1:], [("attention", "paper_out", 10, False)])

    def test_another_reason_is_another_interval_of_the_same_failure(self):
        self.says(READY, 5)
        self.says(NO_LABELS, 10)
        self.says({"status": "error", "state_reasons": ["marker-supply-empty-error"]}, 20)
        self.says({"status": "offline"}, 30)
        self.says(READY, 40)
        self.assertEqual([row[1] for row in self.short()], ["", "", "paper_out", "ribbon_out", "printer_offline", ""])
        self.assertEqual(self.rows().mapped("in_failure"), [False, False, True, True, True, False])
        self.assertEqual(sum(self.Day.search([("printer_id", "=", self.printer.id)]).mapped("failures")), 1)
        self.check_days()

    def test_a_time_of_next_year_is_now(self):
        self.says(READY, 10)
        self.printer_says(NO_LABELS, occurred_at="2031-01-01T00:00:00Z")
        last = self.rows()[-1]
        self.assertEqual(last.status, "attention")
        self.assertLessEqual(last.since, fields.Datetime.now())
        self.printer_says(READY)
        self.assertEqual(self.rows()[-1].status, "online")
        self.check_days()

    def test_a_time_before_the_last_change_ends_nothing_before_it_began(self):
        self.says(READY, 30)
        self.Interval._note(self.printer)
        self.printer.status = "busy"
        self.Interval._note(self.printer, {self.printer: self.start + timedelta(minutes=5)})
        self.assertEqual(self.short()[1:], [("online", "", 30, 30), ("busy", "", 30, False)])
        self.check_days()

    def test_a_server_that_is_away(self):
        self.says(READY, 10)
        self.printer._set_unknown("server_away")
        last = self.rows()[-1]
        self.assertEqual((last.status, last.reason), ("unknown", "server_away"))
        self.assertIn("away", last.reason_display)
        self.printer._set_unknown("server_away")
        self.printer.company_id = False
        self.assertEqual(len(self.rows()), 3)

    def test_a_printer_that_is_not_named_any_more(self):
        self.says(READY, 10)
        for _sweep in range(4):
            self.env["printer.configuration"]._apply_reports(self.server, parse_printers({"printers": []}), complete=True)
        self.assertEqual([row[:2] for row in self.short()[1:]], [("online", ""), ("unknown", "not_named")])
        self.check_days()

    def test_archived_and_back(self):
        self.says(READY, 10)
        self.printer.active = False
        self.assertTrue(all(self.rows().mapped("until")))
        self.printer_says(NO_LABELS)
        self.assertEqual(len(self.rows()), 2)
        self.printer.active = True
        self.assertEqual(self.rows()[-1].status, "attention")
        self.assertFalse(self.rows()[-1].until)
        self.check_days()

    def test_an_archived_server_ends_what_was_so(self):
        own = self.server.create({"name": "Hall 2"})
        printer = self.printer.create({"name": "Line 9", "cups_name": "line-9", "server_id": own.id})
        own.active = False
        self.assertTrue(all(self.rows(printer).mapped("until")))
        own.active = True
        self.assertFalse(self.rows(printer)[-1].until)

    def test_moved_to_another_server_and_renamed(self):
        self.says(READY, 10)
        other = self.server.create({"name": "Hall 2"})
        self.printer.write({"server_id": other.id, "name": "Line 1 new"})
        rows = self.rows()
        self.assertEqual((rows[-2].server_id, rows[-1].server_id), (self.server, other))
        self.assertEqual((rows[-2].printer_name, rows[-1].printer_name), ("Line 1", "Line 1 new"))
        self.assertTrue(rows[-2].until)
        self.check_days()

    def test_a_deleted_printer_leaves_its_history(self):
        self.says(READY, 10)
        self.says(NO_LABELS, 20)
        ids = self.rows().ids
        self.printer.unlink()
        kept = self.Interval.browse(ids).exists()
        self.assertEqual(len(kept), 3)
        self.assertTrue(all(kept.mapped("until")))
        self.assertEqual(set(kept.mapped("printer_name")), {"Line 1"})
        days = self.Day.search([("printer_id", "=", False), ("printer_name", "=", "Line 1")])
        seconds = sum(day[f"{state}_seconds"] for day in days for state in STATES)
        self.assertAlmostEqual(seconds, 2 * 86400, delta=60)

    def test_two_servers_of_a_printer_are_deleted(self):
        """Their days become rows without a server, of the same day."""
        for name in ("Hall 2", "Hall 3", "Hall 4"):
            self.printer.server_id = self.server.create({"name": name})
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE label_print_printer_interval SET since = since - interval '1 minute' WHERE until IS NULL AND printer_id = %s",
                [self.printer.id],
            )
        gone = self.server.search([("name", "in", ["Hall 2", "Hall 3"])])
        gone.unlink()
        self.env.flush_all()
        self.assertFalse(self.Day.search([("server_id", "in", gone.ids)]))
        self.printer.server_id = self.server
        self.assertFalse(self.rows()[-1].until)

    def statements(self, reports):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        self.env["printer.configuration"]._apply_reports(self.server, parse_printers({"printers": reports}))
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def test_what_it_costs(self):
        """Nothing where nothing has changed; where printers have, as much for twenty as for one."""
        names = [self.printer.cups_name, *(f"line-{number}" for number in range(2, 21))]
        self.printer.create([{"name": name, "cups_name": name} for name in names[1:]])
        ready = [{"name": name, **READY} for name in names]
        self.statements(ready)
        asked = self.startPatcher(patch.object(type(self.Interval), "_open_rows", autospec=True, side_effect=self.Interval._open_rows.__func__))
        self.statements(ready)
        self.assertFalse(asked.called)
        busy = [{"name": name, "status": "busy"} for name in names]
        self.statements(busy[:1])
        one = self.statements(ready[:1])
        twenty = self.statements(busy)
        # The printers themselves are written in one statement for each moment at most.
        self.assertLessEqual(twenty, one + 4)

    def test_old_intervals_are_removed_in_parts(self):
        self.patch(label_print_printer_interval, "REMOVED_A_CALL", 2)
        for minutes in (10, 20, 30, 40, 50):
            self.says(READY if minutes % 20 else NO_LABELS, minutes)
        self.env.cr.execute(
            "UPDATE label_print_printer_interval SET until = until - interval '4 years' WHERE printer_id = %s AND id < %s",
            [self.printer.id, self.rows()[3].id],
        )
        self.assertEqual(self.Interval._gc_intervals(), (2, True))
        self.assertEqual(self.Interval._gc_intervals(), (1, False))
        self.assertEqual(self.Interval._gc_intervals(), (0, False))
        self.assertEqual(len(self.rows()), 3)


@tagged("post_install", "-at_install")
class TestLabelPrintPrinterReport(IntervalCase):
    """The figures, held against the definitions in services/."""

    def groups(self, *groupby, **values):
        aggregates = ["availability:avg", "between_failures:avg", "to_repair:avg", "failures:sum", "unknown_hours:sum"]
        self.env.flush_all()
        domain = [("printer_id", "=", self.printer.id), *((name, "=", value) for name, value in values.items())]
        return self.env["label.print.printer.report"]._read_group(domain, groupby, aggregates)

    def test_ratios_are_those_of_the_sums(self):
        for minutes in range(10, 2000, 70):
            self.says(NO_LABELS, minutes)
            self.says(READY, minutes + minutes % 60)
        self.printer._set_unknown("server_away")
        seconds, failures = Counter(), 0
        for row in self.rows():
            seconds[row.status] += ((row.until or fields.Datetime.now()) - row.since).total_seconds()
        failures = sum(self.Day.search([("printer_id", "=", self.printer.id)]).mapped("failures"))
        [(available, between, repair, failed, _unknown)] = self.groups()
        self.assertGreater(failures, 20)
        self.assertEqual(failed, failures)
        self.assertAlmostEqual(available / 100, printer_intervals.availability(seconds), places=3)
        self.assertAlmostEqual(between * 3600, printer_intervals.mean_time_between_failures(seconds, failures), delta=2)
        self.assertAlmostEqual(repair * 3600, printer_intervals.mean_time_to_repair(seconds, failures), delta=2)

    def test_what_is_still_so_counts_until_now(self):
        """Two days in one state, of which no row of a day tells."""
        self.assertFalse(self.Day.search([("printer_id", "=", self.printer.id)]))
        by_day = self.groups("day:day")
        zone = self.Day._zone_of(self.printer.company_id.id)
        wanted = printer_intervals.seconds_by_day(self.start, fields.Datetime.now(), zone)
        self.assertEqual([row[0] for row in by_day], sorted(wanted))
        self.assertAlmostEqual(sum(row[-1] for row in by_day), 48, delta=0.05)
        for row in by_day:
            self.assertAlmostEqual(row[-1], wanted[row[0]] / 3600, delta=0.02)
        self.assertIsNone(by_day[0][1] or None)

    def test_the_last_days_of_the_form(self):
        self.says(READY, 10)
        self.says(NO_LABELS, 70)
        days = self.printer.with_user(self.user).last_days
        self.assertEqual(len(days), 30)
        seconds = Counter()
        for day in days:
            seconds.update(day["seconds"])
        self.assertEqual((seconds["unknown"], seconds["online"]), (600, 3600))
        self.assertAlmostEqual(seconds["attention"], 48 * 3600 - 70 * 60, delta=60)
        self.assertEqual(sum(day["failures"] for day in days), 1)
        self.assertEqual(self.printer.new({"name": "New"}).last_days[0]["seconds"], {})

    def test_two_companies_see_only_theirs(self):
        theirs = self.env["res.company"].create({"name": "Another"})
        self.printer.company_id = self.env.company
        self.says(READY, 10)
        stranger = self.user.copy({"login": "stranger", "company_id": theirs.id, "company_ids": [Command.set(theirs.ids)]})
        for model in ("interval", "day", "report"):
            Model = self.env[f"label.print.printer.{model}"].with_user(stranger)
            self.assertFalse(Model.search([("printer_name", "=", "Line 1"), ("company_id", "!=", False)]), model)
            mine = self.env[f"label.print.printer.{model}"].with_user(self.user)
            self.env.flush_all()
            if model != "day":
                self.assertTrue(mine.search([("printer_id", "=", self.printer.id)]), model)

    def test_a_company_in_another_zone_has_days_of_its_own(self):
        theirs = self.env["res.company"].create({"name": "Another"})
        theirs.resource_calendar_id.tz = "Pacific/Auckland"
        self.assertEqual(str(self.Day._zone_of(theirs.id)), "Pacific/Auckland")
        self.printer.company_id = theirs
        self.assertEqual(self.rows()[-1].company_id, theirs)
        self.check_days()
