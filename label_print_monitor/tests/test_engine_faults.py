"""The engine against a print server with every kind of fault.

Whatever happens meanwhile, in the end each job has the server's status and each outcome has one toast.
"""

import time
from datetime import timedelta

from odoo import fields
from odoo.addons.label_print_monitor.models import print_job_sweeps as sweeps_module
from odoo.addons.label_print_monitor.services.contract.payloads import parse_job_report
from odoo.addons.label_print_monitor.services.lifecycle import job_lifecycle

from .engine_case import SINGLE, EngineCase


class FaultsMixin:
    """Each fault by its own name. Run for servers with and without batch requests."""

    def check_recovery(self, fault, sweeps=2, recover=None):
        """The server fails while jobs print; once it answers again, every job gets its status."""
        jobs = self.make_remote_jobs(4, status="printing", current_label=3)
        self.remote.add_job("unknown-to-odoo", status="printing")
        self.sweep()
        self.assertEqual(set(jobs.mapped("status")), {"printing"})
        self.end_all()
        self.remote.fault = fault
        for _sweep in range(sweeps):
            self.sweep()
            self.assertEqual(set(jobs.mapped("status")), {"printing"}, "a fault of the server is no job's outcome")
        self.assertFalse(self.sent_toasts(self.user))
        (recover or self.recover)()
        self.sweep(2)
        self.assert_matches_server()
        self.assertEqual(self.server.state, "ok")
        self.assertEqual((self.server.failure_count, self.server.state_message), (0, False))

    def recover(self):
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
        self.assert_matches_server()

    def test_server_hanging(self):
        self.check_recovery("hang", sweeps=1)

    def test_slow_trickle(self):
        started = time.monotonic()
        self.check_recovery("trickle", sweeps=1)
        self.assertLess(time.monotonic() - started, 5)

    def test_reset_in_mid_body(self):
        self.check_recovery("reset")

    def test_500(self):
        self.check_recovery("500")

    def test_502_with_html(self):
        self.check_recovery("502")
        self.assertNotIn("<h1>", self.server.state_message or "")

    def test_401(self):
        self.check_recovery("401")

    def test_403(self):
        self.check_recovery("403")

    def test_404_for_everything(self):
        self.remote.faulty_paths = ("/api/status",)
        self.check_recovery("404", sweeps=4)

    def test_429_with_retry_after(self):
        self.check_recovery(lambda handler: handler.send_json({"error": "slow down"}, 429, Retry_After=30))

    def test_429_without_retry_after(self):
        self.check_recovery("429")

    def test_redirect_to_another_host_never_gets_the_key(self):
        elsewhere = self.start_remote()
        self.check_recovery(lambda handler: handler.send_json({}, 302, Location=f"{elsewhere.url}{handler.path}"))
        self.assertFalse(elsewhere.requests)

    def test_invalid_json(self):
        self.check_recovery("invalid_json")

    def test_json_of_the_wrong_shape(self):
        self.check_recovery("wrong_shape")

    def test_a_hundred_megabytes(self):
        self.check_recovery("huge_body", sweeps=1)

    def test_tls_failure(self):
        jobs = self.make_remote_jobs(2, status="printing")
        false = self.start_remote(tls=True)
        self.use(self.server, false)
        self.sweep()
        self.assertEqual(set(jobs.mapped("status")), {"sent"})
        self.assertIn("certificate", self.server.state_message)
        self.assertFalse(false.requests, "nothing was sent over a connection that cannot be trusted")
        self.end_all()
        self.use(self.server, self.remote)
        self.sweep(2)
        self.assert_matches_server()

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
        self.assert_matches_server()

    def test_unknown_status(self):
        jobs = self.make_remote_jobs(3, status="printing")
        self.sweep()
        list(self.remote.jobs.values())[1]["status"] = "recalibrating"
        self.sweep()
        self.assertEqual(jobs.mapped("status"), ["printing"] * 3)
        self.assertEqual(jobs[1].server_warning, "recalibrating")
        self.end_all()
        self.sweep()
        self.assertFalse(jobs[1].server_warning)
        self.assert_matches_server()

    def test_an_invalid_report_of_one_job_affects_no_other(self):
        jobs = self.make_remote_jobs(4, status="printing")
        self.sweep()
        self.end_all()
        invalid = next(iter(self.remote.jobs))
        valid = self.remote.jobs[invalid]
        self.remote.jobs[invalid] = {"job_id": invalid, "status": [None]}
        self.sweep()
        self.assertEqual(jobs[0].status, "printing")
        self.assertTrue(all(job.status in job_lifecycle.TERMINAL for job in jobs[1:]))
        self.remote.jobs[invalid] = valid
        self.sweep()
        self.assert_matches_server()

    def test_reports_that_come_again_change_nothing(self):
        self.make_remote_jobs(4, status="printing")
        self.end_all()
        self.sweep()
        self.env["label.print.job"].search([]).write({"next_poll_at": fields.Datetime.now()})
        self.sweep(2)
        self.assert_matches_server()

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
        before = [dict(data) for data in self.remote.jobs.values()]
        # The sweep holds an answer from before the cancel and applies it afterwards.
        jobs[0].with_user(self.user).action_cancel()
        reports = [parse_job_report({**data, "current_label": 9}) for data in before]
        self.env["print.job.status.poller"].apply_reports(self.server, reports)
        jobs.invalidate_recordset()
        self.assertEqual(jobs.mapped("status"), ["cancelled", "printing", "printing"])
        self.end_all()
        self.remote.jobs[jobs[0].flask_job_id]["status"] = "cancelled"
        self.sweep()
        self.assert_matches_server()



