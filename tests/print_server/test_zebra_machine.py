"""The virtual printer by itself: it takes a stream, counts, stops and says so as a real one."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from print_server import host_query, host_status
from print_server.virtual_zebra.zpl_stream import Command, Format, Malformed, ZplStream
from tests.support.print_server import ROOT, start_virtual_zebra

ODOMETER = '! U1 getvar "odometer.total_label_count"\r\n'


class Line:
    """A connection to the printer's port."""

    def __init__(self, zebra):
        self.socket = socket.create_connection(("127.0.0.1", zebra.port), timeout=5)

    def send(self, text: str) -> None:
        self.socket.sendall(text.encode())

    def ask(self, timeout: float = 2) -> host_status.HostStatus:
        self.send("~HS\r\n")
        return host_status.parse(self.receive(lambda raw: raw.count(b"\x03") == 3, timeout))

    def errors(self) -> host_query.Errors:
        self.send("~HQES\r\n")
        return host_query.parse_errors(self.receive(host_query.errors_complete))

    def receive(self, complete, timeout: float = 2) -> bytes:
        self.socket.settimeout(timeout)
        raw = b""
        while not complete(raw):
            data = self.socket.recv(4096)
            if not data:
                raise ConnectionResetError("closed by the printer")
            raw += data
        return raw


@pytest.fixture(scope="module")
def _zebra():
    with start_virtual_zebra(labels_per_second=100, answers_when_stopped=False) as zebra:
        yield zebra


@pytest.fixture
def line(zebra):
    line = Line(zebra)
    yield line
    line.socket.close()


def until(condition, timeout: float = 5):
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_prints_in_order_and_counts_copies(zebra, line):
    line.send("^XA^FDone^FS^XZ^xa^FDtwo^FS^PQ3^xz")
    until(lambda: zebra.status()["printed"] == 4)
    assert zebra.labels() == ["^XA^FDone^FS^XZ"] + ["^xa^FDtwo^FS^PQ3^xz"] * 3


def test_its_own_count_goes_on_when_the_list_is_emptied(zebra, line):
    before = zebra.total()
    line.send("^XA^FDone^FS^XZ^XA^FDtwo^FS^PQ2^XZ")
    until(lambda: zebra.total() == before + 3)
    assert zebra.times_printed() == {"^XA^FDone^FS^XZ": 1, "^XA^FDtwo^FS^PQ2^XZ": 2}
    zebra.forget()
    assert (zebra.total(), zebra.labels()) == (before + 3, [])


@pytest.mark.alone
def test_keeps_its_speed(zebra, line):
    zebra.slow(50)
    started = time.monotonic()
    line.send("^XA^XZ" * 25)
    until(lambda: zebra.status()["printed"] == 25)
    assert 0.45 < time.monotonic() - started < 0.9


def test_status_counts_down(zebra, line):
    zebra.slow(20)
    line.send("^XA^XZ" * 5)
    seen = []
    while (status := line.ask()).formats or status.partial_format or not seen:
        # Formats that are still being parsed are not counted.
        if not status.partial_format:
            seen.append(status.formats)
    assert seen == sorted(seen, reverse=True)
    assert set(seen) == {5, 4, 3, 2, 1}


def test_paper_out_after_n_prints_the_rest_after_the_refill(zebra, line):
    zebra.paper_out(2)
    line.send("^XA^XZ" * 5)
    until(lambda: line.errors().code == "paper_out")
    assert (zebra.status()["printed"], zebra.status()["in_buffer"]) == (2, 3)
    zebra.resume()
    until(lambda: zebra.status()["printed"] == 5)


def test_ja_empties_the_buffer(zebra, line):
    zebra.pause()
    line.send("^XA^XZ" * 5)
    until(lambda: line.ask().formats == 5)
    line.send("~JA")
    assert line.ask().formats == 0
    zebra.resume()
    time.sleep(0.2)
    assert zebra.labels() == []


@pytest.mark.parametrize(
    ("command", "code"), [("head_open", "head_open"), ("ribbon_out", "ribbon_out"), ("pause", "paused")]
)
def test_stops(zebra, line, command, code):
    getattr(zebra, command)()
    line.send("^XA^XZ")
    time.sleep(0.1)
    assert line.errors().code == code
    assert zebra.labels() == []
    zebra.resume()
    until(lambda: zebra.status()["printed"] == 1)


