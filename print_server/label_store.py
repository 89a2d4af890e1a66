"""What became of each label: the worker's side of the store. label_account.py lists the states.

"Sent" is committed before the first byte leaves. A label found in that state after a crash may have been printed or
not: it becomes `uncertain`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from .clock import now
from .codes import CANCELLED, MESSAGES, UNCERTAIN
from .database import Database
from .job_store import OnChange
from .label_account import take_back


@dataclass(frozen=True)
class OpenJob:
    """A job that a worker is printing."""

    seq: int
    job_id: str
    quantity: int
    printer: str


@dataclass(frozen=True)
class WaitingLabel:
    """The next label to send."""

    index: int
    zpl: str


class LabelStore:
    """Outcomes of labels and the end of jobs; `on_change` as in JobStore."""

    def __init__(self, database: Database, on_change: OnChange | None = None) -> None:
        self._database = database
        self._on_change = on_change or (lambda connection, job_id: None)

    def settle_all_sent(self) -> None:
        """At the start: every label that was on its way when the server ended becomes uncertain."""
        rows = self._database.reader.execute(
            "SELECT seq, id, quantity, printer FROM jobs WHERE status IN ('queued', 'printing')"
            " AND EXISTS (SELECT 1 FROM labels WHERE job_seq = seq AND state = 'sent')"
        ).fetchall()
        for row in rows:
            self.settle_sent(OpenJob(*row))

    def settle_sent(self, job: OpenJob) -> None:
        """Labels of this job that were on their way when the worker broke off become uncertain."""
        with self._database.write() as connection:
            if self._settle_sent(connection, job.seq):
                self._touch(connection, job.seq, job.job_id)

    def open_jobs_elsewhere(self, printers: Iterable[str]) -> list[OpenJob]:
        """Open jobs for printers that are no longer configured: nobody would ever print them."""
        known = set(printers)
        rows = self._database.reader.execute(
            "SELECT seq, id, quantity, printer FROM jobs WHERE status IN ('queued', 'printing')"
        )
        return [OpenJob(*row) for row in rows if row["printer"] not in known]

    def next_job(self, printer: str) -> OpenJob | None:
        """Pick up the job this printer should do: one it had begun, else by priority and age."""
        row = self._database.reader.execute(
            "SELECT seq, id, quantity FROM jobs WHERE printer = ? AND status IN ('queued', 'printing')"
            " ORDER BY status = 'printing' DESC, priority, seq LIMIT 1",
            (printer,),
        ).fetchone()
        if row is None:
            return None
        with self._database.write() as connection:
            changed = connection.execute(
                "UPDATE jobs SET status = 'printing', picked_up = 1, started_at = COALESCE(started_at, ?)"
                " WHERE seq = ? AND status = 'queued'",
                (now(), row["seq"]),
            ).rowcount
            still = (
                changed
                or connection.execute(
                    "SELECT 1 FROM jobs WHERE seq = ? AND status = 'printing'", (row["seq"],)
                ).fetchone()
            )
            if changed:
                self._touch(connection, row["seq"], row["id"])
        return OpenJob(row["seq"], row["id"], row["quantity"], printer) if still else None

    def next_label(self, job: OpenJob) -> WaitingLabel | None:
        """The first label of the job without an outcome."""
        row = self._database.reader.execute(
            "SELECT idx, zpl FROM labels WHERE job_seq = ?1"
            " AND idx = (SELECT MIN(idx) FROM labels WHERE job_seq = ?1 AND state = 'waiting')",
            (job.seq,),
        ).fetchone()
        return WaitingLabel(row["idx"], row["zpl"]) if row else None

    def cancel_requested(self, job: OpenJob) -> bool:
        """Whether somebody asked for this job to stop."""
        row = self._database.reader.execute("SELECT cancel_requested FROM jobs WHERE seq = ?", (job.seq,)).fetchone()
        return bool(row and row[0])

    def mark_sent(self, job: OpenJob, index: int, tries: int) -> None:
        """Commit that the label is about to leave. From here on it is never sent again."""
        with self._database.write() as connection:
            connection.execute(
                "UPDATE labels SET state = 'sent', tries = ?, at = ? WHERE job_seq = ? AND idx = ?",
                (tries, now(), job.seq, index),
            )

    def mark_printed(self, job: OpenJob, index: int, confirmed: bool) -> None:
        """The label is done: `confirmed` when the printer itself counted it down, else the printer took all of it."""
        with self._database.write() as connection:
            connection.execute(
                "UPDATE labels SET state = ?, at = ? WHERE job_seq = ? AND idx = ?",
                ("confirmed" if confirmed else "spooled", now(), job.seq, index),
            )
            connection.execute(
                "UPDATE jobs SET printed = printed + 1, confirmed = confirmed + ?,"
                " current_label = MAX(current_label, ?) WHERE seq = ?",
                (int(confirmed), index, job.seq),
            )
            self._touch(connection, job.seq, job.job_id)

    def put_back(self, job: OpenJob, index: int) -> None:
        """The label was withdrawn from the printer before it was begun: it waits again, with its tries counted."""
        with self._database.write() as connection:
            connection.execute(
                "UPDATE labels SET state = 'waiting', at = NULL WHERE job_seq = ? AND idx = ? AND state = 'sent'",
                (job.seq, index),
            )

    def fail(self, job: OpenJob, first: int, last: int, code: str, tries: int) -> None:
        """Labels `first` to `last` (those without an outcome) failed with the same code, which may be UNCERTAIN."""
        with self._database.write() as connection:
            self._fail(connection, job.seq, first, last, code, tries)
            self._touch(connection, job.seq, job.job_id)

    def end(self, job: OpenJob, given_up: str | None = None, tries: int = 0) -> str:
        """Close the job once it has nothing left to send; returns its final status.

        `given_up` is the code of the fault for which its remaining labels were given up, or CANCELLED.
        """
        with self._database.write() as connection:
            self._settle_sent(connection, job.seq)
            if given_up and given_up != CANCELLED:
                self._fail(connection, job.seq, 1, job.quantity, given_up, tries)
            row = connection.execute("SELECT printed, failed FROM jobs WHERE seq = ?", (job.seq,)).fetchone()
            status, code, message = _verdict(job, row["printed"], row["failed"], given_up)
            if status == "cancelled":
                take_back(connection, job.seq, now())
            if status != "cancelled" and code is None and row["failed"]:
                code = connection.execute(
                    "SELECT code FROM labels WHERE job_seq = ? AND state IN ('failed', 'uncertain')"
                    " ORDER BY idx LIMIT 1",
                    (job.seq,),
                ).fetchone()[0]
                message = f"{row['failed']} of {job.quantity} labels failed. {MESSAGES.get(code, '')}".strip()
            connection.execute(
                "UPDATE jobs SET status = ?, error_code = ?, error_message = ?, completed_at = ? WHERE seq = ?",
                (status, code, message, now(), job.seq),
            )
            self._touch(connection, job.seq, job.job_id)
        return status

    def _settle_sent(self, connection: sqlite3.Connection, seq: int) -> int:
        rows = connection.execute("SELECT idx FROM labels WHERE job_seq = ? AND state = 'sent'", (seq,)).fetchall()
        for row in rows:
            self._fail(connection, seq, row["idx"], row["idx"], UNCERTAIN, 1)
        return len(rows)

    def _fail(self, connection: sqlite3.Connection, seq: int, first: int, last: int, code: str, tries: int) -> None:
        uncertain = code == UNCERTAIN
        count = connection.execute(
            "UPDATE labels SET state = ?, code = ?, message = ?, tries = MAX(tries, ?), at = ?"
            " WHERE job_seq = ? AND idx BETWEEN ? AND ? AND state IN ('waiting', 'sent')",
            ("uncertain" if uncertain else "failed", code, MESSAGES[code], tries, now(), seq, first, last),
        ).rowcount
        connection.execute(
            "UPDATE jobs SET failed = failed + ?, uncertain = uncertain + ? WHERE seq = ?",
            (count, count if uncertain else 0, seq),
        )

    def _touch(self, connection: sqlite3.Connection, seq: int, job_id: str) -> None:
        connection.execute("UPDATE jobs SET updated_at = ?, revision = revision + 1 WHERE seq = ?", (now(), seq))
        self._on_change(connection, job_id)


def _verdict(job: OpenJob, printed: int, failed: int, given_up: str | None) -> tuple[str, str | None, str | None]:
    """Status, code and words for a job that is over."""
    if given_up == CANCELLED:
        return "cancelled", CANCELLED, f"Cancelled after {printed} of {job.quantity} labels."
    if given_up:
        return "failed", given_up, MESSAGES[given_up]
    if printed == 0:
        return "failed", None, None
    return "completed", None, None
