"""Labels that a spooler has handed to a printer whose own address is known too: its odometer tells which are printed.

They stay `sent` until the odometer has moved past them and `~HS` does not contradict (`confirmed`), or until no more
can be told of them (`spooled`): it stands although the printer has nothing left, it jumped, or labels of another
program were seen. The printer is asked on a connection of its own, closed after each question, because many printers
serve one at a time.

A printer that cannot be reached any more may have lost what it was handed last: CUPS's backend reports a label as
completed when its bytes have left, although the connection was cut before the printer had read them. Such a label is
`uncertain`. That is why also without an odometer the newest label stays `sent` until a later one has followed it, or
the queue has gone on for a while.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from . import codes
from .label_window import ODOMETER_LAG, Outcome
from .printer_port import READY, Reading
from .tcp_printer import TcpPrinter

ASK_INTERVAL = 0.3
"""Seconds between two questions: the spooler needs the printer's connection in between."""
_SETTLED_AFTER = 2.0
"""Seconds after which a queue that has not lost its printer shows that the newest label arrived."""
_FIRST_LOOKS = 4
"""A printer is asked for its odometer once it has answered a first question."""


@dataclass(frozen=True)
class HandedLabel:
    """A label that prints `copies`."""

    index: int
    copies: int


class HandedLabels:
    """Of one job. Without a printer that tells its odometer a label is `spooled` once the next one is handed over."""

    def __init__(self, meter: TcpPrinter | None) -> None:
        self._meter = meter
        self._count: int | None = None
        """The odometer before the first of `labels`."""
        self.labels: list[HandedLabel] = []
        self._seen = READY
        self._asked_at = 0.0
        self._empty_since: float | None = None
        self._newest: HandedLabel | None = None
        """The one handed over last, where no odometer tells of it."""
        self._newest_at = 0.0
        self._doubtful: list[HandedLabel] = []
        """Handed over before the printer could not be reached, and not yet counted by its odometer."""
        self._unreachable = False

    @property
    def waiting(self) -> bool:
        """Whether the odometer may still tell of labels."""
        return bool(self.labels or self._doubtful)

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
        label = HandedLabel(index, copies)
        if self._count is None:
            outcomes = self._settle_newest("spooled")
            self._newest, self._newest_at = label, time.monotonic()
            return outcomes
        self.labels.append(label)
        self._empty_since = None
        return []

    def observe(self, held: Sequence[int]) -> tuple[list[Outcome], Reading]:
        """Ask the printer when it is time to; returns outcomes and the newest look at it.

        `held` are the copies of the labels that the spooler still holds, one of which it may be handing over.
        """
        moment = time.monotonic()
        if not self.waiting:
            return [], READY
        if moment - self._asked_at < ASK_INTERVAL:
            return [], self._seen
        before, self._seen = self._seen, self._look()
        reading = self._seen
        if not reading.counted:
            return [], reading
        if self._others(reading, before, held):
            return self.give_up(), reading
        outcomes = self._confirm(reading, bool(held) and not self._unreachable)
        if outcomes or not reading.empty or held:
            self._empty_since = None
        elif self._empty_since is None:
            self._empty_since = moment
        elif moment - self._empty_since > ODOMETER_LAG:
            outcomes += self.give_up()
        return outcomes, reading

    def follow_queue(self, offline: bool, unconnected: bool) -> list[Outcome]:
        """What a look at the queue says of labels handed over; returns outcomes.

        `offline`: it cannot reach its printer, and that for a while. `unconnected`: it has no connection just now.
        """
        self._unreachable = offline or (unconnected and self._seen.code == codes.PRINTER_OFFLINE)
        if self._unreachable:
            return self.doubt()
        settled = time.monotonic() - self._newest_at > _SETTLED_AFTER
        return self._settle_newest("spooled") if settled else []

    def doubt(self) -> list[Outcome]:
        """The printer cannot be reached, and may have lost what it was handed last; returns outcomes."""
        self._doubtful += self.labels
        self.labels = []
        return self._settle_newest("uncertain")

    def give_up(self) -> list[Outcome]:
        """Nothing more will be told of these labels."""
        outcomes = self._settle_newest("spooled")
        outcomes += [(label.index, "uncertain") for label in self._doubtful]
        outcomes += [(label.index, "spooled") for label in self.labels]
        self.labels, self._doubtful, self._count = [], [], None
        return outcomes

    def _settle_newest(self, state: str) -> list[Outcome]:
        label, self._newest = self._newest, None
        return [(label.index, state)] if label else []

    def _confirm(self, reading: Reading, others_leave: bool) -> list[Outcome]:
        """Labels that the odometer has moved past, as far as they are gone from the printer's queue.

        `others_leave`: it may have counted one that the spooler does not call completed yet.
        """
        if reading.odometer is None or reading.parsing:
            return []
        outcomes: list[Outcome] = []
        doubtful = _copies(self._doubtful)
        moved = reading.odometer - self._count
        if doubtful and reading.empty and not others_leave and moved == doubtful + _copies(self.labels):
            # It has counted everything that it was handed: none was lost.
            outcomes += [(label.index, "confirmed") for label in self._doubtful]
            self._doubtful, self._count, doubtful = [], self._count + doubtful, 0
        # Earlier labels may be among those counted, or be lost: what is counted beyond them is of later ones.
        # Those that the spooler is handing over may be among its formats, and then less are gone than this says.
        gone = len(self.labels) - reading.formats
        while gone > 0 and reading.odometer - self._count - doubtful >= self.labels[0].copies:
            label = self.labels.pop(0)
            self._count += label.copies
            outcomes.append((label.index, "confirmed"))
            gone -= 1
        return outcomes

    def _others(self, reading: Reading, before: Reading, held: Sequence[int]) -> bool:
        """Whether labels of another program, or another printer's count, show in a look."""
        handed = [label.copies for label in (*self._doubtful, *self.labels)]
        under_way = len(handed) + len(held)
        if reading.formats > under_way:
            return True
        if reading.odometer is None:
            return False
        moved = reading.odometer - self._count
        if not 0 <= moved <= sum(handed) + sum(held):
            return True
        if before.odometer is None or reading.parsing:
            return False
        # What the odometer had counted already in the look before has left the queue by now.
        left, number = before.odometer - self._count, 0
        for copies in [*handed, *held]:
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


def _copies(labels: Sequence[HandedLabel]) -> int:
    return sum(label.copies for label in labels)
