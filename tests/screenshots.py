"""Take the screenshots in docs/images from the running product: `make screenshots`.

Without arguments a product of its own is started, filled with jobs in every state, and stopped.
With `--url`, `--login` and `--password` the pages of one that is running are taken as they are.
"""

import argparse
import sys
from pathlib import Path

from playwright.sync_api import Browser
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from scripts.product import Product, running_product
from tests.e2e.remote import Remote
from tests.e2e.screen_data import add_language, add_palette, make_screen_data
from tests.e2e.window import (
    CARD,
    DESKTOP,
    FAILED_LABELS,
    HALL,
    HISTORY,
    JOB_FORM,
    JOBS,
    LINE_TABLET,
    OVERVIEW,
    PHONE,
    PRINTERS,
    ROW_OR_CARD,
    SMALL_TABLET,
    TABLET,
    TILE,
    WALL_PRINTER,
    Window,
    chromium,
)

LANGUAGES = {"german": "de_DE", "french": "fr_FR", "spanish": "es_ES"}
IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"


class Camera(Window):
    """A window that takes screenshots."""

    def take(self, name: str, full: bool = False, toasts: bool = False) -> None:
        self.page.wait_for_timeout(600)  # charts and images
        if not toasts:
            self.close_toasts()
        self.page.mouse.move(0, 0)
        self.page.screenshot(path=IMAGES / f"{name}.png", full_page=full)
        print(f"docs/images/{name}.png", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="of a running product; without it one is started")
    parser.add_argument("--login", default="supervisor")
    parser.add_argument("--password", default="supervisor")
    arguments = parser.parse_args()
    IMAGES.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        if arguments.url:
            _pages(browser, arguments.url.rstrip("/"), arguments.login, arguments.password)
            return 0
        with running_product(labels_per_second=25, rtl_styles=True, odometer=False) as product:
            add_palette(product)
            jobs = make_screen_data(product)
            _pages(browser, product.url, "supervisor", "supervisor")
            add_language(product, "ar_001", "operator")
            arabic = Camera(browser, product.url, "operator")
            _main_pages(arabic, "_right_to_left")
            arabic.close()
            _read_english(product, "operator")
            _languages(browser, product, jobs)
            _line_and_hall(browser, product)
            _jobs(browser, product, jobs)
    return 0


def _pages(browser: Browser, url: str, login: str, password: str) -> None:
    """The main pages on every kind of screen, light and dark."""
    screens = (("", DESKTOP, False), ("_dark", DESKTOP, True), ("_tablet", TABLET, False), ("_phone", PHONE, False))
    for suffix, device, dark in screens:
        camera = Camera(browser, url, login, password, device=device, dark=dark)
        _main_pages(camera, suffix)
        camera.close()
    camera = Camera(browser, url, login, password)
    camera.open(JOBS, ".o_data_row")
    camera.close_toasts()
    camera.switch_view("kanban", ".o_kanban_group")
    camera.take("job_kanban")
    camera.switch_view("graph", ".o_graph_renderer canvas")
    camera.take("history_graph")
    camera.open(HISTORY, ".o_pivot_view table")
    camera.take("history_pivot")
    camera.switch_view("calendar", ".o_label_print_day.btn")
    camera.take("history_calendar")
    camera.open(FAILED_LABELS, ".o_list_view")
    camera.take("failed_labels")
    camera.close()


def _main_pages(camera: Camera, suffix: str) -> None:
    camera.open(OVERVIEW, TILE)
    camera.take(f"overview{suffix}")
    camera.open(JOBS, ROW_OR_CARD)
    camera.take(f"job_list{suffix}")
    camera.open(PRINTERS, CARD)
    camera.take(f"printer_kanban{suffix}")


def _languages(browser: Browser, product: Product, jobs: dict[str, int]) -> None:
    """What people look at most, in each language that the addon brings."""
    for name, code in LANGUAGES.items():
        add_language(product, code, "supervisor")
        camera = Camera(browser, product.url, "supervisor")
        camera.open(OVERVIEW, TILE)
        camera.take(f"overview_{name}")
        camera.open(JOBS, ROW_OR_CARD)
        camera.take(f"job_list_{name}")
        camera.open(JOBS, JOB_FORM, jobs["failed"])
        camera.take(f"failed_job_{name}", full=True)
        camera.open(JOBS, JOB_FORM, jobs["uncertain"])
        camera.press("action_retry", ".modal .o_label_print_verdict")
        camera.take(f"retry_dialog_{name}")
        camera.close()
    _read_english(product, "supervisor")


