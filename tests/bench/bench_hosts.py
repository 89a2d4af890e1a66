"""Several Odoo hosts on one PostgreSQL: what one more costs, idle and at work.

Twenty print servers (`hall_server.py`, which cost next to nothing) with five printers each push events, 1,000 jobs are active. The hosts share the
events as a load balancer shares them; the scheduled actions run on whichever takes them, and Odoo's bus reaches all of them by NOTIFY. For each
number of hosts: their processor time and memory, PostgreSQL's, its transactions and connections, and how far what Odoo knows is behind paper.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from statistics import mean
from typing import Any

import psutil

from scripts import product as product_processes
from scripts.processes import Service, free_port
from scripts.product import Product, running_product
from tests.bench.bench_sweep import figure
from tests.bench.load_processes import HallServer
from tests.e2e.remote import Remote, until

HOSTS = (1, 2, 3)
SERVERS, PRINTERS_EACH, ACTIVE = 20, 5, 1_000
EVERY = 8.0  # seconds from label to label of each printer
QUANTITY = 60  # so that no job ends while it is measured
SECONDS = float(os.environ.get("SECONDS") or 60)
CREATED_AT_ONCE = 50
DELAY_CEILING = 2.0  # seconds
SECRET = "hosts-{}-secret"


def measure() -> list[dict[str, Any]]:
    """The figures `hosts.*`."""
    figures = []
    with running_product(demo=False, printers=(), odoo_options={"log_handler": ":WARNING"}) as product, ExitStack() as stack:
        product.print_server.stop()
        hosts = [product.odoo]
        ports = [product.port]
        for count in HOSTS:
            while len(hosts) < count:
                port, service = _host(product, len(hosts))
                stack.callback(service.kill)
                hosts.append(service)
                ports.append(port)
            figures += _with_hosts(product, hosts, ports)
    return figures


def _host(product: Product, number: int) -> tuple[int, Service]:
    """One more Odoo on the same database."""
    port = free_port()
    service = product_processes._odoo(product.database, product.folder / f"host-{number}", port, {"log_handler": ":WARNING"})
    service.timeout = 240
    service.start()
    return port, service


def _with_hosts(product: Product, hosts: list[Service], ports: list[int]) -> list[dict[str, Any]]:
    name = f"hosts.{len(hosts)}"
    until(lambda: _active(product) == 0, "jobs of the part before are still active", 10)
    time.sleep(5)
    idle = _Costs(product, hosts).during(SECONDS / 2, lambda: None)
    with _halls(product, ports) as halls:
        printers = _connect(product, halls)
        _print(product, printers)
        behind: list[float] = []
        before, begun = _printed(halls), time.monotonic()
        busy = _Costs(product, hosts).during(SECONDS, lambda: behind.append(_printed(halls) - _known(product)))
        rate = (_printed(halls) - before) / (time.monotonic() - begun)
        for hall in halls:
            hall.pause()
        _forget(product)
    # By Little's law: so many labels under way at that rate have been under way for so long.
    delay = mean(behind) / rate
    return [
        figure(f"{name}.labels_per_s", rate, "labels/s"),
        figure(f"{name}.delay_s", delay, "s", ceiling=DELAY_CEILING),
        *(figure(f"{name}.{what}", value, unit, idle[what][0]) for what, (value, unit) in busy.items()),
    ]


class _Costs:
    """What the hosts and PostgreSQL use in a while."""

    def __init__(self, product: Product, hosts: list[Service]) -> None:
        self._product, self._hosts = product, hosts

    def during(self, seconds: float, each_second: Callable[[], object]) -> dict[str, tuple[float, str]]:
        """Processor time as a share of one processor, memory of all hosts, transactions a second, connections."""
        used, transactions = self._used(), self._transactions()
        begun, connections = time.monotonic(), []
        while time.monotonic() < begun + seconds:
            time.sleep(1)
            each_second()
            connections.append(self._connections())
        took = time.monotonic() - begun
        used_after = self._used()
        return {
            "odoo_cpu": ((used_after["odoo"] - used["odoo"]) / took, "processors"),
            "postgres_cpu": ((used_after["postgres"] - used["postgres"]) / took, "processors"),
            "memory_mb": (sum(process.memory_full_info().pss for process in self._processes()) / 1e6, "MB"),
            "transactions_per_s": ((self._transactions() - transactions) / took, "1/s"),
            "connections": (max(connections), "connections"),
        }

    def _processes(self) -> list[psutil.Process]:
        roots = [psutil.Process(host.pid) for host in self._hosts]
        return [process for root in roots for process in (root, *root.children(recursive=True))]

    def _used(self) -> dict[str, float]:
        def seconds(process: psutil.Process) -> float:
            try:
                times = process.cpu_times()
            except psutil.Error:
                return 0.0
            return times.user + times.system

        # Connections come and go: what a backend has used that has ended is in the server's own process, as of a child.
        servers = [process for process in psutil.process_iter(["name", "ppid"]) if process.info["name"] == "postgres"]
        roots = [process for process in servers if process.info["ppid"] not in {each.pid for each in servers}]
        ended = sum(root.cpu_times().children_user + root.cpu_times().children_system for root in roots)
        return {"odoo": sum(map(seconds, self._processes())), "postgres": ended + sum(map(seconds, servers))}

    def _transactions(self) -> int:
        ((count,),) = self._product.database.execute(
            "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"
        )
        return int(count)

    def _connections(self) -> int:
        ((count,),) = self._product.database.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid != pg_backend_pid()"
        )
        return int(count)


@contextmanager
def _halls(product: Product, ports: list[int]) -> Iterator[list[HallServer]]:
    """The print servers, each of which sends its events to one of the hosts."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                HallServer(f"http://127.0.0.1:{ports[number % len(ports)]}/label_print_monitor/events", SECRET.format(number), EVERY)
            )
            for number in range(SERVERS)
        ]


