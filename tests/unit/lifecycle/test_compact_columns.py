"""Columns of short values as text: what is written is read again, and what is damaged is refused."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.lifecycle.compact_columns import read_column, read_times, write_column, write_times

START = datetime(2026, 3, 4, 9, 15)
VALUES = st.text(st.characters(codec="ascii", exclude_characters=",*"), max_size=5)
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map(
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
)


@given(st.lists(st.sampled_from(["", "1", "22"]) | VALUES, max_size=40))
def test_a_column_is_read_as_it_was_written(values):
    assert read_column(write_column(values), len(values)) == values


@given(st.lists(st.none() | TIMES, max_size=40))
def test_times_are_read_as_they_were_written(times):
    assert read_times(write_times(times), len(times)) == times


def test_equal_neighbours_are_written_once():
    assert write_column(["a", "a", "a", "b"]) == "a*3,b"
    assert write_column(["", "", ""]) == "*3"
    assert write_column([]) == ""


def test_times_are_written_as_their_distance():
    times = [START, None, START, START + timedelta(milliseconds=37), START]
    assert write_times(times).split(",")[1:] == ["", "0", "11", "-11"]


def test_a_pace_that_stays_the_same_takes_next_to_nothing():
    assert len(write_times(START + timedelta(seconds=number) for number in range(500))) < 30


def test_nothing_stored_are_empty_values():
    assert read_column(None, 3) == ["", "", ""]
    assert read_times(None, 2) == [None, None]
    assert read_column("", 0) == []


@pytest.mark.parametrize("text", ["a", "a*3", "a*0,a,a", "a*-2,a*4", "a*999999999999", "a*x,a", "a*1*1,a", "a,a,a", 7, []])
def test_a_column_of_another_length_is_refused(text):
    with pytest.raises(ValueError):
        read_column(text, 2)


@pytest.mark.parametrize("text", ["!,1", "1", "z" * 50 + ",1", "z" * 5000 + ",1", "1*3", "99999999999999999,0"])
def test_damaged_times_are_refused(text):
    with pytest.raises((ValueError, OverflowError)):
        read_times(text, 2)


def test_a_column_of_another_length_says_so():
    with pytest.raises(ValueError, match="a column of 2 values instead of 3"):
        read_column(write_column(["a", "b"]), 3)
