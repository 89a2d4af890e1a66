"""The product as a supervisor uses it in the browser: pages, clicks, and the text on the screen."""

import csv
import io

from playwright.sync_api import Browser, Locator, expect

from scripts.product import Product
from tests.e2e.window import JOBS, TIMEOUT, Window


class Supervisor(Window):
    """A window on the running product, and what a supervisor does in it."""

    def __init__(self, browser: Browser, product: Product, login: str = "supervisor", **screen) -> None:
        self.product = product
        super().__init__(browser, product.url, login, **screen)

    def open_order(self, product_name: str = "Tomato Soup", state: str = "To Close") -> None:
        self.open("mrp.mrp_production_action")
        self.page.locator(".o_data_row", has_text=product_name).filter(has_text=state).first.click()
        self.page.wait_for_selector(".o_form_view")

    def print_labels(self, quantity: int = 20) -> int:
        """Print labels of the open order, further ones where some were printed before; the id of the job."""
        self.page.click("button[name=action_print_labels]")
        self.page.locator(".modal div[name=quantity] input").fill(str(quantity))
        self.page.keyboard.press("Tab")
        self.page.click(".modal button[name=action_print]")
        further = self.page.locator(".modal", has_text="Labels for further boxes").locator("button.btn-primary")
        expect(further.or_(self.page.locator(".o_label_print_job_form")).first).to_be_visible(timeout=TIMEOUT)
        if further.is_visible():
            further.click()
        self.page.wait_for_selector(".o_label_print_job_form")
        self.page.wait_for_url("**/label.print.job/*")
        return int(self.page.url.rstrip("/").split("/")[-1])

    def open_jobs(self) -> None:
        self.open(JOBS, ".o_list_view")

    def row(self, text: str) -> Locator:
        return self.page.locator(".o_data_row", has_text=text)

    def cell(self, row: Locator, field: str) -> Locator:
        return row.locator(f"td[name={field}]")

    def toast(self, text: str) -> Locator:
        found = self.page.locator(".o_notification", has_text=text)
        expect(found).to_be_visible(timeout=TIMEOUT)
        return found

    def export(self) -> list[list[str]]:
        with self.page.expect_download() as download:
            self.page.click("button[name=action_export_history]")
        content = download.value.path().read_bytes().decode("utf-8-sig")
        return list(csv.reader(io.StringIO(content)))
