"""The print history as a CSV file: what the list shows, or what is selected in it, however much that is.

The seven columns of the specification; label_print_job_export_extended.py has the others.

One statement, made of the model's own search, so that record rules hold, writes finished lines: a million jobs go
through neither the ORM nor a loop in Python. How a cell looks is said in services/export/history_csv.py.
"""

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from ..services.export.history_csv import CELL_WITHIN, FORMULA, HEADER, NONE, NUMBER, SPECIAL, csv_cell
from ..services.wording import error_catalogue
from .archived_jobs import ALL_JOBS


def text_cell(text):
    """`history_csv.csv_cell` of an SQL expression."""
    escaped = SQL(
        """regexp_replace(CASE WHEN %(text)s ~ %(formula)s AND %(text)s !~ %(number)s
                               THEN '''' || %(text)s ELSE %(text)s END,
                          %(within)s, '\\1''', 'g')""",
        text=text,
        formula=FORMULA,
        number=NUMBER,
        within=CELL_WITHIN,
    )
    return SQL(
        """CASE WHEN %(text)s ~ %(special)s AND %(text)s <> %(none)s
                THEN '"' || replace(%(escaped)s, '"', '""') || '"' ELSE %(text)s END""",
        text=text,
        special=SPECIAL,
        none=NONE,
        escaped=escaped,
    )


def time_cell(time, tz):
    """A naive UTC time in the reader's zone, to the second."""
    return SQL("date_trunc('second', %s AT TIME ZONE 'UTC' AT TIME ZONE %s)", time, tz)


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    def action_export_history(self):
        """Export filtered print history to CSV."""
        return self._export_history(extended=False)

    def action_export_history_extended(self):
        """Export filtered print history to CSV, with all that is known of each job."""
        return self._export_history(extended=True)

    def _check_may_export(self):
        """:raise AccessError: for who may not read print jobs, or not export"""
        if not self.env.user.has_group("base.group_allow_export"):
            raise AccessError(self.env._("You do not have the right to export data. Ask your administrator for it."))
        self.browse().check_access("read")

    def _export_history(self, extended):
        self._check_may_export()
        return self.env["label.print.export"]._make(self._export_domain(), self._export_order(), extended)

    def _export_domain(self):
        """What the user sees in the list: the selection when there is one, else the list's own domain."""
        context = self.env.context
        jobs = self
        if not jobs and context.get("active_model") == self._name:
            jobs = self.browse(context.get("active_ids") or ())
        if not jobs:
            return Domain(context.get("active_domain") or [])
        whole = jobs._cut_selection()
        return ALL_JOBS & Domain("id", "in", jobs.ids) if whole is None else whole

    def _export_order(self):
        """As the list is sorted; newest first where it does not say."""
        order = self.env.context.get("active_order")
        return self._screen_order(order if isinstance(order, str) else None) or "id desc"

    @api.model
    def _export_statement(self, domain, order, separator, tz, extended):
        """A statement whose rows are the lines of the file, without the header and without the ends of the lines."""
        self.env.flush_all()
        query = self._search(domain, order=order)
        cells = self._export_cells(tz) if not extended else self._extended_export_cells(query, tz)
        between = SQL(", %s, ", separator)
        return query.select(SQL("concat(%s)", between.join(cells)))

    @api.model
    def _export_header(self, extended):
        """What the columns are called."""
        return list(HEADER)

    def _export_cells(self, tz):
        """The specification's seven columns."""
        job = self._export_column
        person = self._export_cell_of(
            SQL("SELECT u.id AS key, %s AS cell FROM res_users u JOIN res_partner p ON p.id = u.partner_id",
                text_cell(SQL("p.name"))),
            SQL("%s::text", job("submitted_by")),
        )  # fmt: skip
        words = self._export_cell_of(self._error_words(), job("error_code"))
        order = SQL(
            "COALESCE(NULLIF(%s, ''), (SELECT NULLIF(mo.name, '') FROM mrp_production mo WHERE mo.id = %s), %s)",
            job("mo_reference"),
            job("mo_id"),
            NONE,
        )
        # A message is rare; where there is none, what its code means has been made a cell already.
        message = SQL("NULLIF(%s, '')", job("error_message"))
        error = SQL(
            "CASE WHEN %(message)s IS NOT NULL THEN %(cell)s ELSE COALESCE(%(words)s, %(code)s) END",
            message=message,
            cell=text_cell(message),
            words=words,
            code=text_cell(job("error_code")),
        )
        return [
            time_cell(job("create_date"), tz),
            text_cell(order),
            job("quantity"),
            job("status"),
            job("job_type"),
            person,
            error,
        ]

    def _export_column(self, name):
        return SQL.identifier(self._table, name)

    def _export_cell_of(self, cells, key):
        """The finished cell of a key, by a table of few keys, which the database reads once.

        A join of some dozen rows would be made anew for each job: to keep the order, PostgreSQL takes a nested loop.

        :param cells: a statement with two columns, ``key`` and ``cell``
        :param key: an expression of the job, as text
        """
        return SQL("((SELECT jsonb_object_agg(few.key, few.cell) FROM (%s) few) ->> %s)", cells, key)

    def _error_words(self):
        """What each code of the catalogue means to this reader, as finished cells."""
        rows = [
            SQL("(%s, %s)", code, csv_cell(self.env._(error_catalogue.advice(code).message)))
            for code in error_catalogue.ENTRIES
        ]
        return SQL("SELECT * FROM (VALUES %s) AS words(key, cell)", SQL(", ").join(rows))
