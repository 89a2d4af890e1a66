"""A server whose clock is wrong, or that writes local times, says so consistently: in answers, header and events."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

import pytest
import requests

from tests.support.print_server import start_print_server

PRINTER = "Zebra-1"
LABELS = ["^XA^FD1^FS^XZ", "^XA^FD2^FS^XZ"]


def times(server):
    """The Date header and the times of a job that has ended, as texts."""
    job = server.print_labels(PRINTER, LABELS)
    status = server.wait(job)
    names = ("created_at", "started_at", "completed_at", "updated_at")
    texts = [status[name] for name in names] + [run["at"] for run in server.label_runs(job)]
    error = server.call("GET", "/api/status/nobody")[1]["timestamp"]
    header = requests.get(f"{server.url}/api/health", headers=server.headers, timeout=5).headers["Date"]
    return parsedate_to_datetime(header), [*texts, error]


def test_date_header_and_times_are_of_the_same_clock(server, zebra):
    header, texts = times(server)
    assert header.timestamp() == pytest.approx(time.time(), abs=2)
    assert all(abs(datetime.fromisoformat(text).timestamp() - time.time()) < 5 for text in texts)
    answer = requests.get(f"{server.url}/api/health", timeout=5)
    assert len(answer.raw.headers.getlist("Date")) == 1


@pytest.mark.parametrize("offset", [-3600.0, 420.5])
def test_a_clock_that_is_wrong(zebra, tmp_path, offset):
    with start_print_server({PRINTER: zebra}, clock_offset=offset, data_dir=tmp_path) as server:
        header, texts = times(server)
        assert header.timestamp() == pytest.approx(time.time() + offset, abs=2)
        for text in texts:
            assert text.endswith("Z")
            assert datetime.fromisoformat(text).timestamp() == pytest.approx(time.time() + offset, abs=5)


@pytest.mark.parametrize("minutes", [120, -330])
def test_local_times_without_a_zone(zebra, minutes):
    with start_print_server({PRINTER: zebra}, local_times=minutes) as server:
        header, texts = times(server)
        assert header.timestamp() == pytest.approx(time.time(), abs=2)
        local = datetime.now(timezone(timedelta(minutes=minutes))).replace(tzinfo=None)
        for text in texts:
            read = datetime.fromisoformat(text)
            assert read.tzinfo is None
            assert abs((read - local).total_seconds()) < 5


@pytest.mark.parametrize("option", [{"clock_offset": 1e12}, {"local_times": 1440}])
def test_offsets_that_no_clock_has_are_refused(option):
    with pytest.raises(RuntimeError, match="must be"):
        start_print_server({}, **option)
