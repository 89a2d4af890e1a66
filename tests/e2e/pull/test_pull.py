"""What a job does whose print server Odoo cannot reach: the same as any other."""

import subprocess
import time

import pytest

from tests.e2e.pull.stations import PullStation, once
from tests.e2e.remote import until

CONNECT = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=3)"


def reaches(factory: PullStation, host: str, port: int) -> bool:
    command = [*factory.factory.command, "python3", "-c", CONNECT, host, str(port)]
    return subprocess.run(command, capture_output=True, timeout=20).returncode == 0


def test_nothing_but_odoo_can_be_reached(factory: PullStation):
    assert reaches(factory, "127.0.0.1", factory.product.port)
    assert not reaches(factory, "127.0.0.1", factory.product.print_server.port)
    assert not reaches(factory, "192.0.2.1", 443)
    listening = subprocess.run([*factory.factory.command, "cat", "/proc/net/tcp"], capture_output=True, text=True).stdout
    ports = {int(row.split()[1].split(":")[1], 16) for row in listening.splitlines()[1:] if row.split()[3] == "0A"}
    zebra = factory.zebra
    # Odoo's port is the way out; the printer is the only one to listen, and the print server does not.
    assert ports == {factory.product.port, zebra.port, zebra.control_port}


def test_print_and_progress(factory: PullStation):
    factory.zebra.slow(4)
    begun = time.monotonic()
    job = factory.print_labels(12)
    factory.wait_for_paper(job, 1, 10)
    assert time.monotonic() - begun < 3
    seen = set()
    until(lambda: seen.add(factory.read(job)["current_label"]) or factory.read(job)["status"] == "completed", "no end")
    assert len(seen) >= 4, seen
    row = factory.read(job)
    assert (row["current_label"], row["evidence"], row["confirmed_count"]) == (12, "confirmed", 12), row
    assert factory.on_paper(job) == once(range(1, 13))
    assert len(factory.toasts(job)) >= 1


def test_the_form_shows_how_it_is_reached(factory: PullStation):
    names = ["connection_mode", "pull_asked_at", "pull_host", "status"]
    fields = factory.admin.call("label.print.server", "fields_get", names, ["type"])
    (server,) = factory.admin.call("label.print.server", "read", [factory.server_id], list(fields))
    assert server["connection_mode"] == "server_calls"
    assert server["pull_asked_at"]


def test_out_of_labels_then_retry(factory: PullStation):
    factory.zebra.paper_out(after=8)
    job = factory.print_labels(20)
    row = factory.wait(job, "failed")
    assert (row["current_label"], row["error_code"]) == (8, "paper_out")
    assert factory.on_paper(job) == once(range(1, 9))
    factory.zebra.resume()
    factory.remote.call("label.print.job", "action_retry", [job.id])
    row = factory.wait(job, "completed")
    assert (row["current_label"], row["attempt_number"]) == (20, 2)
    assert factory.on_paper(job) == once(range(1, 21))


def test_cancel(factory: PullStation):
    factory.zebra.slow(4)
    job = factory.print_labels(40)
    factory.wait_for_paper(job, 3)
    begun = time.monotonic()
    factory.remote.call("label.print.job", "action_cancel", [job.id])
    row = factory.wait(job, "cancelled", seconds=20)
    assert time.monotonic() - begun < 15
    assert row["current_label"] == factory.on_paper(job).total() < 40
    assert factory.on_paper(job) == once(range(1, row["current_label"] + 1))


def test_a_test_label(factory: PullStation):
    before = factory.zebra.total()
    action = factory.remote.call("printer.configuration", "action_test_print", [factory.printer_ids[factory.name]])
    assert factory.remote.wait(action["res_id"], "completed", "failed")["status"] == "completed"
    assert factory.zebra.total() == before + 1


@pytest.mark.parametrize("deliver", [False, True])
def test_an_acknowledgement_that_is_lost_prints_once(factory: PullStation, deliver: bool):
    """Lost on its way to Odoo, or Odoo's word that it has it: the call is handed over, or its answer brought, again."""
    factory.line.lose(b'"answers":[{"call"', deliver)
    job = factory.print_labels(5)
    row = factory.wait(job, "completed")
    assert factory.line.lost
    assert row["current_label"] == 5
    assert factory.on_paper(job) == once(range(1, 6))


def test_all_acknowledgements_are_lost_until_the_caller_gives_up(factory: PullStation):
    """Today's time-out: the job may have arrived, is looked up by its key, and prints once."""
    factory.line.lose(b'"answers":[{"call"', False, times=1000)
    job = factory.print_labels(5)
    factory.wait_for(job, submission="maybe")
    factory.wait_for_paper(job, 5)
    factory.line.lose_no_more()
    factory.hurry(job)
    row = factory.wait(job, "completed")
    assert row["current_label"] == 5
    assert factory.on_paper(job) == once(range(1, 6))
