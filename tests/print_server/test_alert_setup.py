"""What a printer is told of its alerts, and settings of them that cannot work."""

from __future__ import annotations

import json

import pytest

from print_server import alert_commands, cli
from print_server.alert_commands import Destination
from print_server.alert_setup import AlertSetup
from print_server.settings import PrinterConfig, SettingsError
from tests.support.small_printers import host_status

PRINTER = "Zebra-1"


class Printer:
    """Answers `~HU` as told, and writes down what else it is sent."""

    def __init__(self):
        self.shown, self.sent = b"", []

    def exchange(self, question, complete):
        if question == alert_commands.QUESTION:
            return self.shown + host_status(0)
        self.sent.append(question)
        return b""


class Met:
    """In place of the data file."""

    def __init__(self, destination=None):
        self.destination = destination

    def alerts_to(self, config):
        return self.destination

    def note_alerts(self, config, to):
        self.destination = to


@pytest.mark.parametrize("alerts", [True, False])
def test_one_that_does_not_let_them_be_ended(alerts):
    printer, met, moment = Printer(), Met(Destination("192.0.2.1", 9000)), [0.0]
    printer.shown = b"A,D,Y,Y,192.0.2.1,9000\r\n"
    config = PrinterConfig(PRINTER, "tcp://192.0.2.7:9100", alerts=alerts)
    setup = AlertSetup(config, met, 60, 9001, clock=lambda: moment[0])
    for _look in range(20):
        if setup.due:
            setup.run(printer.exchange, "192.0.2.2")
        moment[0] += 3
    ends = [format_ for format_ in printer.sent if b",N,N," in format_]
    assert ends == [b"^XA^SXA,D,N,N,192.0.2.1,9000^XZ\r\n"] * 3
    assert len(printer.sent) - len(ends) == (3 if alerts else 0)
    assert met.destination == Destination("192.0.2.2", 9001) if alerts else Destination("192.0.2.1", 9000)


def test_an_address_of_ipv6_cannot_be_told():
    printer = Printer()
    setup = AlertSetup(PrinterConfig(PRINTER, "tcp://[2001:db8::7]:9100", alerts=True), Met(), 60, 9001)
    setup.run(printer.exchange, "2001:db8::1")
    assert not setup.due
    assert printer.sent == []


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"", {}),
        (b"B,C,Y,Y,ADMIN@COMPANY.COM,0\r\nJ,F,Y,Y,,0\r\n", {}),
        (b"\x02A,D,Y,N,192.0.2.1,9102\r\nE,D,N,N,192.0.2.1,9102\r\n\x03", {"A": Destination("192.0.2.1", 9102)}),
        (b"*,D,N,Y,192.0.2.1,9102", {"*": Destination("192.0.2.1", 9102)}),
        (b"A,D,Y,Y,192.0.2.1,999999999\r\n", {}),
        (b"A,D,Y,Y,\xff\xfe^SX,1\r\n", {"A": Destination("��^SX", 1)}),
    ],
)
def test_what_a_printer_says_of_its_alerts(raw, found):
    assert alert_commands.configured(raw) == found
    assert alert_commands.configured(raw + host_status(0)) == found


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--alerts-port", "70000"], "--alerts-port must be from 0 to 65535, and is 70000"),
        (["--alerts-port", "9102", "--alerts-address", "print-server"], "--alerts-address is the IPv4 address"),
        (["--printers", "printers.json"], "Printer Zebra-1 has alerts: give --alerts-port"),
    ],
)
def test_options_that_cannot_work_are_refused_in_words(tmp_path, monkeypatch, options, words):
    monkeypatch.chdir(tmp_path)
    entry = {"name": PRINTER, "uri": "tcp://127.0.0.1:9", "alerts": True}
    (tmp_path / "printers.json").write_text(json.dumps([entry]))
    with pytest.raises(SettingsError, match=words):
        cli.settings_from(["--api-key", "x", *options], {})


def test_a_port_that_is_no_number_is_refused_in_words(capsys):
    with pytest.raises(SystemExit):
        cli.settings_from([], {"PRINT_SERVER_ALERTS_PORT": "many"})
    assert "argument --alerts-port: invalid int value: 'many'" in capsys.readouterr().err


@pytest.mark.parametrize(("uri", "alerts"), [("cups://queue", True), ("tcp://h:1", "yes"), ("tcp://h:1", None)])
def test_entries_that_cannot_work_are_refused_in_words(uri, alerts):
    with pytest.raises(SettingsError, match="alerts"):
        PrinterConfig(PRINTER, uri, alerts=alerts)
