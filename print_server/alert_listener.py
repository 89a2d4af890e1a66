"""Takes the alerts that printers send by themselves, on a port of its own.

An alert is a reason to ask that printer how it is, and nothing more: anybody can send text, so it is not even read.
Only addresses of configured printers are listened to. Connections, bytes, times and questions are limited; what is over
a limit is closed. A flood can keep alerts from coming in, and then printers are asked at their usual interval.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections import Counter
from collections.abc import Iterable

from .worker import PrinterWorker

_logger = logging.getLogger(__name__)
BETWEEN_ACCEPTS = 0.01
"""Seconds: at most a hundred connections a second, whoever makes them."""
MOST_CONNECTIONS, MOST_OF_AN_ADDRESS = 64, 4
MOST_BYTES = 4096
IDLE_SECONDS, LONGEST_SECONDS = 10.0, 60.0
BETWEEN_QUESTIONS = 0.5
"""Seconds between two questions to one printer that alerts have caused; those in between are one together."""
_MOST_TOLD = 10
"""So many foreign addresses are named in the log."""


class AlertListener(threading.Thread):
    """Listens from its making on, and hears after `start`. Raises OSError when the port cannot be had."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(name="alerts", daemon=True)
        self._socket = socket.create_server((host, port), backlog=64)
        self._socket.setblocking(False)
        self.host, self.port = self._socket.getsockname()[:2]
        self._workers: list[PrinterWorker] = []
        self._open: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: set[PrinterWorker] = set()
        self._asked: dict[PrinterWorker, float] = {}
        self._foreign: set[str] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._accepting: asyncio.Task[None] | None = None

    def serve(self, workers: Iterable[PrinterWorker]) -> None:
        """Start, for these printers."""
        self._workers = list(workers)
        self.start()
        _logger.info("Taking alerts of printers on %s:%d", self.host, self.port)

    def stop(self) -> None:
        """Take no more."""
        if self._accepting:
            self._loop.call_soon_threadsafe(self._accepting.cancel)

    def run(self) -> None:
        """Take alerts until stopped."""
        try:
            asyncio.run(self._accept())
        except asyncio.CancelledError:
            pass
        except Exception:
            # The end of a thread: without these words nobody would know. Printers are asked as without alerts.
            _logger.exception("No more alerts are taken: printers are asked at their usual interval")
        finally:
            self._socket.close()

    async def _accept(self) -> None:
        self._loop, self._accepting = asyncio.get_running_loop(), asyncio.current_task()
        while True:
            try:
                connection, (address, *_rest) = await self._loop.sock_accept(self._socket)
            except OSError as error:
                # Out of file descriptors, say.
                _logger.warning("No alerts can be taken: %s", error.strerror)
                await asyncio.sleep(1.0)
                continue
            self._take(connection, address)
            await asyncio.sleep(BETWEEN_ACCEPTS)

    def _take(self, connection: socket.socket, address: str) -> None:
        full = self._open.total() >= MOST_CONNECTIONS or self._open[address] >= MOST_OF_AN_ADDRESS
        if not self._at(address) or full:
            connection.close()
            if not full:
                self._tell_foreign(address)
            return
        connection.setblocking(False)
        self._open[address] += 1
        task = self._loop.create_task(self._hear(connection, address))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hear(self, connection: socket.socket, address: str) -> None:
        received, ends = 0, self._loop.time() + LONGEST_SECONDS
        try:
            while received < MOST_BYTES and (left := ends - self._loop.time()) > 0:
                data = await asyncio.wait_for(
                    self._loop.sock_recv(connection, MOST_BYTES - received), min(IDLE_SECONDS, left)
                )
                if not data:
                    break
                received += len(data)
                for worker in self._at(address):
                    self._ask_soon(worker)
        except (OSError, asyncio.TimeoutError):
            pass
        finally:
            connection.close()
            self._open[address] -= 1
            self._open += Counter()  # forgets addresses without a connection

    def _at(self, address: str) -> list[PrinterWorker]:
        return [worker for worker in self._workers if worker.address == address]

    def _ask_soon(self, worker: PrinterWorker) -> None:
        """At once, unless it was asked because of an alert a moment ago."""
        if worker in self._waiting:
            return
        moment = self._loop.time()
        self._waiting.add(worker)
        due = max(moment, self._asked.get(worker, moment - BETWEEN_QUESTIONS) + BETWEEN_QUESTIONS)
        self._loop.call_at(due, self._ask, worker)

    def _ask(self, worker: PrinterWorker) -> None:
        self._waiting.discard(worker)
        self._asked[worker] = self._loop.time()
        worker.alert()

    def _tell_foreign(self, address: str) -> None:
        if address not in self._foreign and len(self._foreign) < _MOST_TOLD:
            self._foreign.add(address)
            _logger.warning("A connection for alerts came from %s, where no printer is: closed", address)
