"""`python -m print_server doctor PRINTER` says what a printer is and which settings fit."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from print_server import doctor
from print_server.settings import PrinterConfig
from tests.support.print_server import ROOT, start_virtual_zebra
from tests.support.small_printers import SmallPrinter, host_status


def examined(printer, timeout=0.3):
    diagnosis = doctor.examine(PrinterConfig("Line", printer if isinstance(printer, str) else printer.uri), timeout)
    return diagnosis.outcome, " ".join(diagnosis.sentences), diagnosis.settings


def test_a_zebra_in_order():
    with start_virtual_zebra("Zebra-1", serial_number="52J123456") as zebra:
        zebra.warn(8)
        outcome, words, settings = examined(zebra)
        assert outcome == doctor.GOOD
        for part in ("in order", "with a ribbon", "V72.19.6Z", "52J123456", "odometer is at 0", "media-low-warning"):
            assert part in words
        assert settings == {"host_status": True, "model": "Z230-300dpi"}
        assert zebra.total() == 0


@pytest.mark.parametrize("answers", [True, False])
def test_a_zebra_that_needs_a_hand(answers):
    with start_virtual_zebra("Zebra-1", answers_when_stopped=answers) as zebra:
        zebra.head_open()
        outcome, words, _settings = examined(zebra)
        assert outcome == doctor.NEEDS_A_HAND
        assert "The print head is open" in words


def test_one_without_odometer():
    with start_virtual_zebra("Zebra-1", odometer=False) as zebra:
        outcome, words, settings = examined(zebra)
        assert outcome == doctor.GOOD
        assert "no odometer" in words
        assert settings["odometer"] is False


@pytest.mark.parametrize(
    ("answer", "outcome", "part"),
    [
        (None, doctor.NEEDS_A_HAND, "does not answer status questions"),
        (b"HS\r\n", doctor.GOOD, "not as a Zebra does"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", doctor.NOT_USABLE, "web server"),
    ],
)
def test_other_makes(answer, outcome, part):
    with SmallPrinter(lambda formats: answer) as printer:
        found, words, settings = examined(printer)
        assert found == outcome
        assert part in words
        assert outcome == doctor.NOT_USABLE or settings["host_status"] is False
        # Each is a line on the paper of a printer without ZPL.
        assert printer.questions <= 2


def test_a_slow_one():
    with SmallPrinter(host_status, answer_seconds=0.4) as printer:
        _outcome, words, settings = examined(printer, timeout=1.0)
        assert "That is slow" in words
        assert settings["window"] == 4


def test_nobody_there():
    outcome, words, _settings = examined("tcp://127.0.0.1:9")
    assert outcome == doctor.NOT_USABLE
    assert "listen on port 9100, not 9" in words


def run(*words, **variables):
    return subprocess.run(
        [sys.executable, "-m", "print_server", "doctor", *words],
        cwd=ROOT, env={**os.environ, **variables}, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip


def test_the_command(tmp_path):
    file = tmp_path / "printers.json"
    with start_virtual_zebra("Zebra-1") as zebra:
        file.write_text(json.dumps([{"name": "Line 1", "uri": zebra.uri}]))
        by_name = run("Line 1", PRINT_SERVER_PRINTERS=str(file))
        assert by_name.returncode == 0, by_name.stderr
        entry = by_name.stdout.splitlines()[-1].removeprefix("Entry for printers.json: ")
        assert json.loads(entry)["uri"] == zebra.uri
        PrinterConfig(**json.loads(entry))
        assert run(zebra.uri).returncode == 0
        assert run(f"127.0.0.1:{zebra.port}").returncode == 0
    assert run("tcp://127.0.0.1").returncode == 2
    assert run().returncode == 2
    # Nothing listens on the discard port.
    queue = run("cups://127.0.0.1:9/Warehouse")
    assert queue.returncode == 2
    assert "CUPS" in queue.stdout
