"""What a module for quality notes of jobs and labels."""

from odoo import fields, models


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    statuses_seen = fields.Char(copy=False)
    labels_to_inspect = fields.Char(copy=False)

    def _on_status_changed(self, old):
        super()._on_status_changed(old)
        for job in self:
            job.statuses_seen = f"{job.statuses_seen or old[job.id]} {job.status}"

    def _on_labels_known(self, accounts):
        super()._on_labels_known(accounts)
        for job in self:
            account = accounts[job.id]
            job.labels_to_inspect = " ".join(map(str, sorted({*account.missing, *account.uncertain}))) or False
