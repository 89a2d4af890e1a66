"""Alerts that a Zebra sends by itself when something happens to it: `^SX` sets them, `~HU` tells which are set.

ZPL II programming guide, "^SX Set ZebraNet Alert" (`^SXcondition,destination,on set,on clear,address,port`; destination
D is TCP) and "~HU". Where no alert is set, `~HU` has no answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from . import host_status

CONDITIONS = {
    "A": "labels out",
    "B": "ribbon out",
    "C": "head too hot",
    "E": "head open",
    "H": "rewinder full",
    "I": "cutter jammed",
    "J": "paused",
    "P": "switched on",
}
"""Those that keep a printer from printing, and that it is there again. Not `*`, which tells of each label too."""
QUESTION = b"~HU\r\n" + host_status.COMMAND
"""With `~HS` behind it, whose answer ends the waiting where no alerts are set."""
_TCP = "D"
_CONFIGURED = re.compile(
    rb"(?:^|[\r\n\x02])([A-Z*]),([A-F]),([YN]),([YN]),([^,\r\n\x02\x03]{0,100}),(\d{1,5})(?=[\r\n\x02\x03]|$)"
)


@dataclass(frozen=True)
class Destination:
    """Where a printer sends alerts: an IPv4 address and a TCP port."""

    address: str
    port: int

    def __str__(self) -> str:
        return f"{self.address}:{self.port}"

    @classmethod
    def read(cls, text: str) -> Destination:
        """From the form that `str` gives."""
        address, _colon, port = text.rpartition(":")
        return cls(address, int(port))


def switch(conditions: Iterable[str], to: Destination, on: bool) -> bytes:
    """A format that sets these conditions' alerts, or ends them. It prints nothing."""
    word = "Y" if on else "N"
    commands = "".join(f"^SX{condition},{_TCP},{word},{word},{to.address},{to.port}" for condition in conditions)
    return f"^XA{commands}^XZ\r\n".encode("ascii")


def configured(answer: bytes) -> dict[str, Destination]:
    """The conditions of whose begin or end the printer sends an alert by TCP, and where to, from an answer to `~HU`."""
    found = {}
    for condition, kind, on_set, on_clear, address, port in _CONFIGURED.findall(answer):
        if kind == _TCP.encode() and b"Y" in (on_set, on_clear):
            found[condition.decode()] = Destination(address.decode("ascii", "replace"), int(port))
    return found


def complete(answer: bytes) -> bool:
    """Whether the answer to QUESTION has come."""
    return host_status.complete(answer)
