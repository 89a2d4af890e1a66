"""A wrong date removes no ended job."""

from __future__ import annotations

import pytest

from print_server.age_clock import AgeClock
from print_server.database import Database
from tests.support.print_server import start_print_server, start_virtual_zebra

DAY = 86400.0
KEEP = 30 * DAY
START = 1_800_000_000.0


class Times:
    def __init__(self):
        self.wall, self.monotonic = START, 5000.0

    def run(self, days):
        self.wall += days * DAY
        self.monotonic += days * DAY


@pytest.fixture
def times():
    return Times()


@pytest.fixture
def database(tmp_path):
    database = Database(tmp_path)
    yield database
    database.close()


def started(database, times):
    times.monotonic = 100.0
    return AgeClock(database, KEEP, lambda: times.wall, lambda: times.monotonic)


def test_a_clock_that_is_right_is_believed(database, times):
    clock = started(database, times)
    for _day in range(100):
        assert clock.moment() == times.wall
        times.run(1)
    assert clock.ahead == 0


def test_an_absence_of_a_week_is_believed(database, times):
    started(database, times).moment()
    times.wall += 7 * DAY
    assert started(database, times).moment() == times.wall


def test_a_clock_two_years_ahead_is_believed_after_jobs_were_kept_as_long_as_promised(database, times):
    started(database, times).moment()
    times.wall += 730 * DAY
    clock = started(database, times)
    assert clock.moment() == START
    assert clock.ahead == 730 * DAY
    for day in range(1, 30):
        times.run(1)
        assert clock.moment() == START + day * DAY
    times.run(1)
    # What ended before the jump is old now, and what ended after it is not.
    assert clock.moment() == times.wall
    assert clock.ahead == 0


def test_the_doubt_is_kept_over_restarts(database, times):
    started(database, times).moment()
    times.wall += 730 * DAY
    for _restart in range(3):
        clock = started(database, times)
        clock.moment()
        times.run(5)
        clock.moment()
        assert clock.ahead > 700 * DAY


def test_a_clock_that_was_ahead_and_is_set_right(database, times):
    started(database, times).moment()
    times.wall += 730 * DAY
    started(database, times).moment()
    times.wall = START + DAY
    assert started(database, times).moment() == START + DAY
    times.wall -= 730 * DAY
    assert started(database, times).moment() == times.wall


def test_a_server_whose_clock_is_two_years_ahead_keeps_its_jobs(tmp_path):
    with start_virtual_zebra("Zebra-1") as zebra:
        with start_print_server({"Zebra-1": zebra}, data_dir=tmp_path) as server:
            job = server.print_labels("Zebra-1", ["^XA^FD1^FS^XZ"])
            server.wait(job)
        with start_print_server({"Zebra-1": zebra}, data_dir=tmp_path, clock_offset=730 * DAY) as server:
            assert server.status(job)["status"] == "completed"
            assert any("jumped" in warning for warning in server.call("GET", "/api/health")[1]["warnings"])
        with start_print_server({"Zebra-1": zebra}, data_dir=tmp_path) as server:
            assert server.status(job)["status"] == "completed"
            assert server.call("GET", "/api/health")[1]["warnings"] == []


def test_jobs_that_are_really_old_are_removed(tmp_path):
    with start_virtual_zebra("Zebra-1") as zebra:
        with start_print_server({"Zebra-1": zebra}, data_dir=tmp_path, keep_days=2) as server:
            job = server.print_labels("Zebra-1", ["^XA^FD1^FS^XZ"])
            server.wait(job)
        with start_print_server(
            {"Zebra-1": zebra}, data_dir=tmp_path, keep_days=2, clock_offset=3 * DAY
        ) as server:  # fmt: skip
            assert server.call("GET", f"/api/status/{job}")[0] == 404
