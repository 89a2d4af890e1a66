"""Faults of real sockets: time-outs, slow answers, resets, huge bodies, redirects, untrusted certificates."""

import datetime
import ipaddress
import logging
import socket
import ssl
import struct
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from services.transport.bounded_transport import _DeadlineReader
from services.transport.print_server_client import (
    BadAnswer,
    Connection,
    OtherProgram,
    PrintServerClient,
    ServerError,
    Unreachable,
)

from conftest import Loopback, http_answer

KEY = "s3cret-k3y"
HEALTH = http_answer(b'{"status": "ok"}')


def client_of(loopback, timeout=0.5, **kwargs):
    return PrintServerClient(Connection(loopback.url, KEY, timeout=timeout, **kwargs))


def reset(connection):
    """Close with RST, as a crashed process or a firewall does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return b""


def trickle(loopback, connection, data, pause=0.05):
    for position in range(len(data)):
        if loopback.done.wait(pause):
            break
        connection.sendall(data[position : position + 1])
    return b""


def test_the_connection_is_kept(loopback):
    loopback.answer = lambda request, connection: HEALTH
    with client_of(loopback) as client:
        for _turn in range(5):
            client.health()
    assert loopback.connections == 1
    assert loopback.requests[0].startswith(b"GET /api/health HTTP/1.1\r\n")
    assert f"Authorization: Bearer {KEY}".encode() in loopback.requests[0]


def test_server_down():
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with (
        PrintServerClient(Connection(f"http://127.0.0.1:{port}", KEY)) as client,
        pytest.raises(Unreachable, match=f"nothing answers at 127.0.0.1:{port}") as caught,
    ):
        client.submit({})
    assert (caught.value.code, caught.value.connected) == ("server_unavailable", False)
    assert not caught.value.maybe_delivered, "nothing was sent"
    assert caught.value.retryable


def test_a_name_that_is_not_known():
    with (
        PrintServerClient(Connection("http://print.invalid", KEY)) as client,
        pytest.raises(Unreachable, match=r"name print\.invalid is not known"),
    ):
        client.health()


def test_server_hanging(loopback):
    loopback.answer = lambda request, connection: loopback.done.wait(10) and b""
    started = time.monotonic()
    with client_of(loopback) as client, pytest.raises(Unreachable, match=r"within 0\.5 s\.") as caught:
        client.submit({})
    assert time.monotonic() - started < 3.0
    assert (caught.value.code, caught.value.connected, caught.value.maybe_delivered) == ("network_timeout", True, True)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(http_answer(b" " * 1000), id="body"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 1000, id="header"),
        pytest.param(b"H" * 1000, id="status-line"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 200, id="chunks"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" * 100, id="continue"),
        pytest.param(http_answer(b" " * 1000, "302 Found", Location="/x"), id="redirect"),
        pytest.param(http_answer(b" " * 1000, "500 Oops"), id="error"),
    ],
)
def test_slow_trickle(loopback, data):
    loopback.answer = lambda request, connection: trickle(loopback, connection, data)
    started = time.monotonic()
    with client_of(loopback, timeout=0.3) as client, pytest.raises((Unreachable, BadAnswer)):
        client.health()
    assert time.monotonic() - started < 3.0, "the whole answer would take a minute"


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\n", http_answer(b'{"status": "ok"}')[:-5]])
def test_reset_in_mid_answer(loopback, begun):
    def answer(request, connection):
        connection.sendall(begun)
        return reset(connection)

    loopback.answer = answer
    with client_of(loopback) as client:
        with pytest.raises(Unreachable, match="broke off") as caught:
            client.submit({})
        assert caught.value.maybe_delivered
        assert len(loopback.requests) == 1, "a submission is never repeated by itself"
        with pytest.raises(Unreachable, match="broke off"):
            client.health()
        assert len(loopback.requests) == 3, "a question is repeated once"


@pytest.mark.parametrize("body", [b'{"status": "ok"}', b""])
def test_closed_in_mid_body(loopback, body):
    def answer(request, connection):
        connection.sendall(http_answer(body).replace(b"Content-Length: ", b"Content-Length: 9"))
        return b""

    loopback.answer = answer
    with client_of(loopback) as client, pytest.raises(Unreachable, match="broke off"):
        client.health()


def test_a_kept_connection_that_the_server_closed_is_no_fault(loopback):
    def answer(request, connection):
        return HEALTH if len(loopback.requests) != 2 else reset(connection)

    loopback.answer = answer
    with client_of(loopback) as client:
        client.health()
        client.health()
    assert len(loopback.requests) == 3


@pytest.mark.parametrize("announced", [True, False])
def test_100_mb_body(loopback, announced):
    sent = 0

    def answer(request, connection):
        nonlocal sent
        head = b"HTTP/1.1 200 OK\r\n" + (b"Content-Length: 104857600\r\n\r\n" if announced else b"\r\n")
        connection.sendall(head)
        while sent < 104_857_600:
            sent += connection.send(b" " * 65536)
        return b""

    loopback.answer = answer
    with client_of(loopback, timeout=5.0) as client, pytest.raises(BadAnswer, match="too large"):
        client.health()
    assert sent < 30_000_000


def test_the_body_of_a_redirect_is_not_read(loopback):
    sent = 0

    def answer(request, connection):
        nonlocal sent
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 104857600\r\n\r\n")
        while sent < 104_857_600:
            sent += connection.send(b" " * 65536)
        return b""

    loopback.answer = answer
    with client_of(loopback, timeout=5.0) as client, pytest.raises(BadAnswer, match="leads to another address"):
        client.health()
    assert sent < 30_000_000


def test_an_answer_begun_late_has_only_what_is_left(loopback):
    def answer(request, connection):
        if not loopback.done.wait(0.8):
            connection.sendall(HEALTH[:20])
            loopback.done.wait(10)
        return b""

    loopback.answer = answer
    started = time.monotonic()
    with client_of(loopback, timeout=1.0) as client, pytest.raises(Unreachable, match="within"):
        client.health()
    assert time.monotonic() - started < 1.7, "not a whole time limit more"


def test_a_connection_goes_back_with_its_usual_time_limit():
    """Older versions of urllib3 do not set it again before the next request is sent."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(30)
        theirs.sendall(b"x")
        reader = _DeadlineReader(ours, time.monotonic() + 0.2)
        assert reader.read(1) == b"x"
        assert ours.gettimeout() < 1
        with pytest.raises(TimeoutError):
            reader.read(1)
        reader.close()
        assert ours.gettimeout() == 30


