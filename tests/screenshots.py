"""Renew the pictures in docs/images from the running product: `make screenshots`.

Without arguments a product of its own is started, put into the states that are worth a picture, and stopped.
`--url`, `--login` and `--password` photograph one that is running, as it is.
"""

import argparse
import hashlib
import hmac
import json
import shutil
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import TimeoutError as Late

from scripts.product import Product, running_product
from tests.e2e.remote import Remote, until

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
DESK, TABLET, PHONE = (
    {"viewport": {"width": 1440, "height": 900}},
    {"viewport": {"width": 768, "height": 1024}, "has_touch": True},
    {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
)
JOBS = "label_print_monitor.action_label_print_job"
OVERVIEW = "label_print_monitor.action_label_print_overview"
WALL = "label_print_monitor.action_printer_status"

# Odoo Community ships dark styles without a palette and leaves it to other modules. Ours must follow any palette, so the
# dark pictures bring one of their own.
PALETTE_URL = "/label_print_screenshots/palette.scss"
PALETTE = """
$o-webclient-color-scheme: dark;
$o-black: #ffffff;
$o-gray-100: #1a1c22;
$o-gray-200: #262932;
$o-gray-300: #383c48;
$o-gray-400: #4d5261;
$o-gray-500: #6b7183;
$o-gray-600: #a2a8b8;
$o-gray-700: #bcc1cd;
$o-gray-800: #d3d7df;
$o-gray-900: #e6e8ec;
$o-view-background-color: #22252d;
$o-webclient-background-color: #16181d;
$o-main-link-color: #a99bd6;
$o-shadow-color: #000000;
$body-emphasis-color: #ffffff;
"""


class Camera:
    """One browser window that takes pictures; says which page did not come up."""

    def __init__(self, browser: Browser, url: str, login: str, password: str, device: dict, dark: bool = False) -> None:
        self.url = url
        # A service worker would fetch the styles past the route below.
        self.context = browser.new_context(**device, service_workers="block")
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(30_000)
        if dark:
            self.context.add_cookies([{"name": "color_scheme", "value": "dark", "url": url}])
            self.page.route(
                "**/web.assets_web.min.css",
                lambda route: route.continue_(url=f"{url}/web/assets/any/web.assets_web_dark.min.css"),
            )
        self.page.goto(f"{url}/web/login")
        self.page.fill("input[name=login]", login)
        self.page.fill("input[name=password]", password)
        self.page.click("button[type=submit]")
        self.page.wait_for_selector(".o_main_navbar")

    def open(self, action: str, selector: str, record: int | None = None) -> None:
        self.page.goto(f"{self.url}/odoo/action-{action}" + (f"/{record}" if record else ""))
        self.page.wait_for_selector(selector)
        self.page.wait_for_timeout(600)  # charts and images

    def take(self, name: str, full: bool = False, toasts: bool = False) -> None:
        if not toasts:
            self.close_toasts()
        self.page.mouse.move(0, 0)
        self.page.screenshot(path=IMAGES / f"{name}.png", full_page=full)
        print(f"docs/images/{name}.png", flush=True)

    def close_toasts(self) -> None:
        """Toasts of the last minute come again in a new window, over the buttons."""
        self.page.evaluate("document.querySelectorAll('.o_notification_close').forEach((button) => button.click())")
        self.page.wait_for_timeout(300)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="of a running product; without it one is started")
    parser.add_argument("--login", default="supervisor")
    parser.add_argument("--password", default="supervisor")
    arguments = parser.parse_args()
    IMAGES.mkdir(parents=True, exist_ok=True)
    with _chromium() as browser:
        if arguments.url:
            _pages(browser, arguments.url.rstrip("/"), arguments.login, arguments.password)
            return 0
        with running_product(labels_per_second=25) as product:
            jobs = _scene(product)
            _pages(browser, product.url, "supervisor", "supervisor")
            _jobs(browser, product, jobs)
    return 0


