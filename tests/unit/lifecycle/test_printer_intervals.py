"""Seconds by day over midnights and changes of the clocks, and the figures that follow from them."""

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.lifecycle import printer_intervals
from services.lifecycle.printer_intervals import is_in_failure, main_reason, seconds_by_day

BERLIN = ZoneInfo("Europe/Berlin")
# The clocks of the last three change at midnight.
ZONES = [ZoneInfo(name) for name in ("UTC", "Europe/Berlin", "Asia/Kathmandu", "America/Havana", "Africa/Cairo", "America/Santiago")]
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1))
HOUR = 3600


def test_over_midnight_of_the_plant():
    # 22:30 to 01:30 in Berlin's winter.
    found = seconds_by_day(datetime(2026, 1, 5, 21, 30), datetime(2026, 1, 6, 0, 30), BERLIN)
    assert found == {date(2026, 1, 5): 1.5 * HOUR, date(2026, 1, 6): 1.5 * HOUR}


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 3, 30), 24), (date(2026, 10, 25), 25)])
def test_days_on_which_the_clocks_change(day, hours):
    found = seconds_by_day(datetime(2026, 3, 1), datetime(2026, 11, 1), BERLIN)
    assert found[day] == hours * HOUR


def test_clocks_that_change_at_midnight():
    # In Havana 8 March 2026 begins at 01:00.
    found = seconds_by_day(datetime(2026, 3, 8), datetime(2026, 3, 10), ZoneInfo("America/Havana"))
    assert found == {date(2026, 3, 7): 5 * HOUR, date(2026, 3, 8): 23 * HOUR, date(2026, 3, 9): 20 * HOUR}


@pytest.mark.parametrize("until", [datetime(2026, 1, 5), datetime(2025, 1, 1)])
def test_no_time_is_nothing(until):
    assert seconds_by_day(datetime(2026, 1, 5), until, BERLIN) == {}


@given(MOMENTS, st.integers(0, 40 * 24 * HOUR), st.sampled_from(ZONES))
def test_nothing_is_lost_and_each_day_has_its_own(since, seconds, zone):
    until = since.replace(microsecond=0) + timedelta(seconds=seconds)
    found = seconds_by_day(since, until, zone)
    assert sum(found.values()) == seconds
    assert all(0 < count <= 25 * HOUR for count in found.values())
    days = list(found)
    assert days == sorted(days)
    if days:
        first = since.replace(tzinfo=timezone.utc).astimezone(zone).date()
        last = (until - timedelta(seconds=1)).replace(tzinfo=timezone.utc).astimezone(zone).date()
        assert (days[0], days[-1], len(days)) == (first, last, (last - first).days + 1)


@given(MOMENTS, st.lists(st.integers(0, 3 * 24 * HOUR), min_size=1, max_size=6), st.sampled_from(ZONES))
def test_an_interval_and_its_parts_are_the_same(since, lengths, zone):
    since = since.replace(microsecond=0)
    parts, start = {}, since
    for length in lengths:
        for day, count in seconds_by_day(start, start + timedelta(seconds=length), zone).items():
            parts[day] = parts.get(day, 0) + count
        start += timedelta(seconds=length)
    assert parts == seconds_by_day(since, start, zone)


def failures(statuses):
    count, before = 0, False
    for status in statuses:
        now = is_in_failure(status, before)
        count += now and not before
        before = now
    return count


@pytest.mark.parametrize(
    ("statuses", "count"),
    [
        (["online", "attention", "online"], 1),
        (["online", "attention", "offline", "attention", "busy"], 1),  # another reason, the same failure
        (["online", "attention", "unknown", "attention", "online"], 1),  # nobody knows that it was ready meanwhile
        (["online", "unknown", "online"], 0),
        (["online", "unknown", "offline"], 1),
        (["attention", "online", "attention"], 2),
    ],
)
def test_what_is_one_failure(statuses, count):
    assert failures(statuses) == count


def test_figures():
    seconds = {"online": 80, "busy": 10, "attention": 6, "offline": 4, "unknown": 100}
    assert printer_intervals.availability(seconds) == 0.9
    assert printer_intervals.mean_time_between_failures(seconds, 2) == 45
    assert printer_intervals.mean_time_to_repair(seconds, 2) == 5


def test_figures_of_which_nothing_is_known():
    assert printer_intervals.availability({"unknown": 100}) is None
    assert printer_intervals.mean_time_between_failures({"online": 100}, 0) is None
    assert printer_intervals.mean_time_to_repair({"online": 100}, 0) is None


def test_the_reason_is_not_that_somebody_is_at_it():
    assert main_reason({"paused", "paper_out", "head_open"}) == "paper_out"
    assert main_reason({"paused"}) == "paused"
    assert main_reason(()) == ""
