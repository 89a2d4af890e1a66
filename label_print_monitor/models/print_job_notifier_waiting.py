"""Notices about printers at which a job waits: one when somebody is needed, taken back when the job goes on."""

from odoo import api, fields, models

from ..services.wording import error_catalogue

# Whoever takes labels off a peel-off printer stands before it: for them it is no news.
UNTOLD = frozenset({"label_waiting"})


class PrintJobNotifier(models.AbstractModel):
    _inherit = "print.job.notifier"

    @api.model
    def _notify_waiting(self, before):
        """Tell what these jobs wait for now, once for each printer, and take it back when no job waits there any more.

        :param dict before: by job, what it waited for until now
        """
        jobs = self.env["label.print.job"].sudo().union(*before)
        now = fields.Datetime.now()
        started = jobs.filtered(
            lambda job: self._is_told(job.waiting_for)
            and job.waiting_for != before[job]
            # At the end of a maintenance is told what waits then.
            and not job.printer_id._is_in_maintenance(now)
        )
        ended = jobs.filtered(lambda job: self._is_told(before[job]) and not self._is_told(job.waiting_for))
        if not started and not ended:
            return
        self.env["label.print.incident"].sudo()._note_left(ended)
        # Where it is known what has stopped the printer, one notice tells of that: see print_job_notifier_incidents.py.
        known = started.printer_id._open_incidents().printer_id
        started = started.filtered(lambda job: job.printer_id not in known)
        if not started and not ended:
            return
        told = [("waiting_for", "!=", False), ("waiting_for", "not in", list(UNTOLD)), ("id", "not in", jobs.ids)]
        waiting = jobs.search([("printer_id", "in", jobs.printer_id.ids), *told]).printer_id
        audiences = self._audiences(started | ended, waiting=True)
        group = self.env.ref("label_print_monitor.group_label_print_user").sudo().all_user_ids
        for job in ended:
            if job.printer_id not in waiting | started.printer_id:
                for user in audiences[job] | self._watchers(job, group):
                    self._close_toast(user, self._waiting_topic(job))
        for job in started:
            if job.printer_id in waiting:
                continue
            waiting |= job.printer_id
            for user in audiences[job] | self._watchers(job, group):
                self._toast(user, self._waiting_payload(job, user))

    def _is_told(self, code):
        return bool(code) and code not in UNTOLD

    def _watchers(self, job, group):
        """Those who watch the job's printer, as far as they may see the job."""
        users = job.printer_id.sudo().user_ids & group
        return users.filtered(lambda user: user.active and job.company_id in user.company_ids)

    def _waiting_topic(self, job):
        return f"waiting-{job.printer_id.id}"

    def _waiting_payload(self, job, user):
        job = job.with_context(lang=user.lang, tz=user.tz)
        manager = user._manages_label_printing()
        env = job.env
        advice = error_catalogue.waiting_advice(job.waiting_for)
        since = fields.Datetime.to_string(job.waiting_since or fields.Datetime.now())
        return {
            "type": "warning",
            "title": env._("%(printer)s needs somebody", printer=job.printer_id._place()),
            "message": env._(
                "%(problem)s. %(action)s. %(job)s goes on by itself: %(printed)s of %(quantity)s labels are printed.",
                problem=env._(advice.message),
                action=env._(advice.action_for(manager)),
                job=job.display_name,
                printed=job.current_label,
                quantity=job.quantity,
            ),
            "sticky": True,
            "job_ids": job.ids,
            # Another stop of the same job is told again.
            "key": f"waiting-{job.id}-{job.attempt_number}-{job.waiting_for}-{since}",
            "topic": self._waiting_topic(job),
            "retryable": False,
        }

    @api.model
    def _close_toast(self, user, topic):
        """Take back a toast that is no longer true.

        :param str topic: the `topic` of its payload
        """
        self._toast(user, {"closes": topic})
