"""A fault of the server itself shows in `GET /api/health`, and what it held up goes on by itself when it is over."""

from __future__ import annotations

import contextlib
import email.utils
import http.server
import resource
import sqlite3
import threading
import time

import pytest

from tests.support.print_server import start_print_server, start_virtual_zebra

PRINTER = "Zebra-1"
LABELS = [f"^XA^FDBox {number}^FS^XZ" for number in range(1, 6)]


def until_health(server, timeout=10, **wanted):
    deadline = time.monotonic() + timeout
    while True:
        health = server.call("GET", "/api/health")[1]
        if all(health[name] == value for name, value in wanted.items()):
            return health
        assert time.monotonic() < deadline, health
        time.sleep(0.1)


@contextlib.contextmanager
def full_disk(server):
    """No file of the server can grow or change: its writes fail as on a full disk."""
    usual = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (0, usual[1]))
    try:
        yield
    finally:
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, usual)


def test_health_of_a_healthy_server(tmp_path):
    with start_virtual_zebra(PRINTER) as zebra, start_print_server({PRINTER: zebra}) as server:
        health = server.call("GET", "/api/health")[1]
        assert (health["status"], health["warnings"], health["clock_ahead_seconds"]) == ("ok", [], None)
        assert health["services"] == {"queue": "ok", "storage": "ok", "events": "off"}
        assert health["limits"] == {
            "labels": 500, "zpl_characters": 4_194_304, "body_bytes": 16_777_216, "batch": 500,
        }  # fmt: skip
        assert health["time"].endswith("Z")


def test_a_full_disk_refuses_jobs_and_loses_none():
    with start_virtual_zebra(PRINTER, 10) as zebra, start_print_server({PRINTER: zebra}) as server:
        job = server.print_labels(PRINTER, LABELS)
        server.wait(job, "printing")
        with full_disk(server):
            health = until_health(server, status="degraded")
            assert health["services"]["storage"] == "failing"
            assert any("Jobs cannot be stored" in warning for warning in health["warnings"])
            body = {"printer": PRINTER, "quantity": 1, "labels": [{"zpl_code": LABELS[0]}]}
            code, answer = server.call("POST", "/api/print", body)
            assert (code, answer["code"]) == (503, "storage_unavailable")
            time.sleep(1.0)
        until_health(server, status="ok", warnings=[])
        assert server.wait(job)["confirmed"]
        assert zebra.labels() == LABELS
        assert server.wait(server.print_labels(PRINTER, LABELS))["confirmed"]


def test_a_worker_that_fails_each_second():
    with start_virtual_zebra(PRINTER, 20) as zebra, start_print_server({PRINTER: zebra}) as server:
        data = sqlite3.connect(server.data_dir / "jobs.sqlite3", isolation_level=None, timeout=10)
        data.execute("CREATE TRIGGER fault BEFORE UPDATE ON labels BEGIN SELECT RAISE(ABORT, 'a fault'); END")
        job = server.print_labels(PRINTER, LABELS)
        health = until_health(server, status="degraded")
        assert health["services"]["queue"] == "degraded"
        assert any(PRINTER in warning for warning in health["warnings"])
        time.sleep(1.5)
        assert server.call("GET", "/api/health")[1]["status"] == "degraded"
        assert zebra.labels() == []
        data.execute("DROP TRIGGER fault")
        data.close()
        until_health(server, status="ok", warnings=[])
        assert server.wait(job)["confirmed"]
        assert zebra.labels() == LABELS


@pytest.mark.parametrize("ahead", [600, -600])
def test_a_wrong_clock_is_told(ahead):
    class Odoo(http.server.BaseHTTPRequestHandler):
        """Refuses the signature for its time, and says what time it is."""

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response_only(401)
            self.send_header("Date", email.utils.formatdate(usegmt=True))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments):
            pass

    odoo = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Odoo)
    threading.Thread(target=odoo.serve_forever, daemon=True).start()
    with (
        start_virtual_zebra(PRINTER, 20) as zebra,
        start_print_server(
            {PRINTER: zebra}, webhook_url=f"http://127.0.0.1:{odoo.server_port}/", clock_offset=ahead
        ) as server,
    ):
        server.print_labels(PRINTER, LABELS)
        deadline = time.monotonic() + 10
        while server.call("GET", "/api/health")[1]["services"]["events"] != "refused":
            assert time.monotonic() < deadline
            time.sleep(0.1)
        health = server.call("GET", "/api/health")[1]
        assert health["status"] == "ok"
        assert abs(health["clock_ahead_seconds"] - ahead) <= 3
        words = " ".join(health["warnings"])
        assert "webhook secret" in words
        assert ("ahead of Odoo's" if ahead > 0 else "behind Odoo's") in words
        assert any("differs from Odoo's" in line for line in server.output)
    odoo.shutdown()