class TestFaultsOneByOne(FaultsMixin, EngineCase):
    capabilities = SINGLE

    def test_one_job_for_which_the_server_fails(self):
        jobs = self.make_remote_jobs(4, status="printing")
        self.sweep()
        self.end_all()
        bad = jobs[1].flask_job_id
        self.remote.fault = lambda handler: handler.fault_500() if handler.path.endswith(bad) else False
        self.sweep()
        self.assertEqual(jobs[1].status, "printing")
        self.assertTrue(all(job.status in job_lifecycle.TERMINAL for job in jobs - jobs[1]))
        self.recover()
        self.sweep()
        self.assert_matches_server()


class TestRunsThatDie(EngineCase):
    """Seen: Odoo killed, or its database cut off, in three runs one after the other. Odoo then believes that the scheduled
    action never gets anything done, says "timed out", and leaves it out until a minute later."""

    def done_after_deaths(self, name, deaths):
        """What the scheduler knows to be done in a run that comes after so many that have died."""
        cron = self.env.ref(f"label_print_monitor.{name}")
        Progress = self.env["ir.cron.progress"]
        Progress.create({"cron_id": cron.id, "timed_out_counter": deaths})
        self.run_cron(name)
        return Progress.search([("cron_id", "=", cron.id)], order="id desc", limit=1).done

    def test_a_run_after_one_that_died_is_known_to_do_something(self):
        for name in ("cron_poll_print_job_status", "cron_submit_print_jobs"):
            self.assertTrue(self.done_after_deaths(name, 1), name)

    def test_an_ordinary_run_writes_nothing_for_that(self):
        for name in ("cron_poll_print_job_status", "cron_submit_print_jobs"):
            self.assertFalse(self.done_after_deaths(name, 0), name)


class TestAnswersThatTakeTime(EngineCase):
    """Seen: *Refresh* failed with a traceback, after five tries. While the print server is asked, sweeps and events change the
    job, and a transaction that began before the question cannot lock it any more."""

    capabilities = ("batch_status", "label_account", *SINGLE)

    def setUp(self):
        super().setUp()
        self.job = self.make_remote_jobs(1, status="printing", current_label=3)
        self.order = []
        Job, Poller = type(self.env["label.print.job"]), type(self.env["print.job.status.poller"])
        for model, name in ((Job, "_ask_status"), (Job, "_ask_statuses"), (Poller, "apply_reports")):
            self.patch(model, name, self.noted(name, getattr(model, name)))
        self.patch(Poller, "_testing", lambda poller: False)
        self.patch(Poller, "_commit", lambda poller: self.order.append("commit"))

    def noted(self, name, method):
        def call(records, *arguments, **options):
            self.order.append(name)
            return method(records, *arguments, **options)

        return call

    def test_refresh_applies_the_answer_in_a_transaction_of_its_own(self):
        self.job.action_refresh()
        self.assertEqual(self.order, ["_ask_status", "commit", "apply_reports", "commit"])
        self.assertEqual(self.job.current_label, 3)

    def test_so_does_a_look_at_the_labels(self):
        self.job._ask_for_account()
        self.assertEqual(self.order, ["_ask_statuses", "commit", "apply_reports", "commit"])
