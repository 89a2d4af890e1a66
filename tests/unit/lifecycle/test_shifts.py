"""When shifts begin and end, on days on which the clock changes as well."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from services.lifecycle import shifts

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = (22 * 60, 6 * 60)


@pytest.mark.parametrize(
    ("day", "begins", "ends", "hours"),
    [
        (date(2025, 6, 10), "2025-06-10 20:00", "2025-06-11 04:00", 8),
        (date(2025, 10, 25), "2025-10-25 20:00", "2025-10-26 05:00", 9),
        (date(2025, 3, 29), "2025-03-29 21:00", "2025-03-30 04:00", 7),
    ],
)
def test_a_night_over_midnight_and_over_a_change_of_the_clock(day: date, begins: str, ends: str, hours: int) -> None:
    since, until = shifts.bounds(day, *NIGHT, BERLIN)
    assert (f"{since:%Y-%m-%d %H:%M}", f"{until:%Y-%m-%d %H:%M}") == (begins, ends)
    assert until - since == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("begins", "ends", "minutes"), [(360, 840, 480), (1320, 360, 480), (360, 360, 1440), (0, 1440, 1440), (1320, 0, 120), (1439, 0, 1)]
)
def test_how_long_a_shift_lasts(begins: int, ends: int, minutes: int) -> None:
    assert shifts.lasts(begins, ends) == minutes


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((360, 840), (840, 1320), False),
        ((1320, 360), (360, 840), False),
        ((1320, 360), (840, 1320), False),
        ((1320, 360), (300, 420), True),
        ((1320, 360), (1380, 60), True),
        ((360, 360), (720, 721), True),
        ((0, 1440), (0, 60), True),
        ((360, 840), (360, 840), True),
    ],
)
def test_whether_two_shifts_overlap(one: tuple[int, int], other: tuple[int, int], expected: bool) -> None:
    assert shifts.overlap(one, other) is expected
    assert shifts.overlap(other, one) is expected


def test_the_day_of_a_moment_is_that_on_which_its_shift_began() -> None:
    assert shifts.day_of(datetime(2025, 6, 11, 1), *NIGHT, BERLIN) == date(2025, 6, 10)
    assert shifts.day_of(datetime(2025, 6, 10, 20), *NIGHT, BERLIN) == date(2025, 6, 10)
    assert shifts.day_of(datetime(2025, 6, 11, 4), *NIGHT, BERLIN) is None
    assert shifts.day_of(datetime(2025, 6, 10, 12), *NIGHT, BERLIN) is None


def test_a_time_of_day_is_to_the_minute() -> None:
    assert shifts.minutes(5 + 59 / 60) == 359


@pytest.mark.parametrize(
    ("day", "minute", "expected"),
    [
        (date(2025, 10, 26), 150, "2025-10-26 01:30"),  # 02:30 is there twice: the second
        (date(2025, 3, 30), 150, "2025-03-30 01:30"),  # there is no 02:30: as much after 02:00, which is 03:00
    ],
)
def test_a_shift_that_begins_in_an_hour_that_is_there_twice_or_not_at_all(day: date, minute: int, expected: str) -> None:
    since, _until = shifts.bounds(day, minute, minute + 60, BERLIN)
    assert f"{since:%Y-%m-%d %H:%M}" == expected
