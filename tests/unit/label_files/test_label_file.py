"""Files as people have them, cut into single labels; tests/unit/data has one for each public report or experiment."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.contract.print_request import LabelError
from services.label_files import label_file
from services.label_files.label_file import single_entries, split_labels

DATA = Path(__file__).resolve().parents[1] / "data"
GRAPHIC = "~DGR:LOGO.GRF,2,1,FFFF"


def case(name):
    return (DATA / name).read_text(encoding="utf-8")


def test_graphics_go_with_each_label_that_calls_them():
    labels = split_labels(case("graphics_before_label.zpl"))
    assert [label.startswith(GRAPHIC) for label in labels] == [True, True]
    assert ["Box 1" in label for label in labels] == [True, False]
    assert ["Box 2" in label for label in labels] == [False, True]


def test_a_label_that_is_one_graphic_is_one_label_and_is_cleaned_up_last():
    (label,) = split_labels(case("whole_label_is_one_graphic.zpl"))
    assert label.index("~DG") < label.index("^XG") < label.index("^ID")


def test_a_stored_format_goes_with_each_label_and_is_not_counted():
    labels = split_labels(case("stored_format.zpl"))
    assert len(labels) == 2
    for number, label in enumerate(labels, start=1):
        assert label.index("^DFR:BOX.ZPL") < label.index("^XFR:BOX.ZPL") < label.index(f"^FDBox {number}^FS")


def test_setup_and_cleanup_go_with_the_label_and_are_not_counted():
    (label,) = split_labels(case("setup_label_cleanup.zpl"))
    assert label.index("~TA000") < label.index("Box 1") < label.index("^MCY")
    assert "".join(label.split()) == "".join(case("setup_label_cleanup.zpl").split())


def test_copies_are_labels():
    labels = split_labels(case("five_copies.zpl"))
    assert len(labels) == 5
    assert all(label.count("^PQ") == 1 and "^PQ1," in label for label in labels)


def test_copies_in_a_comment_are_none():
    (label,) = split_labels(case("copies_in_a_comment.zpl"))
    assert "100" not in label
    assert "^FDBox 1^FS" in label


def test_accents_declare_their_character_set():
    (label,) = split_labels(case("accents_undeclared.zpl"))
    assert label.startswith("^XA^CI28^FO")
    assert "^FDCrème brûlée^FS" in label


def test_accents_are_the_bytes_of_the_declared_character_set():
    (label,) = split_labels(case("cp1252_declared.zpl"))
    assert "^CI27" in label
    assert "^FH^FDCaf_E9^FS" in label


PLAIN = "^XA^FO40,40^A0N,30,30^FDBox 1^FS^XZ"


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        (PLAIN, [PLAIN]),
        ("\ufeff\x10\r\n" + PLAIN + "\r\n", [PLAIN]),
        ("^xa^fo1,1^fdx^fs^xz", ["^xa^fo1,1^fdx^fs^XZ"]),
        ("", []),
        ("no ZPL at all", []),
        ("^XA^XZ", []),
        ("^XA^MCY^XZ", []),
        (f"{PLAIN}^XZ", [PLAIN]),
        # Only what a label calls goes with it, also by way of something else.
        (f"{GRAPHIC}\n{PLAIN}", [PLAIN]),
        ("^XA^DFR:A^FS^XGLOGO^FS^XZ" + GRAPHIC, []),
        # The newest of a name, and none that has been removed.
        ("~DGR:L.GRF,1,1,AA\n~DGR:L.GRF,1,1,BB\n^XA^XGL^FS^XZ", ["~DGR:L.GRF,1,1,BB\n^XA^XGL^FS^XZ"]),
        ("~DGR:L.GRF,1,1,AA^XA^IDR:*.*^FS^XZ^XA^XGL^FS^XZ", ["^XA^IDR:*.*^FS^XZ\n^XA^XGL^FS^XZ"]),
        # Other prefixes and another delimiter hold for all that follows, and no label may depend on that.
        ("^XA^CC++XZ+XA+FO10,10+FDR^2+FS+XZ", None),
        ("~CC+\n+XA+FO10,10+FDR^2+FS+XZ", ["^XA^FO10,10^FH^FDR_5E2^FS^XZ"]),
        ("^XA^CC++FO1,1+FDa+FS+XZ+XA+FDb+FS+XZ", ["^XA^FO1,1^FDa^FS^XZ", "^XA^FDb^FS^XZ"]),
        ("^XA^CD;^FO1;2^FDa;b,c^FS^XZ", ["^XA^FO1,2^FDa;b,c^FS^XZ"]),
        ("^XA^CT%^FO1,1^FDa~b^FS%SD15^XZ", ["^XA^FO1,1^FH^FDa_7Eb^FS~SD15^XZ"]),
        # A number of copies outside a comment, and one in it.
        ("^XA^FXtwo copies\n^PQ2\n^FDa^FS^XZ", ["^XA^FDa^FS^PQ1,0,0,N^XZ"] * 2),
        ("^XA^FX\nonce ^PQ9\n^FS^FDa^FS^XZ", None),
        ("^XA^PQ0^FDa^FS^XZ", ["^XA^PQ0^FDa^FS^XZ"]),
        ("^XA^PQ3,2,0,Y^FDa^FS^XZ", [
            "^XA^FDa^FS^PQ1,0,0,Y^XZ", "^XA^FDa^FS^PQ1,1,0,Y^XZ", "^XA^FDa^FS^PQ1,0,0,Y^XZ",
        ]),
        ("^XA^FO1,1^SN008,1,Y^FS^PQ3^XZ", [f"^XA^FO1,1^SN{n},1,Y^FS^PQ1,0,0,N^XZ" for n in ("008", "009", "010")]),
        ("^XA^SNA7B,-2^FS^PQ4,0,2^XZ", [f"^XA^SN{n},-2^FS^PQ1,0,0,N^XZ" for n in ("A7B", "A7B", "A5B", "A5B")]),
        # A quantity in a stored format is that of the labels that call it.
        ("^XA^DFR:A^FS^FN1^FS^PQ2^XZ^XA^XFR:A^FS^FN1^FDx^FS^XZ", [
            "^XA^DFR:A^FS^FN1^FS^PQ1^XZ\n^XA^XFR:A^FS^FN1^FDx^FS^PQ1,0,0,N^XZ",
        ] * 2),
        # Zebra's other language between the formats.
        ('! U1 setvar "media.speed" "4"\r\n' + PLAIN, ['! U1 setvar "media.speed" "4"\n' + PLAIN]),
        ("~SD15" + PLAIN + "~SD20" + PLAIN, [f"~SD15\n{PLAIN}", f"~SD15\n~SD20\n{PLAIN}"]),
    ],
)  # fmt: skip
def test_cuts(text, labels):
    found = split_labels(text)
    if labels is None:
        assert len(found) == 1
        assert "PQ9" not in found[0]
    else:
        assert found == labels


def test_settings_are_saved_once():
    first, second = split_labels(f"^XA^MNW^JUS^XZ{PLAIN}{PLAIN}")
    assert ["^JUS" in label for label in (first, second)] == [True, False]
    assert "^MNW" in second


def test_a_repeated_setup_does_not_pile_up():
    labels = split_labels(f"^XA~SD15^XZ{PLAIN}^XA^MCY^XZ" * 200)
    assert len(labels) == 200
    assert max(map(len, labels)) < 200


def test_each_label_with_a_graphic_of_its_own():
    labels = split_labels("".join(f"~DGR:L{n}.GRF,2,1,FFFF\n^XA^XGR:L{n}.GRF^FS^XZ^XA^IDR:L{n}.GRF^FS^XZ" for n in range(200)))
    assert labels[150] == "~DGR:L150.GRF,2,1,FFFF\n^XA^XGR:L150.GRF^FS^XZ\n^XA^IDR:L150.GRF^FS^XZ"
    labels = split_labels("".join(f"~DGR:L.GRF,2,1,{n:04d}\n^XA^XGR:L.GRF^FS^XZ^XA^IDR:L.GRF^FS^XZ" for n in range(3)))
    assert labels[1] == "~DGR:L.GRF,2,1,0001\n^XA^XGR:L.GRF^FS^XZ\n^XA^IDR:L.GRF^FS^XZ"


def test_three_thousand_copies_of_a_large_label_take_no_room():
    labels = split_labels(f"^XA^GFA,8,8,1,{'F' * 2_000_000}^FS^PQ3000^XZ")
    assert len(labels) == 3000
    assert len({id(label) for label in labels}) == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("^XA^FDa^FS", "label_without_end"),
        ("^XA^FDa^FS^XA^FDb^FS^XZ", "label_without_end"),
        ("^XA^GFB,4,4,1,\x00\xff\x00\xff^FS^XZ", "binary_graphic"),
        ("~DYR:LOGO,B,G,4,1,\x00\xff\x00\xff^XA^XGLOGO^FS^XZ", "binary_graphic"),
        ("^XA^FDa^FS^PQ99999999^XZ", "copies_too_many"),
        ("^XA^FD001^FS^SF%d,1^FS^PQ3^XZ", "copies_count_up"),
        (f"~DGR:L.GRF,1,1,{'F' * 2_000_000}" + "^XA^XGL^FS^XZ" * 60, "labels_too_large_together"),
    ],
)
def test_refused_in_words(text, code):
    with pytest.raises(LabelError) as caught:
        split_labels(text)
    assert caught.value.code == code
    assert str(caught.value) == str(caught.value.text)


def test_entries_print_one_label_each():
    entries = single_entries([{"zpl_code": PLAIN, "box_number": 1}, {"zpl_code": case("five_copies.zpl"), "lot_number": "A"}])
    assert len(entries) == 6
    assert [entry.get("lot_number") for entry in entries] == [None] + ["A"] * 5
    odd = [{"zpl_code": "x"}, {}, {"zpl_code": 5}]
    assert single_entries(odd) == odd


@pytest.mark.parametrize(
    ("texts", "most"),
    [
        (["^XA^FDa^FS^PQ501^XZ"], 500),
        (["^XA^FDa^FS^PQ10000^XZ"] * 500, 500),
        (["^XA^FDa^FS^PQ400^XZ", "^XA^FDa^FS^PQ101^XZ"], 500),
        (["^XA^FDa^FS^XZ" * 501], 500),
        (["^XA^FDa^FS^XZ"] * 3, 2),
        (["x"] * 3, 2),
    ],
)
def test_more_than_a_job_holds_is_refused_before_it_is_made(texts, most, monkeypatch):
    made = []
    counted = label_file.single_labels

    def single_labels(*arguments):
        for label in counted(*arguments):
            made.append(label)
            yield label

    monkeypatch.setattr(label_file, "single_labels", single_labels)
    with pytest.raises(LabelError) as caught:
        single_entries([{"zpl_code": text} for text in texts], most)
    assert caught.value.code == "copies_too_many_for_job"
    assert str(caught.value) == str(caught.value.text)
    assert len(made) <= most


def test_as_many_as_a_job_holds():
    texts = ["^XA^FDa^FS^PQ400^XZ", "^XA^FDa^FS^PQ99^XZ", "^XA^FDa^FS^XZ"]
    assert len(single_entries([{"zpl_code": text} for text in texts], 500)) == 500


COMMANDS = ["^XA", "^XZ", "^FO1,1", "^FD", "^FS", "^FH", "^PQ2", "^FX", "~DGR:A.GRF,1,1,F", "^XGA", "^IDR:A.GRF", "^CC+",
            "+XA", "+XZ", "^DFR:F", "^XFF", "^CI27", "^CI28", "^BCN", "~SD15", "\n", "é", "_C3", "word", "^", "~"]  # fmt: skip


@given(st.lists(st.sampled_from(COMMANDS), max_size=30).map("".join))
def test_whatever_is_given_each_piece_is_one_label(text):
    """Cutting again what was cut changes nothing: each piece prints one label and needs no other."""
    try:
        labels = split_labels(text)
    except LabelError:
        return
    for label in labels:
        assert split_labels(label) == [label]
