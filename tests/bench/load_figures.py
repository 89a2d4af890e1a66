"""What the load benchmark measures: from a label to those who show it, processes by what they do, tables and their sizes."""

from __future__ import annotations

import contextlib
import errno
import os
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from scripts.product import Product
from tests.bench.bench_sweep import figure

# The groups of processes that belong to the product; the others make the load.
JUDGED = ("odoo", "bus", "postgres")
NICE = 15  # of processes that are to yield, from 0 to 19
# Of their session: a third of what each of the others gets. With less three pages on two busy processors do not draw for minutes.
GROUP_NICE = 5
LEAST_GROWTH = 0.2  # MB; smaller tables are summed up


class Delays:
    """When each label came out, to be compared with when somebody showed it.

    :param labels: by the print server's id of a job: printer, quantity, labels printed, and the times of the last of these
    :param names: Odoo's number of each job
    """

    def __init__(self, labels: dict[str, list[Any]], names: dict[str, int]) -> None:
        self._jobs: dict[str, dict[int, float]] = {}
        # By printer, quantity and label: the times at which one of its jobs came to that label.
        self._printers: dict[tuple[str, int, int], list[float]] = defaultdict(list)
        self._times: list[float] = []
        for id_, (printer, quantity, printed, times) in labels.items():
            first = printed - len(times) + 1
            self._jobs[str(names.get(id_))] = {first + number: at for number, at in enumerate(times)}
            for number, at in enumerate(times):
                self._printers[printer, quantity, first + number].append(at)
            self._times += times
        for times in self._printers.values():
            times.sort()

    def labels_since(self, moment: float) -> int:
        return sum(at >= moment for at in self._times)

    def of(self, kind: str, seen: list[Any], since: float, job: int = 0) -> list[float]:
        """Seconds from each label to the moment at which it was shown.

        :param kind: of the page: those of printers know a row by the printer, the others by the job
        :param seen: row, labels printed, quantity and moment, in order, each time that a row showed another number
        :param job: what a form shows
        """
        delays = []
        for row, printed, quantity, moment in seen:
            name = str(job) if kind == "form" else row
            at = self._printed_at(kind, name, printed, quantity, moment)
            if at is not None and at >= since:
                delays.append(max(moment - at, 0.0))
        return delays

    def _printed_at(self, kind: str, row: str, printed: int, quantity: int, moment: float) -> float | None:
        if kind != "printers":
            return self._jobs.get(row, {}).get(printed)
        times = self._printers.get((row, quantity, printed), [])
        number = bisect_right(times, moment)
        return times[number - 1] if number else None


def label_times(runs: list[dict[str, Any]]) -> list[float]:
    """When each printed label of a job came out, from the print server's account."""
    return [
        datetime.strptime(run["at"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC).timestamp()
        for run in runs
        if run["state"] == "confirmed"
        for _label in range(run.get("count", 1))
    ]


def process_groups(product: Product, clients: int) -> dict[str, list[psutil.Process]]:
    """Odoo's HTTP and cron workers, its process for live connections, PostgreSQL's for this database; and those that make the load."""
    groups: dict[str, list[psutil.Process]] = {"odoo": [], "bus": [], "postgres": [], "clients": [], "browser": []}
    for process in _with_children(product.odoo.pid):
        groups["bus" if "gevent" in process.cmdline() else "odoo"].append(process)
    groups["clients"] = list(_with_children(clients))
    for process in psutil.process_iter(["name", "cmdline"]):
        command = " ".join(process.info["cmdline"] or [])
        if process.info["name"] == "postgres" and product.database.name in command:
            groups["postgres"].append(process)
    groups["browser"] = [process for process in psutil.Process().children(recursive=True) if "chrom" in process.name()]
    return groups


def yield_to_others(processes: list[psutil.Process]) -> None:
    """Let these processes have the processor time that others leave, or little more.

    Linux keeps the priority of each thread by itself, and where it groups the processes of a session (`autogroup` in sched(7)) a priority counts
    within that group alone: then the group yields, too. The browser has a session of its own.
    """
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
            for thread in process.threads():
                os.setpriority(os.PRIO_PROCESS, thread.id, NICE)
            if os.getsid(process.pid) != os.getsid(0):
                _write_group_priority(process.pid)


def _write_group_priority(pid: int) -> None:
    try:
        Path(f"/proc/{pid}/autogroup").write_text(str(GROUP_NICE))
    except FileNotFoundError:
        pass  # this kernel groups no sessions
    except OSError as error:
        if error.errno != errno.EAGAIN:  # within 100 ms of the last change, for who is not root
            raise


def _with_children(pid: int) -> Iterator[psutil.Process]:
    process = psutil.Process(pid)
    yield process
    yield from process.children(recursive=True)


def table_sizes(execute: Callable[..., list[tuple]]) -> dict[str, float]:
    """MB of each table with its indexes and what is stored beside it."""
    return {
        name: size / 1e6
        for name, size in execute("SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
    }


def ended_jobs(execute: Callable[..., list[tuple]]) -> int:
    ((count,),) = execute("SELECT count(*) FROM label_print_job WHERE completed_date IS NOT NULL")
    return count


def size_figures(before: dict[str, float], after: dict[str, float]) -> list[dict[str, Any]]:
    """The whole database and each table that has grown; the yardstick is the size before."""
    grown = {name: size for name, size in after.items() if size - before.get(name, 0) >= LEAST_GROWTH}
    rows = [("all_tables", sum(before.values()), sum(after.values()))]
    rows += [(name, before.get(name, 0.0), size) for name, size in sorted(grown.items(), key=lambda item: before.get(item[0], 0) - item[1])]
    return [figure(f"load.db.{name}_mb", now, "MB", was) for name, was, now in rows]
