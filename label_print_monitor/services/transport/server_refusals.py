"""Read an answer that is not a success: which error it is, and what the server itself says about it.

The contract knows three envelopes (`error`, `message` and `code`; only `error`; `error` and `message`), and a proxy
before the server answers with a web page of its own. The server's words are worth showing; its pages are not.
"""

from __future__ import annotations

import email.utils
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..contract.clean_values import clean_count, clean_number, clean_text
from ..contract.payloads import PayloadError, load_json
from ..wording.error_catalogue import ERROR_MESSAGES, canonical_code, code_for_http, code_from_text
from .server_errors import BadAnswer, NotFound, PrintServerError, RateLimited, Refused, Rejected, ServerError

MAX_WORDS = 300  # characters of the server's own words in a message
LONGEST_WAIT = 3_600.0  # seconds of Retry-After that are believed


@dataclass(frozen=True)
class Rate:
    """What an answer said about the server's limit; None where it said nothing."""

    remaining: int | None = None
    retry_after: float | None = None


def read_rate(headers: Mapping[str, str]) -> Rate:
    """`X-RateLimit-Remaining` and `Retry-After` (seconds or a date), cleaned."""
    wait = headers.get("Retry-After")
    seconds = clean_number(wait) if wait else None
    if wait and seconds is None:
        try:
            seconds = email.utils.parsedate_to_datetime(wait).timestamp() - time.time()
        except (TypeError, ValueError, OverflowError, OSError):
            seconds = None
    if seconds is not None:
        seconds = min(LONGEST_WAIT, max(0.0, seconds))
    return Rate(clean_count(headers.get("X-RateLimit-Remaining")), seconds)


def is_web_page(body: bytes, content_type: str) -> bool:
    """Whether people, not programs, were meant to read this."""
    return "html" in content_type.lower() or body[:200].lstrip().lower().startswith((b"<!doctype", b"<html"))


def server_words(data: Any, secret: str = "") -> tuple[str, str]:
    """The server's words and code out of any of the envelopes; '' for what is missing.

    :param secret: our key, blotted out should the server echo it
    """
    if not isinstance(data, Mapping):
        return "", ""
    error = data.get("error")
    nested = error if isinstance(error, Mapping) else {}
    texts = (data.get("message"), data.get("error_message"), nested.get("message"), error)
    words = next((text for text in (clean_text(value, 4 * MAX_WORDS) for value in texts) if text), "")
    code = clean_text(data.get("code") or data.get("error_code") or nested.get("code"), 64)
    if secret:  # before shortening: half a key is still half a key
        words, code = words.replace(secret, "***"), code.replace(secret, "***")
    return clean_text(words, MAX_WORDS), canonical_code(code)


def error_for_status(
    status: int, body: bytes, content_type: str, *, not_found: str, retry_after: float | None, secret: str = ""
) -> PrintServerError:
    """The error behind an HTTP status that is not 2xx.

    :param not_found: the catalogue's code for a 404 of this call
    :param secret: our key, which must not come back in a message
    """
    page = is_web_page(body, content_type)
    try:
        answer, code = server_words(load_json(body), secret) if body and not page else ("", "")
    except PayloadError:
        answer, code = "", ""
    suffix, said = ("_said", {"answer": answer}) if answer else ("", {})

    if 300 <= status < 400:
        return BadAnswer("redirected", status=status)
    if status in (401, 403):
        return Refused("key_refused" + suffix, status=status, **said)
    if status == 429:
        return RateLimited("rate_limited", status=status, retry_after=retry_after)
    if status == 404:
        return NotFound("not_found" + suffix, status=status, code=not_found, web_page=page, **said)
    if not 400 <= status < 600:
        return BadAnswer("not_json", status=status)
    code = code if code in ERROR_MESSAGES else code_from_text(answer) or code_for_http(status)
    if status < 500:
        return Rejected("rejected" + suffix, status=status, code=code, retryable=status == 408, **said)
    return ServerError(
        "server_error" + suffix,
        status=status,
        code=code,
        retry_after=retry_after,
        # 503 is the server's own "not now"; after any other 5xx nobody knows how far it had come.
        maybe_delivered=status != 503,
        **said,
    )
