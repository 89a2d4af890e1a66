"""The engine against a print server on real sockets, in every kind of trouble.

Whatever happens on the way, in the end each job has the server's truth and each outcome was told once.
"""

import dataclasses
import random
import time
from datetime import timedelta
from unittest.mock import patch

from odoo import api, fields
from odoo.addons.label_print_monitor.models import print_job_sweeps as sweeps_module
from odoo.addons.label_print_monitor.services import job_lifecycle
from odoo.addons.label_print_monitor.services.payloads import parse_job_report
from odoo.sql_db import Cursor
from odoo.tools import mute_logger

from .common import LabelPrintCase
from .loopback import KEY, LoopbackPrintServer

SINGLE = ("failed_labels", "idempotency", "printer_reasons")


class EngineCase(LabelPrintCase):
    """Jobs of a loopback print server, followed by the real cron."""

    capabilities = ("batch_status", *SINGLE)
    timeout = 0.5  # seconds a call may take; the product allows 5

    def setUp(self):
        super().setUp()
        Server = type(self.env["label.print.server"])
        connection = Server._connection
        self.patch(Server, "_connection", lambda server: dataclasses.replace(connection(server), timeout=self.timeout))
        self.remote = self.start_remote()
        self.use(self.server, self.remote)
        sweeps_module._budgets.clear()
        sweeps_module._printers_asked.clear()

    def start_remote(self, **options):
        remote = LoopbackPrintServer(**{"capabilities": self.capabilities, **options})
        self.addCleanup(remote.stop)
        return remote

    def use(self, server, remote, **values):
        """Point a server record at a loopback server, as one that has been met before."""
        server.write({"api_url": remote.url, "api_key": KEY})
        now = fields.Datetime.now()
        server.write(
            {
                "state": "ok", "state_since": now, "last_contact": now, "last_health": now, "next_probe_at": False,
                "capabilities": list(remote.capabilities), **values,
            }
        )  # fmt: skip

    def make_remote_jobs(self, count=4, remote=None, server=None, **data):
        """Jobs that both sides know."""
        remote = remote or self.remote
        jobs = self.env["label.print.job"]
        for number in range(count):
            id_ = remote.add_job(f"srv-{remote.port}-{len(remote.jobs)}-{number}", **data)
            values = {"server_id": server.id} if server else {}
            jobs |= self.make_job(status="sent", flask_job_id=id_, **values)
        return jobs

    def run_cron(self, name="cron_poll_print_job_status"):
        with self.enter_registry_test_mode():
            self.env.ref(f"label_print_monitor.{name}").method_direct_trigger()

    def sweep(self, times=1):
        """A run of the cron, with everything due: pauses are tested where they are the matter."""
        for _time in range(times):
            self.env["label.print.job"].search([("status", "in", job_lifecycle.ACTIVE)]).write(
                {"next_poll_at": fields.Datetime.now() - timedelta(seconds=1)}
            )
            self.env["label.print.server"].search([]).write({"next_probe_at": False})
            self.run_cron()

    def end_all(self, remote=None):
        """The print server finishes its jobs, each in another way."""
        remote = remote or self.remote
        ends = [
            {"status": "completed", "current_label": 20, "progress_percent": 100},
            {"status": "failed", "current_label": 8, "error_code": "paper_out", "error_message": "media out"},
            {"status": "completed", "progress": {"total": 20, "completed": 19, "failed": 1},
             "failed_labels": [{"index": 3, "code": "label_failed"}]},
            {"status": "cancelled"},
        ]  # fmt: skip
        for number, job in enumerate(remote.jobs.values()):
            job.clear()
            job.update(ends[number % len(ends)], job_id=list(remote.jobs)[number])

    def assert_truth(self, remote=None):
        """Every job has what its print server says, and every outcome was told its owner once."""
        remote = remote or self.remote
        told = []
        for toast in self.sent_toasts(self.user):
            told += toast["job_ids"]
        for job in self.env["label.print.job"].search([("flask_job_id", "in", list(remote.jobs))]):
            truth = parse_job_report(remote.jobs[job.flask_job_id])
            self.assertEqual(job.status, truth.status, job.flask_job_id)
            if truth.status in ("completed", "completed_with_errors", "failed"):
                self.assertEqual(told.count(job.id), 1, f"{job.status} was told {told.count(job.id)} times")
            else:
                self.assertNotIn(job.id, told)

    def notices(self):
        """Titles of what managers were told about servers."""
        return [toast["title"] for toast in self.sent_toasts(self.manager) if toast["key"].startswith("server-")]


