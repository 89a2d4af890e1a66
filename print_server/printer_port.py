"""What the worker needs of any printer, however it is connected, and what a look at one can tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from . import codes


class SendFailed(Exception):
    """Sending broke off: the printer may have the label or not."""


@dataclass(frozen=True)
class Reading:
    """One look at a printer: `code` says why it cannot print now, None when it can."""

    code: str | None = None
    reasons: tuple[str, ...] = ()
    outstanding: int = 0
    buffer_full: bool = False

    @property
    def answered(self) -> bool:
        """Whether the printer itself spoke, rather than we concluding from its silence."""
        return self.code not in (codes.PRINTER_OFFLINE, codes.NETWORK_TIMEOUT)

    @property
    def status(self) -> str:
        """The contract's word for it: offline when unreachable, error when it needs a person, else online."""
        if self.code == codes.PRINTER_OFFLINE:
            return "offline"
        return "error" if self.code else "online"


REFUSED = Reading(codes.PRINTER_OFFLINE, ("offline-error",))
SILENT = Reading(codes.NETWORK_TIMEOUT, ("timed-out-error",))
READY = Reading()


class PrinterPort(Protocol):
    """The connection to one printer. Used by one thread only."""

    counts_labels: bool
    """True when the printer tells how many labels it still has to print."""
    line: int
    """Number of the connection, counted up each time it is opened: a label sent on an earlier one may be lost."""

    def look(self) -> Reading:
        """Ask the printer how it is; never raises."""

    def send(self, zpl: str) -> None:
        """Hand over one label. Raises SendFailed when that broke off."""

    def clear(self) -> None:
        """Ask the printer to forget labels it has not begun; never raises."""

    def close(self) -> None:
        """Close the connection; the next use opens it again. Other programs may need the printer."""