def test_headers_without_end(loopback):
    loopback.answer = lambda request, connection: (
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(500))
    )
    with client_of(loopback) as client, pytest.raises(Unreachable):
        client.health()


@pytest.mark.parametrize(
    "raw",
    [b"SSH-2.0-OpenSSH_9\r\n\r\n", b"\x00\x01\x02\x03\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 700 ?\r\n\r\n"],
)
def test_not_http(loopback, raw):
    loopback.answer = lambda request, connection: connection.sendall(raw) or b""
    with client_of(loopback) as client, pytest.raises((Unreachable, BadAnswer)):
        client.health()


def test_redirect_to_another_host_takes_no_key_along(loopback):
    other = Loopback()
    try:
        target = other.url.replace("127.0.0.1", "localhost") + "/api/health"
        loopback.answer = lambda request, connection: http_answer(b"{}", "307 Temporary Redirect", Location=target)
        with client_of(loopback) as client, pytest.raises(BadAnswer, match="not sent on"):
            client.submit({})
        assert other.requests == []
        assert len(loopback.requests) == 1
    finally:
        other.close()


@pytest.mark.parametrize(
    ("status", "kind"), [("502 Bad Gateway", ServerError), ("404 Not Found", OtherProgram), ("200 OK", BadAnswer)]
)
def test_a_proxys_page(loopback, status, kind):
    page = http_answer(b"<html><h1>nginx</h1></html>", status, "text/html")
    loopback.answer = lambda request, connection: page
    with client_of(loopback) as client, pytest.raises(kind) as caught:
        client.printers()
    assert "nginx" not in caught.value.message
    assert status[:3] in caught.value.message


def test_the_key_is_in_no_log_of_the_libraries(loopback, caplog):
    caplog.set_level(logging.DEBUG)
    answers = iter([HEALTH, b"HTTP/1.1 200 OK\r\n: odd header\r\nContent-Length: 2\r\n\r\n{}", b"", b"", b""])
    loopback.answer = lambda request, connection: next(answers)
    with client_of(loopback, timeout=5) as client:  # answers come at once, if the machine does
        client.health()
        for _turn in range(2):
            with pytest.raises((Unreachable, BadAnswer)):
                client.health()
    assert {record.name.split(".")[0] for record in caplog.records} >= {"urllib3", "services"}
    assert KEY not in caplog.text


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-signed certificate for 127.0.0.1, as print servers on a LAN have them."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "print")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder


@pytest.fixture
def tls_loopback(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    server = Loopback(context)
    yield server
    server.close()


def test_tls_failure_and_the_ca_bundle_that_mends_it(tls_loopback, certificate):
    tls_loopback.answer = lambda request, connection: HEALTH
    with client_of(tls_loopback, timeout=3.0) as client:
        with pytest.raises(Unreachable, match=r"cannot be trusted: self.signed certificate") as caught:
            client.submit({})
        assert (caught.value.code, caught.value.maybe_delivered) == ("tls_failure", False)
    assert tls_loopback.requests == [], "the key was not shown to a server that may be another"
    with client_of(tls_loopback, timeout=3.0, ca_bundle=str(certificate / "cert.pem")) as client:
        assert client.health().status == "ok"


def test_tls_trickle_and_drop(tls_loopback, certificate):
    bundle = str(certificate / "cert.pem")
    tls_loopback.answer = lambda request, connection: trickle(tls_loopback, connection, HEALTH)
    started = time.monotonic()
    with client_of(tls_loopback, ca_bundle=bundle) as client, pytest.raises(Unreachable, match="within"):
        client.health()
    assert time.monotonic() - started < 3.0
    tls_loopback.answer = lambda request, connection: connection.sendall(HEALTH[:-4]) or b""
    with client_of(tls_loopback, ca_bundle=bundle) as client, pytest.raises(Unreachable, match="broke off"):
        client.health()


def test_plain_http_behind_an_https_address(loopback):
    loopback._read = lambda stream: stream.read1(100)
    loopback.answer = lambda request, connection: b"HTTP/1.1 400 Bad Request\r\n\r\n"
    with (
        PrintServerClient(Connection(loopback.url.replace("http:", "https:"), KEY, timeout=1.0)) as client,
        pytest.raises(Unreachable) as caught,
    ):
        client.health()
    assert caught.value.code == "other_program"
    assert caught.value.message.endswith("but not by https.")
