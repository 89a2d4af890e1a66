"""Who is told how a print job ended: those concerned, and those who want to hear of all jobs."""

from odoo import api, models


class PrintJobNotifier(models.AbstractModel):
    _inherit = "print.job.notifier"

    @api.model
    def _audiences(self, jobs, waiting=False):
        """The people to tell about the outcome of each job, by job: those concerned and those who want to hear of all.

        One search for all jobs, because their rows are locked meanwhile. Nobody hears of a job that they may not see:
        whoever has lost the group or the company since they printed, and followers from outside, are not told.

        :param bool waiting: the jobs wait for somebody at their printer, which is told like a failure
        """
        jobs = jobs.sudo()
        jobs.attempt_ids.fetch(["submitted_by"])  # of all jobs at once
        concerned = {
            # Who pressed Retry or Cancel waits for it too.
            job: job.submitted_by
            | job._current_attempt().submitted_by
            | job.cancelled_by
            | job.message_partner_ids.user_ids
            for job in jobs
        }
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
        # Whoever has just pressed Cancel reads that it is cancelled in the button's own answer.
        told = users.browse(self.env.context.get("label_print_told_user"))
        return {
            job: (users - told if job.status == "cancelled" and not waiting else users).filtered(
                lambda user, job=job: job.company_id in user.company_ids
                and self._wants_toast(
                    user, waiting or job.status not in ("completed", "cancelled"), user in concerned[job]
                )
            )
            for job in jobs
        }

    def _wants_toast(self, user, failed, concerned):
        choice = user.label_print_notify
        if failed:
            return concerned or choice in ("all", "all_failures")
        return choice == "all" or (concerned and choice == "mine")
