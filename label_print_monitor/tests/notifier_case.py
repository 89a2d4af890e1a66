"""What the tests of the notifier share: jobs that end alike, and retries of them."""

from odoo.addons.label_print_monitor.services.contract.payloads import parse_job_report

from .common import LabelPrintCase


class NotifierCase(LabelPrintCase):
    def make_jobs(self, count, **values):
        return self.env["label.print.job"].union(*(self.make_job(status="printing", **values) for _i in range(count)))

    def end(self, jobs, **outcome):
        """All these jobs end alike, in one answer of their print server."""
        reports = [parse_job_report({"job_id": job.flask_job_id, **outcome}) for job in jobs]
        self.env["print.job.status.poller"].apply_reports(self.server, reports)
        jobs.invalidate_recordset()

    def print_again(self, jobs):
        for job in jobs:
            self.look_and_retry(job.with_user(self.user), range(1, job.quantity + 1))
            job.flask_job_id = f"second-{job.id}"
            job._apply({job.id: {"status": "printing"}})
