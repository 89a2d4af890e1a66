"""One HTTP call to a print server: send, read, judge, parse. The only module of the addon that imports `requests`.

Whatever the network does ends here as a parsed answer or as a `PrintServerError`, within the time limit of the
connection. Rules that hold for every call:

- The key goes to the configured address only. Redirects are not followed, cookies are not kept, and nothing of the
  machine's environment is trusted with it: a `.netrc` entry would replace our Authorization header.
- A proxy of the environment (`HTTPS_PROXY`, `NO_PROXY`) is used for https only, where it sees a tunnel. Over plain http
  it would read the key, and a print server on plain http stands on the same LAN anyway.
- An answer is complete within the time limit, or the call fails: a server that trickles gains nothing. Not bounded is
  the system's own name lookup, which Python cannot interrupt.
- At most 8 MB are read. Ten thousand status objects fit.
"""

from __future__ import annotations

import http.cookiejar
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import requests
import urllib3
from requests.adapters import HTTPAdapter

from ..contract.clean_values import clean_number
from ..contract.payloads import PayloadError, load_json
from .bounded_transport import POOL_CLASSES, deadline
from .network_failures import failure_for
from .server_clock import ServerClock
from .server_connection import Connection
from .server_errors import BadAnswer, ConfigurationError, PrintServerError, Unreachable
from .server_refusals import Rate, error_for_status, is_web_page, read_rate
from .status_sweep import WORKERS

Session = requests.Session  # for the annotations of modules that must not import the library

_logger = logging.getLogger(__name__)

MAX_BODY = 8 * 1024 * 1024
_CHUNK = 64 * 1024

_T = TypeVar("_T")


class _Adapter(HTTPAdapter):
    """Connections that keep the deadline, enough of them for a sweep's workers."""

    # pylint: disable-next=missing-return  # that of `requests` returns nothing
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOL_CLASSES

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = POOL_CLASSES
        return manager


