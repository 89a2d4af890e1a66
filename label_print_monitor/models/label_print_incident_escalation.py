"""An incident that nobody is on is told to the next person, step by step, until somebody is or no step is left.

When the next step is due is stored with the incident (`escalation_due_at`) and found by the housekeeping of the sweeps,
by the statement that looks for other notices as well. Who is told how is in print_job_notifier_escalation.py.
"""

from datetime import timedelta, timezone

from odoo import api, fields, models

from ..services.lifecycle import escalation, incidents

ACTIVITY_OF_ESCALATION = "label_print_monitor.mail_activity_escalation"
RESPONSE_FIELDS = ("acknowledged_by", "user_id")


class MailActivityType(models.Model):
    _inherit = "mail.activity.type"

    @api.model
    def _get_model_info_by_xmlid(self):
        """Nobody deletes the type by which what the escalation has asked of people is found and taken back."""
        own = {"res_model": "label.print.incident", "unlink": False}
        return {**super()._get_model_info_by_xmlid(), ACTIVITY_OF_ESCALATION: own}


class LabelPrintIncident(models.Model):
    _inherit = "label.print.incident"

    escalation_step_ids = fields.Many2many(
        "label.print.escalation.step",
        "label_print_incident_escalation_rel",
        string="Steps Told",
        groups=fields.NO_ACCESS,
        context={"active_test": False},
    )
    escalation_since = fields.Datetime("Escalation Counted From", readonly=True)
    escalation_due_at = fields.Datetime("Next Escalation", readonly=True)
    escalated_at = fields.Datetime("Last Escalation", readonly=True)

    _escalation_due = models.Index("(escalation_due_at) WHERE escalation_due_at IS NOT NULL")

    def _is_quiet(self, now):
        """Whether nobody is told of it, because its printer is in maintenance."""
        return self.printer_id._is_in_maintenance(now)

    def _escalation_moments(self, steps, now):
        """When each step is due that has not been told of this incident.

        :param steps: all steps there are, as `_as_set` gives them
        :return: ``[(moment, Step)]``, the first one first; empty while nobody is to be told
        """
        is_taken = bool(self.acknowledged_by or self.user_id)
        if not steps or not escalation.is_awaiting(not self.closed_at, is_taken, self._is_quiet(now)):
            return []
        needed_since = self._needed_since()
        if not needed_since:
            return []
        since = escalation.counted_from(needed_since, self.escalation_since or None)
        concerned = escalation.steps_for(
            steps, self.printer_id.id or None, self.printer_id.location or "", self.company_id.id or None
        )
        return escalation.due_moments(
            concerned, self.escalation_step_ids.ids, lambda step: self._working_time_later(since, step)
        )

    def _needed_since(self):
        """Since when somebody needs what has stopped: the first job that waits by it, or lacks labels; None for nobody.

        A printer that is switched off while nothing is printed there is told to nobody. A print server that is away is,
        like the notice to its managers.
        """
        if not self.printer_id:
            return self.opened_at
        links = self.link_ids.filtered(lambda link: link._waits() or link._is_to_retry())
        return max(self.opened_at, min(links.mapped("create_date"))) if links else None

    def _working_time_later(self, since, step):
        """When so much time has been worked since then; None when that is never.

        By the calendar of the step's company, else of the incident's, else of the first one. Where a company has set no
        hours, or flexible ones, each minute counts.
        """
        company = self.env["res.company"].browse(step.company_id or self.company_id.id)
        calendar = (company or self.env["res.company"]._get_main_company()).sudo().resource_calendar_id
        if not calendar.attendance_ids or calendar.flexible_hours:
            return since + timedelta(minutes=step.minutes)
        moment = calendar.plan_hours(step.minutes / 60, since.replace(tzinfo=timezone.utc), compute_leaves=True)
        if not moment:
            return None
        # Hours are no exact number of seconds to the calendar.
        rounded = moment.astimezone(timezone.utc).replace(tzinfo=None) + timedelta(milliseconds=500)
        return rounded.replace(microsecond=0)

    def _plan_escalation(self):
        """Write when these are to be looked at next, for those of which that has changed."""
        if not self:
            return
        steps = self.env["label.print.escalation.step"]._all_steps()._as_set()
        now, changed = fields.Datetime.now(), {}
        for one in self.sudo():
            moments = one._escalation_moments(steps, now)
            due = moments[0][0] if moments else False
            if one.closed_at and one.escalated_at:
                # It may come again: what was asked of people is taken back when it stays away.
                due = one.closed_at + incidents.FLAPPING
            if due != one.escalation_due_at:
                changed[one.id] = due
        locked = self.sudo().browse(changed)._locked()
        if locked:
            locked._write_columns([{"escalation_due_at": changed[one.id]} for one in locked])

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint(RESPONSE_FIELDS):
            self.sudo()._note_response()
        return result

    def _note_response(self):
        """Somebody is on these, or is no longer: the escalation stops, or begins to count anew."""
        self.flush_recordset()  # what follows is written past the cache
        taken = self.filtered(lambda one: one.acknowledged_by or one.user_id)
        taken._end_escalation_activities()
        given_back = (self - taken).filtered(lambda one: not one.closed_at)
        if given_back:
            given_back._write_columns([{"escalation_since": fields.Datetime.now()}] * len(given_back))
        self._plan_escalation()

    def _end_escalation_activities(self):
        """Nobody has to do any more what the escalation has asked of them."""
        if escalated := self.filtered("escalated_at"):
            escalated.activity_unlink([ACTIVITY_OF_ESCALATION])
