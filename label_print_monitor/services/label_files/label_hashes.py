"""The SHA-256 of each label's bytes, as a job keeps them: in one text, 64 characters for each label.

The bytes are those that go to the print server and from there to the printer: the label's ZPL in UTF-8. Labels that are
alike have equal hashes, which PostgreSQL compresses. A text of equal parts needs no program to be read:
``substr(label_hashes, 64 * (number - 1) + 1, 64)`` is the hash of a label.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SIZE = 64
NO_HASH = "-" * SIZE  # of an entry without ZPL: only very old jobs, and jobs without labels, have such


@dataclass(frozen=True)
class LabelTemplate:
    """What labels were made from.

    A class of its own, so that no RPC call can put one into a context.

    :ivar xmlid: the external identifier of the report
    :ivar hash: SHA-256 of its view as it was rendered, with the views that extend it and those that it calls
    """

    xmlid: str
    hash: str


def hash_of(text: str) -> str:
    """The SHA-256 of a text's bytes, in hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def hashes_of(labels: Iterable[Mapping[str, object]]) -> str:
    """The hashes of a job's labels, one after the other."""
    known: dict[str, str] = {}  # many labels of a lot are alike
    parts = []
    for label in labels:
        zpl = label.get("zpl_code")
        if not isinstance(zpl, str) or not zpl:
            parts.append(NO_HASH)
            continue
        if zpl not in known:
            known[zpl] = hash_of(zpl)
        parts.append(known[zpl])
    return "".join(parts)


def hash_at(hashes: object, number: int) -> str:
    """The hash of a label, counted from 1; '' where none is kept."""
    text = hashes if isinstance(hashes, str) else ""
    part = text[SIZE * (number - 1) : SIZE * number] if number > 0 else ""
    return "" if len(part) < SIZE or part == NO_HASH else part
