"""Each call and each kind of answer, without a network."""

import gzip
import io
import json
import logging
import time
import traceback

import pytest
import requests
import responses
from services.contract.reports import LabelReport
from services.transport.print_server_client import (
    BadAnswer,
    Connection,
    NotFound,
    OtherProgram,
    PrintServerClient,
    PrintServerError,
    RateLimited,
    Refused,
    Rejected,
    ServerError,
    Unreachable,
)
from services.wording.error_catalogue import advice

BASE = "http://print:5000"
KEY = "s3cret-k3y"
JOB = {"job_id": "a", "status": "printing", "progress": {"total": 20, "completed": 5, "failed": 0}}


@pytest.fixture
def client():
    with PrintServerClient(Connection(BASE + "/api/", KEY)) as client:
        yield client


@pytest.fixture
def server():
    with responses.RequestsMock() as mock:
        yield mock


def test_health(client, server):
    server.get(BASE + "/api/health", json={"status": "ok", "capabilities": ["events"]})
    assert client.health().capabilities == {"events"}
    request = server.calls[0].request
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert "Content-Length" not in request.headers


def test_printers(client, server):
    server.get(BASE + "/api/printers", json={"printers": [{"name": "Z", "status": "online"}]})
    assert client.printers()[0].status == "online"


def test_job_status(client, server):
    server.get(BASE + "/api/status/a", json=JOB)
    assert client.job_status("a").current_label == 5


@pytest.mark.parametrize(
    ("job_id", "path"), [("a/b?c#d", "a%2Fb%3Fc%23d"), ("..", "%2E%2E"), ("ü", "%C3%BC"), ("a.1", "a.1")]
)
def test_an_id_cannot_leave_its_place_in_the_address(client, server, job_id, path):
    server.get(f"{BASE}/api/status/{path}", json={**JOB, "job_id": job_id})
    client.job_status(job_id)
    assert server.calls[0].request.url == f"{BASE}/api/status/{path}"


def test_batch_status(client, server):
    answer = {"jobs": [JOB, {**JOB, "job_id": "not asked for"}, None], "unknown": ["b", "z"]}
    server.post(BASE + "/api/status", json=answer)
    batch = client.batch_status(["a", "b", "a"])
    assert [report.server_job_id for report in batch.reports] == ["a"]
    assert (batch.unknown, batch.rejected) == (("b",), 2)
    assert json.loads(server.calls[0].request.body) == {"job_ids": ["a", "b"]}
    with pytest.raises(ValueError, match="500"):
        client.batch_status([str(n) for n in range(501)])


def test_batch_status_with_labels(client, server):
    labels = [{"index": 1, "count": 5, "state": "confirmed"}, {"index": 6, "state": "shredded"}]
    server.post(BASE + "/api/status", json={"jobs": [{**JOB, "labels": labels}], "unknown": []})
    (report,) = client.batch_status(["a"], labels=True).reports
    assert report.labels == (LabelReport(1, 5, "confirmed"),)
    assert report.label_problems == 1
    assert json.loads(server.calls[0].request.body) == {"job_ids": ["a"], "labels": True}
    with pytest.raises(ValueError, match="50"):
        client.batch_status([str(n) for n in range(51)], labels=True)


def test_labels(client, server):
    labels = [{"index": 1, "count": 5, "state": "confirmed"}, None]
    server.get(BASE + "/api/jobs/a%2Fb/labels", json={"job_id": "a/b", "labels": labels})
    assert client.labels("a/b") == (LabelReport(1, 5, "confirmed"),)
    assert client.label_report("a/b").label_problems == 1
    server.get(BASE + "/api/jobs/b/labels", json={"job_id": "a", "labels": []})
    with pytest.raises(BadAnswer, match="another job"):
        client.labels("b")
    server.get(BASE + "/api/jobs/c/labels", status=404, json={"error": "No such job"})
    with pytest.raises(NotFound):
        client.labels("c")
    server.get(BASE + "/api/jobs/d/labels", status=404, body="<html>nginx</html>", content_type="text/html")
    server.get(BASE + "/api/health", status=404, body="<html>nginx</html>", content_type="text/html")
    with pytest.raises(BadAnswer, match="web page"):
        client.labels("d")


