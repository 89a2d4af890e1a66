"""Whether a long history slows reading down: the same calls at 10,000 and at 1,000,000 jobs.

Every call is made as the web client makes it, by a person whose record rules apply, in a transaction of its own with
an empty cache; only the database's time is counted (`SQL time`: the sum over the cursor's statements, as Odoo's own
request log has it). Medians, because the machine may have other work.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Any

from odoo import api, fields

from scripts.places import BUILD
from tests.bench import history_rows
from tests.bench.bench_sweep import figure
from tests.bench.history_questions import LIST_FIELDS, lookups, metrics_of_company, others
from tests.bench.index_use import IndexUse
from tests.bench.odoo_environment import environment

SMALL, LARGE = 10_000, 1_000_000
TIMES = {"overview": 15, "lookup": 9, "aggregate": 5, "metrics": 9}
OVERVIEW_CEILING = METRICS_CEILING = 50
LOOKUP_CEILING, AGGREGATE_CEILING = 8, 350
# Nobody looks for a text that every job fits; it must not take long either.
CEILING_OF_ALL = 20
# Nothing was set aside, copied or archived here, and nobody has an activity.
EMPTY = {"filter_set_aside", "filter_copies", "filter_archived"} | {
    "filter_filter_activities_my", "filter_activities_overdue", "filter_activities_today", "filter_activities_upcoming_all"
}  # fmt: skip
INDEX_TABLE = BUILD / "indexes.md"
ZONE = "Europe/Berlin"

@dataclass
class Cost:
    """What one call cost the database."""

    statements: int = 0
    milliseconds: float = 0.0


def measure() -> list[dict[str, Any]]:
    """The figures `overview.*` and `history.*`."""
    with environment() as env:
        bench = Bench(env)
        small = bench.at(SMALL)
        large = bench.at(LARGE)
        unused = bench.unused_indexes()
    growth = {name: large["lookup"][name] / small["lookup"][name] for name in small["lookup"]}
    slowest = max(growth, key=growth.get)
    return [
        figure("overview.sql_ms_10k", small["overview"].milliseconds, "ms"),
        figure("overview.sql_ms_1m", large["overview"].milliseconds, "ms", ceiling=OVERVIEW_CEILING),
        figure("overview.queries", large["overview"].statements, "statements"),
        figure("overview.total_ms_1m", large["overview_total"], "ms"),
        *(
            figure(
                f"history.lookup.{name}.ms_1m", large["lookup"][name], "ms", small["lookup"][name],
                ceiling=CEILING_OF_ALL if name == "anything_of_all" else LOOKUP_CEILING,
            )
            for name in growth
        ),
        figure("history.lookup.worst_growth", growth[slowest], f"× ({slowest})"),
        figure("history.lookup.worst_ms", max(large["lookup"].values()), "ms"),
        *(figure(f"history.aggregate.{name}.ms_1m", milliseconds, "ms") for name, milliseconds in large["aggregate"].items()),
        figure("history.aggregate.worst_ms", max(large["aggregate"].values()), "ms", ceiling=AGGREGATE_CEILING),
        figure("metrics.sql_ms_1m", large["metrics"].milliseconds, "ms", small["metrics"].milliseconds, ceiling=METRICS_CEILING),
        figure("metrics.total_ms_1m", large["metrics_total"], "ms"),
        figure("metrics.daily_count_seconds_1m", large["metrics_count_seconds"], "s", small["metrics_count_seconds"]),
        figure("history.unused_indexes", len(unused), " ".join(unused) or "of them", ceiling=0),
        figure("history.fill_seconds", large["fill_seconds"], "s"),
    ]


class Bench:
    """A person in Berlin who may see everything of one company, and the calls that are measured."""

    def __init__(self, env: Any) -> None:
        self.env = env
        self._add_trigrams()
        self.server = env["label.print.server"]._get_default()
        self.printers = env["printer.configuration"].create(
            [
                {"name": f"Zebra {number:03}", "cups_name": f"zebra-{number}", "server_id": self.server.id, "status": "online"}
                for number in range(history_rows.PRINTERS)
            ]
        )
        self.product = env["product.product"].create({"name": "Soup", "is_storable": True, "tracking": "lot"})
        self.order = env["mrp.production"].create({"product_id": self.product.id, "product_qty": 1})
        groups = env.ref("label_print_monitor.group_label_print_user") | env.ref("mrp.group_mrp_user")
        self.users = env["res.users"].create(
            [
                {"name": f"Person {number}", "login": f"bench-{number}", "tz": ZONE, "group_ids": [(6, 0, groups.ids)]}
                for number in range(20)
            ]
        )
        self.uid = self.users[0].id
        self.printers[:3].user_ids = self.users[0]
        # On every second one somebody counts the labels.
        self.printers[::2].roll_size = 2000
        for printer in self.printers[::2]:
            printer.change_roll()
        self.reader = env(user=self.uid, context={"lang": "en_US", "tz": ZONE})
        env.cr.commit()

    def _add_trigrams(self) -> None:
        """The extension that a database has when Odoo itself made it, and the indexes that follow from it."""
        self.env.cr.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        self.env.registry.has_trigram = True
        self.env.registry.check_indexes(self.env.cr, ["label.print.job", "stock.lot"])
        for model in (self.env["label.print.job"], self.env["mrp.production"]):
            for table_object in model._table_objects.values():
                table_object.apply_to_database(model)

    def at(self, count: int) -> dict[str, Any]:
        """Everything that is measured, with so many jobs."""
        started = time.monotonic()
        self._fill(count)
        seconds = time.monotonic() - started
        overview, total = self._measure("overview", lambda env: env["label.print.job"].get_overview())
        # The counters as a scrape finds them after the night.
        started = time.monotonic()
        self.env["label.print.metrics.total"]._count_again()
        self.env.cr.commit()
        count_seconds = time.monotonic() - started
        metrics, metrics_total = self._measure("metrics", metrics_of_company)
        return {
            "metrics": metrics,
            "metrics_total": metrics_total,
            "metrics_count_seconds": count_seconds,
            "fill_seconds": seconds,
            "overview": overview,
            "overview_total": total,
            "lookup": {
                name: self._measure("lookup", call, may_be_empty=name in EMPTY)[0].milliseconds
                for name, call in lookups(self.reader).items()
            },
            "aggregate": {name: self._measure("aggregate", call)[0].milliseconds for name, call in self._aggregates().items()},
        }

    def _fill(self, count: int) -> None:
        history_rows.fill(
            self.env.cr,
            count,
            company=self.env.company.id,
            server=self.server.id,
            product=self.product.id,
            order=self.order.id,
            printers=self.printers.ids,
            users=self.users.ids,
            midnight=self.reader["label.print.job"]._start_of_today(),
        )
        self.env.cr.commit()
        history_rows.vacuum(self.env.cr._cnx)
        self.env.invalidate_all()

    def _measure(self, kind: str, call: Callable[[Any], Any], may_be_empty: bool = False) -> tuple[Cost, float]:
        """The median SQL time of several answers and the median time of the whole call; the first one warms up."""
        answers, totals = [], []
        for _turn in range(TIMES[kind] + 1):
            with self.env.registry.cursor() as cr, sql_cost() as cost:
                started = time.perf_counter()
                answer = call(api.Environment(cr, self.uid, dict(self.reader.context)))
                totals.append(1000 * (time.perf_counter() - started))
            answers.append(cost)
            if not answer and not may_be_empty:
                raise RuntimeError(f"a call of kind {kind} found nothing, so it measures nothing")
        return (
            Cost(answers[-1].statements, median(cost.milliseconds for cost in answers[1:])),
            median(totals[1:]),
        )

    def unused_indexes(self) -> list[str]:
        """Names of indexes that no question reads and that keep nothing unique; `INDEX_TABLE` has all of them."""
        use = IndexUse()
        person = self.reader
        for question, call in {**lookups(self.reader), **self._aggregates(), **others(self.reader)}.items():
            with self.env.registry.cursor() as cr:
                use.ask(question, api.Environment(cr, self.uid, dict(person.context)), call)
        INDEX_TABLE.parent.mkdir(parents=True, exist_ok=True)
        INDEX_TABLE.write_text(use.table(self.env) + "\n", encoding="utf-8")
        return [name for _table, name, _size, unique, questions in use.rows(self.env) if not questions and not unique]

    def _aggregates(self) -> dict[str, Callable[[Any], Any]]:
        """What the History page's views and the groups of list and kanban read, with their own filters."""
        history, week = [("job_type", "!=", "test")], [("create_date", ">=", "today -7d")]
        sums = ["quantity:sum", "__count"]
        sets = [[], ["printer_id"], ["status"], ["printer_id", "status"]]
        now = fields.Datetime.now()
        shown = [("create_date", "<=", now), ("create_date", ">=", now - timedelta(days=42)), *history]
        return {
            "pivot": lambda env: env["label.print.job"].formatted_read_grouping_sets(history, sets, sums),
            "graph": lambda env: env["label.print.job"].formatted_read_group(history, ["create_date:day", "status"], sums),
            "calendar": lambda env: env["label.print.job"].formatted_read_group(shown, ["create_date:day", "status"], sums),
            "week_pivot": lambda env: env["label.print.job"].formatted_read_grouping_sets(week, sets, sums),
            "week_graph": lambda env: env["label.print.job"].formatted_read_group(week, ["create_date:day", "status"], sums),
            "week_kanban": lambda env: env["label.print.job"].web_read_group(
                week, ["status"], ["__count"], auto_unfold=True,
                unfold_read_specification={name: {} for name in LIST_FIELDS},
            ),
        }  # fmt: skip


@contextmanager
def sql_cost():
    """Count this thread's statements and the time the database takes for them, by Odoo's own hook."""
    cost, thread = Cost(), threading.current_thread()

    def record(_cursor, _query, _params, _start, delay):
        cost.statements += 1
        cost.milliseconds += 1000 * delay

    thread.query_hooks = [record]
    try:
        yield cost
    finally:
        del thread.query_hooks
