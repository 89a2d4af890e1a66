"""Odoo by its external API (XML-RPC), for tests that need no browser."""

import time
import xmlrpc.client
from collections.abc import Callable
from typing import Any

from scripts.product import Product
from tests.support.print_server import VirtualZebra


class Remote:
    """One user's session; calls run with that user's rights."""

    def __init__(self, product: Product, login: str = "supervisor") -> None:
        self.database = product.database.name
        self.password = login
        self.uid = xmlrpc.client.ServerProxy(f"{product.url}/xmlrpc/2/common").authenticate(
            self.database, login, login, {}
        )
        assert self.uid, f"{login} cannot log in"
        self._models = xmlrpc.client.ServerProxy(f"{product.url}/xmlrpc/2/object", allow_none=True)

    def call(self, model: str, method: str, *arguments: Any, **keywords: Any) -> Any:
        return self._models.execute_kw(self.database, self.uid, self.password, model, method, list(arguments), keywords)

    def print_labels(self, printer: str, quantity: int, lot: str = "LOT") -> int:
        """Make a job whose labels differ by their text; its id."""
        (printer_id,) = self.call("printer.configuration", "search", [("cups_name", "=", printer)])
        labels = [
            {"zpl_code": f"^XA^FO50,50^FD{lot} {number}^FS^XZ", "box_number": number, "lot_number": lot}
            for number in range(1, quantity + 1)
        ]
        return self.call(
            "label.print.job", "create", {"printer_id": printer_id, "quantity": quantity, "labels_data": labels}
        )

    def job(self, job_id: int, *names: str) -> dict[str, Any]:
        return self.call(
            "label.print.job", "read", [job_id], list(names) or ["status", "current_label", "attempt_number"]
        )[0]

    def wait(self, job_id: int, *statuses: str, seconds: float = 90) -> dict[str, Any]:
        """Until the job has one of these statuses; the job."""
        ends = time.monotonic() + seconds
        while True:
            job = self.job(job_id, "status", "current_label", "attempt_number", "error_code", "flask_job_id")
            if job["status"] in statuses:
                return job
            assert time.monotonic() < ends, f"job {job_id} is still {job}"
            time.sleep(0.2)


def until(condition: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Wait until the condition holds.

    :raise AssertionError: with `what`, when it does not in time
    """
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, what
        time.sleep(0.2)


def wait_longer_for_keys(admin: Remote) -> None:
    """Have pages take a scanner's keys for one code also where the browser hears them late.

    Odoo's own 150 ms pass when a browser gets no processor; each code ends with Enter, so that nothing waits longer.
    """
    admin.call("ir.config_parameter", "set_param", "barcode.max_time_between_keys_in_ms", "2000")


def fresh_printer(remote: Remote, printer: VirtualZebra) -> None:
    """The printer in order and with nothing printed: what an earlier test left to print has come out and is forgotten."""
    printer.resume()
    open_jobs = [("status", "in", ["pending", "queued", "printing"])]
    until(lambda: not remote.call("label.print.job", "search_count", open_jobs), "jobs of an earlier test are still open")
    printer.forget()
