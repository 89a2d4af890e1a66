"""Which labels of an order have not been asked for yet, and which box each further one belongs to.

A label of an order is known by its box and its lot. Orders change between two prints: quantities grow, lots are added
or corrected, so that a box may come to hold another lot. Then labels of a lot count for each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

Label = dict[str, object]


def box_of(label: Label) -> int:
    """The number of a label's box, 0 for one that has none, or none that is a number."""
    try:
        return max(0, int(str(label.get("box_number") or 0)))
    except ValueError:
        return 0


def lot_of(label: Label) -> str:
    """The lot or serial number of a label, '' for none."""
    return str(label.get("lot_number") or "")


def not_asked_for(labels: Sequence[Label], asked: Iterable[Label]) -> list[Label]:
    """The labels of an order that no job has asked for, in their order.

    :param labels: all labels of the order as it is now
    :param asked: the labels of its print jobs; copies of one label may be among them
    """
    named = [(box_of(label), lot_of(label)) for label in asked]
    wanted = set(named)
    own = {(box_of(label), lot_of(label)) for label in labels}
    # What was asked for without a box, or under one that the lot no longer has: it counts for another box of the lot.
    others = Counter(lot for box, lot in wanted - own if box)
    others.update(lot for box, lot in named if not box)
    left = []
    for label in labels:
        lot = lot_of(label)
        if (box_of(label), lot) in wanted:
            continue
        if others[lot]:
            others[lot] -= 1
            continue
        left.append(label)
    return left


def with_boxes(labels: Sequence[Label], asked: Iterable[Label], of_order: int) -> list[Label]:
    """Labels that are going to be printed, each with a box of its own.

    A label keeps the box that it has in the order unless a job has asked for that box already, or it comes a second
    time; boxes beyond those go on after the highest.

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
        boxed.append({**label, "box_number": box or highest})
    return boxed
