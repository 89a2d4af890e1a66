"""The cron's runs: what is asked when, what a sweep costs, and that no server disturbs another."""

import time
from datetime import timedelta
from unittest.mock import patch

from odoo import api, fields
from odoo.addons.label_print_monitor.models import print_job_sweeps as sweeps_module
from odoo.addons.label_print_monitor.services.lifecycle import job_lifecycle
from odoo.addons.label_print_monitor.services.lifecycle.poll_schedule import PUSH_CHECK, SWEEP_PAUSE
from odoo.sql_db import Cursor
from odoo.tools import mute_logger
from psycopg2.errors import DeadlockDetected

from .engine_case import SINGLE, EngineCase


class TestSweeps(EngineCase):
    def test_a_hanging_server_does_not_delay_another(self):
        slow = self.start_remote()
        other = self.env["label.print.server"].create({"name": "Other"})
        self.use(other, slow)
        mine, theirs = self.make_remote_jobs(2), self.make_remote_jobs(2, remote=slow, server=other)
        self.end_all()
        slow.fault = "hang"
        applied = []
        Poller = type(self.env["print.job.status.poller"])
        apply_visit = Poller._apply_visit

        def note(poller, plan, result):
            applied.append((plan.server_id, time.monotonic()))
            return apply_visit(poller, plan, result)

        self.patch(Poller, "_apply_visit", note)
        self.timeout = 1.5
        self.sweep()
        self.assertEqual([id_ for id_, _at in applied], [self.server.id, other.id])
        self.assertGreater(applied[1][1] - applied[0][1], 1.0, "the first was applied long before the second")
        self.assertTrue(all(job.status in job_lifecycle.TERMINAL for job in mine))
        self.assertEqual(set(theirs.mapped("status")), {"sent"})
        self.assertEqual((self.server.failure_count, other.failure_count), (0, 1))

    @mute_logger("odoo.addons.label_print_monitor.models.print_job_sweeps")
    def test_an_exception_neither_ends_the_cron_nor_other_servers(self):
        other = self.env["label.print.server"].create({"name": "Other"})
        remote = self.start_remote()
        self.use(other, remote)
        self.make_remote_jobs(1)
        theirs = self.make_remote_jobs(1, remote=remote, server=other)
        self.end_all(remote)
        Poller = type(self.env["print.job.status.poller"])
        apply_visit = Poller._apply_visit

        def fail(poller, plan, result):
            if plan.server_id == self.server.id:
                raise ZeroDivisionError
            return apply_visit(poller, plan, result)

        self.patch(Poller, "_apply_visit", fail)
        self.sweep()
        self.assertEqual(theirs.status, "completed")


    def test_a_deadlock_is_tried_again(self):
        job = self.make_remote_jobs(1)
        self.end_all()
        Poller = type(self.env["print.job.status.poller"])
        apply_visit, tries = Poller._apply_visit, []

        def lose_once(poller, plan, result):
            tries.append(plan.server_id)
            if len(tries) == 1:
                raise DeadlockDetected
            return apply_visit(poller, plan, result)

        self.patch(Poller, "_apply_visit", lose_once)
        self.sweep()
        self.assertEqual(job.status, "completed")


