"""What came of a run: the comparison of the three ledgers, the toasts, the logs; as a table and as build/soak.json."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from services.lifecycle.job_account import ENDED
from services.lifecycle.label_ledgers import DIVERGENCE, DUPLICATE, LOST, UNPRINTED, check_label

from scripts import places
from tests.soak.factory import Factory
from tests.soak.faults import Faults
from tests.soak.ledgers import OF_THE_DATABASE, Ledgers, stopped_by_incidents, toasts, told_of
from tests.soak.people import People
from tests.soak.verified import Verified
from tests.soak.watch import Watch

MOST_HISTORIES = 12
LOSING_LINES = ("printer: line cut in mid-label", "printer: off the network")
TRACEBACK = "Traceback (most recent call last)"
START_OF_LINE = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ ")


@dataclass
class Outcome:
    """The figures of a run, and the words for what is not as it should be."""

    figures: dict[str, Any]
    must_be_zero: dict[str, int]
    findings: list[str] = field(default_factory=list)
    histories: list[str] = field(default_factory=list)
    uncertain: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not any(self.must_be_zero.values())


def judge(
    factory: Factory, ledgers: Ledgers, people: People, faults: Faults, watch: Watch, verified: Verified
) -> Outcome:
    """Compare everything."""
    kinds: Counter[str] = Counter()
    outcome = Outcome({}, {})
    labels = printed = lost_with_power = 0
    # A printer that is switched off forgets its buffer, and CUPS takes what it has written into a line as printed.
    spooled = {printer.name for printer in factory.printers if printer.queue}
    off = {
        fault.target
        for fault in faults.happened
        if fault.kind == "printer: power" or (fault.kind in LOSING_LINES and fault.target in spooled)
    }
    shown: set[int] = set()
    for job, number, label in ledgers.labels():
        labels += len(label.orders)
        printed += label.paper or 0
        found = check_label(label)
        if off.intersection(attempt.printer for attempt in job.attempts):
            lost_with_power += sum(finding.kind == UNPRINTED for finding in found)
            found = [finding for finding in found if finding.kind != UNPRINTED]
        kinds.update(finding.kind for finding in found)
        for finding in found:
            outcome.findings.append(f"{finding.kind}: label {number} of job {job.id}: {finding.text}")
        if found and job.id not in shown and len(shown) < MOST_HISTORIES:
            shown.add(job.id)
            outcome.histories += ledgers.history(job, number)
        elif label.account == "uncertain":
            outcome.uncertain.append(f"label {number} of job {job.id} ({job.mark})")
    for job in ledgers.jobs.values():
        for problem in _lost(job):
            kinds[LOST] += 1
            outcome.findings.append(f"{LOST}: job {job.id} ({job.mark}): {problem}")
            if job.id not in shown and len(shown) < MOST_HISTORIES and not job.copy_of:
                shown.add(job.id)
                outcome.histories += ledgers.history(job, 1)
    wrong_toasts = _wrong_toasts(factory, ledgers, people)
    tracebacks = _tracebacks(factory)
    delays = watch.delays(faults.happened)
    asked = [job.id for job in ledgers.jobs.values() if job.in_doubt]
    doubtful = {job.id for job in ledgers.jobs.values() if "uncertain" in job.states()}
    outcome.findings += [*verified.findings, *wrong_toasts, *tracebacks, *people.faults, *faults.problems]
    # Of a server that only counts much is in doubt without any fault.
    named = {hall.id for hall in factory.halls if hall.names_labels}
    ever = sum(
        any(attempt.server_id in named and attempt.account.count(["uncertain"]) for attempt in job.attempts)
        for job in ledgers.jobs.values()
    )
    can_leave_a_doubt = sum(fault.doubtful for fault in faults.happened)
    outcome.must_be_zero = {
        "divergences": kinds[DIVERGENCE] + kinds[UNPRINTED],
        "duplicate_prints": kinds[DUPLICATE],
        "lost_outcomes": kinds[LOST],
        "doubled_toasts": len(wrong_toasts),
        "tracebacks": len(tracebacks),
        "changed_records": len(verified.findings),
        "doubts_without_a_fault": max(0, ever - can_leave_a_doubt),
        "problems_of_the_run": len(people.faults) + len(faults.problems),
    }
    worst = max(delays.values(), default=0.0)
    ordered = sorted(delays.values())
    outcome.figures = {
        "jobs": len(ledgers.jobs),
        "labels": labels,
        "labels_on_paper": printed,
        "records_verified": verified.jobs,
        "entries_verified": verified.entries,
        "attempts": sum(len(job.attempts) for job in ledgers.jobs.values()),
        "statuses": dict(Counter(job.status for job in ledgers.jobs.values())),
        "acts": dict(people.acts),
        "faults": dict(faults.counts()),
        "events_repeated": factory.events.repeated,
        "uncertain": len(outcome.uncertain),
        "taken_by_a_printer_and_lost_with_its_power_or_line": lost_with_power,
        "uncertain_jobs": len(doubtful),
        "jobs_whose_arrival_a_person_must_find_out": len(asked),
        "jobs_ever_in_doubt": ever,
        "faults_that_can_leave_a_doubt": can_leave_a_doubt,
        "worst_seconds_to_truth": round(worst, 1),
        "median_seconds_to_truth": round(ordered[len(ordered) // 2], 1) if ordered else 0.0,
        **outcome.must_be_zero,
    }
    slow = sorted(((delay, id_) for id_, delay in delays.items()), reverse=True)[:3]
    outcome.figures["slowest"] = [f"{delay:.1f} s: {_name(ledgers, id_)}" for delay, id_ in slow]
    return outcome


def _name(ledgers: Ledgers, server_job: str) -> str:
    for job in ledgers.jobs.values():
        for attempt in job.attempts:
            if attempt.server_job == server_job:
                return f"job {job.id}, attempt {attempt.number} on {attempt.printer}"
    return server_job


def _lost(job) -> list[str]:
    """What of a job is open although nothing moves any more."""
    found = []
    if job.status not in ENDED and not job.in_doubt:
        found.append(f"it is still {job.status} (submission {job.submission})")
    for attempt in job.attempts:
        if not attempt.outcome and job.status in ENDED:
            found.append(f"its attempt {attempt.number} has no outcome")
        if attempt.account_due:
            found.append(f"the account of its attempt {attempt.number} has not come")
    return found


def _wrong_toasts(factory: Factory, ledgers: Ledgers, people: People) -> list[str]:
    """Whom an outcome was told twice, or not at all: one toast for each attempt that ended, to who waits for it."""
    told, stopped = toasts(factory), stopped_by_incidents(factory)
    partner_of = dict(factory.database.execute("SELECT id, partner_id FROM res_users"))
    expected: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
    for job in ledgers.jobs.values():
        cancellers = people.cancelled_by.get(job.id, set())
        # Whoever moves a job that is cancelled instead is told that. Mostly it moves, and nothing is to be told.
        movers = people.moved_by.get(job.id, set())
        for attempt in job.attempts:
            if not attempt.outcome:
                continue
            waiting = {job.submitted_by, attempt.submitted_by}
            for user in waiting | cancellers | movers:
                least, most = expected[job.id, partner_of[user]]
                # Whoever cancels reads it in the answer of the button, or is told when it was done later.
                sure = user in waiting - cancellers and attempt.outcome != "cancelled" and job.id not in stopped
                expected[job.id, partner_of[user]] = [least + sure, most + 1]
        if stopped.get(job.id) and job.submitted_by not in cancellers:
            expected[job.id, partner_of[job.submitted_by]][0] = 1
    names = {partner: user for user, partner in partner_of.items()}
    found = []
    for key in sorted(expected.keys() | told.keys()):
        job, partner = key
        if job not in ledgers.jobs:
            continue
        least, most = expected.get(key, (0, 0))
        if not least <= told[key] <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            found.append(
                f"toasts: job {job} was told {told[key]} times to user {names.get(partner)}, expected {wanted}:"
                + "".join(f"\n    {each}" for each in told_of(factory, job, partner))
            )
    return found


def _tracebacks(factory: Factory) -> list[str]:
    found = []
    for office in factory.offices:
        entries = _entries(office.service.log.read_text(encoding="utf-8", errors="replace"))
        found += [f"Odoo's log: {entry[:160]} … {entry[-700:]}" for entry in entries if _is_error(entry)]
    for hall in factory.halls:
        text = "".join(hall.server.output)
        disk_full = "database or disk is full"
        found += [
            f"{hall.name}'s log: {entry[:160]} … {entry[-700:]}"
            for entry in _entries(text)
            if TRACEBACK in entry and disk_full not in entry
        ]
    return found


def _entries(text: str) -> list[str]:
    """The entries of a log, which may have several lines each."""
    entries: list[list[str]] = []
    for line in text.splitlines():
        if START_OF_LINE.match(line) or not entries:
            entries.append([])
        entries[-1].append(line)
    return ["\n".join(lines) for lines in entries]


def _is_error(entry: str) -> bool:
    level = re.search(r"^\S+ \S+ \d+ (\w+) ", entry)
    loud = TRACEBACK in entry or (level and level.group(1) in ("ERROR", "CRITICAL"))
    return bool(loud) and not OF_THE_DATABASE.search(entry)


def table(outcome: Outcome) -> str:
    """The figures for people."""
    lines = []
    for name, value in outcome.figures.items():
        if isinstance(value, dict):
            lines.append(f"{name.replace('_', ' ')}")
            lines += [f"    {key:<50} {count:>7}" for key, count in sorted(value.items())]
        elif isinstance(value, list):
            lines += [f"{name.replace('_', ' ')}: {text}" for text in value]
        else:
            sign = "" if name not in outcome.must_be_zero else "  ✗" if value else "  ✓"
            lines.append(f"{name.replace('_', ' '):<54} {value:>7}{sign}")
    return "\n".join(lines)


def save(outcome: Outcome, **more: Any) -> None:
    """Keep the figures in build/soak.json."""
    places.BUILD.mkdir(parents=True, exist_ok=True)
    content = {**more, **outcome.figures, "findings": outcome.findings, "uncertain_labels": outcome.uncertain}
    (places.BUILD / "soak.json").write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
