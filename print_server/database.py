"""The file that makes the server forget nothing: SQLite in WAL mode, one writer at a time, a reader for each thread.

Every commit reaches the disk (`synchronous=FULL`) because "this label is being sent" must survive a power cut: it is
what keeps the label from being printed twice afterwards.
"""

from __future__ import annotations

import fcntl
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    printer TEXT NOT NULL,
    priority INTEGER NOT NULL,
    status TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    current_label INTEGER NOT NULL DEFAULT 0,
    printed INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    confirmed INTEGER NOT NULL DEFAULT 0,
    cancel_requested INTEGER NOT NULL DEFAULT 0,
    error_code TEXT,
    error_message TEXT,
    mo_reference TEXT,
    metadata TEXT NOT NULL,
    created_at REAL NOT NULL,
    started_at REAL,
    completed_at REAL,
    updated_at REAL NOT NULL,
    revision INTEGER NOT NULL DEFAULT 0,
    picked_up INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS jobs_open ON jobs (printer, priority, seq) WHERE status IN ('queued', 'printing');
CREATE INDEX IF NOT EXISTS jobs_ended ON jobs (completed_at) WHERE completed_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS labels (
    job_seq INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    zpl TEXT NOT NULL,
    details TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    tries INTEGER NOT NULL DEFAULT 0,
    code TEXT,
    message TEXT,
    PRIMARY KEY (job_seq, idx)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS labels_failed ON labels (job_seq, idx) WHERE state = 'failed';
CREATE TABLE IF NOT EXISTS idempotency (
    key TEXT PRIMARY KEY,
    job_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    created_at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    subject TEXT NOT NULL,
    replaceable INTEGER NOT NULL,
    created_at REAL NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS outbox_subject ON outbox (subject) WHERE replaceable;
"""


class DataDirInUse(RuntimeError):
    """Another print server works on the same data directory."""


class Database:
    """Connections to one data directory, which this process then holds alone."""

    def __init__(self, data_dir: Path) -> None:
        data_dir.mkdir(parents=True, exist_ok=True)
        self._hold = open(data_dir / "lock", "w")  # noqa: SIM115 - held for the life of the process
        try:
            fcntl.flock(self._hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DataDirInUse(
                f"Another print server is using {data_dir}: stop it or choose another --data-dir."
            ) from error
        self._path = data_dir / "jobs.sqlite3"
        self._local = threading.local()
        self._write_lock = threading.RLock()
        self.after_commit: Callable[[], None] = lambda: None
        self._writer = self._connect()
        self._writer.executescript(_SCHEMA)

    def close(self) -> None:
        """Give the data directory free."""
        with self._write_lock:
            self._writer.close()
        self._hold.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=30, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        return connection

    @property
    def reader(self) -> sqlite3.Connection:
        """This thread's own connection: readers never wait for the writer nor for one another."""
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect()
        return connection

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction, committed at the end or rolled back whole."""
        with self._write_lock:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            self._writer.execute("COMMIT")
        self.after_commit()
