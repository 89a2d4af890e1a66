"""Browser pages, each with its own session and websocket: what each shows and which calls it makes.

Nothing in the client is replaced, except that the timer by which it reads once a minute can be stopped. Each page records
when a row shows another number of printed labels; the browser's resource timing says which calls it made and when.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, Request, sync_playwright

from scripts.product import Product
from scripts.system_packages import need_browser

JOBS = "label_print_monitor.action_label_print_job"
# What a page of each kind opens, what must be there, and of each row: itself, what it is known by, its number of printed labels.
KINDS = {
    "list": (JOBS, ".o_data_row", (".o_data_row", "td[name=id]", "td[name=progress_display]")),
    "kanban": (JOBS, ".o_data_row", (".o_kanban_record", ".fs-5", "[name=progress_display]")),
    "printers": (
        "label_print_monitor.action_printer_status",
        ".o_kanban_record",
        (".o_kanban_record", ".fs-4", "[name=current_progress_display]"),
    ),
    "overview": (
        "label_print_monitor.action_label_print_overview",
        ".o_label_print_tile",
        ("[data-tile=labels_today]", "", ".o_label_print_number"),
    ),
    "wall": (
        "label_print_monitor.action_label_print_wall",
        ".o_label_print_wall_printer",
        (".o_label_print_wall_printer", "h3", ".o_label_print_wall_job strong"),
    ),
    "form": (JOBS, ".o_label_print_job_form", (".o_label_print_job_form", "", "[name=labels_done_display]")),
}
# Of every ten: six job lists, two printer pages, a kanban, an overview.
MIX = ("list", "printers", "list", "kanban", "list", "overview", "list", "printers", "list", "list")
LOGINS = ("supervisor", "operator")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    # Each page stands for one in the foreground of somebody's screen.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
]
# Records [milliseconds, row, text] whenever a row shows another number of printed labels.
OBSERVE = """([row, key, place]) => {
    performance.setResourceTimingBufferSize(50000);
    window.shown = [];
    const known = new Map();
    const record = () => {
        for (const element of document.querySelectorAll(row)) {
            const name = key ? element.querySelector(key)?.textContent.trim() : "";
            const text = (element.querySelector(place)?.textContent.match(/\\d+ of \\d+|^[\\d,]+$/) || [])[0];
            if (name !== undefined && text && known.get(name) !== text) {
                if (known.has(name)) {
                    window.shown.push([Date.now(), name, text]);
                }
                known.set(name, text);
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
        self._devtools: CDPSession | None = None
        self.requests: dict[str, list[Any]] = {}
        """The newest call of each method: its path and parameters."""
        self.page.on("request", self._note_request)

    def open(self, url: str, job: int) -> None:
        action, ready, _row = KINDS[self.kind]
        self.page.goto(f"{url}/odoo/action-{action}" + (f"/{job}" if self.kind == "form" else ""))
        self.page.wait_for_selector(ready)
        if self.kind == "kanban":
            self.page.click(".o_switch_view.o_kanban")
            self.page.wait_for_selector(".o_kanban_group .o_kanban_record")

    def observe(self) -> None:
        self.page.evaluate(OBSERVE, KINDS[self.kind][2])

    def shown(self) -> list[tuple[str, int, int, float]]:
        """Row, labels printed, quantity (0 where the page shows none), and since when the row showed that (seconds since 1970)."""
        shown = []
        for at, row, text in self.page.evaluate("window.shown || []"):
            printed, _of, quantity = text.replace(",", "").partition(" of ")
            shown.append((row, int(printed), int(quantity or 0), at / 1000))
        return shown

    def drawing_seconds(self) -> float:
        """Processor time of the page's main thread since it was first asked for."""
        if not self._devtools:
            self._devtools = self.page.context.new_cdp_session(self.page)
            self._devtools.send("Performance.enable")
        metrics = self._devtools.send("Performance.getMetrics")["metrics"]
        return next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")

    def close(self) -> None:
        self.page.context.close()

    def _note_request(self, request: Request) -> None:
        path = urlsplit(request.url).path
        if path.startswith("/web/dataset/call_kw/"):
            self.requests[path.rpartition("/")[2]] = [path, request.post_data_json["params"]]

    def calls(self, since: float) -> list[Call]:
        calls = [Call(at / 1000, duration / 1000, what) for at, duration, what in self.page.evaluate(CALLS)]
        return [call for call in calls if call.at >= since]


class BrowserPages:
    """All open pages."""

    def __init__(self, browser: Browser, product: Product, url: str) -> None:
        self.browser, self.product, self.url = browser, product, url
        self.pages: list[ObservedPage] = []

    def open(self, kind: str, job: int = 0) -> ObservedPage:
        """One more page, in a window and a session of its own; `job` is what a form shows."""
        context = self.browser.new_context(viewport={"width": 1360, "height": 850})
        context.add_init_script(NOTE_TIMERS)
        session = log_in(self.url, self.product.database.name, LOGINS[len(self.pages) % 2])
        context.add_cookies([{"name": "session_id", "value": session, "url": self.url}])
        page = ObservedPage(kind, context)
        page.open(self.url, job)
        self.pages.append(page)
        return page

    def stop_timers(self) -> None:
        for page in self.pages:
            page.page.evaluate("window.minuteTimers.forEach((id) => clearInterval(id))")

    def calls(self, since: float) -> list[list[Call]]:
        """The calls of each page since a moment."""
        return [page.calls(since) for page in self.pages]

    def names_of_calls(self, since: float) -> dict[str, list[tuple[float, str]]]:
        """By kind of page, how many seconds after a moment it called what."""
        calls = zip(self.pages, self.calls(since), strict=True)
        return {page.kind: [(round(call.at - since, 2), call.what) for call in some] for page, some in calls}


def log_in(url: str, database: str, login: str) -> str:
    """A new session's id, by the call that logs a user in."""
    params = {"db": database, "login": login, "password": login}
    request = urllib.request.Request(
        f"{url}/web/session/authenticate",
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
