"""The raw TCP port of the virtual printer, with the network's own faults: offline, and a line cut in mid-label."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from contextlib import nullcontext

from .machine import Machine
from .zpl_stream import Command, Format, Malformed, ZplStream

_IDENTITY = b"\x02Z230-300dpi,V72.19.6Z,12,8176KB\x03\r\n"


class DataPort:
    """Listens on one port for as long as the printer is switched on; keeps that port over off and on."""

    def __init__(self, machine: Machine, host: str, port: int) -> None:
        self.machine = machine
        self.host, self.port = host, port
        self._listener: socket.socket | None = None
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        connections = machine.behaviour.connections
        self._turns = threading.Semaphore(connections) if connections else nullcontext()
        self._cut_after: int | None = None
        self.switch_on()

    @property
    def online(self) -> bool:
        """Whether connections are accepted."""
        return self._listener is not None

    def switch_on(self) -> None:
        """Accept connections, on the same port as before."""
        if self._listener:
            return
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((self.host, self.port))
        listener.listen(16)
        self.port = listener.getsockname()[1]
        self._listener = listener
        self.machine.alerts.connected = True
        threading.Thread(target=self._accept, args=(listener,), name="data-port", daemon=True).start()

    def switch_off(self) -> None:
        """Refuse connections and drop those that are open."""
        listener, self._listener = self._listener, None
        self.machine.alerts.connected = False
        if listener:
            # shutdown wakes the accepting thread, without which the port stays open until the next caller.
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        with self._lock:
            open_now = list(self._connections)
        for connection in open_now:
            _reset(connection)

    def cut_in_mid_label(self, after: int = 0) -> None:
        """Cut the line half-way through a label: the next one, or the one after so many more."""
        self._cut_after = max(0, after)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _peer = listener.accept()
            except OSError:
                return
            if listener is not self._listener:
                _reset(connection)
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._connections.add(connection)
            threading.Thread(target=self._serve, args=(connection,), name="connection", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        stream = ZplStream()
        try:
            with self._turns:
                while data := connection.recv(65536):
                    self._take(stream, self._before_cut(data, connection), connection)
        except OSError:
            pass
        finally:
            if stream.partial:
                self.machine.invalid += 1
                self.machine.note_partial(-1)
            with self._lock:
                self._connections.discard(connection)
            connection.close()

    def _take(self, stream: ZplStream, data: bytes, connection: socket.socket) -> None:
        partial = stream.partial
        for item in stream.feed(data):
            # Told at each item, because an answer to `~HS` in the middle of a format has to show it.
            if stream.partial != partial:
                partial = stream.partial
                self.machine.note_partial(1 if partial else -1)
            self._handle(item, connection)
        if stream.partial != partial:
            self.machine.note_partial(1 if stream.partial else -1)

    def _before_cut(self, data: bytes, connection: socket.socket) -> bytes:
        """The data, or its first half with the line cut behind it when a cut is due."""
        if self._cut_after is None or b"^XA" not in data.upper():
            return data
        if self._cut_after > 0:
            self._cut_after -= 1
            return data
        self._cut_after = None
        _reset(connection)
        return data[: max(4, len(data) // 2)]

    def _handle(self, item: Format | Command | Malformed, connection: socket.socket) -> None:
        machine = self.machine
        if isinstance(item, Format):
            machine.accept(item.raw)
        elif isinstance(item, Malformed):
            machine.invalid += 1
        elif item.name == "~JA":
            machine.cancel_all()
        elif item.name == "~PP":
            machine.change(paused=True)
        elif item.name == "~PS":
            machine.change(paused=False)
        else:
            self._answer(item, connection)

    def _answer(self, question: Command, connection: socket.socket) -> None:
        machine = self.machine
        if question.name == "~HS":
            time.sleep(machine.behaviour.answer_seconds)
        if machine.hanging:
            return
        if question.name == "getvar":
            connection.sendall(machine.variable(question.variable))
        elif question.name == "~HI":
            connection.sendall(_IDENTITY)
        elif question.name == "~HU":
            connection.sendall(machine.alerts.answer())
        elif question.name == "~HQES":
            if machine.behaviour.host_query:
                connection.sendall(machine.host_query())
        elif not machine.silent:
            connection.sendall(machine.host_status())


def _reset(connection: socket.socket) -> None:
    """Close so that the other side sees a reset, as when a cable or the power goes."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RDWR)
    with contextlib.suppress(OSError):
        connection.close()
