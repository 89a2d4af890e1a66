"""Incidents with real processes: what stops a printer or a print server, who is told, and what is printed afterwards."""

import json
import re
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from scripts.product import Product, running_product
from tests.e2e.followed_jobs import discover_printers
from tests.e2e.remote import Remote, until
from tests.e2e.supervisor import TIMEOUT, Supervisor
from tests.e2e.window import HALL, OVERVIEW, TILE, WALL, WALL_PRINTER

PRINTER, OTHER = "Zebra-Line-1", "Zebra-Line-2"
LABELS = 5
FLAPS, EVERY = 20, 3.0  # seconds: twenty times in a minute
SAME_STOP = 30  # seconds: what comes again within them has not been over (`FLAPPING` of services/lifecycle/incidents.py)


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    """Stopped printers fail their jobs after a few looks, and are looked at often."""
    options = {"poll_interval": 0.3, "on_stop_minutes": 0, "rate_limit": 1000}
    with running_product(labels_per_second=10, print_server_options=options) as running:
        discover_printers(running)
        yield running


@pytest.fixture(autouse=True)
def _fresh(request) -> Iterator[None]:
    if "product" in request.fixturenames:
        for zebra in request.getfixturevalue("product").printers:
            zebra.resume()
            zebra.forget()
    yield


def incidents(product: Product, since: int = 0) -> list[dict]:
    """All incidents after that number, as an administrator reads them."""
    names = ["printer_id", "server_id", "cause", "opened_at", "closed_at", "times", "waiting_count", "stopped_count", "retry_count"]
    return Remote(product, "admin").call("label.print.incident", "search_read", [("id", ">", since)], names, order="id")


def newest(product: Product) -> int:
    return max((one["id"] for one in incidents(product)), default=0)


def is_over(product: Product, since: int) -> bool:
    return all(one["closed_at"] for one in incidents(product, since))


def messages(product: Product, since: int = 0) -> list[tuple[str, dict]]:
    """What was sent to people's toasts: channel and payload, in order."""
    rows = product.database.execute(
        "SELECT channel, message FROM bus_bus WHERE id > %s AND message LIKE '%%label_print_notification%%' ORDER BY id", since
    )
    return [(channel, json.loads(message)["payload"]) for channel, message in rows]


def newest_message(product: Product) -> int:
    return product.database.execute("SELECT COALESCE(max(id), 0) FROM bus_bus")[0][0]


def new_toasts(product: Product, since: int) -> Counter:
    """By person, how many toasts came up: what only changes one that is shown, or takes it back, is none."""
    return Counter(channel for channel, sent in messages(product, since) if sent.get("key") and not sent.get("updates"))


def on_paper(product: Product) -> Counter:
    found: Counter = Counter()
    for zebra in product.printers:
        found.update(re.findall(r"\^FD(\S+ \d+)\^FS", "".join(zebra.labels())))
    return found


@pytest.mark.browser
def test_labels_out_during_three_jobs_with_ten_waiting(chromium: Browser, product: Product):
    remote, zebra = Remote(product, "operator"), product.printer(PRINTER)
    before, told_before = newest(product), newest_message(product)
    operator = Supervisor(chromium, product, "operator")
    operator.open(OVERVIEW, TILE)
    wall = Supervisor(chromium, product, "supervisor", device=HALL)
    wall.open(WALL, WALL_PRINTER)
    try:
        zebra.paper_out(after=2)
        jobs = [remote.print_labels(PRINTER, LABELS, f"OUT-{number}") for number in range(13)]

        def failed() -> list[int]:
            states = remote.call("label.print.job", "read", jobs, ["status"])
            return [job["id"] for job in states if job["status"] == "failed"]

        until(lambda: len(failed()) >= 3, "the jobs do not fail")
        zebra_out = [one for one in incidents(product, before) if not one["closed_at"]]
        assert [(one["printer_id"][1], one["cause"]) for one in zebra_out] == [("Zebra Line 1", "paper_out")] or len(zebra_out) == 1
        until(lambda: incidents(product, before)[0]["stopped_count"] >= 3, "the jobs are not linked to it")
        assert incidents(product, before)[0]["waiting_count"]
        # The wall is red, with the remedy.
        trouble = wall.page.locator(".o_label_print_wall_trouble.o_label_print_wall_danger").first
        expect(trouble).to_contain_text("out of paper or labels", timeout=TIMEOUT)
        expect(trouble).to_contain_text("Load labels into the printer")
        expect(wall.page.locator(".o_label_print_wall_printer.o_label_print_wall_danger")).to_contain_text("Labels empty")
        # One toast, one line.
        toast = operator.page.locator(".o_label_print_toast")
        expect(toast).to_have_count(1, timeout=TIMEOUT)
        expect(toast).to_contain_text("out of paper or labels")
        expect(operator.page.locator(".o_label_print_incident")).to_have_count(1)
        zebra.resume()
        until(lambda: is_over(product, before), "it is not over")
        lacking = failed()
        for job in set(jobs) - set(lacking):
            remote.wait(job, "completed", "failed")
        lacking = failed()
        assert lacking, "nothing is left to retry"
        again = operator.page.locator(".o_label_print_toast button", has_text="Retry what it stopped")
        expect(again).to_have_count(1, timeout=TIMEOUT)
        again.click()
        for job in jobs:
            remote.wait(job, "completed")
        printed = on_paper(product)
        expected = {f"OUT-{number} {label}" for number in range(13) for label in range(1, LABELS + 1)}
        assert set(printed) >= expected
        assert {text: times for text, times in printed.items() if times > 1} == {}
        (incident,) = incidents(product, before)
        assert (incident["retry_count"], incident["times"]) == (0, 1)
        told = [
            (channel, sent["incident_id"])
            for channel, sent in messages(product, told_before)
            if sent.get("incident_id") and not sent["updates"]
        ]
        assert max(Counter(told).values()) == 1, "one toast a person"
        failures = [sent for _channel, sent in messages(product, told_before) if sent.get("type") == "danger"]
        assert all(sent.get("incident_id") == incident["id"] for sent in failures), failures
        expect(operator.page.locator(".o_label_print_incident")).to_have_count(0, timeout=TIMEOUT)
        assert not operator.errors
        assert not wall.errors
    finally:
        operator.close()
        wall.close()


