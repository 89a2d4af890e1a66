"""Printers: what a person configures of them, and what their print server says."""

from unittest.mock import patch

from lxml import etree
from odoo import api
from odoo.addons.label_print_monitor.models.label_print_job_overview import NOT_READY
from odoo.addons.label_print_monitor.services.contract.payloads import parse_printers
from odoo.exceptions import ValidationError
from odoo.models import MAGIC_COLUMNS
from odoo.service.model import retrying
from odoo.tests import TransactionCase
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval
from psycopg2.errors import SerializationFailure

from .common import LabelPrintCase


class TestPrinters(LabelPrintCase):
    def apply(self, *printers, complete=True):
        self.env["printer.configuration"]._apply_reports(
            self.server, parse_printers({"printers": list(printers)}), complete=complete
        )
        self.printer.invalidate_recordset()

    def test_new_printers_appear_and_edits_stay(self):
        self.printer.location = "Hall 1"
        self.apply(
            {"name": "zebra-line-1", "model": "ZD", "status": "online", "location": "elsewhere", "jobs_in_queue": 2},
            {"name": "zebra-line-9", "model": "Z230", "status": "idle"},
        )
        self.assertEqual(
            (self.printer.status, self.printer.location, self.printer.jobs_in_queue), ("online", "Hall 1", 2)
        )
        self.assertEqual(self.env["printer.configuration"].search([("cups_name", "=", "zebra-line-9")]).model, "Z230")

    def test_a_person_was_faster(self):
        """What a person has made since the sweep's transaction began is skipped; the next report is its first."""
        names = ["zebra-of-both", "zebra-of-the-sweep"]
        Printer = self.env["printer.configuration"]
        make = type(Printer)._create_reported

        def race(printers, values):
            if values["cups_name"] == "zebra-of-both":
                printers.create({"name": "By hand", "cups_name": "zebra-of-both"})
                self.env.flush_all()
            return make(printers, values)

        with patch.object(type(Printer), "_create_reported", race), self.assertNoLogs("odoo.sql_db", "ERROR"):
            self.apply(*({"name": name, "status": "online", "model": "ZD"} for name in names))
        found = Printer.search([("cups_name", "in", names)], order="cups_name")
        self.assertEqual(found.mapped("name"), ["By hand", "zebra-of-the-sweep"])
        self.assertEqual(found.mapped("status"), ["unknown", "online"])
        self.apply(*({"name": name, "status": "online", "model": "ZD"} for name in names))
        self.assertEqual(found.mapped("status"), ["online", "online"])

    def test_a_printer_of_a_sweep_is_like_one_of_a_person(self):
        self.apply({"name": "zebra-line-9", "status": "online"})
        made = self.env["printer.configuration"].search([("cups_name", "=", "zebra-line-9")])
        by_hand = self.env["printer.configuration"].create({"name": "Line 8", "cups_name": "zebra-line-8"})
        other = {*MAGIC_COLUMNS, "name", "cups_name", "status", "status_since", "severity", "last_seen", "last_status_check"}
        names = {name for name, field in made._fields.items() if field.store and field.column_type} - other
        for name in names:
            self.assertEqual(made[name], by_hand[name], name)
        self.assertEqual(made.severity, 0)
        self.assertFalse(made.message_ids | made.message_follower_ids.sudo().mapped("partner_id").message_ids)

    def test_reasons_in_words(self):
        self.apply({"name": "zebra-line-1", "status": "idle", "state_reasons": ["media-empty-error"]})
        self.assertEqual(self.printer.status, "attention")
        self.assertTrue(self.printer.reason_display)

    def test_missing_printers_become_unknown(self):
        self.apply({"name": "zebra-line-1", "status": "online"})
        for _sweep in range(2):
            self.apply()
            self.assertEqual(self.printer.status, "online")
        self.apply()
        self.assertEqual(self.printer.status, "unknown")

    def test_nothing_new_writes_nothing(self):
        self.apply({"name": "zebra-line-1", "status": "online"})
        stamp = self.printer.write_date
        self.apply({"name": "zebra-line-1", "status": "online"})
        self.assertEqual(self.printer.write_date, stamp)

    def test_severity_goes_with_the_status_in_one_write(self):
        self.apply({"name": "zebra-line-1", "status": "online"})
        self.env.flush_all()
        messages = self.printer.message_ids
        written = []
        write = type(self.printer)._write_multi
        with patch.object(
            type(self.printer),
            "_write_multi",
            lambda printers, values: (written.extend(values), write(printers, values))[1],
        ):
            self.apply({"name": "zebra-line-1", "status": "idle", "state_reasons": ["media-empty-error"]})
            self.env.flush_all()
        self.assertEqual([(values["status"], values["severity"]) for values in written], [("attention", 3)])
        self.assertEqual(self.printer.message_ids, messages)

    def test_printers_that_need_attention_come_first(self):
        """Whatever their names; printing or not makes no difference."""
        Printer = self.env["printer.configuration"]
        self.printer.status = "online"
        printers = self.printer | Printer.create(
            [
                {"name": f"Line {number}", "cups_name": f"zebra-line-{number}", "status": status}
                for number, status in enumerate(("busy", "unknown", "online", "offline", "attention"), start=2)
            ]
        )
        for xml_id, kind in (("view_printer_status_kanban", "kanban"), ("view_printer_configuration_list", "list")):
            arch = etree.fromstring(Printer.get_view(self.env.ref(f"label_print_monitor.{xml_id}").id, kind)["arch"])
            found = Printer.search([("id", "in", printers.ids)], order=arch.get("default_order"))
            self.assertEqual(
                found.mapped("status"), ["attention", "offline", "unknown", "online", "busy", "online"], xml_id
            )

    def test_not_ready_is_what_the_overview_counts(self):
        Printer = self.env["printer.configuration"]
        arch = etree.fromstring(Printer.get_view(view_type="search")["arch"])
        (domain,) = arch.xpath("//filter[@name='not_ready']/@domain")
        self.assertEqual(sorted(safe_eval(domain)[0][2]), sorted(NOT_READY))

    def test_default_printer_is_the_parameter(self):
        self.printer.is_default = True
        parameters = self.env["ir.config_parameter"].sudo()
        self.assertEqual(parameters.get_param("label_print.default_printer"), "zebra-line-1")
        self.assertEqual(self.env["printer.configuration"]._get_default_printer(), self.printer)

    def test_what_it_says_of_itself(self):
        said = {"name": "zebra-line-1", "status": "online", "serial_number": "50J1", "firmware": "V84", "odometer": 812}
        self.apply({**said, "confirms_labels": False})
        printer = self.printer
        self.assertEqual(
            (printer.serial_number, printer.firmware, printer.odometer, printer.confirms_labels),
            ("50J1", "V84", 812, False),
        )
        self.env.flush_all()
        stamp = printer.write_date
        self.apply({**said, "odometer": 813})
        self.assertEqual(printer.write_date, stamp, "a count that moves with every label is no news")
        self.apply({"name": "zebra-line-1", "status": "online"})
        self.assertEqual((printer.serial_number, printer.confirms_labels), ("50J1", False), "silence says nothing")


