"""When a job should end, in view of what its printer does before it. Nothing here is stored."""

from datetime import datetime
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from ..services.lifecycle import job_lifecycle
from ..services.lifecycle.poll_schedule import Place, attempt_pace, queue_estimates


class _QueuedJob(NamedTuple):
    """A row of a job in its printer's queue: its columns."""

    id: int
    printer_id: int | None
    status: str
    quantity: int
    current_label: int | None
    attempt_base: int | None
    priority: str | None
    started_date: datetime | None
    estimated_completion: datetime | None
    waiting_for: str | None

    def place(self, now: datetime) -> Place:
        printing, printed, pace = self.status == "printing", self.current_label or 0, None
        if printing and self.started_date:
            seconds = (now - self.started_date).total_seconds()
            pace = attempt_pace(printed - (self.attempt_base or 0), seconds)
        return Place(
            job_id=self.id,
            labels_left=max(self.quantity - printed, 0),
            printing=printing,
            priority=self.priority or "normal",
            server_says=self.estimated_completion,
            pace=pace,
        )


# What the time left depends on, of a job and of those before it at the same printer.
QUEUE_FIELDS = _QueuedJob._fields[1:]


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

        Left out are jobs at a printer that waits for somebody, because nobody knows how long that takes. Rows are read
        and not records: a list of eighty jobs may have a thousand before it, of which it needs nothing else.
        """
        self.env["label.print.job"].flush_model(QUEUE_FIELDS)
        # As superuser: another company's labels on a shared printer take their time, too.
        printers = self.sudo().printer_id
        rows = self.env.execute_query(
            SQL(
                "SELECT %(names)s FROM label_print_job WHERE status IN %(active)s AND printer_id = ANY(%(printers)s)"
                " UNION ALL SELECT %(names)s FROM label_print_job WHERE id = ANY(%(alone)s)",
                names=SQL(", ").join(SQL.identifier(name) for name in _QueuedJob._fields),
                active=tuple(job_lifecycle.ACTIVE),
                printers=printers.ids,
                alone=self.sudo().filtered(lambda job: not job.printer_id).ids,
            )
        )
        queues = {}
        for row in rows:
            job = _QueuedJob(*row)
            queues.setdefault((job.printer_id, None if job.printer_id else job.id), []).append(job)
        paces, estimates = {printer.id: printer.seconds_per_label for printer in printers}, {}
        for (printer_id, _alone), jobs in queues.items():
            if not (printer_id and any(job.waiting_for for job in jobs)):
                places = [job.place(now) for job in jobs]
                estimates.update(queue_estimates(now, places, paces.get(printer_id)))
        return estimates

    def _time_left(self, left):
        seconds = max(0, round(left.total_seconds()))
        if seconds < 60:
            return self.env._("about %(seconds)s s", seconds=seconds)
        if seconds < 3600:
            return self.env._("about %(minutes)s min", minutes=round(seconds / 60))
        return self.env._("about %(hours)s h %(minutes)s min", hours=seconds // 3600, minutes=seconds % 3600 // 60)
