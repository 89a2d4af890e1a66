"""A visit to a print server: what is asked, in which order, within which bounds. No network: a client that plays one."""

import time
from types import SimpleNamespace

import pytest
from services.contract.payloads import parse_batch, parse_health, parse_job_report, parse_printers
from services.transport.print_server_client import ConfigurationError, RateLimited, Refused, Unreachable
from services.transport.status_sweep import Fetched
from services.transport.sweep import SweepPlan, visit


class Client:
    """Answers like a print server and notes what it was asked."""

    def __init__(self, capabilities=(), errors=None, pause=0.0):
        self.capabilities, self.errors, self.pause = list(capabilities), dict(errors or {}), pause
        self.calls = []
        self.rate = SimpleNamespace(remaining=42, retry_after=None)
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

    def batch_status(self, ids):
        self._note("batch", len(ids))
        return parse_batch({"jobs": [{"job_id": id_, "status": "printing"} for id_ in ids[1:]], "unknown": list(ids[:1])})

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
    assert client.asked == ["printers", "batch"]
    assert result.asked == list(IDS[:500]), "the rest comes first next time"
    client = Client()
    result = visit(SweepPlan(1, IDS, printers=True, requests=10), lambda: client)
    assert client.calls[1] == ("statuses", 1200, 9)
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
    assert [printer.cups_name for printer in result.printers] == ["Z"]
    assert (result.asked, result.error.status, result.remaining) == ([], 401, 42)
    client = Client(errors={"in statuses": Unreachable("broken_off", connected=True)})
    result = visit(SweepPlan(1, IDS[:5]), lambda: client)
    assert (len(result.reports), result.error.code) == (5, "server_unavailable")


def test_429_without_a_time_ends_the_minute():
    client = Client(errors={"batch": RateLimited("rate_limited", status=429)})
    assert visit(SweepPlan(1, IDS, batch=True), lambda: client).remaining == 0
    client = Client(errors={"batch": RateLimited("rate_limited", status=429, retry_after=7)})
    assert visit(SweepPlan(1, IDS, batch=True), lambda: client).remaining == 42


def test_a_bad_address_is_a_result_and_no_crash():
    def fail():
        raise ConfigurationError("address_missing")

    assert isinstance(visit(SweepPlan(1, IDS), fail).error, ConfigurationError)
