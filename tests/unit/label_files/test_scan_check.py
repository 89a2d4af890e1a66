"""What a scanned code says about labels; the cases that the page's own test goes through, too, are in the addon's tests."""

import pytest
from services.label_files.scan_check import (
    LONGEST_CODE,
    BoxLabel,
    ScannedCode,
    clean_code,
    judge,
    parts_in_brackets,
    same_barcode,
)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        (" SN-1\r\n", "SN-1"),
        ("]C1010401\x1d", "010401"),
        ("\x1d10L-1", "10L-1"),
        (None, ""),
        ("\x00\ud800", ""),
        (17, "17"),
    ],
)
def test_a_scanner_puts_things_around_a_code(text, cleaned):
    assert clean_code(text) == cleaned


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("4012345123456", "04012345123456", True),
        ("AB-1", "AB-1", True),
        ("0AB", "AB", False),
        ("1", "2", False),
    ],
)
def test_a_gtin_has_zeros_before_it(one, other, same):
    assert same_barcode(one, other) is same


def test_a_code_as_people_read_it():
    assert parts_in_brackets("(01)04012345123456(10) SOUP-1 ") == {"01": "04012345123456", "10": "SOUP-1"}
    assert parts_in_brackets("SOUP-1") == {}


def test_what_no_label_can_hold():
    for text in ("", "x", "7" * (LONGEST_CODE + 1)):
        assert judge([BoxLabel(lots=[text])], ScannedCode(text)).kind == "unreadable"


def test_each_label_of_a_lot_counts_once():
    labels = [BoxLabel(lots=["LOT"]) for _box in range(3)]
    found = []
    for _scan in range(4):
        verdict = judge(labels, ScannedCode("LOT"))
        found.append((verdict.kind, verdict.place))
        labels[verdict.place].state = "checked"
    assert found == [("checked", 0), ("checked", 1), ("checked", 2), ("too_many", 0)]
