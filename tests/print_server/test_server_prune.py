"""Old jobs are forgotten while the server runs, a few at a time, so that nobody waits for it."""

from __future__ import annotations

import threading
import time

import pytest

from print_server import engine, job_store
from print_server.clock import now
from print_server.database import Database
from print_server.job_store import JobStore, KeyReused
from print_server.settings import Settings

OLD, LIMIT, NEW = 2_000.0, 3_000.0, 4_000.0


def request(labels=3):
    return {
        "printer": "Zebra-1", "priority": 1, "mo_reference": None, "metadata": {},
        "labels": [{"zpl": f"^XA^FD{number}^FS^XZ"} for number in range(labels)],
    }  # fmt: skip


@pytest.fixture
def database(tmp_path):
    database = Database(tmp_path)
    yield database
    database.close()


def ended(store, database, number, at):
    job = store.accept(request(), f"key-{number}").job_id
    with database.write() as connection:
        connection.execute("UPDATE jobs SET status = 'completed', completed_at = ? WHERE id = ?", (at, job))
    return job


def test_old_jobs_go_with_their_labels_and_keys_and_no_other(database, monkeypatch):
    monkeypatch.setattr(job_store, "PRUNED_AT_ONCE", 2)
    store = JobStore(database)
    old = [ended(store, database, number, OLD) for number in range(5)]
    new = ended(store, database, 5, NEW)
    open_job = store.accept(request(), "key-6").job_id
    assert store.prune(LIMIT) == 5
    assert store.prune(LIMIT) == 0
    assert [store.get(job) for job in old] == [None] * 5
    assert store.get(new) and store.get(open_job)
    assert database.reader.execute("SELECT COUNT(*) FROM labels").fetchone()[0] == 6
    keys = {key for (key,) in database.reader.execute("SELECT key FROM submissions")}
    assert keys == {"key-5", "key-6"}
    with pytest.raises(KeyReused):
        store.accept(request(1), "key-5")
    assert store.accept(request(1), "key-0").created


def test_nobody_waits_for_it(database):
    store = JobStore(database)
    for number in range(600):
        ended(store, database, number, OLD)
    done = threading.Event()

    def prune():
        store.prune(LIMIT)
        done.set()

    longest, accepted = 0.0, 0
    threading.Thread(target=prune).start()
    while not done.is_set():
        began = time.monotonic()
        store.accept(request(1))
        longest, accepted = max(longest, time.monotonic() - began), accepted + 1
        time.sleep(0.001)
    assert accepted > 1
    assert longest < 2.0, "a submission waited for the whole of it"


def test_a_running_server_forgets_what_has_become_old(tmp_path, monkeypatch):
    """By its own thread, not only at its start."""
    monkeypatch.setattr(engine, "PRUNE_INTERVAL", 0.05)
    running = engine.Engine(Settings(tmp_path, ("key",), ()))
    try:
        running.start()
        time.sleep(0.2)  # past the look at its start
        old = ended(running.jobs, running.database, 1, OLD)
        new = ended(running.jobs, running.database, 2, now())
        deadline = time.monotonic() + 20
        while running.jobs.get(old) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert running.jobs.get(old) is None
        assert running.jobs.get(new)
    finally:
        running.stop()
        time.sleep(0.1)
        running.database.close()
