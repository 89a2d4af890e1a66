"""Many browser pages, each with its own session and websocket: what each shows and which calls it makes.

Nothing in the client is replaced, except that the timer by which it reads once a minute can be stopped. Each page records
when it shows another number of printed labels; the browser's resource timing says which calls it made and when.
"""

from __future__ import annotations

import json
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from scripts.product import Product
from scripts.system_packages import need_browser

JOBS = "label_print_monitor.action_label_print_job"
# What a page of each kind opens, what must be there, and where it shows the number of printed labels.
KINDS = {
    "list": (JOBS, ".o_data_row", "td[name=progress_display]"),
    "printers": ("label_print_monitor.action_printer_status", ".o_kanban_record", ".o_kanban_record [name=current_progress_display]"),
    "kanban": (JOBS, ".o_data_row", ".o_kanban_record [name=progress_display]"),
    "overview": (
        "label_print_monitor.action_label_print_overview",
        ".o_label_print_tile",
        "[data-tile=labels_today] .o_label_print_number",
    ),
    "form": (JOBS, ".o_label_print_job_form", ".o_label_print_job_form [name=labels_done_display]"),
}
# Of every ten: six job lists, two printer pages, a kanban, an overview.
MIX = ("list", "printers", "list", "kanban", "list", "overview", "list", "printers", "list", "list")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    # Each page stands for one in the foreground of somebody's screen.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
]
# Records [milliseconds, number] whenever the page shows another number. `ends` is what the job's text ends with;
# without it the whole text is a number.
OBSERVE = """([selector, ends]) => {
    performance.setResourceTimingBufferSize(20000);
    window.shown = [];
    const record = () => {
        for (const element of document.querySelectorAll(selector)) {
            const text = element.textContent.trim();
            const number = ends
                ? (text.match(new RegExp("(\\\\d+) " + ends)) || [])[1]
                : text.replace(/\\D/g, "");
            if (number) {
                if (Number(number) !== (window.shown.at(-1) || [])[1]) {
                    window.shown.push([Date.now(), Number(number)]);
                }
                return;
            }
        }
    };
    new MutationObserver(record).observe(document.body, {subtree: true, childList: true, characterData: true});
    record();
}"""
# Remembers the timers that fire once a minute: with fifty pages there would always be one that reads.
NOTE_TIMERS = """
    const setInterval = window.setInterval;
    window.minuteTimers = [];
    window.setInterval = (callback, delay, ...rest) => {
        const id = setInterval(callback, delay, ...rest);
        if (delay === 60000) {
            window.minuteTimers.push(id);
        }
        return id;
    };
"""
CALLS = """() => performance.getEntriesByType("resource")
    .filter((entry) => entry.name.includes("/web/dataset/call_kw"))
    .map((entry) => [performance.timeOrigin + entry.startTime, entry.duration, entry.name.split("/call_kw/")[1]])"""


@dataclass(frozen=True)
class Call:
    """One call of a page to the server."""

    at: float  # seconds since 1970
    seconds: float
    what: str


class ObservedPage:
    """One page, in a browser context of its own."""

    def __init__(self, kind: str, context: BrowserContext) -> None:
        self.kind = kind
        self.page: Page = context.new_page()
        self.page.set_default_timeout(120_000)

    def open(self, url: str, job: int) -> None:
        action, ready, _place = KINDS[self.kind]
        self.page.goto(f"{url}/odoo/action-{action}" + (f"/{job}" if self.kind == "form" else ""))
        self.page.wait_for_selector(ready)
        if self.kind == "kanban":
            self.page.click(".o_switch_view.o_kanban")
            self.page.wait_for_selector(".o_kanban_group .o_kanban_record")

    def observe(self, ends: str) -> None:
        self.page.evaluate(OBSERVE, [KINDS[self.kind][2], "" if self.kind == "overview" else ends])

    def shown(self) -> list[tuple[float, int]]:
        """When the page began to show which number."""
        return [(at / 1000, number) for at, number in self.page.evaluate("window.shown")]

    def calls(self, since: float) -> list[Call]:
        calls = [Call(at / 1000, duration / 1000, what) for at, duration, what in self.page.evaluate(CALLS)]
        return [call for call in calls if call.at >= since]


class BrowserPages:
    """All open pages."""

    def __init__(self, browser: Browser, product: Product, url: str) -> None:
        self.browser, self.product, self.url = browser, product, url
        self.pages: list[ObservedPage] = []

    def open(self, kind: str, job: int = 0) -> None:
        """One more page, in a window and a session of its own; `job` is what a form shows."""
        context = self.browser.new_context(viewport={"width": 1360, "height": 850})
        context.add_init_script(NOTE_TIMERS)
        session = self._session(len(self.pages))
        context.add_cookies([{"name": "session_id", "value": session, "url": self.url}])
        page = ObservedPage(kind, context)
        page.open(self.url, job)
        self.pages.append(page)

    def stop_timers(self) -> None:
        for page in self.pages:
            page.page.evaluate("window.minuteTimers.forEach((id) => clearInterval(id))")

    def kinds(self) -> Counter:
        return Counter(page.kind for page in self.pages)

    def calls(self, since: float) -> list[list[Call]]:
        """The calls of each page since a moment."""
        return [page.calls(since) for page in self.pages]

    def wait_until_idle(self, seconds: float = 6.0, timeout: float = 120.0) -> None:
        """Until no page has called for longer than the longest pause that a page makes between two reads."""
        ends = time.monotonic() + timeout
        while True:
            since = time.time() - seconds
            if not any(self.calls(since)) and time.time() - since >= seconds:
                return
            if time.monotonic() > ends:
                raise RuntimeError(f"the pages still read after {timeout} s")
            time.sleep(1)

    def _session(self, number: int) -> str:
        """A new session id, by the call that logs a user in."""
        login = ("supervisor", "operator")[number % 2]
        params = {"db": self.product.database.name, "login": login, "password": login}
        request = urllib.request.Request(
            f"{self.url}/web/session/authenticate",
            json.dumps({"params": params}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            if not json.load(answer)["result"]["uid"]:
                raise RuntimeError(f"{login} cannot log in")
            cookies = [value.split(";")[0].split("=", 1) for value in answer.headers.get_all("Set-Cookie")]
        return dict(cookies)["session_id"]


@contextmanager
def browser_pages(product: Product, url: str) -> Iterator[BrowserPages]:
    """A browser without pages yet."""
    path = need_browser()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield BrowserPages(browser, product, url)
        finally:
            browser.close()


def percentile(values: list[Any], share: float) -> Any:
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))]
