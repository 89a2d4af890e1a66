"""One worker a printer: takes its jobs in order and brings each label to an outcome.

One label is under way at a time. The next is sent only when the printer has counted the last one down, so a stop
(out of labels, cancel, a broken connection, a killed server) leaves at most one label that may or may not be printed.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass

from .codes import BUFFER_FULL, CANCELLED, NETWORK_TIMEOUT, PRINTER_OFFLINE, UNCERTAIN
from .fleet import Fleet
from .label_store import LabelStore, OpenJob, WaitingLabel
from .printer_port import PrinterPort, Reading, SendFailed
from .settings import Pace

_logger = logging.getLogger(__name__)
_SLOWEST_ASK, _QUICKEST_ASK = 0.1, 0.001


@dataclass(frozen=True)
class Outcome:
    """What became of a label: `printed`, or not and `code` says why; `stop` ends the work on the job.

    Neither printed nor with a code, it was withdrawn because the server stops, and waits for the next start.
    """

    printed: bool = False
    code: str | None = None
    uncertain: bool = False
    stop: bool = False


class PrinterWorker(threading.Thread):
    """Uses a printer's connection alone: no other thread talks to that printer."""

    def __init__(
        self, name: str, port: PrinterPort, labels: LabelStore, fleet: Fleet, pace: Pace, pickup_delay: float = 0.0
    ) -> None:
        super().__init__(name=f"printer {name}", daemon=True)
        self.printer, self._port, self._labels, self._fleet = name, port, labels, fleet
        self._pace, self._pickup_delay = pace, pickup_delay
        self._woken = threading.Event()
        self._stopping = False

    def wake(self) -> None:
        """There is a new job, or a request to cancel one."""
        self._woken.set()

    def stop(self) -> None:
        """Stop after the label that is under way; the job goes on at the next start."""
        self._stopping = True
        self._woken.set()

    def run(self) -> None:
        """Print until stopped; look at the printer from time to time while there is nothing to print."""
        looked = 0.0
        while not self._stopping:
            try:
                self._woken.clear()
                time.sleep(self._pickup_delay)
                job = self._labels.next_job(self.printer)
                if job:
                    self._print(job)
                    looked = time.monotonic()
                    continue
                if time.monotonic() - looked >= self._pace.poll_interval:
                    self._look()
                    self._port.close()
                    looked = time.monotonic()
                self._woken.wait(max(0.01, looked + self._pace.poll_interval - time.monotonic()))
            except Exception:
                # A full disk, say: the job stays in the store and is taken up again, its open label as uncertain.
                _logger.exception("The worker of printer %s met a fault and starts again", self.printer)
                time.sleep(1)
        self._port.close()

    def _print(self, job: OpenJob) -> None:
        self._labels.settle_sent(job)
        self._fleet.set_busy(self.printer, True)
        given_up = None
        tries = 1
        try:
            while not self._stopping and (label := self._labels.next_label(job)):
                given_up, tries = self._await_ready(job)
                if given_up or self._stopping:
                    break
                outcome = self._print_label(job, label, tries)
                if outcome.stop:
                    given_up = outcome.code
                    break
            if given_up or not self._stopping:
                self._labels.end(job, given_up, tries)
        finally:
            self._fleet.set_busy(self.printer, False)

    def _await_ready(self, job: OpenJob) -> tuple[str | None, int]:
        """Wait until the printer can take a label: (None, tries used), or the code for which to give the job up."""
        tries, started = 1, time.monotonic()
        while not self._stopping:
            if self._labels.cancel_requested(job):
                return CANCELLED, tries
            reading = self._look()
            if reading.code is None:
                if not reading.outstanding and not reading.buffer_full:
                    return None, tries
                # Busy with labels of another program, which it prints by itself.
                if time.monotonic() - started > self._pace.label_timeout:
                    return BUFFER_FULL, tries
                self._pause(job, _SLOWEST_ASK)
                continue
            if reading.code == NETWORK_TIMEOUT:
                self._port.close()
            if tries >= self._pace.tries:
                return reading.code, tries
            self._pause(job, self._pace.pause_after(tries))
            tries += 1
        return None, tries

    def _print_label(self, job: OpenJob, label: WaitingLabel, tries: int) -> Outcome:
        self._labels.mark_sent(job, label.index, tries)
        started = time.monotonic()
        try:
            self._port.send(label.zpl)
            outcome = self._await_outcome(job, started) if self._port.counts_labels else Outcome(printed=True)
        except SendFailed as error:
            _logger.warning("Printer %s: label %d broke off: %s", self.printer, label.index, error)
            outcome = Outcome(code=UNCERTAIN, uncertain=True)
        if outcome.printed:
            self._fleet.record_pace(self.printer, time.monotonic() - started)
            self._labels.mark_printed(job, label.index, confirmed=self._port.counts_labels)
        elif outcome.uncertain:
            self._labels.fail(job, label.index, label.index, UNCERTAIN, tries)
        elif outcome.code in (None, CANCELLED):
            self._labels.put_back(job, label.index)
        else:
            self._labels.fail(job, label.index, label.index, outcome.code, self._pace.tries)
        return outcome

    def _await_outcome(self, job: OpenJob, started: float) -> Outcome:
        """Follow the label that was just sent until the printer has counted it down or nothing more can be learnt."""
        line, stopped_since = self._port.line, None
        usual = self._fleet.label_seconds(self.printer)
        wait = max(_QUICKEST_ASK, min(0.5 * usual, _SLOWEST_ASK))
        while True:
            time.sleep(wait)
            reading = self._look()
            if self._port.line != line or reading.code == PRINTER_OFFLINE:
                # The connection it was sent on is gone: the printer may have all of it, a part, or nothing.
                return Outcome(code=UNCERTAIN, uncertain=True)
            if reading.answered and not reading.outstanding:
                return Outcome(printed=True)
            moment = time.monotonic()
            if reading.code is None:
                stopped_since = None
                if moment - started > self._pace.label_timeout:
                    return self._withdraw(reading, NETWORK_TIMEOUT)
                wait = max(_QUICKEST_ASK, min(0.1 * usual, _SLOWEST_ASK))
                continue
            stopped_since = stopped_since or moment
            if self._labels.cancel_requested(job):
                return self._withdraw(reading, CANCELLED)
            if self._stopping:
                return self._withdraw(reading, None)
            if moment - stopped_since >= self._pace.patience:
                return self._withdraw(reading, reading.code)
            wait = min(0.25, self._pace.patience / 4)

    def _withdraw(self, before: Reading, code: str | None) -> Outcome:
        """Take the label out of a stopped printer, so that it is not printed at the refill and again at the retry."""
        self._port.clear()
        after = self._look()
        gone = before.answered and after.answered and after.code and not after.outstanding
        return Outcome(code=code, uncertain=not gone, stop=True)

    def _look(self) -> Reading:
        reading = self._port.look()
        self._fleet.record(self.printer, reading)
        return reading

    def _pause(self, job: OpenJob, seconds: float) -> None:
        """Wait, unless the job is cancelled or the server stops meanwhile."""
        deadline = time.monotonic() + seconds
        while not self._stopping and (left := deadline - time.monotonic()) > 0:
            if self._woken.wait(left):
                self._woken.clear()
                if self._labels.cancel_requested(job):
                    return
