"""What the tests of incidents share: printers that stop and go on, and the notices that are due."""

from datetime import timedelta

from odoo import fields
from odoo.addons.label_print_monitor.services.contract.payloads import parse_printers

from .notifier_case import NotifierCase

READY = {"status": "online"}
NO_LABELS = {"status": "error", "state_reasons": ["media-empty-error", "paused-error"]}
LATER = timedelta(seconds=60)


class IncidentCase(NotifierCase):
    def printer_says(self, said, printer=None, complete=False, **more):
        """The print server reports one printer, by a sweep or, with `occurred_at`, by an event."""
        printer = printer or self.printer
        reports = parse_printers({"printers": [{"name": printer.cups_name, **said, **more}]})
        self.env["printer.configuration"]._apply_reports(printer.server_id, reports, complete=complete)
        printer.invalidate_recordset()

    def incidents(self, **values):
        self.env.invalidate_all()
        return self.env["label.print.incident"].search([(name, "=", value) for name, value in values.items()], order="id")

    def tell(self, later=timedelta(seconds=3)):
        """What housekeeping does between two sweeps, so much later."""
        self.env["label.print.incident"]._link_waiting_jobs()
        self.env["print.job.notifier"]._tell_incidents(fields.Datetime.now() + later)
        self.env.flush_all()
        self.env.invalidate_all()

    def stop(self, count=0, **values):
        """The printer is out of labels while so many jobs wait at it; their incident."""
        jobs = self.make_jobs(count, **values) if count else self.env["label.print.job"]
        self.printer_says(NO_LABELS)
        self.tell()
        return self.incidents(closed_at=False), jobs

    def toasts_of(self, user, incident):
        return [toast for toast in self.sent_toasts(user) if toast.get("incident_id") == incident.id]
