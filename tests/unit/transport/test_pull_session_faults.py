"""How a call to a print server that calls Odoo is waited for while the database does not always answer. No database."""

import pytest
import requests
from services.transport.pull_session import Answer, PullSession


class Calls:
    """Answers in the given order: each an `Answer`, None, or an error."""

    def __init__(self, *looks):
        self.looks = list(looks)
        self.given_up = []

    def put(self, call):
        return "call-1"

    def take(self, name):
        look = self.looks.pop(0) if self.looks else None
        if isinstance(look, BaseException):
            raise look
        return look

    def give_up(self, name):
        self.given_up.append(name)
        return True, None


def send(calls, timeout=1.0):
    return PullSession(calls).send(requests.Request("GET", "http://print-server/api/health").prepare(), timeout=timeout)


def test_an_error_of_one_look_does_not_end_the_wait():
    calls = Calls(OSError("busy"), None, OSError("busy"), Answer(200, {}, ""))
    assert send(calls).status_code == 200
    assert calls.given_up == []


def test_errors_until_the_end():
    calls = Calls(*[OSError("busy")] * 100)
    with pytest.raises(TimeoutError):
        send(calls, timeout=0.1)
    assert calls.given_up == ["call-1"]


@pytest.mark.parametrize("error", [ValueError("a mistake of ours"), KeyboardInterrupt()])
def test_a_wait_that_is_broken_off_gives_the_call_up(error):
    """Otherwise it would be carried out with nobody to take its answer."""
    calls = Calls(error)
    with pytest.raises(type(error)):
        send(calls)
    assert calls.given_up == ["call-1"]
