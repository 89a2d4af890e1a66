"""The operator's page on a tablet at the line, touched with gloves, scanned at, and left to the keyboard alone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from scripts.product import Product, running_product
from tests.e2e.accessibility import overflow, serious_violations
from tests.e2e.remote import Remote, until, wait_longer_for_keys
from tests.e2e.supervisor import TIMEOUT, Supervisor
from tests.e2e.window import LINE_TABLET, OPERATOR, OPERATOR_CARD, OVERVIEW, PHONE, SMALL_TABLET, TILE

pytestmark = pytest.mark.browser

GLOVE = 64  # pixels of what is touched with gloves
FAR = 28  # pixels of letters that are read from two metres
PRINTER = "Zebra-Line-1"
LOT = "SOUP-2026-001"
WARNED_WITHIN = 90_000  # milliseconds: a printer that prints nothing is asked what it warns of once a minute
SCREENS = {"tablet": LINE_TABLET, "small tablet": SMALL_TABLET, "phone": PHONE}
# What an operator looks at the page for.
FAR_WORDS = (
    ".o_label_print_operator_name, .o_label_print_operator_order, .o_label_print_operator_progress,"
    " .o_label_print_operator_title, .o_label_print_operator_remedy, .o_label_print_operator_read,"
    " .o_label_print_operator_waiting"
)


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with running_product(print_server_options={"on_stop_minutes": 15}) as running:
        until(
            lambda: Remote(running).call("printer.configuration", "search_count", [("status", "=", "online")]) == 3,
            "the printers do not appear",
        )
        admin = Remote(running, "admin")
        wait_longer_for_keys(admin)
        (again,) = admin.call(
            "ir.model.data", "search_read",
            [("module", "=", "label_print_monitor"), ("name", "=", "group_label_print_again")], ["res_id"],
        )  # fmt: skip
        people = admin.call("res.users", "search", [("login", "=", "operator")])
        admin.call("res.users", "write", people, {"group_ids": [(4, again["res_id"])], "odoobot_state": "disabled"})
        yield running


@pytest.fixture(params=SCREENS)
def tablet(request, chromium: Browser, product: Product) -> Iterator[Supervisor]:
    window = Supervisor(chromium, product, "operator", device=SCREENS[request.param])
    yield window
    window.close()


@pytest.fixture
def line_tablet(chromium: Browser, product: Product) -> Iterator[Supervisor]:
    for zebra in product.printers:
        zebra.resume()
        zebra.forget()
    window = Supervisor(chromium, product, "operator", device=LINE_TABLET)
    window.open_operator_page(PRINTER)
    yield window
    window.close()


def scan(page: Page, code: str) -> None:
    """As a scanner does that types: quickly, and Enter at the end."""
    page.keyboard.type(code, delay=5)
    page.keyboard.press("Enter")


def wrong(window: Supervisor) -> list[str]:
    """What is wrong with the page as it is, for gloves and for a reader at two metres."""
    page = window.page
    page.wait_for_timeout(300)
    found = serious_violations(page) + overflow(page)
    found += page.evaluate(
        """least => [...document.querySelectorAll(".o_label_print_operator :is(button, input, summary, a)")]
            .filter(element => element.checkVisibility({visibilityProperty: true}))
            .map(element => [element, element.getBoundingClientRect()])
            .filter(([element, box]) => box.width < least - 0.5 || box.height < least - 0.5)
            .map(([element, box]) => `${element.innerText || element.id} is ${box.width}x${box.height}`)""",
        GLOVE,
    )
    found += page.evaluate(
        """([selector, least]) => [...document.querySelectorAll(selector)]
            .filter(element => element.checkVisibility() && parseFloat(getComputedStyle(element).fontSize) < least)
            .map(element => `${element.className} is written too small`)""",
        [FAR_WORDS, FAR],
    )
    found += [f"console: {error}" for error in window.errors]
    window.errors.clear()
    return found


def test_a_printer_is_chosen_once_by_touch(tablet: Supervisor):
    tablet.open(OPERATOR, ".o_label_print_operator_choice")
    assert wrong(tablet) == []
    tablet.page.locator(".o_label_print_operator_choice", has_text=PRINTER).tap()
    expect(tablet.page.locator("h1")).to_contain_text(PRINTER)
    assert wrong(tablet) == []
    tablet.page.reload()
    tablet.page.wait_for_selector(OPERATOR_CARD)
    expect(tablet.page.locator("h1")).to_contain_text(PRINTER)


def test_it_has_an_address_of_its_own(line_tablet: Supervisor, product: Product):
    line_tablet.page.goto(f"{product.url}/odoo/label-operator")
    line_tablet.page.wait_for_selector(OPERATOR_CARD)
    assert line_tablet.page.locator(".o_main_navbar").count() == 0


def test_scan_touch_and_twenty_labels(line_tablet: Supervisor, product: Product):
    """The lot on the order's sheet is scanned; the page then follows the print by itself."""
    page, zebra = line_tablet.page, product.printer(PRINTER)
    zebra.slow(2)
    scan(page, LOT)
    panel = page.locator(".o_label_print_operator_panel")
    expect(panel).to_contain_text(LOT, timeout=TIMEOUT)
    assert wrong(line_tablet) == []
    page.evaluate("window.neverReloaded = true")
    page.locator("button[name=print]").tap()
    progress = page.locator(".o_label_print_operator_progress")
    expect(progress).to_contain_text("of 20", timeout=TIMEOUT)
    assert wrong(line_tablet) == []
    seen = set()
    until(lambda: bool(seen.add(progress.inner_text())) or len(seen) >= 3, "the page does not follow")
    zebra.resume()
    expect(page.locator(".o_label_print_operator")).to_contain_text("Nothing is printing", timeout=TIMEOUT)
    assert page.evaluate("window.neverReloaded") is True
    assert len(zebra.labels()) == 20


