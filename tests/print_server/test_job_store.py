"""What the store keeps of a request, what it tells of a job, and what a cancel and a key do."""

from __future__ import annotations

import json
import time

import pytest
from small_shop import PRINTER, request, total, zpl

from print_server import job_store, submission_keys
from print_server.job_store import Accepted, KeyBarred, KeyReused, OpenJobs, Submission


def accept(stores, *texts, key=None, **changes):
    return stores.jobs.accept(request(*texts, **changes), key).job_id


def test_an_accepted_job(stores, at):
    at(1000.0)
    accepted = stores.jobs.accept(
        request(zpl(1), zpl(2, copies=3), mo_reference="WH/MO/1", metadata={"a": [1]}, priority=2)
    )
    assert accepted == Accepted(accepted.job_id, created=True)
    row = dict(stores.jobs.get(accepted.job_id))
    assert json.loads(row.pop("metadata")) == {"a": [1]}
    assert row == {
        "seq": 1, "id": accepted.job_id, "printer": PRINTER, "priority": 2, "status": "queued", "quantity": 2,
        "current_label": 0, "printed": 0, "failed": 0, "confirmed": 0, "cancel_requested": 0, "error_code": None,
        "error_message": None, "mo_reference": "WH/MO/1", "created_at": 1000.0, "started_at": None,
        "completed_at": None, "updated_at": 1000.0, "revision": 0, "picked_up": 0, "uncertain": 0,
        "waiting_for": None, "waiting_since": None, "meter": None, "meter_of": None, "pieces": 4,
        "pieces_printed": 0, "pieces_begun": 0,
    }  # fmt: skip
    assert stores.told == [accepted.job_id]


def test_the_labels_of_a_job(stores):
    job_id = accept(stores, zpl(1), zpl(2), zpl(3, copies=2))
    assert stores.jobs.labels(job_id) == [
        {"index": 1, "count": 2, "state": "waiting"},
        {"index": 3, "copies": 2, "state": "waiting"},
    ]
    assert stores.jobs.labels("unknown") is None
    assert stores.jobs.get("unknown") is None


def test_a_key_finds_the_job_that_it_has_made(stores):
    first = stores.jobs.accept(request(zpl(1)), "key")
    again = stores.jobs.accept(request(zpl(1)), "key")
    assert (first.created, again) == (True, Accepted(first.job_id, created=False))
    assert stores.told == [first.job_id]
    assert stores.jobs.submission("key") == Submission(first.job_id, "queued")
    assert stores.jobs.submission("other") is None


def test_the_order_of_a_requests_properties_makes_no_difference(stores):
    body = request(zpl(1))
    assert stores.jobs.accept(body, "key").created
    assert not stores.jobs.accept(dict(reversed(body.items())), "key").created


def test_a_key_is_not_good_for_another_request(stores):
    stores.jobs.accept(request(zpl(1)), "key")
    with pytest.raises(KeyReused, match="key"):
        stores.jobs.accept(request(zpl(2)), "key")
    assert stores.jobs.waiting() == {PRINTER: (1, 1)}


def test_without_a_key_each_request_makes_a_job(stores):
    assert accept(stores) != accept(stores)
    assert stores.jobs.waiting() == {PRINTER: (2, 2)}


def test_a_submission_that_is_cancelled_before_it_arrives_is_barred(stores):
    assert stores.jobs.cancel_submission("key") == Submission(None, None)
    assert stores.jobs.cancel_submission("key") == Submission(None, None)
    with pytest.raises(KeyBarred, match="key"):
        accept(stores, key="key")
    assert stores.jobs.submission("key") == Submission(None, None)
    assert stores.jobs.waiting() == {}


def test_a_submission_that_is_cancelled_after_it_has_arrived(stores):
    job_id = accept(stores, key="key")
    assert stores.jobs.cancel_submission("key") == Submission(job_id, "queued")
    assert stores.jobs.submission("key") == Submission(job_id, "cancelled")
    assert stores.jobs.cancel_submission("key") == Submission(job_id, "cancelled")
    assert total(stores.totals, "jobs_ended", PRINTER, "cancelled") == 1


