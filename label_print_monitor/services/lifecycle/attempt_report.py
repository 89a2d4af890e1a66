"""What a print server's report says of each label of an attempt.

A server with the capability `label_account` names each label's state. One that names the labels that failed says enough
as well: the others came out, in their order. A server of the first generation only counts: so many from the front are
reported, and where it stopped nobody knows what became of the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from ..contract.reports import FailedLabel, JobReport, LabelReport
from .label_account import SERVER_STATES, WAITING, Label, LabelAccount
from .server_clock import ServerClock

UNCERTAIN = "uncertain"  # the code with which a server says that a label may be on paper
LABEL_FAILED = "label_failed"


@dataclass(frozen=True)
class AttemptReport:
    """A report as the account needs it.

    :ivar account: what it says of each label, None when it says nothing of any
    :ivar problems: how many of its entries contradict the job or the clock and were left out
    """

    account: LabelAccount | None
    problems: int = 0


def read_report(
    size: int, report: JobReport, clock: ServerClock, earliest: datetime | None, now: datetime
) -> AttemptReport:
    """What `report` says of the `size` labels of its attempt.

    :param clock: makes the server's times ours
    :param earliest: when the attempt was handed over: no label was printed before
    :param now: naive UTC
    """
    if report.labels is not None:
        labels, problems = _named(size, report.labels, clock, earliest, now)
        account = LabelAccount(labels)
        if report.status in ("completed", "completed_with_errors", "failed", "cancelled"):
            account = account.close(report.status, report.error_code or LABEL_FAILED)
        return AttemptReport(account, problems + report.label_problems)
    return AttemptReport(_counted(size, report), report.label_problems)


def _named(
    size: int, runs: Iterable[LabelReport], clock: ServerClock, earliest: datetime | None, now: datetime
) -> tuple[tuple[Label, ...], int]:
    """Each label as the server names it. Labels that it leaves out wait."""
    labels: list[Label | None] = [None] * size
    problems = 0
    for run in runs:
        if run.state not in SERVER_STATES:
            problems += run.count
            continue
        at = clock.believe(run.at, earliest, now)
        if run.at and not at:
            problems += 1  # the label is believed, its time is not
        label = Label(run.state, run.code, at, run.tries)
        for index in range(run.index, run.index + run.count):
            if not 1 <= index <= size or labels[index - 1] is not None:
                problems += 1
                continue
            labels[index - 1] = label
    return tuple(label or WAITING for label in labels), problems


def _counted(size: int, report: JobReport) -> LabelAccount:
    """The labels' states as counts and the labels that were named as failed suggest them."""
    failed = {label.index: label for label in report.failed_labels if 1 <= label.index <= size}
    printed = printed_count(size, report)
    proof = "confirmed" if _all_confirmed(report, printed) else "reported"
    status = report.status
    said_to_have_failed = max(report.failed_count, len(failed))
    if status == "completed" or (status == "completed_with_errors" and 0 < said_to_have_failed == len(failed)):
        # All but those that it names: nothing is left to guess.
        return _fill(size, failed, Label(proof), size, Label(UNCERTAIN), exact=True)
    if status == "completed_with_errors":
        if not said_to_have_failed:
            printed = min(printed, size - 1)
        return _fill(size, failed, Label(proof), printed, Label(UNCERTAIN), exact=False)
    if status == "failed" and failed:
        # It named what failed, so what it never reached was not printed either.
        rest = Label("failed", report.error_code or LABEL_FAILED)
        return _fill(size, failed, Label(proof), printed, rest, exact=True)
    if status == "failed":
        if printed >= size > 0:
            printed = size - 1  # it counts every label and calls the job failed: the last one is in doubt
        return _fill(size, failed, Label(proof), printed, Label(UNCERTAIN), exact=False)
    if status == "cancelled":
        return _fill(size, failed, Label(proof), printed, Label("taken_back"), exact=False)
    return _fill(size, failed, Label(proof), printed, WAITING, exact=False)


def _fill(
    size: int, failed: dict[int, FailedLabel], printed_label: Label, printed: int, rest: Label, exact: bool
) -> LabelAccount:
    """The labels that failed as they were named; of the others the first `printed`, then `rest`."""

    def labels() -> Iterator[Label]:
        left = printed
        for index in range(1, size + 1):
            named = failed.get(index)
            if named:
                yield _of_failed(named)
            elif left > 0:
                left -= 1
                yield printed_label
            else:
                yield rest

    return LabelAccount(tuple(labels()), exact)


def _of_failed(named: FailedLabel) -> Label:
    if named.code == UNCERTAIN:
        return Label("uncertain")
    return Label("failed", named.code or LABEL_FAILED)


def printed_count(size: int, report: JobReport) -> int:
    """How many labels of an attempt of `size` labels the report counts as printed."""
    failed = min(size, max(report.failed_count, len(report.failed_labels)))
    if report.counts is not None:
        return min(size, report.counts.printed)
    if report.current_label is not None:
        # Some servers give the place of the newest label, which counts those that failed before it.
        return max(0, min(report.current_label, size - failed))
    if report.status == "completed":
        return size - failed
    if report.progress_percent is not None:
        return min(size - failed, int(size * report.progress_percent / 100 + 1e-9))
    # "With errors", and not a word of how many: then none of them is counted.
    return size - failed if report.status == "completed_with_errors" and failed else 0


def _all_confirmed(report: JobReport, printed: int) -> bool:
    if report.counts is not None and printed:
        return report.counts.confirmed >= printed
    return report.confirmed
