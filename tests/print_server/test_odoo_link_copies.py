"""A copy of the data directory: each start names itself and those before it, by which Odoo tells a copy."""

from __future__ import annotations

import json
import shutil

import pytest
from small_odoo import CODE, refused, until

from print_server.odoo_link.runs import MOST_RUNS, RUNS_FILE, Runs
from print_server.settings import SettingsError
from tests.support.print_server import start_print_server

PRINTER = "Zebra-1"


def first_question(zebra, odoo, folder, end="stop", **given):
    """What a start of the data directory says first: its name, and those that Odoo may have seen last."""
    before = len(odoo.pulls)
    with start_print_server({PRINTER: zebra}, data_dir=folder, odoo=odoo.url, **given) as server:
        until(lambda: len(odoo.pulls) > before + 1, "no second question")
        getattr(server, end)()
    first, second = (document for _at, document in odoo.pulls[before : before + 2])
    assert second["run"] == first["run"]
    assert second["former_runs"] == []
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
    assert former == [second]
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
    assert last.document() == {"run": last.run, "former_runs": []}
    assert Runs(tmp_path).former == [last.run]


def test_many_starts_keep_the_one_that_was_answered(tmp_path):
    answered = Runs(tmp_path)
    answered.accepted()
    tried = [Runs(tmp_path).run for _start in range(MOST_RUNS + 20)]
    assert Runs(tmp_path).former == [answered.run, *tried[-MOST_RUNS:]]


@pytest.mark.parametrize("text", ["", "{}", "[1, null]", "\xff", "["])
def test_a_file_that_says_nothing(tmp_path, text):
    (tmp_path / RUNS_FILE).write_bytes(text.encode("latin-1"))
    runs = Runs(tmp_path)
    assert runs.former == []
    assert json.loads((tmp_path / RUNS_FILE).read_text()) == [runs.run]
    assert (tmp_path / RUNS_FILE).stat().st_mode & 0o777 == 0o600


def test_a_file_that_cannot_be_written(tmp_path):
    (tmp_path / "a-file").write_text("")
    with pytest.raises(SettingsError, match="Cannot write to the data directory"):
        Runs(tmp_path / "a-file")
