"""The factory of a soak: two Odoo processes on one database, four print servers, fifteen virtual printers.

The print servers differ as they do in practice: the reference with events, one that is only polled, one of the first
generation, and one that Odoo cannot reach, which calls Odoo itself through a proxy that lets no websocket pass. Their
printers have different tempers.
"""

from __future__ import annotations

import json
import random
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts import cups, product
from scripts.console import say, step
from scripts.databases import Database, fresh_database
from scripts.postgres import running_cluster
from scripts.processes import Service, free_port
from tests.e2e.pull.stations import new_pull_server
from tests.e2e.remote import Remote, until
from tests.soak.network import EventsProxy
from tests.soak.print_server_process import FILE
from tests.support.cups_spooler import CupsSpooler, start_cups_spooler
from tests.support.faulty_proxy import FaultyProxy
from tests.support.print_server import PrintServer, VirtualZebra, start_print_server, start_virtual_zebra

WITHOUT_EVENTS = "batch_status,failed_labels,idempotency,printer_reasons,label_account,submission_lookup"
SILENT = {"answers_when_stopped": False}
# Of each print server: options, and its printers with their tempers.
HALLS: dict[str, tuple[dict[str, Any], dict[str, dict[str, Any]]]] = {
    "reference": (
        {"on_stop_minutes": 15},
        {
            "plain": {},
            "silent": SILENT,
            "slow-to-parse": {"parse_bytes_per_second": 600, "labels_per_second": 12},
            "peel-off": {"peel_off": True},
            "spooled": {"cups": True},
        },
    ),
    "polled": (
        {"on_stop_minutes": 0.1, "capabilities": WITHOUT_EVENTS},
        {
            "plain": {},
            "no-odometer": {"odometer": False, **SILENT},
            "one-at-a-time": {"connections": 1},
            "small-buffer": {"buffer_bytes": 400},
        },
    ),
    "calling": (
        {"on_stop_minutes": 15},
        {"plain": {}, "silent": SILENT, "no-odometer": {"odometer": False, **SILENT}},
    ),
    "first": (
        {"on_stop_minutes": 0.1, "capabilities": "none"},
        {"plain": {}, "no-odometer": {"odometer": False, "host_query": False}, "slow": {"labels_per_second": 3}},
    ),
}
CALLING = "calling"
LOGGERS = ":INFO,odoo.addons.rpc.controllers.xmlrpc:ERROR,werkzeug:WARNING"
SPEED = 7  # labels a second, where a printer has no other


@dataclass
class Printer:
    """A virtual printer, where it stands, and how Odoo knows it."""

    name: str
    zebra: VirtualZebra
    temper: dict[str, Any]
    queue: str = ""
    id: int = 0


@dataclass
class Hall:
    """A print server with its printers, and the proxy through which Odoo reaches it, or it reaches Odoo."""

    name: str
    server: PrintServer
    proxy: FaultyProxy
    printers: list[Printer]
    options: dict[str, Any]
    spooler: CupsSpooler | None = None
    path: str = "/api"  # of all that passes the proxy
    faults: dict[str, Any] = field(default_factory=dict)
    id: int = 0

    @property
    def names_labels(self) -> bool:
        """Whether its server tells each label's state, and not only how many there are."""
        return self.options.get("capabilities") != "none"

    def set_fault(self, **faults: Any) -> None:
        """Give the print server's process other faults: `disk_full`, `clock_offset`."""
        self.faults.update(faults)
        unfinished = self.server.data_dir / f"{FILE}.new"
        unfinished.write_text(json.dumps(self.faults))
        unfinished.rename(self.server.data_dir / FILE)


@dataclass(frozen=True)
class Office:
    """One Odoo process; what `Remote` needs of a product."""

    port: int
    database: Database
    service: Service

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@dataclass
class Factory:
    """All processes of a run."""

    database: Database
    offices: list[Office]
    halls: list[Hall]
    events: EventsProxy
    folder: Path

    @property
    def printers(self) -> list[Printer]:
        return [printer for hall in self.halls for printer in hall.printers]

    def hall_of(self, printer: Printer) -> Hall:
        return next(hall for hall in self.halls if printer in hall.printers)

    def at_rest(self, printer: Printer) -> bool:
        """Whether nothing is on its way into the printer any more, so that what lies there is all that there is."""
        state = printer.zebra.status()
        stopped = any(state[name] for name in ("media_out", "head_open", "ribbon_out", "paused", "hanging"))
        spooler = self.hall_of(printer).spooler
        held = bool(printer.queue and spooler and spooler.jobs())
        return state["online"] and not stopped and not state["in_buffer"] and not held


