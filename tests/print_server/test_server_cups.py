"""Printers behind a real CUPS spooler: what is in the spooler is `sent` and can be taken back; nothing is printed twice."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

import pytest

from print_server import codes, cups_printer, doctor
from print_server.cups_address import CupsAddress, parse_address
from print_server.settings import Pace, PrinterConfig, SettingsError
from tests.print_server.cups_queue import PRINTER, labels, until, until_waiting
from tests.support.cups_spooler import start_cups_spooler
from tests.support.print_server import start_print_server, start_virtual_zebra


@contextlib.contextmanager
def invalid_answers(answer: bytes):
    """The port of a server that sends everybody the same answer and keeps the connection."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(connection):
        with contextlib.suppress(OSError):
            while connection.recv(65536):
                connection.sendall(answer)

    def accept():
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()


@pytest.fixture(scope="module")
def _zebra(spooler):
    with start_virtual_zebra(PRINTER, 50, buffer_bytes=20_000) as zebra:
        spooler.add_queue(PRINTER, zebra)
        yield zebra


@pytest.fixture(scope="module")
def _server(spooler, _zebra):
    with start_print_server({PRINTER: spooler.uri(PRINTER)}, on_stop_minutes=15) as server:
        yield server


@pytest.fixture
def zebra(_zebra, spooler):
    _zebra.resume()
    spooler.accept(PRINTER)
    spooler.resume(PRINTER)
    until(lambda: not spooler.jobs() and not _zebra.status()["in_buffer"], 15)
    _zebra.forget()
    return _zebra


@pytest.fixture
def server(_server, zebra):
    until(lambda: not _server.printer(PRINTER)["jobs_in_queue"])
    zebra.forget()
    return _server


def test_labels_are_spooled_and_never_confirmed(server, zebra):
    job = server.print_labels(PRINTER, labels(12))
    status = server.wait(job)
    assert (status["status"], status["confirmed"], status["counts"]["printed"]) == ("completed", False, 12)
    assert set(server.label_states(job)) == {"spooled"}
    until(lambda: len(zebra.labels()) >= 12)
    assert zebra.labels() == labels(12)
    assert not server.printer(PRINTER)["confirms_labels"]


def assert_printed_as_told(server, job, zebra, expected):
    """No label twice, none that was taken back, and each that was spooled."""
    printed, states = zebra.times_printed(), server.label_states(job)
    for zpl, state in zip(expected, states, strict=True):
        assert printed[zpl] <= 1
        if state in ("taken_back", "failed"):
            assert not printed[zpl]
        elif state == "spooled":
            assert printed[zpl] == 1
    return states


def test_a_printer_that_is_off_holds_its_job(server, zebra, spooler):
    zebra.offline()
    job = server.print_labels(PRINTER, labels(14))
    status = until_waiting(server, job, "printer_offline")
    assert (status["status"], status["current_label"]) == ("printing", 0)
    assert (server.printer(PRINTER)["status"], server.printer(PRINTER)["state_reasons"]) == (
        "offline", ["offline-error"],
    )  # fmt: skip
    # What CUPS has is `sent`; what would be lost with it or be hard to take back is not there yet.
    assert server.label_states(job) == ["sent"] * 4 + ["waiting"] * 10
    assert len(spooler.jobs()) == 4
    zebra.resume()
    assert server.wait(job, timeout=30)["status"] == "completed"
    until(lambda: len(zebra.labels()) >= 14)
    assert zebra.labels() == labels(14)


def test_what_a_spooler_holds_for_a_printer_that_is_off_can_be_taken_back(server, zebra, spooler):
    job = server.print_labels(PRINTER, labels(200))
    until(lambda: server.status(job)["current_label"] >= 51, 30)
    zebra.offline()
    until_waiting(server, job, "printer_offline")
    started = time.monotonic()
    assert server.call("DELETE", f"/api/jobs/{job}")[0] == 200
    assert server.wait(job)["status"] == "cancelled"
    assert time.monotonic() - started < 4
    assert not spooler.jobs()
    states = server.label_states(job)
    assert states.count("taken_back") >= 200 - server.status(job)["current_label"] - 1
    until(lambda: not zebra.status()["in_buffer"])
    before = len(zebra.labels())
    zebra.resume()
    # CUPS tries again after 5 s.
    time.sleep(6)
    assert len(zebra.labels()) == before
    printed = zebra.times_printed()
    assert not [zpl for zpl, state in zip(labels(200), states, strict=True) if state == "taken_back" and printed[zpl]]


