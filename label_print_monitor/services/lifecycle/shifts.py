"""When a shift begins and ends, for a plant whose clock may change within it.

A shift is written as two times of the plant's clock, in minutes after midnight. One that ends at an earlier time ends
on the next day, and is a shift of the day on which it begins; one that ends at the time at which it begins lasts a day.
PostgreSQL finds the same moments in label_print_attempt_figure_rows.py: an hour that is there twice is the second one,
a time that the clock leaves out is as much later.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

DAY = 24 * 60


def minutes(hour: float) -> int:
    """Minutes after midnight of an hour such as 6.5, to the minute."""
    return round(hour * 60)


def lasts(begins: int, ends: int) -> int:
    """Minutes from the beginning to the end, where the clock does not change."""
    return (ends - begins - 1) % DAY + 1


def overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two shifts, each as (beginning, end) in minutes, have a minute of the day in common."""
    (begins, ends), (begins_other, ends_other) = one, other
    after, before = (begins_other - begins) % DAY, (begins - begins_other) % DAY
    return after < lasts(begins, ends) or before < lasts(begins_other, ends_other)


def bounds(day: date, begins: int, ends: int, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From when until when the shift of a day lasts.

    :return: naive UTC; the end no longer belongs to it
    """
    return _moment(day, begins, zone), _moment(day, begins + lasts(begins, ends), zone)


def day_of(moment: datetime, begins: int, ends: int, zone: ZoneInfo) -> date | None:
    """The day of the shift during which a moment (naive UTC) is; None when it is during none."""
    here = moment.replace(tzinfo=timezone.utc).astimezone(zone).date()
    for day in (here, here - timedelta(days=1)):
        since, until = bounds(day, begins, ends, zone)
        if since <= moment < until:
            return day
    return None


def _moment(day: date, minute: int, zone: ZoneInfo) -> datetime:
    wall = datetime.combine(day, time.min) + timedelta(minutes=minute)
    # Of an hour that is there twice the second; of one that is left out, by the offset from before.
    both = (wall.replace(tzinfo=zone, fold=fold).astimezone(timezone.utc) for fold in (0, 1))
    return max(both).replace(tzinfo=None)
