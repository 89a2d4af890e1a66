"""The addon's folder goes on the path, so that `services` is imported without Odoo; and a server that misbehaves."""

import importlib.util
import os
import socket
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

ADDON = Path(__file__).resolve().parents[2] / "label_print_monitor"
if str(ADDON) not in sys.path:
    sys.path.append(str(ADDON))  # last: its `models` and `tests` must not hide anybody else's

# A busy machine is no fault of the code's.
settings.register_profile("unit", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", deadline=None, max_examples=5_000)  # HYPOTHESIS_PROFILE=thorough
# For `make mutation`: the same few examples each time, and no search for the smallest one that fails.
settings.register_profile(
    "mutation", deadline=None, max_examples=15, derandomize=True, database=None, report_multiple_bugs=False,
    phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
)  # fmt: skip
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "unit"))


class Loopback:
    """A server on the loopback interface that answers each request with whatever `answer(request, connection)` gives.

    `answer` returns the raw bytes of the response, or None when it has sent what it wanted itself. After each answer
    the connection is kept; an answer of b'' closes it. `requests` holds what came in, head and body.
    """

    def __init__(self, tls=None):
        self.answer = lambda request, connection: http_answer(b"{}")
        self.requests = []
        self.connections = 0
        self.done = threading.Event()  # set at the end: an answer that waits, waits for this
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection, connection.makefile("rb") as stream:
                while request := self._read(stream):
                    self.requests.append(request)
                    raw = self.answer(request, connection)
                    if raw == b"":
                        return
                    if raw:
                        connection.sendall(raw)
        except OSError:
            return

    @staticmethod
    def _read(stream):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = stream.readline()
            if not line:
                return b""
            head += line
        length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"), 0)
        return head + stream.read(length)

    def close(self):
        self.done.set()
        self._listener.close()


def http_answer(body, status="200 OK", content_type="application/json", **headers):
    """The raw bytes of a response. Header names are given with underscores for hyphens."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


@pytest.fixture
def loopback():
    server = Loopback()
    yield server
    server.close()


@pytest.fixture(scope="session")
def read_label():
    """What a printer makes of a label; the addon's own tests read labels with it, too."""
    spec = importlib.util.spec_from_file_location("zpl_reader", ADDON / "tests" / "zpl_reader.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.read_label
