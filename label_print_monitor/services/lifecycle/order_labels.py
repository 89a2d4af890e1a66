"""Which labels of an order have not been asked for yet, and which box each further one belongs to.

A label of an order is known by its box, its product and its lot. Orders change between two prints: quantities grow,
lots are added or corrected, so that a box may come to hold another lot. Then labels of a lot count for each other.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence

from ..contract.clean_values import clean_id

Label = dict[str, object]

LABEL_NAMES = ("box_number", "product_id", "lot_id", "lot_number")  # by which a label of an order is known

FURTHER = "further"  # of a label for a box beyond those of its order; no print server gets to see it


def box_of(label: Label) -> int:
    """The number of a label's box, 0 for one that has none, or none that is a number."""
    try:
        return max(0, int(str(label.get("box_number") or 0)))
    except ValueError:
        return 0


def lot_of(label: Label) -> str:
    """The name of a label's lot or serial number, '' for none. Old labels may have a number, or anything, there."""
    return str(label.get("lot_number") or "")


def lots_in_short(labels: Iterable[Label]) -> str:
    """The first lot of these labels, and how many others: "SN-001 (+19)"; '' for labels without a lot."""
    lots = [lot for lot in dict.fromkeys(map(lot_of, labels)) if lot]
    return f"{lots[0]} (+{len(lots) - 1})" if len(lots) > 1 else "".join(lots)


def item_of(label: Label) -> tuple[object, object]:
    """What a label is for: its product and its lot. Two products may have lots of the same name.

    Stored labels may have anything in place of an id; it counts as none.
    """
    return clean_id(label.get("product_id")), clean_id(label.get("lot_id")) or lot_of(label)


def label_entries(data: object) -> list[Label]:
    """The labels of a job as they are stored; in place of what is no label, an empty one."""
    return [label if isinstance(label, dict) else {} for label in data] if isinstance(data, list) else []


def is_of_lot(label: Label, lot_id: int, name: str) -> bool:
    """Whether a label is of this lot. Where it does not say by its record, the name decides."""
    return own == lot_id if (own := clean_id(label.get("lot_id"))) else lot_of(label) == name


def keys_of_labels(labels: Iterable[tuple[Hashable, Label]]) -> list[Hashable]:
    """What each label is for: labels of several jobs with the same key are for the same box.

    Each order counts its boxes from 1, so that the box and the lot alone are not enough. Labels from before records
    were kept know the lot's name alone: they are for what the other label of this box with this name is for.

    :param labels: the order and the names of each; no order where none is known
    :return: a key for each, None for one that has no order or no box: nothing stands for it but itself
    """
    labels = list(labels)
    known = defaultdict(set)
    for order, label in labels:
        if (lot := clean_id(label.get("lot_id"))) or clean_id(label.get("product_id")):
            place = order, box_of(label), lot_of(label), bool(lot)
            known[place].add((clean_id(label.get("product_id")), lot or lot_of(label)))
    return [_key_of_label(order, label, known) if order and box_of(label) else None for order, label in labels]


def _key_of_label(order: Hashable, label: Label, known: dict[Hashable, set]) -> Hashable:
    box, product, name = box_of(label), clean_id(label.get("product_id")), lot_of(label)
    if lot := clean_id(label.get("lot_id")):
        return order, box, "lot", lot
    lots = {lot for of, lot in known.get((order, box, name, True), ()) if not (product and of) or of == product}
    if len(lots) == 1:
        return order, box, "lot", lots.pop()
    products = {of for of, _name in known.get((order, box, name, False), ())}
    return order, box, "name", product or (products.pop() if len(products) == 1 else 0), name


def not_asked_for(labels: Sequence[Label], asked: Iterable[Label]) -> list[Label]:
    """The labels of an order that no job has asked for, in their order.

    :param labels: all labels of the order as it is now
    :param asked: the labels of its print jobs; copies of one label may be among them
    """
    # Labels from before products were kept know the lot's name alone.
    named_alone = {lot_of(label): item_of(label) for label in reversed(labels)}
    named = [
        (box_of(label), item_of(label) if item_of(label)[0] else named_alone.get(lot_of(label), item_of(label)))
        for label in asked
    ]
    wanted = set(named)
    own = {(box_of(label), item_of(label)) for label in labels}
    # What was asked for without a box, or under one that the lot no longer has: it counts for another box of the lot.
    others = Counter(item for box, item in wanted - own if box)
    others.update(item for box, item in named if not box)
    left = []
    for label in labels:
        item = item_of(label)
        if (box_of(label), item) in wanted:
            continue
        if others[item]:
            others[item] -= 1
            continue
        left.append(label)
    return left


def with_boxes(labels: Sequence[Label], asked: Iterable[Label], of_order: int) -> list[Label]:
    """Labels that are going to be printed, each with a box of its own.

    A label keeps the box that it has in the order unless a job has asked for that box already, or it comes a second
    time; boxes beyond those go on after the highest, and their labels say that they are `FURTHER`.

    :param labels: labels of the order; one that stands here twice is wished for a further box
    :param asked: the labels that jobs have asked for
    :param int of_order: how many labels the order has
    """
    taken = {box_of(label) for label in asked}
    own = []
    for label in labels:
        box = box_of(label)
        own.append(box if 1 <= box <= of_order and box not in taken else 0)
        taken.add(box)
    highest = max(taken, default=0)
    boxed = []
    for label, box in zip(labels, own, strict=True):
        if not box:
            highest += 1
        boxed.append({**label, "box_number": box} if box else {**label, "box_number": highest, FURTHER: True})
    return boxed
