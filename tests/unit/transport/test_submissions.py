"""Handing jobs over: a lane for each print server, which closes when its server does not answer. No network."""

import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from services.transport import submissions
from services.transport.print_server_client import (
    ConfigurationError,
    RateLimited,
    Refused,
    Rejected,
    ServerError,
    Unreachable,
)
from services.transport.submissions import FAILURES_IN_A_ROW, WORKERS, Lane, Submission

HANGS = Unreachable("timed_out", connected=True, code="network_timeout", seconds=5)
AWAY = Unreachable("unreachable", server="here")
BROKEN_OFF = Unreachable("broken_off", connected=True)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(submissions, "submit_pause", lambda tries: 0.001 if tries <= 3 else None)


@dataclass
class Server:
    """What every client of one server asks; `answer(key)` gives an answer or an error."""

    answer: object
    asked: list = field(default_factory=list)
    most_at_once: int = 0
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        pass

    @contextmanager
    def _count(self):
        with self._lock:
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
        yield
        with self._lock:
            self._now -= 1

    def submit(self, payload, idempotency_key):
        with self._count():
            self.asked.append(idempotency_key)
            time.sleep(0.002)
            answer = self.answer(idempotency_key)
            if isinstance(answer, Exception):
                raise answer
            return answer


def hand_over(server, count, until=None, **values):
    """Run one lane; returns its handovers by key, in the order of the keys."""
    values = {"idempotent": True, "lookup": False, "maybe": False, "cancel": False, **values}
    until = until or time.monotonic() + 60
    jobs = [Submission(n, server, f"key-{n:03}", {}, until=until, **values) for n in range(count)]
    handovers = queue.SimpleQueue()
    with ThreadPoolExecutor(8) as pool:
        Lane(7, jobs, handovers).start(pool)
    found = [handovers.get_nowait() for _job in jobs]
    assert handovers.empty()
    assert {handover.server_id for handover in found} == {7}
    return sorted(found, key=lambda handover: handover.submission.key)


def test_all_are_sent_in_their_order_a_few_at_once():
    server = Server(lambda key: f"made for {key}")
    handovers = hand_over(server, 30)
    assert [handover.answer for handover in handovers] == [f"made for key-{n:03}" for n in range(30)]
    assert all(handover.sent for handover in handovers)
    assert len(server.asked) == 30
    assert server.most_at_once <= WORKERS
    assert server.asked[0] < server.asked[-1]


@pytest.mark.parametrize(
    ("error", "most"),
    [
        (HANGS, WORKERS),
        (Refused("key_refused", status=401), WORKERS),
        (RateLimited("rate_limited", status=429, retry_after=120), WORKERS),
        (ConfigurationError("address_missing"), WORKERS),
        (AWAY, 4 * WORKERS),  # a server that restarts refuses connections for a moment: tried again, quickly
        (ServerError("server_error", status=500), 4 * (WORKERS + FAILURES_IN_A_ROW)),
    ],
    ids=lambda value: getattr(value, "key", None),
)
def test_a_server_that_does_not_answer_is_not_asked_for_every_job(error, most):
    server = Server(lambda key: error)
    handovers = hand_over(server, 40)
    assert len(server.asked) <= most
    assert {handover.answer for handover in handovers} == {error}
    not_sent = [handover for handover in handovers if not handover.sent]
    assert len(not_sent) >= 40 - WORKERS - FAILURES_IN_A_ROW
    assert {handover.submission.key for handover in not_sent}.isdisjoint(server.asked)


@pytest.mark.parametrize("error", [HANGS, BROKEN_OFF, Rejected("rejected", status=400, in_envelope=True)])
def test_one_job_on_which_the_server_chokes_keeps_no_other_from_being_sent(error):
    server = Server(lambda key: error if key == "key-010" else "made")
    handovers = hand_over(server, 40)
    assert [handover.submission.job_id for handover in handovers if handover.answer is error] == [10]
    assert all(handover.sent for handover in handovers)


def test_a_server_that_recovers_meanwhile_gets_all():
    away = threading.Event()

    def answer(_key):
        if len(server.asked) > 2 * WORKERS:
            away.set()
        return "made" if away.is_set() else BROKEN_OFF

    server = Server(answer)
    assert {handover.answer for handover in hand_over(server, 4)} <= {"made", BROKEN_OFF}
    assert {handover.answer for handover in hand_over(server, 20)} == {"made"}


@pytest.mark.parametrize("maybe", [False, True])
def test_nothing_is_sent_twice_where_the_server_knows_no_keys(maybe):
    error = Unreachable("broken_off", connected=True, maybe_delivered=True)
    server = Server(lambda key: error)
    hand_over(server, 1, idempotent=False, maybe=maybe)
    assert server.asked == ["key-000"]


def test_no_try_begins_after_the_end():
    server = Server(lambda key: AWAY)
    hand_over(server, 1, until=time.monotonic() - 1)
    assert len(server.asked) == 1


def test_a_mistake_of_the_program_is_a_result_and_stops_no_other():
    server = Server(lambda key: ZeroDivisionError() if key == "key-003" else "made")
    handovers = hand_over(server, 8)
    assert isinstance(handovers[3].answer, ZeroDivisionError)
    assert [handover.answer for handover in handovers].count("made") == 7


def test_servers_do_not_wait_for_each_other():
    slow, quick = Server(lambda key: time.sleep(0.5) or HANGS), Server(lambda key: "made")
    handovers, until = queue.SimpleQueue(), time.monotonic() + 60
    with ThreadPoolExecutor(16) as pool:
        begun = time.monotonic()
        for server_id, server in ((1, slow), (2, quick)):
            jobs = [Submission(n, server, f"key-{n}", {}, True, False, False, False, until) for n in range(10)]
            Lane(server_id, jobs, handovers).start(pool)
        first = [handovers.get(timeout=5) for _job in range(10)]
        assert {handover.server_id for handover in first} == {2}
        assert time.monotonic() - begun < 0.4
