"""Labels that a spooler has handed to a printer whose own address is known too: its odometer tells which are printed.

They stay `sent` until the odometer has moved past them and `~HS` does not contradict (`confirmed`), or until no more
can be told of them (`spooled`): it stands although the printer has nothing left, it jumped, or labels of another
program were seen. The printer is asked on a connection of its own, closed after each question, because many printers
serve one at a time.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from .label_window import ODOMETER_LAG, Outcome
from .printer_port import READY, Reading
from .tcp_printer import TcpPrinter

ASK_INTERVAL = 0.3
"""Seconds between two questions: the spooler needs the printer's connection in between."""
_FIRST_LOOKS = 4
"""A printer is asked for its odometer once it has answered a first question."""


@dataclass(frozen=True)
class HandedLabel:
    """A label that prints `copies`."""

    index: int
    copies: int


class HandedLabels:
    """Of one job. Without a printer that tells its odometer each label is `spooled` as soon as it is handed over."""

    def __init__(self, meter: TcpPrinter | None) -> None:
        self._meter = meter
        self._count: int | None = None
        """The odometer before the first of `labels`."""
        self.labels: list[HandedLabel] = []
        self._seen = READY
        self._asked_at = 0.0
        self._empty_since: float | None = None

    def begin(self) -> None:
        """Nothing is under way: read the odometer, if the printer has nothing else to print."""
        self._count = None
        for _look in range(_FIRST_LOOKS if self._meter and self._meter.asks_odometer else 0):
            reading = self._look()
            if reading.empty and reading.odometer is not None:
                self._count = reading.odometer
            if self._count is not None or not reading.empty:
                return

    def add(self, index: int, copies: int) -> list[Outcome]:
        """The spooler has handed this label over; returns what is known at once."""
        if self._count is None:
            return [(index, "spooled")]
        self.labels.append(HandedLabel(index, copies))
        self._empty_since = None
        return []

    def observe(self, held: Sequence[int]) -> tuple[list[Outcome], Reading]:
        """Ask the printer when it is time to; returns outcomes and the newest look at it.

        `held` are the copies of the labels that the spooler still holds, one of which it may be handing over.
        """
        moment = time.monotonic()
        if not self.labels:
            return [], READY
        if moment - self._asked_at < ASK_INTERVAL:
            return [], self._seen
        before, self._seen = self._seen, self._look()
        reading = self._seen
        if not reading.counted:
            return [], reading
        # Those that the spooler is handing over may be among its formats, and then less are gone than this says.
        gone = len(self.labels) - reading.formats
        if self._others(reading, before, held):
            return self.give_up(), reading
        outcomes = []
        while reading.odometer is not None and not reading.parsing and len(outcomes) < gone:
            label = self.labels[0]
            if reading.odometer - self._count < label.copies:
                break
            self._count += label.copies
            outcomes.append((label.index, "confirmed"))
            del self.labels[0]
        if outcomes or not reading.empty or held:
            self._empty_since = None
        elif self._empty_since is None:
            self._empty_since = moment
        elif moment - self._empty_since > ODOMETER_LAG:
            outcomes += self.give_up()
        return outcomes, reading

    def give_up(self) -> list[Outcome]:
        """The odometer tells no more of these labels."""
        outcomes = [(label.index, "spooled") for label in self.labels]
        self.labels, self._count = [], None
        return outcomes

    def _others(self, reading: Reading, before: Reading, held: Sequence[int]) -> bool:
        """Whether labels of another program, or another printer's count, show in a look."""
        under_way = len(self.labels) + len(held)
        if reading.formats > under_way:
            return True
        if reading.odometer is None:
            return False
        moved = reading.odometer - self._count
        if not 0 <= moved <= sum(label.copies for label in self.labels) + sum(held):
            return True
        if before.odometer is None or reading.parsing:
            return False
        # What the odometer had counted already in the look before has left the queue by now.
        left, number = before.odometer - self._count, 0
        for copies in [*(label.copies for label in self.labels), *held]:
            left -= copies
            if left < 0:
                break
            number += 1
        return number > under_way - reading.formats

    def _look(self) -> Reading:
        self._asked_at = time.monotonic()
        reading = self._meter.look()
        self._meter.close()
        return reading
