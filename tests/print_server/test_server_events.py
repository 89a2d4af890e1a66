"""Events to Odoo: signed, in order, repeated until taken, and not lost with the server."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from standardwebhooks import Webhook

from print_server.event_sender import _seconds, _within
from print_server.event_signature import key_of, sign
from print_server.outbox import Event
from print_server.settings import Settings, SettingsError
from tests.support.print_server import start_print_server

PRINTER, SECRET = "Zebra-1", "a secret"
LABELS = [f"^XA^FD{number}^FS^XZ" for number in range(1, 11)]


class Odoo:
    """Takes events; `answer(events)` decides the status code."""

    def __init__(self):
        self.events, self.calls, self.answer = [], [], lambda events: 200
        self.retry_after = None
        self.says = b'{"error": "The body is not a list of events."}'
        odoo = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                odoo.calls.append((dict(self.headers), body))
                events = json.loads(body)["events"]
                code = odoo.answer(events)
                if code == 200:
                    odoo.events += events
                self.send_response(code)
                if code == 503 and odoo.retry_after:
                    self.send_header("Retry-After", odoo.retry_after)
                body = odoo.says if code >= 400 else b""
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/label_print_monitor/events"

    def of(self, job):
        return [event for event in self.events if event.get("job_id") == job]

    def await_end(self, job, timeout=10):
        deadline = time.monotonic() + timeout
        while not (events := self.of(job)) or events[-1]["status"] not in ("completed", "failed", "cancelled"):
            assert time.monotonic() < deadline, (events, len(self.calls))
            time.sleep(0.02)
        return events


@pytest.fixture
def odoo():
    odoo = Odoo()
    yield odoo
    odoo.server.shutdown()
    odoo.server.server_close()


@pytest.fixture
def server(zebra, odoo, tmp_path):
    with start_print_server(
        {PRINTER: zebra}, webhook_url=odoo.url, webhook_secret=SECRET, data_dir=tmp_path / "data"
    ) as server:
        yield server


def test_signature_of_the_description():
    body = b'{"events":[]}'
    headers = sign("test-secret", 1700000000, body)
    assert headers["X-Print-Signature"] == (
        "t=1700000000,v1=" + hmac.new(b"test-secret", b'1700000000.{"events":[]}', hashlib.sha256).hexdigest()
    )
    assert headers["webhook-timestamp"] == "1700000000"
    assert headers["webhook-id"] == sign("other", 1800000000, body)["webhook-id"] != sign("other", 1, b"x")["webhook-id"]


@pytest.mark.parametrize("secret", ["test-secret", "Gehäuse", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
def test_it_is_the_signature_of_standard_webhooks(secret):
    headers = sign(secret, int(time.time()), b'{"events":[]}')
    oracle = Webhook(base64.b64encode(key_of(secret)).decode())
    assert oracle.verify('{"events":[]}', headers) == {"events": []}


@pytest.mark.parametrize("secret", ["whsec_", "whsec_abc", "whsec_no base64", "whsec_ä"])
def test_a_secret_that_only_looks_like_one_of_standard_webhooks(secret, tmp_path):
    with pytest.raises(SettingsError, match="copy all of it again from Odoo"):
        Settings(tmp_path, ("key",), (), webhook_url="http://127.0.0.1:9/", webhook_secret=secret)


def test_events_are_signed_and_tell_the_job_in_order(server, odoo, zebra):
    assert "events" in server.call("GET", "/api/health")[1]["capabilities"]
    zebra.slow(20)
    job = server.print_labels(PRINTER, LABELS)
    events = odoo.await_end(job)
    assert [events[0]["status"], events[1]["status"], events[-1]["status"]] == ["queued", "printing", "completed"]
    revisions = [event["revision"] for event in events]
    assert revisions == sorted(set(revisions))
    assert len({event["current_label"] for event in events}) >= 4
    assert events[-1]["confirmed"]
    assert {event["type"] for event in events} == {"job"}
    assert len({event["id"] for event in odoo.events}) == len(odoo.events)
    for headers, body in odoo.calls:
        moment = headers["webhook-timestamp"]
        expected = hmac.new(SECRET.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
        assert headers["X-Print-Signature"] == f"t={moment},v1={expected}"
        assert Webhook(base64.b64encode(SECRET.encode()).decode()).verify(body.decode(), headers)
        assert abs(time.time() - int(moment)) < 30
        assert headers["Content-Type"] == "application/json"
    assert len({headers["webhook-id"] for headers, _body in odoo.calls}) == len(odoo.calls)


def test_odoo_wants_no_more_until_it_calls(server, odoo, zebra):
    """410: nothing more is sent, and nothing is lost, until Odoo calls with its key. Asking for its health is no such call."""
    odoo.answer = lambda events: 410
    zebra.slow(4)
    server.print_labels(PRINTER, LABELS)
    health = await_events_word(server, "stopped")
    assert "archived there" in " ".join(health["warnings"])
    assert any("HTTP 410" in line for line in server.output)
    calls = len(odoo.calls)
    time.sleep(1.5)  # six labels
    assert len(odoo.calls) == calls
    odoo.answer = lambda events: 200
    server.call("GET", "/api/printers")
    await_events_word(server, "ok")
    first = next(event for event in odoo.events if "job_id" in event)  # the printer may have told something, too
    odoo.await_end(first["job_id"])
    assert first["status"] == "queued"


def await_events_word(server, word):
    """What the print server says of its health as soon as that is its word for events."""
    deadline = time.monotonic() + 10
    while (health := server.call("GET", "/api/health")[1])["services"]["events"] != word:
        assert time.monotonic() < deadline, health
        time.sleep(0.05)
    return health


def test_printer_events_tell_reasons(server, odoo, zebra):
    zebra.head_open()
    deadline = time.monotonic() + 5
    while not [e for e in odoo.events if e["type"] == "printer" and e["state_reasons"] == ["cover-open-error"]]:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_failures_are_repeated_in_order(server, odoo, zebra):
    codes = iter([500, 401, 302])
    odoo.answer = lambda events: next(codes, 200)
    job = server.print_labels(PRINTER, LABELS[:3])
    server.wait(job)
    events = odoo.await_end(job, timeout=20)
    revisions = [event["revision"] for event in events]
    assert revisions == sorted(set(revisions))
    assert events[0]["status"] == "queued"


def test_a_busy_job_in_odoo_is_no_outage(server, odoo, zebra):
    """Seen: after a few 503 with "Retry-After: 1" events came up to 33 s late."""
    answers = iter([503] * 6)
    odoo.retry_after, odoo.answer = "0", lambda events: next(answers, 200)
    job = server.print_labels(PRINTER, LABELS)
    odoo.await_end(job, timeout=8)
    assert len(odoo.calls) >= 7


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("1", 1), ("0", 0.5), ("100000", 60), (None, None), ("-1", None), ("Wed, 21 Oct 2026 07:28:00 GMT", None)]
    + [("١", None), ("1.5", None), ("", None)],
)
def test_the_pause_that_odoo_asks_for(header, seconds):
    assert _seconds(header) == seconds


def test_events_outlive_a_killed_server(server, odoo, zebra):
    odoo.answer = lambda events: 503
    job = server.print_labels(PRINTER, LABELS)
    server.wait(job)
    server.kill()
    assert odoo.of(job) == []
    odoo.answer = lambda events: 200
    server.restart()
    events = odoo.await_end(job)
    assert events[-1]["progress"]["completed"] == 10
    # What was not delivered in time was replaced by newer progress: a night without Odoo is no flood.
    assert len(events) <= 4


def test_an_event_that_is_refused_for_good_does_not_hold_up_the_others(server, odoo, zebra):
    bad = server.print_labels(PRINTER, LABELS[:1])
    odoo.answer = lambda events: 400 if any(event.get("job_id") == bad for event in events) else 200
    server.wait(bad)
    job = server.print_labels(PRINTER, LABELS[:1])
    assert odoo.await_end(job)[-1]["status"] == "completed"


def test_no_event_is_lost_by_what_a_proxy_answers(server, odoo, zebra):
    """nginx answers plain http at its port for https with 400 and a page of its own: that is no answer of the addon."""
    odoo.says = b"<html>400 The plain HTTP request was sent to HTTPS port</html>"
    odoo.answer = lambda events: 400
    job = server.print_labels(PRINTER, LABELS[:1])
    server.wait(job)
    time.sleep(1)
    assert server.call("GET", "/api/health")[1]["services"]["events"] != "ok"
    odoo.answer = lambda events: 200
    assert odoo.await_end(job, timeout=30)[-1]["status"] == "completed"


def test_the_event_of_an_ended_job_tells_its_labels(server, odoo, zebra):
    zebra.paper_out(after=1)
    job = server.print_labels(PRINTER, LABELS[:4])
    events = odoo.await_end(job)
    assert events[-1]["labels"] == server.label_runs(job)
    assert [(run["state"], run.get("count", 1)) for run in events[-1]["labels"]] == [("confirmed", 1), ("failed", 3)]
    assert events[-1]["counts"] == {"printed": 1, "confirmed": 1, "failed": 3, "uncertain": 0}
    assert not [event for event in events[:-1] if "labels" in event]
    assert all("counts" in event for event in events)


def test_a_post_holds_no_more_than_the_addon_takes():
    events = [Event(number, "x" * 300) for number in range(5)]
    assert len(_within(events, 1000)) == 3
    assert len(_within(events, 10)) == 1
    assert _within(events, 5000) == events
    assert _within([], 10) == []
