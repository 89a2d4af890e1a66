"""What a print server can tell us, as frozen dataclasses: the vocabulary that parsing, merging and models share.

They carry cleaned values only (see `payloads`). Times are naive UTC, as Odoo keeps them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from .sizes import Limits


@dataclass(frozen=True)
class FailedLabel:
    """One label that did not print; `index` is 1-based in the attempt's own list of labels."""

    index: int
    code: str
    message: str


@dataclass(frozen=True)
class LabelReport:
    """What the server says about `count` consecutive labels that are alike, a run.

    :ivar index: the first of them, from 1 in the attempt's own list of labels
    :ivar state: one of `status_words.LABEL_STATES`
    :ivar code: why a label failed, the catalogue's code where there is one
    :ivar at: when it came to this state by the server's clock, not corrected; None where the server does not say
    :ivar tries: how often it was tried, 0 where the server does not say
    """

    index: int
    count: int
    state: str
    code: str = ""
    at: datetime | None = None
    tries: int = 0


@dataclass(frozen=True)
class Counts:
    """How many labels of an attempt are in which state. The `confirmed` ones are among the `printed`."""

    printed: int
    confirmed: int
    failed: int
    uncertain: int


@dataclass(frozen=True)
class JobReport:
    """What the server says about one attempt. Times are naive UTC; counts are of the attempt, not of the whole job.

    A report with an empty `word` says nothing about the status: it was asked for the labels only.

    :ivar failed_count: labels that are not known to be printed once the attempt has ended, uncertain ones included
    :ivar labels: the account of its labels, by index and no label twice; None when the server said nothing about them
    :ivar label_problems: entries of the account that could not be used, in full or in part
    :ivar waiting_for: the code of what the job waits for at its printer, '' while it does not wait
    :ivar waiting_since: by the server's clock, not corrected
    :ivar created_at: as `started_at` and `completed_at` by the server's clock, neither corrected nor judged
    """

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
    counts: Counts | None = None
    labels: tuple[LabelReport, ...] | None = None
    label_problems: int = 0
    created_at: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    waiting_for: str = ""
    waiting_since: datetime | None = None


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
    """What the server says about one printer; `status` is online, busy, attention, offline or unknown.

    :ivar confirms_labels: false for a printer that answers no status question, so that none of its labels is confirmed;
        None where the server does not say
    :ivar odometer: labels that the printer has printed in its life, by its own count; None where it does not say
    """

    cups_name: str
    model: str = ""
    status: str = "unknown"
    reasons: tuple[PrinterReason, ...] = ()
    connection: str = ""
    location: str = ""
    jobs_in_queue: int = 0
    occurred_at: datetime | None = None
    confirms_labels: bool | None = None
    serial_number: str = ""
    firmware: str = ""
    odometer: int | None = None


@dataclass(frozen=True)
class SubmitAnswer:
    """The server took the job over under `server_job_id`."""

    server_job_id: str
    status: str = "queued"
    message: str = ""
    estimated_completion: datetime | None = None


@dataclass(frozen=True)
class Health:
    """The server's own state; `capabilities` are the extensions it offers.

    :ivar idempotency_hours: how long it remembers an idempotency key
    :ivar limits: how much it takes in one request
    :ivar warnings: what is wrong with it, as sentences for an administrator
    """

    status: str
    version: str
    capabilities: frozenset[str]
    services: dict[str, str]
    idempotency_hours: float = 24.0
    limits: Limits = field(default_factory=Limits)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class EventBatch:
    """A push: job and printer reports in the order sent, and how many events could not be read."""

    jobs: tuple[JobReport, ...]
    printers: tuple[PrinterReport, ...]
    rejected: int


@dataclass(frozen=True)
class LookupAnswer:
    """A submission has arrived: the job that came of it."""

    server_job_id: str
    status: str = "queued"


@dataclass(frozen=True)
class CancelAnswer:
    """What the server answered to a request to cancel a job or a submission.

    :ivar outcome: 'cancelled' (accepted; it may still be printing the label under way), 'cancelling' (it prints, and
        stops after the label under way), 'barred' (the submission has not arrived, and will be refused if it does),
        'finished' (too late) or 'unknown' (no such job or submission there)
    :ivar message: the same in words
    :ivar server_job_id: the job that came of the submission, '' where the server does not name it
    """

    outcome: str
    message: str = ""
    server_job_id: str = ""


@dataclass(frozen=True)
class TestAnswer:
    """Whether a test label was sent to the printer."""

    success: bool
    message: str = ""

    __test__ = False  # not a test class, whatever its name makes pytest think
