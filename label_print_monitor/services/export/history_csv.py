"""What the print history looks like as a CSV file that a spreadsheet opens correctly and safely.

Correctly: UTF-8 with a byte-order mark (without it, spreadsheets guess an old code page), and quotes around whatever a
spreadsheet would take for a number, so that with "quoted field as text" an order named 00042 stays that. Safely: a text
that a spreadsheet would run as a formula gets a leading apostrophe; error messages are untrusted input. So does what
follows a comma, semicolon, tab, bar or line break within a text, since a reader may split there, whatever the quotes
say: Excel splits at semicolons where the decimal sign is a comma. An apostrophe is the only thing that is ever added to
a text.

The database writes the rows (see models/label_print_job_export.py), a million of them, with the same
patterns: `SPECIAL`, `FORMULA`, `NUMBER` and `CELL_WITHIN` mean the same to Python and to PostgreSQL.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

HEADER = ("Date", "MO Reference", "Quantity", "Status", "Job Type", "Submitted By", "Error Message")

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LINE_END = "\r\n"
SEPARATORS = {"semicolon": ";", "tab": "\t"}
NONE = "-"  # the specification's "no Manufacturing Order"

# OWASP's list: what starts a formula, also written full width, and what some programs skip before they look.
_STARTS = "=+\\-@\t\r\n＝＋－＠"
# A text with none of these is written as it is; any other one is looked at, and quoted. Digits: a number would lose its
# zeros. A separator of another dialect: some readers know several at once.
SPECIAL = f'[",;|\t\r\n]|^[ 0-9.{_STARTS}]| \\Z'
FORMULA = f"^ *[{_STARTS}]"
NUMBER = r"^ *[+-]?[0-9]+([.,][0-9]+)?\Z"
# Where another dialect begins a cell within a text, when a formula follows, or the closing quote. Some readers skip
# spaces, and a quote there opens a cell. "\r\n" is one line break.
CELL_WITHIN = '(\r\n|[,;\t|\r\n])(?=[ "]*([=+\\-@\t＝＋－＠]|\r(?!\n)|\\Z))'

_SPECIAL, _FORMULA, _NUMBER, _CELL_WITHIN = map(re.compile, (SPECIAL, FORMULA, NUMBER, CELL_WITHIN))


def csv_line(texts: Iterable[str], separator: str = ",") -> bytes:
    """One line of the file."""
    return (separator.join(map(csv_cell, texts)) + LINE_END).encode("utf-8", "replace")


def csv_cell(text: str) -> str:
    """`text` as one cell, quoted where a reader would take it for something else."""
    text = text.replace("\x00", "")  # some readers stop there; the database has none
    if text == NONE or not _SPECIAL.search(text):
        return text
    return '"' + escape_formula(text).replace('"', '""') + '"'


def escape_formula(text: str) -> str:
    """`text` in a form that no spreadsheet evaluates, at whatever separators it is split.

    An apostrophe is put before what would start a formula. NUL characters are removed: some readers stop at them.
    """
    text = text.replace("\x00", "")
    if text != NONE and _FORMULA.search(text) and not _NUMBER.search(text):
        text = "'" + text
    return _CELL_WITHIN.sub(r"\1'", text)
