"""What Odoo's route /label_print_monitor/pull answers, checked: no word of it is trusted."""

from __future__ import annotations

import base64
import binascii
import math
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from .credentials import checked_token
from .failures import NotOdoo

PATH = "/label_print_monitor/pull"
PROTOCOL = 1
LONGEST_ID = 200
MOST_CALLS = 200
"""Of one answer; what is left out is handed over again."""
LARGEST_BODY = 17 * 1024 * 1024
"""Bytes of one call; the print server itself takes 16 MB and says so."""
TOO_LARGE = "its body is too large"
PASSED_ON = ("content-type", "idempotency-key", "accept")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
SHORTEST_WAIT, LONGEST_WAIT = 1.0, 30.0
"""Seconds between two fetches with a websocket. Odoo calls a server away that has not asked for a minute."""
LONGEST_EXPIRY = 600.0
LARGEST_ANSWER = 8 * 1024 * 1024
"""Bytes of one answer's body; Odoo takes no larger one, over HTTP neither."""


@dataclass(frozen=True)
class Call:
    """A request of Odoo to this print server.

    :ivar fault: why it cannot be performed, for its answer; None when it can
    :ivar expires_in: seconds from now for which its answer is wanted
    """

    id: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes = field(repr=False)
    expires_in: float
    fault: str | None = None

    @property
    def changes(self) -> bool:
        """Whether performing it twice could make a difference."""
        return self.method != "GET" and self.path.partition("?")[0].rstrip("/") != "/api/status"

    def can_be_repeated(self, knows_keys: bool) -> bool:
        """Whether performing it again does no harm.

        :param knows_keys: the print server knows a submission again by its `Idempotency-Key`
        """
        return self.method == "DELETE" or (knows_keys and "Idempotency-Key" in self.headers)


@dataclass(frozen=True)
class Answer:
    """What is brought to Odoo."""

    call: str
    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)

    def document(self) -> dict[str, Any]:
        """As JSON."""
        body = base64.b64encode(self.body).decode("ascii")
        return {"call": self.call, "status": self.status, "headers": self.headers, "body": body}


@dataclass(frozen=True)
class Websocket:
    """Where Odoo tells that there are calls."""

    path: str
    channel: str
    notification: str
    cookie: str | None = field(default=None, repr=False)
    """To be sent with the handshake, on a host with several databases."""


@dataclass(frozen=True)
class Reply:
    """Odoo's answer to a fetch."""

    calls: tuple[Call, ...]
    again_in: float
    websocket: Websocket | None
    token: str | None = field(repr=False)
    unwanted: tuple[str, ...]
    more: bool
    """There are calls that did not go into this answer."""
    unreadable: int
    """Calls without an id, which nobody can answer."""


def read_reply(document: dict[str, Any]) -> Reply:
    """Check Odoo's answer. Raises NotOdoo."""
    rows = document.get("calls")
    if not isinstance(rows, list):
        raise NotOdoo("What answers at Odoo's address is not label_print_monitor: its JSON has no list of calls.")
    calls = [call for row in rows[:MOST_CALLS] if (call := _call(row))]
    unwanted = document.get("unwanted")
    return Reply(
        tuple(calls),
        min(LONGEST_WAIT, max(SHORTEST_WAIT, _number(document.get("again_in"), LONGEST_WAIT))),
        _websocket(document.get("websocket")),
        checked_token(document.get("token")),
        tuple(each for each in unwanted if isinstance(each, str)) if isinstance(unwanted, list) else (),
        document.get("more") is True,
        len(rows[:MOST_CALLS]) - len(calls),
    )


def _call(row: Any) -> Call | None:
    if not isinstance(row, dict) or not isinstance(row.get("call"), str) or not 0 < len(row["call"]) <= LONGEST_ID:
        return None
    method, path, headers = row.get("method"), row.get("path"), row.get("headers")
    kept = {}
    if isinstance(headers, dict):
        kept = {
            name.title(): value
            for name, value in headers.items()
            if isinstance(value, str) and name.lower() in PASSED_ON and value.isascii() and value.isprintable()
        }
    body, fault = _body(row.get("body"))
    if method not in METHODS:
        fault = "its method is none that a print server takes"
    elif not _is_api(path):
        fault = "its address does not begin with /api/"
    expires_in = min(LONGEST_EXPIRY, max(0.0, _number(row.get("expires_in"), 5.0)))
    return Call(row["call"], str(method), str(path), kept, body, expires_in, fault)


def _body(value: Any) -> tuple[bytes, str | None]:
    if value is None:
        return b"", None
    if not isinstance(value, str):
        return b"", "its body is not base64"
    if len(value) > LARGEST_BODY * 4 / 3:
        return b"", TOO_LARGE
    try:
        return base64.b64decode(value, validate=True), None
    except (binascii.Error, ValueError):
        return b"", "its body is not base64"


def _is_api(path: Any) -> bool:
    if not isinstance(path, str) or not path.startswith("/api/") or len(path) > 2000:
        return False
    if not path.isascii() or not path.isprintable() or " " in path:
        return False
    return ".." not in urlsplit(path).path.split("/")


def _websocket(value: Any) -> Websocket | None:
    if not isinstance(value, dict):
        return None
    texts = [value.get(name) for name in ("path", "channel", "notification")]
    if not all(isinstance(text, str) and 0 < len(text) <= 500 for text in texts):
        return None
    path, cookie = texts[0], value.get("cookie")
    if not path.startswith("/") or not path.isascii() or not path.isprintable() or " " in path:
        return None
    fits = isinstance(cookie, str) and 0 < len(cookie) <= 500 and cookie.isascii() and cookie.isprintable()
    return Websocket(*texts, cookie if fits else None)


def _number(value: Any, default: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return default
    try:
        return float(value) if math.isfinite(value) else default
    except OverflowError:
        return default
