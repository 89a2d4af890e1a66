"""HTTP to Odoo: to the given address only, bounded in time and size, and with the token in no message.

Redirects are not followed, cookies are not kept, and of the environment only a proxy for https is used
(`HTTPS_PROXY`, `NO_PROXY`): it sees a tunnel, where over plain http it would read the token.
"""

from __future__ import annotations

import http.cookiejar
import json
import time
from typing import Any

import requests

from .failures import LinkFailure, NotOdoo, Unreachable, plain, redirected, refusal, speaks_https, unreachable
from .options import OdooSettings

CONNECT_TIMEOUT, READ_TIMEOUT, WHOLE_ANSWER = 10.0, 15.0, 60.0
"""Seconds for a connection, for each wait, and for a whole answer."""
LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes of one answer: two of the largest print requests in base64 and what else comes with them."""
LONGEST_WAIT = 60.0
LONGEST_PAGE = 2000
"""Bytes of an error page that are looked at."""
INSTANCE_HEADER = "X-Print-Server-Instance"
"""Of events: which print server sends them, of all that may have had the token."""


def new_session(settings: OdooSettings) -> requests.Session:
    """A session for Odoo's address, for one thread."""
    session = requests.Session()
    session.trust_env = False
    session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
    session.verify = settings.ca or True
    session.proxies = proxies(settings.url)
    session.headers["User-Agent"] = "label-print-server"
    if settings.database:
        session.headers["X-Odoo-Database"] = settings.database
    return session


def proxies(url: str) -> dict[str, str]:
    """The environment's proxies for an address."""
    if not url.startswith("https:"):
        return {}
    found = requests.utils.get_environ_proxies(url, no_proxy=None)
    return {scheme: proxy for scheme, proxy in found.items() if scheme in ("https", "all")}


class OdooHttp:
    """Posts JSON to routes of one Odoo. Used by one thread."""

    def __init__(self, settings: OdooSettings) -> None:
        self._url = settings.url
        self._session = new_session(settings)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def post(self, path: str, document: dict[str, Any], token: str | None = None) -> dict[str, Any]:
        """Odoo's answer. Raises LinkFailure."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        body = json.dumps(document, separators=(",", ":")).encode("ascii")
        try:
            with self._session.post(
                self._url + path, data=body, headers=headers, allow_redirects=False, stream=True,
                timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
            ) as answer:  # fmt: skip
                if answer.is_redirect or 300 <= answer.status_code < 400:
                    raise redirected(answer.headers.get("Location", ""), path)
                content = _read(answer)
        except LinkFailure:
            raise
        except (requests.RequestException, OSError, ValueError) as error:
            # The library's error may hold the request with the token: it ends here, out of every traceback.
            raise unreachable(error, self._url) from None
        if answer.status_code == 400 and self._url.startswith("http:") and b"HTTPS" in content[:LONGEST_PAGE]:
            raise speaks_https(self._url)  # in the words of nginx, Apache and Go
        return _document(answer, content, token)


def _read(answer: requests.Response) -> bytes:
    ends_at = time.monotonic() + WHOLE_ANSWER
    parts, size = [], 0
    for part in answer.iter_content(256 * 1024):
        size += len(part)
        if size > LARGEST_ANSWER:
            raise NotOdoo(f"Odoo's answer is larger than {LARGEST_ANSWER // 1024**2} MB and was not read.")
        if time.monotonic() > ends_at:
            raise TimeoutError("the answer took too long")
        parts.append(part)
    return b"".join(parts)


def _document(answer: requests.Response, content: bytes, token: str | None) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        document = None
    if answer.status_code == 200:
        if not isinstance(document, dict):
            kind = plain(answer.headers.get("Content-Type", "")).split(";")[0] or "something"
            raise NotOdoo(
                f"What answers at Odoo's address is not label_print_monitor: {kind[:60]}, no JSON object. It may"
                " be a log-in page of the network or of a proxy."
            )
        return document
    failure = refusal(answer.status_code, document, token)
    wait = answer.headers.get("Retry-After", "")
    if isinstance(failure, Unreachable) and wait.isascii() and wait.isdigit():
        failure.wait = min(LONGEST_WAIT, float(wait[:6]))
    raise failure
