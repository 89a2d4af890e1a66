"""What has to be known of a label's ZPL to count and to show it: how many it prints, and its texts as they come out."""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST_COPIES = 99_999_999
_COMMENT = re.compile(r"\^FX.*?(?:\^FS|\^XZ|$)", re.IGNORECASE | re.DOTALL)
_COPIES = re.compile(r"\^PQ\s*(\d{1,8})", re.IGNORECASE)
_FORMAT = re.compile(r"\^XA(.*?)\^XZ", re.IGNORECASE | re.DOTALL)
_STORED = re.compile(r"\^DF", re.IGNORECASE)
_PRINTS = re.compile(r"\^(?:F[DV]|SN|G[BCDEFS]|XG|I[ML]|XF)", re.IGNORECASE)
_CHARACTER_SET = re.compile(rb"\^CI\s*(\d{1,2})", re.IGNORECASE)
_FIELD = re.compile(rb"(?:\^FH(?P<mark>[^\^~]?))?\^F[DV](?P<data>.*?)(?:\^FS|\^XZ)", re.IGNORECASE | re.DOTALL)
_CODE_PAGES = {27: "cp1252", 28: "utf-8"}
_DEFAULT_CODE_PAGE = "cp850"


@dataclass(frozen=True)
class Output:
    """What a text of ZPL brings out: `formats` that print, and `copies`, the labels that they print together."""

    formats: int
    copies: int


def output(zpl: str) -> Output:
    """Count what a text prints: beside the label it may hold set-up, stored formats and clean-up, or several labels."""
    printed = [labels for found in _FORMAT.finditer(zpl) if (labels := labels_of(found.group(1)))]
    return Output(len(printed), min(sum(printed), MOST_COPIES))


def labels_of(zpl: str) -> int:
    """How many labels one format prints: its last `^PQ`, 1 where there is none, 0 for a format that is no label.

    A `^PQ` in a comment is none. A format that only sets up, stores (`^DF`) or deletes prints nothing; one without
    commands feeds a label.
    """
    bare = _COMMENT.sub("", zpl)
    commands = re.sub(r"\^X[AZ]|\^PQ[^\^~]*|\s", "", bare, flags=re.IGNORECASE)
    if commands and (_STORED.search(bare) or not _PRINTS.search(bare)):
        return 0
    found = _COPIES.findall(bare)
    return max(1, min(int(found[-1]), MOST_COPIES)) if found else 1


def shown_texts(raw: bytes) -> list[str]:
    """The texts of a format's fields in the printer's character set: code page 850 unless `^CI` says otherwise."""
    declared = _CHARACTER_SET.findall(raw)
    code_page = _CODE_PAGES.get(int(declared[-1]), _DEFAULT_CODE_PAGE) if declared else _DEFAULT_CODE_PAGE
    texts = []
    for match in _FIELD.finditer(raw):
        data = match["data"]
        if match["mark"] is not None:
            mark = re.escape(match["mark"] or b"_")
            data = re.sub(mark + rb"([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), data)
        texts.append(data.decode(code_page, "replace"))
    return texts
