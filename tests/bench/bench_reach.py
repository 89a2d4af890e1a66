"""A print server that calls Odoo beside one that Odoo calls, and what a hundred that wait cost.

Both print servers belong to one running product, each with its virtual printer, and take turns, so that whatever else the machine does
meets both alike. From the click to the first label: from the call of `create` until the printer has it. From the label to the cell: as in
`bench_latency`, one page shows both jobs. Then Odoo runs with two worker processes and its gevent process behind a reverse proxy, and a
hundred print servers wait: the queries and seconds of their requests stand in Odoo's own log.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psutil
from playwright.sync_api import sync_playwright

from scripts.processes import free_port
from scripts.product import Product, running_product
from scripts.system_packages import need_browser
from tests.bench.bench_sweep import figure
from tests.bench.browser_pages import percentile
from tests.bench.idle_pull_servers import IdleServers
from tests.bench.load_processes import odoo_with_workers, reverse_proxy
from tests.e2e.followed_jobs import discover_printers
from tests.e2e.pull.stations import new_pull_server
from tests.e2e.remote import Remote, until
from tests.e2e.supervisor import Supervisor
from tests.support.print_server import PrintServer, VirtualZebra, start_print_server, start_virtual_zebra

CLICKS, CHANGES = 120, 60
SPEED = 1.25  # labels a second, where each of them is watched
RATIO_CEILING = 1.5
ANSWER_CEILING = 1.0  # seconds from the click to the label
PUSH, PULL = "Zebra-Line-1", "Zebra-Pull"
IDLE, WORKERS, WAITING = 100, 2, 8
SECONDS, SETTLE = 120, 45
QUERIES_CEILING = 1.0  # a second, of each print server
PULL_LINE = re.compile(r'"POST /label_print_monitor/pull HTTP/1\.\d" (\d+) - (\d+) ([\d.]+) ([\d.]+)')

# Records [milliseconds, quantity, labels] whenever the progress of one of two jobs changes; a job is told by its quantity.
OBSERVE = """quantities => {
    window.shown = [];
    const last = {};
    const record = () => {
        for (const cell of document.querySelectorAll(".o_data_row td[name=progress_display]")) {
            const found = /(\\d+) of (\\d+)/.exec(cell.innerText);
            if (found && quantities.includes(Number(found[2])) && last[found[2]] !== found[1]) {
                last[found[2]] = found[1];
                window.shown.push([Date.now(), Number(found[2]), Number(found[1])]);
            }
        }
    };
    new MutationObserver(record).observe(document.body, {subtree: true, childList: true, characterData: true});
    record();
}"""


def measure() -> list[dict[str, Any]]:
    """The figures `reach.*`."""
    figures = []
    with running_product(printers=(PUSH,), labels_per_second=50, print_server_options={"rate_limit": 0}) as product:
        with pull_server(product) as (server, zebra):
            zebras = {"push": product.printer(PUSH), "pull": zebra}
            figures += compared("first_label", clicks(product, zebras), ceiling=ANSWER_CEILING)
            figures += compared("cell", cells(product, zebras, {"push": product.print_server, "pull": server}))
        figures += idle(product)
    return figures


@contextmanager
def pull_server(product: Product) -> Iterator[tuple[PrintServer, VirtualZebra]]:
    """A print server that calls Odoo, with its printer. It listens too, for the benchmark alone."""
    admin = Remote(product, "admin")
    discover_printers(product)
    _server, code = new_pull_server(admin, "Behind a firewall")
    with (
        start_virtual_zebra(PULL, 50) as zebra,
        start_print_server({PULL: zebra}, odoo=product.url, code=code, poll_interval=3.0, answer_timeout=1.0) as server,
    ):
        online = [("cups_name", "=", PULL), ("status", "=", "online")]
        until(lambda: admin.call("printer.configuration", "search_count", online), "its printer does not appear")
        yield server, zebra


def clicks(product: Product, zebras: dict[str, VirtualZebra]) -> dict[str, list[float]]:
    """Seconds from the call that makes a job of one label until the label is on paper."""
    remote, took = Remote(product), {"push": [], "pull": []}
    for turn in range(CLICKS + 5):
        for kind, zebra in zebras.items():
            zebra.forget()
            time.sleep(0.2)
            begun = time.time()
            remote.print_labels(zebra.name, 1, f"CLICK{turn}")
            until(lambda printed=zebra: printed.labels(), "the label does not come", 30)
            if turn >= 5:  # the first ones open connections
                took[kind].append(_printed_at(zebra) - begun)
    return took


def _printed_at(zebra: VirtualZebra) -> float:
    return zebra._call("labels")["labels"][0]["printed_at"]


def cells(product: Product, zebras: dict[str, VirtualZebra], servers: dict[str, PrintServer]) -> dict[str, list[float]]:
    """Seconds from the change in the print server until the list in a browser shows it."""
    quantities = {"push": CHANGES + 37, "pull": CHANGES + 41}  # numbers that no other row has
    remote = Remote(product)
    happened: dict[str, dict[int, float]] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=need_browser(), args=["--no-sandbox", "--disable-gpu"])
        window = Supervisor(browser, product)
        threads = []
        for kind, zebra in zebras.items():
            zebra.slow(SPEED)
            job = remote.wait(remote.print_labels(zebra.name, quantities[kind]), "queued", "printing")
            arguments = (servers[kind], job["flask_job_id"], happened.setdefault(kind, {}))
            threads.append(threading.Thread(target=_watch, args=arguments, daemon=True))
        window.open_jobs()
        time.sleep(3)  # the list's own start is not what is measured
        window.page.evaluate(OBSERVE, list(quantities.values()))
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            window.page.wait_for_timeout(500)
        window.page.wait_for_timeout(4000)
        shown = window.page.evaluate("window.shown")
        window.close()
        browser.close()
    delays: dict[str, list[float]] = {}
    for kind, changes in happened.items():
        if len(changes) < CHANGES:
            raise RuntimeError(f"{kind}: the print server showed {len(changes)} of {CHANGES} changes")
        mine = [(at / 1000, labels) for at, quantity, labels in shown if quantity == quantities[kind]]
        for label, at in sorted(changes.items()):
            seen = next((moment for moment, labels in mine if labels >= label), None)
            if seen is None:
                raise RuntimeError(f"{kind}: label {label} was never shown")
            delays.setdefault(kind, []).append(max(seen - at, 0.0))
    return delays


def _watch(server: PrintServer, job: str, happened: dict[int, float]) -> None:
    """When the print server had how many labels, by its own clock."""
    begun, ends_at = time.time(), time.monotonic() + 30 + CHANGES / SPEED
    while len(happened) < CHANGES and time.monotonic() < ends_at:
        status = server.status(job)
        at = datetime.strptime(status["updated_at"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC).timestamp()
        if (label := status["current_label"]) and label not in happened and at > begun:
            happened[label] = at
        time.sleep(0.05)


def compared(what: str, took: dict[str, list[float]], **target: float) -> list[dict[str, Any]]:
    """Both kinds' figures, and the ratio that has to stay below 1.5."""
    found = {kind: [percentile(values, share) for share in (0.5, 0.95)] for kind, values in took.items()}
    ratio = found["pull"][1] / found["push"][1]
    return [
        figure(f"reach.{what}.push.p50_s", found["push"][0], "s"),
        figure(f"reach.{what}.push.p95_s", found["push"][1], "s"),
        figure(f"reach.{what}.pull.p50_s", found["pull"][0], "s", found["push"][0]),
        figure(f"reach.{what}.pull.p95_s", found["pull"][1], "s", found["push"][1], **target),
        figure(f"reach.{what}.ratio_p95", ratio, "pull / push", ceiling=RATIO_CEILING),
        figure(f"reach.{what}.samples", len(took["pull"]), "each"),
    ]


