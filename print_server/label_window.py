"""Which of the labels under way are printed, by the printer's own counts.

Two counts: how many formats it still has (`~HS`), and its odometer, the labels that it has printed in its life. Labels
leave the printer in the order in which they came. `meter` is what the odometer showed before the labels under way.

- A label is `confirmed` when the odometer has moved past it and `~HS` does not contradict; without an odometer when
  the printer had it (it was *seen*) and has it no more. One that was never seen and is not there is `spooled`.
- After the connection broke, the odometer tells printed labels (`confirmed`) from those that never arrived (`waiting`).
  Without it, or where others print too, they are `uncertain`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .printer_port import Reading
from .zpl_format import Output

Outcome = tuple[int, str]
"""A label's index and its new state."""

ODOMETER_LAG = 2.0
"""Seconds after which an odometer that does not move has told that a label which left the printer was not printed."""
ARRIVAL = 0.5
"""Seconds in which what a broken connection had delivered shows in the printer's counts."""
UNSEEN, UNSEEN_WITH_ODOMETER = 0.25, 10.0
"""Seconds for which the printer must have nothing to print before a label that it never showed is `spooled`: it may be
a format that prints nothing, or have been quicker than the questions, which an odometer would have told."""
OTHERS_REMEMBERED = 3600.0
"""Seconds for which a printer counts as shared after the last sign of another program."""
_LOOKS = 3


@dataclass
class Underway:
    """A label that was sent: it prints `copies`, by so many `formats` of its ZPL."""

    index: int
    copies: int
    sent_at: float
    formats: int = 1
    seen: bool = False


