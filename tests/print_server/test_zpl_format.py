"""How many labels a text prints, for the small inputs that failed."""

from pathlib import Path

import pytest

from print_server.zpl_format import MOST_COPIES, Output, labels_of, output

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
    assert output((DATA / f"{name}.zpl").read_text(encoding="utf-8")).copies == labels


def test_labels_of_one_format():
    assert [labels_of(zpl) for zpl in ("^XA^XZ", "^XA^FDa^PQ3^XZ", "^XA^MCY^XZ", "^XA^DFA^FS^FDa^XZ", "^XA^PQ2^XZ")] == [
        1, 3, 0, 0, 2,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("zpl", "formats", "copies"),
    [
        ("^xa^fdx^fs^pq5^xz", 1, 5),
        ("\ufeff\x10\r\n^XA^FDx^FS^PQ3,0,1,Y^XZ", 1, 3),
        ("^XA^FX ^PQ7 is too many^FS^FDx^FS^XZ", 1, 1),
        ("^XA^FDx^FS^FX ends with the format ^PQ7^XZ^XA^FDy^FS^XZ", 2, 2),
        ("^XA^PQ2^FDx^FS^PQ4^XZ", 1, 4),
        ("^XA^FDx^FS^PQ0^XZ", 1, 1),
        ("^XA^FDx^FS^PQ2^XZ^XA^FDy^FS^XZ", 2, 3),
        ("~DGR:A.GRF,8,1,FF^XA^FO1,1^XGR:A.GRF^FS^XZ", 1, 1),
        ("^XA^DFR:A^FO1,1^FN1^FS^XZ^XA^XFR:A^FN1^FDx^FS^XZ", 1, 1),
        ("^XA~TA000~JSN^MNW^JUS^XZ", 0, 0),
        ("^XA^IDR:A.GRF^FS^XZ", 0, 0),
        ("^XA^GB1,1,1^FS^PQ99999999^XZ" * 3, 3, MOST_COPIES),
        ("", 0, 0),
    ],
)
def test_output(zpl, formats, copies):
    assert output(zpl) == Output(formats, copies)
