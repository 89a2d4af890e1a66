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
