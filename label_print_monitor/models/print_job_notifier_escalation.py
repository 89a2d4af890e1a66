"""How a step of the escalation is told: an activity, a mail, a push notice, and a line in the incident's chatter.

Each incident is told in a transaction of its own, with its row locked, so that a step is told once however many workers
run. Nothing here waits for a mail server or a push service: Odoo's queues send, by scheduled actions of their own.
"""

import logging
from datetime import timedelta

from markupsafe import Markup
from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import format_datetime
from psycopg2 import OperationalError

from ..services.lifecycle import incidents
from .expected_conflicts import expected_conflicts
from .label_print_incident_escalation import ACTIVITY_OF_ESCALATION
from .label_print_incident_mail import MEANS
from .label_print_mail_retry import ESCALATION_HEADER

_logger = logging.getLogger(__name__)

MOST_AT_ONCE = 50  # incidents between two sweeps
# An incident that could not be told is tried again after this.
AFTER_ERROR = timedelta(minutes=5)


class PrintJobNotifier(models.AbstractModel):
    _inherit = "print.job.notifier"

    @api.model
    def _escalate_due(self, now, commit):
        """Tell the steps that are due, each incident in a transaction of its own.

        Never raises because of one incident: the sweeps go on.

        :param commit: a function that ends a transaction
        """
        due = self.env["label.print.incident"].sudo().search([("escalation_due_at", "<=", now)], limit=MOST_AT_ONCE)
        for incident in due:
            try:
                with expected_conflicts():
                    self._escalate(incident, now)
                    commit()
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self._undo()  # another worker, or a person, has been faster: the next sweep looks again
            except OperationalError:
                raise  # the database is gone
            except Exception:
                _logger.exception("Incident %s could not be told to the next person", incident.id)
                self._undo()
                self._try_later(incident, now, commit)

    def _try_later(self, incident, now, commit):
        try:
            with expected_conflicts():
                if locked := incident.exists()._locked():
                    locked._write_columns([{"escalation_due_at": now + AFTER_ERROR}])
                commit()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            self._undo()  # it is tried again by the next sweep

    def _undo(self):
        self.env.cr.rollback()
        self.env.invalidate_all(flush=False)

    def _escalate(self, incident, now):
        """Tell the steps of this incident that are due now, and note when the next one is."""
        incident = incident.exists()._locked()
        if not incident or not incident.escalation_due_at or incident.escalation_due_at > now:
            return
        if incident.closed_at:
            if now - incident.closed_at >= incidents.FLAPPING:
                incident._end_escalation_activities()
                incident._write_columns([{"escalation_due_at": False}])
            return
        steps = self.env["label.print.escalation.step"]._all_steps()
        moments = incident._escalation_moments(steps._as_set(), now)
        told = steps.browse(step.id for moment, step in moments if moment <= now)
        for step in told:
            self._tell_step(incident, step)
        rest = [moment for moment, step in moments if step.id not in told.ids]
        kept = {"escalation_due_at": rest[0] if rest else False}
        if told:
            kept.update(escalation_step_ids=[(4, step.id) for step in told], escalated_at=now)
        incident.with_context(mail_notrack=True).write(kept)
        self._live(incidents=incident)

    def _tell_step(self, incident, step):
        """Tell those whom this step names, and say so in the incident's chatter."""
        users, left_out = step._recipients(incident.company_id)
        by_person = {user: self._means_of(step, user) for user in users}
        for user, means in by_person.items():
            if "activity" in means:
                self._schedule_escalation_activity(incident, user)
        groups = {}
        for user, means in by_person.items():
            if outside := tuple(name for name in means if name != "activity"):
                key = (outside, user.lang, user.tz, user._manages_label_printing())
                groups[key] = groups.get(key, users.browse()) | user
        for (means, *_rest), people in groups.items():
            self._send_escalation(incident, people, means)
        self._note_step(incident, step, by_person, left_out)

    def _means_of(self, step, user):
        """By which of the step's means somebody can be told: mail needs an address, push a device."""
        means = ["activity"] if step.by_activity else []
        if step.by_mail and user.email:
            means.append("mail")
        if step.by_push and self.env["mail.push.device"].sudo().search_count(
            [("partner_id", "=", user.partner_id.id)], limit=1
        ):
            means.append("push")
        return means

    def _as_read_by_person(self, incident, user):
        return incident.with_user(user).sudo().with_context(lang=user.lang, tz=user.tz)

    def _schedule_escalation_activity(self, incident, user):
        if user in incident.activity_ids.filtered(
            lambda one: one.activity_type_id == self.env.ref(ACTIVITY_OF_ESCALATION)
        ).user_id:
            return
        read = self._as_read_by_person(incident, user)
        # Without Odoo's own message about an activity: mail and push are means of their own.
        scheduling = read.with_user(self.env.user).sudo().with_context(mail_activity_quick_update=True)
        scheduling.activity_schedule(
            ACTIVITY_OF_ESCALATION,
            date_deadline=fields.Date.context_today(read),
            summary=read.display_name,
            note=read.steps_html,
            user_id=user.id,
        )

    def _send_escalation(self, incident, users, means):
        """One message to people who read it alike, into Odoo's queues."""
        read = self._as_read_by_person(incident, users[0])
        since = format_datetime(read.env, read.opened_at, dt_format="short")
        lines = [
            read.env._("%(incident)s. Nobody is on it, since %(time)s.", incident=read.display_name, time=since),
            f"{read.remedy}.",
            read.env._("Whoever is on it presses “I Am on It” in the incident: then nobody else is told."),
        ]
        sending = read.with_user(self.env.user).sudo()
        sending = sending.with_context(**{MEANS: means}, mail_notify_force_send=False)
        sending.message_notify(
            subject=read.display_name,
            body=Markup("").join(Markup("<p>%s</p>") % line for line in lines),
            partner_ids=users.partner_id.ids,
            author_id=self.env.ref("base.partner_root").id,
            email_layout_xmlid="mail.mail_notification_layout",
            force_record_name=read.display_name,
            email_add_signature=False,
            mail_headers={ESCALATION_HEADER: "1"},
        )
        if "mail" in means:
            self.env["mail.mail"]._trigger_queue()

    def _note_step(self, incident, step, by_person, left_out):
        """Who was told when by which means, and who was not and why."""
        company = incident.company_id or self.env["res.company"]._get_main_company()
        lang = company.partner_id.lang or self.env.lang
        env = self.with_context(lang=lang).env
        names = {"activity": env._("activity"), "mail": env._("mail"), "push": env._("push notice")}
        told = [
            f"{user.name} ({', '.join(names[name] for name in means)})" for user, means in by_person.items() if means
        ]
        step = step.with_context(lang=lang)
        reasons = step._who_may_not_act(self.env["res.users"].union(*left_out), incident.company_id)
        reasons |= {user: env._("no mail address, no device") for user, means in by_person.items() if not means}
        minutes = {"minutes": step.minutes}
        line = (
            env._("Escalation after %(minutes)s min: %(people)s.", **minutes, people=", ".join(told))
            if told
            else env._("Escalation after %(minutes)s min: nobody could be told.", **minutes)
        )
        lines = [line]
        if reasons:
            lines.append(env._("Not told: %(people)s.", people=step._people_with_reasons(reasons)))
        incident.message_post(
            body=Markup("<br/>").join(lines), author_id=self.env.ref("base.partner_root").id
        )
