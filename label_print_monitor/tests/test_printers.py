"""Printers: what a person configures of them, and what their print server says."""

from odoo.addons.label_print_monitor.services.payloads import parse_printers

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

    def test_default_printer_is_the_parameter(self):
        self.printer.is_default = True
        parameters = self.env["ir.config_parameter"].sudo()
        self.assertEqual(parameters.get_param("label_print.default_printer"), "zebra-line-1")
        self.assertEqual(self.env["printer.configuration"]._get_default_printer(), self.printer)
