"""What Odoo, or what stands in its place, should never answer: the print server goes on, says it in words, prints nothing."""

from __future__ import annotations

import base64
import contextlib
import json

import pytest
from aiohttp import web
from small_odoo import TOKEN, refused, said, until

from print_server.odoo_link import odoo_http
from print_server.odoo_link.failures import NotOdoo
from print_server.odoo_link.options import OdooSettings

PRINTER = "Zebra-1"
LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Please log in</title></head><body></body></html>"


@pytest.fixture
def server(enrolled):
    return enrolled


def health(server) -> dict:
    return server.call("GET", "/api/health")[1]


def html(_document):
    return web.Response(text=LOGIN_PAGE, content_type="text/html")


def redirect(_document):
    return web.Response(status=302, headers={"Location": "https://login.example.com/?next=1"})


def truncated(_document):
    return web.Response(text='{"protocol": 1, "calls": [', content_type="application/json")


def too_deep(_document):
    return web.Response(text="[" * 100_000, content_type="application/json")


def a_list(_document):
    return web.json_response([1, 2])


def no_calls(_document):
    return web.json_response({"protocol": 1, "calls": "none"})


def unavailable(_document):
    return web.Response(status=502, text=LOGIN_PAGE, content_type="text/html")


def forbidden_page(_document):
    return web.Response(status=403, text=LOGIN_PAGE, content_type="text/html")


def fault(_document):
    return web.Response(status=500, text="{}", content_type="application/json")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (html, "It may be a log-in page"),
        (redirect, "redirects to https://login.example.com/?next=1"),
        (truncated, "no JSON object"),
        (too_deep, "no JSON object"),
        (a_list, "no JSON object"),
        (no_calls, "its JSON has no list of calls"),
        (unavailable, "Odoo cannot answer now (HTTP 502)"),
        (forbidden_page, "Something before Odoo refuses the call (HTTP 403)"),
        (fault, "Odoo cannot answer now (HTTP 500)"),
    ],
)
def test_an_answer_that_is_none_of_odoo(server, odoo, zebra, answer, words):
    odoo.pull_answers.append(answer)
    odoo.notify()
    said(server, words)
    # It passes by itself.
    assert odoo.ask("GET", "/api/printers")[0] == 200
    assert health(server)["services"]["odoo"] == "ok"
    assert zebra.labels() == []
    assert "Traceback" not in "".join(server.output)


REFUSALS = [
    (401, "token_unknown", "start this print server once with --code"),
    (403, "token_revoked", "start this print server once with --code"),
    (403, "token_expired", "start this print server once with --code"),
    (409, "other_instance", "stop the other print server first, then press Release on the print server's form in Odoo"),
    (410, "server_archived", "Unarchive the print server in Odoo"),
    (426, "protocol_unsupported", "update the print server"),
]


@pytest.mark.parametrize(("status", "code", "words"), REFUSALS)
def test_a_refusal_is_said_in_words_and_asked_again_slowly(server, odoo, status, code, words):
    message = f"Of Odoo: update the print server. {TOKEN} \x1b[31m" + "x" * 1000
    odoo.pull_answers += [lambda _document: refused(status, code, message)] * 5
    odoo.notify()
    said(server, f"Odoo refuses this print server ({code}). Of Odoo: update the print server.")
    said(server, words)
    said(server, "Nothing is printed for Odoo until then.")
    count = len(odoo.pulls)
    found = health(server)
    assert (found["status"], found["services"]["odoo"]) == ("degraded", "refused")
    assert any(code in warning and words in warning for warning in found["warnings"])
    output = "".join(server.output)
    assert TOKEN not in output
    assert TOKEN not in json.dumps(found)
    assert "\x1b" not in output
    for _number in range(5):
        odoo.notify()
    assert len(odoo.pulls) == count


def test_an_odoo_without_the_route(server, odoo):
    odoo.pull_answers.append(lambda _document: web.Response(status=404, text=LOGIN_PAGE, content_type="text/html"))
    odoo.notify()
    said(server, "This Odoo has no label_print_monitor that print servers can call (19.0.2.0.0 or newer)")


BAD_CALLS = [
    ({"path": "/metrics"}, "its address does not begin with /api/"),
    ({"path": "//evil.example.com/api/print"}, "its address does not begin with /api/"),
    ({"path": "http://evil.example.com/api/print"}, "its address does not begin with /api/"),
    ({"path": "/api/../metrics"}, "its address does not begin with /api/"),
    ({"path": "/api/print\r\nX: 1"}, "its address does not begin with /api/"),
    ({"path": None}, "its address does not begin with /api/"),
    ({"method": "TRACE"}, "its method is none"),
    ({"method": 3}, "its method is none"),
    ({"body": "no base64!"}, "its body is not base64"),
    ({"body": {"a": 1}}, "its body is not base64"),
]


