"""The processes of the load benchmark beside the product: reverse proxy, hall, light clients; and the users who print."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scripts.product import Product
from tests.bench.browser_pages import log_in

ROOT = Path(__file__).resolve().parents[2]
LOTS = 500


class _Child:
    """A module of this package that runs until its standard input is closed."""

    def __init__(self, module: str, *arguments: object) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", f"tests.bench.{module}", *map(str, arguments)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    @property
    def pid(self) -> int:
        return self._child.pid

    def read_line(self) -> str:
        """Its next line; raises RuntimeError when it has ended."""
        line = self._child.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._child.args[2]} has ended with {self._child.wait(10)}")
        return line

    def write_line(self, content: Any) -> None:
        self._child.stdin.write(json.dumps(content) + "\n")
        self._child.stdin.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_exception: object) -> None:
        self._child.stdin.close()
        try:
            self._child.wait(10)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()


class HallServer(_Child):
    """The print server of many printers."""

    def __init__(self, events_url: str, secret: str, every: float) -> None:
        super().__init__("hall_server", events_url, secret, every)
        self.url = f"http://127.0.0.1:{int(self.read_line())}"

    def give(self, rows: Sequence[Sequence[Any]]) -> None:
        """Jobs that it is said to have: id, printer, quantity, labels printed."""
        self._call("/bench/jobs", [dict(zip(("id", "printer", "quantity", "printed"), row, strict=True)) for row in rows])

    def pause(self) -> None:
        self._call("/bench/pause", {})

    def labels(self) -> dict[str, list[Any]]:
        """By job: printer, quantity, labels printed, and when the last of them came out one after the other (seconds since 1970)."""
        return self._call("/bench/labels")

    def posts(self) -> list[tuple[float, float]]:
        """Begin (seconds since 1970) and seconds of each message to Odoo."""
        return self._call("/bench/posts")

    def _call(self, path: str, content: Any = None) -> Any:
        data = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)


class LightClients(_Child):
    """Many clients without a browser, in one process; all have subscribed when this returns."""

    def __init__(self, clients: list[dict[str, Any]]) -> None:
        super().__init__("light_clients")
        self.write_line(clients)
        self.read_line()

    def ask(self, what: str, **more: Any) -> Any:
        """`calls` (since=…), `stop_clocks`, or `told`; see `light_clients.answer`."""
        self.write_line({"ask": what, **more})
        return json.loads(self.read_line())


class Printing(threading.Thread):
    """Users who print whenever jobs have ended, so that as many as before are active.

    :param logins: of these users; each is told of the end of their jobs, and nobody is told of a hundred a minute
    """

    def __init__(self, product: Product, url: str, logins: Sequence[str], printers: list[int], active: int) -> None:
        super().__init__(daemon=True)
        self._execute, self._url, self._printers, self._active = product.database.execute, url, printers, active
        self._sessions = [log_in(url, product.database.name, login) for login in logins]
        self._stopping = threading.Event()
        self.made = 0
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            while not self._stopping.wait(0.5):
                ((active,),) = self._execute("SELECT count(*) FROM label_print_job WHERE status IN ('pending', 'sent', 'queued', 'printing')")
                # Not all at once, should many have ended together.
                for _number in range(min(self._active - active, 3)):
                    self._print()
        except Exception as error:  # noqa: BLE001 - raised again where it is measured
            self.error = error

    def stop(self) -> None:
        self._stopping.set()
        if self.is_alive():
            self.join()

    close = stop

    def _print(self) -> None:
        """One job of 1 to 23 labels, 12 on average."""
        number = self.made = self.made + 1
        lot = f"LOAD-{number % LOTS}"
        labels = [
            {"zpl_code": f"^XA^CI28^FO50,50^A0N,40,40^FDLN/SN: {lot}^FS^FO50,100^FD{number}/{box}^FS^XZ", "lot_number": lot, "box_number": box}
            for box in range(1, 2 + number * 7 % 23)
        ]
        values = {"printer_id": self._printers[number % len(self._printers)], "quantity": len(labels), "labels_data": labels}
        params = {"model": "label.print.job", "method": "create", "args": [values], "kwargs": {}}
        request = urllib.request.Request(
            f"{self._url}/web/dataset/call_kw/label.print.job/create",
            json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}).encode(),
            {"Content-Type": "application/json", "Cookie": f"session_id={self._sessions[number % len(self._sessions)]}"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            content = json.load(answer)
        if "error" in content:
            raise RuntimeError(content["error"]["data"]["message"])


def odoo_with_workers(product: Product, workers: int, gevent_port: int) -> None:
    """Start the product's Odoo anew as in production."""
    product.odoo.stop()
    product.odoo.command[1:3] = [str(ROOT / "tests" / "bench" / "odoo_command.py")]
    product.odoo.command += ["--workers", str(workers), "--gevent-port", str(gevent_port)]
    product.odoo.start()


@contextmanager
def reverse_proxy(http_port: int, gevent_port: int, most: int) -> Iterator[str]:
    """The address of a reverse proxy in front of both of Odoo's ports, with at most so many connections to the first."""
    with _Child("reverse_proxy", http_port, gevent_port, most) as proxy:
        yield f"http://127.0.0.1:{int(proxy.read_line())}"
