"""A visit to a print server: what is asked, in which order, within which bounds. No network: a client that plays one."""

import time
from types import SimpleNamespace

import pytest
from services.contract.payloads import (
    parse_batch,
    parse_health,
    parse_job_report,
    parse_label_account,
    parse_printers,
)
from services.contract.reports import CancelAnswer
from services.transport.print_server_client import (
    BadAnswer,
    ConfigurationError,
    NotFound,
    RateLimited,
    Refused,
    Rejected,
    ServerError,
    Unreachable,
)
from services.transport.status_sweep import Fetched
from services.transport.sweep import SweepPlan, visit


class Client:
    """Answers like a print server and notes what it was asked."""

    def __init__(self, capabilities=(), errors=None, pause=0.0):
        self.capabilities, self.errors, self.pause = list(capabilities), dict(errors or {}), pause
        self.calls = []
        self.rate = SimpleNamespace(remaining=42, retry_after=None)
        self.clock_skew = 1.5
        self.largest = 500
        self.closed = False

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.closed = True

    def _note(self, name, *arguments):
        self.calls.append((name, *arguments))
        time.sleep(self.pause)
        if error := self.errors.get(name):
            raise error

    def health(self):
        self._note("health")
        return parse_health({"status": "ok", "capabilities": self.capabilities})

    def printers(self):
        self._note("printers")
        return parse_printers({"printers": [{"name": "Z", "status": "online"}]})

    def batch_status(self, ids, labels=False):
        self._note(*(("batch with labels", *ids[:1]) if labels else ("batch",)), len(ids))
        if labels and len(ids) > self.largest:
            raise BadAnswer("answer_too_large", status=200)
        job = {"status": "printing", "labels": [{"index": 1, "state": "sent"}] if labels else None}
        return parse_batch({"jobs": [{**job, "job_id": id_} for id_ in ids[1:]], "unknown": list(ids[:1])})

    def label_report(self, id_):
        self._note("labels", id_)
        if error := self.errors.get(("labels", id_)):
            raise error
        return parse_label_account({"labels": [{"index": 1, "state": "sent"}]}, id_)

    def cancel(self, id_):
        self._note("cancel", id_)
        if error := self.errors.get(("cancel", id_)):
            raise error
        return CancelAnswer("cancelled", "", id_)

    def statuses(self, ids, budget, seconds=None):
        self._note("statuses", len(ids), budget)
        asked = tuple(ids[:budget])
        reports = tuple(parse_job_report({"job_id": id_, "status": "queued"}) for id_ in asked)
        return Fetched(reports, asked=asked, not_asked=tuple(ids[budget:]), error=self.errors.get("in statuses"))

    @property
    def asked(self):
        return [name for name, *_rest in self.calls]


IDS = tuple(f"job-{number}" for number in range(1200))


def test_only_what_is_planned_is_asked():
    client = Client()
    result = visit(SweepPlan(1), lambda: client)
    assert client.calls == []
    assert client.closed
    assert not result.answered
    assert result.error is None


def test_batches_of_at_most_five_hundred():
    client = Client()
    result = visit(SweepPlan(1, IDS, batch=True), lambda: client)
    assert client.calls == [("batch", 500), ("batch", 500), ("batch", 200)]
    assert result.asked == list(IDS)
    assert len(result.reports) == 1197
    assert result.unknown == {"job-0", "job-500", "job-1000"}
    assert (result.requests_made, result.remaining) == (3, 42)


def test_requests_are_a_bound_for_batches_and_single_questions():
    client = Client()
    result = visit(SweepPlan(1, IDS, batch=True, printers=True, requests=2), lambda: client)
    assert client.asked == ["batch", "printers"]
    assert result.asked == list(IDS[:500]), "the rest comes first next time"
    client = Client()
    result = visit(SweepPlan(1, IDS, printers=True, requests=10), lambda: client)
    assert client.calls == [("statuses", 1200, 9), ("printers",)]
    assert (len(result.asked), result.requests_made) == (9, 10)
    client = Client()
    visit(SweepPlan(1, IDS, printers=True, requests=0), lambda: client)
    assert client.calls == []


def test_the_time_is_a_bound():
    client = Client(pause=0.03)
    result = visit(SweepPlan(1, IDS, batch=True, seconds=0.02), lambda: client)
    assert client.asked == ["batch"]
    assert (len(result.asked), result.error) == (500, None)


def test_a_probe_asks_for_health_first_and_stops_there_when_it_fails():
    client = Client(errors={"health": Unreachable("unreachable", server="here")})
    result = visit(SweepPlan(1, IDS, batch=True, printers=True, probe=True), lambda: client)
    assert client.asked == ["health"]
    assert result.error.code == "server_unavailable"
    assert not result.answered


