"""Activities for failures whose toast nobody would see."""

from collections import defaultdict

from markupsafe import Markup
from odoo import api, fields, models

from .print_job_notifier import BUNDLE_ABOVE

ACTIVITY_TYPE = "mail.mail_activity_data_todo"
MOST_LINKED = 50  # jobs linked one by one in an activity


class PrintJobNotifier(models.AbstractModel):
    _inherit = "print.job.notifier"

    @api.model
    def _schedule_activities(self, jobs, audiences):
        """An activity for each absent person: one a job while they are few, else one for all of them."""
        missed = defaultdict(jobs.browse)
        for job in jobs.sudo():
            people = (job._current_attempt().submitted_by, job.submitted_by)
            user = next((user for user in people if user in audiences[job]), None)
            if user and self._is_absent(user):
                missed[user, job.printer_id, job.error_kind] |= job
        for (user, _printer, _kind), same in missed.items():
            for jobs_of_activity in [same] if len(same) > BUNDLE_ABOVE else same:
                self._schedule_activity(jobs_of_activity, user)

    def _unlink_activities(self, jobs):
        """What was asked of somebody is done once a retry has printed the missing labels."""
        jobs.sudo().activity_unlink([ACTIVITY_TYPE])

    def _is_absent(self, user):
        """Whether nobody would see a toast: the user is offline, or away for half an hour.

        Odoo's time off and remote work put words before a status (`leave_away`, `presence_home_offline`), and a status
        that somebody has chosen hides the real one: who left “Do Not Disturb” on may have gone home.
        """
        user = user.sudo()
        shown = (user.im_status or "offline").rsplit("_", 1)[-1]
        return bool({shown, user.presence_ids.status or "offline"} & {"away", "offline"})

    def _schedule_activity(self, jobs, user):
        """One activity on the first of these jobs, with the others named in it."""
        jobs = jobs.sudo().sorted("id").with_context(lang=user.lang, tz=user.tz)
        read = self._as_read_by(jobs[:1], user)
        env = jobs.env
        first, others = jobs[:1].with_context(mail_notify_force_send=False), jobs[1:]  # its mail goes to the queue
        if first.attempt_number > 1:
            # The failure of an earlier attempt asks for nothing any more.
            first.activity_unlink([ACTIVITY_TYPE], user_id=user.id)
        note = read.error_steps_html or Markup("<p>%s</p>") % (first.error_message or "")
        if others:
            links = Markup(", ").join(job._get_html_link() for job in others[:MOST_LINKED])
            if len(others) > MOST_LINKED:
                links = env._("%(jobs)s and %(count)s more", jobs=links, count=len(others) - MOST_LINKED)
            note += Markup("<p>%s</p>") % env._("It is about these jobs too: %(jobs)s.", jobs=links)
        first.activity_schedule(
            ACTIVITY_TYPE,
            date_deadline=fields.Date.context_today(first),
            summary=self._activity_summary(jobs),
            note=note,
            user_id=user.id,
        )
