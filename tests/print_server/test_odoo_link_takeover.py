"""Which print server Odoo listens to: codes, tokens and events when one takes another's place, or is refused."""

from __future__ import annotations

import json
import time

import pytest
from aiohttp import web
from small_odoo import CODE, SECRET, TOKEN, refused, said, until
from standardwebhooks import Webhook

from tests.support.print_server import DidNotStart, start_print_server

PRINTER = "Zebra-1"
OTHER_CODE, OTHER_SECRET = "WXYZ-WXYZ-WXYZ", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


def signed_by(odoo, secret: str, number: int = -1) -> None:
    headers = {name.lower(): value for name, value in odoo.event_headers[number].items()}
    Webhook(secret).verify(odoo.event_bodies[number], headers)


def refuse(status: int, code: str):
    return lambda _document: refused(status, code, "Not this one.")


# --- events ---


def test_each_event_post_says_which_print_server_sends_it(enrolled, odoo, tmp_path):
    odoo.ask("POST", "/api/test", {"printer": PRINTER})
    until(lambda: odoo.events, "no events")
    instance = (tmp_path / "data" / "instance-id").read_text().strip()
    assert {headers.get("X-Print-Server-Instance") for headers in odoo.event_headers} == {instance}
    signed_by(odoo, SECRET)


@pytest.mark.parametrize("answer", [refuse(409, "other_instance"), refuse(403, "token_revoked"), lambda _document: web.Response(status=503)])
def test_before_its_first_question_is_taken_it_tells_nothing(zebra, odoo, tmp_path, answer):
    """It has something to tell: of its printer, and of a job that it got over its own port."""
    odoo.pull_answers += [answer] * 1000
    with start_print_server({PRINTER: zebra}, data_dir=tmp_path, odoo=odoo.url, code=CODE) as server:
        until(lambda: odoo.pulls, "it does not ask")
        server.wait(server.print_labels(PRINTER, ["^XA^FD1^FS^XZ"]))
        time.sleep(1)
        assert odoo.events == []
        odoo.pull_answers.clear()
        server.restart()
        until(lambda: any(event.get("status") == "completed" for event in odoo.events), "the events are lost")


def test_while_it_is_refused_it_tells_nothing(enrolled, odoo):
    odoo.ask("POST", "/api/test", {"printer": PRINTER})
    odoo.pull_answers += [refuse(403, "token_revoked")] * 5
    odoo.notify()
    said(enrolled, "(token_revoked)")
    time.sleep(0.5)
    count = len(odoo.events)
    enrolled.wait(enrolled.print_labels(PRINTER, ["^XA^FD1^FS^XZ"]))
    time.sleep(1)
    assert len(odoo.events) == count


def test_while_odoo_is_away_for_a_moment_events_go_on(enrolled, odoo):
    odoo.pull_answers += [lambda _document: web.Response(status=503)] * 1000
    odoo.notify()
    said(enrolled, "HTTP 503")
    count = len(odoo.events)
    enrolled.print_labels(PRINTER, ["^XA^FD1^FS^XZ"])
    until(lambda: len(odoo.events) > count, "they wait")


# --- codes ---


def test_a_new_code_replaces_the_secret_of_the_events(zebra, odoo, tmp_path):
    given = {"data_dir": tmp_path, "odoo": odoo.url}
    start_print_server({PRINTER: zebra}, **given, code=CODE).stop()
    odoo.secret = OTHER_SECRET
    with start_print_server({PRINTER: zebra}, **given, code=OTHER_CODE):
        count = len(odoo.events)
        odoo.ask("POST", "/api/test", {"printer": PRINTER})
        until(lambda: len(odoo.events) > count, "no events")
    assert json.loads((tmp_path / "odoo-token.json").read_text())["events_secret"] == OTHER_SECRET
    signed_by(odoo, OTHER_SECRET)


def test_a_code_is_not_used_up_while_another_process_has_the_data(enrolled, zebra, odoo, tmp_path):
    before = (tmp_path / "data" / "odoo-token.json").read_text()
    with pytest.raises(DidNotStart, match="Another print server is using"):
        start_print_server({PRINTER: zebra}, data_dir=tmp_path / "data", odoo=odoo.url, code=OTHER_CODE)
    assert [document["code"] for document in odoo.enrolled] == [CODE]
    assert (tmp_path / "data" / "odoo-token.json").read_text() == before


