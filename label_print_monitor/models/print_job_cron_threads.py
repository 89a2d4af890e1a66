"""The sweeps give way to the submission where Odoo has no other thread for it.

Odoo runs scheduled actions in few threads, two by default. While another one holds one of them, such as the queue of
mails whose server does not answer, a run of sweeps ends early, so that jobs are handed over.
"""

from odoo import models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from .expected_conflicts import expected_conflicts

CRON = "label_print_monitor.cron_submit_print_jobs"
# A thread that is free has begun by then.
FREE_THREAD_WITHIN = 1.0


class PrintJobStatusPoller(models.AbstractModel):
    _inherit = "print.job.status.poller"

    def _is_submission_held_up(self):
        """Whether jobs are to be handed over and no thread has begun to."""
        cron_id = self.env["ir.model.data"]._xmlid_to_res_id(CRON)
        try:
            with expected_conflicts():
                late = cron_id and self.env.execute_query(
                    SQL(
                        """SELECT FROM ir_cron_trigger WHERE cron_id = %s AND call_at <= now() AT TIME ZONE 'UTC'
                              AND COALESCE(create_date, call_at) < now() AT TIME ZONE 'UTC' - %s * interval '1 s'
                            LIMIT 1""",
                        cron_id,
                        FREE_THREAD_WITHIN,
                    )
                )
                # Whoever runs it holds its row.
                is_held_up = bool(late) and bool(
                    self.env.execute_query(
                        SQL("SELECT id FROM ir_cron WHERE id = %s AND active FOR SHARE SKIP LOCKED", cron_id)
                    )
                )
                self._commit()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            self.env.cr.rollback()
            return False  # it has just been run
        return is_held_up