@contextmanager
def running_factory(seed: int) -> Iterator[Factory]:
    """The factory on free ports with a database of its own, dropped at the end."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="soak-")))
        cluster = stack.enter_context(running_cluster())
        database = stack.enter_context(fresh_database(cluster, "soak", demo=True))
        ports = [free_port() for _process in range(2)]
        events = stack.enter_context(EventsProxy(ports, seed))
        with step("Starting three print servers and their virtual printers"):
            secret = secrets.token_urlsafe(16)
            halls = [_hall(stack, name, folder, events.url, secret, seed) for name in HALLS if name != CALLING]
        offices = []
        with step("Starting two Odoo processes"):
            for number, port in enumerate(ports):
                service = product._odoo(database, folder / f"odoo-{number}", port, {"log_handler": LOGGERS})
                service.timeout = 240
                stack.callback(service.kill)
                service.start()
                offices.append(Office(port, database, service))
        factory = Factory(database, offices, halls, events, folder)
        with step("Connecting the print servers, and starting the one that calls Odoo"):
            _connect(factory, secret)
            halls.append(_calling_hall(stack, folder, ports, offices[0], seed))
        yield factory


def _hall(stack: ExitStack, name: str, folder: Path, events_url: str, secret: str, seed: int) -> Hall:
    options, _tempers = HALLS[name]
    data = folder / name
    printers, spooler = _printers(stack, name, folder, data, seed)
    push = {"webhook_url": f"{events_url}/label_print_monitor/events", "webhook_secret": secret}
    server = stack.enter_context(_print_server(name, data, **(push if "capabilities" not in options else {})))
    proxy = stack.enter_context(FaultyProxy(server.url))
    return Hall(name, server, proxy, printers, options, spooler)


def _printers(
    stack: ExitStack, name: str, folder: Path, data: Path, seed: int
) -> tuple[list[Printer], CupsSpooler | None]:
    """Start a print server's printers, and write down where they are."""
    spooler = None
    printers, addresses = [], []
    for temper_name, temper in HALLS[name][1].items():
        temper = dict(temper)
        behind_cups = temper.pop("cups", False)
        speed = temper.pop("labels_per_second", SPEED)
        full_name = f"{name}-{temper_name}"
        zebra = stack.enter_context(
            start_virtual_zebra(
                full_name, speed, keep_dir=folder / "labels" / full_name, stop_seconds=0.1,
                answer_seconds=0.02, serial_number=f"{seed}-{full_name}", **temper,
            )
        )  # fmt: skip
        printer = Printer(full_name, zebra, temper)
        address = zebra.uri
        if behind_cups and cups.available():
            spooler = stack.enter_context(start_cups_spooler("DirtyCleanInterval 1\nPreserveJobFiles No"))
            spooler.add_queue(full_name, zebra)
            printer.queue, address = full_name, spooler.uri(full_name)
        elif behind_cups:
            say(f"· {full_name} stands without a spooler, because CUPS for tests comes from Debian's packages")
        printers.append(printer)
        addresses.append({"name": full_name, "uri": address, "odometer": temper.get("odometer", True)})
    data.mkdir()
    (data / "printers.json").write_text(json.dumps(addresses))
    return printers, spooler


def _print_server(name: str, data: Path, **more: Any) -> PrintServer:
    return start_print_server(
        api_key=f"key-of-{name}", data_dir=data, printers_file=data / "printers.json", label_pause=0.5,
        answer_timeout=1.0, poll_interval=1.0, module="tests.soak.print_server_process", **HALLS[name][0], **more,
    )  # fmt: skip


def _calling_hall(stack: ExitStack, folder: Path, ports: list[int], office: Office, seed: int) -> Hall:
    """The print server that calls Odoo, connected by a one-time code as a person does it."""
    options, _tempers = HALLS[CALLING]
    data = folder / CALLING
    printers, _spooler = _printers(stack, CALLING, folder, data, seed)
    proxy = stack.enter_context(EventsProxy(ports, seed))
    admin = Remote(office, "admin")
    id_, code = new_pull_server(admin, CALLING)
    server = stack.enter_context(_print_server(CALLING, data, odoo=proxy.url, code=code))
    hall = Hall(CALLING, server, proxy, printers, options, path="/label_print_monitor", id=id_)
    _find_printers(admin, hall)
    return hall


def _connect(factory: Factory, secret: str) -> None:
    admin = Remote(factory.offices[0], "admin")
    # The default server of the demo data has no address here.
    admin.call("label.print.server", "write", admin.call("label.print.server", "search", []), {"active": False})
    for hall in factory.halls:
        values = {"name": hall.name, "api_url": hall.proxy.url, "api_key": hall.server.api_key, "rate_limit": 0}
        if hall.name == "reference":
            values["webhook_secret"] = secret
        hall.id = admin.call("label.print.server", "create", values)
        admin.call("label.print.server", "action_test_connection", [hall.id])
        _find_printers(admin, hall)


def _find_printers(admin: Remote, hall: Hall) -> None:
    """Wait until Odoo knows the print server's printers, and note their ids."""
    names = {printer.name: printer for printer in hall.printers}

    def rows() -> list[dict[str, Any]]:
        return admin.call("printer.configuration", "search_read", [("server_id", "=", hall.id)], ["cups_name"])

    until(lambda: len(rows()) == len(names), f"the printers of {hall.name} did not appear")
    for row in rows():
        names[row["cups_name"]].id = row["id"]


def seeded(seed: int, purpose: str) -> random.Random:
    """A sequence of its own for each purpose: what one thread draws does not move another's."""
    return random.Random(f"{seed} {purpose}")