def test_labels_out_leaves_the_rest_where_it_can_be_taken_back(server, zebra):
    long_ones = labels(120, size=1000)
    zebra.paper_out(after=3)
    job = server.print_labels(PRINTER, long_ones)
    # What was handed over fills the printer's buffer.
    until(lambda: zebra.status()["in_buffer"] >= 18)
    time.sleep(1)
    assert server.status(job)["status"] == "printing"
    assert server.call("DELETE", f"/api/jobs/{job}")[0] == 200
    assert server.wait(job)["status"] == "cancelled"
    zebra.resume()
    until(lambda: not zebra.status()["in_buffer"], 20)
    states = assert_printed_as_told(server, job, zebra, long_ones)
    assert states.count("taken_back") >= 67
    assert states.count("uncertain") <= 1
    assert len(zebra.labels()) <= states.count("spooled") + states.count("uncertain")


def test_a_printer_that_takes_nothing_more_needs_a_look(spooler):
    with start_virtual_zebra("Full", 50, buffer_bytes=3000) as zebra:
        spooler.add_queue("Full", zebra)
        with start_print_server({"Full": spooler.uri("Full")}, on_stop_minutes=15, label_timeout=1.5) as server:
            zebra.paper_out(after=1)
            expected = labels(3, size=250_000)
            job = server.print_labels("Full", expected)
            until_waiting(server, job, "printer_silent")
            zebra.resume()
            assert server.wait(job)["status"] == "completed"
            until(lambda: len(zebra.labels()) == 3)
            assert zebra.labels() == expected


@pytest.mark.parametrize(
    ("stop", "go_on", "code"), [("pause", "resume", "spooler_paused"), ("reject", "accept", "spooler_rejecting")]
)
def test_a_stopped_queue_is_waited_for(server, zebra, spooler, stop, go_on, code):
    getattr(spooler, stop)(PRINTER)
    job = server.print_labels(PRINTER, labels(3))
    status = until_waiting(server, job, code)
    assert (status["status"], status["counts"]["uncertain"]) == ("printing", 0)
    assert not spooler.jobs()
    until(lambda: server.printer(PRINTER)["state_reasons"] == [f"{code.replace('_', '-')}-error"])
    assert server.printer(PRINTER)["status"] == "error"
    getattr(spooler, go_on)(PRINTER)
    assert server.wait(job)["status"] == "completed"
    until(lambda: len(zebra.labels()) == 3)


@pytest.mark.parametrize(("stop", "code"), [("pause", "spooler_paused"), ("reject", "spooler_rejecting")])
def test_a_stopped_queue_fails_the_job_after_the_patience(zebra, spooler, stop, code):
    getattr(spooler, stop)(PRINTER)
    with start_print_server({PRINTER: spooler.uri(PRINTER)}) as server:
        job = server.print_labels(PRINTER, labels(3))
        status = server.wait(job)
        assert (status["status"], status["error_code"]) == ("failed", code)
        assert "queue" in status["error_message"] and "PAUSE" not in status["error_message"]
        assert server.label_states(job) == ["failed"] * 3
    spooler.accept(PRINTER)
    spooler.resume(PRINTER)
    time.sleep(0.5)
    assert not len(zebra.labels())


def test_a_queue_stopped_in_mid_job_gives_back_what_it_holds(zebra, spooler):
    zebra.slow(10)
    with start_print_server({PRINTER: spooler.uri(PRINTER)}) as server:
        zebra.offline()
        job = server.print_labels(PRINTER, labels(15))
        # The backend has said by now that it has no connection: so not a byte of the first label has left.
        until(lambda: len(spooler.jobs()) == 4 and server.printer(PRINTER)["status"] == "offline")
        spooler.pause(PRINTER)
        status = server.wait(job)
        assert (status["status"], status["counts"]["uncertain"]) == ("failed", 0)
        assert set(server.label_states(job)) == {"failed"}
    zebra.resume()
    spooler.resume(PRINTER)
    time.sleep(1)
    assert (len(zebra.labels()), spooler.jobs()) == (0, {})


