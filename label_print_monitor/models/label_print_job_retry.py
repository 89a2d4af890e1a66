"""Retry a job: open a new attempt that prints as few labels as is safe, once, however many people ask for it."""

import uuid

from odoo import fields, models
from odoo.exceptions import UserError

from ..services.lifecycle import job_lifecycle
from .print_job_status_poller import state_of


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    def action_retry(self):
        """Print again what is missing.

        One job whose missing labels are known is retried at once; one where they are not opens a dialog. On a
        selection, what is certain is retried and the rest is named in a summary.
        """
        if len(self) == 1:
            self._check_can_retry()
            labels = self._known_missing_labels()
            if labels is None:
                return self._get_retry_wizard_action()
            self._retry(labels)
            return self._notification(
                "success",
                self.env._("Printing again"),
                self.env._(
                    "%(job)s: %(labels)s will be printed again.",
                    job=self.display_name,
                    labels=self._describe_labels(labels),
                ),
            )
        self._check_selection_is_whole()
        done, left = self.browse(), []
        for job in self:
            try:
                job._check_can_retry()
                labels = job._known_missing_labels()
                if labels is None:
                    left.append(self.env._("%(job)s: open it and choose where to continue.", job=job.display_name))
                    continue
                job._retry(labels)
                done += job
            except UserError as error:
                left.append(f"{job.display_name}: {error}")
        words = (
            self.env._("1 job is printed again.")
            if len(done) == 1
            else self.env._("%(count)s jobs are printed again.", count=len(done))
        )
        return self._summary(words, left)

    def _get_retry_wizard_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Retry Print Job"),
            "res_model": "label.print.retry.wizard",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_job_id": self.id},
        }

    def action_retry_choose(self):
        """Open the dialog in any case, for whoever wants other labels than those that failed."""
        self.ensure_one()
        self._check_can_retry()
        return self._get_retry_wizard_action()

    def _check_can_retry(self):
        self.ensure_one()
        if not self.can_retry:
            label = dict(self._fields["status"]._description_selection(self.env))[self.status]
            raise UserError(
                self.env._(
                    "%(job)s is “%(status)s” and cannot be retried. "
                    "Only failed jobs and jobs completed with errors can.",
                    job=self.display_name,
                    status=label,
                )
            )
        if not self.labels_data:
            raise UserError(
                self.env._(
                    "%(job)s has no labels stored, so it cannot be printed again. Print from the order.",
                    job=self.display_name,
                )
            )

    def _known_missing_labels(self):
        """The labels, counted from 1 in the job, that certainly did not print; None when a person must look.

        Certain is what the server named itself. A label that may or may not be on paper is not certain.
        """
        self.ensure_one()
        failed = self.failed_label_ids.filtered(lambda label: label.attempt_number == self.attempt_number)
        if not failed or self.attention_code == "submission_uncertain":
            return None
        if any(label.code == "uncertain" for label in failed):
            return None
        return self._missing_labels(failed.mapped("label_index"))

    def _missing_labels(self, failed):
        """The labels ``failed`` and those that were never reached, all counted from 1 in the job."""
        own = self._attempt_indexes()
        place = {index: number for number, index in enumerate(own, start=1)}
        chosen = job_lifecycle.next_labels(
            self._lifecycle_state(), [place[index] for index in failed if index in place]
        )
        return [own[number - 1] for number in chosen]

    def _attempt_indexes(self):
        """The labels of the newest attempt, counted from 1 in the job."""
        return self.attempt_labels or list(range(1, self.quantity + 1))

    def _lifecycle_state(self):
        return state_of(self)

    def _runs_of_labels(self, indexes):
        """``[3, 9, 10, 11]`` → “3, 9–11”: the same in every language."""
        runs = []
        for index in indexes:
            if runs and index == runs[-1][1] + 1:
                runs[-1][1] = index
            else:
                runs.append([index, index])
        return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in runs)

    def _describe_labels(self, indexes):
        """``[3, 9, 10, 11]`` → “labels 3, 9–11”, ``[3]`` → “label 3”."""
        runs = self._runs_of_labels(indexes)
        if len(indexes) == 1:
            return self.env._("label %(number)s", number=runs)
        return self.env._("labels %(runs)s", runs=runs)

    def _retry(self, indexes, reason=""):
        """Open a new attempt that prints the labels ``indexes`` (counted from 1). Of several callers one succeeds.

        :raise UserError: when somebody else has just done it, or the printer may not be used any more
        """
        self.ensure_one()
        self.check_access("write")
        self._lock_or_tell()
        self._check_can_retry()
        indexes = sorted({index for index in indexes if 1 <= index <= self.quantity})
        if not indexes:
            raise UserError(self.env._("Choose at least one label to print again."))
        self.printer_id._check_can_print(self.company_id)
        job = self.sudo()
        if job.status not in job_lifecycle.TERMINAL:
            # Nobody knows whether the server has it: by retrying, the person ends the attempt.
            job._apply(
                {job.id: {"status": "failed", "error_code": "submission_uncertain"}},
                user=self.env.user,
                note={"key": "note_given_up"},
            )
        number = job.attempt_number + 1
        job._keep_attempt(self.env.user, reason)
        again = set(indexes)
        job.failed_label_ids.filtered(
            lambda label: label.label_index in again and not label.reprint_attempt_number
        ).reprint_attempt_number = number
        job._apply(
            {job.id: job._values_of_attempt(number, indexes)},
            user=self.env.user,
            note=self._note_of_retry(indexes, reason),
        )
        self._trigger_submission()

    def _note_of_retry(self, indexes, reason):
        """What the timeline keeps of a retry: a sentence's key and parameters; the reason is the person's own words."""
        key = "note_retry_one" if len(indexes) == 1 else "note_retry"
        note = {"key": key, "labels": self._runs_of_labels(indexes)}
        return {**note, "key": f"{key}_because", "reason": reason} if reason else note

    def _keep_attempt(self, user, reason):
        """Make the ended attempt a row of history, before the next one takes its place on the job."""
        self.env["label.print.attempt"].create(
            {
                "job_id": self.id,
                "number": self.attempt_number,
                "flask_job_id": self.flask_job_id,
                "idempotency_key": self.idempotency_key,
                "printer_id": self.printer_id.id,
                "submitted_by": (self.attempt_ids[:1].retried_by or self.submitted_by).id,
                "submitted_date": self.submitted_date,
                "ended_date": self.completed_date,
                "status": self.status,
                "labels_count": len(self._attempt_indexes()),
                "labels_done": max(self.current_label - self.attempt_base, 0),
                "label_indexes": self.attempt_labels,
                "error_code": self.error_code,
                "error_message": self.error_message,
                "retried_by": user.id,
                "retry_reason": reason,
            }
        )

    def _values_of_attempt(self, number, indexes):
        """A job as it is at the start of an attempt that prints the labels ``indexes``."""
        base = self.quantity - len(indexes)
        return {
            "status": "pending",
            "attempt_number": number,
            "attempt_labels": indexes if base else False,
            "attempt_quantity": len(indexes),
            "attempt_base": base,
            "current_label": base,
            "progress_percent": round(100.0 * base / self.quantity, 2),
            "server_id": self.printer_id.server_id.id or self.server_id.id,
            "flask_job_id": False,
            "idempotency_key": str(uuid.uuid4()),
            "error_code": False,
            "error_message": False,
            "failed_count": 0,
            "confirmed": False,
            "server_warning": False,
            "attention_code": False,
            "attention_due_at": False,
            "submitted_date": False,
            "started_date": False,
            "completed_date": False,
            "estimated_completion": False,
            "submit_started_at": False,
            "unverified_since": False,
            "unverified_problem": False,
            "not_found_count": 0,
            "not_found_since": False,
            "next_poll_at": fields.Datetime.now(),
        }
