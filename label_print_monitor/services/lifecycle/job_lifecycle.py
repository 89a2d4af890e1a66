"""The rules of a print job's life: which statuses there are, how a report moves a job, what a person may do.

Polling and push both arrive here, late, twice or in the wrong order. `merge` makes that harmless: within an attempt a
job only moves forward, a report that says nothing new changes nothing, and an attempt has at most one outcome. All of
it is plain data in, plain data out, so that the rules can be tested by the thousand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..contract.reports import FailedLabel, JobReport

# The specification's statuses and their labels, in the order of a job's life.
STATUSES: tuple[tuple[str, str], ...] = (
    ("pending", "Pending"),
    ("sent", "Sent"),
    ("queued", "Queued"),
    ("printing", "Printing"),
    ("completed", "Completed"),
    ("completed_with_errors", "Completed with Errors"),
    ("failed", "Failed"),
    ("cancelled", "Cancelled"),
)
ACTIVE = ("sent", "queued", "printing")  # the print server has it
OPEN = ("pending", *ACTIVE)
TERMINAL = ("completed", "completed_with_errors", "failed", "cancelled")
RANK: dict[str, int] = {"pending": 0, "sent": 1, "queued": 2, "printing": 3, **dict.fromkeys(TERMINAL, 4)}

# Every move that anything may make; a retry is the only way back.
MOVES: dict[str, frozenset[str]] = {
    "pending": frozenset({"sent", "queued", "printing", *TERMINAL}),
    "sent": frozenset({"queued", "printing", *TERMINAL}),
    "queued": frozenset({"printing", *TERMINAL}),
    "printing": frozenset(TERMINAL),
    "completed": frozenset(),
    "completed_with_errors": frozenset({"pending"}),
    "failed": frozenset({"pending"}),
    "cancelled": frozenset(),
}

ALLOWED_ACTIONS: dict[str, frozenset[str]] = {
    "retry": frozenset({"failed", "completed_with_errors"}),
    "cancel": frozenset(OPEN),
}


def can_retry(status: str) -> bool:
    """Whether a person may open a new attempt."""
    return status in ALLOWED_ACTIONS["retry"]


def can_cancel(status: str) -> bool:
    """Whether a person may ask for the job to be cancelled."""
    return status in ALLOWED_ACTIONS["cancel"]


def check_move(old: str, new: str) -> bool:
    """Whether a job may go from `old` to `new`. Staying where it is, is not a move."""
    return new in MOVES.get(old, ())


@dataclass(frozen=True)
class JobState:
    """What is known of a job.

    `quantity` is the whole job; `attempt_quantity` labels are in the newest attempt, `attempt_base` were printed by
    earlier ones. `current_label` and `progress_percent` are of the whole job, `failed_count` of the attempt.
    """

    status: str
    quantity: int
    attempt_quantity: int
    attempt_base: int = 0
    current_label: int = 0
    progress_percent: float = 0.0
    failed_count: int = 0
    error_code: str = ""
    error_message: str = ""
    confirmed: bool = False
    server_warning: str = ""


@dataclass(frozen=True)
class Merge:
    """What a report changes.

    :ivar changes: fields of `JobState` to write
    :ivar outcome: the terminal status when the attempt ends with this report
    :ivar failed_labels: the labels that failed so far, None when there is nothing new about them
    """

    changes: dict[str, object] = field(default_factory=dict)
    outcome: str | None = None
    failed_labels: tuple[FailedLabel, ...] | None = None


def merge(state: JobState, report: JobReport) -> Merge:
    """Work out what `report` changes in `state`.

    Forward only: an older status changes nothing, an equal one can only move progress on. After the end, the one thing
    that may still come is the printer's confirmation. Never raises.
    """
    if report.status is None:
        return Merge(_changed(state, server_warning=report.word) if state.status not in TERMINAL else {})
    status = report.status
    if status == "completed" and (report.failed_count or report.failed_labels):
        status = "completed_with_errors"
    if state.status in TERMINAL:
        return Merge({"confirmed": True} if _confirms(state, status, report) else {})
    if RANK[status] < RANK.get(state.status, 0):
        return Merge(_changed(state, server_warning=""))

    failed_labels = tuple(label for label in report.failed_labels if 1 <= label.index <= state.attempt_quantity)
    failed_count = max(state.failed_count or 0, min(report.failed_count, max(0, state.attempt_quantity)))
    current, percent = _progress(state, report, status, failed_count)
    outcome = status if status in TERMINAL else None
    error_code, error_message = _error(state, report, status)
    changes = _changed(
        state,
        status=status,
        current_label=current,
        progress_percent=percent,
        failed_count=failed_count,
        error_code=error_code,
        error_message=error_message,
        confirmed=bool(state.confirmed) or (report.confirmed and status in ("completed", "completed_with_errors")),
        server_warning="",
    )
    news = outcome or failed_count > (state.failed_count or 0)
    return Merge(changes, outcome, failed_labels if failed_labels and news else None)


def _error(state: JobState, report: JobReport, status: str) -> tuple[str, str]:
    if status == "completed":
        return "", ""
    code, message = report.error_code, report.error_message
    if status in TERMINAL:
        if not code and not message:  # the end without a reason: what was last known is the best one
            code, message = state.error_code or "", state.error_message or ""
        named = next((label for label in report.failed_labels if label.code or label.message), None)
        if named and not code and not message:
            code, message = named.code, named.message
        if status == "completed_with_errors":
            code = code or "label_failed"
    return code, message


def _confirms(state: JobState, status: str, report: JobReport) -> bool:
    finished = ("completed", "completed_with_errors")
    return report.confirmed and not state.confirmed and state.status in finished and status in finished


def _changed(state: JobState, **values: object) -> dict[str, object]:
    # Odoo hands over False for an empty text, which is the same as ''.
    return {name: value for name, value in values.items() if (getattr(state, name) or type(value)()) != value}


def _progress(state: JobState, report: JobReport, status: str, failed_count: int) -> tuple[int, float]:
    """Label number and percentage of the whole job: bounded, and never less than what is known already."""
    quantity = max(0, state.quantity)
    if status == "completed":
        return quantity, 100.0
    size = min(max(0, state.attempt_quantity), quantity)
    base = min(max(0, state.attempt_base), quantity)
    printed = report.current_label
    percent = report.progress_percent
    if status == "completed_with_errors" and printed is None:
        printed = size - min(size, failed_count)
    if printed is None and percent is not None:
        printed = int(size * percent / 100 + 1e-9)
    current = min(quantity, base + min(size, max(0, printed or 0)))
    if percent is None or base or size < quantity:
        # A server knows only this attempt; after a retry its percentage is not the job's.
        share = current - base if percent is None or printed is not None else size * percent / 100
        percent = 100.0 * (base + share) / quantity if quantity else 0.0
    percent = round(min(100.0, max(0.0, percent)), 2)
    return max(current, state.current_label or 0), max(percent, state.progress_percent or 0.0)


def next_labels(state: JobState, failed_indexes: Iterable[int] = (), last_label: int | None = None) -> tuple[int, ...]:
    """Which labels of the ended attempt a retry should print: as few as is safe. 1-based in the attempt's own list.

    The labels that the server named, and after a failure also those that were never reached. When it named none, those
    after `last_label`, the last good one that a person saw on paper (default: the last one reported; it may be on the
    floor, so a person confirms it first).
    """
    size = max(0, state.attempt_quantity)
    failed = sorted({index for index in failed_indexes if 1 <= index <= size})
    reached = max(0, (state.current_label or 0) - (state.attempt_base or 0))
    if failed and last_label is None:
        if state.status != "failed":
            return tuple(failed)
        after = max(reached, failed[-1])
        return tuple(failed) + tuple(range(after + 1, size + 1))
    last = reached if last_label is None else last_label
    start = min(max(0, last), size)
    rest = tuple(range(start + 1, size + 1))
    # Everything was reported and still it failed: the last label is the one to doubt.
    return rest or ((size,) if size and last_label is None else ())