def test_the_last_label_once_more_by_two_touches(line_tablet: Supervisor, product: Product):
    page, zebra = line_tablet.page, product.printer(PRINTER)
    page.locator("button[name=again]").tap()
    expect(page.locator(".o_label_print_operator_panel")).to_contain_text("Label 20 of 20", timeout=TIMEOUT)
    assert wrong(line_tablet) == []
    page.locator("[data-reason=damaged]").tap()
    expect(page.locator(".alert-success")).to_contain_text("printed once more", timeout=TIMEOUT)
    until(lambda: len(zebra.labels()) == 1, "no copy is printed")
    (copy,) = product.database.execute("SELECT copy_reason, copy_labels FROM label_print_job WHERE copy_of_id IS NOT NULL")
    assert copy[0] == "damaged"


def test_an_empty_roll_is_said_with_its_remedy_and_taken_back(line_tablet: Supervisor, product: Product):
    page, zebra = line_tablet.page, product.printer(PRINTER)
    zebra.paper_out(after=3)
    Remote(product, "operator").print_labels(PRINTER, 6)
    problem = page.locator(".o_label_print_operator_problem")
    expect(problem).to_contain_text("Load labels into the printer", timeout=TIMEOUT)
    expect(problem).to_contain_text("3 of 6")
    problem.locator("summary").tap()
    expect(problem.locator("li").first).to_be_visible()
    assert wrong(line_tablet) == []
    zebra.resume()
    expect(problem).to_have_count(0, timeout=TIMEOUT)
    until(lambda: len(zebra.labels()) == 6, "it does not go on")


def test_cancel_is_one_touch_and_one_question(line_tablet: Supervisor, product: Product):
    page, zebra = line_tablet.page, product.printer(PRINTER)
    zebra.slow(0.5)
    job = Remote(product, "operator").print_labels(PRINTER, 30)
    page.locator("button[name=cancel]").tap(timeout=TIMEOUT)
    assert wrong(line_tablet) == []
    page.locator("[data-reason=wrong_label]").tap()
    ended = Remote(product).wait(job, "cancelled")
    assert ended["status"] == "cancelled"
    zebra.resume()
    expect(page.locator(".o_label_print_operator")).to_contain_text("Nothing is printing", timeout=TIMEOUT)


