"""What the tests of printers behind CUPS share."""

from __future__ import annotations

import time

PRINTER = "Zebra-1"


def labels(count: int, job: int = 1, size: int = 0) -> list[str]:
    return [f"^XA^FDJob {job} box {number}^FS^FX{'x' * size}^FS^XZ" for number in range(1, count + 1)]


def until(condition, timeout: float = 10):
    deadline = time.monotonic() + timeout
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def until_waiting(server, job, code):
    return until(lambda: (status := server.status(job))["waiting_for"] == code and status)
