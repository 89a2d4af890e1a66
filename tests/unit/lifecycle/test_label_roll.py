"""What is left on a roll, and what is said of it."""

from datetime import datetime, timedelta

import pytest
from services.lifecycle.label_roll import Roll, is_same_change

NOW = datetime(2026, 3, 2, 9, 0)


@pytest.mark.parametrize(
    ("roll", "left", "problem"),
    [
        (Roll(500, 500, 0), 500, ""),
        (Roll(500, 500, 449), 51, ""),
        (Roll(500, 500, 450), 50, "low"),
        (Roll(500, 500, 500), 0, "empty"),
        (Roll(500, 500, 501), -1, "empty"),
        (Roll(500, 500, 460, printing=40), 40, "low"),
        (Roll(500, 500, 460, printing=41), 40, "printing"),
        (Roll(500, 500, 300, next_job=1, next_needs=200), 200, ""),
        (Roll(500, 500, 300, next_job=1, next_needs=201), 200, "next"),
        (Roll(500, 500, 300, printing=20, next_job=1, next_needs=181), 200, "next"),
        (Roll(500, 500, 300, printing=300, next_job=1, next_needs=5), 200, "printing"),
        # A smaller roll than usual, and a count that was corrected.
        (Roll(500, 60, 0), 60, ""),
        (Roll(500, 50, 0), 50, "low"),
        # An attempt that was counted when the roll was changed, and turns out to have printed less.
        (Roll(500, 500, -3), 500, ""),
    ],
)
def test_left_and_problem(roll, left, problem):
    assert (roll.left, roll.problem) == (left, problem)


def test_what_waits_already_is_not_promised_twice():
    roll = Roll(500, 500, 400, next_job=1, next_needs=60, needed=60)
    assert not roll.lacks(40)
    assert roll.lacks(41)
    assert not roll.lacks(0)
    assert Roll(500, 500, 500).lacks(1)


def test_the_same_change_said_twice():
    assert not is_same_change(None, NOW)
    assert is_same_change(NOW, NOW)
    assert is_same_change(NOW - timedelta(seconds=59), NOW)
    assert not is_same_change(NOW - timedelta(seconds=60), NOW)
    assert not is_same_change(NOW + timedelta(seconds=5), NOW), "a clock that was set back hides no change"
