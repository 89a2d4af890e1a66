"""Reads the three strings of `~HS` (Host Status Return, ZPL II programming guide) into one plain answer.

string 1: interface, paper out, pause, length, formats in buffer, buffer full, diagnostic, partial format,
          unused, corrupt RAM, under temperature, over temperature
string 2: settings, unused, head up, ribbon out, thermal transfer, mode, width mode, label waiting,
          labels remaining in batch, format while printing, graphics in memory
string 3: password, static RAM installed
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from . import codes

COMMAND = b"~HS\r\n"
_STRING = re.compile(rb"\x02([^\x02\x03]*)\x03")
_FIRST_FIELDS, _SECOND_FIELDS, _LONGEST_COUNT = 12, 9, 9


class BadHostStatus(ValueError):
    """Bytes that are not a host status."""


@dataclass(frozen=True)
class HostStatus:
    """What the printer says of itself."""

    paper_out: bool = False
    paused: bool = False
    formats_in_buffer: int = 0
    buffer_full: bool = False
    partial_format: bool = False
    under_temperature: bool = False
    over_temperature: bool = False
    head_open: bool = False
    ribbon_out: bool = False
    thermal_transfer: bool = True
    label_waiting: bool = False
    labels_remaining: int = 0

    @property
    def formats(self) -> int:
        """Formats that the printer has taken and not yet brought out; those it is still parsing are not among them."""
        return self.formats_in_buffer + (1 if self.labels_remaining else 0)

    @property
    def code(self) -> str | None:
        """Why nothing is being printed, the cause that a person has to remove first; None when the printer can go on.

        A full buffer is no such cause: it empties by itself.
        """
        causes = (
            (self.head_open, codes.HEAD_OPEN),
            (self.paper_out, codes.PAPER_OUT),
            (self.ribbon_out, codes.RIBBON_OUT),
            (self.paused, codes.PAUSED),
            (self.label_waiting, codes.LABEL_WAITING),
        )
        return next((code for present, code in causes if present), None)

    @property
    def reasons(self) -> tuple[str, ...]:
        """IPP printer-state-reasons."""
        table = (
            (self.paper_out, "media-empty-error"),
            (self.head_open, "cover-open-error"),
            (self.ribbon_out, "marker-supply-empty-error"),
            (self.paused, "paused-error"),
            (self.buffer_full, "spool-area-full-warning"),
            (self.over_temperature, "fuser-over-temp-warning"),
            (self.under_temperature, "fuser-under-temp-warning"),
            (self.label_waiting, "label-waiting-report"),
        )
        return tuple(reason for present, reason in table if present)


def parse(raw: bytes) -> HostStatus:
    """Read the answer to `~HS` in the bytes that came, whatever else is among them (alerts, other answers).

    The first two strings say everything, and some printers send no third. Raises BadHostStatus without them.
    """
    strings = [[field.strip() for field in match.group(1).split(b",")] for match in _STRING.finditer(raw)]
    for first, second in pairwise(strings):
        if len(first) >= _FIRST_FIELDS and len(second) >= _SECOND_FIELDS:
            break
    else:
        raise BadHostStatus("the two strings with the counts are not there")
    try:
        ribbon_used = _flag(second[4])
        return HostStatus(
            paper_out=_flag(first[1]),
            paused=_flag(first[2]),
            formats_in_buffer=_count(first[4]),
            buffer_full=_flag(first[5]),
            partial_format=_flag(first[7]),
            under_temperature=_flag(first[10]),
            over_temperature=_flag(first[11]),
            head_open=_flag(second[2]),
            # In direct thermal printing there is no ribbon, and the flag means nothing.
            ribbon_out=ribbon_used and _flag(second[3]),
            thermal_transfer=ribbon_used,
            label_waiting=_flag(second[7]),
            labels_remaining=_count(second[8]),
        )
    except ValueError as error:
        raise BadHostStatus(f"not a host status: {error}") from error


def complete(raw: bytes) -> bool:
    """Whether the strings with the counts have come."""
    try:
        parse(raw)
    except BadHostStatus:
        return False
    return True


def _flag(field: bytes) -> bool:
    """Set is 1. Other digits are seen where a model has no such sensor."""
    return _count(field) == 1


def _count(field: bytes) -> int:
    if not field.isdigit() or len(field) > _LONGEST_COUNT:
        raise ValueError(f"{field[:20]!r} is not a number")
    return int(field)
