"""Mutation testing: how a mutant is read, which ones are left out, and when a run is good enough."""

import json

import pytest

from scripts.console import Failure
from scripts.mutation import __main__ as mutation
from scripts.mutation.mutants import Mutant, left_out, read_mutants
from scripts.mutation.parts import PARTS
from scripts.places import CHECKOUT


def mutant(old, new, part="services", name="m"):
    return Mutant(part, name, "file.py::function", old, new)


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ('"SELECT a FROM jobs WHERE b = \'queued\'"', '"select a from jobs where b = \'queued\'"', "print_server"),
        ('" WHERE a = ?",', '" where a = ?",', "print_server"),
        ('return row["seq"]', 'return row["SEQ"]', "print_server"),
        ('text.encode("utf-8")', 'text.encode("UTF-8")', "services"),
        ('raise Odd("no secret is set")', 'raise Odd("XXno secret is setXX")', "services"),
        ('raise Odd("no secret is set")', 'raise Odd("NO SECRET IS SET")', "services"),
        ("zip(a, b, strict=True)", "zip(a, b, )", "services"),
        ("json.dumps(a, allow_nan=False)", "json.dumps(a, allow_nan=None)", "services"),
    ],
)  # fmt: skip
def test_mutants_that_nothing_can_notice(old, new, part):
    assert left_out(mutant(old, new, part))


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ('"SELECT a FROM jobs WHERE b = \'queued\'"', '"SELECT A FROM JOBS WHERE B = \'QUEUED\'"', "print_server"),
        ('"SELECT a FROM jobs"', '"XXSELECT a FROM jobsXX"', "print_server"),
        ('return row["seq"]', 'return row["SEQ"]', "services"),
        ('if status == "queued":', 'if status == "QUEUED":', "services"),
        ('raise Odd("no secret is set")', "raise Odd(None)", "services"),
        ("json.dumps(a, allow_nan=False)", "json.dumps(a, allow_nan=True)", "services"),
        ("zip(a, b, strict=True)", "zip(a, strict=True)", "services"),
        ("if a < b:", "if a <= b:", "services"),
    ],
)  # fmt: skip
def test_mutants_that_tests_have_to_notice(old, new, part):
    assert left_out(mutant(old, new, part)) is None


def test_mutants_are_read_with_what_they_change(tmp_path):
    file = tmp_path / "mutants" / "services" / "x.py"
    file.parent.mkdir(parents=True)
    file.write_text(
        "def x_more__mutmut_orig(a):\n    return a + 1\n\n\ndef x_more__mutmut_1(a):\n    return a - 1\n\n\n"
        "class Box:\n    def xǁBoxǁsize__mutmut_orig(self):\n        return 2\n\n"
        "    def xǁBoxǁsize__mutmut_1(self):\n        return 3\n"
    )
    names = {"services.x.x_more__mutmut_1": None, "services.x.xǁBoxǁsize__mutmut_1": None}
    (file.parent / "x.py.meta").write_text(json.dumps({"exit_code_by_key": names}))
    found = read_mutants("services", tmp_path)
    assert [one.line for one in found] == [
        "services/x.py::more  return a + 1  =>  return a - 1",
        "services/x.py::Box.size  return 2  =>  return 3",
    ]


def test_a_sample_is_the_same_for_the_same_seed():
    mutants = [mutant("a", str(number)) for number in range(100)]
    sample = mutation.chosen(mutants, "10", "1")
    assert sample == mutation.chosen(mutants, "10", "1") != mutation.chosen(mutants, "10", "2")
    assert len(set(sample)) == 10
    assert (
        mutation.chosen(mutants, "all", "1")
        == mutants
        == sorted(mutation.chosen(mutants, "200", "1"), key=mutants.index)
    )
    with pytest.raises(Failure, match="SAMPLE=x"):
        mutation.chosen(mutants, "x", "1")


def test_the_interval_of_a_sample():
    assert mutation.interval(84, 100) == pytest.approx((75.6, 89.9), abs=0.1)
    assert mutation.interval(20, 20)[1] == pytest.approx(100)


@pytest.mark.parametrize(
    ("killed", "survivors", "code"),
    [(10, [], 0), (9, ["known"], 0), (9, ["unknown"], 1), (8, ["known", "known"], 1)],
)
def test_a_run_is_good_with_a_good_score_and_no_new_survivor(tmp_path, monkeypatch, capsys, killed, survivors, code):
    known = tmp_path / "known.txt"
    known.write_text("# the reason\nfile.py::function  known  =>  b\n")
    monkeypatch.setattr(mutation, "SURVIVORS", known)
    monkeypatch.setattr(mutation, "FOLDER", tmp_path)
    monkeypatch.setattr(mutation.places, "CHECKOUT", tmp_path)
    tried = [mutant(old, "b", name=str(number)) for number, old in enumerate([*["a"] * killed, *survivors])]
    codes = {one.name: 1 if one.old == "a" else 0 for one in tried}
    assert mutation.report(tried, codes, 60.0) == code
    assert f"{killed} of 10 mutants killed" in capsys.readouterr().out


def test_a_mutant_that_was_not_tried_is_a_failure():
    with pytest.raises(Failure, match="1 mutants have not been tried"):
        mutation.report([mutant("a", "b")], {"m": None}, 1.0)


def test_what_is_mutated_exists():
    for part in PARTS:
        source, copy = part.code
        for path in (*part.tests, *part.copied):
            assert (CHECKOUT / path).exists(), path
        for pattern in part.mutated:
            assert list((CHECKOUT / source).glob(pattern.removeprefix(f"{copy}/"))), pattern


def test_each_known_survivor_has_a_reason():
    known = mutation.known_survivors()
    assert all(reason and "  =>  " in line and "::" in line for line, reason in known.items())
