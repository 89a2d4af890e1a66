"""Says to systemd what the process is doing (sd_notify, systemd.service(5): Type=notify, WatchdogSec=).

The protocol is one datagram to the socket that NOTIFY_SOCKET names; started by anything else, nothing is said.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Mapping

_logger = logging.getLogger(__name__)


class ServiceManager:
    """The one that started this process, if it wants to be told.

    :param environ: NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID are read from it
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        self._interval = _watchdog_interval(environ)
        self._ended = threading.Event()

    def ready(self, status: str) -> None:
        """All is listened to, or is again after a reload.

        :param status: shown by `systemctl status`
        """
        self._tell("READY=1", f"STATUS={status}")

    def stopping(self) -> None:
        """No further request is taken; labels under way may still end."""
        self._ended.set()
        self._tell("STOPPING=1", "STATUS=Labels under way may still end")

    def watch(self, works: Callable[[], bool]) -> None:
        """Tell the watchdog twice in its time that the process works, for as long as it does.

        :param works: asked each time, in a thread of its own; what it raises counts as no
        """
        if self._address and self._interval:
            threading.Thread(target=self._watch, args=(works,), name="watchdog", daemon=True).start()

    def _watch(self, works: Callable[[], bool]) -> None:
        while not self._ended.wait(self._interval):
            try:
                fine = works()
            except Exception:
                _logger.exception("The watchdog is told nothing")
                continue
            if fine:
                self._tell("WATCHDOG=1")

    def _tell(self, *lines: str) -> None:
        if not self._address:
            return
        # An abstract socket is written with an @ for its first byte.
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as to:
                to.settimeout(1)
                to.sendto("\n".join(lines).encode(), address)
        except OSError as error:
            _logger.warning("The service manager could not be told %s: %s", lines[0], error)


def _watchdog_interval(environ: Mapping[str, str]) -> float | None:
    """Seconds between two signs of life: half the time within which one is wanted; None without a watchdog."""
    try:
        seconds = int(environ.get("WATCHDOG_USEC", "")) / 1e6
        is_ours = int(environ.get("WATCHDOG_PID", "") or os.getpid()) == os.getpid()
    except ValueError:
        return None
    return seconds / 2 if is_ours and seconds > 0 else None
