"""Escalation with real processes: a printer without labels, nobody is on it, and the next person is told, once."""

import json
import socket
import time
import xmlrpc.client
from collections.abc import Iterator
from typing import Any

import pytest

from scripts.product import Product, running_product
from tests.e2e.followed_jobs import discover_printers
from tests.e2e.remote import Remote, until
from tests.support.push_endpoint import PushEndpoint

PRINTER, OTHER = "Zebra-Line-1", "Zebra-Line-2"
A_MINUTE_AND_MORE = 150  # seconds: the step is due after one minute, and a busy machine is slow


@pytest.fixture(scope="module")
def silent_mail_server() -> Iterator[int]:
    """It takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture(scope="module")
def push_service() -> Iterator[PushEndpoint]:
    endpoint = PushEndpoint()
    yield endpoint
    endpoint.stop()


@pytest.fixture(scope="module")
def product(silent_mail_server: int, push_service: PushEndpoint) -> Iterator[Product]:
    with running_product(labels_per_second=20, print_server_options={"poll_interval": 0.3, "rate_limit": 1000}) as running:
        discover_printers(running)
        admin, second = Remote(running, "admin"), Remote(running, "supervisor")
        company = admin.call("res.users", "read", [second.uid], ["company_id"])[0]["company_id"][:1]
        # Each minute counts, whatever time it is.
        admin.call("res.company", "write", company, {"resource_calendar_id": False})
        admin.call("ir.mail_server", "create", {"name": "Silent", "smtp_host": "127.0.0.1", "smtp_port": silent_mail_server})
        key = second.call("mail.push.device", "get_web_push_vapid_public_key")
        device = {"endpoint": push_service.url, "keys": push_service.keys, "vapid_public_key": key}
        call_without_answer(second, "mail.push.device", "register_devices", **device)
        step = {"minutes": 1, "user_ids": [person(admin, "supervisor")], "company_id": company[0]}
        admin.call("label.print.escalation.step", "create", step)
        yield running


def call_without_answer(remote: Remote, *arguments: Any, **keywords: Any) -> None:
    """Call a method that returns nothing: it is done and committed, but XML-RPC has no word for nothing."""
    try:
        remote.call(*arguments, **keywords)
    except xmlrpc.client.Fault as fault:
        if "cannot marshal None" not in fault.faultString:
            raise


def person(remote: Remote, login: str) -> int:
    return remote.call("res.users", "search", [("login", "=", login)])[0]


def open_incident(admin: Remote, printer: str) -> int:
    domain = [("closed_at", "=", False), ("printer_id.cups_name", "=", printer)]
    until(lambda: admin.call("label.print.incident", "search", domain), "nobody notices")
    return admin.call("label.print.incident", "search", domain)[0]


def escalations(admin: Remote, incident: int) -> list[str]:
    domain = [("model", "=", "label.print.incident"), ("res_id", "=", incident), ("body", "like", "Escalation after")]
    return [message["body"] for message in admin.call("mail.message", "search_read", domain, ["body"])]


def test_nobody_is_on_it_and_the_second_person_is_told_once(product: Product, push_service: PushEndpoint):
    admin, remote = Remote(product, "admin"), Remote(product, "operator")
    product.printer(PRINTER).paper_out(after=0)
    remote.print_labels(PRINTER, 3, "OUT")
    incident = open_incident(admin, PRINTER)
    began = time.monotonic()
    until(lambda: escalations(admin, incident), "nobody is told", seconds=A_MINUTE_AND_MORE)
    assert time.monotonic() - began > 30, "the step is due after a minute"
    until(lambda: push_service.received, "no push notice arrives", seconds=90)
    (notice,) = push_service.notices()
    assert PRINTER in notice["title"]
    assert notice["options"]["data"] == {"model": "label.print.incident", "res_id": incident}
    kind = [("res_model", "=", "label.print.incident"), ("res_id", "=", incident)]
    of_the_second = [*kind, ("user_id", "=", person(admin, "supervisor"))]
    assert admin.call("mail.activity", "search_count", of_the_second) == 1, "beside that of whose job it is"
    mails = product.database.execute(
        "SELECT count(*) FROM mail_mail mail JOIN mail_message message ON message.id = mail.mail_message_id "
        "WHERE message.model = 'label.print.incident' AND message.res_id = %s",
        incident,
    )
    assert mails == [(1,)], "it waits in Odoo's queue, whose mail server says nothing"
    # The mail server hangs, and printing goes on.
    job = remote.print_labels(OTHER, 3, "MEANWHILE")
    remote.wait(job, "completed")
    time.sleep(70)  # another run of the scheduled action
    assert len(escalations(admin, incident)) == 1
    assert len(push_service.received) == 1
    product.printer(PRINTER).resume()
    until(lambda: admin.call("label.print.incident", "read", [incident], ["closed_at"])[0]["closed_at"], "it is not over")
    # That of whose job it is stays until the missing labels are seen to.
    until(lambda: not admin.call("mail.activity", "search", of_the_second), "the activity stays", seconds=120)


def test_somebody_is_on_it_and_nobody_is_told(product: Product, push_service: PushEndpoint):
    admin, remote = Remote(product, "admin"), Remote(product, "operator")
    before = len(push_service.received)
    product.printer(OTHER).paper_out(after=0)
    remote.print_labels(OTHER, 3, "TAKEN")
    incident = open_incident(admin, OTHER)
    call_without_answer(remote, "label.print.incident", "action_acknowledge", [incident])
    time.sleep(130)
    assert escalations(admin, incident) == []
    assert len(push_service.received) == before
    loud = [line for line in product.odoo.tail(5000).splitlines() if "label_print" in line and ("ERROR" in line or "Traceback" in line)]
    assert loud == [], json.dumps(loud)
