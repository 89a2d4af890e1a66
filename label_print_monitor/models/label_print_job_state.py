"""How a job's status changes: `_apply`, the one method that writes it, and what goes with a new status."""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..services.contract.reports import JobReport
from ..services.lifecycle import job_lifecycle
from ..services.lifecycle.job_lifecycle import FAILED
from .deletable_records import trigger_cron
from .label_print_attempt_account import AttemptUpdate

_logger = logging.getLogger(__name__)

# An open job that has been due for so long is not being followed. The sweeps look every other second.
LATE = timedelta(seconds=10)
# A run of the submission ends before that, with its last call's time limit: whoever has sent longer is dead.
LONGEST_SUBMISSION = timedelta(seconds=25)
# A connected server is asked at least once a minute; this allows for a late scheduled action and a pause.
FOLLOWED_WITHIN = timedelta(minutes=5)
# A scheduled action that is called runs within seconds; Odoo that is being started may take longer.
WOKEN_WITHIN = timedelta(minutes=1)

# What is written with each label of a job that goes on: of it views show progress and the time left, and no more.
PROGRESS = frozenset(
    {
        "current_label",
        "progress_percent",
        "estimated_completion",
        "progress_at",
        "last_report_at",
        "next_poll_at",
        "attention_due_at",
    }
)
# What an ended job has from its account, beside its status.
ACCOUNT_FIELDS = (
    "current_label",
    "progress_percent",
    "confirmed",
    "confirmed_count",
    "checked_count",
    "failed_count",
    "uncertain_count",
    "reprinted_count",
    "evidence",
    "account_exact",
    "failed_before",
    "account_problem",
)


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    @api.model
    def _timeline_entry(self, status, at, attempt=1, user=None, note=None):
        entry = {"status": status, "at": fields.Datetime.to_string(at), "attempt": attempt}
        if user:
            entry["user"] = user.sudo().name  # the name as it was: it must outlive the user
        if note:
            entry["said"] = note  # `timeline_display` has the words; "note" are those of entries from before
        return entry

    def _apply(self, changes, user=None, note=None, attempts=None, tell_views=True):
        """Change these jobs. **The only method that writes `status`.**

        The rows must be locked by the caller. Moves that the lifecycle forbids are refused; the timeline and the
        dates that belong to a status are kept here; live views are told. Telling people is the caller's matter.

        :param dict changes: values by job id; may hold any stored field
        :param user: the person whose action this is, for the timeline
        :param dict note: why, for the timeline: key and parameters of a sentence, for each reader's language
        :param dict attempts: ids of attempts of which more is known, by job id: for the record
        :param bool tell_views: False when a further change, of which they are told, follows within seconds
        :raise ValueError: for a move that the lifecycle does not allow (a fault of the program, not of a person)
        """
        jobs = self.browse(id_ for id_ in self._ids if changes.get(id_)).sudo()
        if not jobs:
            return
        now = fields.Datetime.now()
        moved = jobs.browse(id_ for id_ in jobs._ids if "status" in changes[id_])
        # One read for all: `timeline` is not prefetched, so that a sweep never drags it along.
        moved.fetch(["status", "timeline", "attempt_number", "started_date", "waiting_for"])
        old = {job.id: job.status for job in moved if job.status != changes[job.id]["status"]}
        # A sweep has a thousand jobs that only progress: no record is made of each.
        written = {id_: dict(changes[id_]) for id_ in jobs._ids}
        for job in moved:
            written[job.id].update(job._values_of_move(written[job.id], now, user, note))
        self.env["label.print.job"].flush_model()
        elsewhere = jobs.browse(id_ for id_ in jobs._ids if "printer_id" in changes[id_])
        left = elsewhere.printer_id
        begun = jobs.browse(id_ for id_, vals in written.items() if "waiting_for" in vals)
        waiting = {job: job.waiting_for for job in begun}
        jobs._write_columns(list(written.values()))
        jobs._seal_changes(written, attempts)
        notifier = self.env["print.job.notifier"]
        if tell_views:
            progressed = [id_ for id_, vals in written.items() if vals.keys() <= PROGRESS]
            notifier._live(jobs=jobs, printers=left, progressed=progressed)  # where they are now follows from the jobs
        if mended := [id_ for id_, status in old.items() if status in FAILED and changes[id_]["status"] not in FAILED]:
            notifier._close_outcomes(jobs.browse(mended))
        if waiting:
            notifier._notify_waiting(waiting)
        if complete := [id_ for id_ in old if changes[id_]["status"] == "completed"]:
            jobs.browse(complete)._note_on_orders()
        if old:
            # Nothing in the engine's transactions may wait for a mail server: messages go to the queue.
            jobs.browse(old).with_context(mail_notify_force_send=False)._on_status_changed(old)

    def _on_status_changed(self, old):
        """For other modules: these jobs have another status now. Called once for all that one statement has changed.

        It runs as superuser in the engine's transaction, with the jobs' rows locked, and must be quick: what takes
        long, or asks another system, belongs into a scheduled action that this method triggers. An error that is
        raised here undoes what has just been written, and the print server is asked again. See docs/architecture.md.

        :param dict old: the status before, by job id
        """

    def _on_labels_known(self, accounts):
        """For other modules: what became of each label of these jobs, when an attempt has ended or somebody looked.

        It runs as `_on_status_changed` does, and after it.

        :param dict accounts: `JobAccount` (services/lifecycle/job_account.py) by job id: each label with its state,
            since when and by which attempt
        """

    def _record(self, updates, changes=None, user=None, note=None):
        """Bring accounts up to what is new, and with them status and counts of these jobs, which must be locked.

        :param dict updates: `AttemptUpdate` by job id; None where only people have spoken
        :param dict changes: further values to write, by job id
        :param user: the person whose action this is, for the timeline
        :param dict note: why, for the timeline
        :return: the jobs that have ended now, or that have turned out worse than they had been told to be
        """
        jobs = self.browse(updates).sudo()
        jobs.fetch(["quantity", "status", "copy_of_id", "error_code", "error_message", "cancelled_by", *ACCOUNT_FIELDS])
        recorded = self.env["label.print.attempt"].sudo()._record({job.id: job.quantity for job in jobs}, updates)
        told, written = self.browse(), {}
        attempts = {id_: known.attempts for id_, known in recorded.items() if known.attempts or known.ended}
        for job in jobs:
            values = {**(changes or {}).get(job.id, {})}
            values.update(job._values_of_record(recorded[job.id], updates[job.id]))
            written[job.id] = values
            status = values.get("status")
            if status and (job.status not in job_lifecycle.TERMINAL or job.status == "completed"):
                told += job
        cancelled = jobs.filtered(lambda job: not user and written[job.id].get("status") == "cancelled")
        (jobs - cancelled)._apply(written, user=user, note=note, attempts=attempts)
        for person, theirs in cancelled.grouped("cancelled_by").items():
            theirs._apply(written, user=person or None, note=note, attempts=attempts)
        # Of an attempt more may be known that changes nothing of its job.
        unchanged = [id_ for id_, known in recorded.items() if known.attempts and not written[id_]]
        jobs.browse(unchanged)._seal([id_ for job_id in unchanged for id_ in attempts[job_id]])
        if known := {id_: of_job.account for id_, of_job in recorded.items() if of_job.ended}:
            jobs.browse(known)._on_labels_known(known)
        return told

    def _values_of_record(self, recorded, update):
        """What a new account changes in this job's fields."""
        values = dict(recorded.values)
        status = values.pop("status", None)
        if self.copy_of_id and "current_label" in values:
            values["reprinted_count"] = values["current_label"]
        if values.get("account_problem") and not self.account_problem:
            _logger.warning(
                "Print job %s: %s entries of the print server's account could not be used",
                self.id,
                values["account_problem"]["count"],
            )
        values = {name: value for name, value in values.items() if (self[name] or False) != (value or False)}
        if not recorded.ended:
            return values
        code, message = self.env["label.print.attempt"]._error_of_account(
            recorded.account, *((update.code, update.message) if update else (self.error_code, self.error_message))
        )
        if self.status not in job_lifecycle.TERMINAL:
            if recorded.newest["started_date"]:
                values["started_date"] = recorded.newest["started_date"]
            return {
                **values,
                "status": status,
                "error_code": code or False,
                "error_message": message or False,
                "completed_date": recorded.newest["ended_date"] or fields.Datetime.now(),
            }
        if status != self.status and job_lifecycle.check_move(self.status, status):
            values["status"] = status
            if status == "completed":
                values.update(error_code=False, error_message=False)
            elif not self.error_code:
                values.update(error_code=code or False)
        return values

    def _record_as_ended(self):
        """Accounts for jobs that were entered as ended: what their counts say, and no more."""
        updates = {}
        for job in self:
            report = JobReport(
                job.flask_job_id or "-",
                job.status,
                current_label=job.current_label or (job.quantity if job.status == "completed" else 0),
                failed_count=job.failed_count,
                confirmed=job.confirmed,
                error_code=job.error_code or "",
            )
            code, message = job.error_code or "", job.error_message or ""
            updates[job.id] = AttemptUpdate(job.attempt_number, [report], job.status, code, message)
        recorded = self.env["label.print.attempt"]._record({job.id: job.quantity for job in self}, updates)
        for job in self:
            values = {name: value for name, value in recorded[job.id].values.items() if name != "status"}
            job.attempt_ids.write({"ended_date": job.completed_date, "started_date": job.started_date})
            job.write(values)

    def _values_of_move(self, vals, now, user, note):
        """Dates, timeline and follow-up that go with a new status."""
        old, new = self.status, vals["status"]
        if old != new and not job_lifecycle.check_move(old, new):
            raise ValueError(f"print job {self.id} cannot go from {old} to {new}")
        attempt = vals.get("attempt_number", self.attempt_number)
        at = vals.get("completed_date") or vals.get("started_date") or now
        values = {"timeline": (self.timeline or []) + [self._timeline_entry(new, at, attempt, user, note)]}
        if old in job_lifecycle.TERMINAL and new in job_lifecycle.TERMINAL:
            return values  # learnt later: when the job ended stays as it is
        values["progress_at"] = now
        if new == "printing" and not self.started_date:
            values["started_date"] = now
        if new in job_lifecycle.TERMINAL:
            values.update(
                completed_date=now,
                next_poll_at=False,
                attention_code=False,
                attention_due_at=False,
                waiting_for=False,
                waiting_since=False,
                unverified_since=False,
                unverified_problem=False,
                submit_started_at=False,
                not_found_count=0,
                not_found_since=False,
            )
            if (
                new in ("completed", "completed_with_errors", "failed")
                and not self.started_date
                and vals.get("current_label")
            ):
                values["started_date"] = now
        return {name: value for name, value in values.items() if name not in vals}

    @api.model
    def _trigger_engine(self):
        """Have the engine look at once instead of within a minute."""
        trigger_cron(self.env, "label_print_monitor.cron_poll_print_job_status")

    @api.model
    def _trigger_submission(self):
        trigger_cron(self.env, "label_print_monitor.cron_submit_print_jobs")

    @api.model
    def _wake_engine_if_late(self):
        """Have the engine run when jobs are overdue: a process has died and left them, and Odoo looks once a minute.

        Called when somebody looks at jobs, or when a print server tells something.
        """
        late = self.env.execute_query(
            SQL(
                """SELECT j.status FROM label_print_job j JOIN label_print_server s ON s.id = j.server_id
                    WHERE s.active AND s.state IN ('ok', 'unknown') AND COALESCE(s.failure_count, 0) = 0
                      AND j.status IN ('pending', 'sent', 'queued', 'printing')
                      AND (j.next_poll_at < %(late)s AND (j.status != 'pending' OR j.labels_data IS NOT NULL)
                           OR j.status = 'pending' AND j.submit_started_at < %(dead)s)
                    LIMIT 1""",
                late=fields.Datetime.now() - LATE,
                dead=fields.Datetime.now() - LONGEST_SUBMISSION,
            )
        )
        if late and late[0][0] == "pending":
            self._trigger_submission()
        elif late:
            self._trigger_engine()

    @api.model
    def _engine_stands_still(self, last_contact):
        """Whether the engine does not ask a print server that it has long not asked; else it is woken.

        After Odoo was switched off for a while, everything is long ago: until the first run there is nothing to say.

        :param datetime last_contact: when that print server was last asked
        """
        cron = self.env.ref("label_print_monitor.cron_poll_print_job_status", raise_if_not_found=False)
        cron = cron and cron.sudo()
        if not cron or not cron.active:
            return True
        if cron.lastcall and cron.lastcall > last_contact + FOLLOWED_WITHIN:
            return True  # it has run, without asking that print server
        # An older call comes from the time before Odoo was switched off.
        now = fields.Datetime.now()
        calls = self.env["ir.cron.trigger"].sudo().search(
            [("cron_id", "=", cron.id), ("call_at", ">", now - FOLLOWED_WITHIN + WOKEN_WITHIN), ("call_at", "<=", now)]
        ).mapped("call_at")  # fmt: skip
        if not calls or max(calls) < now - WOKEN_WITHIN:
            self._trigger_engine()
        return bool(calls) and min(calls) < now - WOKEN_WITHIN

    @api.model
    def _cron_poll_active_jobs(self):
        """Follow every active job and every printer: see `print.job.status.poller`."""
        self._run_unless_stopping(self.env["print.job.status.poller"]._run)

    @api.model
    def _cron_submit_pending_jobs(self):
        """Hand pending jobs to their print servers: see `print.job.submitter`."""
        self._run_unless_stopping(self.env["print.job.submitter"]._run)

    @api.model
    def _run_unless_stopping(self, run):
        """Odoo that is being stopped lets no thread begin any more: no error, but the end of the run."""
        try:
            run()
        except RuntimeError as error:
            if "cannot schedule new futures" not in str(error):
                raise
            _logger.info("Odoo is being stopped: the next process goes on with the print jobs")
