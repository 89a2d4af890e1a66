"""Printers with a print server of their own in one running product, and jobs whose labels are counted on paper.

Starting Odoo takes by far the longest, so all tests of this folder share one, and each generation of print servers is a
further print server of that Odoo.
"""

import json
import re
import secrets
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.product import Product
from tests.e2e.remote import Remote, until
from tests.support.cups_spooler import CupsSpooler, start_cups_spooler
from tests.support.faulty_proxy import FaultyProxy
from tests.support.print_server import start_print_server, start_virtual_zebra

ENDED = ("completed", "completed_with_errors", "failed", "cancelled")
FIELDS = (
    "status", "current_label", "attempt_number", "error_code", "flask_job_id", "submission", "confirmed", "evidence",
    "confirmed_count", "failed_count", "uncertain_count", "is_cancelling", "attention_code", "cancelled_by",
    "is_unverified", "unverified_reason", "waiting_for", "needs_attention",
)  # fmt: skip


@dataclass(frozen=True)
class Job:
    """A job of Odoo and the text that marks its labels: "<mark> <number>"."""

    id: int
    mark: str
    quantity: int


class Station:
    """One print server with its virtual printers, behind a proxy that can lose answers, and Odoo's view of it.

    :ivar remote: the supervisor's session
    :ivar admin: the administrator's
    :ivar printer_ids: its printers in Odoo by their names
    """

    def __init__(
        self, product: Product, name: str, *, printers: int = 1, labels_per_second: float = 25, push: bool = True,
        settings: dict[str, Any] | None = None, cups: bool = False, **options: Any,
    ) -> None:  # fmt: skip
        """Start them.

        :param settings: of each printer, for printers.json
        :param cups: between the print server and each printer is a queue of a spooler of their own, `spooler`
        """
        self.product, self.name = product, name
        self.remote, self.admin = Remote(product), Remote(product, "admin")
        self._stack = ExitStack()
        self.spooler: CupsSpooler | None = None
        self.printer_names = [name, *(f"{name}-{number}" for number in range(2, printers + 1))]
        try:
            self._start(labels_per_second, push, settings or {}, cups, options)
        except BaseException:
            self.stop()
            raise

    def _start(
        self, labels_per_second: float, push: bool, settings: dict[str, Any], cups: bool, options: dict[str, Any]
    ) -> None:
        start = self._stack.enter_context
        folder = Path(start(tempfile.TemporaryDirectory(prefix="label-account-")))
        self.zebras = [start(start_virtual_zebra(name, labels_per_second)) for name in self.printer_names]
        addresses = {zebra.name: zebra.uri for zebra in self.zebras}
        if cups:
            # Its queues are on its disk after a second, not after half a minute: it may be killed.
            self.spooler = start(start_cups_spooler("DirtyCleanInterval 1\nPreserveJobFiles No"))
            for zebra in self.zebras:
                self.spooler.add_queue(zebra.name, zebra)
                addresses[zebra.name] = self.spooler.uri(zebra.name)
        printers_file = folder / "printers.json"
        printers_file.write_text(
            json.dumps([{"name": name, "uri": uri, **settings} for name, uri in addresses.items()])
        )
        key, secret = f"key-of-{self.name}", secrets.token_urlsafe(16)
        if push:
            options |= {"webhook_url": f"{self.product.url}/label_print_monitor/events", "webhook_secret": secret}
        self.server = start(
            start_print_server(api_key=key, printers_file=printers_file, data_dir=folder / "jobs", **options)
        )
        self.proxy = start(FaultyProxy(self.server.url))
        values = {"name": self.name, "api_url": self.proxy.url, "api_key": key, "rate_limit": 0}
        self.server_id = self.admin.call("label.print.server", "create", values | {"webhook_secret": secret})
        self._stack.callback(self._archive)
        self.admin.call("label.print.server", "action_test_connection", [self.server_id])
        until(lambda: len(self._printers()) == len(self.zebras), f"the printers of {self.name} did not appear")
        self.printer_ids = {row["cups_name"]: row["id"] for row in self._printers()}

    def _printers(self) -> list[dict[str, Any]]:
        online = [("server_id", "=", self.server_id), ("status", "=", "online")]
        return self.admin.call("printer.configuration", "search_read", online, ["cups_name"])

    def _archive(self) -> None:
        self.admin.call("label.print.server", "write", [self.server_id], {"active": False})

    def stop(self) -> None:
        """Stop its processes; Odoo forgets the print server."""
        self._stack.close()

    @property
    def zebra(self):
        """Its first virtual printer."""
        return self.zebras[0]

    def reset(self) -> None:
        """Put the printers in order and forward everything."""
        self.proxy.clear_faults()
        for zebra in self.zebras:
            zebra.resume()
            if self.spooler:
                self.spooler.accept(zebra.name)
                self.spooler.resume(zebra.name)

    # --- jobs ---

    def print_labels(self, quantity: int, printer: str = "", mark: str = "") -> Job:
        """Have Odoo print a job, each label of which can be recognised on paper."""
        mark = mark or new_mark()
        labels = [
            {"zpl_code": f"^XA^FO50,50^FD{mark} {number}^FS^XZ", "box_number": number, "lot_number": mark}
            for number in range(1, quantity + 1)
        ]
        values = {
            "printer_id": self.printer_ids[printer or self.name], "quantity": quantity, "labels_data": labels
        }  # fmt: skip
        return Job(self.remote.call("label.print.job", "create", values), mark, quantity)

    def on_paper(self, job: Job) -> Counter[int]:
        """How often each label of the job is on paper, whichever printer printed it."""
        labels = "".join(label for zebra in self.zebras for label in zebra.labels())
        return Counter(int(number) for number in re.findall(rf"\^FD{job.mark} (\d+)\^FS", labels))

    def wait_for_paper(self, job: Job, count: int, seconds: float = 60) -> None:
        """Until so many labels of the job are on paper."""
        until(lambda: self.on_paper(job).total() >= count, f"{count} labels are not on paper", seconds)

    def read(self, job: Job, *names: str) -> dict[str, Any]:
        """The job as Odoo shows it."""
        return self.remote.job(job.id, *(names or FIELDS))

    def wait(self, job: Job, *statuses: str, seconds: float = 60) -> dict[str, Any]:
        """Until the job has one of these statuses, or has ended; the job."""
        ends = time.monotonic() + seconds
        while (row := self.read(job))["status"] not in (statuses or ENDED):
            assert time.monotonic() < ends, f"{row}\n{self.product.odoo.tail(15)}"
            time.sleep(0.15)
        return row

    def wait_for(self, job: Job, seconds: float = 60, **values: Any) -> dict[str, Any]:
        """Until the job's fields have these values; the job."""
        ends = time.monotonic() + seconds
        while any((row := self.read(job, *FIELDS))[name] != value for name, value in values.items()):
            assert time.monotonic() < ends, f"{row}, expected {values}\n{self.product.odoo.tail(15)}"
            time.sleep(0.15)
        return row

    def at_server(self, row: dict[str, Any]) -> dict[str, Any]:
        """What the print server itself says of the newest attempt, asked past the proxy."""
        return self.server.status(row["flask_job_id"])

    def hurry(self, *jobs: Job) -> None:
        """Have the scheduler run both scheduled actions now instead of within a minute, with these jobs due."""
        self.product.database.execute(
            "UPDATE label_print_job SET next_poll_at = now() AT TIME ZONE 'UTC' WHERE id = ANY(%s) AND next_poll_at > "
            "now() AT TIME ZONE 'UTC' AND submission IN ('not_sent', 'maybe')",
            [job.id for job in jobs],
        )
        self.product.database.execute(
            "UPDATE label_print_server SET next_probe_at = NULL WHERE id = %s", self.server_id
        )
        self.product.database.execute(
            "INSERT INTO ir_cron_trigger (cron_id, call_at) SELECT res_id, now() AT TIME ZONE 'UTC' "
            "FROM ir_model_data WHERE module = 'label_print_monitor' AND model = 'ir.cron'"
        )
        self.product.database.cluster.execute(f"NOTIFY cron_trigger, '{self.product.database.name}'")

    # --- people ---

    def open_dialog(self, job: Job, method: str = "action_retry", remote: Remote | None = None) -> dict[str, Any]:
        """Press a button that opens the dialog about missing labels; what the dialog shows."""
        remote = remote or self.remote
        action = remote.call("label.print.job", method, [job.id])
        assert action["res_model"] == "label.print.retry.wizard", action
        wizard = remote.call("label.print.retry.wizard", "create", {}, context=action["context"])
        names = ["label_grid", "uncertain_count", "is_counted_only", "labels_text", "purpose", "opened_attempt"]
        return remote.call("label.print.retry.wizard", "read", [wizard], names)[0]

    def confirm(self, dialog: dict[str, Any], remote: Remote | None = None, **answers: Any) -> None:
        """Answer the dialog's questions and confirm it."""
        remote = remote or self.remote
        if answers:
            remote.call("label.print.retry.wizard", "write", [dialog["id"]], answers)
        remote.call("label.print.retry.wizard", "action_confirm", [dialog["id"]])

    def wait_for_account(self, job: Job) -> None:
        """Until the account of an attempt that has ended is there; its outcome does not wait for it."""
        until(lambda: not self.attempts(job, "account_due")[-1]["account_due"], "the account does not come")

    def states(self, job: Job) -> list[str]:
        """The state of each label of the job in Odoo's account."""
        (grid,) = self.remote.call("label.print.job", "read", [job.id], ["label_grid"])
        return [state for count, state, _code in grid["label_grid"]["runs"] for _label in range(count)]

    def attempts(self, job: Job, *names: str) -> list[dict[str, Any]]:
        """The rows of the job's attempts, oldest first."""
        return self.remote.call(
            "label.print.attempt", "search_read", [("job_id", "=", job.id)], list(names), order="number"
        )

    def toasts(self, job: Job) -> list[tuple[int, str, str]]:
        """Each toast about the job: the partner to whom it was sent, title, message."""
        rows = self.product.database.execute(
            "SELECT channel, message FROM bus_bus WHERE message LIKE '%label_print_notification%' ORDER BY id"
        )
        found = []
        for channel, message in rows:
            payload = json.loads(message)["payload"]
            if job.id in payload.get("job_ids", ()):
                found.append((json.loads(channel)[2], payload["title"], payload["message"]))
        return found


def new_mark() -> str:
    """A text that no other job's labels have."""
    return f"LOT{time.monotonic_ns()}"


def once(numbers: Iterable[int]) -> Counter[int]:
    """Each of these labels on paper once, and no other."""
    return Counter(dict.fromkeys(numbers, 1))
