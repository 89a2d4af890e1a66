"""The exported history: read back by a program as it was, shown by a spreadsheet without running anything."""

import csv
import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from services.export import copied_lines
from services.export.copied_lines import ROWS_A_CHUNK, CopiedLines
from services.export.history_csv import HEADER, csv_cell, csv_line, escape_formula


def read(raw, separator=","):
    return list(csv.reader(io.StringIO(raw.decode(), newline=""), delimiter=separator))


def test_the_specifications_header():
    assert csv_line(HEADER) == b"Date,MO Reference,Quantity,Status,Job Type,Submitted By,Error Message\r\n"


@pytest.mark.parametrize("text", ["00042", "1e5", "12-3", "-5", "+3.5", "3/4", ".5", "1,5"])
def test_what_looks_like_a_number_is_quoted(text):
    assert csv_cell(text) == f'"{text}"'


@pytest.mark.parametrize("text", ["-", "WH/MO/00042", "Ärger", "it's", "", "a b"])
def test_other_texts_are_written_as_they_are(text):
    assert csv_cell(text) == text


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
        "- ",
        " -",
    ],
)
def test_formulas_are_escaped(text):
    assert escape_formula(text).startswith("'")


@pytest.mark.parametrize("text", ["-", "-5", "+3.5", "-0,25", "a=b", "'=1", "", "5-3", "WH/MO/00042"])
def test_texts_without_a_formula_are_not_changed(text):
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


# Made of what decides how a line is split, and of little else, so that few examples meet the cases.
PARTS = [*",;\t|", "\r\n", "\r", "\n", '"', "'", " ", *"=+-@＝", "\x00", "x", "1"]
texts = st.lists(st.sampled_from(PARTS), max_size=8).map("".join)
histories = st.lists(st.lists(texts, min_size=3, max_size=3), min_size=1, max_size=2)


@settings(max_examples=150)
@given(histories)
@pytest.mark.parametrize("written", [",", ";", "\t"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("dialect", [{}, {"skipinitialspace": True}, {"quoting": csv.QUOTE_NONE}])
def test_no_reader_finds_a_formula(written, delimiter, dialect, history):
    raw = b"".join(csv_line(["2026-03-04 00:00:00", *row], written) for row in history).decode()
    for cells in csv.reader(io.StringIO(raw, newline=""), delimiter=delimiter, **dialect):
        for cell in cells:
            if cell != "-" and not re.fullmatch(r"[+-]?\d+(?:[.,]\d+)?", cell, re.ASCII):
                assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")), (cell, raw)


@given(
    st.lists(st.lists(st.text() | texts, min_size=7, max_size=7), max_size=5),
    st.sampled_from([",", ";", "\t"]),
)
def test_round_trip(rows, separator):
    """The right reader gets each text back; an apostrophe before a formula is all that may have been added."""
    back = read(b"".join(csv_line(row, separator) for row in rows), separator)
    assert len(back) == len(rows)
    for row, cells in zip(rows, back, strict=True):
        for plain, text in zip(row, cells, strict=True):
            plain = plain.replace("\x00", "").encode("utf-8", "replace").decode()
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


def copied(line):
    """A line as COPY sends it with `COPY_OPTIONS`."""
    if re.search("[\x01\x02\r\n]", line):
        line = "\x01" + line.replace("\x01", "\x01\x01") + "\x01"
    return line.encode() + b"\n"


@given(st.lists(st.text(alphabet='ab"\r\n\x01\x02', min_size=1)), st.integers(0, 2))
def test_lines_come_through_as_they_are(lines, chunks):
    lines = ["x"] * (chunks * ROWS_A_CHUNK) + lines
    file, told = io.BytesIO(), []
    target = CopiedLines(file, told.append)
    for line in lines:
        target.write(copied(line))
    target.flush()
    assert file.getvalue() == "".join(line + "\r\n" for line in lines).encode()
    assert target.rows == len(lines)
    assert not told or told[-1] == len(lines)


def test_rows_without_a_quotation_mark_are_written_in_one_go(monkeypatch):
    """That is what makes a million rows quick; a row with a line feed in it goes the other way."""
    plain_lines = []
    monkeypatch.setattr(copied_lines, "_plain_line", lambda row: plain_lines.append(row) or row)
    for rows in ([b"a,b\n", b"c\n"], [b"a\nb\n"]):
        lines = CopiedLines(io.BytesIO())
        for row in rows:
            lines.write(row)
        lines.flush()
    assert plain_lines == [b"a\nb\n"]
