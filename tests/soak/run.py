"""One run of the soak from start to end."""

from __future__ import annotations

import shutil
import time

import psycopg2

from scripts import places
from scripts.console import say
from tests.soak import report
from tests.soak.factory import Factory, running_factory
from tests.soak.faults import Faults, put_in_order
from tests.soak.ledgers import OPEN_JOBS, Ledgers, Paper, records
from tests.soak.people import People
from tests.soak.verified import verify_all
from tests.soak.watch import Watch

JOBS_A_MINUTE = 100


def soak(
    seed: int, seconds: float, jobs: int, *, drain: float = 60, faults: bool = True, only: str = ""
) -> report.Outcome:
    """Print so many jobs within so many seconds among faults, wait for the end, and compare.

    :param seed: decides the jobs, what people do and the faults; how they meet is the machine's
    :param drain: seconds after the last fault until everything must be at rest
    :param only: kinds of faults by the beginnings of their names, with commas between; all when empty
    """
    with running_factory(seed) as factory:
        paper = Paper(factory)
        people = People(factory, paper, seed)
        watch = Watch(factory)
        trouble = Faults(factory, seed, only)
        say(f"Running for {seconds:.0f} s")
        started = time.monotonic()
        people.start(jobs, seconds)
        if faults:
            trouble.start()
        time.sleep(seconds)
        trouble.stop()
        people.stop()
        put_in_order(factory)
        say(f"The last fault ended after {time.monotonic() - started:.0f} s; waiting for the end of all jobs")
        took = _drain(factory, drain)
        people.leave()
        time.sleep(1)
        watch.stop()
        verified = verify_all(factory)
        outcome = report.judge(factory, Ledgers.read(factory, paper), people, trouble, watch, verified)
        outcome.figures["seconds_until_rest"] = round(took, 1)
        outcome.figures["refused"] = dict(people.refused)
        report.save(outcome, seed=seed, seconds=seconds, faults_in_order=[
            f"{fault.at} s: {fault.kind} {fault.target} for {fault.ended - fault.began:.1f} s" for fault in trouble.happened
        ])  # fmt: skip
        _keep_logs(factory, seed)
        return outcome


def _drain(factory: Factory, longest: float) -> float:
    """Until nothing moves any more, at the longest so many seconds; how long it took."""
    started = time.monotonic()
    while (took := time.monotonic() - started) < longest:
        if _at_rest(factory):
            return took
        time.sleep(0.5)
    return took


def _at_rest(factory: Factory) -> bool:
    if any(records(hall, OPEN_JOBS)[0][0] for hall in factory.halls):
        return False
    try:
        ((waiting,),) = factory.database.execute(
            "SELECT (SELECT COUNT(*) FROM label_print_job WHERE labels_data::text LIKE '%%SOAK%%' AND status NOT IN"
            " ('completed', 'completed_with_errors', 'failed', 'cancelled')"
            " AND attention_code IS DISTINCT FROM 'submission_uncertain')"
            " + (SELECT COUNT(*) FROM label_print_attempt WHERE account_due)"
        )
    except psycopg2.Error:
        return False
    return not waiting and all(factory.at_rest(printer) for printer in factory.printers)


def _keep_logs(factory: Factory, seed: int) -> None:
    """What the processes have said, in build/soak-<seed>, for who looks for the cause of something."""
    folder = places.BUILD / f"soak-{seed}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for number, office in enumerate(factory.offices):
        shutil.copy(office.service.log, folder / f"odoo-{number}.log")
    for hall in factory.halls:
        (folder / f"{hall.name}.log").write_text("".join(hall.server.output))
        shutil.copy(hall.server.data_dir / "jobs.sqlite3", folder / f"{hall.name}.sqlite3")