def test_jobs_are_read_in_the_order_asked_for(stores):
    first, second = accept(stores, zpl(1)), accept(stores, zpl(2), zpl(3))
    found = stores.jobs.read([second, "unknown", first])
    assert [job.row["id"] for job in found] == [second, first]
    assert [job.labels for job in found] == [None, None]
    assert [job.failed_labels for job in found] == [[], []]
    with_labels = stores.jobs.read([second, first], labels=True)
    assert [job.labels[0].get("count", 1) for job in with_labels] == [2, 1]
    assert stores.jobs.read([]) == []


def test_an_answer_holds_the_labels_of_as_many_jobs_as_fit(stores, monkeypatch):
    jobs = [accept(stores, *[zpl(each) for each in range(number)]) for number in (3, 2, 1)]
    monkeypatch.setattr(job_store, "ANSWERED_LABELS", 5)
    assert [bool(job.labels) for job in stores.jobs.read(jobs, labels=True)] == [True, True, False]
    monkeypatch.setattr(job_store, "ANSWERED_LABELS", 4)
    assert [job.labels is None for job in stores.jobs.read(jobs, labels=True)] == [False, True, True]
    # One job is always told whole.
    monkeypatch.setattr(job_store, "ANSWERED_LABELS", 2)
    assert [job.labels is None for job in stores.jobs.read(jobs, labels=True)] == [False, True, True]


def test_failed_labels_are_called_by_what_they_brought(stores):
    label = {"zpl": zpl(1), "label_index": 7, "box_number": "B", "lot_number": "L", "metadata": {"a": 1}, "more": 1}
    bare = {"zpl": zpl(2), "label_index": None, "metadata": {}}
    job = stores.begin(labels=[label, bare])
    other = accept(stores, zpl(3))
    stores.labels.fail(job, 1, 2, "paper_out", 3)
    found, unharmed = stores.jobs.read([job.job_id, other])
    message = "The printer is out of labels: load a new roll."
    failure = {"code": "paper_out", "message": message, "tries": 3}
    assert found.failed_labels == [
        {"index": 1, **failure, "label_index": 7, "box_number": "B", "lot_number": "L", "metadata": {"a": 1}},
        {"index": 2, **failure},
    ]
    assert unharmed.failed_labels == []


def test_open_jobs_and_their_labels_by_printer(stores, at):
    at(1000.0)
    begun = stores.begin(zpl(1), zpl(2), zpl(3), zpl(4))
    stores.labels.advance(begun, leaving=[1])
    stores.labels.advance(begun, [(1, "confirmed")])
    stores.labels.fail(begun, 2, 2, "paper_out", 1)
    at(2000.0)
    accept(stores, zpl(5))
    at(3000.0)
    accept(stores, zpl(6))
    accept(stores, zpl(7), printer="Other")
    stores.jobs.request_cancel(accept(stores, zpl(8), printer="Third"))
    assert stores.jobs.waiting() == {PRINTER: (3, 4), "Other": (1, 1)}
    assert stores.jobs.open_jobs() == {
        (PRINTER, "printing"): OpenJobs(1, 2, 1000.0),
        (PRINTER, "queued"): OpenJobs(2, 2, 2000.0),
        ("Other", "queued"): OpenJobs(1, 1, 3000.0),
    }


