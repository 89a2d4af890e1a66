"""The print history for other programs: a read-only SQL view with documented columns, and its rows by RPC.

The view is for who may read the database, a BI tool for example, and knows no record rules. `get_history` has the
rights of whoever calls it. Both have the same columns; docs/history-view.md tells what each of them means.
"""

from datetime import datetime

import psycopg2.errors
from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .archived_jobs import ALL_JOBS

VIEW = "label_print_history"
MOST_ROWS = 50_000  # of one answer
# Name, expression, meaning. New columns come last: then PostgreSQL keeps the view, with whatever is built on it and
# whoever was given rights on it. Nothing here may be a secret, and idempotency keys are nobody's business.
COLUMNS = (
    ("job_id", "job.id", "Number of the print job."),
    ("company_id", "job.company_id", "Odoo's number of the company."),
    ("company", "company.name", "The company's name."),
    ("created", "job.create_date", "When labels were asked for. All times are UTC."),
    ("order_id", "job.mo_id", "Odoo's number of the manufacturing order; empty where there is none any more."),
    ("order_name", "COALESCE(NULLIF(job.mo_reference, ''), production.name)",
     "The order's name when the job was made; it outlives the order."),
    ("product_id", "job.product_id", "Odoo's number of the product."),
    ("product_code", "product.default_code", "The product's internal reference."),
    ("product", "COALESCE(template.name ->> 'en_US', (SELECT min(value) FROM jsonb_each_text(template.name)))",
     "The product's name, in English where there is one."),
    ("lots", "job.lot_display", "The first lot or serial number on the labels, and how many more there are."),
    ("printer_id", "job.printer_id", "Odoo's number of the printer."),
    ("printer", "printer.name", "The printer's present name."),
    ("print_server", "server.name", "The print server's present name."),
    ("quantity", "job.quantity", "Labels asked for."),
    ("status", "job.status",
     "pending, sent, queued, printing, completed, completed_with_errors, failed or cancelled."),
    ("job_type", "job.job_type", "auto, manual, manual_reprint or test."),
    ("priority", "job.priority", "high, normal or low."),
    ("submitted_by_id", "job.submitted_by", "Odoo's number of the user who asked for the labels."),
    ("submitted_by", "partner.name", "That user's name."),
    ("attempts", "job.attempt_number", "How many attempts there were; 1 without a retry."),
    ("labels_printed", "COALESCE(job.current_label, 0)", "Labels on paper, destroyed ones included."),
    ("labels_confirmed", "COALESCE(job.confirmed_count, 0)", "Of these, counted by the printer itself, or seen."),
    ("labels_failed", "COALESCE(job.failed_count, 0)", "Labels that are certainly not on paper."),
    ("labels_uncertain", "COALESCE(job.uncertain_count, 0)", "Labels of which nobody knows."),
    ("labels_printed_again", "COALESCE(job.reprinted_count, 0)", "Labels of a job of copies that are on paper."),
    ("evidence", "job.evidence",
     "The weakest proof among the labels on paper: reported, spooled, confirmed or checked."),
    ("handed_over", "job.submitted_date", "When the print server took the newest attempt over."),
    ("started", "job.started_date", "When the newest attempt began to print, by the print server's clock."),
    ("ended", "job.completed_date", "When the job ended; empty while it is open."),
    ("seconds_waited", "floor(extract(epoch FROM job.started_date - job.create_date))::bigint",
     "Whole seconds from `created` to `started`."),
    ("seconds_printed", "floor(extract(epoch FROM job.completed_date - job.started_date))::bigint",
     "Whole seconds from `started` to `ended`."),
    ("error_code", "job.error_code", "The newest error's code; docs/architecture.md names them."),
    ("error_message", "job.error_message", "The print server's own words. They may hold anything."),
    ("copy_of_job_id", "job.copy_of_id", "Of a job of copies, the job whose labels it prints again."),
    ("copy_reason", "job.copy_reason", "Why they were printed again."),
    ("cancel_reason", "job.cancel_reason", "Why the job was cancelled."),
    ("cancelled_at", "job.cancel_requested_at", "When somebody cancelled it."),
    ("set_aside_reason", "job.set_aside_reason", "Why a failure was set aside."),
    ("set_aside_at", "job.set_aside_date", "When somebody set it aside."),
    ("server_job_id", "job.flask_job_id", "The newest attempt's number at the print server."),
    ("template", "job.template_xmlid", "The report that the labels were made by; empty where a program made them."),
    ("template_hash", "job.template_hash", "SHA-256 of the report's view as it was."),
    ("archived", "job.active IS NOT TRUE", "Whether the job is archived."),
    ("zpl_removed_at", "job.zpl_removed_date", "When the labels' ZPL was removed; empty while it is kept."),
)  # fmt: skip
SOURCE = """
  FROM label_print_job job
  JOIN res_company company ON company.id = job.company_id
  LEFT JOIN mrp_production production ON production.id = job.mo_id
  LEFT JOIN product_product product ON product.id = job.product_id
  LEFT JOIN product_template template ON template.id = product.product_tmpl_id
  LEFT JOIN printer_configuration printer ON printer.id = job.printer_id
  LEFT JOIN label_print_server server ON server.id = job.server_id
  LEFT JOIN res_users person ON person.id = job.submitted_by
  LEFT JOIN res_partner partner ON partner.id = person.partner_id
"""