@pytest.mark.parametrize(("changes", "words"), BAD_CALLS)
def test_a_call_that_cannot_be_performed_is_refused(server, odoo, zebra, changes, words):
    good = {"call": "bad", "method": "POST", "path": "/api/test", "headers": {}, "expires_in": 10}
    good["body"] = base64.b64encode(json.dumps({"printer": PRINTER}).encode()).decode()
    odoo.hand_over({**good, **changes})
    status, answer = odoo.answer("bad")
    assert (status, answer["code"]) == (400, "bad_request")
    assert words in answer["message"]
    said(server, "A call of Odoo is refused, because " + words)
    assert odoo.ask("GET", "/api/printers")[0] == 200
    assert zebra.labels() == []


@pytest.mark.parametrize("megabytes", [16.5, 20])
def test_a_call_that_is_too_large_holds_up_no_other(server, odoo, megabytes):
    large = odoo.call("POST", "/api/print", b" " * int(megabytes * 1024**2), expires_in=30)
    assert odoo.ask("GET", "/api/printers")[0] == 200
    status, answer = odoo.answer(large, 20)
    assert (status, answer["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("row", [None, 5, [], {}, {"call": 7}, {"call": ""}, {"call": "x" * 1000}])
def test_a_call_without_an_id_is_left_out(server, odoo, row):
    odoo.pull_answers.append(lambda _document: web.json_response({"calls": [row], "again_in": 1}))
    odoo.notify()
    said(server, "1 calls without an id")
    assert odoo.ask("GET", "/api/printers")[0] == 200


def test_headers_that_would_change_more_than_the_call(server, odoo):
    headers = {"Authorization": "Bearer x", "Transfer-Encoding": "chunked", "X-Forwarded-For": "1.2.3.4", "Host": 5,
               "Content-Type": "application/json\r\nX: 1"}  # fmt: skip
    odoo.hand_over(
        {"call": "odd", "method": "GET", "path": "/api/printers", "headers": headers, "body": None, "expires_in": 10}
    )
    assert odoo.answer("odd")[0] == 200


@pytest.mark.parametrize("value", [None, "soon", True, [], -5, 1e400, 10**400])
def test_numbers_that_are_none(server, odoo, value):
    odoo.again_in = value
    row = {"call": "odd", "method": "GET", "path": "/api/printers", "headers": {}, "body": "", "expires_in": 10}
    odoo.hand_over(row)
    odoo.answer("odd")
    assert odoo.ask("GET", "/api/printers")[0] == 200


def test_an_answer_larger_than_may_be_read(monkeypatch, odoo):
    monkeypatch.setattr(odoo_http, "LARGEST_ANSWER", 1000)
    odoo.pull_answers.append(lambda _document: web.json_response({"calls": [], "x": "y" * 2000}))
    with contextlib.closing(odoo_http.OdooHttp(OdooSettings(odoo.url, None))) as calls, pytest.raises(NotOdoo) as caught:
        calls.post("/label_print_monitor/pull", {}, TOKEN)
    assert "larger than" in str(caught.value)


def test_an_answer_that_odoo_does_not_take_gives_way_to_an_error(server, odoo):
    odoo.largest_answer = 300  # characters; an error has fewer, the list of printers more
    large, small = odoo.call("GET", "/api/printers"), odoo.call("GET", "/api/status/none", expires_in=20)
    status, answer = odoo.answer(large, 15)
    assert (status, answer["code"]) == (500, "answer_not_taken")
    assert odoo.answer(small)[0] == 404
    said(server, "Odoo does not take the answer to a call")


@pytest.mark.parametrize("text", ["no json", "{}", "[1]", '[{"message": 5}]', '[{"message": {"type": "other"}}]', "[" * 50_000])
def test_messages_of_the_websocket_that_tell_nothing(server, odoo, text):
    count = len(odoo.pulls)
    odoo.notify(text)
    odoo.notify()
    until(lambda: len(odoo.pulls) > count, "the line is gone")
    assert odoo.ask("GET", "/api/printers")[0] == 200


def test_a_message_of_the_websocket_that_is_too_large(server, odoo):
    odoo.notify("x" * 2_000_000)
    until(lambda: len(odoo.subscribed) >= 2, "no new websocket")
    assert odoo.ask("GET", "/api/printers")[0] == 200


def test_the_websocket_is_made_again(server, odoo):
    odoo.drop_sockets()
    until(lambda: len(odoo.subscribed) >= 2, "no new websocket")
    assert odoo.ask("GET", "/api/printers")[0] == 200
    assert "Cookie" not in odoo.handshakes[0]
