"""The account of one attempt: for each of its labels what happened to it, when, and how that is known.

A count can say how many labels came out; it cannot say which. Whatever needs to know which (a retry, the status, an
audit) reads the account. Reports about an attempt arrive late, twice or in the wrong order, so merging only goes
forward: a label never falls back to a weaker state, and a report that says nothing new changes nothing.

Times are naive UTC, as Odoo keeps them, and already corrected for the print server's clock (see `server_clock`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from .compact_columns import read_column, read_times, runs_of, write_column, write_times

# Weakest first. `sent` is on the line or in a spooler that still holds it: not printed. `reported`: a server counts it
# as printed and says no more. `spooled`: the printer's own buffer took it completely. `confirmed`: the printer's own
# counter moved. `checked`: a person or a scanner saw it on paper. `void`: printed, and then destroyed.
STATES = (
    "waiting",
    "sent",
    "uncertain",
    "taken_back",
    "failed",
    "reported",
    "spooled",
    "confirmed",
    "checked",
    "void",
)
RANK = {state: rank for rank, state in enumerate(STATES)}
PRINTED = frozenset({"reported", "spooled", "confirmed", "checked", "void"})
EVIDENCE = ("reported", "spooled", "confirmed", "checked")  # how it is known that a label is on paper, weakest first
OPEN = frozenset({"waiting", "sent"})  # nothing is known yet
SERVER_STATES = frozenset(STATES) - {"checked", "void"}  # what a print server can know

VERSION = 1
_LETTERS = dict(zip(STATES, "wsubfrpckv", strict=True))
_STATE_OF = {letter: state for state, letter in _LETTERS.items()}
_STATE_RUN = re.compile(r"([a-z])([0-9]*)")
_STATE_RUNS = re.compile(r"(?:[a-z][0-9]*)*")
# Codes that say only that a label failed, not why.
_GENERAL_CODES = frozenset({"label_failed"})


class AccountError(ValueError):
    """A stored account that cannot be read: of another version, or damaged."""


@dataclass(frozen=True)
class Label:
    """One label in one attempt.

    :ivar at: when it got this state, None when nobody said
    :ivar tries: how often the print server tried to print it, 0 when it did not say
    :ivar inferred: nobody said it of this very label; it follows from counts, or from hearing no more
    """

    state: str = "waiting"
    code: str = ""
    at: datetime | None = None
    tries: int = 0
    inferred: bool = False

    @property
    def printed(self) -> bool:
        return self.state in PRINTED

    def stronger(self, other: Label) -> Label:
        """The one that is known better; of two equal ones what both say together. The order makes no difference."""
        if self._standing != other._standing:
            return max(self, other, key=lambda label: label._standing)
        times = [at for at in (self.at, other.at) if at]
        codes = sorted({self.code, other.code} - {""}, key=lambda code: (code in _GENERAL_CODES, code))
        return Label(
            self.state,
            codes[0] if codes else "",
            min(times) if times else None,
            max(self.tries, other.tries),
            self.inferred and other.inferred,
        )

    @property
    def _standing(self) -> tuple[int, int]:
        """What was said of the label itself comes before what was inferred; what is still open comes last."""
        known = 0 if self.state in OPEN else 1 if self.inferred else 2
        return known, RANK[self.state]


WAITING = Label()


@dataclass(frozen=True)
class LabelAccount:
    """The labels of an attempt in its own order."""

    labels: tuple[Label, ...]

    @classmethod
    def of(cls, size: int, label: Label = WAITING) -> LabelAccount:
        """`size` labels that are all alike."""
        return cls((label,) * max(0, size))

    @property
    def exact(self) -> bool:
        """Each label's state was said of that very label, none inferred."""
        return not any(label.inferred for label in self.labels)

    def __len__(self) -> int:
        return len(self.labels)

    def __iter__(self) -> Iterator[Label]:
        return iter(self.labels)

    def count(self, states: Iterable[str]) -> int:
        """How many labels have one of these states."""
        states = frozenset(states)
        return sum(label.state in states for label in self.labels)

    def counts(self) -> Counter[str]:
        """How many labels have each state."""
        return Counter(label.state for label in self.labels)

    def merge(self, other: LabelAccount) -> LabelAccount:
        """What is known from both accounts together. Both are of the same attempt.

        What was said of the very label is believed before what was inferred, whichever came first. Merging goes forward
        only, and neither the order of reports nor a repetition makes a difference.

        :raises ValueError: when the two have not the same number of labels
        """
        if len(self) != len(other):
            raise ValueError(f"accounts of {len(self)} and {len(other)} labels")
        return LabelAccount(tuple(one.stronger(two) for one, two in zip(self.labels, other.labels, strict=True)))

    def close(self, status: str, code: str = "", at: datetime | None = None) -> LabelAccount:
        """The account of an attempt that has ended with `status`: no label is left without a fate.

        What waited was never sent: it failed with the job (`code`), or was taken back with it. What was on its way may
        be on paper. A server that calls an attempt complete and names labels that wait contradicts itself: uncertain.
        """

        def fate(label: Label) -> Label:
            if label.state not in OPEN:
                return label
            if label.state == "sent" or status in ("completed", "completed_with_errors"):
                return replace(label, state="uncertain")
            if status == "cancelled":
                return replace(label, state="taken_back", at=label.at or at)
            return Label("failed", label.code or code, label.at or at, label.tries)

        return replace(self, labels=tuple(fate(label) for label in self.labels))

    def give_up(self) -> LabelAccount:
        """The account of an attempt of which no report will come any more: what is not known is uncertain."""
        return replace(
            self,
            labels=tuple(
                replace(label, state="uncertain", inferred=True) if label.state in OPEN else label
                for label in self.labels
            ),
        )

    def runs(self) -> list[tuple[int, str, str]]:
        """``(how many, state, code)`` of consecutive labels that are alike, for whoever draws them."""
        alike = runs_of((label.state, label.code) for label in self.labels)
        return [(count, state, code) for (state, code), count in alike]

    def to_stored(self) -> dict[str, object]:
        """A compact form for a JSON column: 500 equal labels take under 200 bytes, 500 different ones under 6 kB.

        Each property is a column of its own, with equal neighbours written once; what no label has is left out.
        """
        codes = sorted({label.code for label in self.labels if label.code})
        number_of = {code: str(number) for number, code in enumerate(codes)}
        stored: dict[str, object] = {
            "v": VERSION,
            "s": "".join(
                _LETTERS[state] + (str(count) if count > 1 else "")
                for state, count in runs_of(label.state for label in self.labels)
            ),
        }
        inferred = [label.inferred for label in self.labels]
        if any(inferred):  # 0: all of them; else a column
            stored["x"] = 0 if all(inferred) else write_column("1" if one else "" for one in inferred)
        if codes:
            stored["k"] = codes
            stored["c"] = write_column(number_of.get(label.code, "") for label in self.labels)
        if any(label.at for label in self.labels):
            stored["t"] = write_times(label.at for label in self.labels)
        if any(label.tries for label in self.labels):
            stored["n"] = write_column(str(label.tries or "") for label in self.labels)
        return stored

    @classmethod
    def from_stored(cls, stored: object, size: int) -> LabelAccount:
        """Read what `to_stored` wrote for `size` labels; nothing stored means that they all wait.

        :raises AccountError: when it is of a version that this program does not know, or damaged
        """
        if not stored:
            return cls.of(size)
        if not isinstance(stored, Mapping) or stored.get("v") != VERSION:
            raise AccountError("an account of another version")
        try:
            return cls(_read_labels(stored, max(0, size)))
        except (KeyError, IndexError, TypeError, ValueError, OverflowError) as error:
            raise AccountError(str(error)) from error


