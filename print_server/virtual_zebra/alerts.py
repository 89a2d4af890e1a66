"""Alerts of the virtual printer: `^SX` sets them, `~HU` tells them, and they are sent when a condition begins or ends.

The words are those that Zebra printers send. As with a real one each is a connection of its own that is closed behind
it, one after the other; what nobody takes is lost, and what is set is lost with the power.
"""

from __future__ import annotations

import contextlib
import queue
import re
import socket
import threading
import time
from collections.abc import Collection

_CONDITIONS = {
    "A": ("ERROR CONDITION", "ERROR CLEARED", "PAPER OUT"),
    "B": ("ERROR CONDITION", "ERROR CLEARED", "RIBBON OUT"),
    "E": ("ERROR CONDITION", "ERROR CLEARED", "HEAD OPEN"),
    "J": ("ALERT", "ALERT CLEARED", "PRINTER PAUSED"),
}
_KNOWN = frozenset("ABCDEFGHIJKLMNOPQRSTU*")
_TCP, _UDP = "D", "E"
_COMMAND = re.compile(rb"\^SX\s*([^\^~]*)", re.IGNORECASE)
_MOST_WAITING = 20
_TIMEOUT = 2.0
"""Seconds for a connection to whoever takes the alerts."""


class Alerts:
    """What is set, and what goes out. Every method may be called from any thread."""

    def __init__(self, serial_number: str) -> None:
        self._serial_number = serial_number
        self._set: dict[tuple[str, str], tuple[str, str, str, int]] = {}
        self._present: frozenset[str] = frozenset()
        self._waiting: queue.Queue[tuple[str, str, int, bytes]] = queue.Queue(_MOST_WAITING)
        self.commands = 0
        """How many `^SX` were received."""
        self.sent = 0
        """How many alerts somebody has taken."""
        self.connected = True
        """False: the printer is cut off from the network."""
        threading.Thread(target=self._send, name="alerts", daemon=True).start()

    def read(self, zpl: bytes) -> None:
        """Carry out the `^SX` of a format. One that is not understood changes nothing."""
        for command in _COMMAND.findall(zpl):
            self.commands += 1
            words = [word.strip() for word in command.decode("ascii", "replace").split(",")]
            condition, kind, on_set, on_clear, address, port = (*words, *[""] * 6)[:6]
            key = condition.upper(), kind.upper()
            earlier = self._set.get(key, ("Y", "N", "", 0))
            on_set, on_clear = (on_set or earlier[0]).upper(), (on_clear or earlier[1]).upper()
            number = int(port) if port.isdigit() and int(port) <= 65535 else earlier[3]
            if key[0] not in _KNOWN or key[1] not in (_TCP, _UDP) or {on_set, on_clear} - {"Y", "N"}:
                continue
            if (on_set, on_clear) == ("N", "N"):
                self._set.pop(key, None)
            elif address or earlier[2]:
                self._set[key] = (on_set, on_clear, address or earlier[2], number)

    def answer(self) -> bytes:
        """To `~HU`: a line for each alert that is set, nothing where none is."""
        lines = (
            f"{condition},{kind},{on_set},{on_clear},{address},{port}\r\n"
            for (condition, kind), (on_set, on_clear, address, port) in sorted(self._set.items())
        )
        return "".join(lines).encode("ascii", "replace")

    def note(self, present: Collection[str]) -> None:
        """These conditions hold now."""
        before, self._present = self._present, frozenset(present)
        for condition in sorted(before ^ self._present):
            begun = condition in self._present
            for name in (condition, "*"):
                for kind in (_TCP, _UDP):
                    self._queue(condition, begun, kind, self._set.get((name, kind)))

    def _queue(self, condition: str, begun: bool, kind: str, alert: tuple[str, str, str, int] | None) -> None:
        if alert is None or alert[0 if begun else 1] != "Y":
            return
        on_set, on_clear, words = _CONDITIONS[condition]
        moment = time.strftime("%Y-%m-%d %H:%M:%S")
        text = f"{on_set if begun else on_clear}: {words} [{moment}] [{self._serial_number}]\r\n"
        with contextlib.suppress(queue.Full):
            self._waiting.put_nowait((kind, alert[2], alert[3], text.encode("ascii")))

    def _send(self) -> None:
        while True:
            kind, address, port, text = self._waiting.get()
            if not self.connected:
                continue
            with contextlib.suppress(OSError, OverflowError):
                if kind == _UDP:
                    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
                        line.sendto(text, (address, port))
                else:
                    with socket.create_connection((address, port), timeout=_TIMEOUT) as line:
                        line.sendall(text)
                self.sent += 1
