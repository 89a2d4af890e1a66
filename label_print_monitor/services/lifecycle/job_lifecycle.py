"""The rules of a print job's life: which statuses there are, how a report moves a job, what a person may do.

Polling and push both arrive here, late, twice or in the wrong order. `merge` makes that harmless: within an attempt a
job only moves forward, a report that says nothing new changes nothing, and an attempt has at most one outcome. All of
it is plain data in, plain data out, so that the rules can be tested by the thousand.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..contract.reports import JobReport
from .attempt_report import failed_count, printed_count

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
WAITING = ("pending", "sent", "queued")  # nothing of it is being printed yet
TERMINAL = ("completed", "completed_with_errors", "failed", "cancelled")
FAILED = ("failed", "completed_with_errors")  # which asks for somebody, and is told
RANK: dict[str, int] = {"pending": 0, "sent": 1, "queued": 2, "printing": 3, **dict.fromkeys(TERMINAL, 4)}

# Every move that anything may make. A retry leads back to the beginning; what is learnt after the end may correct it.
MOVES: dict[str, frozenset[str]] = {
    "pending": frozenset({"sent", "queued", "printing", *TERMINAL}),
    "sent": frozenset({"queued", "printing", *TERMINAL}),
    "queued": frozenset({"printing", *TERMINAL}),
    "printing": frozenset(TERMINAL),
    "completed": frozenset({"completed_with_errors", "failed", "cancelled"}),
    "completed_with_errors": frozenset({"pending", "completed", "failed"}),
    "failed": frozenset({"pending", "completed_with_errors", "completed"}),
    "cancelled": frozenset({"pending", "completed"}),
}

ALLOWED_ACTIONS: dict[str, frozenset[str]] = {
    "retry": frozenset({"failed", "completed_with_errors"}),
    # In a dialog in which somebody chooses: what was cancelled on purpose is not printed by a single click.
    "print_missing": frozenset({"failed", "completed_with_errors", "cancelled"}),
    "cancel": frozenset(OPEN),
}


def can_retry(status: str) -> bool:
    """Whether a person may open a new attempt with one click."""
    return status in ALLOWED_ACTIONS["retry"]


def can_print_missing(status: str) -> bool:
    """Whether a person may open a new attempt for labels that they choose."""
    return status in ALLOWED_ACTIONS["print_missing"]


def can_cancel(status: str) -> bool:
    """Whether a person may ask for the job to be cancelled."""
    return status in ALLOWED_ACTIONS["cancel"]


def check_move(old: str, new: str) -> bool:
    """Whether a job may go from `old` to `new`. Staying where it is, is not a move."""
    return new in MOVES.get(old, ())


@dataclass(frozen=True)
class JobState:
    """What is known of a job while its newest attempt runs.

    `quantity` is the whole job; `attempt_quantity` labels are in the newest attempt, `attempt_base` labels outside it
    are on paper. `current_label` (labels on paper) and `progress_percent` are of the whole job.
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
    server_warning: str = ""
    waiting_for: str = ""


@dataclass(frozen=True)
class Merge:
    """What a report changes.

    :ivar changes: fields of `JobState` to write, without a terminal status: which one it is follows from the account
    :ivar outcome: how the attempt has ended, None when it goes on
    """

    changes: dict[str, object] = field(default_factory=dict)
    outcome: str | None = None


def merge(state: JobState, report: JobReport) -> Merge:
    """Work out what `report`, which is about the newest attempt, changes in `state`.

    Forward only: an older status changes nothing, an equal one can only move progress on. After the end nothing changes
    here; what is learnt of single labels then goes into the account. Never raises.
    """
    if report.status is None:
        if not report.word or state.status in TERMINAL:
            return Merge()
        return Merge(_changed(state, server_warning=report.word))
    status = report.status
    failed = failed_count(report)
    if status == "completed" and failed:
        status = "completed_with_errors"
    if state.status in TERMINAL:
        return Merge()
    if RANK[status] < RANK.get(state.status, 0):
        return Merge(_changed(state, server_warning=""))
    code, message = _error(state, report, status)
    changes = {"error_code": code, "error_message": message, "server_warning": ""}
    if status in TERMINAL:
        return Merge(_changed(state, **changes), status)
    size = max(0, state.attempt_quantity)
    current, percent = _progress(state, report)
    changes |= {
        "status": status,
        "current_label": current,
        "progress_percent": percent,
        "failed_count": max(state.failed_count or 0, min(size, failed)),
        "waiting_for": report.waiting_for,
    }
    return Merge(_changed(state, **changes))


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


def _changed(state: JobState, **values: object) -> dict[str, object]:
    # Odoo hands over False for an empty text, which is the same as ''.
    return {name: value for name, value in values.items() if (getattr(state, name) or type(value)()) != value}


def _progress(state: JobState, report: JobReport) -> tuple[int, float]:
    """Labels on paper and percentage of the whole job: bounded, and never less than what is known already."""
    quantity = max(0, state.quantity)
    size = min(max(0, state.attempt_quantity), quantity)
    base = min(max(0, state.attempt_base), quantity)
    printed = printed_count(size, report)
    current = min(quantity, base + printed)
    percent = report.progress_percent
    if percent is None or base or size < quantity:
        # A server knows only this attempt; after a retry its percentage is not the job's.
        counted = percent is None or report.current_label is not None or report.counts is not None
        share = printed if counted else size * percent / 100
        percent = 100.0 * min(base + share, quantity) / quantity if quantity else 0.0
    percent = round(min(100.0, max(0.0, percent)), 2)
    return max(current, state.current_label or 0), max(percent, state.progress_percent or 0.0)
