"""How many statuses a second the print server answers, one job a call and 500 jobs a call.

The baseline is a bare Flask application on the same WSGI server in the same run: what one call costs before any work.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.support.print_server import PrintServer, start_print_server  # noqa: E402 - the path is set above

JOBS, BATCH, SECONDS, CALLERS = 1000, 500, 3.0, 4
_HELLO = """
import flask, waitress
app = flask.Flask("hello")
app.get("/")(lambda: flask.jsonify(hello="world"))
server = waitress.create_server(app, host="127.0.0.1", port=0, threads=8)
print(server.effective_port, flush=True)
server.run()
"""


def measure() -> list[dict[str, Any]]:
    """The figures `server.status_single_per_s` and `server.status_batch_jobs_per_s`, each with its baseline."""
    # A printer that refuses connections, and a long pause between tries: the jobs stay open while they are asked about.
    with start_print_server({"Zebra-1": "tcp://127.0.0.1:9"}, label_pause=600) as server:
        body = {"printer": "Zebra-1", "quantity": 1, "labels": [{"zpl_code": "^XA^FDx^FS^XZ"}]}
        ids = [server.call("POST", "/api/print", body)[1]["job_id"] for _number in range(JOBS)]
        hello = _hello_per_second()
        single = _calls_per_second(
            server.port, lambda number: ("GET", f"/api/status/{ids[number % JOBS]}", None), server
        )
        chunks = [json.dumps({"job_ids": ids[start : start + BATCH]}) for start in range(0, JOBS, BATCH)]
        batch = BATCH * _calls_per_second(
            server.port, lambda number: ("POST", "/api/status", chunks[number % len(chunks)]), server
        )
    return [
        _figure("server.status_single_per_s", single, "calls/s", hello),
        _figure("server.status_batch_jobs_per_s", batch, "jobs/s", hello),
    ]


def _figure(name: str, value: float, unit: str, yardstick: float) -> dict[str, Any]:
    return {
        "name": name,
        "value": round(value, 1),
        "unit": unit,
        "yardstick": round(yardstick, 1),
        "ratio": round(value / yardstick, 3),
    }


def _hello_per_second() -> float:
    child = subprocess.Popen([sys.executable, "-c", _HELLO], stdout=subprocess.PIPE, text=True)
    try:
        port = int(child.stdout.readline())
        return _calls_per_second(port, lambda number: ("GET", "/", None))
    finally:
        child.kill()
        child.wait()


def _calls_per_second(
    port: int, request: Callable[[int], tuple[str, str, str | None]], server: PrintServer | None = None
) -> float:
    """Calls a second of several callers, each on its own kept-alive connection."""
    headers = server.headers if server else {}
    counts, deadline = [0] * CALLERS, time.monotonic() + SECONDS

    def call(caller: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while time.monotonic() < deadline:
            method, path, body = request(counts[caller] * CALLERS + caller)
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{method} {path} answered {answer.status}")
            counts[caller] += 1
        connection.close()

    threads = [threading.Thread(target=call, args=(number,)) for number in range(CALLERS)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if not all(counts):
        raise RuntimeError("a caller got no answer")
    return sum(counts) / (time.monotonic() - started)


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