def _read_labels(stored: Mapping[str, object], size: int) -> tuple[Label, ...]:
    codes = stored.get("k", [])
    if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
        raise AccountError("codes that are no texts")
    columns = zip(
        _read_states(stored["s"], size),
        (codes[_number(number)] if number else "" for number in read_column(stored.get("c"), size)),
        read_times(stored.get("t"), size),
        (_number(tries) if tries else 0 for tries in read_column(stored.get("n"), size)),
        _read_inferred(stored.get("x"), size),
        strict=True,
    )
    return tuple(Label(*column) for column in columns)


def _read_inferred(stored: object, size: int) -> list[bool]:
    if stored == 0:
        return [True] * size
    column = read_column(stored, size)
    if not {"", "1"}.issuperset(column):
        raise AccountError("a label that is neither inferred nor named")
    return [value == "1" for value in column]


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise AccountError(f"{text[:20]} is no number")
    return int(text)


def _read_states(text: object, size: int) -> list[str]:
    if not isinstance(text, str) or not _STATE_RUNS.fullmatch(text):
        raise AccountError("states that cannot be read")
    states: list[str] = []
    for letter, digits in _STATE_RUN.findall(text):
        count = int(digits or 1)
        if not 0 < count <= size - len(states):
            raise AccountError(f"more labels than {size}")
        states += [_STATE_OF[letter]] * count
    if len(states) != size:
        raise AccountError(f"an account of {len(states)} labels instead of {size}")
    return states
