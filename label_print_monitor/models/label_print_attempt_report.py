"""Labels and failures by shift, printer, product, reason, person and hour of day: each attempt that has ended, and what
waits now.

What an attempt brought to paper counts when it ended, as on the overview. The shift and the hour are those of the clock
of the company's working hours, whoever reads. A filter asks for `ended_date`, so that PostgreSQL reads the index of
ended attempts, and for a month of them what they belong to; the shifts of all days are made once and joined by their
day.
"""

from odoo import api, fields, models
from odoo.tools import SQL

from ..services.lifecycle.job_lifecycle import FAILED, WAITING
from .label_print_job import JOB_TYPES

# Of a group's rows; the names are those of the fields. Each shift counts once, however many attempts ended in it: its
# minutes are the last digits of its key.
RATES = {
    "failure_rate": "100.0 * SUM(%(failures)s) / NULLIF(SUM(%(runs)s), 0)",
    "failure_share": "100.0 * SUM(%(failures)s) / NULLIF(%(all_runs)s, 0)",
    "labels_per_hour": """60.0 * SUM(%(labels)s) FILTER (WHERE %(shift_key)s IS NOT NULL)
                         / (SELECT SUM(key %% 10000) FROM unnest(array_agg(DISTINCT %(shift_key)s)) key)""",
}
# Each shift of each company by days of its own clock, under each date that it touches. The hours of the clocks that are
# there twice, or not at all, are as services/lifecycle/shifts.py has them.
SHIFTS = """
    SELECT zone.company_id, s.id AS shift_id, of_day.day, touched.day AS touches, lasts.since, lasts.until,
           extract(epoch FROM lasts.since)::bigint / 60 * 10000
             + greatest(1, extract(epoch FROM least(lasts.until, now() AT TIME ZONE 'UTC') - lasts.since) / 60)::bigint
             AS shift_key
      FROM zone
      JOIN label_print_shift s ON s.active
           AND (s.company_id = zone.company_id OR s.company_id IS NULL AND NOT EXISTS (
                   SELECT FROM label_print_shift own WHERE own.active AND own.company_id = zone.company_id))
CROSS JOIN LATERAL (SELECT round(s.from_hour * 60)::int AS begins, round(s.to_hour * 60)::int AS ends) AS said
CROSS JOIN LATERAL (SELECT said.begins + ((said.ends - said.begins - 1) %% 1440 + 1440) %% 1440 + 1 AS ends) AS clock
CROSS JOIN (SELECT d::date AS day
              FROM generate_series((SELECT min(ended_date) FROM label_print_attempt)::date - 1,
                                   (now() AT TIME ZONE 'UTC')::date + 1, interval '1 day') d) AS of_day
CROSS JOIN LATERAL (
           SELECT (of_day.day + said.begins * interval '1 minute') AT TIME ZONE zone.tz AT TIME ZONE 'UTC' AS since,
                  (of_day.day + clock.ends * interval '1 minute') AT TIME ZONE zone.tz AT TIME ZONE 'UTC' AS until
           ) AS lasts
CROSS JOIN LATERAL (SELECT of_day.day UNION ALL SELECT of_day.day + 1 WHERE clock.ends > 1440) AS touched
"""
ZONES = """
    SELECT c.id AS company_id, COALESCE(working.tz, p.tz, 'UTC') AS tz
      FROM res_company c JOIN res_partner p ON p.id = c.partner_id
 LEFT JOIN resource_calendar working ON working.id = c.resource_calendar_id
"""
# Their ids are negative.
NOW_WAITING = """
    SELECT -j.id AS id, j.id AS job_id, now() AT TIME ZONE 'UTC' AS ended_date, a.printer_id, a.submitted_by,
           NULL AS outcome, NULL AS error_kind, 0 AS labels, 0 AS lost, NULL::timestamp AS started_date,
           extract(epoch FROM now() AT TIME ZONE 'UTC' - a.create_date) / 3600 AS waiting_hours
      FROM label_print_job j JOIN label_print_attempt a ON a.job_id = j.id AND a.number = j.attempt_number
     WHERE j.status IN %(waiting)s AND a.ended_date IS NULL
"""
ENDED = """
    SELECT a.id, a.job_id, a.ended_date, a.printer_id, a.submitted_by, a.outcome, a.error_kind,
           COALESCE(a.added_count, 0) AS labels, COALESCE(a.failed_count, 0) + COALESCE(a.uncertain_count, 0) AS lost,
           CASE WHEN a.number = 1 THEN a.started_date END AS started_date, NULL AS waiting_hours
      FROM label_print_attempt a WHERE a.ended_date IS NOT NULL
"""
SOURCE = """
      WITH zone AS MATERIALIZED (%(zones)s), shift AS MATERIALIZED (%(shifts)s)
    SELECT said.id, said.job_id, said.ended_date, said.printer_id, j.company_id, j.product_id, j.mo_reference,
           j.job_type, COALESCE(said.submitted_by, j.submitted_by) AS user_id, said.outcome, said.labels, said.lost,
           CASE WHEN said.outcome IN %(failed)s THEN said.error_kind END AS error_kind,
           CASE WHEN said.outcome <> 'cancelled' THEN 1 ELSE 0 END AS runs,
           CASE WHEN said.outcome IN %(failed)s THEN 1 ELSE 0 END AS failures,
           first_label.seconds AS first_label_seconds, first_label.seconds AS longest_first_label_seconds,
           said.waiting_hours, NULL::float8 AS failure_rate, NULL::float8 AS failure_share,
           NULL::float8 AS labels_per_hour, shift.shift_id, COALESCE(shift.day, clock.at::date) AS day, shift.shift_key,
           lpad(extract(hour FROM clock.at)::text, 2, '0') || ':00' AS hour
      FROM (%(ended)s UNION ALL %(waits)s) AS said
      JOIN label_print_job j ON j.id = said.job_id
      JOIN zone ON zone.company_id = j.company_id
CROSS JOIN LATERAL (SELECT said.ended_date AT TIME ZONE 'UTC' AT TIME ZONE zone.tz AS at) AS clock
CROSS JOIN LATERAL (SELECT CASE WHEN said.started_date IS NOT NULL
                                THEN greatest(0, extract(epoch FROM said.started_date - j.create_date)) END AS seconds
                   ) AS first_label
 LEFT JOIN shift ON shift.company_id = j.company_id AND shift.touches = clock.at::date
           AND said.ended_date >= shift.since AND said.ended_date < shift.until
"""


