"""What is known of a job's labels, as the contract writes it.

A label is `waiting`, then `sent` (stored before its first byte leaves). A printer that counts its labels makes it
`confirmed`, one that does not makes it `spooled`. A label that was not printed is `failed` with a code, `taken_back`
when its job was cancelled, or `uncertain` when nobody can tell.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from typing import Any

from .clock import iso
from .codes import CANCELLED, MESSAGES

_SAME = itemgetter("job_seq", "state", "at", "tries", "code")


def read_label_runs(connection: sqlite3.Connection, sequences: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """The `labels` of several jobs by their sequence numbers."""
    numbers = list(sequences)
    rows = connection.execute(
        "SELECT job_seq, idx, state, at, tries, code FROM labels"
        " WHERE job_seq IN (SELECT value FROM json_each(?)) ORDER BY job_seq, idx",
        (json.dumps(numbers),),
    )
    found: dict[int, list[dict[str, Any]]] = {number: [] for number in numbers}
    for (seq, state, at, tries, code), group in groupby(rows, _SAME):
        indexes = [row["idx"] for row in group]
        run = {"index": indexes[0], "count": len(indexes), "state": state}
        run |= {"at": iso(at), "tries": tries, "code": code}
        found[seq].append({name: value for name, value in run.items() if value and (name, value) != ("count", 1)})
    return found


def read_failed_labels(connection: sqlite3.Connection, sequences: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """The `failed_labels` of several jobs by their sequence numbers, uncertain ones among them."""
    found: dict[int, list[dict[str, Any]]] = {}
    rows = connection.execute(
        "SELECT job_seq, idx, code, message, tries, details FROM labels INDEXED BY labels_not_printed"
        " WHERE state IN ('failed', 'uncertain') AND job_seq IN (SELECT value FROM json_each(?))"
        " ORDER BY job_seq, idx",
        (json.dumps(list(sequences)),),
    )
    for row in rows:
        entry = {"index": row["idx"], "code": row["code"], "message": row["message"], "tries": row["tries"]}
        found.setdefault(row["job_seq"], []).append({**entry, **json.loads(row["details"])})
    return found


def take_back(connection: sqlite3.Connection, seq: int, moment: float) -> None:
    """The labels of a cancelled job that have not left, or were withdrawn from the printer, will not be printed."""
    connection.execute(
        "UPDATE labels SET state = 'taken_back', code = ?, message = ?, at = ? WHERE job_seq = ? AND state = 'waiting'",
        (CANCELLED, MESSAGES[CANCELLED], moment, seq),
    )
