"""Whether what is kept of the labels of a job can have happened: label_ledgers' rules, without paper or server."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

from .job_account import MARKS, AttemptAccount, Mark, standing_marks
from .label_account import PRINTED
from .label_ledgers import ASKED, LabelLedgers, Order, check_label


def impossible_histories(attempts: Iterable[AttemptAccount], marks: Sequence[Mark]) -> dict[str, list[int]]:
    """What cannot have happened, each with the labels (from 1) that it is kept of; nothing when all is well.

    Attempts and marks are known in their order, but an account may be learnt late: after a retry, or after somebody has
    said what is on paper. So what they kept of a label is no contradiction when an earlier word would have been none.

    :param attempts: those of a job whose newest attempt has ended
    :param marks: what people have seen, oldest first; kinds that say nothing of a label's state are left out
    """
    orders: dict[int, list[tuple[int, str, bool]]] = defaultdict(list)
    for attempt in sorted(attempts, key=lambda one: one.number):
        for index, label in zip(attempt.indexes, attempt.account.labels, strict=False):
            orders[index].append((attempt.number, label.state, label.inferred))
    seen: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for mark in standing_marks(marks):
        if mark.kind in MARKS:
            for index in mark.indexes:
                # Marks count the attempts of the job, of which this label is perhaps not in all.
                made = sum(number <= mark.number for number, _state, _inferred in orders[index])
                seen[index].append((made, mark.kind))
    found: dict[str, list[int]] = defaultdict(list)
    for index, life in orders.items():
        for text in _findings(tuple((state, inferred) for _number, state, inferred in life), tuple(seen[index])):
            found[text].append(index)
    return dict(found)


@lru_cache(maxsize=1024)
def _findings(orders: tuple[tuple[str, bool], ...], marks: tuple[tuple[int, str], ...]) -> tuple[str, ...]:
    """Most labels of all jobs have one of a few lives."""
    known_then = [
        Order(_as_then(state, _next_step(number, len(orders), marks)), inferred=inferred)
        for number, (state, inferred) in enumerate(orders, start=1)
    ]
    return tuple(finding.text for finding in check_label(LabelLedgers(known_then, marks)))


def _next_step(number: int, orders: int, marks: tuple[tuple[int, str], ...]) -> str:
    """What came of the label next: the first mark after its order of this number, the next order, or nothing."""
    return next((kind for made, kind in marks if made == number), ASKED if number < orders else "")


def _as_then(state: str, followed_by: str) -> str:
    """A state that allows what followed, where the print server may have said something else only after that.

    `job_account` lets the later word stand: what the printer has counted is on paper, whatever was believed.
    """
    if followed_by in (ASKED, "missing") and state in PRINTED:
        return "failed"
    if followed_by == "void" and state in ("failed", "taken_back", "uncertain"):
        return "reported"
    return state
