"""Labels under way: never more than allowed, not called printed before they are, however long they take."""

from __future__ import annotations

import json
import os
import time

import pytest

from tests.support.print_server import start_print_server, start_virtual_zebra

PRINTER = "Zebra-1"
ROLL_CHANGE_SECONDS = float(os.environ.get("ROLL_CHANGE_SECONDS") or 1.5)
"""ROLL_CHANGE_SECONDS=90 is the full proof. The first release gave up after 3 s, here after 0.6 s."""


def labels(count: int, job: int = 1) -> list[str]:
    return [f"^XA^FDJob {job} box {number}^FS^XZ" for number in range(1, count + 1)]


@pytest.mark.parametrize(("window", "most"), [(None, 4), (1, 1), (2, 2)])
def test_no_more_labels_are_under_way_than_allowed(tmp_path, window, most):
    file = tmp_path / "printers.json"
    with start_virtual_zebra(PRINTER, 8) as zebra:
        file.write_text(json.dumps([{"name": PRINTER, "uri": zebra.uri, "window": window}]))
        with start_print_server(printers_file=file) as server:
            job, seen = server.print_labels(PRINTER, labels(12)), set()
            while server.status(job)["status"] in ("queued", "printing"):
                seen.add(server.label_states(job).count("sent"))
                assert zebra.status()["in_buffer"] <= most
            # 2 are the rule, more for a printer that prints faster than it answers, as on a machine with much to do.
            assert max(seen) == most if window else max(seen) >= 2
            assert server.status(job)["confirmed"]
        assert zebra.labels() == labels(12)


@pytest.mark.parametrize("odometer", [True, False])
def test_a_large_label_is_not_printed_while_it_is_parsed(odometer):
    graphic = "^XA^GFA,100000,100000,100," + "F" * 100_000 + "^FS^FD%d^FS^XZ"
    with (
        start_virtual_zebra(PRINTER, 5, odometer=odometer, parse_bytes_per_second=200_000) as zebra,
        start_print_server({PRINTER: zebra}, on_stop_minutes=15) as server,
    ):
        job = server.print_labels(PRINTER, [graphic % number for number in range(3)])
        while (status := server.status(job))["status"] in ("queued", "printing"):
            # Read after the status, so that it may only be larger.
            assert status["counts"]["printed"] <= zebra.total()
            time.sleep(0.05)
        assert (status["confirmed"], zebra.total()) == (True, 3)


@pytest.mark.parametrize("odometer", [True, False])
def test_many_copies_take_as_long_as_they_take(odometer):
    zpl = "^XA^FDx^FS^PQ40^XZ"
    with (
        start_virtual_zebra(PRINTER, 20, odometer=odometer) as zebra,
        start_print_server({PRINTER: zebra}, label_timeout=1) as server,
    ):
        job = server.print_labels(PRINTER, [zpl, "^XA^FDlast^FS^XZ"])
        status = server.wait(job)
        assert (status["status"], status["confirmed"]) == ("completed", True)
        assert zebra.times_printed() == {zpl: 40, "^XA^FDlast^FS^XZ": 1}


def test_copies_are_counted_while_they_come_out():
    with (
        start_virtual_zebra(PRINTER, 100) as zebra,
        start_print_server({PRINTER: zebra}, label_timeout=1) as server,
    ):
        job = server.print_labels(PRINTER, ["^XA^FDx^FS^PQ400^XZ", "^XA^FDlast^FS^XZ"])
        seen = []
        while (status := server.status(job))["status"] in ("queued", "printing"):
            seen.append(status["pieces"]["printed"])
            # Read after the status, so that it may only be larger.
            assert seen[-1] <= zebra.total()
            time.sleep(0.1)
        assert (status["status"], status["confirmed"]) == ("completed", True)
        assert status["pieces"] == {"total": 401, "printed": 401}
        assert any(0 < number < 400 for number in seen)
        assert seen == sorted(seen)
        assert [run.get("copies") for run in server.label_runs(job)] == [400, None]
        assert zebra.total() == 401


