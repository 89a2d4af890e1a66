"""Cancelling: at once while queued, between two labels while printing, once."""

from __future__ import annotations

import time

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