def idle(product: Product) -> list[dict[str, Any]]:
    """A hundred print servers that wait, at an Odoo with worker processes."""
    gevent_port = free_port()
    admin = Remote(product, "admin")
    codes = [new_pull_server(admin, f"Idle {number:03}")[1] for number in range(IDLE)]
    with reverse_proxy(product.port, gevent_port, WAITING * WORKERS) as url:
        odoo_with_workers(product, WORKERS, gevent_port)
        alone = _load(product, IdleServers(url, []))
        with IdleServers(url, codes) as servers:
            until(lambda: servers.connected == IDLE, f"{servers.connected} of {IDLE} have a websocket: {servers.failures[-3:]}", 120)
            time.sleep(SETTLE)
            failures = len(servers.failures)
            load = _load(product, servers)
            if servers.connected < IDLE or len(servers.failures) > failures:
                raise RuntimeError(f"{servers.connected} of {IDLE} connected; {servers.failures[failures:][:3]}")
    each = SECONDS * IDLE
    return [
        figure("reach.idle.servers", IDLE, "print servers"),
        figure("reach.idle.requests_per_s_each", load["pulls"] / each, "requests/s"),
        figure("reach.idle.queries_per_s_each", load["queries"] / each, "queries/s", ceiling=QUERIES_CEILING),
        figure("reach.idle.queries_per_request", load["queries"] / max(1, load["pulls"]), "queries"),
        figure("reach.idle.worker_busy_percent", 100 * load["busy"] / SECONDS / WORKERS, "% of the workers"),
        figure("reach.idle.cpu_alone_percent", 100 * alone["cpu"] / SECONDS, "% of a core"),
        figure("reach.idle.cpu_percent", 100 * load["cpu"] / SECONDS, "% of a core"),
        figure("reach.idle.cpu_percent_each", 100 * (load["cpu"] - alone["cpu"]) / SECONDS / IDLE, "% of a core"),
        figure("reach.idle.page_ms_alone", 1000 * alone["page"], "ms"),
        figure("reach.idle.page_ms", 1000 * load["page"], "ms", 1000 * alone["page"]),
    ]


def _load(product: Product, servers: IdleServers) -> dict[str, float]:
    """What Odoo does in `SECONDS`: requests of print servers with their queries and seconds, processor time, another request's seconds."""
    remote, start = Remote(product), product.odoo.log.stat().st_size
    processes = _processes(product)
    before, begun, pages = _cpu(processes), time.monotonic(), []
    while time.monotonic() - begun < SECONDS:
        asked = time.monotonic()
        remote.call("label.print.job", "search_count", [])
        pages.append(time.monotonic() - asked)
        time.sleep(2)
    used = _cpu(processes) - before
    with product.odoo.log.open("rb") as log:
        log.seek(start)
        lines = [found.groups() for found in PULL_LINE.finditer(log.read().decode("utf-8", "replace"))]
    refused = [status for status, *_rest in lines if status != "200"]
    if refused:
        raise RuntimeError(f"Odoo refused {len(refused)} requests: {refused[:3]}")
    return {
        "pulls": len(lines),
        "queries": sum(int(queries) for _status, queries, _sql, _rest in lines),
        "busy": sum(float(sql) + float(rest) for _status, _queries, sql, rest in lines),
        "cpu": used,
        "page": percentile(pages, 0.95),
    }


def _processes(product: Product) -> list[psutil.Process]:
    main = psutil.Process(product.odoo.pid)
    return [main, *main.children(recursive=True)]


def _cpu(processes: list[psutil.Process]) -> float:
    total = 0.0
    for process in processes:
        try:
            times = process.cpu_times()
            total += times.user + times.system
        except psutil.Error:
            continue
    return total
