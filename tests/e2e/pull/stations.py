"""A factory behind a firewall: print server and printers in a network namespace from which only Odoo's port is reached."""

from __future__ import annotations

import json
import shlex
import tempfile
from pathlib import Path
from typing import Any

from scripts.processes import free_port
from tests.e2e.label_account.stations import Station, once  # noqa: F401 - the tests use it
from tests.e2e.remote import Remote, until
from tests.support.network_namespace import Line, Namespace, network_namespace
from tests.support.print_server import PrintServer, start_print_server, start_virtual_zebra

WIZARD = "label.print.connect.wizard"


def new_pull_server(admin: Remote, name: str) -> tuple[int, str]:
    """A print server that calls Odoo, made in the dialog: its id, and the code of the command that the dialog shows."""
    action = admin.call(WIZARD, "action_make_code", [admin.call(WIZARD, "create", {"name": name})])
    return action["context"]["default_server_id"], shown_code(admin, action)


def new_code(admin: Remote, server: int) -> str:
    """Another code for a print server, by the button on its form."""
    return shown_code(admin, admin.call("label.print.server", "action_connect", [server]))


def shown_code(admin: Remote, action: dict[str, Any]) -> str:
    """The code in the command that the dialog shows."""
    dialog = admin.call(WIZARD, "create", {}, context=action["context"])
    (shown,) = admin.call(WIZARD, "read", [dialog], ["command"], context=action["context"])
    words = shlex.split(shown["command"])
    assert words[1:2] == ["--odoo"], words
    return words[words.index("--code") + 1]


class PullStation(Station):
    """Starts a print server by the one-time code; Odoo never reaches it.

    :ivar line: between the factory and Odoo; it can be cut
    :ivar factory: the namespace
    """

    def _start(
        self, labels_per_second: float, push: bool, settings: dict[str, Any], cups: bool, options: dict[str, Any]
    ) -> None:
        start = self._stack.enter_context
        self.folder = Path(start(tempfile.TemporaryDirectory(prefix="pull-")))
        self.factory: Namespace = start(network_namespace())
        port = self.product.port
        self.line = start(Line(("127.0.0.1", port), listen_in=self.factory, port=port))
        self.zebras = [start(self._zebra(name, labels_per_second, start)) for name in self.printer_names]
        printers = [{"name": zebra.name, "uri": zebra.uri, **settings} for zebra in self.zebras]
        (self.folder / "printers.json").write_text(json.dumps(printers))
        self.server_id, code = new_pull_server(self.admin, self.name)
        self._stack.callback(self._archive)
        self.server = start(self.print_server("jobs", code, **options))
        until(lambda: len(self._printers()) == len(self.zebras), f"the printers of {self.name} did not appear", 30)
        self.printer_ids = {row["cups_name"]: row["id"] for row in self._printers()}

    def _zebra(self, name: str, labels_per_second: float, start: Any) -> Any:
        # The line for the test's commands to the printer is there before the printer, which is asked at its start.
        port = free_port()
        start(Line(("127.0.0.1", port), lead_to=self.factory, port=port))
        return start_virtual_zebra(name, labels_per_second, control_port=port, within=self.factory.command)

    def print_server(self, folder: str, code: str | None = None, **options: Any) -> PrintServer:
        """Start a print server in the factory, with its data in this folder."""
        given = {"code": code} if code else {}
        return start_print_server(
            api_key="", printers_file=self.folder / "printers.json", data_dir=self.folder / folder,
            odoo=f"http://127.0.0.1:{self.product.port}", no_listen=True, within=self.factory.command, **given, **options,
        )  # fmt: skip

    def reset(self) -> None:
        """Put printers, line and print server in order."""
        self.line.lose_no_more()
        self.line.restore()
        if not self.server.alive:
            self.server.restart()
        for zebra in self.zebras:
            zebra.resume()
        self.wait_until_there()

    def wait_until_there(self, seconds: float = 60) -> None:
        """Until Odoo has asked the print server and knows that its printers are in order."""

        def is_there() -> bool:
            self.admin.call("label.print.server", "action_test_connection", [self.server_id])
            return len(self._printers()) == len(self.zebras)

        until(is_there, f"{self.name} is not there: {''.join(self.server.output[-15:])}", seconds)
