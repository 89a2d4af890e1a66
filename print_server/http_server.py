"""The HTTP server in front of the application: waitress, and cheroot where the server has a certificate of its own.

waitress speaks no TLS. Both take as much, let no silent connection keep a thread, and say the same of themselves. What
waitress does in its one thread, read a request that comes slowly, cheroot does in one of several: so that has a limit.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

import waitress
from cheroot import wsgi
from cheroot.server import HTTPConnection
from cheroot.ssl.builtin import BuiltinSSLAdapter

from .clock import iso, now
from .settings import Settings
from .tls import Certificate

_logger = logging.getLogger(__name__)

LARGEST_BODY = 128 * 1024 * 1024
LARGEST_HEADER = 256 * 1024
NAME = "print-server"
CONNECTION_SECONDS = 30
"""How long a TLS connection may be silent between two requests."""
REQUEST_SECONDS = 15.0
"""Within which a handshake and a request have to come and be answered; the slowest call of the contract takes 5 s."""

_CHUNK = 64 * 1024
_PLAIN_HTTP = "This print server speaks https only: write https:// in its address."


class HttpServer(Protocol):
    """What the command line needs of either. It listens from its making on.

    :ivar url: the address, with the port that was taken; "" where no requests are taken (`--no-listen`)
    """

    url: str

    def run(self) -> None:
        """Answer requests until the process is told to stop."""

    def reload(self) -> None:
        """Read the certificate again."""

    def close(self) -> None:
        """Take no further requests."""


def create(app: Callable[..., Any], settings: Settings) -> HttpServer:
    """Listen at the settings' address.

    :raises SettingsError: the certificate cannot be used
    :raises OSError: the address cannot be listened at
    """
    if settings.odoo and not settings.odoo.listens:
        return _NoServer()
    if settings.tls_cert and settings.tls_key:
        return _TlsServer(app, settings, Certificate(settings.tls_cert, settings.tls_key))
    return _PlainServer(app, settings)


def _url(scheme: str, host: str, port: int) -> str:
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


class _NoServer:
    url = ""

    def __init__(self) -> None:
        self._closed = threading.Event()

    def run(self) -> None:
        self._closed.wait()

    def reload(self) -> None:
        _logger.info("There is no certificate to be read again")

    def close(self) -> None:
        self._closed.set()


class _PlainServer:
    def __init__(self, app: Callable[..., Any], settings: Settings) -> None:
        self._server = waitress.create_server(
            app, host=settings.host, port=settings.port, threads=settings.threads, ident=NAME,
            max_request_body_size=LARGEST_BODY, connection_limit=500,
        )  # fmt: skip
        port = getattr(self._server, "effective_port", None) or self._server.effective_listen[0][1]
        self.url = _url("http", settings.host, port)

    def run(self) -> None:
        self._server.run()

    def reload(self) -> None:
        _logger.info("There is no certificate to be read again")

    def close(self) -> None:
        self._server.close()


class _TlsServer:
    def __init__(self, app: Callable[..., Any], settings: Settings, certificate: Certificate) -> None:
        self._certificate = certificate
        self._server = _CherootServer(
            (settings.host, settings.port), _reading_all(app), numthreads=settings.threads, server_name=NAME,
            request_queue_size=500, timeout=CONNECTION_SECONDS, shutdown_timeout=1,
        )  # fmt: skip
        self._server.max_request_body_size = LARGEST_BODY
        self._server.max_request_header_size = LARGEST_HEADER
        self._server.ssl_adapter = _Adapter(certificate)
        self._server.prepare()
        self.url = _url("https", settings.host, self._server.bind_addr[1])

    def run(self) -> None:
        threading.Thread(target=self._server.cut_slow, name="slow-requests", daemon=True).start()
        self._server.serve()

    def reload(self) -> None:
        self._certificate.reload()

    def close(self) -> None:
        self._server.stop()


def _reading_all(app: Callable[..., Any]) -> Callable[..., Any]:
    """The application, which answers only when the whole request has been read, as waitress does.

    A client that is still sending does not see an answer such as 413, but a connection that was cut.
    """

    def wrapped(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        answer = app(environ, start_response)
        while environ["wsgi.input"].read(_CHUNK):
            pass
        return answer

    return wrapped


class _Adapter(BuiltinSSLAdapter):
    """Wraps without a handshake: cheroot makes it in the thread that takes connections, where a silent client would
    keep out all others (cheroot's issue 748).
    """

    def __init__(self, certificate: Certificate) -> None:
        # Not cheroot's own, which makes a context of file names once and for all.
        self._certificate = certificate

    @property
    def context(self) -> ssl.SSLContext:
        return self._certificate.context

    def wrap(self, sock: socket.socket) -> tuple[ssl.SSLSocket, dict[str, str]]:
        wrapped = self.context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        return wrapped, {"wsgi.url_scheme": "https", "HTTPS": "on"}


class _Connection(HTTPConnection):
    busy_since: float | None = None
    """When something came (monotonic seconds), while it is being dealt with."""
    is_waiting = True
    """Nothing has come yet: a thread is given to it when something does."""
    _has_shaken_hands = False

    def communicate(self) -> bool:
        """As cheroot's, after the handshake."""
        self.busy_since = time.monotonic()
        self.server.busy.add(self)
        try:
            return self._communicate()
        finally:
            self.server.busy.discard(self)

    def cut(self) -> None:
        """End it in the middle: the thread that reads or writes it comes back."""
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it has ended

    def _communicate(self) -> bool:
        if not self._has_shaken_hands:
            try:
                self.socket.do_handshake()
            except ssl.SSLError as error:
                _logger.info("A connection from %s was not encrypted: %s", self.remote_addr, error.reason or error)
                if error.reason == "HTTP_REQUEST":
                    self._answer_plain_http()
                return False
            except OSError:
                return False
            self._has_shaken_hands = True
        return super().communicate()

    def _answer_plain_http(self) -> None:
        told = {"error": "Bad Request", "message": _PLAIN_HTTP, "code": "https_expected", "timestamp": iso(now())}
        body = json.dumps(told).encode()
        head = (
            f"HTTP/1.1 400 Bad Request\r\nServer: {NAME}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        try:
            with socket.socket(fileno=os.dup(self.socket.fileno())) as plain:
                plain.sendall(head.encode() + body)
        except OSError:
            pass  # it has gone


class _CherootServer(wsgi.Server):
    ConnectionClass = _Connection

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.busy: set[_Connection] = set()

    def cut_slow(self) -> None:
        """End the connections whose request does not come to an end; for a thread of its own."""
        while self.ready:
            time.sleep(1)
            latest = time.monotonic() - REQUEST_SECONDS
            for connection in list(self.busy):
                if (connection.busy_since or 0) < latest:
                    _logger.info("A request from %s took too long and is cut off", connection.remote_addr)
                    connection.cut()

    def process_conn(self, conn: _Connection) -> None:
        """A connection on which nothing has come yet keeps none of the threads."""
        if conn.is_waiting:
            conn.is_waiting = False
            self._connections.put(conn)
        else:
            super().process_conn(conn)

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        _logger.log(level, "%s", msg, exc_info=traceback)
