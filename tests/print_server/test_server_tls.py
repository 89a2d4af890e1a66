"""The print server with a certificate of its own: the same contract by https, and words for what is wrong."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import ssl
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.support.certificates import write_certificate
from tests.support.print_server import DidNotStart, PrintServer, VirtualZebra, start_print_server, start_virtual_zebra

PRINTER = "Zebra-1"


@pytest.fixture(scope="module")
def zebra() -> Iterator[VirtualZebra]:
    with start_virtual_zebra(PRINTER, labels_per_second=100) as zebra:
        yield zebra


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return write_certificate(tmp_path)


@pytest.fixture
def server(zebra: VirtualZebra, files: tuple[Path, Path]) -> Iterator[PrintServer]:
    with start_print_server({PRINTER: zebra}, tls_cert=files[0], tls_key=files[1]) as server:
        yield server


@pytest.fixture
def session(server: PrintServer, files: tuple[Path, Path]) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(files[0])
        session.headers.update(server.headers)
        yield session


def served(server: PrintServer) -> str:
    """The certificate that a new connection gets."""
    return ssl.get_server_certificate(("127.0.0.1", server.port), timeout=5)


def until(condition) -> None:
    ends = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.05)


def test_labels_are_printed_by_https(server: PrintServer, session: requests.Session, zebra: VirtualZebra):
    assert server.url.startswith("https://")
    zebra.forget()
    labels = [{"zpl_code": f"^XA^FO40,40^FDBox {number}^FS^XZ"} for number in range(1, 6)]
    body = {"printer": PRINTER, "quantity": 5, "labels": labels}
    answer = session.post(f"{server.url}/api/print", json=body, timeout=10)
    assert (answer.status_code, answer.headers["Server"]) == (201, "print-server")
    job = answer.json()["job_id"]
    until(lambda: session.get(f"{server.url}/api/status/{job}", timeout=10).json()["status"] == "completed")
    assert zebra.labels() == [label["zpl_code"] for label in labels]


def test_errors_are_those_of_http(server: PrintServer, session: requests.Session, files: tuple[Path, Path]):
    cases = {
        ("GET", "/api/status/unknown"): 404,
        ("PUT", "/api/print"): 405,
        ("GET", "/"): 404,
    }
    for (method, path), status in cases.items():
        answer = session.request(method, server.url + path, timeout=10)
        assert (answer.status_code, "message" in answer.json()) == (status, True), path
    assert requests.get(f"{server.url}/api/printers", verify=files[0], timeout=10).status_code == 401
    answer = session.post(f"{server.url}/api/print", data=b"x" * (17 * 1024 * 1024), timeout=30)
    assert answer.status_code == 413


def test_a_connection_is_kept(server: PrintServer, session: requests.Session):
    """And many at once are answered."""

    def ask(_number: int) -> int:
        return session.get(f"{server.url}/api/printers", timeout=10).status_code

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(ask, range(200))) == {200}


def test_silent_clients_keep_nobody_out(server: PrintServer, session: requests.Session):
    """Twenty that send nothing, and four that send a byte and no more: there are eight threads."""
    silent = [socket.create_connection(("127.0.0.1", server.port)) for _client in range(24)]
    try:
        for client in silent[:4]:
            client.sendall(b"\x16")
        time.sleep(0.3)
        begun = time.monotonic()
        for _time in range(5):
            assert session.get(f"{server.url}/api/printers", timeout=10).status_code == 200
        assert time.monotonic() - begun < 5
    finally:
        for client in silent:
            client.close()


@pytest.mark.slow
def test_slow_clients_keep_nobody_out_for_long(server: PrintServer, session: requests.Session):
    """As many as there are threads, each of which sends a byte a second: of a handshake, or of a request."""
    context = ssl.create_default_context(cafile=session.verify)
    slow = [socket.create_connection(("127.0.0.1", server.port)) for _client in range(4)]
    slow += [
        context.wrap_socket(socket.create_connection(("127.0.0.1", server.port)), server_hostname="localhost")
        for _client in range(4)
    ]
    drips = [b"\x16\x03\x01\x02\x00" + bytes(40)] * 4 + [b"GET /api/printers HTTP/1.1\r\nX-Long: " + b"x" * 40] * 4
    begun = time.monotonic()
    try:
        for number in range(40):
            for client, drip in zip(slow, drips, strict=True):
                with contextlib.suppress(OSError):
                    client.sendall(drip[number : number + 1])
            with contextlib.suppress(requests.Timeout):
                assert session.get(f"{server.url}/api/printers", timeout=1).status_code == 200
                if number:
                    break
        assert 5 < time.monotonic() - begun < 30
    finally:
        for client in slow:
            client.close()


def test_plain_http_is_answered_in_words(server: PrintServer, session: requests.Session):
    answer = requests.get(server.url.replace("https:", "http:") + "/api/health", timeout=10)
    assert answer.status_code == 400
    assert answer.json()["message"] == "This print server speaks https only: write https:// in its address."
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(os.urandom(400))
        client.settimeout(10)
        try:
            while client.recv(4096):
                pass
        except ConnectionResetError:
            pass
    assert session.get(f"{server.url}/api/printers", timeout=10).status_code == 200
    assert "Traceback" not in "".join(server.output)


def test_old_versions_of_tls_are_refused(server: PrintServer):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_connection(("127.0.0.1", server.port)) as client, pytest.raises(ssl.SSLError):
        context.wrap_socket(client)


def test_a_renewed_certificate_is_read_on_sighup(server: PrintServer, session, files: tuple[Path, Path], tmp_path: Path):
    before = served(server)
    assert session.get(f"{server.url}/api/printers", timeout=10).status_code == 200
    new = write_certificate(tmp_path, "new")
    for renewed, old in zip(new, files, strict=True):
        shutil.copyfile(renewed, old)
    os.kill(server.pid, signal.SIGHUP)
    until(lambda: served(server) != before)
    assert served(server) == files[0].read_text()
    # The connection from before goes on.
    assert session.get(f"{server.url}/api/printers", timeout=10).status_code == 200


def test_what_cannot_be_used_on_sighup_changes_nothing(server: PrintServer, files: tuple[Path, Path]):
    before = served(server)
    files[0].write_text("no certificate")
    os.kill(server.pid, signal.SIGHUP)
    until(lambda: any("stays in use" in line for line in server.output))
    assert "both have to be PEM files" in "".join(server.output)
    assert served(server) == before


def test_sighup_without_a_certificate_ends_nothing(zebra: VirtualZebra):
    with start_print_server({PRINTER: zebra}) as server:
        os.kill(server.pid, signal.SIGHUP)
        until(lambda: any("no certificate" in line for line in server.output))
        assert server.call("GET", "/api/printers")[0] == 200


def test_it_ends_in_order(server: PrintServer, session: requests.Session):
    session.get(f"{server.url}/api/printers", timeout=10)
    begun = time.monotonic()
    server.stop()
    assert time.monotonic() - begun < 5
    assert server._child.returncode == 0
    assert "Traceback" not in "".join(server.output)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda chain, key: {"tls_cert": chain}, "TLS needs both"),
        (lambda chain, key: {"tls_key": key}, "TLS needs both"),
        (lambda chain, key: {"tls_cert": chain, "tls_key": key.with_name("gone")}, "No such file"),
        (lambda chain, key: {"tls_cert": chain.parent, "tls_key": key}, "Is a directory"),
        (lambda chain, key: {"tls_cert": key, "tls_key": key}, "both have to be PEM files"),
        (lambda chain, key: {"tls_cert": chain, "tls_key": chain}, "both have to be PEM files"),
        (lambda chain, key: {"tls_cert": chain, "tls_key": write_certificate(chain.parent, "other")[1]}, "is not that of"),
        (lambda chain, key: {"tls_cert": chain, "tls_key": write_certificate(chain.parent, "locked", b"secret")[1]}, "has a password"),
    ],
    ids=["no key", "no certificate", "gone", "a folder", "no certificate in it", "no key in it", "another key", "a password"],
)
def test_at_start_it_says_what_is_wrong(files: tuple[Path, Path], change, words: str):
    with pytest.raises(DidNotStart) as caught:
        start_print_server({}, **change(*files))
    assert words in str(caught.value)
    assert "Traceback" not in str(caught.value)
