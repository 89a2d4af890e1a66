"""One logged-in browser window, on any kind of screen: for the end-to-end tests, the screenshots and the checks."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

from scripts.system_packages import need_browser

TIMEOUT = 30_000  # milliseconds; a busy machine with two cores
DESKTOP = {"viewport": {"width": 1440, "height": 900}}
TABLET = {"viewport": {"width": 768, "height": 1024}, "has_touch": True}
LINE_TABLET = {"viewport": {"width": 1280, "height": 800}, "has_touch": True}
SMALL_TABLET = {"viewport": {"width": 1024, "height": 600}, "has_touch": True}
HALL = {"viewport": {"width": 1920, "height": 1080}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}

OVERVIEW = "label_print_monitor.action_label_print_overview"
JOBS = "label_print_monitor.action_label_print_job"
PRINT_SERVERS = "label_print_monitor.action_label_print_server"
PRINTERS = "label_print_monitor.action_printer_status"
HISTORY = "label_print_monitor.action_label_print_history"
FAILED_LABELS = "label_print_monitor.action_label_print_failed_label"
INCIDENTS = "label_print_monitor.action_label_print_incident"
AVAILABILITY = "label_print_monitor.action_label_print_printer_report"
PRINTER_STATES = "label_print_monitor.action_label_print_printer_interval"
LABELS_AND_FAILURES = "label_print_monitor.action_label_print_attempt_report"
SHIFTS = "label_print_monitor.action_label_print_shift"
SHIFT_REPORT = "label_print_monitor.action_label_print_shift_wizard"
ESCALATION = "label_print_monitor.action_label_print_escalation_step"
ATTEMPTS = "label_print_monitor.action_label_print_attempt"
REPRINTS = "label_print_monitor.action_label_print_reprint"
CANCELLED = "label_print_monitor.action_label_print_cancelled"
ORDERS_MISSING = "label_print_monitor.action_label_print_orders_missing"
OPERATOR = "label_print_monitor.action_label_print_operator"
SCAN_CHECK = "label_print_monitor.action_label_print_check"
WALL = "label_print_monitor.action_label_print_wall"

# What is on a page once it has loaded.
ROW_OR_CARD = ".o_data_row, .o_kanban_record:not(.o_kanban_ghost)"
TILE = ".o_label_print_tile"
CARD = ".o_label_print_printer_wall .o_kanban_record:not(.o_kanban_ghost)"
JOB_FORM = ".o_label_print_job_form .o_form_sheet"
OPERATOR_CARD = ".o_label_print_operator_card"
WALL_PRINTER = ".o_label_print_wall_printer"


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser that Odoo's own tests take too."""
    path = need_browser()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


class Window:
    """A browser context of its own, so a session of its own. Errors of its console are kept in `errors`."""

    def __init__(
        self,
        browser: Browser,
        url: str,
        login: str,
        password: str | None = None,
        *,
        device: dict | None = None,
        dark: bool = False,
        first: str = ".o_main_navbar",
    ) -> None:
        """
        :param dark: shows the dark styles; they need the palette of `tests.e2e.screen_data.add_palette`
        :param first: what is there once the person is logged in
        """
        self.url = url
        # A service worker would fetch the light styles: its requests do not go through the route below.
        workers = "block" if dark else "allow"
        self.context = browser.new_context(**(device or DESKTOP), accept_downloads=True, service_workers=workers)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(TIMEOUT)
        self.errors: list[str] = []
        self.page.on("console", lambda message: self._note(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self._note(str(error)))
        if dark:
            self.context.add_cookies([{"name": "color_scheme", "value": "dark", "url": url}])
            self.page.route(
                "**/web.assets_web.min.css",
                lambda route: route.continue_(url=f"{url}/web/assets/any/web.assets_web_dark.min.css"),
            )
        self.page.goto(f"{url}/web/login")
        self.page.fill("input[name=login]", login)
        self.page.fill("input[name=password]", password or login)
        self.page.click("button[type=submit]")
        self.page.wait_for_selector(first)

    def _note(self, error: str) -> None:
        if not error.startswith("Service worker registration failed"):  # it is blocked, see above
            self.errors.append(error)

    def close(self) -> None:
        self.context.close()

    def open(self, action: str, selector: str = ".o_action", record: int | None = None) -> None:
        """Open an action by its xml id, or one record of it, and wait for the selector."""
        self.page.goto(f"{self.url}/odoo/action-{action}" + (f"/{record}" if record else ""))
        self.page.wait_for_selector(selector)

    def switch_view(self, view_type: str, selector: str) -> None:
        """From one view of the open action to another, by the buttons or, on a phone, by the menu."""
        button = self.page.locator(f".o_switch_view.o_{view_type}")
        if not button.first.is_visible():
            self.page.locator(".o_cp_switch_buttons button.dropdown-toggle").click()
        button.first.click()
        self.page.wait_for_selector(selector)

    def press(self, name: str, selector: str = ".modal .o_form_sheet") -> None:
        """Press a form's button; a phone shows one and has the others in a menu that may reach below the window."""
        button = self.page.locator(f"button[name={name}]:visible").first
        if not button.is_visible():
            self.page.locator(".o_form_statusbar .dropdown-toggle:visible").first.click()
        button.evaluate("element => element.click()")
        self.page.wait_for_selector(selector)

    def open_operator_page(self, printer: str, selector: str = OPERATOR_CARD) -> None:
        """The page of the tablet that stands at this printer (its name), which is chosen when it was not yet."""
        self.open(OPERATOR, f"{OPERATOR_CARD}, .o_label_print_operator_choice")
        if printer not in self.page.locator("h1").inner_text():
            if not self.page.locator(".o_label_print_operator_choice").count():
                self.page.locator(".o_label_print_operator_head button", has=self.page.locator(".fa-exchange")).click()
            self.page.locator(".o_label_print_operator_choice", has_text=printer).click()
        self.page.wait_for_selector(selector)

    def close_toasts(self) -> None:
        """A new window shows the toasts of the last minute again, over the buttons."""
        self.page.evaluate("document.querySelectorAll('.o_notification_close').forEach((button) => button.click())")
        self.page.wait_for_timeout(300)