def _connect(product: Product, halls: list[HallServer]) -> list[int]:
    """Make the print servers known, with their printers; the printers' ids."""
    admin = Remote(product, "admin")
    printers = []
    for number, hall in enumerate(halls):
        values = {"name": f"Hall {number}", "api_url": hall.url, "api_key": "hall", "rate_limit": 0, "webhook_secret": SECRET.format(number)}
        known = admin.call("label.print.server", "search", [("name", "=", values["name"])])
        if known:
            admin.call("label.print.server", "write", known, values)
        server = known[0] if known else admin.call("label.print.server", "create", values)
        admin.call("label.print.server", "action_test_connection", [server])
        found = admin.call("printer.configuration", "search", [("server_id", "=", server)])
        names = [f"Zebra-{number:02}-{printer}" for printer in range(PRINTERS_EACH)]
        printers += found or admin.call(
            "printer.configuration", "create", [{"name": name, "cups_name": name, "server_id": server} for name in names]
        )
    return printers


def _print(product: Product, printers: list[int]) -> None:
    """As many jobs as are to be active, submitted by Odoo's own scheduled action."""
    admin = Remote(product, "admin")
    labels = [{"zpl_code": f"^XA^FO50,50^FDBox {box}^FS^XZ", "lot_number": "HOSTS", "box_number": box} for box in range(1, QUANTITY + 1)]
    values = [{"printer_id": printers[number % len(printers)], "quantity": QUANTITY, "labels_data": labels} for number in range(ACTIVE)]
    for start in range(0, ACTIVE, CREATED_AT_ONCE):
        admin.call("label.print.job", "create", values[start : start + CREATED_AT_ONCE])
    waiting = "SELECT count(*) FROM label_print_job WHERE status IN ('pending', 'sent')"
    until(lambda: product.database.execute(waiting)[0][0] == 0, "the jobs were not handed over", 300)


def _printed(halls: list[HallServer]) -> int:
    return sum(printed for hall in halls for _printer, _quantity, printed, _times in hall.labels().values())


def _known(product: Product) -> int:
    ((count,),) = product.database.execute("SELECT COALESCE(sum(current_label), 0) FROM label_print_job")
    return int(count)


def _active(product: Product) -> int:
    return product.database.execute("SELECT count(*) FROM label_print_job WHERE status IN ('pending', 'sent', 'queued', 'printing')")[0][0]


def _forget(product: Product) -> None:
    """No job is active, and no print server is asked: the next part begins as this one did."""
    product.database.execute("TRUNCATE label_print_job CASCADE")
