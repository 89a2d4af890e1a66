"""The worker's rounds with a printer in memory, in the test's own thread. With processes: test_server_worker.py."""

from __future__ import annotations

import sqlite3

import pytest
from memory_printer import MemoryPrinter
from small_shop import PRINTER, zpl
from small_worker import accept, make_ready, run, worker_of

from print_server import worker as worker_module
from print_server.cups_printer import CupsPrinter
from print_server.fleet import Fleet
from print_server.printer_details import PrinterDetails
from print_server.printer_port import Reading
from print_server.worker import PrinterWorker


@pytest.fixture(autouse=True)
def _without_waiting(shop, monkeypatch):
    make_ready(shop, monkeypatch)


def test_jobs_are_printed_in_order_of_priority_and_age(shop):
    accept(shop, 1), accept(shop, 2), accept(shop, 3, priority=0)
    worker = run(shop, 2)
    assert shop.printer.printed == [zpl(3), zpl(1), zpl(2)]
    assert worker.fault is None
    assert worker.printer == PRINTER
    assert (worker.name, worker.daemon) == (f"printer {PRINTER}", True)


def test_the_printer_counts_as_busy_while_a_job_is_printed(shop):
    accept(shop, 1)
    run(shop, 2)
    assert shop.changes == ["busy", "online"]


def test_it_counts_as_free_after_a_fault_too(shop, monkeypatch):
    accept(shop, 1)
    shop.printer.look = lambda: 1 / 0
    worker = run(shop, 0.5)
    assert not shop.fleet.state(PRINTER).busy
    assert worker._idle


def test_an_idle_printer_is_looked_at_every_few_seconds_and_its_connection_closed(shop):
    run(shop, 10)
    assert shop.printer.looks == [pytest.approx(moment, abs=0.02) for moment in (1000, 1003, 1006, 1009)]
    assert shop.printer.closed[:4] == shop.printer.looks
    assert shop.fleet.state(PRINTER).odometer == 500
    assert shop.clock.now == pytest.approx(1010)


def test_the_connection_is_closed_at_the_end(shop):
    run(shop, 1)
    assert shop.printer.closed[-1] == pytest.approx(1001)


def test_the_window_learns_from_the_looks(shop):
    worker = run(shop, 1)
    assert worker._window.meter == 500


def test_a_job_just_done_counts_as_a_look(shop):
    shop.clock.later(2.9, lambda: accept(shop, 1))
    run(shop, 7, before=lambda worker: shop.clock.later(2.9, worker.wake))
    idle = [moment for moment in shop.printer.looks if not 1002.85 < moment < 1003.5]
    assert idle == [pytest.approx(1000, abs=0.02), pytest.approx(1006.05, abs=0.1)]


def test_a_new_job_is_printed_as_soon_as_the_worker_is_woken(shop):
    def plan(worker):
        shop.clock.later(1, lambda: (accept(shop, 1), worker.wake()))

    run(shop, 1.5, before=plan)
    assert shop.printer.printed == [zpl(1)]


def test_the_worker_does_not_ask_the_store_all_the_time(shop):
    asked = []
    ask = shop.labels.next_job
    shop.labels.next_job = lambda printer: (asked.append(shop.clock.now), ask(printer))[1]
    run(shop, 10)
    assert len(asked) <= 9


def test_a_pickup_delay(shop):
    shop.pickup_delay = 0.7
    accept(shop, 1)
    run(shop, 0.9)
    assert shop.clock.waits[0] == 0.7
    assert shop.printer.looks[0] > 1000.7


def test_an_alert_makes_it_look_at_once(shop):
    run(shop, 2.5, before=lambda worker: shop.clock.later(1, worker.alert))
    assert shop.printer.looks == [pytest.approx(1000, abs=0.02), pytest.approx(1001, abs=0.02)]


def test_an_alert_during_a_job_is_looked_after_when_it_is_done(shop):
    accept(shop, *range(1, 6))
    run(shop, 2, before=lambda worker: shop.clock.later(0.1, worker.alert))
    # Only a look at an idle printer closes the connection; the last one is the worker's end.
    assert shop.printer.closed == [pytest.approx(1000.5, abs=0.1), pytest.approx(1002)]
    assert shop.printer.printed == [zpl(number) for number in range(1, 6)]


def test_with_a_job_in_hand_an_alert_wakes_nobody(shop):
    worker = worker_of(shop)
    worker._idle = False
    worker.alert()
    assert not worker._woken.is_set()
    worker._idle = True
    worker.alert()
    assert worker._woken.is_set()


def test_after_a_fault_the_job_is_taken_up_again(shop):
    accept(shop, 1)
    keep, faults = shop.labels.next_job, []

    def fail_once(printer):
        if not faults:
            faults.append(sqlite3.OperationalError("disk full"))
            raise faults[0]
        return keep(printer)

    shop.labels.next_job = fail_once
    seen = []
    run(shop, 3, before=lambda worker: [
        shop.clock.later(seconds, lambda: seen.append(worker.fault)) for seconds in (0.5, 1.5)
    ])  # fmt: skip
    assert seen == ["OperationalError", None]
    assert shop.clock.waits[1] == 1
    assert shop.printer.printed == [zpl(1)]


