"""The wall display: a login that reads only, and a page that is left open while Odoo is restarted."""

import json
import re
import xmlrpc.client
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from scripts import odoo
from scripts.product import Product, running_product
from tests.e2e.accessibility import overflow, serious_violations
from tests.e2e.remote import Remote, until
from tests.e2e.window import HALL, WALL_PRINTER, Window

pytestmark = pytest.mark.browser

ALERT = ".o_label_print_wall .o_label_print_freshness .alert"
LONGEST = 90_000  # milliseconds until a page reads again by itself, on a busy machine


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with running_product() as running:
        until(
            lambda: Remote(running).call("printer.configuration", "search_count", [("status", "=", "online")]) == 3,
            "the printers do not appear",
        )
        yield running


@pytest.fixture
def wall(chromium: Browser, product: Product) -> Iterator[Window]:
    window = Window(chromium, product.url, "display", device=HALL, first=WALL_PRINTER)
    yield window
    window.close()


def labels_today(wall: Window) -> int:
    return int(re.sub(r"\D", "", wall.page.locator("[data-tile=labels_today] .o_label_print_wall_number").inner_text()))


def read_again(wall: Window, times: int = 1) -> None:
    """Have the page read everything again, as after each minute or change; returns once it has."""
    reads = 0

    def count(response) -> None:
        nonlocal reads
        reads += response.url.endswith("/get_wall")

    wall.page.on("response", count)
    for number in range(1, times + 1):
        wall.page.evaluate("odoo.__WOWL_DEBUG__.root.env.services.bus_service.trigger('BUS:RECONNECT')")
        for _wait in range(600):
            if reads >= number:
                break
            wall.page.wait_for_timeout(50)
        assert reads >= number, "the page does not read again"
    wall.page.remove_listener("response", count)


def session_key(wall: Window) -> str:
    return next(cookie["value"] for cookie in wall.context.cookies() if cookie["name"] == "session_id")


def session_file(key: str) -> Path:
    return odoo.data_dir() / "sessions" / key[:2] / key


def age_session(key: str, seconds: int) -> None:
    """Make a session older than it is."""
    kept = json.loads(session_file(key).read_text())
    session_file(key).write_text(json.dumps({**kept, "create_time": kept["create_time"] - seconds}))


def test_a_display_begins_at_the_wall_and_finds_nothing_to_click(wall: Window, product: Product):
    page = wall.page
    assert page.url.endswith("/odoo/label-wall")
    assert page.locator(".o_main_navbar").count() == 0
    assert page.locator(".o_label_print_wall :is(button, a, input, select, [tabindex])").count() == 0
    assert page.evaluate("document.scrollingElement.scrollHeight <= innerHeight")
    assert serious_violations(page) + overflow(page) + wall.errors == []


def test_it_goes_on_after_a_restart_of_odoo(wall: Window, product: Product):
    """Left open and never reloaded: it says how old it is, and reads again what happened meanwhile."""
    page = wall.page
    page.evaluate("window.neverReloaded = true")
    before = labels_today(wall)
    product.odoo.kill()
    expect(page.locator(ALERT).first).to_be_visible(timeout=LONGEST)
    assert "Odoo does not answer" in page.locator(".o_label_print_freshness").inner_text() or page.locator(
        ALERT, has_text="interrupted since"
    ).count()
    assert page.locator(WALL_PRINTER).count() == 3  # the last picture stays
    expect(page.locator(".o_label_print_updated")).to_contain_text("Updated")
    product.odoo.start()
    job = Remote(product).print_labels("Zebra-Line-1", 5)
    Remote(product).wait(job, "completed")
    until(lambda: labels_today(wall) == before + 5, "the wall does not read again", seconds=LONGEST / 1000)
    expect(page.locator(ALERT)).to_have_count(0, timeout=LONGEST)
    assert page.locator(".modal").count() == 0
    assert page.evaluate("window.neverReloaded") is True
    # And live again, not only by the clock.
    job = Remote(product).print_labels("Zebra-Line-2", 4)
    Remote(product).wait(job, "completed")
    until(lambda: labels_today(wall) == before + 9, "the wall is not live again", seconds=20)


