"""Alerts (`^SX`) of a printer make the print server ask at once, and can do nothing else."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import time

import pytest

from print_server import alert_commands, doctor
from print_server.alert_commands import CONDITIONS, Destination
from print_server.settings import PrinterConfig
from tests.support.print_server import start_print_server, start_virtual_zebra
from tests.support.small_printers import SmallPrinter, host_status

PRINTER = "Zebra-1"
INTERVAL = 20.0
"""Seconds between two looks without alerts: far longer than any wait in here."""
SOON = INTERVAL / 10
SHORT = 0.05


def until(condition, timeout: float = 5):
    deadline = time.monotonic() + timeout
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return found


def stopwatch(condition) -> float:
    begun = time.monotonic()
    until(condition)
    return time.monotonic() - begun


@contextlib.contextmanager
def print_server(tmp_path, uri, *, alerts=True, **options):
    """A server with one printer; its alerts are taken on a free port unless `alerts_port` says otherwise."""
    write(tmp_path, uri, alerts)
    options.setdefault("alerts_port", 0)
    if options["alerts_port"] is None:
        del options["alerts_port"]
    with start_print_server(printers_file=tmp_path / "printers.json", data_dir=tmp_path / "data", **options) as server:
        yield server


def write(tmp_path, uri, alerts):
    (tmp_path / "printers.json").write_text(json.dumps([{"name": PRINTER, "uri": uri, "alerts": alerts}]))


def alerts_port(server) -> int:
    return int(re.findall(r"Taking alerts of printers on \S+:(\d+)", "".join(server.output))[-1])


def state(server) -> str:
    return server.printer(PRINTER)["status"]


def reasons(server) -> list[str]:
    return server.printer(PRINTER)["state_reasons"]


def ask_alerts(port: int) -> dict[str, Destination]:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        line.sendall(alert_commands.QUESTION)
        answer = b""
        while not alert_commands.complete(answer):
            answer += line.recv(4096)
    return alert_commands.configured(answer)


@pytest.fixture(scope="module")
def _pair(tmp_path_factory):
    with (
        start_virtual_zebra(PRINTER, labels_per_second=50) as zebra,
        print_server(tmp_path_factory.mktemp("server"), zebra.uri, poll_interval=INTERVAL) as server,
    ):
        until(lambda: zebra.status()["alert_commands"] == len(CONDITIONS))
        yield server, zebra


@pytest.fixture
def pair(_pair):
    """A server with its alerts set in a printer that is in order and not looked at again by itself."""
    server, zebra = _pair
    zebra.resume()
    until(lambda: state(server) == "online")
    return server, zebra


@pytest.mark.parametrize(
    ("stop", "reason"),
    [
        ("paper_out", "media-empty-error"),
        ("ribbon_out", "marker-supply-empty-error"),
        ("head_open", "cover-open-error"),
        ("pause", "paused-error"),
    ],
)
def test_an_idle_printers_stop_and_its_end_are_known_at_once(pair, stop, reason):
    server, zebra = pair
    getattr(zebra, stop)()
    seconds = stopwatch(lambda: reason in reasons(server))
    assert state(server) == "error"
    assert seconds < SOON, f"{seconds:.2f} s, {seconds / INTERVAL:.1%} of the interval"
    zebra.resume()
    seconds = stopwatch(lambda: state(server) == "online")
    assert seconds < SOON, f"{seconds:.2f} s, {seconds / INTERVAL:.1%} of the interval"


def test_what_an_alert_says_is_not_believed(pair):
    server, zebra = pair
    asked = zebra.status()["questions"]
    with socket.create_connection(("127.0.0.1", alerts_port(server))) as line:
        line.sendall(b"ERROR CONDITION: PAPER OUT [2026-01-01 00:00:00] [VIRTUAL-1]\r\n")
        until(lambda: zebra.status()["questions"] > asked)
    assert (state(server), reasons(server)) == ("online", [])


def test_a_flood_asks_the_printer_twice_a_second_and_slows_nothing(pair):
    server, zebra = pair
    port, asked, answers = alerts_port(server), zebra.status()["questions"], []
    ends = time.monotonic() + 1.5
    lines = []
    while time.monotonic() < ends:
        with contextlib.suppress(OSError):
            line = socket.create_connection(("127.0.0.1", port), timeout=0.05)
            lines.append(line)
            line.sendall(b"ALERT: PRINTER PAUSED\r\n" * 100)
        if len(lines) % 20 == 0:
            begun = time.monotonic()
            state(server)
            answers.append(time.monotonic() - begun)
    for line in lines:
        line.close()
    assert len(lines) > 50
    assert zebra.status()["questions"] - asked <= 6
    assert max(answers) < 1
    zebra.head_open()
    # What still waits to be accepted comes first.
    assert stopwatch(lambda: state(server) == "error") < 2 * SOON


def test_malformed_alerts_cause_a_question_at_most(pair):
    server, zebra = pair
    total = zebra.total()
    for data in (bytes(range(256)) * 40, b"\x00", b"GET / HTTP/1.1\r\n\r\n", b"^XA^FDx^FS^XZ~JA"):
        with (
            contextlib.suppress(ConnectionError),
            socket.create_connection(("127.0.0.1", alerts_port(server)), timeout=5) as line,
        ):
            line.sendall(data)
            if len(data) > 4096:
                assert line.recv(1) == b""
        assert state(server) == "online"
    zebra.pause()
    assert stopwatch(lambda: state(server) == "error") < SOON
    assert zebra.total() == total
    assert "Traceback" not in "".join(server.output)


def test_a_foreign_address_is_closed_and_asks_nothing(pair):
    server, zebra = pair
    # Until the alerts of the test before have been asked about.
    time.sleep(0.6)
    asked = zebra.status()["questions"]
    for _number in range(3):
        with (
            socket.create_connection(
                ("127.0.0.1", alerts_port(server)), timeout=5, source_address=("127.0.0.9", 0)
            ) as line,
            contextlib.suppress(ConnectionError),
        ):
            assert line.recv(1) == b""
            line.sendall(b"ERROR CONDITION: PAPER OUT\r\n")
    time.sleep(0.3)
    assert zebra.status()["questions"] == asked
    assert "".join(server.output).count("came from 127.0.0.9, where no printer is: closed") == 1


def test_jobs_are_not_touched(pair):
    server, zebra = pair
    total, commands = zebra.total(), zebra.status()["alert_commands"]
    job = server.print_labels(PRINTER, [f"^XA^FD{number}^FS^XZ" for number in range(20)])
    with socket.create_connection(("127.0.0.1", alerts_port(server))) as line:
        for _number in range(10):
            line.sendall(b"ERROR CONDITION: HEAD OPEN\r\n")
            time.sleep(0.02)
    answer = server.wait(job)
    assert (answer["status"], answer["counts"]["confirmed"]) == ("completed", 20)
    time.sleep(0.3)
    assert zebra.total() == total + 20
    assert zebra.status()["alert_commands"] == commands


def test_they_are_set_once_and_after_a_loss_again_and_taken_back(tmp_path):
    with (
        start_virtual_zebra(PRINTER) as zebra,
        print_server(tmp_path, zebra.uri, poll_interval=SHORT) as server,
    ):
        until(lambda: zebra.status()["alert_commands"])
        time.sleep(25 * SHORT)
        # Set once, and found in place at the next looks.
        assert zebra.status()["alert_commands"] == len(CONDITIONS)
        assert ask_alerts(zebra.port) == dict.fromkeys(CONDITIONS, Destination("127.0.0.1", alerts_port(server)))
        # What is set is lost with the power.
        zebra.restart()
        until(lambda: zebra.status()["alert_commands"])
        # Another port, as after a change of the settings.
        earlier = alerts_port(server)
        server.restart()
        until(lambda: set(ask_alerts(zebra.port).values()) == {Destination("127.0.0.1", alerts_port(server))})
        assert alerts_port(server) != earlier
        assert len(ask_alerts(zebra.port)) == len(CONDITIONS)
        write(tmp_path, zebra.uri, alerts=False)
        server.restart()
        until(lambda: not ask_alerts(zebra.port))
        time.sleep(5 * SHORT)
        assert zebra.status()["alert_commands"] == 4 * len(CONDITIONS)
        assert zebra.total() == 0
        assert server.printer(PRINTER)["odometer"] == 0


def test_off_by_default(tmp_path):
    with (
        start_virtual_zebra(PRINTER) as zebra,
        print_server(tmp_path, zebra.uri, alerts=False, alerts_port=None, poll_interval=SHORT) as server,
    ):
        zebra.pause()
        until(lambda: state(server) == "error")
        zebra.resume()
        until(lambda: state(server) == "online")
        time.sleep(3 * SHORT)
        assert zebra.status()["alert_commands"] == 0
        assert "Taking alerts" not in "".join(server.output)
        assert listening(server.pid) == 1


def listening(pid: int) -> int:
    """How many TCP ports a process listens on."""
    import psutil

    return sum(line.status == psutil.CONN_LISTEN for line in psutil.Process(pid).net_connections("inet"))


def test_a_printer_that_ignores_it_is_told_three_times(tmp_path):
    with (
        SmallPrinter(host_status, label_seconds=0.01) as printer,
        print_server(tmp_path, printer.uri, poll_interval=SHORT, answer_timeout=0.1) as server,
    ):
        until(lambda: "does not keep the alerts" in "".join(server.output))
        time.sleep(5 * SHORT)
        assert sum("^SX" in label for label in printer.labels) == 3
        job = server.print_labels(PRINTER, ["^XA^FD1^FS^XZ"])
        assert server.wait(job)["status"] == "completed"
        assert [label for label in printer.labels if "^SX" not in label] == ["^XA^FD1^FS^XZ"]


def test_alerts_of_somebody_else_are_left_as_they_are(tmp_path):
    with start_virtual_zebra(PRINTER) as zebra:
        other = Destination("127.0.0.1", 9)
        with socket.create_connection(("127.0.0.1", zebra.port)) as line:
            line.sendall(alert_commands.switch(["A"], other, on=True))
        until(lambda: ask_alerts(zebra.port))
        with print_server(tmp_path, zebra.uri, poll_interval=SHORT) as server:
            until(lambda: len(ask_alerts(zebra.port)) == len(CONDITIONS))
            assert ask_alerts(zebra.port)["A"] == other
            assert "sends alerts to 127.0.0.1:9 already" in "".join(server.output)


def test_doctor_tells_of_alerts(tmp_path):
    with start_virtual_zebra(PRINTER) as zebra:

        def sentences(alerts=True):
            return " ".join(doctor.examine(PrinterConfig(PRINTER, zebra.uri, alerts=alerts), 0.5).sentences)

        assert "No alerts are set in it (^SX): a stop shows when it is asked." in sentences(alerts=False)
        assert "although they are wanted" in sentences()
        with print_server(tmp_path, zebra.uri) as server:
            until(lambda: ask_alerts(zebra.port))
            port = alerts_port(server)
            assert f"It sends alerts to 127.0.0.1:{port}: labels out, ribbon out" in sentences()
            assert "There they are taken." in sentences()
        assert "nobody takes them there" in sentences()
        assert doctor.examine(PrinterConfig(PRINTER, zebra.uri, alerts=True), 0.5).settings["alerts"] is True
        assert zebra.total() == 0


def test_a_port_that_is_taken_is_refused_in_words():
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(RuntimeError) as caught:
        start_print_server({}, alerts_port=other.getsockname()[1], alerts_host="127.0.0.1")
    text = str(caught.value)
    assert "Cannot take alerts on 127.0.0.1:" in text
    assert "Choose another --alerts-port." in text
    assert "Traceback" not in text