def test_submit(client, server):
    server.post(BASE + "/api/print", status=201, json={"job_id": "a", "status": "queued"})
    assert client.submit({"printer": "Zé"}, "uuid-1").server_job_id == "a"
    request = server.calls[0].request
    assert request.headers["Idempotency-Key"] == "uuid-1"
    assert request.headers["Content-Type"] == "application/json"
    assert json.loads(request.body) == {"printer": "Zé"}
    server.post(BASE + "/api/print", status=200, json={"job_id": "a", "status": "completed"})
    client.submit({"printer": "Z"})
    assert "Idempotency-Key" not in server.calls[1].request.headers, "nothing of one call is left in the next"


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [(200, {"success": True, "message": "Cancelled"}, "cancelled"),
     (200, {"success": True, "outcome": "cancelling", "message": "Stopping"}, "cancelling"), (404, {"error": "No such job"}, "unknown"),
     (409, {"error": "Conflict", "message": "Already finished", "code": "x"}, "finished")],
)  # fmt: skip
def test_cancel(client, server, status, body, outcome):
    server.delete(BASE + "/api/jobs/a", status=status, json=body)
    answer = client.cancel("a")
    assert answer.outcome == outcome
    assert (body.get("message") or body["error"]) in answer.message


def test_a_cancel_that_did_not_succeed_is_an_error(client, server):
    server.delete(BASE + "/api/jobs/a", json={"success": False, "message": "Printer is busy"})
    with pytest.raises(Rejected, match="Printer is busy"):
        client.cancel("a")


def test_test_printer(client, server):
    server.post(BASE + "/api/test", json={"success": False, "message": "Out of labels"})
    answer = client.test_printer("Z")
    assert (answer.success, answer.message) == (False, "Out of labels")
    assert json.loads(server.calls[0].request.body) == {"printer": "Z"}


ENVELOPES = [
    {"error": "Bad", "message": "What happened", "code": "x", "timestamp": "now"},
    {"error": "What happened"},
    {"error": "Bad", "message": "What happened"},
]


@pytest.mark.parametrize("envelope", ENVELOPES)
@pytest.mark.parametrize(
    ("status", "kind", "code", "retryable"),
    [
        (400, Rejected, "bad_request", False), (401, Refused, "key_refused", False), (403, Refused, "key_refused", False),
        (404, NotFound, "job_unknown", False), (408, Rejected, "network_timeout", True), (422, Rejected, "bad_request", False),
        (500, ServerError, "server_error", True), (502, ServerError, "server_unavailable", True),
        (503, ServerError, "server_unavailable", True), (504, ServerError, "network_timeout", True),
    ],
)  # fmt: skip
def test_refusals_carry_the_servers_words(client, server, envelope, status, kind, code, retryable):
    server.get(BASE + "/api/status/a", status=status, json=envelope)
    with pytest.raises(kind, match="What happened") as caught:
        client.job_status("a")
    error = caught.value
    assert (error.code, error.status, error.retryable) == (code, status, retryable)
    assert advice(error.code)
    assert str(status) in error.message
    assert error.message == str(error.text) == str(error)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, {"error": "x", "code": "INVALID_ZPL"}, "invalid_zpl"), (404, {"error": "No such printer"}, "printer_not_found"),
        (400, {"error": "Too many labels: 501"}, "too_many_labels"), (503, {"error": "Printer is offline"}, "printer_offline"),
        (400, {"error": "x", "code": "unheard_of"}, "bad_request"), (400, {"error": {"message": "Bad ZPL code"}}, "invalid_zpl"),
        (500, {"error": "x"}, "server_error"),
    ],
)  # fmt: skip
def test_a_refused_submission_says_why(client, server, status, body, code):
    server.post(BASE + "/api/print", status=status, json=body)
    with pytest.raises(PrintServerError) as caught:
        client.submit({})
    assert caught.value.code == code
    assert caught.value.maybe_delivered == (status == 500)
    assert caught.value.refuses_submission == (status in (400, 404))


