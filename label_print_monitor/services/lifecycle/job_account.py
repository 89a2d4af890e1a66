"""The account of a whole job, read from its attempts and from what people have seen; and the status that follows.

Of each label counts the strongest proof that any attempt has of it: a retry in which everything fails must not lose
what is on paper. Without any, the newest attempt that was to print it decides. What a person has seen comes after the
attempts that had been made by then, and before those that follow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from .label_account import EVIDENCE, PRINTED, RANK, Label, LabelAccount

# What a person can say of a label: it is on paper, it is not, it was and has been destroyed.
MARKS = ("checked", "missing", "void")
# And that a scan of theirs was a mistake: no word about the label, but that the one before is not to count.
UNCHECKED = "unchecked"
NOT_ON_PAPER = "not_on_paper"  # the code of a label that a person has looked for in vain
ENDED = ("completed", "completed_with_errors", "failed", "cancelled")


@dataclass(frozen=True)
class AttemptAccount:
    """One attempt: its number, the job's labels that it was to print (from 1), its own end ('' while it runs)."""

    number: int
    indexes: Sequence[int]
    account: LabelAccount
    outcome: str = ""


@dataclass(frozen=True)
class Mark:
    """What a person has said of some of the job's labels (from 1), after the attempt `number`."""

    number: int
    kind: str
    indexes: frozenset[int]
    at: datetime | None = None


@dataclass(frozen=True)
class JobLabel(Label):
    """One label of a job; `attempt` is the one from which its state is known, 0 before the first."""

    attempt: int = 0


@dataclass(frozen=True)
class JobAccount:
    """All labels of a job, and the attempts that they are merged from."""

    labels: tuple[JobLabel, ...]
    attempts: tuple[AttemptAccount, ...] = field(default=(), repr=False)

    def indexes(self, *states: str) -> list[int]:
        """The labels, counted from 1, that have one of these states."""
        return [index for index, label in enumerate(self.labels, start=1) if label.state in states]

    @property
    def printed(self) -> int:
        """Labels on paper, whatever became of them there."""
        return sum(label.state in PRINTED for label in self.labels)

    def printed_again(self) -> dict[int, int]:
        """How often labels, from 1, came out beyond the first time: an account may be learnt after a retry.

        Counted is what the printer itself has taken or counted; a label that a server only counts may be missing.
        """
        counts = Counter(
            index
            for attempt in self.attempts
            for index, label in zip(attempt.indexes, attempt.account.labels, strict=False)
            if label.state in ("spooled", "confirmed")
        )
        return {index: count - 1 for index, count in counts.items() if count > 1}

    @property
    def missing(self) -> list[int]:
        """The labels that are certainly not on paper: what a retry prints."""
        return self.indexes("waiting", "sent", "taken_back", "failed")

    @property
    def uncertain(self) -> list[int]:
        """The labels that may be on paper: what a person has to look for before anything is printed."""
        return self.indexes("uncertain")

    @property
    def evidence(self) -> str:
        """The weakest proof among the labels that are on paper, '' while there is none. Destroyed ones do not count."""
        known = {label.state for label in self.labels if label.state in EVIDENCE}
        return min(known, key=RANK.__getitem__) if known else ""

    def counts(self) -> dict[str, int]:
        """The figures that a job keeps, by the names of its fields."""
        return {
            "current_label": self.printed,
            "confirmed_count": len(self.indexes("confirmed", "checked")),
            "failed_count": len(self.indexes("failed")),
            "uncertain_count": len(self.uncertain),
        }

    def runs(self) -> list[tuple[int, str, str]]:
        """``(how many, state, code)`` of consecutive labels that are alike."""
        return LabelAccount(self.labels).runs()

    @property
    def status(self) -> str:
        """The status of a job whose newest attempt has ended, from all its labels: see `derive_status`."""
        return derive_status(self)


def job_account(quantity: int, attempts: Iterable[AttemptAccount], marks: Iterable[Mark] = ()) -> JobAccount:
    """Merge what the attempts of a job of `quantity` labels and people's marks say. Never raises for odd numbers."""
    ordered = tuple(sorted(attempts, key=lambda attempt: attempt.number))
    seen = sorted(enumerate(standing_marks(marks)), key=lambda pair: (pair[1].number, pair[0]))
    labels = [JobLabel()] * max(0, quantity)
    pending = [mark for _place, mark in seen]
    for attempt in ordered:
        while pending and pending[0].number < attempt.number:
            _apply_mark(labels, pending.pop(0))
        for index, label in zip(attempt.indexes, attempt.account.labels, strict=False):
            if 1 <= index <= len(labels):
                labels[index - 1] = _merge_label(labels[index - 1], label, attempt.number)
    for mark in pending:
        _apply_mark(labels, mark)
    return JobAccount(tuple(labels), ordered)


def standing_marks(marks: Iterable[Mark]) -> list[Mark]:
    """What people have said, without the scans that they have taken back since.

    :param marks: oldest first
    """
    kept: list[tuple[Mark, set[int]]] = []
    for mark in marks:
        if mark.kind != UNCHECKED:
            kept.append((mark, set(mark.indexes)))
            continue
        for index in mark.indexes:
            scan = next((left for said, left in reversed(kept) if said.kind == "checked" and index in left), set())
            scan.discard(index)
    return [replace(mark, indexes=frozenset(left)) for mark, left in kept if left]


def _merge_label(known: JobLabel, said: Label, attempt: int) -> JobLabel:
    new = JobLabel(said.state, said.code, said.at, said.tries, said.inferred, attempt)
    if known.state in PRINTED and (not new.printed or RANK[known.state] >= RANK[new.state]):
        return known
    return new


def _apply_mark(labels: list[JobLabel], mark: Mark) -> None:
    """A person has looked. What the printer itself has counted is not undone by that: it may lie on the floor."""
    for index in mark.indexes:
        if not 1 <= index <= len(labels):
            continue
        known = labels[index - 1]
        if mark.kind == "checked" and known.state != "void":
            labels[index - 1] = _seen(known, "checked", mark)
        elif mark.kind == "missing" and known.state not in ("spooled", "confirmed", "checked", "void"):
            labels[index - 1] = _seen(known, "failed", mark, NOT_ON_PAPER)
        elif mark.kind == "void":  # whatever is learnt later: a label that somebody destroyed had been printed
            labels[index - 1] = _seen(known, "void", mark)


def _seen(known: JobLabel, state: str, mark: Mark, code: str = "") -> JobLabel:
    return JobLabel(state, code, mark.at, known.tries, attempt=known.attempt)


def derive_status(account: JobAccount) -> str:
    """The status of a job whose newest attempt has ended. Uncertain labels never count as printed.

    All printed: completed. Else the newest attempt was cancelled: cancelled. Else none printed: failed. Else some
    attempt ran to its end: completed with errors. Else failed.
    """
    printed = account.printed
    if account.labels and printed == len(account.labels):
        return "completed"
    if account.attempts and account.attempts[-1].outcome == "cancelled":
        return "cancelled"
    ran_to_its_end = any(attempt.outcome in ("completed", "completed_with_errors") for attempt in account.attempts)
    return "completed_with_errors" if printed and ran_to_its_end else "failed"
