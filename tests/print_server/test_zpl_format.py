"""How many labels a text prints, for the small inputs that failed."""

from pathlib import Path

import pytest

from print_server.zpl_format import copies, labels_of

DATA = Path(__file__).resolve().parents[1] / "unit" / "data"


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("graphics_before_label", 2),
        ("whole_label_is_one_graphic", 1),
        ("stored_format", 2),
        ("setup_label_cleanup", 1),
        ("five_copies", 5),
        ("copies_in_a_comment", 1),
    ],
)
def test_labels_of_a_file(name, labels):
    assert copies((DATA / f"{name}.zpl").read_text(encoding="utf-8")) == labels


def test_labels_of_one_format():
    assert [labels_of(zpl) for zpl in ("^XA^XZ", "^XA^FDa^PQ3^XZ", "^XA^MCY^XZ", "^XA^DFA^FS^FDa^XZ", "^XA^PQ2^XZ")] == [
        1, 3, 0, 0, 2,
    ]  # fmt: skip
    assert copies("^XA^MCY^XZ") == 1
