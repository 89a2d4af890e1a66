"""Events for Odoo, written in the same transaction as the change they tell of, so that none is lost or invented.

The order of the rows is the order of the changes. A progress event that has not left yet gives way to a newer one of
the same job: after a night without Odoo there must not be a million events to send.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .clock import iso, now
from .database import Database
from .fleet import Fleet
from .job_store import TERMINAL, StoredJob
from .job_view import status_object
from .label_account import read_failed_labels, read_label_runs

MAX_AGE = 24 * 3600.0


@dataclass(frozen=True)
class Event:
    """One row: `body` is the event's JSON text."""

    seq: int
    body: str


class Outbox:
    """Writes and keeps events until they are delivered."""

    def __init__(self, database: Database, capabilities: frozenset[str]) -> None:
        self._database, self._capabilities = database, capabilities
        self.label_seconds: Callable[[str], float] = lambda printer: 0.5

    def job_changed(self, connection: sqlite3.Connection, job_id: str) -> None:
        """Add a job's new status; to be called inside the transaction that changed it."""
        row = connection.execute("SELECT * FROM jobs WHERE id = ?", (job_id,)).fetchone()
        seq, ended = row["seq"], row["status"] in TERMINAL
        failed = read_failed_labels(connection, [seq])[seq] if row["failed"] else []
        labels = read_label_runs(connection, [seq])[seq] if ended else None
        status = status_object(StoredJob(row, failed, labels), self._capabilities, self.label_seconds(row["printer"]))
        replaceable = not ended and row["current_label"] > 0
        self._add(connection, f"job {job_id}", "job", status, replaceable)

    def printer_changed(self, fleet: Fleet, name: str) -> None:
        """Add a printer's new state."""
        with self._database.write() as connection:
            waiting = connection.execute(
                "SELECT COUNT(*) FROM jobs WHERE printer = ? AND status IN ('queued', 'printing')", (name,)
            ).fetchone()[0]
            self._add(connection, f"printer {name}", "printer", fleet.view(name, self._capabilities, waiting), True)

    def _add(
        self, connection: sqlite3.Connection, subject: str, kind: str, content: dict[str, Any], replaceable: bool
    ) -> None:
        connection.execute("DELETE FROM outbox WHERE subject = ? AND replaceable", (subject,))
        moment = now()
        event = {"id": str(uuid.uuid4()), "type": kind, "occurred_at": iso(moment), **content}
        connection.execute(
            "INSERT INTO outbox (subject, replaceable, created_at, body) VALUES (?, ?, ?, ?)",
            (subject, int(replaceable), moment, json.dumps(event)),
        )

    def oldest(self, limit: int) -> list[Event]:
        """The next events to deliver."""
        rows = self._database.reader.execute("SELECT seq, body FROM outbox ORDER BY seq LIMIT ?", (limit,))
        return [Event(row["seq"], row["body"]) for row in rows]

    def delivered(self, events: list[Event]) -> None:
        """Forget events that have arrived (or are refused for good)."""
        with self._database.write() as connection:
            connection.executemany("DELETE FROM outbox WHERE seq = ?", [(event.seq,) for event in events])

    def drop_old(self) -> int:
        """Forget events older than a day: Odoo polls after so long a silence. Returns how many."""
        with self._database.write() as connection:
            return connection.execute("DELETE FROM outbox WHERE created_at < ?", (now() - MAX_AGE,)).rowcount

    def waiting(self) -> tuple[int, float | None]:
        """How many events wait, and the time of the oldest of them (None for none)."""
        return tuple(self._database.reader.execute("SELECT COUNT(*), MIN(created_at) FROM outbox").fetchone())

    def __len__(self) -> int:
        return self._database.reader.execute("SELECT COUNT(*) FROM outbox").fetchone()[0]
