"""The whole product, nothing mocked: Odoo, PostgreSQL, print server, virtual Zebra and Chromium, each its own process."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from scripts.product import Product
from tests.e2e.supervisor import TIMEOUT, Supervisor

LOT = "SOUP-2026-001"
HEADER = ["Date", "MO Reference", "Quantity", "Status", "Job Type", "Submitted By", "Error Message"]
pytestmark = pytest.mark.browser


@pytest.fixture
def supervisor(chromium: Browser, product: Product) -> Iterator[Supervisor]:
    for zebra in product.printers:
        zebra.resume()
        zebra.forget()
    window = Supervisor(chromium, product)
    yield window
    window.close()


def watch_statuses(supervisor: Supervisor, row, until: str, seconds: float = 40) -> list[tuple[str, str]]:
    """What the row shows, change by change, without ever reloading the page."""
    seen: list[tuple[str, str]] = []
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        now = (supervisor.cell(row, "status").inner_text(), supervisor.cell(row, "progress_display").inner_text())
        if not seen or seen[-1] != now:
            seen.append(now)
        if now[0] == until:
            return seen
        time.sleep(0.03)
    raise AssertionError(f"the row never showed {until}: {seen}")


def test_twenty_labels_followed_live_and_exported(supervisor: Supervisor, product: Product):
    zebra = product.printer("Zebra-Line-1")
    zebra.slow(0.2)  # so that the list is open before the first label is out
    supervisor.open_order()
    order = supervisor.page.locator("div[name=name] span, h1 [name=name]").first.inner_text().strip()
    job = supervisor.print_labels()
    supervisor.open_jobs()
    row = supervisor.row(order).first
    expect(row).to_be_visible(timeout=TIMEOUT)
    supervisor.page.evaluate("window.neverReloaded = true")
    zebra.slow(3)  # so that progress is seen on a busy machine, too
    seen = watch_statuses(supervisor, row, "Completed")
    statuses = [status for status, _progress in seen]
    assert statuses.index("Printing") < statuses.index("Completed")
    shown = [progress for status, progress in seen if status == "Printing"]
    assert any(progress.endswith("of 20") for progress in shown), seen
    assert len(set(shown)) >= 3, f"progress did not move on: {seen}"
    assert seen[-1] == ("Completed", "20 of 20")
    assert supervisor.page.evaluate("window.neverReloaded") is True
    supervisor.toast(f"20 labels printed for {order}")

    labels = zebra.labels()
    assert len(labels) == 20
    assert all(f"^FD{LOT}^FS" in label for label in labels)

    rows = supervisor.export()
    assert rows[0] == HEADER
    (line,) = [line for line in rows[1:] if line[1] == order and line[3] == "completed"][:1]
    (stored,) = product.database.execute(
        f"SELECT to_char(create_date, 'YYYY-MM-DD HH24:MI:SS') FROM label_print_job WHERE id = {job}"
    )
    assert line == [stored[0], order, "20", "completed", "manual", "Sam Supervisor", ""]
    assert not supervisor.errors


def test_out_of_paper_at_label_8_then_only_the_rest(supervisor: Supervisor, product: Product):
    zebra = product.printer("Zebra-Line-1")
    zebra.paper_out(after=8)
    supervisor.open_order()
    job = supervisor.print_labels()
    toast = supervisor.toast("Print Job Failed")
    expect(toast).to_contain_text("Load labels into printer and retry")
    time.sleep(6)  # longer than a toast that is not sticky stays
    expect(toast).to_be_visible()
    assert len(zebra.labels()) == 8
    expect(supervisor.page.locator(".o_statusbar_status .o_arrow_button_current")).to_have_text("Failed")

    zebra.resume()
    supervisor.page.locator(
        ".o_statusbar_buttons button[name=action_retry], .o_form_view button[name=action_retry]"
    ).first.click()
    supervisor.toast("20 labels printed for")
    labels = zebra.labels()
    assert len(labels) == 20, f"{len(labels)} labels on paper"
    status, attempt, printed = product.database.execute(
        f"SELECT status, attempt_number, current_label FROM label_print_job WHERE id = {job}"
    )[0]
    assert (status, int(attempt), int(printed)) == ("completed", 2, 20)
    assert not supervisor.errors


def test_an_order_without_quantity_is_refused(supervisor: Supervisor):
    supervisor.open_order(state="Confirmed")
    supervisor.page.click("button[name=action_print_labels]")
    expect(supervisor.page.locator(".modal")).to_contain_text("has no lot or serial number yet")


def test_server_down_holds_the_job_and_prints_it_later(supervisor: Supervisor, product: Product):
    zebra = product.printer("Zebra-Line-1")
    product.print_server.kill()
    supervisor.open_order()
    job = supervisor.print_labels()
    expect(supervisor.page.locator(".o_form_view")).to_contain_text("cannot be reached", timeout=TIMEOUT)
    assert product.database.execute(f"SELECT status FROM label_print_job WHERE id = {job}")[0][0] == "pending"
    product.print_server.restart()
    supervisor.page.locator(".o_statusbar_status .o_arrow_button_current", has_text="Completed").wait_for(
        timeout=120_000
    )
    assert len(zebra.labels()) == 20


def open_settings(admin: Supervisor) -> None:
    admin.page.goto(f"{admin.product.url}/odoo/settings")
    admin.page.locator("[data-key=label_print_monitor]").first.click()
    admin.page.wait_for_selector("button[name=action_test_label_print_connection]")


# Last, because they leave the wrong settings behind.
@pytest.mark.parametrize(
    ("address", "key", "message"),
    [
        (None, "wrong-key", "refused the API key"),
        ("http://127.0.0.1:9", None, "cannot be reached"),
        ("not an address", None, "address of the print server"),
    ],
)
def test_connection_faults_are_explained(chromium: Browser, product: Product, address, key, message):
    admin = Supervisor(chromium, product, login="admin")
    open_settings(admin)
    if address:
        admin.page.locator("div[name=label_print_api_url] input").fill(address)
    if key:
        admin.page.locator("div[name=label_print_api_key] input").fill(key)
    admin.page.locator(".o_form_button_save").click()
    if address != "not an address":  # that one is refused when it is saved
        admin.page.wait_for_selector(".o_form_button_save", state="detached")
        open_settings(admin)
        admin.page.locator("button[name=action_test_label_print_connection]").click()
    try:
        expect(admin.page.locator("body")).to_contain_text(message, timeout=TIMEOUT)
    finally:
        admin.close()
