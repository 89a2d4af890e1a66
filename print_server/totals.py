"""What has happened since the server started, counted where it happens: the counters of `GET /metrics`.

They begin at 0 with each start, as Prometheus expects of a process. Rows that are removed after `--keep-days` never
make them smaller.
"""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, disable_created_metrics

OUTCOMES = ("confirmed", "spooled", "failed", "uncertain", "taken_back")
ENDS = ("completed", "failed", "cancelled")
SUBMISSIONS = ("accepted", "repeated", "refused", "failed")
POSTS = ("delivered", "refused", "unanswered")

# Without a series `…_created` beside each counter: Prometheus does not need it, and it doubles the answer.
disable_created_metrics()


class Totals:
    """Used by all threads. Series of the printers that are configured are there from the start, with 0."""

    def __init__(self, printers: Iterable[str] = ()) -> None:
        self.registry = CollectorRegistry()
        self._labels = self._counter("labels", "Labels by what became of them.", "printer", "outcome")
        self._jobs = self._counter("jobs_ended", "Jobs that have ended, by how.", "printer", "status")
        self._submissions = self._counter("submissions", "Requests to print, by their answer.", "result")
        self._posts = self._counter("event_posts", "Posts of events to Odoo, by what became of them.", "result")
        self._responses = self._counter("http_responses", "Answers to requests, by HTTP status.", "code")
        for printer in printers:
            for outcome in OUTCOMES:
                self._labels.labels(printer, outcome)
            for status in ENDS:
                self._jobs.labels(printer, status)
        for counter, values in ((self._submissions, SUBMISSIONS), (self._posts, POSTS)):
            for value in values:
                counter.labels(value)

    def labels(self, printer: str, outcome: str, count: int = 1) -> None:
        """So many labels of a printer came to one of OUTCOMES."""
        if count:
            self._labels.labels(printer, outcome).inc(count)

    def job_ended(self, printer: str, status: str) -> None:
        """A job ended with one of ENDS."""
        self._jobs.labels(printer, status).inc()

    def submission(self, status: int) -> None:
        """`POST /api/print` was answered with this HTTP status."""
        words = {201: "accepted", 200: "repeated"}
        self._submissions.labels(words.get(status, "refused" if status < 500 else "failed")).inc()

    def event_post(self, status: int | None) -> None:
        """A post of events was answered with this HTTP status; None for no answer."""
        if status is None:
            result = "unanswered"
        else:
            result = "delivered" if 200 <= status < 300 else "refused"
        self._posts.labels(result).inc()

    def response(self, status: int) -> None:
        """A request was answered with this HTTP status."""
        self._responses.labels(str(status)).inc()

    def _counter(self, name: str, words: str, *labels: str) -> Counter:
        return Counter(f"print_server_{name}", words, labels, registry=self.registry)
