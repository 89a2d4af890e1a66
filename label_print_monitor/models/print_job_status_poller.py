"""The engine that follows jobs: choose what is due, ask the print servers, apply what they say.

Polling and push meet in `apply_reports`. No transaction stays open during a network call, row locks are taken late
and skipped when somebody else holds them, and a sweep that finds nothing new writes nothing.
"""

import dataclasses
import logging
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from datetime import timedelta

from odoo import api, fields, models
from odoo.modules import module
from odoo.tools import SQL
from psycopg2 import OperationalError
from psycopg2.errors import LockNotAvailable, SerializationFailure

from ..services import job_lifecycle
from ..services.job_lifecycle import JobState
from ..services.poll_schedule import SAFETY_NET, SWEEP_PAUSE, RequestBudget, poll_interval, stuck_after
from ..services.print_server_client import NotFound, PrintServerError
from ..services.sweep import SweepPlan, SweepResult, visit

_logger = logging.getLogger(__name__)

RUN_SECONDS = 15.0  # one run of the cron; the visits still under way then need at most a call's time limit more
MAX_DUE = 5000  # jobs of one server in one sweep
PRINTERS_EVERY = 10.0  # seconds between two looks at a server's printers while jobs are active
HEALTH_EVERY = timedelta(minutes=10)
NOT_FOUND_ANSWERS = 3
NOT_FOUND_FOR = timedelta(minutes=2)
TRIES = 3

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

