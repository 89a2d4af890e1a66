"""Incidents on the overview and the wall display: one line each, in place of the failures that belong to them."""

from odoo import api, fields, models
from odoo.fields import Domain

from ..services.lifecycle import job_lifecycle
from .label_print_job_display import ATTENTION_FOR

MOST_READ = 500  # of a factory whose printers are all off


class LabelPrintIncident(models.Model):
    _inherit = "label.print.incident"

    @api.model
    def _needing(self):
        """What asks for somebody, the newest first: what is open, and what is over and has stopped jobs that nobody has
        retried or set aside. As long ago as failures are asked about.
        """
        recent = fields.Datetime.now() - ATTENTION_FOR
        stopped = [("effect", "=", "stopped"), ("job_id", "any", self._failed_domain())]
        over = Domain("closed_at", ">=", recent) & Domain("link_ids", "any", stopped)
        found = self.search(
            Domain("closed_at", "=", False) | over,
            limit=MOST_READ,
            order="closed_at desc nulls first, opened_at desc, id desc",
        )
        return found.filtered(lambda one: not one.closed_at or one.retry_count)

    def _covered_jobs(self):
        """The jobs that these say already why they have failed, or do not go on."""
        if not self:
            return self.env["label.print.job"]
        links = self.env["label.print.incident.job"].search([("incident_id", "in", self.ids)])
        return links.filtered(lambda link: link._is_to_retry() or link._waits()).job_id

    def _describe(self):
        """What the overview says of each."""
        return [
            {
                "id": one.id,
                "is_open": not one.closed_at,
                "printer_id": one.printer_id.id,
                "name": one.place or "",
                "message": one.title,
                "action": one.remedy if not one.closed_at else "",
                "date": fields.Datetime.to_string(one.closed_at or one.opened_at),
                "waiting": one.waiting_count,
                "stopped": one.retry_count,
                "person": one.acknowledged_by.sudo().name or "",
                "maintenance": one.maintenance_display or "",
                "can_retry": one.can_retry,
                "can_move": one.can_move,
            }
            for one in self
        ]


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    def _describe_oldest_waiting(self):
        """The job that has waited longest to be printed, by when its newest attempt was asked for.

        :return: its id, name, printer and since when; False when none waits
        """
        waiting = [("status", "in", list(job_lifecycle.WAITING))]
        attempt = self.env["label.print.attempt"].search(
            [("job_id", "any", waiting), ("ended_date", "=", False)], order="create_date, id", limit=1
        )
        job = attempt.job_id
        if not job:
            return False
        return {
            "id": job.id,
            "name": job.display_name,
            "printer": job.sudo().printer_id.name or "",
            "since": fields.Datetime.to_string(attempt.create_date),
        }
