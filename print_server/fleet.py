"""What is known of every printer now, kept in memory, so that an answer never waits for a printer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import capabilities as cap
from .clock import iso, now
from .codes import UNANSWERED_NOTE
from .job_view import DEFAULT_LABEL_SECONDS
from .printer_details import NO_DETAILS, PrinterDetails
from .printer_port import READY, Reading
from .settings import PrinterConfig


@dataclass
class PrinterState:
    """The newest look at a printer, and its pace in seconds a label."""

    config: PrinterConfig
    reading: Reading = READY
    looked_at: float | None = None
    busy: bool = False
    since: float = field(default_factory=now)
    label_seconds: float = DEFAULT_LABEL_SECONDS
    confirms: bool = True
    """Whether it tells which labels it has printed."""
    details: PrinterDetails = NO_DETAILS
    odometer: int | None = None

    @property
    def status(self) -> str:
        """online, busy, offline or error; offline too as long as nobody has looked yet."""
        if self.looked_at is None:
            return "offline"
        status = self.reading.status
        return "busy" if status == "online" and self.busy else status


class Fleet:
    """All configured printers; `on_change(name)` is called after a change that a watcher would want to know."""

    def __init__(self, configs: tuple[PrinterConfig, ...], on_change: Callable[[str], None] | None = None) -> None:
        self._states = {config.name: PrinterState(config) for config in configs}
        self._lock = threading.Lock()
        self._on_change = on_change or (lambda name: None)

    def __contains__(self, name: str) -> bool:
        return name in self._states

    def __len__(self) -> int:
        return len(self._states)

    def state(self, name: str) -> PrinterState:
        """KeyError for a printer that is not configured."""
        return self._states[name]

    def label_seconds(self, name: str) -> float:
        """The measured pace of a printer, or a guess for one that is gone."""
        state = self._states.get(name)
        return state.label_seconds if state else DEFAULT_LABEL_SECONDS

    def record(self, name: str, reading: Reading, confirms: bool, details: PrinterDetails = NO_DETAILS) -> None:
        """Note a look at a printer, whether it answers questions at all, and what it says of itself."""
        if reading.odometer is not None:
            self._states[name].odometer = reading.odometer
        self._change(name, reading=reading, looked_at=now(), confirms=confirms, details=details)

    def set_busy(self, name: str, busy: bool) -> None:
        """Note that a printer has a job in hand, or none any more."""
        self._change(name, busy=busy)

    def record_pace(self, name: str, seconds: float) -> None:
        """Note how long a label took; the average follows a change of speed within a few labels."""
        state = self._states[name]
        state.label_seconds += 0.4 * (seconds - state.label_seconds)

    def _change(self, name: str, **values: Any) -> None:
        state = self._states[name]
        with self._lock:
            before = _watched(state)
            for key, value in values.items():
                setattr(state, key, value)
            changed = _watched(state) != before
            if _watched(state)[:-1] != before[:-1]:
                state.since = now()
        if changed:
            self._on_change(name)

    def view(self, name: str, capabilities: frozenset[str], jobs_in_queue: int) -> dict[str, Any]:
        """A printer as `GET /api/printers` shows it."""
        state = self._states[name]
        result = {
            "name": name,
            "model": state.config.model,
            "status": state.status,
            "connection": state.config.connection,
            "location": state.config.location or "",
            "jobs_in_queue": jobs_in_queue,
        }
        if cap.PRINTER_REASONS in capabilities:
            result["state_reasons"] = list(state.reading.reasons)
            result["confirms_labels"] = state.confirms
            unanswered = not state.confirms and state.config.connection == "network"
            result["note"] = UNANSWERED_NOTE if unanswered else None
            result["serial_number"] = state.details.serial_number
            result["firmware"] = state.details.firmware
            result["odometer"] = state.odometer
            result["state_since"] = iso(state.since)
            result["last_seen"] = iso(state.looked_at) if state.reading.answered else None
        return result

    def views(self, capabilities: frozenset[str], waiting: Mapping[str, tuple[int, int]]) -> list[dict[str, Any]]:
        """All printers, in the order of the configuration."""
        return [self.view(name, capabilities, waiting.get(name, (0, 0))[0]) for name in self._states]


def _watched(state: PrinterState) -> tuple[object, ...]:
    """What is worth telling when it changes; the details last, because they are no state."""
    return state.status, state.reading.reasons, state.confirms, state.details
