"""The indexes of print jobs: which question each is for, and what it costs the engine to keep."""

from odoo import models
from odoo.modules.db import FunctionStatus


def trigrams_of(registry, column):
    """An index for `ilike`, as ``index="trigram"`` makes it, for a field that has another index already."""
    if not registry.has_trigram:
        return ""
    if registry.has_unaccent == FunctionStatus.INDEXABLE:
        column = registry.unaccent(column)
    return f"USING gin ({column} gin_trgm_ops)"


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    # No index holds what changes with every printed label (progress, times of reports and of polls): PostgreSQL then
    # writes the row's new version beside the old one and touches no index at all. Open jobs are few enough to sort.
    _open = models.Index("(server_id, printer_id, status) WHERE status IN ('pending', 'sent', 'queued', 'printing')")
    _cancelling = models.Index(
        "(server_id) WHERE cancel_requested_at IS NOT NULL AND status IN ('pending', 'sent', 'queued', 'printing')"
    )
    _attention = models.Index("(id) WHERE attention_code IS NOT NULL")
    _waiting = models.Index("(printer_id) WHERE waiting_for IS NOT NULL")
    _failures = models.Index(
        "(completed_date DESC NULLS LAST, id DESC) "
        "WHERE status IN ('failed', 'completed_with_errors') AND set_aside_date IS NULL"
    )
    _ended = models.Index("(completed_date)")
    # Written when an attempt ends or a person has looked, never while labels are printed.
    _uncertain = models.Index("(mo_id) WHERE uncertain_count > 0")
    # The history's views sum over all of it: with these columns they read the index alone. The counts among them are
    # written when an attempt ends or a person has looked; `current_label` moves with every label, so sums of it read
    # the rows.
    _created = models.Index(
        "(create_date) INCLUDE (status, printer_id, job_type, quantity, company_id, "
        "confirmed_count, uncertain_count, reprinted_count, active)"
    )
    # With the company, which the record rule asks for, and what is not archived: lists count up to 10,000 jobs from the
    # index alone.
    _status_recent = models.Index("(status, id DESC) INCLUDE (company_id, active)")
    _printer_recent = models.Index("(printer_id, id DESC) INCLUDE (company_id, active)")
    _person_recent = models.Index("(submitted_by, id DESC) INCLUDE (company_id, active)")
    # Few jobs are any of these, and a filter asks for each: without an index it would look through the whole history.
    # The conditions are those that the filters' domains become.
    _cancelled = models.Index(
        "(id DESC) INCLUDE (company_id, active) WHERE status = 'cancelled' OR cancel_requested_at IS NOT NULL"
    )
    _failed_before = models.Index("(id DESC) INCLUDE (company_id, active) WHERE failed_before IS TRUE")
    _unverified = models.Index("(id DESC) WHERE unverified_since IS NOT NULL")
    _tests = models.Index("(id DESC) INCLUDE (company_id, active) WHERE job_type = 'test'")
    _problems = models.Index("(id DESC) WHERE error_code IS NOT NULL OR error_message IS NOT NULL")
    # Part of a server's job id; without the extension, a whole one is still found at once by the field's own index.
    _server_job_part = models.Index(lambda registry: trigrams_of(registry, "flask_job_id"))
    # Exact look-up of a lot among the labels, whatever extensions the database has. Only of jobs that have ended: the
    # row of one that prints is written every other second, at times to another page and then into each index, and this
    # one would read all its labels for that. Open jobs are few enough to be looked through.
    _lots = models.Index(
        "USING gin (jsonb_path_query_array(labels_data, '$[*].lot_number')) "
        "WHERE status IN ('completed', 'completed_with_errors', 'failed', 'cancelled')"
    )

    def init(self):
        # Space on each page for the next version of a row that moves on; see the indexes above.
        self.env.cr.execute("ALTER TABLE label_print_job SET (fillfactor = 85)")
