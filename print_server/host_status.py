"""Reads the three strings of `~HS` (Host Status Return, ZPL II programming guide) into one plain answer.

string 1: interface, paper out, pause, length, formats in buffer, buffer full, diagnostic, partial format,
          unused, corrupt RAM, under temperature, over temperature
string 2: settings, unused, head up, ribbon out, thermal transfer, mode, width mode, label waiting,
          labels remaining in batch, format while printing, graphics in memory
string 3: password, static RAM installed
"""

from __future__ import annotations

from dataclasses import dataclass

from . import codes

COMMAND = b"~HS\r\n"
END = b"\x03"
STRINGS = 3


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
    label_waiting: bool = False
    labels_remaining: int = 0

    @property
    def outstanding(self) -> int:
        """Labels the printer has taken and not yet brought out."""
        return self.formats_in_buffer + self.labels_remaining

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
        )
        return tuple(reason for present, reason in table if present)


def parse(raw: bytes) -> HostStatus:
    """Read an answer to `~HS`. Raises BadHostStatus unless all three strings are there and well formed."""
    strings = [part.split(b"\x02")[-1] for part in raw.split(END)[:-1]]
    if len(strings) < STRINGS:
        raise BadHostStatus(f"expected {STRINGS} strings, got {len(strings)}")
    try:
        first, second = (text.decode("ascii").split(",") for text in strings[:2])
        flag = {"0": False, "1": True}
        return HostStatus(
            paper_out=flag[first[1]],
            paused=flag[first[2]],
            formats_in_buffer=int(first[4]),
            buffer_full=flag[first[5]],
            partial_format=flag[first[7]],
            under_temperature=flag[first[10]],
            over_temperature=flag[first[11]],
            head_open=flag[second[2]],
            ribbon_out=flag[second[3]],
            label_waiting=flag[second[7]],
            labels_remaining=int(second[8]),
        )
    except (IndexError, KeyError, ValueError) as error:
        raise BadHostStatus(f"not a host status: {error!r}") from error
