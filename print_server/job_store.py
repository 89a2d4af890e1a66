"""Jobs as clients see them: accepted, asked about, cancelled. What happens to their labels is in label_store.py."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from .clock import now
from .codes import CANCELLED
from .database import Database

KEY_LIFETIME = 24 * 3600.0
TERMINAL = ("completed", "failed", "cancelled")

OnChange = Callable[[sqlite3.Connection, str], None]


class KeyReused(Exception):
    """An idempotency key came back with a different request."""


@dataclass(frozen=True)
class Accepted:
    """The job a request got; `created` is False when an idempotency key found an earlier one."""

    job_id: str
    created: bool


class JobStore:
    """`on_change(connection, job_id)` runs inside the transaction of every change, so an event is as durable as it."""

    def __init__(self, database: Database, on_change: OnChange | None = None) -> None:
        self._database = database
        self._on_change = on_change or (lambda connection, job_id: None)

    def accept(self, request: dict[str, Any], key: str | None = None) -> Accepted:
        """Store a checked request as a queued job. Raises KeyReused."""
        moment, job_id = now(), str(uuid.uuid4())
        digest = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
        with self._database.write() as connection:
            if key is not None:
                connection.execute("DELETE FROM idempotency WHERE created_at < ?", (moment - KEY_LIFETIME,))
                row = connection.execute("SELECT job_id, digest FROM idempotency WHERE key = ?", (key,)).fetchone()
                if row:
                    if row["digest"] != digest:
                        raise KeyReused(key)
                    return Accepted(row["job_id"], created=False)
                connection.execute("INSERT INTO idempotency VALUES (?, ?, ?, ?)", (key, job_id, digest, moment))
            cursor = connection.execute(
                "INSERT INTO jobs"
                " (id, printer, priority, status, quantity, mo_reference, metadata, created_at, updated_at)"
                " VALUES (?, ?, ?, 'queued', ?, ?, ?, ?, ?)",
                (job_id, request["printer"], request["priority"], len(request["labels"]), request["mo_reference"],
                 json.dumps(request["metadata"]), moment, moment),
            )  # fmt: skip
            connection.executemany(
                "INSERT INTO labels (job_seq, idx, zpl, details) VALUES (?, ?, ?, ?)",
                (
                    (cursor.lastrowid, number, label["zpl"], json.dumps(_details(label)))
                    for number, label in enumerate(request["labels"], 1)
                ),
            )
            self._on_change(connection, job_id)
        return Accepted(job_id, created=True)

    def get(self, job_id: str) -> sqlite3.Row | None:
        """One job's row, or None."""
        return self._database.reader.execute("SELECT * FROM jobs WHERE id = ?", (job_id,)).fetchone()

    def get_many(self, job_ids: Iterable[str]) -> dict[str, sqlite3.Row]:
        """Rows by id, for those that are known."""
        ids = list(job_ids)
        marks = ",".join("?" * len(ids))
        rows = self._database.reader.execute(f"SELECT * FROM jobs WHERE id IN ({marks})", ids)
        return {row["id"]: row for row in rows}

    def failed_labels(self, sequences: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
        """Failed labels by the job's sequence number, in order of their index."""
        numbers = list(sequences)
        found: dict[int, list[dict[str, Any]]] = {}
        if numbers:
            found = read_failed_labels(self._database.reader, numbers)
        return found

    def waiting(self) -> dict[str, tuple[int, int]]:
        """For each printer: open jobs, and labels still to print in them."""
        rows = self._database.reader.execute(
            "SELECT printer, COUNT(*), SUM(quantity - printed - failed) FROM jobs"
            " WHERE status IN ('queued', 'printing') GROUP BY printer"
        )
        return {printer: (jobs, labels) for printer, jobs, labels in rows}

    def request_cancel(self, job_id: str) -> str | None:
        """Cancel: returns the status the job had (None if unknown). A printing job is stopped by its worker."""
        with self._database.write() as connection:
            row = connection.execute("SELECT status, quantity FROM jobs WHERE id = ?", (job_id,)).fetchone()
            if row is None:
                return None
            if row["status"] == "queued":
                moment = now()
                connection.execute(
                    "UPDATE jobs SET status = 'cancelled', cancel_requested = 1, error_code = ?, error_message = ?,"
                    " completed_at = ?, updated_at = ?, revision = revision + 1, picked_up = 1 WHERE id = ?",
                    (CANCELLED, f"Cancelled after 0 of {row['quantity']} labels.", moment, moment, job_id),
                )
                self._on_change(connection, job_id)
            elif row["status"] == "printing":
                connection.execute("UPDATE jobs SET cancel_requested = 1 WHERE id = ?", (job_id,))
            return row["status"]

    def prune(self, keep_days: int) -> int:
        """Forget jobs that ended more than `keep_days` days ago; returns how many."""
        limit = now() - keep_days * 86400
        with self._database.write() as connection:
            connection.execute(
                "DELETE FROM labels WHERE job_seq IN (SELECT seq FROM jobs WHERE completed_at < ?)", (limit,)
            )
            return connection.execute("DELETE FROM jobs WHERE completed_at < ?", (limit,)).rowcount


def read_failed_labels(connection: sqlite3.Connection, sequences: list[int]) -> dict[int, list[dict[str, Any]]]:
    """The `failed_labels` of several jobs, read through the given connection."""
    marks = ",".join("?" * len(sequences))
    found: dict[int, list[dict[str, Any]]] = {}
    rows = connection.execute(
        "SELECT job_seq, idx, code, message, tries, details FROM labels"
        f" WHERE state = 'failed' AND job_seq IN ({marks}) ORDER BY job_seq, idx",
        sequences,
    )
    for row in rows:
        entry = {"index": row["idx"], "code": row["code"], "message": row["message"], "tries": row["tries"]}
        found.setdefault(row["job_seq"], []).append({**entry, **json.loads(row["details"])})
    return found


def _details(label: dict[str, Any]) -> dict[str, Any]:
    """What a label brought besides its ZPL, kept to name it when it fails."""
    names = ("label_index", "box_number", "lot_number", "metadata")
    return {name: label[name] for name in names if label.get(name) not in (None, {})}
