"""What else a Zebra answers: `~HQES` (error and warning flags), `~HI` (model and firmware) and SGD `getvar`.

Bit positions: ZPL II programming guide, "~HQ Host Query", error and warning flags of group 1. The guide has no flag for
a ribbon that is nearly used up; 0x10 is inferred from the order of the flags.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import codes

ERRORS_COMMAND = b"~HQES\r\n"
ODOMETER_COMMAND = b'! U1 getvar "odometer.total_label_count"\r\n'
IDENTIFICATION_COMMAND = b"~HI\r\n"
IDENTITY_COMMAND = b'! U1 getvar "device.unique_id"\r\n'
_ERRORS = re.compile(rb"ERRORS:\s*([01])\s+[0-9A-Fa-f]{8}\s+([0-9A-Fa-f]{8})")
_WARNINGS = re.compile(rb"WARNINGS:\s*([01])\s+[0-9A-Fa-f]{8}\s+([0-9A-Fa-f]{8})")
_IDENTIFICATION = re.compile(rb"\x02([A-Za-z][^\x02\x03,]{1,60}),([^\x02\x03,]{1,60}),\d{1,3},[^\x02\x03]{1,60}\x03")
_VALUE = re.compile(rb'"([^"\x02\x03]{0,100})"')
_FLAGS = (
    (0x4, codes.HEAD_OPEN, "cover-open-error"),
    (0x1, codes.PAPER_OUT, "media-empty-error"),
    (0x2, codes.RIBBON_OUT, "marker-supply-empty-error"),
    (0x8, codes.PRINTER_ERROR, "trimmer-error"),
    (0xF0, codes.PRINTER_ERROR, "print-head-error"),
    (0x10000, codes.PAUSED, "paused-error"),
)
_WARNING_FLAGS = (
    (0x1, "media-calibration-warning"),
    (0x2, "clean-print-head-warning"),
    (0x4, "replace-print-head-warning"),
    (0x8, "media-low-warning"),
    (0x10, "marker-supply-low-warning"),
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
    return bool(_ERRORS.search(raw) and _WARNINGS.search(raw))


def parse_warnings(raw: bytes) -> tuple[str, ...] | None:
    """The warnings of `~HQES` as IPP keywords; None when it is not among the bytes."""
    match = _WARNINGS.search(raw)
    if not match:
        return None
    flags = int(match.group(2), 16) if match.group(1) == b"1" else 0
    present = tuple(reason for mask, reason in _WARNING_FLAGS if flags & mask)
    return present or (("other-warning",) if flags else ())


def parse_identification(raw: bytes) -> tuple[str, str] | None:
    """Model and firmware from the answer to `~HI`; None when it is not among the bytes."""
    match = _IDENTIFICATION.search(raw)
    return (_text(match.group(1)), _text(match.group(2))) if match else None


def identification_complete(raw: bytes) -> bool:
    """Whether the answer to `~HI` has come."""
    return bool(_IDENTIFICATION.search(raw))


def parse_value(raw: bytes) -> str | None:
    """The value of an SGD variable; None when no answer is among the bytes, or the printer does not know it."""
    match = _VALUE.search(raw)
    value = _text(match.group(1)) if match else ""
    return value if value not in ("", "?") else None


def value_complete(raw: bytes) -> bool:
    """Whether an answer to `getvar` has come."""
    return bool(_VALUE.search(raw))


def parse_odometer(raw: bytes) -> int | None:
    """Labels printed in the printer's life; None when it does not say.

    The last number among the answers: before it may stand an answer to somebody else's question.
    """
    numbers = [digits for value in _VALUE.findall(raw) if (digits := re.match(rb"\s*(\d{1,12})\b", value))]
    return int(numbers[-1].group(1)) if numbers else None


def odometer_complete(raw: bytes) -> bool:
    """Whether the odometer has been told, or that the printer does not know it."""
    return parse_odometer(raw) is not None or any(_text(value) in ("", "?") for value in _VALUE.findall(raw))


def _text(raw: bytes) -> str:
    return raw.decode("ascii", "replace").strip()
