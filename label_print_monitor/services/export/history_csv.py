"""The print history as a CSV file that a spreadsheet opens correctly and safely.

Correctly: UTF-8 with a byte-order mark (without it, spreadsheets guess an old code page) and times in the reader's own
zone. Safely: a text that a spreadsheet would run as a formula gets a leading apostrophe; error messages are
untrusted input. The rows are written in chunks: a million of them must not fill the memory.
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
# OWASP's list: what starts a formula, also written full width, and what some programs skip before they look.
_STARTS_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
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
    writer.writerow([cell_text(cell, tz) for cell in header])
    yield BYTE_ORDER_MARK
    for row in rows:
        writer.writerow([cell if type(cell) is int else cell_text(cell, tz) for cell in row])
        if buffer.tell() >= _CHUNK:
            yield buffer.getvalue().encode("utf-8", "replace")
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode("utf-8", "replace")


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
    """`text` in a form that no spreadsheet evaluates. NUL characters are removed: some readers stop at them."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    if text and text[0] in _STARTS_FORMULA and not _NO_FORMULA.fullmatch(text):
        return "'" + text
    return text