@pytest.mark.parametrize(("capabilities", "call"), [(["batch_status"], "batch"), ([], "statuses")])
def test_health_decides_how_jobs_are_asked_about(capabilities, call):
    """A server that was replaced while it was away is believed at once."""
    client = Client(capabilities)
    visit(SweepPlan(1, IDS[:3], batch=not capabilities, probe=True), lambda: client)
    assert client.asked == ["health", call]


def test_what_was_learned_before_an_error_is_kept():
    client = Client(errors={"batch": Refused("key_refused", status=401)})
    result = visit(SweepPlan(1, IDS, batch=True, printers=True), lambda: client)
    assert (result.asked, result.error.status, result.remaining) == ([], 401, 42)
    client = Client(errors={"printers": Unreachable("broken_off")})
    result = visit(SweepPlan(1, IDS, batch=True, printers=True), lambda: client)
    assert (len(result.asked), result.error.code) == (1200, "server_unavailable")
    client = Client(errors={"in statuses": Unreachable("broken_off", connected=True)})
    result = visit(SweepPlan(1, IDS[:5]), lambda: client)
    assert (len(result.reports), result.error.code) == (5, "server_unavailable")


PRINTERS_FAIL = [
    ServerError("server_error", status=500),
    Unreachable("timed_out", connected=True, code="network_timeout"),
    BadAnswer("not_json", status=200),
    NotFound("not_found", status=404),
]


@pytest.mark.parametrize("error", PRINTERS_FAIL, ids=lambda error: error.key)
def test_a_server_that_does_not_say_how_its_printers_are_still_says_how_its_jobs_are(error):
    """A print server with a hanging spooler does that."""
    client = Client(errors={"printers": error})
    result = visit(SweepPlan(1, IDS[:3], batch=True, printers=True, label_ids=IDS[:1]), lambda: client)
    assert client.asked == ["batch", "batch with labels", "printers"]
    assert (result.error, result.printers_error, result.printers) == (None, error, None)
    assert len(result.reports) == 2


@pytest.mark.parametrize("error", PRINTERS_FAIL, ids=lambda error: error.key)
def test_where_only_the_printers_were_asked_for_its_health_decides(error):
    client = Client(errors={"printers": error})
    result = visit(SweepPlan(1, printers=True), lambda: client)
    assert client.asked == ["printers", "health"]
    assert (result.error, result.printers_error) == (None, error)
    away = Unreachable("timed_out", connected=True, code="network_timeout")
    client = Client(errors={"printers": error, "health": away})
    assert visit(SweepPlan(1, printers=True), lambda: client).error is away


def test_429_without_a_time_ends_the_minute():
    client = Client(errors={"batch": RateLimited("rate_limited", status=429)})
    assert visit(SweepPlan(1, IDS, batch=True), lambda: client).remaining == 0
    client = Client(errors={"batch": RateLimited("rate_limited", status=429, retry_after=7)})
    assert visit(SweepPlan(1, IDS, batch=True), lambda: client).remaining == 42


def test_a_bad_address_is_a_result_and_no_crash():
    def fail():
        raise ConfigurationError("address_missing")

    assert isinstance(visit(SweepPlan(1, IDS), fail).error, ConfigurationError)


# Wishes to cancel


def test_wishes_to_cancel_go_first():
    client = Client(["batch_status", "label_account"])
    plan = SweepPlan(1, IDS[:3], True, printers=True, health=True, cancel_ids=("x", "y", "x"), label_ids=IDS[:2])
    result = visit(plan, lambda: client)
    assert client.asked == ["cancel", "cancel", "health", "batch", "batch with labels", "printers"]
    assert result.cancels == {"x": CancelAnswer("cancelled", "", "x"), "y": CancelAnswer("cancelled", "", "y")}
    assert (result.requests_made, result.clock_skew, result.error) == (6, 1.5, None)
    assert result.answered


def test_a_probe_comes_before_wishes_to_cancel():
    client = Client(errors={"health": Unreachable("unreachable", server="here")})
    result = visit(SweepPlan(1, probe=True, cancel_ids=("x",)), lambda: client)
    assert client.asked == ["health"]
    assert (result.cancels, result.cancel_errors) == ({}, {})


@pytest.mark.parametrize(
    "error",
    [
        Unreachable("timed_out", code="network_timeout", connected=True, seconds="5"),
        RateLimited("rate_limited", status=429),
        ConfigurationError("key_invalid"),
    ],
)
def test_a_cancel_that_the_server_does_not_answer_ends_the_visit(error):
    client = Client(errors={("cancel", "y"): error})
    result = visit(SweepPlan(1, IDS[:3], True, printers=True, cancel_ids=("x", "y", "z")), lambda: client)
    assert client.calls == [("cancel", "x"), ("cancel", "y")]
    assert (set(result.cancels), result.error) == ({"x"}, error)
    assert (result.requests_made, result.clock_skew) == (2, 1.5)


