"""What becomes of a job when the printer stops, falls silent, goes away or is cut off: bounded, exact, never twice."""

from __future__ import annotations

import json
import time

import pytest

from tests.support.print_server import start_print_server, start_virtual_zebra

PRINTER = "Zebra-1"


def labels(first: int, last: int) -> list[str]:
    return [f"^XA^FDBox {number}^FS^XZ" for number in range(first, last + 1)]


def printers_file(folder, zebra, **options):
    file = folder / "printers.json"
    file.write_text(json.dumps([{"name": PRINTER, "uri": zebra.uri, **options}]))
    return file


def indexes(status):
    return [row["index"] for row in status["failed_labels"]]


def test_out_of_labels_at_8_of_20_and_the_retry_prints_the_other_12(server, zebra):
    zebra.paper_out(8)
    status = server.wait(server.print_labels(PRINTER, labels(1, 20)), timeout=5)
    assert (status["status"], status["error_code"], status["current_label"]) == ("failed", "paper_out", 8)
    assert status["progress"] == {"total": 20, "completed": 8, "failed": 12}
    assert indexes(status) == list(range(9, 21))
    assert {row["code"] for row in status["failed_labels"]} == {"paper_out"}
    assert server.printer(PRINTER)["state_reasons"] == ["media-empty-error"]
    assert server.printer(PRINTER)["status"] == "error"
    zebra.resume()
    time.sleep(0.3)
    again = server.wait(server.print_labels(PRINTER, labels(9, 20)))
    assert again["status"] == "completed"
    assert zebra.labels() == labels(1, 20)


def test_refilled_in_time_the_job_goes_on_by_itself(zebra):
    with start_print_server({PRINTER: zebra}, label_pause=1) as server:
        zebra.paper_out(3)
        job = server.print_labels(PRINTER, labels(1, 6))
        time.sleep(0.8)
        assert server.status(job)["current_label"] == 3
        zebra.resume()
        status = server.wait(job, timeout=6)
    assert (status["status"], status["confirmed"]) == ("completed", True)
    assert zebra.labels() == labels(1, 6)


@pytest.mark.parametrize(
    ("fault", "code", "reason", "word"),
    [
        ("paper_out", "paper_out", "media-empty-error", "error"),
        ("head_open", "head_open", "cover-open-error", "error"),
        ("ribbon_out", "ribbon_out", "marker-supply-empty-error", "error"),
        ("pause", "paused", "paused-error", "error"),
        ("hang", "printer_silent", "timed-out-error", "error"),
        ("offline", "printer_offline", "offline-error", "offline"),
    ],
)
def test_printer_stopped_before_the_job(server, zebra, fault, code, reason, word):
    getattr(zebra, fault)()
    status = server.wait(server.print_labels(PRINTER, labels(1, 3)), timeout=6)
    assert (status["status"], status["error_code"], indexes(status)) == ("failed", code, [1, 2, 3])
    assert [row["tries"] for row in status["failed_labels"]] == [3, 3, 3]
    assert status["error_message"]
    printer = server.printer(PRINTER)
    assert (printer["state_reasons"], printer["status"]) == ([reason], word)
    zebra.resume()
    time.sleep(0.6)
    assert zebra.labels() == []
    assert server.printer(PRINTER)["state_reasons"] == []


@pytest.mark.parametrize(
    ("fault", "code"), [("head_open", "head_open"), ("pause", "paused"), ("ribbon_out", "ribbon_out")]
)
def test_printer_stopped_in_mid_label_gives_the_label_back(server, zebra, fault, code):
    zebra.slow(4)
    job = server.print_labels(PRINTER, labels(1, 3))
    while server.status(job)["current_label"] < 1:
        time.sleep(0.01)
    time.sleep(0.05)
    getattr(zebra, fault)()
    status = server.wait(job, timeout=6)
    assert (status["status"], status["error_code"]) == ("failed", code)
    assert indexes(status) == [2, 3]
    # Either it was taken back for certain, or nobody claims to know.
    assert status["failed_labels"][0]["code"] in (code, "uncertain")
    certain = status["failed_labels"][0]["code"] == code
    zebra.resume()
    time.sleep(0.5)
    printed = zebra.labels()
    assert len(printed) == len(set(printed))
    assert printed[0] == labels(1, 1)[0]
    assert not certain or printed == labels(1, 1)


def test_silent_out_of_labels_nothing_is_taken_back_that_may_belong_to_others():
    with (
        start_virtual_zebra(PRINTER, 50, answers_when_stopped=False) as zebra,
        start_print_server({PRINTER: zebra}, answer_timeout=0.2) as server,
    ):
        zebra.paper_out(3)
        job = server.print_labels(PRINTER, labels(1, 6))
        status = server.wait(job, timeout=8)
        # `~HQES` says why it is silent, but not what it holds: its label comes out after the refill.
        assert (status["status"], status["error_code"]) == ("failed", "paper_out")
        states = server.label_states(job)
        assert states == ["confirmed"] * 3 + ["uncertain"] + ["failed"] * 2
        assert zebra.status()["cancelled"] == 0
        zebra.resume()
        time.sleep(0.3)
        assert zebra.labels() == labels(1, 4)


def test_silent_out_of_labels_the_administrator_may_say_that_nobody_else_prints_there(tmp_path):
    with (
        start_virtual_zebra(PRINTER, 50, answers_when_stopped=False) as zebra,
        start_print_server(printers_file=printers_file(tmp_path, zebra, shared=False), answer_timeout=0.2) as server,
    ):
        zebra.paper_out(3)
        job = server.print_labels(PRINTER, labels(1, 6))
        assert server.wait(job, timeout=8)["error_code"] == "paper_out"
        assert zebra.status()["cancelled"] == 1
        zebra.resume()
        time.sleep(0.3)
        assert zebra.labels() == labels(1, 3)


