"""What a printer says of itself: who it is, what it will need soon, and that it says nothing."""

from __future__ import annotations

import json
import time

import pytest

from print_server import host_query
from print_server.codes import UNANSWERED_NOTE
from tests.support.print_server import start_print_server, start_virtual_zebra
from tests.support.small_printers import SmallPrinter, host_status

PRINTER = "Zebra-1"


def until(condition, timeout: float = 10):
    deadline = time.monotonic() + timeout
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.03)
    return found


def test_who_it_is_and_what_it_has_printed():
    with (
        start_virtual_zebra(PRINTER, 50, serial_number="52J123456") as zebra,
        start_print_server({PRINTER: zebra}, poll_interval=0.1) as server,
    ):
        until(lambda: server.printer(PRINTER)["serial_number"])
        server.wait(server.print_labels(PRINTER, ["^XA^FD1^FS^XZ"] * 7))
        printer = until(lambda: server.printer(PRINTER)["odometer"] == 7 and server.printer(PRINTER))
        assert (printer["serial_number"], printer["firmware"]) == ("52J123456", "V72.19.6Z")
        assert (printer["confirms_labels"], printer["note"]) == (True, None)


def test_a_printer_that_tells_nothing_of_itself():
    with (
        start_virtual_zebra(PRINTER, 50, odometer=False, host_query=False) as zebra,
        start_print_server({PRINTER: zebra}, poll_interval=0.1, answer_timeout=0.2) as server,
    ):
        job = server.print_labels(PRINTER, ["^XA^FD1^FS^XZ"])
        assert server.wait(job)["status"] == "completed"
        printer = server.printer(PRINTER)
        assert (printer["serial_number"], printer["odometer"], printer["state_reasons"]) == (None, None, [])


@pytest.mark.parametrize(
    ("flags", "reasons"),
    [
        (8, ["media-low-warning"]),
        (16, ["marker-supply-low-warning"]),
        (1 + 2 + 4, ["media-calibration-warning", "clean-print-head-warning", "replace-print-head-warning"]),
        (1 << 20, ["other-warning"]),
    ],
)
def test_warnings_are_told_and_hold_nothing_up(flags, reasons):
    with start_virtual_zebra(PRINTER, 50) as zebra:
        zebra.warn(flags)
        with start_print_server({PRINTER: zebra}, poll_interval=0.05) as server:
            printer = until(lambda: server.printer(PRINTER)["state_reasons"] and server.printer(PRINTER))
            assert (printer["state_reasons"], printer["status"]) == (reasons, "online")
            assert server.wait(server.print_labels(PRINTER, ["^XA^FD1^FS^XZ"]))["confirmed"]
            zebra.warn(0)
            until(lambda: not server.printer(PRINTER)["state_reasons"])


def test_one_that_answers_nothing_is_told_in_words_and_is_not_asked_after_a_restart(tmp_path):
    with SmallPrinter(lambda formats: None) as printer:
        file = tmp_path / "printers.json"
        file.write_text(json.dumps([{"name": "Line", "uri": printer.uri}]))
        with start_print_server(printers_file=file, data_dir=tmp_path, answer_timeout=0.1, poll_interval=0.1) as server:
            until(lambda: server.printer("Line")["note"] == UNANSWERED_NOTE)
            assert UNANSWERED_NOTE == "does not answer status questions: labels are sent without confirmation"
            asked = printer.questions
            server.restart()
            job = server.print_labels("Line", ["^XA^FD1^FS^XZ"])
            assert server.wait(job)["status"] == "completed"
            time.sleep(0.5)
            assert printer.questions == asked
            assert server.printer("Line")["note"] == UNANSWERED_NOTE
            # Until told otherwise.
            file.write_text(json.dumps([{"name": "Line", "uri": printer.uri, "host_status": True}]))
            server.restart()
            until(lambda: printer.questions > asked)


def test_answers_to_questions_of_others_are_passed_over():
    strange = b'"ZTC ZD421"\x02Z230-300dpi,V72.19.6Z,12,8176KB\x03\r\n"12.5"\r\n'
    with (
        SmallPrinter(lambda formats: strange + host_status(formats), label_seconds=0.2) as printer,
        start_print_server({"Other": printer.uri}, answer_timeout=0.3, on_stop_minutes=15) as server,
    ):
        labels = [f"^XA^FDBox {number}^FS^XZ" for number in range(1, 5)]
        job = server.print_labels("Other", labels)
        status = server.wait(job)
        assert status["status"] == "completed"
        for zpl, state in zip(labels, server.label_states(job), strict=True):
            assert state in ("confirmed", "spooled", "uncertain")
            assert printer.labels.count(zpl) == 1
        time.sleep(0.5)
        assert printer.labels == labels


@pytest.mark.parametrize(
    ("raw", "count"),
    [(b'"5000"', 5000), (b'"Z230" "41"', 41), (b'"7 LABELS"', 7), (b'"?"', None), (b"", None), (b'"x12"', None)],
)
def test_the_odometer_is_the_last_number_told(raw, count):
    assert host_query.parse_odometer(raw) == count


def test_identification():
    assert host_query.parse_identification(b"\x02ZT411-300dpi,V92.21.26Z,12,8192KB\x03\r\n") == (
        "ZT411-300dpi",
        "V92.21.26Z",
    )
    assert host_query.parse_identification(host_status(3)) is None
