"""What people are told of an incident: one toast and one activity each, whatever it does to how many jobs.

A stop is gathered for two seconds before anybody is told. What happens later changes the toast that is on the screen;
whoever has closed it is not told again of the same stop, but for jobs of theirs that fail by it.
"""

import logging
from collections import defaultdict

from markupsafe import Markup
from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..services.lifecycle import incidents
from .print_job_notifier_activities import ACTIVITY_TYPE, MOST_LINKED
from .print_job_notifier_escalation import AFTER_ERROR

_logger = logging.getLogger(__name__)

MOST_AT_ONCE = 50  # incidents of which is told in one transaction


class LabelPrintIncident(models.Model):
    _inherit = "label.print.incident"

    def _seen_to(self, jobs):
        """Somebody has retried these jobs or set them aside, or has found their labels on paper."""
        links = self.env["label.print.incident.job"].search([("job_id", "in", jobs.ids), ("effect", "=", "stopped")])
        concerned = links.incident_id
        if not concerned:
            return
        done = concerned.filtered(lambda one: not one._links_to_retry())
        done.filtered("activity_ids").activity_unlink([ACTIVITY_TYPE])
        told = concerned.filtered(lambda one: one.notice_state != "no")._locked()
        told._note("stopped")
        self.env["print.job.notifier"]._live(incidents=concerned)
        self.env.flush_all()  # this is called just before a commit

    def _links_to_retry(self):
        return self.link_ids.filtered(lambda link: link._is_to_retry())


