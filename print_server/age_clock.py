"""A clock for the age of what is kept, which a wrong date cannot drive.

Ended jobs are removed when they are old. A machine that starts with its clock two years ahead would remove all of them
at once, with their idempotency keys. This clock goes at most ten days ahead of what the server has lived through
itself; where the machine's clock says more, it follows only after the server has run for as long as jobs are kept.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from .clock import now
from .database import Database

LONGEST_ABSENCE = 10 * 86400.0
"""Seconds that a server may have been switched off for its date to be believed at once."""


class AgeClock:
    """Kept in the data file; `moment()` is to be asked at the start and then at least now and then."""

    def __init__(
        self, database: Database, keep_seconds: float, wall: Callable[[], float] = now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._database, self._keep, self._wall, self._monotonic = database, keep_seconds, wall, monotonic
        self._lock = threading.Lock()
        self._asked = monotonic()
        self.ahead = 0.0
        """Seconds by which the machine's clock is ahead of what is believed; 0 where it is believed."""

    def moment(self) -> float:
        """Seconds since the epoch that are believed, and stored."""
        with self._lock:
            wall, asked = self._wall(), self._monotonic()
            elapsed, self._asked = asked - self._asked, asked
            believed, doubted = self._read(wall)
            believed += elapsed
            if wall - believed <= LONGEST_ABSENCE or doubted + elapsed >= self._keep:
                believed, doubted = wall, 0.0
            else:
                doubted += elapsed
            self.ahead = max(0.0, wall - believed)
            with self._database.write() as connection:
                connection.executemany(
                    "INSERT INTO notes VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                    [("believed_time", believed), ("doubted_seconds", doubted)],
                )
            return believed

    def _read(self, wall: float) -> tuple[float, float]:
        """What is stored; in a file that never had it, the newest change of a job."""
        reader = self._database.reader
        notes = dict(reader.execute("SELECT name, value FROM notes").fetchall())
        newest = reader.execute("SELECT MAX(updated_at) FROM jobs").fetchone()[0]
        return notes.get("believed_time", wall if newest is None else newest), notes.get("doubted_seconds", 0.0)