@pytest.mark.parametrize(
    ("headers", "wait"),
    [({"Retry-After": "12"}, 12), ({}, None), ({"Retry-After": "-3"}, 0), ({"Retry-After": "1e9"}, None),
     ({"Retry-After": "999999999"}, 3600), ({"Retry-After": "soon"}, None), ({"Retry-After": "nan"}, None)],
)  # fmt: skip
def test_rate_limit(client, server, headers, wait):
    server.get(
        BASE + "/api/health", status=429, json={"error": "slow down"}, headers={"X-RateLimit-Remaining": "0", **headers}
    )
    with pytest.raises(RateLimited) as caught:
        client.health()
    assert caught.value.retry_after == client.rate.retry_after == wait
    assert client.rate.remaining == 0
    assert caught.value.retryable


def test_retry_after_as_a_date(client, server):
    date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 30))
    server.get(BASE + "/api/health", status=429, headers={"Retry-After": date})
    with pytest.raises(RateLimited) as caught:
        client.health()
    assert 25 < caught.value.retry_after <= 30


def test_the_rate_is_that_of_the_newest_answer(client, server):
    server.get(BASE + "/api/health", json={"status": "ok"}, headers={"X-RateLimit-Remaining": "42"})
    client.health()
    assert client.rate.remaining == 42


