"""A print server's times: made ours whatever its clock and its zone, and believed only where they can be true."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.lifecycle.server_clock import TOLERANCE, ServerClock

SENT = datetime(2026, 3, 4, 9, 15)
NOW = SENT + timedelta(hours=1)
ZONES = (timedelta(0), timedelta(hours=2), timedelta(hours=-5), timedelta(hours=5, minutes=45), timedelta(hours=14),
         timedelta(hours=-12), timedelta(minutes=-210))  # fmt: skip
SECOND = timedelta(seconds=1)
PRINTED = SENT + 10 * SECOND


def clock(off, skew, created_after=SECOND):
    """The clock of a server that is `off`, and took the job over `created_after` Odoo had sent it."""
    return ServerClock(skew, SENT, SENT + created_after + off)


@pytest.mark.parametrize("seconds", [120, -120, 0, 1, 4_000])
def test_a_clock_that_is_wrong_is_known_by_the_date_header(seconds):
    off = timedelta(seconds=seconds)
    assert clock(off, float(seconds)).believe(PRINTED + off, SENT, NOW) == PRINTED
    assert ServerClock(float(seconds)).believe(PRINTED + off, SENT, NOW) == PRINTED


@pytest.mark.parametrize("zone", ZONES)
def test_local_time_without_a_zone_is_known_by_when_it_took_the_job_over(zone):
    assert clock(zone, 0.0).believe(PRINTED + zone, SENT, NOW) == PRINTED
    assert clock(zone, None).believe(PRINTED + zone, SENT, NOW) == PRINTED


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("seconds", [120, -120])
def test_both(zone, seconds):
    off = zone + timedelta(seconds=seconds)
    assert clock(off, float(seconds)).believe(PRINTED + off, SENT, NOW) == PRINTED
    assert clock(off, float(seconds)).ahead == off


@pytest.mark.parametrize("zone", ZONES)
def test_a_zone_is_taken_off_even_where_the_clock_itself_is_not_known(zone):
    off = zone + timedelta(seconds=3)
    assert abs(clock(off, None).believe(PRINTED + off, SENT, NOW) - PRINTED) <= 4 * SECOND


def test_a_date_header_in_local_time_spoils_nothing():
    # The header says local time as if it were GMT, the times beside it carry their zone.
    assert clock(timedelta(0), 7_200.0).believe(PRINTED, SENT, NOW) == PRINTED


@pytest.mark.parametrize("minutes", [37, 22, -8, 50])
def test_a_job_that_was_taken_over_late_is_no_zone(minutes):
    """The answer was lost, and the request arrived with a later try: that its times are later is the truth."""
    assert clock(timedelta(0), 0.0, timedelta(minutes=minutes)).ahead == timedelta(0)


def test_a_clock_that_is_days_off_is_no_zone_either():
    off = timedelta(days=3)
    assert clock(off, None).believe(PRINTED + off, SENT, NOW) is None
    assert clock(off, off.total_seconds()).believe(PRINTED + off, SENT, NOW) == PRINTED


@pytest.mark.parametrize(
    "said",
    [SENT - timedelta(minutes=2), SENT - timedelta(days=400), NOW + timedelta(seconds=6), NOW + timedelta(days=3650),
     datetime.min, datetime.max, None],
)  # fmt: skip
def test_what_cannot_be_true_is_not_believed(said):
    assert ServerClock(0.0).believe(said, SENT, NOW) is None
    assert ServerClock().believe(said, SENT, NOW) is None


def test_the_numbers_own_inaccuracy_is_allowed_for():
    assert ServerClock(0.0).believe(SENT - TOLERANCE, SENT, NOW) == SENT
    assert ServerClock(0.0).believe(NOW + TOLERANCE, SENT, NOW) == NOW


def test_an_hour_between_submission_and_learning_spoils_nothing():
    """Nobody asked for an hour: every time between is the server's own, whatever its clock."""
    for minutes in range(60):
        said = SENT + timedelta(minutes=minutes)
        assert clock(timedelta(0), 0.0).believe(said, SENT, NOW) == said
        assert clock(timedelta(hours=1), 0.0).believe(said + timedelta(hours=1), SENT, NOW) == said


def test_without_a_submission_only_the_future_is_not_believed():
    assert ServerClock(0.0).believe(SENT - timedelta(days=30), None, NOW) == SENT - timedelta(days=30)
    assert ServerClock(0.0).believe(NOW + timedelta(days=1), None, NOW) is None


@given(st.floats(-1e12, 1e12), st.none() | st.datetimes(), st.datetimes(), st.none() | st.datetimes())
def test_whatever_a_server_says_a_time_that_is_believed_is_possible(skew, created, said, earliest):
    earliest = earliest and min(max(earliest, datetime(2000, 1, 1)), NOW)
    believed = ServerClock(skew, SENT, created).believe(said, earliest, NOW)
    assert believed is None or believed <= NOW
    assert not believed or not earliest or believed >= earliest - timedelta(milliseconds=1)
