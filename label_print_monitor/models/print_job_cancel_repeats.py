"""Requests to cancel that the print server has not answered, or with an error: they are repeated until it has."""

import time
from collections import defaultdict

from odoo import fields, models

from ..services.lifecycle.poll_schedule import SWEEP_PAUSE
from ..services.lifecycle.repeat_pauses import RepeatPauses
from ..services.transport.print_server_client import BadAnswer, Refused, Rejected
from ..services.transport.sweep import SweepResult

# A repetition that is due within this time keeps the sweeps going: Odoo runs a trigger of a scheduled action that lies
# in the future up to a minute late, and labels are printed meanwhile.
WAKE_WITHIN = 30.0

_pauses: dict[tuple[str, int], RepeatPauses] = defaultdict(RepeatPauses)


class PrintJobStatusPoller(models.AbstractModel):
    _inherit = "print.job.status.poller"

    def _cancels_due(self, server, ids):
        """Those of the requests to cancel ``ids`` (server job ids) that are to be sent now."""
        key = (self.env.cr.dbname, server.id)
        if not ids:
            _pauses.pop(key, None)
            return ()
        _pauses[key].keep(ids)
        return _pauses[key].due(ids, time.monotonic())

    def _cancel_is_due_soon(self):
        """Whether a request to cancel is repeated in a moment."""
        moment = time.monotonic()
        ends = [pauses.next_at() for (dbname, _id), pauses in _pauses.items() if dbname == self.env.cr.dbname]
        # One that has ended a while ago was not repeated because its server is away or archived.
        return any(end and -2 * SWEEP_PAUSE <= end - moment <= WAKE_WITHIN for end in ends)

    def _note_cancels(self, server, result: SweepResult):
        """The print server has answered requests to cancel that it had not answered to whoever made them."""
        if not result.cancels and not result.cancel_errors:
            return
        jobs = (
            self.env["label.print.job"]
            .sudo()
            .search([("server_id", "=", server.id), ("flask_job_id", "in", [*result.cancels, *result.cancel_errors])])
            .try_lock_for_update(allow_referencing=True)
        )
        now = fields.Datetime.now()
        jobs._apply(
            {
                job.id: {"cancel_accepted": True, "next_poll_at": now}
                for job in jobs
                # Of a job that it does not know, or that had ended, the status tells what became of it.
                if job.flask_job_id in result.cancels
                and result.cancels[job.flask_job_id].outcome in ("cancelled", "cancelling")
            }
        )
        refused = jobs.filtered(lambda job: isinstance(result.cancel_errors.get(job.flask_job_id), Rejected))
        # It will not cancel them, whoever asks: they go on.
        for job in refused:
            job._drop_cancel_request()

    def _note_cancel_errors(self, result: SweepResult):
        """What was answered with an error is asked again after a pause that grows with each error."""
        if not result.cancel_errors:
            return
        failed, errors = set(result.cancel_errors), result.cancel_errors.values()
        if any(isinstance(error, Refused | BadAnswer) for error in errors):
            # Such an answer is not about one job: because of it the others were not asked.
            failed.update(set(result.plan.cancel_ids) - result.cancels.keys())
        wait = max(error.retry_after or 0.0 for error in errors)
        _pauses[self.env.cr.dbname, result.plan.server_id].failed(failed, time.monotonic(), wait)
