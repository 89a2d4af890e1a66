"""What the account of its labels costs a job that ends: at most one more request and two more statements."""

from odoo import fields
from odoo.addons.label_print_monitor.services.contract.payloads import parse_job_report
from odoo.tests import tagged

from .engine_case import EngineCase

LABELS = 500
CAPABILITIES = ("batch_status", "failed_labels", "idempotency", "printer_reasons")


def status_object(job, **data):
    return {
        "job_id": job.flask_job_id,
        "status": "completed",
        "current_label": LABELS - 1,
        "progress": {"total": LABELS, "completed": LABELS - 1, "failed": 1},
        "error_code": "label_failed",
        "failed_labels": [{"index": 250, "code": "label_failed", "message": "torn"}],
        **data,
    }


def all_different():
    """500 labels of which each has a time of its own, so that no two are one run."""
    start = fields.Datetime.now()
    runs = [
        {"index": index, "state": "confirmed", "at": f"{start:%Y-%m-%dT%H:%M:%S}.{index:03d}Z", "tries": 1 + index % 2}
        for index in range(1, LABELS + 1)
    ]
    runs[249] = {"index": 250, "state": "failed", "code": "label_failed", "tries": 3}
    return runs


@tagged("post_install", "-at_install")
class TestAccountCost(EngineCase):
    def make_big_job(self):
        job = self.make_job(LABELS, status="sent", server_id=self.server.id)
        self.remote.add_job(job.flask_job_id, "printing")
        self.env.flush_all()
        self.env.invalidate_all()
        return job

    def report_only(self, *data):
        self.env["print.job.status.poller"].apply_reports(self.server, [parse_job_report(one) for one in data])
        self.env.flush_all()

    def statements(self, *data):
        """How many statements it costs to apply these status objects, with nothing cached."""
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        self.report_only(*data)
        return self.cr.sql_log_count - before

    def statements_of_end(self, **data):
        """The same for the end of one job, whatever comes with it."""
        job = self.make_big_job()
        count = self.statements(status_object(job, **data))
        self.assertEqual((job.status, job.current_label), ("completed_with_errors", LABELS - 1))
        self.assertTrue(job.attempt_ids.account_exact)
        return count

    def test_statements_when_it_comes_with_the_end(self):
        self.statements_of_end()  # what is cached once for all
        without = self.statements_of_end()
        self.assertLessEqual(self.statements_of_end(labels=all_different()), without + 2)
        self.server.write({"capabilities": [*CAPABILITIES, "label_account"]})
        self.assertEqual(self.statements_of_end(), without)

    def test_statements_when_it_comes_after_the_end(self):
        """The accounts of all jobs that have ended since the last sweep are noted together."""
        self.server.write({"capabilities": [*CAPABILITIES, "label_account"]})
        counts = {}
        for count in (1, 5):
            jobs = [self.make_big_job() for _number in range(count)]
            self.report_only(*[status_object(job) for job in jobs])
            self.assertTrue(all(job.attempt_ids.account_due for job in jobs))
            counts[count] = self.statements(*[status_object(job, labels=all_different()) for job in jobs])
            for job in jobs:
                account = job._job_account()
                self.assertFalse(job.attempt_ids.account_due)
                self.assertEqual(account.labels[249].code, "label_failed")
                self.assertTrue(account.labels[0].at)
        self.assertEqual(counts[1], counts[5])
        # One of them reads for the record of all these jobs, one writes it, one writes their figures.
        self.assertLessEqual(counts[5], 2 * 5 + 3)

    def requests_of_end(self, *capabilities):
        """Requests of the sweeps that follow a job to its end and to its account."""
        self.remote.capabilities = [*CAPABILITIES, *capabilities]
        self.server.write({"capabilities": self.remote.capabilities})
        job = self.make_big_job()
        self.sweep()
        self.remote.jobs[job.flask_job_id] = status_object(job)
        self.remote.requests.clear()
        self.sweep()
        self.remote.jobs[job.flask_job_id] = status_object(job, labels=all_different())
        self.sweep(3)
        self.assertEqual(job.status, "completed_with_errors")
        self.assertFalse(job.attempt_ids.account_due)
        self.assertEqual(bool(job._job_account().labels[0].at), bool(capabilities))
        return self.remote.calls("/api/status") + self.remote.calls("/api/jobs")

    def test_requests(self):
        self.assertLessEqual(self.requests_of_end("label_account"), self.requests_of_end() + 1)
