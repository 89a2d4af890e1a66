"""What JSON brings is made storable, or left out; nothing raises."""

import math
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.contract.clean_values import clean_count, clean_number, clean_percent, clean_text, clean_time

ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers()), st.just({"a": 1}),
    st.sampled_from(["1e400", "9" * 5000, "-0", " 12 ", "١٢", "NaN", 10**400, -(10**400), "\ud800", "\x00"]),
)  # fmt: skip


@given(ANYTHING)
def test_nothing_raises_and_everything_is_bounded(value):
    number = clean_number(value)
    assert number is None or math.isfinite(number)
    count = clean_count(value)
    assert count is None or 0 <= count <= 1_000_000
    percent = clean_percent(value)
    assert percent is None or 0 <= percent <= 100
    text = clean_text(value, 10)
    assert len(text) <= 10
    text.encode("utf-8")
    assert "\x00" not in text
    moment = clean_time(value)
    assert moment is None or (moment.tzinfo is None and 2000 <= moment.year <= 2100)


@pytest.mark.parametrize(
    ("value", "count"),
    [(5, 5), ("5", 5), (5.9, 5), (-3, 0), (True, None), (float("nan"), None), (float("inf"), None), (10**30, None),
     ("five", None), (None, None), ("", None), ([], None)],
)  # fmt: skip
def test_count(value, count):
    assert clean_count(value) == count


@pytest.mark.parametrize(
    ("value", "percent"), [(50, 50.0), ("33.3", 33.3), (-1, 0.0), (250, 100.0), (float("nan"), None), (False, None)]
)
def test_percent(value, percent):
    assert clean_percent(value) == percent


@pytest.mark.parametrize(
    "value",
    ["2026-03-04T09:15:30Z", "2026-03-04T09:15:30+00:00", "2026-03-04T10:15:30+01:00", "2026-03-04T04:15:30-0500",
     "2026-03-04 09:15:30", 1772615730, 1772615730000, "1772615730", "Wed, 04 Mar 2026 09:15:30 GMT",
     "Wed, 4 Mar 2026 10:15:30 +0100", "4 Mar 2026 09:15:30 UT", "Wednesday, 04-Mar-2026 09:15:30 GMT"],
)  # fmt: skip
def test_every_spelling_of_a_time_is_the_same_utc(value):
    assert clean_time(value) == datetime(2026, 3, 4, 9, 15, 30)


def test_fractions_of_a_second():
    assert clean_time("2026-03-04T09:15:30.125Z") == datetime(2026, 3, 4, 9, 15, 30, 125000)
    assert clean_time("2026-03-04T09:15:30.123456789Z") == datetime(2026, 3, 4, 9, 15, 30, 123456)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "soon",
        "2026-13-01",
        "2026-02-30T00:00:00Z",
        "0001-01-01T00:00:00+09:00",
        0,
        -1,
        1e300,
        "Tue, 30 Feb 2018 16:45:20 GMT",
        "Tue, 10 Foo 2018 16:45:20 GMT",
        "Tue, 10 Jul 2018",
        "Tue, 10 Jul 2018 25:00:00 GMT",
        "Tue, 10 Jul 0001 16:45:20 GMT",
        "Wed, 04 Mar 2026 09:15:30",
    ],
)
def test_no_time(value):
    assert clean_time(value) is None


@given(st.text(alphabet=" aZ0~-_\t\n\x00\x7fé", max_size=12), st.integers(1, 12))
def test_a_text_that_is_clean_already_comes_back_as_it_is(text, limit):
    spaced = " ".join(text.replace("\x00", "").split())
    cleaned = clean_text(text, limit)
    assert cleaned == spaced or (len(spaced) > limit and cleaned == spaced[: limit - 1].rstrip() + "…")


def test_text_is_one_line_and_shortened():
    assert clean_text("  a\n\tb\x00c ", 10) == "a bc"
    assert clean_text("x" * 20, 10) == "x" * 9 + "…"
    assert clean_text("\ud83d lone", 10) == "lone"
    assert clean_text(12, 10) == "12"
    assert clean_text(True, 10) == ""
