"""The pipe that brings jobs to what their print server says of them, and the look at a single job.

Polling and push meet in `apply_reports`. Row locks are taken late and skipped when somebody else holds them, and
reports that say nothing new write nothing. The sweeps that follow all jobs are in print_job_sweeps.py.
"""

import dataclasses
import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..services.lifecycle import job_lifecycle
from ..services.lifecycle.job_lifecycle import JobState
from ..services.lifecycle.poll_schedule import stuck_after
from ..services.transport.print_server_client import NotFound, PrintServerError

_logger = logging.getLogger(__name__)

NOT_FOUND_ANSWERS = 3
NOT_FOUND_FOR = timedelta(minutes=2)

STATE_FIELDS = tuple(field.name for field in dataclasses.fields(JobState))
_ROW_FIELDS = (
    "flask_job_id",
    *STATE_FIELDS,
    "attempt_number",
    "attempt_labels",
    "printer_id",
    "progress_at",
    "next_poll_at",
    "unverified_since",
    "attention_code",
    "not_found_count",
    "not_found_since",
    "estimated_completion",
    "started_date",
)
_NUMBERS = ("quantity", "attempt_quantity", "attempt_base", "current_label", "progress_percent", "failed_count")


def state_of(row) -> JobState:
    """The lifecycle's view of a job: a record, or a mapping with the same names."""
    return JobState(**{name: row[name] or (0 if name in _NUMBERS else "") for name in STATE_FIELDS})


