"""Cuts the bytes that arrive on port 9100 into formats and immediate commands.

A printer sees a stream, not messages: a label may come in many pieces, and `~HS` may sit between two labels in one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(rb"\^XA|\^XZ|~HS|~HI|~JA|~PS|~PP", re.IGNORECASE)
_COPIES = re.compile(rb"\^PQ\s*(\d+)", re.IGNORECASE)
_LONGEST_TOKEN = 3


@dataclass(frozen=True)
class Format:
    """A whole label description, from ^XA to ^XZ."""

    zpl: str
    copies: int


@dataclass(frozen=True)
class Command:
    """An immediate command, such as `~HS`."""

    name: str


@dataclass(frozen=True)
class Malformed:
    """A format that was never closed, or an end without a beginning."""

    size: int


@dataclass
class ZplStream:
    """Feed it bytes; it yields what they mean in the order they came."""

    buffer: bytearray = field(default_factory=bytearray)
    start: int | None = None
    scanned: int = 0

    def feed(self, data: bytes) -> Iterator[Format | Command | Malformed]:
        """Take more bytes and yield every item that is now complete."""
        self.buffer += data
        while match := _TOKEN.search(self.buffer, self.scanned):
            token = match.group().upper()
            self.scanned = match.end()
            if token == b"^XA":
                if self.start is not None:
                    yield Malformed(match.start() - self.start)
                self.start = match.start()
            elif token == b"^XZ":
                if self.start is None:
                    yield Malformed(len(token))
                else:
                    yield self._format(bytes(self.buffer[self.start : match.end()]))
                self._forget(match.end())
            else:
                # Immediate commands act wherever they stand and are no part of the label.
                del self.buffer[match.start() : match.end()]
                self.scanned = match.start()
                yield Command(token.decode("ascii"))
        self.scanned = max(self.scanned, len(self.buffer) - _LONGEST_TOKEN + 1, 0)
        if self.start is None:
            self._forget(self.scanned)

    @property
    def partial(self) -> bool:
        """True while a format has begun and not ended."""
        return self.start is not None

    def _format(self, raw: bytes) -> Format:
        copies = _COPIES.search(raw)
        return Format(raw.decode("utf-8", "replace"), max(1, min(int(copies.group(1)), 99999)) if copies else 1)

    def _forget(self, upto: int) -> None:
        del self.buffer[:upto]
        self.scanned, self.start = 0, None
