"""One job through a spooler, from pick-up to its end: its labels leave as the spooler gets rid of those before them.

A label is `sent` while the spooler holds it and can still be taken back; it is `spooled` when the spooler says that its
job is completed, which is the printer's buffer and not yet paper. Few labels are in the spooler at a time: the others
stay where a cancel or a crash of the spooler cannot lose them. A stopped queue or printer holds the job where it is.
"""

from __future__ import annotations

import logging
import threading
import time

from . import codes
from .cups_printer import COMPLETED, HELD, PROCESSING, CupsPrinter, SpoolerJob, refusal_code
from .fleet import Fleet
from .handed_labels import HandedLabels
from .label_store import LabelStore, OpenJob, WaitingLabel
from .label_window import Outcome
from .printer_port import READY, Reading
from .settings import Pace, PrinterConfig
from .spooled_labels import SpooledLabel, SpooledLabels
from .spooler_link import SpoolerRefused, SpoolerUnreachable
from .stop_timeout import StopTimeout
from .zpl_format import output

_logger = logging.getLogger(__name__)
_WINDOW = 4
"""Labels in the spooler at a time: two keep a printer busy that prints 20 a second."""
_SOON, _LATER = 0.04, 0.25
"""Seconds between two questions for labels while they leave, and while they do not."""
_FRESH = 0.5
"""Seconds for which a look at the queue is good enough while labels leave."""
_WITHDRAWN_WITHIN = 3.0
"""Seconds in which the spooler has taken its hands off a job that it was printing."""
_CANCEL_PATIENCE = 5.0
"""Seconds for which a cancelled job waits for a spooler that does not answer."""


