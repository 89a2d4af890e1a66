"""Cuts the bytes that arrive on port 9100 into formats and immediate commands.

A printer sees a stream, not messages: a label may come in many pieces, and `~HS` may sit between two labels in one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(
    rb'\^XA|\^XZ|~HS|~HI|~HU|~HQES|~JA|~PS|~PP|! U1 getvar "(?P<variable>[^"\r\n]{1,80})"', re.IGNORECASE
)
_LONGEST_TOKEN = 100


@dataclass(frozen=True)
class Format:
    """A whole label description, from ^XA to ^XZ."""

    raw: bytes

    @property
    def zpl(self) -> str:
        """Its text."""
        return self.raw.decode("utf-8", "replace")


@dataclass(frozen=True)
class Command:
    """An immediate command, such as `~HS`; for SGD `getvar` the variable's name is `variable`."""

    name: str
    variable: str | None = None


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
                    self._forget(match.end())
                else:
                    whole = Format(bytes(self.buffer[self.start : match.end()]))
                    self._forget(match.end())
                    yield whole
            else:
                # Immediate commands act wherever they stand and are no part of the label.
                variable = match.group("variable")
                del self.buffer[match.start() : match.end()]
                self.scanned = match.start()
                yield Command("getvar", variable.decode("ascii", "replace")) if variable else Command(token.decode())
        self.scanned = max(self.scanned, len(self.buffer) - _LONGEST_TOKEN + 1, 0)
        if self.start is None:
            self._forget(self.scanned)

    @property
    def partial(self) -> bool:
        """True while a format has begun and not ended."""
        return self.start is not None

    def _forget(self, upto: int) -> None:
        del self.buffer[:upto]
        self.scanned, self.start = 0, None
