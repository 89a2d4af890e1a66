"""A format that prints several labels, as as many formats that print one each.

ZPL II Programming Guide, pages "^PQ" (quantity, pause, replicates), "^SN" and "^SF" (numbers that count up). One label
is one label everywhere: in the job, at the print server, in a retry.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..contract.print_request import LabelError
from .commands import Command
from .formats import Part

MAX_LABELS = 10_000  # of one text; more is a typing error, or a printer's own counter


@dataclass(frozen=True, slots=True)
class _Quantity:
    total: int = 1
    pause: int = 0
    replicates: int = 0
    override: str = "N"


def quantity_of(part: Part, called: Part | None = None) -> int:
    """How many labels a format prints, itself or by the stored format that it calls."""
    return _wanted(part, called).total


def with_one(part: Part) -> Part:
    """The format printing one label."""
    return replace(part, commands=tuple(_printing(part.commands, "^PQ1", part)))


def single_labels(part: Part, called: Part | None = None) -> Iterator[str]:
    """The labels that a format prints, one after the other.

    :param called: a stored format that it calls: its quantity holds where the label has none of its own
    :raises LabelError: for more than can be meant, and for numbers that only the printer can count
    """
    wanted = _wanted(part, called)
    if wanted.total == 1:
        yield part.text
        return
    if wanted.total > MAX_LABELS:
        raise LabelError("copies_too_many", count=wanted.total, limit=MAX_LABELS)
    counted = {*part.codes, *(called.codes if called else ())}
    if "SF" in counted or (called and "SN" in called.codes):
        raise LabelError("copies_count_up")
    plain = ""
    for index in range(wanted.total):
        pauses = bool(wanted.pause) and (index + 1) % wanted.pause == 0
        quantity = f"^PQ1,{int(pauses)},0,{wanted.override}"
        if pauses or "SN" in counted or not plain:
            step = index // max(1, wanted.replicates)
            commands = [_counted(command, step) for command in _printing(part.commands, quantity, part)]
            text = replace(part, commands=tuple(commands)).text
            if not pauses:
                plain = text
            yield text
        else:
            yield plain  # the same text, not a copy of it: thousands of labels take no room


def _wanted(part: Part, called: Part | None) -> _Quantity:
    return _quantity(part if "PQ" in part.codes or called is None else called)


def _quantity(part: Part) -> _Quantity:
    found = _Quantity()
    for command in part.commands:
        if command.code == "PQ":
            total, pause, replicates = (_number(command.parameter(index)) for index in range(3))
            override = command.parameter(3)[:1].upper()
            found = _Quantity(max(1, total), pause, replicates, "Y" if override == "Y" else "N")
    return found


def _number(text: str) -> int:
    digits = re.match(r"\d{1,8}", text)
    return int(digits.group()) if digits else 0


def _printing(commands: tuple[Command, ...], quantity: str, part: Part) -> list[Command]:
    """These commands with their quantity replaced, or added at the end."""
    kept = [command for command in commands if command.code != "PQ"]
    if len(kept) == len(commands) and quantity_of(part) == 1 and quantity == "^PQ1":
        return kept
    return [*kept, Command("^", "PQ", quantity.removeprefix("^PQ"))]


def _counted(command: Command, step: int) -> Command:
    """A number that counts up (``^SNvalue,increment,zeros``), as the label that many steps on has it."""
    if command.code != "SN" or not step:
        return command
    value, *rest = command.text.split(",")
    digits = list(re.finditer(r"\d+", value))
    if not digits:
        return command
    last = digits[-1]
    increment = re.match(r"\s*([+-]?\d+)", rest[0]) if rest else None
    number = int(last.group()) + step * (int(increment.group(1)) if increment else 1)
    value = value[: last.start()] + str(max(0, number)).zfill(len(last.group())) + value[last.end() :]
    return replace(command, text=",".join([value, *rest]))