def test_what_is_not_found_is_said_on_the_page(line_tablet: Supervisor):
    page = line_tablet.page
    scan(page, "NO-SUCH-LOT")
    expect(page.locator("[role=alert] .alert")).to_contain_text("NO-SUCH-LOT", timeout=TIMEOUT)
    assert page.locator(".modal").count() == 0
    assert wrong(line_tablet) == []


def test_the_keyboard_alone_finds_an_order(line_tablet: Supervisor):
    page = line_tablet.page
    for _step in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "label_print_text":
            break
    page.keyboard.type("soup-2026-001")
    page.keyboard.press("Enter")
    panel = page.locator(".o_label_print_operator_panel")
    expect(panel).to_contain_text(LOT, timeout=TIMEOUT)
    expect(panel).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)


@pytest.mark.parametrize("screen", SCREENS)
def test_maintenance_is_begun_and_ended_by_touch(screen: str, chromium: Browser, product: Product):
    window = Supervisor(chromium, product, "operator", device=SCREENS[screen])
    try:
        window.open_operator_page(PRINTER)
        page = window.page
        page.locator("button[name=begin_maintenance]").tap()
        expect(page.locator("[data-minutes]")).to_have_count(5, timeout=TIMEOUT)
        assert wrong(window) == []
        page.locator("[data-minutes='60']").tap()
        shown = page.locator("p[name=maintenance]")
        expect(shown).to_contain_text("Maintenance until", timeout=TIMEOUT)
        expect(page.locator("button[name=begin_maintenance]")).to_contain_text("Change the End", timeout=TIMEOUT)
        assert wrong(window) == []
        page.locator("button[name=end_maintenance]").tap()
        expect(shown).to_have_count(0, timeout=TIMEOUT)
        expect(page.locator(".alert-success")).to_contain_text("Maintenance ended.")
    finally:
        window.close()


def test_labels_left_on_the_roll(line_tablet: Supervisor, chromium: Browser, product: Product):
    """A roll of 30, a job of 20: about 10 are left, a dialog that asks for 15 says so, and a new roll is counted anew."""
    page, admin = line_tablet.page, Remote(product, "admin")
    (printer,) = admin.call("printer.configuration", "search", [("cups_name", "=", PRINTER)])
    left = page.locator(".o_label_print_operator_roll")
    expect(page.locator("button[name=roll]")).to_have_count(0)
    admin.call("printer.configuration", "write", [printer], {"roll_size": 30})
    page.reload()
    try:
        page.locator("button[name=roll]").tap()
        expect(page.locator("#label_print_roll")).to_have_value("30", timeout=TIMEOUT)
        assert wrong(line_tablet) == []
        page.locator("button[name=roll_changed]").tap()
        expect(left).to_have_text("About 30 labels left", timeout=TIMEOUT)
        remote = Remote(product, "operator")
        remote.wait(remote.print_labels(PRINTER, 20, "ROLL"), "completed")
        expect(left).to_have_text("About 10 labels left", timeout=TIMEOUT)
        assert wrong(line_tablet) == []

        desk = Supervisor(chromium, product)
        try:
            desk.open_order()
            desk.page.click("button[name=action_print_labels]")
            dialog = desk.page.locator(".modal")
            dialog.locator("div[name=printer_id] input").fill(PRINTER)
            desk.page.locator(".o-autocomplete--dropdown-item", has_text=PRINTER).first.click()
            for quantity, is_said in ((15, True), (10, False), (11, True)):
                dialog.locator("div[name=quantity] input").fill(str(quantity))
                desk.page.keyboard.press("Tab")
                words = f"About 10 labels left on the roll of this printer. Asked for: {quantity}."
                shown = dialog.locator("div[name=roll_warning]")
                expect(shown).to_have_count(int(is_said), timeout=TIMEOUT)
                if is_said:
                    expect(shown).to_contain_text(words, timeout=TIMEOUT)
            remote.wait(remote.print_labels(PRINTER, 8, "ROLL"), "completed")
            desk.open(OVERVIEW, TILE)
            needing = desk.page.locator("[aria-labelledby=label_print_troubled_printers]")
            expect(needing).to_contain_text("About 2 labels left", timeout=TIMEOUT)
            expect(page.locator(".o_label_print_operator_warnings")).to_contain_text("About 2 labels left", timeout=TIMEOUT)
            assert wrong(line_tablet) == []

            # Later than within the minute in which a second touch means the same roll.
            product.database.execute(
                "UPDATE printer_configuration SET roll_changed_at = roll_changed_at - interval '5 minutes' WHERE id = %s", printer
            )
            page.locator("button[name=roll]").tap()
            page.locator("button[name=roll_changed]").tap()
            expect(left).to_have_text("About 30 labels left", timeout=TIMEOUT)
            expect(page.locator(".o_label_print_operator_warnings")).to_have_count(0)
            expect(needing).not_to_contain_text("labels left", timeout=TIMEOUT)
            remote.wait(remote.print_labels(PRINTER, 3, "ROLL"), "completed")
            expect(left).to_have_text("About 27 labels left", timeout=TIMEOUT)
            assert not desk.errors
        finally:
            desk.close()
    finally:
        admin.call("printer.configuration", "write", [printer], {"roll_size": 0})