def test_it_is_live_after_a_quiet_night(wall: Window, product: Product):
    """Odoo gives a session another key every three hours and forgets the former one, which the websocket was opened with.

    Here the session is made older than it is; then nothing happens until the former key is gone, as in a quiet night.
    """
    page = wall.page
    page.evaluate("window.neverReloaded = true")
    before = labels_today(wall)
    night = 4 * 3600
    first = session_key(wall)
    age_session(first, night)
    read_again(wall)
    until(lambda: session_key(wall) != first, "the session has no new key")
    age_session(session_key(wall), 300)
    read_again(wall)
    until(lambda: not session_file(first).exists(), "the former key is still known")
    job = Remote(product).print_labels("Zebra-Line-1", 6)
    Remote(product).wait(job, "completed")
    until(lambda: labels_today(wall) == before + 6, "the wall does not go on", seconds=LONGEST / 1000)
    expect(page.locator(ALERT)).to_have_count(0, timeout=LONGEST)
    job = Remote(product).print_labels("Zebra-Line-2", 2)
    Remote(product).wait(job, "completed")
    until(lambda: labels_today(wall) == before + 8, "the wall is not live again", seconds=20)
    assert page.evaluate("window.neverReloaded") is True
    assert page.locator(".modal").count() == 0


def test_many_refreshes_cost_no_memory(wall: Window, product: Product):
    """What the browser itself counts, before and after 300 reads of a page that is never loaded anew."""
    browser = wall.context.new_cdp_session(wall.page)
    browser.send("Performance.enable")

    def used() -> dict[str, float]:
        for _time in range(3):
            browser.send("HeapProfiler.collectGarbage")
        metrics = browser.send("Performance.getMetrics")["metrics"]
        return {metric["name"]: metric["value"] for metric in metrics}

    read_again(wall, times=60)
    before = used()
    read_again(wall, times=300)
    after = used()
    assert after["Nodes"] <= before["Nodes"] * 1.05 + 50, (before["Nodes"], after["Nodes"])
    assert after["JSEventListeners"] <= before["JSEventListeners"] * 1.05 + 10
    assert after["JSHeapUsedSize"] <= before["JSHeapUsedSize"] * 1.1, (before["JSHeapUsedSize"], after["JSHeapUsedSize"])


def test_an_expired_session_is_said_in_words(wall: Window, product: Product):
    page = wall.page
    wall.context.clear_cookies()
    job = Remote(product).print_labels("Zebra-Line-1", 3)
    expect(page.locator(ALERT, has_text="The session has expired")).to_be_visible(timeout=LONGEST)
    assert page.locator(WALL_PRINTER).count() == 3
    assert serious_violations(page) == []
    Remote(product).wait(job, "completed")
    page.locator(".o_label_print_wall_login a").click()
    page.fill("input[name=login]", "display")
    page.fill("input[name=password]", "display")
    page.click("button[type=submit]")
    page.wait_for_selector(WALL_PRINTER)
    assert page.url.endswith("/odoo/label-wall")


def test_the_login_changes_nothing(product: Product):
    display = Remote(product, "display")
    (printer, *_others) = display.call("printer.configuration", "search", [])
    for model, method, arguments in (
        ("printer.configuration", "action_test_print", [[printer]]),
        ("printer.configuration", "write", [[printer], {"name": "Mine"}]),
        ("label.print.job", "create", [{"printer_id": printer, "quantity": 1, "labels_data": [{"zpl_code": "^XA^XZ"}]}]),
    ):
        with pytest.raises(xmlrpc.client.Fault, match=r"not allowed|access"):
            display.call(model, method, *arguments)
