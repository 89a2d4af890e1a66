"""The six calls as a client of any generation meets them."""

from __future__ import annotations

import re
import time

import pytest
import requests

from tests.support.print_server import start_print_server

PRINTER = "Zebra-1"


def labels(count: int, prefix: str = "Box") -> list[str]:
    return [f"^XA^FO40,40^FD{prefix} {number}^FS^XZ" for number in range(1, count + 1)]


def test_print_answers_201_with_an_estimate_and_prints_in_order(server, zebra):
    body = {"printer": PRINTER, "quantity": 5, "labels": [{"zpl_code": zpl} for zpl in labels(5)]}
    code, answer = server.call("POST", "/api/print", body)
    assert code == 201
    assert answer["status"] == "queued"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", answer["estimated_completion"])
    status = server.wait(answer["job_id"])
    assert (status["status"], status["confirmed"], status["failed_labels"]) == ("completed", True, [])
    assert status["progress"] == {"total": 5, "completed": 5, "failed": 0}
    assert zebra.labels() == labels(5)


def test_progress_is_followed_label_by_label(server, zebra):
    zebra.slow(20)
    job = server.print_labels(PRINTER, labels(10))
    seen = []
    while (status := server.status(job))["status"] in ("queued", "printing"):
        if status["status"] == "printing" and status["current_label"] not in seen:
            seen.append(status["current_label"])
        time.sleep(0.01)
    assert seen == sorted(seen)
    assert len(seen) >= 8
    assert status["current_label"] == 10


def test_revision_grows_with_every_change(server, zebra):
    status = server.wait(server.print_labels(PRINTER, labels(3)))
    assert status["revision"] >= 4


def test_printers_lists_state_and_queue(server, zebra):
    printer = server.printer(PRINTER)
    assert printer["status"] in ("online", "busy")
    assert printer["connection"] == "network"
    assert printer["state_reasons"] == []
    zebra.pause()
    server.print_labels(PRINTER, labels(1))
    assert server.printer(PRINTER)["jobs_in_queue"] == 1


@pytest.mark.alone
def test_printers_answers_at_once_while_a_printer_is_silent(server, zebra):
    zebra.hang()
    time.sleep(0.4)
    started = time.monotonic()
    server.call("GET", "/api/printers")
    assert time.monotonic() - started < 0.2


def test_test_call_prints_one_label(server, zebra):
    code, answer = server.call("POST", "/api/test", {"printer": PRINTER})
    assert (code, answer["success"]) == (200, True)
    assert len(zebra.labels()) == 1


def test_test_call_says_what_stops_the_printer(server, zebra):
    zebra.head_open()
    deadline = time.monotonic() + 3
    while server.printer(PRINTER)["status"] != "error" and time.monotonic() < deadline:
        time.sleep(0.05)
    code, answer = server.call("POST", "/api/test", {"printer": PRINTER})
    assert (code, answer["success"]) == (200, False)
    assert "head" in answer["message"]
    zebra.resume()
    time.sleep(0.5)
    assert zebra.labels() == []


def test_health_names_capabilities(server):
    code, answer = server.call("GET", "/api/health")
    assert code == 200
    assert answer["status"] == "ok"
    assert answer["capabilities"] == [
        "batch_status", "failed_labels", "idempotency", "label_account", "printer_reasons", "submission_lookup",
    ]  # fmt: skip
    assert answer["printers"] == 1


def test_health_without_a_key_tells_only_that_it_lives(server):
    answer = requests.get(server.url + "/api/health", timeout=5)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_batch_status_keeps_the_order_and_names_the_unknown(server, zebra):
    jobs = [server.print_labels(PRINTER, labels(1)) for _number in range(3)]
    code, answer = server.call("POST", "/api/status", {"job_ids": [*reversed(jobs), "nobody"]})
    assert code == 200
    assert [job["job_id"] for job in answer["jobs"]] == jobs[::-1]
    assert answer["unknown"] == ["nobody"]


def test_batch_status_of_one_and_of_none(server, zebra):
    job = server.print_labels(PRINTER, labels(1))
    assert server.call("POST", "/api/status", {"job_ids": [job]})[1]["jobs"][0]["job_id"] == job
    assert server.call("POST", "/api/status", {"job_ids": []}) == (200, {"jobs": [], "unknown": []})


def test_priorities_overtake_waiting_jobs(server, zebra):
    zebra.slow(10)
    first = server.print_labels(PRINTER, labels(3, "first"))
    server.wait(first, "printing")
    low = server.print_labels(PRINTER, labels(1, "low"), priority="low")
    server.print_labels(PRINTER, labels(1, "normal"))
    server.print_labels(PRINTER, labels(1, "high"), priority="high")
    server.wait(low)
    order = [re.search(r"\^FD(\w+)", zpl).group(1) for zpl in zebra.labels()]
    assert order == ["first", "first", "first", "high", "normal", "low"]


def test_failed_labels_name_box_and_lot(server, zebra):
    zebra.paper_out(1)
    entries = [
        {"zpl_code": zpl, "label_index": 10 + number, "box_number": number, "lot_number": f"LOT-{number}"}
        for number, zpl in enumerate(labels(3), 1)
    ]
    status = server.wait(server.print_labels(PRINTER, entries))
    assert [
        (row["index"], row["label_index"], row["box_number"], row["lot_number"]) for row in status["failed_labels"]
    ] == [
        (2, 12, 2, "LOT-2"),
        (3, 13, 3, "LOT-3"),
    ]


def test_jobs_are_kept_over_an_orderly_restart(zebra, tmp_path):
    zebra.slow(10)
    with start_print_server({PRINTER: zebra}, data_dir=tmp_path) as server:
        job = server.print_labels(PRINTER, labels(8))
        server.wait(job, "printing")
        time.sleep(0.3)
        server.restart()
        status = server.wait(job)
    assert status["status"] == "completed"
    assert status["progress"]["failed"] == 0
    assert zebra.labels() == labels(8)


def test_a_second_server_on_the_same_data_is_refused(server):
    with pytest.raises(RuntimeError, match="Another print server is using"):
        start_print_server({}, data_dir=server.data_dir)


@pytest.mark.parametrize("capability", ["batch_status", "failed_labels"])
def test_capabilities_can_be_switched_one_by_one(zebra, capability):
    with start_print_server({PRINTER: zebra}, capabilities=capability) as server:
        assert server.call("GET", "/api/health")[1]["capabilities"] == [capability]
        status = server.wait(server.print_labels(PRINTER, labels(1)))
        assert ("failed_labels" in status) == (capability == "failed_labels")
        assert (server.call("POST", "/api/status", {"job_ids": []})[0] == 200) == (capability == "batch_status")
        assert "state_reasons" not in server.printer(PRINTER)
