"""Labels and failures by shift, printer, product, reason, person and hour of day: each attempt that has ended, and what
waits now.

What an attempt brought to paper counts when it ended, as on the overview. Read are the rows that are stored for
attempts (label_print_attempt_figure.py), without a join; until all have one, those that are missing are computed here.
"""

from odoo import api, fields, models
from odoo.tools import SQL

from . import label_print_attempt_figure_rows as figure_rows
from .label_print_job import JOB_TYPES

# Of a group's rows; the names are those of the fields. Each shift counts once, however many attempts ended in it, and
# one that is not over counts the minutes that it has lasted; in groups by hour of day each shift counts one hour.
LASTED = f"date_part('epoch', now())::bigint / 60 - key %% {figure_rows.KEY_OF_COMPANY} / {figure_rows.KEY_OF_LENGTH}"
RATES = {
    "failure_rate": "100.0 * SUM(%(failures)s) / NULLIF(SUM(%(runs)s), 0)",
    "failure_share": "100.0 * SUM(%(failures)s) / NULLIF(%(all_runs)s, 0)",
    "labels_per_hour": f"""60.0 * SUM(%(labels)s) FILTER (WHERE %(shift_key)s IS NOT NULL)
        / (SELECT CASE WHEN %(by_hour)s THEN 60 * COUNT(*)
                       ELSE SUM(greatest(1, least(key %% {figure_rows.KEY_OF_LENGTH}, {LASTED}))) END
             FROM unnest(array_agg(DISTINCT %(shift_key)s)) key WHERE key IS NOT NULL)""",  # noqa: S608 - constants
}
# In the context while groups are read: whether they are by hour of day, or some of several sets are.
BY_HOUR = "label_print_by_hour"
STORED = [name for name in figure_rows.COLUMNS if name != "first_label_seconds"]
SHOWN = """
    SELECT %(columns)s, first_label_seconds, first_label_seconds AS longest_first_label_seconds,
           %(waiting_hours)s AS waiting_hours, NULL::float8 AS failure_rate, NULL::float8 AS failure_share,
           NULL::float8 AS labels_per_hour
      FROM %(rows)s AS rows
"""


