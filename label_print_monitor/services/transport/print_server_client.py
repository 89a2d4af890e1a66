"""The calls of the print server's contract, each as one method with typed arguments and answers.

Every method raises PrintServerError and nothing else for what a server or a network does; `http_calls` says how a call
is made and what bounds it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from ..contract.json_documents import require_object
from ..contract.payloads import (
    parse_batch,
    parse_cancel,
    parse_health,
    parse_job_report,
    parse_label_account,
    parse_lookup,
    parse_printers,
    parse_submission_cancel,
    parse_submit,
)
from ..contract.reports import (
    BatchAnswer,
    CancelAnswer,
    Health,
    JobReport,
    LabelReport,
    LookupAnswer,
    PrinterReport,
    SubmitAnswer,
    TestAnswer,
)
from ..lifecycle.poll_schedule import MAX_BATCH
from .http_calls import HttpCalls, Session
from .other_programs import print_server_expected
from .server_connection import Connection, normalise_base_url
from .server_errors import (
    BadAnswer,
    ConfigurationError,
    NotFound,
    OtherProgram,
    PrintServerError,
    RateLimited,
    Refused,
    Rejected,
    ServerError,
    Unreachable,
)
from .server_refusals import Rate, server_words
from .status_sweep import WORKERS, Fetched, fetch_each

__all__ = [
    "BadAnswer", "CancelAnswer", "ConfigurationError", "Connection", "Fetched", "LookupAnswer", "NotFound",
    "OtherProgram", "PrintServerClient", "PrintServerError", "Rate", "RateLimited", "Refused", "Rejected",
    "ServerError", "TestAnswer", "Unreachable", "normalise_base_url",
]  # fmt: skip

MAX_LABEL_BATCH = 50  # jobs in one question with their labels: 500 labels of a job, all different, take about 90 kB


class PrintServerClient:
    """Calls to one print server. May be used by several threads at once, and as a context manager.

    :param session: anything with `requests.Session`'s `send`; one of our own when not given
    :raises ConfigurationError: the address cannot be used
    """

    def __init__(self, connection: Connection, session: Session | None = None) -> None:
        self.connection = connection
        self._http = HttpCalls(connection, session)

    def __enter__(self) -> PrintServerClient:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections. A session that was handed in stays open."""
        self._http.close()

    @property
    def rate(self) -> Rate:
        """Requests left by the newest answer, and the newest wait that was asked for."""
        return self._http.rate

    @property
    def clock_skew(self) -> float | None:
        """The server's clock minus ours in seconds, exact to about a second; None before an answer that says it."""
        return self._http.clock.skew

    def health(self) -> Health:
        """The server's own state and the extensions that it offers; OtherProgram when it is no print server."""
        with print_server_expected(self.connection.server):
            return self._http.ask("GET", "/health", parse_health)

    def printers(self) -> tuple[PrinterReport, ...]:
        """All printers that the server knows; OtherProgram when it is no print server."""
        with print_server_expected(self.connection.server, shape=False):
            return self._http.ask("GET", "/printers", parse_printers)

    def job_status(self, server_job_id: str) -> JobReport:
        """What the server says about one job; NotFound when it does not know it."""
        try:
            return self._job_status(server_job_id)
        except NotFound as error:
            self._believe(error)
            raise

    def batch_status(self, server_job_ids: Sequence[str], labels: bool = False) -> BatchAnswer:
        """What the server says about up to 500 jobs, for servers with the capability `batch_status`.

        Reports about jobs that were not asked for count as rejected.

        :param labels: ask for each job's labels, too, for servers with the capability `label_account`; at most
            `MAX_LABEL_BATCH` jobs then
        :raises ValueError: more jobs than one question may have
        """
        asked = list(dict.fromkeys(server_job_ids))
        limit = MAX_LABEL_BATCH if labels else MAX_BATCH
        if len(asked) > limit:
            raise ValueError(f"at most {limit} jobs in one question")
        payload = {"job_ids": asked, "labels": True} if labels else {"job_ids": asked}
        answer = self._http.ask("POST", "/status", parse_batch, payload, reading=True)
        known = set(asked)
        reports = tuple(report for report in answer.reports if report.server_job_id in known)
        unknown = tuple(job_id for job_id in answer.unknown if job_id in known)
        return BatchAnswer(reports, unknown, answer.rejected + len(answer.reports) - len(reports))

    def statuses(
        self, server_job_ids: Sequence[str], budget: int | None, workers: int = WORKERS, seconds: float | None = None
    ) -> Fetched:
        """Ask for each job by itself, for servers without batch questions. Never raises: see `Fetched.error`.

        :param server_job_ids: longest-waiting first
        :param budget: how many requests may go out, None for no limit; one more goes out when there is nothing but
            web pages with 404, to find out whether it is the print server that answers
        :param seconds: after which no further request is begun
        """
        pages: list[NotFound] = []

        def ask(server_job_id: str) -> JobReport:
            try:
                return self._job_status(server_job_id)
            except NotFound as error:
                if error.web_page:
                    pages.append(error)
                raise

        fetched = fetch_each(ask, server_job_ids, budget, workers, seconds)
        if pages and len(pages) == len(fetched.unknown) and not fetched.reports and not fetched.error:
            try:
                self._believe(pages[0])
            except PrintServerError as error:
                errors = {**fetched.job_errors, **dict.fromkeys(fetched.unknown, error)}
                return Fetched((), (), fetched.asked, fetched.not_asked, error, errors)
        return fetched

    def labels(self, server_job_id: str) -> tuple[LabelReport, ...]:
        """The account of a job's labels, for servers with the capability `label_account`.

        NotFound when the server does not know the job.
        """
        return self.label_report(server_job_id).labels or ()

    def label_report(self, server_job_id: str) -> JobReport:
        """As `labels`, with what could not be used; the report says nothing about the job's status."""
        path = f"/jobs/{_quoted(server_job_id)}/labels"
        try:
            return self._http.ask("GET", path, lambda data: parse_label_account(data, server_job_id))
        except NotFound as error:
            self._believe(error)
            raise

    def submit(self, payload: Mapping[str, Any], idempotency_key: str | None = None) -> SubmitAnswer:
        """Hand over a print job.

        After an error that `refuses_submission` the print server will not have the job as it is. After every other
        one the job is to be held: look at `maybe_delivered` before sending it again.

        :param payload: from `build_print_payload`
        :param idempotency_key: lets a server with the capability `idempotency` print once however often it is asked
        """
        return self._http.ask(
            "POST", "/print", parse_submit, payload, idempotency_key=idempotency_key, not_found="printer_not_found"
        )

    def lookup(self, idempotency_key: str) -> LookupAnswer | None:
        """What became of a submission, for servers with the capability `submission_lookup`.

        :return: None when the server says that none with this key has arrived. A 404 that does not say so, of a proxy
            or of a server without this call, is an error and proves nothing.
        """
        try:
            return self._http.ask("GET", f"/print/{_quoted(idempotency_key)}", parse_lookup, not_found="bad_answer")
        except NotFound as error:
            if not _is_unknown_submission(error):
                raise
            return None

    def cancel_submission(self, idempotency_key: str) -> CancelAnswer:
        """Cancel what came of a submission, or bar it, for servers with the capability `submission_lookup`.

        :return: 'barred' when none with this key has arrived: should it come later it is refused; 'cancelled' and
            'cancelling' with the job's id; 'finished' with the job's id when it had ended; 'unknown' when the server
            has not got it and does not bar it
        """
        path = f"/print/{_quoted(idempotency_key)}"
        try:
            answer = self._http.ask("DELETE", path, parse_submission_cancel, not_found="bad_answer")
        except NotFound as error:
            if not _is_unknown_submission(error):
                raise
            return CancelAnswer("unknown", error.message)
        except Rejected as error:
            if not (error.in_envelope and error.server_code == "job_finished"):
                raise
            return CancelAnswer("finished", error.message, error.server_job_id)
        return _succeeded(answer)

    def cancel(self, server_job_id: str) -> CancelAnswer:
        """Ask the server to cancel a job. Not found and already finished are answers, not errors."""
        try:
            answer = self._http.ask("DELETE", f"/jobs/{_quoted(server_job_id)}", parse_cancel)
        except NotFound as error:
            self._believe(error)
            return CancelAnswer("unknown", error.message)
        except Rejected as error:
            if error.status != 409:
                raise
            return CancelAnswer("finished", error.message)
        return _succeeded(answer)

    def test_printer(self, cups_name: str) -> TestAnswer:
        """Have the server print its own test label."""
        return self._http.ask("POST", "/test", _test_answer, {"printer": cups_name}, not_found="printer_not_found")

    def _job_status(self, server_job_id: str) -> JobReport:
        path = f"/status/{_quoted(server_job_id)}"
        return self._http.ask("GET", path, lambda data: parse_job_report(data, server_job_id))

    def _believe(self, error: NotFound) -> None:
        """Raise when a 404 is likely a proxy's: it is a web page, and the server's health is not to be had either."""
        if error.web_page:
            try:
                self.health()
            except (NotFound, BadAnswer):
                raise BadAnswer("web_page", status=error.status) from None


def _succeeded(answer: CancelAnswer) -> CancelAnswer:
    if not answer.outcome:
        raise Rejected("rejected_said", status=200, answer=answer.message or "-")
    return answer


def _test_answer(data: Any) -> TestAnswer:
    data = require_object(data)
    return TestAnswer(data.get("success", True) is True, server_words(data)[0])


def _is_unknown_submission(error: NotFound) -> bool:
    return error.in_envelope and error.server_code == "submission_unknown"


def _quoted(server_job_id: str) -> str:
    # A dot alone would be taken for a step in the path.
    quoted = quote(str(server_job_id), safe="")
    return quoted if quoted.strip(".") else quoted.replace(".", "%2E")
