"""What people do about an incident: say that they are on it, move what waits, and retry what it has stopped."""

from odoo import fields, models
from odoo.exceptions import UserError

from ..services.lifecycle import incidents
from .expected_conflicts import expected_conflicts


class LabelPrintIncident(models.Model):
    _inherit = "label.print.incident"

    def _check_may_act(self):
        """Whoever prints may see to a printer; whoever only looks may not.

        :raise AccessError: when the user may not
        """
        self.check_access("write")
        self.env["label.print.job"].check_access("write")

    def action_acknowledge(self):
        """Say that the user is on it; whoever was on it before is named in the chatter."""
        self._check_may_act()
        with expected_conflicts():  # with sweeps and events; Odoo runs all of it again
            for incident in self.sudo().filtered(lambda one: one.acknowledged_by != self.env.user):
                values = {"acknowledged_by": self.env.user.id, "acknowledged_at": fields.Datetime.now()}
                if not incident.user_id:
                    # Whoever is on it need not be told that they are responsible.
                    values["user_id"] = self.env.user.id
                incident.with_context(mail_auto_subscribe_no_notify=True).write(values)
                incident.message_post(
                    body=self.env._("%(person)s is on it.", person=self.env.user.name),
                    author_id=self.env.user.partner_id.id,
                )
            self.env.flush_all()
        self._tell_views()

    def action_release(self):
        """Take back that the user is on it."""
        self._check_may_act()
        mine = self.sudo().filtered(lambda one: one.acknowledged_by == self.env.user)
        with expected_conflicts():
            for incident in mine:
                values = {"acknowledged_by": False, "acknowledged_at": False}
                if incident.user_id == self.env.user:
                    values["user_id"] = False
                incident.write(values)
                incident.message_post(
                    body=self.env._("%(person)s is no longer on it.", person=self.env.user.name),
                    author_id=self.env.user.partner_id.id,
                )
            self.env.flush_all()
        self._tell_views()

    def write(self, vals):
        result = super().write(vals)
        if "user_id" in vals and not self.env.su:
            self._tell_views()
        return result

    def _tell_views(self):
        self.env["print.job.notifier"]._live(incidents=self)

    def _jobs_to_retry(self):
        """The jobs stopped by these that still lack labels, of those that the user may see."""
        links = self.env["label.print.incident.job"].search(
            [("incident_id", "in", self.ids), ("effect", "=", "stopped"), ("job_id", "any", self._failed_domain())]
        )
        return links.filtered(lambda link: link._is_to_retry()).job_id.sorted("id")

    def action_retry_stopped(self):
        """Print exactly the labels that are missing because of this incident, once it is over.

        By the jobs' own retry: what is uncertain, archived or printed elsewhere is left, and named.
        """
        self.ensure_one()
        self._check_may_act()
        if not self.closed_at:
            raise UserError(
                self.env._(
                    "%(incident)s. Retry when that is over. %(remedy)s.",
                    incident=self.display_name,
                    remedy=self.remedy,
                )
            )
        jobs = self._jobs_to_retry()
        if not jobs:
            raise UserError(
                self.env._("Nothing is left to retry: the jobs that it stopped are printed, retried or set aside.")
            )
        return jobs.action_retry()

    def action_move_waiting(self):
        """Open the dialog that moves what waits for the printer to another one."""
        self.ensure_one()
        self._check_may_act()
        if not self.printer_id or self.closed_at:
            raise UserError(self.env._("Nothing waits because of it any more, or its printer is gone."))
        return self.printer_id.action_move_waiting()

    def action_view_jobs(self):
        """The jobs that this incident has stopped or made wait, as far as the user may see them."""
        self.ensure_one()
        self.check_access("read")
        self.env["label.print.job"].check_access("read")
        return self.job_ids._get_list_action(self.display_name)

    def action_open_source(self):
        """The printer, or the print server, that it is of."""
        self.ensure_one()
        self.check_access("read")
        is_server = self.cause == incidents.SERVER_AWAY
        record = self.server_id if is_server else self.printer_id
        if not record:
            raise UserError(self.env._("%(name)s is deleted.", name=self.place))
        record.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [(False, "form")],
        }
