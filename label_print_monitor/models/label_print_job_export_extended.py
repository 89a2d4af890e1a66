"""*Export All Columns*: all that is known of a job, in the words and the language of whoever exports.

A person reads the words. For machines the last columns have the codes behind them, which no language and no release
changes; programs that want codes alone call `get_history`.
"""

from odoo import api, models
from odoo.tools import SQL

from ..services.export.history_csv import csv_cell
from .label_print_job_export import text_cell, time_cell

# Selections, whose words stand at their place and whose codes come last.
CODED = ("status", "job_type", "evidence", "copy_reason", "cancel_reason", "set_aside_reason")
COUNTS = ("current_label", "confirmed_count", "failed_count", "uncertain_count", "reprinted_count")
TIMES = ("submitted_date", "started_date", "completed_date")


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    @api.model
    def _export_header(self, extended):
        if not extended:
            return super()._export_header(extended)
        words = [
            self.env._("Date"), self.env._("MO Reference"), self.env._("Quantity"), self.env._("Status"),
            self.env._("Job Type"), self.env._("Submitted By"), self.env._("Error Message"), self.env._("Job"),
            self.env._("Printer"), self.env._("Product"), self.env._("Lots"), self.env._("Attempts"),
            self.env._("Labels Printed"), self.env._("Labels Confirmed"), self.env._("Labels Failed"),
            self.env._("Labels Uncertain"), self.env._("Labels Printed Again"), self.env._("Evidence"),
            self.env._("Handed to Server"), self.env._("Printing Started"), self.env._("Ended"),
            self.env._("Seconds Waited"), self.env._("Seconds Printed"), self.env._("Copy of Job"),
            self.env._("Reason for Printing Again"), self.env._("Reason for Cancelling"),
            self.env._("Reason for Setting Aside"), self.env._("Server Job"),
        ]  # fmt: skip
        codes = [
            self.env._("Status (Code)"), self.env._("Job Type (Code)"), self.env._("Evidence (Code)"),
            self.env._("Reason for Printing Again (Code)"), self.env._("Reason for Cancelling (Code)"),
            self.env._("Reason for Setting Aside (Code)"), self.env._("Error Code"),
        ]  # fmt: skip
        return words + codes

    def _extended_export_cells(self, query, tz):
        """In the order of `_export_header`."""
        job = self._export_column
        date, order, quantity, _status, _job_type, person, error = self._export_cells(tz)
        words = {name: self._export_words(name) for name in CODED}
        printer = self._export_cell_of(
            SQL("SELECT id AS key, %s AS cell FROM printer_configuration", text_cell(SQL("name"))),
            SQL("%s::text", job("printer_id")),
        )
        product = self._export_cell_of(self._export_products(query), SQL("%s::text", job("product_id")))
        seconds = "floor(extract(epoch FROM %s - %s))::bigint"
        return [
            date, order, quantity, words["status"], words["job_type"], person, error,
            job("id"), printer, product, text_cell(job("lot_display")), job("attempt_number"),
            *(SQL("COALESCE(%s, 0)", job(name)) for name in COUNTS),
            words["evidence"],
            *(time_cell(job(name), tz) for name in TIMES),
            SQL(seconds, job("started_date"), job("create_date")),
            SQL(seconds, job("completed_date"), job("started_date")),
            job("copy_of_id"), words["copy_reason"], words["cancel_reason"], words["set_aside_reason"],
            text_cell(job("flask_job_id")),
            *(job(name) for name in CODED), text_cell(job("error_code")),
        ]  # fmt: skip

    def _export_products(self, query):
        """The products of these jobs as the reader's lists show them, with code and variant, as finished cells.

        Only Odoo knows how these names are made; a history has many jobs of few products.
        """
        rows = self.env.execute_query(query.subselect(SQL("DISTINCT %s", self._export_column("product_id"))))
        products = self.env["product.product"].sudo().browse(id_ for (id_,) in rows if id_)  # as a job shows them
        cells = [csv_cell(product.display_name or "") for product in products]
        return SQL("SELECT * FROM unnest(%s::integer[], %s::text[]) AS names(key, cell)", products.ids, cells)

    def _export_words(self, name):
        """What a selection's value means to this reader, as a finished cell; a value of another release as it is."""
        selection = self._fields[name]._description_selection(self.env)
        rows = SQL(", ").join(SQL("(%s, %s)", value, csv_cell(str(words))) for value, words in selection)
        cells = SQL("SELECT * FROM (VALUES %s) AS words(key, cell)", rows)
        value = self._export_column(name)
        return SQL("COALESCE(%s, %s)", self._export_cell_of(cells, value), text_cell(value))