class SpoolerRun:
    """Used by the printer's worker alone. `woken` is set when there is a new job or a cancel, and with `stopping`."""

    def __init__(
        self, job: OpenJob, config: PrinterConfig, port: CupsPrinter, labels: LabelStore, spooled: SpooledLabels,
        fleet: Fleet, pace: Pace, woken: threading.Event, stopping: threading.Event,
    ) -> None:  # fmt: skip
        self._job, self._config, self._port, self._labels, self._spooled = job, config, port, labels, spooled
        self._fleet, self._pace, self._woken, self._stopping = fleet, pace, woken, stopping
        self._patience = StopTimeout(pace, config.on_stop_minutes)
        self._window = config.window or _WINDOW
        self._begun = labels.has_begun(job)
        self._held: list[SpooledLabel] = []
        self._handed = HandedLabels(port.meter)
        self._printing: str | None = None
        """The job that the spooler is printing, when it is one of ours."""
        self._waits_for: str | None = None
        """Why a label that the spooler holds, or does not take, cannot go on, where its queue does not say so."""
        self._told: str | bool | None = False
        self._cancelled_at: float | None = None
        self._pause = _SOON
        self._progress_at = time.monotonic()
        self._reading, self._looked_at = READY, float("-inf")

    def run(self) -> None:
        """Work until the job has ended or the server stops."""
        self._held = self._spooled.sent(self._job)
        ours = {label.index for label in self._held}
        lost = [label.index for label in self._labels.sent_labels(self._job).labels if label.index not in ours]
        if lost:
            # Of a time when the printer was not behind this spooler.
            self._labels.advance(self._job, [(index, "uncertain") for index in lost])
        clear_left_behind(self._port, self._spooled, self._config.name)
        while not self._step():
            pass

    def _step(self) -> bool:
        """One look at the spooler and what follows from it; True when there is nothing left to do here."""
        reading = self._look()
        if reading.code != codes.SPOOLER_UNREACHABLE:
            self._follow()
        seen = self._observe_printer()
        self._advance(self._handed.follow_queue(reading.code == codes.PRINTER_OFFLINE, self._port.is_unconnected))
        self._fleet.record(self._config.name, reading if reading.code else seen or reading, self._port.counts_labels)
        cancel, stopping = self._labels.cancel_requested(self._job), self._stopping.is_set()
        if cancel:
            return self._cancel(reading)
        code = self._stop_code(reading) or (seen and seen.code)
        if not code and not stopping:
            code = self._fill()
        if not self._held and not self._handed.waiting and not self._labels.next_labels(self._job, 1):
            self._advance(self._handed.give_up())
            self._labels.end(self._job, None, self._patience.tries)
            return True
        if stopping:
            return True
        if code:
            return self._hold(code, reading)
        self._patience.over()
        self._tell(None)
        self._wait(self._pause)
        self._pause = min(_LATER, 1.5 * self._pause)
        return False

    def _look(self) -> Reading:
        moment = time.monotonic()
        flows = self._reading.code is None and self._progress_at > self._looked_at
        if not flows or moment - self._looked_at >= _FRESH:
            self._reading, self._looked_at = self._port.look(), moment
        return self._reading

    def _stop_code(self, reading: Reading) -> str | None:
        """Why nothing can leave now."""
        code = reading.code
        if code == codes.SPOOLER_REJECTING and self._held and not self._labels.next_labels(self._job, 1):
            # It has taken all there are.
            code = None
        if code or self._waits_for:
            return code or self._waits_for
        overdue = time.monotonic() - self._progress_at > self._pace.label_timeout
        # The backend hands nothing over and says nothing: what a printer does that is out of labels.
        return codes.PRINTER_SILENT if self._printing and overdue else None

    def _follow(self) -> None:
        """Learn from the spooler what became of the labels that it holds."""
        self._waits_for = None
        if not self._held:
            self._printing = None
            return
        try:
            found = self._port.follow([label.job for label in self._held])
        except (SpoolerUnreachable, SpoolerRefused) as error:
            _logger.warning("Printer %s: its jobs cannot be followed: %s", self._config.name, error)
            self._waits_for = refusal_code(error) if isinstance(error, SpoolerRefused) else codes.SPOOLER_UNREACHABLE
            return
        known = list(zip(self._held, found, strict=False))
        self._settle(known)
        empty = [label for label, job in known if job and job.state == HELD and not job.documents]
        if empty:
            # The label has not arrived in it, and can no more once it is cancelled.
            self._withdraw(empty)
        waiting = [job for _label, job in known if job and not job.ended]
        if waiting and all(job.state == HELD and job.documents for job in waiting):
            self._waits_for = codes.SPOOLER_HELD
        printing = next((label.job for label, job in known if job and job.state == PROCESSING), None)
        if printing != self._printing:
            self._printing, self._progress_at = printing, time.monotonic()

    def _observe_printer(self) -> Reading | None:
        """Learn from the printer's odometer which of the labels handed over are on paper; returns why it is stopped."""
        outcomes, seen = self._handed.observe([label.copies for label in self._held])
        self._advance(outcomes)
        # A printer that serves one connection at a time does not answer here while the spooler has its own.
        return seen if seen.code and (seen.answered or not self._held) else None

    def _settle(self, known: list[tuple[SpooledLabel, SpoolerJob | None]], withdrawn: bool = False) -> None:
        """Commit the outcomes of labels whose jobs have ended; with `withdrawn` because they were taken back here."""
        outcomes, completed, cancelled, moment = [], [], [], time.monotonic()
        for label, job in known:
            if job is None:
                # The spooler has lost it, or does not keep its history: printed or not.
                outcomes.append((label.index, "uncertain"))
            elif job.state == COMPLETED:
                outcomes += self._handed.add(label.index, label.copies)
                completed.append(label.index)
            elif job.ended and not job.never_reached_printer:
                outcomes.append((label.index, "uncertain"))
            elif job.ended and withdrawn:
                outcomes.append((label.index, "waiting"))
            elif job.ended:
                cancelled.append(label.index)
        if any(state == "uncertain" for _index, state in outcomes):
            # What such a label does to the odometer is not known.
            outcomes += self._handed.give_up()
        if completed:
            self._fleet.record_pace(self._config.name, (moment - self._progress_at) / len(completed))
            self._port.moved()
        if outcomes or completed or cancelled:
            gone = {*completed, *cancelled, *(index for index, _state in outcomes)}
            self._held = [label for label in self._held if label.index not in gone]
            self._progress_at, self._pause = moment, _SOON
        self._advance(outcomes)
        for index in cancelled:
            self._labels.fail(self._job, index, index, codes.SPOOLER_CANCELLED, 1)

    def _advance(self, outcomes: list[Outcome]) -> None:
        if outcomes:
            self._labels.advance(self._job, outcomes, (), self._patience.tries)

    def _fill(self) -> str | None:
        """Give the spooler as many labels as there is room for; returns why it takes none."""
        free = self._window - len(self._held)
        labels = self._labels.next_labels(self._job, free) if free > 0 else []
        if not labels:
            return None
        if not self._held and not self._handed.waiting:
            self._handed.begin()
        try:
            jobs = self._port.create([f"{self._job.job_id} {label.index}/{self._job.quantity}" for label in labels])
            leaving = [
                SpooledLabel(label.index, job, output(label.zpl).copies)
                for label, job in zip(labels, jobs, strict=True)
            ]
            # From here on a label's job is followed, whether the label arrives in it or not.
            self._spooled.leave(self._job, leaving, self._patience.tries)
            self._held += leaving
            self._begun = True
            return self._send(labels, leaving)
        except SpoolerRefused as error:
            _logger.warning("Printer %s: the spooler takes no label: %s", self._config.name, error)
            return refusal_code(error)
        except SpoolerUnreachable as error:
            _logger.warning("Printer %s: the spooler does not answer: %s", self._config.name, error)
            return codes.SPOOLER_UNREACHABLE

    def _send(self, labels: list[WaitingLabel], leaving: list[SpooledLabel]) -> str | None:
        code = None
        for label, left in zip(labels, leaving, strict=True):
            try:
                self._port.send(left.job, label.zpl)
            except SpoolerRefused as error:
                # Perhaps this one alone, because somebody has cancelled its job.
                _logger.warning("Printer %s: label %d was refused: %s", self._config.name, label.index, error)
                code = refusal_code(error)
        return code

    def _withdraw(self, labels: list[SpooledLabel]) -> bool:
        """Take labels back from the spooler, as far as it holds them. False when it does not answer."""
        names = [label.job for label in labels]
        deadline = time.monotonic() + _WITHDRAWN_WITHIN
        try:
            self._port.cancel(names)
            while True:
                known = list(zip(labels, self._port.follow(names, every=True), strict=True))
                if all(job is None or job.ended for _label, job in known):
                    break
                if time.monotonic() > deadline:
                    return False
                time.sleep(0.05)
        except (SpoolerUnreachable, SpoolerRefused) as error:
            _logger.warning("Printer %s: labels cannot be taken back: %s", self._config.name, error)
            return False
        self._settle(known, withdrawn=True)
        return True

    def _cancel(self, reading: Reading) -> bool:
        moment = time.monotonic()
        self._cancelled_at = self._cancelled_at or moment
        if self._held and not (reading.code != codes.SPOOLER_UNREACHABLE and self._withdraw(self._held)):
            if not self._stopping.is_set() and moment - self._cancelled_at < _CANCEL_PATIENCE:
                self._tell(codes.SPOOLER_UNREACHABLE)
                self._wait(0.5)
                return False
            if self._stopping.is_set():
                return True
        self._end(codes.CANCELLED)
        return True

    def _hold(self, code: str, reading: Reading) -> bool:
        """Nothing can leave: wait, or give the job up. True when there is nothing left to do here."""
        moment = time.monotonic()
        self._pause = _SOON
        self._patience.stopped(moment)
        if self._patience.exhausted(code, moment, self._begun, bool(self._held or self._handed.waiting)):
            if self._held and reading.code != codes.SPOOLER_UNREACHABLE:
                self._withdraw(self._held)
            self._end(code)
            return True
        self._tell(code)
        self._wait(self._patience.pause(moment, bool(self._held)))
        return False

    def _end(self, code: str) -> None:
        """Give up what has not left, if anything. What the printer was handed it has, printed or not yet."""
        if self._port.is_unconnected:
            self._advance(self._handed.doubt())
        self._advance(self._handed.give_up())
        left = self._held or self._labels.next_labels(self._job, 1)
        self._labels.end(self._job, code if left else None, self._patience.tries)

    def _tell(self, code: str | None) -> None:
        """Note in the store what the job waits for."""
        if self._told != code:
            self._labels.set_waiting(self._job, code)
            self._told = code

    def _wait(self, seconds: float) -> None:
        """Wait, unless a job is cancelled or the server stops meanwhile."""
        if self._woken.wait(seconds):
            self._woken.clear()


def clear_left_behind(port: CupsPrinter, spooled: SpooledLabels, printer: str) -> None:
    """Take back labels that were given up while the spooler did not answer, so that it does not print them later."""
    names = spooled.left_behind(printer)
    if not names:
        return
    try:
        port.cancel(names)
        found = port.follow(names, every=True)
    except (SpoolerUnreachable, SpoolerRefused):
        return
    spooled.forget(name for name, job in zip(names, found, strict=True) if job is None or job.ended)
