"""The payloads of toasts, and the sentences of toasts and activities, in the language of the person who reads them."""

import hashlib

from odoo import models

from ..services.wording import error_catalogue


class PrintJobNotifier(models.AbstractModel):
    _inherit = "print.job.notifier"

    def _outcome_payload(self, job, user):
        """The specification's payload for one job, in the language of the person who reads it."""
        job = self._as_read_by(job, user)
        env = job.env
        if job.status == "completed":
            message = self._completion_message(job)
            payload = {"type": "success", "title": env._("Print Job Completed"), "message": message, "sticky": False}
        elif job.status == "cancelled":
            payload = {"type": "info", "title": env._("Print Job Cancelled"), "sticky": False}
            payload["message"] = self._cancellation_message(job)
        elif job.status == "completed_with_errors":
            message = self._join_action(env, self._failed_labels_message(job), job.error_action, self._where(job))
            title = env._("Print Job Completed with Errors")
            payload = {"type": "warning", "title": title, "message": message, "sticky": True}
        else:
            # In the reader's language where the problem is known; its print server's own words stand on the job.
            problem = job.error_title or env._("the print server gave no reason")
            message = env._("Job %(id)s failed: %(problem)s", id=job.id, problem=problem)
            message = self._join_action(env, message, job.error_action, self._where(job))
            payload = {"type": "danger", "title": env._("Print Job Failed"), "message": message, "sticky": True}
        return {
            **payload,
            "job_ids": job.ids,
            "key": f"job-{job.id}-{job.attempt_number}-{job.status}",
            "retryable": self._offers_retry(job),
        }

    def _as_read_by(self, jobs, user):
        """In their language, and with what they can do about it: an administrator is sent to no other."""
        return jobs.with_user(user).sudo().with_context(lang=user.lang)

    def _offers_retry(self, job):
        """Whether a toast has a Retry button. On the job itself a person may retry any failure."""
        return job.can_retry and job.error_retry_helps

    def _where(self, job):
        """At which printer, for which order, and how many are on paper: “Line 1 (Hall 1). WH/MO/5, 3 of 20 printed”."""
        env = job.env
        reference = job.mo_reference or job.mo_id.name
        params = {"printer": job.printer_id._place(), "printed": job.current_label, "quantity": job.quantity}
        if reference:
            return env._(
                "%(printer)s. %(reference)s, %(printed)s of %(quantity)s printed", **params, reference=reference
            )
        return env._("%(printer)s. %(printed)s of %(quantity)s printed", **params)

    def _join_action(self, env, problem, action, where=""):
        """What happened, where, and what to do about it: a language may join the three in its own way.

        :param str problem: the specification's sentence
        """
        if where and action:
            return env._(
                "%(problem)s. %(where)s. %(action)s.", problem=problem.rstrip(" .。"), where=where, action=action
            )
        if where:
            return env._("%(problem)s. %(where)s.", problem=problem.rstrip(" .。"), where=where)
        if not action:
            return problem
        return env._("%(problem)s. %(action)s.", problem=problem.rstrip(" .。"), action=action)

    def _completion_message(self, job):
        """The specification's sentence, and that of one label. Odoo's translations know no plural forms."""
        env = job.env
        reference = job.mo_reference or job.mo_id.name
        if reference and job.quantity == 1:
            return env._("1 label printed for %(reference)s", reference=reference)
        if reference:
            return env._("%(quantity)s labels printed for %(reference)s", quantity=job.quantity, reference=reference)
        printer = job.printer_id.name or "-"
        if job.quantity == 1:
            return env._("1 label printed on %(printer)s", printer=printer)
        return env._("%(quantity)s labels printed on %(printer)s", quantity=job.quantity, printer=printer)

    def _cancellation_message(self, job):
        """Who cancelled it, and what is on paper all the same."""
        env = job.env
        params = {
            "job": job.display_name,
            "person": job.cancelled_by.name or "-",
            "printed": job.current_label,
            "quantity": job.quantity,
        }
        if job.uncertain_count:
            return env._(
                "%(person)s has cancelled %(job)s: %(printed)s of %(quantity)s labels were printed, "
                "and %(uncertain)s more may be on paper.",
                **params,
                uncertain=job.uncertain_count,
            )
        return env._("%(person)s has cancelled %(job)s: %(printed)s of %(quantity)s labels were printed.", **params)

    def _failed_labels_message(self, job):
        env = job.env
        if job.quantity == 1:
            return env._("Job %(id)s: its label failed.", id=job.id)
        if not job.failed_count and job.uncertain_count:
            if job.uncertain_count == 1:
                return env._(
                    "Job %(id)s: of one of its %(quantity)s labels it is not known whether it is on paper.",
                    id=job.id,
                    quantity=job.quantity,
                )
            return env._(
                "Job %(id)s: of %(uncertain)s of its %(quantity)s labels it is not known whether they are on paper.",
                id=job.id,
                uncertain=job.uncertain_count,
                quantity=job.quantity,
            )
        if not job.failed_count:  # its print server says that some did, but not how many
            return env._("Job %(id)s: some of its %(quantity)s labels failed.", id=job.id, quantity=job.quantity)
        return env._(
            "Job %(id)s: %(failed)s of %(quantity)s labels failed.",
            id=job.id,
            failed=job.failed_count,
            quantity=job.quantity,
        )

    def _bundle_payload(self, jobs, user):
        """One payload for jobs of one printer that ended alike, in the language of the person who reads it."""
        jobs = self._as_read_by(jobs, user)
        env = jobs.env
        first = jobs[:1]
        if first.status == "completed":
            payload = {"type": "success", "title": env._("Print Jobs Completed"), "sticky": False}
            message = env._(
                "%(count)s jobs on %(printer)s: %(labels)s labels printed",
                count=len(jobs),
                printer=first.printer_id.name or "-",
                labels=sum(jobs.mapped("quantity")),
            )
        elif first.status == "cancelled":
            payload = {"type": "info", "title": env._("Print Jobs Cancelled"), "sticky": False}
            message = env._(
                "%(count)s jobs on %(printer)s are cancelled: %(printed)s of their %(labels)s labels were printed.",
                count=len(jobs),
                printer=first.printer_id.name or "-",
                printed=sum(jobs.mapped("current_label")),
                labels=sum(jobs.mapped("quantity")),
            )
        elif first.status == "completed_with_errors":
            payload = {"type": "warning", "title": env._("Print Jobs Completed with Errors"), "sticky": True}
            message = self._bundled_failed_labels_message(jobs)
        else:
            payload = {"type": "danger", "title": env._("Print Jobs Failed"), "sticky": True}
            message = self._bundled_failures_message(jobs)
        if first.status not in ("completed", "cancelled"):
            # The jobs share a code and so an action; a message that only the print server knows has none.
            message = self._join_action(env, message, first.error_action)
        return {
            **payload,
            "message": message,
            "job_ids": jobs.ids,
            "key": self._bundle_key(jobs),
            "retryable": any(self._offers_retry(job) for job in jobs),
        }

    def _bundled_failures_message(self, jobs):
        env = jobs.env
        params = {"count": len(jobs), "printer": jobs[:1].printer_id.name or "-"}
        problem = self._common_problem(jobs)
        if not problem:
            return env._("%(count)s jobs on %(printer)s failed", **params)
        return env._("%(count)s jobs on %(printer)s failed: %(problem)s", **params, problem=problem)

    def _bundled_failed_labels_message(self, jobs):
        env = jobs.env
        params = {"count": len(jobs), "printer": jobs[:1].printer_id.name or "-"}
        params["labels"] = sum(jobs.mapped("quantity"))
        failed = jobs.mapped("failed_count")
        if not all(failed):  # of some is known that labels failed, but not how many
            return env._("%(count)s jobs on %(printer)s: some of their %(labels)s labels failed.", **params)
        return env._(
            "%(count)s jobs on %(printer)s: %(failed)s of %(labels)s labels failed.", **params, failed=sum(failed)
        )

    def _common_problem(self, jobs):
        """What is wrong with all these jobs of one kind, in words; '' when they differ."""
        first = jobs[:1]
        advice = error_catalogue.advice_about(first.error_code, first.error_message)
        if advice:
            return jobs.env._(advice.message)
        said = set(jobs.mapped("error_message"))
        return (said.pop() or "") if len(said) == 1 else ""

    def _bundle_key(self, jobs):
        """Names the outcome of these attempts, so that a browser shows it once and that of the next attempts again."""
        attempts = sorted((job.id, job.attempt_number) for job in jobs)
        return f"jobs-{hashlib.sha256(repr(attempts).encode()).hexdigest()[:16]}-{jobs[:1].status}"

    def _activity_summary(self, jobs):
        env = jobs.env
        count, problem = len(jobs), self._common_problem(jobs)
        failed = set(jobs.mapped("status")) == {"failed"}
        if count == 1:
            problem = problem or jobs.error_title or ""
            if failed:
                return env._("Print job failed: %(problem)s", problem=problem)
            return env._("Print job completed with errors: %(problem)s", problem=problem)
        if failed and problem:
            return env._("%(count)s print jobs failed: %(problem)s", count=count, problem=problem)
        if failed:
            return env._("%(count)s print jobs failed", count=count)
        if problem:
            return env._("%(count)s print jobs ended with errors: %(problem)s", count=count, problem=problem)
        return env._("%(count)s print jobs ended with errors", count=count)