class TestSamePrinterTwice(TransactionCase):
    """With two real transactions: one commits the printer that the other, which began before, then makes."""

    def setUp(self):
        super().setUp()
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            self.server_id = env["label.print.server"].create({"name": "Of two transactions"}).id
        self.addCleanup(self.remove)

    def remove(self):
        with self.registry.cursor() as cr:
            server = api.Environment(cr, api.SUPERUSER_ID, {})["label.print.server"].browse(self.server_id)
            server.with_context(active_test=False).printer_ids.unlink()
            server.unlink()

    def in_a_race(self, act):
        """``act(env)`` in a transaction that does not see what another one has committed meanwhile."""
        with self.registry.cursor() as first:
            first.execute("SET LOCAL lock_timeout = '10s'")
            first.execute("SELECT 1")
            with self.registry.cursor() as second:
                env = api.Environment(second, api.SUPERUSER_ID, {})
                env["printer.configuration"].create(
                    {"name": "By hand", "cups_name": "zebra", "server_id": self.server_id}
                )
            return act(api.Environment(first, api.SUPERUSER_ID, {}))

    def test_the_sweep_is_second(self):
        reports = parse_printers({"printers": [{"name": "zebra", "status": "online"}, {"name": "a", "status": "busy"}]})

        def sweep(env):
            server = env["label.print.server"].browse(self.server_id)
            env["printer.configuration"]._apply_reports(server, reports, complete=True)
            return server.printer_ids.mapped(lambda printer: (printer.cups_name, printer.status))

        with self.assertNoLogs("odoo.sql_db", "ERROR"):
            self.assertEqual(self.in_a_race(sweep), [("a", "busy")])

    def test_a_conflict_of_another_row_is_not_taken_for_it(self):
        """What a sweep has yet to write of the print server fails by itself, and the sweep is run again."""
        reports = parse_printers({"printers": [{"name": "new", "status": "online"}]})
        with self.registry.cursor() as first:
            server = api.Environment(first, api.SUPERUSER_ID, {})["label.print.server"].browse(self.server_id)
            self.assertTrue(server.name)
            with self.registry.cursor() as second:
                api.Environment(second, api.SUPERUSER_ID, {})["label.print.server"].browse(self.server_id).rate_limit = 7
            server.failure_count = 3
            with self.assertRaises(SerializationFailure), mute_logger("odoo.sql_db"):
                server.env["printer.configuration"]._apply_reports(server, reports)
            first.rollback()

    def test_a_column_that_must_have_a_value(self):
        """As the column of another module's required field."""
        with self.registry.cursor() as cr:
            cr.execute("ALTER TABLE printer_configuration ALTER COLUMN active SET NOT NULL")
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            server = env["label.print.server"].browse(self.server_id)
            reports = parse_printers({"printers": [{"name": "new", "status": "online"}]})
            env["printer.configuration"]._apply_reports(server, reports)
            self.assertEqual(server.printer_ids.mapped("cups_name"), ["new"])
            cr.rollback()

    def test_a_person_is_second(self):
        def by_hand(env):
            def make():
                env["printer.configuration"].create(
                    {"name": "Mine", "cups_name": "zebra", "server_id": self.server_id}
                )

            retrying(make, env)

        with self.assertRaisesRegex(ValidationError, "already configured"), mute_logger("odoo.sql_db"):
            self.in_a_race(by_hand)
