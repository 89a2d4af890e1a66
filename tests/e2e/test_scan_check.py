"""The page that checks boxes by scanning: on a desk, a tablet and a phone, by keyboard alone, without a connection."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Browser, Page, expect

from scripts.product import Product, running_product
from tests.e2e.accessibility import overflow, serious_violations
from tests.e2e.remote import Remote, until, wait_longer_for_keys
from tests.e2e.screen_data import add_language
from tests.e2e.supervisor import TIMEOUT, Supervisor
from tests.e2e.window import DESKTOP, PHONE, SCAN_CHECK, TABLET

pytestmark = pytest.mark.browser

TOUCH = 48  # pixels
PRINTER = "Zebra-Line-1"
SCREENS = {"desktop": DESKTOP, "tablet": TABLET, "phone": PHONE}
VERDICT, RIGHT, WRONG = ".o_label_print_scan_verdict", ".o_label_print_scan_right", ".o_label_print_scan_wrong"
PROGRESS = ".o_label_print_scan .o_label_print_operator_progress"
UNSENT = ".o_label_print_scan_unsent"


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with running_product(rtl_styles=True) as running:
        until(
            lambda: Remote(running).call("printer.configuration", "search_count", [("status", "=", "online")]) == 3,
            "the printers do not appear",
        )
        admin = Remote(running, "admin")
        wait_longer_for_keys(admin)
        people = admin.call("res.users", "search", [("login", "in", ["operator", "supervisor"])])
        admin.call("res.users", "write", people, {"odoobot_state": "disabled"})
        yield running


@pytest.fixture
def order(request, product: Product) -> str:
    """An order whose 12 labels, each with a serial number, are on paper; its name is new for each test."""
    name = f"SCAN/{abs(hash(request.node.name)) % 10**6:06}"
    print_order(product, name, 12)
    return name


def serial(order: str, number: int) -> str:
    return f"{order[5:]}-{number:03}"


def print_order(product: Product, name: str, quantity: int, lot: str = "") -> int:
    """Print labels of a new order, each with a serial number of its own or all with one lot; the job."""
    admin, operator = Remote(product, "admin"), Remote(product, "operator")
    (made,) = product.database.execute("SELECT product_id FROM mrp_production ORDER BY id LIMIT 1")[0]
    order_id = admin.call("mrp.production", "create", {"name": name, "product_id": made, "product_qty": quantity})
    (printer,) = admin.call("printer.configuration", "search", [("cups_name", "=", PRINTER)])
    lots = [lot or serial(name, number) for number in range(1, quantity + 1)]
    labels = [
        {"zpl_code": f"^XA^FO50,50^FD{lot}^FS^XZ", "box_number": box, "lot_number": lot} for box, lot in enumerate(lots, 1)
    ]
    values = {"mo_id": order_id, "printer_id": printer, "quantity": quantity, "labels_data": labels}
    job = operator.call("label.print.job", "create", values)
    operator.wait(job, "completed")
    return job


def scan(page: Page, code: str) -> None:
    """As a scanner does that types: quickly, and Enter at the end."""
    page.keyboard.type(code, delay=3)
    page.keyboard.press("Enter")


def open_order(window: Supervisor, order: str) -> Page:
    """The page as its menu opens it, with the order scanned."""
    window.open(SCAN_CHECK, ".o_label_print_scan")
    if window.page.locator("button[name=another]").count():
        window.page.locator("button[name=another]").click()
    window.page.wait_for_selector("#label_print_scan_title")
    scan(window.page, order)
    expect(window.page.locator(PROGRESS)).to_contain_text("of 12 checked", timeout=TIMEOUT)
    return window.page


def wrong(window: Supervisor) -> list[str]:
    """What is wrong with the page as it is, for touch and for who cannot see colours."""
    page = window.page
    page.wait_for_timeout(300)
    found = serious_violations(page) + overflow(page)
    found += page.evaluate(
        """least => [...document.querySelectorAll(".o_label_print_scan :is(button, input, a)")]
            .filter(element => element.checkVisibility({visibilityProperty: true}))
            .map(element => [element, element.getBoundingClientRect()])
            .filter(([element, box]) => box.width < least - 0.5 || box.height < least - 0.5)
            .map(([element, box]) => `${element.innerText || element.id} is ${box.width}x${box.height}`)""",
        TOUCH,
    )
    found += [f"console: {error}" for error in window.errors]
    window.errors.clear()
    return found


@pytest.fixture(params=SCREENS)
def window(request, chromium: Browser, product: Product) -> Iterator[Supervisor]:
    window = Supervisor(chromium, product, "operator", device=SCREENS[request.param])
    yield window
    window.close()


@pytest.fixture
def phone(chromium: Browser, product: Product) -> Iterator[Supervisor]:
    window = Supervisor(chromium, product, "operator", device=PHONE)
    yield window
    window.close()


def test_right_and_wrong_on_each_screen(window: Supervisor, order: str, product: Product):
    window.open(SCAN_CHECK, ".o_label_print_scan")
    assert wrong(window) == []
    page = open_order(window, order)
    assert wrong(window) == []
    scan(page, serial(order, 7))
    expect(page.locator(RIGHT)).to_contain_text(f"{serial(order, 7)} · box 7")
    expect(page.locator(PROGRESS)).to_contain_text("1 of 12 checked")
    assert wrong(window) == []
    scan(page, serial(order, 7))
    expect(page.locator(WRONG)).to_contain_text("Scanned twice")
    assert wrong(window) == []
    scan(page, "NO-SUCH-BOX")
    expect(page.locator(WRONG)).to_contain_text("Not of this order")
    assert wrong(window) == []
    for number in range(1, 13):
        if number != 7:
            scan(page, serial(order, number))
    expect(page.locator(PROGRESS)).to_contain_text("12 of 12 checked", timeout=TIMEOUT)
    expect(page.locator(".o_label_print_scan")).to_contain_text("every label is on its box")
    assert wrong(window) == []
    until(lambda: marks(product, order) == 12, "not every scan has arrived")


def marks(product: Product, order: str) -> int:
    rows = product.database.execute(
        "SELECT count(*) FROM label_print_mark m JOIN label_print_job j ON j.id = m.job_id"
        f" WHERE j.mo_reference = '{order}' AND m.code IS NOT NULL"
    )
    return rows[0][0]


def test_without_a_connection_and_over_a_reload(phone: Supervisor, order: str, product: Product):
    page = open_order(phone, order)
    phone.context.set_offline(True)
    for number in range(1, 6):
        scan(page, serial(order, number))
    scan(page, serial(order, 5))
    expect(page.locator(WRONG)).to_contain_text("Scanned twice")
    expect(page.locator(UNSENT)).to_contain_text("Not yet sent: 6", timeout=TIMEOUT)
    phone.errors.clear()  # of the browser, about the network
    assert wrong(phone) == []
    assert marks(product, order) == 0
    phone.context.set_offline(False)
    page.reload()
    expect(page.locator(PROGRESS)).to_contain_text("5 of 12 checked", timeout=TIMEOUT)
    until(lambda: marks(product, order) == 5, "what was scanned has not arrived")
    expect(page.locator(UNSENT)).to_have_count(0, timeout=TIMEOUT)
    rows = product.database.execute(
        f"SELECT verdict, count(*) FROM label_print_scan WHERE order_reference = '{order}' GROUP BY 1 ORDER BY 1"
    )
    assert [tuple(row) for row in rows] == [("checked", 5), ("twice", 1)]


def test_a_mistake_is_taken_back(phone: Supervisor, order: str, product: Product):
    """With a connection and without one; the box can be scanned again, and nothing is erased."""
    page = open_order(phone, order)
    for number in (1, 2):
        scan(page, serial(order, number))
    until(lambda: marks(product, order) == 2, "what was scanned has not arrived")
    page.get_by_role("button", name=f"Undo: {serial(order, 1)}").click()
    expect(page.locator(RIGHT)).to_contain_text(f"Taken back: {serial(order, 1)}")
    expect(page.locator(PROGRESS)).to_contain_text("1 of 12 checked")
    assert wrong(phone) == []
    until(lambda: kinds(product, order) == ["checked", "checked", "unchecked"], "it was not taken back")
    phone.context.set_offline(True)
    page.get_by_role("button", name=f"Undo: {serial(order, 2)}").click()
    scan(page, serial(order, 1))
    expect(page.locator(PROGRESS)).to_contain_text("1 of 12 checked")
    phone.errors.clear()  # of the browser, about the network
    phone.context.set_offline(False)
    everything = ["checked", "checked", "unchecked", "unchecked", "checked"]
    until(lambda: kinds(product, order) == everything, "what was done without a connection has not arrived")
    expect(page.locator(UNSENT)).to_have_count(0, timeout=TIMEOUT)
    expect(page.locator(PROGRESS)).to_contain_text("1 of 12 checked")
    page.reload()
    expect(page.locator(PROGRESS)).to_contain_text("1 of 12 checked", timeout=TIMEOUT)


def kinds(product: Product, order: str) -> list[str]:
    rows = product.database.execute(
        "SELECT m.kind FROM label_print_mark m JOIN label_print_job j ON j.id = m.job_id"
        f" WHERE j.mo_reference = '{order}' ORDER BY m.id"
    )
    return [kind for (kind,) in rows]


def test_two_people_see_each_other(phone: Supervisor, order: str, chromium: Browser, product: Product):
    page = open_order(phone, order)
    other = Supervisor(chromium, product, "supervisor", device=TABLET)
    their_page = open_order(other, order)
    scan(their_page, serial(order, 3))
    expect(page.locator(PROGRESS)).to_contain_text("1 of 12 checked", timeout=TIMEOUT)
    scan(page, serial(order, 3))
    expect(page.locator(WRONG)).to_contain_text("has checked it")
    scan(page, serial(order, 4))
    expect(their_page.locator(PROGRESS)).to_contain_text("2 of 12 checked", timeout=TIMEOUT)
    other.close()
    assert marks(product, order) == 2


def test_four_people_scan_one_lot_at_the_same_moment(product: Product):
    """Ten boxes each, one scan a call: each of the 30 labels counts once, and each scan too many is told so."""
    job = print_order(product, "SCAN/CROWD", 30, lot="LOT-CROWD")

    def scan_ten(person: int) -> list[str]:
        remote = Remote(product, "operator" if person % 2 else "supervisor")
        scans = [
            {"key": f"{person}-{number}", "order_id": False, "job_id": job, "code": "LOT-CROWD", "age": 0}
            for number in range(10)
        ]
        return [remote.call("label.print.scan", "check", [one])[0]["verdict"] for one in scans]

    with ThreadPoolExecutor(4) as people:
        verdicts = Counter(verdict for answers in people.map(scan_ten, range(4)) for verdict in answers)
    assert verdicts == {"checked": 30, "too_many": 10}
    (rows,) = product.database.execute(
        "SELECT count(*), count(DISTINCT label_indexes::text), max(j.checked_count)"
        f" FROM label_print_mark m JOIN label_print_job j ON j.id = m.job_id WHERE j.id = {job}"
    )
    assert tuple(rows) == (30, 30, 30)


def test_the_keyboard_alone(chromium: Browser, product: Product, order: str):
    """What is typed into the field is checked by Enter, again and again, and the way out is a key away."""
    window = Supervisor(chromium, product, "operator", device=DESKTOP)
    page = open_order(window, order)
    for _step in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "label_print_code":
            break
    for number in (1, 2):
        page.keyboard.type(serial(order, number))
        page.keyboard.press("Enter")
        expect(page.locator(RIGHT)).to_contain_text(serial(order, number))
    # An empty field is no scan: scanners end a code with one key or two.
    page.keyboard.press("Enter")
    expect(page.locator(WRONG)).to_have_count(0)
    expect(page.locator(RIGHT)).to_contain_text(serial(order, 2))
    page.keyboard.type("NO-SUCH-BOX")
    page.keyboard.press("Enter")
    expect(page.locator(WRONG)).to_be_visible()
    page.locator("button[name=leave]").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".o_label_print_overview")
    assert not window.errors
    window.close()


def test_an_expired_session_loses_no_scan(phone: Supervisor, order: str, product: Product):
    page = open_order(phone, order)
    phone.context.clear_cookies()
    scan(page, serial(order, 1))
    link = page.locator("a[href^='/web/login']")
    expect(link).to_be_visible(timeout=TIMEOUT)
    expect(page.locator(UNSENT)).to_contain_text("Not yet sent: 1")
    link.click()
    page.fill("input[name=login]", "operator")
    page.fill("input[name=password]", "operator")
    page.click("button[type=submit]")
    expect(page.locator(PROGRESS)).to_contain_text("1 of 12 checked", timeout=TIMEOUT)
    until(lambda: marks(product, order) == 1, "the scan has not arrived")


def test_right_to_left(chromium: Browser, product: Product, order: str):
    """Last: the operator reads another language from now on."""
    add_language(product, "ar_001", "operator")
    window = Supervisor(chromium, product, "operator", device=PHONE)
    window.open(SCAN_CHECK, ".o_label_print_scan")
    scan(window.page, order)
    window.page.wait_for_selector(VERDICT)
    assert window.page.evaluate("getComputedStyle(document.body).direction") == "rtl"
    scan(window.page, "NO-SUCH-BOX")
    window.page.wait_for_selector(WRONG)
    assert wrong(window) == []
    window.close()