@pytest.mark.parametrize(
    "location", ["http://evil.example/api/health", "https://print:5000/api/health", "/api/login", ""]
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(client, server, status, location):
    server.get(BASE + "/api/health", status=status, headers={"Location": location})
    with pytest.raises(OtherProgram, match=r"leads to another address .* key was not sent on"):
        client.health()
    assert len(server.calls) == 1


@pytest.mark.parametrize(
    ("body", "content_type", "words"),
    [
        ("<html>Please log in</html>", "text/html", "web page"), (" <!DOCTYPE html>", "application/json", "web page"),
        ("", "application/json", "not JSON"), ('{"status": ', "application/json", "not JSON"), ("[" * 50_000, "application/json", "not JSON"),
        ("[]", "application/json", "not as agreed"), ('{"jobs": []}', "application/json", "not as agreed"),
        ('{"job_id": "b", "status": "printing"}', "application/json", "another job"), ("\x00\xff", "text/plain", "not JSON"),
    ],
)  # fmt: skip
def test_answers_that_cannot_be_used(client, server, body, content_type, words):
    server.get(BASE + "/api/status/a", body=body, content_type=content_type)
    with pytest.raises(BadAnswer, match=words) as caught:
        client.job_status("a")
    assert not caught.value.maybe_delivered


def test_a_web_page_with_404_is_believed_only_when_the_server_is_there(client, server):
    server.get(
        BASE + "/api/status/a", status=404, body="<!doctype html><title>404 Not Found</title>", content_type="text/html"
    )
    server.get(BASE + "/api/health", json={"status": "ok"})
    with pytest.raises(NotFound):
        client.job_status("a")
    server.replace(responses.GET, BASE + "/api/health", status=404, body="<html>nginx</html>", content_type="text/html")
    with pytest.raises(BadAnswer, match="web page"):
        client.job_status("a")
    fetched = client.statuses(["a"], None)
    assert fetched.unknown == ()
    assert isinstance(fetched.error, BadAnswer)
    assert set(fetched.job_errors) == {"a"}


def test_a_compressed_answer_is_read_and_a_bomb_is_not(client, server):
    body = gzip.compress(json.dumps(JOB).encode())
    server.get(BASE + "/api/status/a", body=body, headers={"Content-Encoding": "gzip"})
    assert client.job_status("a").status == "printing"
    server.replace(
        responses.GET,
        BASE + "/api/status/a",
        body=gzip.compress(b" " * 20_000_000),
        headers={"Content-Encoding": "gzip"},
    )
    with pytest.raises(BadAnswer, match="too large"):
        client.job_status("a")
    server.replace(responses.GET, BASE + "/api/status/a", body=b"not gzip", headers={"Content-Encoding": "gzip"})
    with pytest.raises(BadAnswer, match="encoding"):
        client.job_status("a")


@pytest.mark.parametrize(
    "error",
    [requests.ConnectionError("x"), requests.Timeout("x"), requests.exceptions.ChunkedEncodingError("x"), OSError("x"),
     requests.exceptions.ProxyError("x"), requests.exceptions.SSLError("x"), requests.exceptions.RetryError("x"),
     requests.exceptions.InvalidHeader(f"Bearer {KEY}"), UnicodeError("x")],
)  # fmt: skip
def test_whatever_the_library_raises_becomes_ours(client, server, error):
    server.get(BASE + "/api/health", body=error)
    with pytest.raises(Unreachable) as caught:
        client.health()
    assert advice(caught.value.code)
    assert KEY not in "".join(traceback.format_exception(caught.value))


def test_an_injected_session_is_used_and_left_open():
    class Session(requests.Session):
        closed = False

        def send(self, request, **kwargs):
            self.kwargs = kwargs
            response = requests.Response()
            response.status_code = 200
            response.raw = io.BytesIO(b'{"status": "ok"}')
            return response

        def close(self):
            self.closed = True

    session = Session()
    with PrintServerClient(Connection(BASE, KEY, timeout=3), session) as client:
        assert client.health().status == "ok"
    assert not session.closed
    assert session.kwargs["timeout"] == 3.0
    assert session.kwargs["allow_redirects"] is False


def test_the_key_is_in_no_log_and_no_error(client, server, caplog):
    caplog.set_level(logging.DEBUG)
    server.get(BASE + "/api/status/a", json=JOB)
    server.get(BASE + "/api/status/b", status=400, json={"error": f"The key {KEY} may not", "code": KEY})
    server.get(BASE + "/api/status/c", status=401, json={"error": "x" * 290 + KEY})
    server.get(BASE + "/api/status/d", body=requests.ConnectionError(f"Authorization: Bearer {KEY}"))
    shown = [repr(client.connection), repr(client.job_status("a"))]
    for job_id in "bcd":
        with pytest.raises(PrintServerError) as caught:
            client.job_status(job_id)
        shown += [caught.value.message, repr(caught.value), "".join(traceback.format_exception(caught.value))]
    assert caplog.records, "calls are logged for those who look for a fault"
    for text in [caplog.text, *shown]:
        assert KEY not in text
        assert KEY[:6] not in text


def test_the_environment_adds_nothing(monkeypatch, tmp_path, server):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine print login other password other")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none"))
    server.get(BASE + "/api/health", json={"status": "ok"}, headers={"Set-Cookie": "session=1; Path=/"})
    with PrintServerClient(Connection(BASE, KEY)) as client:
        client.health()
        client.health()
    for call in server.calls:
        assert call.request.headers["Authorization"] == f"Bearer {KEY}"
        assert "Cookie" not in call.request.headers
        assert call.request.req_kwargs["verify"] is True


@pytest.mark.parametrize(
    ("base", "no_proxy", "proxied"),
    [("https://print", "", True), ("http://print", "", False), ("https://print", "print", False)],
)
def test_a_proxy_sees_a_tunnel_or_nothing(monkeypatch, server, base, no_proxy, proxied):
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://proxy:3128")
    monkeypatch.setenv("no_proxy", no_proxy)
    monkeypatch.setenv("NO_PROXY", no_proxy)
    server.get(base + "/api/health", json={"status": "ok"})
    with PrintServerClient(Connection(base, KEY)) as client:
        client.health()
    assert bool(server.calls[0].request.req_kwargs["proxies"]) == proxied
