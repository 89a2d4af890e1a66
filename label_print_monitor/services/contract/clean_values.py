"""Turn whatever JSON brings into values that Odoo and PostgreSQL can keep.

A print server is somebody else's program: numbers arrive as strings, NaN or with forty digits, texts with NUL bytes or
half a surrogate pair, times with and without a zone. Each function here answers with a usable value or None and never
raises, so that `payloads` deals with jobs and printers only.
"""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta, timezone
from typing import Any

MAX_COUNT = 1_000_000  # nothing that is counted here (labels, jobs in a queue) is ever larger
MAX_ID = 2**31 - 1  # of a record: a four-byte integer in PostgreSQL

_WHITESPACE = re.compile(r"\s+")
_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?\s*(Z|z|[+-]\d\d:?\d\d)?\Z", re.ASCII
)
_HTTP_DATE = re.compile(
    r"(?:[A-Za-z]{3,9},\s+)?(\d{1,2})[ -]([A-Za-z]{3})[ -](\d{4})\s+"
    r"(\d\d):(\d\d)(?::(\d\d))?\s+(GMT|UTC?|Z|[+-]\d{4})\Z",
    re.ASCII,
)  # as HTTP headers, mails and Flask's `jsonify` write times
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NUMBER = re.compile(r"\s*[+-]?\d{1,15}(\.\d{0,15})?\s*\Z", re.ASCII)


def clean_text(value: Any, limit: int) -> str:
    """A one-line text of at most `limit` characters; '' for anything that is not a text or a number.

    NUL characters and lone surrogates are dropped: PostgreSQL accepts neither.
    """
    if value is None or isinstance(value, bool):
        return ""
    # Nearly all texts are clean already, and an answer has thousands of them.
    if isinstance(value, str) and len(value) <= limit and value.isascii() and value.isprintable() and "  " not in value:
        return value.strip()
    if isinstance(value, int) and -(10**18) < value < 10**18:
        value = str(value)
    if not isinstance(value, str):
        return ""
    value = value[: 4 * limit + 100].encode("utf-8", "ignore").decode("utf-8").replace("\x00", "")
    value = _WHITESPACE.sub(" ", value).strip()
    return value if len(value) <= limit else value[: limit - 1].rstrip() + "…"


def clean_number(value: Any) -> float | None:
    """A finite number, also from a string of digits; None for anything else, booleans included."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str):
        value = float(value) if _NUMBER.match(value) else None
    if isinstance(value, int):
        return float(value) if abs(value) < 10**15 else None
    return value if isinstance(value, float) and math.isfinite(value) else None


def clean_id(value: Any) -> int:
    """The id of a record as PostgreSQL can have it; 0 for anything else, booleans and texts included."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MAX_ID else 0


def clean_odometer(value: Any) -> int | None:
    """A printer's count of labels over its life, as PostgreSQL's integer holds it; None for anything else."""
    number = clean_number(value)
    return int(number) if number is not None and 0 <= number < 2**31 else None


def clean_count(value: Any) -> int | None:
    """A whole number of things: negative becomes 0, absurdly large or not a number becomes None."""
    number = clean_number(value)
    if number is None or number > MAX_COUNT:
        return None
    return max(0, int(number))


def clean_percent(value: Any) -> float | None:
    """A percentage within 0…100, or None when it is not a number."""
    number = clean_number(value)
    return None if number is None else min(100.0, max(0.0, number))


def clean_time(value: Any) -> datetime | None:
    """ISO 8601, seconds since 1970 or `Tue, 10 Jul 2018 16:45:20 GMT` as naive UTC, the way Odoo keeps times.

    Without a zone, UTC is meant.
    """
    if value is None:
        return None
    try:
        if isinstance(value, str):
            value = value[:100].strip()
            match = _TIME.match(value)
            if not match:
                number = clean_number(value)
                return _from_timestamp(number) if number else _from_http_date(value)
            year, month, day, hour, minute, second, fraction, zone = match.groups()
            microsecond = int(((fraction or "") + "000000")[:6])
            clock = (int(hour or 0), int(minute or 0), int(second or 0), microsecond)
            moment = datetime(int(year), int(month), int(day), *clock, tzinfo=timezone.utc)
            return _plausible(moment - _offset(zone))
        number = clean_number(value)
        return _from_timestamp(number) if number else None
    except (ValueError, OverflowError, OSError):
        return None


def _from_http_date(text: str) -> datetime | None:
    match = _HTTP_DATE.match(text)
    if not match or match[2].lower() not in _MONTHS:
        return None
    day, month, year, hour, minute, second, zone = match.groups()
    month = _MONTHS.index(month.lower()) + 1
    moment = datetime(int(year), month, int(day), int(hour), int(minute), int(second or 0), tzinfo=timezone.utc)
    return _plausible(moment - _offset(zone))


def _offset(zone: str | None) -> timedelta:
    if not zone or zone[0] not in "+-":
        return timedelta(0)
    digits = zone[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -offset if zone[0] == "-" else offset


def _from_timestamp(number: float) -> datetime | None:
    if number > 1e11:  # milliseconds: as seconds this would be after the year 5000
        number /= 1000
    return _plausible(datetime.fromtimestamp(number, timezone.utc))


def _plausible(moment: datetime) -> datetime | None:
    return moment.replace(tzinfo=None) if 2000 <= moment.year <= 2100 else None
