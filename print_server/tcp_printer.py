"""A Zebra on the network: raw TCP (port 9100), labels one way, `~HS` both ways, on one connection kept open."""

from __future__ import annotations

import contextlib
import select
import socket
import time
from urllib.parse import urlsplit

from . import host_status
from .printer_port import READY, REFUSED, SILENT, Reading, SendFailed
from .settings import Pace, PrinterConfig

_MAX_ANSWER = 4096


class TcpPrinter:
    """See PrinterPort."""

    def __init__(self, config: PrinterConfig, pace: Pace) -> None:
        parts = urlsplit(config.uri)
        self._address = (parts.hostname, parts.port)
        self._pace = pace
        self._socket: socket.socket | None = None
        self.line = 0
        self.counts_labels = config.host_status

    def look(self) -> Reading:
        """Ask `~HS`. A connection that broke since the last use is opened once more before the printer is offline.

        After a time-out the connection stays open: the worker decides whether to close it, because it knows whether a
        label is under way.
        """
        for _attempt in range(2):
            fresh = self._socket is None
            try:
                self._open()
            except OSError:
                return REFUSED
            try:
                return self._ask() if self.counts_labels else READY
            except TimeoutError:
                return SILENT
            except OSError:
                self.close()
                if fresh:
                    break
        return REFUSED

    def send(self, zpl: str) -> None:
        """Send one label's bytes."""
        try:
            self._open()
            self._socket.settimeout(self._pace.label_timeout)
            self._socket.sendall(zpl.encode("utf-8") + b"\r\n")
        except OSError as error:
            self.close()
            raise SendFailed(str(error)) from error

    def clear(self) -> None:
        """`~JA`: cancel all formats in the buffer."""
        with contextlib.suppress(OSError):
            self._open()
            self._socket.settimeout(self._pace.answer_timeout)
            self._socket.sendall(b"~JA\r\n")

    def close(self) -> None:
        """Close the connection."""
        if self._socket:
            with contextlib.suppress(OSError):
                self._socket.close()
        self._socket = None

    def _open(self) -> None:
        if self._socket:
            return
        self._socket = socket.create_connection(self._address, timeout=self._pace.connect_timeout)
        self.line += 1
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def _ask(self) -> Reading:
        self._drop_stale_answers()
        deadline = time.monotonic() + self._pace.answer_timeout
        self._socket.settimeout(self._pace.answer_timeout)
        self._socket.sendall(host_status.COMMAND)
        answer = b""
        while answer.count(host_status.END) < host_status.STRINGS and len(answer) < _MAX_ANSWER:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._socket.settimeout(left)
            data = self._socket.recv(_MAX_ANSWER)
            if not data:
                raise ConnectionResetError("closed by the printer")
            answer += data
        try:
            status = host_status.parse(answer)
        except host_status.BadHostStatus:
            # What speaks there is no Zebra: as useless as silence.
            return SILENT
        return Reading(status.code, status.reasons, status.outstanding, status.buffer_full)

    def _drop_stale_answers(self) -> None:
        """Late answers to an earlier question would be taken for the answer to this one."""
        while select.select([self._socket], [], [], 0)[0]:
            if not self._socket.recv(_MAX_ANSWER):
                raise ConnectionResetError("closed by the printer")
