"""Read ZPL as its commands, whatever prefixes it uses, and write them with the usual ones.

ZPL II Programming Guide: ``^CC``, ``~CC`` change the prefix of format commands, ``^CT``, ``~CT`` that of control
commands, ``^CD``, ``~CD`` the delimiter, each for all that follows. A label that is printed alone must not depend on
that, so what is read here has ``^``, ``~`` and ``,`` again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..contract.print_request import LabelError
from .marked_text import MARKED, mark, unmark

DATA = frozenset({"FD", "FV"})  # what follows is printed
COMMENT = "FX"
_CHANGES = {"CC": "caret", "CT": "tilde", "CD": "delimiter"}
# How many delimiters are parameters' where data follow in which a comma means something else (compressed graphics).
_PARAMETERS = {"DG": 3, "DY": 5, "GF": 4, "DB": 7, "FD": 0, "FV": 0, "FX": 0}


@dataclass(frozen=True, slots=True)
class Command:
    """One command and what stands between it and the next.

    :ivar prefix: ``^``, ``~``, or nothing for text before the first command
    :ivar name: two characters as they were written (``^A``: one)
    :ivar text: parameters or data, up to the next command; in data, values of the template are marked
    """

    prefix: str
    name: str
    text: str

    @property
    def code(self) -> str:
        """The name in capitals, for comparison."""
        return self.name.upper()

    @property
    def parameters(self) -> list[str]:
        """The parameters, without spaces around them."""
        return [parameter.strip() for parameter in self.text.split(",")]

    def parameter(self, index: int) -> str:
        """One parameter, '' where it is missing."""
        return self.parameters[index] if index < len(self.parameters) else ""

    def __str__(self) -> str:
        return f"{self.prefix}{self.name}{self.text}"


def read_commands(text: str) -> list[Command]:
    """The commands of a text in their order.

    :raises LabelError: when a template puts a value with a command in it where a parameter is expected
    """
    return list(_Reader().commands(text))


class _Reader:
    """Prefixes and delimiter as they are at the place that is read."""

    def __init__(self) -> None:
        self.caret, self.tilde, self.delimiter = "^", "~", ","

    def commands(self, text: str) -> Iterator[Command]:
        start = self._next_prefix(text, 0)
        if start:
            yield Command("", "", unmark(text[:start]))
        while start < len(text):
            prefix = "^" if text[start] == self.caret else "~"
            name = unmark(text[start + 1 : min(start + 3, self._next_prefix(text, start + 1))])
            # Fonts have one letter in place of a parameter: ^A0N,30,30; ^A@ calls one by its file.
            if prefix == "^" and name[:1].upper() == "A" and name != "A@":
                name = name[:1]
            begin = start + 1 + len(name)
            if changed := _CHANGES.get(name.upper()):
                setattr(self, changed, unmark(text[begin : begin + 1]) or getattr(self, changed))
                start = self._next_prefix(text, begin + 1)
                continue
            end = self._next_prefix(text, begin)
            yield from self._command(prefix, name, text[begin:end])
            start = end

    def _next_prefix(self, text: str, start: int) -> int:
        found = re.compile(f"[{re.escape(self.caret)}{re.escape(self.tilde)}]").search(text, start)
        return found.start() if found else len(text)

    def _command(self, prefix: str, name: str, text: str) -> Iterator[Command]:
        code = name.upper()
        if (self.caret, self.tilde) != ("^", "~"):  # then these are data, and elsewhere nothing
            if not name.isalnum() and name != "A@":
                return
            text = re.sub(r"[\^~]", lambda found: mark(found.group()) if code in DATA else "", text)
        if code == COMMENT:
            text = MARKED.sub("", text)
        elif code not in DATA and MARKED.search(text):
            yield from self._with_values(prefix, name, text)
            return
        yield Command(prefix, name, self._with_commas(code, text))

    def _with_values(self, prefix: str, name: str, text: str) -> Iterator[Command]:
        """Values outside of data are parameters, or ZPL that is kept in a field and begins with a command."""
        prefixes = (self.caret, self.tilde)
        for run in MARKED.findall(text):
            value = unmark(run).lstrip()
            if not value.startswith(prefixes) and any(char in value for char in prefixes):
                raise LabelError("value_outside_data", value=value[:60])
        plain = unmark(text)
        end = self._next_prefix(plain, 0)
        yield Command(prefix, name, self._with_commas(name.upper(), plain[:end]))
        if end < len(plain):
            yield from self.commands(plain[end:])

    def _with_commas(self, code: str, text: str) -> str:
        if self.delimiter == ",":
            return text
        return text.replace(self.delimiter, ",", _PARAMETERS.get(code, -1))

