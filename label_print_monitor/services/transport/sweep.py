"""One visit to one print server: everything a sweep asks it, without a database.

The poller decides what to ask (`SweepPlan`), lets its transaction go, has `visit` talk to the server, and applies what
came back (`SweepResult`). A visit never raises for what a server or a network does: the fault is part of the result.

Wishes to cancel go first, since labels are printed while they wait. The state of jobs comes before the account of their
labels, since no outcome waits for an account, and before the printers: a server whose spooler does not answer may still
say how its jobs are.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ..contract.reports import CancelAnswer, Health, JobReport, PrinterReport
from ..lifecycle.poll_schedule import MAX_BATCH
from .print_server_client import (
    MAX_LABEL_BATCH,
    BadAnswer,
    ConfigurationError,
    PrintServerClient,
    PrintServerError,
    RateLimited,
    Refused,
    Unreachable,
)


@dataclass(frozen=True)
class SweepPlan:
    """What to ask one server. All ids are the server's, longest-waiting first.

    :ivar cancel_ids: jobs to cancel: the answer to an earlier request was lost, or there was none
    :ivar label_ids: jobs of which to ask for the account of their labels, of a server that keeps one
    :ivar probe: the server was away: ask for its health first, and for more only when it answers
    :ivar requests: what the server's limit leaves
    :ivar seconds: after which no further request is begun; what was not asked comes first next time
    """

    server_id: int
    job_ids: tuple[str, ...] = ()
    batch: bool = False
    printers: bool = False
    health: bool = False
    probe: bool = False
    requests: int = 100
    seconds: float = 15.0
    cancel_ids: tuple[str, ...] = ()
    label_ids: tuple[str, ...] = ()


@dataclass
class SweepResult:
    """What came back.

    :ivar asked: ids that were really asked about
    :ivar cancels: the answers to the requests to cancel, by id; ids of which nothing is said here or in
        `cancel_errors` were not asked or not answered
    :ivar cancel_errors: what the server answered instead, for single jobs
    :ivar label_reports: reports with `labels`; those of a server without batch questions say nothing about the status
    :ivar label_asked: ids of which the labels were really asked for, answered or not
    :ivar label_errors: what the server answered instead of these jobs' labels
    :ivar printers_error: what came instead of the printers from a server that answers other questions
    :ivar error: what ended the visit early
    :ivar clock_skew: the server's clock minus ours in seconds, None when nothing was measured
    :ivar seconds: how long the visit took
    """

    plan: SweepPlan
    reports: list[JobReport] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    printers: tuple[PrinterReport, ...] | None = None
    printers_error: PrintServerError | None = None
    health: Health | None = None
    error: PrintServerError | ConfigurationError | None = None
    job_errors: dict[str, PrintServerError] = field(default_factory=dict)
    requests_made: int = 0
    remaining: int | None = None
    retry_after: float | None = None
    cancels: dict[str, CancelAnswer] = field(default_factory=dict)
    cancel_errors: dict[str, PrintServerError] = field(default_factory=dict)
    label_reports: list[JobReport] = field(default_factory=list)
    label_asked: list[str] = field(default_factory=list)
    label_errors: dict[str, PrintServerError] = field(default_factory=dict)
    clock_skew: float | None = None
    seconds: float = 0.0

    @property
    def answered(self) -> bool:
        """Whether the server gave any answer of the contract."""
        return bool(self.asked or self.printers is not None or self.health or self.cancels or self.label_reports)


def visit(plan: SweepPlan, make_client: Callable[[], PrintServerClient]) -> SweepResult:
    """Ask one server everything that `plan` names, within its requests."""
    result = SweepResult(plan)
    begun = time.monotonic()
    try:
        with make_client() as client:
            try:
                _Visit(plan, client, result).ask()
            finally:
                result.remaining = client.rate.remaining
                result.retry_after = client.rate.retry_after
                result.clock_skew = client.clock_skew
    except (PrintServerError, ConfigurationError) as error:
        result.error = error
        if isinstance(error, RateLimited) and error.retry_after is None:
            result.remaining = 0  # "not now" without a time: the rest of the minute is over
    result.seconds = time.monotonic() - begun
    return result


class _Visit:
    """The questions of one visit in their order; each counts as one request. Errors that end the visit are raised."""

    def __init__(self, plan: SweepPlan, client: PrintServerClient, result: SweepResult) -> None:
        self.plan = plan
        self.client = client
        self.result = result
        self.ends_at = time.monotonic() + plan.seconds
        self.left = plan.requests
        self.kept = 0
        self.batch = plan.batch
        self.label_account = True

    def ask(self) -> None:
        if self.plan.probe:
            self._health()
        self._cancel()
        if self.plan.health and not self.plan.probe:
            self._health()
        self.kept = 1 if self.plan.printers and self.left > 1 else 0  # many jobs must not use up the printers' request
        self._jobs()
        if self.label_account:
            self._labels()
        self._printers()

    def _may_ask(self) -> bool:
        return self.left > self.kept and time.monotonic() < self.ends_at

    def _count(self, requests: int = 1) -> None:
        self.result.requests_made += requests
        self.left -= requests

    def _health(self) -> None:
        # Not within the plan's requests: a probe must go out, and health is not asked for often.
        self.result.health = self.client.health()
        self.result.requests_made += 1
        self.batch = "batch_status" in self.result.health.capabilities
        self.label_account = "label_account" in self.result.health.capabilities

    def _printers(self) -> None:
        self.kept = 0
        if not (self.plan.printers and self._may_ask()):
            return
        self._count()
        try:
            self.result.printers = self.client.printers()
        except (RateLimited, Refused, ConfigurationError):
            raise
        except PrintServerError as error:
            if isinstance(error, Unreachable) and not error.connected:
                raise
            if not self.result.answered:
                self._health()  # which is the error when the server as a whole does not answer
            self.result.printers_error = error

    def _cancel(self) -> None:
        for job_id in dict.fromkeys(self.plan.cancel_ids):
            if not self._may_ask():
                return
            self._count()
            try:
                self.result.cancels[job_id] = self.client.cancel(job_id)
            except (Unreachable, RateLimited, ConfigurationError):
                raise
            except PrintServerError as error:
                # A server that does not let this key cancel, or fails over this one job, still tells how jobs are.
                self.result.cancel_errors[job_id] = error
                if isinstance(error, (Refused, BadAnswer)):
                    return

    def _jobs(self) -> None:
        job_ids = self.plan.job_ids
        if self.batch:
            for ids in _parts(job_ids, MAX_BATCH):
                if not self._may_ask():
                    return
                answer = self.client.batch_status(ids)
                self._count()
                self.result.asked.extend(ids)
                self.result.reports.extend(answer.reports)
                self.result.unknown.update(answer.unknown)
        elif job_ids and self._may_ask():
            budget = self.left - self.kept
            fetched = self.client.statuses(job_ids, budget, seconds=max(self.ends_at - time.monotonic(), 0))
            self._count(len(fetched.asked))
            self.result.asked.extend(fetched.asked)
            self.result.reports.extend(fetched.reports)
            self.result.unknown.update(fetched.unknown)
            self.result.job_errors.update(fetched.job_errors)
            if fetched.error:
                raise fetched.error

    def _labels(self) -> None:
        label_ids = tuple(dict.fromkeys(self.plan.label_ids))
        waiting = list(_parts(label_ids, MAX_LABEL_BATCH if self.batch else 1))
        while waiting and self._may_ask():
            ids = waiting.pop(0)
            self._count()
            self.result.label_asked.extend(job_id for job_id in ids if job_id not in self.result.label_errors)
            try:
                if self.batch:
                    answers = self.client.batch_status(ids, labels=True).reports
                else:
                    answers = (self.client.label_report(ids[0]),)
            except (Unreachable, RateLimited, Refused, ConfigurationError):
                raise
            except PrintServerError as error:
                # Of the jobs themselves everything is known by now, so this is no fault of the server as a whole.
                for job_id in ids:
                    self.result.label_errors[job_id] = error
                if len(ids) > 1 and error.key == "answer_too_large":
                    waiting[:0] = _parts(ids, (len(ids) + 1) // 2)
                continue
            for report in answers:
                self.result.label_errors.pop(report.server_job_id, None)
                if report.labels is not None:
                    self.result.label_reports.append(report)


def _parts(ids: tuple[str, ...], size: int) -> Iterator[tuple[str, ...]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))
