"""What a print server's report says of each label of an attempt.

A server with the capability `label_account` names each label's state. One that names the labels that failed says enough
as well: the others came out, in their order. A server of the first generation only counts: so many from the front are
reported, and where it stopped nobody knows what became of the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, repeat

from ..contract.reports import FailedLabel, JobReport, LabelReport
from .job_account import ENDED
from .label_account import SERVER_STATES, WAITING, Label, LabelAccount
from .server_clock import ServerClock

UNCERTAIN = "uncertain"  # the code with which a server says that a label may be on paper
LABEL_FAILED = "label_failed"
IN_DOUBT = Label("uncertain", inferred=True)


@dataclass(frozen=True)
class AttemptReport:
    """A report as the account needs it.

    :ivar account: what it says of each label of the attempt
    :ivar problems: how many of its entries, in full or in part, contradict the job, each other or the clock
    """

    account: LabelAccount
    problems: int = 0


def read_report(
    size: int, report: JobReport, clock: ServerClock, earliest: datetime | None, now: datetime
) -> AttemptReport:
    """What `report` says of the `size` labels of its attempt. Never raises.

    :param clock: makes the server's times ours
    :param earliest: when the attempt was handed over: no label was printed before
    :param now: naive UTC
    """
    if not report.labels:  # an account without a single usable entry says no more than the counts beside it
        return AttemptReport(_counted(size, report), report.label_problems)
    labels, problems = _named(size, report.labels, clock, earliest, now)
    if report.status not in ENDED:
        account = LabelAccount(tuple(label or WAITING for label in labels))
        return AttemptReport(account, problems + report.label_problems)
    # Of a label that it leaves out, or of which it says what is not understood, it may have printed anything.
    account = LabelAccount(tuple(label or IN_DOUBT for label in labels))
    account = account.close(report.status, report.error_code or LABEL_FAILED)
    return AttemptReport(account, problems + report.label_problems)


def _named(
    size: int, runs: Iterable[LabelReport], clock: ServerClock, earliest: datetime | None, now: datetime
) -> tuple[list[Label | None], int]:
    """Each label as the server names it, None where it does not; and how many of the runs were not sound."""
    labels: list[Label | None] = [None] * size
    problems = 0
    for run in runs:
        if run.state not in SERVER_STATES:
            problems += 1
            continue
        # A label is believed where its time is not.
        at = clock.believe(run.at, earliest, now)
        # Whatever the state beside it: by this code a server says that the label may be on paper.
        doubtful = run.state == "failed" and run.code == UNCERTAIN
        label = Label("uncertain" if doubtful else run.state, run.code, at, run.tries)
        first, last = max(1, run.index), min(size, run.index + run.count - 1)
        news = [index for index in range(first, last + 1) if labels[index - 1] is None]
        for index in news:
            labels[index - 1] = label
        problems += bool(run.at and not at) or len(news) != max(1, run.count)
    return labels, problems


def _counted(size: int, report: JobReport) -> LabelAccount:
    """The labels' states as counts and the labels that were named as failed suggest them."""
    named = {label.index: _of_failed(label) for label in report.failed_labels if 1 <= label.index <= size}
    failed = min(size, failed_count(report))
    unnamed = max(0, failed - len(named))  # labels that failed, nobody says which
    printed, most = _printed_bounds(size, report)
    proof = Label("confirmed" if _all_confirmed(report) else "reported")
    guess = replace(proof, inferred=True)
    status = report.status

    if status in ("completed", "completed_with_errors"):
        others = size - len(named)
        counted = report.counts is None or report.counts.printed >= others
        if counted and not unnamed and (named or status == "completed"):
            return _fill(size, named, [(others, proof)])  # all but those that it names: nothing is left to guess
        if status == "completed_with_errors" and not named:
            printed = min(printed, size - 1)  # some label is missing
        return _fill(size, named, [(printed, guess)])

    if status == "failed" and named:
        # It named what failed, so what it never reached was not printed either.
        rest = size - printed - len(named)
        if unnamed not in (0, rest):
            return _fill(size, named, [(printed, guess)])
        never_reached = Label("failed", report.error_code or LABEL_FAILED)
        if most == printed:
            return _fill(size, named, [(printed, proof)], never_reached)
        return _fill(size, named, [(printed, guess), (most - printed, IN_DOUBT)], never_reached)

    if status == "failed":
        # A server that counts every label and calls the job failed: the last one is in doubt.
        return _fill(size, named, [(min(printed, size - 1), guess)])

    if status == "cancelled":
        if not says_how_many(report):
            return _fill(size, named, [])
        doubtful = most - printed + unnamed
        return _fill(size, named, [(printed, guess), (doubtful, IN_DOUBT)], Label("taken_back", inferred=True))

    return _fill(size, named, [(printed, guess)], WAITING)


def _fill(
    size: int, named: dict[int, Label], runs: Iterable[tuple[int, Label]], rest: Label = IN_DOUBT
) -> LabelAccount:
    """The labels that were named as they were; the others, from the front, are these `runs`, then `rest`."""
    others = chain(chain.from_iterable(repeat(label, max(0, count)) for count, label in runs), repeat(rest))
    return LabelAccount(tuple(named.get(index) or next(others) for index in range(1, size + 1)))


def _of_failed(named: FailedLabel) -> Label:
    if named.code == UNCERTAIN:
        return Label("uncertain", UNCERTAIN)
    return Label("failed", named.code or LABEL_FAILED)


def failed_count(report: JobReport) -> int:
    """How many labels the report says, in one way or another, are not known to be printed."""
    counted = report.counts.failed + report.counts.uncertain if report.counts else 0
    return max(report.failed_count, len(report.failed_labels), counted)


def printed_count(size: int, report: JobReport) -> int:
    """How many labels of an attempt of `size` labels are printed at least, as the report counts them."""
    return _printed_bounds(size, report)[0]


def _printed_bounds(size: int, report: JobReport) -> tuple[int, int]:
    """How many labels are printed at least, and at most, as the report counts them."""
    if report.counts is not None:
        counted = min(size, report.counts.printed)
        return counted, counted
    possible = max(0, size - failed_count(report))
    if report.current_label is not None:
        # The place of the newest label that was printed; labels before it may have failed. Some servers count instead.
        before = sum(label.index <= report.current_label for label in report.failed_labels)
        return min(possible, max(0, report.current_label - before)), min(possible, report.current_label)
    if report.status == "completed":
        return possible, possible
    if report.progress_percent is not None:
        counted = min(possible, int(size * report.progress_percent / 100 + 1e-9))
        return counted, counted
    # "With errors", and not a word of how many: then none of them is counted.
    counted = possible if report.status == "completed_with_errors" and possible < size else 0
    return counted, counted


def says_how_many(report: JobReport) -> bool:
    """Whether the report says, in one way or another, how many labels are printed."""
    return report.counts is not None or report.current_label is not None or report.progress_percent is not None


def _all_confirmed(report: JobReport) -> bool:
    """Whether the printer itself has counted every label that is printed."""
    if report.counts is not None and report.counts.printed:
        return report.counts.confirmed >= report.counts.printed
    return report.confirmed and report.status == "completed" and not failed_count(report)
