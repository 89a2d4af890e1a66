"""The figures of the overview page: one call, a handful of indexed queries, whatever the length of the history."""

from datetime import datetime, time, timedelta, timezone

from odoo import api, fields, models
from odoo.fields import Domain

FAILURES_SHOWN = 8


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    @api.model
    def get_overview(self):
        """What a supervisor wants to know at a glance, for the companies and the day of the reader.

        :return: tiles, success rate, labels by hour, printers, newest failures and the state of the print servers
        """
        self.browse().check_access("read")
        start = self._start_of_today()
        today = [("completed_date", ">=", fields.Datetime.to_string(start))]
        Printer = self.env["printer.configuration"]
        printers = Printer.search([("active", "=", True)])
        tiles = {
            "printing": self._tile([("status", "=", "printing")]),
            "waiting": self._tile([("status", "in", ["pending", "sent", "queued"])]),
            "attention": self._tile([("needs_attention", "=", True)]),
            "failed_today": self._tile([*today, ("status", "in", ["failed", "completed_with_errors"])]),
            "labels_today": {
                **self._tile([*today, ("status", "in", ["completed", "completed_with_errors", "failed"])]),
                "value": sum(printers.mapped("labels_today")),
            },
            "printers_offline": {
                "model": Printer._name,
                "domain": [("status", "in", ["offline", "attention", "unknown"])],
                "value": len(printers.filtered(lambda printer: printer.status in ("offline", "attention", "unknown"))),
            },
        }
        outcomes = dict(self._read_group([*today, ("status", "!=", "cancelled")], ["status"], ["__count"]))
        ended = sum(outcomes.values())
        labels = dict(Printer._fields["status"]._description_selection(self.env))
        failures = self.search(
            [("status", "in", ["failed", "completed_with_errors"])], order="id desc", limit=FAILURES_SHOWN
        )
        return {
            "tiles": tiles,
            "success_rate": round(100.0 * outcomes.get("completed", 0) / ended, 1) if ended else None,
            "per_hour": self._labels_per_hour(start),
            "printers": [
                {
                    "id": printer.id,
                    "name": printer.name,
                    "status": printer.status,
                    "status_label": labels[printer.status],
                    "reason": printer.reason_display,
                    "jobs_in_queue": printer.jobs_in_queue,
                    "labels_today": printer.labels_today,
                }
                for printer in printers
            ],
            "failures": [
                {
                    "id": job.id,
                    "name": job.display_name,
                    "message": job.error_title or job.error_message or "",
                    "action": job.error_action or "",
                    "date": fields.Datetime.to_string(job.completed_date) if job.completed_date else False,
                    "can_retry": job.can_retry,
                    "printer": job.printer_id.name or "",
                }
                for job in failures
            ],
            "servers": self.env["label.print.server"].get_freshness(),
        }

    @api.model
    def _start_of_today(self):
        """Midnight of the reader's day, in UTC."""
        here = fields.Datetime.context_timestamp(self, fields.Datetime.now())
        midnight = here.tzinfo.localize(datetime.combine(here.date(), time.min))
        return midnight.astimezone(timezone.utc).replace(tzinfo=None)

    def _tile(self, domain):
        return {"model": self._name, "domain": domain, "value": self.search_count(domain)}

    def _labels_per_hour(self, start):
        """24 hours of the reader's day: labels that ended in each, and how many of them failed."""
        hours = [{"hour": f"{hour:02}:00", "labels": 0, "failed": 0} for hour in range(24)]
        domain = Domain("completed_date", ">=", start) & Domain("completed_date", "<", start + timedelta(days=1))
        for moment, labels, failed in self._read_group(
            domain, ["completed_date:hour"], ["current_label:sum", "failed_count:sum"]
        ):
            hour = hours[moment.hour]  # group keys are in the reader's time zone
            hour["labels"] += labels or 0
            hour["failed"] += failed or 0
        return hours
