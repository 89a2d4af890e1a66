"""Pacing: quick while something happens, calm when nothing does, never more than a server takes."""

import math
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.lifecycle.job_lifecycle import ACTIVE, STATUSES
from services.lifecycle.poll_schedule import (
    MEASURED_FINISHED_LABELS,
    MEASURED_LABELS,
    MEASURED_SECONDS,
    SAFETY_NET,
    SWEEP_PAUSE,
    TOLERANCE,
    Place,
    RequestBudget,
    attempt_pace,
    estimate,
    finished_pace,
    poll_interval,
    priority_for,
    probe_pause,
    queue_estimates,
    stuck_after,
    submit_pause,
)

NOW = datetime(2026, 3, 4, 9, 0, 0)


@given(st.sampled_from([status for status, _label in STATUSES]), st.floats())
def test_an_interval_is_always_within_bounds(status, idle):
    assert SWEEP_PAUSE <= poll_interval(status, idle) <= SAFETY_NET


@pytest.mark.parametrize("status", ACTIVE)
def test_new_things_are_looked_at_in_every_sweep_and_old_ones_less_often(status):
    assert poll_interval(status, 0) <= SWEEP_PAUSE
    pauses = [poll_interval(status, idle) for idle in (0, 90, 400, 1_000, 5_000, 10**9)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == SAFETY_NET


def test_a_budget_of_a_hundred_a_minute():
    budget = RequestBudget(100)
    assert budget.allowed(0) == 100
    budget.spent(0, count=60)
    assert budget.allowed(1) == 40
    assert budget.allowed(1, reserve=30) == 10
    budget.spent(1, count=35)
    assert budget.allowed(2, reserve=10) == 0, "what is left is kept for people"
    budget.remaining = 40
    budget.spent(30, count=60)
    assert budget.allowed(59) == 0
    assert budget.allowed(60) == 100


@pytest.mark.parametrize("limit", [1, 2, 6, 10, 19])
@pytest.mark.parametrize("said_by", ["settings", "server"])
def test_a_server_with_a_low_limit_is_followed_and_people_keep_half_of_it(limit, said_by):
    budget = RequestBudget(limit if said_by == "settings" else None)
    if said_by == "server":
        budget.spent(0, remaining_header=limit - 1)
    else:
        budget.spent(0)
    asked = 1
    while budget.allowed(1, reserve=10):
        asked += 1
        budget.spent(1, remaining_header=limit - asked if said_by == "server" else None)
    assert asked == max(1, limit - limit // 2)
    assert budget.remaining == limit - asked
    assert budget.allowed(61, reserve=10) > 0


def test_the_servers_count_wins():
    budget = RequestBudget(100)
    budget.spent(0, remaining_header=7)
    assert budget.allowed(1) == 7
    budget.spent(1, remaining_header=900)
    assert budget.allowed(2) == 900


def test_retry_after_is_kept_to_the_second():
    budget = RequestBudget(100).spent(0, retry_after=12)
    assert budget.allowed(11.9) == 0
    assert budget.allowed(12) == 100
    budget.spent(12, remaining_header=0)
    assert budget.allowed(71) == 0
    assert budget.allowed(72) == 100
    assert RequestBudget(100).spent(0, retry_after=math.nan).allowed(1) == 99


@pytest.mark.parametrize("limit", [None, 0])
def test_without_a_limit_only_the_server_sets_one(limit):
    budget = RequestBudget(limit)
    assert budget.spent(0, count=10_000).allowed(1) > 100_000
    assert budget.spent(2, remaining_header=3).allowed(3) == 3


def test_pauses():
    assert [probe_pause(n) for n in (0, 1, 2, 3, 4, 5, 6, 1000)] == [2, 2, 4, 8, 16, 32, 60, 60]
    waiting = [probe_pause(n, jobs_wait=True) for n in (0, 1, 2, 3, 60, 61)]
    assert waiting == [2, 2, 4, 4, 4, 60], "quick while somebody waits, but not for ever"
    assert [submit_pause(n) for n in (1, 2, 3, 4, 0)] == [1, 2, 4, None, None]
    assert [priority_for(n) for n in (1, 9, 10, 200, 201)] == ["high", "high", "normal", "normal", "low"]


def test_a_job_is_stuck_by_its_own_pace():
    assert stuck_after("printing", 200, 0.5) == 60 + 150
    assert stuck_after("printing", 200, 2.0) > stuck_after("printing", 20, 2.0)
    assert stuck_after("printing", 1, 0.1) == 120
    assert stuck_after("printing", 500, 30.0) == 1800
    assert stuck_after("printing", 100, math.nan) == stuck_after("printing", 100, None)
    assert stuck_after("queued", 1, None) > stuck_after("sent", 1, None)
    assert stuck_after("completed", 1, None) == math.inf


def test_estimates_say_where_they_come_from_and_stay_sane():
    assert estimate(NOW, 10, 2.0).finish_at == NOW + timedelta(seconds=20)
    assert estimate(NOW, 10, 2.0).source == "measured"
    assert estimate(NOW, 10).source == "typical"
    assert estimate(NOW, 10, 2.0, free_at=NOW + timedelta(seconds=10)).finish_at == NOW + timedelta(seconds=30)
    server = NOW + timedelta(minutes=3)
    assert estimate(NOW, 10, 2.0, server) == type(estimate(NOW, 1))(server, "server")
    for nonsense in (NOW - timedelta(seconds=1), NOW + timedelta(days=400)):
        assert estimate(NOW, 10, 2.0, nonsense).source == "measured"


MOMENTS = st.timedeltas(timedelta(days=-3), timedelta(days=3)).map(lambda ahead: NOW + ahead)
PACES = st.none() | st.floats()


@given(st.integers(-(10**9), 10**9), PACES, st.none() | MOMENTS, st.none() | MOMENTS)
def test_an_estimate_is_never_past_or_beyond_a_day(left, pace, server_says, free_at):
    assert NOW <= estimate(NOW, left, pace, server_says, free_at).finish_at <= NOW + timedelta(days=1)


def test_a_job_that_waits_ends_after_the_one_that_prints_whatever_its_server_says():
    soon = NOW + timedelta(seconds=6)
    printing = Place(1, 90, printing=True, server_says=NOW + timedelta(seconds=180))
    found = queue_estimates(NOW, [Place(2, 6, server_says=soon), printing], 2.0)
    assert found[1] == estimate(NOW, 90, 2.0, NOW + timedelta(seconds=180))
    assert found[2].finish_at == NOW + timedelta(seconds=180 + 12)
    assert found[2].source == "measured"
    later = NOW + timedelta(seconds=240)
    assert queue_estimates(NOW, [printing, Place(2, 6, server_says=later)], 2.0)[2] == type(found[2])(later, "server")


def test_a_server_that_knows_the_speed_better_than_we_is_believed():
    soon = NOW + timedelta(seconds=6)
    assert estimate(NOW, 20, None, soon, free_at=NOW).source == "server"
    assert estimate(NOW, 20, 2.0, soon, free_at=NOW).source == "measured"
    assert estimate(NOW, 500, None, soon, free_at=NOW).source == "typical"


def test_jobs_wait_by_priority_then_age():
    waiting = [Place(5, 10, priority="low"), Place(6, 10), Place(7, 10, priority="high"), Place(3, 10)]
    found = queue_estimates(NOW, waiting, 1.0)
    assert [(found[id_].finish_at - NOW).seconds for id_ in (7, 3, 6, 5)] == [10, 20, 30, 40]


def test_an_attempt_has_its_own_pace_once_enough_of_it_was_seen():
    assert attempt_pace(10, 25) == 2.5
    assert attempt_pace(2, 60) is None
    assert attempt_pace(50, 2) is None  # the first report already said 50: a leap, not a speed
    assert attempt_pace(-3, math.nan) is None
    # Better than the average for the job itself; the average stays better for other people's labels.
    found = queue_estimates(NOW, [Place(1, 10, printing=True, pace=3.0), Place(2, 10)], 1.0)
    assert [found[id_].finish_at for id_ in (1, 2)] == [NOW + timedelta(seconds=s) for s in (30, 40)]
    assert queue_estimates(NOW, [Place(1, 10, printing=True, pace=3.0), Place(2, 10)])[2].source == "measured"
    over = NOW - timedelta(seconds=1)
    assert queue_estimates(NOW, [Place(1, 10, True, server_says=over, pace=3.0)], 1.0)[1].source == "measured"


def test_pace_of_a_finished_attempt():
    begun = datetime(2026, 3, 4, 9)
    assert finished_pace(20, begun, begun + timedelta(seconds=10), longest=11) == 0.5
    assert finished_pace(4, begun, begun + timedelta(seconds=10), longest=11) is None
    assert finished_pace(20, begun, None, longest=11) is None
    assert finished_pace(20, begun, begun, longest=11) is None
    assert finished_pace(20, begun, begun - timedelta(seconds=10), longest=11) is None
    # A clock that was set meanwhile: printing cannot have taken longer than since the attempt was handed over.
    assert finished_pace(20, begun, begun + timedelta(hours=1), longest=11) is None



PLACES = st.lists(
    st.builds(
        Place,
        job_id=st.integers(1, 10**6),
        labels_left=st.integers(-5, 10**6),
        printing=st.booleans(),
        priority=st.sampled_from(["high", "normal", "low", False, "unheard-of"]),
        server_says=st.none() | MOMENTS,
        pace=PACES.map(lambda pace: attempt_pace(10, pace or 0)),
    ),
    max_size=12,
    unique_by=lambda place: place.job_id,
)


@given(PLACES, PACES)
def test_nobody_overtakes_in_a_queue(places, pace):
    found = queue_estimates(NOW, places, pace)
    assert found.keys() == {place.job_id for place in places}
    rank = {"high": 0, "low": 2}
    waiting = sorted(
        (place for place in places if not place.printing), key=lambda place: (rank.get(place.priority, 1), place.job_id)
    )
    before = max([NOW, *(found[place.job_id].finish_at for place in places if place.printing)])
    for place in waiting:
        ends = found[place.job_id]
        assert before <= ends.finish_at <= NOW + timedelta(days=1)
        before = ends.finish_at
    for place in places:
        assert found[place.job_id].source != "server" or found[place.job_id].finish_at == place.server_says


@pytest.mark.parametrize(
    ("status", "idle", "pause"),
    [
        ("sent", 59.9, SWEEP_PAUSE),
        ("sent", 60, 5.0),
        ("queued", 600, 15.0),
        ("printing", 120, 5.0),
        ("printing", 1_800, SAFETY_NET),
        ("printing", -5, SWEEP_PAUSE),
        ("printing", math.nan, SWEEP_PAUSE),
        ("completed", 0, SAFETY_NET),
    ],
)
def test_the_pace_of_looks(status, idle, pause):
    assert poll_interval(status, idle) == pause


def test_when_a_job_is_stuck():
    assert [stuck_after(status, 1, None) for status in ("pending", "sent", "queued")] == [120.0, 120.0, 900.0]
    assert stuck_after("completed", 1, None) == math.inf
    assert stuck_after("printing", 500, 2.0) == 1560.0
    assert stuck_after("printing", 0, 2.0) == stuck_after("printing", -1, 2.0) == 120.0


def test_what_is_just_measured():
    assert attempt_pace(MEASURED_LABELS, MEASURED_SECONDS) is not None
    assert attempt_pace(MEASURED_LABELS - 1, MEASURED_SECONDS) is None
    started = NOW
    ended = NOW + timedelta(seconds=MEASURED_FINISHED_LABELS)
    tolerated = TOLERANCE.total_seconds()
    assert finished_pace(MEASURED_FINISHED_LABELS, started, ended, MEASURED_FINISHED_LABELS - tolerated) == 1.0
    assert finished_pace(MEASURED_FINISHED_LABELS, started, ended, MEASURED_FINISHED_LABELS - tolerated - 1) is None
    assert finished_pace(MEASURED_FINISHED_LABELS - 1, started, ended, 100.0) is None
    assert finished_pace(MEASURED_FINISHED_LABELS, started, started, 100.0) is None
    slow = started + timedelta(hours=5)
    assert finished_pace(MEASURED_FINISHED_LABELS, started, slow, 20_000.0) == 30.0


def test_a_retry_that_may_come_at_once():
    budget = RequestBudget(10)
    budget.spent(0, retry_after=0.5)
    assert (budget.allowed(0.4), budget.allowed(0.5)) == (0, 10)


def test_half_of_an_odd_limit_is_a_whole_number():
    assert RequestBudget(5).allowed(0, reserve=9) == 3
    assert type(RequestBudget(5).allowed(0, reserve=9)) is int


def test_jobs_of_an_unknown_priority_take_their_turn_as_normal_ones():
    places = [Place(1, 10, priority="low"), Place(2, 10, priority="odd"), Place(3, 10), Place(4, 10, priority="high")]
    found = queue_estimates(NOW, places, 1.0)
    assert sorted(found, key=lambda job: found[job].finish_at) == [4, 2, 3, 1]
