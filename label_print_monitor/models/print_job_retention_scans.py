"""How long the answers to scans are kept.

They say how checking went: what was refused, by whom, how often. That a label was checked does not depend on them: the
person's mark on the job has its code, person and time, and so has the job's record.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from .expected_conflicts import expected_conflicts
from .label_print_scan_check import OLDEST

SCANS_A_CALL = 1000
# A device may send a scan again for so long, and must be told what it was told before.
FEWEST_DAYS = OLDEST.days + 1


class PrintJobRetention(models.AbstractModel):
    _inherit = "print.job.retention"

    def _scans_to_remove(self, rules):
        """The condition of scans that are to go now; None when none is."""
        if not rules.keep_scans_days:
            return None
        limit = fields.Datetime.now() - timedelta(days=max(rules.keep_scans_days, FEWEST_DAYS))
        return SQL("scan.date < %s", limit)

    def _effect(self, rules):
        """As for jobs; besides ``"kept_scans"`` and ``"removed_scans"``."""
        self.env["label.print.scan"].flush_model()
        return {
            **super()._effect(rules),
            "kept_scans": self._count_scans(SQL("TRUE")),
            "removed_scans": self._count_scans(self._scans_to_remove(rules)),
        }

    def _count_scans(self, condition):
        if condition is None:
            return 0
        return self.env.execute_query(SQL("SELECT count(*) FROM label_print_scan scan WHERE %s", condition))[0][0]

    @api.autovacuum
    def _gc_scans(self):
        """Remove answers to scans that are old enough, some of them in each call, and none that somebody holds."""
        condition = self._scans_to_remove(self._rules())
        if condition is None:
            return 0, False
        Scan = self.env["label.print.scan"].sudo()
        Scan.flush_model()
        # An array is made once; a join with the rows to delete might be made anew for each, past the limit.
        statement = SQL(
            """DELETE FROM label_print_scan WHERE id = ANY (ARRAY(
                   SELECT id FROM label_print_scan scan WHERE %s ORDER BY date LIMIT %s FOR UPDATE SKIP LOCKED))""",
            condition,
            SCANS_A_CALL,
        )
        try:
            with expected_conflicts(), self.env.cr.savepoint():
                self.env.cr.execute(statement)
                removed = self.env.cr.rowcount
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            return 0, True  # another clean-up is at it: the next call sees what that has left
        Scan.invalidate_model(flush=False)
        return removed, removed == SCANS_A_CALL
