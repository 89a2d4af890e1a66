"""What the tests of records share: what is recorded of a job, and what verifying it finds."""

import json

from .common import LabelPrintCase


class RecordCase(LabelPrintCase):
    def entries(self, job):
        return self.env["label.print.record"].search([("job_id", "=", job.id)], order="sequence")

    def contents(self, job):
        return [json.loads(entry.content) for entry in self.entries(job)]

    def kinds(self, job):
        return [content["kind"] for content in self.contents(job)]

    def findings(self, job):
        self.env.invalidate_all()
        return job._verdict_in_words(job._verify()[job.id])

    def finished_job(self):
        job = self.make_job(3, status="printing")
        self.report(job, status="completed", current_label=3)
        return job
