"""How far a server's clock is from ours: measured at the middle of a request, exact to about a second."""

import json
import threading
import time
from email.utils import formatdate

import pytest
import responses
from services.transport.print_server_client import Connection, PrintServerClient, PrintServerError
from services.transport.server_clock import ServerClock

from conftest import http_answer

BASE = "http://print:5000"
NOON = 1772625600.0  # 2026-03-04 12:00:00 UTC


def date(seconds):
    return formatdate(seconds, usegmt=True)


def test_the_middle_of_the_request_is_compared():
    clock = ServerClock()
    assert clock.skew is None
    clock.note(date(NOON + 120), NOON, 1.0)
    assert clock.skew == 120.0
    clock.note(date(NOON - 60), NOON + 1, 0.0)
    assert clock.skew == -60.5


@pytest.mark.parametrize("header", [None, "", "soon", "Tue, 30 Feb 2026 12:00:00 GMT", "Sun, 06 Nov 1994 08:49:37 GMT"])
def test_a_header_that_is_no_time_is_ignored(header):
    clock = ServerClock()
    clock.note(header, NOON, 0.1)
    assert clock.skew is None
    clock.note(date(NOON + 5), NOON, 1.0)
    clock.note(header, NOON + 1, 0.1)
    assert clock.skew == 5.0


def test_a_slow_answer_does_not_replace_an_exact_one():
    clock = ServerClock()
    clock.note(date(NOON), NOON, 20.0)
    assert clock.skew == -9.5, "better than nothing"
    clock.note(date(NOON + 1), NOON + 1, 10.0)
    assert clock.skew == -4.5
    clock.note(date(NOON + 2), NOON + 2, 1.0)
    assert clock.skew == 0.0
    clock.note(date(NOON + 3), NOON + 3, 10.0)
    assert clock.skew == 0.0
    clock.note(date(NOON + 64), NOON + 4, 1.0)
    assert clock.skew == 60.0, "the clock was set"


def test_an_answer_that_was_overtaken_is_ignored():
    clock = ServerClock()
    clock.note(date(NOON + 10), NOON + 10, 1.0)
    clock.note(date(NOON + 99), NOON + 9, 1.0)
    assert clock.skew == 0.0


def test_many_threads():
    clock = ServerClock()

    def note(number):
        for step in range(200):
            clock.note(date(NOON + number * 1000 + step), NOON + number * 1000 + step, 1.0)
            assert clock.skew == 0.0

    threads = [threading.Thread(target=note, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clock.skew == 0.0


@pytest.mark.parametrize("ahead", [-120, 0, 120, 3600])
def test_a_client_measures_with_every_answer_of_the_contract(loopback, ahead):
    loopback.answer = lambda request, connection: http_answer(b'{"status": "ok"}', Date=date(time.time() + ahead))
    with PrintServerClient(Connection(loopback.url, "k")) as client:
        assert client.clock_skew is None
        client.health()
        assert abs(client.clock_skew - ahead) < 1.5


def test_only_the_print_servers_own_answers_tell_its_clock():
    late = {"Date": date(time.time() + 500)}
    with responses.RequestsMock() as server, PrintServerClient(Connection(BASE, "k")) as client:
        for status, body in ((200, "<html>"), (302, ""), (503, "<html>maintenance</html>"), (404, ""), (200, "{}")):
            server.get(BASE + "/api/health", status=status, body=body, headers=late)
            with pytest.raises(PrintServerError):
                client.health()
            server.reset()
            assert client.clock_skew is None
        server.get(BASE + "/api/health", status=401, body=json.dumps({"error": "No key"}), headers=late)
        with pytest.raises(PrintServerError):
            client.health()
        assert abs(client.clock_skew - 500) < 1.5
