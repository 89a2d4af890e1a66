"""The print history as a CSV file that a spreadsheet opens correctly and safely.

Correctly: UTF-8 with a byte-order mark (without it, spreadsheets guess an old code page) and times in the reader's own
zone. Safely: a text that a spreadsheet would run as a formula gets a leading apostrophe; error messages are
untrusted input. So does what follows a comma, semicolon, tab, bar or line break within a text, since a reader may split
there, whatever the quotes say: Excel splits at semicolons where the decimal sign is a comma. An apostrophe is the only
thing that is ever added to a text. The rows are written in chunks: a million of them must not fill the memory.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timezone, tzinfo
from typing import Any

HEADER = ("Date", "MO Reference", "Quantity", "Status", "Job Type", "Submitted By", "Error Message")

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_CHUNK = 64 * 1024  # characters in one chunk, at least
_TEXTS_KEPT = 1024
# OWASP's list: what starts a formula, also written full width, and what some programs skip before they look.
_STARTS_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
# Where another dialect begins a cell within a text, when a formula follows, or the closing quote. Some readers skip
# spaces, and a quote there opens a cell. "\r\n" is one line break.
_CELL_WITHIN = re.compile(r"(?:\r\n|[,;\t|\r\n])(?=[ \"]*(?:[=+\-@\t＝＋－＠]|\r(?!\n)|\Z))")
_OTHER_SEPARATOR = re.compile(r"[;\t|]")
# A lone hyphen is the specification's "no Manufacturing Order", and numbers stay numbers.
_NO_FORMULA = re.compile(r"-|[+-]?\d+(?:[.,]\d+)?", re.ASCII)


def rows_to_csv(
    rows: Iterable[Sequence[Any]], header: Sequence[str] = HEADER, tz: tzinfo | None = None
) -> Iterator[bytes]:
    """Yield the file in chunks of bytes, beginning with the byte-order mark and the header.

    :param rows: cells as Odoo or the database has them: texts, numbers, dates, naive UTC datetimes, None and False
    :param tz: the reader's time zone, UTC when not given
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    quoting = csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow([cell_text(cell, tz) for cell in header])
    yield BYTE_ORDER_MARK
    texts = _Texts()
    for row in rows:
        if len(texts) > _TEXTS_KEPT:
            texts.clear()
        cells = [
            texts[cell] if type(cell) is str else cell if type(cell) is int else cell_text(cell, tz) for cell in row
        ]
        # `csv` quotes for its own dialect alone; a reader of several separators at once needs the quotes here too.
        (writer if texts.split_elsewhere.isdisjoint(cells) else quoting).writerow(cells)
        if buffer.tell() >= _CHUNK:
            yield buffer.getvalue().encode("utf-8", "replace")
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode("utf-8", "replace")


class _Texts(dict[str, str]):
    """Texts as the file shows them, each looked at once: most cells of a history are as in the rows before."""

    def __init__(self) -> None:
        super().__init__()
        self.split_elsewhere: set[str] = set()  # those that hold a separator of another dialect

    def __missing__(self, text: str) -> str:
        shown = self[text] = escape_formula(text)
        if _OTHER_SEPARATOR.search(shown):
            self.split_elsewhere.add(shown)
        return shown

    def clear(self) -> None:
        self.split_elsewhere.clear()
        return super().clear()


def cell_text(cell: Any, tz: tzinfo | None = None) -> str | int | float:
    """One cell as the file shows it: escaped text, a number as it is, a time in `tz`, '' for None and False."""
    if isinstance(cell, str):
        return escape_formula(cell)
    if cell is None or cell is False:
        return ""
    if isinstance(cell, datetime):
        if cell.tzinfo is None:
            cell = cell.replace(tzinfo=timezone.utc)
        return cell.astimezone(tz or timezone.utc).replace(tzinfo=None).isoformat(" ", "seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, (int, float)):
        return cell
    return escape_formula(str(cell))


def escape_formula(text: str) -> str:
    """`text` in a form that no spreadsheet evaluates, at whatever separators it is split.

    An apostrophe is put before what would start a formula. NUL characters are removed: some readers stop at them.
    """
    if "\x00" in text:
        text = text.replace("\x00", "")
    start = text.lstrip(" ") if text[:1] == " " else text
    if start and start[0] in _STARTS_FORMULA and not _NO_FORMULA.fullmatch(start):
        text = "'" + text
    return _CELL_WITHIN.sub(r"\g<0>'", text)
