"""A printer in memory, and a clock that only the test moves: the worker's decisions without network and without waiting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from print_server.printer_details import NO_DETAILS
from print_server.printer_port import Reading, SendFailed
from print_server.zpl_format import output

LONGEST_RUN = 20_000
"""Looks and waits after which a run is taken for one that never ends."""


class Clock:
    """Stands for the module `time`: a wait moves it, and what was planned `later` happens on the way."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: list[float] = []
        self._steps = 0
        self._planned: list[tuple[float, Callable[[], object]]] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.pass_by(seconds)

    def later(self, seconds: float, action: Callable[[], object]) -> None:
        """Do something when so many seconds have passed."""
        self._planned.append((self.now + seconds, action))
        self._planned.sort(key=lambda planned: planned[0])

    def pass_by(self, seconds: float, until: Callable[[], bool] = lambda: False) -> None:
        """Let time pass, at most so much."""
        self._steps += 1
        assert self._steps < LONGEST_RUN, "this run does not end"
        end = self.now + seconds
        while self._planned and self._planned[0][0] <= end:
            moment, action = self._planned.pop(0)
            self.now = max(self.now, moment)
            action()
            if until():
                return
        self.now = end


class Signal:
    """Stands for threading.Event: waiting moves the clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._is_set = clock, False

    def set(self) -> None:
        self._is_set = True

    def clear(self) -> None:
        self._is_set = False

    def is_set(self) -> bool:
        return self._is_set

    def wait(self, seconds: float) -> bool:
        self._clock.waits.append(seconds)
        if not self._is_set:
            self._clock.pass_by(seconds, self.is_set)
        return self._is_set


@dataclass
class Held:
    """A format in the printer's buffer, with its labels that are still to print."""

    zpl: str
    left: int


@dataclass
class MemoryPrinter:
    """A PrinterPort that prints a label in `label_seconds`. `code` stops it; `counted` False: its counts are not told."""

    clock: Clock
    label_seconds: float = 0.1
    has_odometer: bool = True
    counts_labels: bool = True
    code: str | None = None
    counted: bool = True
    buffer_full: bool = False
    odometer: int = 500
    odometer_after: float = 0.0
    """The moment from which on it tells its odometer."""
    stops_after: int | None = None
    """Labels after which it is out of paper."""
    serial: str | None = "A1"
    answer_seconds: float = 0.001
    closes_after_label: bool = False
    line: int = 1
    ended_in_order: bool = False
    has_answered: bool = False
    own_address: str = "192.0.2.1"
    peer_address: str | None = "192.0.2.9"
    gave_up_asking: bool = False
    details: object = NO_DETAILS
    held: list[Held] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)
    most_held: int = 0
    looks: list[float] = field(default_factory=list)
    closed: list[float] = field(default_factory=list)
    cleared: int = 0
    conversations: list[str] = field(default_factory=list)
    refuse: list[SendFailed | None] = field(default_factory=list)
    """What the next sends raise; None for one that works."""
    _begun: float | None = None

    @property
    def asks_odometer(self) -> bool:
        return self.has_odometer

    def look(self) -> Reading:
        self.clock.pass_by(self.answer_seconds)
        self.looks.append(self.clock.now)
        self._print()
        told = self.has_odometer and self.clock.now >= self.odometer_after
        odometer = self.odometer if told else None
        if not self.counted:
            return Reading(self.code, odometer=odometer if self.counts_labels and self.code else None)
        left = self.held[0].left if self.held else 0
        return Reading(self.code, (), True, len(self.held), left, False, self.buffer_full, odometer)

    def identity(self) -> str | None:
        return self.serial

    def send(self, zpl: str, keep_on: Callable[[], bool]) -> None:
        self._print()
        if self.refuse and (error := self.refuse.pop(0)):
            raise error
        if not self.counts_labels:
            self.printed.append(zpl)
            return
        if not self.held:
            self._begun = self.clock.now
        self.held.append(Held(zpl, output(zpl).copies))
        self.most_held = max(self.most_held, len(self.held))

    def clear(self) -> None:
        self.cleared += 1
        self.held.clear()

    def converse(self, talk: Callable[[Callable], None]) -> None:
        talk(lambda question, complete: b"")
        self.conversations.append(self.own_address)

    def close(self) -> None:
        self.closed.append(self.clock.now)

    def stop(self, code: str, counted: bool = True) -> None:
        """Stop with a fault, silently when nothing is `counted`."""
        self._print()
        self.code, self.counted, self._begun = code, counted, None

    def go_on(self) -> None:
        self.code, self.counted, self.stops_after, self._begun = None, True, None, self.clock.now

    def reconnected(self, in_order: bool = False) -> None:
        """The connection has ended, and another one was made."""
        self.line, self.ended_in_order = self.line + 1, in_order

    def _print(self) -> None:
        while self.held and self.code is None and self._begun is not None:
            if self.clock.now - self._begun < self.label_seconds - 1e-9:
                return
            if self.stops_after is not None and len(self.printed) >= self.stops_after:
                self.code, self._begun = "paper_out", None
                return
            self._begun += self.label_seconds
            self.odometer += 1
            self.printed.append(self.held[0].zpl)
            self.held[0].left -= 1
            if not self.held[0].left:
                self.held.pop(0)
                if self.closes_after_label:
                    self.reconnected(in_order=True)