def test_line_cut_in_mid_label_costs_no_label_where_the_printer_has_an_odometer():
    with start_virtual_zebra(PRINTER, 50) as zebra, start_print_server({PRINTER: zebra}) as server:
        for number in range(3):
            zebra.forget()
            zebra.cut(after=number)
            status = server.wait(server.print_labels(PRINTER, labels(1, 8)))
            assert (status["status"], status["confirmed"], status["error_code"]) == ("completed", True, None)
            assert zebra.labels() == labels(1, 8)


@pytest.mark.parametrize("window", [1, 2])
def test_line_cut_in_mid_label_costs_at_most_the_window_without_odometer(tmp_path, window):
    with start_virtual_zebra(PRINTER, 20, odometer=False) as zebra:
        with start_print_server(printers_file=printers_file(tmp_path, zebra, window=window)) as server:
            zebra.cut(after=3)
            status = server.wait(server.print_labels(PRINTER, labels(1, 8)))
        assert (status["status"], status["confirmed"], status["error_code"]) == ("completed", False, "uncertain")
        uncertain = {row["index"] for row in status["failed_labels"] if row["code"] == "uncertain"}
        assert 1 <= len(uncertain) <= window
        printed = zebra.times_printed()
        assert all(printed[zpl] == 1 or number in uncertain for number, zpl in enumerate(labels(1, 8), 1))
        assert max(printed.values()) == 1


def test_printer_switched_off_in_mid_job(tmp_path):
    with (
        start_virtual_zebra(PRINTER, 20, keep_dir=tmp_path) as zebra,
        start_print_server({PRINTER: zebra}) as server,
    ):
        job = server.print_labels(PRINTER, labels(1, 10))
        while server.status(job)["current_label"] < 3:
            time.sleep(0.01)
        zebra.kill()
        status = server.wait(job, timeout=8)
        assert (status["status"], status["error_code"]) == ("failed", "printer_offline")
        uncertain = [row["index"] for row in status["failed_labels"] if row["code"] == "uncertain"]
        assert len(uncertain) <= 2
        zebra.restart()
        printed = zebra.labels()
        assert printed[: status["current_label"]] == labels(1, status["current_label"])
        assert len(printed) <= status["current_label"] + len(uncertain)


def test_a_printer_that_never_finishes_is_given_up(zebra):
    with start_print_server({PRINTER: zebra}, label_timeout=0.6) as server:
        zebra.slow(0.2)
        status = server.wait(server.print_labels(PRINTER, labels(1, 2)), timeout=6)
    assert (status["status"], status["error_code"]) == ("failed", "printer_error")
    # Both were sent to it, and neither can be taken back from a printer that says it is about to print them.
    assert [row["code"] for row in status["failed_labels"]] == ["uncertain", "uncertain"]
    time.sleep(0.1)


@pytest.mark.alone
def test_200_labels_at_100_a_second_without_loss(server, zebra):
    started = time.monotonic()
    status = server.wait(server.print_labels(PRINTER, labels(1, 200)), timeout=30)
    seconds = time.monotonic() - started
    assert status["confirmed"]
    assert zebra.labels() == labels(1, 200)
    # 2 s is what the printer itself needs; the rest is asking, and a shared machine.
    assert seconds < 10


def test_500_labels_is_a_job(server, zebra):
    zebra.slow(2000)
    status = server.wait(server.print_labels(PRINTER, labels(1, 500)), timeout=30)
    assert status["progress"]["completed"] == 500
    assert zebra.labels() == labels(1, 500)


def test_printer_without_host_status_is_never_confirmed(zebra, tmp_path):
    config = tmp_path / "printers.json"
    config.write_text(
        f'[{{"name": "Plain", "uri": "{zebra.uri}", "host_status": false, "model": "ZD", "location": "Hall"}}]'
    )
    with start_print_server({}, printers_file=config) as server:
        status = server.wait(server.print_labels("Plain", labels(1, 4)))
        assert (status["status"], status["confirmed"]) == ("completed", False)
        assert (server.printer("Plain")["model"], server.printer("Plain")["location"]) == ("ZD", "Hall")
    deadline = time.monotonic() + 3
    while len(zebra.labels()) < 4 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert zebra.labels() == labels(1, 4)


def test_one_stopped_printer_does_not_hold_up_another(zebra):
    with (
        start_virtual_zebra("Zebra-2", 100) as other,
        start_print_server({PRINTER: zebra, "Zebra-2": other, "Nowhere": "tcp://127.0.0.1:9"}, label_pause=2) as server,
    ):
        zebra.hang()
        server.print_labels(PRINTER, labels(1, 3))
        server.print_labels("Nowhere", labels(1, 3))
        assert server.wait(server.print_labels("Zebra-2", labels(1, 3)), timeout=3)["status"] == "completed"
        assert [server.printer(name)["status"] for name in ("Nowhere", "Zebra-2")] == ["offline", "online"]


def test_jobs_for_a_printer_that_was_removed_end(zebra, tmp_path):
    zebra.hang()
    with start_print_server({PRINTER: zebra}, data_dir=tmp_path, label_pause=30, stop_seconds=0.5) as server:
        job = server.print_labels(PRINTER, labels(1, 2))
    with start_print_server({}, data_dir=tmp_path) as server:
        assert server.status(job)["error_code"] == "printer_offline"
