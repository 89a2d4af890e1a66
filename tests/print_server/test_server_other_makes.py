"""Printers that answer otherwise than a Zebra, or not at all: what can be read is read, and the rest is asked no more."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.support.print_server import start_print_server
from tests.support.small_printers import SmallPrinter, host_status

DATA = Path(__file__).parent / "data" / "host_status"
LABELS = [f"^XA^FDBox {number}^FS^XZ" for number in range(1, 7)]


def two_strings(formats):
    return b"".join(host_status(formats).partition(b"\x021234")[:1])


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        pytest.param(host_status, 0.0, id="as usual"),
        pytest.param(lambda formats: host_status(formats, pad=" "), 0.0, id="padded flags"),
        pytest.param(two_strings, 0.0, id="two strings"),
        pytest.param(lambda formats: b"\x02ALERT: PRINTER OK\x03\r\n" + host_status(formats), 0.0, id="alert first"),
        pytest.param(host_status, 0.4, id="slow answer"),
    ],
)
def test_what_can_be_read_confirms(answer, seconds):
    # Slower printing for the slow answers, or the labels are over before anybody could see them.
    with (
        SmallPrinter(answer, answer_seconds=seconds, label_seconds=0.2 + 2 * seconds) as printer,
        start_print_server({"Other": printer.uri}, answer_timeout=0.3, on_stop_minutes=15) as server,
    ):
        status = server.wait(server.print_labels("Other", LABELS[:3]), timeout=40)
        assert (status["status"], status["confirmed"]) == ("completed", True)
        assert printer.labels == LABELS[:3]
        assert server.printer("Other")["confirms_labels"] is True


@pytest.mark.parametrize("answer", [None, (DATA / "text.bin").read_bytes()], ids=["never answers", "text"])
def test_one_that_never_answers_is_asked_a_few_times_and_then_gets_its_labels(answer):
    with (
        SmallPrinter(lambda formats: answer, label_seconds=0.05) as printer,
        start_print_server({"Line": printer.uri}, answer_timeout=0.1, on_stop_minutes=15) as server,
    ):
        job = server.print_labels("Line", LABELS)
        status = server.wait(job, timeout=10)
        assert (status["status"], status["confirmed"]) == ("completed", False)
        assert server.label_states(job) == ["spooled"] * 6
        assert server.printer("Line")["confirms_labels"] is False
        asked = printer.questions
        # Each of these would be a line on its paper.
        assert asked <= 6
        assert server.wait(server.print_labels("Line", LABELS))["status"] == "completed"
        time.sleep(1.0)
        assert printer.questions == asked
        deadline = time.monotonic() + 5
        while len(printer.labels) < 12 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert printer.labels == LABELS + LABELS


def test_one_that_has_answered_is_not_taken_for_such_a_one_after_a_restart(tmp_path):
    answers = [True]
    with SmallPrinter(lambda formats: host_status(formats) if answers[0] else None) as printer:
        with start_print_server({"Other": printer.uri}, answer_timeout=0.2, data_dir=tmp_path) as server:
            assert server.wait(server.print_labels("Other", LABELS[:2]))["confirmed"]
            answers[0] = False
            server.restart()
            job = server.print_labels("Other", LABELS[2:])
            assert server.wait(job)["error_code"] == "printer_silent"
        assert printer.labels == LABELS[:2]


def test_one_that_closes_the_connection_after_each_label():
    with (
        SmallPrinter(host_status, closes=True) as printer,
        start_print_server({"Other": printer.uri}, on_stop_minutes=15) as server,
    ):
        jobs = [server.print_labels("Other", LABELS) for _number in range(2)]
        states = [state for job in jobs if server.wait(job, timeout=30) for state in server.label_states(job)]
        # Until its behaviour is known, labels on a connection that it closes are in doubt.
        assert set(states) <= {"confirmed", "spooled", "uncertain"}
        assert states.count("uncertain") <= 4
        assert set(states[6:]) <= {"confirmed", "spooled"}
        time.sleep(0.3)
        for number, (zpl, state) in enumerate(zip(LABELS + LABELS, states, strict=True)):
            assert state == "uncertain" or zpl in printer.labels[max(0, number - 2) :]


def test_a_web_server_is_no_printer():
    page = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
    with (
        SmallPrinter(lambda formats: page) as printer,
        start_print_server({"Other": printer.uri}) as server,
    ):
        job = server.print_labels("Other", LABELS[:2])
        assert server.wait(job)["error_code"] == "not_a_printer"
        assert printer.labels == []
