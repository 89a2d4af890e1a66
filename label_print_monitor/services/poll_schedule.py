"""When to look, how often, and when to leave a server alone.

All pacing numbers live here. The aim is a screen that is at most two seconds old while labels come out, without asking
a server that pushes, one that is down, or one with a request limit more than it can bear. Functions of plain numbers;
"now" is always handed in, in seconds of whatever clock the caller uses.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

SWEEP_PAUSE = 2.0  # seconds between two sweeps while something is due
SAFETY_NET = 60.0  # seconds: every active job is looked at this often, whatever else happens
MAX_BATCH = 500  # ids in one batch question, the contract's limit
SWEEPS_UNTIL_UNREACHABLE = 3

_MINUTE = 60.0
_NO_LIMIT = 1_000_000

# Seconds since the last news → seconds until the next look. The longer nothing happens, the less often it is worth it.
_PACE: dict[str, tuple[tuple[float, float], ...]] = {
    "sent": ((60, SWEEP_PAUSE), (300, 5.0), (1_800, 15.0)),
    "queued": ((60, SWEEP_PAUSE), (600, 5.0), (3_600, 15.0)),
    "printing": ((120, SWEEP_PAUSE), (600, 5.0), (1_800, 15.0)),
}


def poll_interval(status: str, idle_seconds: float, pushed: bool) -> float:
    """Seconds until a job is due again; at most SWEEP_PAUSE means "stays due", so nothing needs to be written.

    :param idle_seconds: since the job's last change
    :param pushed: the server is pushing events right now, so polling is only the safety net
    """
    if pushed:
        return SAFETY_NET
    idle = idle_seconds if idle_seconds > 0 else 0.0  # also for NaN and a clock that was set back
    return next((pause for until, pause in _PACE.get(status, ()) if idle < until), SAFETY_NET)


@dataclass
class RequestBudget:
    """How many requests a server still takes this minute.

    :ivar limit_per_minute: what we allow ourselves, None or 0 for no limit of our own
    :ivar remaining: requests left until `reset_at`; None when that is not known
    :ivar reset_at: when the window ends, in the caller's seconds
    """

    limit_per_minute: int | None = 100
    remaining: int | None = None
    reset_at: float = 0.0

    def allowed(self, now: float, reserve: int = 0) -> int:
        """How many requests may go out now. `reserve` keeps some back, for people who print or cancel meanwhile."""
        remaining = self.remaining if now < self.reset_at else None
        if remaining is None:
            remaining = self.limit_per_minute or _NO_LIMIT
        return max(0, remaining - max(0, reserve))

    def spent(
        self, now: float, remaining_header: int | None = None, retry_after: float | None = None, count: int = 1
    ) -> RequestBudget:
        """Note `count` requests and what the server said about its limit. Changes the budget and returns it.

        The server's own count wins over ours: others may use the same key. After a 429 pass its `retry_after`, or 0 as
        `remaining_header` when it gave none.
        """
        if now >= self.reset_at:
            self.remaining = self.limit_per_minute or None
            self.reset_at = now + _MINUTE
        if self.remaining is not None:
            self.remaining = max(0, self.remaining - count)
        if remaining_header is not None:
            self.remaining = max(0, remaining_header)
        if retry_after is not None and math.isfinite(retry_after):
            self.remaining = 0
            self.reset_at = now + max(0.0, retry_after)
        return self


def probe_pause(failures: int) -> float:
    """Seconds until a server that failed `failures` times in a row is asked again: 2, 4, 8 … up to 60."""
    return min(SAFETY_NET, SWEEP_PAUSE * 2.0 ** min(10, max(0, failures - 1)))


def submit_pause(try_number: int) -> float | None:
    """Seconds to wait after the failed try `try_number` (1, 2, 3: 1, 2, 4 s), then None: no further try."""
    return {1: 1.0, 2: 2.0, 3: 4.0}.get(try_number)


def priority_for(quantity: int) -> str:
    """Small jobs first: somebody waits for them at the line."""
    if quantity < 10:
        return "high"
    return "normal" if quantity <= 200 else "low"


# A label takes 0.1 s (spooling) to 3 s (printing). Estimates use the middle, suspicion the slow end.
TYPICAL_SECONDS_PER_LABEL = 1.0
SLOW_SECONDS_PER_LABEL = 3.0
_LONGEST_ESTIMATE = timedelta(hours=24)


def stuck_after(status: str, quantity: int, seconds_per_label: float | None) -> float:
    """Seconds without progress after which a job needs attention; infinite for a job that has ended.

    :param quantity: labels still to print in this attempt. A server that only says "printing" and then "completed"
        makes no visible progress in between, so the whole rest at the printer's own pace must be allowed for.
    :param seconds_per_label: measured on that printer, None when not known
    """
    if status == "printing":
        pace = _pace(seconds_per_label) or SLOW_SECONDS_PER_LABEL
        return min(1_800.0, max(120.0, 60.0 + 1.5 * pace * max(0, quantity)))
    return {"pending": 120.0, "sent": 120.0, "queued": 900.0}.get(status, math.inf)


@dataclass(frozen=True)
class Estimate:
    """When a job will be done (naive UTC) and how that is known: 'server', 'measured' or 'typical'."""

    finish_at: datetime
    source: str


def estimate(
    now: datetime,
    labels_left: int,
    seconds_per_label: float | None = None,
    server_says: datetime | None = None,
    labels_ahead: int = 0,
) -> Estimate:
    """When the last label should be out. Never before `now`, never more than a day ahead.

    :param labels_ahead: labels of other jobs that the printer does first
    :param server_says: the server's own estimate; one that has passed is worth nothing any more
    """
    if server_says and now < server_says <= now + _LONGEST_ESTIMATE:
        return Estimate(server_says, "server")
    pace = _pace(seconds_per_label)
    seconds = (pace or TYPICAL_SECONDS_PER_LABEL) * (max(0, labels_left) + max(0, labels_ahead))
    seconds = min(seconds, _LONGEST_ESTIMATE.total_seconds())
    return Estimate(now + timedelta(seconds=round(seconds)), "measured" if pace else "typical")


def _pace(seconds_per_label: float | None) -> float | None:
    """A measured pace within what a label printer can do, None when there is none worth using."""
    if not seconds_per_label or not math.isfinite(seconds_per_label) or seconds_per_label <= 0:
        return None
    return min(30.0, max(0.02, seconds_per_label))