def test_offline_refuses_and_comes_back_on_the_same_port(zebra, line):
    zebra.offline()
    with pytest.raises(ConnectionRefusedError):
        Line(zebra)
    with pytest.raises(OSError):
        line.ask()
    zebra.resume()
    assert Line(zebra).ask() == host_status.HostStatus()


def test_hanging_accepts_and_stays_silent(zebra, line):
    zebra.hang()
    with pytest.raises(TimeoutError):
        Line(zebra).ask(timeout=0.2)


def test_cut_in_mid_label(zebra, line):
    zebra.cut(after=1)
    line.send("^XA^FDone^FS^XZ")
    until(lambda: zebra.status()["printed"] == 1)
    line.send("^XA^FDtwo^FS^XZ")
    with pytest.raises(OSError):
        line.ask()
        line.ask()
    until(lambda: zebra.status()["invalid"] >= 1)
    assert zebra.labels() == ["^XA^FDone^FS^XZ"]


@pytest.mark.parametrize("fault", ["paper_out", "head_open", "ribbon_out"])
def test_silent_when_stopped(zebra, line, fault):
    getattr(zebra, fault)()
    with pytest.raises(TimeoutError):
        line.ask(timeout=0.2)
    assert line.errors().code == fault
    zebra.resume()
    assert line.ask() == host_status.HostStatus()


def test_answers_when_stopped_where_that_is_switched_on():
    with start_virtual_zebra(answers_when_stopped=True, host_query=False, odometer=False) as zebra:
        line = Line(zebra)
        zebra.paper_out(0)
        assert line.ask().paper_out
        line.send("~HQES\r\n" + ODOMETER)
        with pytest.raises(TimeoutError):
            line.receive(lambda raw: raw, timeout=0.2)


def test_a_large_format_is_parsed_before_it_counts():
    with start_virtual_zebra(parse_bytes_per_second=100_000, labels_per_second=1) as zebra:
        line = Line(zebra)
        line.send("^XA^GFA,50000,50000,100," + "F" * 50_000 + "^FS^XZ")
        status = line.ask()
        assert (status.partial_format, status.formats) == (True, 0)
        until(lambda: line.ask().formats == 1)
        assert not line.ask().partial_format


def test_a_format_that_is_still_coming_is_partial(zebra, line):
    line.send("^XA^FDhalf")
    until(lambda: line.ask().partial_format)
    line.send("^FS^XZ")
    until(lambda: zebra.status()["printed"] == 1)
    assert not line.ask().partial_format


def test_a_full_buffer_takes_nothing_more_from_the_line():
    with start_virtual_zebra(buffer_bytes=1000) as zebra:
        zebra.pause()
        line, other = Line(zebra), Line(zebra)
        line.send(("^XA^FD" + "x" * 400 + "^FS^XZ") * 4)
        until(lambda: zebra.status()["received"] == 2)
        with pytest.raises(TimeoutError):
            line.ask(timeout=0.2)
        assert other.ask().formats == 2
        zebra.resume()
        until(lambda: zebra.status()["printed"] == 4)


@pytest.mark.alone
def test_a_stop_costs_time_and_going_on_does_not():
    with start_virtual_zebra(labels_per_second=20, stop_seconds=0.4) as zebra:
        line, started = Line(zebra), time.monotonic()
        line.send("^XA^XZ" * 10)
        until(lambda: zebra.total() == 10)
        assert 0.85 < time.monotonic() - started < 1.3
        for _number in range(3):
            total = zebra.total()
            line.send("^XA^XZ")
            until(lambda total=total: zebra.total() > total)
        assert time.monotonic() - started > 2.1


def test_peel_off_waits_until_the_label_is_taken(zebra, line):
    zebra.peel_off()
    line.send("^XA^XZ" * 2)
    until(lambda: line.ask().label_waiting)
    time.sleep(0.1)
    assert (zebra.status()["printed"], line.ask().code, line.ask().formats) == (1, "label_waiting", 1)
    zebra.take_label()
    until(lambda: zebra.status()["printed"] == 2)