def _plain(value):
    """A value as Odoo's RPC has it: times as texts in UTC, False where there is nothing."""
    if isinstance(value, datetime):
        return fields.Datetime.to_string(value)
    return False if value is None else value


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    @api.model
    def _make_history_view(self):
        """Make the view, or bring it up to date. Called from data, at each installation and update.

        Not by `init`, which comes before the other tables are there.
        """
        columns = SQL(", ").join(
            SQL("%s AS %s", SQL(expression), SQL.identifier(name)) for name, expression, _meaning in COLUMNS
        )
        body = SQL("VIEW %s AS SELECT %s %s", SQL.identifier(VIEW), columns, SQL(SOURCE))
        cr = self.env.cr
        try:
            with cr.savepoint():
                replace = SQL("CREATE OR REPLACE %s", body)
                cr.execute(replace.code, replace.params, log_exceptions=False)
        except psycopg2.errors.InvalidTableDefinition:
            # A column has another place or type than before: with that, views on this view are no longer right, either.
            cr.execute(SQL("DROP VIEW %s CASCADE", SQL.identifier(VIEW)))
            cr.execute(SQL("CREATE %s", body))
        for name, _expression, meaning in COLUMNS:
            cr.execute(
                SQL("COMMENT ON COLUMN %s.%s IS %s", SQL.identifier(VIEW), SQL.identifier(name), meaning)
            )
        words = "Print jobs, one row each, for reports of other programs. Read only; times are UTC."
        cr.execute(SQL("COMMENT ON VIEW %s IS %s", SQL.identifier(VIEW), words))

    @api.model
    def get_history(self, domain=None, after=0, limit=10_000):
        """The print history as far as the caller may read it, for other programs; each call is logged as an export.

        :param domain: which print jobs; all of them, archived ones as well, where it is not given
        :param int after: only jobs with a higher number than this one; `next` of the answer before
        :param int limit: how many jobs at most, up to 50,000
        :return: ``{"columns": [name, …], "rows": [[value, …], …], "next": number}``, sorted by the jobs' numbers;
            `next` is False once there are no more. Times are texts in UTC; False stands where there is nothing.
        :raise AccessError: for who may not read print jobs, or not export
        """
        self._check_may_export()
        domain = Domain(domain or [])
        if not any(leaf.field_expr == self._active_name for leaf in domain.iter_conditions()):
            domain &= ALL_JOBS
        wanted = domain & Domain("id", ">", int(after))
        limit = min(max(int(limit), 1), MOST_ROWS)
        self.env.flush_all()
        found = self._search(wanted, order="id", limit=limit).select()
        rows = self.env.execute_query(
            SQL(
                """SELECT history.* FROM %s history JOIN (%s) found (id) ON history.job_id = found.id
                 ORDER BY history.job_id""",
                SQL.identifier(VIEW),
                found,
            )
        )
        self.env["label.print.export"]._note_rpc(domain, len(rows))
        return {
            "columns": [name for name, _expression, _meaning in COLUMNS],
            "rows": [[_plain(value) for value in row] for row in rows],
            "next": rows[-1][0] if len(rows) == limit else False,
        }


class LabelPrintExport(models.Model):
    _inherit = "label.print.export"

    @api.model
    def _note_rpc(self, domain, count):
        """Log that another program has read so many jobs."""
        now = fields.Datetime.now()
        self.sudo().create(
            {
                **self._values_of_request(domain),
                "state": "done",
                "done_date": now,
                "sorting": "id",
                "extended": True,
                "expected_rows": count,
                "row_count": count,
                "file_name": "get_history",
            }
        )
