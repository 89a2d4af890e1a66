"""Jobs as clients see them: accepted, asked about, cancelled. What happens to their labels is in label_store.py."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from . import submission_keys
from .clock import now
from .codes import CANCELLED
from .database import Database
from .label_account import read_failed_labels, read_label_runs, take_back
from .totals import Totals
from .zpl_format import output

ANSWERED_LABELS = 20_000
"""Most labels in one answer: about 2 MB of JSON."""
PRUNED_AT_ONCE = 100
"""Old jobs that one transaction forgets, with some thousand labels: other writers wait a few milliseconds."""
TERMINAL = ("completed", "failed", "cancelled")

OnChange = Callable[[sqlite3.Connection, str], None]


class KeyReused(Exception):
    """An idempotency key came back with a different request."""


class KeyBarred(Exception):
    """The submission with this idempotency key was cancelled before it arrived."""


@dataclass(frozen=True)
class Accepted:
    """The job a request got; `created` is False when an idempotency key found an earlier one."""

    job_id: str
    created: bool


@dataclass(frozen=True)
class Submission:
    """What an idempotency key has come to: a job with its status, or nothing and barred."""

    job_id: str | None
    status: str | None


@dataclass(frozen=True)
class OpenJobs:
    """Jobs of one printer and status that have not ended: how many, their labels still to print, the oldest's time."""

    jobs: int
    labels: int
    oldest: float


@dataclass(frozen=True)
class StoredJob:
    """A job's row, its failed labels, and the account of all its labels (None when it was not read)."""

    row: sqlite3.Row
    failed_labels: list[dict[str, Any]]
    labels: list[dict[str, Any]] | None = None


