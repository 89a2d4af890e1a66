"""The shift report: its figures against labels counted by hand and against the figures by shift, for its reader only."""

import random
from datetime import date, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged

from .companies_case import CompaniesCase
from .shift_case import utc
from .shift_report_case import DAY, ShiftReportCase


@tagged("post_install", "-at_install")
class TestShiftReport(ShiftReportCase):
    def test_what_was_printed_and_what_failed(self):
        order = self.make_production(lot="LOT-SHIFT")
        self.ended("2025-06-10 06:00", 10, mo_id=order.id)
        self.ended("2025-06-10 08:00", 6, mo_id=order.id)
        self.ended("2025-06-10 09:00", 4, failed=3, product_id=self.product.id)
        self.ended("2025-06-10 14:00", 50)
        self.ended("2025-06-10 05:59", 50)
        self.ended("2025-06-10 09:30", 50, job_type="test")
        page = self.page()
        self.assertEqual(
            page["figures"],
            [("Labels printed", "17"), ("Labels an hour", "2.1"), ("Jobs", "3"), ("Failed attempts", "1 of 3 (33.3%)")],
        )
        [printer] = page["printers"]["rows"]
        self.assertEqual(printer, {"name": "Line 1", "jobs": "3", "labels": "17", "failures": "1", "minutes": "0"})
        self.assertEqual(
            [(row["product"], row["order"], row["jobs"], row["labels"]) for row in page["printed"]["rows"]],
            [("Soup", order.name, "2", "16"), ("Soup", "", "1", "1")],
        )
        [failed] = page["failed"]["rows"]
        self.assertEqual((failed["reason"], failed["attempts"], failed["labels"]), ("Printer is out of paper or labels", "1", "3"))
        self.assertEqual((failed["printers"], failed["remedy"]), ("Line 1", "Load labels into printer and retry"))
        html = self.html(page)
        for words in (
            "Shift Report: Early, Tuesday, June 10, 2025", "6:00 AM to 2:00 PM (Europe/Berlin)", "Labels printed: 17 ·",
            "Failed, and Why", "Printer is out of paper or labels: Load labels", order.name, "No incident at a printer",
        ):  # fmt: skip
            self.assertIn(words, html)
        self.assertNotIn("Nothing was printed", html)
        self.assertNotIn("not over", html)

    def test_what_became_of_failures(self):
        lacking, aside, again, printed = (self.ended("2025-06-10 09:00", 4, failed=3) for _number in range(4))
        aside._set_aside("not_needed")
        self.look_and_retry(again, [2, 3, 4])
        self.look_and_retry(printed, [2, 3, 4])
        printed.write({"status": "printing", "flask_job_id": "srv-again"})
        self.report(printed, status="completed", current_label=3)
        self.assertEqual((lacking.status, printed.status), ("failed", "completed"))
        [failed] = self.page()["failed"]["rows"]
        self.assertEqual(
            failed["became"],
            "Jobs by now – complete: 1, being printed again: 1, set aside: 1, still lack labels: 1",
        )

    def test_it_says_what_the_figures_by_shift_say(self):
        """For some shifts at random, of jobs at random, among them one over midnight in which the clock changes."""
        dice = random.Random(3)
        printers = self.printer + self.printer.create({"name": "Line 2", "cups_name": "zebra-line-2"})
        for _number in range(30):
            at = utc("2025-10-25 12:00") + timedelta(minutes=dice.randint(0, 60 * 36))
            job = self.make_job(dice.randint(1, 9), status="printing", printer_id=dice.choice(printers).id)
            if dice.random() < 0.3:
                self.report(job, status="failed", current_label=0, error_code=dice.choice(["paper_out", "jam"]))
            else:
                self.report(job, status=dice.choice(["completed", "cancelled"]), current_label=job.quantity)
            self.move(job, at)
        compared = 0
        for day in (date(2025, 10, 25), date(2025, 10, 26)):
            for shift in (self.early, self.late, self.night):
                page = self.page(shift, day)
                domain = [("shift_id", "=", shift.id), ("day", "=", day), ("job_type", "!=", "test")]
                domain += [("outcome", "!=", False), ("company_id", "=", self.env.company.id)]
                measures = ["labels:sum", "labels_per_hour:avg", "job_id:count_distinct", "failures:sum", "runs:sum"]
                said = dict(page["figures"])
                [(labels, per_hour, jobs, failures, runs)] = self.Figures._read_group(domain, [], measures)
                self.assertEqual(said["Labels printed"], str(labels or 0))
                self.assertAlmostEqual(float(said["Labels an hour"]), per_hour or 0, delta=0.051)
                self.assertEqual(said["Jobs"], str(jobs))
                self.assertTrue(said["Failed attempts"].startswith(f"{failures} of {runs} " if failures else "0"), said)
                by_printer = self.Figures._read_group(domain, ["printer_id"], ["labels:sum", "failures:sum"])
                rows = {row["name"]: (row["labels"], row["failures"]) for row in page["printers"]["rows"]}
                for printer, labels, failures in by_printer:
                    self.assertEqual(rows[printer.name], (str(labels), str(failures)))
                reasons = self.Figures._read_group([*domain, ("failures", ">", 0)], ["error_kind"], ["failures:sum", "lost:sum"])
                self.assertEqual(
                    sorted((row["attempts"], row["labels"]) for row in page["failed"]["rows"]),
                    sorted((str(count), str(lost)) for _kind, count, lost in reasons),
                )
                compared += runs or 0
        self.assertGreater(compared, 15)

    def test_nothing_printed_is_said(self):
        page = self.page(day=date(2024, 2, 29))
        self.assertTrue(page["is_empty"])
        html = self.html(page)
        self.assertIn("Nothing was printed in this shift, and nothing failed.", html)
        self.assertIn("Thursday, February 29, 2024", html)
        self.assertIn("No incident at a printer or print server.", html)
        self.assertIn("No job waits, and none lacks labels.", html)
        self.assertNotIn("Failed, and Why", html)

    def test_printers_of_a_print_server_that_is_away_are_not_ready(self):
        self.printer.status = "online"
        self.assertIn("All printers are ready.", self.html(self.page(day=date(2024, 2, 29))))
        self.printer.status = "unknown"
        html = self.html(self.page(day=date(2024, 2, 29)))
        self.assertNotIn("All printers", html, "nobody knows")
        self.assertNotIn("Printers that do not print now", html)
        self.server.state = "unreachable"
        html = self.html(self.page(day=date(2024, 2, 29)))
        self.assertIn("Printers that do not print now: 1", html)
        self.printer.active = False
        html = self.html(self.page(day=date(2024, 2, 29)))
        self.assertNotIn("All printers", html, "there is none")

    def test_a_night_over_midnight_in_which_the_clock_changes(self):
        self.ended("2025-10-25 22:00", 9)
        self.ended("2025-10-26 02:30", 9, is_dst=True)
        self.ended("2025-10-26 05:59", 9)
        self.ended("2025-10-26 06:00", 50)
        page = self.page(self.night, date(2025, 10, 25))
        self.assertEqual(page["figures"][:2], [("Labels printed", "27"), ("Labels an hour", "3")])  # of nine hours
        self.assertEqual(page["times"], "10:00\u202fPM to 6:00\u202fAM (Europe/Berlin)")

    def test_a_reader_elsewhere_is_told_both_times(self):
        self.user.tz = "America/New_York"
        page = self.page()
        self.assertIn("Europe/Berlin", page["times"])
        self.assertIn("America/New_York (12:00\u202fAM – 8:00\u202fAM)", page["times"])

    def test_incidents_and_downtime_within_the_shift(self):
        since, until = utc("2025-06-10 05:00"), utc("2025-06-10 06:20")
        self.incident(since, until)
        self.manager.name = "Frau Weber"
        self.incident(utc("2025-06-10 13:30"), False, cause="jam", kind="jam", acknowledged_by=self.manager.id)
        self.incident(utc("2025-06-10 14:00"), utc("2025-06-10 15:00"), cause="head_open", kind="head_open")
        self.states(
            ("attention", since, until),
            ("online", until, utc("2025-06-10 10:00")),
            ("offline", utc("2025-06-10 10:00"), utc("2025-06-10 10:05")),
            ("online", utc("2025-06-10 10:05"), utc("2025-06-10 13:50")),
            ("attention", utc("2025-06-10 13:50"), utc("2025-06-10 18:00")),
        )
        page = self.page()
        rows = page["incidents"]["rows"]
        self.assertEqual([(row["minutes"], row["person"]) for row in rows], [("30", "Frau Weber"), ("20", "")])
        self.assertEqual((rows[0]["until"], rows[0]["since"]), ("still open", "1:30\u202fPM"))
        self.assertIn("6/10/25", rows[1]["since"])
        self.assertTrue(rows[0]["remedy"])
        self.assertFalse(rows[1]["remedy"])
        self.assertEqual([row["minutes"] for row in page["printers"]["rows"]], [str(20 + 5 + 10)])

    def test_what_is_open_for_the_next_shift(self):
        shift = self.env["label.print.shift"].create({"name": "All day", "from_hour": 0, "to_hour": 0})
        tomorrow = fields.Date.today() + timedelta(days=1)
        self.assertTrue(self.page(shift, tomorrow)["open"]["is_nothing"])
        failed = self.failed_job()
        unclear = self.make_job(5, status="printing")
        self.report(
            unclear, status="failed", current_label=3, error_code="paper_out",
            failed_labels=[{"index": 4, "code": "uncertain"}, {"index": 5, "code": "paper_out"}],
        )  # fmt: skip
        self.failed_job()._set_aside("not_needed")
        waiting, older = self.make_job(7, status="queued"), self.make_job(8)
        self.move_creation(older, fields.Datetime.now() - timedelta(hours=3))
        self.printer.status = "attention"
        page = self.page(shift, tomorrow)
        opened = page["open"]
        lacking = opened["lacking"]
        self.assertEqual((lacking["count"], lacking["missing"], lacking["uncertain"]), ("2", "13", "1"))
        # Where somebody has to look for a label comes first.
        self.assertEqual([row["name"] for row in lacking["rows"]], [unclear.display_name, failed.display_name])
        self.assertIn("Look on paper for labels 4", lacking["rows"][0]["words"])
        self.assertIn("Load labels", lacking["rows"][1]["words"])
        self.assertEqual([row["name"] for row in opened["waiting"]["rows"]], [older.display_name, waiting.display_name])
        self.assertIn("2 (labels: 15), the oldest since", opened["waiting"]["words"])
        self.assertEqual([row["name"] for row in opened["stopped"]["rows"]], ["Line 1"])
        self.assertFalse(page["is_over"] or page["is_quiet"])
        html = self.html(page)
        self.assertIn("not over", html)
        self.assertIn("Printers that do not print now: 1", html)
        # What was asked for after the shift is not its business.
        self.assertTrue(self.page(self.early, fields.Date.today() - timedelta(days=3))["open"]["is_nothing"])

    def move_creation(self, job, at):
        self.env.flush_all()
        self.env.cr.execute("UPDATE label_print_attempt SET create_date = %s WHERE job_id = %s", [at, job.id])

    def test_only_so_many_lines_as_fit_on_a_page_and_sums_of_all(self):
        for number in range(40):
            self.ended("2025-06-10 07:00", number + 1, mo_reference=f"WH/{number:03}")
        page = self.page()
        printed = page["printed"]
        self.assertEqual(len(printed["rows"]), 5)
        self.assertEqual((printed["rows"][0]["order"], printed["more"]), ("WH/039", "and 35 more"))
        self.assertEqual(printed["more_labels"], str(sum(range(1, 36))))
        self.assertEqual(page["figures"][0], ("Labels printed", "820"))

    def test_long_names_are_cut(self):
        self.printer.name = "Printer " * 30
        self.product.name = "Soup " * 50
        self.ended("2025-06-10 07:00", 1, product_id=self.product.id)
        page = self.page()
        for name in (page["printers"]["rows"][0]["name"], page["printed"]["rows"][0]["product"]):
            self.assertLessEqual(len(name), 48)
            self.assertTrue(name.endswith("…"), name)

    def test_jobs_that_have_been_archived_since(self):
        self.ended("2025-06-10 07:00", 6).active = False
        self.assertEqual(self.page()["figures"][0], ("Labels printed", "6"))

    def test_the_dialog_proposes_the_shift_that_ended_last_or_is_about_to_end(self):
        Wizard = self.env["label.print.shift.wizard"].with_user(self.user)
        for moment, shift, day in (
            ("2025-06-10 14:30", self.early, DAY),
            ("2025-06-10 21:00", self.early, DAY),
            ("2025-06-10 21:35", self.late, DAY),
            ("2025-06-10 00:30", self.late, date(2025, 6, 9)),
            ("2025-06-10 06:45", self.night, date(2025, 6, 9)),
        ):
            with patch.object(fields.Datetime, "now", return_value=utc(moment)):
                wizard = Wizard.create({})
            self.assertEqual((wizard.shift_id, wizard.day), (shift, day), moment)
        action = wizard.action_show()
        self.assertEqual((action["report_name"], action["report_type"]), ("label_print_monitor.report_shift", "qweb-html"))
        self.assertEqual(wizard.action_pdf()["report_type"], "qweb-pdf")
        # Odoo asks administrators for the layout of a company's documents first, which this page does not use.
        self.env.company.external_report_layout_id = False
        self.assertEqual(wizard.with_user(self.env.ref("base.user_admin")).sudo().action_show()["type"], "ir.actions.report")
        self.assertEqual(wizard._name_of_file(), "Shift Report 2025-06-09 Night")
        html, _kind = self.env["ir.actions.report"].with_user(self.user)._render_qweb_html(action["report_name"], wizard.ids)
        self.assertIn("Shift Report: Night", html.decode())

    def test_a_company_without_shifts_is_told_so(self):
        self.env["label.print.shift"].search([]).active = False
        wizard = self.env["label.print.shift.wizard"].with_user(self.user).new({})
        self.assertFalse(wizard.shift_id or wizard.possible_shift_ids)

    def test_who_may_not_read_print_jobs_gets_no_page(self):
        nobody = new_test_user(self.env, "lpm_nobody")
        with self.assertRaises(AccessError):
            self.page(user=nobody)


@tagged("post_install", "-at_install")
class TestShiftReportOfCompanies(CompaniesCase, ShiftReportCase):
    def test_each_company_has_its_own_page(self):
        self.ended("2025-06-10 08:00", 3)
        self.ended("2025-06-10 08:30", 5, printer_id=self.printer_b.id, company_id=self.company_b.id)
        self.company_b.resource_calendar_id.tz = "Europe/Berlin"
        page = self.page(user=self.user_b, company=self.company_b)
        self.assertEqual([row["name"] for row in page["printers"]["rows"]], [self.printer_b.name])
        self.assertEqual(page["figures"][0], ("Labels printed", "5"))
        with self.assertRaises(AccessError):
            self.page(user=self.user_b, company=self.company_a)
        Wizard = self.as_user(self.user_b, self.env["label.print.shift.wizard"])
        with self.assertRaises(AccessError):
            Wizard.create({"company_id": self.company_a.id})
        own = self.env["label.print.shift"].create(
            {"name": "Day", "from_hour": 6, "to_hour": 18, "company_id": self.company_a.id}
        )
        with self.assertRaisesRegex(ValidationError, "Day is no shift of Company B"):
            Wizard.create({"shift_id": own.id, "day": DAY})