class FaultsMixin:
    """Each fault by its own name. Run for servers with and without batch questions."""

    def ride_out(self, fault, sweeps=2, heal=None):
        """The fault strikes while jobs print; afterwards the jobs end, and all is as the server says."""
        jobs = self.make_remote_jobs(4, status="printing", current_label=3)
        self.remote.add_job("nobody-knows", status="printing")
        self.sweep()
        self.assertEqual(set(jobs.mapped("status")), {"printing"})
        self.end_all()
        self.remote.fault = fault
        for _sweep in range(sweeps):
            self.sweep()
            self.assertEqual(set(jobs.mapped("status")), {"printing"}, "a fault of the server is no job's outcome")
        self.assertFalse(self.sent_toasts(self.user))
        (heal or self.heal)()
        self.sweep(2)
        self.assert_truth()
        self.assertEqual(self.server.state, "ok")
        self.assertEqual((self.server.failure_count, self.server.state_message), (0, False))

    def heal(self):
        self.remote.fault = None
        sweeps_module._budgets.clear()  # as if the minute were over

    def test_server_down(self):
        jobs = self.make_remote_jobs(4, status="printing", current_label=3)
        self.sweep()
        self.end_all()
        self.remote.stop()
        self.sweep(2)
        self.assertEqual(set(jobs.mapped("status")), {"printing"})
        self.assertEqual(self.server.failure_count, 2)
        self.remote.start()
        self.sweep()
        self.assert_truth()

    def test_server_hanging(self):
        self.ride_out("hang", sweeps=1)

    def test_slow_trickle(self):
        started = time.monotonic()
        self.ride_out("trickle", sweeps=1)
        self.assertLess(time.monotonic() - started, 5)

    def test_reset_in_mid_body(self):
        self.ride_out("reset")

    def test_500(self):
        self.ride_out("500")

    def test_502_with_html(self):
        self.ride_out("502")
        self.assertNotIn("<h1>", self.server.state_message or "")

    def test_401(self):
        self.ride_out("401")

    def test_403(self):
        self.ride_out("403")

    def test_404_for_everything(self):
        self.remote.faulty_paths = ("/api/status",)
        self.ride_out("404", sweeps=4)

    def test_429_with_retry_after(self):
        self.ride_out(lambda handler: handler.send_json({"error": "slow down"}, 429, Retry_After=30))

    def test_429_without_retry_after(self):
        self.ride_out("429")

    def test_redirect_to_another_host_never_gets_the_key(self):
        thief = self.start_remote()
        self.ride_out(lambda handler: handler.send_json({}, 302, Location=f"{thief.url}{handler.path}"))
        self.assertFalse(thief.heard)

    def test_invalid_json(self):
        self.ride_out("invalid_json")

    def test_json_of_the_wrong_shape(self):
        self.ride_out("wrong_shape")

    def test_a_hundred_megabytes(self):
        self.ride_out("huge_body", sweeps=1)

    def test_tls_failure(self):
        jobs = self.make_remote_jobs(2, status="printing")
        false = self.start_remote(tls=True)
        self.use(self.server, false)
        self.sweep()
        self.assertEqual(set(jobs.mapped("status")), {"sent"})
        self.assertIn("certificate", self.server.state_message)
        self.assertFalse(false.heard, "nothing was sent over a connection that cannot be trusted")
        self.end_all()
        self.use(self.server, self.remote)
        self.sweep(2)
        self.assert_truth()

    def test_nan_negative_and_huge_numbers(self):
        jobs = self.make_remote_jobs(4, status="printing", current_label=3)
        self.sweep()
        for data, values in zip(
            self.remote.jobs.values(), (float("nan"), -5, 10**400, float("inf")), strict=True
        ):
            data.update(current_label=values, progress_percent=values, quantity=values)
        self.sweep()
        for job in jobs:
            self.assertEqual(job.status, "printing")
            self.assertTrue(3 <= job.current_label <= 20)
            self.assertTrue(0 <= job.progress_percent <= 100)
        self.assertEqual(self.server.state, "ok")
        self.end_all()
        self.sweep()
        self.assert_truth()

    def test_unknown_status(self):
        jobs = self.make_remote_jobs(3, status="printing")
        self.sweep()
        list(self.remote.jobs.values())[1]["status"] = "defrobnicating"
        self.sweep()
        self.assertEqual(jobs.mapped("status"), ["printing"] * 3)
        self.assertEqual(jobs[1].server_warning, "defrobnicating")
        self.end_all()
        self.sweep()
        self.assertFalse(jobs[1].server_warning)
        self.assert_truth()

    def test_rubbish_about_one_job_spoils_no_other(self):
        jobs = self.make_remote_jobs(4, status="printing")
        self.sweep()
        self.end_all()
        spoilt = next(iter(self.remote.jobs))
        truth = self.remote.jobs[spoilt]
        self.remote.jobs[spoilt] = {"job_id": spoilt, "status": [None]}
        self.sweep()
        self.assertEqual(jobs[0].status, "printing")
        self.assertTrue(all(job.status in job_lifecycle.TERMINAL for job in jobs[1:]))
        self.remote.jobs[spoilt] = truth
        self.sweep()
        self.assert_truth()

    def test_reports_that_come_again_change_nothing(self):
        self.make_remote_jobs(4, status="printing")
        self.end_all()
        self.sweep()
        self.env["label.print.job"].search([]).write({"next_poll_at": fields.Datetime.now()})
        self.sweep(2)
        self.assert_truth()

    def test_unknown_for_two_minutes_fails(self):
        (job,) = self.make_remote_jobs(1)
        self.remote.jobs.clear()
        self.sweep(4)
        self.assertEqual(job.status, "sent")
        job.not_found_since = fields.Datetime.now() - timedelta(minutes=3)
        self.sweep()
        self.assertEqual((job.status, job.error_code), ("failed", "job_unknown"))
        self.assertEqual(len(self.sent_toasts(self.user)), 1)


