"""From a change in the print server to the changed cell in Chromium, with push and with polling alone.

The whole product runs, a virtual Zebra prints a job label by label, and a browser shows the list. The print server
stamps each change (`updated_at`); an observer in the page records when the job's row shows it. Both run on one machine,
so by one clock.
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from typing import Any

from playwright.sync_api import sync_playwright

from scripts.product import running_product
from scripts.system_packages import need_browser
from tests.e2e.followed_jobs import discover_printers
from tests.e2e.remote import Remote
from tests.e2e.supervisor import Supervisor

CHANGES = {"push": 100, "poll": 40}
CEILING = {"push": 0.5, "poll": 3.0}
PRINTER = "Zebra-Line-1"
WITHOUT_PUSH = {"capabilities": "batch_status,failed_labels,idempotency,printer_reasons"}

# Records [milliseconds, text] whenever the row's progress changes.
OBSERVE = """lot => {
    window.shown = [];
    const record = () => {
        for (const row of document.querySelectorAll(".o_data_row")) {
            const cell = row.querySelector("td[name=progress_display]");
            const text = cell ? cell.innerText : "";
            if (text.endsWith(lot) && text !== (window.shown.at(-1) || [])[1]) {
                window.shown.push([Date.now(), text]);
            }
        }
    };
    new MutationObserver(record).observe(document.body, {subtree: true, childList: true, characterData: true});
    record();
}"""


def measure() -> list[dict[str, Any]]:
    """The figures `latency.*`."""
    return [figure for kind in ("push", "poll") for figure in _measure(kind)]


def _measure(kind: str) -> list[dict[str, Any]]:
    changes = CHANGES[kind]
    # No limit at the server, because we ask it all the time too; Odoo still keeps to its 100 requests a minute.
    options = {"rate_limit": 0, **({} if kind == "push" else WITHOUT_PUSH)}
    with running_product(labels_per_second=1.25, print_server_options=options) as product, sync_playwright() as playwright:
        path = need_browser()
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        window = Supervisor(browser, product)
        remote = Remote(product)
        zebra = product.printer(PRINTER)
        zebra.slow(1.25)
        discover_printers(product)
        quantity = changes + 37  # a number that no other row ends with
        job_id = remote.print_labels(PRINTER, quantity)
        job = remote.wait(job_id, "queued", "printing")
        window.open_jobs()
        time.sleep(3)  # the list's own start is not what is measured
        window.page.evaluate(OBSERVE, f"of {quantity}")
        happened = _watch(product.print_server, job["flask_job_id"], changes)
        time.sleep(4)
        shown = [(at / 1000, int(re.match(r"\d+", text)[0])) for at, text in window.page.evaluate("window.shown")]
        window.close()
        browser.close()
    delays = []
    for label, at in sorted(happened.items()):
        seen = next((moment for moment, printed in shown if printed >= label), None)
        if seen is None:
            raise RuntimeError(f"label {label} of {quantity} was never shown ({len(shown)} changes were)")
        delays.append(max(seen - at, 0.0))
    delays.sort()
    p50, p95 = (delays[min(len(delays) - 1, int(share * len(delays)))] for share in (0.5, 0.95))
    common = {"unit": "s", "yardstick": None, "ratio": None}
    return [
        {"name": f"latency.{kind}.p50_s", "value": round(p50, 3), **common},
        {"name": f"latency.{kind}.p95_s", "value": round(p95, 3), **common, "ceiling": CEILING[kind]},
        {"name": f"latency.{kind}.changes", "value": len(delays), **common, "unit": "changes"},
    ]


def _watch(print_server: Any, job_id: str, changes: int) -> dict[int, float]:
    """When the print server had how many labels, in seconds since the epoch, by its own clock."""
    happened: dict[int, float] = {}
    begun = time.time()
    ends = time.monotonic() + 20
    while len(happened) < changes and time.monotonic() < ends:
        status = print_server.status(job_id)
        label = status.get("current_label") or (status.get("progress") or {}).get("completed") or 0
        at = datetime.strptime(status["updated_at"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC).timestamp()
        if label and label not in happened and at > begun:
            happened[label] = at
            ends = time.monotonic() + 20
        time.sleep(0.05)
    if len(happened) < changes:
        raise RuntimeError(f"the print server showed {len(happened)} of {changes} changes, at last {status}")
    return happened
