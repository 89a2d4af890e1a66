"""A print server that calls Odoo: calls are performed here and their answers brought, each call once."""

from __future__ import annotations

import itertools
import json
import stat
import time
import urllib.request

import psutil
import pytest
from aiohttp import web
from small_odoo import CHANNEL, CODE, SECRET, TOKEN, SmallOdoo, certificate, until
from standardwebhooks import Webhook

from tests.support.print_server import DidNotStart, start_print_server

PRINTER = "Zebra-1"
LABELS = [{"zpl_code": f"^XA^FDBox {number}^FS^XZ"} for number in range(1, 4)]
JOB = {"printer": PRINTER, "quantity": 3, "labels": LABELS}


def test_enrolment_keeps_the_token_for_this_user_alone(enrolled, odoo, tmp_path):
    (said,) = odoo.enrolled
    assert (said["code"], said["protocol"]) == (CODE, 1)
    assert said["host"] and said["version"]
    file = tmp_path / "data" / "odoo-token.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    kept = json.loads(file.read_text())
    assert (kept["token"], kept["server"], kept["events_secret"]) == (TOKEN, "Hall 2", SECRET)
    assert CODE not in file.read_text()
    assert said["instance"] == (tmp_path / "data" / "instance-id").read_text().strip() == odoo.pulls[0][1]["instance"]
    assert odoo.headers[0]["Authorization"] == f"Bearer {TOKEN}"
    output = "".join(enrolled.output)
    assert "as print server Hall 2" in output
    assert TOKEN not in output
    assert SECRET not in output


def test_a_restart_with_the_same_code_does_not_use_it_again(enrolled, odoo):
    enrolled.restart()
    until(lambda: len(odoo.subscribed) >= 2, "it does not ask again")
    assert len(odoo.enrolled) == 1
    assert len({document["instance"] for _at, document in odoo.pulls}) == 1


def test_a_job_is_printed_and_told(enrolled, odoo, zebra):
    status, answer = odoo.ask("POST", "/api/print", JOB, Idempotency_Key="job-1")
    assert (status, answer["status"]) == (201, "queued")
    until(lambda: any(event.get("status") == "completed" for event in odoo.events), "its end is not told")
    assert zebra.labels() == [label["zpl_code"] for label in LABELS]
    status, found = odoo.ask("GET", f"/api/status/{answer['job_id']}")
    assert (status, found["status"], found["current_label"]) == (200, "completed", 3)
    status, health = odoo.ask("GET", "/api/health")
    assert (health["services"]["odoo"], health["services"]["events"], health["warnings"]) == ("ok", "ok", [])
    assert odoo.ask("GET", "/api/print/job-1")[1]["job_id"] == answer["job_id"]


def test_events_go_to_the_given_address_whatever_host_odoo_names(enrolled, odoo):
    odoo.ask("POST", "/api/test", {"printer": PRINTER})
    until(lambda: odoo.events, "no events")
    headers = {name.lower(): value for name, value in odoo.event_headers[0].items()}
    assert headers["webhook-signature"].startswith("v1,")
    assert "authorization" not in headers
    Webhook(SECRET)  # the secret is one of Standard Webhooks


def test_errors_are_those_of_the_contract(enrolled, odoo):
    assert odoo.ask("GET", "/api/status/none")[1]["code"] == "job_unknown"
    assert odoo.ask("POST", "/api/print", {**JOB, "printer": "other"})[1]["code"] == "printer_not_found"
    assert odoo.ask("POST", "/api/print", b"no json")[0] == 400
    assert odoo.ask("PUT", "/api/print", JOB)[0] == 405
    call = odoo.call("GET", "/api/printers")
    odoo.answer(call)
    assert odoo.calls[call].answer["headers"]["Content-Type"] == "application/json"
    assert "Date" in odoo.calls[call].answer["headers"]


def test_calls_of_odoo_are_not_counted(zebra, odoo, tmp_path):
    with start_print_server({PRINTER: zebra}, data_dir=tmp_path, odoo=odoo.url, code=CODE, rate_limit=3) as server:
        assert {odoo.ask("GET", "/api/printers")[0] for _number in range(10)} == {200}
        assert server.call("GET", "/api/printers")[0] == 200


def test_without_a_key_nobody_else_is_let_in(zebra, odoo, tmp_path):
    with start_print_server({PRINTER: zebra}, data_dir=tmp_path, odoo=odoo.url, code=CODE, api_key="") as server:
        assert odoo.ask("GET", "/api/printers")[0] == 200
        for word in ("", "Bearer ", "Bearer None", f"Bearer {TOKEN}"):
            assert server.call("GET", "/api/printers", Authorization=word)[0] == 401
        with urllib.request.urlopen(f"{server.url}/api/health") as answer:
            assert json.load(answer) == {"status": "ok"}


