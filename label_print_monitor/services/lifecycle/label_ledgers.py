"""Whether what is kept of one label in three places agrees: on paper, at the print server, in Odoo.

The printer's own list says how often the label came out, the print server's record and Odoo's account say what became
of it each time that a person has asked for it. They may know less than each other, never the contrary of each other.
Whoever has only some of the three (a count from a scanner, no list of the printer) leaves the others out.

The rules need neither Odoo nor a network, so that tests, `make soak` and whoever verifies a job's evidence share them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .job_account import MARKS
from .label_account import OPEN, PRINTED, STATES

DIVERGENCE = "divergence"
DUPLICATE = "duplicate"
LOST = "lost"
UNPRINTED = "unprinted"

ASKED = "asked"
MISSING = "missing"

# What may follow what in the life of a label, over all attempts and copies. `asked`: a person wants it printed (the
# first time, by a retry, as a copy); states as in label_account; `missing`: a person has looked for it in vain.
_TOLD = frozenset(STATES) - {"checked", "void"}
_SEEN = frozenset({"checked", "void"})
MAY_FOLLOW: dict[str, frozenset[str]] = {
    "": frozenset({ASKED}),
    ASKED: _TOLD,
    "waiting": _TOLD - {"waiting"},
    # A printer that certainly does not have it gives it back to the queue.
    "sent": _TOLD - {"sent"},
    # Only a person, or a later word of the print server, ends a doubt.
    "uncertain": frozenset({"taken_back", "failed", "checked", MISSING}) | (PRINTED - _SEEN),
    "taken_back": frozenset({ASKED, "failed", "checked"}) | (PRINTED - _SEEN),
    "failed": frozenset({ASKED, "checked", MISSING}) | (PRINTED - _SEEN),
    # What a server only counts may be missing all the same; what the printer itself has taken or counted may not.
    "reported": frozenset({"spooled", "confirmed", MISSING}) | _SEEN,
    "spooled": frozenset({"confirmed"}) | _SEEN,
    "confirmed": _SEEN,
    "checked": frozenset({"void"}),
    "void": frozenset(),
    MISSING: frozenset({ASKED, "checked"}),
}


@dataclass(frozen=True)
class Order:
    """One time that a person has asked for the label: the first print, a retry, or a copy.

    :ivar account: the label's state in Odoo's account of that attempt
    :ivar server: its state in the print server's record; '' where there is none, or it never got the attempt
    :ivar inferred: Odoo's state follows from a count and was said of no label by itself
    :ivar copy: asked for as a copy of what is on paper already
    """

    account: str
    server: str = ""
    inferred: bool = False
    copy: bool = False


@dataclass(frozen=True)
class LabelLedgers:
    """All that is known of one label.

    :ivar orders: oldest first
    :ivar marks: what people have seen, each with the number of orders that had been made by then
    :ivar paper: how often the printers printed it; None where they keep no list
    :ivar account: its state in the account of the job
    """

    orders: Sequence[Order]
    marks: Sequence[tuple[int, str]] = ()
    paper: int | None = None
    account: str = ""


@dataclass(frozen=True)
class Finding:
    """What does not agree: its kind, and a sentence for a log or a table.

    `unprinted` is no error where a printer was switched off: the label was in its buffer (`spooled`).
    """

    kind: str
    text: str


def check_label(label: LabelLedgers) -> list[Finding]:
    """Everything about a label at rest that does not agree; nothing when all is well. Never raises."""
    return [*_check_outcomes(label), *_check_servers(label), *_check_paper(label), *check_steps(steps_of(label))]


def _check_outcomes(label: LabelLedgers) -> Iterator[Finding]:
    for number, order in enumerate(label.orders, 1):
        if order.account in OPEN:
            yield Finding(LOST, f"order {number} has ended, and its label is still {order.account!r} in Odoo")


def _check_servers(label: LabelLedgers) -> Iterator[Finding]:
    """The print server's word of a label is Odoo's, unless Odoo has only been told how many there are."""
    for number, order in enumerate(label.orders, 1):
        if order.server in OPEN:
            yield Finding(LOST, f"order {number}: the print server has not ended with it ({order.server!r})")
        elif order.server and not order.inferred and not agree(order.server, order.account):
            text = f"order {number}: {order.server!r} at the print server, {order.account!r} in Odoo"
            yield Finding(DIVERGENCE, text)


def agree(server: str, account: str) -> bool:
    """Whether Odoo's state of a label of an attempt is what its print server recorded, or a weaker word for it."""
    if server == account:
        return True
    if account == "uncertain":
        return True  # Odoo knows less; what is missing is looked for by a person
    # Of labels that a server names as not failed it says that they are printed, and perhaps not how that is known.
    return server in PRINTED and account in PRINTED and STATES.index(account) <= STATES.index(server)


def _check_paper(label: LabelLedgers) -> Iterator[Finding]:
    if label.paper is None:
        return
    # In a printer's buffer is not yet on paper.
    spooled = sum(order.account == "spooled" and not order.inferred for order in label.orders)
    certain = sum(order.account in PRINTED and not order.inferred for order in label.orders) - spooled
    # Of these nobody has said whether this very label came out.
    doubtful = spooled + sum(order.account == "uncertain" or order.inferred for order in label.orders)
    if label.paper > len(label.orders):
        yield Finding(DUPLICATE, f"{label.paper} on paper, and it was asked for {_times(len(label.orders))}")
    elif not certain <= label.paper <= certain + doubtful:
        yield Finding(DIVERGENCE, f"{label.paper} on paper, and Odoo says that it was printed {_times(certain)}")
    if certain <= label.paper < certain + spooled:
        yield Finding(UNPRINTED, f"{label.paper} on paper, and printers took it {_times(certain + spooled)}")
    if label.account in PRINTED and label.account != "spooled" and not label.paper:
        yield Finding(DIVERGENCE, f"{label.account!r} in the job's account, and not on paper")
    if label.account and label.account not in PRINTED and label.account != "uncertain" and label.paper:
        yield Finding(DIVERGENCE, f"{label.account!r} in the job's account, and on paper")


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def steps_of(label: LabelLedgers) -> list[str]:
    """The life of a label as `check_steps` reads it, without its copies."""
    steps: list[str] = []
    marks = sorted(enumerate(label.marks), key=lambda pair: (pair[1][0], pair[0]))
    pending = [mark for _place, mark in marks]
    made = 0
    for order in label.orders:
        if order.copy:
            continue
        while pending and pending[0][0] <= made:
            steps.append(_seen(pending.pop(0)))
        made += 1
        steps += [ASKED, order.account]
    return steps + [_seen(mark) for mark in pending]


def _seen(mark: tuple[int, str]) -> str:
    return mark[1] if mark[1] in MARKS else MISSING


def check_steps(steps: Iterable[str]) -> list[Finding]:
    """Which steps in the life of a label cannot follow what was before them; a step that is repeated is none."""
    found, before = [], ""
    for step in steps:
        if step != before and step not in MAY_FOLLOW.get(before, ()):
            found.append(Finding(DIVERGENCE, f"{step!r} after {before or 'nothing'!r}"))
        before = step
    return found
