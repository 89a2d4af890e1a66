"""How large a label is drawn and what it says, read from any text without ever failing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.label_files.label_picture import DOTS_PER_MM, MOST_DOTS, size_of, words_of

ZPL_LIKE = st.text(st.sampled_from("^~XAZPWLFDSHCB0123456789,._: \nä"), max_size=200)


@pytest.mark.parametrize(
    ("zpl", "resolution", "width", "length", "known"),
    [
        ("^XA^PW812^LL1218^FDx^FS^XZ", "203", 101.5, 152.25, (True, True)),
        ("^XA^PW1200^LL900^FDx^FS^XZ", "300", 100, 75, (True, True)),
        ("^XA^PW2400^FDx^FS^XZ", "600", 100, 203.2, (True, False)),
        ("^XA^LL600^FDx^FS^XZ", "300", 101.6, 50, (False, True)),
        ("^XA^FDx^FS^XZ", False, 101.6, 203.2, (False, False)),
        ("^XA^PW600^XZ^XA^PW1200^LL0900^FDx^FS^XZ", "300", 100, 75, (True, True)),  # set-up before, the later holds
        ("^XA^pw1200^ll900^FDx^FS^XZ", "300", 100, 75, (True, True)),
        ("^CC+\n+XA+PW1200+LL900+FDx+FS+XZ", "300", 100, 75, (True, True)),
        ("^XA^PW-5^LLabc^FDx^FS^XZ", "300", 101.6, 203.2, (False, False)),
        ("^XA^PW999999^LL٣٣^FDx^FS^XZ", "300", 101.6, 203.2, (False, False)),
        ("^XA^PW1200^LL900^FO9,9^FDPW 1 ^FS^XZ", "72", 100, 75, (True, True)),  # no resolution of Zebra's
        ("", None, 101.6, 203.2, (False, False)),
    ],
)
def test_the_size_is_the_labels_own_else_the_usual_one(zpl, resolution, width, length, known):
    size = size_of(zpl, resolution)
    assert (size.width, size.length) == pytest.approx((width, length), abs=0.05)
    assert (size.knows_width, size.knows_length) == known


def test_no_picture_takes_all_memory():
    size = size_of("^XA^PW32000^LL32000^FDx^FS^XZ", "600")
    assert size.width * size.length * size.dots**2 == pytest.approx(MOST_DOTS, rel=0.01)
    assert size.knows_length


def test_words_are_those_of_the_fields():
    zpl = (
        "^XA^CI28^FXnot this^FS^FO1,1^FDTomato Soup^FS^FO1,9^FH^FDM_C3_BCller_0D^FS^FO1,5^FH#^FDK#C3#A4se^FS"
        "^FO9,9^BCN,100^FDLOT-1^FS^FO9,20^FDLOT-1^FS^FDA_41^FS^XZ"
    )
    assert words_of(zpl) == "Tomato Soup\nMüller\nKäse\nLOT-1\nA_41"


def test_many_words_are_shortened():
    words = words_of("^XA" + "".join(f"^FD{number} {'x' * 50}^FS" for number in range(100)) + "^XZ")
    assert len(words) == 500
    assert words.endswith("…")
    assert words_of("^XA^FD" + "x" * 4000 + "^FS^XZ").startswith("xxx")


@given(ZPL_LIKE, st.sampled_from([*DOTS_PER_MM, None, False, "x"]))
def test_any_text_has_a_size_that_can_be_drawn(zpl, resolution):
    size = size_of(zpl, resolution)
    assert size.width > 0 and size.length > 0
    assert size.width * size.length * size.dots**2 <= MOST_DOTS * 1.01
    assert len(words_of(zpl)) <= 500