def test_a_fault_is_over_with_the_next_round_that_works(shop):
    look, faults = shop.printer.look, [1, 1]
    shop.printer.look = lambda: 1 / 0 if faults and faults.pop() else look()
    seen = []
    run(shop, 4, before=lambda worker: [
        shop.clock.later(seconds, lambda: seen.append(worker.fault)) for seconds in (0.5, 1.5, 3.0)
    ])  # fmt: skip
    assert seen == ["ZeroDivisionError", "ZeroDivisionError", None]


def test_the_window_is_as_large_as_configured(shop):
    shop.configure(window=4)
    accept(shop, *range(1, 9))
    run(shop, 3)
    assert shop.printer.most_held == 4


class Alerts:
    """Stands for AlertSetup."""

    due = True

    def __init__(self):
        self.runs = []

    def run(self, exchange, own_address):
        exchange(b"", lambda answer: True)
        self.runs.append(own_address)


def test_alerts_are_set_when_the_printer_is_in_order_and_idle(shop):
    shop.alerts = Alerts()
    run(shop, 1)
    assert shop.alerts.runs == ["192.0.2.1"]


@pytest.mark.parametrize(
    "change",
    [
        lambda shop: setattr(shop.alerts, "due", False),
        lambda shop: shop.printer.stop("paper_out"),
        lambda shop: setattr(shop.printer, "counted", False),
    ],
)
def test_alerts_are_not_set_otherwise(shop, change):
    shop.alerts = Alerts()
    change(shop)
    run(shop, 1)
    assert shop.alerts.runs == []


class MemoryQueue(CupsPrinter):
    """A queue of a spooler, in memory."""

    def __init__(self):
        self.has_answered = self.gave_up_asking = self.counts_labels = False
        self.details, self.closes = MemoryPrinter(None).details, 0

    def look(self):
        return Reading("spooler_paused", ("paused",))

    def close(self):
        self.closes += 1


def test_behind_a_spooler_what_was_left_there_is_cleared_at_each_look(shop, monkeypatch):
    cleared, queue = [], MemoryQueue()
    monkeypatch.setattr(worker_module, "clear_left_behind", lambda *arguments: cleared.append(arguments))
    worker = run(shop, 4, queue)
    assert cleared == [(queue, worker._spooled, PRINTER)] * 2
    assert shop.fleet.state(PRINTER).reading.code == "spooler_paused"
    # The spooler's connection is kept until the end.
    assert queue.closes == 1
    assert worker.address is None


def test_behind_a_spooler_a_job_is_given_to_the_spooler(shop, monkeypatch):
    runs, queue = [], MemoryQueue()
    accept(shop, 1)

    class Run:
        def __init__(self, *arguments):
            runs.append(arguments)

        def run(self):
            shop.labels.end(runs[-1][0], "paper_out")

    monkeypatch.setattr(worker_module, "SpoolerRun", Run)
    monkeypatch.setattr(worker_module, "clear_left_behind", lambda *arguments: None)
    worker = run(shop, 1, queue)
    assert runs[0][0].printer == PRINTER
    assert list(runs[0][1:]) == [
        shop.config, queue, shop.labels, worker._spooled, shop.fleet, shop.pace, worker._woken, worker._stopping,
    ]  # fmt: skip


def test_the_address_of_the_printer(shop):
    assert worker_of(shop).address == "192.0.2.9"


def test_of_an_idle_printer_all_is_told_that_a_look_has_found(shop):
    shop.printer.details = PrinterDetails(model="ZT411")
    run(shop, 1)
    state = shop.fleet.state(PRINTER)
    assert (state.confirms, state.details.model) == (True, "ZT411")


def test_a_worker_waits_for_nothing_where_nothing_is_said(shop):
    worker = PrinterWorker(shop.config, shop.printer, shop.labels, Fleet((shop.config,)), shop.met, shop.pace)
    assert worker.fault is None
    accept(shop, 1)
    shop.clock.later(0.5, worker.stop)
    worker.run()
    assert shop.clock.waits[0] == 0
    assert worker.fault is None


def test_labels_of_others_in_an_idle_printer_are_seen_in_time(shop):
    """The odometer moves between two looks: somebody else has printed, which is forgotten after an hour."""
    shop.clock.later(1, lambda: setattr(shop.printer, "odometer", 600))
    worker = run(shop, 5)
    assert worker._window.shared
    shop.clock.later(3700, worker.stop)
    worker._stopping.clear()
    worker.run()
    assert not worker._window.shared


def test_the_labels_of_a_spooler_are_kept_in_the_same_file(shop):
    worker = worker_of(shop)
    assert worker._spooled._database is shop.database


def test_the_log_names_the_printer_of_a_fault(shop, caplog):
    shop.printer.look = lambda: 1 / 0
    run(shop, 0.5)
    assert "The worker of printer Zebra-1 met a fault and starts again" in caplog.text


def test_while_a_job_is_printed_the_worker_is_not_idle(shop):
    seen = []
    accept(shop, 1)
    run(shop, 1, before=lambda worker: shop.clock.later(0.05, lambda: seen.append(worker._idle)))
    assert seen == [False]
