"""What PostgreSQL's COPY sends, as the lines of the file.

Each line comes as one value, so that the database alone decides what is quoted in it. `COPY … (FORMAT csv)` passes a
value on as it is, unless it has a line break or one of the two control characters that `COPY_OPTIONS` names: then it
comes in those quotes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

COPY_OPTIONS = "FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02', ENCODING 'UTF8'"
_QUOTE = b"\x01"
ROWS_A_CHUNK = 5_000


class CopiedLines:
    """The target of `copy_expert`, which calls `write` for each row.

    :param file: gets the lines, in chunks
    :param told: called with the number of rows so far after each chunk
    :ivar rows: how many lines have come
    """

    def __init__(self, file: BinaryIO, told: Callable[[int], None] | None = None) -> None:
        self.file = file
        self.rows = 0
        self._told = told
        self._waiting: list[bytes] = []

    def write(self, row: bytes) -> None:  # pylint: disable=method-required-super # a file's, not a model's
        """Take one row, which ends with a line feed."""
        self._waiting.append(row)
        if len(self._waiting) >= ROWS_A_CHUNK:
            self.flush()

    def flush(self) -> None:
        """Write what has come; to be called once more at the end."""
        rows, self._waiting = self._waiting, []
        if not rows:
            return
        chunk = b"".join(rows)
        if _QUOTE in chunk or chunk.count(b"\n") != len(rows):
            chunk = b"".join(map(_plain_line, rows))
        else:
            chunk = chunk.replace(b"\n", b"\r\n")
        self.file.write(chunk)
        self.rows += len(rows)
        if self._told:
            self._told(self.rows)


def _plain_line(row: bytes) -> bytes:
    line = row[:-1]
    if line[:1] == _QUOTE:
        line = line[1:-1].replace(_QUOTE * 2, _QUOTE)
    return line + b"\r\n"
