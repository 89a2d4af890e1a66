"""One job on its printer, from pick-up to its end: labels leave as the printer takes them, and each gets its outcome.

A stopped printer holds the job where it is. The job goes on by itself, and fails only when the patience is over.
"""

from __future__ import annotations

import logging
import threading
import time

from .ask_interval import AskInterval
from .codes import CANCELLED, NETWORK_TIMEOUT, PRINTER_ERROR, PRINTER_SILENT
from .fleet import Fleet
from .label_store import LabelStore, OpenJob, WaitingLabel
from .label_window import LabelWindow, Outcome
from .printer_port import PrinterPort, Reading, SendFailed
from .settings import Pace, PrinterConfig
from .stop_timeout import StopTimeout
from .zpl_format import output

_logger = logging.getLogger(__name__)
OTHERS_FIRST = 10.0
"""Seconds for which a printer may first bring out what others have sent, before labels are added to theirs."""
_BUSY_LOOK = 0.1
_PIECES_EVERY = 1.0
_SILENCE_AT_CANCEL = 2.5
"""Seconds of silence after which a cancelled job leaves it open whether the labels under way were printed."""
_CLEARED_WITHIN = 1.0
"""Seconds in which a printer has forgotten its labels after `~JA`, the one that it was moving included."""


class JobRun:
    """Used by the printer's worker alone. `woken` is set when there is a new job or a cancel, and with `stopping`."""

    def __init__(
        self, job: OpenJob, config: PrinterConfig, port: PrinterPort, labels: LabelStore, fleet: Fleet, pace: Pace,
        window: LabelWindow, interval: AskInterval, woken: threading.Event, stopping: threading.Event,
    ) -> None:  # fmt: skip
        self._job, self._config, self._port, self._labels, self._fleet = job, config, port, labels, fleet
        self._pace, self._window, self._interval, self._woken, self._stopping = pace, window, interval, woken, stopping
        self._patience = StopTimeout(pace, config.on_stop_minutes)
        self._line = self._sent_on = -1
        self._identity: str | None = None
        self._begun = labels.has_begun(job)
        self._told: str | bool | None = False
        self._progress: tuple[object, ...] = ()
        self._pieces, self._pieces_at = 0, 0.0
        self._silent_since: float | None = None
        self._started = self._progress_at = self._last_printed_at = time.monotonic()

    def run(self) -> None:
        """Work until the job has ended or the server stops."""
        self._adopt_sent()
        while not self._step():
            pass

    def _adopt_sent(self) -> None:
        """Labels that were on their way when an earlier run ended: the odometer will tell, or they are uncertain."""
        sent = self._labels.sent_labels(self._job)
        if sent.labels and sent.meter is not None:
            adopted = [(label.index, output(label.zpl)) for label in sent.labels]
            self._window.adopt(adopted, sent.meter, time.monotonic())
            self._identity = sent.meter_of
            return
        self._window.abandon()
        if sent.labels:
            self._labels.settle_sent(self._job)

    def _step(self) -> bool:
        """One look at the printer and what follows from it; True when there is nothing left to do here."""
        reading = self._look()
        outcomes = self._observe(reading)
        cancel, stopping = self._labels.cancel_requested(self._job), self._stopping.is_set()
        code = reading.code or self._stuck(reading)
        if any(state == "waiting" for _index, state in outcomes):
            # They are to be sent again, before those that follow them.
            self._commit(outcomes)
            outcomes = []
        self._note_pieces(reading)
        if code or cancel or stopping or reading.buffer_full or not self._may_add(reading):
            self._commit(outcomes)
        else:
            self._fill(outcomes)
        if not self._window.under_way:
            left = self._labels.next_labels(self._job, 1)
            if not left or cancel:
                self._labels.end(self._job, CANCELLED if left else None, self._patience.tries)
                return True
            if stopping:
                return True
        if code:
            return self._hold(reading, code, cancel)
        self._patience.over()
        self._tell(None)
        self._wait(self._interval.seconds if self._window.under_way else _BUSY_LOOK if reading.counted else 0.0)
        return False

    def _look(self) -> Reading:
        reading = self._port.look()
        self._fleet.record(self._config.name, reading, self._port.counts_labels, self._port.details)
        if reading.code not in (PRINTER_SILENT, NETWORK_TIMEOUT):
            self._silent_since = None
        elif self._silent_since is None:
            self._silent_since = time.monotonic()
        return reading

    def _observe(self, reading: Reading) -> list[Outcome]:
        window, moment = self._window, time.monotonic()
        if self._port.line != self._line:
            if self._line >= 0:
                self._note_break()
            if reading.counted:
                self._line = self._port.line
                self._check_identity()
        progress = (reading.formats, reading.remaining, reading.parsing, reading.odometer, len(window.under_way))
        if progress != self._progress:
            self._progress, self._progress_at = progress, moment
        outcomes = window.observe(reading, moment)
        printed = sum(state == "confirmed" for _index, state in outcomes)
        if printed:
            seconds = (moment - self._last_printed_at) / printed
            self._last_printed_at = moment
            if self._port.line == self._sent_on:
                self._interval.kept_open()
            self._fleet.record_pace(self._config.name, seconds)
            last = window.under_way[-1].index if window.under_way else outcomes[-1][0]
            ran_dry = reading.empty and last < self._job.quantity
            self._interval.finished(ran_dry, seconds, self._port.answer_seconds, reading.odometer is not None)
        return outcomes

    def _note_pieces(self, reading: Reading) -> None:
        """A format with `^PQ400` takes minutes: show how far it is."""
        pieces, moment = self._window.pieces_begun(reading), time.monotonic()
        if pieces and pieces != self._pieces and moment - self._pieces_at >= _PIECES_EVERY:
            self._pieces, self._pieces_at = pieces, moment
            self._labels.set_pieces_begun(self._job, pieces)

    def _note_break(self) -> None:
        """A connection that ends is a fault, in which a label may be lost, unless the printer always ends it."""
        if not self._window.under_way:
            return
        behaviour = self._port.ended_in_order and self._interval.closes_always
        self._interval.closed()
        self._window.broke(in_order=behaviour)

    def _check_identity(self) -> None:
        """The odometer of another printer at the same address says nothing of our labels."""
        identity = self._port.identity()
        if identity is None:
            return
        if self._window.under_way and identity != self._identity:
            _logger.warning("Printer %s: another device answers at its address", self._config.name)
            self._window.forget_meter()
        self._identity = identity

    def _stuck(self, reading: Reading) -> str | None:
        """A printer that says it is in order and brings nothing out for a long time is stopped too."""
        overdue = time.monotonic() - self._progress_at > self._pace.label_timeout
        return PRINTER_ERROR if self._window.under_way and reading.counted and overdue else None

    def _may_add(self, reading: Reading) -> bool:
        """Whether labels may leave now: first those of other programs come out, unless that takes too long."""
        if self._window.broken:
            return False
        if not self._port.counts_labels:
            return True
        if not reading.counted:
            return False
        if not self._window.under_way and self._port.asks_odometer and reading.odometer is None:
            # Whether it has one shows in the next looks.
            return False
        if self._window.under_way or not (reading.formats or reading.parsing):
            return True
        return time.monotonic() - max(self._started, self._last_printed_at) > OTHERS_FIRST

    def _fill(self, outcomes: list[Outcome]) -> None:
        """Commit outcomes and let as many labels leave as the window has room for."""
        window = self._window
        size = self._interval.window if self._port.counts_labels else 1
        free = size - len(window.under_way)
        labels = self._labels.next_labels(self._job, free) if free > 0 else []
        if not labels:
            self._commit(outcomes)
            return
        moment = time.monotonic()
        if not window.under_way:
            self._last_printed_at = self._progress_at = moment
        for label in labels:
            brings = output(label.zpl)
            window.sent(label.index, brings.copies, moment, brings.formats)
        self._begun = True
        self._commit(outcomes, [label.index for label in labels])
        for number, label in enumerate(labels):
            try:
                self._port.send(label.zpl, self._keep_on_sending)
                self._sent_on = self._port.line
            except SendFailed as error:
                _logger.warning("Printer %s: label %d broke off: %s", self._config.name, label.index, error)
                self._not_sent(labels[number if error.nothing_left else number + 1 :])
                return
        if not self._port.counts_labels:
            self._commit([(label.index, "spooled") for label in labels])
            window.abandon()

    def _keep_on_sending(self) -> bool:
        """The printer takes nothing more: wait as for one that is stopped."""
        moment = time.monotonic()
        self._patience.stopped(moment)
        if self._patience.worth_telling(PRINTER_SILENT, moment):
            self._tell(PRINTER_SILENT)
        if self._stopping.is_set() or self._labels.cancel_requested(self._job):
            return False
        return not self._patience.sending_exhausted(moment)

    def _not_sent(self, labels: list[WaitingLabel]) -> None:
        """The connection broke before these."""
        if labels:
            self._window.not_sent(labels[0].index)
            self._commit([(label.index, "waiting") for label in labels])
        if self._port.counts_labels:
            self._window.broke()
        else:
            self._commit([(label.index, "uncertain") for label in self._window.under_way])
            self._window.abandon()

    def _commit(self, outcomes: list[Outcome], leaving: list[int] | None = None) -> None:
        if outcomes or leaving:
            meter = self._window.meter if self._port.counts_labels else None
            self._labels.advance(self._job, outcomes, leaving or (), self._patience.tries, meter, self._identity)

    def _hold(self, reading: Reading, code: str, cancel: bool) -> bool:
        """The printer is stopped: wait, or give the job up. True when there is nothing left to do here."""
        moment, under_way = time.monotonic(), bool(self._window.under_way)
        self._interval.stopped()
        self._patience.stopped(moment)
        exhausted = self._patience.exhausted(code, moment, self._begun, under_way)
        if cancel and not exhausted and not self._stopping.is_set() and under_way and self._may_answer_yet(moment):
            self._wait(_BUSY_LOOK)
            return False
        if cancel or exhausted or self._stopping.is_set():
            self._withdraw(reading)
            if cancel or exhausted:
                self._labels.end(self._job, CANCELLED if cancel else code, self._patience.tries)
                self._window.abandon()
            return True
        if self._patience.worth_telling(code, moment):
            self._tell(code)
        if not reading.answered and not under_way:
            self._port.close()
        self._wait(self._patience.pause(moment, under_way))
        return False

    def _may_answer_yet(self, moment: float) -> bool:
        """Whether the printer has been silent so briefly that it may just be slow, as over a radio link."""
        return self._silent_since is not None and moment - self._silent_since < _SILENCE_AT_CANCEL

    def _withdraw(self, reading: Reading) -> None:
        """Take the labels out of a stopped printer, so that they are not printed at the refill and again at the retry.

        Only where it proves that it holds nothing but them, or the administrator says that nobody else prints there.
        Those that cannot be taken out stay `sent`.
        """
        window = self._window
        sure = window.all_ours(reading) or (self._config.shared is False and reading.answered)
        if not window.under_way or not sure:
            return
        self._port.clear()
        deadline = time.monotonic() + _CLEARED_WITHIN
        while (after := self._look()).counted and not after.empty and time.monotonic() < deadline:
            time.sleep(0.02)
        self._commit(window.withdrawn(after))

    def _tell(self, code: str | None) -> None:
        """Note in the store what the job waits for."""
        if self._told != code:
            self._labels.set_waiting(self._job, code)
            self._told = code

    def _wait(self, seconds: float) -> None:
        """Wait, unless a job is cancelled or the server stops meanwhile."""
        if self._woken.wait(seconds):
            self._woken.clear()
