"""Jobs on every printer of the running product, followed to their end, and the checks that Odoo, server and paper agree."""

import json
import re
import time
from collections import Counter

from scripts.product import PRINTER_NAMES, Product
from tests.e2e.remote import Remote, until

ENDED = ("completed", "completed_with_errors", "failed", "cancelled")
LABELS = 15


def discover_printers(product: Product) -> None:
    """Have Odoo ask for printers now, as the settings' button does; the first run of a cron may be a minute away."""
    admin = Remote(product, "admin")
    admin.call("label.print.server", "action_test_connection", admin.call("label.print.server", "search", []))
    names = sorted(printer.name for printer in product.printers)
    until(
        lambda: len(admin.call("printer.configuration", "search", [("cups_name", "in", names)])) == len(names),
        "the printers did not appear",
    )


class FollowedJobs:
    """Jobs on every printer, each label distinguished from all others by its text."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.remote = Remote(product)
        self.jobs: dict[int, str] = {}

    def start(self, jobs_on_each: int = 2) -> None:
        """Print, and wait until labels come out."""
        for _turn in range(jobs_on_each):
            for printer in PRINTER_NAMES:
                self.print_more(printer)
        self.wait_for_labels(6)

    def print_more(self, printer: str = PRINTER_NAMES[0]) -> int:
        lot = f"LOT{time.monotonic_ns()}"
        job = self.remote.print_labels(printer, LABELS, lot)
        self.jobs[job] = lot
        return job

    def labels(self) -> Counter:
        """How often each label is on paper."""
        found: Counter = Counter()
        for zebra in self.product.printers:
            found.update(re.findall(r"\^FD(LOT\d+ \d+)\^FS", "".join(zebra.labels())))
        return found

    def wait_for_labels(self, count: int, seconds: float = 60) -> None:
        ends = time.monotonic() + seconds
        while sum(self.labels().values()) < count:
            assert time.monotonic() < ends, f"{self.labels()} of {count} labels"
            time.sleep(0.1)

    def rows(self) -> list[tuple]:
        names = "id, status, flask_job_id, current_label, unverified_since"
        return self.product.database.execute(f"SELECT {names} FROM label_print_job WHERE id = ANY(%s)", list(self.jobs))

    def finish(self, seconds: float = 120) -> None:
        """Wait for the end of all jobs, then compare Odoo, print server, paper and toasts."""
        ends = time.monotonic() + seconds
        while open_jobs := [row for row in self.rows() if row[1] not in ENDED]:
            assert time.monotonic() < ends, f"still open: {open_jobs}\n{self.product.odoo.tail(15)}"
            time.sleep(0.3)
        labels, toasts = self.labels(), self.toasts()
        assert max(labels.values()) == 1, f"on paper twice: {[text for text, times in labels.items() if times > 1]}"
        for job, status, server_job, current, unverified in self.rows():
            at_server = self.product.print_server.status(server_job)
            with_errors = at_server["status"] == "completed" and at_server["progress"]["failed"]
            assert status == ("completed_with_errors" if with_errors else at_server["status"]), (job, at_server)
            assert unverified is None
            printed = sum(text.split()[0] == self.jobs[job] for text in labels)
            if status == "completed":
                assert (current, printed) == (LABELS, LABELS)
            assert set(toasts[job].values()) == {1}, f"job {job}: {toasts[job]}"

    def toasts(self) -> dict[int, Counter]:
        """For each job, how many toasts each person was sent."""
        found: dict[int, Counter] = {job: Counter() for job in self.jobs}
        rows = self.product.database.execute(
            "SELECT channel, message FROM bus_bus WHERE message LIKE '%label_print_notification%'"
        )
        for channel, message in rows:
            for job in json.loads(message)["payload"].get("job_ids", []):  # none in one that takes toasts back
                if job in found:
                    found[job][channel] += 1
        return found
