"""An HTTP proxy in front of a print server that loses or replaces chosen answers, as networks and proxies do.

    with FaultyProxy(server.url) as proxy:
        proxy.add_fault("POST", "/api/print", answer=DROPPED, times=1)  # delivered, then the connection is closed
        proxy.add_fault("POST", "/api/print", answer=MAINTENANCE, deliver=False, containing="LOT-7")
        ...
        proxy.clear_faults()

Requests without a fault are forwarded unchanged, one connection to the print server each. It runs in threads of the
calling process and needs the standard library only.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "host"})


@dataclass(frozen=True)
class Answer:
    """What the client gets instead of the print server's answer."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    cut: bool = False
    """The connection is closed in the middle of the body."""


def _page(status: int, title: str) -> Answer:
    text = f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return Answer(status, text.encode(), (("Content-Type", "text/html; charset=utf-8"),))


DROPPED = Answer(0)
"""No answer: the connection is closed."""
CUT = Answer(0, cut=True)
"""The print server's own answer, whose second half is lost."""
REDIRECT = Answer(302, headers=(("Location", "https://login.example.com/"),))
LOGIN_PAGE = _page(200, "Please log in")
FORBIDDEN_PAGE = _page(403, "Forbidden")
NOT_FOUND_PAGE = _page(404, "Not Found")
MAINTENANCE = _page(503, "Down for maintenance")
KEY_REFUSED = Answer(
    401,
    json.dumps({"error": "Unauthorized", "code": "unauthorized", "message": "The API key is not valid."}).encode(),
    (("Content-Type", "application/json"),),
)
"""A print server's own refusal of the API key."""


@dataclass
class Fault:
    """Which requests get another answer, and how many of them still will.

    :ivar answer: what they get; None for the print server's own
    :ivar deliver: hand the request on to the print server first
    :ivar times: how many requests; None for all
    :ivar delay: seconds to wait before the answer
    :ivar containing: only requests whose body has this text
    """

    method: str
    path: str
    answer: Answer | None
    deliver: bool
    times: int | None
    delay: float
    containing: str
    used: int = 0

    def fits(self, method: str, path: str, body: bytes) -> bool:
        """Whether it concerns this request; a path stands for all below it as well."""
        own = self.path.rstrip("/")
        return (
            (self.times is None or self.used < self.times)
            and method == self.method
            and (path == own or path.startswith(own + "/"))
            and self.containing.encode() in body
        )


@dataclass(frozen=True)
class SeenRequest:
    """A request as it came, and the status that the client got: 0 when its answer was dropped."""

    method: str
    path: str
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    delivered: bool
    status: int


class FaultyProxy:
    """Listens on `url` and forwards to `upstream`. Use it as a context manager, or call `stop`.

    :ivar requests: every request so far, in the order of their ends
    """

    def __init__(self, upstream: str) -> None:
        parts = urlsplit(upstream)
        self._upstream = (parts.hostname, parts.port)
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self.requests: list[SeenRequest] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.proxy = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, name="faulty-proxy", daemon=True).start()

    def __enter__(self) -> FaultyProxy:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Refuse connections from now on."""
        self._server.shutdown()
        self._server.server_close()

    def add_fault(
        self,
        method: str,
        path: str,
        answer: Answer | None = DROPPED,
        *,
        deliver: bool = True,
        times: int | None = None,
        delay: float = 0.0,
        containing: str = "",
    ) -> Fault:
        """Give the next `times` requests that fit another answer; of several faults the oldest that fits is used."""
        if answer in (None, CUT) and not deliver:
            raise ValueError("a request that is not delivered has no answer of the print server")
        fault = Fault(method, path, answer, deliver, times, delay, containing)
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear_faults(self) -> None:
        """Forward everything again."""
        with self._lock:
            self._faults.clear()

    def seen(self, method: str, path: str, containing: str = "") -> list[SeenRequest]:
        """The requests so far with this method and path, or a path below it."""
        wanted = Fault(method, path, None, True, None, 0.0, containing)
        return [request for request in list(self.requests) if wanted.fits(request.method, request.path, request.body)]

    def forward(self, request: SeenRequest) -> tuple[int, bytes]:
        """Send an earlier request once more, as a network does that delivers late: status and body of the answer."""
        answer = self._ask(request.method, request.path, request.headers, request.body)
        return answer.status, answer.body

    def handle(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """The answer to one request, by the faults that are set."""
        with self._lock:
            fault = next((fault for fault in self._faults if fault.fits(method, urlsplit(path).path, body)), None)
            if fault:
                fault.used += 1
        answer = None
        if fault is None or fault.deliver:
            try:
                answer = self._ask(method, path, headers, body)
            except (OSError, http.client.HTTPException):
                answer = DROPPED  # as if the print server had been asked directly
        if fault:
            time.sleep(fault.delay)
            if fault.answer is CUT and answer is not None:
                answer = replace(answer, cut=True)
            else:
                answer = fault.answer or answer
        delivered = fault is None or fault.deliver
        self.requests.append(SeenRequest(method, urlsplit(path).path, headers, body, delivered, answer.status))
        return answer

    def _ask(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        return self._ask_port(self._upstream[1], method, path, headers, body)

    def _ask_port(self, port: int, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        connection = http.client.HTTPConnection(self._upstream[0], port, timeout=30)
        with contextlib.closing(connection):
            connection.request(method, path, body or None, dict(_forwarded(headers.items())))
            response = connection.getresponse()
            return Answer(response.status, response.read(), tuple(_forwarded(response.getheaders())))


def _forwarded(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers if name.lower() not in _HOP_BY_HOP]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    proxy: FaultyProxy

    def handle_error(self, *_arguments: object) -> None:
        """A client that has gone away is no error here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    server: _Server

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer = self.server.proxy.handle(self.command, self.path, dict(self.headers.items()), body)
        if not answer.status:
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body[: len(answer.body) // 2] if answer.cut else answer.body)
        if answer.cut:
            self.close_connection = True

    do_GET = do_POST = do_DELETE = do_PUT = do_HEAD = _handle

    def log_message(self, *_arguments: object) -> None:
        """Quiet: what came is in `requests`."""
