"""A copy of the data directory: each start names itself and those before it, by which Odoo tells a copy."""

from __future__ import annotations

import errno
import json
import shutil
import socket
import subprocess
import sys

import pytest
from small_odoo import CODE, refused, until

from print_server.database import DataDirError
from print_server.odoo_link import runs
from print_server.odoo_link.runs import MOST_RUNS, RUNS_FILE, Runs
from tests.support.print_server import start_print_server

PRINTER = "Zebra-1"


def first_question(zebra, odoo, folder, end="stop", **given):
    """What a start of the data directory says of itself: its name, and the starts before it."""
    before = len(odoo.pulls)
    with start_print_server({PRINTER: zebra}, data_dir=folder, odoo=odoo.url, **given) as server:
        until(lambda: len(odoo.pulls) > before + 1, "no second question")
        getattr(server, end)()
    first, second = (document for _at, document in odoo.pulls[before : before + 2])
    assert second["run"] == first["run"]
    assert second["former_runs"] == first["former_runs"]
    assert first["host"]
    return first["run"], first["former_runs"]


def test_a_copy_goes_on_from_another_start(zebra, odoo, tmp_path):
    folder, copy = tmp_path / "data", tmp_path / "copy"
    first, former = first_question(zebra, odoo, folder, code=CODE)
    assert former == []
    shutil.copytree(folder, copy)
    second, former = first_question(zebra, odoo, folder, end="kill")
    assert former == [first]
    third, former = first_question(zebra, odoo, folder)
    assert former == [second, first], "an Odoo that is restored to an older state has seen the first one last"
    of_the_copy, former = first_question(zebra, odoo, copy)
    assert former == [first]
    assert len({first, second, third, of_the_copy}) == 4


def test_what_odoo_says_of_a_copy_is_said_here(zebra, odoo, tmp_path):
    odoo.pull_answers += [lambda _document: refused(409, "copied_data", "The one on line-pc goes on.")] * 5
    with start_print_server({PRINTER: zebra}, data_dir=tmp_path, odoo=odoo.url, code=CODE) as server:
        until(lambda: "The one on line-pc goes on. Two print servers with one data" in "".join(server.output), "no words")
        assert server.call("GET", "/api/health")[1]["services"]["odoo"] == "refused"


def test_starts_that_odoo_has_not_answered_are_kept(tmp_path):
    """Whether an answer was lost on its way, or the question: Odoo has seen one of them last."""
    answered = Runs(tmp_path)
    answered.accepted()
    tried = [Runs(tmp_path).run for _start in range(3)]
    last = Runs(tmp_path)
    assert last.former == [answered.run, *tried]
    last.accepted()
    assert last.document() == {"run": last.run, "former_runs": [answered.run, *tried]}
    assert Runs(tmp_path).former == [last.run, *tried, answered.run]


def test_many_starts_keep_the_one_that_was_answered(tmp_path):
    answered = Runs(tmp_path)
    answered.accepted()
    tried = [Runs(tmp_path).run for _start in range(MOST_RUNS + 20)]
    assert Runs(tmp_path).former == [answered.run, *tried[-MOST_RUNS:]]


def test_the_answered_ones_are_kept_while_there_is_room(tmp_path):
    answered = []
    for _start in range(MOST_RUNS + 20):
        start = Runs(tmp_path)
        start.accepted()
        answered.append(start.run)
    former = Runs(tmp_path).former
    assert former[0] == answered[-1]
    assert set(former) == set(answered[-MOST_RUNS - 1 :])


@pytest.mark.parametrize("text", ["", "{}", "[1, null]", "\xff", "[", "[" * 100_000])
def test_a_file_that_says_nothing(tmp_path, text):
    (tmp_path / RUNS_FILE).write_bytes(text.encode("latin-1"))
    start = Runs(tmp_path)
    assert start.former == []
    assert json.loads((tmp_path / RUNS_FILE).read_text()) == [start.run]
    assert (tmp_path / RUNS_FILE).stat().st_mode & 0o777 == 0o600


def test_a_full_disk(tmp_path, monkeypatch):
    """It is tried again (exit code 1), and the starts before are not forgotten."""
    answered = Runs(tmp_path)
    answered.accepted()

    def full(*_arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(runs, "write_private", full)
        with pytest.raises(DataDirError, match=r"Cannot write to the data directory .*: No space left on device"):
            Runs(tmp_path)
    assert Runs(tmp_path).former == [answered.run]


def test_a_file_that_cannot_be_read(tmp_path):
    """As after a start by another user: written anew, Odoo would refuse this print server."""
    (tmp_path / RUNS_FILE).mkdir()
    with pytest.raises(DataDirError, match=r"Cannot read .*odoo-runs\.json"):
        Runs(tmp_path)


def test_a_start_that_finds_its_port_taken_is_none(zebra, odoo, tmp_path):
    first, _former = first_question(zebra, odoo, tmp_path, code=CODE)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [sys.executable, "-m", "print_server", "--port", str(taken.getsockname()[1]), "--data-dir", str(tmp_path)]
        done = subprocess.run([*command, "--odoo", odoo.url], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, "Cannot listen" in done.stderr) == (1, True)
    assert Runs(tmp_path).former == [first]
