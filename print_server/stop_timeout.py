"""How long a stopped printer is waited for, and how often it is looked at meanwhile."""

from __future__ import annotations

from . import codes
from .settings import Pace

LOOK_INTERVAL = 0.5
"""Seconds between two looks at a printer that is waited for: it goes on within two seconds after the refill."""
_UNTIL_TOLD = {codes.LABEL_WAITING: 2.0, codes.PRINTER_SILENT: 2.0}
"""Seconds for which a stop is not worth telling: a label is usually taken at once, and a printer that has a large label
to parse may not answer meanwhile."""


class StopTimeout:
    """One stop of one printer, from the first look that finds it stopped. Times are monotonic seconds."""

    def __init__(self, pace: Pace, on_stop_minutes: float | None) -> None:
        self._pace = pace
        self._minutes = pace.on_stop_minutes if on_stop_minutes is None else on_stop_minutes
        self.since: float | None = None
        self.looks = 0
        self._next_look = float("-inf")

    @property
    def tries(self) -> int:
        """How often the label that waits was tried, as the contract counts it."""
        return max(1, min(self.looks, self._pace.tries))

    def stopped(self, moment: float) -> None:
        """A look found the printer stopped. One before its time, because a new job woke the worker, is no try."""
        self.since = moment if self.since is None else self.since
        if moment >= self._next_look:
            self.looks += 1

    def over(self) -> None:
        """The printer goes on."""
        self.since, self.looks, self._next_look = None, 0, float("-inf")

    def worth_telling(self, code: str, moment: float) -> bool:
        """Whether it has lasted long enough for a person to be told."""
        return moment - (self.since or moment) >= _UNTIL_TOLD.get(code, 0.0)

    def exhausted(self, code: str, moment: float, begun: bool, under_way: bool) -> bool:
        """Whether the job is to be given up. Without minutes to wait that is after `tries` looks."""
        if code == codes.LABEL_WAITING:
            return False
        waited = moment - (self.since or moment)
        if self._minutes:
            return begun and waited >= 60 * self._minutes
        return waited >= self._pace.shortest_patience if under_way else self.looks >= self._pace.tries

    def sending_exhausted(self, moment: float) -> bool:
        """Whether a printer that takes the rest of a label no more is given up."""
        return moment - (self.since or moment) >= (60 * self._minutes or self._pace.label_timeout)

    def pause(self, moment: float, under_way: bool) -> float:
        """Seconds until the next look; after a look before its time what is left of them."""
        if moment >= self._next_look:
            self._next_look = moment + self._between_looks(under_way)
        return self._next_look - moment

    def _between_looks(self, under_way: bool) -> float:
        if self._minutes:
            return LOOK_INTERVAL
        if under_way:
            return min(0.25, max(0.01, self._pace.shortest_patience / 4))
        if self.looks >= self._pace.tries:
            return LOOK_INTERVAL  # a label that nobody has taken yet, however often it was looked at
        return self._pace.pause_after(self.looks)
