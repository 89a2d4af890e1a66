"""Label reconciliation: what was asked for against what is on paper, and whether the difference is explained.

As 21 CFR 211.125(c) and EU GMP Annex 11 ask of whoever issues labels: issued = used + destroyed + returned, and a
difference that nobody has explained is a deviation.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from .label_account import OPEN, PRINTED

# Which of several jobs' labels for the same box decides, strongest first.
FATES = ("on_paper", "uncertain", "under_way", "destroyed", "missing")


@dataclass(frozen=True)
class AskedLabel:
    """One label of one job.

    :ivar key: what it is for, as its box and lot; labels with the same key stand for one another
    :ivar state: its state in the job's account
    :ivar explained: a person has said why it was not printed
    """

    key: Hashable
    state: str
    explained: bool = False

    @property
    def fate(self) -> str:
        """One of `FATES`."""
        if self.state == "void":
            return "destroyed"
        if self.state in PRINTED:
            return "on_paper"
        if self.state == "uncertain":
            return "uncertain"
        return "under_way" if self.state in OPEN else "missing"


@dataclass(frozen=True)
class Reconciliation:
    """The sums. ``asked == on_paper + destroyed + uncertain + under_way + missing``, always.

    :ivar explained: how many of those missing have a person's reason
    :ivar repeated: labels that came to paper beyond the first of their key, without being a copy
    """

    asked: int = 0
    on_paper: int = 0
    destroyed: int = 0
    uncertain: int = 0
    under_way: int = 0
    missing: int = 0
    explained: int = 0
    repeated: int = 0

    @property
    def unexplained(self) -> int:
        """Labels that are certainly not on paper, and nobody has said why."""
        return self.missing - self.explained

    @property
    def is_complete(self) -> bool:
        """Whether each label is on paper, was destroyed, or has its reason."""
        return bool(self.asked) and not (self.uncertain or self.under_way or self.unexplained)


def reconcile(labels: Iterable[AskedLabel]) -> Reconciliation:
    """Sum up labels; of those with the same key the strongest fate counts, once."""
    by_key: dict[Hashable, list[AskedLabel]] = {}
    for label in labels:
        by_key.setdefault(label.key, []).append(label)
    sums = dict.fromkeys((*FATES, "explained", "repeated"), 0)
    for same in by_key.values():
        fates = [label.fate for label in same]
        fate = min(fates, key=FATES.index)
        sums[fate] += 1
        sums["explained"] += fate == "missing" and any(label.explained for label in same)
        sums["repeated"] += max(0, fates.count("on_paper") - 1)
    return Reconciliation(asked=len(by_key), **sums)