@contextmanager
def _chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not path:
        sys.exit("No Chromium on the PATH: install the package chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def _scene(product: Product) -> dict[str, int]:
    """A morning in the packing hall: some jobs done, one printing, one waiting, one out of labels, one with errors."""
    operator, supervisor = Remote(product, "operator"), Remote(product)
    admin = Remote(product, "admin")
    _add_palette(admin)
    # Otherwise Odoo's assistant greets each of them, over the whole screen of a phone.
    admin.call("res.users", "write", [operator.uid, supervisor.uid], {"odoobot_state": "disabled"})
    until(lambda: supervisor.call("printer.configuration", "search_count", []) == 3, "the printers do not appear")
    for number, quantity in enumerate((20, 48, 120, 36, 60), start=1):
        person = operator if number % 2 else supervisor
        person.wait(_print(person, "Zebra-Line-1" if number % 2 else "Zebra-Line-2", quantity, number), "completed")
    product.printer("Zebra-QC").paper_out(after=8)
    failed = _print(operator, "Zebra-QC", 24, 6)
    supervisor.wait(failed, "failed")
    product.printer("Zebra-Line-1").slow(0.8)
    product.printer("Zebra-Line-2").slow(0.5)
    errors = _print(supervisor, "Zebra-Line-1", 40, 7)
    _push_errors(product, supervisor.wait(errors, "printing")["flask_job_id"])
    supervisor.wait(errors, "completed_with_errors")
    product.printer("Zebra-Line-1").slow(25)
    printing = _print(operator, "Zebra-Line-2", 90, 8)
    waiting = _print(supervisor, "Zebra-Line-2", 36, 9)
    supervisor.wait(printing, "printing")
    until(lambda: supervisor.job(printing)["current_label"] >= 4, "nothing is printed")
    return {"failed": failed, "errors": errors, "printing": printing, "waiting": waiting}


def _add_palette(admin: Remote) -> None:
    """Give the dark bundle, which nobody but these pictures uses, its colours."""
    admin.call(
        "ir.attachment",
        "create",
        {
            "name": "palette.scss",
            "url": PALETTE_URL,
            "type": "binary",
            "mimetype": "text/scss",
            "raw": PALETTE,
            "public": True,
        },
    )
    # Bundles are kept; this one was built without a palette.
    built = admin.call("ir.attachment", "search", [("url", "like", "web.assets_web_dark")])
    admin.call("ir.attachment", "unlink", built)
    values = {"name": "palette", "bundle": "web.assets_web_dark", "directive": "prepend", "path": PALETTE_URL}
    admin.call("ir.asset", "create", values)


def _print(remote: Remote, printer: str, quantity: int, number: int) -> int:
    """Print labels of a manufacturing order of its own."""
    (product_id,) = remote.call("product.product", "search", [("name", "=", "Tomato Soup 1 l")])
    order = remote.call("mrp.production", "create", {"product_id": product_id, "product_qty": quantity})
    (printer_id,) = remote.call("printer.configuration", "search", [("cups_name", "=", printer)])
    lot = f"SOUP-2026-{number + 100}"
    labels = [
        {"zpl_code": f"^XA^FO50,50^A0N,40,40^FDLN/SN: {lot}^FS^XZ", "box_number": box, "lot_number": lot}
        for box in range(1, quantity + 1)
    ]
    values = {"mo_id": order, "printer_id": printer_id, "quantity": quantity, "labels_data": labels}
    return remote.call("label.print.job", "create", values)


def _push_errors(product: Product, server_job_id: str) -> None:
    """Report two failed labels the way a print server pushes its news."""
    failed = [{"index": index, "code": "ribbon_out", "message": "The ribbon ended."} for index in (17, 18)]
    event = {
        "id": f"screenshot-{server_job_id}",
        "type": "job",
        "occurred_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "job_id": server_job_id,
        "status": "completed",
        "progress": {"total": 40, "completed": 38, "failed": 2},
        "failed_labels": failed,
        "error_code": "ribbon_out",
    }
    body = json.dumps({"events": [event]}).encode()
    stamp = str(int(time.time()))
    signature = hmac.new(product.keys.webhook_secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    request = urllib.request.Request(
        f"{product.url}/label_print_monitor/events",
        body,
        {"Content-Type": "application/json", "X-Print-Signature": f"t={stamp},v1={signature}"},
    )
    urllib.request.urlopen(request, timeout=10).close()


def _pages(browser: Browser, url: str, login: str, password: str) -> None:
    """The main pages on every kind of screen, light and dark."""
    screens = (("", DESK, False), ("_dark", DESK, True), ("_tablet", TABLET, False), ("_phone", PHONE, False))
    for suffix, device, dark in screens:
        camera = Camera(browser, url, login, password, device, dark)
        camera.open(OVERVIEW, ".o_label_print_tile")
        camera.take(f"overview{suffix}")
        camera.open(JOBS, ".o_data_row, .o_kanban_record")
        camera.take(f"job_list{suffix}")
        camera.open(WALL, ".o_label_print_printer_wall .o_kanban_record:not(.o_kanban_ghost)")
        camera.take(f"printer_wall{suffix}")
        camera.context.close()
    camera = Camera(browser, url, login, password, DESK)
    camera.open(JOBS, ".o_data_row")
    camera.close_toasts()
    camera.page.click(".o_switch_view.o_kanban")
    camera.page.wait_for_selector(".o_kanban_group")
    camera.take("job_kanban")
    camera.close_toasts()
    camera.page.click(".o_switch_view.o_graph")
    camera.page.wait_for_selector(".o_graph_renderer canvas")
    camera.page.wait_for_timeout(600)
    camera.take("history_graph")
    camera.open("label_print_monitor.action_label_print_history", ".o_pivot_view table")
    camera.take("history_pivot")
    camera.open("label_print_monitor.action_label_print_failed_label", ".o_list_view")
    camera.take("failed_labels")
    camera.context.close()


def _jobs(browser: Browser, product: Product, jobs: dict[str, int]) -> None:
    """A job's form in the states that matter, the dialogs, a toast; at last without the print server."""
    camera = Camera(browser, product.url, "supervisor", "supervisor", DESK)
    form = ".o_label_print_job_form .o_form_sheet"
    for name, job in (("failed_job", "failed"), ("job_with_errors", "errors"), ("printing_job", "printing")):
        camera.open(JOBS, form, jobs[job])
        camera.take(name, full=True)
    phone = Camera(browser, product.url, "operator", "operator", PHONE)
    phone.open(JOBS, form, jobs["failed"])
    phone.take("failed_job_phone")
    phone.context.close()
    camera.open(JOBS, form, jobs["failed"])
    camera.page.click("button[name=action_retry_choose]")
    camera.page.wait_for_selector(".modal .o_form_sheet")
    camera.take("retry_dialog")
    camera.open("mrp.mrp_production_action", ".o_data_row")
    camera.take("orders")
    camera.page.locator(".o_data_row", has_text="Tomato Soup").filter(has_text="To Close").first.click()
    camera.page.click("button[name=action_print_labels]")
    camera.page.wait_for_selector(".modal .o_form_sheet")
    camera.take("print_dialog")
    admin = Camera(browser, product.url, product.login, product.password, DESK)
    admin.open("label_print_monitor.action_label_print_settings", "[data-key=label_print_monitor]")
    admin.take("settings")
    admin.context.close()
    product.printer("Zebra-Line-1").offline()
    camera.open(OVERVIEW, ".o_label_print_tile")
    Remote(product).print_labels("Zebra-Line-1", 12)
    try:
        camera.page.wait_for_selector(".o_label_print_toast", timeout=60_000)
        camera.page.wait_for_timeout(800)  # it fades in
        camera.take("toast", toasts=True)
    except Late:
        print("no toast came up for the picture", flush=True)
    product.print_server.kill()
    camera.open(JOBS, form, jobs["printing"])
    camera.page.wait_for_selector(".o_label_print_freshness .alert", timeout=60_000)
    camera.page.wait_for_timeout(1500)
    camera.take("unverified_job")
    camera.context.close()


if __name__ == "__main__":
    sys.exit(main())
