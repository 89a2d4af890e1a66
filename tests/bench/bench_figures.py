"""What the figures of printers cost after a year of 100 printers with 50 changes of state a day.

Written by SQL as the model writes them: 1.8 million intervals, and the days that follow from them. Only the database's time
is counted, as in `bench_history`; the yardstick of the figures is the same sums read from the intervals themselves.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

from odoo import api
from odoo.tools import SQL

from tests.bench import bench_label_figures
from tests.bench.bench_history import ZONE, sql_cost
from tests.bench.bench_sweep import figure
from tests.bench.odoo_environment import environment

PRINTERS, DAYS, CHANGES_A_DAY = 100, 365, 50
FORM_CEILING, FIGURES_CEILING = 20, 350
TURNS = 9

# Each day of a printer: fifty intervals of equal length, in turn online and busy, every tenth one a failure.
INTERVALS = """
INSERT INTO label_print_printer_interval (printer_id, printer_name, server_id, company_id, status, reason, in_failure, since, until)
SELECT p.id, p.name, p.server_id, p.company_id,
       CASE WHEN n %% 10 = 5 THEN 'attention' WHEN n %% 2 = 0 THEN 'online' ELSE 'busy' END,
       CASE WHEN n %% 10 = 5 THEN 'paper_out' END, n %% 10 = 5,
       first.at + day * interval '1 day' + n * interval '1728 s',
       first.at + day * interval '1 day' + (n + 1) * interval '1728 s'
  FROM (SELECT date_trunc('day', now() AT TIME ZONE 'UTC') - %(days)s * interval '1 day' AS at) first
 CROSS JOIN generate_series(0, %(days)s - 1) day
 CROSS JOIN generate_series(0, %(changes)s - 1) n
 CROSS JOIN (SELECT * FROM printer_configuration WHERE id = ANY(%(printers)s)) p
"""
DAYS_OF_INTERVALS = """
INSERT INTO label_print_printer_day (printer_id, printer_name, server_id, company_id, day, online_seconds, busy_seconds,
                                     attention_seconds, offline_seconds, unknown_seconds, failures)
SELECT printer_id, min(printer_name), server_id, company_id, since::date,
       sum(extract(epoch FROM until - since)) FILTER (WHERE status = 'online'),
       sum(extract(epoch FROM until - since)) FILTER (WHERE status = 'busy'),
       sum(extract(epoch FROM until - since)) FILTER (WHERE status = 'attention'), 0, 0, count(*) FILTER (WHERE in_failure)
  FROM label_print_printer_interval WHERE until IS NOT NULL GROUP BY printer_id, server_id, company_id, since::date
"""
FROM_INTERVALS = """
SELECT printer_id, status, sum(extract(epoch FROM until - since)), count(*) FILTER (WHERE in_failure)
  FROM label_print_printer_interval WHERE until IS NOT NULL GROUP BY printer_id, status
