"""Retry a job: open a new attempt that prints exactly what is missing, once, however many people ask for it."""

import logging
import uuid

from odoo import fields, models
from odoo.exceptions import UserError

from ..services.contract.label_runs import format_runs
from ..services.lifecycle.job_lifecycle import OPEN
from ..services.lifecycle.order_labels import label_entries
from .label_print_job_actions import JobLocked
from .label_print_job_set_aside import NOT_SET_ASIDE

_logger = logging.getLogger(__name__)


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    def action_retry(self):
        """Print what is missing.

        One job whose missing labels are known is retried at once; one of which a label may be on paper opens a dialog.
        On a selection, what is certain is retried and the rest is named in a summary.
        """
        self.check_access("write")
        if len(self) == 1:
            if words := self._words_of_retry_by_somebody():
                # Two people who have read the same notice: the second has nothing to correct.
                return self._notification("warning", self.env._("Retried already"), words)
            self._check_can_retry()
            self._ask_for_account()
            labels = self._known_missing_labels()
            # Where the printer is gone, the dialog says so and asks for another one.
            gone = not self.printer_id or self.printer_id._problem_to_print(self.company_id)
            if labels is None or gone or self._printed_elsewhere(labels):
                return self._get_retry_wizard_action()
            shortage = self.printer_id._roll_shortage(len(labels))
            try:
                self._retry(labels)
            except JobLocked as error:
                return self._notification("warning", self.env._("Not retried"), str(error))
            self.env["print.job.notifier"]._notify_act(self, "retried")
            words = self.env._(
                "%(job)s: %(labels)s will be printed.",
                job=self.display_name,
                labels=self._describe_labels(labels),
            )
            return self._notification(
                "warning" if shortage else "success",
                self.env._("Printing"),
                " ".join(filter(None, (words, shortage))),
            )
        self._check_selection_is_whole()
        # All at once, and before any is locked: the next one's print server may take its time.
        self.filtered("can_retry")._ask_for_account()
        done, left = self.browse(), {}
        for job in self:
            reason = job._retry_of_selection()
            if reason:
                left[reason] = left.get(reason, self.browse()) | job
            else:
                done += job
        if done:
            self.env["print.job.notifier"]._notify_act(done, "retried")
        words = (
            self.env._("1 job prints its missing labels.")
            if len(done) == 1
            else self.env._("%(count)s jobs print their missing labels.", count=len(done))
        )
        return self._counted_summary(words, left)

    def _retry_of_selection(self):
        """Retry one of many jobs, if that is safe without asking.

        :return: why it is not retried, in words that fit many jobs; '' when it is
        """
        if self.set_aside_date:
            return self.env._("set aside")
        if not self.can_retry:
            return self.env._("not failed, or retried by somebody just now")
        try:
            self._check_can_retry()
            labels = self._known_missing_labels()
            if labels is None:
                return self.env._("somebody has to say which labels are on paper")
            if not self.printer_id or self.printer_id._problem_to_print(self.company_id):
                return self.env._("the printer is archived or another company's: open it and choose another one")
            if self._printed_elsewhere(labels):
                return self.env._("labels of the same boxes have been printed since in another job")
            self._retry(labels)
        except JobLocked:
            return self.env._("just being changed by somebody, or by the print server")
        except UserError as error:
            _logger.info("%s of a selection is not retried: %s", self.display_name, error)
            return self.env._("open it and choose Retry there to read why")
        return ""

    def _get_retry_wizard_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Print Missing Labels"),
            "res_model": "label.print.retry.wizard",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_job_id": self.id, "default_opened_attempt": self.attempt_number},
        }

    def action_retry_choose(self):
        """Open the dialog in any case: to choose labels or another printer, or to print what a cancelled job lacks."""
        self.ensure_one()
        self.check_access("write")
        self._check_can_print_missing()
        self._ask_for_account()
        self._check_can_print_missing()
        return self._get_retry_wizard_action()

    def _words_of_retry_by_somebody(self):
        """Who has retried this job, where that is why it cannot be retried now; '' otherwise."""
        self.ensure_one()
        attempt = self.sudo()._current_attempt()
        if self.can_retry or self.set_aside_date or attempt.number < 2 or self.status == "cancelled":
            return ""
        params = {
            "person": attempt.submitted_by.name,
            "job": self.display_name,
            "status": self._status_in_words(),
        }
        if self.status in OPEN:
            return self.env._("%(person)s has just retried %(job)s. It is “%(status)s” now.", **params)
        return self.env._("%(person)s has retried %(job)s. It is “%(status)s” now.", **params)

    def _check_can_retry(self):
        self.ensure_one()
        if self.set_aside_date:
            raise UserError(
                self.env._(
                    "%(person)s has set %(job)s aside. Choose Undo Set Aside on it first.",
                    person=self.set_aside_by.sudo().name,
                    job=self.display_name,
                )
            )
        if not self.can_retry:
            raise UserError(
                self.env._(
                    "%(job)s is “%(status)s” and cannot be retried. "
                    "Only failed jobs and jobs completed with errors can.",
                    job=self.display_name,
                    status=self._status_in_words(),
                )
            )
        self._check_has_labels()

    def _check_can_print_missing(self):
        self.ensure_one()
        if not self.can_print_missing:
            label = dict(self._fields["status"]._description_selection(self.env))[self.status]
            raise UserError(
                self.env._(
                    "%(job)s is “%(status)s”, so no label of it is missing. To print labels again that are on paper "
                    "already, choose Print Again.",
                    job=self.display_name,
                    status=label,
                )
            )
        self._check_has_labels()

    def _check_has_labels(self):
        if not self.labels_data:
            raise UserError(
                self.env._(
                    "%(job)s has no labels stored, so it cannot be printed again. Print from the order.",
                    job=self.display_name,
                )
            )

    def _known_missing_labels(self):
        """The labels, counted from 1 in the job, that are certainly not on paper; None when a person must look.

        Certain is what the print server, or a person, has said of the very label. What was cancelled on purpose is not
        printed without being asked about, either.

        :raise UserError: when no label is missing any more
        """
        self.ensure_one()
        if self.submission == "maybe":
            return None
        account = self._job_account()
        if account.uncertain or account.indexes("taken_back"):
            return None
        if not account.missing:
            raise UserError(
                self.env._("All labels of %(job)s are on paper: there is nothing to retry.", job=self.display_name)
            )
        return account.missing

    def _runs_of_labels(self, indexes):
        """``[3, 9, 10, 11]`` → “3, 9–11”: the same in every language."""
        return format_runs(sorted(indexes))

    def _describe_labels(self, indexes):
        """``[3, 9, 10, 11]`` → “labels 3, 9–11”, ``[3]`` → “label 3”."""
        runs = self._runs_of_labels(indexes)
        if len(indexes) == 1:
            return self.env._("label %(number)s", number=runs)
        return self.env._("labels %(runs)s", runs=runs)

    def _check_attempt(self, opened_attempt):
        """:raise UserError: when the dialog that somebody confirms was opened on an attempt that is not the newest"""
        if opened_attempt and opened_attempt != self.attempt_number:
            raise UserError(
                self.env._(
                    "%(person)s has printed %(job)s again since this dialog was opened (attempt %(attempt)s). "
                    "Close it and look at the job: other labels may be missing now.",
                    person=self.sudo()._current_attempt().submitted_by.name,
                    job=self.display_name,
                    attempt=self.attempt_number,
                )
            )

    def _retry(self, indexes, reason="", printer=None, opened_attempt=None):
        """Open a new attempt that prints the labels ``indexes`` (counted from 1). Of several callers one succeeds.

        :param printer: another one to print on; the job's own when not given
        :param int opened_attempt: the attempt that the person was looking at
        :raise UserError: when somebody else has just done it, a label is on paper already or perhaps, or the printer
            may not be used
        """
        self.ensure_one()
        self.check_access("write")
        self._lock_or_tell()
        self._check_attempt(opened_attempt)
        self._check_can_print_missing()
        job = self.sudo()
        if job.submission == "maybe":
            raise UserError(
                self.env._(
                    "Whether the print server has %(job)s is not known yet. Say first what is on paper.",
                    job=self.display_name,
                )
            )
        indexes = sorted({index for index in indexes if 1 <= index <= self.quantity})
        if not indexes:
            raise UserError(self.env._("Choose at least one label to print."))
        account = job._job_account()
        if unsure := sorted(set(indexes) & set(account.uncertain)):
            raise UserError(
                self.env._(
                    "Of %(labels)s it is not known whether they are on paper. Look for them and say so first.",
                    labels=self._describe_labels(unsure),
                )
            )
        if printed := sorted(set(indexes) - set(account.missing)):
            raise UserError(
                self.env._(
                    "%(labels)s of %(job)s are on paper already. To print them once more, choose Print Again.",
                    labels=self._describe_labels(printed).capitalize(),
                    job=self.display_name,
                )
            )
        labels = label_entries(job.labels_data)
        self._check_printer_takes(printer or self.printer_id, [labels[index - 1] for index in indexes if labels])
        job._start_attempt(indexes, account, self.env.user, self._note_of_retry(indexes, reason), reason, printer)

    def _start_attempt(self, indexes, account, user, note, reason="", printer=None):
        """Begin the next attempt of this job, which is locked.

        :param account: the job's account as it is now
        :param user: who wants it
        :param dict note: for the timeline
        """
        number = self.attempt_number + 1
        values = self._values_of_attempt(number, indexes, account.printed, printer or self.printer_id)
        values["failed_count"] = len(set(account.indexes("failed")) - set(indexes))
        self._apply({self.id: values}, user=user, note=note)
        Attempt = self.env["label.print.attempt"].sudo()
        Attempt.create(Attempt._values_of_new(self, number, indexes, user, reason))
        self._trigger_submission()

    def _note_of_retry(self, indexes, reason):
        """What the timeline keeps of a retry: a sentence's key and parameters; the reason is the person's own words."""
        key = "note_retry_one" if len(indexes) == 1 else "note_retry"
        note = {"key": key, "labels": self._runs_of_labels(indexes)}
        return {**note, "key": f"{key}_because", "reason": reason} if reason else note

    def _values_of_attempt(self, number, indexes, printed, printer):
        """A job as it is at the start of an attempt that prints the labels ``indexes`` on ``printer``."""
        return {
            "status": "pending",
            "submission": "not_sent",
            "attempt_number": number,
            "attempt_labels": indexes if len(indexes) < self.quantity else False,
            "attempt_quantity": len(indexes),
            "attempt_base": printed,
            "current_label": printed,
            "progress_percent": round(100.0 * printed / self.quantity, 2),
            "printer_id": printer.id,
            "server_id": printer.server_id.id or self.server_id.id,
            "flask_job_id": False,
            "idempotency_key": str(uuid.uuid4()),
            "error_code": False,
            "error_message": False,
            "server_warning": False,
            "attention_code": False,
            "attention_due_at": False,
            "waiting_for": False,
            "waiting_since": False,
            "submitted_date": False,
            "started_date": False,
            "completed_date": False,
            "estimated_completion": False,
            "submit_started_at": False,
            "unverified_since": False,
            "unverified_problem": False,
            "not_found_count": 0,
            "not_found_since": False,
            "cancel_requested_at": False,
            "cancelled_by": False,
            "cancel_reason": False,
            "cancel_note": False,
            "cancel_accepted": False,
            "move_to_id": False,
            **NOT_SET_ASIDE,
            "next_poll_at": fields.Datetime.now(),
        }