class LabelPrintAttemptReport(models.Model):
    _name = "label.print.attempt.report"
    _description = "Labels and Failures"
    _auto = False
    _log_access = False
    _order = "ended_date desc, id desc"
    _rec_name = "job_id"
    _depends = {
        "label.print.attempt.figure": list(figure_rows.COLUMNS[1:]),
        "label.print.attempt": [
            "job_id", "number", "ended_date", "started_date", "printer_id", "submitted_by", "outcome", "error_kind",
            "added_count", "failed_count", "uncertain_count",
        ],
        "label.print.job": [
            "company_id", "product_id", "mo_reference", "job_type", "submitted_by", "create_date", "status",
            "attempt_number",
        ],
        "label.print.shift": ["active", "company_id", "from_hour", "to_hour"],
        "res.company": ["resource_calendar_id", "partner_id"],
        "resource.calendar": ["tz"],
    }  # fmt: skip

    job_id = fields.Many2one("label.print.job", "Print Job", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    ended_date = fields.Datetime("Ended", readonly=True, help="Of a job that waits: now.")
    day = fields.Date(
        readonly=True, help="By the clock of the company's working hours. A shift over midnight is of its first day."
    )
    hour = fields.Char("Hour of Day", readonly=True, help="By the clock of the company's working hours.")
    shift_id = fields.Many2one("label.print.shift", readonly=True)
    printer_id = fields.Many2one("printer.configuration", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    mo_reference = fields.Char("Order", readonly=True, help="The order's name when its labels were asked for.")
    user_id = fields.Many2one("res.users", "Person", readonly=True, help="Who started the attempt.")
    job_type = fields.Selection(JOB_TYPES, readonly=True)
    outcome = fields.Selection("_selection_outcome", readonly=True)
    error_kind = fields.Selection("_selection_error_kind", "Reason", readonly=True, help="Of what failed.")

    labels = fields.Integer("Labels Printed", readonly=True)
    lost = fields.Integer("Labels Failed or Uncertain", readonly=True)
    runs = fields.Integer("Attempts", readonly=True, help="Those that have ended, without cancelled ones.")
    failures = fields.Integer("Failed Attempts", readonly=True, help="No label, or not all labels, came out.")
    failure_rate = fields.Float(
        "Failure Rate (%)", readonly=True, aggregator="avg",
        help="Failed attempts, of the attempts of the same group.",
    )  # fmt: skip
    failure_share = fields.Float(
        "Failures of All Attempts (%)", readonly=True, aggregator="avg",
        help="Failed attempts of the group, of all attempts that the search finds: for groups by reason.",
    )  # fmt: skip
    labels_per_hour = fields.Float(
        "Labels an Hour", readonly=True, aggregator="avg",
        help="Of the hours of the shifts in which something was printed or failed.",
    )  # fmt: skip
    first_label_seconds = fields.Float(
        "Click to First Label (s)", readonly=True, aggregator="avg",
        help="From when labels were asked for until the printer began with the first one, by the print server's clock.",
    )  # fmt: skip
    longest_first_label_seconds = fields.Float("Longest Click to First Label (s)", readonly=True, aggregator="max")
    waiting_hours = fields.Float(
        "Oldest Waiting Job (h)", readonly=True, aggregator="max", help="For how long it has been waiting by now."
    )

    @api.model
    def _selection_outcome(self):
        return self.env["label.print.attempt"]._selection_outcome()

    @api.model
    def _selection_error_kind(self):
        return self.env["label.print.job"]._selection_error_kind()

    @property
    def _table_query(self):
        parts = [
            self._shown(SQL.identifier("label_print_attempt_figure"), SQL("NULL::float8")),
            self._shown(SQL("(%s)", figure_rows.rows_of_waiting(self.env.cr)), SQL("waiting_hours")),
        ]
        if up_to := self.env["label.print.attempt.figure"]._missing_up_to():
            missing = SQL(
                "a.id <= %s AND NOT EXISTS (SELECT FROM label_print_attempt_figure stored WHERE stored.id = a.id)",
                up_to,
            )
            rows = figure_rows.rows_of_ended(self.env.cr, missing, figure_rows.ALL_DAYS)
            parts.append(self._shown(SQL("(%s)", rows), SQL("NULL::float8")))
        return SQL(" UNION ALL ").join(parts)

    def _shown(self, rows, waiting_hours):
        columns = SQL(", ").join(map(SQL.identifier, STORED))
        return SQL(SHOWN, columns=columns, rows=rows, waiting_hours=waiting_hours)

    @api.model
    def _read_group(self, domain, groupby=(), *args, **options):
        grouped = self.with_context(**{BY_HOUR: "hour" in groupby})
        return super(LabelPrintAttemptReport, grouped)._read_group(domain, groupby, *args, **options)

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, *args, **options):
        by_hour = "in some" if any("hour" in names for names in grouping_sets) else False
        grouped = self.with_context(**{BY_HOUR: by_hour})
        return super(LabelPrintAttemptReport, grouped)._read_grouping_sets(domain, grouping_sets, *args, **options)

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """A group's rate is that of its sums, and not the mean of its rows' rates."""
        name, _colon, function = aggregate_spec.partition(":")
        if name not in RATES or function != "avg":
            return super()._read_group_select(aggregate_spec, query)
        terms = {field: self._field_to_sql(self._table, field, query) for field in ("failures", "runs", "labels")}
        by_hour = self.env.context.get(BY_HOUR)
        if by_hour == "in some":
            by_hour = SQL("GROUPING(%s) = 0", self._read_group_groupby(self._table, "hour", query))
        return SQL(
            f"({RATES[name]})",
            **terms,
            # What waits or was cancelled was no work of its shift.
            shift_key=SQL(
                "CASE WHEN %s > 0 OR %s > 0 THEN %s END",
                terms["runs"],
                terms["labels"],
                SQL.identifier(self._table, "shift_key"),
            ),
            by_hour=by_hour or False,
            all_runs=SQL(
                "(SELECT SUM(%s) FROM %s WHERE %s)", terms["runs"], query.from_clause, query.where_clause or SQL("TRUE")
            ),
        )
