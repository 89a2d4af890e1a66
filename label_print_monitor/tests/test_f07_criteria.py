"""The seven acceptance criteria of F07, one test each, as what a supervisor sees.

They drive the models with what a print server would say. The same paths with real processes and a browser are in
tests/e2e; the names that the criteria rest on are in test_f07_names.py.
"""

import csv
import io
import json
from datetime import timedelta

from odoo.addons.label_print_monitor.services.contract.payloads import parse_printers

from .common import LabelPrintCase


class TestF07Criteria(LabelPrintCase):
    def setUp(self):
        super().setUp()
        self.Job = self.env["label.print.job"].with_user(self.user).with_context(tz="UTC")

    def live_messages(self):
        """The live messages to open views so far in this test."""
        self.env.cr.precommit.run()
        found = [json.loads(row.message) for row in self.env["bus.bus"].sudo().search([], order="id")]
        return [message["payload"] for message in found if message["type"] == "label_print_monitor/changed"]

    def test_1_real_time_status_updates(self):
        """Real-time job status updates (queued, printing, completed, failed)."""
        good, bad = self.make_job(status="sent"), self.make_job(status="sent")
        self.live_messages()
        steps = [
            (good, {"status": "queued"}, "queued"),
            (good, {"status": "printing", "current_label": 1}, "printing"),
            (good, {"status": "completed"}, "completed"),
            (bad, {"status": "failed", "error_message": "media out"}, "failed"),
        ]
        for job, answer, status in steps:
            with self.subTest(status):
                sent = len(self.live_messages())
                self.report(job, **answer)
                self.assertEqual(job.with_user(self.user).status, status)
                messages = self.live_messages()[sent:]
                self.assertTrue(any(job.id in payload["jobs"] for payload in messages), "no live message")

    def test_2_progress_of_a_batch_job(self):
        """Progress indicator for batch jobs: "150 of 200 printed"."""
        job = self.make_job(200, status="queued")
        self.report(job, status="printing", current_label=150)
        shown = job.with_user(self.user)
        self.assertEqual((shown.progress_display, shown.progress_percent), ("150 of 200", 75))
        self.assertTrue(shown.eta_display)
        # The same from a server that counts the other way.
        self.report(job, status="printing", progress={"total": 200, "completed": 160, "failed": 0})
        self.assertEqual((shown.progress_display, shown.progress_percent), ("160 of 200", 80))

    def test_3_history_with_filtering_and_search(self):
        """Print job history with filtering and search."""
        production = self.make_production()
        ended, failed, waiting = (
            self.make_job(mo_id=production.id, status="printing"),
            self.make_job(status="printing", labels_data=self.labels(20, lot="SOUP-77")),
            self.make_job(submitted_by=self.manager.id),
        )
        self.report(ended, status="completed")
        self.report(failed, status="failed", error_message="media out")
        mine = [("id", "in", (ended + failed + waiting).ids)]
        searches = {
            "today": ([("create_date", ">=", "today")], ended + failed + waiting),
            "completed": ([("status", "=", "completed")], ended),
            "failed": ([("status", "=", "failed")], failed),
            "active": ([("status", "in", ["pending", "sent", "queued", "printing"])], waiting),
            "needs attention": ([("needs_attention", "=", True)], failed),
            "order": ([("mo_id", "ilike", production.name)], ended),
            "person": ([("submitted_by", "ilike", self.manager.name)], waiting),
            "lot": ([("lot_number", "=", "SOUP-77")], failed),
        }
        for name, (domain, expected) in searches.items():
            with self.subTest(name):
                self.assertEqual(set(self.Job.search([*mine, *domain]).ids), set(expected.ids))
        groups = dict(self.Job._read_group(mine, ["status"], ["__count"]))
        self.assertEqual(groups, {"completed": 1, "failed": 1, "pending": 1})

    def test_4_error_messages_say_what_to_do(self):
        """Error messages with actionable troubleshooting steps, with and without an error code from the server."""
        answers = ({"error_code": "paper_out", "error_message": "media out"}, {"error_message": "Printer is out of paper"})
        for answer in answers:
            with self.subTest(**answer):
                job = self.make_job(status="printing")
                self.report(job, status="failed", **answer)
                shown = job.with_user(self.user)
                self.assertEqual(shown.error_title, "Printer is out of paper or labels")
                self.assertEqual(shown.error_action, "Load labels into printer and retry")
                self.assertGreaterEqual(shown.error_steps_html.count("<li>"), 2)
                self.assertTrue(shown.can_retry)
        self.assertEqual(
            self.Job._format_error_message("printer_offline"),
            "Printer is offline or not responding. Check printer power and connection, then retry.",
        )

    def test_5_toast_on_completion(self):
        """Visual notifications (toast messages) for job completion: to the submitter, once."""
        production = self.make_production()
        job = self.make_job(mo_id=production.id, status="printing")
        for _twice in range(2):
            self.report(job, status="completed")
        (toast,) = self.sent_toasts(self.user)
        self.assertEqual((toast["type"], toast["title"], toast["sticky"]), ("success", "Print Job Completed", False))
        self.assertEqual(toast["message"], f"20 labels printed for {production.name}")
        self.assertFalse(self.sent_toasts(self.manager))

    def test_6_export_to_csv(self):
        """Export print history to CSV: what the list shows, in the reader's time, safe to open in a spreadsheet."""
        production = self.make_production()
        job, failed = self.make_job(mo_id=production.id), self.make_job(status="printing")
        self.report(failed, status="failed", error_message="=1+1")
        shown = self.Job.with_context(tz="Asia/Tokyo", active_domain=[("id", "in", (job + failed).ids)])
        action = shown.action_export_history()
        attachment = self.env["ir.attachment"].browse(int(action["url"].split("/")[3].split("?")[0]))
        header, *rows = csv.reader(io.StringIO(attachment.raw.decode("utf-8-sig")))
        self.assertEqual(
            header, ["Date", "MO Reference", "Quantity", "Status", "Job Type", "Submitted By", "Error Message"]
        )
        cells = {tuple(row[1:]) for row in rows}
        self.assertEqual(
            cells,
            {
                (production.name, "20", "pending", "manual", self.user.name, ""),
                ("-", "20", "failed", "manual", self.user.name, "'=1+1"),
            },
        )
        # Tokyo is nine hours ahead of UTC all year round.
        in_tokyo = (job.create_date + timedelta(hours=9)).strftime("%Y-%m-%d %H:%M:%S")
        self.assertIn(in_tokyo, {row[0] for row in rows})

    def test_7_printer_status(self):
        """Printer status monitoring (online/offline), for every user and without a reload."""
        for word, status, label in (("online", "online", "Online"), ("offline", "offline", "Offline")):
            with self.subTest(word):
                sent = len(self.live_messages())
                reports = parse_printers({"printers": [{"name": "zebra-line-1", "status": word}]})
                self.env["printer.configuration"]._apply_reports(self.server, reports, complete=True)
                printer = self.printer.with_user(self.user)
                printer.invalidate_recordset()
                labels = dict(printer._fields["status"]._description_selection(printer.env))
                self.assertEqual((printer.status, labels[printer.status]), (status, label))
                self.assertTrue(any(printer.id in payload["printers"] for payload in self.live_messages()[sent:]))