def test_a_queued_job_is_cancelled_at_once(stores, at):
    at(1000.0)
    job_id = accept(stores, zpl(1), zpl(2))
    at(2000.0)
    assert stores.jobs.request_cancel(job_id) == "queued"
    row = stores.jobs.get(job_id)
    expected = {
        "status": "cancelled", "cancel_requested": 1, "error_code": "cancelled", "completed_at": 2000.0,
        "error_message": "Cancelled after 0 of 2 labels.", "updated_at": 2000.0, "revision": 1, "picked_up": 1,
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected
    (run,) = stores.jobs.labels(job_id)
    assert run == {
        "index": 1, "count": 2, "state": "taken_back", "at": "1970-01-01T00:33:20.000Z", "code": "cancelled",
    }  # fmt: skip
    assert stores.told == [job_id] * 2
    assert total(stores.totals, "labels", PRINTER, "taken_back") == 2
    assert total(stores.totals, "jobs_ended", PRINTER, "cancelled") == 1


def test_a_second_cancel_changes_nothing(stores):
    job_id = accept(stores)
    stores.jobs.request_cancel(job_id)
    before = dict(stores.jobs.get(job_id))
    assert stores.jobs.request_cancel(job_id) == "cancelled"
    assert dict(stores.jobs.get(job_id)) == before
    assert total(stores.totals, "jobs_ended", PRINTER, "cancelled") == 1


def test_a_printing_job_is_left_to_its_worker(stores):
    job, other = stores.begin(zpl(1)), accept(stores)
    told = list(stores.told)
    assert stores.jobs.request_cancel(job.job_id) == "printing"
    row = stores.jobs.get(job.job_id)
    assert (row["status"], row["cancel_requested"]) == ("printing", 1)
    assert stores.jobs.get(other)["cancel_requested"] == 0
    assert stores.labels.cancel_requested(job)
    assert stores.states(job.job_id) == ["waiting"]
    assert stores.told == told
    assert total(stores.totals, "jobs_ended", PRINTER, "cancelled") == 0


def test_a_job_that_nobody_knows_is_not_cancelled(stores):
    assert stores.jobs.request_cancel("unknown") is None


def test_old_jobs_are_forgotten_with_labels_and_keys(stores, at, monkeypatch):
    monkeypatch.setattr(job_store, "PRUNED_AT_ONCE", 2)
    jobs = []
    for number in range(6):
        jobs.append(accept(stores, zpl(1), key=f"key-{number}"))
        at(1000.0 + number)
        stores.jobs.request_cancel(jobs[-1])
    still_open = accept(stores, key="open")
    assert stores.jobs.prune(1005.0) == 5
    assert [job.row["id"] for job in stores.jobs.read([*jobs, still_open])] == [jobs[5], still_open]
    assert stores.jobs.submission("key-0") is None
    assert stores.jobs.submission("key-5") == Submission(jobs[5], "cancelled")
    assert stores.database.reader.execute("SELECT COUNT(*) FROM labels").fetchone()[0] == 2


def test_barred_keys_are_forgotten_with_the_time(stores, at):
    at(1000.0)
    stores.jobs.cancel_submission("old")
    at(2000.0)
    stores.jobs.cancel_submission("new")
    assert stores.jobs.prune(2000.0) == 0
    assert (stores.jobs.submission("old"), stores.jobs.submission("new")) == (None, Submission(None, None))


def test_the_row_of_a_key(stores):
    with stores.database.write() as connection:
        submission_keys.bind(connection, "key", "job", "digest", 1000.0)
        submission_keys.bar(connection, "barred", 2000.0)
        assert tuple(submission_keys.find(connection, "key")) == ("job", "digest")
        assert tuple(submission_keys.find(connection, "barred")) == (None, None)
        assert submission_keys.find(connection, "other") is None
        times = connection.execute("SELECT created_at FROM submissions ORDER BY key").fetchall()
        assert [row[0] for row in times] == [2000.0, 1000.0]


def test_a_store_works_without_listeners(stores):
    alone = job_store.JobStore(stores.database)
    job_id = alone.accept(request(zpl(1))).job_id
    assert alone.request_cancel(job_id) == "queued"


def test_times_are_those_of_the_clock(stores):
    before = time.time()
    row = stores.jobs.get(accept(stores))
    assert before <= row["created_at"] <= time.time()
