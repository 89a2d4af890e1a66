"""Whatever a product or a lot is called, its name is on the label and in the barcode as it is, or is refused in words."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from services.contract.print_request import LabelError
from services.label_files.label_file import split_labels
from services.label_files.marked_text import mark, unescape, unmark

NAMES = (Path(__file__).resolve().parents[1] / "data" / "names.txt").read_text(encoding="utf-8").splitlines()
# As Odoo's own label: the name, the lot as text, the lot as a barcode.
STOCK = "\n^XA\n^FO100,50\n^A0N,44,33^FD{name}^FS\n^A0N,44,33^FDLN/SN: {lot}^FS\n^FO100,150^BY3\n^BCN,100,Y,N,N\n^FD{lot}^FS\n^XZ\n"
TEMPLATES = {
    "declared": STOCK.replace("^XA", "^XA^CI28"),
    "cp1252": STOCK.replace("^XA", "^XA^CI27"),
    "national": STOCK.replace("^XA", "^XA^CI7"),
    "unknown": STOCK.replace("^XA", "^XA^CI17"),
    "hexadecimal": STOCK.replace("^FD", "^FH\\^FD"),
    "data matrix": STOCK.replace("^BCN,100,Y,N,N", "^BXN,8,200"),
    "blocks": STOCK.replace("^A0N,44,33", "^A0N,44,33^FB300,2"),
    "text blocks": STOCK.replace("^A0N,44,33", "^A0N,44,33^TBN,300,100"),
    "after set-up": "^XA^CI27^XZ" + STOCK,
}
ANY_NAME = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=()), min_size=1, max_size=20)


def rendered(template, name, lot="L1"):
    return template.format(name=mark(name), lot=mark(lot))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("template", [STOCK, *TEMPLATES.values()], ids=["stock", *TEMPLATES])
def test_names_that_failed(read_label, template, name):
    (zpl,) = split_labels(rendered(template, name, name), rendered=True)
    label = read_label(zpl.replace("^CI7^", "^CI0^").replace("^CI7\n", "^CI0\n").replace("^CI17", "^CI0"))
    assert label.texts == [name, f"LN/SN: {name}"]
    assert label.barcodes == [name]
    assert "~JA" not in label.commands
    # Cut once more, by whoever makes a job of it, it is the same label.
    assert split_labels(zpl) == [zpl]


@given(ANY_NAME, ANY_NAME)
@example("&amp;", "&#34;")
@example("_5E", "A_B")
@example("\\&", ">8")
@example("^XZ^XA", "~HS")
@example("\ue000\uf8ff", "\u200b")
def test_every_character_is_printed_or_refused(read_label, name, lot):
    try:
        (zpl,) = split_labels(rendered(STOCK, name, lot), rendered=True)
    except LabelError as error:
        assert error.code == "value_unprintable"
        assert any(unicodedata.category(char) in ("Cc", "Cs") or ord(char) & 0xFFFE == 0xFFFE for char in name + lot)
        return
    label = read_label(zpl)
    assert label.texts == [name, f"LN/SN: {lot}"]
    assert label.barcodes == [lot]


@given(ANY_NAME, st.sampled_from([*TEMPLATES.values()]))
def test_in_every_kind_of_field(read_label, name, template):
    try:
        (zpl,) = split_labels(rendered(template, name, name))
    except LabelError as error:
        assert error.code == "value_unprintable"
        return
    label = read_label(zpl.replace("^CI7^", "^CI0^").replace("^CI7\n", "^CI0\n").replace("^CI17", "^CI0"))
    assert (label.texts, label.barcodes) == ([name, f"LN/SN: {name}"], [name])


@given(st.text())
def test_marks_keep_length_and_text(text):
    assert len(mark(text)) == len(text)
    assert unmark(mark(text)) == "".join("\uffff" if 0xF0000 <= ord(char) <= 0xFFFFF else char for char in text)
    assert unescape(mark(text)) == mark(text)


def test_above_the_first_plane(read_label):
    (zpl,) = split_labels(rendered(STOCK, "Pizza \U0001f355"))
    assert read_label(zpl).texts[0] == "Pizza \U0001f355"
    with pytest.raises(LabelError, match="no label can show"):
        split_labels(rendered(STOCK, "A\U000f0041"))


def test_what_a_template_says_itself_stays():
    assert split_labels("^XA^FH^FDa_E9 &amp; b^FS^XZ", rendered=True) == ["^XA^FH^FDa_E9 & b^FS^XZ"]
    assert split_labels("^XA^BCN,9^FD>;>8" + mark("01") + "^FS^XZ") == ["^XA^BCN,9^FD>;>801^FS^XZ"]


def test_bytes_of_the_template_keep_their_meaning(read_label):
    (zpl,) = split_labels("^XA^FH^FD_82t_82^FS^FD" + mark("α") + "^FS^XZ")
    assert read_label(zpl).texts == ["été", "α"]
    (zpl,) = split_labels("^XA^CI27^FH^FD_E9 " + mark("α") + "^FS^FD" + mark("é") + "^FS^XZ")
    assert read_label(zpl).texts == ["é α", "é"]


def test_values_outside_of_data():
    assert split_labels("^XA^FO" + mark("10") + "," + mark("20") + "^FDa^FS^PQ" + mark("2") + "^XZ") == [
        "^XA^FO10,20^FDa^FS^PQ1,0,0,N^XZ"
    ] * 2
    assert split_labels("^XA" + mark("^FO1,1^GFA,1,1,1,FF^FS") + "^FDa^FS^XZ") == ["^XA^FO1,1^GFA,1,1,1,FF^FS^FDa^FS^XZ"]
    assert split_labels("^XA^FX" + mark("A^PQ9~JA") + "^FS^FDa^FS^XZ") == ["^XA^FS^FDa^FS^XZ"]
    with pytest.raises(LabelError, match="would be a command"):
        split_labels("^XA^DFR:" + mark("A~JA") + ".ZPL^FS^XZ")


def test_the_escape_character_of_a_data_matrix(read_label):
    (zpl,) = split_labels("^XA^BXN,8,200,,,,_^FD_1" + mark("A_1~") + "^FS^XZ")
    assert zpl == "^XA^BXN,8,200,,,,_^FH^FD_5F1A_5F_5F1_7E^FS^XZ"
    everything = "é" + "".join(map(chr, range(32, 127)))
    (zpl,) = split_labels("^XA^BCN,100^FD" + mark(everything) + "^FS^XZ")
    assert read_label(zpl).barcodes == [everything]


def test_a_barcode_that_knows_no_accents():
    with pytest.raises(LabelError, match="barcode cannot hold"):
        split_labels("^XA^B3N,N,100^FD" + mark("é") + "^FS^XZ")
    assert split_labels("^XA^B3N,N,100^FD" + mark("A>1") + "^FS^XZ") == ["^XA^B3N,N,100^FDA>1^FS^XZ"]
