"""The one place that talks to a print server, and the only module that imports `requests`.

Whatever the network does ends here as an answer of `reports.py` or as a `PrintServerError`, within the time limit of
the connection. Rules that hold for every call:

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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import quote

import requests
import urllib3
from requests.adapters import HTTPAdapter

from ..contract.clean_values import clean_number
from ..contract.payloads import (
    PayloadError,
    load_json,
    parse_batch,
    parse_health,
    parse_job_report,
    parse_printers,
    parse_submit,
)
from ..contract.reports import BatchAnswer, CancelAnswer, Health, JobReport, PrinterReport, SubmitAnswer, TestAnswer
from ..lifecycle.poll_schedule import MAX_BATCH
from .bounded_transport import POOL_CLASSES, deadline
from .network_failures import failure_for
from .server_connection import Connection, normalise_base_url
from .server_errors import (
    BadAnswer,
    ConfigurationError,
    NotFound,
    PrintServerError,
    RateLimited,
    Refused,
    Rejected,
    ServerError,
    Unreachable,
)
from .server_refusals import Rate, error_for_status, is_web_page, read_rate, server_words
from .status_sweep import WORKERS, Fetched, fetch_each

__all__ = [
    "BadAnswer", "CancelAnswer", "ConfigurationError", "Connection", "Fetched", "NotFound", "PrintServerClient",
    "PrintServerError", "Rate", "RateLimited", "Refused", "Rejected", "ServerError", "TestAnswer", "Unreachable",
    "normalise_base_url",
]  # fmt: skip

_logger = logging.getLogger(__name__)

MAX_BODY = 8 * 1024 * 1024
_CHUNK = 64 * 1024

_T = TypeVar("_T")


class _Adapter(HTTPAdapter):
    """Connections that keep the deadline, enough of them for a sweep's workers."""

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


