"""Another print backend in the place of a print server: here a folder, in which a job that has been printed is a file."""

from pathlib import Path

from odoo import fields, models
from odoo.addons.label_print_monitor.services.contract.reports import (
    BatchAnswer,
    CancelAnswer,
    Health,
    JobReport,
    PrinterReport,
    SubmitAnswer,
)
from odoo.addons.label_print_monitor.services.transport.print_server_client import Connection, PrintServerClient


class FolderClient(PrintServerClient):
    """Plain Python, because it is called by threads that have no cursor."""

    def __init__(self, folder):
        super().__init__(Connection("http://folder.invalid", ""))  # which nothing here calls
        self.folder = Path(folder)

    def health(self):
        return Health("healthy", "1.0", frozenset({"batch_status", "idempotency"}), {})

    def printers(self):
        return (PrinterReport("folder", model="Folder", status="online"),)

    def submit(self, payload, idempotency_key=None):
        labels = [label["zpl_code"] for label in payload["labels"]]
        # The same key is the same file: however often it is handed over, it is printed once.
        (self.folder / f"{idempotency_key}.zpl").write_text("\n".join(labels))
        return SubmitAnswer(idempotency_key)

    def job_status(self, server_job_id):
        printed = len((self.folder / f"{server_job_id}.zpl").read_text().splitlines())
        return JobReport(server_job_id, "completed", word="completed", current_label=printed, total=printed)

    def batch_status(self, server_job_ids, labels=False):
        there = [id_ for id_ in server_job_ids if (self.folder / f"{id_}.zpl").exists()]
        gone = tuple(id_ for id_ in server_job_ids if id_ not in there)
        return BatchAnswer(tuple(map(self.job_status, there)), gone, 0)

    def cancel(self, server_job_id):
        return CancelAnswer("finished")


class LabelPrintServer(models.Model):
    _inherit = "label.print.server"

    example_folder = fields.Char("Folder")

    def _is_configured(self):
        return bool(self.example_folder) or super()._is_configured()

    def _client(self):
        return FolderClient(self.example_folder) if self.example_folder else super()._client()