class PrintJobStatusPoller(models.AbstractModel):
    _name = "print.job.status.poller"
    _description = "Print Job Status Poller"

    @api.private
    def poll_job_status(self, job_id):
        """Poll the print server for one job's status, now.

        Never raises for what the server does: a server that cannot be reached leaves the job as it is.

        :param int job_id: id of a `label.print.job`
        """
        self._poll_now(self.env["label.print.job"].browse(job_id))

    def _poll_now(self, job):
        """:return: what stands in the way, in words; nothing when the job is up to date"""
        job.ensure_one()
        job.check_access("read")
        job = job.sudo()
        if not job.flask_job_id or job.status in job_lifecycle.TERMINAL:
            return None
        server = job.server_id
        try:
            with server._client() as client:
                report = client.job_status(job.flask_job_id)
        except NotFound:
            self.apply_reports(server, [], unknown=[job.flask_job_id])
            return self.env._("The print server does not know %(job)s (yet).", job=job.display_name)
        except PrintServerError as error:
            _logger.warning("Print job %s could not be polled: %s", job.id, error.message)
            return server._problem_in_words(error)
        self.apply_reports(server, [report])
        return None

    @api.private
    def _send_completion_notification(self, job, users=None):
        """Send browser notification on job completion, to the submitter and those who follow the job.

        :param users: whom to tell; found out here when it is not known yet
        """
        self.env["print.job.notifier"]._notify_job(job, users)

    @api.private
    def _send_error_notification(self, job, users=None):
        """Send browser notification on job failure, to the submitter and those who follow the job.

        :param users: whom to tell; found out here when it is not known yet
        """
        self.env["print.job.notifier"]._notify_job(job, users)

    def apply_reports(self, server, reports, unknown=()):
        """Bring jobs to what their print server says of them. Polling and push both end here.

        Forward only and idempotent (`job_lifecycle.merge`); what concerns one job never disturbs another; each outcome
        is told once. Rows that somebody else holds are skipped and returned.

        :param server: the `label.print.server` that speaks
        :param reports: `JobReport` objects, of any number of jobs, in the order they were made
        :param unknown: server job ids that the server says it does not know
        :return: the ids of the jobs that were skipped because somebody else held their rows
        """
        server = server.sudo()
        by_server_id = {}
        for report in reports:
            by_server_id.setdefault(report.server_job_id, []).append(report)
        rows = self._rows_for(server, [*by_server_id, *unknown])
        now = fields.Datetime.now()
        merged = {}
        for row in rows:
            changes, outcome, failed_labels = self._changes_for(row, by_server_id.get(row["flask_job_id"]), now)
            if changes or failed_labels:
                merged[row["id"]] = (row, changes, outcome, failed_labels)
        if not merged:
            return []
        Job = self.env["label.print.job"].sudo()
        locked = Job.browse(sorted(merged)).try_lock_for_update(allow_referencing=True)
        skipped = [id_ for id_ in merged if id_ not in locked._ids]
        for id_ in skipped:
            del merged[id_]
        self._write_failed_labels(merged)
        locked._apply({id_: changes for id_, (_row, changes, _outcome, _failed) in merged.items()})
        self._learn_speed(merged)
        ended = locked.browse(id_ for id_, (_row, _changes, outcome, _failed) in merged.items() if outcome)
        self.env["print.job.notifier"]._notify_outcomes(ended)
        return skipped

    def _rows_for(self, server, server_job_ids):
        """The jobs whose newest attempt has one of these ids, without loading records: a sweep reads thousands."""
        if not server_job_ids:
            return []
        Job = self.env["label.print.job"]
        Job.flush_model()
        # Ended jobs are read too: the printer's confirmation may come after the end.
        return self.env.execute_query_dict(
            SQL(
                "SELECT id, %s FROM label_print_job WHERE server_id = %s AND flask_job_id = ANY(%s)",
                SQL(", ").join(SQL.identifier(name) for name in _ROW_FIELDS),
                server.id,
                list(server_job_ids),
            )
        )

    def _changes_for(self, row, reports, now):
        """What the reports about one job change: ``(values to write, outcome, failed labels)``."""
        if not reports:
            return (*self._changes_for_unknown(row, now), None)
        state = state_of(row)
        changes, outcome, failed_labels = {}, None, None
        for report in reports:
            merge = job_lifecycle.merge(state, report)
            changes.update(merge.changes)
            state = dataclasses.replace(state, **merge.changes)
            outcome = merge.outcome or outcome
            failed_labels = merge.failed_labels or failed_labels
        if state.status in job_lifecycle.ACTIVE:
            estimate = reports[-1].estimated_completion
            # An estimate that only wobbles is not news.
            if estimate and (
                not row["estimated_completion"] or abs((estimate - row["estimated_completion"]).total_seconds()) > 5
            ):
                changes["estimated_completion"] = estimate
        if {"status", "current_label", "progress_percent"} & changes.keys():
            changes["progress_at"] = now
            if state.status in job_lifecycle.ACTIVE:
                changes["next_poll_at"] = now
                if row["attention_code"] == "stuck":
                    changes["attention_code"] = False
                changes["attention_due_at"] = self._attention_due(state, row, now)
        if changes:
            changes["last_report_at"] = now
        if row["unverified_since"] and state.status in job_lifecycle.ACTIVE:
            changes.update(unverified_since=False, unverified_problem=False)
        if row["not_found_count"] and state.status in job_lifecycle.ACTIVE:
            changes.update(not_found_count=0, not_found_since=False)
        return changes, outcome, failed_labels

    def _attention_due(self, state, row, now):
        printer = self.env["printer.configuration"].sudo().browse(row["printer_id"] or ())
        left = max(state.quantity - state.current_label, 1)
        return now + timedelta(seconds=stuck_after(state.status, left, printer.seconds_per_label or None))

    def _changes_for_unknown(self, row, now):
        """The server does not know the job. That happens before a worker has picked it up, so it takes patience."""
        if row["status"] not in job_lifecycle.ACTIVE:
            return {}, None
        count = (row["not_found_count"] or 0) + 1
        since = row["not_found_since"] or now
        if count >= NOT_FOUND_ANSWERS and now - since >= NOT_FOUND_FOR:
            # No words: what the server said of it before is not why, and the code speaks each reader's language.
            return {"status": "failed", "error_code": "job_unknown", "error_message": False}, "failed"
        if count > NOT_FOUND_ANSWERS and row["not_found_since"]:
            return {}, None  # enough answers; only time is missing
        return {"not_found_count": count, "not_found_since": since}, None

    def _write_failed_labels(self, merged):
        """A row for each label that failed, once; with box and lot, so that it can be found by what it was."""
        wanted = {id_: (row, failed) for id_, (row, _changes, _outcome, failed) in merged.items() if failed}
        if not wanted:
            return
        Failed = self.env["label.print.failed.label"].sudo()
        jobs = self.env["label.print.job"].sudo().browse(wanted)
        known = {
            (failed.job_id.id, failed.attempt_number, failed.label_index): failed
            for failed in Failed.search([("job_id", "in", jobs.ids)])
        }
        vals_list = []
        for job in jobs:
            row, failed = wanted[job.id]
            labels = job.labels_data or []
            own = row["attempt_labels"]
            for label in failed:
                index = own[label.index - 1] if own and label.index <= len(own) else label.index
                if (job.id, row["attempt_number"], index) in known:
                    continue
                data = labels[index - 1] if index <= len(labels) else {}
                vals_list.append(
                    {
                        "job_id": job.id,
                        "attempt_number": row["attempt_number"],
                        "label_index": index,
                        "box_number": str(data.get("box_number") or "") or False,
                        "lot_number": data.get("lot_number"),
                        "code": label.code,
                        "message": label.message,
                    }
                )
        Failed.create(vals_list)

    def _learn_speed(self, merged):
        """Measure each printer on the jobs that it finished: a moving average, so that one odd job counts little."""
        now = fields.Datetime.now()
        for row, _changes, outcome, _failed in merged.values():
            labels = row["attempt_quantity"] or 0
            if outcome != "completed" or not row["started_date"] or not row["printer_id"] or labels < 5:
                continue
            pace = (now - row["started_date"]).total_seconds() / labels
            printer = self.env["printer.configuration"].sudo().browse(row["printer_id"])
            known = printer.seconds_per_label
            pace = round(0.7 * known + 0.3 * pace if known else pace, 3)
            if not known or abs(pace - known) > 0.1 * known:
                printer.seconds_per_label = pace
