"""Processor time and memory of running processes, as a series over time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from statistics import mean

import psutil

EVERY = 5.0  # seconds


@dataclass(frozen=True)
class Sample:
    """What a group of processes has used and holds."""

    at: float  # seconds
    cpu: float  # seconds of processor time since their start, of those that live
    memory: int  # bytes; what several processes share counts once (PSS)


class ProcessFigures(threading.Thread):
    """Samples groups of processes until it is stopped.

    :param find: returns the processes of each group; called for each sample, because workers come and go
    """

    def __init__(self, find: Callable[[], dict[str, list[psutil.Process]]]) -> None:
        super().__init__(daemon=True)
        self._find = find
        self._stopping = threading.Event()
        self._gone: dict[str, float] = {}
        self._last: dict[str, dict[int, float]] = {}
        self.samples: dict[str, list[Sample]] = {}

    def run(self) -> None:
        while True:
            moment = time.monotonic()
            for name, processes in self._find().items():
                self.samples.setdefault(name, []).append(self._sample(name, processes, moment))
            if self._stopping.wait(EVERY):
                return

    def stop(self) -> None:
        self._stopping.set()
        self.join()

    def _sample(self, name: str, processes: list[psutil.Process], moment: float) -> Sample:
        used, memory = {}, 0
        for process in processes:
            try:
                times = process.cpu_times()
                memory += process.memory_full_info().pss
            except psutil.Error:
                continue
            used[process.pid] = times.user + times.system
        # What a process that has ended had used at its last sample stays in the sum, which never falls.
        last = self._last.get(name, {})
        self._gone[name] = self._gone.get(name, 0.0) + sum(cpu for pid, cpu in last.items() if pid not in used)
        self._last[name] = used
        return Sample(moment, self._gone[name] + sum(used.values()), memory)

    def minutes(self, name: str) -> list[tuple[float, float]]:
        """Of each whole minute: the share of a processor that was used, and the mean memory in MB."""
        samples = self.samples[name]
        # Of a busy machine samples come late: what counts is when they were taken.
        starts = [next(number for number, sample in enumerate(samples) if sample.at >= samples[0].at + 60 * minute)
                  for minute in range(int((samples[-1].at - samples[0].at) / 60) + 1)]  # fmt: skip
        parts = [samples[start : end + 1] for start, end in pairwise(starts)] or [samples]
        return [
            ((part[-1].cpu - part[0].cpu) / (part[-1].at - part[0].at), mean(sample.memory for sample in part) / 1e6)
            for part in parts
        ]


def growth(values: list[float]) -> float:
    """The mean of the last third over that of the first third."""
    third = max(1, len(values) // 3)
    return mean(values[-third:]) / mean(values[:third])
