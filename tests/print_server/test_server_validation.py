"""Bad input: always the contract's envelope and the right status code, never a traceback, nothing printed."""

from __future__ import annotations

import json
import re
import socket

import pytest
import requests
from bad_requests import BAD_BODIES, BAD_PRINTS, GOOD


def assert_envelope(answer: requests.Response, status: int, code: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"].startswith("application/json")
    body = answer.json()
    assert set(body) == {"error", "message", "code", "timestamp"}
    assert body["code"] == code
    assert len(body["message"]) > 10
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", body["timestamp"])
    assert "Traceback" not in answer.text
    assert ".py" not in answer.text


@pytest.fixture
def post(server, zebra):
    """POST raw bytes or an object; afterwards nothing may have been queued, printed or logged as a fault."""

    def call(path, body, **headers):
        data = body if isinstance(body, (bytes, str)) else json.dumps(body)
        return requests.post(server.url + path, data=data, headers={**server.headers, **headers}, timeout=20)

    received = zebra.status()["received"]
    yield call
    assert server.printer("Zebra-1")["jobs_in_queue"] == 0
    assert zebra.status()["received"] == received
    assert zebra.labels() == []
    assert not [line for line in server.output if "Traceback" in line]


@pytest.mark.parametrize("name", BAD_PRINTS)
def test_bad_print(post, name):
    body, status, code = BAD_PRINTS[name]
    assert_envelope(post("/api/print", body), status, code)


@pytest.mark.parametrize("path", ["/api/print", "/api/status", "/api/test"])
@pytest.mark.parametrize("name", BAD_BODIES)
def test_bad_body(post, path, name):
    assert_envelope(post(path, BAD_BODIES[name]), 400, "invalid_json")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid_job_ids"),
        ({"job_ids": "x"}, "invalid_job_ids"),
        ({"job_ids": [1]}, "invalid_job_ids"),
        ({"job_ids": ["x" * 256]}, "invalid_job_ids"),
        ({"job_ids": [str(number) for number in range(501)]}, "too_many_jobs"),
    ],
)
def test_bad_batch(post, body, code):
    assert_envelope(post("/api/status", body), 400, code)


def test_bad_test_print(post):
    assert_envelope(post("/api/test", {}), 400, "missing_printer")
    assert_envelope(post("/api/test", {"printer": []}), 400, "invalid_printer")
    assert_envelope(post("/api/test", {"printer": "Nobody"}), 404, "printer_not_found")


def test_body_of_50_mb(post):
    assert_envelope(post("/api/print", b" " * 50_000_000), 413, "body_too_large")


def test_body_in_chunks_without_a_length(server, post):
    chunks = (b" " * 1_000_000 for _number in range(17))
    answer = requests.post(server.url + "/api/print", data=chunks, headers=server.headers, timeout=20)
    assert_envelope(answer, 413, "body_too_large")


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "schlüssel"])
def test_bad_idempotency_key(post, key):
    answer = post("/api/print", GOOD, **{"Idempotency-Key": key.encode("latin-1")})
    assert_envelope(answer, 400, "invalid_idempotency_key")


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "missing_key"),
        ("", "missing_key"),
        ("Bearer", "missing_key"),
        ("Bearer ", "missing_key"),
        ("Basic dGVzdC1rZXk6", "missing_key"),
        ("Bearer wrong", "invalid_key"),
        ("Bearer test-key2", "invalid_key"),
        ("Bearer test-ke", "invalid_key"),
        ("Bearer ключ".encode(), "invalid_key"),
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/print"),
        ("GET", "/api/status/x"),
        ("POST", "/api/status"),
        ("GET", "/api/printers"),
        ("DELETE", "/api/jobs/x"),
        ("POST", "/api/test"),
    ],
)
def test_key_missing_or_wrong(server, zebra, method, path, header, code):
    headers = {} if header is None else {"Authorization": header}
    answer = requests.request(method, server.url + path, json=GOOD, headers=headers, timeout=5)
    assert_envelope(answer, 401, code)
    assert zebra.labels() == []


def test_health_with_a_wrong_key(server):
    answer = requests.get(server.url + "/api/health", headers={"Authorization": "Bearer wrong"}, timeout=5)
    assert_envelope(answer, 401, "invalid_key")


@pytest.mark.parametrize("job", ["x", "x" * 2000, "%00", "%ff", "' OR 1=1 --", "🏷"])
def test_unknown_job(server, job):
    status, jobs = (f"{server.url}/api/{call}/{job}" for call in ("status", "jobs"))
    assert_envelope(requests.get(status, headers=server.headers, timeout=5), 404, "job_unknown")
    assert_envelope(requests.delete(jobs, headers=server.headers, timeout=5), 404, "job_unknown")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/", 404, "not_found"),
        ("GET", "/api", 404, "not_found"),
        ("GET", "/api/status/a/b", 404, "not_found"),
        ("POST", "/api//print", 404, "not_found"),
        ("GET", "/api/print", 405, "method_not_allowed"),
        ("PUT", "/api/print", 405, "method_not_allowed"),
        ("DELETE", "/api/printers", 405, "method_not_allowed"),
    ],
)
def test_other_addresses_and_methods(server, method, path, status, code):
    answer = requests.request(method, server.url + path, headers=server.headers, timeout=5)
    assert_envelope(answer, status, code)
    assert (status != 405) or answer.headers["Allow"]


@pytest.mark.parametrize("raw", [b"\x16\x03\x01\x02\x00\x01", b"GET\r\n\r\n", b"^XA^FDx^FS^XZ", b"\x00" * 1000])
def test_garbage_on_the_port_does_no_harm(server, zebra, raw):
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(raw + b"\r\n\r\n")
        connection.settimeout(2)
        try:
            assert b"Traceback" not in connection.recv(65536)
        except (TimeoutError, ConnectionResetError):
            pass
    assert server.call("GET", "/api/health")[0] == 200
    assert zebra.labels() == []
