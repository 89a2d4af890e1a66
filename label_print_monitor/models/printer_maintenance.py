"""A printer in maintenance: for so long nobody is told of what stops it. It is shown everywhere, and jobs go on.

It ends by itself, at a moment that is stored; the housekeeping of the sweeps finds it by the statement that looks for
notices that are due.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..services.lifecycle import incidents
from .expected_conflicts import expected_conflicts

LONGEST = timedelta(days=30)


class PrinterConfiguration(models.Model):
    _inherit = "printer.configuration"

    maintenance_until = fields.Datetime(readonly=True, copy=False)
    maintenance_since = fields.Datetime(readonly=True, copy=False)
    maintenance_by = fields.Many2one(
        "res.users", "Maintenance Begun By", readonly=True, copy=False, ondelete="set null"
    )
    maintenance_display = fields.Char("Maintenance", compute="_compute_maintenance_display", exportable=False)

    _in_maintenance = models.Index("(maintenance_until) WHERE maintenance_until IS NOT NULL")

    @api.depends("maintenance_until", "maintenance_by")
    @api.depends_context("lang", "tz")
    def _compute_maintenance_display(self):
        now = fields.Datetime.now()
        for printer in self:
            until = printer.maintenance_until
            printer.maintenance_display = bool(until and until > now) and printer._maintenance_in_words()

    def _is_in_maintenance(self, now):
        until = self.sudo().maintenance_until
        return bool(until and until > now)

    def _maintenance_in_words(self):
        until = self.env["label.print.job"]._time_in_words(self.maintenance_until)
        person = self.sudo().maintenance_by.name
        if not person:
            return self.env._("Maintenance until %(time)s", time=until)
        return self.env._("Maintenance until %(time)s (%(person)s)", time=until, person=person)

    def _check_may_maintain(self):
        """Whoever prints on the printer may see to it; whoever only looks may not."""
        self.check_access("read")
        self.env["label.print.job"].check_access("write")

    def action_maintenance(self):
        """Open the dialog that says until when the printer is in maintenance."""
        self.ensure_one()
        self._check_may_maintain()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Maintenance"),
            "res_model": "label.print.maintenance.wizard",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_printer_id": self.id},
        }

    def begin_maintenance(self, minutes):
        """Begin a maintenance of so many minutes from now, or change its end, by one touch.

        :param int minutes:
        :return: until when it lasts, in words
        """
        self.ensure_one()
        self._check_may_maintain()
        asked = minutes if isinstance(minutes, int) else 0
        # More than can be added to a time is said to be too long, too.
        lasts = min(timedelta(minutes=max(0, min(asked, 10**6))), 2 * LONGEST)
        self._begin_maintenance(fields.Datetime.now() + lasts)
        return self.maintenance_display

    def action_end_maintenance(self):
        """The printer is ready before its time: from now on people are told again."""
        self._check_may_maintain()
        printers = self.sudo().filtered("maintenance_until")
        for printer in printers:
            printer.message_post(body=self.env._("Maintenance ended."), author_id=self.env.user.partner_id.id)
        printers._finish_maintenance(fields.Datetime.now())

    def _begin_maintenance(self, until):
        """Until then nobody is told of what stops this printer.

        :param datetime until: naive UTC
        :raise UserError: in words, for a moment that has passed or is too far away
        """
        self.ensure_one()
        self._check_may_maintain()
        now = fields.Datetime.now()
        if not until or until <= now:
            raise UserError(self.env._("Choose a time that is still to come."))
        if until - now > LONGEST:
            raise UserError(
                self.env._("A maintenance ends within 30 days. A printer that is away for longer is archived.")
            )
        printer = self.sudo()
        printer.write(
            {
                "maintenance_until": until,
                "maintenance_since": printer.maintenance_since or now,
                "maintenance_by": self.env.uid,
            }
        )
        words = printer.with_env(self.env)._maintenance_in_words()
        printer.message_post(body=words, author_id=self.env.user.partner_id.id)
        concerned = printer._open_incidents()
        for incident in concerned:
            incident.message_post(
                body=self.env._("%(maintenance)s: until then nobody is told.", maintenance=words),
                author_id=self.env.user.partner_id.id,
            )
        concerned._end_escalation_activities()
        concerned._plan_escalation()
        # What is on people's screens is taken back by the next look at the notices.
        self._incidents_of_maintenance()._tell_again(now)
        self.env["print.job.notifier"]._live(printers=printer, incidents=concerned)

    def _incidents_of_maintenance(self):
        """Those of these printers that are open, and those that have ended since it began and have stopped jobs."""
        Incident = self.env["label.print.incident"].sudo()
        if not self:
            return Incident
        found = self._open_incidents()
        for printer in self.sudo().filtered("maintenance_since"):
            over = Incident.search(
                [("printer_id", "=", printer.id), ("closed_at", ">=", printer.maintenance_since)]
            )
            found |= over.filtered(lambda one: one._links_to_retry())
        return found

    @api.model
    def _end_maintenances(self, now):
        """End what is over: told again from now on is what is still open, and what has stopped jobs meanwhile."""
        over = self.sudo().with_context(active_test=False).search([("maintenance_until", "<=", now)])
        with expected_conflicts():
            over.try_lock_for_update(allow_referencing=True)._finish_maintenance(now)

    def _finish_maintenance(self, now):
        if not self:
            return
        concerned = self._incidents_of_maintenance()
        self.write({"maintenance_until": False, "maintenance_since": False, "maintenance_by": False})
        is_open = concerned.filtered(lambda one: not one.closed_at)
        # Nobody could be asked for as long as it lasted: the minutes of the escalation count from here.
        is_open._write_columns([{"escalation_since": now}] * len(is_open))
        is_open._plan_escalation()
        concerned._tell_again(now)
        waiting = [("printer_id", "in", self.ids), ("waiting_for", "!=", False)]
        jobs = self.env["label.print.job"].sudo().search(waiting)
        if jobs:
            self.env["print.job.notifier"]._notify_waiting(dict.fromkeys(jobs, False))
        self.env["print.job.notifier"]._live(printers=self, incidents=concerned)


class LabelPrintIncident(models.Model):
    _inherit = "label.print.incident"

    maintenance_display = fields.Char("Maintenance", compute="_compute_maintenance_display", exportable=False)

    @api.depends("printer_id.maintenance_display", "closed_at")
    @api.depends_context("lang", "tz")
    def _compute_maintenance_display(self):
        for incident in self:
            # It may have become another company's since.
            printer = incident.sudo().printer_id
            incident.maintenance_display = not incident.closed_at and printer.maintenance_display

    def _tell_again(self, now):
        """Have it looked soon at what people are to be told of these."""
        if locked := self._locked():
            locked._write_columns([{"notice_due_at": now + incidents.GATHER}] * len(locked))
            self.env["label.print.job"]._trigger_engine()

    def _keep_quiet(self):
        """What is kept of a notice while the printer is in maintenance: nobody has been told, so that all are after it.

        What is on people's screens is taken back.
        """
        notifier = self.env["print.job.notifier"]
        notifier._close_incident_toasts(self, self.notified_user_ids)
        return {"notice_due_at": False, "notice_state": "no", "notified_user_ids": [(5,)], "notified_stopped": 0}

    def action_maintenance(self):
        """Open the dialog that says until when the printer is in maintenance."""
        self.ensure_one()
        self._check_may_act()
        if not self.printer_id:
            raise UserError(self.env._("Only printers are in maintenance, and this one has none or it is gone."))
        return self.printer_id.action_maintenance()

    def action_end_maintenance(self):
        """The printer is ready before its time."""
        self._check_may_act()
        self.printer_id.action_end_maintenance()
