"""How far a print server's clock is from ours, read from the `Date` header of its answers."""

from __future__ import annotations

import threading
from datetime import timezone

from ..contract.clean_values import clean_time

EXACT = 1.0  # seconds: what is measured at least so exactly replaces any older measurement


class ServerClock:
    """The newest measurement that can be relied on. May be used by several threads at once.

    A server writes the `Date` header somewhere between the moment when we send and the moment when its answer begins to
    arrive, so the middle of the two is compared, and half of the time between them is how wrong that may be. The header
    has whole seconds, cut off, which is half a second more either way.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._skew: float | None = None
        self._error = 0.0
        self._sent_at = 0.0

    @property
    def skew(self) -> float | None:
        """The server's clock minus ours in seconds, None before the first answer with a usable header."""
        with self._lock:
            return self._skew

    def note(self, date: str | None, sent_at: float, took: float) -> None:
        """Take an answer's measurement in.

        A slow answer does not replace a measurement that is exact, and an answer that was overtaken by a later one is
        of no interest.

        :param date: the answer's `Date` header; one that is no time is ignored
        :param sent_at: when the request was sent, in seconds since 1970 by our clock
        :param took: seconds until the answer's headers were there
        """
        moment = clean_time(date)
        if moment is None or took < 0:
            return
        skew = moment.replace(tzinfo=timezone.utc).timestamp() + 0.5 - (sent_at + took / 2)
        error = took / 2 + 0.5
        with self._lock:
            if self._skew is not None and (sent_at < self._sent_at or error > max(EXACT, self._error)):
                return
            self._skew, self._error, self._sent_at = skew, error, sent_at
