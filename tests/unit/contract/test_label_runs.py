"""Label numbers as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.contract.label_runs import LabelRunsError, format_runs, parse_runs


@pytest.mark.parametrize(
    ("text", "indexes"),
    [
        ("3, 9-11", [3, 9, 10, 11]),
        ("3, 9–11", [3, 9, 10, 11]),
        ("9—11;3", [3, 9, 10, 11]),
        ("9..11 3", [3, 9, 10, 11]),
        ("  9 -  11,\n3 ", [3, 9, 10, 11]),
        ("9 .. 11", [9, 10, 11]),
        ("11,3,9-11,3", [3, 9, 10, 11]),
        ("5-5", [5]),
        ("007", [7]),
        (",,3,;", [3]),
        ("", []),
        ("  ", []),
        (None, []),
        ("1-500", list(range(1, 501))),
    ],
)
def test_numbers_and_ranges(text, indexes):
    assert parse_runs(text, 500) == indexes


@pytest.mark.parametrize("text", ["three", "3-", "-3", "3-9-11", "3.5", "٣", "³", "9…11", "1e2", "9999999", "0x3", "3%"])
def test_what_is_no_label_number_is_named(text):
    with pytest.raises(LabelRunsError) as caught:
        parse_runs(f"1, {text}", 500)
    assert caught.value.params["text"] in text
    assert caught.value.message % caught.value.params == str(caught.value)
    assert str(caught.value.text) == str(caught.value)


@pytest.mark.parametrize("text", ["0", "21", "0-3", "19-21", "11-9", "999999", "1-999999"])
def test_labels_that_the_job_does_not_have_are_named(text):
    with pytest.raises(LabelRunsError) as caught:
        parse_runs(f"1, {text}", 20)
    assert caught.value.params == {"text": text, "last": 20}


def test_no_number_fits_a_job_without_labels():
    assert parse_runs("", 0) == []
    with pytest.raises(LabelRunsError):
        parse_runs("1", 0)


def test_only_the_beginning_of_a_long_text_is_repeated():
    with pytest.raises(LabelRunsError) as caught:
        parse_runs("x" * 10_000, 20)
    assert len(str(caught.value)) < 150


@pytest.mark.parametrize(
    ("indexes", "text"),
    [([], ""), ([3], "3"), ([3, 9, 10, 11], "3, 9–11"), ([1, 2], "1–2"), ([1, 3, 5], "1, 3, 5")],
)
def test_runs_in_words(indexes, text):
    assert format_runs(indexes) == text


@given(st.sets(st.integers(1, 500)).map(sorted))
def test_what_is_written_is_read_again(indexes):
    assert parse_runs(format_runs(indexes), 500) == indexes


@given(st.text("0123456789-–—., ;x\n٣", max_size=20) | st.text(max_size=10), st.integers(0, 500))
def test_whatever_is_written_there_are_labels_of_the_job_or_an_error_in_words(text, most):
    try:
        indexes = parse_runs(text, most)
    except LabelRunsError as error:
        assert str(error)
        return
    assert indexes == sorted(set(indexes))
    assert all(1 <= index <= most for index in indexes)
