"""The SQL of what each attempt brought, and in which shift of which day: for the stored rows and for what waits now.

Days, hours and shifts are those of the clock of the company's working hours, whoever reads.
"""

import pytz
from odoo.tools import SQL

from ..services.lifecycle.job_lifecycle import FAILED, WAITING

# A shift's length is the last four digits of its key, in minutes; the eight before say when it began, in minutes since
# 1970; what is left is the company.
KEY_OF_LENGTH, KEY_OF_COMPANY = 10**4, 10**12
# Of attempts and jobs, what the rows are made of.
OF_ATTEMPT = frozenset(
    {
        "ended_date", "started_date", "printer_id", "submitted_by", "outcome", "error_kind", "added_count",
        "failed_count", "uncertain_count",
    }
)  # fmt: skip
OF_JOB = ("company_id", "product_id", "mo_reference", "job_type", "submitted_by", "create_date")
COLUMNS = (
    "id", "job_id", "ended_date", "day", "hour", "shift_id", "shift_key", "company_id", "printer_id", "product_id",
    "mo_reference", "user_id", "job_type", "outcome", "error_kind", "labels", "lost", "runs", "failures",
    "first_label_seconds",
)  # fmt: skip

# Odoo offers names of time zones that PostgreSQL may not know: some systems leave the old ones out.
ZONES = """
    SELECT company_id, CASE WHEN tz = ANY(%(unknown)s) THEN 'UTC' ELSE tz END AS tz
      FROM (SELECT c.id AS company_id, COALESCE(working.tz, p.tz, 'UTC') AS tz
              FROM res_company c JOIN res_partner p ON p.id = c.partner_id
         LEFT JOIN resource_calendar working ON working.id = c.resource_calendar_id) AS said
"""
_unknown_zones: dict[str, list[str]] = {}  # by database: PostgreSQL reads its names from a directory
# Each shift of each company by days of its own clock, under each date that it touches. The hours of the clocks that are
# there twice, or not at all, are as services/lifecycle/shifts.py has them; where a clock goes forward, a shift ends
# when the next one begins.
SHIFTS = f"""
    SELECT shift.company_id, shift.shift_id, shift.day, touched.day AS touches, shift.since, shift.until,
           shift.company_id * {KEY_OF_COMPANY} + date_part('epoch', shift.since)::bigint / 60 * {KEY_OF_LENGTH}
             + date_part('epoch', shift.until - shift.since)::bigint / 60 AS shift_key
      FROM (
    SELECT zone.company_id, s.id AS shift_id, of_day.day, clock.ends, lasts.since,
           least(lasts.until, lead(lasts.since) OVER (PARTITION BY zone.company_id ORDER BY lasts.since, s.id)) AS until
      FROM zone
      JOIN label_print_shift s ON s.active
           AND (s.company_id = zone.company_id OR s.company_id IS NULL AND NOT EXISTS (
                   SELECT FROM label_print_shift own WHERE own.active AND own.company_id = zone.company_id))
CROSS JOIN LATERAL (SELECT round(s.from_hour * 60)::int AS begins, round(s.to_hour * 60)::int AS ends) AS said
CROSS JOIN LATERAL (SELECT said.begins + ((said.ends - said.begins - 1) %% 1440 + 1440) %% 1440 + 1 AS ends) AS clock
CROSS JOIN (%(days)s) AS of_day
CROSS JOIN LATERAL (
           SELECT (of_day.day + said.begins * interval '1 minute') AT TIME ZONE zone.tz AT TIME ZONE 'UTC' AS since,
                  (of_day.day + clock.ends * interval '1 minute') AT TIME ZONE zone.tz AT TIME ZONE 'UTC' AS until
           ) AS lasts
           ) AS shift
CROSS JOIN LATERAL (SELECT shift.day UNION ALL SELECT shift.day + 1 WHERE shift.ends > 1440) AS touched
"""  # noqa: S608 - made of constants
# A shift that lasts at a moment began on the date of it in UTC, up to two days before or one after, by its own clock;
# the next one on the day after that at the latest.
DAYS_OF_ROWS = "SELECT DISTINCT said.ended_date::date + n AS day FROM said, generate_series(-2, 2) n"
ALL_DAYS = """
    SELECT d::date AS day FROM generate_series((SELECT min(ended_date) FROM label_print_attempt)::date - 2,
                                               (SELECT max(ended_date) FROM label_print_attempt)::date + 2,
                                               interval '1 day') d
"""
ENDED = """
    SELECT a.id, a.job_id, a.ended_date, a.printer_id, a.submitted_by, a.outcome, a.error_kind,
           COALESCE(a.added_count, 0) AS labels, COALESCE(a.failed_count, 0) + COALESCE(a.uncertain_count, 0) AS lost,
           CASE WHEN a.number = 1 THEN a.started_date END AS started_date, NULL::float8 AS waiting_hours
      FROM label_print_attempt a WHERE a.ended_date IS NOT NULL AND %(which)s
"""
# Their ids are negative.
NOW_WAITING = """
    SELECT -j.id AS id, j.id AS job_id, now() AT TIME ZONE 'UTC' AS ended_date, a.printer_id, a.submitted_by,
           NULL AS outcome, NULL AS error_kind, 0 AS labels, 0 AS lost, NULL::timestamp AS started_date,
           date_part('epoch', now() AT TIME ZONE 'UTC' - a.create_date) / 3600 AS waiting_hours
      FROM label_print_job j JOIN label_print_attempt a ON a.job_id = j.id AND a.number = j.attempt_number
     WHERE j.status IN %(waiting)s AND a.ended_date IS NULL
"""
ROWS = """
      WITH said AS (%(said)s), zone AS MATERIALIZED (%(zones)s), shift AS MATERIALIZED (%(shifts)s)
    SELECT said.id, said.job_id, said.ended_date, said.printer_id, j.company_id, j.product_id, j.mo_reference,
           j.job_type, COALESCE(said.submitted_by, j.submitted_by) AS user_id, said.outcome, said.labels, said.lost,
           CASE WHEN said.outcome IN %(failed)s THEN said.error_kind END AS error_kind,
           CASE WHEN said.outcome <> 'cancelled' THEN 1 ELSE 0 END AS runs,
           CASE WHEN said.outcome IN %(failed)s THEN 1 ELSE 0 END AS failures,
           CASE WHEN said.started_date IS NOT NULL
                THEN greatest(0, date_part('epoch', said.started_date - j.create_date)) END AS first_label_seconds,
           said.waiting_hours, shift.shift_id, COALESCE(shift.day, clock.at::date) AS day, shift.shift_key,
           to_char(clock.at, 'HH24:00') AS hour
      FROM said
      JOIN label_print_job j ON j.id = said.job_id
      JOIN zone ON zone.company_id = j.company_id
CROSS JOIN LATERAL (SELECT said.ended_date AT TIME ZONE 'UTC' AT TIME ZONE zone.tz AS at) AS clock
 LEFT JOIN shift ON shift.company_id = j.company_id AND shift.touches = clock.at::date
           AND said.ended_date >= shift.since AND said.ended_date < shift.until
"""
# By what rows are stored: they have to be stored again when it is another.
RULES = """
    SELECT COALESCE(string_agg(line, ' ' ORDER BY line), '') FROM (
        SELECT concat_ws(':', company_id, tz) FROM (%(zones)s) AS zone
     UNION ALL
        SELECT concat_ws(':', id, COALESCE(company_id, 0), from_hour, to_hour) FROM label_print_shift WHERE active
    ) AS said (line)
"""
STORE = """
    INSERT INTO label_print_attempt_figure AS stored (%(columns)s)
    SELECT %(columns)s FROM (%(rows)s) AS rows ORDER BY id
    ON CONFLICT (id) DO UPDATE SET (%(columns)s) = ROW(%(new)s) WHERE (%(old)s) IS DISTINCT FROM (%(new)s)
"""