def test_what_the_printer_warns_of_itself(line_tablet: Supervisor, chromium: Browser, product: Product):
    """Whether or not somebody counts: words and a remedy, on the page and on the overview, and no incident."""
    zebra, remote = product.printer(PRINTER), Remote(product, "operator")
    incidents = remote.call("label.print.incident", "search_count", [])
    warnings = line_tablet.page.locator(".o_label_print_operator_warnings")
    zebra.warn(2 + 8)
    try:
        remote.wait(remote.print_labels(PRINTER, 1, "WARN"), "completed")
        for words in ("Labels low", "Have a new roll of labels ready", "Print head to be cleaned", "Clean the print head"):
            expect(warnings).to_contain_text(words, timeout=WARNED_WITHIN)
        assert wrong(line_tablet) == []
        desk = Supervisor(chromium, product)
        try:
            desk.open(OVERVIEW, TILE)
            needing = desk.page.locator("[aria-labelledby=label_print_troubled_printers]")
            expect(needing).to_contain_text("Print head to be cleaned", timeout=TIMEOUT)
            expect(needing).to_contain_text("Have a new roll of labels ready")
            assert not desk.errors
        finally:
            desk.close()
        assert remote.call("label.print.incident", "search_count", []) == incidents
    finally:
        zebra.warn(0)


def test_names_of_200_characters(line_tablet: Supervisor, product: Product):
    """Nothing is cut that matters, and nothing is wider than the screen; also from right to left."""
    name = "Zebra-Line-1 " + "שורה ארוכה " * 17
    admin = Remote(product, "admin")
    (printer,) = admin.call("printer.configuration", "search", [("cups_name", "=", PRINTER)])
    admin.call("printer.configuration", "write", [printer], {"name": name[:200], "location": "Hall" * 50})
    page = line_tablet.page
    page.reload()  # open pages are not told of a printer's new name
    try:
        expect(page.locator("h1")).to_contain_text("שורה", timeout=TIMEOUT)
        for device in SCREENS.values():
            page.set_viewport_size(device["viewport"])
            assert wrong(line_tablet) == []
    finally:
        values = {"name": PRINTER, "location": "Hall 1, line 1"}
        admin.call("printer.configuration", "write", [printer], values)


def test_a_user_without_printers(line_tablet: Supervisor, product: Product):
    """Last: it takes the printers away."""
    admin = Remote(product, "admin")
    printers = admin.call("printer.configuration", "search", [])
    admin.call("printer.configuration", "write", printers, {"active": False})
    line_tablet.page.reload()
    expect(line_tablet.page.locator("section")).to_contain_text("No printer is known yet", timeout=TIMEOUT)
    assert wrong(line_tablet) == []
