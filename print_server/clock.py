"""The one place where time is read and becomes text, so that every answer and event writes it in the same way.

`configure` makes the clock wrong on purpose, or its texts local, so that clients can be tried with such a server.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

NOTED_SKEW = 120.0
"""Seconds of difference to Odoo's clock from which on it is told; at 300 Odoo refuses the events."""
_WITHOUT_ZONE = len("2026-03-04T09:15:30.123")
_offset = 0.0
_local_zone: timezone | None = None


def configure(offset: float = 0.0, local_minutes: int | None = None) -> None:
    """Shift the clock by `offset` seconds; with `local_minutes` east of UTC write local times without a zone."""
    global _offset, _local_zone
    _offset = offset
    _local_zone = None if local_minutes is None else timezone(timedelta(minutes=local_minutes))


def now() -> float:
    """Seconds since the epoch, by this server's clock."""
    return time.time() + _offset


def iso(seconds: float | None) -> str | None:
    """ISO-8601 in UTC with milliseconds and a trailing Z, or None for no time. See `configure` for local times."""
    if seconds is None:
        return None
    moment = datetime.fromtimestamp(seconds, tz=_local_zone or timezone.utc)
    text = moment.isoformat(timespec="milliseconds")[:_WITHOUT_ZONE]
    return text if _local_zone else text + "Z"