@pytest.mark.parametrize(
    ("error", "more"),
    [(Rejected("rejected", status=405), True), (ServerError("server_error", status=500), True),
     (Refused("key_refused", status=403), False), (BadAnswer("redirected", status=302), False)],
)  # fmt: skip
def test_a_server_that_does_not_cancel_still_tells_how_jobs_are(error, more):
    client = Client(errors={("cancel", "x"): error})
    result = visit(SweepPlan(1, IDS[:3], True, cancel_ids=("x", "y")), lambda: client)
    assert client.asked == ["cancel", *(["cancel"] if more else []), "batch"]
    assert result.cancel_errors == {"x": error}
    assert result.error is None
    assert len(result.reports) == 2


def test_cancels_count_as_requests():
    client = Client()
    result = visit(SweepPlan(1, IDS, cancel_ids=("x", "y"), printers=True, requests=4), lambda: client)
    assert client.calls == [("cancel", "x"), ("cancel", "y"), ("statuses", 1200, 1), ("printers",)]
    assert result.requests_made == 4
    client = Client()
    visit(SweepPlan(1, IDS, cancel_ids=("x", "y", "z"), printers=True, requests=2), lambda: client)
    assert client.asked == ["cancel", "cancel"]
    client = Client(pause=0.03)
    visit(SweepPlan(1, IDS, cancel_ids=("x", "y", "z"), seconds=0.02), lambda: client)
    assert client.asked == ["cancel"]


# The account of labels


def test_labels_are_asked_for_last_fifty_jobs_at_once():
    client = Client()
    result = visit(SweepPlan(1, IDS[:3], True, label_ids=IDS[:120] + IDS[:5]), lambda: client)
    with_labels = "batch with labels"
    assert client.calls == [
        ("batch", 3), (with_labels, "job-0", 50), (with_labels, "job-50", 50), (with_labels, "job-100", 20),
    ]  # fmt: skip
    assert result.label_asked == list(IDS[:120])
    assert len(result.label_reports) == 117
    assert all(report.labels for report in result.label_reports)
    assert [report.server_job_id for report in result.reports] == ["job-1", "job-2"]
    assert (result.unknown, result.requests_made) == ({"job-0"}, 4)


def test_labels_one_job_at_a_time_of_a_server_without_batch_questions():
    client = Client(errors={("labels", "job-1"): NotFound("not_found", status=404)})
    result = visit(SweepPlan(1, label_ids=IDS[:4]), lambda: client)
    assert client.calls == [("labels", id_) for id_ in IDS[:4]]
    assert [report.server_job_id for report in result.label_reports] == ["job-0", "job-2", "job-3"]
    assert (result.label_asked, list(result.label_errors), result.error) == (list(IDS[:4]), ["job-1"], None)


@pytest.mark.parametrize("batch", [True, False])
def test_labels_keep_within_the_requests_and_the_time(batch):
    client = Client()
    result = visit(SweepPlan(1, IDS[:1], batch, label_ids=IDS, requests=3), lambda: client)
    assert len(client.calls) == result.requests_made == 3
    assert len(result.label_asked) == (100 if batch else 2)
    client = Client(pause=0.03)
    result = visit(SweepPlan(1, IDS[:1], batch, label_ids=IDS, seconds=0.02), lambda: client)
    assert result.label_asked in ([], [IDS[0]]), "the outcome does not wait for an account"
    assert result.asked == [IDS[0]]


def test_an_answer_with_labels_that_is_too_large_is_asked_for_in_parts():
    client = Client()
    client.largest = 13
    result = visit(SweepPlan(1, batch=True, label_ids=IDS[:50]), lambda: client)
    sizes = [size for _name, _first, size in client.calls]
    assert sizes == [50, 25, 13, 12, 25, 13, 12]
    assert result.label_asked == list(IDS[:50])
    assert len(result.label_reports) == 46
    assert result.error is None


@pytest.mark.parametrize("error", [ServerError("server_error", status=500), Rejected("rejected", status=400)])
def test_an_account_that_is_not_to_be_had_is_no_fault_of_the_server_as_a_whole(error):
    client = Client(errors={"batch with labels": error})
    result = visit(SweepPlan(1, IDS[:3], True, label_ids=IDS[:2]), lambda: client)
    assert (result.error, result.label_errors) == (None, dict.fromkeys(IDS[:2], error))
    assert len(result.reports) == 2


def test_a_server_that_keeps_no_account_any_more_is_not_asked_for_it():
    client = Client(["batch_status"])
    result = visit(SweepPlan(1, IDS[:3], health=True, label_ids=IDS[:2]), lambda: client)
    assert client.asked == ["health", "batch"]
    assert result.label_asked == []
