"""Which job of the spooler each label has gone into: stored before the spooler is given the label itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .clock import now
from .database import Database
from .label_store import OpenJob


@dataclass(frozen=True)
class SpooledLabel:
    """A label that is `sent`, the name of its job at the spooler, and how often it prints."""

    index: int
    job: str
    copies: int = 1


class SpooledLabels:
    """Beside LabelStore, for printers behind a spooler."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def leave(self, job: OpenJob, labels: Sequence[SpooledLabel], tries: int) -> None:
        """Commit that labels are about to leave: from here on the spooler tells what becomes of them."""
        with self._database.write() as connection:
            connection.executemany(
                "UPDATE labels SET state = 'sent', spooler_job = ?, tries = ?, at = ? WHERE job_seq = ? AND idx = ?",
                [(label.job, tries, now(), job.seq, label.index) for label in labels],
            )

    def sent(self, job: OpenJob) -> list[SpooledLabel]:
        """The labels that an earlier run has given to the spooler."""
        rows = self._database.reader.execute(
            "SELECT idx, spooler_job, copies FROM labels"
            " WHERE job_seq = ? AND state = 'sent' AND spooler_job IS NOT NULL ORDER BY idx",
            (job.seq,),
        )
        return [SpooledLabel(*row) for row in rows]

    def left_behind(self, printer: str) -> list[str]:
        """Jobs at the spooler of labels that were given up as uncertain: it may still print them."""
        rows = self._database.reader.execute(
            "SELECT spooler_job FROM labels INDEXED BY labels_left_behind JOIN jobs ON seq = job_seq"
            " WHERE state = 'uncertain' AND spooler_job IS NOT NULL AND printer = ? ORDER BY job_seq, idx",
            (printer,),
        )
        return [row[0] for row in rows]

    def forget(self, names: Iterable[str]) -> None:
        """The spooler has nothing more to do for these jobs."""
        with self._database.write() as connection:
            connection.executemany(
                "UPDATE labels SET spooler_job = NULL WHERE state = 'uncertain' AND spooler_job = ?",
                [(name,) for name in names],
            )
