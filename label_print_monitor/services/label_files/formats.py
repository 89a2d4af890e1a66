"""What a format is: a label, or something that labels need (set-up, stored format, graphic) or leave behind (clean-up).

ZPL II Programming Guide: a format stands between ``^XA`` and ``^XZ``. One that only sets something up prints nothing,
nor does one that is stored (``^DF``) or that deletes what was stored (``^ID``).
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..contract.print_request import LabelError
from .character_sets import DEFAULT, UTF_8, character_set
from .commands import COMMENT, Command, read_commands
from .field_data import needs_character_set, write_field

_PRINTS = frozenset({"FD", "FV", "SN", "GB", "GC", "GD", "GE", "GF", "GS", "XG", "IM", "IL", "XF"})
# Which parameter of a command names the object that it uses.
_CALLS = {"XG": 0, "IM": 0, "IL": 0, "XF": 0, "A@": 3, "CW": 1}
_UPLOADS = frozenset({"DG", "DY", "DB", "DE", "DS", "DT", "DU"})
# Pictures as bare bytes, and the parameter that says so: labels travel as text, in which they would not survive.
_BINARY = {"GF": 0, "DY": 1}
_BINARY_FORMATS = {"GF": ("B", "C"), "DY": ("B",)}
_EXTENSIONS = {"DG": "GRF", "XG": "GRF", "IM": "GRF", "IL": "GRF", "ID": "GRF", "DF": "ZPL", "XF": "ZPL"}
_SETTINGS = "! U"  # the first letters of a command in Zebra's other language, on a line of its own


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What the printer's memory holds under a name.

    :ivar name: with its drive, ``R:LOGO``
    :ivar extension: '' where a command leaves it open
    """

    name: str
    extension: str

    @classmethod
    def of(cls, command: Command, parameter: int) -> StoredObject:
        """The object that a parameter of a command names."""
        drive, _colon, rest = command.parameter(parameter).upper().rpartition(":")
        name, dot, extension = rest.rpartition(".")
        if not dot:
            name, extension = rest, _EXTENSIONS.get(command.code, "")
        return cls(f"{drive or 'R'}:{name}", extension)

    def fits(self, pattern: StoredObject) -> bool:
        """Whether a name, which may be a pattern, means this object."""
        return fnmatch.fnmatchcase(self.name, pattern.name) and (
            not self.extension or not pattern.extension or fnmatch.fnmatchcase(self.extension, pattern.extension)
        )


@dataclass(frozen=True, slots=True)
class Part:
    """A format, or what stands between formats.

    :ivar commands: without ``^XA`` and ``^XZ``, values written so that they are printed as they are
    :ivar opening: ``^XA`` and what follows it, '' for what is no format
    """

    commands: tuple[Command, ...]
    opening: str = ""

    @property
    def text(self) -> str:
        """The part as it is sent."""
        inner = "".join(map(str, self.commands))
        return f"{self.opening}{inner}^XZ" if self.opening else inner.strip()

    @property
    def codes(self) -> list[str]:
        return [command.code for command in self.commands]

    @property
    def is_label(self) -> bool:
        """Whether something comes out of the printer."""
        return bool(self.opening) and "DF" not in self.codes and not _PRINTS.isdisjoint(self.codes)

    @property
    def stores(self) -> list[StoredObject]:
        """The objects in the printer's memory that this makes: graphics, fonts, formats."""
        return [
            StoredObject.of(command, 0)
            for command in self.commands
            if (command.prefix == "~" and command.code in _UPLOADS) or command.code == "DF"
        ]

    @property
    def calls(self) -> list[StoredObject]:
        """The objects that it uses."""
        return [
            StoredObject.of(command, _CALLS[command.code]) for command in self.commands if command.code in _CALLS
        ]

    @property
    def deletes(self) -> list[StoredObject]:
        """The objects that it removes; their names may be patterns."""
        return [StoredObject.of(command, 0) for command in self.commands if command.code == "ID"]

    def removes(self, stored: StoredObject) -> bool:
        """Whether an object is gone after this."""
        return any(stored.fits(pattern) for pattern in self.deletes)


def read_parts(text: str) -> list[Part]:
    """The formats of a text and what stands between them, in their order. What is no command is left out.

    :raises LabelError: for a format without an end, and for what cannot be sent
    """
    parts: list[Part] = []
    inside: list[Command] | None = None
    opening, number = "", None
    for command in read_commands(text):
        if command.parameter(_BINARY.get(command.code, 0)).upper() in _BINARY_FORMATS.get(command.code, ()):
            raise LabelError("binary_graphic", command=f"{command.prefix}{command.code}")
        if command.prefix == "^" and command.code == "XA":
            if inside is not None:
                raise LabelError("label_without_end")
            inside, opening = [], str(command)
        elif command.prefix == "^" and command.code == "XZ":
            if inside:
                commands, number = _printable(list(_without_comments(inside)), number)
                if commands:
                    parts.append(Part(tuple(commands), opening))
            inside = None
            parts += _settings(command.text)
        elif inside is not None:
            inside.append(command)
        elif command.code == "PQ":
            continue  # of no format, so of nothing
        elif command.prefix:
            parts.append(Part((command,)))
        else:
            parts += _settings(command.text)
    if inside is not None:
        raise LabelError("label_without_end")
    return parts


def _settings(text: str) -> Iterator[Part]:
    for line in text.splitlines():
        if line.strip().startswith(_SETTINGS):
            yield Part((Command("", "", f"{line.strip()}\r\n"),))


def _without_comments(commands: Sequence[Command]) -> Iterator[Command]:
    """Without ``^FX``, and without a ``^PQ`` in it.

    The guide lets a comment end at the next command, people at ``^FS``: for a number of copies theirs is taken where it
    stands on the comment's line.
    """
    for place, command in enumerate(commands):
        before = commands[place - 1] if place else None
        if command.code == COMMENT:
            continue
        if command.code == "PQ" and before is not None and before.code == COMMENT:
            _words, newline, line = before.text.rpartition("\n")
            if not newline or line.strip():
                continue
        yield command


def _printable(commands: Sequence[Command], number: int | None) -> tuple[list[Command], int | None]:
    """A format with its data as the printer has to get them, and the character set that it leaves behind.

    :param number: the character set that an earlier format has declared
    """
    fields = _fields(commands)
    written: list[Command] = []
    was: int | None = None
    if number is None and _undeclared(fields):
        written.append(Command("^", "CI", str(UTF_8)))
        number, was = UTF_8, DEFAULT
    declared = number
    for field in fields:
        for command in field:
            if command.code == "CI" and (found := character_set(command.parameter(0))) is not None:
                number = declared = found
                was = None
        written += write_field(field, DEFAULT if number is None else number, was)
    # What was declared for this format alone is no choice of the template's for the next.
    return written, None if was is not None else declared


def _undeclared(fields: Sequence[Sequence[Command]]) -> bool:
    """Whether a field with more than ASCII comes before any character set is declared."""
    for field in fields:
        if any(command.code == "CI" for command in field):
            return False
        if needs_character_set(field):
            return True
    return False


def _fields(commands: Sequence[Command]) -> list[list[Command]]:
    fields: list[list[Command]] = [[]]
    for command in commands:
        fields[-1].append(command)
        if command.code == "FS":
            fields.append([])
    return [field for field in fields if field]
