"""How long labels' ZPL and jobs are kept: the settings, what they would do now, and the daily clean-up that does it.

The clean-up never touches an open job, nor one with labels that need somebody. Each of its calls changes a few jobs,
passing over those that somebody else holds, and Odoo commits after each, so that no sweep waits for it.
"""

from dataclasses import dataclass
from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from .expected_conflicts import expected_conflicts

KEEP_ZPL_DAYS, ARCHIVE_BY, ARCHIVE_AFTER, KEEP_SCANS_DAYS = (
    "label_print.keep_zpl_days",
    "label_print.archive_by",
    "label_print.archive_after",
    "label_print.keep_scans_days",
)
DEFAULT_ZPL_DAYS = 90
JOBS_A_CALL = 200  # of a transaction: some tens of milliseconds
SAMPLED_ROWS = 20_000
# How far this run of the clean-up has come, by database and part, so that its next call does not read all of it again.
# Another run begins anew: what needed somebody then may not now.
_reached = {}

# A job that is over for good: ended, and nobody is asked about any of its labels.
SETTLED = SQL("""
    job.status IN ('completed', 'completed_with_errors', 'failed', 'cancelled') AND job.attention_code IS NULL
    AND (job.set_aside_date IS NOT NULL
         OR (COALESCE(job.uncertain_count, 0) = 0
             AND (job.status = 'cancelled' OR COALESCE(job.failed_count, 0) = 0)
             AND NOT EXISTS (SELECT FROM label_print_failed_label label
                              WHERE label.job_id = job.id AND label.needs_somebody)))
""")
# The hash of each label, as services/label_files/label_hashes.py writes them.
HASHES = SQL("""
    (SELECT string_agg(CASE WHEN jsonb_typeof(label.entry -> 'zpl_code') = 'string' AND label.entry ->> 'zpl_code' <> ''
                            THEN encode(sha256(convert_to(label.entry ->> 'zpl_code', 'UTF8')), 'hex')
                            ELSE repeat('-', 64) END, '' ORDER BY label.place)
       FROM jsonb_array_elements(labels_data) WITH ORDINALITY label (entry, place))
""")
WITHOUT_ZPL = SQL("""
    (SELECT jsonb_agg(CASE jsonb_typeof(label.entry) WHEN 'object' THEN label.entry - 'zpl_code' ELSE label.entry END
                      ORDER BY label.place)
       FROM jsonb_array_elements(labels_data) WITH ORDINALITY label (entry, place))
""")


@dataclass(frozen=True)
class RetentionRules:
    """What the settings say.

    :ivar keep_zpl_days: for how many days after its end a job keeps its labels' ZPL; 0 for ever
    :ivar archive_by: `months` after a job's end, days after the `expiry` of its lots, or '' for never
    :ivar archive_after: how many of these
    :ivar keep_scans_days: for how many days the answer to each scan is kept; 0 for ever
    """

    keep_zpl_days: int = DEFAULT_ZPL_DAYS
    archive_by: str = ""
    archive_after: int = 0
    keep_scans_days: int = 0


def _whole_number(text, default):
    try:
        return max(0, int(text or ""))
    except (TypeError, ValueError):
        return default


