"""Write what a field prints so that a printer prints exactly that: ``^``, ``~``, ``&``, accents, in barcodes ``>``.

ZPL II Programming Guide, pages "^FH" (hexadecimal bytes), "^CI" (character sets), "^BC" (``>`` begins a code in
subset B), "^BX" (escape character), "^B7" and "^FB" (backslash), "^TB" (``<``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from ..contract.print_request import LabelError
from .character_sets import UTF_8, decoded, encoded
from .commands import DATA, Command
from .marked_text import MARKED, is_marked, unmark

_TWO_DIMENSIONAL = frozenset({"B0", "B7", "BD", "BF", "BO", "BQ", "BX"})
_BACKSLASH = frozenset({"FB", "B7"})
_CODE_128 = "BC"
_DATA_MATRIX = "BX"
_HEX = "FH"
_USUAL_INDICATOR = "_"
_ESCAPES = "|`@$%#!;:"
_MODULES = 22  # about the rows of a Data Matrix of a lot's length
_HEIGHT = 100


def needs_character_set(field: Sequence[Command]) -> bool:
    """Whether this field prints characters that are not ASCII."""
    return any(command.code in DATA and not unmark(command.text).isascii() for command in field)


def write_field(field: Sequence[Command], number: int, was: int | None = None) -> list[Command]:
    """One field with its data as the printer has to get them.

    :param field: the commands from after one ``^FS`` up to the next
    :param number: the character set that is in force for it, or is declared for it
    :param was: the character set that the template meant, where another has been declared since
    :raises LabelError: for a value with a character that cannot be printed
    """
    meant = number if was is None else was
    places = [place for place, command in enumerate(field) if command.code in DATA]
    if not places:
        return list(field)
    place = places[-1]
    data, before = field[place], list(field[:place])
    indicators = [command.text[:1].strip() or _USUAL_INDICATOR for command in before if command.code == _HEX]
    indicator = indicators[-1] if indicators else ""
    if not MARKED.search(data.text) and data.text.isascii() and (meant == number or not indicator):
        return list(field)
    _check(data.text)
    parts = _parts(data.text, indicator, meant if meant != number else None)
    switched = number
    if any(_foreign(part, of_value, number) for part, of_value in parts):
        switched = UTF_8
        parts = _parts(data.text, indicator, meant)
    before, parts = _barcode(before, parts)
    text, hexadecimal = _written(parts, switched, indicator or _USUAL_INDICATOR, bool(indicator))
    if hexadecimal and not indicator:
        before.append(Command("^", _HEX, ""))
    rest = list(field[place + 1 :])
    if switched != number:  # a label may have several character sets, one field after the other
        before.append(Command("^", "CI", str(UTF_8)))
        rest.insert(1, Command("^", "CI", str(number)))
    return [*before, replace(data, text=text), *rest]


def _check(text: str) -> None:
    """Refuse what no label can show: a name with a line break, half a character."""
    for run in MARKED.findall(text):
        for char in (value := unmark(run)):
            if unicodedata.category(char) in ("Cc", "Cs") or ord(char) & 0xFFFE == 0xFFFE:
                shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in value)
                raise LabelError("value_unprintable", value=shown[:60], character=f"U+{ord(char):04X}")


def _foreign(part: str | bytes, of_value: bool, number: int) -> bool:
    """Whether this is a character that the character set cannot print."""
    return isinstance(part, str) and (of_value or not part.isascii()) and encoded(part, number) is None


def _parts(text: str, indicator: str, meant: int | None) -> list[tuple[str | bytes, bool]]:
    """Characters, and the bytes that the template wrote in hexadecimal, each with whether it belongs to a value.

    :param meant: the character set of those bytes, where they shall be characters, too
    """
    if not indicator:
        return [(unmark(char), is_marked(char)) for char in text]
    parts: list[tuple[str | bytes, bool]] = []
    pattern = re.compile(f"((?:{re.escape(indicator)}[0-9A-Fa-f]{{2}})+)")
    for index, piece in enumerate(pattern.split(text)):
        if index % 2 == 0:
            parts += [(unmark(char), is_marked(char)) for char in piece]
            continue
        data = bytes.fromhex(piece.replace(indicator, ""))
        plain = None if meant is None else decoded(data, meant)
        if plain is None:
            parts.append((data, False))
        else:
            parts += [(char.encode() if char == indicator else char, False) for char in plain]
    return parts


def _barcode(
    before: list[Command], parts: list[tuple[str | bytes, bool]]
) -> tuple[list[Command], list[tuple[str | bytes, bool]]]:
    """Values as the field's barcode takes them; `before` is changed where the barcode is.

    Code 128 gives way to a Data Matrix where it cannot hold them.
    """
    codes = [place for place, command in enumerate(before) if command.prefix == "^" and _is_barcode(command)]
    escaped = {"\\": "\\\\"} if any(command.code in _BACKSLASH for command in before) else {}
    if any(command.code == "TB" for command in before):
        escaped["<"] = "<<>"
    if codes:
        place = codes[-1]
        barcode = before[place]
        value = "".join(part for part, of_value in parts if of_value and isinstance(part, str))
        foreign = [char for char in value if not char.isascii()]
        if barcode.code == _CODE_128 and foreign:
            before[place] = barcode = _data_matrix(barcode, parts)
        elif barcode.code == _CODE_128 and barcode.parameter(5).upper() in ("", "N"):
            escaped[">"] = ">0"
        elif barcode.code == _DATA_MATRIX and not barcode.parameter(6):
            given = [*barcode.parameters, "", "", "", "", "", ""][:6]
            before[place] = barcode = replace(barcode, text=",".join([*given, _unused(parts)]))
        elif foreign and barcode.code not in _TWO_DIMENSIONAL:
            raise LabelError("barcode_cannot_hold", value=value[:60], character=foreign[0])
        if barcode.code == _DATA_MATRIX:
            escape = barcode.parameter(6)
            escaped[escape] = escape * 2
    written: list[tuple[str | bytes, bool]] = []
    for part, of_value in parts:
        given_as = escaped.get(part, part) if of_value and isinstance(part, str) else part
        written += [(char, of_value) for char in given_as] if isinstance(given_as, str) else [(given_as, of_value)]
    return before, written


def _is_barcode(command: Command) -> bool:
    return command.code.startswith("B") and command.code != "BY"


def _data_matrix(barcode: Command, parts: Sequence[tuple[str | bytes, bool]]) -> Command:
    """A two-dimensional code about as high as the Code 128 in whose place it stands: that one knows ASCII only."""
    height = barcode.parameter(1)
    module = max(2, min(12, (int(height) if height.isdigit() else _HEIGHT) // _MODULES))
    return Command("^", _DATA_MATRIX, f"{barcode.parameter(0) or 'N'},{module},200,,,,{_unused(parts)}")


def _unused(parts: Sequence[tuple[str | bytes, bool]]) -> str:
    """An escape character for a Data Matrix that its data do not have."""
    used = {part for part, _of_value in parts}
    return next((char for char in _ESCAPES if char not in used), _ESCAPES[0])


def _written(
    parts: Sequence[tuple[str | bytes, bool]], number: int, indicator: str, was_hexadecimal: bool
) -> tuple[str, bool]:
    """The data as text, and whether it needs ``^FH``."""
    hidden = {"^", "~"}
    text: list[str] = []
    needed = was_hexadecimal or any(
        isinstance(part, bytes) or part in hidden or not (part.isascii() or number == UTF_8)
        for part, _of_value in parts
    )
    for part, of_value in parts:
        if isinstance(part, bytes):
            text.append(_hexadecimal(part, indicator))
        elif part in hidden or (part == indicator and needed and (of_value or not was_hexadecimal)):
            text.append(_hexadecimal(part.encode("ascii"), indicator))
        elif part.isascii() or number == UTF_8:
            text.append(part)
        else:
            text.append(_hexadecimal(encoded(part, number) or b"?", indicator))
    return "".join(text), needed


def _hexadecimal(data: bytes, indicator: str) -> str:
    return "".join(f"{indicator}{byte:02X}" for byte in data)

