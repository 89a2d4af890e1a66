"""A Zebra on the network: raw TCP (port 9100), labels one way, questions both ways, on one connection kept open."""

from __future__ import annotations

import contextlib
import fcntl
import ipaddress
import select
import socket
import sys
import termios
import time
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

from . import codes, host_query, host_status
from .printer_details import DetailsAsker, Exchange, PrinterDetails
from .printer_port import READY, REFUSED, SILENT, Reading, SendFailed
from .settings import Pace, PrinterConfig

_MAX_ANSWER = 65536
_UNANSWERED = 3
"""A question that was never answered in so many tries is not asked again."""
_LOST_ODOMETER = 10
"""One that was answered before and is not answered in so many tries in a row is not asked again."""
_LOOKS_WITHOUT_DETAILS = 20
_SHORT = 0.5
"""Seconds that are waited for what may come together with another answer."""
_LONGEST_ANSWER = 5.0
_NO_ZEBRA = Reading(codes.NOT_A_PRINTER, ("other-error",))


class _EndedInOrder(ConnectionError):
    """The printer has closed the connection after taking all that was sent."""


class TcpPrinter:
    """See PrinterPort."""

    def __init__(self, config: PrinterConfig, pace: Pace) -> None:
        parts = urlsplit(config.uri)
        self._address = (parts.hostname, parts.port)
        self._pace = pace
        self._socket: socket.socket | None = None
        self.line = 0
        self.counts_labels = config.host_status is not False
        self.gave_up_asking = False
        self.ended_in_order = False
        self.own_address = ""
        self.peer_address = _literal(parts.hostname)
        self.answer_seconds = 0.0
        self.has_answered = False
        """Whether it has ever answered `~HS`, in an earlier run too."""
        self._answer_timeout = pace.answer_timeout
        self._silences = self._silent_queries = self._silent_odometers = 0
        self.asks_odometer = config.odometer
        self._odometer_seen = self._stopped_by_query = False
        self._details = DetailsAsker(_LOOKS_WITHOUT_DETAILS * pace.poll_interval)

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
            if not self.counts_labels:
                return READY
            try:
                reading = self._ask_status()
                if reading.empty and not reading.code:
                    self._details.ask(self._exchange_shortly, self.line, self._odometer_seen)
                return self._with_warnings(reading)
            except OSError as error:
                self.ended_in_order = isinstance(error, _EndedInOrder)
                self.close()
                if fresh:
                    break
        return REFUSED

    @property
    def details(self) -> PrinterDetails:
        """What it has told of itself."""
        return self._details.details

    def _with_warnings(self, reading: Reading) -> Reading:
        warnings = self.details.warnings if reading.answered else ()
        return replace(reading, reasons=(*reading.reasons, *warnings)) if warnings else reading

    def identity(self) -> str | None:
        """SGD `device.unique_id`: the serial number."""
        if not self._odometer_seen:
            return None
        try:
            self._open()
            self._drop_stale_answers()
            answer = self._exchange(host_query.IDENTITY_COMMAND, host_query.value_complete, self._answer_timeout)
        except OSError:
            self.ended_in_order = False
            self.close()
            return None
        return host_query.parse_value(answer)

    def send(self, zpl: str, keep_on: Callable[[], bool]) -> None:
        """Send one label's bytes."""
        data = memoryview(zpl.encode("utf-8") + b"\r\n")
        size = len(data)
        try:
            self._open()
            self._socket.settimeout(1.0)
            while data:
                try:
                    data = data[self._socket.send(data) :]
                except TimeoutError:
                    if not keep_on():
                        raise
        except OSError as error:
            self.ended_in_order = False
            self.close()
            raise SendFailed(str(error), nothing_left=len(data) == size) from error

    def clear(self) -> None:
        """`~JA`: cancel all formats in the buffer."""
        with contextlib.suppress(OSError):
            self._open()
            self._socket.settimeout(self._pace.answer_timeout)
            self._socket.sendall(b"~JA\r\n")

    def converse(self, talk: Callable[[Exchange], None]) -> None:
        """Let somebody else ask on the connection that is open, if one is; never raises."""
        if self._socket is None:
            return
        try:
            talk(self._exchange_shortly)
        except OSError:
            self.ended_in_order = False
            self.close()

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
        self.own_address, self.peer_address = self._socket.getsockname()[0], self._socket.getpeername()[0]
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def _ask_status(self) -> Reading:
        self._drop_stale_answers()
        asked = time.monotonic()
        with_odometer = self.asks_odometer and self.has_answered
        odometer_command = host_query.ODOMETER_COMMAND if with_odometer else b""
        if self._stopped_by_query:
            # It was stopped and silent: `~HQES` answers at once, and `~HS` as soon as the printer is in order.
            answer = self._exchange(
                host_query.ERRORS_COMMAND + host_status.COMMAND + odometer_command, host_status.complete,
                self._answer_timeout, enough=_is_stop,
            )  # fmt: skip
        elif with_odometer:
            # What has been answered before is worth waiting for.
            enough = None if self._odometer_seen else host_status.complete
            question = host_status.COMMAND + odometer_command
            answer = self._exchange(question, self._counts_complete, self._answer_timeout, enough)
        else:
            answer = self._exchange(host_status.COMMAND, host_status.complete, self._answer_timeout)
        try:
            status = host_status.parse(answer)
        except host_status.BadHostStatus:
            return self._without_status(answer)
        self.answer_seconds += 0.3 * (time.monotonic() - asked - self.answer_seconds)
        self.has_answered, self._stopped_by_query = True, False
        self._silences = self._silent_queries = 0
        return Reading(
            status.code, status.reasons, True, status.formats, status.labels_remaining, status.partial_format,
            status.buffer_full, self._read_odometer(answer) if with_odometer else None,
        )  # fmt: skip

    def _counts_complete(self, answer: bytes) -> bool:
        return host_status.complete(answer) and host_query.odometer_complete(answer)

    def _read_odometer(self, answer: bytes) -> int | None:
        count = host_query.parse_odometer(answer)
        if count is not None:
            self._odometer_seen = True
        self._silent_odometers = self._silent_odometers + 1 if count is None else 0
        self.asks_odometer = self._silent_odometers < (_LOST_ODOMETER if self._odometer_seen else _UNANSWERED)
        return count

    def _without_status(self, answer: bytes) -> Reading:
        """No answer to `~HS`: ask `~HQES`, which some printers answer when they are stopped."""
        if answer.startswith(b"HTTP/"):
            return _NO_ZEBRA
        errors, odometer = host_query.parse_errors(answer), host_query.parse_odometer(answer)
        if errors is None and not self._stopped_by_query and self._silent_queries < _UNANSWERED:
            answer = self._exchange(host_query.ERRORS_COMMAND, _any_complete, self._answer_timeout)
            if host_status.complete(answer):
                self._allow_more_time()
                return SILENT
            errors = host_query.parse_errors(answer)
            self._silent_queries += errors is None
        if errors and errors.code:
            self._stopped_by_query = True
            return Reading(errors.code, errors.reasons, odometer=odometer)
        self._stopped_by_query = False
        if errors is None and not self.has_answered:
            self._silences += 1
            self._allow_more_time()
            if self._silences >= _UNANSWERED:
                self.counts_labels, self.gave_up_asking = False, True
                self._answer_timeout = self._pace.answer_timeout
                return READY
        return SILENT

    def _exchange_shortly(self, question: bytes, complete: Callable[[bytes], bool]) -> bytes:
        return self._exchange(question, complete, self._answer_timeout)

    def _exchange(
        self,
        question: bytes,
        complete: Callable[[bytes], bool],
        timeout: float,
        enough: Callable[[bytes], bool] | None = None,
    ) -> bytes:
        """Ask, and read until the answer is complete or late. Once it is `enough`, the rest is waited for shortly.

        Returns what has come. Raises OSError when the connection is gone.
        """
        deadline = time.monotonic() + timeout
        self._socket.settimeout(timeout)
        self._socket.sendall(question)
        answer, shortened = b"", False
        while not complete(answer) and len(answer) < _MAX_ANSWER:
            if enough and not shortened and enough(answer):
                deadline, shortened = min(deadline, time.monotonic() + _SHORT), True
            left = deadline - time.monotonic()
            if left <= 0:
                break
            self._socket.settimeout(left)
            try:
                data = self._socket.recv(4096)
            except TimeoutError:
                break
            if not data:
                raise self._end()
            answer += data
        return answer

    def _end(self) -> OSError:
        """The printer has closed the connection: in order when its side has acknowledged every byte."""
        unsent = int.from_bytes(fcntl.ioctl(self._socket, termios.TIOCOUTQ, bytes(4)), sys.byteorder)
        return ConnectionResetError("closed by the printer") if unsent else _EndedInOrder("closed by the printer")

    def _drop_stale_answers(self) -> None:
        """Late answers to an earlier question would be taken for the answer to this one."""
        late = b""
        while select.select([self._socket], [], [], 0)[0]:
            data = self._socket.recv(4096)
            if not data:
                raise self._end()
            late += data
        if host_status.complete(late):
            self._allow_more_time()

    def _allow_more_time(self) -> None:
        """It answers, only slowly, or may do so."""
        self._answer_timeout = min(max(_LONGEST_ANSWER, self._pace.answer_timeout), 2 * self._answer_timeout)


def _literal(host: str) -> str | None:
    """The host if it is an address; a name's address is known when a connection was made."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return None


def _any_complete(answer: bytes) -> bool:
    """Whether `~HQES` has answered, or `~HS` late."""
    return host_query.errors_complete(answer) or host_status.complete(answer)


def _is_stop(answer: bytes) -> bool:
    """Whether `~HQES` has answered that the printer is stopped."""
    errors = host_query.parse_errors(answer)
    return bool(errors and errors.code and host_query.errors_complete(answer))
