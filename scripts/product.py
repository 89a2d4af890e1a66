"""The whole product as real processes: PostgreSQL, virtual printers, print server, Odoo. One mechanism for
`make run`, the end-to-end tests, the screenshots and the benchmarks.

    with running_product() as product:
        requests.get(product.url)
        product.print_server.restart()
        product.printers[0].service.kill()
"""

import os
import secrets
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts import odoo, places
from scripts.console import step
from scripts.databases import Database, fresh_database
from scripts.postgres import running_cluster
from scripts.processes import Service, answers, free_port

# The names of the printers in the addon's demo data.
PRINTER_NAMES = ("Zebra-Line-1", "Zebra-Line-2", "Zebra-QC")
FIRST_LABEL_PORT, FIRST_CONTROL_PORT = 9101, 9201


@dataclass(frozen=True)
class Printer:
    """A virtual Zebra: labels go to its port, commands such as "paper out" to its control address."""

    name: str
    port: int
    control_port: int
    service: Service

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    @property
    def control_url(self) -> str:
        return f"http://127.0.0.1:{self.control_port}"


@dataclass(frozen=True)
class Product:
    """Everything a test or a person needs to use the running product. Services can be stopped, killed and restarted."""

    port: int
    database: Database
    odoo: Service
    print_port: int
    print_server: Service
    printers: tuple[Printer, ...]
    api_key: str
    webhook_secret: str
    login: str = "admin"
    password: str = "admin"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def print_server_url(self) -> str:
        return f"http://127.0.0.1:{self.print_port}"

    @property
    def services(self) -> tuple[Service, ...]:
        return (self.odoo, self.print_server, *(printer.service for printer in self.printers))

    def printer(self, name: str) -> Printer:
        return next(printer for printer in self.printers if printer.name == name)


@contextmanager
def running_product(
    demo: bool = True, printers: Sequence[str] = PRINTER_NAMES, labels_per_second: float = 5, print_server_options: Sequence[str] = (), **odoo_options: object
) -> Iterator[Product]:
    """The product on free ports with a database of its own, gone at the end.

    :param printers: names of the virtual printers to start
    :param labels_per_second: their speed
    :param print_server_options: further arguments of `python -m print_server`
    :param odoo_options: lines for Odoo's configuration file, such as `workers=2`
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="label-print-monitor-")))
        cluster = stack.enter_context(running_cluster())
        database = stack.enter_context(fresh_database(cluster, "product", demo=demo, assets=True))
        yield stack.enter_context(
            serve(
                database, folder, free_port(), free_port(), Keys.new(), printers=printers, labels_per_second=labels_per_second,
                print_server_options=print_server_options, odoo_options=odoo_options,
            )
        )


@dataclass(frozen=True)
class Keys:
    """What Odoo and the print server know each other by."""

    api_key: str
    webhook_secret: str

    @classmethod
    def new(cls) -> "Keys":
        return cls(secrets.token_urlsafe(24), secrets.token_urlsafe(24))


@contextmanager
def serve(
    database: Database,
    folder: Path,
    port: int,
    print_port: int,
    keys: Keys,
    *,
    printers: Sequence[str] = PRINTER_NAMES,
    labels_per_second: float = 5,
    first_ports: tuple[int, int] = (0, 0),
    print_server_options: Sequence[str] = (),
    odoo_options: dict[str, object] | None = None,
) -> Iterator[Product]:
    """Start the product's processes around a database that is there, and stop them at the end.

    :param folder: for logs and for what the print server and the printers keep
    :param first_ports: the first printer's ports for labels and for commands when they are free; the others follow
    """
    connect_to_print_server(database, f"http://127.0.0.1:{port}", f"http://127.0.0.1:{print_port}", keys)
    zebras = tuple(_printer(name, number, folder, labels_per_second, first_ports) for number, name in enumerate(printers))
    print_server = _print_server(folder, port, print_port, keys, zebras, print_server_options)
    web = _odoo(database, folder, port, odoo_options or {})
    product = Product(port, database, web, print_port, print_server, zebras, keys.api_key, keys.webhook_secret)
    with ExitStack() as stack:
        with step(f"Starting {len(zebras)} virtual printers and the print server"):
            for service in (*(zebra.service for zebra in zebras), print_server):
                stack.callback(service.stop)
                service.start()
        with step("Starting Odoo"):
            stack.callback(web.stop)
            web.start()
        yield product


def connect_to_print_server(database: Database, url: str, print_server_url: str, keys: Keys) -> None:
    """Write the addresses and keys of this run into the database; the ports may be others than last time."""
    values = {
        "label_print.api_url": print_server_url,
        "label_print.api_key": keys.api_key,
        "label_print.webhook_secret": keys.webhook_secret,
        "web.base.url": url,
        "web.base.url.freeze": "True",
    }
    for key, value in values.items():
        database.execute(
            "INSERT INTO ir_config_parameter (key, value, create_uid, write_uid, create_date, write_date)"
            " VALUES (%s, %s, 1, 1, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')"
            " ON CONFLICT (key) DO UPDATE SET value = excluded.value, write_date = excluded.write_date",
            key, value,
        )


def _printer(name: str, number: int, folder: Path, labels_per_second: float, first_ports: tuple[int, int]) -> Printer:
    port, control_port = (free_port(first + number if first else 0) for first in first_ports)
    command = [
        sys.executable, "-m", "print_server.virtual_zebra", "--name", name, "--port", port, "--control-port", control_port,
        "--labels-per-second", labels_per_second, "--keep-dir", folder / "labels" / name,
    ]
    return Printer(name, port, control_port, Service(name, command, folder / f"{name}.log", lambda: answers(control_port), _environment()))


def _print_server(folder: Path, port: int, print_port: int, keys: Keys, zebras: Sequence[Printer], options: Sequence[str]) -> Service:
    command = [
        sys.executable, "-m", "print_server", "--port", print_port, "--data-dir", folder / "print_server",
        "--printers", *(f"{zebra.name}={zebra.address}" for zebra in zebras),
        "--webhook-url", f"http://127.0.0.1:{port}/label_print_monitor/events", *options,
    ]
    environment = _environment() | {"PRINT_SERVER_API_KEY": keys.api_key, "PRINT_SERVER_WEBHOOK_SECRET": keys.webhook_secret}
    return Service("The print server", command, folder / "print_server.log", lambda: answers(print_port), environment)


def _odoo(database: Database, folder: Path, port: int, options: dict[str, object]) -> Service:
    config = odoo.write_config(folder / "odoo.conf", database.cluster, database.name, **{"http_port": port, "max_cron_threads": 2} | options)

    def ready() -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/web/health", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    return Service("Odoo", [sys.executable, "-m", "odoo", "--config", config], folder / "odoo.log", ready, odoo.environment(), patience=120)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(places.CHECKOUT), "PYTHONUNBUFFERED": "1"}
