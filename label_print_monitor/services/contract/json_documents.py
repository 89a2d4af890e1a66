"""JSON from a print server as Python objects: decoded, of the shape that was asked for, and without our API key."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ..wording.translatable import _lt
from .status_words import KNOWN_WORDS, plain_word

MAX_JOB_ID = 255  # characters
MAX_WORD = 64
MAX_MESSAGE = 1_000
MAX_ENTRIES = 5_000  # jobs, printers or events looked at in one answer

# What these keys hold is compared with what we know or sent back to the server, so it must stay as it is.
_IDENTIFIERS = frozenset({"job_id", "id", "job_ids", "unknown", "name", "cups_name", "type", "capabilities"})
_STATES = frozenset({"status", "state", "outcome"})

_T = TypeVar("_T")


class PayloadError(ValueError):
    """The answer is not what the contract says. The message names what was missing, never the content.

    It becomes a part of the sentence `not_understood`, so it is marked for translation where it is raised.
    """


def load_json(raw: bytes, *secrets: str) -> Any:
    """Decode a JSON document.

    :param raw: UTF-8, UTF-16 or UTF-32, as JSON allows
    :param secrets: our API key and webhook secret, made unreadable wherever the document repeats them in words for
        people; empty ones are left out
    :raises PayloadError: for anything that is not JSON, however deep or long-winded
    """
    try:
        text = raw.decode(json.detect_encoding(raw), "surrogatepass")
        data = json.loads(text, parse_int=_parse_int)
    except (ValueError, RecursionError):  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise PayloadError("not JSON") from None
    # A document without the key and without an escape, which could spell it, need not be walked through.
    for secret in secrets:
        if secret and (secret in text or "\\" in text):
            data = _without_secret(data, secret)
    return data


def _parse_int(digits: str) -> int | None:
    # Python needs quadratic time for a number of a million digits, and no number in the contract is that long.
    return int(digits) if len(digits) < 20 else None


def _without_secret(data: Any, secret: str) -> Any:
    """`data` with `secret` replaced by `***` in every text but identifiers. Lists and objects are changed in place."""
    if isinstance(data, str):
        return data.replace(secret, "***")
    waiting = [data]  # a list instead of recursion: documents may be as deep as the decoder allows
    while waiting:
        part = waiting.pop()
        for key, value in list(part.items() if isinstance(part, dict) else enumerate(part)):
            if isinstance(part, dict) and key in _IDENTIFIERS:
                continue
            if isinstance(value, str):
                # A weak key ("print") may be part of a word that decides: such a word tells nobody the key.
                if key not in _STATES or plain_word(value[: 2 * MAX_WORD]) not in KNOWN_WORDS:
                    part[key] = value.replace(secret, "***")
            elif isinstance(value, (dict, list)):
                waiting.append(value)
    return data


def require_object(data: Any) -> Mapping[str, Any]:
    """`data`, which must be a JSON object. Raises PayloadError."""
    if not isinstance(data, Mapping):
        raise PayloadError(_lt("the answer is not an object"))
    return data


def require_list(data: Any, problem: str) -> list[Any]:
    """`data`, which must be a JSON list. Raises PayloadError with `problem`, marked for translation."""
    if not isinstance(data, list):
        raise PayloadError(problem)
    return data


def read_each(entries: list[Any], parse: Callable[[Any], _T]) -> tuple[tuple[_T, ...], int]:
    """What `parse` makes of each entry, and how many entries it could not read (PayloadError) or were too many."""
    read: list[_T] = []
    for entry in entries[:MAX_ENTRIES]:
        try:
            read.append(parse(entry))
        except PayloadError:
            continue
    return tuple(read), len(entries) - len(read)


def first_found(clean: Callable[[Any], _T | None], *values: Any) -> _T | None:
    """The first of `values` of which `clean` makes something, None when there is none."""
    for value in values:
        if value is not None and (found := clean(value)) is not None:
            return found
    return None
