"""What a picture of a label needs beside its ZPL: how large the label is, and its words for who cannot see it.

ZPL II Programming Guide, pages "^PW" (print width) and "^LL" (label length): both in dots, and each stays in force
until it is given again. Nothing here fails: what cannot be read is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..contract.print_request import LabelError
from .commands import DATA, Command, read_commands

# What print heads are called in dots per inch, and what Zebra counts them as in dots per millimetre.
DOTS_PER_MM = {"203": 8, "300": 12, "600": 24}
USUAL_RESOLUTION = "300"
# The widest print heads there are for a resolution's labels, 4 inches, and a length that shows what is on most labels.
USUAL_WIDTH_MM, USUAL_LENGTH_MM = 101.6, 203.2
# Labels of 4 x 12 inches at 600 dpi have 18 million dots. Beyond this a browser may run out of memory.
MOST_DOTS = 40_000_000
_LONGEST = 32_000  # the largest that ^PW and ^LL take, in dots
_MOST_CHARACTERS = 500
_BYTES = 2  # hexadecimal digits of a byte


@dataclass(frozen=True, slots=True)
class LabelSize:
    """How large a label is drawn.

    :ivar width: in millimetres
    :ivar length: in millimetres
    :ivar dots: per millimetre
    :ivar knows_width: whether the ZPL says the width
    :ivar knows_length: whether the ZPL says the length
    """

    width: float
    length: float
    dots: int
    knows_width: bool
    knows_length: bool


def size_of(zpl: str, resolution: object = None) -> LabelSize:
    """The size of a label, by its own ``^PW`` and ``^LL``, else as most labels are.

    :param zpl: one label, with what is sent before and after it
    :param resolution: of the printer in dots per inch, as its form names it; the usual one where it is unknown
    """
    dots = DOTS_PER_MM.get(str(resolution), DOTS_PER_MM[USUAL_RESOLUTION])
    commands = _commands(zpl)
    width, length = _last(commands, "PW"), _last(commands, "LL")
    across = width or round(USUAL_WIDTH_MM * dots)
    along = length or round(USUAL_LENGTH_MM * dots)
    along = min(along, MOST_DOTS // across)
    return LabelSize(across / dots, along / dots, dots, bool(width), bool(length))


def words_of(zpl: str) -> str:
    """What a label says, in the order of its fields, one line each; shortened where it is long."""
    lines: list[str] = []
    indicator = ""
    for command in _commands(zpl):
        if command.code == "FH":
            indicator = command.text[:1].strip() or "_"
        elif command.code in DATA:
            text = _decoded(command.text, indicator).strip()
            if text and text.isprintable() and text not in lines:
                lines.append(text)
        elif command.code == "FS":
            indicator = ""
    words = "\n".join(lines)
    return words if len(words) <= _MOST_CHARACTERS else f"{words[: _MOST_CHARACTERS - 1]}…"


def _commands(zpl: str) -> Sequence[Command]:
    try:
        return read_commands(zpl)
    except LabelError:
        return ()


def _last(commands: Sequence[Command], code: str) -> int | None:
    """The last value in dots that a command gives, where it can be one."""
    values = list(_values(commands, code))
    return values[-1] if values else None


def _values(commands: Sequence[Command], code: str) -> Iterator[int]:
    for command in commands:
        if command.prefix == "^" and command.code == code:
            text = command.parameter(0)
            if text.isascii() and text.isdigit() and len(text) <= len(str(_LONGEST)) and 1 < int(text) <= _LONGEST:
                yield int(text)


def _decoded(text: str, indicator: str) -> str:
    """The text of a field, with the bytes that it gives in hexadecimal, as UTF-8 where they are."""
    if not indicator:
        return text
    run = re.compile(f"(?:{re.escape(indicator)}[0-9A-Fa-f]{{{_BYTES}}})+")
    return run.sub(lambda found: bytes.fromhex(found.group().replace(indicator, "")).decode("utf-8", "replace"), text)
