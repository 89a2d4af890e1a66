"""The whole product as real processes: PostgreSQL, virtual printers, print server, Odoo. One mechanism for
`make run`, the end-to-end tests, the screenshots and the benchmarks.

    with running_product() as product:
        product.url, product.login, product.database.execute("SELECT …")
        product.printer("Zebra-Line-1").paper_out(after=8)
        product.print_server.restart()
        product.odoo.kill(); product.odoo.start()
"""

import secrets
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts import node_packages, odoo
from scripts.console import Failure, step
from scripts.databases import Database, fresh_database
from scripts.postgres import running_cluster
from scripts.processes import Service, free_port
from tests.support.print_server import DidNotStart, PrintServer, VirtualZebra, start_print_server, start_virtual_zebra

# The names of the printers in the addon's demo data.
PRINT_SERVER = "The print server"
PRINTER_NAMES = ("Zebra-Line-1", "Zebra-Line-2", "Zebra-QC")
FIRST_LABEL_PORT, FIRST_CONTROL_PORT = 9101, 9201
# The print server's own defaults, where `start_print_server` has shorter ones for tests.
AS_SHIPPED = {"rate_limit": 100, "label_pause": 1.0, "answer_timeout": 1.0, "poll_interval": 3.0}


@dataclass(frozen=True)
class Keys:
    """The secrets that Odoo and the print server share."""

    api_key: str
    webhook_secret: str

    @classmethod
    def new(cls) -> "Keys":
        return cls(secrets.token_urlsafe(24), secrets.token_urlsafe(24))


@dataclass(frozen=True)
class Product:
    """What a test or a person needs to use the running product; each process can be stopped, killed and restarted."""

    port: int
    database: Database
    odoo: Service
    print_server: PrintServer
    printers: tuple[VirtualZebra, ...]
    keys: Keys
    folder: Path
    login: str = "admin"
    password: str = "admin"  # noqa: S105 - of a demo database that only this machine reaches

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def printer(self, name: str) -> VirtualZebra:
        return next(printer for printer in self.printers if printer.name == name)

    def stopped(self) -> tuple[str, str] | None:
        """Name and last output of a process that has ended, if one has."""
        if not self.odoo.running():
            return "Odoo", self.odoo.tail()
        for name, process in (
            (PRINT_SERVER, self.print_server),
            *((printer.name, printer) for printer in self.printers),
        ):
            if not process.alive:
                return name, "".join(process.output[-25:])
        return None


@contextmanager
def running_product(
    demo: bool = True,
    printers: Sequence[str] = PRINTER_NAMES,
    labels_per_second: float = 20,
    print_server_options: Mapping[str, object] | None = None,
    odoo_options: Mapping[str, object] | None = None,
    rtl_styles: bool = False,
    odometer: bool = True,
) -> Iterator[Product]:
    """The product on free ports with a database of its own, dropped at the end.

    :param demo: with demo data
    :param printers: names of the virtual printers to start
    :param labels_per_second: their speed
    :param print_server_options: arguments of `start_print_server`, by default the shipped ones
    :param odoo_options: lines for Odoo's configuration file, such as `{"workers": 2}`
    :param odometer: the virtual printers count their labels, which settles what a cut line left in doubt
    :param rtl_styles: with rtlcss, by which Odoo mirrors its styles for right-to-left languages
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="label-print-monitor-")))
        cluster = stack.enter_context(running_cluster())
        database = stack.enter_context(fresh_database(cluster, "product", demo=demo, assets=True))
        product = serve(
            database, folder, free_port(), free_port(), Keys.new(),
            printers=printers, labels_per_second=labels_per_second,
            print_server_options=print_server_options, odoo_options=odoo_options, rtl_styles=rtl_styles,
            odometer=odometer,
        )  # fmt: skip
        yield stack.enter_context(product)


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
    first_ports: tuple[int, int] | None = None,
    print_server_options: Mapping[str, object] | None = None,
    odoo_options: Mapping[str, object] | None = None,
    rtl_styles: bool = False,
    odometer: bool = True,
) -> Iterator[Product]:
    """Start the product's processes on an existing database, and stop them at the end.

    :param folder: for logs and for what the print server and the printers keep
    :param first_ports: the first printer's ports for labels and for commands when they are free; the others follow
    """
    url = f"http://127.0.0.1:{port}"
    connect_to_print_server(database, url, f"http://127.0.0.1:{print_port}", keys)
    with ExitStack() as stack:
        with step(f"Starting {len(printers)} virtual printers and the print server"):
            try:
                zebras = []
                for number, name in enumerate(printers):
                    label_port, control_port = (
                        (free_port(first + number) for first in first_ports) if first_ports else (0, 0)
                    )
                    zebras.append(
                        stack.enter_context(
                            start_virtual_zebra(
                                name,
                                labels_per_second,
                                port=label_port,
                                control_port=control_port,
                                odometer=odometer,
                                keep_dir=folder / "labels" / name,
                            )
                        )
                    )
                print_server = stack.enter_context(
                    start_print_server(
                        {zebra.name: zebra for zebra in zebras},
                        api_key=keys.api_key,
                        port=print_port,
                        data_dir=folder / "print_server",
                        webhook_url=f"{url}/label_print_monitor/events",
                        webhook_secret=keys.webhook_secret,
                        **AS_SHIPPED | dict(print_server_options or {}),
                    )
                )
            except DidNotStart as error:
                raise Failure(str(error), "the last lines above name the cause") from None
        with step("Starting Odoo"):
            web = _odoo(database, folder, port, odoo_options or {}, rtl_styles)
            stack.callback(web.stop)
            web.start()
        yield Product(port, database, web, print_server, tuple(zebras), keys, folder)


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
            key,
            value,
        )


def _odoo(
    database: Database, folder: Path, port: int, options: Mapping[str, object], rtl_styles: bool = False
) -> Service:
    config = odoo.write_config(
        folder / "odoo.conf",
        database.cluster,
        database.name,
        **{"http_port": port, "gevent_port": free_port(), "max_cron_threads": 2} | dict(options),
    )

    def ready() -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/web/health", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    return Service(
        "Odoo",
        [sys.executable, "-m", "odoo", "--config", config],
        folder / "odoo.log",
        ready,
        node_packages.with_programs(odoo.environment()) if rtl_styles else odoo.environment(),
        timeout=120,
    )