def test_a_held_job_and_one_that_somebody_cancels(server, zebra, spooler):
    zebra.offline()
    job = server.print_labels(PRINTER, labels(2))
    until_waiting(server, job, "printer_offline")
    first, second = spooler.jobs()
    spooler.hold(second)
    spooler.cancel(first)
    until_waiting(server, job, "spooler_held")
    zebra.resume()
    assert server.label_states(job) == ["failed", "sent"]
    spooler.release(second)
    status = server.wait(job, timeout=30)
    assert [(label["index"], label["code"]) for label in status["failed_labels"]] == [(1, "spooler_cancelled")]
    until(lambda: len(zebra.labels()) == 1)
    assert zebra.labels() == labels(2)[1:]


def test_labels_in_the_spooler_are_followed_after_a_kill_of_the_print_server(zebra, spooler, tmp_path):
    with start_print_server({PRINTER: spooler.uri(PRINTER)}, data_dir=tmp_path, on_stop_minutes=15) as server:
        job = server.print_labels(PRINTER, labels(40))
        for number in (5, 15, 25):
            until(lambda number=number: server.status(job)["current_label"] >= number)
            server.kill()
            time.sleep(0.3)
            server.restart()
        assert server.wait(job)["status"] == "completed"
        until(lambda: len(zebra.labels()) >= 40)
        assert set(server.label_states(job)) == {"spooled"}
        assert zebra.times_printed() == dict.fromkeys(labels(40), 1)


def test_labels_in_the_spooler_are_followed_after_its_own_kill(server, zebra, spooler):
    zebra.offline()
    job = server.print_labels(PRINTER, labels(15))
    until_waiting(server, job, "printer_offline")
    time.sleep(2.5)  # until its jobs are on the disk
    spooler.kill()
    until_waiting(server, job, "spooler_unreachable")
    assert server.printer(PRINTER)["status"] == "offline"
    spooler.start()
    until_waiting(server, job, "printer_offline")
    assert server.label_states(job) == ["sent"] * 4 + ["waiting"] * 11
    zebra.resume()
    assert server.wait(job, timeout=30)["status"] == "completed"
    until(lambda: len(zebra.labels()) >= 15)
    assert zebra.times_printed() == dict.fromkeys(labels(15), 1)


def test_jobs_that_a_killed_spooler_has_lost_are_uncertain():
    # CUPS writes its newest jobs to the disk after half a minute, and gives their ids again to others.
    with (
        start_cups_spooler("DirtyCleanInterval 600") as spooler,
        start_virtual_zebra(PRINTER, 50) as zebra,
    ):
        spooler.stop()
        spooler.start()
        spooler.add_queue(PRINTER, zebra)
        spooler.stop()
        spooler.start()
        with start_print_server({PRINTER: spooler.uri(PRINTER)}, on_stop_minutes=15) as server:
            zebra.offline()
            job = server.print_labels(PRINTER, labels(4))
            until(lambda: len(spooler.jobs()) == 4)
            until(lambda: server.label_states(job) == ["sent"] * 4)
            server.kill()
            spooler.kill()
            spooler.start()
            other = spooler.submit(PRINTER, "^XA^FDOther^FS^XZ")
            assert other == 1
            server.restart()
            status = server.wait(job)
            assert (status["status"], status["counts"]["uncertain"]) == ("failed", 4)
            assert list(spooler.jobs()) == [other]


def test_a_spooler_that_is_killed_while_it_prints_prints_nothing_twice():
    with start_cups_spooler("DirtyCleanInterval 600") as spooler, start_virtual_zebra(PRINTER, 20) as zebra:
        spooler.add_queue(PRINTER, zebra)
        spooler.stop()
        spooler.start()
        with start_print_server({PRINTER: spooler.uri(PRINTER)}, on_stop_minutes=15) as server:
            job = server.print_labels(PRINTER, labels(60))
            for number in (10, 30):
                until(lambda number=number: server.status(job)["current_label"] >= number)
                spooler.kill()
                spooler.start()
            status = server.wait(job, timeout=30)
            assert status["status"] == "completed"
            assert status["counts"]["uncertain"] <= 8
            until(lambda: not zebra.status()["in_buffer"])
            states = assert_printed_as_told(server, job, zebra, labels(60))
            assert set(states) <= {"spooled", "uncertain"}


