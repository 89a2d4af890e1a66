"""A busy plant for ten minutes (`MINUTES`): 1,000 active jobs at 100 printers, fifty clients that watch, and three real pages.

Odoo runs with two worker processes and its gevent process, as in production. Ninety-seven printers belong to a print server that costs next
to nothing (`hall_server.py`), three to the reference with virtual printers; both push. A job that ends is replaced by a new one that
a user makes. The clients are light (`light_clients.py`), because fifty pages that share two cores with the server would measure the drawing of
fifty pages; three pages are real. How long after a label came out each of them shows it is measured, and what processes and tables grow by.

Then everything stops, bursts of known size are pushed, and each client's reads are counted until it is idle: a change must not cost the
server more than one query from each client.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from statistics import mean, median
from typing import Any

from scripts.processes import free_port
from scripts.product import PRINTER_NAMES, Product, running_product
from tests.bench import history_rows, load_figures
from tests.bench.bench_sweep import figure
from tests.bench.browser_pages import LOGINS, MIX, BrowserPages, browser_pages, percentile
from tests.bench.load_figures import Delays
from tests.bench.load_processes import HallServer, LightClients, Printing, odoo_with_workers, reverse_proxy
from tests.bench.odoo_environment import environment
from tests.bench.process_figures import ProcessFigures, growth
from tests.e2e.followed_jobs import discover_printers
from tests.e2e.remote import Remote

MINUTES = float(os.environ.get("MINUTES") or 10)
CLIENTS, WORKERS = int(os.environ.get("CLIENTS", "50")), 2
# Connections a worker that the reverse proxy lets through at once: what the print servers tell Odoo, past the proxy, must not queue behind
# fifty pages.
WAITING = 2
PEOPLE = 20  # who print
REAL_PAGES = ("list", "printers", "form")
HISTORY, ACTIVE, PRINTERS = 20_000, 1_000, 100
EVERY = 4.0  # seconds from label to label of each printer
QUANTITY = 500  # of the jobs of the reference print server's printers, which last
BURSTS, BURST_JOBS = 3, 20
READS_CEILING = {"one": 1, "ten": 2}
LATENCY_CEILING = 2.0  # seconds
# Whether something grows shows only after several minutes, when all caches are full.
MINUTES_TO_JUDGE, WARM_UP_MINUTES = 8, 2
GROWTH_CEILING = {"cpu": 1.15, "memory": 1.1}
READ_LINE = re.compile(r'"POST /(?:web/dataset/call_kw/|label_print_monitor/(?=events))([\w./]+)\S* HTTP/1\.\d" 2\d\d - (\d+) ([\d.]+) ([\d.]+)')


def measure() -> list[dict[str, Any]]:
    """The figures `load.*`."""
    gevent_port = free_port()
    hall_url = "http://127.0.0.1:{}/label_print_monitor/events"
    with (
        running_product(labels_per_second=1 / EVERY, print_server_options={"rate_limit": 0}) as product,
        reverse_proxy(product.port, gevent_port, WAITING * WORKERS) as url,
        HallServer(hall_url.format(product.port), product.keys.webhook_secret + "-hall", EVERY) as hall,
        browser_pages(product, url) as pages,
        environment(str(product.folder / "odoo.conf")) as env,
    ):
        odoo_with_workers(product, WORKERS, gevent_port)
        load = Load(product, pages, hall, env)
        load.prepare()
        with load.clients(url), closing(Printing(product, url, load.people, load.hall_printers, ACTIVE)) as printing:
            figures = load.under_load(printing)
            load.stop_everything(printing)
            bursts = {"one": load.bursts(1), "ten": load.bursts(10)}
    return [
        *figures,
        figure("load.reads_per_burst", bursts["one"]["most"], "reads", ceiling=READS_CEILING["one"]),
        figure("load.reads_per_burst_of_10", bursts["ten"]["most"], "reads", ceiling=READS_CEILING["ten"]),
        figure("load.burst_of_10_took_ms", 1000 * bursts["ten"]["took"], "ms"),
        figure("load.last_answer_s", bursts["one"]["last"], "s"),
    ]


class Load:
    """The running product with a history, and what happens to it."""

    def __init__(self, product: Product, pages: BrowserPages, hall: HallServer, env: Any) -> None:
        self.product, self.pages, self.hall, self.env = product, pages, hall, env
        self.execute = product.database.execute
        self.remote = Remote(product)
        self.server: Any = None  # the hall's print server
        self.hall_printers: list[int] = []
        self.people = [f"line-{number}" for number in range(PEOPLE)]
        self.jobs: list[int] = []  # at the reference print server
        self.light: LightClients

    def prepare(self) -> None:
        """The hall with its printers, a history, 1,000 open jobs that both print servers know."""
        discover_printers(self.product)
        admin = Remote(self.product, "admin")
        secret = self.product.keys.webhook_secret + "-hall"
        values = {"name": "Hall 2", "api_url": self.hall.url, "api_key": "hall", "rate_limit": 0, "webhook_secret": secret}
        server = admin.call("label.print.server", "create", values)
        names = [f"Zebra-Hall-{number:03}" for number in range(PRINTERS - len(PRINTER_NAMES))]
        self.server = self.env["label.print.server"].browse(server)
        self.hall_printers = admin.call(
            "printer.configuration", "create", [{"name": name, "cups_name": name, "server_id": server} for name in names]
        )
        admin.call("res.users", "write", [Remote(self.product, login).uid for login in LOGINS], {"odoobot_state": "disabled"})
        (operator,) = admin.call("res.users", "read", [Remote(self.product, "operator").uid], ["group_ids"])
        people = [{"name": login, "login": login, "password": login, "group_ids": [(6, 0, operator["group_ids"])]} for login in self.people]
        self._fill(server, admin.call("res.users", "create", people))
        self.execute(
            """UPDATE label_print_job SET status = 'queued', submission = 'accepted', flask_job_id = gen_random_uuid()::text, submitted_date = create_date
                WHERE status IN ('pending', 'sent')"""
        )
        self.execute("UPDATE label_print_attempt a SET flask_job_id = j.flask_job_id FROM label_print_job j WHERE j.id = a.job_id AND j.status = 'queued'")
        rows = self.execute(
            """SELECT job.flask_job_id, printer.cups_name, job.quantity, job.current_label
                 FROM label_print_job job JOIN printer_configuration printer ON printer.id = job.printer_id
                WHERE job.status IN ('queued', 'printing') ORDER BY job.id"""
        )
        self.hall.give(rows)
        admin.call("label.print.server", "action_test_connection", [server])
        for zebra in self.product.printers:
            zebra.slow(1 / EVERY)
            self.jobs.append(self.remote.print_labels(zebra.name, QUANTITY))
        for job in self.jobs:
            self.remote.wait(job, "printing")

    def _fill(self, server: int, people: list[int]) -> None:
        ((company, order, product),) = self.execute("SELECT company_id, id, product_id FROM mrp_production ORDER BY id DESC LIMIT 1")
        midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        with closing(self.product.database.cluster.connect(self.product.database.name)) as connection:
            connection.autocommit = False
            with connection.cursor() as cursor:
                history_rows.fill(
                    cursor, HISTORY, company=company, server=server, product=product, order=order, printers=self.hall_printers,
                    users=people, midnight=midnight,
                )  # fmt: skip
            connection.commit()
            history_rows.vacuum(connection)

    @contextmanager
    def clients(self, url: str) -> Iterator[None]:
        """The light clients, which read what real pages have asked for; then the real pages are opened."""
        calls, freshness = {}, []
        for kind, method in (("kanban", "web_read_group"), ("overview", "get_overview"), ("list", "web_search_read"), ("printers", "web_search_read")):
            page = self.pages.open(kind)
            page.page.wait_for_timeout(3000)  # it reads again, with what it has opened
            calls[kind], freshness = page.requests[method], page.requests["get_freshness"]
            page.close()
        self.pages.pages.clear()
        database = self.product.database.name
        described = [
            {"url": url, "database": database, "kind": kind, "login": LOGINS[number % 2], "read": calls[kind], "freshness": freshness}
            for number, kind in ((number, MIX[number % len(MIX)]) for number in range(CLIENTS))
        ]
        with LightClients(described) as self.light:
            for kind in REAL_PAGES:
                self.pages.open(kind, self.jobs[0]).observe()
            # Drawing belongs to other machines: here it gets what the server leaves.
            load_figures.yield_to_others(load_figures.process_groups(self.product, self.light.pid)["browser"])
            yield

    def under_load(self, printing: Printing) -> list[dict[str, Any]]:
        """`MINUTES` of it."""
        printing.start()
        sizes = load_figures.table_sizes(self.execute)
        ended = load_figures.ended_jobs(self.execute)
        processes = ProcessFigures(lambda: load_figures.process_groups(self.product, self.light.pid))
        log = self.product.odoo.log.stat().st_size
        begun = time.time()
        drawn = {page.kind: page.drawing_seconds() for page in self.pages.pages}
        processes.start()
        print(f"  {CLIENTS} clients and {len(REAL_PAGES)} pages are open, {MINUTES:g} minutes begin", flush=True)
        # Playwright's events have to be taken meanwhile.
        while (left := begun + 60 * MINUTES + 1 - time.time()) > 0:
            self.pages.pages[0].page.wait_for_timeout(1000 * min(left, 5))
        processes.stop()
        drawn = {page.kind: page.drawing_seconds() - drawn[page.kind] for page in self.pages.pages}
        if printing.error:
            raise printing.error
        after, ended_after = load_figures.table_sizes(self.execute), load_figures.ended_jobs(self.execute)
        told = self.light.ask("told")
        calls = [[call for call in some if call[0] >= begun] for _kind, some in self.light.ask("calls", since=begun)]
        delays = Delays(self.hall.labels() | self._reference_labels(), self._names())
        light = [delay for kind, seen in told["seen"] for delay in delays.of(kind, seen, begun)]
        # With the first label a job begins to print, with the last it ends: pages read for that.
        moves = [
            delay
            for kind, seen in told["seen"]
            for delay in delays.of(kind, [change for change in seen if change[1] in (1, change[2])], begun)
        ]
        print(f"  light clients: p50 {median(light):.2f} s, p95 {percentile(light, 0.95):.2f} s, moves p95 {percentile(moves, 0.95):.2f} s", flush=True)
        real = {page.kind: delays.of(page.kind, page.shown(), begun, self.jobs[0]) for page in self.pages.pages}
        for kind, some in real.items():
            if some:
                print(f"  a real page ({kind}): {len(some)} changes, p50 {median(some):.2f} s, p95 {percentile(some, 0.95):.2f} s")
        on_pages, durations = [delay for some in real.values() for delay in some], [seconds for some in calls for _at, seconds in some]
        if not moves or not all(real.values()):
            raise RuntimeError(f"changes seen: {len(light)} by light clients, { {kind: len(some) for kind, some in real.items()} } on pages")
        posts = [seconds for at, seconds in self.hall.posts() if at >= begun]
        minutes = (time.time() - begun) / 60
        return [
            figure("load.minutes", MINUTES, "minutes"),
            figure("load.labels_per_s", delays.labels_since(begun) / (60 * minutes), "labels/s"),
            figure("load.jobs_ended_per_minute", (ended_after - ended) / minutes, "jobs"),
            figure("load.client.changes", len(light), "changes"),
            figure("load.client.p50_s", median(light), "s"),
            figure("load.client.p95_s", percentile(light, 0.95), "s", ceiling=LATENCY_CEILING),
            figure("load.client.moves", len(moves), "changes"),
            figure("load.client.move_p50_s", median(moves), "s"),
            figure("load.client.move_p95_s", percentile(moves, 0.95), "s", ceiling=LATENCY_CEILING),
            figure("load.client.failures", told["failures"] + told["connections"] - CLIENTS, "failures", ceiling=0),
            figure("load.page.changes", len(on_pages), "changes"),
            figure("load.page.p50_s", median(on_pages), "s"),
            figure("load.page.p95_s", percentile(on_pages, 0.95), "s"),
            figure("load.page.list_main_thread", drawn["list"] / (60 * minutes), "processors"),
            figure("load.events_p50_s", median(posts), "s"),
            figure("load.events_p95_s", percentile(posts, 0.95), "s"),
            figure("load.messages_per_minute", median(told["messages"]) / minutes, "messages"),
            figure("load.messages_of_progress_per_minute", median(told["messages_of_progress"]) / minutes, "messages"),
            figure("load.reads_per_client_minute", mean(map(len, calls)) / minutes, "reads"),
            figure("load.read_p95_s", percentile(durations, 0.95), "s"),
            *self._costs(log),
            *self._growth(processes),
            *load_figures.size_figures(sizes, after),
        ]

    def _reference_labels(self) -> dict[str, list[Any]]:
        """As `HallServer.labels` tells of its own: printer, quantity, labels printed, and their times."""
        found = {}
        for zebra, job in zip(self.product.printers, self.jobs, strict=True):
            id_ = self.remote.job(job, "flask_job_id")["flask_job_id"]
            times = load_figures.label_times(self.product.print_server.label_runs(id_))
            found[id_] = [zebra.name, QUANTITY, len(times), times]
        return found

    def _names(self) -> dict[str, int]:
        """Odoo's number of each job of the print servers."""
        return dict(self.execute("SELECT flask_job_id, id FROM label_print_job WHERE flask_job_id IS NOT NULL AND create_date > now() - interval '3 days'"))

    def _costs(self, log: int) -> list[dict[str, Any]]:
        """What each read cost, as Odoo's log has it since a position: statements, seconds of SQL, other seconds."""
        with self.product.odoo.log.open("rb") as file:
            file.seek(log)
            reads = READ_LINE.findall(file.read().decode("utf-8", "replace"))
        costs = [(what, int(count), float(sql), float(rest)) for what, count, sql, rest in reads]
        for what in sorted({what for what, *_costs in costs}):
            count, sql, rest = (median(column) for column in zip(*(some for name, *some in costs if name == what), strict=True))
            number = sum(name == what for name, *_some in costs)
            print(f"  {what}: {number} calls, {count:.0f} statements, {1000 * sql:.0f} ms of SQL, {1000 * rest:.0f} ms of Python")
        costs = [cost for cost in costs if not cost[0].startswith("events")]
        return [
            figure("load.sql_ms_per_read", 1000 * mean(sql for _what, _count, sql, _rest in costs), "ms"),
            figure("load.server_ms_per_read", 1000 * mean(sql + rest for _what, _count, sql, rest in costs), "ms"),
        ]

    def _growth(self, processes: ProcessFigures) -> list[dict[str, Any]]:
        """Processor time and memory of each group; the later minutes against the first ones, when they are enough."""
        figures = []
        for name in processes.samples:
            minutes = processes.minutes(name)
            print(f"  {name}, minute by minute: " + ", ".join(f"{100 * cpu:.0f} % {memory:,.0f} MB" for cpu, memory in minutes))
            cpu, memory = ([minute[which] for minute in minutes] for which in (0, 1))
            figures += [figure(f"load.{name}.cpu", mean(cpu), "processors"), figure(f"load.{name}.memory_mb", memory[-1], "MB", memory[0])]
            if len(minutes) >= MINUTES_TO_JUDGE and name in load_figures.JUDGED:
                cpu, memory = cpu[WARM_UP_MINUTES:], memory[WARM_UP_MINUTES:]
                figures += [
                    figure(f"load.{name}.cpu_growth", growth(cpu), "×", 1.0, ceiling=GROWTH_CEILING["cpu"]),
                    figure(f"load.{name}.memory_growth", growth(memory), "×", 1.0, ceiling=GROWTH_CEILING["memory"]),
                ]
        return figures

    def stop_everything(self, printing: Printing) -> None:
        """From here on only the bursts change anything."""
        printing.stop()
        self.hall.pause()
        for zebra in self.product.printers:
            zebra.pause()
        self.product.print_server.stop()
        self.pages.stop_timers()
        self.light.ask("stop_clocks")
        # An open form asks the stopped server too; until it counts as unreachable each failure is a change that pages are told of.
        self._wait_until_unreachable()
        # Waits for the run that is under way.
        self.execute(
            """UPDATE ir_cron SET active = false WHERE ir_actions_server_id IN
                   (SELECT id FROM ir_act_server WHERE code LIKE '%%_cron_poll_active_jobs%%' OR code LIKE '%%_cron_submit%%')"""
        )

    def _wait_until_unreachable(self, timeout: float = 180.0) -> None:
        """Until Odoo knows that the reference print server has stopped."""
        ends = time.monotonic() + timeout
        question = "SELECT state FROM label_print_server WHERE id = (SELECT server_id FROM label_print_job WHERE id = %s)"
        while self.execute(question, self.jobs[0]) != [("unreachable",)]:
            if time.monotonic() > ends:
                raise RuntimeError("the stopped print server does not count as unreachable")
            time.sleep(1)

    def bursts(self, transactions: int) -> dict[str, float]:
        """Several bursts of so many transactions, each followed by a wait: the most reads of a client, and times."""
        most, took, last = 0, [], []
        for _turn in range(BURSTS):
            self._wait_until_idle()
            begun = time.time()
            took.append(self._burst(transactions))
            self._wait_until_read(begun)
            self._wait_until_idle()
            calls = self._calls(begun)
            for kind, some in calls:
                # A form shows one job, and that one is not in the burst.
                if bool(some) == (kind == "form"):
                    raise RuntimeError(f"after a burst a {kind} read {len(some)} times; pages called {self.pages.names_of_calls(begun)}")
            counts, ends = [len(some) for _kind, some in calls], [at + seconds for _kind, some in calls for at, seconds in some]
            most = max(most, *counts)
            last.append(max(ends) - begun)
            print(
                f"  burst of {transactions} in {1000 * took[-1]:.0f} ms: {sum(counts)} reads of {len(counts)} (most {max(counts)}),"
                f" the last answer after {last[-1]:.2f} s",
                flush=True,
            )
        return {"most": most, "took": median(took), "last": median(last)}

    def _calls(self, since: float) -> list[tuple[str, list[list[float]]]]:
        """Kind, and begin and seconds of each read since a moment, of each client and page."""
        pages = [
            # A form asks for its job's labels every ten seconds by itself.
            (page.kind, [[call.at, call.seconds] for call in some if "refresh_label_account" not in call.what])
            for page, some in zip(self.pages.pages, self.pages.calls(since), strict=True)
        ]
        return [*self.light.ask("calls", since=since), *pages]

    def _wait_until_read(self, since: float, timeout: float = 30.0) -> None:
        """Until everybody has read once: a read counts when it has been answered."""
        ends = time.monotonic() + timeout
        while time.monotonic() < ends and not all(some for kind, some in self._calls(since) if kind != "form"):
            time.sleep(0.5)

    def _wait_until_idle(self, seconds: float = 6.0, timeout: float = 120.0) -> None:
        """Until nobody has read for longer than the longest pause between two reads."""
        ends = time.monotonic() + timeout
        while True:
            since = time.time() - seconds
            if not any(some for _kind, some in self._calls(since)):
                return
            if time.monotonic() > ends:
                raise RuntimeError(f"some still read after {timeout} s")
            time.sleep(1)

    def _burst(self, transactions: int) -> float:
        """`BURST_JOBS` jobs begin to print in so many transactions, by the method that polling and push call; the seconds
        from the first to the last."""
        # Odoo finds its addons once the environment has read where they are.
        from odoo.addons.label_print_monitor.services.contract.payloads import parse_job_report

        env = self.env
        env.cr.execute(
            """SELECT flask_job_id FROM label_print_job
                WHERE status = 'queued' AND server_id = %s AND quantity > 5 ORDER BY id DESC LIMIT %s""",
            [self.server.id, BURST_JOBS],
        )
        reports = [parse_job_report({"job_id": job, "status": "printing", "current_label": 1}) for (job,) in env.cr.fetchall()]
        env.cr.commit()
        begun = time.monotonic()
        for number in range(transactions):
            skipped = env["print.job.status.poller"].apply_reports(self.server, reports[number::transactions])
            env.cr.commit()
            if skipped:
                raise RuntimeError("another transaction has locked the jobs of the burst")
        return time.monotonic() - begun
