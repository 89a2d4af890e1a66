"""How a print server that calls Odoo starts: its code, token and options, and what the doctor says of its way there."""

from __future__ import annotations

import logging
import pathlib
import socket
import threading

import pytest
from aiohttp import web
from small_odoo import CODE, TOKEN, refused, until

from print_server.cli import main, settings_from
from print_server.odoo_link import options, starting
from print_server.odoo_link.credentials import Credentials
from print_server.odoo_link.options import OdooSettings
from print_server.settings import SettingsError
from tests.support.print_server import DidNotStart, start_print_server

PRINTER = "Zebra-1"
LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Please log in</title></head><body></body></html>"


def html(_document):
    return web.Response(text=LOGIN_PAGE, content_type="text/html")


def test_a_database_is_named_in_each_call_and_by_a_cookie_to_the_websocket(zebra, odoo, tmp_path):
    odoo.cookie = "session_id=of-the-database"
    given = {"data_dir": tmp_path, "odoo": odoo.url, "code": CODE, "odoo_database": "hall"}
    with start_print_server({PRINTER: zebra}, **given):
        until(lambda: odoo.subscribed, "no websocket")
        assert odoo.ask("POST", "/api/test", {"printer": PRINTER})[0] == 200
        until(lambda: odoo.events, "no events")
    assert {each.get("X-Odoo-Database") for each in odoo.headers + odoo.event_headers} == {"hall"}
    assert odoo.handshakes[0]["Cookie"] == odoo.cookie
    assert "X-Odoo-Database" not in odoo.handshakes[0]
    assert sum(document.get("websocket") == "open" for _at, document in odoo.pulls) == 1


# --- at the start ---


def start(small, folder, **given):
    """What a start does before it prints anything; raises SettingsError."""
    values = {"data_dir": folder / "data", "odoo": small.url, **given}
    words = [word for name, value in values.items() for word in (f"--{name.replace('_', '-')}", value)]
    words = [str(word) for word in words if word is not True]
    return starting.enrolled(settings_from(words, {"PRINT_SERVER_API_KEY": "key"})[0])


def test_the_words_are_on_the_terminal(zebra, odoo, tmp_path):
    odoo.enroll_answer = lambda _document: refused(403, "code_unknown", "Odoo does not know this code.")
    with pytest.raises(DidNotStart, match=r"This print server is not enrolled: .* Compare the code") as caught:
        start_print_server({PRINTER: zebra}, data_dir=tmp_path, odoo=odoo.url, code=CODE)
    assert "Traceback" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (403, "code_unknown", "Compare the code with the one that Odoo shows"),
        (403, "code_expired", "one is good for 15 minutes"),
        (403, "code_used", "each is good for one print server"),
        (426, "protocol_unsupported", "update"),
        (429, "too_many", "Odoo cannot answer now (HTTP 429)"),
        (400, "bad_request", "Odoo cannot take what this print server sent"),
    ],
)
def test_a_code_that_is_refused(odoo, tmp_path, status, code, words):
    odoo.enroll_answer = lambda _document: refused(status, code, "update one of them")
    with pytest.raises(SettingsError) as caught:
        start(odoo, tmp_path, code="AAAA-BBBB-CCCC")
    assert "This print server is not enrolled: " in str(caught.value)
    assert words in str(caught.value)
    assert not (tmp_path / "data" / "odoo-token.json").exists()


@pytest.mark.parametrize(
    "answer",
    [{}, {"token": "other"}, {"token": "lpt_"}, {"token": "lpt_a\nb"}, {"token": "lpt_a", "events": {"url": "/x"}},
     {"token": "lpt_a", "events": {"url": "", "secret": "whsec_AAAA"}},
     {"token": "lpt_a", "events": {"url": "/x", "secret": "whsec_?"}}],
)  # fmt: skip
def test_an_enrolment_without_a_token(odoo, tmp_path, answer):
    odoo.enroll_answer = lambda _document: web.json_response(answer)
    with pytest.raises(SettingsError, match="answer to the code has no token in it"):
        start(odoo, tmp_path, code=CODE)


def test_an_enrolment_at_something_else(odoo, tmp_path):
    odoo.enroll_answer = html
    with pytest.raises(SettingsError, match="log-in page"):
        start(odoo, tmp_path, code=CODE)
    odoo.enroll_answer = lambda _document: web.Response(status=404)
    with pytest.raises(SettingsError, match=r"no label_print_monitor that print servers can call \(19.0.2.0.0 or newer\)"):
        start(odoo, tmp_path, code=CODE)
    with pytest.raises(SettingsError, match="cannot be reached"):
        start(odoo, tmp_path, code=CODE, odoo="http://127.0.0.1:9")


