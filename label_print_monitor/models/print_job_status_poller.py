"""How jobs are brought to what their print server says of them, and how a single job is asked about.

Polling and push meet in `apply_reports`. Row locks are taken late and skipped when somebody else holds them, and
reports that say nothing new write nothing. The sweeps that follow all jobs are in print_job_sweeps.py.
"""

import dataclasses
import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..services.contract.reports import JobReport
from ..services.lifecycle import job_lifecycle
from ..services.lifecycle.attempt_report import printed_count, says_how_many
from ..services.lifecycle.job_lifecycle import JobState
from ..services.lifecycle.poll_schedule import finished_pace, stuck_after
from ..services.lifecycle.server_clock import ServerClock
from ..services.transport.print_server_client import NotFound, PrintServerError
from .expected_conflicts import expected_conflicts
from .label_print_attempt_account import AttemptUpdate

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
    "submitted_date",
    "cancel_accepted",
    "progress_at",
    "next_poll_at",
    "unverified_since",
    "attention_code",
    "not_found_count",
    "not_found_since",
    "estimated_completion",
    "started_date",
    "waiting_since",
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
                report = job._ask_status(client)
        except NotFound:
            self.apply_reports(server, [], unknown=[job.flask_job_id])
            return self.env._("The print server does not know %(job)s (yet).", job=job.display_name)
        except PrintServerError as error:
            _logger.warning("Print job %s could not be polled: %s", job.id, error.message)
            return server._problem_in_words(error)
        # The question may have taken seconds, in which sweeps and events have changed the job.
        job._in_own_transaction(lambda: self.apply_reports(server, [report]))
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

    @api.private
    @expected_conflicts()
    def apply_reports(self, server, reports, unknown=()):
        """Bring jobs to what their print server says of them. Polling and push both end here.

        Forward only and idempotent (`job_lifecycle.merge`); what concerns one job never disturbs another; each outcome
        is told once. Reports about earlier attempts of a job complete its account. Rows that somebody else holds are
        skipped and returned.

        :param server: the `label.print.server` that reports
        :param reports: `JobReport` objects, of any number of jobs, in the order they were made
        :param unknown: server job ids that the server says it does not know
        :return: the ids of the jobs that were skipped because somebody else held their rows
        """
        server = server.sudo()
        by_server_id = {}
        for report in reports:
            by_server_id.setdefault(report.server_job_id, []).append(report)
        now = fields.Datetime.now()
        merged, updates, paces = {}, {}, {}
        rows = self._rows_for(server, [*by_server_id, *unknown])
        for row in rows:
            changes, update = self._changes_for(server, row, by_server_id.get(row["flask_job_id"]), now, paces)
            if changes or update:
                merged[row["id"]] = (row, changes)
            if update:
                updates[row["id"]] = update
        known = {row["flask_job_id"] for row in rows}
        others = {id_: by_server_id[id_] for id_ in by_server_id if id_ not in known}
        earlier = self._updates_of_earlier_attempts(server, others)
        if not merged and not earlier:
            return []
        Job = self.env["label.print.job"].sudo()
        locked = Job.browse(sorted({*merged, *earlier})).try_lock_for_update(allow_referencing=True)
        ours = set(locked._ids)
        skipped = [id_ for id_ in {*merged, *earlier} if id_ not in ours]
        # The sweep's many: progress, which concerns no account.
        moving = locked.browse(id_ for id_ in locked._ids if id_ in merged and id_ not in updates)
        moving._apply({id_: merged[id_][1] for id_ in moving._ids})
        told = Job
        updates = {id_: update for id_, update in updates.items() if id_ in ours}
        if updates:
            told += locked.browse(updates)._record(updates, {id_: merged[id_][1] for id_ in updates})
            self._learn_speed(merged, updates, now)
        earlier = {id_: update for id_, update in earlier.items() if id_ in ours}
        if earlier:
            told += locked.browse(earlier)._record(earlier)
        if moving_on := told.filtered("move_to_id"):
            told -= moving_on - moving_on._finish_moves()
        self.env["print.job.notifier"]._notify_outcomes(told)
        return skipped

    def _rows_for(self, server, server_job_ids, names=_ROW_FIELDS):
        """The jobs whose newest attempt has one of these ids, without loading records: a sweep reads thousands.

        :param names: the fields that are wanted beside `id`
        """
        if not server_job_ids:
            return []
        Job = self.env["label.print.job"]
        Job.flush_model()
        # Ended jobs are read too: the printer's confirmation may come after the end.
        return self.env.execute_query_dict(
            SQL(
                "SELECT id, %s FROM label_print_job WHERE server_id = %s AND flask_job_id = ANY(%s)",
                SQL(", ").join(SQL.identifier(name) for name in names),
                server.id,
                list(server_job_ids),
            )
        )

    def _updates_of_earlier_attempts(self, server, by_server_id):
        """`AttemptUpdate` by job id for reports about attempts that a newer one has followed."""
        if not by_server_id:
            return {}
        attempts = (
            self.env["label.print.attempt"]
            .sudo()
            .search([("server_id", "=", server.id), ("flask_job_id", "in", list(by_server_id))])
        )
        updates = {}
        for attempt in attempts:
            update = [report for report in by_server_id[attempt.flask_job_id] if self._has_label_states(report)]
            if update:
                updates[attempt.job_id.id] = AttemptUpdate(attempt.number, update, clock_skew=server.clock_skew)
        return updates

    @staticmethod
    def _has_label_states(report):
        """Whether a report about an ended attempt may say something new of its labels."""
        return report.labels is not None or (report.status in job_lifecycle.TERMINAL and report.confirmed)

    def _changes_for(self, server, row, reports, now, paces):
        """What the reports about one job change: ``(values to write, `AttemptUpdate` or None)``.

        :param dict paces: seconds a label takes, by printer id: what is known of it already
        """
        if not reports:
            return self._changes_for_unknown(row, now)
        if row["status"] in job_lifecycle.TERMINAL:
            update = [report for report in reports if self._has_label_states(report)]
            return {}, AttemptUpdate(row["attempt_number"], update, clock_skew=server.clock_skew) if update else None
        state = state_of(row)
        changes, update = {}, None
        for place, report in enumerate(reports):
            merge = job_lifecycle.merge(state, report)
            changes.update(merge.changes)
            failed_more = merge.changes.get("failed_count") and report.failed_labels
            if merge.changes:
                state = dataclasses.replace(state, **merge.changes)
            if merge.outcome or report.labels is not None or failed_more:
                update = update or AttemptUpdate(
                    row["attempt_number"],
                    started_at=row["started_date"],
                    clock_skew=server.clock_skew,
                    account_to_come=server._has_capability("label_account"),
                )
                update.reports.append(report)
            if merge.outcome:
                update.reports[-1] = self._with_known_count(report, state, row)
                update.outcome, update.code, update.message = merge.outcome, state.error_code, state.error_message
                # After the end only what is said of single labels still counts.
                update.reports += [late for late in reports[place + 1 :] if self._has_label_states(late)]
                break
        if update and update.outcome:
            changes = {name: value for name, value in changes.items() if name in ("server_warning",)}
            changes["last_report_at"] = now
            return changes, update
        self._note_progress(server, row, state, reports[-1], changes, now, paces)
        return changes, update

    @staticmethod
    def _with_known_count(report, state, row):
        """A report of the end that only counts, with as many labels as had been counted before: none is lost."""
        if report.labels is not None or report.counts is not None or report.failed_labels:
            return report
        size = row["attempt_quantity"] or 0
        known = min(max(0, (state.current_label or 0) - (row["attempt_base"] or 0)), size)
        if report.status == "cancelled" and state.status == "printing" and not says_how_many(report):
            # More may have been printed until it stopped: the others are in doubt, not taken back.
            return dataclasses.replace(report, current_label=known, failed_count=size - known)
        return dataclasses.replace(report, current_label=max(printed_count(size, report), known))

    def _note_progress(self, server, row, state, report, changes, now, paces):
        """What goes with a report about an attempt that goes on: estimate, pace, times."""
        clock = ServerClock(server.clock_skew, row["submitted_date"], report.created_at)
        estimate = report.estimated_completion and report.estimated_completion - clock.ahead
        # An estimate that changes by seconds is not worth a write.
        if estimate and (
            not row["estimated_completion"] or abs((estimate - row["estimated_completion"]).total_seconds()) > 5
        ):
            changes["estimated_completion"] = estimate
        if {"status", "current_label", "progress_percent"} & changes.keys():
            changes["progress_at"] = now
            changes["next_poll_at"] = now
            if row["attention_code"] == "stuck":
                changes["attention_code"] = False
            changes["attention_due_at"] = self._attention_due(state, row, now, paces)
            if changes.get("status") == "printing" and not row["started_date"]:
                changes["started_date"] = clock.believe(report.started_at, row["submitted_date"], now) or now
        if "waiting_for" in changes:
            self._note_waiting(row, state, report, clock, changes, now, paces)
        if changes:
            changes["last_report_at"] = now
        if row["unverified_since"]:
            changes.update(unverified_since=False, unverified_problem=False)
        if row["not_found_count"]:
            changes.update(not_found_count=0, not_found_since=False)

    def _note_waiting(self, row, state, report, clock, changes, now, paces):
        """The job has begun to wait for something at its printer, waits for something else, or goes on."""
        if not report.waiting_for:
            changes.update(waiting_for=False, waiting_since=False)
            changes["attention_due_at"] = self._attention_due(state, row, now, paces)
            return
        since = clock.believe(report.waiting_since, row["submitted_date"], now) or now
        changes["waiting_since"] = since
        if row["attention_code"] == "stuck":
            changes["attention_code"] = False  # now it is known what it waits for

    def _attention_due(self, state, row, now, paces):
        printer_id = row["printer_id"]
        if printer_id not in paces:
            printer = self.env["printer.configuration"].sudo().browse(printer_id or ())
            paces[printer_id] = printer.seconds_per_label or None
        left = max(state.quantity - state.current_label, 1)
        return now + timedelta(seconds=stuck_after(state.status, left, paces[printer_id]))

    def _changes_for_unknown(self, row, now):
        """The server does not know the job. That happens before a worker has picked it up, so it takes patience."""
        if row["status"] not in job_lifecycle.ACTIVE:
            return {}, None
        count = (row["not_found_count"] or 0) + 1
        since = row["not_found_since"] or now
        if count >= NOT_FOUND_ANSWERS and now - since >= NOT_FOUND_FOR:
            # No words: what the server said of it before is not why, and the code is translated for each reader.
            printed = (row["current_label"] or 0) - (row["attempt_base"] or 0)
            counted = JobReport(row["flask_job_id"], None, current_label=printed)
            if row["cancel_accepted"]:
                return {}, AttemptUpdate(row["attempt_number"], [counted], "cancelled", given_up=True)
            return {}, AttemptUpdate(row["attempt_number"], [counted], "failed", "job_unknown", given_up=True)
        if count > NOT_FOUND_ANSWERS and row["not_found_since"]:
            return {}, None  # enough answers; only time is missing
        return {"not_found_count": count, "not_found_since": since}, None

    def _learn_speed(self, merged, updates, now):
        """Measure each printer on the attempts that it has just finished.

        By the print server's own two times. Where it says neither Odoo's stand in; where it says one alone, or such as
        cannot be true, nothing is learnt.
        """
        finished = {id_: update for id_, update in updates.items() if update.outcome == "completed"}
        if not finished:
            return
        attempts = self.env["label.print.attempt"].sudo().search([("job_id", "in", list(finished))])
        for attempt in attempts:
            update, row = finished[attempt.job_id.id], merged[attempt.job_id.id][0]
            if attempt.number != update.number or not attempt.printer_id:
                continue
            times = [(report.started_at, report.completed_at) for report in update.reports]
            started, ended = next((both for both in reversed(times) if all(both)), (None, None))
            if not any(any(both) for both in times):
                started, ended = row["started_date"] or attempt.job_id.started_date, now
            begun = row["submitted_date"] or attempt.create_date
            pace = finished_pace(attempt.labels_count or 0, started, ended, (now - begun).total_seconds())
            if pace:
                attempt.printer_id._note_pace(pace)