def _line_and_hall(browser: Browser, product: Product) -> None:
    """The tablet at the line, the monitor in the hall."""
    for suffix, device in (("", LINE_TABLET), ("_small", SMALL_TABLET), ("_phone", PHONE)):
        camera = Camera(browser, product.url, "operator", device=device)
        camera.open_operator_page("Zebra-Line-2")
        camera.take(f"operator_page{suffix}")
        if not suffix:
            camera.open_operator_page("Zebra-QC", ".o_label_print_operator_problem")
            camera.take("operator_page_problem")
            camera.page.keyboard.type("SOUP-2026-001", delay=5)
            camera.page.keyboard.press("Enter")
            camera.page.wait_for_selector(".o_label_print_operator_quantity")
            camera.take("operator_page_order")
        camera.close()
    camera = Camera(browser, product.url, "display", device=HALL, first=WALL_PRINTER)
    camera.take("wall_display")
    camera.close()


def _read_english(product: Product, login: str) -> None:
    Remote(product, "admin").call("res.users", "write", [Remote(product, login).uid], {"lang": "en_US"})


def _jobs(browser: Browser, product: Product, jobs: dict[str, int]) -> None:
    """A job's form in several states, the dialogs, a toast; finally with the print server stopped."""
    camera = Camera(browser, product.url, "supervisor")
    for name, job in (("failed_job", "failed"), ("job_with_errors", "errors"), ("printing_job", "printing")):
        camera.open(JOBS, JOB_FORM, jobs[job])
        camera.take(name, full=True)
    phone = Camera(browser, product.url, "operator", device=PHONE)
    phone.open(JOBS, JOB_FORM, jobs["failed"])
    phone.take("failed_job_phone")
    _show_story(phone, jobs["uncertain"])
    phone.take("labels_grid_phone")
    phone.close()
    _show_story(camera, jobs["uncertain"])
    camera.take("labels_grid")
    _dialogs(camera, jobs)
    camera.open("mrp.mrp_production_action", ".o_data_row")
    camera.take("orders")
    camera.page.locator(".o_data_row", has_text="Tomato Soup").filter(has_text="To Close").first.click()
    camera.page.click("button[name=action_print_labels]")
    camera.page.wait_for_selector(".modal .o_form_sheet")
    camera.take("print_dialog")
    admin = Camera(browser, product.url, product.login, product.password)
    admin.open("label_print_monitor.action_label_print_settings", "[data-key=label_print_monitor]")
    admin.take("settings")
    admin.close()
    product.printer("Zebra-Line-1").offline()
    camera.open(OVERVIEW, ".o_label_print_tile")
    Remote(product).print_labels("Zebra-Line-1", 12)
    try:
        camera.page.wait_for_selector(".o_label_print_toast", timeout=60_000)
        camera.take("toast", toasts=True)
    except PlaywrightTimeout:
        print("no toast appeared for the screenshot", flush=True)
    product.print_server.kill()
    camera.open(JOBS, JOB_FORM, jobs["printing"])
    camera.page.wait_for_selector(".o_label_print_freshness .alert", timeout=180_000)
    camera.page.wait_for_timeout(1500)
    camera.take("unverified_job")
    camera.close()


def _show_story(camera: Camera, job: int) -> None:
    """The labels of a job, with the story of one that is in doubt."""
    camera.open(JOBS, JOB_FORM, job)
    camera.close_toasts()
    camera.page.locator(".o_notebook").evaluate("element => element.scrollIntoView({block: 'end'})")
    camera.page.locator(".o_label_print_label_uncertain[data-index]").first.click()
    camera.page.wait_for_selector(".o_label_print_story_entries")


def _dialogs(camera: Camera, jobs: dict[str, int]) -> None:
    """What one does with a job: print what is missing, say what is on paper, print again, cancel."""
    camera.open(JOBS, JOB_FORM, jobs["uncertain"])
    camera.press("action_retry", ".modal .o_label_print_verdict")
    camera.page.click(".modal .o_label_print_verdict[data-verdict=off]")
    camera.page.wait_for_selector(".modal .o_label_print_verdict[aria-pressed=true]")
    camera.take("retry_dialog")
    camera.open(JOBS, JOB_FORM, jobs["uncertain"])
    camera.press("action_settle", ".modal .o_label_print_verdict")
    camera.take("settle_dialog")
    camera.open(JOBS, JOB_FORM, jobs["uncertain"])
    camera.press("action_print_again", ".modal .o_label_print_chooser")
    for index in (3, 5):
        camera.page.click(f".modal .o_label_print_square[data-index='{index}']")
    camera.page.locator(".modal [name=reason] .o_radio_item", has_text="damaged").locator("input").click()
    camera.take("print_again_dialog")
    camera.open(JOBS, JOB_FORM, jobs["waiting"])
    camera.press("action_cancel", ".modal .o_label_print_reasons")
    camera.take("cancel_dialog")


if __name__ == "__main__":
    sys.exit(main())