def test_a_token_that_cannot_be_kept(odoo, tmp_path):
    with pytest.raises(SettingsError, match="The token cannot be kept"):
        start(odoo, tmp_path, code=CODE, token_file="/proc/none/token")


@pytest.mark.parametrize("text", ["", "lpt_", "token", "[]", "{}", '{"token": 5}', '{"token": "lpt_a", "more": 1}', "\xff"])
def test_a_token_file_that_holds_none(odoo, tmp_path, text):
    (tmp_path / "token").write_bytes(text.encode("latin-1"))
    with pytest.raises(SettingsError, match="holds no token"):
        start(odoo, tmp_path, token_file=tmp_path / "token")


def test_a_token_put_into_the_file_by_hand(zebra, odoo, tmp_path):
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    with start_print_server({PRINTER: zebra}, data_dir=tmp_path, odoo=odoo.url, token_file=tmp_path / "token"):
        assert odoo.ask("GET", "/api/printers")[0] == 200


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "odoo-token.json. Where this print server has been started before, give the same --data-dir again"),
        ({}, "that Connect by Code shows in Odoo"),
        ({"odoo": "odoo.example.com"}, "--odoo is the address of Odoo alone"),
        ({"odoo": "ftp://odoo.example.com"}, "--odoo is the address of Odoo alone"),
        ({"odoo": "https://user:secret@odoo.example.com"}, "--odoo is the address of Odoo alone"),
        ({"odoo": "https://odoo.example.com/odoo/settings"}, "--odoo is the address of Odoo alone"),
        ({"odoo": "https://odoo.example.com:port"}, "--odoo is the address of Odoo alone"),
        ({"odoo": "https://[1"}, "--odoo is the address of Odoo alone"),
        ({"odoo_database": "a\nb"}, "--odoo-database is the name"),
        ({"odoo_ca": "/no/such/file"}, "there is no such file"),
        ({"odoo_ca": __file__}, "holds no certificate"),
        ({"webhook_url": "http://127.0.0.1:9/"}, "take --webhook-url away"),
        ({"odoo": "", "code": CODE}, "--code goes with --odoo"),
        ({"odoo": "", "no_listen": True}, "--no-listen goes with --odoo"),
    ],
)
def test_options_that_cannot_work(odoo, tmp_path, given, words):
    with pytest.raises(SettingsError) as caught:
        start(odoo, tmp_path, **given)
    assert words in str(caught.value)
    assert odoo.enrolled == []