class LabelPrintAttemptReport(models.Model):
    _name = "label.print.attempt.report"
    _description = "Labels and Failures"
    _auto = False
    _log_access = False
    _order = "ended_date desc, id desc"
    _rec_name = "job_id"
    _depends = {
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
    longest_first_label_seconds = fields.Float(
        "Longest Click to First Label (s)", readonly=True, aggregator="max"
    )
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
        return SQL(
            SOURCE,
            zones=SQL(ZONES),
            shifts=SQL(SHIFTS),
            ended=SQL(ENDED),
            waits=SQL(NOW_WAITING, waiting=tuple(WAITING)),
            failed=tuple(FAILED),
        )

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """A group's rate is that of its sums, and not the mean of its rows' rates."""
        name, _colon, function = aggregate_spec.partition(":")
        if name not in RATES or function != "avg":
            return super()._read_group_select(aggregate_spec, query)
        terms = {field: self._field_to_sql(self._table, field, query) for field in ("failures", "runs", "labels")}
        return SQL(
            f"({RATES[name]})",
            **terms,
            shift_key=SQL.identifier(self._table, "shift_key"),
            all_runs=SQL(
                "(SELECT SUM(%s) FROM %s WHERE %s)", terms["runs"], query.from_clause, query.where_clause or SQL("TRUE")
            ),
        )
