"""The cron's runs: what is asked when, what a sweep costs, and that no server disturbs another."""

import time
from datetime import timedelta
from unittest.mock import patch

from odoo import api, fields
from odoo.addons.label_print_monitor.models import print_job_sweeps as sweeps_module
from odoo.addons.label_print_monitor.services.lifecycle import job_lifecycle
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

    def test_while_push_is_live_polling_is_slow(self):
        job = self.make_remote_jobs(1)
        self.server.write(
            {"webhook_secret": "s", "capabilities": [*SINGLE, "events"], "push_last_at": fields.Datetime.now()}
        )
        self.remote.capabilities = [*SINGLE, "events"]
        self.use(self.server, self.remote)
        self.sweep()
        self.assertGreater((job.next_poll_at - fields.Datetime.now()).total_seconds(), 50)



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
