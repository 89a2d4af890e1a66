"""Hands pending jobs to their print servers: never lost, never twice.

A job is leased and the lease committed before the network is touched. How sure it is that the server has the job is one
stored value, `submission`: an answer that was lost makes it `maybe`. Then nothing is done with the job before it is
known what became of it: the request is repeated under its idempotency key, or the server is asked about the key; where
it can do neither, a person is.
"""

import logging
import queue
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from odoo import fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..services.contract.print_request import LabelError, build_print_payload
from ..services.contract.reports import CancelAnswer, LookupAnswer
from ..services.lifecycle.poll_schedule import stuck_after
from ..services.transport.print_server_client import ConfigurationError, PrintServerError
from ..services.transport.submissions import KEY_REUSED, WORKERS, Lane, Submission
from .expected_conflicts import expected_conflicts
from .label_print_attempt_account import AttemptUpdate

_logger = logging.getLogger(__name__)

MAX_THREADS = 128  # of all lanes: twenty print servers have 80
LOOK_EVERY = 0.5  # seconds between two looks for jobs of other print servers, while one is waited for
RUN_SECONDS = 12.0
TRIES = 3
BARRED = "submission_barred"


class PrintJobSubmitter(models.AbstractModel):
    _name = "print.job.submitter"
    _description = "Print Job Submitter"

    def _run(self):
        """One run of the cron: lease what is pending, send it, apply the answers as they come.

        Each print server has a lane of its own (`submissions.py`): one that does not answer delays no other's jobs,
        also not those that are made while it is waited for.
        """
        until = time.monotonic() + RUN_SECONDS
        poller = self.env["print.job.status.poller"]
        Job = self.env["label.print.job"].sudo()
        poller._report_run()
        self._release_leases()
        handovers = queue.SimpleQueue()
        under_way = Counter()  # submissions by print server
        failed = set()  # print servers whose failure has been counted: one a run is enough
        look_at = time.monotonic()
        with ThreadPoolExecutor(MAX_THREADS, thread_name_prefix="label_print_submit") as pool:
            while True:
                if look_at <= time.monotonic() < until:
                    for server_id, submissions in self._lease_submissions(until, [*under_way]).items():
                        try:
                            Lane(server_id, submissions, handovers).start(pool, WORKERS)
                        except RuntimeError:  # Odoo is being stopped: nothing of these has been sent
                            self._give_back(submissions)
                            until = look_at
                        else:
                            under_way[server_id] = len(submissions)
                    look_at = time.monotonic() + LOOK_EVERY
                if not under_way:
                    break
                try:
                    handover = handovers.get(timeout=LOOK_EVERY)
                except queue.Empty:
                    continue
                self._finish(Job.browse(handover.submission.job_id), handover, failed)
                under_way[handover.server_id] -= 1
                if not under_way[handover.server_id]:
                    del under_way[handover.server_id]
                    if not poller._testing():  # a test makes each run itself
                        look_at = time.monotonic()
        more = Job.search_count(self._due_domain(fields.Datetime.now()), limit=1)
        if more and not poller._testing():
            Job._trigger_submission()
            poller._commit()

    def _submission(self, job, until):
        """``job`` as it is handed over; None when it cannot be sent at all, which is then its outcome."""
        attempt = job._current_attempt() or job._start_missing_attempt()
        if not attempt.request or job.submission != "maybe":
            # Kept with the key, because from now on the key stands for exactly this request. While nothing under it can
            # have arrived, it is made anew: somebody may have changed the job's priority meanwhile.
            attempt.request = {
                "printer": job.printer_id.cups_name,
                "mo_reference": job.mo_reference or None,
                "priority": job.priority,
            }
            attempt.first_sent_date = fields.Datetime.now()
        try:
            payload = build_print_payload(
                attempt.request["printer"],
                job._labels_of_attempt(),
                attempt.request["mo_reference"],
                attempt.request["priority"],
            )
        except LabelError as error:
            self._refuse(job, "invalid_zpl", str(error))
            return None
        server = job.server_id
        try:
            client = server._client()
        except ConfigurationError as error:
            self._hold(job, error, maybe=job.submission == "maybe")
            return None
        return Submission(
            job.id,
            client,
            job.idempotency_key,
            payload,
            idempotent=server._has_capability("idempotency"),
            lookup=server._has_capability("submission_lookup"),
            maybe=job.submission == "maybe",
            cancel=bool(job.cancel_requested_at),
            until=until,
        )

    def _finish(self, job, handover, failed):
        """Apply one answer in a transaction of its own: what one job meets must not undo another's submission.

        Again when another transaction was faster: an answer that is lost costs a person a look at the printer.

        :param handover: a `Handover`
        :param set failed: ids of print servers whose failure has been counted
        """
        for attempt in range(1, TRIES + 1):
            try:
                with expected_conflicts():
                    self._apply_handover(job, handover, failed)
                    self.env["print.job.status.poller"]._commit()
                return
            except Exception as error:
                # Any: a mistake of ours about one job must not keep the others' answers from being noted.
                self.env.cr.rollback()
                self.env.invalidate_all(flush=False)
                if not isinstance(error, PG_CONCURRENCY_EXCEPTIONS_TO_RETRY) or attempt == TRIES:
                    # The lease stays: the next run finds out what became of it, or asks a person.
                    _logger.exception("Print job %s: its submission could not be recorded", job.id)
                    return

    def _apply_handover(self, job, handover, failed):
        if isinstance(handover.answer, Exception) and not isinstance(handover.answer, PrintServerError):
            raise handover.answer
        if handover.sent:
            self._apply_answer(job, handover.answer, handover.submission)
        elif job.status == "pending" and job.idempotency_key == handover.submission.key:
            self._hold(job, handover.answer, handover.submission.maybe)
        is_held = job.status == "pending" and job.submission in ("not_sent", "maybe")
        if isinstance(handover.answer, PrintServerError) and is_held and handover.server_id not in failed:
            job.server_id._note_failure_of_submission(handover.answer)
            failed.add(handover.server_id)

    def _apply_answer(self, job, answer, task):
        """:param answer: what `Submission.run` has brought"""
        job.try_lock_for_update(allow_referencing=True)
        if job.idempotency_key != task.key or job.flask_job_id or job.status not in ("pending", "sent"):
            _logger.warning("Print job %s was %s when its submission was answered", job.id, job.status)
            self._note_late_answer(job, answer, task)
        elif isinstance(answer, CancelAnswer):
            self._cancelled(job, answer)
        elif isinstance(answer, LookupAnswer):
            self._accepted(job, answer, note={"key": "note_found"})
        elif not isinstance(answer, PrintServerError):
            self._accepted(job, answer, note={"key": "note_found"} if task.maybe else None)
        else:
            self._not_accepted(job, answer, task)

    def _note_late_answer(self, job, answer, task):
        """Keep the id of a job that was closed or retried meanwhile: what is printed of it goes into its account."""
        server_job_id = getattr(answer, "server_job_id", "")
        attempt = job.attempt_ids.filtered(lambda row: row.idempotency_key == task.key and not row.flask_job_id)
        if server_job_id and attempt:
            due = job.server_id._has_capability("label_account")
            attempt[:1].write({"flask_job_id": server_job_id, "account_due": due})

    def _accepted(self, job, answer, note=None):
        """The print server has the job, as `answer.server_job_id`."""
        now = fields.Datetime.now()
        status = answer.status if answer.status in ("queued", "printing") else "sent"
        left = job.attempt_quantity or job.quantity
        due = now + timedelta(seconds=stuck_after(status, left, job.printer_id.seconds_per_label or None))
        # When it was really handed over is not known of one whose answer was lost: at the earliest with the first try.
        attempt = job._current_attempt()
        since = (attempt.first_sent_date if note else None) or now
        attempt.write({"flask_job_id": answer.server_job_id, "submitted_date": since})
        values = {
            "flask_job_id": answer.server_job_id,
            "submission": "accepted",
            "submitted_date": since,
            "submit_started_at": False,
            "next_poll_at": now,
            "attention_code": False,
            "attention_due_at": due,
            "estimated_completion": getattr(answer, "estimated_completion", None) or False,
            "unverified_since": False,
            "unverified_problem": False,
        }
        if job.status == "pending":
            values["status"] = "sent"
        job._apply({job.id: values}, note=note)
        if status != "sent":
            job._apply({job.id: {"status": status}})
        job._trigger_engine()

    def _cancelled(self, job, answer):
        """The print server has been asked to cancel by key, and has said what it had of it."""
        if answer.outcome == "barred":
            ended = AttemptUpdate(job.attempt_number, outcome="cancelled")
            told = job._record({job.id: ended}, note={"key": "note_barred"})
            self.env["print.job.notifier"]._notify_outcomes(told)
        elif answer.server_job_id:
            self._accepted(job, LookupAnswer(answer.server_job_id, ""), note={"key": "note_found"})
            job._apply({job.id: {"cancel_accepted": answer.outcome != "finished"}})
        else:
            self._leave_unclear(job)

    def _not_accepted(self, job, error, task):
        maybe = task.maybe or error.maybe_delivered
        if error.code == BARRED:
            self._refuse(job, BARRED, "")
        elif error.code == KEY_REUSED:
            self._leave_unclear(job)
        elif error.refuses_submission:
            if task.maybe:
                # That this request is refused does not say what became of the one before it.
                self._leave_unclear(job)
            else:
                self._refuse(job, error.code, error.answer)
        elif maybe and not task.idempotent and not task.lookup:
            self._leave_unclear(job)
        else:
            self._hold(job, error, maybe)

    def _refuse(self, job, code, words):
        """The server will not have this job as it is: that is an outcome, and the submitter is told.

        :param str words: those of whoever refused it; what the code means is said in each reader's language
        """
        job._apply({job.id: {"submission": "not_sent"}})
        outcome = "cancelled" if job.cancel_requested_at else "failed"
        told = job._record({job.id: AttemptUpdate(job.attempt_number, outcome=outcome, code=code, message=words or "")})
        self.env["print.job.notifier"]._notify_outcomes(told)

    def _hold(self, job, error, maybe=False):
        """Nothing is lost: the job waits until the server can be reached and is what it should be.

        :param bool maybe: the server may have it already
        """
        now = fields.Datetime.now()
        job._apply(
            {
                job.id: {
                    "submission": "maybe" if maybe else "not_sent",
                    "submit_started_at": False,
                    "next_poll_at": now + timedelta(seconds=max(15, error.retry_after or 0)),
                    "unverified_since": job.unverified_since or now,
                    "unverified_problem": error.problem,
                }
            }
        )
        job._trigger_engine()  # whose sweeps have it submitted again when that time has come

    def _leave_unclear(self, jobs):
        """The server may or may not have these: only a person who looks at the printer can tell."""
        jobs._apply(
            {
                job.id: {
                    **({"status": "sent"} if job.status == "pending" else {}),
                    "submission": "maybe",
                    "submit_started_at": False,
                    "attention_code": "submission_uncertain",
                    "next_poll_at": False,
                }
                for job in jobs
            }
        )
