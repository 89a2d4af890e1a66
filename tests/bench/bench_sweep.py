"""How fast active jobs are polled: by the specification's listing, by ours one by one, by ours with batch requests.

All three on the same database against the same server, which takes 20 ms a request; each request finds progress, so
every job is written each time. Then the cost of a sweep in which nothing is new, and how the time grows with the jobs.
"""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

from tests.bench import specification_polling
from tests.bench.odoo_environment import environment

ROOT = Path(__file__).resolve().parents[2]
JOBS = 1000
FLOOR_SINGLE, FLOOR_BATCH = 15, 80
GROWTH = (100, 10_000)


def measure() -> list[dict[str, Any]]:
    """The figures `sweep.*`."""
    with slow_server() as url, environment() as env:
        bench = Bench(env, url)
        bench.make_jobs(JOBS)
        single = bench.jobs_per_second(capabilities=[], turns=3)
        batch = bench.jobs_per_second(capabilities=["batch_status"], turns=5)
        writes, messages = bench.idle()
        spec = bench.specification()
        small, large = (bench.seconds_for(count) for count in GROWTH)
    growth = (large / GROWTH[1]) / (small / GROWTH[0])
    return [
        figure("sweep.spec.jobs_per_s", spec, "jobs/s"),
        figure("sweep.single.jobs_per_s", single, "jobs/s", spec),
        figure("sweep.batch.jobs_per_s", batch, "jobs/s", spec),
        figure("sweep.single.ratio_to_spec", single / spec, "×", 1.0, floor=FLOOR_SINGLE),
        figure("sweep.batch.ratio_to_spec", batch / spec, "×", 1.0, floor=FLOOR_BATCH),
        figure("sweep.idle.writes", writes, "statements", ceiling=0),
        figure("sweep.idle.messages", messages, "messages", ceiling=0),
        figure("sweep.growth_100_to_10000", growth, "× linear", 1.0, ceiling=1.0),
        figure("sweep.batch.seconds_10000", large, "s"),
    ]


def figure(name: str, value: float, unit: str, yardstick: float | None = None, **target: float) -> dict[str, Any]:
    """One line of the table."""
    ratio = round(value / yardstick, 3) if yardstick else None
    return {"name": name, "value": round(value, 3), "unit": unit, "yardstick": yardstick, "ratio": ratio, **target}


