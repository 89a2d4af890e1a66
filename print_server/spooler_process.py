"""The process that talks IPP to one spooler with pycups: `python -m print_server.spooler_process HOST PORT`.

libcups waits for an answer as long as it takes and cannot be interrupted, so it runs where it can be ended; see
spooler_link.py, which starts this process. Questions and answers are lines of JSON on standard input and output:
`[number, lane, operation, arguments]` and `[number, result]`, or `[number, null, status, message]` where the spooler
refused (status 0: it did not answer). Questions of one lane are answered one after the other, on one connection.

A job is named `<job-id> <job-uuid>`: a spooler that lost its newest jobs in a crash gives their ids to others.
"""

from __future__ import annotations

import json
import queue
import sys
import threading
from typing import Any

import cups

UNANSWERED = 0
_NO_ANSWER = {cups.IPP_INTERNAL_ERROR, cups.IPP_SERVICE_UNAVAILABLE}
"""What libcups says when it is the connection that failed."""
_FORBIDDEN = (401, 403, 426)
"""HTTP: a password, other rights, or encryption is asked for."""
_NOT_POSSIBLE, _NOT_FOUND = cups.IPP_NOT_POSSIBLE, cups.IPP_NOT_FOUND
_ENDED = (cups.IPP_JOB_CANCELED, cups.IPP_JOB_ABORTED, cups.IPP_JOB_COMPLETED)
_RAW = "application/vnd.cups-raw"
_QUEUE_FACTS = ["printer-state", "printer-state-reasons", "printer-state-message", "printer-is-accepting-jobs"]
_JOB_FACTS = ["job-uuid", "job-state", "time-at-processing", "number-of-documents", "job-printer-state-message"]

Found = list[Any]
"""A job: state (RFC 8011, section 5.3.7), whether it was ever begun, number of documents, the backend's last words."""


class Spooler:
    """The operations, for one lane. Each raises cups.IPPError, cups.HTTPError or RuntimeError."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._connection: cups.Connection | None = None

    def prepare_thread(self) -> None:
        """Tell libcups, for this thread, by which server queues are named; its connection alone does not."""
        cups.setServer(self._host)
        cups.setPort(self._port)
        # It would ask on the terminal.
        cups.setPasswordCB(lambda _prompt: "")

    def look(self, name: str) -> list[Any]:
        """State, reasons, message and whether jobs are accepted (RFC 8011, sections 5.4.11 to 5.4.13 and 5.4.23)."""
        facts = self._asked("getPrinterAttributes", name, requested_attributes=_QUEUE_FACTS)
        state, reasons, message, accepting = (facts.get(key) for key in _QUEUE_FACTS)
        return [state, list(reasons or []), str(message or ""), accepting is not False]

    def create(self, name: str, titles: list[str]) -> list[str]:
        """Create-Job for each title: jobs without a document, which print nothing."""
        jobs = []
        for title in titles:
            number = self._do("createJob", name, title, {})
            facts = self._do("getJobAttributes", number, ["job-uuid"])
            jobs.append(f"{number} {facts.get('job-uuid', '')}")
        return jobs

    def send(self, name: str, job: str, text: str) -> None:
        """Send-Document: the job's only document, as raw data."""
        data = text.encode("utf-8")
        self._do("startDocument", name, _number(job), "label", _RAW, 1)
        self._do("writeRequestData", data, len(data))
        status = self._do("finishDocument", name)
        if status >= cups.IPP_BAD_REQUEST:
            raise cups.IPPError(status, "Send-Document failed")

    def follow(self, jobs: list[str], every: bool = False) -> list[Found | None]:
        """Get-Job-Attributes of jobs in their order, None for one that is unknown; so many as have news.

        A queue prints its jobs in order, so what stands behind one that waits is not asked about unless `every` is.
        """
        found: list[Found | None] = []
        for job in jobs:
            try:
                facts = self._asked("getJobAttributes", _number(job), _JOB_FACTS)
            except cups.IPPError as error:
                if error.args[0] != _NOT_FOUND:
                    raise
                facts = {}
            uuid, state, began, documents, message = (facts.get(key) for key in _JOB_FACTS)
            known = bool(facts) and uuid in (None, _uuid(job))
            found.append([state, bool(began), documents or 0, str(message or "")] if known else None)
            if known and not every and state in (cups.IPP_JOB_PENDING, cups.IPP_JOB_PROCESSING):
                break
        return found

    def cancel(self, jobs: list[str]) -> None:
        """Cancel-Job, the last one first: otherwise the spooler would begin the next one each time."""
        for job, known in reversed(list(zip(jobs, self.follow(jobs, every=True), strict=True))):
            if known is None or known[0] in _ENDED:
                continue
            try:
                self._do("cancelJob", _number(job), False)
            except cups.IPPError as error:
                if error.args[0] not in (_NOT_POSSIBLE, _NOT_FOUND):
                    raise

    def _asked(self, operation: str, *arguments: Any, **options: Any) -> Any:
        """A question that changes nothing is put once more when the connection has become stale."""
        fresh = self._connection is None
        try:
            return self._do(operation, *arguments, **options)
        except (cups.IPPError, RuntimeError) as error:
            if fresh or self._connection is not None:
                raise
            del error
        return self._do(operation, *arguments, **options)

    def _do(self, operation: str, *arguments: Any, **options: Any) -> Any:
        try:
            if self._connection is None:
                self._connection = cups.Connection(self._host, self._port)
            return getattr(self._connection, operation)(*arguments, **options)
        except cups.IPPError as error:
            if error.args[0] in _NO_ANSWER:
                self._connection = None
            raise
        except (cups.HTTPError, RuntimeError):
            self._connection = None
            raise


def answer(spooler: Spooler, number: int, operation: str, arguments: list[Any]) -> list[Any]:
    """Carry out one question."""
    try:
        return [number, getattr(spooler, operation)(*arguments)]
    except cups.IPPError as error:
        status = error.args[0]
        return [number, None, UNANSWERED if status in _NO_ANSWER else status, str(error.args[-1])]
    except cups.HTTPError as error:
        status = error.args[0] if error.args else None
        return [number, None, status if status in _FORBIDDEN else UNANSWERED, f"HTTP {status}"]
    except (RuntimeError, OSError, ValueError, TypeError, KeyError) as error:
        # What libcups or pycups cannot read: not a spooler.
        return [number, None, UNANSWERED, f"{type(error).__name__}: {error}"]


def serve(host: str, port: int) -> None:
    """Answer the questions on standard input until it closes."""
    # Without a host, where this machine's programs print: client.conf, CUPS_SERVER.
    host, port = host or cups.getServer(), port or cups.getPort()
    lanes: dict[str, queue.Queue[list[Any]]] = {}
    output = threading.Lock()
    for line in sys.stdin:
        number, lane, operation, arguments = json.loads(line)
        if lane not in lanes:
            lanes[lane] = queue.Queue()
            threading.Thread(target=_work, args=(Spooler(host, port), lanes[lane], output), daemon=True).start()
        lanes[lane].put([number, operation, arguments])


def _work(spooler: Spooler, questions: queue.Queue[list[Any]], output: threading.Lock) -> None:
    spooler.prepare_thread()
    while True:
        said = json.dumps(answer(spooler, *questions.get()))
        with output:
            sys.stdout.write(said + "\n")
            sys.stdout.flush()


def _number(job: str) -> int:
    return int(job.partition(" ")[0])


def _uuid(job: str) -> str:
    return job.partition(" ")[2]


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