def test_forty_failures_within_a_moment(product: Product):
    """The print server tells of each by an event; nobody gets more than one message for them."""
    remote, zebra = Remote(product, "operator"), product.printer(OTHER)
    before = newest(product)
    zebra.offline()
    until(lambda: [one for one in incidents(product, before) if not one["closed_at"]], "nobody notices")
    told_before = newest_message(product)
    printer_id = incidents(product, before)[0]["printer_id"][0]
    jobs = [remote.print_labels(OTHER, 1, f"FORTY-{number}") for number in range(40)]
    until(
        lambda: remote.call("label.print.job", "search_count", [("id", "in", jobs), ("status", "=", "failed")]) == 40,
        "they do not fail",
        seconds=200,
    )
    time.sleep(5)
    assert set(new_toasts(product, told_before).values()) == {1}
    (incident,) = [one for one in incidents(product, before) if one["printer_id"][0] == printer_id]
    assert incident["stopped_count"] == 40
    zebra.resume()
    until(lambda: is_over(product, before), "it is not over")


def test_coming_and_going_twenty_times_in_a_minute(product: Product):
    remote, zebra = Remote(product, "operator"), product.printer(PRINTER)
    before, told_before = newest(product), newest_message(product)
    zebra.slow(0.2)
    remote.print_labels(PRINTER, LABELS, "FLAP")
    for _time in range(FLAPS):
        began = time.monotonic()
        zebra.pause()
        time.sleep(EVERY / 2)
        zebra.resume()
        time.sleep(max(0.0, EVERY - (time.monotonic() - began)))
    until(lambda: is_over(product, before), "it is not over")
    (incident,) = incidents(product, before)
    assert incident["times"] > 3, "the printer was not seen coming and going"
    assert [times for times in new_toasts(product, told_before).values() if times > 1] == []


def test_a_print_server_that_is_killed(product: Product):
    remote, admin = Remote(product, "operator"), Remote(product, "admin")
    before, told_before = newest(product), newest_message(product)
    product.printer(PRINTER).slow(1)
    job = remote.print_labels(PRINTER, LABELS, "KILLED")
    until(lambda: remote.job(job)["current_label"] >= 1, "nothing is printed")
    product.print_server.kill()

    def unknown() -> int:
        return admin.call("printer.configuration", "search_count", [("status", "=", "unknown")])

    until(lambda: unknown() == len(product.printers), "the printers are not unknown")
    (incident,) = incidents(product, before)
    assert (incident["cause"], incident["printer_id"], incident["closed_at"]) == ("server_away", False, False)
    until(lambda: incidents(product, before)[0]["waiting_count"] == 1, "the job is not linked to it")
    time.sleep(10)
    assert len(incidents(product, before)) == 1
    assert set(new_toasts(product, told_before).values()) == {1}, "one for each manager"
    product.print_server.restart()
    until(lambda: is_over(product, before), "it is not over", seconds=120)
    remote.wait(job, "completed", "completed_with_errors", "failed")
    until(lambda: unknown() == 0, "the printers stay unknown")
    assert len(incidents(product, before)) == 1
    assert max(on_paper(product).values()) == 1


def test_a_print_server_without_any_extension():
    """Online and offline is all it says of its printers; no event, no reason, no account."""
    options = {"capabilities": "none", "poll_interval": 0.3, "rate_limit": 1000}
    with running_product(print_server_options=options) as product:
        discover_printers(product)
        remote, zebra = Remote(product, "operator"), product.printer(PRINTER)
        until(lambda: product.print_server.printer(PRINTER)["status"] == "online", "the printer is not online")
        # A printer that was slow to answer at the start was offline for Odoo; without a job its printers are asked about
        # once a minute, and a stop that comes again at once is the same one.
        until(lambda: is_over(product, 0), "Odoo does not see the printers online", 180)
        if incidents(product):
            time.sleep(SAME_STOP + 1)
        before = newest(product)
        zebra.offline()
        job = remote.print_labels(PRINTER, 3, "NONE")
        remote.wait(job, "failed")
        until(lambda: [one for one in incidents(product, before) if one["cause"] == "printer_offline"], "nobody notices", 30)
        zebra.resume()
        # Without a job its printers are asked about once a minute.
        until(lambda: is_over(product, before), "it is not over", 180)
        (incident,) = incidents(product, before)
        assert incident["times"] == 1
        loud = [line for line in product.odoo.tail(5000).splitlines() if " ERROR " in line or "Traceback" in line]
        assert loud == []
