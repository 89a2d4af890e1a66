"""The wall display: a login that reads only, and a page that is left open while Odoo is restarted."""

import re
import xmlrpc.client
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

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
