"""What the worker needs of any printer, however it is connected, and what a look at one can tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from . import codes
from .printer_details import Exchange, PrinterDetails

_UNANSWERED = (codes.PRINTER_OFFLINE, codes.NETWORK_TIMEOUT, codes.PRINTER_SILENT, codes.SPOOLER_UNREACHABLE)


class SendFailed(Exception):
    """Sending broke off: the printer may have the label or not, or for certain not when `nothing_left`."""

    def __init__(self, message: str, nothing_left: bool = False) -> None:
        super().__init__(message)
        self.nothing_left = nothing_left


@dataclass(frozen=True)
class Reading:
    """One look at a printer: `code` says why it cannot print now, None when it can."""

    code: str | None = None
    reasons: tuple[str, ...] = ()
    counted: bool = False
    """Whether the printer told what it still has to print; without that the next four say nothing."""
    formats: int = 0
    """Formats it has taken and not yet brought out, the one that it is printing among them."""
    remaining: int = 0
    """Labels that are left of the format it is printing."""
    parsing: bool = False
    """It is still reading a format, so that there may be more of them than `formats` says."""
    buffer_full: bool = False
    odometer: int | None = None
    """Labels that it has printed in its life, where it says so. Read after the other counts: may be ahead of them."""

    @property
    def answered(self) -> bool:
        """Whether the printer itself spoke, rather than we concluding from its silence."""
        return self.code not in _UNANSWERED

    @property
    def empty(self) -> bool:
        """Whether the printer says that it has nothing left to print."""
        return self.counted and not self.formats and not self.parsing

    @property
    def status(self) -> str:
        """The contract's word for it: offline when unreachable, error when it needs a person, else online."""
        if self.code in (codes.PRINTER_OFFLINE, codes.SPOOLER_UNREACHABLE):
            return "offline"
        return "error" if self.code and self.code != codes.LABEL_WAITING else "online"


REFUSED = Reading(codes.PRINTER_OFFLINE, ("offline-error",))
SILENT = Reading(codes.PRINTER_SILENT, ("timed-out-error",))
READY = Reading()


class PrinterPort(Protocol):
    """The connection to one printer. Used by one thread only."""

    counts_labels: bool
    """True when the printer tells how many labels it still has to print."""
    line: int
    """Number of the connection, counted up each time it is opened: a label sent on an earlier one may be lost."""
    ended_in_order: bool
    """Whether the connection before this one was closed by the printer, after it had taken all that was sent."""
    answer_seconds: float
    """How long the printer takes to answer a question."""
    asks_odometer: bool
    """Whether the printer's odometer is asked for: it has one, or that is not known yet."""
    has_answered: bool
    """Whether it has ever answered, in an earlier run too: a silence then means that it needs a hand."""

    own_address: str
    """The IP address that this machine has in the last connection, and so for the printer; empty before the first."""
    peer_address: str | None
    """The printer's own IP address, once it is known."""
    gave_up_asking: bool
    """Whether it was found out in this run that the printer answers no question."""
    details: PrinterDetails
    """Model, firmware and serial number, as far as it has told them."""

    def look(self) -> Reading:
        """Ask the printer how it is; never raises."""

    def identity(self) -> str | None:
        """Which device this is, so that its count is not taken for that of another; None when it does not say."""

    def send(self, zpl: str, keep_on: Callable[[], bool]) -> None:
        """Hand over one label. While the printer takes nothing, `keep_on` is asked once a second. Raises SendFailed."""

    def clear(self) -> None:
        """Ask the printer to forget labels it has not begun; never raises."""

    def converse(self, talk: Callable[[Exchange], None]) -> None:
        """Let somebody else ask on the connection that is open, if one is; never raises."""

    def close(self) -> None:
        """Close the connection; the next use opens it again. Other programs may need the printer."""
