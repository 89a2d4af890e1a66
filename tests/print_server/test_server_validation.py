"""Bad input: always the contract's envelope and the right status code, never a traceback, nothing printed."""

from __future__ import annotations

import json
import re
import socket

import pytest
import requests

LABEL = {"zpl_code": "^XA^FDx^FS^XZ"}
GOOD = {"printer": "Zebra-1", "quantity": 1, "labels": [LABEL]}
HUGE = 10**400


def but(**changes):
    body = {**GOOD, **changes}
    return {name: value for name, value in body.items() if value is not ...}


def one(**changes):
    label = {name: value for name, value in {**LABEL, **changes}.items() if value is not ...}
    return but(labels=[label])


BAD_PRINTS = {
    "printer missing": (but(printer=...), 400, "missing_printer"),
    "printer null": (but(printer=None), 400, "missing_printer"),
    "printer a number": (but(printer=7), 400, "invalid_printer"),
    "printer empty": (but(printer=""), 400, "invalid_printer"),
    "printer too long": (but(printer="x" * 128), 400, "invalid_printer"),
    "printer unknown": (but(printer="Nobody"), 404, "printer_not_found"),
    "quantity missing": (but(quantity=...), 400, "missing_quantity"),
    "quantity a text": (but(quantity="1"), 400, "invalid_quantity"),
    "quantity a fraction": (but(quantity=1.5), 400, "invalid_quantity"),
    "quantity true": (but(quantity=True), 400, "invalid_quantity"),
    "quantity zero": (but(quantity=0), 400, "quantity_mismatch"),
    "quantity negative": (but(quantity=-1), 400, "quantity_mismatch"),
    "quantity huge": (but(quantity=HUGE), 400, "too_many_labels"),
    "quantity other than labels": (but(quantity=2), 400, "quantity_mismatch"),
    "labels missing": (but(labels=...), 400, "missing_labels"),
    "labels an object": (but(labels={}), 400, "invalid_labels"),
    "labels a text": (but(labels="^XA^XZ"), 400, "invalid_labels"),
    "labels empty": (but(labels=[], quantity=0), 400, "invalid_labels"),
    "501 labels": (but(labels=[LABEL] * 501, quantity=501), 400, "too_many_labels"),
    "label a text": (but(labels=["^XA^XZ"]), 400, "invalid_label"),
    "label null": (but(labels=[None]), 400, "invalid_label"),
    "zpl missing": (one(zpl_code=...), 400, "missing_zpl_code"),
    "zpl a number": (one(zpl_code=1), 400, "invalid_zpl_code"),
    "zpl empty": (one(zpl_code=""), 400, "invalid_zpl"),
    "zpl not closed": (one(zpl_code="^XA^FDx"), 400, "invalid_zpl"),
    "zpl not opened": (one(zpl_code="^FDx^XZ"), 400, "invalid_zpl"),
    "zpl the wrong way round": (one(zpl_code="^XZ^XA"), 400, "invalid_zpl"),
    "zpl too long": (one(zpl_code="^XA" + "x" * 4_194_304 + "^XZ"), 400, "zpl_too_long"),
    "second label bad": (but(labels=[LABEL, {}], quantity=2), 400, "missing_zpl_code"),
    "zpl with half a character": (one(zpl_code="^XA\ud800^XZ"), 400, "invalid_json"),
    "label_index a text": (one(label_index="1"), 400, "invalid_label_index"),
    "label_index huge": (one(label_index=HUGE), 400, "invalid_label_index"),
    "box a list": (one(box_number=[1]), 400, "invalid_box_number"),
    "box true": (one(box_number=True), 400, "invalid_box_number"),
    "lot an object": (one(lot_number={}), 400, "invalid_lot_number"),
    "lot too long": (one(lot_number="x" * 256), 400, "invalid_lot_number"),
    "label metadata a list": (one(metadata=[]), 400, "invalid_metadata"),
    "label metadata too long": (one(metadata={"x": "x" * 20_000}), 400, "metadata_too_long"),
    "job_metadata a text": (but(job_metadata="x"), 400, "invalid_metadata"),
    "job_metadata too long": (but(job_metadata={"x": "x" * 20_000}), 400, "metadata_too_long"),
    "mo_reference a number": (but(job_metadata={"mo_reference": 1}), 400, "invalid_mo_reference"),
    "mo_reference too long": (but(job_metadata={"mo_reference": "x" * 256}), 400, "invalid_mo_reference"),
    "priority unknown": (but(job_metadata={"priority": "urgent"}), 400, "invalid_priority"),
    "priority a list": (but(job_metadata={"priority": []}), 400, "invalid_priority"),
    "priority null": (but(job_metadata={"priority": None}), 400, "invalid_priority"),
}

BAD_BODIES = {
    "empty": b"",
    "not JSON": b"printer=Zebra-1",
    "cut off": b'{"printer": "Zebra-1", ',
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "not UTF-8": b'{"printer": "\xff"}',
    "NaN": b'{"printer": "Zebra-1", "quantity": NaN, "labels": []}',
    "1e999": b'{"printer": "Zebra-1", "quantity": 1, "labels": [], "x": 1e999}',
    "Infinity": b'{"printer": "Zebra-1", "quantity": Infinity, "labels": []}',
    "nested too deep": b"[" * 100_000,
    "a number of 10,000 digits": b'{"quantity": ' + b"9" * 10_000 + b"}",
    "binary": bytes(range(256)),
}


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
