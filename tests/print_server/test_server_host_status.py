"""`~HS` as the ZPL II programming guide lays it out and as printers send it, and the other answers of a printer."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from print_server import codes, host_query, host_status
from print_server.host_status import HostStatus

DATA = Path(__file__).parent / "data" / "host_status"


def answer(first: str = "030,0,0,1245,000,0,0,0,000,0,0,0", second: str = "001,0,0,0,1,2,6,0,00000000,1,000") -> bytes:
    return "".join(f"\x02{text}\x03\r\n" for text in (first, second, "1234,0")).encode()


def test_idle_printer():
    status = host_status.parse(answer())
    assert status == host_status.HostStatus()
    assert (status.code, status.reasons, status.formats) == (None, (), 0)


@pytest.mark.parametrize(
    ("first", "second", "code", "reasons"),
    [
        ("030,1,0,1245,000,0,0,0,000,0,0,0", None, codes.PAPER_OUT, ("media-empty-error",)),
        ("030,0,1,1245,000,0,0,0,000,0,0,0", None, codes.PAUSED, ("paused-error",)),
        ("030,0,0,1245,000,1,0,0,000,0,0,0", None, None, ("spool-area-full-warning",)),
        ("030,0,0,1245,000,0,0,0,000,0,1,0", None, None, ("fuser-under-temp-warning",)),
        ("030,0,0,1245,000,0,0,0,000,0,0,1", None, None, ("fuser-over-temp-warning",)),
        (None, "001,0,1,0,1,2,6,0,00000000,1,000", codes.HEAD_OPEN, ("cover-open-error",)),
        (None, "001,0,0,1,1,2,6,0,00000000,1,000", codes.RIBBON_OUT, ("marker-supply-empty-error",)),
        (
            "030,1,1,1245,000,0,0,0,000,0,0,0",
            "001,0,1,0,1,2,6,0,00000000,1,000",
            codes.HEAD_OPEN,
            ("media-empty-error", "cover-open-error", "paused-error"),
        ),
    ],
)
def test_flags(first, second, code, reasons):
    given_strings = {name: text for name, text in (("first", first), ("second", second)) if text}
    status = host_status.parse(answer(**given_strings))
    assert (status.code, status.reasons) == (code, reasons)


def test_formats_still_to_come_are_those_in_the_buffer_and_the_one_that_is_printing():
    raw = answer("030,0,0,1245,003,0,0,1,000,0,0,0", "001,0,0,0,1,2,6,0,00000012,1,000")
    status = host_status.parse(raw)
    assert (status.formats_in_buffer, status.labels_remaining, status.formats) == (3, 12, 4)
    assert status.partial_format


def test_peel_off_waits_for_somebody_to_take_the_label():
    status = host_status.parse(answer(second="001,0,0,0,1,2,6,1,00000001,1,000"))
    assert (status.code, status.reasons) == (codes.LABEL_WAITING, ("label-waiting-report",))


# Answers as printers of several makes give them, each seen to be taken for silence or for something else once.
@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("normal", HostStatus()),
        ("padded_flags", HostStatus()),
        ("two_strings", HostStatus()),
        ("unsolicited_first", HostStatus()),
        ("flag_of_9", HostStatus()),
        ("direct_thermal_ribbon_flag", HostStatus(thermal_transfer=False)),
        ("paper_out_nothing_left", HostStatus(paper_out=True)),
        ("still_parsing", HostStatus(partial_format=True)),
        ("peel_off_waiting", HostStatus(label_waiting=True, labels_remaining=1)),
        ("text", None),
    ],
)
def test_answers_as_printers_give_them(file, expected):
    raw = (DATA / f"{file}.bin").read_bytes()
    assert host_status.complete(raw) == (expected is not None)
    if expected is not None:
        assert host_status.parse(raw) == expected


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x02030,0,0\x03\r\n",
        answer()[:-20],
        answer(first="x"),
        answer(first="030,-1,0,1245,000,0,0,0,000,0,0,0"),
        answer(first="030,0,0,1245," + 30 * "9" + ",0,0,0,000,0,0,0"),
        answer(second="001,0,0,0,1,2,6,0,many,1,000"),
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
    ],
)
def test_anything_else_is_refused(raw):
    with pytest.raises(host_status.BadHostStatus):
        host_status.parse(raw)


HQES = b"\x02\r\n\r\n   PRINTER STATUS\r\n   ERRORS:         %s\r\n   WARNINGS:       0 00000000 00000000\r\n\x03\r\n"


@pytest.mark.parametrize(
    ("flags", "code", "reasons"),
    [
        (b"0 00000000 00000000", None, ()),
        (b"1 00000000 00000001", codes.PAPER_OUT, ("media-empty-error",)),
        (b"1 00000000 00000002", codes.RIBBON_OUT, ("marker-supply-empty-error",)),
        (b"1 00000000 00010005", codes.HEAD_OPEN, ("cover-open-error", "media-empty-error", "paused-error")),
        (b"1 00000000 00000008", codes.PRINTER_ERROR, ("trimmer-error",)),
        (b"1 00000000 00000400", codes.PRINTER_ERROR, ("other-error",)),
    ],
)
def test_error_flags(flags, code, reasons):
    raw = HQES % flags
    assert host_query.errors_complete(raw)
    assert host_query.parse_errors(raw) == host_query.Errors(code, reasons)
    assert not host_query.errors_complete(raw[:60])


@pytest.mark.parametrize(
    ("raw", "count"),
    [(b'"12345"', 12345), (b'"12345 LABELS"\r\n', 12345), (b'"?"', None), (b'""', None), (b'"-3"', None), (b"123", None),
     (b'"17"' + answer(), 17)],
)  # fmt: skip
def test_odometer(raw, count):
    assert host_query.parse_odometer(raw) == count


@given(st.binary(max_size=200))
def test_no_bytes_can_do_harm(raw):
    host_status.complete(raw)
    host_query.parse_errors(raw)
    host_query.parse_odometer(raw)