def zones(cr):
    """The time zone of each company; UTC for one that PostgreSQL does not know."""
    if cr.dbname not in _unknown_zones:
        cr.execute("SELECT name FROM pg_timezone_names")
        _unknown_zones[cr.dbname] = sorted({*pytz.all_timezones} - {name for (name,) in cr.fetchall()})
    return SQL(ZONES, unknown=_unknown_zones[cr.dbname])


def rules(cr):
    """By which shifts and time zones rows are stored, as a query of one text."""
    return SQL(RULES, zones=zones(cr))


def rows_of_ended(cr, which, days=DAYS_OF_ROWS):
    """The rows of attempts ``a`` that have ended.

    :param SQL which: condition on them
    :param str days: the days of which shifts are needed; `ALL_DAYS` where a condition on the rows is to reach the index
        of ended attempts, which it only does while the attempts are read once
    """
    return _rows(cr, SQL(ENDED, which=which), days)


def rows_of_waiting(cr):
    """A row for each job that waits now."""
    return _rows(cr, SQL(NOW_WAITING, waiting=tuple(WAITING)), DAYS_OF_ROWS)


def _rows(cr, said, days):
    return SQL(ROWS, said=said, zones=zones(cr), shifts=SQL(SHIFTS, days=SQL(days)), failed=tuple(FAILED))


def store(cr, which):
    """Bring the stored rows of ended attempts ``a`` up to date; one that says what it said before is not written."""

    def columns(table=""):
        return SQL(", ").join(SQL.identifier(table, name) if table else SQL.identifier(name) for name in COLUMNS)

    return SQL(STORE, columns=columns(), rows=rows_of_ended(cr, which), new=columns("excluded"), old=columns("stored"))
