"""The stores of a print server with one printer, without its web side and its threads."""

from __future__ import annotations

from pathlib import Path

from memory_printer import Clock, MemoryPrinter, Signal

from print_server.ask_interval import AskInterval
from print_server.database import Database
from print_server.fleet import Fleet
from print_server.job_run import JobRun
from print_server.job_store import JobStore, StoredJob
from print_server.label_store import LabelStore
from print_server.label_window import LabelWindow
from print_server.settings import Pace, PrinterConfig
from print_server.totals import Totals

PRINTER = "Zebra-1"


def zpl(number: int, copies: int = 1) -> str:
    """A label that differs from the others of its job."""
    return f"^XA^FDBox {number}^FS^PQ{copies}^XZ"


def zpls(*numbers: int) -> list[str]:
    return [zpl(number) for number in numbers]


def request(*texts: str, **changes) -> dict:
    """A checked request, as validation gives it to the store."""
    labels = [{"zpl": text} for text in texts or (zpl(1),)]
    return {"printer": PRINTER, "priority": 1, "mo_reference": None, "metadata": {}, "labels": labels, **changes}


def total(totals: Totals, name: str, *labels: str) -> float:
    """One counter of the metrics, 0 where nothing was counted."""
    names = {"labels": ("printer", "outcome"), "jobs_ended": ("printer", "status")}[name]
    found = totals.registry.get_sample_value(f"print_server_{name}_total", dict(zip(names, labels, strict=True)))
    return found or 0


def waiting_for(stores: Stores, job) -> str | None:
    """The code of what a job waits for."""
    return stores.jobs.get(job.job_id)["waiting_for"]


class Stores:
    """The two stores on one data file; `told` has the jobs whose change was told, in order."""

    def __init__(self, folder: Path) -> None:
        self.database, self.totals, self.told = Database(folder), Totals(), []
        self.jobs = JobStore(self.database, self._tell, self.totals)
        self.labels = LabelStore(self.database, self._tell, self.totals)

    def _tell(self, connection, job_id: str) -> None:
        assert connection.in_transaction
        self.told.append(job_id)

    def job(self, job_id: str) -> StoredJob:
        return self.jobs.read([job_id], labels=True)[0]

    def states(self, job_id: str) -> list[str]:
        """The state of each label."""
        return [run["state"] for run in self.jobs.labels(job_id) for _each in range(run.get("count", 1))]

    def begin(self, *texts: str, **changes):
        """A job that a worker has picked up."""
        job_id = self.jobs.accept(request(*texts, **changes)).job_id
        job = self.labels.next_job(changes.get("printer", PRINTER))
        assert job.job_id == job_id
        return job


class Shop(Stores):
    """With a printer in memory, on which `print_job` does what the worker does with one job."""

    def __init__(self, folder: Path, clock: Clock, printer: MemoryPrinter | None = None) -> None:
        super().__init__(folder)
        self.clock, self.printer = clock, printer or MemoryPrinter(clock)
        self.pace, self.config = Pace(), PrinterConfig(PRINTER, "tcp://127.0.0.1:9100")
        self.woken, self.stopping = Signal(clock), Signal(clock)
        self.window, self.interval = LabelWindow(), AskInterval(None)

    def configure(self, **changes) -> None:
        self.config = PrinterConfig(PRINTER, "tcp://127.0.0.1:9100", **changes)

    def run_of(self, job) -> JobRun:
        self.fleet = Fleet((self.config,))
        return JobRun(
            job, self.config, self.printer, self.labels, self.fleet, self.pace, self.window, self.interval,
            self.woken, self.stopping,
        )  # fmt: skip

    def print_job(self, job) -> StoredJob:
        self.run_of(job).run()
        return self.job(job.job_id)

    def cancel(self, job) -> None:
        self.jobs.request_cancel(job.job_id)
        self.woken.set()

    def stop(self) -> None:
        self.stopping.set()
        self.woken.set()
