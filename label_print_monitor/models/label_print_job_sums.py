"""Sums over a long history, as its pivot and graph ask for them: the jobs are counted once, their counts summed up.

Odoo's statement groups the jobs by each set of the view and by dates in the reader's time zone. PostgreSQL cannot
guess how few groups come of that, so it sorts a million rows, in one process. Here the jobs are first counted by the
columns alone, which several processes do from an index, or day by day in the order of the index. What comes of that, a
row for each day, printer and status, takes the place of the table in Odoo's own statement.
"""

from dataclasses import dataclass
from datetime import datetime

import pytz
from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.query import Query

from .archived_jobs import asks_about_archived

# Columns with few different values: of others there are about as many groups as jobs.
FEW_VALUES = frozenset(
    {
        "status", "job_type", "priority", "evidence", "error_kind", "copy_reason", "cancel_reason", "set_aside_reason",
        "printer_id", "server_id", "company_id", "product_id", "submitted_by", "cancelled_by",
    }
)  # fmt: skip
DAY_OR_LONGER = frozenset({"day", "week", "month", "quarter", "year"})
# What a filter may ask about where days are gone through one by one: the index has all of it. A filter that lets few
# jobs through has a better index of its own.
IN_THE_INDEX = frozenset({"create_date", "job_type", "company_id", "active"})
ROWS = "row_count"


@dataclass(frozen=True)
class SummedDomain:
    """A domain whose jobs are wanted as sums; only `_search` reads it."""

    domain: Domain
    columns: tuple[str, ...]
    sums: tuple[str, ...]
    by_day: bool
    active_test: bool


class SummedQuery(Query):
    """A query of sums: each of its rows stands for as many jobs as its `ROWS` says."""


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    @api.model
    def _read_group(self, domain, groupby=(), aggregates=(), having=(), offset=0, limit=None, order=None):
        domain = self._summed_domain(domain, [groupby], aggregates)
        return super()._read_group(domain, groupby, aggregates, having, offset, limit, order)

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        domain = self._summed_domain(domain, grouping_sets, aggregates)
        return super()._read_grouping_sets(domain, grouping_sets, aggregates, order)

    @api.model
    def _search(self, domain, *args, **options):
        if isinstance(domain, SummedDomain):
            return self._summed_query(domain)
        return super()._search(domain, *args, **options)

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        if not isinstance(query, SummedQuery):
            return super()._read_group_select(aggregate_spec, query)
        if aggregate_spec == "__count":
            return SQL("COALESCE(SUM(%s), 0)::bigint", SQL.identifier(self._table, ROWS))
        return SQL("%s::bigint", super()._read_group_select(aggregate_spec, query))

    @api.model
    def _summed_domain(self, domain, grouping_sets, aggregates):
        """:return: the domain, as a `SummedDomain` where everything that is asked for can be had from sums"""
        if isinstance(domain, SummedDomain):
            return domain
        specs = {spec for groupby in grouping_sets for spec in groupby}
        days = {spec for spec in specs if spec.startswith("create_date:")}
        sums = {spec for spec in aggregates if spec != "__count"}
        if (
            not specs - days <= FEW_VALUES
            or not {spec.partition(":")[2] for spec in days} <= DAY_OR_LONGER
            or not all(self._is_sum(spec) for spec in sums)
        ):
            return domain
        whole = Domain(domain).optimize_full(self)
        fields = {condition.field_expr for condition in whole.iter_conditions()}
        if days and not fields <= IN_THE_INDEX:
            return domain
        columns, summed = sorted(specs - days), sorted(spec.partition(":")[0] for spec in sums)
        return SummedDomain(whole, tuple(columns), tuple(summed), bool(days), not asks_about_archived(domain))

    def _is_sum(self, spec):
        name, _colon, function = spec.partition(":")
        field = self._fields.get(name)
        return function == "sum" and field is not None and field.store and field.type == "integer"

    def _summed_query(self, asked):
        """The jobs of a domain as sums, in place of the table."""
        query = self._search(asked.domain, active_test=asked.active_test)
        if query.is_empty():
            return query
        columns = [SQL.identifier(self._table, name) for name in asked.columns]
        cells = [
            *columns,
            *(SQL("SUM(%s) AS %s", SQL.identifier(self._table, name), SQL.identifier(name)) for name in asked.sums),
            SQL("COUNT(*) AS %s", SQL.identifier(ROWS)),
        ]
        query.groupby = SQL(", ").join(columns) if columns else None
        if asked.by_day:
            table = self._summed_by_day(asked, query, cells)
        else:
            table = query.select(*cells)
        return SummedQuery(self.env, self._table, SQL("(%s)", table))

    def _summed_by_day(self, asked, query, cells):
        """The same for each day in the reader's time zone; `create_date` is a time within the day.

        The time zone is applied to the beginning of each day, where Odoo's own statement applies it to each job.
        """
        created = SQL.identifier(self._table, "create_date")
        query.add_where(SQL("%(at)s >= of_day.begins AND %(at)s < of_day.ends", at=created))
        having = SQL("COUNT(*) > 0")  # without columns there is a row for a day without jobs, too
        query.having, query.groupby = having, query.groupby or SQL("()")
        tz = self.env.context.get("tz")
        first, last = self._bounds(asked.domain)
        return SQL(
            """
            SELECT sums.*
              FROM (SELECT day AT TIME ZONE %(tz)s AT TIME ZONE 'UTC' AS begins,
                           (day + interval '1 day') AT TIME ZONE %(tz)s AT TIME ZONE 'UTC' AS ends
                      FROM generate_series(
                               date_trunc('day', GREATEST((SELECT min(create_date) FROM %(table)s), %(first)s)
                                                 AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s),
                               LEAST((SELECT max(create_date) FROM %(table)s), %(last)s)
                                   AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s,
                               interval '1 day') AS day
                    OFFSET 0) AS of_day
             CROSS JOIN LATERAL (%(day)s) AS sums
            """,
            tz=tz if tz in pytz.all_timezones_set else "UTC",
            table=SQL.identifier(self._table),
            first=first,
            last=last,
            day=query.select(*cells, SQL("MIN(%s) AS create_date", created)),
        )

    @api.model
    def _bounds(self, domain):
        """:return: between which times all jobs of a domain were made, None where it does not say"""
        first = last = None
        for condition in domain.children if getattr(domain, "OPERATOR", "") == "&" else [domain]:
            value = getattr(condition, "value", None)
            if getattr(condition, "field_expr", None) != "create_date" or not isinstance(value, datetime):
                continue
            if condition.operator in (">", ">="):
                first = max(first or value, value)
            elif condition.operator in ("<", "<="):
                last = min(last or value, value)
        return first, last
