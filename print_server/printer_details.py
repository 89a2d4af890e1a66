"""What seldom changes of a printer: its model, firmware, serial number, and warnings of which none stops it.

Asked once in twenty looks at an idle printer, which is once a minute, because a question slows some printers down.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from . import host_query, host_status

_UNANSWERED = 3

Exchange = Callable[[bytes, Callable[[bytes], bool]], bytes]
"""Sends a question and reads until the answer is complete or late."""


@dataclass(frozen=True)
class PrinterDetails:
    """None for what the printer has not told."""

    model: str | None = None
    firmware: str | None = None
    serial_number: str | None = None
    warnings: tuple[str, ...] = ()
    """IPP keywords that end in `-warning`."""


NO_DETAILS = PrinterDetails()


class DetailsAsker:
    """One printer's details, asked every so many seconds. A question left open three times is not asked again."""

    def __init__(self, every: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._every, self._clock = every, clock
        self._due = 0.0
        self._identity_of: int | None = None
        self._open = {"identity": 0, "warnings": 0}
        self.details = NO_DETAILS

    def ask(self, exchange: Exchange, line: int, with_serial_number: bool) -> None:
        """Ask what is due on a connection whose number is `line`. Raises OSError as `exchange` does."""
        moment = self._clock()
        if moment < self._due:
            return
        self._due = moment + self._every
        # Another printer may have been put at the address; that needs a new connection.
        if line != self._identity_of and self._open["identity"] < _UNANSWERED:
            self._ask_identity(exchange, with_serial_number)
            self._identity_of = line
        if self._open["warnings"] < _UNANSWERED:
            answer = exchange(host_query.ERRORS_COMMAND, _warnings_or_status)
            warnings = host_query.parse_warnings(answer)
            self._open["warnings"] = 0 if warnings is not None else self._open["warnings"] + 1
            self.details = replace(self.details, warnings=warnings or ())

    def _ask_identity(self, exchange: Exchange, with_serial_number: bool) -> None:
        identification = host_query.parse_identification(
            exchange(host_query.IDENTIFICATION_COMMAND, host_query.identification_complete)
        )
        self._open["identity"] = 0 if identification else self._open["identity"] + 1
        model, firmware = identification or (None, None)
        serial_number = None
        if with_serial_number:
            serial_number = host_query.parse_value(
                exchange(host_query.IDENTITY_COMMAND, host_query.value_complete)
            )
        self.details = PrinterDetails(model, firmware, serial_number, self.details.warnings)


def _warnings_or_status(answer: bytes) -> bool:
    """Whether `~HQES` has answered; a late answer to `~HS` ends the waiting too."""
    return host_query.errors_complete(answer) or host_status.complete(answer)
