"""The exported history: read back by a program as it was, shown by a spreadsheet without running anything."""

import csv
import io
import re
import tracemalloc
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from services.export.history_csv import BYTE_ORDER_MARK, HEADER, cell_text, escape_formula, rows_to_csv


def read(chunks):
    raw = b"".join(chunks)
    assert raw.startswith(BYTE_ORDER_MARK)
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def test_the_specifications_header():
    assert read(rows_to_csv([])) == [
        ["Date", "MO Reference", "Quantity", "Status", "Job Type", "Submitted By", "Error Message"]
    ]
    assert read(rows_to_csv([], header=("=A", "B"))) == [["'=A", "B"]]


def test_cells():
    row = (datetime(2026, 3, 29, 0, 59, 59), "-", 200, "completed", None, False, 'Ärger, "x"\nzweite Zeile')
    assert read(rows_to_csv([row], tz=ZoneInfo("Europe/Berlin")))[1] == [
        "2026-03-29 01:59:59", "-", "200", "completed", "", "", 'Ärger, "x"\nzweite Zeile',
    ]  # fmt: skip
    assert cell_text(datetime(2026, 3, 29, 1, 0), ZoneInfo("Europe/Berlin")) == "2026-03-29 03:00:00"
    assert cell_text(datetime(2026, 3, 29, 1, 0, 0, 999)) == "2026-03-29 01:00:00"
    assert cell_text(date(2026, 3, 29)) == "2026-03-29"
    assert cell_text(-1.5) == -1.5
    assert cell_text(0) == 0
    assert cell_text(("=x",)) == "('=x',)"


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+49 123",
        "-x",
        "@SUM(A1)",
        "\tx",
        "\r=1",
        "\n=1",
        "＝1",
        "--1",
        "=",
        "+",
        "\x00=1",
        "-1+cmd|' /C calc'!A0",
    ],
)
def test_formulas_are_escaped(text):
    assert escape_formula(text).startswith("'")


@pytest.mark.parametrize("text", ["-", "-5", "+3.5", "-0,25", "a=b", "'=1", "", "5-3", "WH/MO/00042"])
def test_other_texts_are_not_changed(text):
    assert escape_formula(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x;=cmd|' /C calc'!A0", "x;'=cmd|' /C calc'!A0"),
        ("x,@SUM(1)", "x,'@SUM(1)"),
        ("x|+1", "x|'+1"),
        ("x\t-1", "x\t'-1"),
        ("x\n=1", "x\n'=1"),
        ("x\r\n=1", "x\r\n'=1"),
        ("x;\t=1", "x;'\t'=1"),
        ('x;"=1"', 'x;\'"=1"'),
        ('x; ""＝1', 'x;\' ""＝1'),
        (" =1", "' =1"),
        ("ends with a separator;", "ends with a separator;'"),
    ],
)
def test_a_formula_within_a_text_is_escaped(text, shown):
    assert escape_formula(text) == shown


@pytest.mark.parametrize("text", ["Halle 2; Linie 1", "a, b", "one\r\n\r\ntwo", "1;2", "x; y=1", "a|b", "x;5-3"])
def test_separators_that_no_formula_follows_are_not_changed(text):
    assert escape_formula(text) == text


def test_a_text_with_a_separator_of_another_dialect_is_quoted():
    lines = b"".join(rows_to_csv([("a;b", 5, "c"), ("d", 5, "e")])).decode().splitlines()
    assert lines[1:] == ['"a;b",5,"c"', "d,5,e"]


# Made of what decides how a line is split, and of little else, so that few examples meet the cases.
PARTS = [*",;\t|", "\r\n", "\r", "\n", '"', "'", " ", *"=+-@＝", "\x00", "x", "1"]
texts = st.lists(st.sampled_from(PARTS), max_size=8).map("".join)
histories = st.lists(st.lists(texts, min_size=3, max_size=3), min_size=1, max_size=2)


@settings(max_examples=150)
@given(histories)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("dialect", [{}, {"skipinitialspace": True}, {"quoting": csv.QUOTE_NONE}])
def test_no_reader_finds_a_formula(delimiter, dialect, history):
    rows = [(datetime(2026, 3, 4), *row) for row in history]
    raw = b"".join(rows_to_csv(rows)).decode("utf-8-sig")
    for cells in csv.reader(io.StringIO(raw, newline=""), delimiter=delimiter, **dialect):
        for cell in cells:
            if cell != "-" and not re.fullmatch(r"[+-]?\d+(?:[.,]\d+)?", cell, re.ASCII):
                assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")), (cell, raw)


@given(st.lists(st.lists(st.text() | texts | st.integers() | st.none(), min_size=7, max_size=7), max_size=5))
def test_round_trip(rows):
    """The right reader gets each text back; an apostrophe before a formula is all that may have been added."""
    back = read(rows_to_csv(rows))
    assert back[0] == list(HEADER)
    assert len(back) == len(rows) + 1
    for row, cells in zip(rows, back[1:], strict=True):
        for cell, text in zip(row, cells, strict=True):
            plain = "" if cell is None else str(cell).replace("\x00", "").encode("utf-8", "replace").decode()
            assert not text.startswith(("=", "@", "\t", "\r"))
            assert without_guards(text, plain) == plain


def without_guards(text, plain):
    """`text` less the apostrophes at the start of a cell that `plain` does not have there."""
    kept, position = [], 0
    for character in text:
        if position < len(plain) and plain[position] == character:
            position += 1
        elif character == "'" and (position == 0 or plain[position - 1] in ",;\t|\r\n"):
            continue
        kept.append(character)
    return "".join(kept)


def test_a_long_history_streams_in_bounded_memory():
    rows = ((datetime(2026, 3, 4), f"WH/MO/{n}", 20, "completed", "manual", "Mitchell", "") for n in range(20_000))
    tracemalloc.start()
    try:
        chunks = sizes = 0
        for chunk in rows_to_csv(rows):
            chunks += 1
            sizes += len(chunk)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert chunks > 10
    assert sizes > 1_000_000
    assert peak < 1_000_000
