"""Read an answer that is not a success: which error it is, and what the server itself says about it.

The contract knows three envelopes (`error`, `message` and `code`; only `error`; `error` and `message`), and a proxy
before the server answers with a web page of its own. The server's words are worth showing; its pages are not.
"""

from __future__ import annotations

import email.utils
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..contract.clean_values import clean_count, clean_number, clean_text
from ..contract.json_documents import MAX_JOB_ID, MAX_WORD, PayloadError, load_json
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


def server_words(data: Mapping[str, Any]) -> tuple[str, str]:
    """The server's words and code out of any of the envelopes; '' for what is missing."""
    error = data.get("error")
    nested = error if isinstance(error, Mapping) else {}
    texts = (data.get("message"), data.get("error_message"), nested.get("message"), error)
    words = next((text for text in (clean_text(value, MAX_WORDS) for value in texts) if text), "")
    code = clean_text(data.get("code") or data.get("error_code") or nested.get("code"), MAX_WORD)
    return words, canonical_code(code)


def is_envelope(data: Any) -> bool:
    """Whether a document is an error as the contract writes it: an object with a text or an object as `error`."""
    return isinstance(data, Mapping) and isinstance(data.get("error"), (str, Mapping)) and bool(data["error"])


def error_for_status(
    status: int,
    body: bytes,
    content_type: str,
    *,
    not_found: str,
    retry_after: float | None,
    secrets: Sequence[str] = (),
    reading: bool = True,
    with_key: bool = False,
) -> PrintServerError:
    """The error behind an HTTP status that is not 2xx.

    What the print server refuses in its own words it has not carried out. Of a redirect, a web page, an empty or a
    strange body nobody knows who wrote it: a proxy may have handed the request on before its answer was lost. Two
    refusals are sure whoever gives them, since they come before anything is done: 425 and 429.

    :param not_found: the catalogue's code for a 404 of this call
    :param secrets: our key ("" for none) and webhook secret, which must not come back in a message
    :param reading: the request changes nothing, so that it does not matter whether it was carried out
    :param with_key: the request had an idempotency key. 422 means then that the key has arrived before with another
        request, unless the answer names another reason that we know
    """
    try:
        data = load_json(body, *secrets) if body else None
    except PayloadError:
        data = None
    data = data if isinstance(data, Mapping) else {}
    page = not data and is_web_page(body, content_type)
    answer, said_code = server_words(data)
    in_envelope = is_envelope(data)
    job_id = clean_text(data.get("job_id"), MAX_JOB_ID + 1)
    suffix, said = ("_said", {"answer": answer}) if answer else ("", {})
    common: dict[str, Any] = {
        "status": status,
        "in_envelope": in_envelope,
        "server_code": said_code,
        "server_job_id": job_id if len(job_id) <= MAX_JOB_ID else "",
        "maybe_delivered": not reading and not in_envelope,
        "web_page": page,
    }

    if not 400 <= status < 600:
        key = "redirected" if 300 <= status < 400 else "not_json"
        return BadAnswer(key, **{**common, "maybe_delivered": not reading})
    if status in (401, 403):
        if not secrets or not secrets[0]:
            return Refused("key_missing", **common)
        return Refused("key_refused" + suffix, **common, **said)
    if status == 429:
        return RateLimited("rate_limited", retry_after=retry_after, **{**common, "maybe_delivered": False})
    if status == 404:
        if page and not reading:
            return NotFound("web_page", code="bad_answer", **common)
        code = not_found if in_envelope or reading else "bad_answer"  # who knows what was not found
        return NotFound("not_found" + suffix, code=code, **common, **said)
    code = said_code if said_code in ERROR_MESSAGES else code_from_text(answer) or code_for_http(status)
    if status == 422 and with_key and (said_code not in ERROR_MESSAGES or said_code == "bad_request"):
        code = "idempotency_key_reused"
    if code == "idempotency_key_reused":
        common["maybe_delivered"] = not reading  # the proof that a request with this key has arrived
    if status == 425:
        common["maybe_delivered"] = False
    if status < 500:
        return Rejected("rejected" + suffix, code=code, retryable=status in (408, 425), **common, **said)
    if status != 503:  # the server's own "not now"; after any other 5xx nobody knows how far it had come
        common["maybe_delivered"] = not reading
    return ServerError("server_error" + suffix, code=code, retry_after=retry_after, **common, **said)
