"""What many open pages cost: `BROWSERS` (50) real pages, a virtual printer that prints, and bursts of changes.

Odoo runs with two worker processes and its gevent process, as in production. First `WATCHED` pages are open while one
label at a time is printed and pushed, and each page records when it shows it: fifty pages that share two cores with the
server would measure the rendering of fifty pages. Then all are open, bursts of known size are pushed, and each page's
calls are counted until it is idle: a change must not cost the server more than one query from each page.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean, median
from typing import Any

from scripts.processes import free_port
from scripts.product import Product, running_product
from tests.bench import history_rows
from tests.bench.bench_latency import _watch
from tests.bench.bench_sweep import figure
from tests.bench.browser_pages import MIX, BrowserPages, Call, ObservedPage, browser_pages, percentile
from tests.bench.odoo_environment import environment
from tests.e2e.followed_jobs import discover_printers
from tests.e2e.remote import Remote

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = int(os.environ.get("BROWSERS", "50"))
WORKERS = 2
JOBS, MORE_PRINTERS = 20_000, 97
WATCHED = min(BROWSERS, 10)
# Labels come slowly: each change is to be seen by itself.
PRINTER, LABELS, EVERY = "Zebra-Line-1", 12, 4.0  # seconds from label to label
TIMEOUT = 90  # seconds for the slowest page to show the last label
QUANTITY = 437  # a number that no other job has
BURSTS, BURST_JOBS = 3, 20
READS_CEILING = {"one": 1, "ten": 2}
READ_LINE = re.compile(r'"POST /web/dataset/call_kw/([\w./]+)\S* HTTP/1\.\d" 200 - (\d+) ([\d.]+) ([\d.]+)')


def measure() -> list[dict[str, Any]]:
    """The figures `load.*`."""
    gevent_port = free_port()
    with (
        running_product(labels_per_second=1 / EVERY, print_server_options={"rate_limit": 0}) as product,
        reverse_proxy(product.port, gevent_port) as url,
        browser_pages(product, url) as pages,
        environment(str(product.folder / "odoo.conf")) as env,
    ):
        product.odoo.stop()
        product.odoo.command[1:3] = [str(ROOT / "tests" / "bench" / "odoo_command.py")]
        product.odoo.command += ["--workers", str(WORKERS), "--gevent-port", str(gevent_port)]
        product.odoo.start()
        load = Load(product, pages, env)
        load.prepare()
        load.print_slowly()
        pages.open("form", load.job_id)
        for number in range(WATCHED - 1):
            pages.open(MIX[number % len(MIX)])
        time.sleep(2 * EVERY)  # the pages' own start is not what is measured
        delays, by_kind = load.watch_labels()
        started = time.monotonic()
        load.stop_printing()
        for number in range(WATCHED - 1, BROWSERS - 1):
            pages.open(MIX[number % len(MIX)])
        print(f"  {BROWSERS - WATCHED} more pages opened in {time.monotonic() - started:.0f} s", flush=True)
        pages.stop_timers()
        load.stop_polling()
        bursts = {"one": load.bursts(1), "ten": load.bursts(10)}
        reads = load.reads()
    print(f"  {dict(pages.kinds())}; p95 by kind: {by_kind}")
    for what in sorted({what for what, *_costs in reads}):
        costs = [costs for name, *costs in reads if name == what]
        count, sql, rest = (median(column) for column in zip(*costs, strict=True))
        print(f"  {what}: {len(costs)} reads, {count:.0f} statements, {1000 * sql:.0f} ms of SQL, {1000 * rest:.0f} ms of Python")
    return [
        figure("load.browsers", BROWSERS, "pages"),
        figure("load.watched", WATCHED, "pages"),
        figure("load.p50_s", median(delays), "s"),
        figure("load.p95_s", percentile(delays, 0.95), "s"),
        figure("load.reads_per_burst", bursts["one"]["most"], "reads", ceiling=READS_CEILING["one"]),
        figure("load.reads_per_burst_of_10", bursts["ten"]["most"], "reads", ceiling=READS_CEILING["ten"]),
        figure("load.burst_of_10_took_ms", 1000 * bursts["ten"]["took"], "ms"),
        figure("load.last_answer_s", bursts["one"]["last"], "s"),
        figure("load.sql_per_read", mean(count for _what, count, *_times in reads), "statements"),
        figure("load.sql_ms_per_read", 1000 * mean(sql for _what, _count, sql, _rest in reads), "ms"),
        figure("load.server_ms_per_read", 1000 * mean(sql + rest for _what, _count, sql, rest in reads), "ms"),
    ]


class Load:
    """The running product with a day of history, and the changes that it gets."""

    def __init__(self, product: Product, pages: BrowserPages, env: Any) -> None:
        self.product, self.pages, self.env = product, pages, env
        self.hall: Any = None  # the second hall's print server
        self.remote = Remote(product)
        self.job_id = 0
        self.server_job = ""
        self.bursts_begun = 0  # where Odoo's log then ended

    def prepare(self) -> None:
        """A second hall's printers and jobs, which no print server prints and only this benchmark reports on."""
        discover_printers(self.product)
        admin = Remote(self.product, "admin")
        server = admin.call("label.print.server", "create", {"name": "Hall 2"})
        names = [f"Zebra-Spare-{number:03}" for number in range(MORE_PRINTERS)]
        self.hall = self.env["label.print.server"].browse(server)
        printers = admin.call(
            "printer.configuration", "create", [{"name": name, "cups_name": name, "server_id": server} for name in names]
        )
        # Printers that need attention are sorted first and would move the printing one off the first page.
        self.product.database.execute(
            "UPDATE printer_configuration SET status = 'online', severity = 0 WHERE id = ANY(%s)", printers
        )
        admin.call("res.users", "write", [self.remote.uid, Remote(self.product, "operator").uid], {"odoobot_state": "disabled"})
        execute = self.product.database.execute
        ((company, order, product),) = execute("SELECT company_id, id, product_id FROM mrp_production ORDER BY id DESC LIMIT 1")
        midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        cluster = self.product.database.cluster
        with closing(cluster.connect(self.product.database.name)) as connection:
            connection.autocommit = False
            with connection.cursor() as cursor:
                history_rows.fill(
                    cursor, JOBS, company=company, server=server, product=product, order=order, printers=printers,
                    users=[self.remote.uid], midnight=midnight,
                )  # fmt: skip
            connection.commit()
            history_rows.vacuum(connection)

    def print_slowly(self) -> None:
        """A job that prints a label every few seconds."""
        self.product.printer(PRINTER).slow(1 / EVERY)
        self.job_id = self.remote.print_labels(PRINTER, QUANTITY)
        self.server_job = self.remote.wait(self.job_id, "printing")["flask_job_id"]

    def watch_labels(self) -> tuple[list[float], dict[str, float]]:
        """Seconds from each label's end in the print server to each page that shows it: all of them, and the 95th
        percentile of each kind of page."""
        ((others,),) = self.product.database.execute(
            """SELECT sum(current_label) FROM label_print_job
                WHERE id <> %s AND (status = 'printing' OR completed_date >= date_trunc('day', now() AT TIME ZONE 'UTC'))""",
            self.job_id,
        )
        for page in self.pages.pages:
            page.observe(f"of {QUANTITY}")
        happened = _watch(self.product.print_server, self.server_job, LABELS)
        delays: dict[str, list[float]] = {}
        for page in self.pages.pages:
            before = others if page.kind == "overview" else 0
            shown = self._shown(page, before + max(happened))
            for label, at in happened.items():
                seen = next(moment for moment, number in shown if number >= before + label)
                delays.setdefault(page.kind, []).append(max(seen - at, 0.0))
        return [delay for some in delays.values() for delay in some], {
            kind: round(percentile(some, 0.95), 2) for kind, some in delays.items()
        }

    def _shown(self, page: ObservedPage, number: int) -> list[tuple[float, int]]:
        """What a page has shown and when, at the latest this number or a higher one."""
        ends = time.monotonic() + TIMEOUT
        while True:
            shown = page.shown()
            if shown and shown[-1][1] >= number:
                return shown
            if time.monotonic() > ends:
                raise RuntimeError(f"a {page.kind} never showed {number}; it showed {shown[-5:]}")
            time.sleep(1)

    def stop_printing(self) -> None:
        self.product.printer(PRINTER).pause()
        self.product.print_server.stop()

    def stop_polling(self) -> None:
        """From here on only the bursts change anything."""
        # Waits for the run that is under way.
        self.product.database.execute(
            """UPDATE ir_cron SET active = false WHERE ir_actions_server_id IN
                   (SELECT id FROM ir_act_server WHERE code LIKE '%%_cron_poll_active_jobs%%')"""
        )
        self.pages.wait_until_idle()
        self.bursts_begun = self.product.odoo.log.stat().st_size

    def bursts(self, transactions: int) -> dict[str, float]:
        """Several bursts of so many transactions, each followed by a wait: the most reads of a page, and times."""
        most, took, last = 0, [], []
        for _turn in range(BURSTS):
            begun = time.time()
            took.append(self._burst(transactions))
            time.sleep(1)
            self.pages.wait_until_idle()
            calls = self.pages.calls(begun)
            for page, some in zip(self.pages.pages, calls, strict=True):
                # A form shows one job, and that one is not in the burst.
                if bool(some) == (page.kind == "form"):
                    raise RuntimeError(f"after a burst a {page.kind} read {len(some)} times")
            most = max(most, *map(len, calls))
            last.append(max(call.at + call.seconds for some in calls for call in some) - begun)
            self._print_burst(transactions, took[-1], calls)
        return {"most": most, "took": median(took), "last": median(last)}

    def _burst(self, transactions: int) -> float:
        """Progress of `BURST_JOBS` jobs in so many transactions, by the method that polling and push call; the seconds
        from the first to the last."""
        # Odoo finds its addons once the environment has read where they are.
        from odoo.addons.label_print_monitor.services.contract.payloads import parse_job_report

        env = self.env
        env.cr.execute(
            """SELECT flask_job_id, current_label FROM label_print_job
                WHERE status IN ('queued', 'printing') AND server_id = %s AND quantity > 15 ORDER BY id DESC LIMIT %s""",
            [self.hall.id, BURST_JOBS],
        )
        reports = [
            parse_job_report({"job_id": job, "status": "printing", "current_label": printed + 1})
            for job, printed in env.cr.fetchall()
        ]
        env.cr.commit()
        begun = time.monotonic()
        for number in range(transactions):
            skipped = env["print.job.status.poller"].apply_reports(self.hall, reports[number::transactions])
            env.cr.commit()
            if skipped:
                raise RuntimeError("another transaction has locked the jobs of the burst")
        return time.monotonic() - begun

    def _print_burst(self, transactions: int, took: float, calls: list[list[Call]]) -> None:
        counts = [len(some) for some in calls]
        durations = [call.seconds for some in calls for call in some]
        print(
            f"  burst of {transactions} in {1000 * took:.0f} ms: {sum(counts)} reads of {len(counts)} pages (most {max(counts)}),"
            f" a read took {median(durations):.2f} s, the longest {max(durations):.2f} s",
            flush=True,
        )

    def reads(self) -> list[tuple[str, int, float, float]]:
        """What each read of the bursts cost, as Odoo's log has it: its name, statements, seconds of SQL, other seconds."""
        with self.product.odoo.log.open("rb") as log:
            log.seek(self.bursts_begun)
            text = log.read().decode("utf-8", "replace")
        return [(what, int(count), float(sql), float(rest)) for what, count, sql, rest in READ_LINE.findall(text)]


@contextmanager
def reverse_proxy(http_port: int, gevent_port: int) -> Iterator[str]:
    """The address of a reverse proxy in front of both of Odoo's ports."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.reverse_proxy", str(http_port), str(gevent_port)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield f"http://127.0.0.1:{int(child.stdout.readline())}"
    finally:
        child.stdin.close()
        child.wait(10)
