"""Between two sweeps: which jobs stand still, when held jobs are submitted again, and whether to sweep again soon."""

from datetime import timedelta

from odoo import fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ..services.lifecycle import job_lifecycle
from ..services.lifecycle.incidents import OF_THE_PRINTER
from ..services.lifecycle.poll_schedule import SWEEP_PAUSE, stuck_after
from .expected_conflicts import expected_conflicts

# A job that waits to be submitted again, and that is due within this time, keeps the sweeps going: Odoo runs a trigger
# of a scheduled action that lies in the future up to a minute late.
WAKE_SUBMISSION_WITHIN = timedelta(seconds=30)
# So is a step of an escalation, or the end of a maintenance: the scheduled action runs once a minute.
WAKE_NOTICE_WITHIN = timedelta(seconds=30)
# So long after a job's end its printer may still be shown with it in its queue.
JUST_ENDED = timedelta(seconds=30)
# So long after Odoo has learnt that a job has failed it is asked whether its printer is the reason.
JUST_FAILED = timedelta(seconds=10)
# Every job is looked at once a minute, so its end may be known so much later.
LEARNT_WITHIN = timedelta(minutes=2)


class PrintJobStatusPoller(models.AbstractModel):
    _inherit = "print.job.status.poller"

    def _housekeeping(self):
        """Flag jobs that stand still, run the submission when it is due, in a transaction of its own.

        :return: whether something needs the next sweep soon
        """
        now = fields.Datetime.now()
        try:
            with expected_conflicts():
                self._flag_stuck_jobs(now)
                moments = self.env["label.print.incident"]._due_moments()
                if moments.maintenance_end and moments.maintenance_end <= now:
                    self.env["printer.configuration"]._end_maintenances(now)
                notice_is_due = self.env["label.print.incident"]._link_waiting_jobs(moments)
                if notice_is_due:
                    self.env["print.job.notifier"]._tell_incidents(now)
                soon = self._sweep_is_due_soon(now) or notice_is_due
                submission_at = self._next_submission_at()
                if submission_at and submission_at <= now:
                    self.env["label.print.job"]._trigger_submission()
                self._commit()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            self.env.cr.rollback()
            self.env.invalidate_all(flush=False)
            return True
        if moments.escalation and moments.escalation <= now:
            self.env["print.job.notifier"]._escalate_due(now, self._commit)
        soon = soon or self._cancel_is_due_soon()
        # Told at its moment, where this run can wait for it; else by the next one.
        soon = soon or any(now < at <= now + WAKE_NOTICE_WITHIN for at in moments[2:] if at)
        return soon or bool(submission_at and submission_at <= now + WAKE_SUBMISSION_WITHIN)

    def _flag_stuck_jobs(self, now):
        waiting = self._waiting_printer_ids()
        if waiting:
            self._postpone_attention(waiting, now)
        stuck = (
            self.env["label.print.job"]
            .sudo()
            .search(
                [
                    ("status", "in", job_lifecycle.ACTIVE),
                    ("attention_code", "=", False),
                    ("attention_due_at", "<=", now),
                    # It is known what stands in the way; those behind it wait for the same.
                    ("printer_id", "not in", waiting),
                    # Of a server that is away nothing is known, so nothing stands still either.
                    ("unverified_since", "=", False),
                ],
                limit=500,
            )
        )
        if stuck:
            stuck = stuck.try_lock_for_update(allow_referencing=True)
            stuck._apply({job.id: {"attention_code": "stuck"} for job in stuck})

    def _sweep_is_due_soon(self, now):
        """Whether a job, an account, a queue or a server that does not answer has to be asked about in a moment."""
        due = self.env.execute_query(
            SQL(
                """SELECT 1 FROM label_print_job j JOIN label_print_server s ON s.id = j.server_id
                    WHERE s.active AND j.status IN ('sent', 'queued', 'printing')
                      AND j.flask_job_id IS NOT NULL
                      AND j.next_poll_at <= %s AND s.state IN ('ok', 'unknown')
                      AND COALESCE(s.failure_count, 0) = 0
                UNION ALL
                   SELECT 1 FROM label_print_attempt a JOIN label_print_server s ON s.id = a.server_id
                    WHERE s.active AND a.account_due AND s.state = 'ok' AND COALESCE(s.failure_count, 0) = 0
                    LIMIT 1""",
                now + timedelta(seconds=2 * SWEEP_PAUSE),
            )
        )
        if due or self._shows_ended_jobs(now):
            return True
        failing = [("failure_count", ">", 0), ("next_probe_at", "<=", now + timedelta(seconds=5))]
        return bool(self.env["label.print.server"].sudo().search_count(failing, limit=1))

    def _shows_ended_jobs(self, now, server=None):
        """Whether a printer may still be shown as it was before jobs that have just ended.

        With them in its queue, or ready though it is why one has failed. Without events a print server says so only
        when it is asked, and without a job it is asked about its printers once a minute.

        :param server: whose printers; those of all that answer when not given
        """
        return bool(
            self.env.execute_query(
                SQL(
                    """SELECT 1 FROM label_print_job j
                           JOIN printer_configuration p ON p.id = j.printer_id
                           JOIN label_print_server s ON s.id = p.server_id
                        WHERE j.completed_date > %(learnt)s
                          AND s.active AND s.state = 'ok' AND COALESCE(s.failure_count, 0) = 0
                          AND (%(server)s::int IS NULL OR s.id = %(server)s)
                          AND (p.jobs_in_queue > 0 AND j.completed_date > %(ended)s
                               OR p.status IN ('online', 'busy')
                                  AND GREATEST(j.completed_date, j.last_report_at) > %(failed)s
                                  AND j.status IN ('failed', 'completed_with_errors')
                                  AND COALESCE(j.error_code, '') = ANY(%(codes)s))
                        LIMIT 1""",
                    server=server and server.id,
                    learnt=now - LEARNT_WITHIN,
                    ended=now - JUST_ENDED,
                    failed=now - JUST_FAILED,
                    codes=["", *sorted(OF_THE_PRINTER)],
                )
            )
        )

    def _waiting_printer_ids(self):
        """The printers at which a job waits for somebody: nothing stands still there without a reason."""
        return [
            row[0]
            for row in self.env.execute_query(
                SQL("SELECT DISTINCT printer_id FROM label_print_job WHERE waiting_for IS NOT NULL")
            )
        ]

    def _postpone_attention(self, printer_ids, now):
        """The time for which a printer waits for somebody does not count for the jobs behind; written seldom."""
        overdue = self.env.execute_query(
            SQL(
                """SELECT id FROM label_print_job
                    WHERE printer_id = ANY(%s) AND status IN ('sent', 'queued', 'printing') AND attention_due_at < %s
                      FOR NO KEY UPDATE SKIP LOCKED""",
                list(printer_ids),
                now + timedelta(minutes=1),
            )
        )
        if overdue:
            due = now + timedelta(seconds=stuck_after("queued", 0, None))
            self.env.cr.execute(
                SQL(
                    "UPDATE label_print_job SET attention_due_at = %s WHERE id = ANY(%s)",
                    due,
                    [row[0] for row in overdue],
                )
            )
            self.env["label.print.job"].invalidate_model(["attention_due_at"], flush=False)

    def _next_submission_at(self):
        """When the first pending job may be submitted, again or at all; None when none can be.

        Jobs of a server that is away do not count: they are submitted as soon as a sweep finds that it is back.
        """
        return self.env.execute_query(
            SQL(
                """SELECT min(GREATEST(j.next_poll_at, s.next_probe_at))
                     FROM label_print_job j JOIN label_print_server s ON s.id = j.server_id
                    WHERE s.active AND s.state IN ('ok', 'unknown')
                      AND j.status = 'pending' AND j.labels_data IS NOT NULL"""
            )
        )[0][0]
