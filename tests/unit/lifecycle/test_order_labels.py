"""Which labels of an order are left to print, and their boxes, after its quantity or its lots have changed."""

from services.lifecycle.order_labels import not_asked_for, with_boxes


def labels(lots, first=1):
    """“AAB” → labels of boxes 1, 2 (lot A) and 3 (lot B)."""
    return [{"box_number": number, "lot_number": lot} for number, lot in enumerate(lots, start=first)]


def boxes(found):
    return [label["box_number"] for label in found]


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


def test_labels_without_a_usable_box():
    odd = [{"box_number": "B-7", "lot_number": "A"}, {"lot_number": "A"}]
    assert not_asked_for(labels("AAA"), odd) == labels("A", first=3)
    assert boxes(with_boxes(odd, odd, 3)) == [1, 2]