class _Session(requests.Session):
    """A session that keeps nothing of what a server or the environment would like to add."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
        adapter = _Adapter(pool_connections=2, pool_maxsize=2 * WORKERS)
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        # Even when redirects are not followed, requests reads the whole body of one to prepare the next request.
        return None


@dataclass(frozen=True)
class _Answer:
    """What came back over HTTP; times as `ServerClock.note` wants them."""

    status: int
    body: bytes
    content_type: str
    retry_after: float | None
    date: str | None
    sent_at: float
    took: float


class HttpCalls:
    """Calls to one print server. May be used by several threads at once.

    :param session: anything with `requests.Session`'s `send`; one of our own when not given
    :raises ConfigurationError: the address cannot be used
    :ivar rate: requests left by the newest answer, and the newest wait that was asked for
    :ivar clock: how far the server's clock is from ours
    """

    def __init__(self, connection: Connection, session: requests.Session | None = None) -> None:
        self.connection = connection
        self.rate = Rate()
        self.clock = ServerClock()
        self._own_session = session is None
        self._session = session or _Session()
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "label_print_monitor"}
        if connection.api_key:
            headers["Authorization"] = f"Bearer {connection.api_key}"
        try:
            # Prepared once: a sweep copies it, which is far cheaper than building a request from its parts each time.
            self._template = requests.Request("GET", connection.base_url + "/api", headers=headers).prepare()
        except (requests.RequestException, ValueError):
            raise ConfigurationError("address_invalid") from None
        self._send_options = {
            "stream": True,
            "timeout": connection.timeout,
            "allow_redirects": False,
            "verify": connection.trust,
            "proxies": _proxies(connection.base_url),
        }

    def close(self) -> None:
        """Close the connections. A session that was handed in stays open."""
        if self._own_session:
            self._session.close()

    def ask(
        self,
        method: str,
        path: str,
        parse: Callable[[Any], _T],
        payload: Mapping[str, Any] | None = None,
        *,
        idempotency_key: str | None = None,
        reading: bool = False,
        not_found: str = "job_unknown",
    ) -> _T:
        """One call.

        :param path: below `/api`, quoted
        :param parse: makes the answer of the JSON document, or raises PayloadError
        :param payload: the request's JSON document, None for no body
        :param idempotency_key: goes along as `Idempotency-Key`
        :param reading: the call changes nothing on the server, whatever its method; every GET does not
        :param not_found: the catalogue's code for a 404 of this call
        :raises PrintServerError: whatever went wrong, and nothing else
        """
        reading = reading or method == "GET"
        request = self._template.copy()
        request.method = method
        request.url = self._template.url + path
        if method != "GET":
            body = json.dumps(payload).encode("ascii") if payload is not None else None
            if body is not None:
                request.headers["Content-Type"] = "application/json"
            if idempotency_key:
                request.headers["Idempotency-Key"] = idempotency_key
            request.prepare_body(body, None)
        try:
            answer = self._exchange(request)
        except Unreachable as error:
            if not (reading and error.connected and error.key == "broken_off"):
                raise
            # A kept connection that the server had closed meanwhile looks like this; a new one tells the truth.
            answer = self._exchange(request)
        if not 200 <= answer.status < 300:
            error = error_for_status(
                answer.status,
                answer.body,
                answer.content_type,
                not_found=not_found,
                retry_after=answer.retry_after,
                secrets=self.connection.secrets,
                reading=reading,
                with_key=bool(idempotency_key),
            )
            if error.in_envelope:
                self.clock.note(answer.date, answer.sent_at, answer.took)
            raise error
        try:
            parsed = parse(load_json(answer.body, *self.connection.secrets))
        except PayloadError as error:
            page = is_web_page(answer.body, answer.content_type)
            key = "web_page" if page else "not_json" if str(error) == "not JSON" else "not_understood"
            reason = {"reason": str(error)} if key == "not_understood" else {}
            raise BadAnswer(key, status=answer.status, maybe_delivered=not reading, **reason) from None
        # Only the print server's own answers: a web page has the clock of whoever made it.
        self.clock.note(answer.date, answer.sent_at, answer.took)
        return parsed

    def _exchange(self, request: requests.PreparedRequest) -> _Answer:
        """Send and read within the time limit. Failures become ours."""
        sent_at, started = time.time(), time.monotonic()
        try:
            with deadline(self.connection.timeout) as ends_at:
                response = self._session.send(request, **self._send_options)
                took = time.monotonic() - started
                try:
                    status = response.status_code
                    rate = read_rate(response.headers)
                    # Answers overtake each other in a sweep: a wait that was asked for outlasts later answers.
                    wait = self.rate.retry_after if rate.retry_after is None else rate.retry_after
                    self.rate = replace(rate, retry_after=wait)
                    # Where a redirect points to, and what its page says, is of no interest.
                    body = b"" if 300 <= status < 400 else _read(response, ends_at)
                finally:
                    response.close()
        except PrintServerError:
            raise
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            failure = failure_for(error, self.connection.server, self.connection.timeout)
            _logger.debug("%s %s: %s (%s)", request.method, request.path_url, failure.message, type(error).__name__)
            # The library's error holds the request and with it the key: it ends here, out of every traceback.
            raise failure from None
        if _logger.isEnabledFor(logging.DEBUG):
            whole = 1000 * (time.monotonic() - started)
            _logger.debug("%s %s: %s, %d bytes in %.0f ms", request.method, request.path_url, status, len(body), whole)
        headers = response.headers
        return _Answer(
            status, body, headers.get("Content-Type", ""), rate.retry_after, headers.get("Date"), sent_at, took
        )


def _proxies(base_url: str) -> dict[str, str]:
    if not base_url.startswith("https:"):
        return {}
    return {
        scheme: proxy
        for scheme, proxy in requests.utils.get_environ_proxies(base_url, no_proxy=None).items()
        if scheme in ("https", "all")
    }


def _read(response: requests.Response, ends_at: float) -> bytes:
    announced = clean_number(response.headers.get("Content-Length"))
    if announced is not None and announced > MAX_BODY:
        raise BadAnswer("answer_too_large", status=response.status_code, maybe_delivered=True)
    chunks = []
    size = 0
    for chunk in response.iter_content(_CHUNK):
        chunks.append(chunk)
        size += len(chunk)
        if size > MAX_BODY:
            raise BadAnswer("answer_too_large", status=response.status_code, maybe_delivered=True)
        if time.monotonic() > ends_at:
            raise TimeoutError("the answer took too long")
    if announced is not None and size < announced and not response.headers.get("Content-Encoding"):
        raise urllib3.exceptions.ProtocolError("cut short")  # urllib3 1.26 does not mind
    return b"".join(chunks)