class TestFaultsWithBatch(FaultsMixin, EngineCase):
    def test_a_cancel_during_a_sweep_stands(self):
        jobs = self.make_remote_jobs(3, status="printing")
        self.sweep()
        truth = [dict(data) for data in self.remote.jobs.values()]
        # The sweep holds an answer from before the cancel and applies it afterwards.
        jobs[0].with_user(self.user).action_cancel()
        reports = [parse_job_report({**data, "current_label": 9}) for data in truth]
        self.env["print.job.status.poller"].apply_reports(self.server, reports)
        jobs.invalidate_recordset()
        self.assertEqual(jobs.mapped("status"), ["cancelled", "printing", "printing"])
        self.end_all()
        self.remote.jobs[jobs[0].flask_job_id]["status"] = "cancelled"
        self.sweep()
        self.assert_truth()


class TestFaultsOneByOne(FaultsMixin, EngineCase):
    capabilities = SINGLE

    def test_one_job_that_the_server_chokes_on(self):
        jobs = self.make_remote_jobs(4, status="printing")
        self.sweep()
        self.end_all()
        bad = jobs[1].flask_job_id
        self.remote.fault = lambda handler: handler.fault_500() if handler.path.endswith(bad) else False
        self.sweep()
        self.assertEqual(jobs[1].status, "printing")
        self.assertTrue(all(job.status in job_lifecycle.TERMINAL for job in jobs - jobs[1]))
        self.heal()
        self.sweep()
        self.assert_truth()


