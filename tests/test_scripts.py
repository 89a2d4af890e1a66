"""The scripts: no process is left running, a lock ends with its process, the summary line counts right."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from scripts import lint, places, run, system_packages
from scripts import test as test_command
from scripts.console import Failure, exit_code_of
from scripts.locks import FileLock
from scripts.processes import Service, free_port, is_free
from scripts.product import Product
from tests.support.print_server import start_print_server


def has_ended(pid: int) -> bool:
    """Whether a process has ended; a zombie counts as ended."""
    for _ in range(100):
        try:
            if Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize(
    ("outcomes", "seconds", "words"),
    [
        ({"passed": 412}, 345.12, " 412 passed in 345.12s (0:05:45) "),
        ({"passed": 3, "skipped": 1}, 2, " 3 passed, 1 skipped in 2.00s "),
        ({"failed": 1, "passed": 2, "errors": 1}, 2, " 1 failed, 2 passed, 1 error in 2.00s "),
        ({"errors": 2}, 2, " 2 errors in 2.00s "),
        ({}, 0.5, " no tests ran in 0.50s "),
    ],
)
def test_the_summary_line_is_formatted_as_pytests(outcomes, seconds, words):
    line = test_command.closing_line(Counter(outcomes), seconds)
    assert re.fullmatch(r"=+" + re.escape(words) + r"=+", line)


def test_a_run_without_a_report_is_an_error(tmp_path):
    assert test_command._counted(test_command._outcomes(tmp_path / "missing.xml"), code=3) == Counter(errors=1)


def test_tests_that_run_beside_others_are_counted_and_shown(tmp_path, capfd, monkeypatch):
    monkeypatch.delenv("ARGS", raising=False)
    file = tmp_path / "test_two.py"
    file.write_text("def test_right():\n    pass\n\n\ndef test_wrong():\n    assert 'one' == 'two'\n")
    with test_command._beside("beside", [str(file)], "-p", "no:odoo") as outcomes:
        assert outcomes() == Counter(passed=1, failed=1, skipped=0, errors=0)
    assert "assert 'one' == 'two'" in capfd.readouterr().out


SAMPLE = """
import os, pytest

@pytest.mark.alone
def test_alone():
    assert "PYTEST_XDIST_WORKER" not in os.environ

@pytest.mark.parametrize("number", range(3))
def test_together(number):
    assert "PYTEST_XDIST_WORKER" in os.environ

@pytest.mark.skipif(True, reason="no reason in the list")
def test_skipped():
    pass

def test_killed():
    os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize(
    ("chosen", "outcomes"),
    [
        ("alone or together", {"passed": 4}),
        ("alone", {"passed": 1}),
        ("skipped or killed", {"errors": 2}),
        ("nothing", {"errors": 1}),
    ],
)
def test_what_several_processes_share_is_counted_as_of_one(tmp_path, monkeypatch, chosen, outcomes):
    (tmp_path / "test_sample.py").write_text(SAMPLE, encoding="utf-8")
    monkeypatch.setenv("ARGS", f"-k '{chosen}'")
    plugins = [f"--confcutdir={places.CHECKOUT}", "-p", "tests.support.skip_rule", "-p", "tests.support.alone"]
    total = test_command._sum(test_command._shared("sample", 1, [str(tmp_path)], *plugins, "-p", "no:odoo"))
    assert +total == Counter(outcomes)


def test_a_service_ends_with_its_children(tmp_path):
    script = "import subprocess, sys, time; print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"
    log = tmp_path / "log"
    service = Service("sample", [sys.executable, "-c", script], log, lambda: log.read_bytes().endswith(b"\n"))
    service.start()
    pids = [service.pid, int(log.read_text())]
    service.stop()
    assert all(has_ended(pid) for pid in pids)
    assert not service.running()


def test_a_service_ends_when_its_parent_is_killed(tmp_path):
    script = (
        "import sys, time; from pathlib import Path; from scripts.processes import Service\n"
        f"service = Service('sample', ['sleep', '60'], Path({str(tmp_path / 'log')!r}), lambda: True)\n"
        "service.start(); print(service.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=places.CHECKOUT
    ) as parent:
        pid = int(parent.stdout.readline())
        parent.kill()
    assert has_ended(pid)


def test_a_service_that_ends_while_starting_shows_its_log(tmp_path):
    service = Service(
        "sample", [sys.executable, "-c", "raise SystemExit('the port is taken')"], tmp_path / "log", lambda: False
    )
    with pytest.raises(Failure, match="the port is taken"):
        service.start()


