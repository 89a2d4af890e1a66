"""What the figures of labels and failures cost after two years with a million print jobs.

Asked as the pivot and the graph of *Labels and Failures* ask, by a person of one company; a month of them has to be there in
350 ms. The shifts are the three that come with the addon. The yardstick is the same sum without shifts and hours, straight
from the attempts.
"""

from __future__ import annotations

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
    ]
