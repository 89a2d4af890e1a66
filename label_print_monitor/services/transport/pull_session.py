"""The calls to a print server that cannot be reached: it fetches them from Odoo, and brings its answers back.

A transport and nothing else. `HttpCalls` makes, judges and parses the same requests as for a print server that Odoo
reaches; here they are put where the print server fetches them, and their answers are waited for. Where they are put is
the caller's (`Calls`), since services know no database.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from urllib3 import HTTPHeaderDict

from .server_errors import Unreachable

AWAY_AFTER = 60.0  # seconds without a question from the print server, after which it is away
# Seconds between two looks for an answer. An answer usually takes some tens of milliseconds; a look costs one read of
# an index, so that waiting in vain for the whole time limit of 5 s takes about 70 of them.
FIRST_LOOK, LONGEST_LOOK = 0.01, 0.08
WAITED = 0.95  # of the time limit: what comes at the last moment must still be read within it

_KEPT = ("Accept", "Content-Type", "Idempotency-Key")


@dataclass(frozen=True)
class Call:
    """A request as it is kept until the print server has answered it.

    :ivar path: with the query, as in a request line
    :ivar body: in base64
    :ivar seconds: how long somebody waits for the answer; after that it is handed over no more
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: str = field(repr=False)
    seconds: float


@dataclass(frozen=True)
class Answer:
    """:ivar body: in base64"""

    status: int
    headers: Mapping[str, str]
    body: str = field(repr=False)


class Calls(Protocol):
    """Where the calls of one print server are kept. Used by several threads, each call in transactions of its own.

    `take` and `give_up` raise OSError when the database does not answer.
    """

    def put(self, call: Call) -> str:
        """Keep ``call`` and wake the print server.

        :return: the call's name
        :raises Unreachable: at once, when the print server is away or has never asked, and when nothing could be kept
        """

    def take(self, name: str) -> Answer | None:
        """The answer to a call, which is then forgotten; None while there is none."""

    def give_up(self, name: str) -> tuple[bool, Answer | None]:
        """Nobody waits any more: the call is forgotten.

        :return: whether it had been handed over, and the answer that has come in the last moment
        """


class PulledResponse:
    """What `HttpCalls` needs of a response."""

    def __init__(self, answer: Answer) -> None:
        self.status_code = answer.status
        self.headers = HTTPHeaderDict(answer.headers)
        self._body = base64.b64decode(answer.body)

    def iter_content(self, size: int) -> Iterator[bytes]:
        """The body in parts of at most ``size`` bytes."""
        for start in range(0, len(self._body), size):
            yield self._body[start : start + size]

    def close(self) -> None:
        """Nothing is open."""


class PullSession:
    """In the place of `requests.Session`. May be used by several threads at once."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def send(self, request: Any, *, timeout: float, **_options: Any) -> PulledResponse:
        """Have the print server fetch ``request``, and wait for its answer.

        :param request: a prepared request of the library `requests`
        :param timeout: seconds
        :raises Unreachable: it is away, or has not fetched the request in time; then it never will
        :raises TimeoutError: it has fetched the request and not answered, so that it may be carrying it out
        """
        ends_at = time.monotonic() + WAITED * timeout
        name = self._calls.put(
            Call(
                request.method,
                request.path_url,
                {header: request.headers[header] for header in _KEPT if header in request.headers},
                base64.b64encode(_bytes(request.body)).decode("ascii"),
                timeout,
            )
        )
        try:
            answer = self._wait_for(name, ends_at)
        except BaseException:
            # Nobody waits any more, so that it must not be carried out either.
            with suppress(OSError):
                self._calls.give_up(name)
            raise
        if answer:
            return PulledResponse(answer)
        fetched, answer = self._calls.give_up(name)
        if answer:
            return PulledResponse(answer)
        if fetched:
            raise TimeoutError("no answer in time")
        raise Unreachable("not_fetched", code="network_timeout", seconds=f"{timeout:g}")

    def _wait_for(self, name: str, ends_at: float) -> Answer | None:
        pause = FIRST_LOOK
        while (left := ends_at - time.monotonic()) > 0:
            self._pause(min(pause, left))
            pause = min(LONGEST_LOOK, pause * 1.3)
            with suppress(OSError):  # the next look may succeed
                if answer := self._calls.take(name):
                    return answer
        return None

    def _pause(self, seconds: float) -> None:
        time.sleep(seconds)


def _bytes(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else body or b""