def test_the_token_is_named_by_its_whole_path(odoo, tmp_path, monkeypatch):
    """The command that Odoo shows names no folder: the data directory is then below the one it is run in."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match=f"There is no token in {tmp_path}/data/odoo-token.json"):
        start(odoo, pathlib.Path())


@pytest.mark.parametrize("dash", ["\N{EN DASH}", "\N{EM DASH}", "\N{NON-BREAKING HYPHEN}", "\N{SOFT HYPHEN}-"])
def test_a_command_that_came_through_a_messenger(odoo, tmp_path, dash):
    """Phones and messengers make one dash of two hyphens, and other dashes of hyphens."""
    words = [f"--data-dir={tmp_path / 'data'}", "\N{EM DASH}odoo", odoo.url, "\N{EN DASH}code", CODE.replace("-", dash)]
    settings, _options = settings_from(words, {"PRINT_SERVER_API_KEY": "key"})
    starting.enrolled(settings)
    assert [document["code"] for document in odoo.enrolled] == [CODE]


def test_the_usage_names_the_command_that_was_called(monkeypatch, capsys):
    for called, shown in (("/opt/bin/label-print-server", "label-print-server"), ("print_server/__main__.py", "python -m print_server")):
        monkeypatch.setattr("sys.argv", [called])
        with pytest.raises(SystemExit):
            main(["--no-such-option"])
        assert capsys.readouterr().err.startswith(f"usage: {shown} [")


def test_a_print_server_without_printers_says_so(odoo, tmp_path):
    with start_print_server({}, data_dir=tmp_path, odoo=odoo.url, code=CODE) as server:
        words = "This print server has no printers: name them with --printers, and start it again."
        until(lambda: words in "".join(server.output), "no warning")
        health = odoo.ask("GET", "/api/health")[1]
        assert words in health["warnings"]


def test_a_printers_file_that_is_missing(odoo, tmp_path):
    with pytest.raises(SettingsError, match=r"or a printer: Zebra-1=tcp://192\.0\.2\.10:9100"):
        start(odoo, tmp_path, code=CODE, printers="printers.json")
    assert odoo.enrolled == []


# --- http and https mixed up ---


def test_https_where_odoo_speaks_http(odoo, tmp_path):
    with pytest.raises(SettingsError, match=f"does not speak https. Check the port; .* is at {odoo.url}"):
        start(odoo, tmp_path, code=CODE, odoo=odoo.url.replace("http:", "https:"))


@pytest.mark.parametrize(
    "page",
    ["<center>The plain HTTP request was sent to HTTPS port</center>", "Client sent an HTTP request to an HTTPS server."],
)
def test_http_where_a_proxy_speaks_https(odoo, tmp_path, page):
    odoo.enroll_answer = lambda _document: web.Response(status=400, text=page, content_type="text/html")
    with pytest.raises(SettingsError, match=f"speaks https there: write --odoo {odoo.url.replace('http:', 'https:')}"):
        start(odoo, tmp_path, code=CODE)


def test_http_where_something_breaks_off(tmp_path, odoo):
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def break_off():
            connection = listener.accept()[0]
            connection.recv(100)
            connection.close()

        threading.Thread(target=break_off, daemon=True).start()
        with pytest.raises(SettingsError, match="breaks off; if it speaks https there, write https://"):
            start(odoo, tmp_path, code=CODE, odoo=f"http://127.0.0.1:{listener.getsockname()[1]}")


def test_a_redirect_names_an_address_that_can_be_given(odoo, tmp_path):
    target = {"Location": "https://odoo.example.com/label_print_monitor/enroll"}
    odoo.enroll_answer = lambda _document: web.Response(status=301, headers=target)
    with pytest.raises(SettingsError, match=r"redirects to https://odoo\.example\.com: give --odoo that address"):
        start(odoo, tmp_path, code=CODE)


def test_a_damaged_instance_id(odoo, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "instance-id").write_text("not one")
    with pytest.raises(SettingsError, match="holds no instance id"):
        start(odoo, tmp_path, code=CODE)


def test_plain_http_across_the_internet_is_warned_of(caplog):
    with caplog.at_level(logging.WARNING):
        assert options._origin("http://127.0.0.1:8069/") == "http://127.0.0.1:8069"
        assert options._origin("http://192.168.1.2") == "http://192.168.1.2"
        assert options._origin("https://odoo.example.com") == "https://odoo.example.com"
        assert caplog.text == ""
        options._origin("http://odoo.example.com")
    assert "plain http" in caplog.text


def test_secrets_are_in_no_repr(tmp_path):
    shown = repr(Credentials(TOKEN, "Hall", "/x", "whsec_AAAA", "digest")) + repr(OdooSettings("http://x", tmp_path, CODE))
    assert not any(secret in shown for secret in (TOKEN, "whsec_AAAA", CODE))


# --- the doctor ---


def examined(capsys, *words):
    outcome = main(["doctor", *map(str, words)])
    return outcome, capsys.readouterr().out


def test_the_doctor_finds_the_way_to_odoo_in_order(odoo, tmp_path, capsys):
    words = ("--odoo", odoo.url, "--data-dir", tmp_path)
    outcome, said_now = examined(capsys, *words)
    assert outcome == 1
    assert "It lets a websocket through" in said_now
    assert "start once with the --code" in said_now
    (tmp_path / "odoo-token.json").write_text(TOKEN)
    outcome, said_now = examined(capsys, *words)
    assert (outcome, TOKEN in said_now) == (0, False)
    odoo.websocket = False
    outcome, said_now = examined(capsys, *words)
    assert outcome == 1
    assert "It lets no websocket through (HTTP 403)" in said_now
    assert all("Authorization" not in headers for headers in odoo.headers)


def test_the_doctor_finds_what_is_in_the_way(odoo, tmp_path, capsys):
    words = ("--data-dir", tmp_path, "--odoo")
    assert examined(capsys, *words, "http://127.0.0.1:9") == (
        2, "Odoo at http://127.0.0.1:9\n- Odoo at http://127.0.0.1:9 cannot be reached: nothing accepts connections there.\n",
    )  # fmt: skip
    odoo.pull_answers.append(html)
    assert "log-in page" in examined(capsys, *words, odoo.url)[1]
    odoo.pull_answers.append(lambda _document: web.Response(status=404))
    assert "no label_print_monitor that print servers can call" in examined(capsys, *words, odoo.url)[1]
    assert examined(capsys, *words, "odoo") == (2, "--odoo is the address of Odoo alone, as https://odoo.example.com or http://192.0.2.1:8069.\n")
    (tmp_path / "odoo-token.json").write_text("none")
    assert "holds no token" in examined(capsys, *words, odoo.url)[1]
