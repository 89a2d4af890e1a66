"""The print server as a service of systemd: what it tells it, its unit file, and its installation by pip."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.print_server import ROOT, start_print_server

UNIT = ROOT / "print_server" / "systemd" / "label-print-server.service"


@pytest.fixture
def manager(tmp_path: Path, monkeypatch) -> Iterator[socket.socket]:
    """The socket at which systemd hears of a service."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notify"))
        heard.settimeout(10)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield heard


def test_ready_and_stopping(manager: socket.socket):
    with start_print_server({}) as server:
        assert manager.recv(4096).decode() == f"READY=1\nSTATUS=Listening on {server.url}"
    assert manager.recv(4096).decode().startswith("STOPPING=1\n")


def test_an_abstract_socket(monkeypatch):
    name = f"label-print-server-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind("\0" + name)
        heard.settimeout(10)
        monkeypatch.setenv("NOTIFY_SOCKET", "@" + name)
        with start_print_server({}):
            assert heard.recv(4096).startswith(b"READY=1")


def test_the_watchdog_hears_of_it_twice_in_its_time(manager: socket.socket, monkeypatch):
    monkeypatch.setenv("WATCHDOG_USEC", "400000")
    with start_print_server({}):
        assert manager.recv(4096).startswith(b"READY=1")
        begun = time.monotonic()
        assert [manager.recv(4096) for _time in range(5)] == [b"WATCHDOG=1"] * 5
        assert 0.8 < time.monotonic() - begun < 5


@pytest.mark.parametrize("usec, pid", [("400000", "1"), ("soon", ""), ("-5", ""), ("400000", "me")])
def test_a_watchdog_that_is_not_ours(manager: socket.socket, monkeypatch, usec: str, pid: str):
    monkeypatch.setenv("WATCHDOG_USEC", usec)
    monkeypatch.setenv("WATCHDOG_PID", pid)
    with start_print_server({}):
        assert manager.recv(4096).startswith(b"READY=1")
        manager.settimeout(0.6)
        with pytest.raises(TimeoutError):
            manager.recv(4096)


def test_a_service_manager_that_has_gone(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    with start_print_server({}) as server:
        assert server.call("GET", "/api/printers")[0] == 200


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """A folder in which `pip install` of the print server's folder has put it; what it needs is there already."""
    folder = tmp_path_factory.mktemp("pip")
    # pip builds in the folder that it is given.
    shutil.copytree(ROOT / "print_server", folder / "print_server", ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*command, "--target", folder / "installed", folder / "print_server"], check=True, timeout=300)
    return folder / "installed"


def run_installed(installed: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONPATH": str(installed)}
    return subprocess.run(
        [*command], cwd=installed, env=environ, capture_output=True, text=True, timeout=60, check=False
    )


def test_pip_installs_a_command(installed: Path):
    command = str(installed / "bin" / "label-print-server")
    answer = run_installed(installed, command, "--help")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "--tls-cert" in answer.stdout
    answer = run_installed(installed, command, "--data-dir", str(installed / "data"))
    assert (answer.returncode, "Give an API key" in answer.stderr) == (2, True)
    answer = run_installed(installed, str(installed / "bin" / "virtual-zebra"), "--help")
    assert answer.returncode == 0


def test_what_is_installed_is_all_of_it(installed: Path):
    """Each file of the folder, and what it needs by its name and version."""
    ours = {path.relative_to(ROOT / "print_server") for path in (ROOT / "print_server").rglob("*.py")}
    assert {path.relative_to(installed / "print_server") for path in (installed / "print_server").rglob("*.py")} == ours
    assert (installed / "print_server" / "systemd" / UNIT.name).read_text() == UNIT.read_text()
    (metadata,) = installed.glob("label_print_server-*.dist-info/METADATA")
    needed = {
        re.sub(r"\s", "", line.partition(":")[2])
        for line in metadata.read_text().splitlines()
        if line.startswith("Requires-Dist") and "extra" not in line
    }
    stated = (ROOT / "print_server" / "requirements.txt").read_text().splitlines()
    assert needed == {line for line in stated if line and not line.startswith("#")}


@pytest.fixture
def unit(tmp_path: Path, installed: Path) -> Path:
    """The unit file as a machine has it on which the command is installed."""
    command = installed / "bin" / "label-print-server"
    text = UNIT.read_text()
    assert "/opt/label-print-server/bin/label-print-server" in text
    unit = tmp_path / UNIT.name
    unit.write_text(text.replace("/opt/label-print-server/bin/label-print-server", str(command)))
    return unit


def test_systemd_understands_the_unit(unit: Path):
    answer = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", unit],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")


def test_a_mistake_in_the_unit_would_be_found(unit: Path):
    unit.write_text(unit.read_text().replace("ProtectClock=yes", "ProtectClok=yes"))
    answer = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, timeout=60, check=False
    )
    assert "ProtectClok" in answer.stderr


def test_the_unit_gives_the_process_little(unit: Path):
    """`systemd-analyze security` counts from 0, safe, to 10, unsafe."""
    answer = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--threshold=20", unit],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_the_unit_gives_labels_under_way_their_time():
    text = UNIT.read_text()
    (seconds,) = re.findall(r"TimeoutStopSec=(\d+)", text)
    from print_server.settings import Settings

    assert int(seconds) >= Settings.stop_seconds + 5
    assert re.search(r"ExecReload=.* -HUP ", text)
