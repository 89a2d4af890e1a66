"""What the tests of the evidence page share: an order of 20 labels, its job on the printer, and the page."""

from .common import LabelPrintCase

ORDER = "label_print_monitor.report_evidence_order"
LOT = "label_print_monitor.report_evidence_lot"
JOB = "label_print_monitor.report_evidence_job"


class EvidenceCase(LabelPrintCase):
    def setUp(self):
        super().setUp()
        self.production = self.make_production(quantity=20)
        self.lot = self.production.lot_producing_ids
        wizard = self.env["label.print.wizard"].with_user(self.user)
        wizard.create({"mo_id": self.production.id, "printer_id": self.printer.id}).action_print()
        self.job = self.production.label_print_job_ids
        self.job.sudo().write({"status": "printing", "flask_job_id": "srv-evidence"})

    def page(self, report=ORDER, record=None, user=None):
        self.env.invalidate_all()
        record = record or self.production
        Report = self.env[f"report.{report}"].with_user(user or self.user)
        [page] = Report._get_report_values(record.ids)["pages"]
        return page

    def sums(self, page):
        """The figures that are not 0, by their words."""
        return {name: count for name, count in page["sums"] if count}

    def ended(self, *states, **values):
        """A job whose labels have ended in these states, with those of the order's job unless it is said otherwise."""
        values.setdefault("labels_data", self.job.labels_data[: len(states)])
        job = self.make_job(len(states), status="printing", **values)
        self.end(job, *states)
        return job

    def end(self, job, *states):
        labels = [{"index": index, "state": state} for index, state in enumerate(states, start=1)]
        failed = "completed" if {*states} <= {"reported", "spooled", "confirmed"} else "failed"
        self.report(job, status=failed, labels=labels)

    def copy(self, job, index, state, reason="lost"):
        """A copy of one label, as it ended."""
        copy = job.with_user(self.manager)._print_again([index], reason).sudo()
        copy.write({"status": "printing", "flask_job_id": f"srv-copy-{copy.id}"})
        if state:
            self.end(copy, state)
        return copy
