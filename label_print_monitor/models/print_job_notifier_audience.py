"""Who is told of print jobs: those concerned, and those who follow all jobs."""

from odoo import api, models


class PrintJobNotifier(models.AbstractModel):
    _inherit = "print.job.notifier"

    @api.model
    def _audiences(self, jobs, waiting=False, earlier=False):
        """The people to tell about the outcome of each job, by job: those concerned and those who follow all.

        :param bool waiting: the jobs wait for somebody at their printer, which is told like a failure
        :param bool earlier: also those who were concerned by an earlier attempt alone
        """
        jobs = jobs.sudo()
        concerned = self._concerned(jobs, earlier)
        # Whoever has just pressed Cancel reads that it is cancelled in the button's own answer.
        told = self.env["res.users"].sudo().browse(self.env.context.get("label_print_told_user"))
        return {
            job: (users - told if job.status == "cancelled" and not waiting else users).filtered(
                lambda user, job=job: self._wants_toast(
                    # That somebody else has cancelled one's job is no success to be spared.
                    user, waiting or job.status != "completed", user in concerned[job], job.status == "cancelled"
                )
            )
            for job, users in self._who_may_see(jobs, concerned).items()
        }

    @api.model
    def _concerned(self, jobs, earlier=False):
        """The people whose job each of these is, by job."""
        jobs.attempt_ids.fetch(["submitted_by"])  # of all jobs at once
        return {
            # Who pressed Retry or Cancel waits for it too.
            job: job.submitted_by
            | (job.attempt_ids if earlier else job._current_attempt()).submitted_by
            | job.cancelled_by
            | job.message_partner_ids.user_ids
            for job in jobs
        }

    @api.model
    def _who_may_see(self, jobs, concerned):
        """By job, those of the people concerned, and of those who follow all, who may see it.

        One search for all jobs, because their rows are locked meanwhile. Nobody is told of a job that they may not see:
        whoever has lost the group or the company since they printed, and followers from outside, are not told.
        """
        group = self.env.ref("label_print_monitor.group_label_print_user")
        users = self.env["res.users"].sudo().search(
            [
                "|",
                ("id", "in", [id_ for people in concerned.values() for id_ in people.ids]),
                ("label_print_notify", "in", ("all", "all_failures")),
                ("all_group_ids", "in", group.ids),
                ("company_ids", "in", jobs.company_id.ids),
                ("share", "=", False),
            ]
        ) - self.env.ref("base.user_root")
        return {job: users.filtered(lambda user, job=job: job.company_id in user.company_ids) for job in jobs}

    def _wants_toast(self, user, bad_news, concerned, cancelled=False):
        choice = user.label_print_notify
        if cancelled:
            return concerned or choice == "all"
        if bad_news:
            return concerned or choice in ("all", "all_failures")
        return choice == "all" or (concerned and choice == "mine")