def test_odometer_and_serial_number(zebra, line):
    before = zebra.status()["odometer"]
    line.send("^XA^PQ3^XZ")
    until(lambda: zebra.status()["odometer"] == before + 3)
    line.send(ODOMETER)
    assert host_query.parse_odometer(line.receive(host_query.value_complete)) == before + 3
    line.send('! U1 getvar "device.unique_id"\r\n')
    assert line.receive(host_query.value_complete) == b'"VIRTUAL-1"'
    line.send('! U1 getvar "no.such"\r\n')
    assert line.receive(host_query.value_complete) == b'"?"'


def test_texts_stand_on_paper_in_the_character_set_of_their_format(zebra, line):
    for zpl in ("^XA^FDé^FS^XZ", "^XA^CI28^FDé^FS^XZ", "^XA^CI28^FH^FDa_5Eb^FS^XZ"):
        line.send(zpl)
    line.socket.sendall(b"^XA^CI27^FD\xe9^FS^XZ")
    until(lambda: zebra.status()["printed"] == 4)
    assert zebra.shown() == [["├®"], ["é"], ["a^b"], ["é"]]


def test_a_copies_command_in_a_comment_is_none(zebra, line):
    before = zebra.total()
    line.send("^XA^FX former template: ^PQ100^FS^FDx^FS^XZ^XA^FX^FS^PQ2^XZ^XA^FX without an end ^PQ9^XZ")
    until(lambda: zebra.total() == before + 4)
    time.sleep(0.1)
    assert zebra.total() == before + 4


def test_a_second_connection_waits_where_one_is_served_at_a_time():
    with start_virtual_zebra(connections=1) as zebra:
        first, second = Line(zebra), Line(zebra)
        assert first.ask() == host_status.HostStatus()
        with pytest.raises(TimeoutError):
            second.ask(timeout=0.2)
        first.socket.close()
        assert second.receive(host_status.complete)


def test_kept_labels_survive_a_restart(tmp_path):
    with start_virtual_zebra(keep_dir=tmp_path) as zebra:
        Line(zebra).send("^XA^FDé^FS^XZ")
        until(lambda: zebra.status()["printed"] == 1)
        port = zebra.port
        zebra.restart()
        assert (zebra.port, zebra.labels()) == (port, ["^XA^FDé^FS^XZ"])


def test_command_line_control(zebra):
    def ctl(*words):
        command = [sys.executable, "-m", "print_server.virtual_zebra", "ctl", "--control-port", str(zebra.control_port)]
        return subprocess.run([*command, *words], cwd=ROOT, capture_output=True, text=True, timeout=10, check=False)

    assert json.loads(ctl("paper-out", "--after", "8").stdout)["media_left"] == 8
    assert json.loads(ctl("resume").stdout)["media_left"] is None
    assert json.loads(ctl("labels").stdout) == {"labels": []}
    refused = ctl("paper-out", "--after", "-1")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "0 or more" in refused.stderr


FORMATS = (
    st.text("abc^~FDX 0", max_size=12)
    .map(lambda text: f"^XA^FD{text}^FS^XZ")
    .filter(lambda text: not any(word in text[3:-3].upper() for word in ("^XA", "^XZ", "~")))
)


@given(st.lists(st.one_of(FORMATS, st.just("~HS"), st.just("\r\n"), st.just("junk"))), st.data())
def test_the_cuts_of_the_stream_do_not_matter(pieces, data):
    raw = "".join(pieces).encode()
    stream, items = ZplStream(), []
    while raw:
        size = data.draw(st.integers(1, len(raw)))
        items += stream.feed(raw[:size])
        raw = raw[size:]
    assert [item.zpl for item in items if isinstance(item, Format)] == [p for p in pieces if p.startswith("^XA")]
    assert items.count(Command("~HS")) == pieces.count("~HS")
    assert not [item for item in items if isinstance(item, Malformed)]


def test_a_format_that_is_never_closed_is_malformed():
    items = list(ZplStream().feed(b"^XA^FDlost^XA^FDgood^FS^XZ^XZ"))
    assert [type(item) for item in items] == [Malformed, Format, Malformed]
