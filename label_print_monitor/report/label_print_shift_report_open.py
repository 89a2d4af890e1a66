"""What the next shift finds: jobs that have not ended, jobs that lack labels, and printers that do not print."""

from odoo import fields, models
from odoo.fields import Domain

from ..models.label_print_job_display import ATTENTION_FOR
from ..models.label_print_job_waits import STOPPED
from ..services.lifecycle import job_lifecycle
from .label_print_shift_report import LONGEST_NAME, LONGEST_TEXT

READY = ("online", "busy")
WAITING_SHOWN, LACKING_SHOWN, STOPPED_SHOWN = 2, 4, 2


class ReportShift(models.AbstractModel):
    _inherit = "report.label_print_monitor.report_shift"

    def _open(self, company, until):
        """As of now, of what was asked for until the end of the shift."""
        before = Domain("company_id", "=", company.id) & Domain("create_date", "<", until)
        before &= Domain("job_type", "!=", "test")
        waiting, lacking = self._waiting(before), self._lacking(before)
        return {
            "waiting": waiting,
            "lacking": lacking,
            "stopped": self._stopped(company),
            "is_nothing": not (waiting["rows"] or lacking["rows"]),
        }

    def _waiting(self, before):
        """Jobs that have not ended, the one first that has waited longest."""
        domain = before & Domain("status", "in", list(job_lifecycle.OPEN))
        count, quantity = self.env["label.print.job"]._read_group(domain, [], ["__count", "quantity:sum"])[0]
        # A job that is tried again waits since then.
        attempts = self.env["label.print.attempt"].search(
            [("job_id", "any", domain), ("ended_date", "=", False)],
            order="create_date, id",
            limit=WAITING_SHOWN,
        )
        rows = []
        for attempt in attempts:
            job = attempt.job_id
            words = job.waits_because or job.attention_message or job.error_title or job._status_in_words()
            rows.append(
                {
                    **self._describe(job),
                    "since": job._time_in_words(attempt.create_date),
                    "labels": self._number(job.quantity),
                    "words": self._short(words, LONGEST_TEXT),
                }
            )
        words = ""
        if count:
            words = self.env._(
                "%(jobs)s (labels: %(labels)s), the oldest since %(time)s",
                jobs=self._number(count),
                labels=self._number(quantity),
                time=rows[0]["since"] if rows else "-",
            )
        return {"words": words or self.env._("none"), "rows": rows, "more": self._more(range(count - len(rows)))}

    def _lacking(self, before):
        """Jobs that have ended without all their labels, as long ago as failures are asked about; the newest first."""
        recent = Domain("completed_date", ">=", fields.Datetime.now() - ATTENTION_FOR)
        short = Domain("status", "in", job_lifecycle.FAILED)
        unclear = Domain("status", "=", "cancelled") & Domain("uncertain_count", ">", 0)
        domain = before & recent & Domain("set_aside_date", "=", False) & (short | unclear)
        Job = self.env["label.print.job"]
        [(count, failed, uncertain)] = Job._read_group(
            domain, [], ["__count", "failed_count:sum", "uncertain_count:sum"]
        )
        rows = []
        # Those of which somebody has to look for labels come first: paper does not stay where it is.
        order = "uncertain_count desc nulls last, completed_date desc, id desc"
        for job in Job.search(domain, order=order, limit=LACKING_SHOWN):
            words = [". ".join(filter(None, (job.error_title, job.error_action)))]
            if job.uncertain_count and (labels := job._runs_of_labels(job.sudo()._job_account().uncertain)):
                words.insert(0, self.env._("Look on paper for labels %(labels)s", labels=self._short(labels)))
            rows.append(
                {
                    **self._describe(job),
                    "missing": self._number(job.failed_count),
                    "uncertain": self._number(job.uncertain_count),
                    "words": self._short(". ".join(filter(None, words)), LONGEST_TEXT),
                }
            )
        return {
            "count": self._number(count),
            "missing": self._number(failed),
            "uncertain": self._number(uncertain),
            "rows": rows,
            "more": self._more(range(count - len(rows))),
        }

    def _all_ready(self, companies):
        """Whether there are printers, and each of them is known to print."""
        Printer = self.env["printer.configuration"]
        others = Printer.search_count(companies & Domain("status", "not in", READY), limit=1)
        return not others and bool(Printer.search_count(companies, limit=1))

    def _stopped(self, company):
        """Printers that do not print right now, and why."""
        companies = Domain("company_id", "in", [company.id, False])
        # Of a print server that does not answer, nobody knows how its printers are.
        away = Domain("server_id", "any!", [("state", "in", ("unreachable", "misconfigured"))])
        theirs = companies & (Domain("status", "in", STOPPED) | away)
        printers = self.env["printer.configuration"].search(theirs, order="name, id")
        states = dict(printers._fields["status"]._description_selection(self.env))
        rows = [
            {
                "name": self._short(printer.name),
                "words": self._short(
                    " · ".join(
                        filter(
                            None,
                            [
                                printer.reason_display or states[printer.status or "unknown"],
                                printer.maintenance_display,
                            ],
                        )
                    ),
                    LONGEST_TEXT,
                ),
            }
            for printer in printers[:STOPPED_SHOWN]
        ]
        return {
            "count": self._number(len(printers)),
            "rows": rows,
            "more": self._more(printers[STOPPED_SHOWN:]),
            "all_ready": self._all_ready(companies),
        }

    def _describe(self, job):
        return {
            "name": self._short(job.display_name),
            "product": self._short(job.sudo().product_id.display_name or "", LONGEST_NAME // 2),
            "printer": self._short(job.sudo().printer_id.name or "", LONGEST_NAME // 2),
        }
