"""Toasts follow their job: taken back once somebody has seen to it, and the submitter is told who has done what."""

from collections import defaultdict

from odoo import api, fields, models

from ..services.lifecycle.job_lifecycle import FAILED

_PENDING = "label_print_monitor.toasts_to_close"


class PrintJobNotifier(models.AbstractModel):
    _inherit = "print.job.notifier"

    @api.model
    def _close_outcomes(self, jobs):
        """Take back the toasts that say how these jobs failed: they are retried, set aside, or on paper after all.

        Gathered until just before the commit: a retry of two hundred jobs looks once for the people concerned.
        """
        to_close = self.env.cr.precommit.data.setdefault(_PENDING, set())
        if not to_close:
            self.env.cr.precommit.add(self._send_closes)
        to_close.update(jobs.ids)

    @api.model
    def _send_closes(self):
        ids = self.env.cr.precommit.data.pop(_PENDING, ())
        jobs = self.env["label.print.job"].sudo().browse(sorted(ids)).exists()
        jobs = jobs.filtered(lambda job: job.status not in FAILED or job.set_aside_date)
        if not jobs:
            return
        self.env["label.print.incident"].sudo()._seen_to(jobs)
        by_user = defaultdict(list)
        # A failure is told to these: more people than an outcome that is none.
        for job, users in self._audiences(jobs, waiting=True, earlier=True).items():
            for user in users:
                by_user[user].append(job.id)
        for user, job_ids in by_user.items():
            self._toast(user, {"closes_jobs": job_ids, "job_ids": []})

    @api.model
    def _notify_act(self, jobs, act, printer=None):
        """Tell those whose jobs these are what the user has just done to them, in one toast each.

        :param str act: what has been done: "retried", "set_aside" or "moved"
        :param printer: where they have been moved to
        """
        person = self.env.user
        jobs = jobs.sudo()
        concerned = self._concerned(jobs, earlier=True)
        by_user = defaultdict(jobs.browse)
        for job, users in self._who_may_see(jobs, concerned).items():
            for user in (users & concerned[job]) - person:
                by_user[user] |= job
        for user, theirs in by_user.items():
            theirs = theirs.with_context(lang=user.lang)
            title, message = self._words_of_act(theirs, act, person.name, printer)
            numbers = "-".join(f"{job.id}.{job.attempt_number}" for job in theirs[:10])
            payload = {
                "type": "info",
                "title": title,
                "message": message,
                "sticky": False,
                "job_ids": theirs.ids,
                "key": f"act-{act}-{person.id}-{numbers}-{fields.Datetime.now()}",
                "retryable": False,
                "act": act,
            }
            self._toast(user, payload)

    def _words_of_act(self, jobs, act, person, printer):
        """Title and sentence, in the language of the jobs' context."""
        env = jobs.env
        first, count = jobs[:1], len(jobs)
        if count == 1:
            params = {"person": person, "job": first.display_name}
            if act == "retried":
                return env._("Print Job Retried"), env._("%(person)s has just retried %(job)s.", **params)
            if act == "moved":
                return (
                    env._("Print Job Moved"),
                    env._("%(person)s has moved %(job)s to %(printer)s.", **params, printer=printer._place()),
                )
            why = first.set_aside_note or first._reason_of_setting_aside()
            return env._("Print Job Set Aside"), env._("%(person)s has set %(job)s aside: %(why)s.", **params, why=why)
        params = {"person": person, "count": count, "printer": printer._place() if printer else ""}
        if act == "retried":
            return env._("Print Jobs Retried"), env._("%(person)s has just retried %(count)s of your jobs.", **params)
        if act == "moved":
            return (
                env._("Print Jobs Moved"),
                env._("%(person)s has moved %(count)s of your jobs to %(printer)s.", **params),
            )
        return env._("Print Jobs Set Aside"), env._("%(person)s has set %(count)s of your jobs aside.", **params)