class PrintServerClient:
    """Calls to one print server. May be used by several threads at once, and as a context manager.

    :param session: anything with `requests.Session`'s `send`; one of our own when not given
    :ivar rate: requests left by the newest answer, and the newest wait that was asked for
    """

    def __init__(self, connection: Connection, session: requests.Session | None = None) -> None:
        self.connection = connection
        self.rate = Rate()
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

    def __enter__(self) -> PrintServerClient:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections. A session that was handed in stays open."""
        if self._own_session:
            self._session.close()

    # Every call below raises PrintServerError and nothing else.

    def health(self) -> Health:
        """The server's own state and the extensions that it offers."""
        return self._ask("GET", "/health", parse_health)

    def printers(self) -> tuple[PrinterReport, ...]:
        """All printers that the server knows."""
        return self._ask("GET", "/printers", parse_printers)

    def job_status(self, server_job_id: str) -> JobReport:
        """What the server says about one job; NotFound when it does not know it."""
        try:
            return self._job_status(server_job_id)
        except NotFound as error:
            self._believe(error)
            raise

    def batch_status(self, server_job_ids: Sequence[str]) -> BatchAnswer:
        """What the server says about up to 500 jobs, for servers with the capability `batch_status`.

        Reports about jobs that were not asked for count as rejected.
        """
        asked = list(dict.fromkeys(server_job_ids))
        if len(asked) > MAX_BATCH:
            raise ValueError(f"at most {MAX_BATCH} jobs in one question")
        answer = self._ask("POST", "/status", parse_batch, {"job_ids": asked}, reading=True)
        known = set(asked)
        reports = tuple(report for report in answer.reports if report.server_job_id in known)
        unknown = tuple(job_id for job_id in answer.unknown if job_id in known)
        return BatchAnswer(reports, unknown, answer.rejected + len(answer.reports) - len(reports))

    def statuses(
        self, server_job_ids: Sequence[str], budget: int | None, workers: int = WORKERS, seconds: float | None = None
    ) -> Fetched:
        """Ask for each job by itself, for servers without batch questions. Never raises: see `Fetched.error`.

        :param server_job_ids: longest-waiting first
        :param budget: how many requests may go out, None for no limit; one more goes out when there is nothing but
            web pages with 404, to find out whether it is the print server that answers
        :param seconds: after which no further request is begun
        """
        pages: list[NotFound] = []

        def ask(server_job_id: str) -> JobReport:
            try:
                return self._job_status(server_job_id)
            except NotFound as error:
                if error.web_page:
                    pages.append(error)
                raise

        fetched = fetch_each(ask, server_job_ids, budget, workers, seconds)
        if pages and len(pages) == len(fetched.unknown) and not fetched.reports and not fetched.error:
            try:
                self._believe(pages[0])
            except PrintServerError as error:
                errors = {**fetched.job_errors, **dict.fromkeys(fetched.unknown, error)}
                return Fetched((), (), fetched.asked, fetched.not_asked, error, errors)
        return fetched

    def submit(self, payload: Mapping[str, Any], idempotency_key: str | None = None) -> SubmitAnswer:
        """Hand over a print job. After an error look at `maybe_delivered` before sending it again.

        :param payload: from `build_print_payload`
        :param idempotency_key: lets a server with the capability `idempotency` print once however often it is asked
        """
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return self._ask("POST", "/print", parse_submit, payload, headers, not_found="printer_not_found")

    def cancel(self, server_job_id: str) -> CancelAnswer:
        """Ask the server to cancel a job. Not found and already finished are answers, not errors."""
        try:
            success, message = self._ask("DELETE", f"/jobs/{_quoted(server_job_id)}", self._success)
        except NotFound as error:
            self._believe(error)
            return CancelAnswer("unknown", error.message)
        except Rejected as error:
            if error.status != 409:
                raise
            return CancelAnswer("finished", error.message)
        if not success:
            raise Rejected("rejected_said", status=200, answer=message or "-")
        return CancelAnswer("cancelled", message)

    def test_printer(self, cups_name: str) -> TestAnswer:
        """Have the server print its own test label."""
        answer = self._ask("POST", "/test", self._success, {"printer": cups_name}, not_found="printer_not_found")
        return TestAnswer(*answer)

    def _job_status(self, server_job_id: str) -> JobReport:
        path = f"/status/{_quoted(server_job_id)}"
        return self._ask("GET", path, lambda data: parse_job_report(data, server_job_id))

    def _believe(self, error: NotFound) -> None:
        """Raise when a 404 is likely a proxy's: it is a web page, and the server's health is not to be had either."""
        if error.web_page:
            try:
                self.health()
            except (NotFound, BadAnswer):
                raise BadAnswer("web_page", status=error.status) from None

    def _success(self, data: Any) -> tuple[bool, str]:
        if not isinstance(data, Mapping):
            raise PayloadError("the answer is not an object")
        return data.get("success", True) is True, server_words(data, self.connection.api_key)[0]

    def _ask(
        self,
        method: str,
        path: str,
        parse: Callable[[Any], _T],
        payload: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        reading: bool = False,
        not_found: str = "job_unknown",
    ) -> _T:
        """One call: send, read, judge, parse. `reading` says that a POST changes nothing and may be sent again."""
        reading = reading or method == "GET"
        request = self._template.copy()
        request.method = method
        request.url = self._template.url + path
        if method != "GET":
            body = json.dumps(payload).encode("ascii") if payload is not None else None
            if body is not None:
                request.headers["Content-Type"] = "application/json"
            request.headers.update(headers or {})
            request.prepare_body(body, None)
        try:
            status, body, kind, retry_after = self._exchange(request)
        except Unreachable as error:
            if not (reading and error.connected and error.key == "broken_off"):
                raise
            # A kept connection that the server had closed meanwhile looks like this; a new one tells the truth.
            status, body, kind, retry_after = self._exchange(request)
        if not 200 <= status < 300:
            raise error_for_status(
                status, body, kind, not_found=not_found, retry_after=retry_after, secret=self.connection.api_key
            )
        try:
            return parse(load_json(body))
        except PayloadError as error:
            page = is_web_page(body, kind)
            key = "web_page" if page else "not_json" if str(error) == "not JSON" else "not_understood"
            reason = {"reason": str(error)} if key == "not_understood" else {}
            raise BadAnswer(key, status=status, maybe_delivered=not reading, **reason) from None

    def _exchange(self, request: requests.PreparedRequest) -> tuple[int, bytes, str, float | None]:
        """Send and read within the time limit: status, body, content type, Retry-After. Failures become ours."""
        started = time.monotonic()
        try:
            with deadline(self.connection.timeout) as ends_at:
                response = self._session.send(request, **self._send_options)
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
            took = 1000 * (time.monotonic() - started)
            _logger.debug("%s %s: %s, %d bytes in %.0f ms", request.method, request.path_url, status, len(body), took)
        return status, body, response.headers.get("Content-Type", ""), rate.retry_after


def _quoted(server_job_id: str) -> str:
    # A dot alone would be taken for a step in the path.
    quoted = quote(str(server_job_id), safe="")
    return quoted if quoted.strip(".") else quoted.replace(".", "%2E")


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