@contextmanager
def slow_server() -> Iterator[str]:
    """The address of a print server that takes 20 ms for every request."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.slow_server"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield f"http://127.0.0.1:{int(child.stdout.readline())}"
    finally:
        child.stdin.close()
        child.wait(10)


class Bench:
    """The jobs, and one sweep of either kind."""

    def __init__(self, env: Any, url: str) -> None:
        self.env, self.url = env, url
        parameters = env["ir.config_parameter"]
        parameters.set_param("label_print.api_url", url)
        parameters.set_param("label_print.api_key", "bench-key")
        self.server = env["label.print.server"]._get_default()
        self.server.write({"rate_limit": 0})
        self.printer = env["printer.configuration"].create({"name": "Bench", "cups_name": "bench", "server_id": self.server.id})
        env.cr.commit()

    def make_jobs(self, count: int) -> None:
        """Exactly so many active jobs."""
        self.env.cr.execute("TRUNCATE label_print_job CASCADE")
        job = self.env["label.print.job"].create(
            {
                "printer_id": self.printer.id, "quantity": 500, "status": "printing", "flask_job_id": "bench-0",
                "labels_data": [{"zpl_code": "^XA^FDbench^FS^XZ", "lot_number": "L"}] * 500,
            }
        )  # fmt: skip
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns
                WHERE table_name = 'label_print_job' AND column_name NOT IN ('id', 'flask_job_id')"""
        )
        (columns,) = self.env.cr.fetchone()
        self.env.cr.execute(
            f"""INSERT INTO label_print_job (flask_job_id, {columns})
                SELECT 'bench-' || number, {columns} FROM label_print_job, generate_series(1, %s) number WHERE id = %s""",
            [count - 1, job.id],
        )
        self.env.cr.commit()
        self.env.cr.execute("SELECT 1")
        self.env.cr.commit()
        connection = self.env.cr._cnx
        connection.autocommit = True
        self.env.cr._obj.execute("ANALYZE label_print_job")
        connection.autocommit = False
        self.env.invalidate_all()

    def prepare(self, capabilities: list[str]) -> None:
        """A connected server that was just asked for its health and its printers; every job is due."""
        self.env.invalidate_all()
        self.env.cr.execute(
            """UPDATE label_print_server SET state = 'ok', failure_count = 0, next_probe_at = NULL, capabilities = %s,
                      last_health = now() AT TIME ZONE 'UTC', last_contact = now() AT TIME ZONE 'UTC' WHERE id = %s""",
            [str(capabilities).replace("'", '"'), self.server.id],
        )
        self.env.cr.execute("UPDATE label_print_job SET next_poll_at = now() AT TIME ZONE 'UTC' - interval '3 s'")
        self.env.cr.execute("UPDATE label_print_job SET progress_at = now() AT TIME ZONE 'UTC'")
        self.env.cr.commit()

    def sweep(self, times: int = 1) -> float:
        """Seconds of so many whole sweeps by the engine's own cron method."""
        poller = self.env["print.job.status.poller"]
        with patch.object(type(poller), "_testing", lambda _self: True):  # end after one sweep instead of 15 s
            started = time.monotonic()
            for _time in range(times):
                poller._run()
            return time.monotonic() - started

    def jobs_per_second(self, capabilities: list[str], turns: int) -> float:
        """The median of several sweeps; each must have changed every job."""
        rates = []
        for _turn in range(turns + 1):
            self.prepare(capabilities)
            before = self.printed()
            seconds = self.sweep()
            changed = self.printed() - before
            if changed < JOBS:
                raise RuntimeError(f"a sweep changed {changed} of {JOBS} jobs")
            rates.append(JOBS / seconds)
        return median(rates[1:])  # the first one warms up

    def specification(self) -> float:
        """Jobs a second by F07's listing."""
        self.prepare([])
        before = self.printed()
        started = time.monotonic()
        specification_polling.cron_poll_active_jobs(self.env["label.print.job"])
        self.env.flush_all()
        self.env.cr.commit()
        seconds = time.monotonic() - started
        if self.printed() == before:
            raise RuntimeError("the specification's listing changed nothing")
        return JOBS / seconds

    def printed(self) -> int:
        self.env.cr.execute("SELECT coalesce(sum(current_label), 0) FROM label_print_job")
        return self.env.cr.fetchone()[0]

    def idle(self) -> tuple[int, int]:
        """Statements that write, and bus messages, of a sweep in which nothing has changed."""
        self._post("/freeze")
        self.prepare(["batch_status"])
        self.sweep()
        self.env.cr.execute("SELECT count(*) FROM bus_bus")
        (before,) = self.env.cr.fetchone()
        statements: list[str] = []
        cursor = type(self.env.cr)
        with patch.object(cursor, "execute", _recorder(cursor.execute, statements)):
            self.sweep()
        self.env.cr.execute("SELECT count(*) FROM bus_bus")
        (after,) = self.env.cr.fetchone()
        self.env.cr.commit()
        self._post("/move")
        writing = [text for text in statements if not text.lstrip().upper().startswith("SELECT") or "FOR NO KEY" in text]
        if not statements:
            raise RuntimeError("the sweep did nothing")
        return len(writing), after - before

    def seconds_for(self, count: int) -> float:
        """Seconds to bring so many jobs up to date, the best of three, in as many sweeps as it takes."""
        self.make_jobs(count)
        times = []
        for _turn in range(4):
            self.prepare(["batch_status"])
            before, seconds = self.printed(), 0.0
            while self.printed() - before < count:
                seconds += self.sweep()
            times.append(seconds)
        return min(times[1:])

    def _post(self, path: str) -> None:
        urllib.request.urlopen(urllib.request.Request(self.url + path, data=b"")).close()


def _recorder(execute: Callable[..., Any], statements: list[str]) -> Callable[..., Any]:
    def recorded(cursor: Any, query: Any, params: Any = None, log_exceptions: bool = True) -> Any:
        statements.append(str(getattr(query, "code", query)))
        return execute(cursor, query, params, log_exceptions)

    return recorded
