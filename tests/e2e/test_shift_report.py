"""The shift report with real processes: on a screen, on a phone, on one page of A4, and as a mail that arrives once."""

import io
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage

import pytest
from playwright.sync_api import Browser, FrameLocator, expect
from pypdf import PdfReader

from scripts.product import Product, running_product
from tests.e2e.accessibility import overflow, serious_violations
from tests.e2e.followed_jobs import discover_printers
from tests.e2e.remote import Remote, until
from tests.e2e.supervisor import Supervisor
from tests.e2e.window import DESKTOP, PHONE, SHIFT_REPORT, TIMEOUT
from tests.support.mail_server import MailServer

PRINTER = "Zebra-Line-1"
LONG = "Tomato soup with basil, organic, family size, with a name as long as products of some plants really have it " * 2


@pytest.fixture(scope="module")
def product(mail_server: MailServer) -> Iterator[Product]:
    with running_product(labels_per_second=50, print_server_options={"poll_interval": 0.3, "rate_limit": 1000}) as running:
        discover_printers(running)
        admin = Remote(running, "admin")
        people = admin.call("res.users", "search", [("login", "in", ["supervisor", "operator"])])
        admin.call("res.users", "write", people, {"odoobot_state": "disabled"})
        admin.call("ir.mail_server", "create", {"name": "Local", "smtp_host": "127.0.0.1", "smtp_port": mail_server.port})
        yield running


@pytest.fixture(scope="module")
def shift(product: Product) -> int:
    """A shift that ended ten minutes ago, in which labels were printed and failed."""
    admin, remote = Remote(product, "admin"), Remote(product)
    done = remote.print_labels(PRINTER, 12, "DONE")
    remote.wait(done, "completed")
    product.printer(PRINTER).paper_out(after=2)
    failed = remote.print_labels(PRINTER, 5, "FAILED")
    remote.wait(failed, "failed", "completed_with_errors")
    product.printer(PRINTER).resume()
    execute = product.database.execute
    execute("UPDATE label_print_attempt SET ended_date = ended_date - interval '1 hour', create_date = create_date - interval '1 hour'")
    execute("UPDATE label_print_job SET create_date = create_date - interval '1 hour'")
    company = admin.call("res.users", "read", [remote.uid], ["company_id"])[0]["company_id"][0]
    calendar = admin.call("res.company", "read", [company], ["resource_calendar_id"])[0]["resource_calendar_id"][0]
    admin.call("resource.calendar", "write", [calendar], {"tz": "UTC"})
    end = datetime.now(timezone.utc) - timedelta(minutes=10)
    begin = end - timedelta(hours=3)
    hours = {"from_hour": begin.hour + begin.minute / 60, "to_hour": end.hour + end.minute / 60}
    return admin.call("label.print.shift", "create", {"name": "Just Over", "company_id": company, **hours})


@pytest.fixture(params=["desktop", "phone"])
def window(request, chromium: Browser, product: Product, shift: int) -> Iterator[Supervisor]:
    window = Supervisor(chromium, product, "supervisor", device={"desktop": DESKTOP, "phone": PHONE}[request.param])
    window.close_toasts()
    yield window
    window.close()


def show_report(window: Supervisor) -> FrameLocator:
    """By the dialog, which proposes the shift that has just ended."""
    window.open(SHIFT_REPORT, ".modal [name=shift_id] input")
    expect(window.page.locator(".modal [name=shift_id] input")).to_have_value("Just Over")
    window.page.locator(".modal button[name=action_show]").click()
    return window.page.frame_locator("iframe.o_report_iframe, .o_content iframe")


@pytest.mark.browser
def test_the_page_on_a_screen(window: Supervisor):
    report = show_report(window)
    expect(report.locator("h1")).to_contain_text("Shift Report: Just Over", timeout=TIMEOUT)
    text = report.locator(".o_label_print_shift_report")
    expect(text).to_contain_text("Labels printed: 14")
    expect(text).to_contain_text(PRINTER)
    window.page.wait_for_timeout(500)
    frame = next(frame for frame in window.page.frames if "/report/html/" in frame.url)
    assert frame.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert overflow(window.page) == []
    assert window.errors == []
    # The page alone, as it is printed.
    window.page.goto(frame.url)
    found = serious_violations(window.page)
    # Odoo's own: the body of each of its report pages.
    assert [one for one in found if "scrollable-region-focusable: <body" not in one] == []


