"""Killed at any moment, the server loses no job and prints no label twice."""

from __future__ import annotations

import json
import os
import random
import time
from collections import Counter

import pytest

from tests.support.print_server import start_print_server, start_virtual_zebra

KILLS = int(os.environ.get("KILLS") or 8)
"""KILLS=50 is the full proof; each kill costs a start of the server."""
JOBS, LABELS_EACH, WINDOW = max(6, 2 * KILLS // 5), 15, 2


def _printers_file(folder, *zebras):
    file = folder / "printers.json"
    file.write_text(json.dumps([{"name": zebra.name, "uri": zebra.uri, "window": WINDOW} for zebra in zebras]))
    return file


@pytest.mark.parametrize("odometer", [True, False])
def test_kills_during_many_jobs_leave_every_label_accounted_for(tmp_path, odometer):
    seed = int(os.environ.get("SEED") or random.randrange(10**6))
    print(f"SEED={seed}")
    chance = random.Random(seed)
    with (
        start_virtual_zebra("Zebra-1", 60, odometer=odometer) as first,
        start_virtual_zebra("Zebra-2", 60, odometer=odometer) as second,
        start_print_server(printers_file=_printers_file(tmp_path, first, second), data_dir=tmp_path) as server,
    ):
        zebras = {"Zebra-1": first, "Zebra-2": second}
        jobs: dict[str, tuple[str, list[str]]] = {}
        for kill in range(KILLS):
            if kill % 2 == 0 and len(jobs) < JOBS:
                printer = chance.choice(sorted(zebras))
                zpls = [f"^XA^FDjob {len(jobs)} label {number}^FS^XZ" for number in range(1, LABELS_EACH + 1)]
                jobs[server.print_labels(printer, zpls)] = (printer, zpls)
            time.sleep(chance.random() * 0.15)
            server.kill()
            server.restart()
        while len(jobs) < JOBS:
            zpls = [f"^XA^FDjob {len(jobs)} label {number}^FS^XZ" for number in range(1, LABELS_EACH + 1)]
            jobs[server.print_labels("Zebra-1", zpls)] = ("Zebra-1", zpls)
        uncertain = 0
        for job, (printer, zpls) in jobs.items():
            status = server.wait(job, timeout=60)
            printed = Counter(zebras[printer].labels())
            failed = {row["index"]: row["code"] for row in status["failed_labels"]}
            assert status["progress"]["completed"] + len(failed) == LABELS_EACH
            states = server.label_states(job)
            # Without odometer a label that came out before the printer was asked is `spooled`: it was not seen there.
            good = {"confirmed"} if odometer else {"confirmed", "spooled"}
            for number, state in enumerate(states, 1):
                code = failed.get(number)
                assert state in (good if code is None else {"uncertain" if code == "uncertain" else "failed"})
            assert status["counts"]["printed"] == sum(state in good for state in states)
            assert status["counts"]["uncertain"] == states.count("uncertain")
            for number, zpl in enumerate(zpls, 1):
                if number not in failed:
                    assert printed[zpl] == 1, (job, number)
                elif failed[number] == "uncertain":
                    assert printed[zpl] <= 1, (job, number)
                    uncertain += 1
                else:
                    assert printed[zpl] == 0, (job, number)
        assert uncertain <= (0 if odometer else KILLS * len(zebras) * WINDOW)
        assert not [line for line in server.output if "Traceback" in line]


def _until_sent(server, job, index):
    while server.label_states(job)[index - 1] != "sent":
        time.sleep(0.003)


def test_a_label_on_its_way_at_kill_9_is_uncertain_in_the_account(tmp_path):
    with (
        start_virtual_zebra("Zebra-1", 4, odometer=False) as zebra,
        start_print_server({"Zebra-1": zebra}, data_dir=tmp_path, pickup_delay=1.5) as server,
    ):
        job = server.print_labels("Zebra-1", [f"^XA^FD{number}^FS^XZ" for number in range(1, 5)])
        server.wait(job, "printing")
        _until_sent(server, job, 3)
        server.kill()
        server.restart()
        # At once, before any worker has taken up the job again.
        assert server.label_states(job) == ["confirmed", "uncertain", "uncertain", "waiting"]
        assert server.status(job)["counts"] == {"printed": 1, "confirmed": 1, "failed": 0, "uncertain": 2}
        status = server.wait(job)
        assert server.label_states(job) == ["confirmed", "uncertain", "uncertain", "confirmed"]
        assert (status["status"], status["error_code"]) == ("completed", "uncertain")
        assert zebra.times_printed() == {f"^XA^FD{number}^FS^XZ": 1 for number in range(1, 5)}


def test_the_odometer_tells_what_became_of_labels_on_their_way_at_kill_9(tmp_path):
    with (
        start_virtual_zebra("Zebra-1", 4) as zebra,
        # Longer than it waits, at its start, for each printer to be asked once.
        start_print_server({"Zebra-1": zebra}, data_dir=tmp_path, pickup_delay=6) as server,
    ):
        zpls = [f"^XA^FD{number}^FS^XZ" for number in range(1, 5)]
        job = server.print_labels("Zebra-1", zpls)
        server.wait(job, "printing")
        _until_sent(server, job, 3)
        server.kill()
        server.restart()
        assert server.label_states(job) == ["confirmed", "sent", "sent", "waiting"]
        assert server.wait(job)["confirmed"]
        assert zebra.labels() == zpls


@pytest.mark.parametrize("how", ["replaced", "reset"])
def test_the_odometer_of_another_printer_tells_nothing(tmp_path, how):
    zpls = [f"^XA^FD{number}^FS^XZ" for number in range(1, 5)]
    with start_virtual_zebra("Zebra-1", 2, serial_number="OLD") as zebra:
        port = zebra.port
        server = start_print_server({"Zebra-1": zebra}, data_dir=tmp_path)
        job = server.print_labels("Zebra-1", zpls)
        _until_sent(server, job, 3)
        server.kill()
        zebra.kill()
    serial_number = "NEW" if how == "replaced" else "OLD"
    with start_virtual_zebra("Zebra-1", 20, port=port, serial_number=serial_number) as zebra:
        if how == "replaced":
            zebra.set_odometer(3)
        server.restart()
        status = server.wait(job)
        assert server.label_states(job) == ["confirmed", "uncertain", "uncertain", "confirmed"]
        assert (status["status"], zebra.labels()) == ("completed", zpls[3:])
    server.stop()


def test_sigterm_lets_the_label_on_its_way_end(tmp_path):
    with (
        start_virtual_zebra("Zebra-1", 2, odometer=False) as zebra,
        start_print_server({"Zebra-1": zebra}, data_dir=tmp_path) as server,
    ):
        # Without an odometer it could not be found out afterwards.
        job = server.print_labels("Zebra-1", ["^XA^FD1^FS^XZ", "^XA^FD2^FS^XZ", "^XA^FD3^FS^XZ"])
        _until_sent(server, job, 2)
        server.restart()
        assert server.wait(job)["confirmed"]
        assert server.label_states(job) == ["confirmed"] * 3
        assert zebra.total() == 3


def test_sigterm_while_a_label_takes_too_long_leaves_it_to_the_odometer(tmp_path):
    with (
        start_virtual_zebra("Zebra-1", 0.1) as zebra,
        start_print_server({"Zebra-1": zebra}, data_dir=tmp_path, stop_seconds=1) as server,
    ):
        job = server.print_labels("Zebra-1", ["^XA^FD1^FS^XZ", "^XA^FD2^FS^XZ"])
        _until_sent(server, job, 1)
        server.restart()
        assert server.label_states(job)[0] == "sent"
        zebra.slow(20)
        assert server.wait(job, timeout=30)["confirmed"]
        assert zebra.labels() == ["^XA^FD1^FS^XZ", "^XA^FD2^FS^XZ"]


def test_sigterm_while_a_label_takes_too_long_leaves_it_uncertain_without_odometer(tmp_path):
    with (
        start_virtual_zebra("Zebra-1", 0.1, odometer=False) as zebra,
        start_print_server({"Zebra-1": zebra}, data_dir=tmp_path, stop_seconds=1) as server,
    ):
        job = server.print_labels("Zebra-1", ["^XA^FD1^FS^XZ", "^XA^FD2^FS^XZ", "^XA^FD3^FS^XZ"])
        _until_sent(server, job, 2)
        server.restart()
        assert server.label_states(job)[:2] == ["uncertain", "uncertain"]
        zebra.slow(20)
        assert server.wait(job, timeout=30)["counts"] == {"printed": 1, "confirmed": 1, "failed": 0, "uncertain": 2}


def test_sigterm_while_the_printer_is_stopped_fails_no_job(tmp_path):
    with (
        start_virtual_zebra("Zebra-1", 5) as zebra,
        start_print_server({"Zebra-1": zebra}, data_dir=tmp_path, label_pause=30) as server,
    ):
        job = server.print_labels("Zebra-1", ["^XA^FD1^FS^XZ", "^XA^FD2^FS^XZ", "^XA^FD3^FS^XZ"])
        _until_sent(server, job, 2)
        time.sleep(0.02)
        zebra.pause()
        time.sleep(0.3)
        server.stop()
        zebra.resume()
        server.restart()
        status = server.wait(job)
        states = server.label_states(job)
        assert status["status"] == "completed"
        assert states == ["confirmed"] * 3
        assert zebra.times_printed() == {f"^XA^FD{number}^FS^XZ": 1 for number in (1, 2, 3)}
