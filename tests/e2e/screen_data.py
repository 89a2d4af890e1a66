"""Jobs and printers in every state that a supervisor meets, made by real printing; a dark palette, another language."""

import hashlib
import hmac
import json
import time
import urllib.request

from scripts.product import Product
from tests.e2e.remote import Remote, until

# Odoo Community ships dark styles without a palette. The addon's styles must follow any palette, so the tests of dark
# screens bring one.
PALETTE_URL = "/label_print_tests/palette.scss"
PALETTE = """
$o-webclient-color-scheme: dark;
$o-black: #ffffff;
$o-gray-100: #1a1c22;
$o-gray-200: #262932;
$o-gray-300: #383c48;
$o-gray-400: #4d5261;
$o-gray-500: #6b7183;
$o-gray-600: #a2a8b8;
$o-gray-700: #bcc1cd;
$o-gray-800: #d3d7df;
$o-gray-900: #e6e8ec;
$o-view-background-color: #22252d;
$o-webclient-background-color: #16181d;
$o-main-link-color: #a99bd6;
$o-shadow-color: #000000;
$body-emphasis-color: #ffffff;
$body-color: #e6e8ec;
$table-color: #e6e8ec;
$o-theme-text-colors: ("success": #4fc96b, "info": #4cc3d9, "warning": #f0b94a, "danger": #ff8a84);
"""


def make_screen_data(product: Product) -> dict[str, int]:
    """Some jobs done, one printing, one waiting, one out of labels, one with errors, one in doubt; their ids by what they are."""
    operator, supervisor = Remote(product, "operator"), Remote(product)
    # Otherwise OdooBot's chat window opens over the whole screen of a phone.
    Remote(product, "admin").call(
        "res.users", "write", [operator.uid, supervisor.uid], {"odoobot_state": "disabled"}
    )
    until(lambda: supervisor.call("printer.configuration", "search_count", []) == 3, "the printers do not appear")
    for number, quantity in enumerate((20, 48, 120, 36, 60), start=1):
        person = operator if number % 2 else supervisor
        done = _print(person, "Zebra-Line-1" if number % 2 else "Zebra-Line-2", quantity, number)
        person.wait(done, "completed")
    product.printer("Zebra-QC").paper_out(after=8)
    failed = _print(operator, "Zebra-QC", 24, 6)
    supervisor.wait(failed, "failed")
    # The line is cut within a label: nobody knows whether it came to paper.
    product.printer("Zebra-Line-2").cut(after=22)
    uncertain = _print(supervisor, "Zebra-Line-2", 40, 10)
    supervisor.wait(uncertain, "completed_with_errors", "failed")
    until(lambda: supervisor.job(uncertain, "uncertain_count")["uncertain_count"], "no label is uncertain")
    product.printer("Zebra-Line-1").slow(0.8)
    product.printer("Zebra-Line-2").slow(0.5)
    errors = _print(supervisor, "Zebra-Line-1", 40, 7)
    _push_errors(product, supervisor.wait(errors, "printing")["flask_job_id"])
    supervisor.wait(errors, "completed_with_errors")
    product.printer("Zebra-Line-1").slow(25)
    printing = _print(operator, "Zebra-Line-2", 90, 8)
    waiting = _print(supervisor, "Zebra-Line-2", 36, 9)
    supervisor.wait(printing, "printing")
    until(lambda: supervisor.job(printing)["current_label"] >= 4, "nothing is printed")
    product.printer("Zebra-Line-2").slow(0.03)  # it prints, and the next job waits, as long as views are opened
    return {
        "completed": done,
        "failed": failed,
        "uncertain": uncertain,
        "errors": errors,
        "printing": printing,
        "waiting": waiting,
    }


def add_palette(product: Product) -> None:
    """Add a palette to the dark asset bundle."""
    admin = Remote(product, "admin")
    palette = {"name": "palette.scss", "url": PALETTE_URL, "type": "binary", "mimetype": "text/scss", "raw": PALETTE}
    admin.call("ir.attachment", "create", {**palette, "public": True})
    # Bundles are stored as attachments; this one was built without a palette.
    built = admin.call("ir.attachment", "search", [("url", "like", "web.assets_web_dark")])
    admin.call("ir.attachment", "unlink", built)
    values = {"name": "palette", "bundle": "web.assets_web_dark", "directive": "prepend", "path": PALETTE_URL}
    admin.call("ir.asset", "create", values)


def add_language(product: Product, code: str, login: str) -> None:
    """Install a language and let one person read in it."""
    admin = Remote(product, "admin")
    wizard = admin.call(
        "base.language.install",
        "create",
        {"lang_ids": [(6, 0, admin.call("res.lang", "search", [("code", "=", code), ("active", "in", [True, False])]))]},
    )
    admin.call("base.language.install", "lang_install", [wizard])
    admin.call("res.users", "write", admin.call("res.users", "search", [("login", "=", login)]), {"lang": code})


def _print(remote: Remote, printer: str, quantity: int, number: int) -> int:
    """Print labels of a manufacturing order of its own."""
    (product_id,) = remote.call("product.product", "search", [("name", "=", "Tomato Soup 1 l")])
    order = remote.call("mrp.production", "create", {"product_id": product_id, "product_qty": quantity})
    (printer_id,) = remote.call("printer.configuration", "search", [("cups_name", "=", printer)])
    lot = f"SOUP-2026-{number + 100}"
    labels = [
        {"zpl_code": f"^XA^FO50,50^A0N,40,40^FDLN/SN: {lot}^FS^XZ", "box_number": box, "lot_number": lot}
        for box in range(1, quantity + 1)
    ]
    values = {"mo_id": order, "printer_id": printer_id, "quantity": quantity, "labels_data": labels}
    return remote.call("label.print.job", "create", values)


def _push_errors(product: Product, server_job_id: str) -> None:
    """Report two failed labels as a print server pushes an event."""
    failed = [{"index": index, "code": "ribbon_out", "message": "The ribbon ended."} for index in (17, 18)]
    event = {
        "id": f"screen-data-{server_job_id}",
        "type": "job",
        "occurred_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "job_id": server_job_id,
        "status": "completed",
        "progress": {"total": 40, "completed": 38, "failed": 2},
        "failed_labels": failed,
        "error_code": "ribbon_out",
    }
    body = json.dumps({"events": [event]}).encode()
    stamp = str(int(time.time()))
    signature = hmac.new(product.keys.webhook_secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    request = urllib.request.Request(
        f"{product.url}/label_print_monitor/events",
        body,
        {"Content-Type": "application/json", "X-Print-Signature": f"t={stamp},v1={signature}"},
    )
    urllib.request.urlopen(request, timeout=10).close()
