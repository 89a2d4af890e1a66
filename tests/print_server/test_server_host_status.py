"""`~HS` as the ZPL II programming guide lays it out: three strings between STX and ETX CR LF."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from print_server import codes, host_status


def answer(first: str = "030,0,0,1245,000,0,0,0,000,0,0,0", second: str = "001,0,0,0,1,2,6,0,00000000,1,000") -> bytes:
    return "".join(f"\x02{text}\x03\r\n" for text in (first, second, "1234,0")).encode()


def test_idle_printer():
    status = host_status.parse(answer())
    assert status == host_status.HostStatus()
    assert (status.code, status.reasons, status.outstanding) == (None, (), 0)


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


def test_labels_still_to_come_are_those_in_the_buffer_and_in_the_batch():
    raw = answer("030,0,0,1245,003,0,0,1,000,0,0,0", "001,0,0,0,1,2,6,0,00000012,1,000")
    status = host_status.parse(raw)
    assert (status.formats_in_buffer, status.labels_remaining, status.outstanding) == (3, 12, 15)
    assert status.partial_format


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x02030,0,0\x03\r\n",
        answer()[:-8],
        answer(first="x"),
        answer(first="030,2,0,1245,000,0,0,0,000,0,0,0"),
        answer(second="001,0,0,0,1,2,6,0,many,1,000"),
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
    ],
)
def test_anything_else_is_refused(raw):
    with pytest.raises(host_status.BadHostStatus):
        host_status.parse(raw)


@given(st.binary(max_size=200))
def test_no_bytes_can_do_harm(raw):
    try:
        host_status.parse(raw)
    except host_status.BadHostStatus:
        pass