@pytest.mark.parametrize("code", ["code_used", "code_unknown", "code_expired"])
def test_an_old_code_among_the_options_keeps_no_print_server_from_starting(zebra, odoo, tmp_path, code):
    (tmp_path / "odoo-token.json").write_text(TOKEN)
    odoo.enroll_answer = refuse(403, code)
    with start_print_server({PRINTER: zebra}, data_dir=tmp_path, odoo=odoo.url, code=OTHER_CODE) as server:
        assert odoo.ask("GET", "/api/printers")[0] == 200
        said(server, f"({code})")
        said(server, "is used on: take --code away")
        assert OTHER_CODE not in "".join(server.output)


def test_another_reason_to_refuse_the_code_does(zebra, odoo, tmp_path):
    (tmp_path / "odoo-token.json").write_text(TOKEN)
    odoo.enroll_answer = refuse(426, "protocol_unsupported")
    with pytest.raises(DidNotStart, match="This print server is not enrolled"):
        start_print_server({PRINTER: zebra}, data_dir=tmp_path, odoo=odoo.url, code=OTHER_CODE)


# --- tokens ---


def test_a_token_that_was_put_into_the_file_is_used_after_a_refusal(enrolled, odoo, tmp_path):
    file = tmp_path / "data" / "odoo-token.json"
    kept = json.loads(file.read_text())
    file.write_text(json.dumps({**kept, "token": "lpt_other", "events_secret": OTHER_SECRET}))
    odoo.tokens = {"lpt_other"}
    assert odoo.ask("POST", "/api/test", {"printer": PRINTER})[0] == 200
    said(enrolled, "another one is in")
    until(lambda: odoo.events, "no events")
    count = len(odoo.events)
    odoo.ask("POST", "/api/test", {"printer": PRINTER})
    until(lambda: len(odoo.events) > count, "no events")
    signed_by(odoo, OTHER_SECRET)
    assert "lpt_other" not in "".join(enrolled.output)


def test_a_token_file_that_is_damaged_meanwhile_is_said(enrolled, odoo, tmp_path):
    (tmp_path / "data" / "odoo-token.json").write_text("none")
    odoo.tokens = set()
    odoo.notify()
    said(enrolled, "holds no token")
    said(enrolled, "(token_unknown)")


# --- the end of a run ---


def test_the_last_question_takes_no_calls(enrolled, odoo, zebra):
    late = []

    def stopping(document):
        late.append(document)
        return web.json_response({"calls": [], "again_in": 25})

    zebra.slow(0.5)
    odoo.call("POST", "/api/test", {"printer": PRINTER}, expires_in=30)
    until(lambda: any(call.handed_over for call in odoo.calls.values()), "not handed over")
    time.sleep(0.2)
    odoo.pull_answers.append(stopping)
    enrolled.stop()
    (document,) = late
    assert document["stopping"] is True
    assert len(document["answers"]) == 1
    assert not any("stopping" in earlier for _at, earlier in odoo.pulls[:-1])


def test_a_new_token_in_the_last_answer_is_kept(enrolled, odoo, zebra, tmp_path):
    odoo.more_in_answer = {"token": TOKEN}
    zebra.slow(0.5)
    odoo.call("POST", "/api/test", {"printer": PRINTER}, expires_in=30)
    until(lambda: any(call.handed_over for call in odoo.calls.values()), "not handed over")
    time.sleep(0.2)
    odoo.more_in_answer = {"token": "lpt_second"}
    odoo.tokens = {TOKEN, "lpt_second"}
    enrolled.stop()
    assert odoo.pulls[-1][1]["stopping"] is True
    assert json.loads((tmp_path / "data" / "odoo-token.json").read_text())["token"] == "lpt_second"


# --- a route that is missing for a moment ---


def test_a_404_for_a_moment_is_no_refusal(enrolled, odoo):
    odoo.pull_answers.append(lambda _document: web.Response(status=404, text="<html>no page</html>"))
    odoo.notify()
    said(enrolled, "Odoo or a proxy before it may be starting")
    assert odoo.ask("GET", "/api/printers")[0] == 200
    assert enrolled.call("GET", "/api/health")[1]["services"]["odoo"] == "ok"
