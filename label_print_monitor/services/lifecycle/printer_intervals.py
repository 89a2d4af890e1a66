"""How long a printer was in which state: failures, seconds by day, and the figures that follow from them.

A failure begins when a printer that was ready needs somebody or is offline, and ends when it is ready again. A second
reason, or a time in which nothing is known of the printer, belongs to the same failure.

Ready time is the time online or busy, down time the time in which it needed somebody or was offline. What is unknown is
neither: of a printer whose server is away nobody can say whether it would have printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta, timezone, tzinfo

from .incidents import HANDLING

READY = ("online", "busy")
DOWN = ("attention", "offline")
UNKNOWN = "unknown"
STATES = (*READY, *DOWN, UNKNOWN)


def main_reason(causes: Iterable[str]) -> str:
    """The one of several causes that an interval names, "paused" or "open" only without another one; '' for none."""
    causes = set(causes)
    return min(causes - set(HANDLING) or causes, default="")


def is_in_failure(status: str, was_in_failure: bool) -> bool:
    """Whether a printer that is now in this state has failed and not been ready since."""
    return status in DOWN or (status == UNKNOWN and was_in_failure)


def seconds_by_day(since: datetime, until: datetime, zone: tzinfo) -> dict[date, int]:
    """How many seconds of each day lie between two moments, for days as a clock in ``zone`` has them.

    :param since: naive UTC
    :param until: naive UTC; nothing lies between when it is not later
    """
    found: dict[date, int] = {}
    start = since.replace(microsecond=0)
    end = until.replace(microsecond=0)
    while start < end:
        day = _local(start, zone).date()
        # The next midnight may be 23 or 25 hours after the last one, and where the clocks change at midnight that day
        # begins later.
        stop = min(end, _beginning(day + timedelta(days=1), zone))
        while stop <= start or (stop < end and _local(stop, zone).date() <= day):
            stop = min(end, max(stop, start) + timedelta(minutes=15))
        found[day] = found.get(day, 0) + int((stop - start).total_seconds())
        start = stop
    return found


def _local(moment: datetime, zone: tzinfo) -> datetime:
    return moment.replace(tzinfo=timezone.utc).astimezone(zone)


def _beginning(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(timezone.utc).replace(tzinfo=None)


def ready_and_down(seconds: Mapping[str, int]) -> tuple[int, int]:
    """Ready time and down time of seconds by state."""
    return sum(seconds.get(state, 0) for state in READY), sum(seconds.get(state, 0) for state in DOWN)


def availability(seconds: Mapping[str, int]) -> float | None:
    """Ready time of the time in which something was known, 0 to 1; None when nothing was."""
    ready, down = ready_and_down(seconds)
    return ready / (ready + down) if ready + down else None


def mean_time_between_failures(seconds: Mapping[str, int], failures: int) -> float | None:
    """Seconds of ready time for each failure; None without a failure."""
    return ready_and_down(seconds)[0] / failures if failures else None


def mean_time_to_repair(seconds: Mapping[str, int], failures: int) -> float | None:
    """Seconds of down time for each failure; None without a failure."""
    return ready_and_down(seconds)[1] / failures if failures else None
