"""What a scanned code says about the labels of an order: which label it is of, and whether that label is right.

`static/src/scan_check/scan_judge.js` says the same on a device that has no connection; both are tried on the cases in
`static/tests/scan_cases.js`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from .scanned_code import FIXED_LENGTHS, GROUP_SEPARATOR, IN_BRACKETS, SYMBOLOGY

LONGEST_CODE = 500  # characters; a Data Matrix of a label has some dozens
SHORTEST_CODE = 2
GTIN, LOT, SERIAL = "01", "10", "21"  # application identifiers of GS1
# Scanners put control characters around a code.
AROUND = re.compile(r"^[\s\x00-\x1f]+|[\s\x00-\x1f]+$")
# Another application identifier with its value: what follows a lot or serial number, after a separator.
NEXT_PART = re.compile(r"(?:1[0-7]|2[0-2]|24[01]|25[0-4]|3[07]|3[1-6]\d\d|39\d\d|400|7003).", re.ASCII)

# What a label on a box is known to be, from all that was printed for the box.
CHECKED, PRINTED, DOUBTFUL, DESTROYED, NOT_PRINTED = "checked", "printed", "doubtful", "destroyed", "not_printed"
OPEN = (PRINTED, DOUBTFUL)  # in the order in which labels with the same code are counted


@dataclass
class BoxLabel:
    """The label of one box: the first print and whatever was printed for the same box since.

    :ivar product: the product's id, 0 when that is not known
    :ivar barcodes: the product's barcodes
    :ivar lots: the names of its lot or serial number, as it was printed and as it is now; none for a label without one
    :ivar state: one of the five above
    """

    product: int = 0
    barcodes: Collection[str] = ()
    lots: Collection[str] = ()
    state: str = PRINTED


@dataclass(frozen=True)
class Verdict:
    """:ivar kind: one of the keys of `label.print.scan`'s field `verdict`
    :ivar place: the label's place in the list, None where it is none of them
    :ivar count: how many labels have this code
    """

    kind: str
    place: int | None = None
    count: int = 0


@dataclass(frozen=True)
class ScannedCode:
    """:ivar text: the code without what a scanner puts around it
    :ivar parts: its values by application identifier, where it is a GS1 code
    """

    text: str
    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The lot or serial number that it can mean."""
        return [self.parts[part] for part in (SERIAL, LOT) if self.parts.get(part)]


def clean_code(text: object) -> str:
    """A scanned code as it is compared: without the scanner's prefix, nor space and control characters around it."""
    text = AROUND.sub("", str(text or "").encode("utf-8", "ignore").decode())
    return AROUND.sub("", SYMBOLOGY.sub("", text)).replace("\0", "")


def parts_in_brackets(text: str) -> dict[str, str]:
    """The values of a GS1 code as people read it below the bars: “(01)04012345123456(10)SOUP-1”."""
    return {part: value.strip() for part, value in IN_BRACKETS.findall(text)} if text.startswith("(") else {}


def same_barcode(one: str, other: str) -> bool:
    """A GTIN is written with 14 digits in a GS1 code, and with as many as it has on the product."""
    return one == other or (one.isdecimal() and other.isdecimal() and one.lstrip("0") == other.lstrip("0"))


def judge(labels: Sequence[BoxLabel], code: ScannedCode) -> Verdict:
    """Which of an order's labels a code is of, and whether that label can be checked now."""
    if not SHORTEST_CODE <= len(code.text) <= LONGEST_CODE:
        return Verdict("unreadable")
    found = [place for place, label in enumerate(labels) if code.text in label.lots]
    if not found and code.names:
        gtin = code.parts.get(GTIN, "")
        for name in code.names:
            found = [
                place for place, label in enumerate(labels) if name in label.lots and _is_of_product(label, gtin)
            ]
            if found:
                break
    elif not found:
        barcode = code.parts.get(GTIN) or code.text
        found = [
            place for place, label in enumerate(labels) if any(same_barcode(barcode, own) for own in label.barcodes)
        ]
        if found and any(labels[place].lots for place in found):
            return Verdict("product_code", None, len(found))
    if not found and lacks_separator(labels, code.text):
        return Verdict("no_separator")
    return _verdict_of(labels, found)


def lacks_separator(labels: Sequence[BoxLabel], text: str) -> bool:
    """Whether a code is of one of these labels but for the separator behind its lot or serial number.

    Scanners that are set up wrongly drop it. Then nobody can say for sure where the number ends: another order may have
    a lot whose name goes on like that.
    """
    gtin = text[2:16] if text.startswith(GTIN) else ""
    value = _first_of_variable_length(text)
    return any(
        value.startswith(name) and NEXT_PART.match(value[len(name) :])
        for label in labels
        if _is_of_product(label, gtin)
        for name in label.lots
    )


def _first_of_variable_length(text: str) -> str:
    """What follows the first application identifier of a lot or serial number; '' where there is none."""
    while text:
        part, rest = text[:2], text[2:]
        if part in (LOT, SERIAL):
            return rest
        length = FIXED_LENGTHS.get(part, 0)
        if not length or len(rest) < length or not rest[:length].isdecimal():
            break
        text = rest[length:].removeprefix(GROUP_SEPARATOR)
    return ""


def _is_of_product(label: BoxLabel, gtin: str) -> bool:
    return not gtin or not label.barcodes or any(same_barcode(gtin, own) for own in label.barcodes)


def _verdict_of(labels: Sequence[BoxLabel], found: Sequence[int]) -> Verdict:
    if not found:
        return Verdict("foreign")
    count = len(found)
    for state in OPEN:
        for place in found:
            if labels[place].state == state:
                return Verdict("checked", place, count)
    for state, kind in ((NOT_PRINTED, "not_printed"), (CHECKED, "twice" if count == 1 else "too_many")):
        for place in found:
            if labels[place].state == state:
                return Verdict(kind, place, count)
    return Verdict("destroyed", found[0], count)