"""
MEASURES = ["availability:avg", "failures:sum", "between_failures:avg", "to_repair:avg", "down_hours:sum", "__count"]


def measure() -> list[dict[str, Any]]:
    """The figures `figures.*`."""
    with environment() as env:
        bench = Bench(env)
        form = bench.cost(lambda env: env["printer.configuration"].browse(bench.printers.ids[0]).web_read(bench.form))
        strip = bench.cost(lambda env: env["printer.configuration"].browse(bench.printers.ids[0]).web_read({"last_days": {}}))
        figures = {
            "pivot_year": bench.pivot([], [[], ["printer_id"]]),
            "pivot_year_by_month": bench.pivot([], [[], ["printer_id"], ["day:month"], ["printer_id", "day:month"]]),
            "pivot_30_days": bench.pivot([("day", ">=", "today -29d")], [[], ["printer_id"]]),
            "graph_year": bench.cost(
                lambda env: env["label.print.printer.report"].formatted_read_group([], ["day:day"], ["down_hours:sum", "__count"])
            ),
            "states_list": bench.cost(
                lambda env: env["label.print.printer.interval"].web_search_read(
                    [("since", ">=", "today -6d")], {"printer_name": {}, "status": {}, "since": {}, "until": {}}, limit=80
                )
            ),
        }
        from_intervals = bench.cost(lambda env: env.execute_query(SQL(FROM_INTERVALS)) or True)
        changed = bench.seconds_of_changes()
        removal = bench.removal()
        labels = bench_label_figures.measure(env, bench.printers, bench.user)
        intervals_mb, days_mb = map(bench.megabytes, ("label_print_printer_interval", "label_print_printer_day"))
    return [
        figure("figures.form.sql_ms", form, "ms", ceiling=FORM_CEILING),
        figure("figures.form.last_days_sql_ms", strip, "ms"),
        *(figure(f"figures.{name}.sql_ms", value, "ms", from_intervals, ceiling=FIGURES_CEILING) for name, value in figures.items()),
        figure("figures.from_intervals.sql_ms", from_intervals, "ms"),
        figure("figures.change_of_100_printers.sql_ms", changed, "ms"),
        figure("figures.remove_5000.sql_ms", removal, "ms"),
        figure("figures.intervals_mb", intervals_mb, "MB"),
        figure("figures.days_mb", days_mb, "MB"),
        figure("figures.fill_seconds", bench.fill_seconds, "s"),
        *labels,
    ]


class Bench:
    """A hundred printers with a year behind them, and a person in Berlin who reads."""

    def __init__(self, env: Any) -> None:
        self.env = env
        server = env["label.print.server"]._get_default()
        env["resource.calendar"].search([]).tz = "UTC"  # as the days below are added up
        self.printers = env["printer.configuration"].create(
            [
                {"name": f"Zebra {number:03}", "cups_name": f"figures-{number}", "server_id": server.id}
                for number in range(PRINTERS)
            ]
        )
        groups = env.ref("label_print_monitor.group_label_print_user")
        self.user = env["res.users"].create({"name": "Reader", "login": "figures", "tz": ZONE, "group_ids": [(6, 0, groups.ids)]})
        env.flush_all()
        started = time.monotonic()
        env.cr.execute(INTERVALS, {"days": DAYS, "changes": CHANGES_A_DAY, "printers": self.printers.ids})
        env.cr.execute(DAYS_OF_INTERVALS)
        env.cr.commit()
        env.cr._cnx.autocommit = True
        env.cr._obj.execute("VACUUM (ANALYZE) label_print_printer_interval, label_print_printer_day")
        env.cr._cnx.autocommit = False
        self.fill_seconds = time.monotonic() - started
        views = self.printers.with_user(self.user).get_views([(False, "form")])
        self.form = {name: {} for name in views["models"]["printer.configuration"]["fields"]}

    def cost(self, call: Callable[[Any], Any]) -> float:
        """The median SQL time of several answers, each in a transaction of its own; the first one warms up."""
        taken = []
        for _turn in range(TURNS + 1):
            with self.env.registry.cursor() as cr, sql_cost() as cost:
                if not call(api.Environment(cr, self.user.id, {"lang": "en_US", "tz": ZONE})):
                    raise RuntimeError("a call found nothing, so it measures nothing")
            taken.append(cost.milliseconds)
        return median(taken[1:])

    def pivot(self, domain: list[Any], sets: list[list[str]]) -> float:
        return self.cost(lambda env: env["label.print.printer.report"].formatted_read_grouping_sets(domain, sets, MEASURES))

    def seconds_of_changes(self) -> float:
        """SQL time of noting that all printers have changed at once."""
        taken = []
        for turn in range(TURNS):
            self.printers.write({"status": ("online", "busy")[turn % 2]})
            self.env.flush_all()
            with sql_cost() as cost:
                self.env["label.print.printer.interval"]._note(self.printers)
            taken.append(cost.milliseconds)
            self.env.cr.commit()
        return median(taken)

    def removal(self) -> float:
        """SQL time of one call of the clean-up, of intervals that have become old enough."""
        self.env.cr.execute(
            "UPDATE label_print_printer_interval SET since = since - interval '4 years', until = until - interval '4 years'"
            " WHERE id IN (SELECT id FROM label_print_printer_interval WHERE until IS NOT NULL ORDER BY until LIMIT 5000)"
        )
        with sql_cost() as cost:
            removed, _more = self.env["label.print.printer.interval"]._gc_intervals()
        if removed != 5000:
            raise RuntimeError(f"{removed} intervals were removed")
        self.env.cr.commit()
        return cost.milliseconds

    def megabytes(self, table: str) -> float:
        self.env.cr.execute("SELECT pg_total_relation_size(%s) / 1e6", [table])
        return float(self.env.cr.fetchone()[0])
