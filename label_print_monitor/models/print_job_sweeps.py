"""The cron's runs: choose what is due, ask the print servers, have their answers applied, say what is due when.

No transaction stays open during a network call, a slow server never delays another's jobs, and a sweep that finds
nothing new writes nothing. What an answer changes is decided in print_job_status_poller.py.
"""

import dataclasses
import logging
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from datetime import timedelta

from odoo import fields, models
from odoo.modules import module
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL
from psycopg2 import OperationalError

from ..services.lifecycle.poll_schedule import (
    FIRST_PACE,
    PUSH_CHECK,
    SAFETY_NET,
    SWEEP_PAUSE,
    RequestBudget,
    poll_interval,
)
from ..services.transport.print_server_client import MAX_LABEL_BATCH, PrintServerError
from ..services.transport.sweep import SweepPlan, SweepResult, visit
from .expected_conflicts import expected_conflicts

_logger = logging.getLogger(__name__)

RUN_SECONDS = 15.0  # one run of the cron; the visits still under way then need at most a call's time limit more
MAX_DUE = 5000  # jobs of one server in one sweep
PRINTERS_EVERY = 10.0  # seconds between two looks at a server's printers while jobs are active
HEALTH_EVERY = timedelta(minutes=10)
FAULTY_HEALTH_EVERY = timedelta(minutes=1)  # of a server that has warned: when it is mended, that shows
TRIES = 3

# Pacing that may be forgotten: a process that does not know it asks once too often, nothing more.
_budgets: dict[tuple[str, int], RequestBudget] = {}
_printers_asked: dict[tuple[str, int], float] = {}
_jobs_asked: dict[tuple[str, int], float] = {}


