"""How near the print server comes to the speed of a printer that is simply given all labels at once.

The printer has to stop when its next label is not there in time, which costs it 0.4 s, and takes 30 ms to answer a
question, as a Zebra does. The baseline is raw streaming to the same printer in the same run. And how long a job takes
to go on after a refill.
"""

from __future__ import annotations

import json
import socket
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.support.print_server import VirtualZebra, start_print_server, start_virtual_zebra  # noqa: E402 - see above

SPEEDS = (2, 5, 20)
SECONDS = 12.0
"""About how long the printer is to print at each speed."""
STOP_SECONDS, ANSWER_SECONDS = 0.4, 0.03
LARGEST_RATIO, LONGEST_TO_GO_ON = 1.1, 2.0


def measure() -> list[dict[str, Any]]:
    """The figures `printing.ratio_to_streaming_<labels a second>` and `printing.go_on_after_refill_s`."""
    return [*(_ratio(speed) for speed in SPEEDS), _go_on(answers_when_stopped=True), _go_on(answers_when_stopped=False)]


def _ratio(speed: float) -> dict[str, Any]:
    labels = _labels(max(30, int(speed * SECONDS)))
    streamed, printed = [], []
    with start_virtual_zebra(
        labels_per_second=speed, stop_seconds=STOP_SECONDS, answer_seconds=ANSWER_SECONDS, answers_when_stopped=False
    ) as zebra:
        streamed.append(_stream(zebra, labels))
        with start_print_server({"Zebra-1": zebra}, on_stop_minutes=15) as server:
            started = time.monotonic()
            job = server.print_labels("Zebra-1", labels)
            status = server.wait(job, timeout=10 * SECONDS)
            printed.append(time.monotonic() - started)
            assert status["confirmed"], status
    seconds, baseline = min(printed), min(streamed)
    return {
        "name": f"printing.ratio_to_streaming_{speed}",
        "value": round(seconds / baseline, 3),
        "unit": "×",
        "baseline": round(baseline, 2),
        "ratio": round(seconds / baseline, 3),
        "ceiling": LARGEST_RATIO,
    }


def _stream(zebra: VirtualZebra, labels: list[str]) -> float:
    before, started = zebra.total(), time.monotonic()
    with socket.create_connection(("127.0.0.1", zebra.port), timeout=10) as line:
        line.sendall("\r\n".join(labels).encode())
        while zebra.total() < before + len(labels):
            time.sleep(0.02)
    return time.monotonic() - started


def _go_on(answers_when_stopped: bool) -> dict[str, Any]:
    slowest = 0.0
    with (
        start_virtual_zebra(
            labels_per_second=5, answer_seconds=ANSWER_SECONDS, answers_when_stopped=answers_when_stopped
        ) as zebra,
        start_print_server({"Zebra-1": zebra}, answer_timeout=1.0, on_stop_minutes=15) as server,
    ):
        for number in range(5):
            zebra.paper_out(3)
            job = server.print_labels("Zebra-1", _labels(8))
            while not server.status(job)["waiting_for"]:
                time.sleep(0.02)
            time.sleep(1.0 + 0.3 * number)
            refilled = time.monotonic()
            zebra.resume()
            # Labels 4 and 5 were in the printer: the sixth shows that the server has gone on too.
            while server.status(job)["current_label"] < 4:
                time.sleep(0.01)
            slowest = max(slowest, time.monotonic() - refilled)
            server.wait(job)
    name = "printing.go_on_after_refill_s" if answers_when_stopped else "printing.go_on_after_silent_refill_s"
    return {"name": name, "value": round(slowest, 2), "unit": "s", "ceiling": LONGEST_TO_GO_ON}


def _labels(count: int) -> list[str]:
    return [f"^XA^FO40,40^A0N,40,40^FDBox {number}^FS^XZ" for number in range(1, count + 1)]


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
