"""Printers behind CUPS whose own address is known: the odometer tells which of the labels handed over are printed."""

from __future__ import annotations

import contextlib
import json
import socket

import pytest

from tests.print_server.cups_queue import PRINTER, labels, until, until_waiting
from tests.support.print_server import start_print_server, start_virtual_zebra


@contextlib.contextmanager
def metered(spooler, tmp_path, **behaviour):
    """A queue whose printer's own address is known, with its print server."""
    with start_virtual_zebra("Metered", 20, **behaviour) as zebra:
        spooler.add_queue("Metered", zebra)
        file = tmp_path / "printers.json"
        file.write_text(json.dumps([{"name": PRINTER, "uri": spooler.uri("Metered"), "address": zebra.uri}]))
        with start_print_server(printers_file=file, on_stop_minutes=15, label_timeout=3) as server:
            yield server, zebra


def test_the_odometer_confirms_what_the_spooler_has_handed_over(spooler, tmp_path):
    with metered(spooler, tmp_path) as (server, zebra):
        assert server.wait(server.print_labels(PRINTER, labels(12)))["confirmed"]
        zebra.paper_out(after=3)
        job = server.print_labels(PRINTER, labels(8, 2))
        # The spooler has nothing to say of that.
        status = until_waiting(server, job, "paper_out")
        assert status["counts"]["confirmed"] <= 3
        until(lambda: server.status(job)["counts"]["confirmed"] == 3)
        zebra.resume()
        assert server.wait(job)["confirmed"]
        assert zebra.labels() == labels(12) + labels(8, 2)


def test_an_odometer_that_counts_labels_of_others_confirms_none(spooler, tmp_path):
    with metered(spooler, tmp_path) as (server, zebra):
        zebra.pause()
        job = server.print_labels(PRINTER, labels(2))
        until(lambda: zebra.status()["in_buffer"] == 2)
        with socket.create_connection(("127.0.0.1", zebra.port)) as other:
            other.sendall(b"".join(b"^XA^FDOther %d^FS^XZ" % number for number in range(8)))
            until(lambda: zebra.status()["in_buffer"] == 10)
        zebra.slow(200)
        zebra.resume()
        status = server.wait(job)
        assert status["status"] == "completed"
        assert set(server.label_states(job)) == {"spooled"}


def test_a_printer_without_odometer_behind_a_queue(spooler, tmp_path):
    with metered(spooler, tmp_path, odometer=False) as (server, _zebra):
        job = server.print_labels(PRINTER, labels(3))
        assert server.wait(job)["status"] == "completed"
        assert server.label_states(job) == ["spooled"] * 3


@pytest.mark.parametrize("lost", [False, True])
def test_the_odometer_tells_what_a_printer_lost_that_went_off(spooler, tmp_path, lost):
    expected = labels(12, size=1000)
    with metered(spooler, tmp_path, buffer_bytes=5000) as (server, zebra):
        zebra.slow(4)
        job = server.print_labels(PRINTER, expected)
        until(lambda: server.status(job)["counts"]["confirmed"] >= 2)
        (zebra.power_off if lost else zebra.offline)()
        until_waiting(server, job, "printer_offline")
        zebra.resume()
        status = server.wait(job, timeout=40)
        states = server.label_states(job)
        printed = [zpl in zebra.labels() for zpl in expected]
        assert zebra.times_printed().most_common(1)[0][1] == 1
        if lost:
            assert status["error_code"] == "uncertain" and not all(printed)
            # None of those that it lost is said to be printed.
            assert {state for state, seen in zip(states, printed, strict=True) if not seen} == {"uncertain"}
        else:
            assert (status["status"], set(states)) == ("completed", {"confirmed"})
            assert all(printed)
