"""The transport of print servers that fetch their calls: what is put, how long it waits, and what it says afterwards."""

import base64
import json
from dataclasses import dataclass, field

import pytest
from services.transport import pull_session
from services.transport.print_server_client import BadAnswer, Connection, PrintServerClient, Unreachable
from services.transport.pull_session import Answer, PullSession

HEALTH = {"status": "ok", "version": "2.1.0", "capabilities": ["idempotency"]}


@dataclass
class Memory:
    """Calls in memory; `answers` are given after so many looks."""

    answer: Answer | None = None
    looks_until: int = 1
    fetched: bool = False
    late: Answer | None = None
    away: bool = False
    kept: list = field(default_factory=list)
    looks: int = 0
    given_up: int = 0

    def put(self, call):
        if self.away:
            raise Unreachable("server_away", seconds="60")
        self.kept.append(call)
        return "name"

    def take(self, name):
        self.looks += 1
        return self.answer if self.looks >= self.looks_until else None

    def give_up(self, name):
        self.given_up += 1
        return self.fetched, self.late


def answer(data, status=200, **headers):
    body = base64.b64encode(json.dumps(data).encode()).decode()
    return Answer(status, {"content-type": "application/json", **headers}, body)


def client(memory, timeout=0.2):
    return PrintServerClient(Connection("http://print-server", "", timeout=timeout), PullSession(memory))


def test_a_call_and_its_answer():
    memory = Memory(answer(HEALTH), looks_until=3)
    assert client(memory, 5).health().version == "2.1.0"
    (call,) = memory.kept
    assert (call.method, call.path, call.body, call.seconds) == ("GET", "/api/health", "", 5.0)
    assert dict(call.headers) == {"Accept": "application/json"}
    assert (memory.looks, memory.given_up) == (3, 0)


def test_neither_a_key_nor_another_header_goes_along():
    memory = Memory(answer({"success": True, "job_id": "srv-1"}, 201))
    with PrintServerClient(Connection("http://print-server", "a-key"), PullSession(memory)) as with_key:
        with_key.submit({"printer": "z"}, idempotency_key="k")
    (call,) = memory.kept
    assert set(call.headers) == {"Accept", "Content-Type", "Idempotency-Key"}
    assert json.loads(base64.b64decode(call.body)) == {"printer": "z"}
    assert "a-key" not in repr(call) and "printer" not in repr(call)


@pytest.mark.parametrize(
    ("memory", "key", "maybe", "connected"),
    [
        (Memory(), "not_fetched", False, False),
        (Memory(fetched=True), "timed_out", True, True),
        (Memory(away=True), "server_away", False, False),
    ],
)
def test_no_answer(memory, key, maybe, connected):
    with pytest.raises(Unreachable) as caught:
        client(memory).submit({"printer": "z"}, idempotency_key="k")
    error = caught.value
    assert (error.key, error.maybe_delivered, error.connected) == (key, maybe, connected)


def test_an_answer_when_it_is_given_up():
    assert client(Memory(fetched=True, late=answer(HEALTH)), 3).health().version == "2.1.0"


def test_headers_are_found_in_any_case():
    with client(Memory(answer(HEALTH, **{"x-ratelimit-remaining": "7"}))) as asked:
        asked.health()
        assert asked.rate.remaining == 7


def test_an_answer_that_was_too_large_to_be_kept():
    with pytest.raises(BadAnswer) as caught:
        client(Memory(Answer(200, {"Content-Length": "9000000"}, ""))).health()
    assert caught.value.key == "answer_too_large"


def test_looks_become_rarer(monkeypatch):
    pauses = []
    clock = [0.0]

    def sleep(seconds):
        pauses.append(seconds)
        clock[0] += seconds

    monkeypatch.setattr(pull_session.time, "sleep", sleep)
    monkeypatch.setattr(pull_session.time, "monotonic", lambda: clock[0])
    with pytest.raises(TimeoutError):
        PullSession(Memory(fetched=True)).send(
            type("Request", (), {"method": "GET", "path_url": "/api/health", "headers": {}, "body": None})(), timeout=5.0
        )
    assert pauses[0] == pull_session.FIRST_LOOK
    assert max(pauses) == pull_session.LONGEST_LOOK
    assert len(pauses) <= 75
    assert sum(pauses) == pytest.approx(pull_session.WAITED * 5.0)
