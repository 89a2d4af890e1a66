"""A websocket to Odoo on which it says "there is something to fetch", and nothing else: what it says is not read.

It costs Odoo no worker process. Where a proxy lets none through, the print server asks by short polls instead.
"""

from __future__ import annotations

import contextlib
import json
import logging
import random
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import unquote, urlsplit

import requests
import websocket

from .failures import plain
from .odoo_http import CONNECT_TIMEOUT, proxies
from .options import OdooSettings
from .protocol import Websocket

_logger = logging.getLogger(__name__)
SILENCE = 20.0
"""Seconds without anything from Odoo after which it is asked for a sign of life; after two of them it is gone."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0
TRIES_OF_A_COOKIE = 10
LARGEST_MESSAGE = 1024 * 1024


class Notices(threading.Thread):
    """Keeps the connection.

    :param wake: called when there may be something to fetch
    :ivar connected: whether Odoo can tell at the moment
    """

    def __init__(self, settings: OdooSettings, wake: Callable[[], None]) -> None:
        super().__init__(name="odoo-notices", daemon=True)
        self._settings, self._wake = settings, wake
        self._where: Websocket | None = None
        self._changed = threading.Event()
        self._stopping = False
        self._line: _Line | None = None
        self._failures = 0
        self._cookie: str | None = None
        self._was_connected = False
        self.connected = False

    @property
    def needs_cookie(self) -> bool:
        """Whether Odoo is to be asked for a cookie first: one names the database, on a host with several."""
        return bool(self._settings.database) and self._cookie is None and not self.connected

    def follow(self, where: Websocket | None, asked: bool = False) -> None:
        """Listen there; None: nowhere.

        :param asked: this is the answer to a question for a cookie; without one in it none is needed
        """
        if where and asked:
            self._cookie = where.cookie or ""
            self._changed.set()
        where = where and replace(where, cookie=None)
        if where != self._where:
            self._where = where
            self.renew()

    def renew(self) -> None:
        """Leave the connection, which may be dead, and make another."""
        self._changed.set()
        line = self._line
        if line is not None and line.sock is not None:
            with contextlib.suppress(OSError):
                line.sock.shutdown(socket.SHUT_RDWR)

    def hurry(self) -> None:
        """Odoo can be reached again: do not wait for the rest of a pause."""
        self._failures = 0
        if not self.connected:
            self._changed.set()

    def stop(self) -> None:
        """End."""
        self._stopping = True
        self.renew()

    def run(self) -> None:
        """Listen until stopped."""
        while not self._stopping:
            self._changed.clear()
            where = self._where
            if where is None:
                self._changed.wait()
                continue
            if self.needs_cookie:
                self._wake()
                self._changed.wait(FIRST_PAUSE)
                continue
            try:
                self._listen(where)
                words = "Odoo has closed it"
            except (websocket.WebSocketException, OSError, ValueError) as error:
                words = words_of(error)
            except Exception:
                _logger.exception("The websocket to Odoo met a fault and is made again")
                words = "a fault"
            finally:
                self._was_connected, self.connected, self._line = self.connected, False, None
            if not self._stopping and self._where is where:
                self._rest(words)

    def _rest(self, words: str) -> None:
        self._failures += 1
        if self._failures % TRIES_OF_A_COOKIE == 0 or self._was_connected:
            self._cookie = None
        # Odoo closes each once in a while: that is not worth a line.
        if self._failures == 2:
            _logger.warning("No websocket to Odoo (%s): it is asked by short polls instead, and tried again", words)
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(self._failures - 1, 10)) * random.uniform(0.7, 1.3)  # noqa: S311 - spreads retries, no secret
        self._changed.wait(pause)

    def _listen(self, where: Websocket) -> None:
        line = connect(self._settings, replace(where, cookie=self._cookie))
        self._line = line
        try:
            if self._stopping:
                return
            line.send(json.dumps({"event_name": "subscribe", "data": {"channels": [where.channel], "last": 0}}))
            line.settimeout(SILENCE)
            self._follow_line(line, where.notification)
        finally:
            line.shutdown()

    def _follow_line(self, line: _Line, notification: str) -> None:
        is_quiet = False
        self.connected = True
        # What was to be told before the subscription.
        self._wake()
        while not self._stopping and not self._changed.is_set():
            try:
                kind, data = line.next_message()
            except websocket.WebSocketTimeoutException:
                if is_quiet:
                    raise
                is_quiet = True
                line.ping()
                continue
            is_quiet = False
            if kind == websocket.ABNF.OPCODE_CLOSE:
                return
            if self._failures:
                self._told_again()
            if kind in (websocket.ABNF.OPCODE_TEXT, websocket.ABNF.OPCODE_BINARY) and _tells(data, notification):
                self._wake()

    def _told_again(self) -> None:
        """It works: something has come on it."""
        if self._failures >= 2:
            _logger.info("There is a websocket to Odoo again")
        self._failures = 0


class _Line(websocket.WebSocket):
    """A websocket whose messages have an end."""

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)
        self._received = 0

    def _recv(self, bufsize: int) -> bytes:
        data = super()._recv(bufsize)
        self._received += len(data)
        if self._received > LARGEST_MESSAGE:
            raise ValueError("a message of it is too large")
        return data

    def next_message(self) -> tuple[int, bytes]:
        """Kind and content of the next one, control frames too."""
        self._received = 0
        return self.recv_data(control_frame=True)


def connect(settings: OdooSettings, where: Websocket) -> _Line:
    """A websocket to Odoo, with the certificates of the HTTP calls. Raises WebSocketException, OSError, ValueError."""
    base = urlsplit(settings.url)
    url = f"{'wss' if base.scheme == 'https' else 'ws'}://{base.netloc}{where.path}"
    options: dict[str, object] = {"http_no_proxy": ["*"]}
    found = proxies(settings.url)
    if proxy := found.get("https") or found.get("all"):  # in the order of the library that makes the calls
        options = _proxy_options(proxy)
    if where.cookie:
        options["cookie"] = where.cookie
    return websocket.create_connection(
        url, timeout=CONNECT_TIMEOUT, class_=_Line, redirect_limit=0,
        sslopt={"cert_reqs": ssl.CERT_REQUIRED, "ca_certs": settings.ca or requests.certs.where()}, **options,
    )  # fmt: skip


def _proxy_options(proxy: str) -> dict[str, object]:
    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    options: dict[str, object] = {
        "http_proxy_host": parts.hostname, "http_proxy_port": parts.port or 80, "proxy_type": "http",
    }  # fmt: skip
    if parts.username:
        options["http_proxy_auth"] = (unquote(parts.username), unquote(parts.password or ""))
    return options


def _tells(data: bytes, notification: str) -> bool:
    """Whether a message is, or has in it, the notification that there are calls."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return False
    for each in found if isinstance(found, list) else []:
        message = each.get("message") if isinstance(each, dict) else None
        if isinstance(message, dict) and message.get("type") == notification:
            return True
    return False


def words_of(error: BaseException) -> str:
    """Why there is no websocket."""
    if isinstance(error, websocket.WebSocketBadStatusException):
        return f"HTTP {error.status_code}"
    if isinstance(error, websocket.WebSocketTimeoutException | TimeoutError):
        return "no answer in time"
    if isinstance(error, websocket.WebSocketConnectionClosedException):
        return "it is closed at once"
    if isinstance(error, ssl.SSLError):
        return "its certificate is not trusted"
    if isinstance(error, OSError):
        return plain(error.strerror or "") or "no connection"
    return plain(str(error))[:100] or type(error).__name__
