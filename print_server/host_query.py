"""What else a Zebra answers: `~HQES` (error and warning flags) and SGD `getvar`, the count of its printed labels.

Bit positions: ZPL II programming guide, "~HQ Host Query", error flags of group 1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import codes

ERRORS_COMMAND = b"~HQES\r\n"
ODOMETER_COMMAND = b'! U1 getvar "odometer.total_label_count"\r\n'
IDENTITY_COMMAND = b'! U1 getvar "device.unique_id"\r\n'
_ERRORS = re.compile(rb"ERRORS:\s*([01])\s+[0-9A-Fa-f]{8}\s+([0-9A-Fa-f]{8})")
_END = re.compile(rb"WARNINGS:\s*[01]\s+[0-9A-Fa-f]{8}\s+[0-9A-Fa-f]{8}")
_VALUE = re.compile(rb'"([^"\x02\x03]{0,100})"')
_FLAGS = (
    (0x4, codes.HEAD_OPEN, "cover-open-error"),
    (0x1, codes.PAPER_OUT, "media-empty-error"),
    (0x2, codes.RIBBON_OUT, "marker-supply-empty-error"),
    (0x8, codes.PRINTER_ERROR, "trimmer-error"),
    (0xF0, codes.PRINTER_ERROR, "print-head-error"),
    (0x10000, codes.PAUSED, "paused-error"),
)


@dataclass(frozen=True)
class Errors:
    """What `~HQES` says: the cause that a person has to remove first, and all reasons as IPP keywords."""

    code: str | None
    reasons: tuple[str, ...]


def parse_errors(raw: bytes) -> Errors | None:
    """Read the answer to `~HQES`; None when it is not among the bytes."""
    match = _ERRORS.search(raw)
    if not match:
        return None
    flags = int(match.group(2), 16) if match.group(1) == b"1" else 0
    present = [(code, reason) for mask, code, reason in _FLAGS if flags & mask]
    if flags and not present:
        present = [(codes.PRINTER_ERROR, "other-error")]
    return Errors(present[0][0] if present else None, tuple(reason for _code, reason in present))


def errors_complete(raw: bytes) -> bool:
    """Whether the whole answer to `~HQES` has come."""
    return bool(_ERRORS.search(raw) and _END.search(raw))


def parse_value(raw: bytes) -> str | None:
    """The value of an SGD variable; None when no answer is among the bytes, or the printer does not know it."""
    match = _VALUE.search(raw)
    value = match.group(1).decode("ascii", "replace").strip() if match else ""
    return value if value not in ("", "?") else None


def value_complete(raw: bytes) -> bool:
    """Whether an answer to `getvar` has come."""
    return bool(_VALUE.search(raw))


def parse_odometer(raw: bytes) -> int | None:
    """Labels printed in the printer's life; None when it does not say."""
    value = parse_value(raw) or ""
    digits = re.match(r"\d{1,12}", value)
    return int(digits.group()) if digits else None
