"""Names of 200 characters, of many words, of one word and right to left: nothing is wider than its screen, no error."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from scripts.product import Product, running_product
from tests.e2e.accessibility import overflow
from tests.e2e.remote import Remote, until
from tests.e2e.supervisor import Supervisor
from tests.e2e.window import (
    ATTEMPTS,
    CARD,
    DESKTOP,
    FAILED_LABELS,
    HALL,
    JOB_FORM,
    JOBS,
    OPERATOR,
    OPERATOR_CARD,
    ORDERS_MISSING,
    OVERVIEW,
    PHONE,
    PRINTERS,
    ROW_OR_CARD,
    TABLET,
    TILE,
    WALL,
    WALL_PRINTER,
)

pytestmark = pytest.mark.browser

WORDS = ("Palettenetikett für die Halle am Fluss " * 6)[:200]
WORD = ("Verpackungsliniensteuerung" * 8)[:200]
RIGHT_TO_LEFT = ("طابعة الملصقات في القاعة الكبرى " * 7)[:200]
PRINTERS_NAMES = {"Zebra-Line-1": WORDS, "Zebra-Line-2": WORD, "Zebra-QC": RIGHT_TO_LEFT}
DEVICES = {"desktop": DESKTOP, "tablet": TABLET, "phone": PHONE}
LISTS = (JOBS, FAILED_LABELS, ATTEMPTS, ORDERS_MISSING)


def make_jobs(product: Product) -> list[int]:
    """One job of each name: done, in doubt, and failed; who works here, what is printed and where has such names, too."""
    admin, remote = Remote(product, "admin"), Remote(product)
    people = admin.call("res.users", "search", [("login", "in", ["supervisor", "operator"])])
    for person, name in zip(people, (WORD, RIGHT_TO_LEFT), strict=True):
        admin.call("res.users", "write", [person], {"name": name, "odoobot_state": "disabled"})
    jobs = []
    for number, (printer, name) in enumerate(PRINTERS_NAMES.items()):
        (printer_id,) = admin.call("printer.configuration", "search", [("cups_name", "=", printer)])
        # Not the same text: on the operator's page a printer is chosen by its name.
        admin.call("printer.configuration", "write", [printer_id], {"name": name, "location": name[::-1]})
        values = {"name": name, "type": "consu", "is_storable": True, "tracking": "lot"}
        product_id = admin.call("product.product", "create", values)
        order = admin.call("mrp.production", "create", {"product_id": product_id, "product_qty": 12})
        admin.call("mrp.production", "action_confirm", [order])
        zebra = product.printer(printer)
        if number == 1:
            zebra.cut(after=4)
        elif number == 2:
            zebra.paper_out(after=3)
        labels = [
            {"zpl_code": f"^XA^FDbox {box}^FS^XZ", "box_number": box, "lot_number": name[:190]} for box in range(1, 13)
        ]
        values = {"mo_id": order, "printer_id": printer_id, "quantity": 12, "labels_data": labels}
        jobs.append(remote.call("label.print.job", "create", values))
        remote.wait(jobs[-1], "completed", "completed_with_errors", "failed")
        zebra.resume()
    return jobs


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with running_product(labels_per_second=25, odometer=False) as running:
        admin = Remote(running, "admin")
        until(lambda: admin.call("printer.configuration", "search_count", []) == 3, "the printers do not appear")
        yield running


@pytest.fixture(scope="module")
def jobs(product: Product) -> list[int]:
    return make_jobs(product)


@pytest.fixture(params=DEVICES)
def window(request, chromium: Browser, product: Product, jobs: list[int]) -> Iterator[Supervisor]:
    window = Supervisor(chromium, product, device=DEVICES[request.param])
    window.close_toasts()
    yield window
    assert window.errors == []
    window.close()


def assert_fits(window: Supervisor) -> None:
    window.close_toasts()
    assert overflow(window.page) == [], window.page.url
    assert not window.page.locator(".o_error_dialog").count()


def test_overview_wall_and_lists_hold_long_names(window: Supervisor):
    for action, shown in ((OVERVIEW, TILE), (PRINTERS, CARD), *((action, ROW_OR_CARD) for action in LISTS)):
        window.open(action, shown)
        assert_fits(window)


def test_forms_hold_long_names(window: Supervisor, jobs: list[int]):
    for job in jobs:
        window.page.goto(f"{window.url}/odoo/label.print.job/{job}")
        window.page.wait_for_selector(JOB_FORM)
        assert_fits(window)


def test_operators_page_and_wall_display_hold_long_names(window: Supervisor):
    window.open(OPERATOR, "button")
    window.page.get_by_role("button", name=WORD).first.click()
    window.page.wait_for_selector(OPERATOR_CARD)
    assert_fits(window)
    window.page.set_viewport_size(HALL["viewport"])
    window.open(WALL, WALL_PRINTER)
    assert_fits(window)
