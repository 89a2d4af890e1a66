"""`apply_reports`: what reports of a print server change."""

from datetime import timedelta

from odoo import fields
from odoo.addons.label_print_monitor.services.contract.payloads import parse_job_report
from odoo.tools import format_time

from .common import LabelPrintCase


class TestReports(LabelPrintCase):
    def test_a_job_from_queued_to_completed(self):
        job = self.make_job(status="sent")
        self.report(job, status="queued")
        self.assertEqual(job.status, "queued")
        self.report(job, status="printing", current_label=5, progress_percent=25)
        self.assertEqual((job.status, job.current_label, job.progress_display), ("printing", 5, "5 of 20"))
        self.report(job, status="completed", current_label=20, progress_percent=100, confirmed=True)
        self.assertEqual((job.status, job.progress_display, job.confirmed), ("completed", "20 of 20", True))
        self.assertEqual([entry["status"] for entry in job.timeline], ["sent", "queued", "printing", "completed"])
        self.assertTrue(job.started_date and job.completed_date)

    def test_older_and_equal_reports_change_nothing_and_tell_nobody(self):
        job = self.make_job(status="sent")
        self.report(job, status="completed")
        before = self.sent_toasts(self.user)
        stamp = job.write_date
        for word in ("completed", "printing", "queued", "failed"):
            self.report(job, status=word)
        self.assertEqual(job.status, "completed")
        self.assertEqual(job.write_date, stamp)
        self.assertEqual(self.sent_toasts(self.user), before)
        self.assertEqual(len(before), 1)

    def test_unknown_word_keeps_the_status_and_is_shown(self):
        job = self.make_job(status="printing")
        self.report(job, status="defrobnicating")
        self.assertEqual((job.status, job.server_warning), ("printing", "defrobnicating"))
        self.report(job, status="printing", current_label=3)
        self.assertFalse(job.server_warning)

    def test_completed_with_failed_labels(self):
        job = self.make_job(status="printing")
        self.report(
            job,
            status="completed",
            progress={"total": 20, "completed": 19, "failed": 1},
            failed_labels=[{"index": 4, "code": "paper_out", "message": "media out"}],
        )
        self.assertEqual(job.status, "completed_with_errors")
        self.assertEqual(job.failed_label_ids.mapped("label_index"), [4])
        self.assertEqual(job.failed_label_ids.lot_number, "LOT-1")
        self.assertTrue(job.can_retry)

    def test_unknown_to_the_server_fails_only_after_two_minutes(self):
        job = self.make_job(status="sent")
        poller = self.env["print.job.status.poller"]
        for _ask in range(5):
            poller.apply_reports(self.server, [], unknown=[job.flask_job_id])
        job.invalidate_recordset()
        self.assertEqual(job.status, "sent")
        job.not_found_since = fields.Datetime.now() - timedelta(minutes=3)
        poller.apply_reports(self.server, [], unknown=[job.flask_job_id])
        job.invalidate_recordset()
        self.assertEqual((job.status, job.error_code), ("failed", "job_unknown"))

    def test_found_again_starts_the_count_anew(self):
        job = self.make_job(status="sent")
        poller = self.env["print.job.status.poller"]
        poller.apply_reports(self.server, [], unknown=[job.flask_job_id])
        self.report(job, status="queued")
        self.assertEqual((job.not_found_count, job.not_found_since), (0, False))


class TestBulkWrite(LabelPrintCase):
    def test_values_that_differ_and_values_that_all_have(self):
        """Each row gets its own values, whatever the others get; an empty value and a text of a list's kind as well."""
        jobs = self.env["label.print.job"].union(*(self.make_job() for _job in range(3)))
        now = fields.Datetime.now()
        problem = {"count": 2, "text": "it's {a}, \"b\""}
        jobs._write_columns(
            [
                {"current_label": 1, "progress_at": now, "account_problem": problem, "error_message": "{a,b}"},
                {"current_label": 2, "progress_at": now, "account_problem": False, "error_message": False},
                {"confirmed": True, "progress_percent": 12.5},
            ]
        )
        self.assertEqual(jobs.mapped("current_label"), [1, 2, 0])
        self.assertEqual([job.progress_at for job in jobs], [now, now, jobs[2].progress_at])
        self.assertEqual([job.account_problem for job in jobs], [problem, False, False])
        self.assertEqual([job.error_message for job in jobs], ["{a,b}", False, False])
        self.assertEqual([job.confirmed for job in jobs], [False, False, True])
        self.assertEqual(jobs[2].progress_percent, 12.5)


