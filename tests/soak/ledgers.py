"""What the three places keep of each label: the printers' own lists, the print servers' records, Odoo's accounts.

Each is read where it lies, past the network and past Odoo's own code but for the stored form of an account.
"""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timezone

from services.lifecycle.job_account import AttemptAccount, Mark, job_account
from services.lifecycle.label_account import Label, LabelAccount
from services.lifecycle.label_ledgers import LabelLedgers, Order

from tests.soak.factory import Factory, Hall, Printer

MARK = re.compile(r"\^FD(SOAK\d+) (\d+)\^FS")
# What Odoo and psycopg2 say when somebody cuts a connection to the database is the fault itself, and no error of ours.
OF_THE_DATABASE = re.compile(
    r"terminating connection|not currently accepting connections|connection already closed|cursor already closed"
    r"|odoo.registry: Failed to load registry|server closed the connection|connection to server|Unable to use a closed cursor|connection pointer is NULL"
)
OPEN_JOBS = "SELECT COUNT(*) FROM jobs WHERE status IN ('queued', 'printing')"


def label_of(mark: str, number: int) -> str:
    """A label's ZPL, by which it is recognised on paper."""
    return f"^XA^FO50,50^A0N,40,40^FD{mark} {number}^FS^XZ"


class Paper:
    """What has come out of the printers so far; any thread may look."""

    def __init__(self, factory: Factory) -> None:
        self._printers = factory.printers
        self._lock = threading.Lock()
        self._read: dict[str, int] = {}
        self.labels: dict[tuple[str, int], list[tuple[float, str]]] = defaultdict(list)

    def look(self, *printers: Printer) -> None:
        """Read what is new at these printers, or at all."""
        with self._lock:
            for printer in printers or self._printers:
                since = self._read.get(printer.name, 0)
                found = printer.zebra._call(f"labels?since={since}")["labels"]
                self._read[printer.name] = since + len(found)
                for label in found:
                    for mark, number in MARK.findall(label["zpl"]):
                        self.labels[mark, int(number)].append((label["printed_at"], printer.name))

    def times(self, mark: str, number: int) -> int:
        """How often a label is on paper."""
        return len(self.labels.get((mark, number), ()))


@dataclass(frozen=True)
class ServerJob:
    """A job in a print server's record."""

    id: str
    hall: str
    printer: str
    status: str
    labels: tuple[str, ...]
    marks: tuple[tuple[str, int], ...]


def records(hall: Hall, query: str, *parameters: object) -> list[tuple]:
    """Read the print server's own file, also while it does not answer."""
    with closing(
        sqlite3.connect(f"file:{hall.server.data_dir / 'jobs.sqlite3'}?mode=ro", uri=True, timeout=10)
    ) as file:
        return file.execute(query, parameters).fetchall()


