"""What the figures of labels and failures cost after two years with a million print jobs.

Asked as the pivot and the graph of *Labels and Failures* ask, by a person of one company; a month of them has to be there in
350 ms. The shifts are the three that come with the addon. The yardstick is the same sum without shifts and hours, straight
from the attempts. Before, the stored rows that the figures are read from are made by what the scheduled action does.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

from odoo import api
from odoo.tools import SQL

from tests.bench import history_rows
from tests.bench.bench_history import ZONE, sql_cost
from tests.bench.bench_sweep import figure

JOBS, TURNS, CEILING = 1_000_000, 7, 350
MEASURES = [
    "labels:sum", "labels_per_hour:avg", "failures:sum", "failure_rate:avg", "first_label_seconds:avg", "waiting_hours:max", "__count"
]  # fmt: skip
MONTH = [("ended_date", ">=", "today -29d"), ("job_type", "!=", "test")]
YEAR = [("ended_date", ">=", "today -364d"), ("job_type", "!=", "test")]
FROM_ATTEMPTS = """
SELECT a.printer_id, sum(a.added_count), count(*) FILTER (WHERE a.outcome IN ('failed', 'completed_with_errors'))
  FROM label_print_attempt a JOIN label_print_job j ON j.id = a.job_id
 WHERE a.ended_date >= (now() AT TIME ZONE 'UTC')::date - 29 AND j.job_type <> 'test' GROUP BY a.printer_id
"""


def measure(env: Any, printers: Any, user: Any) -> list[dict[str, Any]]:
    """The figures `figures.labels.*`.

    :param env: of the bench's database; each call is made by ``user``, who is also the one who printed
    """
    product = env["product.product"].create({"name": "Soup", "is_storable": True, "tracking": "lot"})
    order = env["mrp.production"].create({"product_id": product.id, "product_qty": 1})
    env["resource.calendar"].search([]).tz = ZONE
    reader = env(user=user.id, context={"lang": "en_US", "tz": ZONE})
    env.flush_all()
    history_rows.fill(
        env.cr, JOBS, company=env.company.id, server=printers.server_id.id, product=product.id, order=order.id,
        printers=printers.ids, users=user.ids, midnight=reader["label.print.job"]._start_of_today(),
    )  # fmt: skip
    env.cr.commit()
    history_rows.vacuum(env.cr._cnx)
    env.invalidate_all()

    def cost(call: Callable[[Any], Any]) -> float:
        taken = []
        for _turn in range(TURNS + 1):
            with env.registry.cursor() as cr, sql_cost() as spent:
                if not call(api.Environment(cr, user.id, dict(reader.context))):
                    raise RuntimeError("a call found nothing, so it measures nothing")
            taken.append(spent.milliseconds)
        return median(taken[1:])

    def pivot(domain: list[Any], sets: list[list[str]]) -> float:
        return cost(lambda env: env["label.print.attempt.report"].formatted_read_grouping_sets(domain, sets, MEASURES))

    def graph(domain: list[Any], groups: list[str], measure: str) -> float:
        return cost(lambda env: env["label.print.attempt.report"].formatted_read_group(domain, groups, [measure, "__count"]))

    env.cr.execute("DELETE FROM label_print_figure_progress")
    env.cr.commit()
    not_stored = pivot(MONTH, [[], ["shift_id"]])
    batches, stored, megabytes = store(env)
    idle = seconds_of_nothing(env)
    yardstick = cost(lambda env: env.execute_query(SQL(FROM_ATTEMPTS)))
    month = {
        "pivot_by_shift": pivot(MONTH, [[], ["shift_id"]]),
        "pivot_by_shift_and_day": pivot(MONTH, [[], ["shift_id"], ["day:day"], ["shift_id", "day:day"]]),
        "pivot_by_printer": pivot(MONTH, [[], ["printer_id"]]),
        "graph_by_printer": graph(MONTH, ["printer_id"], "failure_rate:avg"),
        "graph_by_hour": graph(MONTH, ["hour"], "labels:sum"),
        "reasons": graph(MONTH, ["error_kind"], "failure_share:avg"),
    }
    return [
        *(figure(f"figures.labels.{name}.month_sql_ms", value, "ms", yardstick, ceiling=CEILING) for name, value in month.items()),
        figure("figures.labels.pivot_by_shift.year_sql_ms", pivot(YEAR, [[], ["shift_id"]]), "ms"),
        figure("figures.labels.from_attempts.month_sql_ms", yardstick, "ms"),
        figure("figures.labels.pivot_by_shift.month_not_stored_sql_ms", not_stored, "ms", yardstick),
        figure("figures.labels.store_1000_attempts_ms", 1e6 * sum(batches) / stored, "ms"),
        figure("figures.labels.longest_batch_ms", 1000 * max(batches), "ms"),
        figure("figures.labels.store_all_s", sum(batches), "s"),
        figure("figures.labels.nothing_to_store_ms", 1000 * idle, "ms"),
        figure("figures.labels.row_of_one_end_sql_ms", one_end(env), "ms"),
        figure("figures.labels.stored_mb", megabytes, "MB"),
    ]


def store(env: Any) -> tuple[list[float], int, float]:
    """Store all figures as the scheduled action does.

    :return: seconds of each batch with its commit, how many rows there are then, and their megabytes with indexes
    """
    seconds = []
    while True:
        started = time.monotonic()
        if env["label.print.attempt.figure"]._store_batch() is None:
            break
        env.cr.commit()
        seconds.append(time.monotonic() - started)
    env.cr.commit()
    connection = env.cr._cnx
    connection.autocommit = True
    env.cr._obj.execute("VACUUM (ANALYZE) label_print_attempt_figure")
    connection.autocommit = False
    env.cr.execute("SELECT count(*), pg_total_relation_size('label_print_attempt_figure') / 1e6 FROM label_print_attempt_figure")
    stored, megabytes = env.cr.fetchone()
    env.cr.execute("SELECT count(*) FROM label_print_attempt WHERE ended_date IS NOT NULL")
    if (stored,) != env.cr.fetchone():
        raise RuntimeError("attempts are without figures")
    env.cr.commit()
    return seconds, stored, float(megabytes)


def seconds_of_nothing(env: Any) -> float:
    """Seconds of a run of the scheduled action that finds nothing to store."""
    started = time.monotonic()
    if env["label.print.attempt.figure"]._store_batch() is not None:
        raise RuntimeError("there was something to store")
    env.cr.commit()
    return time.monotonic() - started


def one_end(env: Any) -> float:
    """SQL time of writing the row of one attempt, as when it ends."""
    env.cr.execute("SELECT id FROM label_print_attempt WHERE ended_date IS NOT NULL ORDER BY id DESC LIMIT %s", [TURNS])
    taken = []
    for (id_,) in env.cr.fetchall():
        env.cr.execute("DELETE FROM label_print_attempt_figure WHERE id = %s", [id_])
        with sql_cost() as spent:
            if env["label.print.attempt.figure"]._store(SQL("a.id = ANY(%s)", [id_])) != 1:
                raise RuntimeError("no row was written")
        taken.append(spent.milliseconds)
    env.cr.rollback()
    return median(taken)
