"""Submissions whose answer was lost: found and cancelled by their idempotency keys, and barred from arriving late."""

from __future__ import annotations

import threading
import uuid

import pytest

from tests.support.print_server import start_print_server

PRINTER = "Zebra-1"
LABELS = [f"^XA^FD{number}^FS^XZ" for number in range(1, 11)]


@pytest.fixture
def key():
    return str(uuid.uuid4())


def submit(server, key, count=10):
    labels = [{"zpl_code": zpl} for zpl in LABELS[:count]]
    body = {"printer": PRINTER, "quantity": count, "labels": labels}
    return server.call("POST", "/api/print", body, **{"Idempotency-Key": key})


def find(server, key):
    return server.call("GET", f"/api/print/{key}")


def cancel(server, key):
    return server.call("DELETE", f"/api/print/{key}")


def test_a_job_is_found_by_its_key(server, zebra, key):
    code, answer = find(server, key)
    assert (code, answer["code"], answer.get("barred")) == (404, "submission_unknown", None)
    job = submit(server, key, 2)[1]["job_id"]
    server.wait(job)
    assert find(server, key) == (200, {"job_id": job, "status": "completed"})


def test_a_barred_key_prints_nothing_whenever_it_arrives(server, zebra, key):
    for _time in range(2):
        code, answer = cancel(server, key)
        assert (code, answer["success"], answer["outcome"], "job_id" in answer) == (200, True, "barred", False)
    code, answer = find(server, key)
    assert (code, answer["code"], answer["barred"]) == (404, "submission_unknown", True)
    for _time in range(2):
        code, answer = submit(server, key)
        assert (code, answer["code"]) == (409, "submission_barred")
    other = submit(server, str(uuid.uuid4()), 1)[1]["job_id"]
    server.wait(other)
    assert zebra.labels() == LABELS[:1]


def test_barred_keys_outlive_a_crash(zebra, tmp_path, key):
    with start_print_server({PRINTER: zebra}, data_dir=tmp_path) as server:
        cancel(server, key)
        server.kill()
        server.restart()
        assert submit(server, key)[1]["code"] == "submission_barred"
    assert zebra.labels() == []


def test_a_queued_job_is_cancelled_by_its_key(server, zebra, key):
    zebra.slow(10)
    first = server.print_labels(PRINTER, LABELS[:3])
    server.wait(first, "printing")
    job = submit(server, key)[1]["job_id"]
    for _time in range(2):
        code, answer = cancel(server, key)
        assert (code, answer["outcome"], answer["job_id"]) == (200, "cancelled", job)
    assert server.status(job)["status"] == "cancelled"
    assert find(server, key) == (200, {"job_id": job, "status": "cancelled"})
    server.wait(first)
    assert zebra.labels() == LABELS[:3]


def test_a_printing_job_is_cancelled_by_its_key(server, zebra, key):
    zebra.slow(10)
    job = submit(server, key)[1]["job_id"]
    server.wait(job, "printing")
    code, answer = cancel(server, key)
    assert (code, answer["outcome"], answer["job_id"]) == (200, "cancelling", job)
    status = server.wait(job)
    assert status["status"] == "cancelled"
    assert zebra.labels() == LABELS[: status["counts"]["printed"]]
    code, answer = cancel(server, key)
    assert (code, answer["outcome"], answer["job_id"]) == (200, "cancelled", job)


def test_a_finished_job_cannot_be_cancelled_by_its_key(server, zebra, key):
    job = submit(server, key, 1)[1]["job_id"]
    server.wait(job)
    code, answer = cancel(server, key)
    assert (code, answer["code"], answer["job_id"]) == (409, "job_finished", job)
    assert {"error", "message", "timestamp"} <= set(answer)


def test_cancel_and_arrival_at_the_same_moment_agree(server, zebra):
    """Whoever comes first: either the job exists and is cancelled, or it is refused. Nothing in between."""
    zebra.pause()
    outcomes = set()
    for _round in range(40):
        key, answers = str(uuid.uuid4()), {}
        threads = [
            threading.Thread(target=lambda key=key, answers=answers: answers.update(submit=submit(server, key))),
            threading.Thread(target=lambda key=key, answers=answers: answers.update(cancel=cancel(server, key))),
        ]
        for thread in threads if _round % 2 else threads[::-1]:
            thread.start()
        for thread in threads:
            thread.join()
        (submitted, job), (_code, cancelled) = answers["submit"], answers["cancel"]
        outcomes.add(cancelled["outcome"])
        if cancelled["outcome"] == "barred":
            assert (submitted, job["code"]) == (409, "submission_barred")
        else:
            assert (submitted, job["job_id"]) == (201, cancelled["job_id"])
            assert server.wait(job["job_id"])["status"] == "cancelled"
    zebra.resume()
    assert zebra.labels() == []
    assert outcomes


def test_any_key_that_a_submission_may_have(server, zebra):
    for key in ("a/b", "100%25", "k%3Fx", "a//b", "x/"):
        assert cancel(server, key)[1]["outcome"] == "barred"
    for arrived in ("a/b", "100%", "k?x", "a//b", "x/"):
        assert submit(server, arrived)[1]["code"] == "submission_barred"


@pytest.mark.parametrize("key", ["a%20b", "%C3%A9", "x" * 256])
def test_what_cannot_be_a_key_is_refused(server, key):
    for code, answer in (find(server, key), cancel(server, key)):
        assert (code, answer["code"]) == (400, "invalid_idempotency_key")


def test_a_server_without_the_capability_has_no_such_calls(zebra, key):
    with start_print_server({PRINTER: zebra}, capabilities="idempotency,label_account") as server:
        assert server.call("GET", "/api/health")[1]["capabilities"] == ["idempotency", "label_account"]
        for code, answer in (find(server, key), cancel(server, key)):
            assert (code, answer["code"]) == (404, "not_found")


def test_lookup_needs_keys(zebra):
    with pytest.raises(RuntimeError, match="looks for idempotency keys"):
        start_print_server({PRINTER: zebra}, capabilities="submission_lookup")
