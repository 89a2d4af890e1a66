"""What a print server can tell us, as frozen dataclasses: the vocabulary that parsing, merging and models share.

They carry cleaned values only (see `payloads`). Times are naive UTC, as Odoo keeps them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class FailedLabel:
    """One label that did not print; `index` is 1-based in the attempt's own list of labels."""

    index: int
    code: str
    message: str


@dataclass(frozen=True)
class JobReport:
    """What the server says about one attempt. Times are naive UTC; counts are of the attempt, not of the whole job."""

    server_job_id: str
    status: str | None  # one of job_lifecycle.STATUSES, None for a word that nobody here knows
    word: str = ""  # what the server said, shortened
    current_label: int | None = None
    total: int | None = None
    failed_count: int = 0
    progress_percent: float | None = None
    error_code: str = ""
    error_message: str = ""
    confirmed: bool = False
    failed_labels: tuple[FailedLabel, ...] = ()
    estimated_completion: datetime | None = None
    occurred_at: datetime | None = None


@dataclass(frozen=True)
class BatchAnswer:
    """Many reports at once: ids that the server does not know, and how many entries could not be read."""

    reports: tuple[JobReport, ...]
    unknown: tuple[str, ...]
    rejected: int


@dataclass(frozen=True)
class PrinterReason:
    """One IPP keyword without its suffix, and the severity that the suffix gave: report, warning or error."""

    keyword: str
    severity: str


@dataclass(frozen=True)
class PrinterReport:
    """What the server says about one printer; `status` is online, busy, attention, offline or unknown."""

    cups_name: str
    model: str = ""
    status: str = "unknown"
    reasons: tuple[PrinterReason, ...] = ()
    connection: str = ""
    location: str = ""
    jobs_in_queue: int = 0
    occurred_at: datetime | None = None


@dataclass(frozen=True)
class SubmitAnswer:
    """The server took the job over under `server_job_id`."""

    server_job_id: str
    status: str = "queued"
    message: str = ""
    estimated_completion: datetime | None = None


@dataclass(frozen=True)
class Health:
    """The server's own state; `capabilities` are the extensions it offers."""

    status: str
    version: str
    capabilities: frozenset[str]
    services: dict[str, str]


@dataclass(frozen=True)
class EventBatch:
    """A push: job and printer reports in the order sent, and how many events could not be read."""

    jobs: tuple[JobReport, ...]
    printers: tuple[PrinterReport, ...]
    rejected: int


@dataclass(frozen=True)
class CancelAnswer:
    """`outcome` is 'cancelled', 'unknown' (no such job there) or 'finished' (too late), `message` says it in words."""

    outcome: str
    message: str = ""


@dataclass(frozen=True)
class TestAnswer:
    """Whether a test label was sent to the printer."""

    success: bool
    message: str = ""

    __test__ = False  # not a test class, whatever its name makes pytest think
