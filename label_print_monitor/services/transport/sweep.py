"""One visit to one print server: everything a sweep asks it, without a database.

The poller decides what to ask (`SweepPlan`), lets its transaction go, has `visit` talk to the server, and applies what
came back (`SweepResult`). A visit never raises for what a server or a network does: the fault is part of the result.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ..contract.reports import Health, JobReport, PrinterReport
from ..lifecycle.poll_schedule import MAX_BATCH
from .print_server_client import ConfigurationError, PrintServerClient, PrintServerError, RateLimited


@dataclass(frozen=True)
class SweepPlan:
    """What to ask one server. `job_ids` are server ids, longest-waiting first; `requests`: what its limit leaves."""

    server_id: int
    job_ids: tuple[str, ...] = ()
    batch: bool = False
    printers: bool = False
    health: bool = False
    probe: bool = False  # the server was away: ask for its health first, and for more only when it answers
    requests: int = 100
    seconds: float = 15.0  # after which no further request is begun; what was not asked comes first next time


@dataclass
class SweepResult:
    """What came back. `asked` are the ids that were really asked about; `error` ended the visit early."""

    plan: SweepPlan
    reports: list[JobReport] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    printers: tuple[PrinterReport, ...] | None = None
    health: Health | None = None
    error: PrintServerError | ConfigurationError | None = None
    job_errors: dict[str, PrintServerError] = field(default_factory=dict)
    requests_made: int = 0
    remaining: int | None = None
    retry_after: float | None = None

    @property
    def answered(self) -> bool:
        """Whether the server gave any answer of the contract."""
        return bool(self.asked or self.printers is not None or self.health)


def visit(plan: SweepPlan, make_client: Callable[[], PrintServerClient]) -> SweepResult:
    """Ask one server everything that `plan` names, within its requests."""
    result = SweepResult(plan)
    try:
        with make_client() as client:
            try:
                _ask(plan, client, result)
            finally:
                result.remaining = client.rate.remaining
                result.retry_after = client.rate.retry_after
    except (PrintServerError, ConfigurationError) as error:
        result.error = error
        if isinstance(error, RateLimited) and error.retry_after is None:
            result.remaining = 0  # "not now" without a time: the rest of the minute is over
    return result


def _ask(plan: SweepPlan, client: PrintServerClient, result: SweepResult) -> None:
    ends_at = time.monotonic() + plan.seconds
    left = plan.requests
    batch = plan.batch
    if plan.health or plan.probe:
        result.health = client.health()
        result.requests_made += 1
        batch = "batch_status" in result.health.capabilities
    if plan.printers and left > 0 and time.monotonic() < ends_at:
        result.printers = client.printers()
        result.requests_made += 1
        left -= 1
    if batch:
        for start in range(0, len(plan.job_ids), MAX_BATCH):
            if left <= 0 or time.monotonic() >= ends_at:
                break
            ids = plan.job_ids[start : start + MAX_BATCH]
            answer = client.batch_status(ids)
            result.requests_made += 1
            left -= 1
            result.asked.extend(ids)
            result.reports.extend(answer.reports)
            result.unknown.update(answer.unknown)
    elif plan.job_ids and left > 0:
        fetched = client.statuses(plan.job_ids, left, seconds=max(ends_at - time.monotonic(), 0))
        result.requests_made += len(fetched.asked)
        result.asked.extend(fetched.asked)
        result.reports.extend(fetched.reports)
        result.unknown.update(fetched.unknown)
        result.job_errors.update(fetched.job_errors)
        if fetched.error:
            raise fetched.error
