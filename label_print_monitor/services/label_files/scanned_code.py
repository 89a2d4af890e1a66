"""What a scanner reads from a box: a GS1-128 or GS1 DataMatrix code names the product first, then its lot."""

from __future__ import annotations

import re

GROUP_SEPARATOR = "\x1d"  # ends a value of variable length; many scanners leave it out at the end
SYMBOLOGY = re.compile(r"^\](?:C1|d2|Q3|e0)|^\x1d")
IN_BRACKETS = re.compile(r"\((\d{2,4})\)([^(]+)")
PRODUCT = ("01", "02")
LOT = ("10", "21")
FIXED_LENGTHS = {"01": 14, "02": 14, "11": 6, "12": 6, "13": 6, "15": 6, "16": 6, "17": 6, "20": 2}


def lots_in(code: str) -> list[str]:
    """The lot and serial numbers in a scanned code; none in what does not begin with a product's GTIN.

    >>> lots_in("(01)04012345123456(10)SOUP-1")
    ['SOUP-1']
    """
    elements = IN_BRACKETS.findall(code) if code.startswith("(") else _elements(SYMBOLOGY.sub("", code))
    if not elements or elements[0][0] not in PRODUCT:
        return []
    return [value.strip() for identifier, value in elements if identifier in LOT and value.strip()]


def _elements(code: str) -> list[tuple[str, str]]:
    """The application identifiers and their values, up to the first one that is not known here."""
    found = []
    while code:
        identifier, rest = code[:2], code[2:]
        if length := FIXED_LENGTHS.get(identifier):
            value, code = rest[:length], rest[length:].removeprefix(GROUP_SEPARATOR)
            if len(value) < length or not value.isdecimal():
                break
        elif identifier in LOT:
            value, _separator, code = rest.partition(GROUP_SEPARATOR)
        else:
            break
        found.append((identifier, value))
    return found