# Pacing that may be forgotten: a process that does not know it asks once too often, nothing more.
_budgets: dict[tuple[str, int], RequestBudget] = {}
_printers_asked: dict[tuple[str, int], float] = {}


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
    def _send_completion_notification(self, job):
        """Send browser notification on job completion, to the submitter and those who follow the job."""
        self.env["print.job.notifier"]._notify_job(job)

    @api.private
    def _send_error_notification(self, job):
        """Send browser notification on job failure, to the submitter and those who follow the job."""
        self.env["print.job.notifier"]._notify_job(job)

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
            # No words: whatever the server said of it before is not why, and the code says it in each reader's language.
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

    def _run(self):
        """One run of the cron: sweep, and while jobs move keep sweeping every other second, at most `RUN_SECONDS`.

        Never raises because of a server: Odoo would deactivate the cron after five such failures.
        """
        until = time.monotonic() + RUN_SECONDS
        with ThreadPoolExecutor(thread_name_prefix="label_print_sweep") as pool:
            under_way = {}
            while True:
                begun = time.monotonic()
                fast = self._start_visits(pool, under_way, until)
                next_sweep = begun + SWEEP_PAUSE
                # A slow server never delays another's jobs: results are applied as they come.
                while under_way:
                    limit = max(next_sweep - time.monotonic(), 0) if fast and time.monotonic() < until else None
                    done, _rest = wait(under_way, timeout=limit, return_when=FIRST_COMPLETED)
                    if not done:
                        break
                    for future in done:
                        self._finish_visit(under_way.pop(future), future.result())
                fast = self._housekeeping()
                if time.monotonic() >= until or not fast:
                    if under_way:
                        continue
                    break
                if self._testing():
                    break
                time.sleep(max(0.0, min(next_sweep, until) - time.monotonic()))
        if fast and not self._testing():
            self.env["label.print.job"]._trigger_engine()
            self._commit()

    def _testing(self):
        """Whether a test drives the engine: it does each sweep itself."""
        return bool(module.current_test)

    def _commit(self):
        # A sweep is many small transactions by design: nothing may be held while the network is slow.
        self.env.cr.commit()  # pylint: disable=invalid-commit

    def _start_visits(self, pool, under_way, until):
        """Begin a visit to each server that is not being visited already. Ends its transaction before the network.

        :param float until: when the run ends, by the monotonic clock: a slow server must not hold the cron longer
        """
        busy = {plan.server_id for plan in under_way.values()}
        clients, plans = {}, []
        for server in self.env["label.print.server"].sudo().search([("id", "not in", list(busy))]):
            plan = self._plan(server)
            if plan:
                plan = dataclasses.replace(plan, seconds=max(until - time.monotonic(), 1.0))
                plans.append(plan)
                clients[server.id] = self._client_maker(server)
        self._commit()
        for plan in plans:
            under_way[pool.submit(visit, plan, clients[plan.server_id])] = plan
        return bool(plans)

    def _client_maker(self, server):
        """A function that makes the client without touching the database: it is called in another thread."""
        try:
            client = server._client()
        except PrintServerError as error:
            problem = error

            def fail():
                raise problem

            return fail
        return lambda: client

    def _plan(self, server):
        """What to ask this server now, None for nothing."""
        now = fields.Datetime.now()
        due = self.env.execute_query(
            SQL(
                """SELECT flask_job_id FROM label_print_job
                    WHERE server_id = %s AND status IN ('sent', 'queued', 'printing')
                      AND flask_job_id IS NOT NULL AND next_poll_at <= %s
                 ORDER BY next_poll_at, id LIMIT %s""",
                server.id,
                now,
                MAX_DUE,
            )
        )
        ids = tuple(row[0] for row in due)
        if not server.api_url and not ids:
            return None  # nothing is configured and nothing waits
        away = server.state in ("unreachable", "misconfigured")
        if away or server.failure_count:
            if server.next_probe_at and server.next_probe_at > now:
                return None
            return SweepPlan(
                server.id,
                ids,
                batch=server._has_capability("batch_status"),
                printers=True,
                probe=True,
                requests=self._budget(server).allowed(time.monotonic(), reserve=10),
            )
        key = (self.env.cr.dbname, server.id)
        printers_due = time.monotonic() - _printers_asked.get(key, -SAFETY_NET) >= (
            PRINTERS_EVERY if ids else SAFETY_NET / 2
        )
        health = not server.last_health or server.last_health < now - HEALTH_EVERY
        if not (ids or printers_due or health):
            return None
        requests = self._budget(server).allowed(time.monotonic(), reserve=10)
        if requests <= 0:
            return None
        return SweepPlan(
            server.id,
            ids,
            batch=server._has_capability("batch_status"),
            printers=printers_due,
            health=health,
            requests=requests,
        )

    def _budget(self, server):
        key = (self.env.cr.dbname, server.id)
        budget = _budgets.get(key)
        if budget is None or budget.limit_per_minute != (server.rate_limit or None):
            budget = _budgets[key] = RequestBudget(limit_per_minute=server.rate_limit or None)
        return budget

    def _finish_visit(self, plan, result: SweepResult):
        """Apply what a visit brought, in a transaction of its own, again when another transaction was faster."""
        for attempt in range(1, TRIES + 1):
            try:
                self._apply_visit(plan, result)
                self._commit()
                return
            except (SerializationFailure, LockNotAvailable):
                self.env.cr.rollback()
                self.env.invalidate_all(flush=False)
                if attempt == TRIES:
                    _logger.info(
                        "Print server %s: the sweep's result waits for the next sweep (rows in use)", plan.server_id
                    )
            except OperationalError:
                raise  # the database is gone: the cron runs again when it is back
            except Exception:
                # What one server said must never keep the others' jobs from being followed.
                _logger.exception("Print server %s: the sweep's result could not be applied", plan.server_id)
                self.env.cr.rollback()
                self.env.invalidate_all(flush=False)
                return

    def _apply_visit(self, plan, result: SweepResult):
        server = self.env["label.print.server"].sudo().browse(plan.server_id).exists()
        if not server:
            return
        now = time.monotonic()
        self._budget(server).spent(now, result.remaining, result.retry_after, count=result.requests_made)
        server._note_visit(result)
        if result.printers is not None:
            _printers_asked[self.env.cr.dbname, server.id] = now
            self.env["printer.configuration"]._apply_reports(server, result.printers, complete=True)
        self.apply_reports(server, result.reports, unknown=result.unknown)
        self._pace(server, result)

    def _pace(self, server, result: SweepResult):
        """Write when jobs are due again, only for those that need not be looked at in every sweep."""
        if not result.asked:
            return
        now = fields.Datetime.now()
        pushed = server._push_is_live(now)
        # When the rate limit let only some be asked, those go to the end of the row.
        rotate = len(result.asked) < len(result.plan.job_ids)
        due = {}
        for row in self._rows_for(server, result.asked):
            if row["status"] not in job_lifecycle.ACTIVE:
                continue
            idle = (now - (row["progress_at"] or now)).total_seconds()
            interval = poll_interval(row["status"], idle, pushed)
            if interval > SWEEP_PAUSE or rotate:
                due.setdefault(now + timedelta(seconds=interval if interval > SWEEP_PAUSE else 0), []).append(row["id"])
        for moment, ids in due.items():
            self.env.cr.execute(
                SQL(
                    """UPDATE label_print_job SET next_poll_at = %s WHERE id IN (
                        SELECT id FROM label_print_job WHERE id = ANY(%s) FOR NO KEY UPDATE SKIP LOCKED)""",
                    moment,
                    ids,
                )
            )
        self.env["label.print.job"].invalidate_model(["next_poll_at"], flush=False)

    def _housekeeping(self):
        """Flag jobs that stand still, and say whether something needs the next sweep soon."""
        now = fields.Datetime.now()
        try:
            stuck = (
                self.env["label.print.job"]
                .sudo()
                .search(
                    [
                        ("status", "in", job_lifecycle.ACTIVE),
                        ("attention_code", "=", False),
                        ("attention_due_at", "<=", now),
                        # Of a server that is away nothing is known, so nothing stands still either.
                        ("unverified_since", "=", False),
                    ],
                    limit=500,
                )
            )
            if stuck:
                stuck = stuck.try_lock_for_update(allow_referencing=True)
                stuck._apply({job.id: {"attention_code": "stuck"} for job in stuck})
            soon = bool(
                self.env.execute_query(
                    SQL(
                        """SELECT 1 FROM label_print_job j JOIN label_print_server s ON s.id = j.server_id
                            WHERE j.status IN ('sent', 'queued', 'printing') AND j.flask_job_id IS NOT NULL
                              AND j.next_poll_at <= %s AND s.state IN ('ok', 'unknown')
                              AND COALESCE(s.failure_count, 0) = 0
                            LIMIT 1""",
                        now + timedelta(seconds=2 * SWEEP_PAUSE),
                    )
                )
                or self.env["label.print.server"]
                .sudo()
                .search_count([("failure_count", ">", 0), ("next_probe_at", "<=", now + timedelta(seconds=5))], limit=1)
            )
            self._commit()
        except SerializationFailure:
            self.env.cr.rollback()
            self.env.invalidate_all(flush=False)
            return True
        return soon