class TestPacing(EngineCase):
    capabilities = SINGLE

    def test_rate_limit_serves_the_longest_waiting_first(self):
        self.server.rate_limit = 100
        jobs = self.make_remote_jobs(120, status="queued")
        now = fields.Datetime.now()
        for number, job in enumerate(jobs):
            job.next_poll_at = now - timedelta(seconds=500 - number)
        self.run_cron()
        first = list(self.remote.asked)
        self.assertLessEqual(len(self.remote.requests), 100)
        self.assertEqual(sorted(first), sorted(jobs[: len(first)].mapped("flask_job_id")))
        sweeps_module._budgets.clear()
        self.remote.asked.clear()
        self.run_cron()
        rest = jobs[len(first) :].mapped("flask_job_id")
        # A pool of connections asks, so the order among them is the machine's; but the limit lets only some be asked
        # again, and those left out must all be among them.
        self.assertLess(len(self.remote.asked), len(jobs))
        self.assertLessEqual(set(rest), set(self.remote.asked), "those left out come first now")

    def test_remaining_header_is_respected(self):
        self.make_remote_jobs(30)
        self.remote.headers = {"X-RateLimit-Remaining": "0"}
        self.sweep()
        before = len(self.remote.requests)
        self.sweep(2)
        self.assertEqual(len(self.remote.requests), before, "nothing may be asked before the minute is over")

    def test_after_429_nothing_is_asked_until_the_time_is_over(self):
        for headers in ({"Retry_After": 30}, {}):
            with self.subTest(headers):
                sweeps_module._budgets.clear()
                self.make_remote_jobs(3)
                self.remote.fault = lambda handler, headers=headers: handler.send_json({}, 429, **headers)
                self.sweep()
                before = len(self.remote.requests)
                self.sweep(3)
                self.assertEqual(len(self.remote.requests), before)
                self.assertEqual(self.server.state, "ok", "being asked to wait is an answer")

    def test_old_jobs_are_asked_about_less_often(self):
        fresh, old = self.make_remote_jobs(2)
        old.progress_at = fields.Datetime.now() - timedelta(hours=2)
        self.remote.jobs[fresh.flask_job_id]["status"] = self.remote.jobs[old.flask_job_id]["status"] = "sent"
        self.sweep()
        now = fields.Datetime.now()
        self.assertLessEqual(fresh.next_poll_at, now)
        self.assertTrue(50 <= (old.next_poll_at - now).total_seconds() <= 61)

    def let_push(self):
        """Events come from the print server."""
        self.remote.capabilities = ["batch_status", *SINGLE, "events"]
        self.use(self.server, self.remote, webhook_secret="s", push_last_at=fields.Datetime.now())

    def make_older(self, seconds):
        """As if the last look at jobs and printers had been so long ago."""
        for asked in (sweeps_module._jobs_asked, sweeps_module._printers_asked):
            for key in asked:
                asked[key] -= seconds

    def test_while_push_is_live_jobs_are_looked_at_for_what_was_lost(self):
        job = self.make_remote_jobs(1)
        self.let_push()
        self.sweep(3)
        self.assertEqual(self.remote.calls("/api/status"), 1, "each label that is pushed makes its job due")
        self.remote.jobs[job.flask_job_id].update(status="printing", current_label=5)
        self.make_older(PUSH_CHECK)
        self.sweep(2)
        self.assertEqual((self.remote.calls("/api/status"), job.current_label), (2, 5))

    def test_while_push_is_live_a_failure_is_looked_into_at_once(self):
        self.make_remote_jobs(1)
        self.let_push()
        self.sweep()
        self.server.failure_count = 1
        self.sweep()
        self.assertEqual(self.remote.calls("/api/status"), 2)

    def test_a_server_that_does_not_tell_of_its_printers_is_followed_all_the_same(self):
        """Seen: a hanging CUPS made the print server "Unreachable", and its jobs stood still in Odoo."""
        job = self.make_remote_jobs(1)
        self.printer.status = "online"
        self.remote.faulty_paths = ("/api/printers",)
        for fault in ("500", "hang"):
            self.remote.fault = fault
            self.remote.jobs[job.flask_job_id].update(status="printing", current_label=job.current_label + 1)
            for _sweep in range(3):
                self.sweep()
                self.make_older(60)
            self.assertEqual((self.server.state, self.server.failure_count), ("ok", 0))
            self.assertEqual(job.current_label, self.remote.jobs[job.flask_job_id]["current_label"])
            self.assertFalse(job.unverified_since)
            self.assertEqual(self.printer.status, "unknown")
            self.remote.fault = None
            self.sweep()
            self.make_older(60)
            self.assertEqual(self.printer.status, "online")

    def test_a_queue_is_empty_soon_after_its_last_job_has_ended(self):
        job = self.make_remote_jobs(1, status="printing")
        self.remote.printers[0]["jobs_in_queue"] = 1
        self.sweep()
        self.assertEqual(self.printer.jobs_in_queue, 1)
        self.end_all()
        self.sweep()
        self.assertEqual(job.status, "completed")
        self.remote.printers[0]["jobs_in_queue"] = 0
        self.make_older(SWEEP_PAUSE)
        self.assertTrue(self.is_due_soon())
        self.sweep()
        self.assertEqual(self.printer.jobs_in_queue, 0)

    def test_why_a_job_has_failed_shows_soon_after_it(self):
        """Without events: its printer is asked about at once, not with the next run a minute later."""
        poller = self.env["print.job.status.poller"]
        for code, is_asked in (("invalid_zpl", False), ("printer_offline", True), ("", True)):
            with self.subTest(code):
                self.remote.printers[0]["status"] = "online"
                job = self.make_remote_jobs(1, status="printing")
                sweeps_module._printers_asked.clear()
                self.sweep()
                self.assertEqual(self.printer.status, "online")
                self.remote.jobs[job.flask_job_id].update(
                    status="failed", error_code=code, error_message="Cannot print",
                    # It stood still, and was looked at less often.
                    completed_at=(fields.Datetime.now() - timedelta(seconds=20)).isoformat() + "Z",
                )  # fmt: skip
                self.make_older(SWEEP_PAUSE)
                self.sweep()
                self.assertEqual(job.status, "failed")
                self.remote.printers[0]["status"] = "offline"
                self.make_older(SWEEP_PAUSE)
                self.assertEqual(poller._shows_ended_jobs(fields.Datetime.now()), is_asked)
                self.sweep()
                self.assertEqual(self.printer.status, "offline" if is_asked else "online")
                self.assertFalse(poller._shows_ended_jobs(fields.Datetime.now()))
                self.printer.status = "online"
                self.env.flush_all()
                self.assertFalse(poller._shows_ended_jobs(fields.Datetime.now() + timedelta(minutes=1)))
                job.sudo().last_report_at = False  # of one that was refused when it was handed over there is none
                self.env.flush_all()
                refused_at = job.completed_date + timedelta(seconds=5)
                self.assertEqual(poller._shows_ended_jobs(refused_at), is_asked)
                self.assertFalse(poller._shows_ended_jobs(refused_at + timedelta(seconds=10)))

    def is_due_soon(self):
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            return api.Environment(cr, self.env.uid, {})["print.job.status.poller"]._housekeeping()

    def test_a_low_rate_limit_is_polled_all_the_same(self):
        for limit in (1, 2, 6, 10):
            with self.subTest(limit):
                sweeps_module._budgets.clear()
                self.remote.requests.clear()
                self.server.rate_limit = limit
                self.make_remote_jobs(1)
                self.sweep(12)
                self.assertEqual(len(self.remote.requests), max(1, limit - limit // 2))
                self.remote.jobs.clear()
                self.remove_jobs(self.env["label.print.job"].search([]))

    def test_a_server_with_open_jobs_is_asked_again_within_seconds(self):
        self.make_remote_jobs(1)
        self.remote.stop()
        self.sweep(8)
        self.assertEqual(self.server.state, "unreachable")
        self.assertLess((self.server.next_probe_at - fields.Datetime.now()).total_seconds(), 5)
        self.env["label.print.job"].search([]).write({"flask_job_id": False})
        self.env["label.print.job"].search([])._apply(
            {job.id: {"status": "cancelled"} for job in self.env["label.print.job"].search([])}
        )
        self.sweep()
        self.assertGreater((self.server.next_probe_at - fields.Datetime.now()).total_seconds(), 30)

    def test_pages_are_told_of_the_first_failure_and_of_its_end(self):
        self.make_remote_jobs(1)
        told = []
        self.patch(
            type(self.env["print.job.notifier"]), "_live", lambda _notifier, **changed: told.extend(changed)
        )
        self.remote.stop()
        self.sweep()
        self.assertEqual((self.server.state, told), ("ok", ["servers"]))
        self.assertEqual(self.env["label.print.server"].get_freshness()[0]["failure_count"], 1)
        self.remote.start()
        self.sweep()
        self.assertEqual(told[:2], ["servers", "servers"])

    def test_whoever_looks_wakes_an_engine_that_has_died(self):
        """After a crash nobody triggers the scheduled actions, and Odoo looks once a minute."""
        triggers = self.env["ir.cron.trigger"]
        poll, submit = (
            self.env.ref(f"label_print_monitor.{name}")
            for name in ("cron_poll_print_job_status", "cron_submit_print_jobs")
        )
        now = fields.Datetime.now()
        cases = [
            ({"status": "sent", "flask_job_id": "x", "next_poll_at": now - timedelta(seconds=30)}, poll),
            ({"status": "sent", "flask_job_id": "x", "next_poll_at": now + timedelta(seconds=30)}, triggers),
            ({"next_poll_at": now - timedelta(seconds=30)}, submit),
            ({"submit_started_at": now - timedelta(seconds=30), "next_poll_at": now + timedelta(seconds=30)}, submit),
            ({"submit_started_at": now - timedelta(seconds=5), "next_poll_at": now + timedelta(seconds=55)}, triggers),
        ]
        for values, woken in cases:
            with self.subTest(values):
                job = self.make_job(**{name: value for name, value in values.items() if name != "next_poll_at"})
                job.next_poll_at = values["next_poll_at"]
                triggers.search([]).unlink()
                self.env.flush_all()
                self.env["label.print.server"].with_user(self.user).get_freshness()
                self.assertEqual(triggers.search([]).cron_id.ids, woken.ids)
                self.remove_jobs(job)


class TestIdleSweep(EngineCase):
    def statements(self):
        """SQL statements of one sweep."""
        said = []
        execute = Cursor.execute

        def spy(cursor, query, params=None, log_exceptions=True):
            said.append(str(getattr(query, "code", query)))
            return execute(cursor, query, params, log_exceptions)

        with self.enter_registry_test_mode(), self.registry.cursor() as cr, patch.object(Cursor, "execute", spy):
            api.Environment(cr, self.env.uid, {})["print.job.status.poller"]._run()
        return said

    def test_nothing_new_is_only_read(self):
        for capabilities in (("batch_status", *SINGLE), SINGLE):
            with self.subTest(capabilities):
                self.remote.capabilities = list(capabilities)
                self.use(self.server, self.remote)
                self.make_remote_jobs(12, status="printing", current_label=3)
                self.sweep(2)
                messages = self.env["bus.bus"].search_count([])
                before = len(self.remote.requests)
                said = self.statements()
                self.assertGreater(len(self.remote.requests), before)
                written = [query for query in said if not query.lstrip().upper().startswith(("SELECT", "WITH"))]
                self.assertFalse(written)
                self.assertFalse([query for query in said if "FOR NO KEY" in query or "FOR UPDATE" in query])
                self.assertEqual(self.env["bus.bus"].search_count([]), messages)

    def test_statements_do_not_grow_with_the_jobs(self):
        self.make_remote_jobs(5, status="printing", current_label=3)
        self.sweep(2)
        few = len(self.statements())
        self.make_remote_jobs(60, status="printing", current_label=3)
        self.sweep(2)
        self.assertLessEqual(len(self.statements()), few + 1)



class TestStuck(EngineCase):
    def test_flagged_when_it_stands_still_and_cleared_by_progress(self):
        (job,) = self.make_remote_jobs(1, status="printing", current_label=3)
        self.sweep()
        self.assertFalse(job.attention_code)
        self.assertTrue(job.attention_due_at)
        job.attention_due_at = fields.Datetime.now() - timedelta(seconds=1)
        self.sweep()
        self.assertEqual((job.status, job.attention_code), ("printing", "stuck"))
        self.assertFalse(self.sent_toasts(self.user), "stuck is not an outcome")
        self.remote.jobs[job.flask_job_id]["current_label"] = 4
        self.sweep()
        self.assertFalse(job.attention_code)
        self.assertGreater(job.attention_due_at, fields.Datetime.now())

    def test_not_while_the_server_is_away(self):
        (job,) = self.make_remote_jobs(1, status="printing")
        self.sweep()
        self.remote.stop()
        self.sweep(3)
        job.attention_due_at = fields.Datetime.now() - timedelta(seconds=1)
        self.sweep()
        self.assertFalse(job.attention_code)


class TestSubmissionIsWoken(EngineCase):
    """Odoo runs a trigger that lies in the future up to a minute late, so that the sweeps run the submission."""

    def setUp(self):
        super().setUp()
        self.cron = self.env.ref("label_print_monitor.cron_submit_print_jobs")
        self.job = self.make_job(quantity=3, labels_data=[{"zpl_code": "^XA^XZ"}] * 3)
        self.env["ir.cron.trigger"].search([]).unlink()

    def housekeeping(self, seconds):
        """:return: whether sweeps go on, and whether the submission runs now"""
        self.job.next_poll_at = fields.Datetime.now() + timedelta(seconds=seconds)
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            goes_on = api.Environment(cr, self.env.uid, {})["print.job.status.poller"]._housekeeping()
        return goes_on, bool(self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)]))

    def test_a_held_job_is_submitted_when_its_pause_ends(self):
        self.assertEqual(self.housekeeping(15), (True, False))
        self.assertEqual(self.housekeeping(-1), (True, True))

    def test_not_a_job_that_has_to_wait_longer(self):
        self.assertEqual(self.housekeeping(600), (False, False))

    def test_not_while_its_server_is_away(self):
        self.server.write({"state": "unreachable"})
        self.assertEqual(self.housekeeping(-1), (False, False))

    def test_the_submission_does_not_run_again_and_again_while_its_server_is_away(self):
        """Seen: sixteen runs a second for as long as a print server was away."""
        self.server.write({"state": "unreachable", "next_probe_at": fields.Datetime.now() + timedelta(seconds=30)})
        self.job.next_poll_at = fields.Datetime.now() - timedelta(seconds=1)
        self.env.flush_all()
        Poller = type(self.env["print.job.status.poller"])
        self.patch(Poller, "_testing", lambda poller: False)
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            api.Environment(cr, self.env.uid, {})["print.job.submitter"]._run()
        self.assertFalse(self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)]))
