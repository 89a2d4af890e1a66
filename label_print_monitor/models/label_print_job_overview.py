"""The figures of the overview page: one call, a handful of indexed statements, whatever the length of the history."""

from collections import Counter
from datetime import datetime, time, timezone

from odoo import api, fields, models

from ..services.lifecycle import job_lifecycle

FAILURES_SHOWN = 8
FAILED = ["failed", "completed_with_errors"]
WAITING = ["pending", "sent", "queued"]
NOT_READY = ["offline", "attention", "unknown"]
NAME_FIELDS = ["mo_reference", "job_type"]  # what display_name is made of


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    @api.model
    def _labels_today_domain(self, start="today"):
        """The jobs whose labels are "labels today": those that print now and those that ended today.

        One rule for the overview's tile, the jobs behind it, its chart and each printer's figure. A job counts with all
        its printed labels (`current_label`): in the hour in which it ended, and in no hour yet while it prints. One
        that prints over midnight counts for the day on which it ends; one that failed or was cancelled counts with
        what had been printed. "Today" is the reader's.

        :param str start: the beginning of the reader's day, in UTC
        """
        return ["|", ("status", "=", "printing"), ("completed_date", ">=", start)]

    @api.model
    def get_overview(self):
        """What a supervisor wants to know at a glance, for the companies and the day of the reader.

        :return: tiles, labels and jobs by hour, printers and newest failures
        """
        self.browse().check_access("read")
        # Domains fall back on the person's own time zone, groups know only the context's: a caller from outside the web
        # client may have set none.
        return self.with_context(tz=self.env.tz.zone)._make_overview()

    def _make_overview(self):
        start = fields.Datetime.to_string(self._start_of_today())
        by_hour, by_printer = self._count_today(start)
        jobs, labels = Counter(), 0
        for status, _hour, count, printed, _failed in by_hour:
            jobs[status] += count
            labels += printed if status not in WAITING else 0
        printers = self._describe_printers(by_printer)
        attention = [("needs_attention", "=", True)]
        not_ready = [("status", "in", NOT_READY)]
        failed = [("completed_date", ">=", start), ("status", "in", FAILED)]
        return {
            "tiles": {
                "printing": self._tile([("status", "=", "printing")], jobs["printing"]),
                "waiting": self._tile([("status", "in", WAITING)], sum(jobs[status] for status in WAITING)),
                "attention": self._tile(attention, self.search_count(attention)),
                "failed_today": self._tile(failed, sum(jobs[status] for status in FAILED)),
                "labels_today": self._tile(self._labels_today_domain(start), labels),
                "printers_offline": {
                    "model": "printer.configuration",
                    "domain": not_ready,
                    "value": sum(printer["status"] in NOT_READY for printer in printers),
                },
            },
            "per_hour": self._describe_hours(by_hour),
            "printers": printers,
            "failures": self._describe_failures(),
        }

    @api.model
    def _start_of_today(self):
        """Midnight of the reader's day, in UTC."""
        here = fields.Datetime.context_timestamp(self, fields.Datetime.now())
        midnight = here.tzinfo.localize(datetime.combine(here.date(), time.min))
        return midnight.astimezone(timezone.utc).replace(tzinfo=None)

    def _tile(self, domain, value):
        return {"model": self._name, "domain": domain, "value": value}

    def _count_today(self, start):
        """All open jobs and all that ended today, in one statement.

        :return: ``(status, hour of the end or False, jobs, labels printed, labels failed)`` for each status and hour,
            and ``(printer, status, jobs, labels printed, labels failed)`` for each printer and status
        """
        return self._read_grouping_sets(
            ["|", ("status", "in", list(job_lifecycle.OPEN)), ("completed_date", ">=", start)],
            [["status", "completed_date:hour_number"], ["printer_id", "status"]],
            ["__count", "current_label:sum", "failed_count:sum"],
        )

    def _describe_hours(self, by_hour):
        """The 24 hours of the reader's day: labels of the jobs that ended in each, how many labels of them failed, and
        how many jobs ended (other than cancelled) and succeeded."""
        hours = [{"hour": f"{hour:02}:00", "labels": 0, "failed": 0, "jobs": 0, "succeeded": 0} for hour in range(24)]
        for status, number, count, labels, failed in by_hour:
            if status not in job_lifecycle.TERMINAL:
                continue
            hour = hours[int(number)]
            hour["labels"] += labels
            hour["failed"] += failed
            hour["jobs"] += count if status != "cancelled" else 0
            hour["succeeded"] += count if status == "completed" else 0
        return hours

    def _describe_printers(self, by_printer):
        labels = Counter()
        for printer, status, _count, printed, _failed in by_printer:
            labels[printer.id] += printed if status not in WAITING else 0
        printers = self.env["printer.configuration"].search_fetch(
            [("active", "=", True)], ["name", "status", "state_reasons", "jobs_in_queue"]
        )
        names = dict(printers._fields["status"]._description_selection(self.env))
        return [
            {
                "id": printer.id,
                "name": printer.name,
                "status": printer.status,
                "status_label": names[printer.status],
                "reason": printer.reason_display,
                "jobs_in_queue": printer.jobs_in_queue,
                "labels_today": labels[printer.id],
            }
            for printer in printers
        ]

    def _describe_failures(self):
        failures = self.search_fetch(
            [("status", "in", FAILED)],
            ["status", "completed_date", "error_code", "error_message", "attention_code", *NAME_FIELDS, "printer_id"],
            order="completed_date desc nulls last, id desc",
            limit=FAILURES_SHOWN,
        )
        return [
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
        ]
