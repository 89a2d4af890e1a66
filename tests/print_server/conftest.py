"""One print server and one virtual printer a module, put in order before each test."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from memory_printer import Clock
from small_odoo import CODE, SmallOdoo, until
from small_shop import Shop, Stores

from print_server import job_run, job_store, label_store
from tests.support.cups_spooler import CupsSpooler, start_cups_spooler
from tests.support.print_server import PrintServer, VirtualZebra, start_print_server, start_virtual_zebra

PRINTER = "Zebra-1"


@pytest.fixture(scope="module")
def _zebra():
    with start_virtual_zebra(PRINTER, labels_per_second=100) as zebra:
        yield zebra


@pytest.fixture(scope="module")
def _server(_zebra):
    with start_print_server({PRINTER: _zebra}, label_timeout=5) as server:
        yield server


@pytest.fixture
def zebra(_zebra: VirtualZebra) -> VirtualZebra:
    """The printer, in order, with no printed labels."""
    _zebra.resume()
    deadline = time.monotonic() + 5
    while _zebra.status()["in_buffer"] and time.monotonic() < deadline:
        time.sleep(0.02)
    _zebra.forget()
    return _zebra


@pytest.fixture
def server(_server: PrintServer, zebra: VirtualZebra) -> PrintServer:
    """A server with every capability that drives `zebra`, with nothing left to do from an earlier test."""
    deadline = time.monotonic() + 10
    while (printer := _server.printer(PRINTER))["jobs_in_queue"] or printer["status"] != "online":
        assert time.monotonic() < deadline, printer
        time.sleep(0.02)
    zebra.forget()
    return _server


@pytest.fixture(scope="module")
def spooler() -> Iterator[CupsSpooler]:
    """A CUPS whose jobs are on its disk after a second, not after half a minute."""
    with start_cups_spooler("DirtyCleanInterval 1") as spooler:
        yield spooler


@pytest.fixture
def stores(tmp_path) -> Iterator[Stores]:
    """The two stores alone."""
    stores = Stores(tmp_path)
    yield stores
    stores.database.close()


@pytest.fixture
def at(monkeypatch) -> Callable[[float], None]:
    """Sets the clock of the stores."""

    def set_to(moment: float) -> None:
        for module in (job_store, label_store):
            monkeypatch.setattr(module, "now", lambda: moment)

    return set_to


@pytest.fixture
def shop(tmp_path, monkeypatch) -> Iterator[Shop]:
    """The stores, and a printer in memory with a clock that only the test moves."""
    clock = Clock()
    monkeypatch.setattr(job_run, "time", clock)
    shop = Shop(tmp_path, clock)
    yield shop
    shop.database.close()


@pytest.fixture
def odoo() -> Iterator[SmallOdoo]:
    """An Odoo for print servers that call it."""
    odoo = SmallOdoo().start()
    yield odoo
    odoo.stop()


@pytest.fixture
def enrolled(zebra: VirtualZebra, odoo: SmallOdoo, tmp_path: Path) -> Iterator[PrintServer]:
    """A print server that was started with a code; it has an API key, too, so that a test can look at it."""
    with start_print_server({PRINTER: zebra}, data_dir=tmp_path / "data", odoo=odoo.url, code=CODE) as server:
        until(lambda: odoo.subscribed, "no websocket")
        yield server
