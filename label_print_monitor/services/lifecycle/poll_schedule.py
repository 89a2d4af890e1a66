"""When to look, how often, and when to leave a server alone.

All pacing numbers live here. The aim is a screen that is at most two seconds old while labels come out, without asking
a server that pushes, one that is down, or one with a request limit more than it can bear. Functions of plain numbers;
"now" is always handed in, in seconds of whatever clock the caller uses.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..contract.print_request import PRIORITIES
from .server_clock import TOLERANCE

SWEEP_PAUSE = 2.0  # seconds between two sweeps while something is due
SAFETY_NET = 60.0  # seconds: every active job is looked at this often, whatever else happens
PUSH_CHECK = 5.0  # seconds between two looks at the jobs of a server that pushes: what was lost shows after that
PATIENCE = 60  # failed looks in a row at a server with open jobs during which it is asked again within seconds
MAX_BATCH = 500  # ids in one batch question, the contract's limit
SWEEPS_UNTIL_UNREACHABLE = 3
FIRST_REPEAT = 2.0  # seconds until a request that was answered with an error is repeated, then twice as long each time
LONGEST_REPEAT = 60.0

_MINUTE = 60.0
_NO_LIMIT = 1_000_000

# Seconds since the last news → seconds until the next look. The longer nothing happens, the less often it is worth it.
_PACE: dict[str, tuple[tuple[float, float], ...]] = {
    "sent": ((60, SWEEP_PAUSE), (300, 5.0), (1_800, 15.0)),
    "queued": ((60, SWEEP_PAUSE), (600, 5.0), (3_600, 15.0)),
    "printing": ((120, SWEEP_PAUSE), (600, 5.0), (1_800, 15.0)),
}
# A job that has made progress since stays due: nothing has to be found out about it.
FIRST_PACE = timedelta(seconds=min(paces[0][0] for paces in _PACE.values()))


def poll_interval(status: str, idle_seconds: float) -> float:
    """Seconds until a job is due again; at most SWEEP_PAUSE means "stays due", so nothing needs to be written.

    :param idle_seconds: since the job's last change
    """
    idle = idle_seconds if idle_seconds > 0 else 0.0  # also for NaN and a clock that was set back
    return next((pause for until, pause in _PACE.get(status, ()) if idle < until), SAFETY_NET)


@dataclass
class RequestBudget:
    """How many requests a server still takes this minute.

    :ivar limit_per_minute: what we allow ourselves, None or 0 for no limit of our own
    :ivar remaining: requests left until `reset_at`; None when that is not known
    :ivar reset_at: when the window ends, in the caller's seconds
    :ivar seen_limit: the most that the server has said it takes in a minute; 0 while it has said nothing
    """

    limit_per_minute: int | None = 100
    remaining: int | None = None
    reset_at: float = 0.0
    seen_limit: int = 0

    def allowed(self, now: float, reserve: int = 0) -> int:
        """How many requests may go out now.

        :param reserve: kept back for people who print or cancel meanwhile; never more than half of what the server
            takes in a minute, so that one with a low limit is followed, too
        """
        remaining = self.remaining if now < self.reset_at else None
        if remaining is None:
            remaining = self.limit_per_minute or _NO_LIMIT
        limits = [limit for limit in (self.limit_per_minute, self.seen_limit) if limit]
        if limits:
            reserve = min(reserve, min(limits) // 2)
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
            self.seen_limit = max(self.seen_limit, self.remaining + count)
        if retry_after is not None and math.isfinite(retry_after):
            self.remaining = 0
            self.reset_at = now + max(0.0, retry_after)
        return self


def probe_pause(failures: int, jobs_wait: bool = False) -> float:
    """Seconds until a server that failed `failures` times in a row is asked again: 2, 4, 8 … up to 60.

    :param jobs_wait: jobs of the server are open: then every 4 s for some minutes, since somebody waits for them
    """
    if jobs_wait and failures <= PATIENCE:
        return min(2 * SWEEP_PAUSE, SWEEP_PAUSE * max(1, failures))
    return min(SAFETY_NET, SWEEP_PAUSE * 2.0 ** min(10, max(0, failures - 1)))


def submit_pause(try_number: int) -> float | None:
    """Seconds to wait after the failed try `try_number` (1, 2, 3: 1, 2, 4 s), then None: no further try."""
    return {1: 1.0, 2: 2.0, 3: 4.0}.get(try_number)


_TURN = {priority: turn for turn, priority in enumerate(PRIORITIES)}


def priority_for(quantity: int) -> str:
    """Small jobs first: somebody waits for them at the line."""
    if quantity < 10:
        return "high"
    return "normal" if quantity <= 200 else "low"


# A label takes 0.1 s (spooling) to 3 s (printing). Estimates use the middle, suspicion the slow end, and doubt about a
# server's own estimate the quick one.
FASTEST_SECONDS_PER_LABEL = 0.1
TYPICAL_SECONDS_PER_LABEL = 1.0
SLOW_SECONDS_PER_LABEL = 3.0
# So much must have been seen of an attempt before its own pace counts: its first reports come in leaps.
MEASURED_LABELS = 3
MEASURED_SECONDS = 5.0
MEASURED_FINISHED_LABELS = 5  # of an attempt that has ended, for its printer's pace
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
    free_at: datetime | None = None,
) -> Estimate:
    """When the last label should be out. Never before `now`, never more than a day ahead.

    :param server_says: the server's own estimate; one that has passed is worth nothing any more
    :param free_at: when the printer will have done what comes before this job; None when it is printing this very job.
        Whatever its server says, a job that waits cannot end before its turn has come and its labels are out.
    """
    latest = now + _LONGEST_ESTIMATE
    pace = _pace(seconds_per_label)
    start = min(latest, max(now, free_at or now))
    soonest = _after(start, labels_left, pace or FASTEST_SECONDS_PER_LABEL) if free_at else now
    if server_says and now < server_says <= latest and soonest <= server_says:
        return Estimate(server_says, "server")
    finish = _after(start, labels_left, pace or TYPICAL_SECONDS_PER_LABEL)
    return Estimate(min(latest, finish), "measured" if pace else "typical")


def _after(start: datetime, labels: int, pace: float) -> datetime:
    seconds = min(pace * max(0, labels), _LONGEST_ESTIMATE.total_seconds())
    return start + timedelta(seconds=round(seconds))


def attempt_pace(labels_done: int, seconds: float) -> float | None:
    """Seconds a label has taken in this very attempt, None while too little of it has been seen.

    :param labels_done: labels of this attempt that are out
    :param seconds: since its first label was seen
    """
    if labels_done < MEASURED_LABELS or not seconds >= MEASURED_SECONDS:
        return None
    return _pace(seconds / labels_done)


def finished_pace(
    labels: int, started_at: datetime | None, completed_at: datetime | None, longest: float
) -> float | None:
    """Seconds a label has taken in an attempt that has ended, None where its times tell nothing.

    Both times are of one clock, so that it does not matter how far that clock is off.

    :param labels: labels of the attempt
    :param longest: seconds since the attempt was handed over, by our clock: printing has not taken longer
    """
    if labels < MEASURED_FINISHED_LABELS or not started_at or not completed_at:
        return None
    seconds = (completed_at - started_at).total_seconds()
    return _pace(seconds / labels) if seconds <= longest + TOLERANCE.total_seconds() else None


@dataclass(frozen=True)
class Place:
    """A job in its printer's queue.

    :ivar labels_left: labels still to come
    :ivar printing: the printer is at it, else it waits for its turn
    :ivar server_says: the server's own estimate
    :ivar pace: `attempt_pace` of a job that prints
    """

    job_id: int
    labels_left: int
    printing: bool = False
    priority: str = "normal"
    server_says: datetime | None = None
    pace: float | None = None


def queue_estimates(
    now: datetime, places: Iterable[Place], seconds_per_label: float | None = None
) -> dict[int, Estimate]:
    """When each job of one printer should be done, by job id: what it prints now, then the others as their turn comes.

    :param seconds_per_label: the printer's average; what is measured on the job that prints now is better for that job
    """
    turns = sorted(places, key=lambda place: (not place.printing, _TURN.get(place.priority, 1), place.job_id))
    average = _pace(seconds_per_label) or next((place.pace for place in turns if place.pace), None)
    free_at, found = now, {}
    for place in turns:
        if place.printing:
            ends = estimate(now, place.labels_left, place.pace or average, place.server_says)
        else:
            ends = estimate(now, place.labels_left, average, place.server_says, free_at)
        free_at = max(free_at, ends.finish_at)
        found[place.job_id] = ends
    return found


def _pace(seconds_per_label: float | None) -> float | None:
    """A measured pace within what a label printer can do, None when there is none worth using."""
    if not seconds_per_label or not math.isfinite(seconds_per_label) or seconds_per_label <= 0:
        return None
    return min(30.0, max(0.02, seconds_per_label))
