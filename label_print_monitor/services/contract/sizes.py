"""How much a print server takes in one request, and labels shared out into jobs that keep to it.

The server states its limits in ``GET /api/health`` → ``limits``; one that states none takes what the contract says.
What is too much for one job becomes several before anything is sent, so that no person meets a server's refusal.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from .clean_values import clean_number
from .print_request import LABEL_KEYS, MAX_LABELS, LabelError

# What a limit may be: a server that states less than any label needs, or more than memory holds, is not believed.
_BELIEVED = {"labels": (1, MAX_LABELS), "zpl_characters": (1_000, 256 << 20), "body_bytes": (10_000, 256 << 20)}
_ENVELOPE = 4_096  # of a request, beside its labels


@dataclass(frozen=True)
class Limits:
    """The limits of one print server; the contract's where it states none.

    :ivar labels: labels in one job
    :ivar zpl_characters: of one label's ZPL code
    :ivar body_bytes: of the body of one request
    """

    labels: int = MAX_LABELS
    zpl_characters: int = 262_144
    body_bytes: int = 16 << 20

    def as_json(self) -> dict[str, int]:
        """As they are stored."""
        return asdict(self)


def parse_limits(data: Any) -> Limits:
    """The limits of a health answer, or as they were stored; of what cannot be one, the contract's."""
    if not isinstance(data, Mapping):
        return Limits()
    found = {}
    for field in fields(Limits):
        value = clean_number(data.get(field.name))
        least, most = _BELIEVED[field.name]
        if value is not None and value >= least:
            found[field.name] = int(min(value, most))
    return Limits(**found)


def check_sizes(labels: Sequence[Mapping[str, Any]], limits: Limits) -> None:
    """Check that these labels fit in one request.

    :raises LabelError: with the number of a label that is too large, or for all together
    """
    total = _ENVELOPE + sum(_sizes(labels, limits))
    if total > limits.body_bytes:
        raise LabelError("labels_too_large", size=_kilobytes(total), limit=limits.body_bytes // 1000)
    if len(labels) > limits.labels:
        raise LabelError("labels_too_many", count=len(labels), limit=limits.labels)


def split_jobs(labels: Sequence[Mapping[str, Any]], limits: Limits) -> list[list[Mapping[str, Any]]]:
    """Labels in as few jobs as their print server's limits allow, in their order and about as many in each.

    :raises LabelError: for a label that is too large even alone
    """
    jobs = []
    first = 0
    for length in _lengths(_sizes(labels, limits), limits):
        jobs.append(list(labels[first : first + length]))
        first += length
    return jobs


def _lengths(sizes: Sequence[int], limits: Limits) -> list[int]:
    """How many labels, of these sizes in bytes, each job gets.

    Evenly, so that no job is left with one label; where that does not fit, because sizes differ, as many as each holds.
    """
    room = limits.body_bytes - _ENVELOPE
    full: list[int] = []
    left = 0
    for size in sizes:
        if not full or size > left or full[-1] >= limits.labels:
            full.append(0)
            left = room
        full[-1] += 1
        left -= size
    if not full:
        return []
    each, more = divmod(len(sizes), len(full))
    even = [each + (number < more) for number in range(len(full))]
    first = 0
    for length in even:
        if sum(sizes[first : first + length]) > room:
            return full
        first += length
    return even


def _sizes(labels: Sequence[Mapping[str, Any]], limits: Limits) -> list[int]:
    return [_size(label, index, limits) for index, label in enumerate(labels, start=1)]


def _size(label: Mapping[str, Any], index: int, limits: Limits) -> int:
    """What a label takes in a request, in bytes of JSON (which has characters beyond ASCII as six)."""
    size = len(str(label.get("zpl_code")))
    if size > limits.zpl_characters:
        raise LabelError("label_too_large", index=index, size=_kilobytes(size), limit=limits.zpl_characters // 1000)
    written = len(json.dumps({key: label.get(key) for key in LABEL_KEYS})) + 2
    if written > limits.body_bytes - _ENVELOPE:
        raise LabelError("label_too_large", index=index, size=_kilobytes(written), limit=limits.body_bytes // 1000)
    return written


def _kilobytes(size: int) -> int:
    return -(-size // 1000)
