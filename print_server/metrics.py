"""What `GET /metrics` tells a monitoring system, in Prometheus' text format: how things stand, and what was counted.

docs/monitoring.md explains each metric. An answer asks no printer: it reads what is known of them in memory, and two
aggregates of the open jobs and of the events that wait.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

from flask import Response
from prometheus_client import CONTENT_TYPE_LATEST, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from . import __version__, health
from .clock import now

if TYPE_CHECKING:
    from .engine import Engine

PATH = "/metrics"
PRINTER_STATES = ("online", "busy", "offline", "error")
OPEN = ("queued", "printing")


class EngineCollector(Collector):
    """The gauges: read of the running engine at each scrape."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        """All gauges. Raises sqlite3.Error when the data file cannot be read."""
        yield from self._server()
        yield from self._printers()
        yield from self._jobs()
        yield from self._events()

    def describe(self) -> list[Metric]:
        """Nothing: their names are known to nobody else in the registry, and asking would read the data file."""
        return []

    def _server(self) -> Iterator[Metric]:
        engine = self._engine
        info = _gauge("info", "The print server's version; always 1.", "version")
        info.add_metric([__version__], 1)
        yield info
        yield _single("healthy", "1 unless jobs cannot be stored, a printer's worker meets faults, or Odoo refuses it.",
                      health.status_word(engine) == "ok")  # fmt: skip
        yield _single("storage_writable", "Whether jobs can be stored.", engine.storage.word() != "failing")
        yield _single("storage_free_bytes", "Space on the disk of the data directory.",
                      shutil.disk_usage(engine.settings.data_dir).free)  # fmt: skip

    def _printers(self) -> Iterator[Metric]:
        fleet = self._engine.fleet
        up = _gauge("printer_up", "Whether the printer can print: it is online or busy.", "printer")
        status = _gauge("printer_status", "1 for the status that the printer has.", "printer", "status")
        since = _gauge("printer_status_since_timestamp_seconds", "Unix time of its last change of status.", "printer")
        seen = _gauge("printer_last_look_timestamp_seconds", "Unix time of the last look at it.", "printer")
        pace = _gauge("printer_label_seconds", "How long a label takes, averaged.", "printer")
        odometer = _gauge("printer_odometer_labels", "Labels that the printer itself has counted.", "printer")
        running = _gauge("printer_worker_running", "0 while the server meets a fault with it.", "printer")
        for name, worker in self._engine.workers.items():
            state = fleet.state(name)
            word = state.status
            up.add_metric([name], word in ("online", "busy"))
            for each in PRINTER_STATES:
                status.add_metric([name, each], each == word)
            since.add_metric([name], state.since)
            pace.add_metric([name], state.label_seconds)
            running.add_metric([name], worker.is_alive() and worker.fault is None)
            if state.looked_at is not None:
                seen.add_metric([name], state.looked_at)
            if state.odometer is not None:
                odometer.add_metric([name], state.odometer)
        yield from (up, status, since, seen, pace, odometer, running)

    def _jobs(self) -> Iterator[Metric]:
        found = self._engine.jobs.open_jobs()
        moment = now()
        jobs = _gauge("jobs", "Jobs that have not ended.", "printer", "status")
        labels = _gauge("labels_waiting", "Labels of these jobs that are still to be printed.", "printer")
        age = _gauge("oldest_job_age_seconds", "Age of the oldest job that has not ended; 0 for none.", "printer")
        # Also printers that are no longer configured, while jobs of theirs end.
        for name in dict.fromkeys([*self._engine.workers, *(printer for printer, _status in found)]):
            rows = [found[name, status] for status in OPEN if (name, status) in found]
            for status in OPEN:
                jobs.add_metric([name, status], found[name, status].jobs if (name, status) in found else 0)
            labels.add_metric([name], sum(row.labels for row in rows))
            age.add_metric([name], max((moment - row.oldest for row in rows), default=0.0))
        yield from (jobs, labels, age)

    def _events(self) -> Iterator[Metric]:
        sender = self._engine.sender
        if sender is None:
            return
        waiting, oldest = self._engine.outbox.waiting()
        yield _single("events_waiting", "Events that Odoo has not taken yet.", waiting)
        yield _single("oldest_event_age_seconds", "Age of the oldest of them; 0 for none.",
                      0.0 if oldest is None else now() - oldest)  # fmt: skip
        yield _single("event_failures", "Failed posts since the last one that Odoo took.", sender.failures)
        if sender.clock_ahead is not None:
            yield _single("clock_ahead_seconds", "By how much this machine's clock is ahead of Odoo's.",
                          sender.clock_ahead)  # fmt: skip


def register(engine: Engine) -> None:
    """Have the engine's registry answer with the gauges too, and with the process's memory, time and open files."""
    engine.totals.registry.register(EngineCollector(engine))
    ProcessCollector(registry=engine.totals.registry)


def answer(engine: Engine) -> Response:
    """The answer to a scrape."""
    return Response(generate_latest(engine.totals.registry), content_type=CONTENT_TYPE_LATEST)


def _gauge(name: str, words: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"print_server_{name}", words, labels=labels)


def _single(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"print_server_{name}", words, value=float(value))
