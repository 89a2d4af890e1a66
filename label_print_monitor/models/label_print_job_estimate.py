"""When a job should end, in view of what its printer does before it. Nothing here is stored."""

from odoo import api, fields, models

from ..services.lifecycle import job_lifecycle
from ..services.lifecycle.poll_schedule import Place, attempt_pace, queue_estimates

# What the time left depends on, of a job and of those before it at the same printer.
QUEUE_FIELDS = (
    "printer_id",
    "status",
    "quantity",
    "current_label",
    "attempt_base",
    "priority",
    "started_date",
    "estimated_completion",
    "waiting_for",
)


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    expected_at = fields.Datetime("Expected to End", compute="_compute_estimate")
    eta_source = fields.Selection(
        [("server", "Print server's estimate"), ("measured", "Measured on this printer"), ("typical", "Typical speed")],
        "Estimate From",
        compute="_compute_estimate",
    )
    eta_display = fields.Char("Time Left", compute="_compute_estimate")

    @api.depends(
        "status",
        "quantity",
        "current_label",
        "attempt_base",
        "priority",
        "started_date",
        "estimated_completion",
        "unverified_since",
        "cancel_requested_at",
        "waiting_for",
        "printer_id.seconds_per_label",
    )
    @api.depends_context("lang")
    def _compute_estimate(self):
        now = fields.Datetime.now()
        running = self.filtered(lambda job: job.status in job_lifecycle.ACTIVE and not job.unverified_since)
        estimates = running._origin._estimates(now) if running else {}
        for job in self:
            expected = estimates.get(job._origin.id) if job in running else None
            job.expected_at = expected.finish_at if expected else False
            job.eta_source = expected.source if expected else False
            if job.is_cancelling:
                job.eta_display = self.env._("Cancelling")  # nobody waits for its last label
            elif job in running and not expected:
                job.eta_display = self.env._("Waiting")  # until somebody has seen to the printer
            else:
                job.eta_display = self._time_left(expected.finish_at - now) if expected else False

    def _estimates(self, now):
        """When these jobs should end, by id. What their printers do before them is read at once, for all of them.

        Left out are jobs at a printer that waits for somebody, because nobody knows how long that takes.
        """
        printers = self.sudo().printer_id
        queues = self.sudo()
        if printers:
            # As superuser: another company's labels on a shared printer take their time, too.
            queues |= queues.search_fetch(
                [("printer_id", "in", printers.ids), ("status", "in", job_lifecycle.ACTIVE)], QUEUE_FIELDS
            )
        estimates = {}
        for printer, jobs in queues.grouped("printer_id").items():
            if printer and any(jobs.mapped("waiting_for")):
                continue
            places = [job._place_in_queue(now) for job in jobs]
            for queue in [places] if printer else [[place] for place in places]:
                estimates.update(queue_estimates(now, queue, printer.seconds_per_label))
        return estimates

    def _place_in_queue(self, now):
        printing = self.status == "printing"
        pace = None
        if printing and self.started_date:
            pace = attempt_pace(self.current_label - self.attempt_base, (now - self.started_date).total_seconds())
        return Place(
            job_id=self.id,
            labels_left=max(self.quantity - self.current_label, 0),
            printing=printing,
            priority=self.priority,
            server_says=self.estimated_completion or None,
            pace=pace,
        )

    def _time_left(self, left):
        seconds = max(0, round(left.total_seconds()))
        if seconds < 60:
            return self.env._("about %(seconds)s s", seconds=seconds)
        if seconds < 3600:
            return self.env._("about %(minutes)s min", minutes=round(seconds / 60))
        return self.env._("about %(hours)s h %(minutes)s min", hours=seconds // 3600, minutes=seconds % 3600 // 60)
