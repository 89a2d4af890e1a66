"""Killed at any moment, the server loses no job and prints no label twice."""

from __future__ import annotations

import os
import random
import time
from collections import Counter

import pytest

from tests.support.print_server import start_print_server, start_virtual_zebra

KILLS, JOBS, LABELS_EACH = 50, 20, 15


@pytest.mark.slow
def test_50_kills_during_20_jobs_leave_every_label_accounted_for(tmp_path):
    seed = int(os.environ.get("SEED") or random.randrange(10**6))
    print(f"SEED={seed}")
    chance = random.Random(seed)
    with (
        start_virtual_zebra("Zebra-1", 60) as first,
        start_virtual_zebra("Zebra-2", 60) as second,
        start_print_server({"Zebra-1": first, "Zebra-2": second}, data_dir=tmp_path) as server,
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
            status = server.wait(job, timeout=40)
            printed = Counter(zebras[printer].labels())
            failed = {row["index"]: row["code"] for row in status["failed_labels"]}
            assert status["progress"]["completed"] + len(failed) == LABELS_EACH
            states = server.label_states(job)
            assert states == [
                ("uncertain" if failed[number] == "uncertain" else "failed") if number in failed else "confirmed"
                for number in range(1, LABELS_EACH + 1)
            ]
            assert status["counts"]["printed"] == states.count("confirmed")
            assert status["counts"]["uncertain"] == states.count("uncertain")
            for number, zpl in enumerate(zpls, 1):
                if number not in failed:
                    assert printed[zpl] == 1, (job, number)
                elif failed[number] == "uncertain":
                    assert printed[zpl] <= 1, (job, number)
                    uncertain += 1
                else:
                    assert printed[zpl] == 0, (job, number)
        assert uncertain <= KILLS * len(zebras)
        assert not [line for line in server.output if "Traceback" in line]


def _until_sent(server, job, index):
    while server.label_states(job)[index - 1] != "sent":
        time.sleep(0.003)


def test_a_label_on_its_way_at_kill_9_is_uncertain_in_the_account(tmp_path):
    with (
        start_virtual_zebra("Zebra-1", 2) as zebra,
        start_print_server({"Zebra-1": zebra}, data_dir=tmp_path, pickup_delay=4) as server,
    ):
        job = server.print_labels("Zebra-1", ["^XA^FD1^FS^XZ", "^XA^FD2^FS^XZ", "^XA^FD3^FS^XZ"])
        server.wait(job, "printing")
        _until_sent(server, job, 2)
        server.kill()
        server.restart()
        # At once, before any worker has taken up the job again.
        assert server.label_states(job) == ["confirmed", "uncertain", "waiting"]
        assert server.status(job)["counts"] == {"printed": 1, "confirmed": 1, "failed": 0, "uncertain": 1}
        status = server.wait(job)
        assert server.label_states(job) == ["confirmed", "uncertain", "confirmed"]
        assert (status["status"], status["error_code"]) == ("completed", "uncertain")
        assert max(zebra.times_printed().values()) == 1


def test_sigterm_lets_the_label_on_its_way_end(tmp_path):
    with (
        start_virtual_zebra("Zebra-1", 4) as zebra,
        start_print_server({"Zebra-1": zebra}, data_dir=tmp_path) as server,
    ):
        job = server.print_labels("Zebra-1", ["^XA^FD1^FS^XZ", "^XA^FD2^FS^XZ", "^XA^FD3^FS^XZ"])
        _until_sent(server, job, 2)
        server.restart()
        assert server.wait(job)["confirmed"]
        assert server.label_states(job) == ["confirmed"] * 3
        assert zebra.total() == 3


def test_sigterm_while_a_label_takes_too_long_leaves_it_uncertain(tmp_path):
    with (
        start_virtual_zebra("Zebra-1", 0.1) as zebra,
        start_print_server({"Zebra-1": zebra}, data_dir=tmp_path) as server,
    ):
        job = server.print_labels("Zebra-1", ["^XA^FD1^FS^XZ", "^XA^FD2^FS^XZ"])
        _until_sent(server, job, 1)
        server.restart()
        assert server.label_states(job)[0] == "uncertain"
        zebra.slow(20)
        assert server.wait(job, timeout=30)["counts"] == {"printed": 1, "confirmed": 1, "failed": 0, "uncertain": 1}


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
        assert states in (["confirmed"] * 3, ["confirmed", "uncertain", "confirmed"])
        assert max(zebra.times_printed().values()) == 1
