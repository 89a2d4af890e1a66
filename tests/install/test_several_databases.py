"""Two databases behind one Odoo with two workers, told apart by their host names (`dbfilter`).

Each one's scheduled actions print its jobs, and each one's events arrive where they belong and nowhere else.
"""

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timezone
from types import SimpleNamespace

import pytest
from services.contract.event_signature import sign

from scripts.databases import Database, fresh_database
from scripts.postgres import running_cluster
from scripts.processes import free_port
from scripts.product import Keys, connect_to_print_server
from tests.e2e.remote import Remote
from tests.install.installation import run_crons, running_odoo
from tests.support.print_server import start_print_server, start_virtual_zebra

NAMES = ("one", "two")
API_KEY = "one-key-for-both"
PRINTER = "Zebra-Line-1"


@dataclass
class Hosts:
    """Several databases of one running Odoo."""

    port: int
    databases: dict[str, Database]
    keys: dict[str, Keys]

    def host(self, name: str) -> str:
        return f"{self.databases[name].name}.example.com"

    def post_events(self, to: str, events: list[dict], secret: str) -> int:
        """Post signed events to the host of one database, as its print server does; the status code."""
        body = json.dumps({"events": events}).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {
            "Host": f"{self.host(to)}:{self.port}",
            "Content-Type": "application/json",
            **sign(secret, "msg_1", int(time.time()), body),
        }
        connection.request("POST", "/label_print_monitor/events", body, headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status

    def remote(self, name: str) -> Remote:
        """The administrator's session in one of the databases."""
        return Remote(SimpleNamespace(url=f"http://127.0.0.1:{self.port}", database=self.databases[name]), "admin")

    def wait(self, name: str, query: str, *parameters: object) -> tuple:
        ends = time.monotonic() + 90
        while not (found := self.databases[name].execute(query, *parameters)):
            assert time.monotonic() < ends, f"{name}: nothing for {query}"
            time.sleep(0.3)
        return found[0]


@pytest.fixture(scope="module")
def hosts(tmp_path_factory) -> Iterator[Hosts]:
    folder, port = tmp_path_factory.mktemp("several"), free_port()
    with ExitStack() as stack:
        cluster = stack.enter_context(running_cluster())
        zebra = stack.enter_context(start_virtual_zebra(PRINTER, 50))
        # Without events: these come from the tests, addressed to the one host or the other.
        printing = stack.enter_context(
            start_print_server({PRINTER: zebra}, api_key=API_KEY, capabilities="batch_status,failed_labels,idempotency")
        )
        names = {name: stack.enter_context(fresh_database(cluster, "install")) for name in NAMES}
        keys = {name: Keys(API_KEY, f"secret-{name}") for name in NAMES}
        for name, database in names.items():
            connect_to_print_server(database, "http://127.0.0.1", printing.url, keys[name])
        listed = ",".join(database.name for database in names.values())
        options = {"db_name": listed, "dbfilter": "^%d$", "workers": 2}
        stack.enter_context(running_odoo(names["one"], folder, options, port))
        yield Hosts(port, names, keys)


@pytest.fixture(scope="module")
def printed(hosts: Hosts) -> dict[str, int]:
    """A job of each database, printed by that database's scheduled actions."""
    jobs = {}
    for name, database in hosts.databases.items():
        run_crons(database)  # the first run finds the printer
        hosts.wait(name, "SELECT id FROM printer_configuration WHERE cups_name = %s", PRINTER)
        jobs[name] = hosts.remote(name).print_labels(PRINTER, 1, lot=name)
    for name, job in jobs.items():
        hosts.wait(name, "SELECT id FROM label_print_job WHERE id = %s AND status = 'completed'", job)
    return jobs


def test_the_scheduled_actions_of_each_database_run(hosts, printed):
    assert set(printed) == set(NAMES)


def test_events_arrive_in_the_database_of_their_host(hosts, printed):
    for name, database in hosts.databases.items():
        event = {
            "id": f"event-{name}", "type": "printer", "name": PRINTER, "status": "attention",
            "state_reasons": ["media-empty-error"], "occurred_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        }  # fmt: skip
        assert hosts.post_events(name, [event], hosts.keys[name].webhook_secret) == 204
        # The time of the newest event, which no sweep writes: the status itself may be another one again.
        assert database.execute("SELECT id FROM printer_configuration WHERE reported_at IS NOT NULL")


def test_events_for_another_database_are_refused(hosts):
    event = {"id": "stray", "type": "printer", "name": "Stray-Printer", "status": "online"}
    assert hosts.post_events("two", [event], hosts.keys["one"].webhook_secret) == 401
    for database in hosts.databases.values():
        assert not database.execute("SELECT id FROM printer_configuration WHERE name = 'Stray-Printer'")
