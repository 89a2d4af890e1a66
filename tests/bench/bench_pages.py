"""From a label to the changed cell on each of six pages that are open at once: two job lists, board, wall, form, overview.

The whole product runs with its demo data, one virtual Zebra prints a job label by label, and the print server pushes. It stamps when each label
came out; an observer in each page records when it shows that number. All run on one machine, so by one clock. All pages are drawn by one
browser, as in the foreground.
"""

from __future__ import annotations

import re
import time
from statistics import median
from typing import Any

from scripts.product import running_product
from tests.bench.bench_sweep import figure
from tests.bench.browser_pages import ObservedPage, browser_pages, percentile
from tests.bench.load_figures import label_times
from tests.e2e.followed_jobs import discover_printers
from tests.e2e.remote import Remote

PAGES = ("list", "kanban", "wall", "form", "overview", "list")
CHANGES, RATE = 80, 1.25  # labels, and labels a second
QUANTITY = CHANGES + 173  # more than are printed, and a number that no other job of the demo data has
CEILING = 0.5  # seconds
PRINTER = "Zebra-Line-1"


def measure() -> list[dict[str, Any]]:
    """The figures `pages.*`."""
    # Without a limit at the print server, because this asks it too.
    with running_product(labels_per_second=RATE, print_server_options={"rate_limit": 0}) as product, browser_pages(product, product.url) as pages:
        discover_printers(product)
        product.printer(PRINTER).slow(RATE)
        remote = Remote(product)
        job = remote.print_labels(PRINTER, QUANTITY)
        remote.wait(job, "printing")
        for kind in PAGES:
            pages.open(kind, job)
        window = pages.pages[0].page
        window.wait_for_timeout(5000)  # what a page does when it is opened is not what is measured
        for page in pages.pages:
            page.observe()
        begun = time.time()
        window.wait_for_timeout(1000 * CHANGES / RATE)
        product.printer(PRINTER).pause()
        window.wait_for_timeout(5000)
        printed = remote.job(job, "current_label", "flask_job_id")
        runs = product.print_server.label_runs(printed["flask_job_id"])
        labels = {number: at for number, at in enumerate(label_times(runs), 1) if at >= begun}
        figures, calls = [], pages.calls(begun)
        for number, page in enumerate(pages.pages):
            name = page.kind if page.kind not in PAGES[:number] else f"{page.kind}_2"
            delays = _delays(page, labels, printed["current_label"])
            print(f"  {name}: {len(delays)} labels, {len(calls[number])} calls, slowest {max(delays):.2f} s", flush=True)
            figures += [
                figure(f"pages.{name}.p50_s", median(delays), "s"),
                figure(f"pages.{name}.p95_s", percentile(delays, 0.95), "s", ceiling=CEILING),
            ]
    return [figure("pages.labels", len(labels), "labels"), *figures]


def _delays(page: ObservedPage, labels: dict[int, float], printed: int) -> list[float]:
    """Seconds from each label to the moment at which the page showed it or a later one.

    :param printed: labels of the job when all pages had come to rest
    :raise RuntimeError: if the page never showed the last one
    """
    if page.kind == "overview":
        # Its tile counts what was printed today, also before.
        others = _tile(page) - printed
        shown = [(count - others, at) for _row, count, _quantity, at in page.shown()]
    else:
        shown = [(count, at) for _row, count, quantity, at in page.shown() if quantity == QUANTITY]
    if not shown or shown[-1][0] != printed or not labels or max(labels) != printed:
        raise RuntimeError(f"{page.kind}: shown at last {shown[-1:]} of {printed}, labels recorded {len(labels)}")
    return [max(next(moment for count, moment in shown if count >= label) - at, 0.0) for label, at in labels.items()]


def _tile(page: ObservedPage) -> int:
    text = page.page.inner_text("[data-tile=labels_today] .o_label_print_number")
    return int(re.sub(r"\D", "", text))