class PrintJobRetention(models.AbstractModel):
    _name = "print.job.retention"
    _description = "Retention of Print Jobs"

    @api.model
    def _rules(self):
        get = self.env["ir.config_parameter"].sudo().get_param
        return RetentionRules(
            _whole_number(get(KEEP_ZPL_DAYS), DEFAULT_ZPL_DAYS),
            get(ARCHIVE_BY) or "",
            _whole_number(get(ARCHIVE_AFTER), 0),
            _whole_number(get(KEEP_SCANS_DAYS), 0),
        )

    @api.model
    def _has_expiry(self):
        """Whether lots have an expiry date: Odoo's module product_expiry gives them one."""
        return "expiration_date" in self.env["stock.lot"]._fields

    def _to_reduce(self, rules):
        """The condition of jobs whose ZPL is to go now; None when none is."""
        if not rules.keep_zpl_days:
            return None
        limit = fields.Datetime.now() - timedelta(days=rules.keep_zpl_days)
        return SQL("job.zpl_removed_date IS NULL AND job.completed_date < %s AND %s", limit, SETTLED)

    def _to_archive(self, rules):
        """The condition of jobs that are to be archived now; None when none is."""
        if not rules.archive_after:
            return None
        now = fields.Datetime.now()
        if rules.archive_by == "months":
            limit = now - relativedelta(months=rules.archive_after)
            return SQL("job.active AND job.completed_date < %s AND %s", limit, SETTLED)
        if rules.archive_by != "expiry" or not self._has_expiry():
            return None
        lots = SQL(
            "SELECT FROM label_print_job_lot_rel rel JOIN stock_lot lot ON lot.id = rel.lot_id "
            "WHERE rel.job_id = job.id"
        )
        expired = SQL("lot.expiration_date < %s", now - timedelta(days=rules.archive_after))
        # Each lot of a job, and each needs a date: without one nobody knows when it expires.
        return SQL(
            "job.active AND job.completed_date IS NOT NULL AND EXISTS (%(lots)s AND %(expired)s) "
            "AND NOT EXISTS (%(lots)s AND (%(expired)s) IS NOT TRUE) AND %(settled)s",
            lots=lots,
            expired=expired,
            settled=SETTLED,
        )

    def _effect(self, rules):
        """What is kept, and what rules would do with it now.

        :return: ``{"kept_jobs", "kept_mb", "reduced_jobs", "reduced_mb", "archived_jobs"}``; sizes are estimated from a
            sample, as the table stores them
        """
        self.env["label.print.job"].flush_model()
        kept = self._count(SQL("job.zpl_removed_date IS NULL AND job.completed_date IS NOT NULL"))
        reduced, archived = self._count(self._to_reduce(rules)), self._count(self._to_archive(rules))
        bytes_a_job = self._bytes_a_job() if kept else 0
        return {
            "kept_jobs": kept,
            "kept_mb": round(kept * bytes_a_job / 1e6),
            "reduced_jobs": reduced,
            "reduced_mb": round(reduced * bytes_a_job / 1e6),
            "archived_jobs": archived,
        }

    def _count(self, condition):
        if condition is None:
            return 0
        return self.env.execute_query(SQL("SELECT count(*) FROM label_print_job job WHERE %s", condition))[0][0]

    def _bytes_a_job(self):
        """How much the labels of a job with ZPL take, on average; looked at are some rows from all over the table."""
        [(rows,)] = self.env.execute_query(
            SQL("SELECT greatest(reltuples, 1) FROM pg_class WHERE oid = 'label_print_job'::regclass")
        )
        [(size,)] = self.env.execute_query(
            SQL(
                """SELECT avg(pg_column_size(labels_data)) FROM label_print_job TABLESAMPLE SYSTEM (%s)
                    WHERE zpl_removed_date IS NULL AND completed_date IS NOT NULL""",
                min(100.0, 100.0 * SAMPLED_ROWS / rows),
            )
        )
        return float(size or 0)

    def _take(self, part, condition, limit):
        """Lock the next jobs that a condition is true of; those that somebody holds are left to another run.

        :return: their ids
        """
        key = (self.env.cr.dbname, part)
        if key in _reached:
            condition = SQL("%s AND (job.completed_date, job.id) > (%s, %s)", condition, *_reached[key])
        found = self.env.execute_query(
            SQL(
                """SELECT job.id, job.completed_date FROM label_print_job job WHERE %s
                 ORDER BY job.completed_date, job.id LIMIT %s FOR NO KEY UPDATE OF job SKIP LOCKED""",
                condition,
                limit,
            )
        )
        if len(found) < limit:
            _reached.pop(key, None)
        else:
            id_, completed = found[-1]
            _reached[key] = (completed, id_)
        return [id_ for id_, _completed in found]

    def _clean_up(self, part, condition, change):
        """One call of the clean-up.

        :param change: a function of the ids of locked jobs
        :return: how many jobs it has changed, and whether there are more, as Odoo's clean-up asks
        """
        if condition is None:
            return 0, False
        Job = self.env["label.print.job"].sudo()
        Job.flush_model()
        try:
            with expected_conflicts(), self.env.cr.savepoint():
                ids = self._take(part, condition, JOBS_A_CALL)
                if ids:
                    change(Job.browse(ids))
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            return 0, True  # somebody has just changed one of them: the next call sees it as it is then
        Job.invalidate_model(flush=False)
        return len(ids), len(ids) == JOBS_A_CALL

    @api.autovacuum
    def _gc_zpl(self):
        """Remove the ZPL of labels of jobs that ended long enough ago; hashes and specimens stay."""
        return self._clean_up("zpl", self._to_reduce(self._rules()), self._remove_zpl)

    @api.autovacuum
    def _gc_archive(self):
        """Archive jobs that ended, or whose lots expired, long enough ago."""
        return self._clean_up("archive", self._to_archive(self._rules()), self._archive)

    def _remove_zpl(self, jobs):
        # Made by a release that kept no hashes: then there may be no specimen, either.
        if unknown := jobs.filtered(lambda job: not job.label_hashes):
            unknown._keep_specimens()
        self.env.cr.execute(
            SQL(
                """UPDATE label_print_job
                      SET zpl_removed_date = %(now)s,
                          label_hashes = CASE WHEN jsonb_typeof(labels_data) = 'array'
                                              THEN COALESCE(label_hashes, %(hashes)s) ELSE label_hashes END,
                          labels_data = CASE WHEN jsonb_typeof(labels_data) = 'array'
                                             THEN %(without_zpl)s ELSE labels_data END
                    WHERE id = ANY(%(ids)s)""",
                now=fields.Datetime.now(),
                hashes=HASHES,
                without_zpl=WITHOUT_ZPL,
                ids=list(jobs.ids),
            )
        )

    def _archive(self, jobs):
        self.env.cr.execute(SQL("UPDATE label_print_job SET active = FALSE WHERE id = ANY(%s)", list(jobs.ids)))
