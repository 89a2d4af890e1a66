"""Cancelling: at once while queued, between two labels while printing, once."""

from __future__ import annotations

import random
import time

import pytest

from tests.support.print_server import start_print_server, start_virtual_zebra

PRINTER = "Zebra-1"
LABELS = [f"^XA^FD{number}^FS^XZ" for number in range(1, 11)]


def cancel(server, job):
    code, answer = server.call("DELETE", f"/api/jobs/{job}")
    return code, answer.get("success"), answer.get("code")


def test_queued_job_is_cancelled_at_once_and_only_once(server, zebra):
    zebra.slow(10)
    first = server.print_labels(PRINTER, LABELS[:3])
    server.wait(first, "printing")
    second = server.print_labels(PRINTER, LABELS)
    assert cancel(server, second) == (200, True, None)
    assert cancel(server, second) == (409, None, "job_finished")
    status = server.status(second)
    assert (status["status"], status["error_code"], status["failed_labels"]) == ("cancelled", "cancelled", [])
    server.wait(first)
    time.sleep(0.2)
    assert zebra.labels() == LABELS[:3]


def test_printing_job_stops_between_two_labels(server, zebra):
    zebra.slow(10)
    job = server.print_labels(PRINTER, LABELS)
    while server.status(job)["current_label"] < 3:
        time.sleep(0.01)
    assert cancel(server, job) == (200, True, None)
    status = server.wait(job)
    assert status["status"] == "cancelled"
    assert 3 <= status["current_label"] <= 5
    assert status["progress"] == {"total": 10, "completed": status["current_label"], "failed": 0}
    time.sleep(0.3)
    assert zebra.labels() == LABELS[: status["current_label"]]


@pytest.mark.alone
def test_job_that_waits_for_a_stopped_printer_is_cancelled_without_delay(server, zebra):
    zebra.offline()
    job = server.print_labels(PRINTER, LABELS)
    server.wait(job, "printing")
    started = time.monotonic()
    assert cancel(server, job)[0] == 200
    assert server.wait(job)["status"] == "cancelled"
    assert time.monotonic() - started < 0.5
    assert zebra.labels() == []


def test_finished_job_cannot_be_cancelled(server, zebra):
    job = server.print_labels(PRINTER, LABELS[:1])
    server.wait(job)
    assert cancel(server, job) == (409, None, "job_finished")
    assert server.status(job)["status"] == "completed"


def test_labels_of_a_cancelled_job_are_taken_back(server, zebra):
    zebra.slow(10)
    first = server.print_labels(PRINTER, LABELS)
    server.wait(first, "printing")
    queued = server.print_labels(PRINTER, LABELS)
    cancel(server, queued)
    (run,) = server.label_runs(queued)
    assert (run["count"], run["state"], run["code"], "tries" in run) == (10, "taken_back", "cancelled", False)
    status = server.status(queued)
    assert run["at"] == status["completed_at"]
    assert (status["started_at"], status["counts"]["printed"]) == (None, 0)
    cancel(server, first)
    counts = server.wait(first)["counts"]
    assert counts == {"printed": counts["printed"], "confirmed": counts["printed"], "failed": 0, "uncertain": 0}
    states = server.label_states(first)
    assert states == ["confirmed"] * counts["printed"] + ["taken_back"] * (10 - counts["printed"])


def test_a_label_withdrawn_from_a_stopped_printer_is_taken_back(server, zebra):
    zebra.slow(4)
    job = server.print_labels(PRINTER, LABELS[:3])
    while server.status(job)["current_label"] < 1:
        time.sleep(0.01)
    time.sleep(0.02)
    zebra.pause()
    cancel(server, job)
    status = server.wait(job)
    first, *rest = server.label_states(job)
    assert (status["status"], first, rest[1]) == ("cancelled", "confirmed", "taken_back")
    # The printer may have begun it already: then nobody can tell.
    assert rest[0] in ("taken_back", "uncertain")
    zebra.resume()
    time.sleep(0.5)
    assert rest[0] == "uncertain" or zebra.labels() == LABELS[:1]


def test_cancel_while_the_last_label_prints_ends_completed(server, zebra):
    zebra.slow(3)
    job = server.print_labels(PRINTER, LABELS[:2])
    while server.status(job)["current_label"] < 1 or server.label_states(job)[1] != "sent":
        time.sleep(0.005)
    code, answer = server.call("DELETE", f"/api/jobs/{job}")
    assert (code, answer["outcome"]) == (200, "cancelling")
    status = server.wait(job)
    assert (status["status"], status["confirmed"], status["error"]) == ("completed", True, None)
    assert status["counts"] == {"printed": 2, "confirmed": 2, "failed": 0, "uncertain": 0}
    assert zebra.labels() == LABELS[:2]


def test_counts_are_right_whenever_the_cancel_comes():
    chance = random.Random(4)
    with start_virtual_zebra(PRINTER, 40) as zebra, start_print_server({PRINTER: zebra}) as server:
        ended = set()
        for number in range(15):
            zpls = [f"^XA^FDjob {number} label {index}^FS^XZ" for index in range(1, 7)]
            job = server.print_labels(PRINTER, zpls)
            time.sleep(chance.random() * 0.4)
            code, answer = server.call("DELETE", f"/api/jobs/{job}")
            status = server.wait(job)
            printed = zebra.times_printed()
            states = server.label_states(job)
            assert [printed[zpl] for zpl in zpls] == [int(state == "confirmed") for state in states]
            assert status["counts"]["printed"] == states.count("confirmed") == status["progress"]["completed"]
            assert set(states) <= {"confirmed", "taken_back"}
            assert (status["status"] == "completed") == (states == ["confirmed"] * 6)
            if code == 200 and answer["outcome"] == "cancelled":
                assert states == ["taken_back"] * 6
            elif code == 409:
                assert status["status"] == "completed"
            # What was told at the end stays as it was told.
            assert server.status(job) == status
            ended.add(status["status"])
        assert "cancelled" in ended
