"""One person, one screen, one time: in Tokyo and in Los Angeles, wherever the browser is and whatever the preferences say.

Odoo shows times in the browser's zone; sentences are written on the server, which knows the preferences alone.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, expect

from scripts.product import Product, running_product
from tests.e2e.remote import Remote, until
from tests.e2e.supervisor import Supervisor
from tests.e2e.window import (
    CARD,
    DESKTOP,
    HALL,
    JOB_FORM,
    JOBS,
    OVERVIEW,
    PRINTERS,
    ROW_OR_CARD,
    TILE,
    WALL_PRINTER,
    Window,
)

pytestmark = pytest.mark.browser

TOKYO, LOS_ANGELES = "Asia/Tokyo", "America/Los_Angeles"
PRINTER = "Zebra-Line-1"
FORM = ".o_label_print_job_form"
TIMEOUT = 60_000  # milliseconds


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with running_product(print_server_options={"on_stop_minutes": 15}) as running:
        until(
            lambda: Remote(running).call("printer.configuration", "search_count", [("status", "=", "online")]) == 3,
            "the printers do not appear",
        )
        admin = Remote(running, "admin")
        people = admin.call("res.users", "search", [("login", "in", ["supervisor", "operator"])])
        admin.call("res.users", "write", people, {"odoobot_state": "disabled"})
        yield running


@pytest.fixture(scope="module")
def stopped(product: Product) -> dict:
    """A job that waits for labels, and since when."""
    done = Remote(product).print_labels("Zebra-Line-2", 7)
    Remote(product).wait(done, "completed")
    product.printer(PRINTER).paper_out(after=2)
    job = Remote(product).print_labels(PRINTER, 6)
    until(lambda: Remote(product).job(job, "waiting_for")["waiting_for"], "the printer does not stop")
    return Remote(product).job(job, "waiting_since", "create_date")


def in_zone(moment: str, zone: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=timezone.utc).astimezone(ZoneInfo(zone))


def said(moment: datetime) -> re.Pattern:
    """The time of day within a sentence: ``9:05 PM`` or, in 24 hours, ``21:05``."""
    return re.compile(rf"\b(0?{moment:%-I}:{moment:%M}(:\d\d)?[ \u202f\xa0]{moment:%p}|{moment:%H}:{moment:%M}\b)")


def preferences(product: Product, login: str, zone: str | None) -> None:
    admin = Remote(product, "admin")
    admin.call("res.users", "write", admin.call("res.users", "search", [("login", "=", login)]), {"tz": zone or False})


@pytest.mark.parametrize(
    ("own", "browser"),
    [(TOKYO, TOKYO), (TOKYO, LOS_ANGELES), (LOS_ANGELES, TOKYO), ("Etc/GMT+12", "Pacific/Kiritimati")],
    ids=["at home", "away in the west", "away in the east", "26 hours away"],
)
def test_what_one_person_sees_on_one_screen_agrees(
    chromium: Browser, product: Product, stopped: dict, own: str, browser: str
):
    preferences(product, "supervisor", own)
    here, submitted = in_zone(stopped["waiting_since"], browser), in_zone(stopped["create_date"], browser)
    window = Supervisor(chromium, product, device={**DESKTOP, "timezone_id": browser})
    try:
        page = window.page
        assert page.evaluate("luxon.Settings.defaultZone.name") == browser
        window.open(OVERVIEW, TILE)
        failure = page.locator(".o_label_print_failure").first
        expect(failure).to_contain_text(said(here), timeout=TIMEOUT)  # the server's sentence
        expect(failure.locator(".small")).to_contain_text(said(here))  # the web client's own
        window.open(JOBS, ROW_OR_CARD)
        row = page.locator(".o_data_row", has_text="LOT").filter(has_text=PRINTER).first
        waits = row.get_by_role("button", name=re.compile(f"since.*{said(here).pattern}"))
        expect(waits).to_be_visible(timeout=TIMEOUT)
        expect(row.locator("td[name=create_date]")).to_contain_text(said(submitted))
        window.open(JOBS, JOB_FORM, stopped["id"])
        expect(page.locator(FORM)).to_contain_text(re.compile(f"since.*{said(here).pattern}"), timeout=TIMEOUT)
        # A page that goes on by itself stays in this zone.
        page.evaluate("odoo.__WOWL_DEBUG__.root.env.services.bus_service.trigger('BUS:RECONNECT')")
        page.wait_for_timeout(1500)
        expect(page.locator(FORM)).to_contain_text(re.compile(f"since.*{said(here).pattern}"))
        window.open_operator_page(PRINTER, ".o_label_print_operator_problem")
        expect(page.locator(".o_label_print_operator_problem").first).to_contain_text(said(here))
        assert window.errors == []
    finally:
        window.close()


@pytest.mark.parametrize(("own", "browser"), [(None, TOKYO), (LOS_ANGELES, TOKYO)])
def test_today_is_the_day_of_the_clock_on_the_wall(
    chromium: Browser, product: Product, stopped: dict, own: str | None, browser: str
):
    """The clock, the chart's hour and the count of the day are of one zone, on the wall and on the printers' cards."""
    preferences(product, "display", own)
    preferences(product, "supervisor", own)
    printed = Remote(product).call("label.print.attempt", "search_read", [], ["ended_date", "added_count"])
    now = datetime.now(timezone.utc).astimezone(ZoneInfo(browser))
    today = sum(a["added_count"] for a in printed if a["ended_date"] and in_zone(a["ended_date"], browser).date() == now.date())
    wall = Window(chromium, product.url, "display", device={**HALL, "timezone_id": browser}, first=WALL_PRINTER)
    try:
        clock = wall.page.locator(".o_label_print_wall_time").inner_text()
        moments = [datetime.now(ZoneInfo(browser)) + timedelta(minutes=minutes) for minutes in (-1, 0, 1)]
        assert any(said(moment).search(clock) for moment in moments), clock
        number = wall.page.locator("[data-tile=labels_today] .o_label_print_wall_number")
        expect(number).to_have_text(re.compile(rf"^{today + 2}$"))  # and the two of the job that has stopped
        rows = wall.page.locator(".o_label_print_wall_chart tbody tr").all()
        chart = {row.locator("th").inner_text(): row.locator("td").first.inner_text() for row in rows}
        for attempt in printed:
            ended = attempt["ended_date"] and in_zone(attempt["ended_date"], browser)
            if ended and ended.date() == now.date() and attempt["added_count"]:
                counts = [count for hour, count in chart.items() if said(ended.replace(minute=0)).search(hour)]
                assert counts and all(int(count) >= attempt["added_count"] for count in counts), chart
    finally:
        wall.close()
    desk = Supervisor(chromium, product, device={**DESKTOP, "timezone_id": browser})
    try:
        desk.open(PRINTERS, CARD)
        card = desk.page.locator(CARD, has_text="Zebra-Line-2")
        expect(card).to_contain_text(f"Labels today: {7 if today else 0}")
    finally:
        desk.close()