def test_no_port_is_opened(zebra, odoo, tmp_path):
    with start_print_server({PRINTER: zebra}, data_dir=tmp_path, odoo=odoo.url, code=CODE, no_listen=True) as server:
        assert odoo.ask("GET", "/api/printers")[0] == 200
        lines = psutil.Process(server.pid).net_connections()
        assert [line for line in lines if line.status == psutil.CONN_LISTEN] == []
        begun = time.monotonic()
        server.stop()
        assert time.monotonic() - begun < 4


def test_answered_within_a_moment_of_the_notification(enrolled, odoo):
    odoo.ask("GET", "/api/printers")
    took = []
    for _number in range(10):
        begun = time.monotonic()
        odoo.ask("GET", "/api/printers")
        took.append(time.monotonic() - begun)
    assert sorted(took)[5] < 0.2, took


def test_idle_with_a_websocket_it_asks_as_often_as_odoo_says(enrolled, odoo):
    time.sleep(1)
    count = len(odoo.pulls)
    time.sleep(3)
    assert len(odoo.pulls) == count
    (said,) = odoo.subscribed
    assert said == {"event_name": "subscribe", "data": {"channels": [CHANNEL], "last": 0}}
    odoo.again_in = 1
    odoo.notify()
    time.sleep(3.5)
    assert 3 <= len(odoo.pulls) - count <= 6


def test_without_a_websocket_polls_are_paced_by_answers(zebra, odoo, tmp_path):
    odoo.websocket = False
    with start_print_server({PRINTER: zebra}, data_dir=tmp_path, odoo=odoo.url, code=CODE):
        time.sleep(7)
        begun = time.monotonic()
        assert odoo.ask("GET", "/api/printers")[0] == 200
        assert time.monotonic() - begun < 5.5
        before = [at for at, _document in odoo.pulls if at < begun]
        pauses = [later - at for at, later in itertools.pairwise(before)]
        # The longest ones are equal but for what the machine adds.
        assert all(later > pause - 0.2 for pause, later in itertools.pairwise(pauses))
        assert len(pauses) <= 6
        time.sleep(1)
        after = [at for at, _document in odoo.pulls if at > begun]
        assert after[-1] - after[0] < 1.2
        assert len(after) >= 3


def test_a_slow_call_holds_up_no_other(enrolled, odoo, zebra):
    zebra.slow(0.3)
    first = odoo.call("POST", "/api/test", {"printer": PRINTER})
    until(lambda: odoo.calls[first].handed_over, "not handed over")
    begun = time.monotonic()
    assert odoo.ask("GET", "/api/printers")[0] == 200
    assert time.monotonic() - begun < 1
    assert odoo.calls[first].answer is None
    assert odoo.answer(first)[0] == 200
    zebra.resume()


def test_a_call_that_is_handed_over_again_is_performed_once(enrolled, odoo, zebra):
    """A test print has no idempotency key: what keeps it from printing twice is that its answer is remembered."""
    odoo.keeps_answers = False
    call = odoo.call("POST", "/api/test", {"printer": PRINTER})
    until(lambda: sum(row["call"] == call for row in odoo.brought) >= 3 or odoo.notify(), "it is brought once only")
    odoo.keeps_answers = True
    odoo.notify()
    status, answer = odoo.answer(call)
    assert (status, answer["success"]) == (200, True)
    assert odoo.calls[call].handed_over >= 3
    assert len(zebra.labels()) == 1


def test_an_expired_call_is_not_performed(enrolled, odoo, zebra):
    row = {"call": "late", "method": "POST", "path": "/api/print", "headers": {}, "body": "", "expires_in": 0}
    odoo.hand_over(row)
    until(lambda: odoo.calls["late"].handed_over, "not handed over")
    time.sleep(0.5)
    assert odoo.calls["late"].answer is None
    until(lambda: any("came too late" in line for line in enrolled.output), "not said")


def test_an_answer_is_brought_after_a_cut_while_it_is_wanted(enrolled, odoo):
    def cut(_document):
        odoo.pull_answers += [unavailable] * 2
        return handed

    def unavailable(_document):
        return web.Response(status=503, text="<html>maintenance</html>")

    row = {"call": "cut", "method": "GET", "path": "/api/printers", "headers": {}, "body": "", "expires_in": 30}
    handed = web.json_response({"calls": [row], "again_in": 25})
    odoo.pull_answers.append(cut)
    odoo.hand_over(row, 30)
    assert odoo.answer("cut", 20)[0] == 200
    for words in ("HTTP 503", "answers this print server again"):
        until(lambda said=words: any(said in line for line in enrolled.output), f"not said: {words}")


