"""A proxy of the environment (HTTPS_PROXY, NO_PROXY) on the way to Odoo: for calls and for the websocket alike."""

from __future__ import annotations

import base64
import contextlib
import socket
import threading

import pytest
from small_odoo import SmallOdoo, certificate

from print_server.odoo_link import notices
from print_server.odoo_link.failures import LinkFailure, Refused
from print_server.odoo_link.odoo_http import OdooHttp
from print_server.odoo_link.options import OdooSettings
from print_server.odoo_link.protocol import PATH, Websocket

PASSWORD = "p@ss"


class ConnectProxy:
    """Lets connections through (CONNECT) for whoever has the password, and keeps where they went."""

    def __init__(self, password: str | None = None) -> None:
        self.asked: list[str] = []
        self._wanted = password and "Basic " + base64.b64encode(f"user:{password}".encode()).decode()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._let_through, args=(self._listener.accept()[0],), daemon=True).start()

    def _let_through(self, client: socket.socket) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            if not (data := client.recv(1)):
                return
            head += data
        lines = head.decode("latin-1").split("\r\n")
        method, target, _version = lines[0].split()
        self.asked.append(f"{method} {target}")
        given = next((line.partition(": ")[2] for line in lines if line.lower().startswith("proxy-authorization:")), None)
        if self._wanted and given != self._wanted:
            client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            client.close()
            return
        host, _colon, port = target.rpartition(":")
        server = socket.create_connection((host, int(port)))
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        threading.Thread(target=self._pass_on, args=(server, client), daemon=True).start()
        self._pass_on(client, server)

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


@pytest.fixture
def proxy(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    proxy = ConnectProxy(PASSWORD)
    yield proxy
    proxy.close()


@pytest.fixture
def odoo(tmp_path):
    trusted, context = certificate(tmp_path)
    odoo = SmallOdoo(trust=context).start()
    yield odoo, OdooSettings(odoo.url, tmp_path / "token", ca=str(trusted))
    odoo.stop()


def ask(settings):
    """A call and a websocket, which Odoo answers where both come through."""
    with contextlib.closing(OdooHttp(settings)) as http, contextlib.suppress(Refused):
        http.post(PATH, {"protocol": 1, "instance": "some-instance", "answers": []})
    line = notices.connect(settings, Websocket("/websocket", "", ""))
    line.shutdown()


def test_calls_and_websocket_go_through_the_proxy(proxy, odoo, monkeypatch):
    small, settings = odoo
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:p%40ss@{proxy.address}")
    ask(settings)
    assert proxy.asked == [f"CONNECT 127.0.0.1:{small.port}"] * 2
    assert len(small.handshakes) == 1


@pytest.mark.parametrize("names", ["127.0.0.1", "127.0.0.0/8", "*"])
def test_no_proxy_holds_for_both(proxy, odoo, monkeypatch, names):
    small, settings = odoo
    monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
    monkeypatch.setenv("NO_PROXY", names)
    ask(settings)
    assert proxy.asked == []
    assert len(small.handshakes) == 1


def test_a_proxy_for_http_is_not_used(proxy, odoo, monkeypatch):
    """It would read the token."""
    _small, settings = odoo
    monkeypatch.setenv("HTTP_PROXY", f"http://user:p%40ss@{proxy.address}")
    ask(settings)
    assert proxy.asked == []


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://user:wrong@{address}", r"the proxy of the environment \(HTTPS_PROXY\) does not let this server through"),
        ("socks5h://{address}", r"the proxy of the environment \(HTTPS_PROXY\) is none that can be used: .* http://"),
    ],
)
def test_a_proxy_that_is_in_the_way(proxy, odoo, monkeypatch, address, words):
    _small, settings = odoo
    monkeypatch.setenv("HTTPS_PROXY", address.format(address=proxy.address))
    with contextlib.closing(OdooHttp(settings)) as http, pytest.raises(LinkFailure, match=words):
        http.post(PATH, {"protocol": 1})
