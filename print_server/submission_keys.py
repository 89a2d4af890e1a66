"""Idempotency keys: which job a key has made, and which keys are barred from ever making one.

A key lives as long as its job. A barred key has no job: its submission was cancelled before it arrived.
"""

from __future__ import annotations

import sqlite3


def find(connection: sqlite3.Connection, key: str) -> sqlite3.Row | None:
    """The key's row (job_id, digest), or None; `job_id` is None when the key is barred."""
    return connection.execute("SELECT job_id, digest FROM submissions WHERE key = ?", (key,)).fetchone()


def bind(connection: sqlite3.Connection, key: str, job_id: str, digest: str, moment: float) -> None:
    """Note that the key has made a job of a request with this digest."""
    connection.execute("INSERT INTO submissions VALUES (?, ?, ?, ?)", (key, job_id, digest, moment))


def bar(connection: sqlite3.Connection, key: str, moment: float) -> None:
    """Refuse whatever may still arrive with this key."""
    connection.execute("INSERT INTO submissions VALUES (?, NULL, NULL, ?)", (key, moment))


def prune(connection: sqlite3.Connection, limit: float) -> None:
    """Forget keys that were barred before `limit`; the others go with their jobs."""
    connection.execute("DELETE FROM submissions WHERE job_id IS NULL AND created_at < ?", (limit,))
