"""Whoever tries out API keys is slowed down, and locks out nobody else."""

from __future__ import annotations

import pytest

from print_server.envelope import ApiError
from print_server.wrong_key_limit import MOST_ADDRESSES, WrongKeyLimit
from tests.support.print_server import start_print_server

MOST_WRONG = 20


def test_wrong_keys_are_answered_429_and_the_right_one_passes():
    with start_print_server({}, wrong_key_limit=MOST_WRONG) as server:
        assert server.call("GET", "/api/printers")[0] == 200
        codes = [
            server.call("GET", "/api/printers", Authorization=f"Bearer wrong-{number}")[0]
            for number in range(MOST_WRONG + 5)
        ]
        assert codes == [401] * MOST_WRONG + [429] * 5
        code, answer = server.call("GET", "/api/health", Authorization="Bearer wrong")
        assert (code, answer["code"]) == (429, "too_many_wrong_keys")
        assert server.call("GET", "/api/printers")[0] == 200


class Clock:
    time = 1000.0

    def __call__(self):
        return self.time


@pytest.fixture
def clock():
    return Clock()


def tried_out(wrong_keys, address="192.0.2.1"):
    for number in range(MOST_WRONG):
        wrong_keys.check(address, f"wrong-{number}")
        wrong_keys.wrong(address)


def test_a_stranger_may_not_even_guess_right_until_a_minute_is_over(clock):
    wrong_keys = WrongKeyLimit(MOST_WRONG, clock)
    tried_out(wrong_keys)
    with pytest.raises(ApiError) as refused:
        wrong_keys.check("192.0.2.1", "the-right-one")
    assert 0 < int(refused.value.headers["Retry-After"]) <= 60
    wrong_keys.check("192.0.2.2", "the-right-one")
    clock.time += 61
    wrong_keys.check("192.0.2.1", "the-right-one")


def test_a_key_that_was_right_at_an_address_stays_so(clock):
    wrong_keys = WrongKeyLimit(MOST_WRONG, clock)
    wrong_keys.right("192.0.2.1", "the-right-one")
    tried_out(wrong_keys)
    wrong_keys.check("192.0.2.1", "the-right-one")
    with pytest.raises(ApiError):
        wrong_keys.check("192.0.2.1", "another")


def test_memory_is_bounded(clock):
    wrong_keys = WrongKeyLimit(MOST_WRONG, clock)
    for number in range(3 * MOST_ADDRESSES):
        wrong_keys.wrong(f"address {number}")
    assert len(wrong_keys._callers) == MOST_ADDRESSES
