"""The tables, as ordered steps: a data file of any earlier version is brought to this one when it is opened.

`PRAGMA user_version` counts the steps that a file has been through. The first release did not set it, so step 1 finds
its tables in place. A step that has been released is never edited: a change of the tables is a new step at the end.
"""

from __future__ import annotations

import sqlite3

_FIRST_RELEASE = """
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
CREATE INDEX IF NOT EXISTS outbox_subject ON outbox (subject) WHERE replaceable
"""

_LABEL_ACCOUNT = """
ALTER TABLE jobs ADD COLUMN uncertain INTEGER NOT NULL DEFAULT 0;
ALTER TABLE labels ADD COLUMN at REAL;
DROP INDEX labels_failed;
UPDATE labels SET state = 'uncertain' WHERE state = 'failed' AND code = 'uncertain';
UPDATE labels SET state = 'taken_back', code = 'cancelled' WHERE state = 'cancelled'
    OR (state = 'waiting' AND job_seq IN (SELECT seq FROM jobs WHERE status = 'cancelled'));
UPDATE labels SET state = 'confirmed' WHERE state = 'printed'
    AND job_seq IN (SELECT seq FROM jobs WHERE confirmed = printed);
UPDATE labels SET state = 'reported' WHERE state = 'printed';
UPDATE jobs SET confirmed = 0 WHERE confirmed <> printed;
UPDATE jobs SET uncertain = (SELECT COUNT(*) FROM labels WHERE job_seq = seq AND state = 'uncertain') WHERE failed > 0;
CREATE INDEX labels_not_printed ON labels (job_seq, idx) WHERE state IN ('failed', 'uncertain');
CREATE INDEX labels_account ON labels (job_seq, idx, state, at, tries, code);
CREATE TABLE submissions (
    key TEXT PRIMARY KEY,
    job_id TEXT,
    digest TEXT,
    created_at REAL NOT NULL
) WITHOUT ROWID;
INSERT INTO submissions SELECT key, job_id, digest, created_at FROM idempotency
    WHERE job_id IN (SELECT id FROM jobs);
DROP TABLE idempotency;
CREATE INDEX submissions_job ON submissions (job_id)
"""
"""Labels get their evidence: printed ones of a job are `confirmed` where the printer had counted all of them, else
nobody knows which it had (`reported`). `labels_account` holds all that an account tells, so that reading one does not
read the labels' ZPL. Keys live as long as their jobs; one without a job is barred."""

_STOPPED_PRINTERS = """
ALTER TABLE jobs ADD COLUMN waiting_for TEXT;
ALTER TABLE jobs ADD COLUMN waiting_since REAL;
ALTER TABLE jobs ADD COLUMN meter INTEGER;
ALTER TABLE jobs ADD COLUMN meter_of TEXT;
CREATE TABLE printers_met (
    printer TEXT NOT NULL,
    uri TEXT NOT NULL,
    answered INTEGER NOT NULL DEFAULT 0,
    foreign_at REAL,
    PRIMARY KEY (printer, uri)
) WITHOUT ROWID
"""
"""`meter` is the odometer of the printer (whose serial number is `meter_of`) before the labels that are `sent`."""

_COPIES = """
ALTER TABLE labels ADD COLUMN copies INTEGER NOT NULL DEFAULT 1;
ALTER TABLE jobs ADD COLUMN pieces INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN pieces_printed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN pieces_begun INTEGER NOT NULL DEFAULT 0;
UPDATE jobs SET pieces = quantity, pieces_printed = printed;
DROP INDEX labels_account;
CREATE INDEX labels_account ON labels (job_seq, idx, state, at, tries, code, copies);
ALTER TABLE printers_met ADD COLUMN never_answers INTEGER NOT NULL DEFAULT 0;
CREATE TABLE notes (name TEXT PRIMARY KEY, value REAL NOT NULL) WITHOUT ROWID
"""
"""A label whose `^PQ` says so prints `copies`; `pieces` are a job's labels on paper, `pieces_begun` of them those of a
label that is still printing. `notes` are single values of the server, such as the time it believes in."""

_SPOOLER = """
ALTER TABLE labels ADD COLUMN spooler_job TEXT;
CREATE INDEX labels_left_behind ON labels (spooler_job) WHERE state = 'uncertain' AND spooler_job IS NOT NULL
"""
"""The spooler's job for a label that is `sent`, or that is `uncertain` because the spooler may still print it."""

_ALERTS = "ALTER TABLE printers_met ADD COLUMN alerts_to TEXT"
"""Where a printer was told to send its alerts (`^SX`), address:port, so that it can be told to stop."""

_ODOO_CALLS = """
CREATE TABLE odoo_calls (
    id TEXT PRIMARY KEY,
    at REAL NOT NULL,
    status INTEGER,
    headers TEXT,
    body BLOB
) WITHOUT ROWID
"""
"""Calls that Odoo handed over, with their answers; one without has begun and no more is known."""

STEPS = (_FIRST_RELEASE, _LABEL_ACCOUNT, _STOPPED_PRINTERS, _COPIES, _SPOOLER, _ALERTS, _ODOO_CALLS)


class NewerData(RuntimeError):
    """The data file was written by a newer release of this program."""


class IncompleteData(RuntimeError):
    """The data file lacks something that its version has."""


def check(connection: sqlite3.Connection) -> None:
    """Compare the tables with those of a new file, in which the server could work. Raises IncompleteData."""
    fresh = sqlite3.connect(":memory:", isolation_level=None)
    try:
        migrate(fresh)
        for table, columns in _tables(fresh).items():
            missing = columns - _tables(connection).get(table, set())
            if missing == columns:
                raise IncompleteData(f"table {table} is missing")
            if missing:
                raise IncompleteData(f"column {min(missing)} of table {table} is missing")
    finally:
        fresh.close()


def _tables(connection: sqlite3.Connection) -> dict[str, set[str]]:
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {name: {row[1] for row in connection.execute(f"PRAGMA table_info({name})")} for name in names}


def migrate(connection: sqlite3.Connection) -> None:
    """Carry out the steps that the file has not been through, each in one transaction. Raises NewerData."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(STEPS):
        raise NewerData(f"it has version {version}, and this print server reads versions up to {len(STEPS)}")
    for number, step in enumerate(STEPS[version:], version + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in step.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
