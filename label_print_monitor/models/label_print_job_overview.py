"""The figures of the overview page: one call, a handful of indexed statements, whatever the length of the history."""

from collections import Counter
from datetime import datetime, time, timezone

from odoo import api, fields, models
from odoo.fields import Domain

from ..services.lifecycle import job_lifecycle
from ..services.lifecycle.label_account import RANK
from ..services.lifecycle.label_roll import ROLL_FIELDS

TROUBLES_SHOWN = 5  # the rest is one click away; more would push the printers and the day's charts off the screen
INCIDENTS_SHOWN = 5
FAILED = list(job_lifecycle.FAILED)
NOT_READY = ["offline", "attention", "unknown"]
SHOWN_OF_TROUBLES = [
    "status", "completed_date", "error_code", "error_message", "attention_code", "printer_id", "quantity",
    "current_label", "evidence", "copy_of_id", "waiting_for", "waiting_since", "set_aside_date", "zpl_removed_date",
    "create_date",
]  # fmt: skip
NAME_FIELDS = ["mo_reference", "job_type"]  # what display_name is made of


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    @api.model
    def _labels_today_domain(self, start="today"):
        """The jobs that have brought labels to paper today: those that print now, and those of which an attempt ended.

        One rule for the overview's tile, its chart and each printer's figure: what an attempt that ended today brought
        to paper counts, in the hour in which it ended and at its own printer; of a job that prints now, what its
        attempt has printed so far, in no hour yet. So a retry of yesterday's job counts with today's labels alone, and
        an attempt that prints over midnight counts for the day on which it ends. "Today" is the reader's.

        :param str start: the beginning of the reader's day, in UTC
        """
        return ["|", ("status", "=", "printing"), ("attempt_ids.ended_date", ">=", start)]

    @api.model
    def get_overview(self):
        """What a supervisor wants to know at a glance, for the companies and the day of the reader.

        :return: tiles, labels and jobs by hour, printers and what needs somebody: `incidents`, and of the jobs that the
            tile counts the newest that do not belong to one of them (`failures`; `covered` is how many do); which job
            has waited longest; in a new database the first steps
        """
        self.browse().check_access("read")
        # Domains fall back on the person's own time zone, groups know only the context's: a caller from outside the web
        # client may have set none.
        jobs = self.with_context(tz=self.env.tz.zone)
        incidents = jobs.env["label.print.incident"]._needing()
        covered = incidents._covered_jobs()
        return {
            **jobs._make_figures(),
            "incidents": incidents[:INCIDENTS_SHOWN]._describe(),
            "incidents_count": len(incidents),
            "failures": jobs._describe_failures(covered),
            "covered": len(covered.filtered("needs_attention")),
            "oldest_waiting": jobs._describe_oldest_waiting(),
            "first_steps": self.env["label.print.server"]._first_steps(),
        }

    def _make_figures(self):
        """What the overview and the wall display have in common: tiles, hours and printers."""
        start = fields.Datetime.to_string(self._start_of_today())
        by_status, by_printer, by_evidence = self._count_jobs(start)
        attempts_by_hour, labels = self._count_attempts(start)
        jobs = Counter({status: count for status, count, *_labels in by_status})
        ended = Counter()
        for _hour, outcome, count, *_labels in attempts_by_hour:
            ended[outcome] += count
        waiting = Counter()
        for printer, status, count, printed, before in by_printer:
            if status == "printing":
                labels[printer.id] += max(0, printed - before)
            elif status in job_lifecycle.WAITING:
                waiting[printer.id] += count
        printers = self._describe_printers(labels, waiting)
        attention = [("needs_attention", "=", True)]
        not_ready = [("status", "in", NOT_READY)]
        # What failed today has failed today, whatever a retry has made of it since.
        failed = [("ended_date", ">=", start), ("outcome", "in", FAILED)]
        return {
            "tiles": {
                "printing": self._tile([("status", "=", "printing")], jobs["printing"]),
                "waiting": self._tile(
                    [("status", "in", list(job_lifecycle.WAITING))],
                    sum(jobs[status] for status in job_lifecycle.WAITING),
                ),
                "attention": self._tile(attention, self.search_count(attention)),
                "failed_today": {
                    "model": "label.print.attempt",
                    "domain": failed,
                    "value": sum(ended[outcome] for outcome in FAILED),
                },
                "labels_today": {
                    **self._tile(self._labels_today_domain(start), labels.total()),
                    "note": self._note_of_evidence(by_evidence),
                },
                "printers_offline": {
                    "model": "printer.configuration",
                    "domain": not_ready,
                    "value": sum(printer["status"] in NOT_READY for printer in printers),
                },
            },
            "per_hour": self._describe_hours(attempts_by_hour),
            "printers": printers,
        }

    @api.model
    def _start_of_today(self):
        """Midnight of the reader's day, in UTC."""
        here = fields.Datetime.context_timestamp(self, fields.Datetime.now())
        midnight = here.tzinfo.localize(datetime.combine(here.date(), time.min))
        return midnight.astimezone(timezone.utc).replace(tzinfo=None)

    def _tile(self, domain, value):
        return {"model": self._name, "domain": domain, "value": value}

    def _count_jobs(self, start):
        """All open jobs and all that ended today, in one statement.

        :return: each as ``(…, jobs, labels printed, labels of earlier attempts)``: by status, by printer and status, by
            status and evidence
        """
        return self._read_grouping_sets(
            ["|", ("status", "in", list(job_lifecycle.OPEN)), ("completed_date", ">=", start)],
            [["status"], ["printer_id", "status"], ["status", "evidence"]],
            ["__count", "current_label:sum", "attempt_base:sum"],
        )

    def _count_attempts(self, start):
        """All attempts that ended today, and their labels, in one statement.

        :return: ``(hour, outcome, attempts, labels brought to paper, failed, uncertain)``, and labels by printer
        """
        by_hour, by_printer = self.env["label.print.attempt"]._read_grouping_sets(
            [("ended_date", ">=", start)],
            [["ended_date:hour_number", "outcome"], ["printer_id"]],
            ["__count", "added_count:sum", "failed_count:sum", "uncertain_count:sum"],
        )
        return by_hour, Counter({printer.id: added or 0 for printer, _count, added, *_others in by_printer})

    def _note_of_evidence(self, by_evidence):
        """What is to be said of today's completed jobs whose labels are known less well than the settings ask for.

        :return: words, '' when there is none
        """
        wanted = RANK[self._good_evidence()]
        weak = sum(
            count
            for status, evidence, count, *_labels in by_evidence
            if status == "completed" and evidence and RANK[evidence] < wanted
        )
        if weak == 1:
            return self.env._("1 completed job lacks the evidence asked for")
        return self.env._("%(count)s completed jobs lack the evidence asked for", count=weak) if weak else ""

    def _describe_hours(self, attempts):
        """The 24 hours of the reader's day: labels that attempts which ended in each brought to paper, labels that
        failed or are uncertain, and how many attempts ended (other than cancelled) and succeeded.

        An attempt that failed keeps counting as failed after another one has succeeded: `jobs` are runs of jobs.
        """
        hours = [{"hour": f"{hour:02}:00", "labels": 0, "failed": 0, "jobs": 0, "succeeded": 0} for hour in range(24)]
        for number, outcome, count, added, failed, uncertain in attempts:
            hour = hours[int(number)]
            hour["labels"] += added or 0
            hour["failed"] += (failed or 0) + (uncertain or 0)
            hour["jobs"] += count if outcome != "cancelled" else 0
            hour["succeeded"] += count if outcome == "completed" else 0
        return hours

    def _describe_printers(self, labels, waiting):
        printers = self.env["printer.configuration"].search_fetch(
            [("active", "=", True)], ["name", "status", "state_reasons", *ROLL_FIELDS]
        )
        names = dict(printers._fields["status"]._description_selection(self.env))
        rolls = printers._rolls()
        warnings = printers._early_warnings(rolls)
        return [
            {
                "id": printer.id,
                "name": printer.name,
                "status": printer.status,
                "status_label": names[printer.status],
                "reason": printer.reason_display,
                "waiting": waiting[printer.id],
                "labels_today": labels[printer.id],
                "warnings": warnings.get(printer.id, []),
            }
            for printer in printers
        ]

    def _describe_failures(self, covered):
        """What needs somebody: what has not ended and stands still, then what has failed, the newest first.

        :param covered: jobs that belong to an incident which says it
        """
        asking = Domain("needs_attention", "=", True)
        if covered:
            asking &= Domain("id", "not in", covered.ids)
        return self._describe_troubles(asking, "completed_date desc nulls first, id desc", TROUBLES_SHOWN)

    def _describe_troubles(self, domain, order, limit):
        troubles = self.search_fetch(domain, [*SHOWN_OF_TROUBLES, *NAME_FIELDS], order=order, limit=limit)
        return [job._describe_trouble() for job in troubles]

    def _describe_trouble(self):
        is_failed = self.status in FAILED
        evidences = dict(self._fields["evidence"]._description_selection(self.env))
        since = self.completed_date or self.waiting_since or self.create_date
        failure = self.error_title or self.error_message
        return {
            "id": self.id,
            "name": self.display_name,
            "is_failed": is_failed,
            "message": (failure if is_failed else self.attention_message) or "",
            # Of one that has not ended, the remedy is what its card says.
            "action": (self.error_action if is_failed else self.error_title) or "",
            "date": fields.Datetime.to_string(since) if since else False,
            "can_retry": self.can_retry,
            "printer": self.sudo().printer_id.name or "",  # it may have become another company's
            "labels": self.labels_done_display,
            "evidence": evidences.get(self.evidence, ""),
            "is_copy": bool(self.copy_of_id),
        }