def test_two_processes_mail_it_once(product: Product, shift: int, mail_server: MailServer):
    admin = Remote(product, "admin")
    people = admin.call("res.users", "search", [("login", "in", ["supervisor", "operator"])])
    admin.call("res.users", "write", people[:1], {"email": "one@example.com"})
    admin.call("res.users", "write", people[1:], {"email": "two@example.com"})
    (cron,) = admin.call("ir.cron", "search", [("cron_name", "=", "Mail Shift Reports")])
    admin.call("label.print.shift", "write", [shift], {"mail_user_ids": people})

    def run() -> None:
        # The other one may hold the scheduled action: then Odoo refuses in words.
        try:
            Remote(product, "admin").call("ir.cron", "method_direct_trigger", [cron])
        except Exception as error:  # noqa: BLE001 - of either kind; what arrives is what counts
            refused.append(error)

    refused: list[Exception] = []
    both = [threading.Thread(target=run) for _number in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert len(refused) < len(both)

    def reports() -> list[EmailMessage]:
        return [mail for mail in list(mail_server.mails) if mail["Subject"].startswith("Shift Report: Just Over")]

    until(lambda: len(reports()) >= 2, "no mail arrives", seconds=120)
    run()
    until(lambda: not admin.call("mail.mail", "search_count", [("state", "=", "outgoing")]), "mails are left", seconds=120)
    assert sorted(mail["To"].addresses[0].addr_spec for mail in reports()) == ["one@example.com", "two@example.com"]
    for mail in reports():
        body = mail.get_body(("html",)).get_content()
        assert "Open for the Next Shift" in body
        assert PRINTER in body


def make_busy_shift(product: Product) -> None:
    """More of everything than there is room for, with names that are too long, by copies of the jobs that there are."""
    admin, execute = Remote(product, "admin"), product.database.execute
    admin.call("product.product", "create", [{"name": f"{number} {LONG}"} for number in range(20)])
    admin.call("printer.configuration", "create", [{"name": f"{n} {LONG}"[:190], "cups_name": f"long-{n}"} for n in range(20)])
    execute("UPDATE printer_configuration SET status = 'attention' WHERE cups_name LIKE 'long-%'")
    execute(
        """
        WITH source AS (
            SELECT j, a, nextval('label_print_job_id_seq') AS job, n,
                   (SELECT id FROM product_product ORDER BY id DESC OFFSET n % 20 LIMIT 1) AS product,
                   (SELECT id FROM printer_configuration ORDER BY id DESC OFFSET n % 20 LIMIT 1) AS printer,
                   (ARRAY['failed', 'completed_with_errors', 'completed', 'queued'])[n % 4 + 1] AS status,
                   (ARRAY['paper_out', 'jam', 'ribbon_out', 'head_open', 'overheated', 'network_timeout'])[n % 6 + 1] AS kind
              FROM (SELECT j, a FROM label_print_job j JOIN label_print_attempt a ON a.job_id = j.id
                     WHERE j.status = 'completed' AND j.quantity = 12 LIMIT 1) one, generate_series(1, 200) n
        ), job AS (
            INSERT INTO label_print_job SELECT (jsonb_populate_record(j, jsonb_build_object(
                'id', job, 'flask_job_id', 'busy-' || n, 'idempotency_key', 'busy-' || n, 'product_id', product,
                'printer_id', printer, 'mo_reference', 'WH/MO/' || n || ' for a customer with a very long name of an order',
                'status', status, 'error_code', kind, 'error_kind', kind, 'failed_count', 2, 'uncertain_count', 1,
                'cancel_requested_at', NULL, 'next_poll_at', now() + interval '1 day'))).* FROM source
        )
        INSERT INTO label_print_attempt SELECT (jsonb_populate_record(a, jsonb_build_object(
            'id', nextval('label_print_attempt_id_seq'), 'job_id', job, 'printer_id', printer, 'error_kind', kind,
            'flask_job_id', 'busy-' || n, 'idempotency_key', 'busy-' || n, 'failed_count', 2, 'uncertain_count', 1,
            'outcome', CASE status WHEN 'queued' THEN NULL ELSE status END,
            'ended_date', CASE status WHEN 'queued' THEN NULL ELSE (a).ended_date END))).* FROM source
        """
    )
    execute(
        """
        INSERT INTO label_print_incident (printer_id, printer_name, server_id, cause, kind, opened_at, times, notice_state, acknowledged_by)
        SELECT id, name, server_id, 'paper_out', 'paper_out', now() AT TIME ZONE 'UTC' - interval '1 hour', 1, 'no', 2
          FROM printer_configuration WHERE cups_name LIKE 'long-%'
        """
    )


@pytest.mark.browser
def test_a_busy_shift_is_one_page_of_a4(chromium: Browser, product: Product, shift: int):
    remote = Remote(product)
    before = remote.call("label.print.shift.wizard", "create", {"shift_id": shift})
    window = Supervisor(chromium, product, "supervisor")
    text = ".o_label_print_shift_report"
    address = f"{product.url}/report/html/label_print_monitor.report_shift"
    window.page.goto(f"{address}/{before}")
    assert "and " not in window.page.locator("table").first.inner_text()
    make_busy_shift(product)
    window.page.goto(f"{address}/{before}")
    # 150 of 200 copies of a job with 12 labels have ended, each for an order of its own.
    expect(window.page.locator(text)).to_contain_text("Labels printed: 1,814")
    expect(window.page.locator(text)).to_contain_text("and 146 more")
    margins = dict.fromkeys(("top", "bottom", "left", "right"), "10mm")
    pdf = window.page.pdf(format="A4", margin=margins)
    window.close()
    pages = PdfReader(io.BytesIO(pdf)).pages
    assert len(pages) == 1
    assert "Open for the Next Shift" in pages[0].extract_text()
