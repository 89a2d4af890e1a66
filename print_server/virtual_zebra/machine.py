"""The printer's mechanics: buffer, print engine, media, head, ribbon, and what it has printed.

Kept apart from sockets so that the rules (what stops the engine, what `~HS` says) can be tested in milliseconds.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

STX, ETX_END = "\x02", "\x03\r\n"


@dataclass
class PrintedLabel:
    """One label that left the printer."""

    number: int
    zpl: str
    printed_at: float


@dataclass
class _Format:
    """A complete ^XA…^XZ in the receive buffer; `copies` falls as labels leave the printer."""

    zpl: str
    copies: int = 1


@dataclass
class Machine:
    """State of one virtual printer. Every public method may be called from any thread."""

    labels_per_second: float = 5.0
    silent_on_media_out: bool = False
    buffer_formats: int = 50
    keep_dir: Path | None = None
    labels: list[PrintedLabel] = field(default_factory=list)
    total: int = 0
    """Labels printed since the printer was switched on: its odometer, which `forget` leaves as it is."""
    received: int = 0
    invalid: int = 0

    def __post_init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[_Format] = deque()
        self._current: _Format | None = None
        self._media_left: int | None = None
        self.head_open = self.ribbon_out = self.paused = self.hanging = False
        self.normal_speed = self.labels_per_second
        self._cancelled = False
        if self.keep_dir:
            self.keep_dir.mkdir(parents=True, exist_ok=True)
            for path in sorted(self.keep_dir.glob("*.zpl")):
                self.labels.append(PrintedLabel(len(self.labels) + 1, path.read_text("utf-8"), path.stat().st_mtime))
            self.total = len(self.labels)
        threading.Thread(target=self._engine, name="engine", daemon=True).start()

    @property
    def media_out(self) -> bool:
        """True once the roll has given its last label."""
        return self._media_left is not None and self._media_left <= 0

    @property
    def silent(self) -> bool:
        """Real printers may not answer `~HS` with media out, ribbon out or head open: Zebra's manual says so."""
        stopped = self.media_out or self.ribbon_out or self.head_open
        return self.hanging or (self.silent_on_media_out and stopped)

    def accept(self, zpl: str, copies: int) -> None:
        """Take a complete format into the receive buffer, waiting while the buffer is full."""
        with self._changed:
            while len(self._waiting) >= self.buffer_formats:
                self._changed.wait()
            self.received += 1
            self._waiting.append(_Format(zpl, copies))
            self._changed.notify_all()

    def cancel_all(self) -> None:
        """`~JA`: empty the buffer; a label that is moving still comes out."""
        with self._changed:
            self._waiting.clear()
            self._cancelled = self._current is not None
            self._changed.notify_all()

    def change(self, **state: object) -> None:
        """Set mechanical state (head_open, ribbon_out, paused, hanging, labels_per_second) and wake the engine."""
        with self._changed:
            for name, value in state.items():
                setattr(self, name, value)
            self._changed.notify_all()

    def load_media(self, labels: int | None) -> None:
        """Put in a roll of so many labels; None is a roll without end."""
        with self._changed:
            self._media_left = labels
            self._changed.notify_all()

    def host_status(self) -> bytes:
        """The three strings of `~HS`."""
        with self._changed:
            formats = len(self._waiting)
            full = int(formats >= self.buffer_formats)
            left = self._current.copies if self._current else 0
            first = f"030,{int(self.media_out)},{int(self.paused)},1245,{formats:03d},{full},0,0,000,0,0,0"
            second = f"001,0,{int(self.head_open)},{int(self.ribbon_out)},1,2,6,0,{left:08d},1,000"
        return "".join(f"{STX}{text}{ETX_END}" for text in (first, second, "1234,0")).encode("ascii")

    def summary(self) -> dict:
        """What the control port shows."""
        with self._changed:
            return {
                "printed": len(self.labels),
                "total": self.total,
                "received": self.received,
                "invalid": self.invalid,
                "in_buffer": len(self._waiting) + (self._current.copies if self._current else 0),
                "media_left": self._media_left,
                "media_out": self.media_out,
                "head_open": self.head_open,
                "ribbon_out": self.ribbon_out,
                "paused": self.paused,
                "hanging": self.hanging,
                "labels_per_second": self.labels_per_second,
            }

    def _can_print(self) -> bool:
        return not (self.media_out or self.head_open or self.ribbon_out or self.paused)

    def _engine(self) -> None:
        due = time.monotonic()
        while True:
            with self._changed:
                while not (self._can_print() and (self._current or self._waiting)):
                    self._changed.wait()
                    due = time.monotonic()
                if self._current is None:
                    self._current = self._waiting.popleft()
                    self._cancelled = False
                    self._changed.notify_all()
                # Fixed times rather than a sleep after each label keep the set speed under load.
                begun = max(due, time.monotonic() - 0.01)
            while (wait := begun + 1.0 / self.labels_per_second - time.monotonic()) > 0:
                time.sleep(min(wait, 0.05))
            due = begun + 1.0 / self.labels_per_second
            with self._changed:
                self._finish_label()
                self._changed.notify_all()

    def _finish_label(self) -> None:
        if not self._can_print():
            # Stopped in mid-label: the label is printed again from its start after the stop, as ^JZ does.
            if self._cancelled:
                self._current, self._cancelled = None, False
            return
        label = PrintedLabel(len(self.labels) + 1, self._current.zpl, time.time())
        self.labels.append(label)
        self.total += 1
        if self.keep_dir:
            (self.keep_dir / f"{label.number:06d}.zpl").write_text(label.zpl, "utf-8")
        if self._media_left is not None:
            self._media_left -= 1
        self._current.copies -= 1
        if self._current.copies <= 0 or self._cancelled:
            self._current, self._cancelled = None, False