class PrintJobNotifier(models.AbstractModel):
    _inherit = "print.job.notifier"

    @api.model
    def _tell_incidents(self, now):
        """Tell of the incidents that are due."""
        due = self.env["label.print.incident"].sudo().search([("notice_due_at", "<=", now)], limit=MOST_AT_ONCE)
        for incident in due._locked():
            try:
                with self.env.cr.savepoint():
                    incident.with_context(mail_notrack=True).write(self._tell_incident(incident, now))
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception:
                # Another module's activity or chatter may fail: what others wait for must not fail with it.
                _logger.exception("Nobody could be told of incident %s; next try in %s", incident.id, AFTER_ERROR)
                incident._write_columns([{"notice_due_at": now + AFTER_ERROR}])

    def _tell_incident(self, incident, now):
        """:return: what is to be kept of it"""
        if incident._is_quiet(now):
            return incident._keep_quiet()
        is_over = incidents.is_over(incident.closed_at, incident.times, now)
        links = incident._links_to_retry()
        untold = links.filtered(lambda link: not link.told_before).job_id
        # The end of a stop offers to retry all that it has stopped; before, nobody is told twice that a job has failed.
        stopped = links.job_id if is_over else untold
        waiting = incident.link_ids.filtered(lambda link: link._waits()).job_id
        by_user = defaultdict(stopped.browse)
        failures = self._audiences(stopped) if stopped else {}
        for job, users in failures.items():
            for user in users:
                by_user[user] |= job
        people = self.env["res.users"].union(*by_user)
        if waiting and not incident.closed_at:
            people |= self._who_waits(incident, waiting)
        self._schedule_incident_activities(incident, untold, failures)
        kept = {"notice_due_at": False}
        if incident.closed_at and not is_over:
            kept["notice_due_at"] = incident.closed_at + incidents.FLAPPING
        told = incident.notified_user_ids
        if is_over:
            return {**kept, **self._tell_end(incident, by_user, told)}
        if not people and incident.closed_at:
            return kept  # for a moment perhaps: it comes again, or is over then
        if not people:
            # What it stopped has been moved or seen to: the next stop is told anew.
            self._close_incident_toasts(incident, told)
            return {**kept, "notice_state": "no", "notified_user_ids": [(5,)], "notified_stopped": 0}
        notice_number = incident.notice_number + (incident.notice_state != "open")
        if incident.notice_state == "over":
            told = told.browse()  # they believe that it is over, and it has come to stay
        if not incident.closed_at:
            # Of theirs nothing waits or lacks labels any more.
            self._close_incident_toasts(incident, told - people)
            told &= people
        is_news = incident.notice_state != "open" or len(stopped) != incident.notified_stopped
        told_now = told
        for user in people:
            is_known, is_stopped = user in told, user in by_user
            if is_known and not is_news:
                continue
            is_open = incident.notice_state == "open"
            if not is_known and not is_stopped and (is_open or self._knows_of_stop(incident, user)):
                continue  # a job that begins to wait where everybody knows of it sends none
            theirs = by_user.get(user, stopped.browse())
            payload = self._incident_payload(incident, theirs, waiting, user, notice_number)
            self._toast(user, {**payload, "updates": is_known})
            told_now |= user
        if not told_now:
            return kept
        return {
            **kept,
            "notice_state": "open",
            "notified_at": now,
            "notified_stopped": len(stopped),
            "notified_user_ids": [(6, 0, told_now.ids)],
            "notice_number": notice_number,
        }

    def _who_waits(self, incident, jobs):
        """Those whose jobs wait, and those who watch the printer, as far as they may see one of these jobs."""
        found = self.env["res.users"].sudo().union(*self._audiences(jobs, waiting=True).values())
        group = self.env.ref("label_print_monitor.group_label_print_user").sudo().all_user_ids
        for job in jobs[:1] | jobs.filtered(lambda job: job.company_id != jobs[:1].company_id):
            found |= self._watchers(job, group)
        return found

    def _knows_of_stop(self, incident, user):
        """Whether the user has been told of another incident that is open at the same printer."""
        others = incident.printer_id._open_incidents() - incident
        return user in others.filtered(lambda one: one.notice_state == "open").notified_user_ids

    def _tell_end(self, incident, by_user, told):
        """It is over: the toast is taken back, or offers to retry what it has stopped."""
        notice_number = incident.notice_number + (incident.notice_state == "no")
        for user, jobs in by_user.items():
            is_known = user in told
            payload = self._incident_payload(incident, jobs, jobs.browse(), user, notice_number)
            self._toast(user, {**payload, "updates": is_known})
        self._close_incident_toasts(incident, told - self.env["res.users"].union(*by_user))
        if not by_user and incident.notice_state == "no":
            return {}
        return {
            "notice_state": "over",
            "notified_at": fields.Datetime.now(),
            "notified_stopped": len(self.env["label.print.job"].union(*by_user.values())),
            "notified_user_ids": [(6, 0, (told | self.env["res.users"].union(*by_user)).ids)],
            "notice_number": notice_number,
        }

    def _close_incident_toasts(self, incident, users):
        for user in users:
            self._close_toast(user, self._incident_topic(incident))

    def _incident_topic(self, incident):
        return f"incident-{incident.id}"

    def _incident_payload(self, incident, stopped, waiting, user, notice_number):
        """The specification's toast about the jobs that it has stopped, in the toast of the incident.

        :param stopped: of the jobs, those that concern this person
        """
        incident = incident.with_user(user).sudo().with_context(lang=user.lang, tz=user.tz)
        stopped = self._as_read_by(stopped.sorted("id"), user)
        waiting = waiting.filtered(lambda job: job.company_id in user.company_ids)
        if incident.closed_at:
            payload = self._end_of_stop(incident, stopped)
        elif len(stopped) == 1:
            payload = self._outcome_payload(stopped, user)
        elif stopped:
            payload = self._many_stopped(incident, stopped)
        else:
            payload = self._many_waiting(incident, waiting)
        if stopped and waiting:
            payload["message"] = self._and_waiting(incident.env, payload["message"], len(waiting))
        return {
            **payload,
            "job_ids": stopped.ids,
            "key": f"incident-{incident.id}-{notice_number}",
            "topic": self._incident_topic(incident),
            # Of the same stop its job alone may have told already.
            "replaces": f"waiting-{incident.printer_id.id}",
            "incident_id": incident.id,
            "retryable": bool(incident.closed_at and any(self._offers_retry(job) for job in stopped)),
        }

    def _many_stopped(self, incident, jobs):
        env = incident.env
        message = env._(
            "%(count)s jobs on %(printer)s failed: %(problem)s", count=len(jobs), printer=incident.place,
            problem=incident.title,
        )  # fmt: skip
        message = self._join_action(env, message, incident.remedy)
        return {"type": "danger", "title": env._("Print Jobs Failed"), "message": message, "sticky": True}

    def _many_waiting(self, incident, jobs):
        env = incident.env
        params = {"problem": incident.title, "action": incident.remedy, "count": len(jobs)}
        message = (
            env._("%(problem)s. %(action)s. One job waits for it and goes on by itself.", **params)
            if len(jobs) == 1
            else env._("%(problem)s. %(action)s. %(count)s jobs wait for it and go on by themselves.", **params)
        )
        title = env._("%(printer)s needs somebody", printer=incident.place)
        return {"type": "warning", "title": title, "message": message, "sticky": True}

    def _and_waiting(self, env, message, count):
        if count == 1:
            return env._("%(message)s One more job waits for it.", message=message)
        return env._("%(message)s %(count)s more jobs wait for it.", message=message, count=count)

    def _end_of_stop(self, incident, jobs):
        env = incident.env
        params = {"printer": incident.place, "problem": incident.title, "count": len(jobs)}
        message = (
            env._("It is over: %(problem)s. One job that it stopped still lacks labels.", **params)
            if len(jobs) == 1
            else env._("It is over: %(problem)s. %(count)s jobs that it stopped still lack labels.", **params)
        )
        title = env._("%(printer)s can print again", **params)
        return {"type": "info", "title": title, "message": message, "sticky": True}

    def _schedule_incident_activities(self, incident, jobs, audiences):
        """An activity on the incident for each person whose jobs it has stopped, and who would not see a toast."""
        missed = defaultdict(jobs.browse)
        for job in jobs:
            people = (job._current_attempt().submitted_by, job.submitted_by)
            user = next((user for user in people if user in audiences[job]), None)
            if user and self._is_absent(user):
                missed[user] |= job
        for user, theirs in missed.items():
            if user in incident.activity_ids.user_id:
                continue
            # Its mail goes to the queue.
            context = {"lang": user.lang, "tz": user.tz, "mail_notify_force_send": False}
            read = incident.with_user(user).sudo().with_context(**context)
            env = read.env
            theirs = theirs.sorted("id").with_context(lang=user.lang)
            links = Markup(", ").join(job._get_html_link() for job in theirs[:MOST_LINKED])
            if len(theirs) > MOST_LINKED:
                links = env._("%(jobs)s and %(count)s more", jobs=links, count=len(theirs) - MOST_LINKED)
            note = read.steps_html + Markup("<p>%s</p>") % env._("It has stopped: %(jobs)s.", jobs=links)
            read.with_user(self.env.user).sudo().activity_schedule(
                ACTIVITY_TYPE,
                date_deadline=fields.Date.context_today(read),
                summary=read.display_name,
                note=note,
                user_id=user.id,
            )