def test_3000_labels_by_copies():
    with start_virtual_zebra(PRINTER, 1000) as zebra, start_print_server({PRINTER: zebra}) as server:
        job = server.print_labels(PRINTER, [f"^XA^FD{number}^FS^PQ600^XZ" for number in range(5)])
        status = server.wait(job, timeout=30)
        assert (status["confirmed"], status["pieces"]) == (True, {"total": 3000, "printed": 3000})
        assert zebra.total() == 3000


def test_formats_that_print_nothing_and_labels_of_several_formats(tmp_path):
    stored = "^XA^DFR:A.ZPL^FO10,10^FN1^FS^XZ"
    filled = "^XA^XFR:A.ZPL^FN1^FDBox %d^FS^XZ"
    with (
        start_virtual_zebra(PRINTER, 10) as zebra,
        start_print_server({PRINTER: zebra}, on_stop_minutes=15) as server,
    ):
        zpls = ["^XA^MNW^JUS^XZ", stored + filled % 1, filled % 2 + filled % 3, filled % 4, "^XA^IDR:A.ZPL^FS^XZ"]
        job = server.print_labels(PRINTER, zpls)
        status = server.wait(job)
        assert (status["status"], status["counts"]["uncertain"]) == ("completed", 0)
        assert status["pieces"] == {"total": 4, "printed": 4}
        assert zebra.labels() == [filled % number for number in (1, 2, 3, 4)]
        # None of them was taken for a label of another program.
        assert server.wait(server.print_labels(PRINTER, [filled % 5]))["confirmed"]


def test_a_graphic_of_2_mb():
    zpl = "^XA^GFA,1048576,1048576,128," + "F" * 2_097_152 + "^FS^FD%d^FS^XZ"
    with (
        start_virtual_zebra(PRINTER, 5, parse_bytes_per_second=2_000_000) as zebra,
        start_print_server({PRINTER: zebra}, on_stop_minutes=15) as server,
    ):
        job = server.print_labels(PRINTER, [zpl % number for number in range(3)])
        while (status := server.status(job))["status"] in ("queued", "printing"):
            assert status["counts"]["printed"] <= zebra.total()
            # While it parses one it may not answer: that is no stop to be told of.
            assert status["waiting_for"] is None
            time.sleep(0.1)
        assert status["confirmed"], status
        assert zebra.labels() == [zpl % number for number in range(3)]


def test_large_labels_wait_for_room_in_the_buffer_of_a_stopped_printer():
    zpls = ["^XA^FD" + "x" * 240_000 + f"^FS^FD{number}^FS^XZ" for number in range(4)]
    with (
        start_virtual_zebra(PRINTER, 5, buffer_bytes=100_000, answers_when_stopped=False) as zebra,
        start_print_server({PRINTER: zebra}, on_stop_minutes=15) as server,
    ):
        zebra.paper_out(after=1)
        job = server.print_labels(PRINTER, zpls)
        deadline = time.monotonic() + 10
        while not server.status(job)["waiting_for"]:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        time.sleep(1)
        zebra.resume()
        assert server.wait(job, timeout=30)["confirmed"]
        assert zebra.labels() == zpls


def test_a_roll_change_in_20_jobs_of_10_labels():
    with (
        start_virtual_zebra(PRINTER, 80, answers_when_stopped=False) as zebra,
        start_print_server({PRINTER: zebra}, on_stop_minutes=15) as server,
    ):
        zebra.paper_out(after=73)
        jobs = [server.print_labels(PRINTER, labels(10, job)) for job in range(20)]
        deadline = time.monotonic() + 30
        while not server.status(jobs[7])["waiting_for"]:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        time.sleep(ROLL_CHANGE_SECONDS)
        assert [server.status(job)["status"] for job in jobs] == ["completed"] * 7 + ["printing"] + ["queued"] * 12
        zebra.resume()
        for job in jobs:
            assert server.wait(job, timeout=60)["confirmed"]
        assert zebra.labels() == [zpl for job in range(20) for zpl in labels(10, job)]
