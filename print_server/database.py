"""The file in which jobs are stored: SQLite in WAL mode, one writer at a time, a reader for each thread.

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

from . import schema

_CHECKED_SIZE = 200 * 1024 * 1024
"""Bytes; checking so much takes about a second."""


class DataDirError(RuntimeError):
    """The data directory cannot be used; the text says why and what to do."""


class DataDirInUse(DataDirError):
    """Another print server works on the same data directory."""


class Database:
    """Connections to one data directory, which this process then holds alone. Raises DataDirError."""

    def __init__(self, data_dir: Path) -> None:
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
            self._hold = open(data_dir / "lock", "w")  # noqa: SIM115 - held for the life of the process
        except OSError as error:
            raise DataDirError(
                f"Cannot write to the data directory {data_dir}: {error.strerror}. Give the user that runs the print"
                " server the right to write there, or choose another --data-dir."
            ) from error
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
        self._writer: sqlite3.Connection | None = None
        try:
            self._writer = self._connect()
            self._check_pages()
            schema.migrate(self._writer)
            schema.check(self._writer)
        except (sqlite3.Error, schema.NewerData, schema.IncompleteData) as error:
            self.close()
            raise DataDirError(self._refusal(error)) from error

    def close(self) -> None:
        """Close the file and release the data directory."""
        with self._write_lock:
            if self._writer:
                self._writer.close()
        self._hold.close()

    def _check_pages(self) -> None:
        """Find a damaged file now rather than in the middle of a job; a large one would hold up the start."""
        if self._path.stat().st_size <= _CHECKED_SIZE:
            found = self._writer.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise sqlite3.DatabaseError(found)

    def _refusal(self, error: Exception) -> str:
        if isinstance(error, schema.NewerData):
            return (
                f"The data in {self._path.parent} was written by a newer print server: {error}. Start that release, or"
                " choose another --data-dir."
            )
        lacking = isinstance(error, schema.IncompleteData) or "no such" in str(error)
        if isinstance(error, sqlite3.OperationalError) and not lacking and "malformed" not in str(error):
            return (
                f"Cannot use {self._path}: {error}. Check that the user that runs the print server may write there and"
                " that the disk is not full, or choose another --data-dir."
            )
        kind = "is incomplete" if lacking else "is damaged or no data file"
        return (
            f"The data file {self._path} {kind}: {error}. Put back a copy of it, or move it away and start again; its"
            " jobs are then no longer known."
        )

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
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """This thread's reader for several questions that are answered from one and the same moment."""
        connection = self.reader
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("COMMIT")

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction, committed at the end or rolled back whole."""
        with self._write_lock:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                # SQLite has rolled back by itself after some faults, a full disk among them.
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise
        self.after_commit()