def test_a_spooler_that_hangs_delays_nothing_but_its_own(server, zebra, spooler):
    with start_virtual_zebra("Direct", 50) as direct:
        printers = {PRINTER: spooler.uri(PRINTER), "Direct": direct}
        with start_print_server(printers, on_stop_minutes=15, connect_timeout=0.1, answer_timeout=0.1) as server:
            zebra.offline()
            job = server.print_labels(PRINTER, labels(4))
            until(lambda: server.label_states(job) == ["sent"] * 4)
            spooler.freeze()
            try:
                until_waiting(server, job, "spooler_unreachable")
                assert server.wait(server.print_labels("Direct", labels(5)))["confirmed"]
                assert server.call("DELETE", f"/api/jobs/{job}")[0] == 200
                assert server.wait(job)["status"] == "cancelled"
                assert set(server.label_states(job)) == {"uncertain"}
            finally:
                spooler.thaw()
            # Given up, and taken back all the same as soon as it answers.
            until(lambda: not spooler.jobs(), 20)
        zebra.resume()
        time.sleep(1)
        assert not len(zebra.labels())


ANSWERS = {
    "nothing": b"",
    "noise": bytes(range(256)) * 40,
    "a web page": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 14\r\n\r\n<html>no</html>",
    "broken IPP": b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: 12\r\n\r\n\x02\x00\x00\x00\x00\x00\x00\x01\x04\xff\xff\xff",
    "an endless head": b"HTTP/1.1 200 OK\r\n" + b"X-More: yes\r\n" * 20000,
}


def test_spoolers_that_send_invalid_answers():
    with contextlib.ExitStack() as stack:
        ports = {name: stack.enter_context(invalid_answers(answer)) for name, answer in ANSWERS.items()}
        printers = {name: f"cups://127.0.0.1:{port}/q" for name, port in ports.items()}
        server = stack.enter_context(start_print_server(printers, on_stop_minutes=15, connect_timeout=0.1))
        jobs = [server.print_labels(name, labels(2)) for name in printers]
        for job in jobs:
            until_waiting(server, job, "spooler_unreachable")
        for job in jobs:
            assert server.call("DELETE", f"/api/jobs/{job}")[0] == 200
        for job in jobs:
            assert server.wait(job)["status"] == "cancelled"
            assert server.label_states(job) == ["taken_back"] * 2


def test_a_queue_that_does_not_exist(spooler):
    with start_print_server({PRINTER: spooler.uri("Nowhere")}, on_stop_minutes=15) as server:
        job = server.print_labels(PRINTER, labels(1))
        until_waiting(server, job, "spooler_no_queue")


def test_the_doctor_knows_queues(zebra, spooler):
    words, outcome = doctor.report(spooler.uri(PRINTER), [])
    assert outcome == doctor.GOOD, words
    spooler.pause(PRINTER)
    words, outcome = doctor.report(spooler.uri(PRINTER), [])
    assert outcome == doctor.NEEDS_A_HAND
    assert f"- {codes.MESSAGES['spooler_paused']}" in words
    assert doctor.report(spooler.uri("Nowhere"), [])[1] == doctor.NEEDS_A_HAND


IDLE, PRINTING = 3, 4


