"""What the tests of the engine share: a print server on real sockets, and the real crons that follow its jobs."""

import dataclasses
from datetime import timedelta

from odoo import fields
from odoo.addons.label_print_monitor.models import print_job_cancel_repeats as repeats_module
from odoo.addons.label_print_monitor.models import print_job_sweeps as sweeps_module
from odoo.addons.label_print_monitor.services.contract.payloads import parse_job_report
from odoo.addons.label_print_monitor.services.lifecycle import job_lifecycle

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
        repeats_module._pauses.clear()
        sweeps_module._jobs_asked.clear()

    def tearDown(self):
        """Whatever the engine has done: the records of its jobs hold, and say what is kept of them."""
        jobs = self.env["label.print.job"].search([])
        differing = {job_id: verdict.findings for job_id, verdict in jobs._verify().items() if verdict.findings}
        self.assertEqual(differing, {})
        super().tearDown()

    def start_remote(self, **options):
        remote = LoopbackPrintServer(**{"capabilities": self.capabilities, **options})
        self.addCleanup(remote.stop)
        return remote

    def use(self, server, remote, **values):
        """Point a server record at a loopback server, as one that has answered before."""
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
        """A run of the cron, with everything due; pauses have tests of their own."""
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

    def assert_matches_server(self, remote=None):
        """Every job has the status of its print server, and its submitter got one toast for each outcome."""
        remote = remote or self.remote
        notified = []
        for toast in self.sent_toasts(self.user):
            notified += toast["job_ids"]
        for job in self.env["label.print.job"].search([("flask_job_id", "in", list(remote.jobs))]):
            report = parse_job_report(remote.jobs[job.flask_job_id])
            self.assertEqual(job.status, report.status, job.flask_job_id)
            if report.status in ("completed", "completed_with_errors", "failed"):
                self.assertEqual(notified.count(job.id), 1, f"{notified.count(job.id)} toasts for {job.status}")
            else:
                self.assertNotIn(job.id, notified)

    def notices(self):
        """Titles of the toasts that managers got about servers."""
        return [toast["title"] for toast in self.sent_toasts(self.manager) if toast.get("key", "").startswith("server-")]
