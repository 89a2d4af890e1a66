"""HTTP connections whose answers must be complete by a deadline.

The usual time limit is for each wait on the network, so a server that sends one byte every four seconds keeps a caller
for hours, headers included. Here the moment is set once for the whole call, and every wait for the answer is given
what is left. A socket's own time limit does it: no watching thread, no cost worth naming.
"""

from __future__ import annotations

import http.client
import io
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import urllib3

_call = threading.local()


@contextmanager
def deadline(seconds: float) -> Iterator[float]:
    """Calls made by this thread in the block must be answered within `seconds`. Gives the moment (time.monotonic)."""
    _call.ends_at = time.monotonic() + seconds
    try:
        yield _call.ends_at
    finally:
        _call.ends_at = None


class _DeadlineReader(io.RawIOBase):
    """Reads from a socket, never past `ends_at`. Raises TimeoutError, as the socket itself would."""

    def __init__(self, sock: socket.socket, ends_at: float) -> None:
        super().__init__()
        self._sock = sock
        self._usual_timeout = sock.gettimeout()
        self._raw = sock.makefile("rb", buffering=0)
        self._ends_at = ends_at

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        if not self.closed:
            with suppress(OSError):
                self._sock.settimeout(self._usual_timeout)  # the connection may serve another call
            self._raw.close()
        return super().close()


class _DeadlineSocket:
    """Stands in for the socket where http.client asks for the file to read the answer from."""

    def __init__(self, sock: socket.socket, ends_at: float) -> None:
        self._sock = sock
        self._ends_at = ends_at

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_DeadlineReader(self._sock, self._ends_at))


class _Answer(http.client.HTTPResponse):
    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        ends_at = getattr(_call, "ends_at", None)
        super().__init__(_DeadlineSocket(sock, ends_at) if ends_at else sock, *args, **kwargs)


class _HTTPConnection(urllib3.connection.HTTPConnection):
    response_class = _Answer


class _HTTPSConnection(urllib3.connection.HTTPSConnection):
    response_class = _Answer


class _HTTPPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


POOL_CLASSES = {"http": _HTTPPool, "https": _HTTPSPool}
