"""A data directory of the first release, which kept no version and counted only, is taken over.

data/version_0.sql is a dump of what that release left when it was killed while it printed; its jobs' keys say what
became of each. Its third label of `key-printing` was on the line at that moment.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from print_server import schema
from print_server.database import Database, DataDirError
from tests.support.print_server import start_print_server, start_virtual_zebra

DUMP = (Path(__file__).parent / "data" / "version_0.sql").read_text("utf-8")
ACCOUNTS = {
    "confirmed": ("completed", ["confirmed"] * 3),
    "unconfirmed": ("completed", ["reported"] * 2),
    "uncertain": ("completed", ["confirmed", "uncertain", "confirmed", "confirmed"]),
    "failed": ("failed", ["confirmed", "failed", "failed"]),
    "cancelled": ("cancelled", ["confirmed"] * 3 + ["taken_back"] * 3),
    "cancelled_early": ("cancelled", ["taken_back"] * 2),
    "printing": ("printing", ["confirmed", "confirmed", "uncertain", "waiting"]),
    "queued": ("queued", ["waiting"] * 2),
    "queued_low": ("queued", ["waiting"]),
}


@pytest.fixture
def old_data(tmp_path):
    with sqlite3.connect(tmp_path / "jobs.sqlite3") as connection:
        connection.executescript(DUMP)
        assert connection.execute("PRAGMA user_version").fetchone() == (0,)
    connection.close()
    return tmp_path


def version(data_dir) -> int:
    connection = sqlite3.connect(data_dir / "jobs.sqlite3")
    try:
        return connection.execute("PRAGMA user_version").fetchone()[0]
    finally:
        connection.close()


def test_accounts_have_the_evidence_that_was_known_and_no_more(old_data):
    # A printer that refuses connections and a long patience: the open jobs stay as they are.
    gone = {"Zebra-1": "tcp://127.0.0.1:9", "Plain": "tcp://127.0.0.1:9"}
    with start_print_server(gone, data_dir=old_data, label_pause=600, keep_days=36500) as server:
        for name, (status, states) in ACCOUNTS.items():
            code, found = server.call("GET", f"/api/print/key-{name}")
            assert (code, found["status"]) == (200, status), name
            assert server.label_states(found["job_id"]) == states, name
            answer = server.status(found["job_id"])
            printed = [state for state in states if state in ("confirmed", "reported")]
            assert answer["counts"] == {
                "printed": len(printed),
                "confirmed": states.count("confirmed"),
                "failed": states.count("failed"),
                "uncertain": states.count("uncertain"),
            }, name
            assert answer["progress"]["completed"] == len(printed)
            assert len(answer["failed_labels"]) == answer["progress"]["failed"]
            assert answer["confirmed"] == (name == "confirmed")
            # Nobody had noted when a label was printed.
            printed_runs = [
                run for run in server.label_runs(found["job_id"]) if run["state"] in ("confirmed", "reported")
            ]
            assert not any("at" in run for run in printed_runs)
    assert version(old_data) == len(schema.STEPS)


def test_open_jobs_go_on(old_data):
    with (
        start_virtual_zebra("Zebra-1", 50) as zebra,
        start_print_server({"Zebra-1": zebra}, data_dir=old_data, keep_days=36500) as server,
    ):
        jobs = {name: server.call("GET", f"/api/print/key-{name}")[1]["job_id"] for name in ACCOUNTS}
        statuses = {name: server.wait(jobs[name]) for name in ("printing", "queued", "queued_low")}
        assert {status["status"] for status in statuses.values()} == {"completed"}
        assert zebra.labels() == [
            f"^XA^FD{label}^FS^XZ" for label in ("printing 4", "queued 1", "queued 2", "queued_low 1")
        ]
        assert server.label_states(jobs["printing"]) == ["confirmed", "confirmed", "uncertain", "confirmed"]
        assert statuses["printing"]["counts"] == {"printed": 3, "confirmed": 3, "failed": 0, "uncertain": 1}
        assert statuses["queued"]["confirmed"] is True
        # The same request with its key finds the old job; another one with that key is refused.
        labels = [
            {
                "zpl_code": f"^XA^FDqueued {number}^FS^XZ",
                "label_index": number,
                "box_number": number,
                "lot_number": "LOT-1",
            }
            for number in (1, 2)
        ]
        body = {"printer": "Zebra-1", "quantity": 2, "labels": labels, "job_metadata": {}}
        code, answer = server.call("POST", "/api/print", body, **{"Idempotency-Key": "key-queued"})
        assert (code, answer["job_id"]) == (200, jobs["queued"])
        code, answer = server.call("POST", "/api/print", body, **{"Idempotency-Key": "key-failed"})
        assert (code, answer["code"]) == (422, "idempotency_key_reused")


def test_a_second_start_changes_nothing_more(old_data):
    def content():
        Database(old_data).close()
        connection = sqlite3.connect(old_data / "jobs.sqlite3")
        try:
            return list(connection.iterdump())
        finally:
            connection.close()

    assert content() == content()


def test_a_step_that_breaks_off_leaves_the_file_as_it_was(old_data, monkeypatch):
    before = version(old_data)
    monkeypatch.setattr(schema, "STEPS", (schema.STEPS[0], schema.STEPS[1] + "; SELECT 1 FROM nowhere"))
    with pytest.raises(DataDirError, match=r"is incomplete: no such table: .*nowhere"):
        Database(old_data)
    assert (before, version(old_data)) == (0, 1)
    monkeypatch.undo()
    Database(old_data).close()
    assert version(old_data) == len(schema.STEPS)


def test_printed_labels_of_a_job_that_was_confirmed_in_part_are_reported(old_data):
    """The first release counted confirmed labels without saying which they were."""
    connection = sqlite3.connect(old_data / "jobs.sqlite3")
    with connection:
        connection.execute("UPDATE jobs SET confirmed = 1 WHERE printed = 2 AND status = 'completed'")
    connection.close()
    database = Database(old_data)
    rows = database.reader.execute(
        "SELECT jobs.confirmed, labels.state FROM jobs JOIN labels ON job_seq = seq WHERE printer = 'Plain'"
    )
    assert [tuple(row) for row in rows] == [(0, "reported")] * 2
    database.close()


def test_data_of_a_newer_release_is_refused_in_words(old_data):
    connection = sqlite3.connect(old_data / "jobs.sqlite3")
    connection.execute(f"PRAGMA user_version = {len(schema.STEPS) + 1}")
    connection.close()
    with pytest.raises(RuntimeError, match="was written by a newer print server"):
        start_print_server({}, data_dir=old_data)
    with pytest.raises(DataDirError, match=f"reads versions up to {len(schema.STEPS)}"):
        Database(old_data)
    assert version(old_data) == len(schema.STEPS) + 1
