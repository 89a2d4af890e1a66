"""Lots in scanned codes."""

import pytest
from services.label_files.scanned_code import lots_in


@pytest.mark.parametrize(
    ("code", "lots"),
    [
        ("010401234512345610SOUP-2026-001", ["SOUP-2026-001"]),
        ("]C1010401234512345610SOUP-1\x1d21SN-7", ["SOUP-1", "SN-7"]),
        ("\x1d01040123451234561726123121SN-7", ["SN-7"]),
        ("(01)04012345123456(17)261231(10)SOUP-1", ["SOUP-1"]),
        ("0104012345123456", []),
        ("0104012345123456993.14", []),
        ("01040123451", []),
        ("01SOUP-OF-THE-DAY10X", []),
        ("1012345", []),  # may be a lot's whole name as well as an identifier and a lot
        ("(10)SOUP-1", []),
        ("SOUP-1", []),
        ("", []),
    ],
)
def test_lots_in(code, lots):
    assert lots_in(code) == lots