class JobStore:
    """`on_change(connection, job_id)` runs inside the transaction of every change, so an event is as durable as it."""

    def __init__(self, database: Database, on_change: OnChange | None = None, totals: Totals | None = None) -> None:
        self._database = database
        self._on_change = on_change or (lambda connection, job_id: None)
        self._totals = totals or Totals()

    def accept(self, request: dict[str, Any], key: str | None = None) -> Accepted:
        """Store a checked request as a queued job. Raises KeyReused, KeyBarred."""
        moment, job_id = now(), str(uuid.uuid4())
        copied = [output(label["zpl"]).copies for label in request["labels"]]
        digest = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
        with self._database.write() as connection:
            if key is not None:
                if row := submission_keys.find(connection, key):
                    if row["job_id"] is None:
                        raise KeyBarred(key)
                    if row["digest"] != digest:
                        raise KeyReused(key)
                    return Accepted(row["job_id"], created=False)
                submission_keys.bind(connection, key, job_id, digest, moment)
            cursor = connection.execute(
                "INSERT INTO jobs"
                " (id, printer, priority, status, quantity, pieces, mo_reference, metadata, created_at, updated_at)"
                " VALUES (?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?)",
                (job_id, request["printer"], request["priority"], len(copied), sum(copied), request["mo_reference"],
                 json.dumps(request["metadata"]), moment, moment),
            )  # fmt: skip
            connection.executemany(
                "INSERT INTO labels (job_seq, idx, zpl, details, copies) VALUES (?, ?, ?, ?, ?)",
                (
                    (cursor.lastrowid, number, label["zpl"], json.dumps(_details(label)), copied[number - 1])
                    for number, label in enumerate(request["labels"], 1)
                ),
            )
            self._on_change(connection, job_id)
        return Accepted(job_id, created=True)

    def get(self, job_id: str) -> sqlite3.Row | None:
        """One job's row, or None."""
        return self._database.reader.execute("SELECT * FROM jobs WHERE id = ?", (job_id,)).fetchone()

    def read(self, job_ids: list[str], labels: bool = False) -> list[StoredJob]:
        """The jobs that are known, in the caller's order and all of one moment.

        With `labels` their accounts are read, for the first jobs that hold ANSWERED_LABELS labels together.
        """
        with self._database.snapshot() as connection:
            marks = ",".join("?" * len(job_ids))
            rows = {row["id"]: row for row in connection.execute(f"SELECT * FROM jobs WHERE id IN ({marks})", job_ids)}
            ordered = [rows[job_id] for job_id in job_ids if job_id in rows]
            with_failed = [row["seq"] for row in ordered if row["failed"]]
            failed = read_failed_labels(connection, with_failed) if with_failed else {}
            runs = read_label_runs(connection, _answered(ordered)) if labels else {}
        return [StoredJob(row, failed.get(row["seq"], []), runs.get(row["seq"])) for row in ordered]

    def labels(self, job_id: str) -> list[dict[str, Any]] | None:
        """The account of one job's labels; None for a job that is not known."""
        with self._database.snapshot() as connection:
            row = connection.execute("SELECT seq FROM jobs WHERE id = ?", (job_id,)).fetchone()
            return read_label_runs(connection, [row["seq"]])[row["seq"]] if row else None

    def submission(self, key: str) -> Submission | None:
        """The job that an idempotency key has made; None when nothing is known of the key."""
        row = self._database.reader.execute(
            "SELECT submissions.job_id, jobs.status FROM submissions LEFT JOIN jobs ON jobs.id = submissions.job_id"
            " WHERE submissions.key = ?",
            (key,),
        ).fetchone()
        return Submission(*row) if row else None

    def waiting(self) -> dict[str, tuple[int, int]]:
        """For each printer: open jobs, and labels still to print in them."""
        rows = self._database.reader.execute(
            "SELECT printer, COUNT(*), SUM(quantity - printed - failed) FROM jobs"
            " WHERE status IN ('queued', 'printing') GROUP BY printer"
        )
        return {printer: (jobs, labels) for printer, jobs, labels in rows}

    def open_jobs(self) -> dict[tuple[str, str], OpenJobs]:
        """The jobs that have not ended, by printer and status."""
        rows = self._database.reader.execute(
            "SELECT printer, status, COUNT(*), SUM(quantity - printed - failed), MIN(created_at) FROM jobs"
            " WHERE status IN ('queued', 'printing') GROUP BY printer, status"
        )
        return {(printer, status): OpenJobs(*row) for printer, status, *row in rows}

    def request_cancel(self, job_id: str) -> str | None:
        """Cancel: returns the status the job had (None if unknown). A printing job is stopped by its worker."""
        with self._database.write() as connection:
            row = self._request_cancel(connection, job_id)
        return self._count_cancel(row)

    def cancel_submission(self, key: str) -> Submission:
        """Cancel the job that a key has made, whose earlier status is returned, or bar a key that has made none."""
        with self._database.write() as connection:
            row = submission_keys.find(connection, key)
            if row is None:
                submission_keys.bar(connection, key, now())
            if row is None or row["job_id"] is None:
                return Submission(None, None)
            job = self._request_cancel(connection, row["job_id"])
        return Submission(row["job_id"], self._count_cancel(job))

    def _count_cancel(self, row: sqlite3.Row | None) -> str | None:
        """Count what a cancel that is committed has ended; returns the status that the job had."""
        if row is None:
            return None
        if row["status"] == "queued":
            self._totals.labels(row["printer"], "taken_back", row["quantity"])
            self._totals.job_ended(row["printer"], "cancelled")
        return row["status"]

    def _request_cancel(self, connection: sqlite3.Connection, job_id: str) -> sqlite3.Row | None:
        """The job's row as it was before."""
        row = connection.execute("SELECT seq, status, quantity, printer FROM jobs WHERE id = ?", (job_id,)).fetchone()
        if row is None:
            return None
        if row["status"] == "queued":
            moment = now()
            take_back(connection, row["seq"], moment)
            connection.execute(
                "UPDATE jobs SET status = 'cancelled', cancel_requested = 1, error_code = ?, error_message = ?,"
                " completed_at = ?, updated_at = ?, revision = revision + 1, picked_up = 1 WHERE seq = ?",
                (CANCELLED, f"Cancelled after 0 of {row['quantity']} labels.", moment, moment, row["seq"]),
            )
            self._on_change(connection, job_id)
        elif row["status"] == "printing":
            connection.execute("UPDATE jobs SET cancel_requested = 1 WHERE seq = ?", (row["seq"],))
        return row

    def prune(self, limit: float) -> int:
        """Forget jobs that ended before `limit` (seconds since the epoch), with their keys; returns how many.

        A few in each transaction: what is printed and submitted meanwhile waits for none of them.
        """
        with self._database.write() as connection:
            submission_keys.prune(connection, limit)
        removed = 0
        while removed_now := self._prune_some(limit):
            removed += removed_now
        return removed

    def _prune_some(self, limit: float) -> int:
        with self._database.write() as connection:
            found = connection.execute(
                "SELECT seq, id FROM jobs WHERE completed_at < ? ORDER BY completed_at LIMIT ?", (limit, PRUNED_AT_ONCE)
            ).fetchall()
            connection.executemany("DELETE FROM submissions WHERE job_id = ?", [(row["id"],) for row in found])
            connection.executemany("DELETE FROM labels WHERE job_seq = ?", [(row["seq"],) for row in found])
            connection.executemany("DELETE FROM jobs WHERE seq = ?", [(row["seq"],) for row in found])
            return len(found)


def _answered(rows: list[sqlite3.Row]) -> Iterator[int]:
    """The sequence numbers of as many jobs as an answer has room for the labels of, at least one."""
    total = 0
    for row in rows:
        total += row["quantity"]
        if total > ANSWERED_LABELS and total > row["quantity"]:
            return
        yield row["seq"]


def _details(label: dict[str, Any]) -> dict[str, Any]:
    """What a label brought besides its ZPL, kept to name it when it fails."""
    names = ("label_index", "box_number", "lot_number", "metadata")
    return {name: label[name] for name in names if label.get(name) not in (None, {})}
