"""The proxy that the end-to-end tests put in front of a print server: what it loses, it must lose as said."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import RemoteDisconnected
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.support import faulty_proxy
from tests.support.faulty_proxy import FaultyProxy


class _Upstream(BaseHTTPRequestHandler):
    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.got.append((self.command, self.path, self.headers.get("Authorization"), body))
        content = json.dumps({"got": len(self.server.got)}).encode()
        self.send_response(201)
        self.send_header("X-RateLimit-Remaining", "7")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_DELETE = _answer

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def upstream() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Upstream)
    server.got = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def proxy(upstream) -> Iterator[FaultyProxy]:
    with FaultyProxy(f"http://127.0.0.1:{upstream.server_address[1]}") as proxy:
        yield proxy


def call(proxy: FaultyProxy, method: str = "POST", path: str = "/api/print", body: bytes = b'{"lot": "A"}'):
    """:return: status, headers and body"""
    request = urllib.request.Request(proxy.url + path, body, {"Authorization": "Bearer key"}, method=method)

    class Kept(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_arguments):
            return None

    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({}), Kept).open(request, timeout=5) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def test_without_a_fault_everything_passes(proxy, upstream):
    status, headers, body = call(proxy, path="/api/print?x=1")
    assert (status, headers["X-RateLimit-Remaining"], json.loads(body)) == (201, "7", {"got": 1})
    assert upstream.got == [("POST", "/api/print?x=1", "Bearer key", b'{"lot": "A"}')]
    assert headers["Date"]  # the print server's own


def test_a_dropped_answer_was_delivered_so_many_times(proxy, upstream):
    proxy.add_fault("POST", "/api/print", times=2)
    for _time in range(2):
        with pytest.raises(RemoteDisconnected):
            call(proxy)
    assert call(proxy)[0] == 201
    assert len(upstream.got) == 3
    assert [request.status for request in proxy.seen("POST", "/api/print")] == [0, 0, 201]


@pytest.mark.parametrize("deliver", [True, False])
@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (faulty_proxy.REDIRECT, 302),
        (faulty_proxy.LOGIN_PAGE, 200),
        (faulty_proxy.FORBIDDEN_PAGE, 403),
        (faulty_proxy.NOT_FOUND_PAGE, 404),
        (faulty_proxy.MAINTENANCE, 503),
        (faulty_proxy.KEY_REFUSED, 401),
    ],
)
def test_another_answer_with_or_without_delivery(proxy, upstream, answer, status, deliver):
    proxy.add_fault("POST", "/api/print", answer, deliver=deliver)
    assert call(proxy)[::2] == (status, answer.body)
    assert len(upstream.got) == deliver
    proxy.clear_faults()
    assert call(proxy)[0] == 201


def test_only_what_fits(proxy):
    proxy.add_fault("DELETE", "/api/jobs", faulty_proxy.MAINTENANCE)
    proxy.add_fault("POST", "/api/print", faulty_proxy.REDIRECT, containing='"lot": "B"')
    assert call(proxy, "DELETE", "/api/jobs/7")[0] == 503
    assert call(proxy, "DELETE", "/api/jobsfoo")[0] == 201
    assert call(proxy, "GET", "/api/jobs/7", None)[0] == 201
    assert call(proxy)[0] == 201
    assert call(proxy, body=b'{"lot": "B"}')[0] == 302


def test_delay_and_late_delivery(proxy, upstream):
    proxy.add_fault("POST", "/api/print", None, delay=0.2, times=1)
    started = time.monotonic()
    assert call(proxy)[0] == 201
    assert time.monotonic() - started >= 0.2
    status, body = proxy.forward(proxy.requests[0])
    assert (status, json.loads(body)) == (201, {"got": 2})
    assert upstream.got[0] == upstream.got[1]


def test_a_print_server_that_is_away_gives_no_answer(proxy, upstream):
    upstream.shutdown()
    upstream.server_close()
    with pytest.raises((RemoteDisconnected, ConnectionError)):
        call(proxy)
