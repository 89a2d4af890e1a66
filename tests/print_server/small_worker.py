"""A worker with a printer in memory, which works in the test's own thread."""

from __future__ import annotations

from types import SimpleNamespace

from memory_printer import Signal
from small_shop import request, zpl

from print_server import worker as worker_module
from print_server.fleet import Fleet
from print_server.printers_met import PrintersMet
from print_server.settings import Pace
from print_server.worker import PrinterWorker


def make_ready(shop, monkeypatch) -> None:
    """Give the worker the test's clock, and the shop what a worker needs beside it."""
    monkeypatch.setattr(worker_module, "time", shop.clock)
    monkeypatch.setattr(worker_module, "threading", SimpleNamespace(Event=lambda: Signal(shop.clock)))
    shop.pace, shop.alerts, shop.pickup_delay = Pace(poll_interval=3.0), None, 0.0
    shop.met = PrintersMet(shop.database)


def worker_of(shop, port=None) -> PrinterWorker:
    shop.changes = []
    shop.fleet = Fleet((shop.config,), lambda name: shop.changes.append(shop.fleet.state(name).status))
    return PrinterWorker(
        shop.config, port or shop.printer, shop.labels, shop.fleet, shop.met, shop.pace, shop.pickup_delay, shop.alerts
    )


def run(shop, seconds, port=None, before=None) -> PrinterWorker:
    """Let a worker work for so long; `before(worker)` plans what happens meanwhile."""
    worker = worker_of(shop, port)
    if before:
        before(worker)
    shop.clock.later(seconds, worker.stop)
    worker.run()
    return worker


def accept(shop, *numbers, **changes):
    return shop.jobs.accept(request(*[zpl(number) for number in numbers], **changes)).job_id