class LabelWindow:
    """The labels of one job that were sent and have no outcome yet. Times are monotonic seconds."""

    def __init__(self, shared: bool = False) -> None:
        self._always_shared = shared
        self._others_at: float | None = None
        self.foreign_seen = False
        """Whether the printer held more formats than were sent to it here: proof of another program."""
        self.meter: int | None = None
        self.under_way: list[Underway] = []
        self.broken = False
        """Whether the connection they were sent on is gone, and their fate is being found out."""
        self._alone = self._delivered = False
        self._still_since: float | None = None
        self._still_looks = 0
        self._last: Reading | None = None

    @property
    def shared(self) -> bool:
        """Whether other programs print on this printer: then an odometer that moved is no proof of ours."""
        return self._always_shared or self._others_at is not None

    def adopt(self, labels: Iterable[tuple[int, Output]], meter: int, moment: float) -> None:
        """Take labels (index, and what they print) that an earlier run sent, as after a connection that broke."""
        self.under_way = [Underway(index, brings.copies, moment, brings.formats) for index, brings in labels]
        self.meter, self.broken, self._alone = meter, True, True

    def sent(self, index: int, copies: int, moment: float, formats: int = 1) -> None:
        """A label is about to leave."""
        self.under_way.append(Underway(index, copies, moment, formats))
        self._still_since, self._still_looks = None, 0

    def not_sent(self, index: int) -> None:
        """No byte of this label left, nor of those after it."""
        self.under_way = [label for label in self.under_way if label.index < index]

    def broke(self, in_order: bool = False) -> None:
        """The connection on which they were sent is gone; `in_order` when the printer closed it after taking all."""
        if self.under_way:
            self._delivered = in_order and not self.broken
            self.broken, self._still_since, self._still_looks = True, None, 0

    def abandon(self) -> None:
        """Nothing more is to be learnt of the labels under way; some may still be in the printer."""
        if self.under_way:
            self.under_way, self.meter, self._alone = [], None, False
        self.broken = False

    def forget_meter(self) -> None:
        """The odometer that was read is not this printer's."""
        self.meter = None

    def observe(self, reading: Reading, moment: float) -> list[Outcome]:
        """Learn from a look; returns the labels that have an outcome now, in order."""
        if not reading.counted:
            return self._while_silent(reading)
        if not self.under_way:
            self._rest(reading, moment)
            return []
        before, self._last = self._last, reading
        moved = before is None or reading.odometer != before.odometer
        if not reading.empty:
            self._still_since, self._still_looks = None, 0
        elif self._still_since is None or moved:
            self._still_since, self._still_looks = moment, 1
        else:
            self._still_looks += 1
        still = moment - self._still_since if self._still_since and self._still_looks >= _LOOKS else 0.0
        outcomes = self._after_break(reading, still) if self.broken else self._in_order(reading, before, still, moment)
        self._take(outcomes)
        return outcomes

    def withdrawn(self, after: Reading) -> list[Outcome]:
        """The outcomes after `~JA`, from a printer that is stopped: what it has no more will not be printed.

        What it keeps is the label that it was moving, the first one.
        """
        if not after.counted or after.parsing or not after.code:
            return []
        printed = self._by_odometer(after)
        outcomes = self._printed(printed) + self._not_printed(printed, after)
        outcomes = outcomes[:printed] + outcomes[printed + after.formats :]
        self._take(outcomes)
        return outcomes

    def all_ours(self, reading: Reading) -> bool:
        """Whether the printer holds these labels and nothing else, so that it may be told to forget all it has.

        Only the odometer proves it: without one, a label of ours may have come out and one of another program have
        taken its place in the count.
        """
        if not self.under_way or self._others or not reading.counted:
            return False
        if reading.parsing or reading.formats != self._formats:
            return False
        if self.meter is None or reading.odometer is None:
            return False
        return 0 <= reading.odometer - self.meter < self.under_way[0].copies

    def pieces_begun(self, reading: Reading) -> int:
        """How many labels of the first format under way are on paper, where it prints several."""
        if not self.under_way or self.broken or self._others or None in (self.meter, reading.odometer):
            return 0
        return max(0, min(reading.odometer - self.meter, self.under_way[0].copies - 1))

    @property
    def _others(self) -> bool:
        """Whether another program's labels may be among those that the printer counts."""
        return self.shared or not self._alone

    def _rest(self, reading: Reading, moment: float) -> None:
        """Nothing is under way: what the printer shows is where the count begins."""
        if self._others_at is not None and moment - self._others_at > OTHERS_REMEMBERED:
            self._others_at = None
        if self._alone and None not in (self.meter, reading.odometer) and reading.odometer != self.meter:
            self._others_at = moment
        self.meter, self._alone, self.broken = reading.odometer, reading.empty, False

    def _while_silent(self, reading: Reading) -> list[Outcome]:
        """A stopped printer that does not answer `~HS` may still tell its odometer."""
        if None in (reading.odometer, self.meter) or self.broken or self._others:
            return []
        if reading.odometer - self.meter > sum(label.copies for label in self.under_way):
            return []
        outcomes = self._printed(self._by_odometer(reading))
        self._take(outcomes)
        return outcomes

    def _in_order(self, reading: Reading, before: Reading | None, still: float, moment: float) -> list[Outcome]:
        if self._alone and not reading.parsing and reading.formats > self._formats:
            self._others_at, self.foreign_seen = moment, True
        if reading.formats or reading.parsing:
            for label in self.under_way:
                label.seen = True
        gone = 0 if reading.parsing else self._gone(reading.formats)
        if self.meter is not None and reading.odometer is not None and reading.odometer < self.meter:
            # It jumped back: another printer, or a reset one.
            self.meter = None
        if self.meter is None or (reading.odometer is None and still > ODOMETER_LAG):
            return self._by_formats(gone, still)
        if reading.odometer is None:
            return []
        moved = self._by_odometer(reading)
        too_far = reading.odometer - self.meter > sum(label.copies for label in self.under_way)
        earlier = self._by_odometer(before) if before else 0
        if self._alone and (too_far or (earlier > gone and not reading.parsing)):
            # More were printed than were sent here or left the queue.
            self._others_at = moment
        if reading.parsing:
            return self._printed(0 if self._others else moved)
        outcomes = self._printed(min(moved, gone))
        rest = self.under_way[len(outcomes) :]
        if rest and still > (ODOMETER_LAG if rest[0].seen else UNSEEN_WITH_ODOMETER):
            # The printer has nothing left and its odometer stands. Those that it had were cancelled at the printer.
            outcomes += [(label.index, "uncertain" if label.seen else "spooled") for label in rest]
        return outcomes

    def _by_formats(self, gone: int, still: float) -> list[Outcome]:
        outcomes = []
        for label in self.under_way[:gone]:
            if not label.seen and still < UNSEEN:
                break
            outcomes.append((label.index, "confirmed" if label.seen else "spooled"))
        return outcomes

    def _after_break(self, reading: Reading, still: float) -> list[Outcome]:
        count = len(self.under_way)
        if self.meter is None or (reading.odometer is None and still > ODOMETER_LAG):
            if not self._others and not reading.parsing and reading.formats == self._formats:
                # All of them are there and whole, and nothing else is.
                self.broken = False
                for label in self.under_way:
                    label.seen = True
                return []
            state = "spooled" if self._delivered and count == 1 else "uncertain"
            return [(label.index, state) for label in self.under_way]
        if reading.odometer is None:
            return []
        moved = reading.odometer - self.meter
        if moved < 0 or moved > sum(label.copies for label in self.under_way):
            return [(label.index, "uncertain") for label in self.under_way]
        printed = 0 if self._others else self._by_odometer(reading)
        outcomes = self._printed(printed)
        if still > ARRIVAL:
            outcomes += self._not_printed(printed, reading)
        return outcomes

    @property
    def _formats(self) -> int:
        """How many formats the labels under way are."""
        return sum(label.formats for label in self.under_way)

    def _gone(self, formats: int) -> int:
        """How many labels have left a printer that still has so many formats."""
        kept = 0
        for label in reversed(self.under_way):
            if formats <= 0:
                break
            formats, kept = formats - label.formats, kept + 1
        return len(self.under_way) - kept

    def _by_odometer(self, reading: Reading) -> int:
        """How many of the labels are printed in full if all that the odometer moved was theirs."""
        if self.meter is None or reading.odometer is None:
            return 0
        left, number = reading.odometer - self.meter, 0
        for label in self.under_way:
            left -= label.copies
            if left < 0:
                break
            number += 1
        return number

    def _printed(self, number: int) -> list[Outcome]:
        return [(label.index, "confirmed") for label in self.under_way[:number]]

    def _not_printed(self, printed: int, reading: Reading) -> list[Outcome]:
        """The printer has nothing left: which labels behind the first `printed` may be on paper all the same."""
        rest = self.under_way[printed:]
        outcomes = [(label.index, "waiting") for label in rest]
        if rest and self.meter is not None and reading.odometer is not None:
            moved = reading.odometer - self.meter - sum(label.copies for label in self.under_way[:printed])
            if moved and self._others:
                # They were ours, or somebody else's.
                outcomes = [(label.index, "uncertain") for label in self.under_way]
            elif moved:
                # Some of the copies of this one.
                outcomes[0] = (rest[0].index, "uncertain")
        return outcomes

    def _take(self, outcomes: list[Outcome]) -> None:
        states = dict(outcomes)
        if "uncertain" in states.values():
            # What such a label did to the odometer is not known; it is read again when nothing is under way.
            self.meter, self._alone = None, False
        elif self.meter is not None:
            self.meter += sum(label.copies for label in self.under_way if states.get(label.index) == "confirmed")
        self.under_way = [label for label in self.under_way if label.index not in states]
        if not self.under_way:
            self.broken = False
