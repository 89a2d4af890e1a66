"""The one place where time becomes text, so that every answer and event writes UTC in the same way."""

from __future__ import annotations

import time
from datetime import datetime, timezone


def now() -> float:
    """Seconds since the epoch."""
    return time.time()


def iso(seconds: float | None) -> str | None:
    """ISO-8601 in UTC with milliseconds and a trailing Z, or None for no time."""
    if seconds is None:
        return None
    moment = datetime.fromtimestamp(seconds, tz=timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
