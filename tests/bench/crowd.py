"""Many people who watch: real browser pages, each with its own session and websocket, and what each of them shows.

Nothing in the client is replaced but that the clock by which it reads once a minute can be stopped. Each page notes in itself when it shows another number of printed labels, and the
browser's own resource timing tells which calls it made and when.
"""

from __future__ import annotations

import json
import shutil
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from scripts.product import Product

JOBS = "label_print_monitor.action_label_print_job"
# What a page of each kind opens, what must be there, and where it shows the number of printed labels.
KINDS = {
    "list": (JOBS, ".o_data_row", "td[name=progress_display]"),
    "wall": ("label_print_monitor.action_printer_status", ".o_kanban_record", ".o_kanban_record [name=current_progress_display]"),
    "board": (JOBS, ".o_data_row", ".o_kanban_record [name=progress_display]"),
    "overview": (
        "label_print_monitor.action_label_print_overview",
        ".o_label_print_tile",
        "[data-tile=labels_today] .o_label_print_number",
    ),
    "form": (JOBS, ".o_label_print_job_form", ".o_label_print_job_form [name=labels_done_display]"),
}
# Of every ten: six lists, two walls, a board, an overview.
MIX = ("list", "wall", "list", "board", "list", "overview", "list", "wall", "list", "list")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    # A page of this crowd is in the foreground of somebody's screen.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
]
# Notes [milliseconds, number] whenever the page reads otherwise than before. `ends` is what the job's text ends with;
# without it the whole text is a number.
OBSERVE = """([selector, ends]) => {
    performance.setResourceTimingBufferSize(20000);
    window.shown = [];
    const look = () => {
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
    new MutationObserver(look).observe(document.body, {subtree: true, childList: true, characterData: true});
    look();
}"""
# Remembers the clocks that strike once a minute: fifty of them would never let the pages come to rest.
NOTE_CLOCKS = """
    const setInterval = window.setInterval;
    window.minuteClocks = [];
    window.setInterval = (callback, delay, ...rest) => {
        const id = setInterval(callback, delay, ...rest);
        if (delay === 60000) {
            window.minuteClocks.push(id);
        }
        return id;
    };
"""
CALLS = """() => performance.getEntriesByType("resource")
    .filter((entry) => entry.name.includes("/web/dataset/call_kw"))
    .map((entry) => [performance.timeOrigin + entry.startTime, entry.duration, entry.name.split("/call_kw/")[1]])"""


@dataclass(frozen=True)
class Call:
    """One call of a page's to the server."""

    at: float  # seconds since 1970
    seconds: float
    what: str


class Watcher:
    """One person's page."""

    def __init__(self, kind: str, context: BrowserContext) -> None:
        self.kind = kind
        self.page: Page = context.new_page()
        self.page.set_default_timeout(120_000)

    def open(self, url: str, job: int) -> None:
        action, ready, _place = KINDS[self.kind]
        self.page.goto(f"{url}/odoo/action-{action}" + (f"/{job}" if self.kind == "form" else ""))
        self.page.wait_for_selector(ready)
        if self.kind == "board":
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


class Crowd:
    """All of them."""

    def __init__(self, browser: Browser, product: Product, url: str) -> None:
        self.browser, self.product, self.url = browser, product, url
        self.watchers: list[Watcher] = []

    def open(self, kind: str, job: int = 0) -> None:
        """One more page, in a window and a session of its own; `job` is what a form shows."""
        context = self.browser.new_context(viewport={"width": 1360, "height": 850})
        context.add_init_script(NOTE_CLOCKS)
        session = self._session(len(self.watchers))
        context.add_cookies([{"name": "session_id", "value": session, "url": self.url}])
        watcher = Watcher(kind, context)
        watcher.open(self.url, job)
        self.watchers.append(watcher)

    def stop_clocks(self) -> None:
        for watcher in self.watchers:
            watcher.page.evaluate("window.minuteClocks.forEach((id) => clearInterval(id))")

    def kinds(self) -> Counter:
        return Counter(watcher.kind for watcher in self.watchers)

    def calls(self, since: float) -> list[list[Call]]:
        """The calls of each page since a moment."""
        return [watcher.calls(since) for watcher in self.watchers]

    def wait_until_quiet(self, seconds: float = 6.0, patience: float = 120.0) -> None:
        """Until no page has called for longer than the longest pause that a page makes between two reads."""
        ends = time.monotonic() + patience
        while True:
            since = time.time() - seconds
            if not any(self.calls(since)) and time.time() - since >= seconds:
                return
            if time.monotonic() > ends:
                raise RuntimeError(f"the pages have not come to rest within {patience} s")
            time.sleep(1)

    def _session(self, number: int) -> str:
        """A session of its own, by the call that the login page's form ends in."""
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
def crowd(product: Product, url: str) -> Iterator[Crowd]:
    """A browser that nobody has opened a page in yet."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield Crowd(browser, product, url)
        finally:
            browser.close()


def percentile(values: list[Any], share: float) -> Any:
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))]
