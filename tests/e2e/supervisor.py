"""The product as a supervisor uses it: pages, clicks and what stands on the screen, by the words a person reads."""

import csv
import io

from playwright.sync_api import Browser, Locator, Page, expect

from scripts.product import Product

PATIENCE = 30_000  # milliseconds; a busy machine with two cores


class Supervisor:
    """One logged-in browser window. Errors on its console are kept: a test ends with `no_console_errors`."""

    def __init__(self, browser: Browser, product: Product, login: str = "supervisor") -> None:
        self.product = product
        self.context = browser.new_context(viewport={"width": 1360, "height": 850}, accept_downloads=True)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.errors: list[str] = []
        self.page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(f"{product.url}/web/login")
        self.page.fill("input[name=login]", login)
        self.page.fill("input[name=password]", login)
        self.page.click("button[type=submit]")
        self.page.wait_for_selector(".o_main_navbar")

    def close(self) -> None:
        self.context.close()

    def open(self, action: str) -> None:
        self.page.goto(f"{self.product.url}/odoo/action-{action}")
        self.page.wait_for_selector(".o_action")

    def open_order(self, product_name: str = "Tomato Soup", state: str = "To Close") -> None:
        self.open("mrp.mrp_production_action")
        self.page.locator(".o_data_row", has_text=product_name).filter(has_text=state).first.click()
        self.page.wait_for_selector(".o_form_view")

    def print_labels(self) -> int:
        """Print the open order's labels; the id of the job."""
        self.page.click("button[name=action_print_labels]")
        self.page.click(".modal button[name=action_print]")
        self.page.wait_for_selector(".o_label_print_job_form")
        self.page.wait_for_url("**/label.print.job/*")
        return int(self.page.url.rstrip("/").split("/")[-1])

    def open_jobs(self) -> None:
        self.open("label_print_monitor.action_label_print_job")
        self.page.wait_for_selector(".o_list_view")

    def row(self, text: str) -> Locator:
        return self.page.locator(".o_data_row", has_text=text)

    def cell(self, row: Locator, field: str) -> Locator:
        return row.locator(f"td[name={field}]")

    def toast(self, text: str) -> Locator:
        found = self.page.locator(".o_notification", has_text=text)
        expect(found).to_be_visible(timeout=PATIENCE)
        return found

    def export(self) -> list[list[str]]:
        with self.page.expect_download() as download:
            self.page.click("button[name=action_export_history]")
        content = download.value.path().read_bytes().decode("utf-8-sig")
        return list(csv.reader(io.StringIO(content)))