class PrintJobStatusPoller(models.AbstractModel):
    _inherit = "print.job.status.poller"

    def _run(self):
        """One run of the cron: sweep, and while jobs move keep sweeping every other second, at most `RUN_SECONDS`.

        Never raises because of a server: Odoo would deactivate the cron after five such failures.
        """
        until = time.monotonic() + RUN_SECONDS
        self._report_run()
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
                if fast and not self._testing() and self._is_submission_held_up():
                    until = time.monotonic()
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

    def _report_run(self):
        """Tell Odoo's scheduler that this run gets something done, where the run before it has died.

        Of a scheduled action whose process or database has died three times in a row Odoo believes that it never gets
        anything done, and leaves it out once. Ours commits as it goes.
        """
        progress = self.env["ir.cron.progress"].sudo().browse(self.env.context.get("ir_cron_progress_id"))
        if progress.timed_out_counter > 1:  # this run is counted as well, until it has ended
            self.env["ir.cron"]._commit_progress(1)

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
        key = (self.env.cr.dbname, server.id)
        # While events come, looking at the jobs only finds what was lost on the way.
        resting = (
            server._push_is_live(now)
            and not server.failure_count
            and time.monotonic() - _jobs_asked.get(key, -PUSH_CHECK) < PUSH_CHECK
        )
        ids = () if resting else self._due_ids(server, now)
        cancel_ids, label_ids = self._further_requests(server)
        cancel_ids = self._cancels_due(server, cancel_ids)
        if not ids and not server._is_configured():
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
                cancel_ids=cancel_ids,
                label_ids=label_ids,
            )
        pause = PRINTERS_EVERY if ids or resting else SAFETY_NET / 2
        if self._shows_ended_jobs(now, server):
            pause = SWEEP_PAUSE
        printers_due = time.monotonic() - _printers_asked.get(key, -SAFETY_NET) >= pause
        every = FAULTY_HEALTH_EVERY if server.warnings else HEALTH_EVERY
        health = not server.last_health or server.last_health < now - every
        if not (ids or printers_due or health or cancel_ids or label_ids):
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
            cancel_ids=cancel_ids,
            label_ids=label_ids,
        )

    def _due_ids(self, server, now):
        """The server's ids of the jobs that are due, longest-waiting first."""
        rows = self.env.execute_query(
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
        return tuple(row[0] for row in rows)

    def _further_requests(self, server):
        """What else this server is asked for: jobs to cancel of which it has not answered, and accounts of attempts.

        :return: two tuples of server job ids
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT 'cancel', flask_job_id FROM label_print_job
                    WHERE server_id = %(server)s AND cancel_requested_at IS NOT NULL
                      AND NOT COALESCE(cancel_accepted, FALSE)
                      AND status IN ('pending', 'sent', 'queued', 'printing') AND flask_job_id IS NOT NULL
                UNION ALL
                  (SELECT 'labels', flask_job_id FROM label_print_attempt
                    WHERE server_id = %(server)s AND account_due AND flask_job_id IS NOT NULL
                 ORDER BY id LIMIT %(most)s)""",
                server=server.id,
                most=MAX_LABEL_BATCH,
            )
        )
        return tuple(
            tuple(server_job_id for kind, server_job_id in rows if kind == wanted) for wanted in ("cancel", "labels")
        )

    def _budget(self, server):
        key = (self.env.cr.dbname, server.id)
        budget = _budgets.get(key)
        if budget is None or budget.limit_per_minute != (server.rate_limit or None):
            budget = _budgets[key] = RequestBudget(limit_per_minute=server.rate_limit or None)
        return budget

    def _finish_visit(self, plan, result: SweepResult):
        """Apply what a visit brought, in a transaction of its own, again when another transaction was faster."""
        self._note_cancel_errors(result)
        for attempt in range(1, TRIES + 1):
            try:
                with expected_conflicts():
                    self._apply_visit(plan, result)
                    self._commit()
                return
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self.env.cr.rollback()
                self.env.invalidate_all(flush=False)
                if attempt == TRIES:
                    _logger.info(
                        "Print server %s: the sweep's result waits for the next sweep (rows in use)", plan.server_id
                    )
            except OperationalError:
                raise  # the database is gone: the cron runs again when it is back
            except Exception:
                # Any: a mistake of ours about what one server said must not keep the others' jobs from being followed.
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
        key = (self.env.cr.dbname, server.id)
        if result.asked:
            _jobs_asked[key] = now
        if result.printers is not None:
            _printers_asked[key] = now
            self.env["printer.configuration"]._apply_reports(server, result.printers, complete=True)
        elif result.printers_error:
            _printers_asked[key] = now
            # Its jobs are followed all the same; of its printers nothing is known.
            self.env["printer.configuration"]._note_unanswered(server, result.printers_error)
        self._note_cancels(server, result)
        reports = [*result.reports, *result.label_reports]
        self.apply_reports(server, reports, unknown=result.unknown)
        self._note_accounts(server, result)
        self._pace(server, result)

    def _note_accounts(self, server, result: SweepResult):
        """An account that the print server could not give is not asked for again and again."""
        refused = [id_ for id_ in result.label_asked if id_ in result.label_errors or id_ in result.unknown]
        answered = {report.server_job_id for report in result.label_reports}
        refused += [id_ for id_ in result.label_asked if id_ not in answered and not result.error]
        if refused:
            attempts = (
                self.env["label.print.attempt"]
                .sudo()
                .search([("server_id", "=", server.id), ("flask_job_id", "in", refused), ("account_due", "=", True)])
            )
            attempts.try_lock_for_update(allow_referencing=True).write({"account_due": False})

    def _rows_to_pace(self, server, server_job_ids, before):
        """Id, status and last progress of the active ones of these jobs.

        :param before: only those that have made no progress since; None for all
        """
        return self.env.execute_query_dict(
            SQL(
                """SELECT id, status, progress_at FROM label_print_job
                    WHERE server_id = %(server)s AND flask_job_id = ANY(%(ids)s)
                      AND status IN ('sent', 'queued', 'printing')
                      AND (%(before)s::timestamp IS NULL OR progress_at <= %(before)s)""",
                server=server.id,
                ids=list(server_job_ids),
                before=before,
            )
        )

    def _pace(self, server, result: SweepResult):
        """Write when jobs are due again, only for those that need not be looked at in every sweep."""
        if not result.asked:
            return
        now = fields.Datetime.now()
        # When the rate limit let only some be asked, those go to the end of the row.
        rotate = len(result.asked) < len(result.plan.job_ids)
        due = {}
        for row in self._rows_to_pace(server, result.asked, None if rotate else now - FIRST_PACE):
            idle = (now - (row["progress_at"] or now)).total_seconds()
            interval = poll_interval(row["status"], idle)
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
