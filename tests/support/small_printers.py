"""Small printers that behave as other makes do, for tests of what a print server does with them.

with SmallPrinter(answer=lambda formats: None) as printer:   # never answers a question
    printer.uri, printer.labels, printer.questions
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from collections.abc import Callable

_ITEM = re.compile(rb"\^XA.*?\^XZ|~HS|~HQES|~JA|! U1 getvar[^\r\n]*", re.DOTALL)


def host_status(formats: int, pad: str = "") -> bytes:
    """The usual three strings of `~HS`, flags padded with blanks where a make does so."""
    first = f"030,{pad}0,{pad}0,1245,{formats:03d},{pad}0,{pad}0,{pad}0,000,{pad}0,{pad}0,{pad}0"
    return f"\x02{first}\x03\r\n\x02001,0,0,0,1,2,6,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n".encode()


class SmallPrinter:
    """Takes labels on a port and brings them out in order, one every `label_seconds`.

    `answer(formats)` is what it sends back to `~HS` after `answer_seconds`, None for nothing; it knows no other question.
    With `closes` it closes the connection after each label.
    """

    def __init__(
        self, answer: Callable[[int], bytes | None], label_seconds: float = 0.1, answer_seconds: float = 0.0,
        closes: bool = False,
    ) -> None:  # fmt: skip
        self._answer, self._label_seconds, self._answer_seconds = answer, label_seconds, answer_seconds
        self._closes = closes
        self.labels: list[str] = []
        self.questions = 0
        """How often any status question came, each of which a printer without ZPL puts on paper."""
        self._waiting: list[str] = []
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        for target in (self._accept, self._print):
            threading.Thread(target=target, daemon=True).start()

    @property
    def uri(self) -> str:
        """Its address for the print server's configuration."""
        return f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> SmallPrinter:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._ended.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _peer = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        received = b""
        with contextlib.suppress(OSError), connection:
            while data := connection.recv(65536):
                received += data
                while match := _ITEM.search(received):
                    received = received[match.end() :]
                    if match.group().startswith(b"^XA"):
                        with self._lock:
                            self._waiting.append(match.group().decode())
                        if self._closes:
                            return
                    else:
                        self._reply(match.group(), connection)

    def _reply(self, question: bytes, connection: socket.socket) -> None:
        self.questions += 1
        if question != b"~HS":
            return
        time.sleep(self._answer_seconds)
        with self._lock:
            formats = len(self._waiting)
        if answer := self._answer(formats):
            connection.sendall(answer)

    def _print(self) -> None:
        while not self._ended.wait(0.005):
            if self._waiting:
                time.sleep(self._label_seconds)
                with self._lock:
                    self.labels.append(self._waiting.pop(0))
