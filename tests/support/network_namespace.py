"""A network namespace of its own, as a factory behind a firewall: nothing leads in or out but what a `Line` carries.

    with network_namespace() as factory:
        with Line(("127.0.0.1", 8069), listen_in=factory, port=8069) as odoo:   # from inside Odoo's port can be reached
            start_print_server(..., within=factory.command)
            odoo.cut(); odoo.restore()

It has no address but its own 127.0.0.1. It lives as long as its holder, a process that ends with this one, so that
nothing is left behind when a test is killed. Needs Linux and the right to make namespaces (`possible`).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

_NEW_NETWORK = 0x40000000
_DEATH_SIGNAL = 1
_libc = ctypes.CDLL(None, use_errno=True)
_T = TypeVar("_T")


def possible() -> bool:
    """Whether this user may make network namespaces on this machine."""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        command = ["unshare", "--net", "ip", "link", "set", "lo", "up"]
        return subprocess.run(command, capture_output=True, timeout=10).returncode == 0
    return False


@dataclass(frozen=True)
class Namespace:
    """One that a process holds."""

    pid: int

    @property
    def command(self) -> tuple[str, ...]:
        """What goes before a command that is to run inside."""
        return ("nsenter", "--target", str(self.pid), "--net")

    def inside(self, work: Callable[[], _T]) -> _T:
        """Do something in a thread that is inside; sockets that it makes stay inside."""
        results: list[_T] = []
        errors: list[Exception] = []

        def run() -> None:
            try:
                with open(f"/proc/{self.pid}/ns/net") as network:
                    if _libc.setns(network.fileno(), _NEW_NETWORK):
                        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
                results.append(work())
            except Exception as error:  # noqa: BLE001 - raised again in the caller
                errors.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        if errors:
            raise errors[0]
        return results[0]


@contextlib.contextmanager
def network_namespace() -> Iterator[Namespace]:
    """A new one, with nothing but its own 127.0.0.1."""
    holder = subprocess.Popen(
        ["unshare", "--net", "sh", "-c", "ip link set lo up && echo up && exec sleep infinity"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, preexec_fn=lambda: _libc.prctl(_DEATH_SIGNAL, signal.SIGKILL),
    )  # fmt: skip
    try:
        assert holder.stdout.readline() == b"up\n", "no network namespace"
        yield Namespace(holder.pid)
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()


@dataclass
class Line:
    """Carries TCP connections from one port to another, across namespaces; it can be cut, and lose messages.

    :ivar target: where connections lead
    :ivar listen_in: the namespace in which they are accepted; None for the usual one
    :ivar lead_to: the namespace in which `target` is
    :ivar port: on 127.0.0.1, where they are accepted; 0 takes a free one
    :ivar losses: requests to be lost, see `lose`
    """

    target: tuple[str, int]
    listen_in: Namespace | None = None
    lead_to: Namespace | None = None
    port: int = 0
    is_cut: bool = False
    lost: int = 0
    _losses: list[tuple[bytes, bool]] = field(default_factory=list)
    _open: set[socket.socket] = field(default_factory=set)

    def __enter__(self) -> Line:
        self._lock = threading.Lock()
        self._listener = self._somewhere(self.listen_in, lambda: socket.create_server(("127.0.0.1", self.port)))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._close_all()

    def cut(self) -> None:
        """From now on nothing comes through, in silence, as when somebody pulls out a cable."""
        self.is_cut = True

    def restore(self) -> None:
        """Everything comes through again; connections of before are gone."""
        self._close_all()
        self.is_cut = False

    def lose(self, containing: bytes, deliver: bool, times: int = 1) -> None:
        """Lose the next requests with these bytes in them: before they arrive, or (`deliver`) the answers to them."""
        with self._lock:
            self._losses += [(containing, deliver)] * times

    def lose_no_more(self) -> None:
        """End what `lose` has begun."""
        with self._lock:
            self._losses.clear()

    def _somewhere(self, where: Namespace | None, work: Callable[[], _T]) -> _T:
        return where.inside(work) if where else work()

    def _accept(self) -> None:
        while True:
            try:
                near, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with self._lock:
            self._open.add(near)
        while self.is_cut:
            time.sleep(0.05)
        try:
            far = self._somewhere(self.lead_to, lambda: socket.create_connection(self.target, timeout=10))
        except OSError:
            self._drop(near)
            return
        far.settimeout(None)
        with self._lock:
            self._open.add(far)
        swallowing = threading.Event()
        back = threading.Thread(target=self._pump, args=(far, near, lambda _data: not swallowing.is_set()), daemon=True)
        back.start()
        self._pump(near, far, lambda data: self._let_through(data, swallowing))

    def _let_through(self, data: bytes, swallowing: threading.Event) -> bool:
        with self._lock:
            for number, (containing, deliver) in enumerate(self._losses):
                if containing in data:
                    del self._losses[number]
                    self.lost += 1
                    swallowing.set()
                    return deliver
        return True

    def _pump(self, source: socket.socket, drain: socket.socket, lets_through: Callable[[bytes], bool]) -> None:
        try:
            while data := source.recv(65536):
                while self.is_cut:
                    time.sleep(0.05)
                if not lets_through(data):
                    break
                drain.sendall(data)
        except OSError:
            pass
        finally:
            self._drop(source)
            self._drop(drain)

    def _drop(self, line: socket.socket) -> None:
        with self._lock:
            self._open.discard(line)
        with contextlib.suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
        line.close()

    def _close_all(self) -> None:
        with self._lock:
            lines = list(self._open)
        for line in lines:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