@pytest.mark.parametrize(
    ("state", "reasons", "message", "code"),
    [
        (IDLE, ["none"], "", None),
        (PRINTING, ["none"], "Connected to printer.", None),
        (PRINTING, ["media-empty-error"], "", "paper_out"),
        (PRINTING, ["media-empty"], "", "paper_out"),
        (PRINTING, ["media-empty-warning", "media-low-report"], "", None),
        (PRINTING, ["cover-open-error"], "", "head_open"),
        # Of an idle queue the reasons are of its last job: only the next one can show that the roll was changed.
        (IDLE, ["media-empty-error"], "", None),
        (IDLE, ["connecting-to-device"], "The printer is not responding.", None),
        (PRINTING, ["connecting-to-device"], "", "printer_offline"),
        (PRINTING, ["offline-report"], "", "printer_offline"),
        (PRINTING, ["none"], "The printer is unreachable at this time.", "printer_offline"),
    ],
)
def test_what_a_queue_says(monkeypatch, state, reasons, message, code):
    port = cups_printer.CupsPrinter(CupsAddress(None, 0, "q"), None, Pace())
    monkeypatch.setattr(port, "_call", lambda *_arguments, **_options: [state, reasons, message, True])
    clock = iter([100.0, 102.0])
    monkeypatch.setattr(cups_printer.time, "monotonic", lambda: next(clock))
    if code == "printer_offline":
        # A connection takes its time, for each job again.
        assert port.look().code is None
        assert port.look().code == code
    else:
        assert port.look().code == code


def test_addresses_of_queues():
    assert parse_address("cups://Zebra-1") == CupsAddress(None, 0, "Zebra-1")
    assert parse_address("cups://Zebra%201") == CupsAddress(None, 0, "Zebra 1")
    assert parse_address("cups://spool.example/Zebra-1") == CupsAddress("spool.example", 631, "Zebra-1")
    assert parse_address("cups://127.0.0.1:1631/Zebra-1") == CupsAddress("127.0.0.1", 1631, "Zebra-1")
    for wrong in ("cups://", "cups:///q", "cups://host:631/a/b", "cups://host:port/q", "ipp://host/q", "cups://:631/q"):
        with pytest.raises(ValueError):
            parse_address(wrong)


@pytest.mark.parametrize(
    ("uri", "address"),
    [("cups://q", "192.0.2.1"), ("cups://q", "cups://q"), ("cups://q", 9100), ("tcp://a:1", "tcp://a:2")],
)
def test_an_address_is_a_printers_and_for_queues_only(uri, address):
    with pytest.raises(SettingsError, match="address"):
        PrinterConfig("Zebra-1", uri, address=address)


@pytest.mark.alone
def test_the_spooler_costs_little(spooler):
    with start_virtual_zebra("Quick", 20) as zebra:
        spooler.add_queue("Quick", zebra)
        with start_print_server({"Quick": spooler.uri("Quick")}) as server:
            started = time.monotonic()
            job = server.print_labels("Quick", labels(200))
            time.sleep(9)
            until(lambda: zebra.total() == 200, 20)
            milliseconds = 1000 * ((time.monotonic() - started) / 200 - 1 / 20)
            assert server.wait(job)["status"] == "completed"
            assert zebra.labels() == labels(200)
            assert milliseconds <= 10


@contextlib.contextmanager
def switched_off_before_reading(number: int):
    """A printer's port that takes labels, but is cut before it has read this one, and cannot be reached any more."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept():
        with contextlib.suppress(OSError):
            for count in range(1, number + 1):
                connection, _peer = listener.accept()
                while count < number and connection.recv(65536):
                    pass
                if count == number:
                    time.sleep(0.3)  # for its bytes to arrive in the system's buffer
                    listener.shutdown(socket.SHUT_RDWR)
                    listener.close()
                    # Closed with data unread: a reset, as when the power goes.
                connection.close()

    threading.Thread(target=accept, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()


def test_the_label_that_was_handed_over_as_the_printer_went_off_is_uncertain(spooler):
    with switched_off_before_reading(4) as port:
        spooler.add_queue("Unread", port)
        with start_print_server({PRINTER: spooler.uri("Unread")}, on_stop_minutes=15) as server:
            job = server.print_labels(PRINTER, labels(9))
            until_waiting(server, job, "printer_offline")
            # CUPS calls the fourth completed: its bytes had left.
            assert server.label_states(job) == ["spooled"] * 3 + ["uncertain"] + ["sent"] * 4 + ["waiting"]
            server.call("DELETE", f"/api/jobs/{job}")
            assert server.wait(job)["status"] == "cancelled"
            assert server.label_states(job) == ["spooled"] * 3 + ["uncertain"] + ["taken_back"] * 5
