"""Label reconciliation: what was asked for against what is on paper, and whether the difference is explained.

As 21 CFR 211.125(c) and EU GMP Annex 11 ask of whoever issues labels: issued = used + destroyed + returned, and a
difference that nobody has explained is a deviation.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from .label_account import EVIDENCE, OPEN, PRINTED, RANK

# Which of several jobs' labels for the same box decides, strongest first.
FATES = ("on_paper", "uncertain", "under_way", "destroyed", "missing")


@dataclass(frozen=True)
class Print:
    """One label of one job.

    :ivar state: its state in the job's account
    :ivar explained: a person has said why it was not printed
    :ivar cancelled: its job was: where another job was to print the label, too, what became of that one decides
    :ivar again: how often it came out beyond the first time, in a later attempt of the same job
    """

    state: str
    explained: bool = False
    cancelled: bool = False
    again: int = 0

    @property
    def fate(self) -> str:
        """One of `FATES`."""
        if self.state == "void":
            # One of several was destroyed.
            return "on_paper" if self.again else "destroyed"
        if self.state in PRINTED:
            return "on_paper"
        if self.state == "uncertain":
            return "uncertain"
        return "under_way" if self.state in OPEN else "missing"


@dataclass(frozen=True)
class AskedLabel:
    """One label of one job, with the copies that were made of it on purpose.

    :ivar key: what it is for, as its order, box and lot; labels with the same key stand for one another
    :ivar copies: oldest first
    """

    key: Hashable
    label: Print
    copies: Sequence[Print] = ()


@dataclass(frozen=True)
class Reconciliation:
    """The sums. ``asked == on_paper + destroyed + uncertain + under_way + missing``, always.

    What the strongest of several labels with the same key hides is counted beside that: ``repeated``,
    ``uncertain_beside``, ``under_way_beside`` and ``destroyed_beside``.

    :ivar explained: how many of those missing have a person's reason, for each job that was to print them
    :ivar checked: how many of those on paper somebody has seen there, of the label or of a copy of it
    :ivar weak: labels of which what is on paper is known less well than is wanted
    :ivar repeated: labels that came to paper beyond the first of their key, without being a copy
    :ivar uncertain_beside: labels that may be on paper beyond the one that decides
    :ivar under_way_beside: labels that are still to be printed beyond the one that decides
    :ivar destroyed_beside: labels that were destroyed beyond the one that decides
    :ivar copies: copies that came to paper, those that were destroyed later among them
    :ivar copies_missing: copies that are certainly not on paper, without a reason and without a later one that is
    """

    asked: int = 0
    on_paper: int = 0
    destroyed: int = 0
    uncertain: int = 0
    under_way: int = 0
    missing: int = 0
    explained: int = 0
    checked: int = 0
    weak: int = 0
    repeated: int = 0
    uncertain_beside: int = 0
    under_way_beside: int = 0
    destroyed_beside: int = 0
    copies: int = 0
    copies_destroyed: int = 0
    copies_uncertain: int = 0
    copies_under_way: int = 0
    copies_missing: int = 0

    @property
    def unexplained(self) -> int:
        """Labels that are certainly not on paper, and nobody has said why."""
        return self.missing - self.explained

    @property
    def is_complete(self) -> bool:
        """Whether each label is on paper once, was destroyed, or has its reason, and nothing is in doubt."""
        return bool(self.asked) and not (
            self.uncertain
            or self.under_way
            or self.unexplained
            or self.weak
            or self.repeated
            or self.uncertain_beside
            or self.under_way_beside
            or self.copies_uncertain
            or self.copies_under_way
            or self.copies_missing
        )


def reconcile(labels: Iterable[AskedLabel], wanted: str = EVIDENCE[0]) -> Reconciliation:
    """Sum up labels; of those with the same key the strongest fate counts, once.

    :param wanted: the weakest proof that is good enough, one of `EVIDENCE`
    """
    by_key: dict[Hashable, list[AskedLabel]] = {}
    for label in labels:
        by_key.setdefault(label.key, []).append(label)
    sums = dict.fromkeys(Reconciliation.__dataclass_fields__, 0)
    sums["asked"] = len(by_key)
    for same in by_key.values():
        fates = [one.label.fate for one in same]
        fate = min(fates, key=FATES.index)
        sums[fate] += 1
        decisive = [one.label for one in same if not one.label.cancelled] or [one.label for one in same]
        sums["explained"] += fate == "missing" and all(label.explained for label in decisive)
        one_destroyed = sum(one.label.state == "void" and one.label.again > 0 for one in same)
        again = sum(one.label.again for one in same) - one_destroyed
        sums["repeated"] += max(0, fates.count("on_paper") - 1) + again
        sums["destroyed_beside"] += one_destroyed
        for name in ("uncertain", "under_way", "destroyed"):
            sums[f"{name}_beside"] += fates.count(name) - (fate == name)
        _add_copies(sums, same)
        # A scan is of the paper on the box, which may be a copy; then it is what is known of the label.
        known = {one.state for label in same for one in (label.label, *label.copies) if one.state in EVIDENCE}
        best = max(known, key=RANK.__getitem__, default="")
        sums["checked"] += fate == "on_paper" and best == "checked"
        sums["weak"] += bool(best) and RANK[best] < RANK[wanted]
    return Reconciliation(**sums)


def _add_copies(sums: dict[str, int], same: Iterable[AskedLabel]) -> None:
    for label in same:
        fates = [copy.fate for copy in label.copies]
        sums["copies"] += fates.count("on_paper") + fates.count("destroyed")
        for name in ("destroyed", "uncertain", "under_way"):
            sums[f"copies_{name}"] += fates.count(name)
        # Whoever asked for a copy again after one that failed has it.
        newest = max((place for place, fate in enumerate(fates) if fate in ("on_paper", "destroyed")), default=-1)
        sums["copies_missing"] += sum(
            fates[place] == "missing" and not copy.explained
            for place, copy in enumerate(label.copies)
            if place > newest
        )
