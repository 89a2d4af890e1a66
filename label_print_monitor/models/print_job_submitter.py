"""Hands pending jobs to their print servers: never lost, never twice.

A job is leased and the lease committed before the network is touched. Should Odoo die in between, the next run finds
the lease expired and sends again under the same idempotency key; a server that cannot tell a repetition from a new
job is then not asked again, but a person is.
"""

import logging
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import timedelta

from odoo import fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..services.contract.print_request import PRIORITIES, LabelError, build_print_payload
from ..services.lifecycle.poll_schedule import stuck_after, submit_pause
from ..services.transport.print_server_client import ConfigurationError, PrintServerError

_logger = logging.getLogger(__name__)

BATCH = 40
WORKERS = 4
RUN_SECONDS = 12.0
LEASE = timedelta(seconds=60)
TRIES = 3


def _submit(make_client, idempotent, payload, key, until):
    """Send one job, again after 1, 2 and 4 s where that is safe. Runs in a thread, without a database.

    :return: the server's answer, or the error that stays
    """
    tries = 0
    with make_client() as client:
        while True:
            tries += 1
            try:
                return client.submit(payload, idempotency_key=key)
            except PrintServerError as error:
                # Sending again is safe when nothing arrived, or when the server knows a repetition by its key.
                again = error.retryable and (idempotent or not error.maybe_delivered)
                pause = submit_pause(tries)
                pause = max(pause, error.retry_after or 0) if pause else None
                if not again or not pause or time.monotonic() + pause > until:
                    return error
                time.sleep(pause)