class TestServerHealth(EngineCase):
    def test_three_failed_sweeps_make_it_unreachable_and_it_comes_back(self):
        jobs = self.make_remote_jobs(3, status="printing")
        self.sweep()
        self.assertEqual(self.printer.status, "online")
        self.remote.stop()
        self.sweep(2)
        self.assertEqual(self.server.state, "ok")
        self.assertFalse(self.notices())
        self.sweep()
        self.assertEqual((self.server.state, self.server.failure_count), ("unreachable", 3))
        self.assertTrue(all(job.unverified_since and job.unverified_reason for job in jobs))
        self.assertEqual(set(jobs.mapped("status")), {"printing"})
        self.assertEqual(self.printer.status, "unknown")
        self.sweep(3)
        self.assertEqual(self.notices(), ["Print server cannot be reached"], "one notice however long it lasts")
        self.end_all()
        self.remote.start()
        self.sweep()
        self.assertEqual(self.notices(), ["Print server cannot be reached", "Print server is back"])
        self.assertFalse(any(job.unverified_since for job in jobs))
        self.assert_truth()

    def test_a_job_made_while_the_server_is_away_is_unverified_and_verified_again(self):
        self.remote.stop()
        jobs = self.make_remote_jobs(1, status="printing")
        self.sweep(4)
        later = self.make_remote_jobs(1, status="printing")
        self.sweep(2)
        self.assertTrue(jobs.unverified_since)
        self.assertTrue(later.unverified_since)
        self.remote.start()
        self.sweep(2)
        self.assertFalse((jobs | later).filtered("unverified_since"))

    def test_probes_have_growing_pauses_up_to_a_minute(self):
        self.make_remote_jobs(1)
        self.remote.stop()
        pauses = []
        for _probe in range(8):
            self.sweep()
            pauses.append((self.server.next_probe_at - fields.Datetime.now()).total_seconds())
        for pause, wanted in zip(pauses, (2, 4, 8, 16, 32, 60, 60, 60), strict=True):
            self.assertTrue(wanted - 2 <= pause <= wanted, pauses)
        with patch.object(sweeps_module, "visit") as visit:
            self.run_cron()
        visit.assert_not_called()

    def test_refused_key_is_a_configuration_fault(self):
        jobs = self.make_remote_jobs(2, status="printing")
        self.sweep()
        self.remote.fault = "401"
        self.sweep()
        self.assertEqual(self.server.state, "misconfigured")
        self.assertEqual(self.notices(), ["Print server refuses Odoo"])
        self.assertTrue(all(jobs.mapped("unverified_since")))
        self.remote.fault = None
        self.sweep()
        self.assertEqual(self.notices()[-1], "Print server is back")
        self.assertEqual(self.server.state, "ok")

    def test_a_bad_address_is_a_configuration_fault_and_no_crash(self):
        self.make_remote_jobs(1)
        self.env["ir.config_parameter"].set_param("label_print.api_url", "gopher://nowhere")
        self.sweep()
        self.assertEqual(self.server.state, "misconfigured")

    def test_flapping_tells_each_change_once(self):
        self.make_remote_jobs(1, status="printing")
        for _turn in range(2):
            self.remote.stop()
            self.sweep(4)
            self.remote.start()
            self.sweep(2)
        self.assertEqual(self.notices(), ["Print server cannot be reached", "Print server is back"] * 2)

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
    def test_a_mistake_of_ours_neither_ends_the_cron_nor_other_servers(self):
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
        self.assertLessEqual(len(self.remote.heard), 100)
        self.assertEqual(sorted(first), sorted(jobs[: len(first)].mapped("flask_job_id")))
        sweeps_module._budgets.clear()
        self.remote.asked.clear()
        self.run_cron()
        rest = jobs[len(first) :].mapped("flask_job_id")
        # A pool of connections asks: the order holds but for those that are under way together.
        self.assertFalse(set(rest) - set(self.remote.asked[: len(rest) + 16]), "those left out come first now")

    def test_remaining_header_is_respected(self):
        self.make_remote_jobs(30)
        self.remote.headers = {"X-RateLimit-Remaining": "0"}
        self.sweep()
        heard = len(self.remote.heard)
        self.sweep(2)
        self.assertEqual(len(self.remote.heard), heard, "nothing may be asked before the minute is over")

    def test_after_429_nothing_is_asked_until_the_time_is_over(self):
        for headers in ({"Retry_After": 30}, {}):
            with self.subTest(headers):
                sweeps_module._budgets.clear()
                self.make_remote_jobs(3)
                self.remote.fault = lambda handler, headers=headers: handler.send_json({}, 429, **headers)
                self.sweep()
                heard = len(self.remote.heard)
                self.sweep(3)
                self.assertEqual(len(self.remote.heard), heard)
                self.assertEqual(self.server.state, "ok", "being asked to wait is an answer")

    def test_old_jobs_are_asked_about_less_often(self):
        fresh, old = self.make_remote_jobs(2)
        old.progress_at = fields.Datetime.now() - timedelta(hours=2)
        self.remote.jobs[fresh.flask_job_id]["status"] = self.remote.jobs[old.flask_job_id]["status"] = "sent"
        self.sweep()
        now = fields.Datetime.now()
        self.assertLessEqual(fresh.next_poll_at, now)
        self.assertTrue(50 <= (old.next_poll_at - now).total_seconds() <= 61)

    def test_while_push_is_live_polling_rests(self):
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
                heard = len(self.remote.heard)
                said = self.statements()
                self.assertGreater(len(self.remote.heard), heard)
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


