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

from print_server import host_status
from print_server.virtual_zebra.zpl_stream import Command, Format, Malformed, ZplStream
from tests.support.print_server import ROOT, start_virtual_zebra


class Line:
    """A connection to the printer's port."""

    def __init__(self, zebra):
        self.socket = socket.create_connection(("127.0.0.1", zebra.port), timeout=5)

    def send(self, text: str) -> None:
        self.socket.sendall(text.encode())

    def ask(self, timeout: float = 2) -> host_status.HostStatus:
        self.send("~HS\r\n")
        self.socket.settimeout(timeout)
        raw = b""
        while raw.count(b"\x03") < 3:
            data = self.socket.recv(4096)
            if not data:
                raise ConnectionResetError("closed by the printer")
            raw += data
        return host_status.parse(raw)


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
    while (left := line.ask().outstanding) or not seen:
        seen.append(left)
    assert seen == sorted(seen, reverse=True)
    assert set(seen) == {5, 4, 3, 2, 1}


def test_paper_out_after_n_prints_the_rest_after_the_refill(zebra, line):
    zebra.paper_out(2)
    line.send("^XA^XZ" * 5)
    until(lambda: line.ask().paper_out)
    assert (zebra.status()["printed"], line.ask().outstanding) == (2, 3)
    zebra.resume()
    until(lambda: zebra.status()["printed"] == 5)


def test_ja_empties_the_buffer(zebra, line):
    zebra.paper_out(0)
    line.send("^XA^XZ" * 5)
    until(lambda: line.ask().outstanding == 5)
    line.send("~JA")
    assert line.ask().outstanding == 0
    zebra.resume()
    time.sleep(0.2)
    assert zebra.labels() == []


@pytest.mark.parametrize(
    ("command", "flag"), [("head_open", "head_open"), ("ribbon_out", "ribbon_out"), ("pause", "paused")]
)
def test_stops(zebra, line, command, flag):
    getattr(zebra, command)()
    line.send("^XA^XZ")
    time.sleep(0.1)
    assert getattr(line.ask(), flag)
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


def test_silent_on_media_out():
    with start_virtual_zebra(silent_on_media_out=True) as zebra:
        line = Line(zebra)
        zebra.paper_out(0)
        with pytest.raises(TimeoutError):
            line.ask(timeout=0.2)
        zebra.resume()
        assert not Line(zebra).ask().paper_out


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
