"""Whether the clean-up of old jobs holds up the sweeps: 100,000 jobs lose their ZPL and are archived while jobs print.

The clean-up runs in a second thread with a cursor of its own, call by call with a commit after each, as Odoo's does. The
yardstick is the same sweep, over the same jobs, while nothing is cleaned up.
"""

from __future__ import annotations

import threading
import time
from statistics import median
from typing import Any

from odoo import api
from odoo.modules.registry import Registry

from tests.bench.bench_sweep import JOBS, Bench, figure, slow_server
from tests.bench.odoo_environment import environment

OLD_JOBS = 100_000
LABELS_A_JOB = 5
SWEEPS = 8
# The newest of the jobs under way is repeated as jobs that ended a year ago, each with labels of its own.
OLD = """
INSERT INTO label_print_job (flask_job_id, status, completed_date, next_poll_at, quantity, current_label, labels_data, label_hashes, {columns})
SELECT 'old-' || number, 'completed', now() AT TIME ZONE 'UTC' - interval '1 year' - number * interval '1 s', NULL, {labels}, {labels},
       (SELECT jsonb_agg(jsonb_build_object('zpl_code', '^XA^FO50,50^A0N,40,40^FDLN/SN: ' || number || '^FS' || repeat(md5(number::text), 12) || '^XZ',
                                            'lot_number', 'L' || number, 'box_number', box)) FROM generate_series(1, {labels}) box),
       repeat('a', 64 * {labels}), {columns}
  FROM label_print_job, generate_series(1, %s) number WHERE id = (SELECT max(id) FROM label_print_job)
"""
OWN = ("id", "flask_job_id", "status", "completed_date", "next_poll_at", "quantity", "current_label", "labels_data", "label_hashes")


def measure() -> list[dict[str, Any]]:
    """The figures `retention.*`."""
    with slow_server() as url, environment() as env:
        bench = Bench(env, url)
        bench.make_jobs(JOBS)
        make_old_jobs(env)
        for name, value in (("keep_zpl_days", "90"), ("archive_by", "months"), ("archive_after", "6")):
            env["ir.config_parameter"].set_param(f"label_print.{name}", value)
        env.cr.commit()
        before = sweeps(bench, SWEEPS)
        effect_ms, effect = effect_of(env)
        cleaner = Cleaner(env.cr.dbname)
        cleaner.start()
        during = []
        while cleaner.is_alive() or len(during) < 3:
            during += sweeps(bench, 1)
        cleaner.join()
        env.cr.execute(
            """SELECT count(*) FILTER (WHERE zpl_removed_date IS NOT NULL), count(*) FILTER (WHERE NOT active),
                      count(*) FILTER (WHERE labels_data::text LIKE '%zpl_code%' AND completed_date IS NOT NULL),
                      count(*) FILTER (WHERE completed_date IS NULL AND (zpl_removed_date IS NOT NULL OR NOT active))
                 FROM label_print_job"""
        )
        reduced, archived, left, open_touched = env.cr.fetchone()
        env.cr.commit()
    if cleaner.error:
        raise cleaner.error
    if (reduced, archived, left, open_touched) != (OLD_JOBS, OLD_JOBS, 0, 0) or effect["reduced_jobs"] != OLD_JOBS:
        raise RuntimeError(f"reduced {reduced}, archived {archived}, left {left}, open {open_touched}; said before: {effect}")
    return [
        figure("retention.jobs_per_s", 2 * OLD_JOBS / cleaner.seconds, "jobs/s"),
        figure("retention.longest_transaction_ms", 1000 * max(cleaner.calls), "ms", ceiling=2000),
        figure("retention.sweep_alone_s", median(before), "s"),
        figure("retention.sweep_meanwhile_s", median(during), "s", median(before)),
        # Both share processors and disk. A sweep that waited for the clean-up's locks would take as long as all of it.
        figure("retention.sweep_ratio", median(during) / median(before), "×", 1.0, ceiling=3.0),
        figure("retention.sweep_longest_s", max(during), "s", median(before), ceiling=5.0),
        figure("retention.effect_ms", effect_ms, "ms", ceiling=2000),
    ]


def make_old_jobs(env: Any) -> None:
    """The jobs that are to be cleaned up, beside those under way."""
    env.cr.execute(
        """SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns
            WHERE table_name = 'label_print_job' AND column_name <> ALL(%s)""",
        [list(OWN)],
    )
    (columns,) = env.cr.fetchone()
    env.cr.execute(OLD.format(columns=columns, labels=LABELS_A_JOB), [OLD_JOBS])
    env.cr.commit()
    connection = env.cr._cnx
    connection.autocommit = True
    env.cr._obj.execute("VACUUM (ANALYZE) label_print_job")
    connection.autocommit = False
    env.invalidate_all()


def sweeps(bench: Bench, count: int) -> list[float]:
    """Seconds of so many sweeps, each of which has found progress of every open job."""
    seconds = []
    for _turn in range(count):
        bench.env.cr.execute("UPDATE label_print_job SET next_poll_at = now() AT TIME ZONE 'UTC' - interval '3 s' WHERE status = 'printing'")
        bench.env.cr.execute("UPDATE label_print_server SET state = 'ok', failure_count = 0, next_probe_at = NULL, capabilities = '[\"batch_status\"]'")
        bench.env.cr.commit()
        bench.env.invalidate_all()
        seconds.append(bench.sweep())
    return seconds


def effect_of(env: Any) -> tuple[float, dict[str, int]]:
    """How long the settings page takes to say what its rules would do, and what it says."""
    retention = env["print.job.retention"]
    started = time.monotonic()
    effect = retention._effect(retention._rules())
    milliseconds = 1000 * (time.monotonic() - started)
    env.cr.commit()
    return milliseconds, effect


class Cleaner(threading.Thread):
    """The daily clean-up.

    :ivar calls: seconds of each of its transactions
    """

    def __init__(self, database: str) -> None:
        super().__init__(daemon=True)
        self.database = database
        self.calls: list[float] = []
        self.seconds = 0.0
        self.error: Exception | None = None

    def run(self) -> None:
        started = time.monotonic()
        try:
            with Registry(self.database).cursor() as cr:
                retention = api.Environment(cr, api.SUPERUSER_ID, {})["print.job.retention"]
                for call in (retention._gc_zpl, retention._gc_archive):
                    remaining = True
                    while remaining:
                        began = time.monotonic()
                        _done, remaining = call()
                        cr.commit()
                        self.calls.append(time.monotonic() - began)
        except Exception as error:  # noqa: BLE001 - raised again where it is measured
            self.error = error
        self.seconds = time.monotonic() - started