class TestSequences(EngineCase):
    """Random sequences of sweeps, reports in any order, faults and clicks. The seed stands in the message."""

    def test_any_sequence_of_reports_and_actions_keeps_the_rules(self):
        for seed in range(6):
            with self.subTest(seed=seed):
                self.run_sequence(random.Random(seed))

    def run_sequence(self, chance):
        job = self.make_remote_jobs(1)
        poller = self.env["print.job.status.poller"]
        words = [word for word, _label in job_lifecycle.STATUSES[1:]] + ["nonsense"]
        seen = [(job.attempt_number, job.status, job.current_label)]
        for _step in range(30):
            move = chance.random()
            if move < 0.75:
                data = {"status": chance.choice(words), "current_label": chance.randint(-2, 25)}
                if not job.flask_job_id:
                    job.sudo()._apply({job.id: {"status": "sent", "flask_job_id": f"again-{job.id}-{job.attempt_number}"}})
                report = parse_job_report({"job_id": job.flask_job_id, **data})
                poller.apply_reports(self.server, [report] * chance.randint(1, 2))
            elif move < 0.9 and job_lifecycle.can_retry(job.status):
                job.with_user(self.user)._retry(sorted(chance.sample(range(1, 21), 5)))
            elif job_lifecycle.can_cancel(job.status):
                self.remote.jobs.setdefault(job.flask_job_id, {"job_id": job.flask_job_id})
                job.with_user(self.user).action_cancel()
            job.invalidate_recordset()
            now = (job.attempt_number, job.status, job.current_label)
            before = seen[-1]
            self.assertIn(job.status, dict(job_lifecycle.STATUSES))
            self.assertTrue(0 <= job.current_label <= job.quantity)
            if now[0] == before[0]:
                self.assertTrue(before[1] == now[1] or job_lifecycle.check_move(before[1], now[1]), (before, now))
                self.assertGreaterEqual(now[2], before[2])
            else:
                self.assertEqual((now[0], now[1]), (before[0] + 1, "pending"))
            seen.append(now)
        ended = {(attempt, status) for attempt, status, _label in seen if status in ("completed", "completed_with_errors", "failed")}
        keys = [toast["key"] for toast in self.sent_toasts(self.user) if job.id in toast["job_ids"]]
        self.assertEqual(sorted(keys), sorted(f"job-{job.id}-{attempt}-{status}" for attempt, status in ended))
