"""What a print server sends that calls Odoo itself: its enrolment, and its questions for calls with its answers.

Read like everything that comes from a print server: bounded, cleaned, and never repeated in an error.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .clean_values import clean_text
from .json_documents import PayloadError, require_list, require_object

PROTOCOL = 1
MAX_REQUEST = 16 * 1024 * 1024  # bytes of one request, which is JSON with answers in base64
MAX_ENROLMENT = 16 * 1024
MAX_ANSWER = 8 * 1024 * 1024  # bytes of one answer, as of one that comes over HTTP
MAX_ANSWERS = 100  # in one request
MAX_RUNS = 200

# Of an answer's headers only those that somebody reads.
KEPT_HEADERS = frozenset(
    {
        "content-length", "content-type", "date", "retry-after", "x-ratelimit-limit", "x-ratelimit-remaining",
        "x-ratelimit-reset",
    }
)  # fmt: skip
_INSTANCE = re.compile(r"[0-9A-Za-z-]{8,64}\Z")
_CALL = re.compile(r"[0-9A-Za-z_-]{1,64}\Z")


@dataclass(frozen=True)
class PulledAnswer:
    """A print server's answer to one call.

    :ivar call: the call's name
    :ivar status: of HTTP
    :ivar body: in base64, as it came; "" where it is larger than `MAX_ANSWER`, and `headers` say how large
    """

    call: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = field(default="", repr=False)


@dataclass(frozen=True)
class Pull:
    """A question for calls.

    :ivar protocol: the version of these messages that the print server speaks
    :ivar instance: which print server it is, of all that might have its token
    :ivar opens_websocket: it is about to open its websocket, and wants to know with what
    :ivar is_stopping: it ends, so that it would carry out nothing more
    :ivar answers: to earlier calls
    :ivar unreadable: the names of calls whose answers cannot be used
    :ivar host: what its computer is called, "" where it does not say
    :ivar run: which start of its data directory this is, "" where it does not say
    :ivar former_runs: earlier ones, of which Odoo must have seen one last
    """

    protocol: int
    instance: str
    version: str = ""
    opens_websocket: bool = False
    is_stopping: bool = False
    answers: tuple[PulledAnswer, ...] = ()
    unreadable: tuple[str, ...] = ()
    host: str = ""
    run: str = ""
    former_runs: frozenset[str] = frozenset()

    def goes_on_from(self, run: str | None) -> bool:
        """Whether this is a start after that one, of the same data directory and of no copy that was made before.

        True where one of the two says nothing of it, as a print server of an earlier version.
        """
        return not run or not self.run or run == self.run or run in self.former_runs


@dataclass(frozen=True)
class Enrolment:
    """What a print server says of itself when it exchanges its code."""

    protocol: int
    instance: str
    host: str
    version: str
    code: str = field(default="", repr=False)


def parse_protocol(data: Any) -> int:
    """The version that a message is of. Raises PayloadError when it says none."""
    protocol = require_object(data).get("protocol")
    if isinstance(protocol, bool) or not isinstance(protocol, int) or protocol < 1:
        raise PayloadError
    return protocol


def parse_enrolment(data: Any) -> Enrolment:
    """Raises PayloadError for what is no enrolment."""
    data = require_object(data)
    code = data.get("code")
    if not isinstance(code, str) or not 1 <= len(code) <= 64:
        raise PayloadError
    return Enrolment(
        parse_protocol(data),
        _instance(data),
        clean_text(data.get("host"), 255),
        clean_text(data.get("version"), 64),
        code,
    )


def parse_pull(data: Any) -> Pull:
    """Raises PayloadError for what is no question at all. A single answer that cannot be used spoils no other."""
    data = require_object(data)
    given = require_list(data.get("answers", []), "answers is not a list")
    if len(given) > MAX_ANSWERS:
        raise PayloadError
    answers, unreadable = [], []
    for entry in given:
        call = entry.get("call") if isinstance(entry, Mapping) else None
        if not isinstance(call, str) or not _CALL.match(call):
            raise PayloadError
        try:
            answers.append(_answer(call, entry))
        except PayloadError:
            unreadable.append(call)
    return Pull(
        parse_protocol(data),
        _instance(data),
        clean_text(data.get("version"), 64),
        data.get("websocket") == "open",
        data.get("stopping") is True,
        tuple(answers),
        tuple(unreadable),
        clean_text(data.get("host"), 255),
        *_runs(data),
    )


def _runs(data: Mapping[str, Any]) -> tuple[str, frozenset[str]]:
    run, former = data.get("run"), data.get("former_runs")
    if not isinstance(run, str) or not _INSTANCE.match(run):
        return "", frozenset()
    former = former[:MAX_RUNS] if isinstance(former, list) else []
    return run, frozenset(each for each in former if isinstance(each, str) and _INSTANCE.match(each))


def _instance(data: Mapping[str, Any]) -> str:
    instance = data.get("instance")
    if not isinstance(instance, str) or not _INSTANCE.match(instance):
        raise PayloadError
    return instance


def _answer(call: str, entry: Mapping[str, Any]) -> PulledAnswer:
    status, headers, body = entry.get("status"), entry.get("headers") or {}, entry.get("body") or ""
    if isinstance(status, bool) or not isinstance(status, int) or not 200 <= status <= 599:
        raise PayloadError
    if not isinstance(headers, Mapping) or not isinstance(body, str):
        raise PayloadError
    kept = {
        name.title(): clean_text(value, 200)
        for name, value in headers.items()
        if isinstance(name, str) and name.lower() in KEPT_HEADERS
    }
    try:
        size = len(base64.b64decode(body, validate=True))
    except (binascii.Error, ValueError):
        raise PayloadError from None
    if size > MAX_ANSWER:
        return PulledAnswer(call, status, {**kept, "Content-Length": str(size)})
    return PulledAnswer(call, status, kept, body)
