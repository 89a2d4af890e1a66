"""Labels are checked before anything is sent, and what is wrong is said about the label by its number."""

import pytest
from services.contract.payloads import LabelError, build_print_payload, validate_labels
from services.contract.print_request import with_text_lot

GOOD = {"zpl_code": "^XA^FDbox^FS^XZ"}


@pytest.mark.parametrize(
    ("labels", "quantity", "code"),
    [
        ([GOOD], 0, "quantity_too_small"),
        ([GOOD], -5, "quantity_too_small"),
        ([GOOD], 501, "quantity_too_large"),
        ([GOOD], True, "quantity_not_a_number"),
        ([GOOD], "1", "quantity_not_a_number"),
        ([GOOD], None, "quantity_not_a_number"),
        (GOOD, 1, "labels_not_a_list"),
        ("^XA^XZ", 1, "labels_not_a_list"),
        (None, 1, "labels_not_a_list"),
        ([], 1, "labels_none"),
        ([GOOD] * 501, 500, "labels_too_many"),
        ([GOOD, "^XA^XZ"], 2, "label_not_a_mapping"),
        ([GOOD, {}], 2, "label_without_zpl"),
        ([{"zpl_code": " \n"}], 1, "label_without_zpl"),
        ([{"zpl_code": 5}], 1, "label_without_zpl"),
        ([{"zpl_code": "^XA no end"}], 1, "label_not_zpl"),
        ([{"zpl_code": "no start ^XZ"}], 1, "label_not_zpl"),
        ([{"zpl_code": "^XZ^XA"}], 1, "label_not_zpl"),
        ([{"zpl_code": "^XA\x00^XZ"}], 1, "label_unreadable"),
        ([{"zpl_code": "^XA\ud800^XZ"}], 1, "label_unreadable"),
        ([{**GOOD, "lot_number": ["L-1"]}], 1, "lot_not_text"),
        ([{**GOOD, "lot_number": {"a": 1}}], 1, "lot_not_text"),
        ([{**GOOD, "lot_number": 5}], 1, "lot_not_text"),
        ([{**GOOD, "lot_number": True}], 1, "lot_not_text"),
        ([{**GOOD, "lot_number": "x" * 256}], 1, "lot_not_text"),
        ([{**GOOD, "lot_number": "a\x00"}], 1, "lot_not_text"),
        ([{**GOOD, "lot_number": "a\ud800"}], 1, "lot_not_text"),
        ([{**GOOD, "product_id": [5]}], 1, "label_record_unknown"),
        ([{**GOOD, "product_id": "5"}], 1, "label_record_unknown"),
        ([{**GOOD, "product_id": -1}], 1, "label_record_unknown"),
        ([{**GOOD, "lot_id": True}], 1, "label_record_unknown"),
        ([{**GOOD, "lot_id": 2.0}], 1, "label_record_unknown"),
        ([{**GOOD, "lot_id": 2**31}], 1, "label_record_unknown"),
        ([GOOD, GOOD], 3, "quantity_differs"),
        ([GOOD], 3, "quantity_differs_one"),
    ],
)
def test_bad_labels(labels, quantity, code):
    with pytest.raises(LabelError) as caught:
        validate_labels(labels, quantity)
    assert caught.value.code == code
    assert str(caught.value) == caught.value.message % caught.value.params == str(caught.value.text)


def test_the_label_is_named_by_its_number():
    with pytest.raises(LabelError, match="label 3 "):
        validate_labels([GOOD, GOOD, {"zpl_code": "x"}], 3)


def test_records_of_a_label():
    for nothing in (None, False, 0):
        validate_labels([{**GOOD, "product_id": nothing, "lot_id": nothing}], 1)
    validate_labels([{**GOOD, "product_id": 1, "lot_id": 2**31 - 1}], 1)
    # What was kept before this was checked is still sent: these keys are not among what a print server gets.
    assert build_print_payload("Zebra", [{**GOOD, "product_id": [5]}], None, None)["labels"] == [GOOD]


@pytest.mark.parametrize("zpl", ["^xa^fdx^xz", "~DGR:LOGO.GRF,1,1,00\n^XA^XGR:LOGO.GRF^XZ\n", "^XA^XZ^XA^XZ"])
def test_good_labels(zpl):
    validate_labels([{"zpl_code": zpl}] * 500, 500)


def test_a_lot_given_as_a_number_becomes_a_text():
    assert [with_text_lot({"lot_number": lot})["lot_number"] for lot in (5, 0, 1.5, "A", True, None)] == [
        "5", "0", "1.5", "A", True, None,
    ]  # fmt: skip
    assert with_text_lot("no label") == "no label"
    old = {**GOOD, "lot_number": 42}
    assert build_print_payload("Zebra-1", [old], None, None)["labels"] == [{**GOOD, "lot_number": "42"}]


def test_only_the_contracts_keys_are_sent():
    label = {**GOOD, "box_number": 4, "lot_number": False, "metadata": {"a": 1}, "id": 99}
    assert build_print_payload("Zebra-1", [label], "WH/MO/1", "high") == {
        "printer": "Zebra-1",
        "quantity": 1,
        "labels": [{"zpl_code": GOOD["zpl_code"], "box_number": 4, "metadata": {"a": 1}}],
        "job_metadata": {"mo_reference": "WH/MO/1", "priority": "high"},
    }
    assert build_print_payload("Zebra-1", [GOOD], False, "whenever")["job_metadata"] == {}
    with pytest.raises(LabelError):
        build_print_payload("Zebra-1", [], None, None)
    with pytest.raises(LabelError):
        build_print_payload("Zebra-1", None, None, None)
