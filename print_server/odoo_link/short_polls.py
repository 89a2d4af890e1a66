"""How long to wait between two questions while there is no websocket on which Odoo tells that there are calls."""

from __future__ import annotations

import time

SHORTEST, LONGEST, LONGEST_IDLE = 0.2, 2.0, 4.0
"""Seconds: after something came; up to which they are doubled; and up to which when nothing has come for `BUSY_FOR`.
Odoo waits 4.75 s until a call is answered, in which it has to be fetched, performed and brought back."""
BUSY_FOR = 60.0


class ShortPolls:
    """Used by one thread."""

    def __init__(self) -> None:
        self._pause = SHORTEST
        self._came_at = time.monotonic()

    def hurry(self) -> None:
        """Begin again with the shortest pause, as when something came."""
        self._pause, self._came_at = SHORTEST, time.monotonic()

    def next(self) -> float:
        """Seconds until the next question after one for which nothing came."""
        is_busy = time.monotonic() - self._came_at < BUSY_FOR
        self._pause = min(LONGEST if is_busy else LONGEST_IDLE, 2 * self._pause)
        return self._pause
