"""Sets a printer's alerts as the configuration says, and takes back those that an earlier configuration had set.

Done by the printer's worker when the printer is in order and has nothing to print, never between the labels of a job.
What was set is kept in the data file, so that it can be taken back after a restart.
"""

from __future__ import annotations

import ipaddress
import logging
import time
from collections import Counter
from collections.abc import Callable

from . import alert_commands
from .alert_commands import CONDITIONS, Destination
from .printer_details import Exchange
from .printers_met import PrintersMet
from .settings import PrinterConfig

_logger = logging.getLogger(__name__)
_MOST_TRIES = 3
"""An alert that the printer does not show after it was set so often is not set again until the next start."""


class AlertSetup:
    """One printer's alerts. `port` is where alerts are taken, None where they are not."""

    def __init__(
        self, config: PrinterConfig, met: PrintersMet, every: float, port: int | None = None,
        address: str | None = None, clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._config, self._met, self._every, self._clock = config, met, every, clock
        self._port, self._address = port if config.alerts else None, address
        self._due: float | None = 0.0
        self._tries: Counter[tuple[str, bool]] = Counter()
        self._said: set[str] = set()

    @property
    def due(self) -> bool:
        """Whether there may be something to do."""
        return self._due is not None and self._clock() >= self._due

    def run(self, exchange: Exchange, own_address: str) -> None:
        """Ask what is set, and change what is wrong. `own_address` is this machine's, as the printer sees it.

        Whether the printer has understood shows at the next look: it answers a question before it reads a format.
        Raises OSError as `exchange` does.
        """
        earlier, target = self._met.alerts_to(self._config), self._target(own_address)
        if earlier is None and target is None:
            self._due = None
            return
        shown = alert_commands.configured(exchange(alert_commands.QUESTION, alert_commands.complete))
        self._due = self._clock()
        if earlier and earlier != target:
            left = [name for name in CONDITIONS if shown.get(name) == earlier]
            if again := self._worth_a_try(left, on=False):
                exchange(alert_commands.switch(again, earlier, on=False), _no_answer)
                return
            if left:
                self._say(
                    "goes on sending the alerts that it was told of earlier, and does not let them be ended (^SX)"
                )
        if target is None:
            if not left:
                self._met.note_alerts(self._config, None)
            self._due = None
        elif missing := self._missing(shown, target, earlier):
            # Before a byte leaves, so that it can be taken back whatever happens now.
            self._met.note_alerts(self._config, target)
            exchange(alert_commands.switch(missing, target, on=True), _no_answer)
        else:
            self._due += self._every

    def _target(self, own_address: str) -> Destination | None:
        if self._port is None:
            return None
        address = self._address or own_address
        try:
            return Destination(str(ipaddress.IPv4Address(address)), self._port)
        except ValueError:
            self._say(f"is reached by {address}, and alerts need IPv4: no alerts are set")
            return None

    def _missing(self, shown: dict[str, Destination], target: Destination, earlier: Destination | None) -> list[str]:
        """Those to set. Alerts that somebody else has set are left as they are."""
        others = {str(shown[name]) for name in CONDITIONS if name in shown and shown[name] not in (target, earlier)}
        if others:
            self._say(f"sends alerts to {', '.join(sorted(others))} already, which are left as they are")
        missing = [name for name in CONDITIONS if name not in shown or (shown[name] == earlier and earlier != target)]
        wanted = self._worth_a_try(missing, on=True)
        if len(missing) == len(CONDITIONS) and not wanted:
            self._say("does not keep the alerts that it is told of (^SX): it is asked at its usual interval")
        return wanted

    def _worth_a_try(self, names: list[str], on: bool) -> list[str]:
        """Those of the alerts to set, or to end, that have not been tried too often in a row."""
        for name in CONDITIONS:
            if name not in names:
                del self._tries[name, on]
        again = [name for name in names if self._tries[name, on] < _MOST_TRIES]
        self._tries.update((name, on) for name in again)
        return again

    def _say(self, sentence: str) -> None:
        if sentence not in self._said:
            self._said.add(sentence)
            _logger.warning("Printer %s %s", self._config.name, sentence)


def _no_answer(_answer: bytes) -> bool:
    """A format has none."""
    return True