class TestWaiting(LabelPrintCase):
    """A stopped printer holds its queue: the job waits, says what for, and goes on by itself."""

    def setUp(self):
        super().setUp()
        self.printer.location = "Hall 1"
        self.job = self.make_job(status="printing", current_label=8)
        self.since = fields.Datetime.now() - timedelta(minutes=1)

    def wait(self, code="paper_out", job=None, **data):
        said = {"status": "printing", "current_label": 8, "waiting_for": code}
        since = {"waiting_since": f"{self.since.isoformat()}Z"} if code else {}
        self.report(job or self.job, **said, **since, **data)

    def toasts(self, user=None):
        return self.sent_toasts(user or self.user)

    def test_it_says_what_it_waits_for_and_what_to_do(self):
        self.wait()
        job = self.job.with_context(tz="UTC")
        self.assertEqual((job.status, job.waiting_for, job.waiting_since), ("printing", "paper_out", self.since))
        self.assertTrue(job.needs_attention)
        since = format_time(self.env, self.since, tz="UTC", time_format="short")
        self.assertEqual(job.attention_message, f"Waiting for labels, since {since}")
        self.assertEqual(job.error_title, "Load labels into the printer")
        self.assertNotIn("etry", job.error_steps_html)
        self.assertIn("goes on by itself", job.error_steps_html)
        self.assertEqual(job.eta_display, "Waiting")
        self.assertIn(job, job.search([("needs_attention", "=", True)]))
        self.assertFalse(job.can_retry)

    def test_one_notice_which_is_taken_back(self):
        behind = self.make_job(status="queued")
        self.wait()
        self.wait()
        self.report(behind, status="queued")
        (told,) = self.toasts()
        self.assertEqual((told["type"], told["sticky"], told["retryable"]), ("warning", True, False))
        self.assertEqual(told["title"], f"{self.printer.name} (Hall 1) needs somebody")
        self.assertIn("Waiting for labels. Load labels into the printer.", told["message"])
        self.assertIn("8 of 20 labels are printed", told["message"])
        self.wait(code=None)
        self.assertEqual(self.toasts()[1:], [{"closes": told["topic"]}])
        self.assertFalse(self.job.needs_attention or self.job.waiting_since or self.job.attention_message)
        self.wait()
        self.assertEqual(len(self.toasts()), 3, "another stop is told again")

    def test_when_patience_ends_the_failure_replaces_it(self):
        self.wait()
        self.report(self.job, status="failed", current_label=8, error_code="paper_out")
        self.assertEqual((self.job.status, self.job.waiting_for), ("failed", False))
        waiting, closed, failed = self.toasts()
        self.assertEqual(closed, {"closes": waiting["topic"]})
        self.assertEqual(failed["title"], "Print Job Failed")

    def test_nothing_stands_still_behind_a_printer_that_waits(self):
        behind = self.make_job(status="queued")
        other = self.make_job(
            status="queued",
            printer_id=self.env["printer.configuration"].create({"name": "Other", "cups_name": "other"}).id,
        )
        self.wait()
        overdue = fields.Datetime.now() - timedelta(seconds=1)
        (self.job | behind | other).write({"attention_due_at": overdue})
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            self.env(cr=cr)["print.job.status.poller"]._housekeeping()
        self.env.invalidate_all()
        self.assertEqual((self.job | behind | other).mapped("attention_code"), [False, False, "stuck"])
        self.wait(code=None)
        self.assertGreater(self.job.attention_due_at, fields.Datetime.now())
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            self.env(cr=cr)["print.job.status.poller"]._housekeeping()
        self.env.invalidate_all()
        self.assertFalse(behind.attention_code, "the time for which the printer waited does not count")

    def test_one_notice_for_a_printer_at_which_several_wait(self):
        second = self.make_job(status="printing")
        self.wait()
        self.wait(job=second)
        (told,) = self.toasts()
        self.wait(code=None)
        self.assertEqual(len(self.toasts()), 1, "one still waits there")
        self.wait(code=None, job=second)
        self.assertEqual(self.toasts()[1:], [{"closes": told["topic"]}])

    def test_many_printers_cost_few_statements(self):
        """The rows are locked meanwhile."""
        printers = self.env["printer.configuration"].create([{"name": f"P{n}", "cups_name": f"p{n}"} for n in range(20)])
        jobs = [self.make_job(status="printing", printer_id=printer.id) for printer in printers]
        said = [
            parse_job_report({"job_id": job.flask_job_id, "status": "printing", "waiting_for": "printer_offline"})
            for job in jobs
        ]
        poller = self.env["print.job.status.poller"]
        poller.apply_reports(self.server, said[:2])  # what a server reads once
        self.env.flush_all()
        with self.assertQueryCount(40):
            poller.apply_reports(self.server, said[2:])
        self.assertEqual(len(self.toasts()), 20)

    def test_whoever_cancels_has_the_notice_taken_back(self):
        self.wait()
        (told,) = self.toasts()
        self.job.with_user(self.user)._apply({self.job.id: {"cancelled_by": self.user.id}})
        self.env = self.env(context={**self.env.context, "label_print_told_user": self.user.id})
        self.report(self.job.with_env(self.env), status="cancelled", current_label=8)
        self.assertIn({"closes": told["topic"]}, self.toasts())

    def test_whoever_watches_the_printer_is_told(self):
        self.printer.user_ids = self.manager
        self.wait()
        self.assertEqual(len(self.toasts(self.manager)), 1)

    def test_a_label_to_be_taken_is_shown_and_told_nobody(self):
        self.wait("label_waiting")
        self.assertEqual(self.job.error_title, "Take the label from the printer")
        self.wait(code=None)
        self.assertFalse(self.toasts())

    def test_a_code_of_another_print_server(self):
        self.wait("needs_oil")
        self.assertIn("Waiting for the printer", self.job.attention_message)