@pytest.mark.parametrize("way", ["kill", "stop"])
def test_a_test_print_whose_answer_is_lost_with_the_server_prints_once(enrolled, odoo, zebra, way):
    odoo.keeps_answers = False
    call = odoo.call("POST", "/api/test", {"printer": PRINTER}, expires_in=60)
    until(lambda: any(row["call"] == call for row in odoo.brought), "not brought")
    getattr(enrolled, way)()
    odoo.keeps_answers = True
    enrolled.restart()
    status, answer = odoo.answer(call, 20)
    assert (status, answer["success"]) == (200, True)
    assert len(zebra.labels()) == 1


def test_killed_in_the_middle_of_a_test_print(enrolled, odoo, zebra):
    zebra.slow(0.3)
    call = odoo.call("POST", "/api/test", {"printer": PRINTER}, expires_in=60)
    until(lambda: zebra.status()["in_buffer"], "nothing was sent")
    enrolled.kill()
    zebra.resume()
    enrolled.restart()
    status, answer = odoo.answer(call, 20)
    assert (status, answer["code"]) == (500, "interrupted")
    until(lambda: zebra.labels(), "not printed")
    time.sleep(1)
    assert len(zebra.labels()) == 1


def test_killed_with_a_job_whose_answer_was_not_brought(enrolled, odoo, zebra):
    odoo.keeps_answers = False
    call = odoo.call("POST", "/api/print", JOB, expires_in=60, Idempotency_Key="key-1")
    until(lambda: any(row["call"] == call for row in odoo.brought), "not brought")
    enrolled.kill()
    odoo.keeps_answers = True
    enrolled.restart()
    assert odoo.answer(call, 20)[0] in (200, 201)
    until(lambda: len(zebra.labels()) == 3, "not printed")
    time.sleep(0.5)
    assert len(zebra.labels()) == 3


def test_the_last_answers_are_brought_at_a_graceful_stop(enrolled, odoo, zebra):
    zebra.slow(0.5)
    call = odoo.call("POST", "/api/test", {"printer": PRINTER}, expires_in=30)
    until(lambda: odoo.calls[call].handed_over, "not handed over")
    time.sleep(0.2)
    enrolled.stop()
    assert odoo.calls[call].answer["status"] == 200


def test_odoo_away_and_back(enrolled, odoo, zebra):
    odoo.stop()
    until(lambda: any("cannot be reached" in line for line in enrolled.output), "no word", 30)
    odoo.sockets.clear()
    odoo.start()
    assert odoo.ask("GET", "/api/printers", expires_in=40)[0] == 200
    until(lambda: len(odoo.subscribed) >= 2, "no websocket", 10)
    begun = time.monotonic()
    assert odoo.ask("GET", "/api/printers")[0] == 200
    assert time.monotonic() - begun < 2


def test_a_new_token_is_kept_and_used(enrolled, odoo, tmp_path):
    odoo.new_token = "lpt_second"
    odoo.notify()
    until(lambda: odoo.tokens == {"lpt_second"} or odoo.notify(), "it is not used")
    assert json.loads((tmp_path / "data" / "odoo-token.json").read_text())["token"] == "lpt_second"
    enrolled.restart()
    assert odoo.ask("GET", "/api/printers")[0] == 200
    assert "lpt_second" not in "".join(enrolled.output)


def test_a_new_token_that_cannot_be_kept_is_not_used(enrolled, odoo, tmp_path, monkeypatch):
    from print_server.odoo_link import credentials

    file = credentials.TokenFile(tmp_path / "data" / "odoo-token.json")
    before = file.read()

    def full(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(credentials.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        file.rotate(before, "lpt_third")
    assert file.read() == before
    assert sorted(path.name for path in file.path.parent.glob(".*")) == []


def test_tls_with_a_certificate_of_ones_own(zebra, tmp_path):
    trusted, context = certificate(tmp_path)
    odoo = SmallOdoo(trust=context).start()
    try:
        given = {"odoo": odoo.url, "code": CODE, "data_dir": tmp_path / "data"}
        with pytest.raises(DidNotStart, match=r"its certificate is not trusted .* give --odoo-ca"):
            start_print_server({PRINTER: zebra}, **given)
        assert odoo.enrolled == []
        with start_print_server({PRINTER: zebra}, **given, odoo_ca=trusted):
            until(lambda: odoo.subscribed, "no websocket")
            assert odoo.ask("POST", "/api/test", {"printer": PRINTER})[0] == 200
            until(lambda: odoo.events, "no events")
    finally:
        odoo.stop()
