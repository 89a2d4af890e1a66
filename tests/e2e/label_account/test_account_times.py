"""Times are those at which something happened, by the print server's clock, also where that clock or Odoo was not there.

The virtual printer notes when each label came out, by this machine's clock: that is the truth.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timezone

import pytest

from scripts.product import Product
from tests.e2e.label_account.stations import Job, Station, once
from tests.e2e.remote import until

NEAR = 3.0  # seconds: Odoo keeps whole ones, and a `Date` header has whole ones, too
WITHOUT_EVENTS = "batch_status,failed_labels,idempotency,printer_reasons,label_account,submission_lookup"
CLOCKS = {
    "120 s fast": {"clock_offset": 120},
    "120 s slow": {"clock_offset": -120},
    "local time": {"local_times": 330},
}


def seconds_of(text: str) -> float:
    """A time of Odoo's, naive UTC, in seconds since 1970."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=timezone.utc).timestamp()


def printed_at(station: Station, job: Job) -> list[float]:
    """When each label of the job came out of the printer, in seconds since 1970."""
    labels = station.zebra._call("labels?since=0")["labels"]
    return [label["printed_at"] for label in labels if job.mark in label["zpl"]]


@pytest.fixture(params=CLOCKS, ids=[name.replace(" ", "-") for name in CLOCKS])
def clock(request: pytest.FixtureRequest, product: Product) -> Iterator[tuple[str, Station]]:
    """A print server whose clock is wrong, or that writes its local time without a zone; and which of these."""
    name = f"Zebra-{request.param.replace(' ', '-')}"
    station = Station(product, name, labels_per_second=5, **CLOCKS[request.param])
    yield request.param, station
    station.stop()


def test_a_print_server_whose_clock_is_wrong(clock: tuple[str, Station]):
    which, station = clock
    skew = CLOCKS[which].get("clock_offset", 0)

    def server() -> dict:
        return station.admin.call("label.print.server", "read", [station.server_id], ["clock_skew", "clock_warning"])[0]

    until(lambda: abs(server()["clock_skew"] - skew) <= NEAR, "the wrong clock is not noticed")
    assert bool(server()["clock_warning"]) is (skew != 0)
    started = time.time()
    job = station.print_labels(10)
    assert station.wait(job)["status"] == "completed"
    ended = time.time()
    truth = printed_at(station, job)
    row = station.read(job, "submitted_date", "started_date", "completed_date")
    attempt = station.attempts(job, "started_date", "ended_date", "learned_date", "times_from")[0]
    assert attempt["times_from"] == "server"
    assert started - 1 <= seconds_of(row["submitted_date"]) <= truth[0] + 1
    for value, moment in (
        (attempt["started_date"], truth[0] - 0.2),
        (attempt["ended_date"], truth[-1]),
        (row["started_date"], truth[0] - 0.2),
        (row["completed_date"], truth[-1]),
        (attempt["learned_date"], ended),
    ):
        assert abs(seconds_of(value) - moment) <= NEAR, (row, attempt, truth)
    station.wait_for_account(job)
    entries = station.remote.call("label.print.job", "get_label_story", [job.id], 5)["entries"]
    assert abs(seconds_of(entries[0]["at"]) - truth[4]) <= NEAR

    printer = station.printer_ids[station.name]

    def shown(*names: str) -> dict:
        return station.remote.call("printer.configuration", "read", [printer], list(names))[0]

    # By the print server's own two times, whatever its clock: the `Date` header tells the skew to a second or two only.
    assert 0.15 <= shown("seconds_per_label")["seconds_per_label"] <= 0.5
    # The printer's state follows, and since when it is so is true, both when something stops it and afterwards.
    for change, status in ((station.zebra.paper_out, "attention"), (station.zebra.resume, "online")):
        changed = time.time()
        change()
        until(lambda status=status: shown("status")["status"] == status, f"the printer is not shown as {status}", 20)
        assert changed - NEAR <= seconds_of(shown("status_since")["status_since"]) <= time.time()


