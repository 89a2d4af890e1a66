"""Which incidents have to be looked at between two sweeps: what waits at them, and what is due to be told."""

from datetime import datetime
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from ..services.lifecycle import incidents


class DueMoments(NamedTuple):
    """When something is due next, by what is stored."""

    is_open: bool | None
    notice: datetime | None
    escalation: datetime | None
    maintenance_end: datetime | None


class LabelPrintIncident(models.Model):
    _inherit = "label.print.incident"

    @api.model
    def _due_moments(self):
        """What there is to look at between two sweeps, by one statement.

        :return: whether an incident is open, and when the next notice, the next step of an escalation and the next end
            of a maintenance are due, None where none is
        """
        return DueMoments(
            *self.env.execute_query(
                SQL(
                    """SELECT bool_or(closed_at IS NULL), min(notice_due_at), min(escalation_due_at),
                              (SELECT min(maintenance_until) FROM printer_configuration
                                WHERE maintenance_until IS NOT NULL)
                         FROM label_print_incident
                        WHERE closed_at IS NULL OR notice_due_at IS NOT NULL OR escalation_due_at IS NOT NULL"""
                )
            )[0]
        )

    @api.model
    def _link_waiting_jobs(self, moments=None):
        """Link what waits at printers and print servers with an open incident to it, by one statement.

        :param moments: what `_due_moments` says, where the caller has it
        :return: whether a notice is due in a moment
        """
        moments = moments or self._due_moments()
        due = moments.notice
        if moments.is_open:
            self.env["label.print.job"].flush_model(["status", "printer_id", "server_id"])
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO label_print_incident_job
                           (incident_id, job_id, attempt_number, effect, create_uid, create_date, write_uid, write_date)
                    SELECT i.id, j.id, j.attempt_number, 'waits', %(uid)s, %(now)s, %(uid)s, %(now)s
                      FROM label_print_incident i
                           JOIN label_print_job j ON j.server_id = i.server_id
                             AND (i.printer_id IS NULL OR j.printer_id = i.printer_id)
                     WHERE i.closed_at IS NULL AND j.status IN ('pending', 'sent', 'queued', 'printing')
                       AND NOT EXISTS (SELECT FROM label_print_incident_job l
                                        WHERE l.incident_id = i.id AND l.job_id = j.id)
                        ON CONFLICT DO NOTHING RETURNING incident_id
                    """,
                    uid=self.env.uid,
                    now=self.env.cr.now(),
                )
            )
            linked = self.browse({row[0] for row in self.env.cr.fetchall()}).sudo()
            if linked:
                self.env["label.print.incident.job"].invalidate_model()
                linked.invalidate_recordset(["link_ids", "job_ids"])
                # Whoever knows of it is not told of each job that waits, too.
                linked.filtered(lambda one: one.notice_state == "no" and not one.notice_due_at)._note("stopped")
                # Perhaps the first job that needs the printer.
                linked.filtered(lambda one: not one.escalation_due_at)._plan_escalation()
                due = due or any(one.notice_due_at for one in linked)
        if not due:
            return False
        # Nothing else wakes the sweep in time when a job has failed just after people were told that it waits.
        return due is True or due <= fields.Datetime.now() + incidents.TELL_AGAIN + incidents.GATHER
