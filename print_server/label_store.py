"""What became of each label: the worker's side of the store. label_account.py lists the states.

"Sent" is committed before the first byte leaves. A label found in that state after a crash may have been printed or
not: it becomes `uncertain`.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .clock import now
from .codes import CANCELLED, MESSAGES, UNCERTAIN
from .database import Database
from .job_store import OnChange
from .label_account import take_back
from .totals import Totals


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


@dataclass(frozen=True)
class SentLabels:
    """Labels that were on their way, with the odometer before them and the serial number of its printer."""

    labels: list[WaitingLabel]
    meter: int | None
    meter_of: str | None


class LabelStore:
    """Outcomes of labels and the end of jobs; `on_change` as in JobStore. `totals` counts what is committed."""

    def __init__(self, database: Database, on_change: OnChange | None = None, totals: Totals | None = None) -> None:
        self._database = database
        self._on_change = on_change or (lambda connection, job_id: None)
        self._totals = totals or Totals()

    @property
    def database(self) -> Database:
        """Where the labels are."""
        return self._database

    def settle_all_sent(self) -> None:
        """At the start: labels that were on their way when the server ended become uncertain.

        Where the printer's odometer was read before they left, it will tell; see LabelWindow. Where they are in a
        spooler, the spooler will.
        """
        rows = self._database.reader.execute(
            "SELECT seq, id, quantity, printer FROM jobs WHERE status IN ('queued', 'printing') AND meter IS NULL"
            " AND EXISTS (SELECT 1 FROM labels WHERE job_seq = seq AND state = 'sent' AND spooler_job IS NULL)"
        ).fetchall()
        for row in rows:
            self.settle_sent(OpenJob(*row))

    def settle_sent(self, job: OpenJob) -> None:
        """Labels of this job that were on their way when the worker broke off become uncertain."""
        with self._database.write() as connection:
            settled = self._settle_sent(connection, job.seq)
            if settled:
                self._touch(connection, job.seq, job.job_id)
        self._totals.labels(job.printer, "uncertain", settled)

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

    def next_labels(self, job: OpenJob, number: int) -> list[WaitingLabel]:
        """The first labels of the job that wait, at most so many."""
        rows = self._database.reader.execute(
            "SELECT idx, zpl FROM labels WHERE job_seq = ? AND state = 'waiting' ORDER BY idx LIMIT ?",
            (job.seq, number),
        )
        return [WaitingLabel(row["idx"], row["zpl"]) for row in rows]

    def sent_labels(self, job: OpenJob) -> SentLabels:
        """The labels that an earlier run has sent, and what the odometer was before."""
        rows = self._database.reader.execute(
            "SELECT idx, zpl FROM labels WHERE job_seq = ? AND state = 'sent' ORDER BY idx", (job.seq,)
        )
        labels = [WaitingLabel(row["idx"], row["zpl"]) for row in rows]
        row = self._database.reader.execute("SELECT meter, meter_of FROM jobs WHERE seq = ?", (job.seq,)).fetchone()
        return SentLabels(labels, row["meter"], row["meter_of"])

    def has_begun(self, job: OpenJob) -> bool:
        """Whether a label of the job has ever left."""
        row = self._database.reader.execute(
            "SELECT EXISTS (SELECT 1 FROM labels WHERE job_seq = ? AND (state <> 'waiting' OR tries > 0))", (job.seq,)
        ).fetchone()
        return bool(row[0])

    def cancel_requested(self, job: OpenJob) -> bool:
        """Whether somebody asked for this job to stop."""
        row = self._database.reader.execute("SELECT cancel_requested FROM jobs WHERE seq = ?", (job.seq,)).fetchone()
        return bool(row and row[0])

    def advance(
        self,
        job: OpenJob,
        outcomes: Sequence[tuple[int, str]] = (),
        leaving: Sequence[int] = (),
        tries: int = 1,
        meter: int | None = None,
        meter_of: str | None = None,
    ) -> None:
        """Commit what became of labels, and which are about to leave: from here on they are never sent again.

        :param outcomes: index and new state of labels that were sent: `confirmed`, `spooled`, `uncertain`, or `waiting`
            for one that the printer certainly does not have; it keeps its tries
        :param meter: the odometer of the printer, whose serial number is `meter_of`, before the labels that are sent
        """
        moment = now()
        printed = [index for index, state in outcomes if state in ("confirmed", "spooled")]
        counted: Counter[str] = Counter()
        with self._database.write() as connection:
            for index, state in outcomes:
                if state == "uncertain":
                    counted[state] += self._fail(connection, job.seq, index, index, UNCERTAIN, tries)
                else:
                    counted[state] += connection.execute(
                        "UPDATE labels SET state = ?, at = ?, spooler_job = NULL"
                        " WHERE job_seq = ? AND idx = ? AND state = 'sent'",
                        (state, None if state == "waiting" else moment, job.seq, index),
                    ).rowcount
            connection.executemany(
                "UPDATE labels SET state = 'sent', tries = ?, at = ? WHERE job_seq = ? AND idx = ?",
                [(tries, moment, job.seq, index) for index in leaving],
            )
            if printed:
                connection.execute(
                    "UPDATE jobs SET printed = printed + ?1, confirmed = confirmed + ?2,"
                    " current_label = MAX(current_label, ?3), pieces_begun = 0, pieces_printed = pieces_printed +"
                    " (SELECT SUM(copies) FROM labels WHERE job_seq = ?4 AND idx IN (SELECT value FROM json_each(?5)))"
                    " WHERE seq = ?4",
                    (len(printed), sum(state == "confirmed" for _index, state in outcomes), max(printed), job.seq,
                     json.dumps(printed)),
                )  # fmt: skip
            connection.execute("UPDATE jobs SET meter = ?, meter_of = ? WHERE seq = ?", (meter, meter_of, job.seq))
            if any(state != "waiting" for _index, state in outcomes):
                self._touch(connection, job.seq, job.job_id)
        for state, count in counted.items():
            if state != "waiting":
                self._totals.labels(job.printer, state, count)

    def set_pieces_begun(self, job: OpenJob, pieces: int) -> None:
        """Note how many labels of a format with `^PQ` are on paper while it is still printing."""
        with self._database.write() as connection:
            connection.execute("UPDATE jobs SET pieces_begun = ? WHERE seq = ?", (pieces, job.seq))
            self._touch(connection, job.seq, job.job_id)

    def set_waiting(self, job: OpenJob, code: str | None) -> None:
        """Note what the job waits for, or that it goes on. The time is that at which the waiting began."""
        with self._database.write() as connection:
            changed = connection.execute(
                "UPDATE jobs SET waiting_since = CASE WHEN ?1 IS NULL THEN NULL ELSE COALESCE(waiting_since, ?2) END,"
                " waiting_for = ?1 WHERE seq = ?3 AND waiting_for IS NOT ?1",
                (code, now(), job.seq),
            ).rowcount
            if changed:
                self._touch(connection, job.seq, job.job_id)

    def fail(self, job: OpenJob, first: int, last: int, code: str, tries: int) -> None:
        """Labels `first` to `last` (those without an outcome) failed with the same code, which may be UNCERTAIN."""
        with self._database.write() as connection:
            failed = self._fail(connection, job.seq, first, last, code, tries)
            self._touch(connection, job.seq, job.job_id)
        self._totals.labels(job.printer, "uncertain" if code == UNCERTAIN else "failed", failed)

    def end(self, job: OpenJob, given_up: str | None = None, tries: int = 0) -> str:
        """Close the job once it has nothing left to send; returns its final status.

        `given_up` is the code of the fault for which its remaining labels were given up, or CANCELLED.
        """
        failed = taken_back = 0
        with self._database.write() as connection:
            uncertain = self._settle_sent(connection, job.seq)
            if given_up and given_up != CANCELLED:
                failed = self._fail(connection, job.seq, 1, job.quantity, given_up, tries)
            row = connection.execute("SELECT printed, failed FROM jobs WHERE seq = ?", (job.seq,)).fetchone()
            status, code, message = _verdict(job, row["printed"], row["failed"], given_up)
            if status == "cancelled":
                taken_back = take_back(connection, job.seq, now())
            if status != "cancelled" and code is None and row["failed"]:
                code = connection.execute(
                    "SELECT code FROM labels WHERE job_seq = ? AND state IN ('failed', 'uncertain')"
                    " ORDER BY idx LIMIT 1",
                    (job.seq,),
                ).fetchone()[0]
                message = f"{row['failed']} of {job.quantity} labels failed. {MESSAGES.get(code, '')}".strip()
            connection.execute(
                "UPDATE jobs SET status = ?, error_code = ?, error_message = ?, completed_at = ?, waiting_for = NULL,"
                " waiting_since = NULL, meter = NULL WHERE seq = ?",
                (status, code, message, now(), job.seq),
            )
            self._touch(connection, job.seq, job.job_id)
        for outcome, count in (("uncertain", uncertain), ("failed", failed), ("taken_back", taken_back)):
            self._totals.labels(job.printer, outcome, count)
        self._totals.job_ended(job.printer, status)
        return status

    def _settle_sent(self, connection: sqlite3.Connection, seq: int) -> int:
        rows = connection.execute("SELECT idx FROM labels WHERE job_seq = ? AND state = 'sent'", (seq,)).fetchall()
        for row in rows:
            self._fail(connection, seq, row["idx"], row["idx"], UNCERTAIN, 1)
        return len(rows)

    def _fail(self, connection: sqlite3.Connection, seq: int, first: int, last: int, code: str, tries: int) -> int:
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
        return count

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