class PrintJobSubmitter(models.AbstractModel):
    _name = "print.job.submitter"
    _description = "Print Job Submitter"

    def _run(self):
        """One run of the cron: lease what is pending, send it, apply the answers as they come."""
        until = time.monotonic() + RUN_SECONDS
        poller = self.env["print.job.status.poller"]
        Job = self.env["label.print.job"].sudo()
        tasks = []
        for job in self._lease():
            task = self._task(job, until)
            if task:
                tasks.append((job.id, task))
        poller._commit()
        if tasks:
            with ThreadPoolExecutor(WORKERS, thread_name_prefix="label_print_submit") as pool:
                futures = {pool.submit(_submit, *task): (job_id, task) for job_id, task in tasks}
                for future in as_completed(futures):
                    job_id, task = futures[future]
                    self._finish(Job.browse(job_id), task, future)
        more = Job.search_count(
            [("status", "=", "pending"), ("labels_data", "!=", False), ("next_poll_at", "<=", fields.Datetime.now())],
            limit=1,
        )
        if more and not poller._testing():
            Job._trigger_submission()
            poller._commit()

    def _lease(self):
        """Pending jobs that nobody is submitting, most urgent first, kept from everybody else for a minute."""
        now = fields.Datetime.now()
        domain = [("status", "=", "pending"), ("labels_data", "!=", False), ("next_poll_at", "<=", now)]
        # Priority first, then age; a server that is being probed is not asked for every job.
        servers = self.env["label.print.server"].sudo().search([("next_probe_at", ">", now)])
        if servers:
            domain.append(("server_id", "not in", servers.ids))
        jobs = self.env["label.print.job"].sudo()
        for priority in PRIORITIES:
            if len(jobs) < BATCH:
                jobs |= jobs.search([*domain, ("priority", "=", priority)], limit=BATCH - len(jobs), order="id")
        jobs = jobs.try_lock_for_update(allow_referencing=True)
        interrupted = jobs.filtered("submit_started_at")
        unclear = interrupted.filtered(lambda job: not job.server_id._has_capability("idempotency"))
        self._leave_unclear(unclear)
        jobs -= unclear
        jobs._apply({job.id: {"submit_started_at": now, "next_poll_at": now + LEASE} for job in jobs})
        return jobs

    def _task(self, job, until):
        """What the thread needs to submit ``job``; None when it cannot be sent at all, which is then its outcome."""
        try:
            payload = build_print_payload(
                job.printer_id.cups_name, job._labels_of_attempt(), job.mo_reference or None, job.priority
            )
        except LabelError as error:
            self._refuse(job, "invalid_zpl", str(error))
            return None
        server = job.server_id
        try:
            client = server._client()
        except ConfigurationError as error:
            self._hold(job, error)
            return None
        idempotent = server._has_capability("idempotency")
        return (lambda: client), idempotent, payload, job.idempotency_key, until

    def _finish(self, job, task, future):
        """Apply one answer in a transaction of its own: what one job meets must not undo another's submission.

        Again when another transaction was faster: an answer that is lost costs a person a look at the printer.
        """
        for attempt in range(1, TRIES + 1):
            try:
                self._apply_answer(job, future.result(), idempotent=task[1])
                self.env["print.job.status.poller"]._commit()
                return
            except Exception as error:
                # Any: a mistake of ours about one job must not keep the others' answers from being noted.
                self.env.cr.rollback()
                self.env.invalidate_all(flush=False)
                if not isinstance(error, PG_CONCURRENCY_EXCEPTIONS_TO_RETRY) or attempt == TRIES:
                    # The lease stays: the next run sends again under the same key, or asks a person.
                    _logger.exception("Print job %s: its submission could not be recorded", job.id)
                    return

    def _apply_answer(self, job, answer, idempotent):
        job.try_lock_for_update(allow_referencing=True)
        if job.status != "pending":
            _logger.warning("Print job %s was %s when its submission was answered", job.id, job.status)
        elif not isinstance(answer, PrintServerError):
            self._accepted(job, answer)
        else:
            self._not_accepted(job, answer, idempotent)

    def _accepted(self, job, answer):
        now = fields.Datetime.now()
        status = answer.status if answer.status in ("queued", "printing") else "sent"
        left = job.attempt_quantity or job.quantity
        due = now + timedelta(seconds=stuck_after(status, left, job.printer_id.seconds_per_label or None))
        job._apply(
            {
                job.id: {
                    "status": "sent",
                    "flask_job_id": answer.server_job_id,
                    "submitted_date": now,
                    "submit_started_at": False,
                    "next_poll_at": now,
                    "attention_due_at": due,
                    "estimated_completion": answer.estimated_completion or False,
                    "unverified_since": False,
                    "unverified_problem": False,
                }
            }
        )
        if status != "sent":
            job._apply({job.id: {"status": status}})
        job._trigger_engine()

    def _not_accepted(self, job, error, idempotent):
        if error.maybe_delivered and not idempotent:
            self._leave_unclear(job)
        elif isinstance(error, ConfigurationError):
            self._hold(job, error)
        elif error.retryable:
            self._hold(job, error)
            job.server_id._note_failure_of_submission(error)
        else:
            self._refuse(job, error.code, error.answer)

    def _refuse(self, job, code, words):
        """The server will not have this job as it is: that is an outcome, and the submitter is told.

        :param str words: those of whoever refused it; what the code means is said in each reader's language
        """
        job._apply({job.id: {"status": "failed", "error_code": code, "error_message": words or False}})
        self.env["print.job.notifier"]._notify_outcomes(job)

    def _hold(self, job, error):
        """Nothing was printed and nothing is lost: the job waits until the server can be reached."""
        now = fields.Datetime.now()
        job._apply(
            {
                job.id: {
                    "submit_started_at": False,
                    "next_poll_at": now + timedelta(seconds=max(15, error.retry_after or 0)),
                    "unverified_since": job.unverified_since or now,
                    "unverified_problem": error.problem,
                }
            }
        )

    def _leave_unclear(self, jobs):
        """The server may or may not have these: only a person who looks at the printer can tell."""
        jobs._apply(
            {
                job.id: {
                    "status": "sent",
                    "submit_started_at": False,
                    "attention_code": "submission_uncertain",
                    "next_poll_at": False,
                }
                for job in jobs
            }
        )