def server_jobs(hall: Hall) -> dict[str, ServerJob]:
    """All jobs that a print server has ever accepted, by their ids."""
    rows = records(
        hall,
        "SELECT jobs.id, jobs.printer, jobs.status, labels.state, labels.zpl FROM jobs JOIN labels ON job_seq = seq"
        " ORDER BY seq, idx",
    )
    found: dict[str, list[tuple]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(row)
    return {
        id_: ServerJob(
            id_, hall.name, some[0][1], some[0][2], tuple(row[3] for row in some),
            tuple((mark, int(number)) for row in some for mark, number in MARK.findall(row[4])),
        )
        for id_, some in found.items()
    }  # fmt: skip


@dataclass
class OdooAttempt:
    """An attempt as Odoo has stored it."""

    number: int
    indexes: list[int]
    account: LabelAccount
    outcome: str
    server_job: str
    server_id: int
    submitted_by: int
    account_due: bool
    printer: str


@dataclass
class OdooJob:
    """A job as Odoo has stored it, with what follows for each label."""

    id: int
    quantity: int
    status: str
    submission: str
    mark: str
    numbers: list[int]
    submitted_by: int
    copy_of: int
    in_doubt: bool
    attempts: list[OdooAttempt] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    def states(self) -> list[str]:
        """Each label's state in the account of the job."""
        attempts = [AttemptAccount(one.number, one.indexes, one.account, one.outcome) for one in self.attempts]
        return [label.state for label in job_account(self.quantity, attempts, self.marks).labels]


def odoo_jobs(factory: Factory) -> dict[int, OdooJob]:
    """All jobs of the run in Odoo's database, by id."""
    execute = factory.database.execute
    jobs: dict[int, OdooJob] = {}
    for id_, quantity, status, submission, labels, by, copy_of, in_doubt in execute(
        "SELECT id, quantity, status, submission, labels_data, submitted_by, copy_of_id,"
        " status IN ('pending', 'sent') AND attention_code = 'submission_uncertain'"
        " FROM label_print_job WHERE labels_data::text LIKE '%%SOAK%%' ORDER BY id"
    ):
        found = [MARK.search(label["zpl_code"]) for label in labels]
        numbers = [int(match.group(2)) for match in found]
        jobs[id_] = OdooJob(
            id_, quantity, status, submission, found[0].group(1), numbers, by, copy_of or 0, bool(in_doubt)
        )
    for row in execute(
        "SELECT job_id, number, label_indexes, labels_count, account, outcome, flask_job_id, server_id, submitted_by,"
        " account_due, printer_name FROM label_print_attempt WHERE job_id = ANY(%s) ORDER BY job_id, number",
        list(jobs),
    ):
        job_id, number, indexes, count, account, outcome, server_job, server, by, due, printer = row
        known = LabelAccount.from_stored(account, count)
        if jobs[job_id].in_doubt and not outcome:
            known = known.give_up()  # as the job is shown: only a person can tell whether it arrived
        jobs[job_id].attempts.append(
            OdooAttempt(
                number, indexes or list(range(1, count + 1)), known, outcome or "",
                server_job or "", server or 0, by or 0, bool(due), printer or "",
            )
        )  # fmt: skip
    for job_id, number, kind, indexes, at in execute(
        "SELECT job_id, attempt_number, kind, label_indexes, date FROM label_print_mark WHERE job_id = ANY(%s) ORDER BY id",
        list(jobs),
    ):
        jobs[job_id].marks.append(Mark(number, kind, frozenset(indexes), at))
    return jobs


@dataclass
class Ledgers:
    """All three at one moment, when everything is at rest."""

    paper: Paper
    servers: dict[str, ServerJob]
    jobs: dict[int, OdooJob]

    @classmethod
    def read(cls, factory: Factory, paper: Paper) -> Ledgers:
        paper.look()
        servers: dict[str, ServerJob] = {}
        for hall in factory.halls:
            servers |= server_jobs(hall)
        return cls(paper, servers, odoo_jobs(factory))

    def labels(self) -> Iterator[tuple[OdooJob, int, LabelLedgers]]:
        """Each label that was ever asked for: its job, its number there, and what is kept of it."""
        copies: dict[int, list[OdooJob]] = defaultdict(list)
        for job in self.jobs.values():
            if job.copy_of:
                copies[job.copy_of].append(job)
        for job in self.jobs.values():
            if job.copy_of:
                continue
            states = job.states()
            for number in range(1, job.quantity + 1):
                orders = [self._order(attempt, label, place) for attempt, label, place in _of(job, number)]
                for copy in copies[job.id]:
                    if number in copy.numbers:
                        place = copy.numbers.index(number) + 1
                        orders += [self._order(*one, copy=True) for one in _of(copy, place)]
                marks = [(mark.number, mark.kind) for mark in job.marks if number in mark.indexes]
                # Marks count the attempts of the job, of which this label is perhaps not in all.
                marks = [
                    (sum(one.number <= after for one, _label, _place in _of(job, number)), kind)
                    for after, kind in marks
                ]
                yield job, number, LabelLedgers(orders, marks, self.paper.times(job.mark, number), states[number - 1])

    def _order(self, attempt: OdooAttempt, label: Label, place: int, copy: bool = False) -> Order:
        at_server = self.servers.get(attempt.server_job)
        state = at_server.labels[place] if at_server and place < len(at_server.labels) else ""
        return Order(label.state, state, label.inferred, copy)

    def orphans(self) -> list[ServerJob]:
        """Jobs of print servers of which no attempt in Odoo knows."""
        known = {attempt.server_job for job in self.jobs.values() for attempt in job.attempts}
        return [job for id_, job in self.servers.items() if id_ not in known]

    def history(self, job: OdooJob, number: int) -> list[str]:
        """What all three keep of one label, for people."""
        lines = [f"label {number} of job {job.id} ({job.mark}), a job of {job.quantity} that is {job.status}"]
        kin = [job, *(other for other in self.jobs.values() if other.copy_of == job.id)]
        for one in kin:
            place_in_job = one.numbers.index(number) + 1 if number in one.numbers else 0
            for attempt, label, place in _of(one, place_in_job):
                at_server = self.servers.get(attempt.server_job)
                said = at_server.labels[place] if at_server and place < len(at_server.labels) else "nothing"
                counted = ", inferred from a count" if label.inferred else ""
                lines.append(
                    f"  Odoo: {'copy ' if one.copy_of else ''}job {one.id} attempt {attempt.number} on {attempt.printer}:"
                    f" {label.state}{counted} {label.code} (attempt {attempt.outcome or 'open'})"
                )
                status = at_server.status if at_server else "-"
                lines.append(f"  print server: job {attempt.server_job or '-'} ({status}): {said}")
            lines += [
                f"  a person, after attempt {mark.number} of job {one.id}: {mark.kind}"
                for mark in one.marks
                if place_in_job in mark.indexes
            ]
        for orphan in self.orphans():
            if (job.mark, number) in orphan.marks:
                state = orphan.labels[orphan.marks.index((job.mark, number))]
                lines.append(
                    f"  print server: job {orphan.id} on {orphan.printer}, of which Odoo does not know: {state}"
                )
        for at, printer in self.paper.labels.get((job.mark, number), ()):
            lines.append(f"  paper: {datetime.fromtimestamp(at, tz=timezone.utc):%H:%M:%S.%f} from {printer}")
        if not self.paper.times(job.mark, number):
            lines.append("  paper: it never came out")
        return lines


def _of(job: OdooJob, number: int) -> list[tuple[OdooAttempt, Label, int]]:
    """The attempts that were to print a label of a job, its state there, and its place in them, from 0."""
    found = []
    for attempt in job.attempts:
        if number in attempt.indexes:
            place = attempt.indexes.index(number)
            found.append((attempt, attempt.account.labels[place], place))
    return found


def stopped_by_incidents(factory: Factory) -> dict[int, bool]:
    """Jobs that a stopped printer has ended, and whether labels of them are still to be printed.

    Of those that somebody has seen to within two seconds nobody is told.
    """
    return dict(
        factory.database.execute(
            "SELECT job.id, bool_or(job.status IN ('failed', 'completed_with_errors') AND job.set_aside_date IS NULL"
            " AND job.attempt_number = link.attempt_number) FROM label_print_incident_job link"
            " JOIN label_print_job job ON job.id = link.job_id WHERE link.effect = 'stopped' GROUP BY job.id"
        )
    )


def toasts(factory: Factory) -> Counter[tuple[int, int]]:
    """How many outcomes of each job each partner was told."""
    found: Counter[tuple[int, int]] = Counter()
    # The toast of an incident changes on the screen as more jobs fail by it: each job in it is told once.
    in_incidents: dict[tuple[int, str], set[int]] = defaultdict(set)
    for channel, message in factory.database.execute(
        "SELECT channel, message FROM bus_bus WHERE message LIKE '%%label_print_notification%%' ORDER BY id"
    ):
        payload = json.loads(message)["payload"]
        if payload.get("incident_id") and payload.get("topic"):
            partner = json.loads(channel)[2]
            jobs, before = set(payload["job_ids"]), in_incidents[partner, payload["topic"]]
            # The end of a stop offers to retry what it has stopped: an outcome to nobody who has been told already.
            is_end = payload["type"] == "info"
            found.update((job, partner) for job in jobs - before if not (is_end and found[job, partner]))
            in_incidents[partner, payload["topic"]] = jobs
            continue
        # Neither what somebody has done to a job nor a printer that waits is an outcome.
        if "act" in payload or payload.get("topic") or "title" not in payload:
            continue
        for job in payload.get("job_ids", ()):
            found[job, json.loads(channel)[2]] += 1
    return found


def told_of(factory: Factory, job: int, partner: int) -> list[str]:
    """Every notice about a job that a partner was sent, and how the job's attempts went: for a finding about its toasts."""
    lines = []
    for moment, channel, message in factory.database.execute(
        "SELECT create_date, channel, message FROM bus_bus WHERE message LIKE '%%label_print_notification%%' ORDER BY id"
    ):
        payload = json.loads(message)["payload"]
        if json.loads(channel)[2] == partner and job in payload.get("job_ids", ()):
            kept = {name: value for name, value in payload.items() if name in ("act", "topic", "title", "incident_id", "job_ids")}
            lines.append(f"{moment} {json.dumps(kept)[:400]}")
    for row in factory.database.execute(
        "SELECT number, outcome, submitted_by, first_sent_date, ended_date FROM label_print_attempt WHERE job_id = %s ORDER BY number", job
    ):
        lines.append(f"attempt {' '.join(map(str, row))}")
    return lines
