"""Calls that were performed, with their answers, so that one that is handed over again is not performed again.

On the disk, for a print server that is killed between a call and its answer. A submission with an idempotency key needs
only its answer kept; of one without a key, or where the print server knows no keys, it is noted before it begins that
it has begun.
"""

from __future__ import annotations

import json
import threading

from ..clock import now
from ..database import Database
from .protocol import Answer

KEPT = 3600.0
"""Seconds; Odoo hands a call over for as long as its caller waits."""
PRUNE_EVERY = 300.0


class AnswerMemory:
    """Used by all threads. Its methods raise sqlite3.Error when the disk is full or broken."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._pruned_at: float | None = None

    def find(self, call: str) -> Answer | None:
        """The answer that the call was given."""
        row = self._database.reader.execute(
            "SELECT status, headers, body FROM odoo_calls WHERE id = ? AND status IS NOT NULL", (call,)
        ).fetchone()
        return Answer(call, row["status"], json.loads(row["headers"]), row["body"]) if row else None

    def begin(self, call: str) -> bool:
        """Note that the call begins; False when it has begun before."""
        with self._database.write() as connection:
            return bool(
                connection.execute(
                    "INSERT INTO odoo_calls (id, at) VALUES (?, ?) ON CONFLICT DO NOTHING", (call, now())
                ).rowcount
            )

    def keep(self, answer: Answer) -> None:
        """Keep the answer to a call."""
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO odoo_calls (id, at, status, headers, body) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET status = excluded.status, headers = excluded.headers,"
                " body = excluded.body",
                (answer.call, now(), answer.status, json.dumps(answer.headers), answer.body),
            )
            if self._is_time_to_prune():
                connection.execute("DELETE FROM odoo_calls WHERE at < ?", (now() - KEPT,))

    def _is_time_to_prune(self) -> bool:
        with self._lock:
            moment = now()
            if self._pruned_at is not None and 0 <= moment - self._pruned_at < PRUNE_EVERY:
                return False
            self._pruned_at = moment
            return True
