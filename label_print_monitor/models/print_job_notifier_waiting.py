"""Notices about printers at which a job waits: one when somebody is needed, taken back when the job goes on."""

from odoo import api, fields, models

from ..services.wording import error_catalogue

# Whoever takes labels off a peel-off printer stands before it: for them it is no news.
UNTOLD = frozenset({"label_waiting"})


class PrintJobNotifier(models.AbstractModel):
    _inherit = "print.job.notifier"

    @api.model
    def _notify_waiting(self, before):
        """Tell what these jobs wait for now, once for each printer: the jobs behind them wait for the same.

        :param dict before: by job, what it waited for until now
        """
        for job, code in before.items():
            if job.waiting_for == code:
                continue
            if code and code not in UNTOLD:
                for user in self._waiting_audience(job):
                    self._close_toast(user, self._waiting_key(job))
            if job.waiting_for and job.waiting_for not in UNTOLD:
                for user in self._waiting_audience(job):
                    self._toast(user, self._waiting_payload(job, user))

    def _waiting_audience(self, job):
        """Who is told of a failure of this job, and who watches its printer."""
        watchers = job.printer_id.sudo().user_ids.filtered(
            lambda user: user.active and job.company_id in user.company_ids and user.has_group(
                "label_print_monitor.group_label_print_user"
            )
        )
        return self._audiences(job, waiting=True)[job] | watchers

    def _waiting_key(self, job):
        return f"waiting-{job.id}-{job.attempt_number}"

    def _waiting_payload(self, job, user):
        job = job.with_context(lang=user.lang, tz=user.tz)
        env = job.env
        advice = error_catalogue.waiting_advice(job.waiting_for)
        since = fields.Datetime.to_string(job.waiting_since or fields.Datetime.now())
        return {
            "type": "warning",
            "title": env._("%(printer)s needs somebody", printer=job.printer_id._place()),
            "message": env._(
                "%(problem)s. %(action)s. %(job)s goes on by itself: %(printed)s of %(quantity)s labels are printed.",
                problem=env._(advice.message),
                action=env._(advice.action),
                job=job.display_name,
                printed=job.current_label,
                quantity=job.quantity,
            ),
            "sticky": True,
            "job_ids": job.ids,
            # Another stop of the same job is told again.
            "key": f"{self._waiting_key(job)}-{job.waiting_for}-{since}",
            "topic": self._waiting_key(job),
            "retryable": False,
        }

    @api.model
    def _close_toast(self, user, topic):
        """Take back a toast that is no longer true.

        :param str topic: the `topic` of its payload
        """
        self._toast(user, {"closes": topic})
