"""Why a job waits: in words, in the reader's language, and without a write."""

from datetime import timedelta

from odoo import fields
from odoo.addons.label_print_monitor.models.label_print_job_waits import CRON

from .common import LabelPrintCase


class TestWaitsBecause(LabelPrintCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.write({"name": "Hall 1", "state": "ok", "failure_count": 0, "next_probe_at": False})
        cls.now = fields.Datetime.now()
        cls.cron = cls.env.ref(CRON)
        cls.env.cr.execute("UPDATE ir_cron SET lastcall = %s, active = TRUE WHERE id = %s", [cls.now, cls.cron.id])
        cls.cron.invalidate_recordset()

    def said(self, job):
        self.env.flush_all()
        self.env.invalidate_all()
        return job.with_user(self.user).with_context(tz="UTC", lang="en_US").waits_because

    def time(self, moment, seconds=False):
        return self.env["label.print.job"].with_context(tz="UTC", lang="en_US")._time_in_words(moment, seconds)

    def test_nothing_of_a_job_that_prints_or_has_ended(self):
        jobs = [self.make_job(status=status) for status in ("printing", "completed", "failed", "cancelled")]
        self.assertEqual([self.said(job) for job in jobs], [False] * 4)

    def test_its_print_server_does_not_answer(self):
        job, handed_over = self.make_job(), self.make_job(status="queued")
        since = self.now - timedelta(minutes=12)
        self.server.write({"state": "unreachable", "last_contact": since, "failure_count": 4})
        expected = f"No answer since {self.time(since)} from print server “Hall 1”"
        self.assertEqual((self.said(job), self.said(handed_over)), (expected, expected))

    def test_its_print_server_is_archived_or_refuses(self):
        job = self.make_job()
        problem = {"key": "key_refused", "status": 401}
        self.server.write({"state": "misconfigured", "state_problem": problem, "failure_count": 1})
        self.assertEqual(self.said(job), "The print server refused the API key (401). Print server: “Hall 1”")
        self.env.cr.execute("UPDATE label_print_server SET active = FALSE WHERE id = %s", [self.server.id])
        self.assertEqual(self.said(job), "Its print server is archived: “Hall 1”")

    def test_it_is_tried_again(self):
        job = self.make_job()
        again = self.now + timedelta(minutes=3)
        for problem, words in (
            ({"key": "server_error", "status": 503}, "The print server reported an internal error (503)."),
            ({"key": "rate_limited"}, "The print server asks to wait: too many requests."),
        ):
            job._apply({job.id: {"unverified_since": self.now, "unverified_problem": problem, "next_poll_at": again}})
            self.assertEqual(self.said(job), f"{words} It is tried again at {self.time(again, seconds=True)}.")
        job._apply({job.id: {"next_poll_at": self.now - timedelta(seconds=2)}})
        self.assertIn("It is tried again now.", self.said(job))

    def test_no_scheduled_action_runs(self):
        job = self.make_job()
        job._apply({job.id: {"next_poll_at": self.now - timedelta(minutes=10)}})
        self.assertEqual(self.said(job), "Next to be handed over to print server “Hall 1”")
        ran = self.now - timedelta(minutes=9)
        self.env.cr.execute("UPDATE ir_cron SET lastcall = %s WHERE id = %s", [ran, self.cron.id])
        self.assertEqual(self.said(job), f"No scheduled action has run since {self.time(ran)}")
        self.env.cr.execute("UPDATE ir_cron SET active = FALSE WHERE id = %s", [self.cron.id])
        self.assertEqual(self.said(job), f"The scheduled action “{self.cron.name}” is switched off")

    def test_being_handed_over_and_behind_others(self):
        first, second, third = self.make_job(), self.make_job(), self.make_job(5, priority="high")
        first._apply({first.id: {"submit_started_at": self.now}})
        self.assertEqual(self.said(first), "Being handed over to print server “Hall 1”")
        self.assertEqual(self.said(third), "Next to be handed over to print server “Hall 1”")
        self.assertEqual(self.said(second), "2 jobs are handed over to print server “Hall 1” before it")

    def test_its_printer_has_stopped_or_prints_others(self):
        self.make_job(status="printing")
        first, second = self.make_job(status="queued"), self.make_job(status="sent")
        self.assertEqual(self.said(first), "Behind one job on Line 1")
        self.assertEqual(self.said(second), "Behind 2 jobs on Line 1")
        reasons = [{"keyword": "paused", "severity": "error"}]
        self.printer.write({"status": "attention", "state_reasons": reasons, "status_since": self.now})
        self.assertEqual(self.said(first), f"{self.printer.reason_display}, since {self.time(self.now)}: Line 1")
        self.report(first, status="queued", waiting_for="paper_out")
        self.assertIn("Waiting for labels, since", self.said(first))

    def test_in_the_readers_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.env["ir.module.module"].search([("name", "=", "label_print_monitor")])._update_translations(["de_DE"])
        job = self.make_job()
        self.server.write({"state": "misconfigured", "state_problem": {"key": "key_refused", "status": 401}})
        german = job.with_context(lang="de_DE")
        self.assertIn(german.server_id.state_message, german.waits_because)
        self.assertNotEqual(german.server_id.state_message, job.with_context(lang="en_US").server_id.state_message)

    def test_reading_it_writes_nothing(self):
        jobs = self.make_job() | self.make_job(status="queued")
        self.env.flush_all()
        self.env.invalidate_all()
        self.env.cr.execute("SET TRANSACTION READ ONLY")
        self.assertTrue(all(jobs.mapped("waits_because")))

    def test_many_open_jobs_cost_no_more(self):
        few = self.make_job(status="queued") | self.make_job()
        counts = []
        for _round in range(2):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            few.mapped("waits_because")
            counts.append(self.env.cr.sql_log_count - before)
            for _job in range(30):
                few |= self.make_job(1, status="queued") | self.make_job(1)
        self.assertEqual(*counts)
