"""What a person does with jobs: retry as few labels as possible, cancel, look again, export."""

import uuid

from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, UserError
from odoo.fields import Domain

from ..services import error_catalogue, job_lifecycle
from ..services.history_csv import rows_to_csv
from ..services.print_server_client import ConfigurationError, PrintServerError
from .print_job_status_poller import state_of

# A submission under way holds its job this long; see print.job.submitter.
SUBMISSION_LEASE_SECONDS = 60
EXPORT_BATCH = 2000
EXPORT_FIELDS = (
    "create_date",
    "mo_reference",
    "quantity",
    "status",
    "job_type",
    "submitted_by",
    "error_code",
    "error_message",
)
MOST_NAMED = 10  # jobs named one by one in the summary of a selection


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

    def _describe_labels(self, indexes):
        """``[3, 9, 10, 11]`` → “labels 3, 9–11”, ``[3]`` → “label 3”."""
        runs = []
        for index in indexes:
            if runs and index == runs[-1][1] + 1:
                runs[-1][1] = index
            else:
                runs.append([index, index])
        runs = [str(first) if first == last else f"{first}–{last}" for first, last in runs]
        if len(indexes) == 1:
            return self.env._("label %(number)s", number=runs[0])
        return self.env._("labels %(runs)s", runs=", ".join(runs))

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
                note=self.env._("Submission given up"),
            )
        number = job.attempt_number + 1
        self.env["label.print.attempt"].sudo().create(
            {
                "job_id": job.id,
                "number": job.attempt_number,
                "flask_job_id": job.flask_job_id,
                "idempotency_key": job.idempotency_key,
                "printer_id": job.printer_id.id,
                "submitted_by": (job.attempt_ids[:1].retried_by or job.submitted_by).id,
                "submitted_date": job.submitted_date,
                "ended_date": job.completed_date,
                "status": job.status,
                "labels_count": len(job._attempt_indexes()),
                "labels_done": max(job.current_label - job.attempt_base, 0),
                "label_indexes": job.attempt_labels,
                "error_code": job.error_code,
                "error_message": job.error_message,
                "retried_by": self.env.uid,
                "retry_reason": reason,
            }
        )
        again = set(indexes)
        job.failed_label_ids.filtered(
            lambda label: label.label_index in again and not label.reprint_attempt_number
        ).reprint_attempt_number = number
        note = self.env._("Retry: %(labels)s", labels=self._describe_labels(indexes))
        base = job.quantity - len(indexes)
        job._apply(
            {
                job.id: {
                    "status": "pending",
                    "attempt_number": number,
                    "attempt_labels": indexes if base else False,
                    "attempt_quantity": len(indexes),
                    "attempt_base": base,
                    "current_label": base,
                    "progress_percent": round(100.0 * base / job.quantity, 2),
                    "server_id": job.printer_id.server_id.id or job.server_id.id,
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
            },
            user=self.env.user,
            note=f"{note}. {reason}" if reason else note,
        )
        self._trigger_submission()

    def _lock_or_tell(self):
        """Lock this job now, or say that somebody else is at it."""
        try:
            self.sudo().lock_for_update(allow_referencing=True)
        except LockError:
            raise UserError(
                self.env._(
                    "Somebody else, or the print server, is just changing %(job)s. Look at it again.",
                    job=self.display_name,
                )
            ) from None
        self.invalidate_recordset()

    def action_cancel(self):
        """Cancel at the print server; what it says, and not our wish, becomes the job's status."""
        if len(self) == 1:
            kind, title, message = self._cancel()
            return self._notification(kind, title, message)
        self._check_selection_is_whole()
        done, left = self.browse(), []
        for job in self:
            try:
                kind, title, message = job._cancel()
            except UserError as error:
                left.append(f"{job.display_name}: {error}")
                continue
            if kind == "success":
                done += job
            else:
                left.append(f"{job.display_name}: {message}")
        words = (
            self.env._("1 job is cancelled.")
            if len(done) == 1
            else self.env._("%(count)s jobs are cancelled.", count=len(done))
        )
        return self._summary(words, left)

    def _cancel(self):
        """:return: ``(kind, title, message)`` of what came of it"""
        self.ensure_one()
        self.check_access("write")
        if not self.can_cancel:
            label = dict(self._fields["status"]._description_selection(self.env))[self.status]
            raise UserError(
                self.env._(
                    "%(job)s is already “%(status)s”, so there is nothing to cancel.",
                    job=self.display_name,
                    status=label,
                )
            )
        job = self.sudo()
        if not job.flask_job_id:
            return self._cancel_before_submission()
        try:
            with job.server_id._client() as client:
                answer = client.cancel(job.flask_job_id)
        except (ConfigurationError, PrintServerError) as error:
            return (
                "warning",
                self.env._("Not cancelled"),
                self.env._(
                    "%(problem)s The job is not cancelled and may go on printing: "
                    "try again, or pause the printer itself.",
                    problem=job.server_id._problem_in_words(error),
                ),
            )
        if answer.outcome == "cancelled":
            self._lock_or_tell()
            if job_lifecycle.can_cancel(job.status):
                job._apply({job.id: {"status": "cancelled"}}, user=self.env.user, note=self.env._("Cancelled"))
            return "success", self.env._("Cancelled"), self.env._("%(job)s is cancelled.", job=self.display_name)
        # Finished already, or unknown there: what really happened is what the server says of it now.
        self.env["print.job.status.poller"].poll_job_status(self.id)
        self.invalidate_recordset()
        label = dict(self._fields["status"]._description_selection(self.env))[self.status]
        if answer.outcome == "finished":
            return (
                "warning",
                self.env._("Too late to cancel"),
                self.env._(
                    "The print server had already finished %(job)s: it is “%(status)s”.",
                    job=self.display_name,
                    status=label,
                ),
            )
        return (
            "warning",
            self.env._("Not cancelled"),
            self.env._(
                "The print server does not know %(job)s. "
                "If it stays unknown, the job will be shown as failed within minutes.",
                job=self.display_name,
            ),
        )

    def _cancel_before_submission(self):
        self._lock_or_tell()
        job = self.sudo()
        if job.flask_job_id:
            raise UserError(self.env._("The job has just been handed to the print server. Cancel it again."))
        if job.status == "pending" and job.submit_started_at:
            age = (fields.Datetime.now() - job.submit_started_at).total_seconds()
            if age < SUBMISSION_LEASE_SECONDS:
                raise UserError(
                    self.env._("The job is just being handed to the print server. Try again in a few seconds.")
                )
        uncertain = job.attention_code == "submission_uncertain" or bool(job.submit_started_at)
        job._apply({job.id: {"status": "cancelled"}}, user=self.env.user, note=self.env._("Cancelled"))
        if uncertain:
            return (
                "warning",
                self.env._("Cancelled here"),
                self.env._(
                    "Whether the print server has the job is not known: look at the printer before you print again."
                ),
            )
        return (
            "success",
            self.env._("Cancelled"),
            self.env._("%(job)s is cancelled; nothing was printed.", job=self.display_name),
        )

    def action_refresh(self):
        """Ask the print server about these jobs now."""
        problems = []
        for job in self:
            problem = self.env["print.job.status.poller"]._poll_now(job)
            if problem:
                problems.append(problem)
        if problems:
            return self._notification("warning", self.env._("Not up to date"), "\n".join(dict.fromkeys(problems)))
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_open_mo(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "mrp.production",
            "res_id": self.mo_id.id,
            "views": [(False, "form")],
        }

    def _cut_selection(self):
        """The domain behind a selection that is too large for the web client, None when these jobs are all of it.

        After "Select all" a button of the list gets the first `web.active_ids_limit` ids and, in the context, the
        list's domain. So that many ids and a domain mean: everything in that domain.
        """
        domain = self.env.context.get("active_domain")
        limit = int(self.env["ir.config_parameter"].sudo().get_param("web.active_ids_limit", "20000"))
        return None if domain is None or len(self) < limit else Domain(domain)

    def _check_selection_is_whole(self):
        """:raise UserError: when more is selected than came here, so that nothing is left out unnoticed"""
        domain = self._cut_selection()
        selected = len(self) if domain is None else self.search_count(domain)
        if selected > len(self):
            raise UserError(
                self.env._(
                    "You have selected %(selected)s jobs; at most %(most)s can be retried or cancelled at once. "
                    "Nothing was done. Filter the list first, for example by “Failed” or “Active”.",
                    selected=selected,
                    most=len(self),
                )
            )

    def _export_domain(self):
        """What the user sees in the list: the selection when there is one, else the list's own domain."""
        context = self.env.context
        jobs = self
        if not jobs and context.get("active_model") == self._name:
            jobs = self.browse(context.get("active_ids") or ())
        if not jobs:
            return Domain(context.get("active_domain") or [])
        whole = jobs._cut_selection()
        return Domain("id", "in", jobs.ids) if whole is None else whole

    def action_export_history(self):
        """Export filtered print history to CSV."""
        if not self.env.user.has_group("base.group_allow_export"):
            raise AccessError(self.env._("You do not have the right to export data. Ask your administrator for it."))
        tz = fields.Datetime.context_timestamp(self, fields.Datetime.now()).tzinfo
        content = b"".join(rows_to_csv(self._export_rows(self._export_domain()), tz=self._export_tz()))
        today = fields.Datetime.now().astimezone(tz).date() if tz else fields.Date.today()
        attachment = self.env["ir.attachment"].create(
            {"name": f"print_history_{today}.csv", "raw": content, "mimetype": "text/csv"}
        )
        return {"type": "ir.actions.act_url", "url": f"/web/content/{attachment.id}?download=true", "target": "self"}

    def _export_tz(self):
        return fields.Datetime.context_timestamp(self, fields.Datetime.now()).tzinfo

    def _export_rows(self, domain):
        """Rows in the order of the specification's header, newest first, a batch at a time."""
        last = None
        known = {}  # what a code means, looked up once: a failure is rarely the only one of its kind
        while True:
            batch = self.search_fetch(
                domain & Domain("id", "<", last) if last else domain, EXPORT_FIELDS, limit=EXPORT_BATCH, order="id desc"
            )
            for job in batch:
                error = job.error_message
                if not error and (code := job.error_code):
                    error = known.get(code)
                    if error is None:
                        advice = error_catalogue.advice(code)
                        error = known[code] = self.env._(advice.message) if advice else code
                yield (
                    job.create_date,
                    job.mo_reference or job.mo_id.name or "-",
                    job.quantity,
                    job.status,
                    job.job_type,
                    job.submitted_by.sudo().name or "",
                    error or "",
                )
            if len(batch) < EXPORT_BATCH:
                return
            last = batch[-1].id
            batch.invalidate_recordset(EXPORT_FIELDS, flush=False)

    def _notification(self, kind, title, message, sticky=False):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": kind,
                "title": title,
                "message": message,
                "sticky": sticky,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _summary(self, done, left):
        message = done
        if left:
            named = left[:MOST_NAMED]
            if len(left) > MOST_NAMED:
                named.append(self.env._("and %(count)s more", count=len(left) - MOST_NAMED))
            message += " " + self.env._("Not done: %(list)s", list=" · ".join(named))
        return self._notification("warning" if left else "success", self.env._("Selection"), message, sticky=bool(left))
