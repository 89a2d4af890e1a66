"""The overview's figures: each is what its link shows, in the reader's day, and the page costs a handful of statements."""

from datetime import datetime, timedelta

from freezegun import freeze_time
from odoo.tests import new_test_user

from .common import LabelPrintCase

# 23:30 in New York, where the day began at 05:00 UTC of the 24th; in UTC it is the 25th already.
NOW = datetime(2026, 11, 25, 4, 30)
ZONE = "America/New_York"


class OverviewCase(LabelPrintCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_printer = cls.env["printer.configuration"].create({"name": "Line 2", "cups_name": "zebra-line-2"})
        cls.user.tz = ZONE

    def setUp(self):
        super().setUp()
        self.startPatcher(freeze_time(NOW))

    def ended(self, ago, status="completed", quantity=10, current=None, **values):
        """A job that ended so many hours ago, in its only attempt."""
        return self.make_job(
            quantity=quantity,
            status=status,
            completed_date=NOW - timedelta(hours=ago),
            current_label=quantity if current is None else current,
            **values,
        )

    def busy_day(self):
        """Jobs of every kind, on both sides of midnight in New York and of midnight in UTC."""
        jobs = {
            "yesterday": self.ended(24, quantity=100),
            "last minute of yesterday": self.ended(23.51, quantity=50),
            "first minute": self.ended(23.49, quantity=1),
            "UTC's yesterday": self.ended(4.6, quantity=2),
            "UTC's today": self.ended(0.4, quantity=4),
            "with errors": self.ended(8, "completed_with_errors", current=9, failed_count=1),
            "failed": self.ended(8, "failed", current=6, error_code="paper_out"),
            "cancelled": self.ended(8, "cancelled", current=5),
            "on line 2": self.ended(9, quantity=40, printer_id=self.other_printer.id),
            "printing since yesterday": self.make_job(quantity=90, status="printing", current_label=30),
            "retried": self.make_job(quantity=90, status="pending", current_label=80, attempt_base=80),
            "queued": self.make_job(quantity=90, status="queued"),
        }
        self.env.flush_all()
        return jobs

    def overview(self, **context):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["label.print.job"].with_user(self.user).with_context(**context).get_overview()


class TestOverview(OverviewCase):
    def test_labels_today_is_one_number(self):
        """The tile, the jobs behind it, the chart's bars and the printers' figures agree, also near midnight."""
        self.busy_day()
        ended_today = 1 + 2 + 4 + 9 + 6 + 5 + 40
        for context in ({}, {"tz": ZONE}):
            with self.subTest(context=context):
                data = self.overview(**context)
                tile = data["tiles"]["labels_today"]
                self.assertEqual(tile["value"], ended_today + 30)
                behind = self.env["label.print.job"].with_user(self.user).search(tile["domain"])
                self.assertEqual(sum(behind.mapped("current_label")), tile["value"])  # none of them was retried
                self.assertEqual(sum(hour["labels"] for hour in data["per_hour"]) + 30, tile["value"])
                printers = {printer["id"]: printer["labels_today"] for printer in data["printers"]}
                self.assertEqual(printers[self.other_printer.id], 40)
                self.assertEqual(sum(printers.values()), tile["value"])
                for printer in (self.printer | self.other_printer).with_user(self.user):
                    self.assertEqual(printer.labels_today, printers[printer.id])

    def test_the_day_is_the_readers(self):
        """The same jobs at the same moment, read in New York and in UTC, where it is half past four."""
        self.busy_day()
        self.assertEqual([hour["hour"] for hour in self.overview()["per_hour"] if hour["labels"]], [
            "00:00", "14:00", "15:00", "18:00", "23:00",
        ])  # fmt: skip
        self.user.tz = "UTC"
        data = self.overview()
        self.assertEqual({hour["hour"]: hour["labels"] for hour in data["per_hour"] if hour["labels"]}, {"04:00": 4})
        self.assertEqual(data["tiles"]["labels_today"]["value"], 4 + 30)

    def test_an_hour_that_comes_twice_is_one_bar(self):
        """When summer time ends the day has 25 hours, and the last of them counts too."""
        self.startPatcher(freeze_time("2026-11-02 04:45:00"))  # 23:45 in New York on 1 November
        for moment in ("2026-11-01 05:30:00", "2026-11-01 06:30:00", "2026-11-02 04:30:00"):
            self.ended(0).attempt_ids.ended_date = moment
        hours = {hour["hour"]: hour["labels"] for hour in self.overview()["per_hour"] if hour["labels"]}
        self.assertEqual(hours, {"01:00": 20, "23:00": 10})

    def test_each_tile_counts_what_its_link_shows(self):
        self.busy_day()
        self.make_job(status="printing").attention_code = "stuck"
        self.other_printer.status = "offline"
        for name, tile in self.overview()["tiles"].items():
            if name != "labels_today":
                found = self.env[tile["model"]].with_user(self.user).search_count(tile["domain"])
                self.assertEqual(tile["value"], found, name)
                self.assertTrue(found, name)

    def test_success_of_each_hour(self):
        self.busy_day()
        data = self.overview()
        hours = {hour["hour"]: (hour["jobs"], hour["succeeded"]) for hour in data["per_hour"] if hour["labels"]}
        # At 15:00 one with errors, one failed, one cancelled.
        self.assertEqual(hours, {"00:00": (1, 1), "14:00": (1, 1), "15:00": (2, 0), "18:00": (1, 1), "23:00": (1, 1)})

    def test_an_empty_day(self):
        data = self.overview()
        self.assertEqual(len(data["per_hour"]), 24)
        self.assertEqual(data["tiles"]["labels_today"]["value"], 0)
        self.assertFalse(data["failures"])

    def test_a_failure_is_counted_and_named(self):
        job = self.make_job(status="printing")
        self.report(job, status="failed", error_code="paper_out", current_label=8)
        data = self.overview()
        self.assertEqual(data["tiles"]["failed_today"]["value"], 1)
        self.assertEqual(data["failures"][0]["id"], job.id)
        self.assertEqual(sum(hour["succeeded"] for hour in data["per_hour"]), 0)

    def test_a_failure_that_a_retry_has_mended_stays_in_the_days_figures(self):
        """It said “Nothing has failed” and 100 % a minute after a job had stopped, because somebody had seen to it."""
        job = self.make_job(status="printing")
        failed = [{"index": n, "code": "paper_out"} for n in range(9, 21)]
        self.report(job, status="failed", error_code="paper_out", current_label=8, failed_labels=failed)
        job.with_user(self.user).action_retry()
        job.write({"status": "printing", "flask_job_id": "srv-retry", "submission": "accepted"})
        self.report(job, status="completed", current_label=12)
        self.assertEqual((job.status, job.current_label), ("completed", 20))
        data = self.overview()
        tile = data["tiles"]["failed_today"]
        self.assertEqual((tile["value"], data["failures"]), (1, []))
        behind = self.env[tile["model"]].with_user(self.user).search(tile["domain"])
        self.assertEqual((behind.job_id, behind.number, behind.outcome), (job, 1, "failed"))
        hours = [(hour["jobs"], hour["succeeded"]) for hour in data["per_hour"] if hour["jobs"]]
        self.assertEqual(hours, [(2, 1)])
        job.attempt_ids.filtered(lambda attempt: attempt.number == 1).ended_date = NOW - timedelta(hours=24)
        self.assertEqual(self.overview()["tiles"]["failed_today"]["value"], 0, "it failed on the day before")

    def test_a_retry_today_of_yesterdays_job_counts_todays_labels(self):
        """At the printer that printed them, in the hour in which the attempt ended; while it prints, in no hour yet."""
        job = self.ended(24, "failed", quantity=20, current=8, error_code="paper_out", failed_count=12)
        self.assertEqual(self.overview()["tiles"]["labels_today"]["value"], 0)
        job.with_user(self.user)._settle(not_on_paper=range(9, 21))
        job.with_user(self.user)._retry(list(range(9, 21)), printer=self.other_printer)
        job.write({"status": "printing", "flask_job_id": "srv-retry", "submission": "accepted"})
        self.report(job, status="printing", current_label=5)
        self.assertEqual(job.current_label, 13)
        self.check_retried(5, {})
        self.report(job, status="completed_with_errors", current_label=11, failed_labels=[{"index": 12}])
        self.assertEqual(job.current_label, 19)
        self.check_retried(11, {"23:00": (11, 1)})

    def check_retried(self, labels, hours):
        data = self.overview()
        self.assertEqual(data["tiles"]["labels_today"]["value"], labels)
        found = {hour["hour"]: (hour["labels"], hour["failed"]) for hour in data["per_hour"] if hour["labels"]}
        self.assertEqual(found, hours)
        shown = {printer["id"]: printer["labels_today"] for printer in data["printers"]}
        self.assertEqual((shown[self.printer.id], shown[self.other_printer.id]), (0, labels))
        for printer in (self.printer | self.other_printer).with_user(self.user):
            self.assertEqual(printer.labels_today, shown[printer.id])

    def test_failed_and_uncertain_labels_by_hour(self):
        job = self.make_job(status="printing")
        failed = [{"index": 9, "code": "paper_out"}, {"index": 10, "code": "uncertain"}]
        self.report(job, status="completed_with_errors", current_label=18, failed_labels=failed)
        hours = {hour["hour"]: (hour["labels"], hour["failed"]) for hour in self.overview()["per_hour"]}
        self.assertEqual({hour: figures for hour, figures in hours.items() if any(figures)}, {"23:00": (18, 2)})

    def test_weak_evidence_is_said(self):
        """Of the jobs that completed today; a print server that only reports is good enough unless the settings ask
        for more."""
        self.ended(1)
        self.ended(2, confirmed=True)
        self.ended(30)
        self.ended(1, "failed", current=4)
        self.assertFalse(self.overview()["tiles"]["labels_today"]["note"])
        self.env["ir.config_parameter"].set_param("label_print.good_evidence", "confirmed")
        data = self.overview()
        self.assertEqual(data["tiles"]["labels_today"]["note"], "1 completed job lacks the evidence asked for")
        self.assertEqual([failure["evidence"] for failure in data["failures"]], ["Reported by the Print Server"])
        self.assertEqual([failure["labels"] for failure in data["failures"]], ["4 of 10"])

    def test_what_needs_somebody(self):
        """What stands still comes first, then the failures that ended last, and no more than a screen holds."""
        failed = [self.ended(ago, "failed", error_code="paper_out") for ago in (5, 1, 3, 2, 4)]
        self.ended(24 * 8, "failed", error_code="paper_out")  # history: it asks for nobody
        waiting = self.make_job(status="queued")
        self.report(waiting, status="printing", waiting_for="paper_out", current_label=3)
        data = self.overview()
        shown = [failure["id"] for failure in data["failures"]]
        self.assertEqual(shown, [job.id for job in (waiting, failed[1], failed[3], failed[2], failed[4])])
        self.assertEqual(data["tiles"]["attention"]["value"], 6, "the page says how many more there are")
        first, second = data["failures"][:2]
        self.assertIn("Waiting for labels", first["message"])
        self.assertEqual((first["is_failed"], first["action"]), (False, "Load labels into the printer"))
        self.assertEqual((first["can_retry"], second["is_failed"], second["can_retry"]), (False, True, True))

    def test_other_companies_do_not_count(self):
        theirs = self.env["res.company"].create({"name": "Theirs"})
        job = self.ended(1, company_id=theirs.id)
        self.make_job(status="printing", company_id=theirs.id, current_label=3)
        data = self.overview()
        self.assertEqual(data["tiles"]["labels_today"]["value"], 0)
        self.assertEqual(data["tiles"]["printing"]["value"], 0)
        self.assertEqual(self.printer.with_user(self.user).labels_today, 0)
        reader = new_test_user(
            self.env, "lpm_theirs", groups="label_print_monitor.group_label_print_user",
            company_id=theirs.id, company_ids=[(6, 0, theirs.ids)],
        )  # fmt: skip
        data = self.env["label.print.job"].with_user(reader).get_overview()
        self.assertEqual(data["tiles"]["labels_today"]["value"], job.current_label + 3)

    def test_a_printers_queue_is_counted_as_the_tile_counts(self):
        """What waits for a print server that is away is in the queue, and the print server's own number may be old."""
        before = self.overview()["tiles"]["waiting"]["value"]
        for status in ("pending", "sent", "queued", "printing"):
            self.make_job(status=status)
        self.printer.jobs_in_queue = 7
        data = self.overview()
        self.assertEqual(data["tiles"]["waiting"]["value"], before + 3)
        [printer] = [printer for printer in data["printers"] if printer["id"] == self.printer.id]
        self.assertEqual(printer["waiting"], 3)

    def test_a_handful_of_statements(self):
        """However many printers and jobs there are."""
        for number in range(20):
            printer = self.env["printer.configuration"].create({"name": f"P{number}", "cups_name": f"p{number}"})
            self.ended(1, printer_id=printer.id)
            self.ended(1, "failed", printer_id=printer.id, error_code="paper_out")
            self.make_job(status="printing", printer_id=printer.id)
        self.overview()  # what a server reads once
        with self.assertQueryCount(9):
            self.overview()


class TestIndexes(LabelPrintCase):
    def test_progress_touches_no_index(self):
        """Thousands of progress reports an hour must not each write fifteen indexes."""
        self.env.cr.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'label_print_job'")
        indexes = "\n".join(definition for (definition,) in self.env.cr.fetchall())
        for column in (
            "current_label", "progress_percent", "progress_at", "last_report_at", "next_poll_at", "attention_due_at",
            "estimated_completion", "timeline", "write_date",
        ):  # fmt: skip
            self.assertNotIn(column, indexes)
        self.env.cr.execute("SELECT reloptions FROM pg_class WHERE relname = 'label_print_job'")
        self.assertEqual(self.env.cr.fetchone()[0], ["fillfactor=85"])


class TestPrinterActivity(OverviewCase):
    def test_what_a_printer_does_now(self):
        first = self.make_job(status="printing", current_label=5)
        self.make_job(status="printing")
        for status in ("pending", "sent", "queued"):
            self.make_job(status=status)
        self.ended(1)
        self.env.flush_all()
        printer = self.printer.with_user(self.user)
        self.assertEqual(printer.current_job_id, first)
        self.assertEqual(printer.current_progress_display, "5 of 20")
        self.assertEqual(printer.waiting_count, 3)
        self.assertEqual(printer.labels_today, 15)
        idle = self.other_printer.with_user(self.user)
        self.assertFalse(idle.current_job_id)
        self.assertFalse(idle.current_progress_display)
        self.assertEqual((idle.current_progress_percent, idle.waiting_count, idle.labels_today), (0, 0, 0))