@pytest.fixture
def polled(product: Product) -> Iterator[Station]:
    """A print server that pushes nothing, so that Odoo learns only what its scheduled actions ask for."""
    station = Station(product, "Zebra-polled", capabilities=WITHOUT_EVENTS, push=False, labels_per_second=10)
    yield station
    station.stop()


def move_back(station: Station, job: Job, seconds: int) -> None:
    """Let everything that Odoo and the print server know of the job have happened earlier."""
    database = station.product.database
    for table, key in (("label_print_job", "id"), ("label_print_attempt", "job_id")):
        names = [
            name
            for (name,) in database.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND data_type LIKE 'timestamp%%'",
                table,
            )
            if name not in ("next_poll_at", "write_date")
        ]
        changes = ", ".join(f"{name} = {name} - make_interval(secs => {seconds})" for name in names)
        database.execute(f"UPDATE {table} SET {changes} WHERE {key} = %s", job.id)
    (server_job,) = database.execute("SELECT flask_job_id FROM label_print_job WHERE id = %s", job.id)[0]
    station.server.stop()
    with closing(sqlite3.connect(station.server.data_dir / "jobs.sqlite3")) as connection, connection:
        (sequence,) = connection.execute("SELECT seq FROM jobs WHERE id = ?", [server_job]).fetchone()
        names = ("created_at", "started_at", "completed_at", "updated_at")
        changes = ", ".join(f"{name} = {name} - {seconds}" for name in names)
        connection.execute(f"UPDATE jobs SET {changes} WHERE seq = ?", [sequence])
        connection.execute(f"UPDATE labels SET at = at - {seconds} WHERE job_seq = ?", [sequence])
    station.server.restart()


def test_an_hour_without_scheduled_actions(polled: Station):
    """Seen: "Ended" was when Odoo heard of it, not when it happened."""
    hour = 3600
    polled.zebra.slow(3)
    job = polled.print_labels(10)
    polled.wait(job, "printing")
    polled.product.odoo.stop()
    polled.wait_for_paper(job, 10)
    until(lambda: polled.server.call("GET", "/api/printers")[1]["printers"][0]["jobs_in_queue"] == 0, "still printing")
    truth = [moment - hour for moment in printed_at(polled, job)]
    move_back(polled, job, hour)
    polled.product.odoo.start()
    polled.hurry(job)
    row = polled.wait(job)
    assert (row["status"], row["current_label"]) == ("completed", 10)
    learned = time.time()
    row = polled.read(job, "started_date", "completed_date")
    attempt = polled.attempts(job, "started_date", "ended_date", "learned_date", "times_from")[0]
    assert attempt["times_from"] == "server"
    for found in (attempt["started_date"], row["started_date"]):
        assert abs(seconds_of(found) - truth[0]) <= NEAR
    for found in (attempt["ended_date"], row["completed_date"]):
        assert abs(seconds_of(found) - truth[-1]) <= NEAR
    assert 0 <= learned - seconds_of(attempt["learned_date"]) <= 30
    polled.wait_for_account(job)
    entries = polled.remote.call("label.print.job", "get_label_story", [job.id], 7)["entries"]
    assert abs(seconds_of(entries[0]["at"]) - truth[6]) <= NEAR
    assert len(polled.toasts(job)) == 1


def test_labels_today_after_a_retry_of_yesterdays_job(polled: Station):
    """Seen: all of its labels counted as today's, also those that came out yesterday."""

    def labels_today() -> int:
        return polled.remote.call("label.print.job", "get_overview")["tiles"]["labels_today"]["value"]

    polled.zebra.paper_out(after=8)
    job = polled.print_labels(20)
    assert polled.wait(job)["status"] == "failed"
    polled.zebra.resume()
    polled.wait_for_account(job)  # nothing may be under way any more
    counted = labels_today()
    move_back(polled, job, 24 * 3600)
    assert labels_today() == counted - 8
    polled.remote.call("label.print.job", "action_retry", [job.id])
    assert polled.wait(job, "completed")["current_label"] == 20
    assert polled.on_paper(job) == once(range(1, 21))
    assert labels_today() == counted - 8 + 12
