"""What goes wrong, and when: a list that the seed decides. Every fault ends by itself, or when the run ends."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

import psycopg2

from tests.soak.factory import Factory, Hall, Office, Printer, seeded
from tests.support.faulty_proxy import CUT, DROPPED

METHODS = ("GET", "POST", "DELETE")
AT_ONCE = 3
CLOCK_JUMP = 300


@dataclass
class Happened:
    """A fault of the run, in seconds of the monotonic clock.

    :ivar scope: the print server whose jobs it keeps from being known; '' for all, '-' for none
    :ivar doubtful: whether it can leave a label of which nobody knows
    """

    kind: str
    target: str
    scope: str
    doubtful: bool
    began: float
    at: str
    ended: float = 0.0


@dataclass(frozen=True)
class Kind:
    """A kind of fault: how it begins and ends at a target, how long it lasts, how often it is drawn."""

    name: str
    weight: int
    seconds: tuple[float, float]
    targets: Callable[[Factory], list]
    begin: Callable[[Factory, object], None]
    end: Callable[[Factory, object], None]
    doubtful: bool = False


def _halls(factory: Factory) -> list[Hall]:
    return factory.halls


def _pushing(factory: Factory) -> list[Hall]:
    return [hall for hall in factory.halls if "capabilities" not in hall.options]


def _printers(factory: Factory) -> list[Printer]:
    return factory.printers


def _offices(factory: Factory) -> list[Office]:
    return factory.offices


def _resume(_factory: Factory, printer: Printer) -> None:
    printer.zebra.resume()


def _power_on(_factory: Factory, printer: Printer) -> None:
    printer.zebra.restart()


def _thaw(_factory: Factory, hall: Hall) -> None:
    os.kill(hall.server.pid, signal.SIGCONT)


def _network(hall: Hall, answer: object, *, deliver: bool = True, delay: float = 0.0, methods=METHODS) -> None:
    for method in methods:
        hall.proxy.add_fault(method, hall.path, answer, deliver=deliver, delay=delay)


def _network_well(_factory: Factory, hall: Hall) -> None:
    hall.proxy.clear_faults()


def _cut_connections(factory: Factory, _target: object) -> None:
    cluster, name = factory.database.cluster, factory.database.name
    cluster.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    _terminate(factory)


def _terminate(factory: Factory) -> None:
    factory.database.cluster.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s OR application_name = ANY(%s)",
        factory.database.name,
        [f"odoo-{office.service.pid}" for office in factory.offices if office.service.running()],
    )


def _allow_connections(factory: Factory, _target: object) -> None:
    _terminate(factory)
    factory.database.cluster.execute(f'ALTER DATABASE "{factory.database.name}" ALLOW_CONNECTIONS true')


def _events(factory: Factory, **fault) -> None:
    factory.events.add_fault("POST", "/label_print_monitor/events", **fault)


def _repeat(factory: Factory, share: float) -> None:
    factory.events.repeating = share


KINDS = (
    Kind("printer: out of labels", 4, (2, 10), _printers, lambda _f, p: p.zebra.paper_out(after=3), _resume),
    Kind("printer: head open", 1, (2, 6), _printers, lambda _f, p: p.zebra.head_open(), _resume),
    Kind("printer: paused", 3, (2, 10), _printers, lambda _f, p: p.zebra.pause(), _resume),
    Kind("printer: off the network", 2, (2, 6), _printers, lambda _f, p: p.zebra.offline(), _resume, True),
    Kind("printer: line cut in mid-label", 2, (1, 2), _printers, lambda _f, p: p.zebra.cut(1), _resume, True),
    Kind("printer: power", 3, (1, 5), _printers, lambda _f, p: p.zebra.kill(), _power_on, True),
    Kind("print server: killed", 4, (1, 4), _halls, lambda _f, h: h.server.kill(), lambda _f, h: h.server.restart(), True),
    Kind("print server: stopped for 10 s", 2, (10, 10), _halls, lambda _f, h: os.kill(h.server.pid, signal.SIGSTOP), _thaw, True),
    Kind("print server: disk full", 3, (4, 8), _halls, lambda _f, h: h.set_fault(disk_full=True), lambda _f, h: h.set_fault(disk_full=False), True),
    Kind("print server: clock 5 min fast", 2, (8, 20), _halls, lambda _f, h: h.set_fault(clock_offset=CLOCK_JUMP), lambda _f, h: h.set_fault(clock_offset=0)),
    Kind("print server: clock 5 min slow", 2, (8, 20), _halls, lambda _f, h: h.set_fault(clock_offset=-CLOCK_JUMP), lambda _f, h: h.set_fault(clock_offset=0)),
    Kind("Odoo: killed", 2, (1, 3), _offices, lambda _f, o: o.service.kill(), lambda _f, o: o.service.start(), True),
    Kind("database: connections cut", 2, (1, 2), lambda f: [f.database], _cut_connections, _allow_connections, True),
    Kind("network: cut", 2, (3, 8), _halls, lambda _f, h: _network(h, DROPPED, deliver=False), _network_well, True),
    Kind("network: slow", 2, (4, 8), _halls, lambda _f, h: _network(h, None, delay=2.0), _network_well),
    Kind("network: answers lost after acceptance", 3, (2, 5), _halls, lambda _f, h: _network(h, DROPPED, methods=("POST", "DELETE")), _network_well, True),
    Kind("network: answers cut in the middle", 2, (2, 5), _halls, lambda _f, h: _network(h, CUT), _network_well, True),
    Kind("events: delivered twice, late, in another order", 3, (5, 12), lambda f: [f.events], lambda f, _t: _repeat(f, 0.5), lambda f, _t: _repeat(f, 0.0)),
    Kind("events: slow", 2, (3, 8), lambda f: [f.events], lambda f, _t: _events(f, answer=None, delay=1.5), lambda f, _t: f.events.clear_faults()),
    Kind("events: answers lost after acceptance", 2, (2, 5), lambda f: [f.events], lambda f, _t: _events(f, answer=DROPPED), lambda f, _t: f.events.clear_faults()),
)  # fmt: skip


class Faults:
    """The faults of a run. `problems` are those that could not be brought about or ended."""

    def __init__(self, factory: Factory, seed: int, only: str = "") -> None:
        self._factory = factory
        self._chance = seeded(seed, "faults")
        self._kinds = [kind for kind in KINDS if kind.name.startswith(tuple(only.split(",")) if only else "")]
        self._stopping = threading.Event()
        self._busy: dict[int, Happened] = {}
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="faults", daemon=True)
        # Odoo ends with the thread that has started it: these live as long as this process.
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="fault")
        self._under_way: list[Future[None]] = []
        self.happened: list[Happened] = []
        self.problems: list[str] = []
        self._started = time.monotonic()

    def start(self) -> None:
        """Bring them about until `stop`."""
        self._thread.start()

    def stop(self) -> None:
        """End all that are under way, and wait until everything works again."""
        self._stopping.set()
        if self._thread.ident:
            self._thread.join(60)
        wait(self._under_way, timeout=300)

    def counts(self) -> Counter[str]:
        """How many there were of each kind."""
        return Counter(fault.kind for fault in self.happened)

    def _run(self) -> None:
        while not self._stopping.wait(self._chance.uniform(0.8, 3.0)):
            kind = self._draw()
            # Both are drawn in any case, so that a run goes on in the same way where a target is busy.
            target = self._chance.choice(kind.targets(self._factory))
            seconds = self._chance.uniform(*kind.seconds)
            with self._lock:
                if len(self._busy) >= AT_ONCE or id(target) in self._busy or self._one_of_a_kind(target):
                    continue
                fault = self._note(kind, target)
                self._busy[id(target)] = fault
            self._under_way.append(self._pool.submit(self._one, kind, target, seconds, fault))

    def _draw(self) -> Kind:
        return self._chance.choices(self._kinds, [kind.weight for kind in self._kinds])[0]

    def _one_of_a_kind(self, target: object) -> bool:
        """Not both Odoo at once: then nobody could print anything, and the run would measure their start."""
        return isinstance(target, Office) and any(id(office) in self._busy for office in self._factory.offices)

    def _note(self, kind: Kind, target: object) -> Happened:
        if isinstance(target, Hall):
            name, scope = target.name, target.name
        elif isinstance(target, Printer):
            name, scope = target.name, "-"
        else:
            name, scope = "", ""
        moment = time.monotonic()
        fault = Happened(kind.name, name, scope, kind.doubtful, moment, f"{moment - self._started:.1f}", moment + 3600)
        self.happened.append(fault)
        return fault

    def _one(self, kind: Kind, target: object, seconds: float, fault: Happened) -> None:
        try:
            kind.begin(self._factory, target)
        except Exception as error:  # noqa: BLE001 - told in the report
            self.problems.append(f"{kind.name} {fault.target} did not begin: {error!r}")
        self._stopping.wait(seconds)
        for attempt in range(5):
            try:
                kind.end(self._factory, target)
                break
            except Exception as error:  # noqa: BLE001 - told in the report
                if attempt == 4:
                    self.problems.append(f"{kind.name} {fault.target} did not end: {error!r}")
                time.sleep(1)
        fault.ended = time.monotonic()
        with self._lock:
            self._busy.pop(id(target), None)


def put_in_order(factory: Factory) -> None:
    """Everything works: after the last fault."""
    for printer in factory.printers:
        with contextlib.suppress(OSError):
            printer.zebra.resume()
    for hall in factory.halls:
        hall.proxy.clear_faults()
        hall.set_fault(disk_full=False, clock_offset=0)
    factory.events.clear_faults()
    factory.events.repeating = 0.0
    with contextlib.suppress(psycopg2.Error):
        factory.database.cluster.execute(f'ALTER DATABASE "{factory.database.name}" ALLOW_CONNECTIONS true')