def test_a_lock_ends_with_its_process(tmp_path):
    path = tmp_path / "lock"
    script = (
        "import sys, time; from pathlib import Path; from scripts.locks import FileLock\n"
        "lock = FileLock(Path(sys.argv[1])); lock.acquire(); print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, path], stdout=subprocess.PIPE, text=True, cwd=places.CHECKOUT
    ) as holder:
        holder.stdout.readline()
        lock = FileLock(path)
        assert not lock.acquire(wait=False)
        holder.kill()
        holder.wait()
    assert lock.acquire(wait=False)
    lock.release()


def test_sigterm_lets_a_command_clean_up(tmp_path):
    script = (
        "import sys, time; from scripts.console import exit_code_of\n"
        "def main():\n    try:\n        print('up', flush=True); time.sleep(60)\n"
        "    finally:\n        print('cleaned', flush=True)\n"
        "sys.exit(exit_code_of(main))"
    )
    command = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=places.CHECKOUT,
    )
    with command:
        command.stdout.readline()
        os.kill(command.pid, signal.SIGTERM)
        assert command.stdout.read() == "cleaned\n"
    assert command.returncode == 130


def test_a_failure_is_two_lines_and_no_traceback(capsys):
    def main() -> int:
        raise Failure("It is broken", "repair it")

    assert exit_code_of(main) == 1
    assert capsys.readouterr().err == "\n✗ It is broken\n  What to do: repair it\n"


def test_a_port_in_use_is_reported_before_anything_starts():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not is_free(port)
        assert free_port(port) != port
        with pytest.raises(Failure, match=f"Port {port} is taken") as failure:
            run._check_ports({"PRINT_PORT": port})
    assert "make run PRINT_PORT=" in failure.value.what_to_do


def test_a_print_server_that_was_ended_is_started_again(tmp_path, monkeypatch, capsys):
    """So that a newcomer can see what the screens say while it is away."""
    pid_file = tmp_path / "print_server.pid"
    monkeypatch.setattr(run, "PRINT_SERVER_PID", pid_file)
    sleeping = [sys.executable, "-c", "import time; time.sleep(60)"]
    odoo = Service("Odoo", sleeping, tmp_path / "odoo.log", ready=lambda: True)
    odoo.start()
    with start_print_server({}, data_dir=tmp_path / "data") as print_server:
        product = Product(0, None, odoo, print_server, (), None, tmp_path)
        failures = []

        def watch() -> None:
            try:
                run._watch(product, away_seconds=0.2, steady_seconds=0)
            except Failure as failure:
                failures.append(failure)

        watching = threading.Thread(target=watch, daemon=True)
        first = print_server.pid
        watching.start()
        ends = time.monotonic() + 20
        while not pid_file.exists():
            time.sleep(0.05)
        os.kill(first, signal.SIGTERM)
        # Empty just before it is written.
        while pid_file.read_text(encoding="utf-8") in ("", f"{first}\n"):
            assert time.monotonic() < ends, "the print server is not started again"
            time.sleep(0.05)
        assert print_server.call("GET", "/api/health")[0] == 200
        odoo.kill()
        watching.join(10)
    assert "Odoo stopped by itself" in str(failures[0])
    assert "The print server runs again." in "".join(capsys.readouterr())


@pytest.mark.parametrize("ports", [{"PORT": 0}, {"PORT": 70000}, {"PORT": 5000, "PRINT_PORT": 5000}])
def test_ports_that_cannot_work_are_refused(ports):
    with pytest.raises(Failure):
        run._check_ports(ports)


def test_a_port_that_is_no_number_is_refused(monkeypatch):
    monkeypatch.setenv("PORT", "http")
    with pytest.raises(Failure, match="PORT=http is no port"):
        run._port("PORT", 8069)


def test_a_missing_program_is_named_to_those_who_cannot_install_it(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    package = system_packages.Package("it is needed", "such-package", "other-package", "brew install such-package")
    monkeypatch.setitem(system_packages.PACKAGES, "no-such-program", package)
    with pytest.raises(Failure, match="no-such-program is missing") as failure:
        system_packages.need("no-such-program")
    assert failure.value.what_to_do.splitlines()[1:] == [
        "    no-such-program: it is needed.",
        "      Ubuntu, Debian: sudo apt-get install such-package · Fedora: sudo dnf install other-package"
        " · macOS: brew install such-package",
    ]


def test_the_path_check_finds_a_path_of_this_machine():
    assert lint.MACHINE_PATH.search("cd " + "/" + "root/project")
    assert lint.MACHINE_PATH.search("cd " + "/" + "work/main")
    assert not lint.MACHINE_PATH.search("https://example.com/work/main and $HOME/work/x")
