"""A printer behind a CUPS spooler, followed by IPP: how its queue is, and what became of the jobs that it was given.

One spooler job a label, so that each can be taken back and has a state of its own. Only `job-state` tells how a job
ended: its reasons are often wrong. The spooler tells of the printer what its backend says while it prints; of an idle
queue's printer it knows nothing.
"""

from __future__ import annotations

import importlib.util
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from . import codes
from .cups_address import CupsAddress, parse_address
from .printer_details import NO_DETAILS
from .printer_port import Reading
from .settings import Pace, PrinterConfig, SettingsError
from .spooler_link import SpoolerLink, SpoolerRefused, SpoolerUnreachable
from .tcp_printer import TcpPrinter

PENDING, HELD, PROCESSING, STOPPED, CANCELED, ABORTED, COMPLETED = range(3, 10)
"""States of a job (RFC 8011, section 5.3.7)."""
_PRINTING, _QUEUE_STOPPED = 4, 5
"""States of a printer (RFC 8011, section 5.4.11)."""
_NOT_FOUND, _NOT_ACCEPTING = 0x0406, 0x0506
_NOT_CONNECTED = (
    "Connecting to printer",
    "The printer may not exist or is unavailable",
    "The printer is unreachable",
    "The printer is not connected",
    "The printer is not responding",
    "The printer is busy",
    "The printer is in use",
    "Waiting for printer to become available",
    "Unable to locate printer",
)
"""What the backends of CUPS (socket, lpd, ipp, usb) say before they have a connection to the printer."""
_UNCONNECTED_REASONS = ("connecting-to-device", "offline", "timed-out")
_OFFLINE_AFTER = 1.5
"""Seconds without a connection: each job has to make its own."""
_REASON_CODES = {
    "media-empty": codes.PAPER_OUT,
    "media-needed": codes.PAPER_OUT,
    "marker-supply-empty": codes.RIBBON_OUT,
    "cover-open": codes.HEAD_OPEN,
    "door-open": codes.HEAD_OPEN,
    "paused": codes.PAUSED,
}
_SEVERITY = re.compile(r"-(report|warning|error)$")
_SLOWEST = 2.0
"""Seconds in addition to the time-outs of a printer: a spooler does one thing after the other."""


@dataclass(frozen=True)
class SpoolerJob:
    """What the spooler says of a job that was made here."""

    state: int
    begun: bool
    """Whether the spooler has ever begun to print it."""
    documents: int
    """0 as long as the label itself has not arrived."""
    message: str
    """The backend's last words about it."""

    @property
    def ended(self) -> bool:
        return self.state in (CANCELED, ABORTED, COMPLETED)

    @property
    def never_reached_printer(self) -> bool:
        """Whether not a byte of it can have left: it was not begun, or the backend had no connection yet."""
        return not self.begun or self.message.startswith(_NOT_CONNECTED)


