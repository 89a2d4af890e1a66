"""The hashes of a job's labels: one for each, found by the label's number, and those that everybody else computes."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st
from services.label_files.label_hashes import NO_HASH, SIZE, hash_at, hash_of, hashes_of

LABELS = st.lists(
    st.dictionaries(st.sampled_from(["zpl_code", "lot_number"]), st.one_of(st.none(), st.integers(), st.text(max_size=40)))
)


def test_the_hash_is_that_of_the_bytes_sent():
    zpl = "^XA^CI28^FDKäse 5 °C^FS^XZ"
    assert hash_of(zpl) == hashlib.sha256(zpl.encode()).hexdigest()


@given(LABELS)
def test_each_label_has_its_hash_at_its_number(labels):
    hashes = hashes_of(labels)
    assert len(hashes) == SIZE * len(labels)
    for number, label in enumerate(labels, start=1):
        zpl = label.get("zpl_code")
        assert hash_at(hashes, number) == (hash_of(zpl) if isinstance(zpl, str) and zpl else "")
    assert hash_at(hashes, 0) == hash_at(hashes, -1) == hash_at(hashes, len(labels) + 1) == ""


def test_what_is_no_text_of_hashes_has_none():
    for kept in (None, False, "", "abc", NO_HASH, 7):
        assert hash_at(kept, 1) == ""
