"""Many jobs asked at once: in order, within the budget, and a server that does not answer costs one time limit."""

import json
import threading
import time

import pytest
from services.transport.print_server_client import (
    Connection,
    NotFound,
    PrintServerClient,
    RateLimited,
    Refused,
    ServerError,
    Unreachable,
)
from services.transport.status_sweep import FAILURES_IN_A_ROW, fetch_each

from conftest import http_answer

IDS = [f"job-{number:04d}" for number in range(200)]


def answer_for(request, connection=None):
    job_id = request.split(b" ", 2)[1].rsplit(b"/", 1)[1].decode()
    return http_answer(json.dumps({"job_id": job_id, "status": "printing", "current_label": 5}).encode())


def client_of(loopback, timeout=0.5):
    return PrintServerClient(Connection(loopback.url, "k", timeout=timeout))


def all_ids(fetched):
    """Every id is accounted for exactly once, but for those cut off by the error that ended the sweep."""
    found = [report.server_job_id for report in fetched.reports]
    found += [*fetched.unknown, *fetched.job_errors, *fetched.not_asked]
    assert len(found) == len(set(found))
    assert set(fetched.asked).isdisjoint(fetched.not_asked)
    return set(found)


def test_all_are_asked_in_order_over_kept_connections(loopback):
    loopback.answer = answer_for
    with client_of(loopback, 5.0) as client:
        fetched = client.statuses(IDS + IDS[:5], None, workers=8)
    assert [report.server_job_id for report in fetched.reports] == IDS == list(fetched.asked)
    assert (fetched.error, fetched.job_errors, fetched.not_asked) == (None, {}, ())
    assert loopback.connections <= 8
    assert len(loopback.requests) == len(IDS)


def test_the_budget_serves_those_who_waited_longest(loopback):
    loopback.answer = answer_for
    with client_of(loopback, 5.0) as client:
        fetched = client.statuses(IDS, 30)
        assert client.statuses(IDS, 0).not_asked == tuple(IDS)
        assert client.statuses(IDS, -5).asked == ()
        assert client.statuses([], None) == type(fetched)()
    assert fetched.asked == tuple(IDS[:30])
    assert fetched.not_asked == tuple(IDS[30:])
    assert len(loopback.requests) == 30
    assert all_ids(fetched) == set(IDS)


def test_one_by_one_is_in_the_order_given(loopback):
    loopback.answer = answer_for
    with client_of(loopback, 5.0) as client:
        client.statuses(IDS[:20], None, workers=1)
    assert [request.split(b" ")[1].rsplit(b"/")[-1].decode() for request in loopback.requests] == IDS[:20]


def test_a_server_that_is_down_ends_the_sweep_at_once():
    with PrintServerClient(Connection("http://127.0.0.1:9", "k")) as client:
        fetched = client.statuses(IDS, None)
    assert isinstance(fetched.error, Unreachable)
    assert len(fetched.asked) <= 64
    assert fetched.reports == ()


def test_a_hanging_server_costs_one_time_limit(loopback):
    loopback.answer = lambda request, connection: loopback.done.wait(10) and b""
    started = time.monotonic()
    with client_of(loopback) as client:
        fetched = client.statuses(IDS, None, workers=8)
    assert time.monotonic() - started < 3.0
    assert isinstance(fetched.error, Unreachable)
    assert len(fetched.asked) <= 8, "nobody was asked a second time"
    assert fetched.not_asked


@pytest.mark.parametrize(
    ("status", "kind"), [("401 Unauthorized", Refused), ("403 Forbidden", Refused), ("429 Slow down", RateLimited)]
)
def test_what_concerns_the_whole_server_ends_the_sweep(loopback, status, kind):
    answered = threading.Lock()
    count = 0

    def answer(request, connection):
        nonlocal count
        with answered:
            count += 1
            return answer_for(request) if count <= 50 else http_answer(b"{}", status, Retry_After="7")

    loopback.answer = answer
    with client_of(loopback, 5.0) as client:
        fetched = client.statuses(IDS, None, workers=4)
        assert client.rate.retry_after == 7
    assert isinstance(fetched.error, kind)
    assert len(fetched.reports) == 50
    assert 50 < len(fetched.asked) <= 55
    assert fetched.asked + fetched.not_asked == tuple(IDS)
    if kind is RateLimited:
        assert fetched.error.retry_after == 7


def test_single_bad_jobs_do_not_keep_the_others_from_being_asked(loopback):
    def answer(request, connection):
        if b"job-0003" in request:
            return http_answer(b'{"error": "boom"}', "500 Oops")
        if b"job-0050" in request:
            return http_answer(b"<html>", "200 OK", "text/html")
        if b"job-0100" in request:
            return loopback.done.wait(10) and b""
        if b"job-0150" in request:
            return http_answer(b'{"error": "no such job"}', "404 Not Found")
        return answer_for(request)

    loopback.answer = answer
    with client_of(loopback, 1.0) as client:
        fetched = client.statuses(IDS, None, workers=4)
    assert fetched.error is None
    assert set(fetched.job_errors) == {"job-0003", "job-0050", "job-0100"}
    assert fetched.unknown == ("job-0150",)
    assert len(fetched.reports) == len(IDS) - 4
    assert all_ids(fetched) == set(IDS)


def test_a_server_that_only_fails_ends_the_sweep():
    asked = []

    def ask(job_id):
        asked.append(job_id)
        raise ServerError("server_error", status=500)

    fetched = fetch_each(ask, IDS, None, workers=1)
    assert len(asked) == FAILURES_IN_A_ROW
    assert isinstance(fetched.error, ServerError)
    assert set(fetched.job_errors) == set(asked)
    assert all_ids(fetched) == set(IDS)


def test_unknown_jobs_are_answers_not_failures():
    def ask(job_id):
        raise NotFound("not_found", status=404)

    fetched = fetch_each(ask, IDS, None, workers=4)
    assert fetched.unknown == tuple(IDS)
    assert fetched.error is None


def test_no_request_is_begun_after_the_time_given():
    fetched = fetch_each(lambda job_id: time.sleep(0.05) or job_id, IDS, None, workers=2, seconds=0.2)
    assert 2 <= len(fetched.asked) <= 12
    assert fetched.asked + fetched.not_asked == tuple(IDS)
    assert fetched.error is None


def test_other_exceptions_are_raised():
    with pytest.raises(ZeroDivisionError):
        fetch_each(lambda job_id: 1 / 0, IDS, None)


def test_many_at_once_are_faster_than_one_after_the_other(loopback):
    """With a wide margin for a busy machine: how much faster is for the benchmark to say."""
    pause = 0.02

    def answer(request, connection):
        time.sleep(pause)
        return answer_for(request)

    loopback.answer = answer
    with client_of(loopback, 5.0) as client:
        started = time.monotonic()
        fetched = client.statuses(IDS, None)
        took = time.monotonic() - started
    assert len(fetched.reports) == len(IDS)
    assert took < len(IDS) * pause / 3