class CupsPrinter:
    """One queue. Used by one thread only; what it asks takes a limited time."""

    has_answered = gave_up_asking = False
    details = NO_DETAILS

    def __init__(
        self, address: CupsAddress, link: SpoolerLink, pace: Pace, meter: TcpPrinter | None = None
    ) -> None:  # fmt: skip
        """`meter` is the printer itself, where its address is known too."""
        self.meter, self.counts_labels = meter, meter is not None
        self._queue, self._link = address.queue, link
        self._timeout = pace.connect_timeout + pace.answer_timeout + _SLOWEST
        self._unconnected_since: float | None = None

    def look(self) -> Reading:
        """Ask for the queue's state; never raises."""
        if self.meter:
            self.counts_labels, self.details = self.meter.asks_odometer, self.meter.details
        try:
            state, reasons, message, accepting = self._call("look", self._queue)
        except SpoolerUnreachable:
            return Reading(codes.SPOOLER_UNREACHABLE, ("spooler-unreachable-error",))
        except SpoolerRefused as error:
            if error.status == _NOT_FOUND:
                return Reading(codes.SPOOLER_NO_QUEUE, ("spooler-no-queue-error",))
            return Reading(codes.SPOOLER_REFUSED, ("spooler-refused-error",))
        return self._reading(state, reasons, message, accepting, time.monotonic())

    @property
    def is_unconnected(self) -> bool:
        """Whether the newest look showed a backend without a connection to its printer."""
        return self._unconnected_since is not None

    def moved(self) -> None:
        """A label has left: the printer is there."""
        self._unconnected_since = None

    def create(self, titles: Sequence[str]) -> list[str]:
        """Make a job for each title, which prints nothing yet; returns their names.

        Raises SpoolerUnreachable: some may have been made, they stay empty and the spooler forgets them. Raises
        SpoolerRefused.
        """
        return self._call("create", self._queue, list(titles), more=len(titles))

    def send(self, job: str, zpl: str) -> None:
        """Give a job its label, after which the spooler prints it.

        Raises SpoolerUnreachable, SpoolerRefused; `follow` then tells what became of it.
        """
        self._call("send", self._queue, job, zpl, more=len(zpl) / 1e6)

    def follow(self, jobs: Sequence[str], every: bool = False) -> list[SpoolerJob | None]:
        """Jobs in their order, None for one that is unknown, up to the first that waits; all of them with `every`.

        Raises SpoolerUnreachable, SpoolerRefused.
        """
        found = self._call("follow", list(jobs), every, more=len(jobs))
        return [None if job is None else SpoolerJob(*job) for job in found]

    def cancel(self, jobs: Sequence[str]) -> None:
        """Take jobs back, as far as they have not ended. Raises SpoolerUnreachable, SpoolerRefused."""
        self._call("cancel", list(jobs), more=2 * len(jobs))

    def close(self) -> None:
        """The connection belongs to the link."""

    def _call(self, operation: str, *arguments: object, more: float = 0.0) -> list:
        return self._link.call(self._queue, operation, *arguments, timeout=self._timeout + 0.1 * more)

    def _reading(self, state: int, reasons: list[str], message: str, accepting: bool, moment: float) -> Reading:
        known = tuple(reason for reason in reasons if reason != "none")
        words = {_SEVERITY.sub("", reason) for reason in known}
        printing = state == _PRINTING
        if not printing or not (message.startswith(_NOT_CONNECTED) or words.intersection(_UNCONNECTED_REASONS)):
            self._unconnected_since = None
        elif self._unconnected_since is None:
            self._unconnected_since = moment
        if state == _QUEUE_STOPPED:
            # CUPS says "paused" of its queue, which at the printer would mean its PAUSE button.
            others = tuple(reason for reason in known if _SEVERITY.sub("", reason) != "paused")
            return Reading(codes.SPOOLER_PAUSED, ("spooler-paused-error", *others))
        if self._unconnected_since is not None and moment - self._unconnected_since >= _OFFLINE_AFTER:
            return Reading(codes.PRINTER_OFFLINE, ("offline-error",))
        for reason in known if printing else ():
            # Of an idle queue they are of its last job, and only the next one would show that all is well again.
            code = _REASON_CODES.get(_SEVERITY.sub("", reason))
            if code and not reason.endswith(("-report", "-warning")):
                return Reading(code, known)
        if not accepting:
            return Reading(codes.SPOOLER_REJECTING, ("spooler-rejecting-error", *known))
        return Reading(
            reasons=tuple(reason for reason in known if _SEVERITY.sub("", reason) not in _UNCONNECTED_REASONS)
        )


Links = dict[tuple[str | None, int], SpoolerLink]
"""The links to spoolers by host and port: the queues of one spooler share a link."""


def connect_queue(config: PrinterConfig, pace: Pace, links: Links) -> CupsPrinter:
    """The port of a queue; its link is taken from `links` or put there. Raises SettingsError when pycups is missing."""
    if importlib.util.find_spec("cups") is None:
        raise SettingsError(
            f"Printer {config.name} is a CUPS queue: pip install -r print_server/requirements-cups.txt, or install"
            " the package python3-cups."
        )
    address = parse_address(config.uri)
    spooler = (address.host, address.port)
    if spooler not in links:
        links[spooler] = SpoolerLink(address.host or "", address.port)
    meter = None
    if config.address and not config.shared:
        meter = TcpPrinter(replace(config, uri=config.address, address=None), pace)
    return CupsPrinter(address, links[spooler], pace, meter)


def refusal_code(refusal: SpoolerRefused) -> str:
    """The code for a label that the spooler does not take."""
    return {_NOT_FOUND: codes.SPOOLER_NO_QUEUE, _NOT_ACCEPTING: codes.SPOOLER_REJECTING}.get(
        refusal.status, codes.SPOOLER_REFUSED
    )
