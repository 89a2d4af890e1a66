"""Whatever else answers at the address that somebody entered is told apart from a print server, in words that help."""

import socket

import pytest
from services.transport.print_server_client import Connection, OtherProgram, PrintServerClient, Refused, Unreachable
from services.wording.error_catalogue import advice

from conftest import http_answer

PAGE = b"<!doctype html><html><title>Not what you look for</title></html>"
HEALTH = http_answer(b'{"status": "UP"}')


def html(status, **headers):
    return http_answer(PAGE, status, "text/html", **headers)


def client_of(loopback, key="key"):
    return PrintServerClient(Connection(loopback.url, key, timeout=0.5))


OTHERS = {
    "web site": (html(404), "does not know a print server's addresses (404)"),
    "other API": (http_answer(b'{"error": "Not found"}', 404), "does not know a print server's addresses (404)"),
    "no GET": (http_answer(b"", 405), "does not know a print server's addresses (405)"),
    "one page for all": (html(200), "sends a web page (200)"),
    "text": (http_answer(b"pong", content_type="text/plain"), "its answer is that of another program (200)"),
    "list": (http_answer(b"[1, 2]"), "its answer is that of another program (200)"),
    "object": (http_answer(b'{"jsonrpc": "2.0"}'), "its answer is that of another program (200)"),
    "login page": (http_answer(b"", 303, Location="/web/login"), "leads to another address (303)"),
    "router": (html(401, WWW_Authenticate="Basic"), "asks for a login by a web page (401)"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_another_program(loopback, name):
    answer, words = OTHERS[name]
    loopback.answer = lambda request, connection: answer
    with client_of(loopback) as client, pytest.raises(OtherProgram) as caught:
        client.health()
    assert words in caught.value.message
    assert caught.value.message.startswith(f"Something answers at {loopback.url.removeprefix('http://')}, but it is no ")
    assert "port" in advice(caught.value.code).action_for(True)


def test_a_health_of_its_own_and_no_printers(loopback):
    loopback.answer = lambda request, connection: HEALTH if b"/api/health" in request else html(404)
    with client_of(loopback) as client:
        client.health()
        with pytest.raises(OtherProgram):
            client.printers()


@pytest.mark.parametrize(
    ("key", "words"), [("key", "refused the API key (401)"), ("", "asks for an API key (401), and none")]
)
def test_a_print_server_that_wants_a_key(loopback, key, words):
    loopback.answer = lambda request, connection: http_answer(b'{"error": "Unauthorized"}', 401)
    with client_of(loopback, key) as client, pytest.raises(Refused, match=r"API key") as caught:
        client.health()
    assert words in caught.value.message


def test_a_port_that_speaks_no_http():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        connection = Connection(f"http://127.0.0.1:{port}", "key", timeout=0.3)
        with PrintServerClient(connection) as client, pytest.raises(Unreachable):
            client.health()
