"""Which labels of an order are left to print, and their boxes, after its quantity or its lots have changed."""

import pytest
from services.lifecycle.order_labels import (
    FURTHER,
    is_of_lot,
    item_of,
    keys_of_labels,
    label_entries,
    lot_of,
    lots_in_short,
    not_asked_for,
    with_boxes,
)


def labels(lots, first=1):
    """“AAB” → labels of boxes 1, 2 (lot A) and 3 (lot B)."""
    return [{"box_number": number, "lot_number": lot} for number, lot in enumerate(lots, start=first)]


def boxes(found):
    return [label["box_number"] for label in found]


def test_what_is_no_record_is_no_item():
    """Rows that were stored before records were checked may hold anything there."""
    for odd in ([5], {"id": 5}, "5", True, -1, 2**31, 1.5):
        label = {"box_number": 1, "lot_number": "A", "lot_id": odd, "product_id": odd}
        assert item_of(label) == (0, "A")
        assert is_of_lot(label, 7, "A")
        assert boxes(not_asked_for(labels("AA"), [label])) == [2]


def test_nothing_asked_for_leaves_everything():
    order = labels("AAB")
    assert not_asked_for(order, []) == order


def test_what_was_asked_for_is_not_left_and_copies_count_once():
    order = labels("AAAAA")
    assert boxes(not_asked_for(order, labels("AA") + labels("AA"))) == [3, 4, 5]


def test_a_grown_order_has_the_new_boxes_left():
    assert boxes(not_asked_for(labels("AAAA"), labels("AA"))) == [3, 4]


def test_a_lot_added_later_takes_boxes_of_the_first():
    order, asked = labels("AABB"), labels("AAAA")
    left = not_asked_for(order, asked)
    assert boxes(left) == [3, 4]
    assert boxes(with_boxes(left, asked, 4)) == [5, 6], "boxes 3 and 4 are labelled with the other lot"


def test_labels_of_a_lot_count_for_each_other_when_its_boxes_have_moved():
    order = labels("BBAA")
    assert not_asked_for(order, labels("AA")) == labels("BB")


def test_serial_numbers_that_have_moved():
    assert not_asked_for(labels(["S0", "S1", "S2"]), labels(["S1", "S2"])) == labels(["S0"])


def test_further_boxes_go_on_after_the_highest():
    order = labels("AA")
    assert boxes(with_boxes([*order, order[-1], order[-1]], [], 2)) == [1, 2, 3, 4]
    assert boxes(with_boxes([order[-1]], labels("AAAAA"), 2)) == [6]
    further = with_boxes([*order, order[-1]], [], 2)
    assert [label.get("further") for label in further] == [None, None, True]


def test_labels_without_a_usable_box():
    odd = [{"box_number": "B-7", "lot_number": "A"}, {"lot_number": "A"}]
    assert not_asked_for(labels("AAA"), odd) == labels("A", first=3)
    assert boxes(with_boxes(odd, odd, 3)) == [1, 2]


def of(product, lot, box, lot_id=None):
    return {"box_number": box, "product_id": product, "lot_number": lot, "lot_id": lot_id}


def test_the_same_lot_name_on_two_products():
    order = [of(1, "A", 1, 11), of(1, "A", 2, 11), of(2, "A", 3, 22)]
    assert boxes(not_asked_for(order, [of(2, "A", 3, 22)])) == [1, 2]
    assert boxes(not_asked_for(order, [of(2, "A", 1, 22)])) == [1, 2]


def test_a_renamed_lot_is_the_same_lot():
    assert not_asked_for([of(1, "NEW", 1, 11)], [of(1, "OLD", 1, 11)]) == []


def test_labels_from_before_products_were_kept_count_by_name():
    order = [of(1, "A", 1, 11), of(1, "B", 2, 12), of(2, None, 3)]
    assert boxes(not_asked_for(order, labels("A"))) == [2, 3]
    assert boxes(not_asked_for(order, [{"box_number": 3}])) == [1, 2]


@pytest.mark.parametrize("data", [None, 5, "text", {"zpl_code": "x"}])
def test_what_is_no_list_of_labels(data):
    assert label_entries(data) == []


def test_what_is_no_label_is_an_empty_one():
    odd = [{"lot_number": 5}, "x", None, {"lot_number": ["A"]}]
    assert [lot_of(label) for label in label_entries(odd)] == ["5", "", "", "['A']"]


def test_of_which_lot_a_label_is():
    assert is_of_lot(of(1, "A", 1, 11), 11, "renamed")
    assert not is_of_lot(of(1, "A", 1, 11), 12, "A")
    assert is_of_lot(of(1, "A", 1), 12, "A")


@pytest.mark.parametrize(
    ("lots", "text"),
    [
        ([], ""),
        ([None, ""], ""),
        (["SN-1", None], "SN-1"),
        (["SN-1", "SN-2"], "SN-1 (+1)"),
        (["SN-1", "SN-2", "SN-1", "SN-3"], "SN-1 (+2)"),
    ],
)
def test_lots_in_short(lots, text):
    assert lots_in_short([{"lot_number": lot} for lot in lots]) == text


def test_boxes_of_labels_without_any():
    assert with_boxes([{}, {}], [], 0) == [{"box_number": 1, FURTHER: True}, {"box_number": 2, FURTHER: True}]
    assert with_boxes([], [], 0) == []
    # The box is written as a number, whatever it was before.
    assert with_boxes([{"box_number": "2"}], [], 2) == [{"box_number": 2}]


NEW = {"box_number": 1, "product_id": 7, "lot_id": 70, "lot_number": "LOT-A"}


@pytest.mark.parametrize(
    ("order", "label", "is_same"),
    [
        (1, NEW, True),
        (2, NEW, False),  # each order has a box 1
        (("company", "MO/1"), NEW, False),
        (1, {**NEW, "box_number": 2}, False),
        (1, {**NEW, "lot_id": 71}, False),
        (1, {**NEW, "lot_number": "LOT-RENAMED"}, True),
        # Labels from before records were kept, and those of other programs.
        (1, {"box_number": 1, "lot_number": "LOT-A"}, True),
        (1, {"box_number": "1", "lot_number": "LOT-A", "product_id": 7}, True),
        (1, {"box_number": 1, "lot_number": "LOT-A", "product_id": 8}, False),
        (1, {"box_number": 1, "lot_number": "LOT-B"}, False),
        (1, {"box_number": 1}, False),
    ],
)
def test_which_labels_are_for_the_same_box(order, label, is_same):
    keys = keys_of_labels([(1, NEW), (order, label)])
    assert (keys[0] == keys[1]) is is_same
    assert keys_of_labels([(order, label), (1, NEW)]) == keys[::-1]


def test_a_name_that_two_lots_have_in_a_box_is_neither():
    other = {**NEW, "product_id": 8, "lot_id": 80}
    keys = keys_of_labels([(1, NEW), (1, other), (1, {"box_number": 1, "lot_number": "LOT-A"})])
    assert len(set(keys)) == 3


def test_a_product_without_lots_is_known_by_its_box():
    plain = {"box_number": 1, "product_id": 7}
    keys = keys_of_labels([(1, plain), (1, {"box_number": 1}), (2, {"box_number": 1}), (2, {"box_number": 1})])
    assert keys[0] == keys[1] != keys[2] == keys[3]


def test_without_an_order_or_a_box_a_label_is_for_itself():
    assert keys_of_labels([(False, NEW), (1, {**NEW, "box_number": "x"}), (1, {})]) == [None, None, None]
