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

_SAME = itemgetter(0, 2, 3, 4, 5, 6)
"""All columns of read_label_runs but the label's own index."""


def read_label_runs(connection: sqlite3.Connection, sequences: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """The `labels` of several jobs by their sequence numbers."""
    numbers = list(sequences)
    rows = connection.execute(
        "SELECT job_seq, idx, state, at, tries, code, copies FROM labels"
        " WHERE job_seq IN (SELECT value FROM json_each(?)) ORDER BY job_seq, idx",
        (json.dumps(numbers),),
    )
    found: dict[int, list[dict[str, Any]]] = {number: [] for number in numbers}
    for (seq, state, at, tries, code, copies), group in groupby(rows, _SAME):
        indexes = [row[1] for row in group]
        run: dict[str, Any] = {"index": indexes[0]}
        if len(indexes) > 1:
            run["count"] = len(indexes)
        if copies > 1:
            run["copies"] = copies
        run["state"] = state
        if at is not None:
            run["at"] = iso(at)
        if tries:
            run["tries"] = tries
        if code:
            run["code"] = code
        found[seq].append(run)
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


def take_back(connection: sqlite3.Connection, seq: int, moment: float) -> int:
    """The labels of a cancelled job that have not left, or were withdrawn from the printer, will not be printed.

    Returns how many they are.
    """
    return connection.execute(
        "UPDATE labels SET state = 'taken_back', code = ?, message = ?, at = ? WHERE job_seq = ? AND state = 'waiting'",
        (CANCELLED, MESSAGES[CANCELLED], moment, seq),
    ).rowcount
