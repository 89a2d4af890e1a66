"""The account of one attempt: for each of its labels what happened to it, when, and how that is known.

A count can say how many labels came out; it cannot say which. Whatever needs to know which (a retry, the status, an
audit) reads the account. Reports about an attempt arrive late, twice or in the wrong order, so merging only goes
forward: a label never falls back to a weaker state, and a report that says nothing new changes nothing.

Times are naive UTC, as Odoo keeps them, and already corrected for the print server's clock (see `server_clock`).
"""

from __future__ import annotations

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


class AccountError(ValueError):
    """A stored account that cannot be read: of another version, or damaged."""


@dataclass(frozen=True)
class Label:
    """One label in one attempt.

    :ivar at: when it got this state, None when nobody said
    :ivar tries: how often the print server tried to print it, 0 when it did not say
    """

    state: str = "waiting"
    code: str = ""
    at: datetime | None = None
    tries: int = 0

    @property
    def printed(self) -> bool:
        return self.state in PRINTED

    def stronger(self, other: Label) -> Label:
        """The one that is known better; of two equal ones the first, completed by what only the second says."""
        if RANK[other.state] != RANK[self.state]:
            return max(self, other, key=lambda label: RANK[label.state])
        times = [at for at in (self.at, other.at) if at]
        return Label(
            self.state, self.code or other.code, min(times) if times else None, max(self.tries, other.tries)
        )


WAITING = Label()


@dataclass(frozen=True)
class LabelAccount:
    """The labels of an attempt in its own order.

    :ivar exact: each label's state was said of that very label. False when a server gave counts only, so that which
        labels they are is the usual guess: from the front.
    """

    labels: tuple[Label, ...]
    exact: bool = True

    @classmethod
    def of(cls, size: int, label: Label = WAITING, exact: bool = True) -> LabelAccount:
        """`size` labels that are all alike."""
        return cls((label,) * max(0, size), exact)

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

        What was said of the very label is believed before what was concluded from counts, whichever came first.

        :raises ValueError: when the two have not the same number of labels
        """
        if len(self) != len(other):
            raise ValueError(f"accounts of {len(self)} and {len(other)} labels")
        if self.exact == other.exact:
            pairs = zip(self.labels, other.labels, strict=True)
            return LabelAccount(tuple(one.stronger(two) for one, two in pairs), self.exact)
        exact, guess = (self, other) if self.exact else (other, self)
        settled = all(label.state not in OPEN for label in exact.labels)
        pairs = zip(exact.labels, guess.labels, strict=True)
        return LabelAccount(
            tuple(said.stronger(guessed) if said.state in OPEN else said for said, guessed in pairs), settled
        )

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
                replace(label, state="uncertain") if label.state in OPEN else label for label in self.labels
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
        if not self.exact:
            stored["x"] = 0
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
            states = _read_states(str(stored["s"]))
            codes = [*stored.get("k", ())]
            numbers = read_column(stored.get("c"), size)
            times = read_times(stored.get("t"), size)
            tries = read_column(stored.get("n"), size)
            if len(states) != size:
                raise AccountError(f"an account of {len(states)} labels instead of {size}")
            labels = tuple(
                Label(state, codes[int(number)] if number else "", at, int(tried or 0))
                for state, number, at, tried in zip(states, numbers, times, tries, strict=True)
            )
        except (KeyError, IndexError, TypeError, ValueError, OverflowError) as error:
            raise AccountError(str(error)) from error
        return cls(labels, bool(stored.get("x", 1)))


def _read_states(text: str) -> list[str]:
    states: list[str] = []
    digits, state = "", None
    for letter in text + "w":  # one more, to end the last run
        if letter.isdigit():
            digits += letter
            continue
        if state:
            states += [state] * int(digits or 1)
        digits, state = "", _STATE_OF[letter]
    return states
