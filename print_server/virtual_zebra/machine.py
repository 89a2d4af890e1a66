"""The printer's mechanics: buffer, print engine, media, head, ribbon, odometer, and what it has printed.

Kept apart from sockets so that the rules (what stops the engine, what `~HS` says) can be tested in milliseconds.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from ..zpl_format import labels_of, shown_texts
from .alerts import Alerts
from .behaviour import Behaviour

STX, ETX_END = "\x02", "\x03\r\n"
_MEDIA_OUT, _RIBBON_OUT, _HEAD_OPEN, _PAUSED = 0x1, 0x2, 0x4, 0x10000


@dataclass
class PrintedLabel:
    """One label that left the printer; `shown` are its texts as they stand on paper."""

    number: int
    zpl: str
    printed_at: float
    shown: list[str]


@dataclass
class _Format:
    """A complete ^XA…^XZ; `copies` falls as labels leave the printer."""

    raw: bytes
    copies: int = 1

    @property
    def zpl(self) -> str:
        return self.raw.decode("utf-8", "replace")


@dataclass
class Machine:
    """State of one virtual printer. Every public method may be called from any thread."""

    labels_per_second: float = 5.0
    behaviour: Behaviour = field(default_factory=Behaviour)
    serial_number: str = "VIRTUAL-1"
    keep_dir: Path | None = None
    labels: list[PrintedLabel] = field(default_factory=list)
    total: int = 0
    """Labels printed since the printer was switched on; `forget` leaves it as it is."""
    received: int = 0
    invalid: int = 0
    cancelled: int = 0
    """How often `~JA` was received."""
    questions: int = 0
    """How often `~HS` was received."""

    def __post_init__(self) -> None:
        self._changed = threading.Condition()
        self._unparsed: deque[_Format] = deque()
        self._parsed: deque[_Format] = deque()
        self._parsing: _Format | None = None
        self._current: _Format | None = None
        self._bytes = self._partial_formats = 0
        self._media_left: int | None = None
        self.head_open = self.ribbon_out = self.paused = self.hanging = self.label_waiting = False
        self.peel_off = self.behaviour.peel_off
        self.warnings = 0
        """Warning flags of `~HQES`."""
        self.normal_speed = self.labels_per_second
        self._cancel_current = False
        self.alerts = Alerts(self.serial_number)
        self._read_kept()
        self.odometer = self.total
        threading.Thread(target=self._parser, name="parser", daemon=True).start()
        threading.Thread(target=self._engine, name="engine", daemon=True).start()

    def _read_kept(self) -> None:
        if not self.keep_dir:
            return
        self.keep_dir.mkdir(parents=True, exist_ok=True)
        for path in sorted(self.keep_dir.glob("*.zpl")):
            raw = path.read_bytes()
            text = raw.decode("utf-8", "replace")
            self.labels.append(PrintedLabel(len(self.labels) + 1, text, path.stat().st_mtime, shown_texts(raw)))
        self.total = len(self.labels)

    @property
    def media_out(self) -> bool:
        """True once the roll has given its last label."""
        return self._media_left is not None and self._media_left <= 0

    @property
    def silent(self) -> bool:
        """A printer does not answer `~HS` with media out, ribbon out or head open: Zebra's manual says so."""
        stopped = self.media_out or self.ribbon_out or self.head_open
        return self.hanging or (self.behaviour.silent_when_stopped and stopped)

    def accept(self, raw: bytes) -> None:
        """Take a complete format into the receive buffer, waiting while the buffer is full."""
        with self._changed:
            while self._bytes and self._bytes + len(raw) > self.behaviour.buffer_bytes:
                self._changed.wait()
            self.received += 1
            self._bytes += len(raw)
            self._unparsed.append(_Format(raw, labels_of(raw.decode("utf-8", "replace"))))
            self._changed.notify_all()

    def note_partial(self, change: int) -> None:
        """A connection has begun to receive a format (1), or ended or lost it (-1)."""
        with self._changed:
            self._partial_formats += change

    def cancel_all(self) -> None:
        """`~JA`: empty the buffer; a label that is moving still comes out."""
        with self._changed:
            self.cancelled += 1
            self._bytes = len(self._current.raw) if self._current else 0
            self._unparsed.clear()
            self._parsed.clear()
            self._parsing = None
            self._cancel_current = self._current is not None
            self._changed.notify_all()

    def change(self, **state: object) -> None:
        """Set mechanical state (head_open, ribbon_out, paused, hanging, labels_per_second …) and wake the engine."""
        with self._changed:
            for name, value in state.items():
                setattr(self, name, value)
            self._note_conditions()
            self._changed.notify_all()

    def load_media(self, labels: int | None) -> None:
        """Put in a roll of so many labels; None is a roll without end."""
        with self._changed:
            self._media_left = labels
            self._note_conditions()
            self._changed.notify_all()

    def host_status(self) -> bytes:
        """The three strings of `~HS`."""
        with self._changed:
            self.questions += 1
            formats, left = len(self._parsed), self._current.copies if self._current else 0
            full = int(self._bytes >= self.behaviour.buffer_bytes)
            partial = int(bool(self._unparsed or self._parsing or self._partial_formats))
            paused, media_out = int(self.paused), int(self.media_out)
            first = f"030,{media_out},{paused},1245,{formats:03d},{full},0,{partial},000,0,0,0"
            second = (
                f"001,0,{int(self.head_open)},{int(self.ribbon_out)},1,2,6,{int(self.label_waiting)},{left:08d},1,000"
            )
        return "".join(f"{STX}{text}{ETX_END}" for text in (first, second, "1234,0")).encode("ascii")

    def host_query(self) -> bytes:
        """The answer to `~HQES`: error and warning flags."""
        flags = (
            _MEDIA_OUT * self.media_out
            + _RIBBON_OUT * self.ribbon_out
            + _HEAD_OPEN * self.head_open
            + _PAUSED * self.paused
        )
        text = (
            "\r\n\r\n   PRINTER STATUS                             \r\n"
            f"   ERRORS:         {int(flags > 0)} 00000000 {flags:08X}\r\n"
            f"   WARNINGS:       {int(self.warnings > 0)} 00000000 {self.warnings:08X}\r\n"
        )
        return f"{STX}{text}{ETX_END}".encode("ascii")

    def variable(self, name: str) -> bytes:
        """The answer to SGD `getvar`: the value in quotes, `?` for what it does not know; nothing without SGD."""
        if not self.behaviour.odometer:
            return b""
        values = {"odometer.total_label_count": str(self.odometer), "device.unique_id": self.serial_number}
        return f'"{values.get(name, "?")}"'.encode("ascii")

    def summary(self) -> dict:
        """What the control port shows."""
        with self._changed:
            in_buffer = len(self._unparsed) + len(self._parsed) + (self._current.copies if self._current else 0)
            return {
                "printed": len(self.labels),
                "total": self.total,
                "odometer": self.odometer,
                "received": self.received,
                "invalid": self.invalid,
                "cancelled": self.cancelled,
                "questions": self.questions,
                "alert_commands": self.alerts.commands,
                "alerts_sent": self.alerts.sent,
                "in_buffer": in_buffer + int(self._parsing is not None),
                "media_left": self._media_left,
                "media_out": self.media_out,
                "head_open": self.head_open,
                "ribbon_out": self.ribbon_out,
                "paused": self.paused,
                "hanging": self.hanging,
                "label_waiting": self.label_waiting,
                "labels_per_second": self.labels_per_second,
            }

    def _note_conditions(self) -> None:
        conditions = {"A": self.media_out, "B": self.ribbon_out, "E": self.head_open, "J": self.paused}
        self.alerts.note([letter for letter, present in conditions.items() if present])

    def _can_print(self) -> bool:
        return not (self.media_out or self.head_open or self.ribbon_out or self.paused)

    def _parser(self) -> None:
        while True:
            with self._changed:
                while not self._unparsed:
                    self._changed.wait()
                parsing = self._parsing = self._unparsed.popleft()
            if self.behaviour.parse_bytes_per_second:
                time.sleep(len(parsing.raw) / self.behaviour.parse_bytes_per_second)
            with self._changed:
                if self._parsing is parsing:
                    self._parsing = None
                    if self.behaviour.alerts:
                        self.alerts.read(parsing.raw)
                    if parsing.copies:
                        self._parsed.append(parsing)
                    else:  # set-up, a stored format, clean-up: carried out, and no label
                        self._bytes -= len(parsing.raw)
                self._changed.notify_all()

    def _engine(self) -> None:
        due = time.monotonic()
        while True:
            with self._changed:
                stopped = False
                while self.label_waiting or not (self._can_print() and (self._current or self._parsed)):
                    stopped = True
                    self._changed.wait()
                if self._current is None:
                    self._current = self._parsed.popleft()
                    self._cancel_current = False
                    self._changed.notify_all()
                # Fixed times rather than a sleep after each label keep the set speed under load.
                moment = time.monotonic()
                begun = moment + self.behaviour.stop_seconds if stopped else max(due, moment - 0.01)
            while (wait := begun + 1.0 / self.labels_per_second - time.monotonic()) > 0:
                time.sleep(min(wait, 0.05))
            due = begun + 1.0 / self.labels_per_second
            with self._changed:
                self._finish_label()
                self._note_conditions()
                self._changed.notify_all()

    def _finish_label(self) -> None:
        if not self._can_print():
            # Stopped in mid-label: the label is printed again from its start after the stop, as ^JZ does.
            if self._cancel_current:
                self._end_format()
            return
        current = self._current
        label = PrintedLabel(len(self.labels) + 1, current.zpl, time.time(), shown_texts(current.raw))
        self.labels.append(label)
        self.total += 1
        self.odometer += 1
        self.label_waiting = self.peel_off
        if self.keep_dir:
            (self.keep_dir / f"{label.number:06d}.zpl").write_bytes(current.raw)
        if self._media_left is not None:
            self._media_left -= 1
        current.copies -= 1
        if current.copies <= 0 or self._cancel_current:
            self._end_format()

    def _end_format(self) -> None:
        self._bytes = max(0, self._bytes - len(self._current.raw))
        self._current, self._cancel_current = None, False
