"""A mail server that takes connections and never answers, with real processes: printing goes on, and no mail is lost."""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from xmlrpc.client import Fault

import pytest

from scripts.product import Product, running_product
from tests.e2e.followed_jobs import discover_printers
from tests.e2e.remote import Remote, until
from tests.support.mail_server import SILENT, MailServer

EMPTY, OTHER = "Zebra-Line-1", "Zebra-Line-2"
# Seconds within which three labels are printed and known of: 2 to 4 on a quiet machine; 13 to 17 when they wait for the mail server.
SOON = 9
JOBS = 4
SECOND, FIRST = "second@example.com", "first@example.com"


@pytest.fixture(scope="module")
def product(mail_server: MailServer) -> Iterator[Product]:
    with running_product(labels_per_second=20, print_server_options={"poll_interval": 0.3, "rate_limit": 1000}) as running:
        discover_printers(running)
        admin, second = Remote(running, "admin"), Remote(running, "supervisor")
        for login, email in (("supervisor", SECOND), ("operator", FIRST)):
            admin.call("res.users", "write", people(admin, login), {"email": email, "odoobot_state": "disabled"})
        company = admin.call("res.users", "read", [second.uid], ["company_id"])[0]["company_id"][0]
        # Each minute counts, whatever time it is.
        admin.call("res.company", "write", [company], {"resource_calendar_id": False})
        step = {"minutes": 1, "user_ids": people(admin, "supervisor"), "company_id": company, "by_push": False}
        admin.call("label.print.escalation.step", "create", step)
        end = datetime.now(timezone.utc) - timedelta(minutes=10)
        begin = end - timedelta(hours=3)
        hours = {"from_hour": begin.hour + begin.minute / 60, "to_hour": end.hour + end.minute / 60}
        shift = {"name": "Just Over", "company_id": company, "mail_quiet": True, **hours}
        admin.call("label.print.shift", "create", shift)
        admin.call("ir.mail_server", "create", {"name": "Hangs", "smtp_host": "127.0.0.1", "smtp_port": mail_server.port})
        mail_server.hangs = SILENT
        yield running


def people(admin: Remote, *logins: str) -> list[int]:
    return admin.call("res.users", "search", [("login", "in", logins)])


def run(admin: Remote, name: str) -> None:
    """A scheduled action, now."""
    (cron,) = admin.call("ir.cron", "search", [("cron_name", "=", name)])
    admin.call("ir.cron", "method_direct_trigger", [cron])


def seconds_to_print(remote: Remote, lot: str) -> float:
    """From the order to print three labels until Odoo knows that they are on paper."""
    began = time.monotonic()
    job = remote.wait(remote.print_labels(OTHER, 3, lot), "completed", seconds=60)
    assert job["current_label"] == 3
    return time.monotonic() - began


def escalate(product: Product, admin: Remote) -> int:
    """A printer runs out of labels, and nobody is on it for a minute; the incident."""
    product.printer(EMPTY).paper_out(after=0)
    Remote(product, "operator").print_labels(EMPTY, 3, "OUT")
    domain = [("closed_at", "=", False), ("printer_id.cups_name", "=", EMPTY), ("escalation_due_at", "!=", False)]
    until(lambda: admin.call("label.print.incident", "search", domain), "nobody notices")
    (incident,) = admin.call("label.print.incident", "search", domain)
    earlier = "- interval '2 minutes'"
    product.database.execute(
        f"WITH link AS (UPDATE label_print_incident_job SET create_date = create_date {earlier} WHERE incident_id = %s)"
        f" UPDATE label_print_incident SET opened_at = opened_at {earlier}, escalation_due_at = opened_at WHERE id = %s",
        incident, incident,
    )  # fmt: skip
    return incident


def is_told(admin: Remote, incident: int) -> bool:
    domain = [("model", "=", "label.print.incident"), ("res_id", "=", incident), ("body", "like", "Escalation after")]
    return bool(admin.call("mail.message", "search_count", domain))


def test_printing_goes_on_and_each_mail_arrives_once(product: Product, mail_server: MailServer):
    admin, remote = Remote(product, "admin"), Remote(product, "operator")
    assert seconds_to_print(remote, "BEFORE") < SOON
    shift = admin.call("label.print.shift", "search", [("name", "=", "Just Over")])
    admin.call("label.print.shift", "write", shift, {"mail_user_ids": people(admin, "supervisor", "operator")})
    before = mail_server.connections
    run(admin, "Mail Shift Reports")
    until(lambda: mail_server.connections > before, "Odoo sends no mail")
    took = [seconds_to_print(remote, f"MEANWHILE{number}") for number in range(JOBS)]
    assert max(took) < SOON, took
    # An escalation waits for nothing, either.
    incident = escalate(product, admin)
    until(lambda: is_told(admin, incident), "the engine waits for the mail server", seconds=20)
    took = [seconds_to_print(remote, f"ESCALATED{number}") for number in range(JOBS)]
    assert max(took) < SOON, took
    assert mail_server.connections == before + 1, "it has hung all the time"
    assert mail_server.mails == []

    mail_server.restart()
    waiting = [("state", "=", "outgoing"), ("scheduled_date", "!=", False)]
    until(lambda: admin.call("mail.mail", "search_count", waiting) >= 2, "what could not be sent is not tried again")
    (report,) = admin.call("label.print.shift", "read", shift, ["mail_not_sent"])
    assert "waits: Odoo could not connect to its mail server" in report["mail_not_sent"]
    # In place of some minutes.
    product.database.execute("UPDATE mail_mail SET scheduled_date = now() AT TIME ZONE 'UTC' WHERE state = 'outgoing'")

    def are_sent() -> bool:
        try:
            run(admin, "Mail: Email Queue Manager")
        except Fault:
            return False  # Odoo refuses while the scheduled action runs by itself
        return not admin.call("mail.mail", "search_count", [("state", "=", "outgoing")])

    until(are_sent, "mails are left")
    are_sent()
    arrived = Counter((mail["To"].addresses[0].addr_spec, mail["Subject"].split(":")[0]) for mail in mail_server.mails)
    assert set(arrived.values()) == {1}, arrived
    assert {(SECOND, "Shift Report"), (FIRST, "Shift Report")} <= arrived.keys()
    name = admin.call("label.print.incident", "read", [incident], ["display_name"])[0]["display_name"]
    assert (SECOND, name.split(":")[0]) in arrived
    ours = [("model", "in", ["label.print.incident", "label.print.shift.mailing", "label.print.job"])]
    assert not admin.call("mail.mail", "search_count", [("state", "=", "exception"), *ours])
    loud = [line for line in product.odoo.tail(5000).splitlines() if "label_print" in line and ("ERROR" in line or "Traceback" in line)]
    assert loud == []
