"""One worker a printer: takes its jobs in order (see job_run.py), and looks at the printer while there are none."""

from __future__ import annotations

import logging
import threading
import time

from .alert_setup import AlertSetup
from .ask_interval import AskInterval
from .cups_printer import CupsPrinter
from .fleet import Fleet
from .job_run import JobRun
from .label_store import LabelStore, OpenJob
from .label_window import LabelWindow
from .printer_port import PrinterPort
from .printers_met import PrintersMet
from .settings import Pace, PrinterConfig
from .spooled_labels import SpooledLabels
from .spooler_run import SpoolerRun, clear_left_behind

_logger = logging.getLogger(__name__)


class PrinterWorker(threading.Thread):
    """Uses a printer's connection alone: no other thread talks to that printer."""

    def __init__(
        self, config: PrinterConfig, port: PrinterPort | CupsPrinter, labels: LabelStore, fleet: Fleet,
        met: PrintersMet, pace: Pace, pickup_delay: float = 0.0, alerts: AlertSetup | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name=f"printer {config.name}", daemon=True)
        self.printer = config.name
        self._config, self._port, self._labels, self._fleet, self._met = config, port, labels, fleet, met
        self._pace, self._pickup_delay, self._alerts = pace, pickup_delay, alerts
        self._window = LabelWindow(met.is_shared(config))
        self._interval = AskInterval(config.window)
        self._spooled = SpooledLabels(labels.database)
        port.has_answered = met.has_answered(config)
        port.counts_labels = port.counts_labels and not met.never_answers(config)
        self._known_to_answer, self._known_as_shared, self._known_as_dumb = port.has_answered, False, False
        self.fault: str | None = None
        """The fault that keeps the worker from printing now, as a word of the program (OperationalError)."""
        self._woken, self._stopping = threading.Event(), threading.Event()
        self._alerted, self._idle = threading.Event(), True

    def wake(self) -> None:
        """There is a new job, or a request to cancel one."""
        self._woken.set()

    def alert(self) -> None:
        """The printer may have something to tell: ask it at once. With a job in hand it is asked often anyway."""
        self._alerted.set()
        if self._idle:
            self._woken.set()

    @property
    def address(self) -> str | None:
        """The printer's IP address, once it is known; None behind a spooler."""
        return None if isinstance(self._port, CupsPrinter) else self._port.peer_address

    def stop(self) -> None:
        """Stop after the labels that are under way; the job goes on at the next start."""
        self._stopping.set()
        self._woken.set()

    def run(self) -> None:
        """Print until stopped; look at the printer from time to time while there is nothing to print."""
        looked = 0.0
        while not self._stopping.is_set():
            try:
                self._woken.clear()
                time.sleep(self._pickup_delay)
                job = self._labels.next_job(self.printer)
                if job:
                    self._print(job)
                    self.fault = None
                    looked = time.monotonic()
                    continue
                self.fault = None
                if self._alerted.is_set() or time.monotonic() - looked >= self._pace.poll_interval:
                    self._alerted.clear()
                    self._look()
                    looked = time.monotonic()
                self._woken.wait(max(0.01, looked + self._pace.poll_interval - time.monotonic()))
            except Exception as error:
                self.fault = type(error).__name__
                # A full disk, say: the job stays in the store and is taken up again, and its open labels are settled.
                _logger.exception("The worker of printer %s met a fault and starts again", self.printer)
                time.sleep(1)
        self._port.close()

    def _print(self, job: OpenJob) -> None:
        self._fleet.set_busy(self.printer, True)
        self._idle = False
        try:
            self._run_of(job).run()
        finally:
            self._idle = True
            self._fleet.set_busy(self.printer, False)
        self._note()

    def _run_of(self, job: OpenJob) -> JobRun | SpoolerRun:
        if isinstance(self._port, CupsPrinter):
            return SpoolerRun(
                job, self._config, self._port, self._labels, self._spooled, self._fleet, self._pace, self._woken,
                self._stopping,
            )  # fmt: skip
        return JobRun(
            job, self._config, self._port, self._labels, self._fleet, self._pace, self._window, self._interval,
            self._woken, self._stopping,
        )  # fmt: skip

    def _look(self) -> None:
        reading = self._port.look()
        self._fleet.record(self.printer, reading, self._port.counts_labels, self._port.details)
        if isinstance(self._port, CupsPrinter):
            clear_left_behind(self._port, self._spooled, self.printer)
            return
        self._window.observe(reading, time.monotonic())
        if self._alerts and self._alerts.due and reading.empty and not reading.code:
            self._port.converse(lambda exchange: self._alerts.run(exchange, self._port.own_address))
        self._port.close()
        self._note()

    def _note(self) -> None:
        """Keep what was learnt of the printer for the next start."""
        if self._port.has_answered and not self._known_to_answer:
            self._met.note_answer(self._config)
            self._known_to_answer = True
        if self._port.gave_up_asking and not self._known_as_dumb:
            self._met.note_no_answers(self._config)
            self._known_as_dumb = True
        if self._window.foreign_seen and not self._known_as_shared:
            self._met.note_foreign(self._config)
            self._known_as_shared = True
