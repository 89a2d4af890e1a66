"""Retry against both generations of print servers, checked by the labels that the printer itself counted.

A server of the first generation cannot say which labels failed, so a person says where to go on; one of the second
generation names them, and Retry prints just those.
"""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from xmlrpc.client import Fault

import pytest

from scripts.product import AS_SHIPPED, Product, running_product
from tests.e2e.remote import Remote, fresh_printer, until

PRINTER = "Zebra-Line-1"


@pytest.fixture(scope="module", params=["all", "none"], ids=["second-generation", "first-generation"])
def generation(request) -> Iterator[tuple[str, Product]]:
    options = {**AS_SHIPPED, "capabilities": request.param, "rate_limit": 0}
    with running_product(labels_per_second=25, print_server_options=options) as product:
        remote = Remote(product)
        until(
            lambda: bool(remote.call("printer.configuration", "search", [("cups_name", "=", PRINTER)])),
            "the printer did not appear",
        )
        yield request.param, product


@pytest.fixture
def remote(generation) -> Remote:
    product = generation[1]
    remote = Remote(product)
    fresh_printer(remote, product.printer(PRINTER))
    return remote


def printed(product: Product) -> Counter:
    """How often each label text came out of the printer."""
    return Counter(label.split("^FD")[1].split("^FS")[0] for label in product.printer(PRINTER).labels())


def fail_at_label_8(remote: Remote, product: Product) -> int:
    product.printer(PRINTER).paper_out(after=8)
    job = remote.print_labels(PRINTER, 20)
    failed = remote.wait(job, "failed")
    assert failed["current_label"] == 8
    product.printer(PRINTER).resume()
    return job


def test_the_missing_labels_are_printed_once(generation, remote: Remote):
    capabilities, product = generation
    job = fail_at_label_8(remote, product)
    action = remote.call("label.print.job", "action_retry", [job])
    if capabilities == "none":
        assert action["res_model"] == "label.print.retry.wizard"
        wizard = remote.call("label.print.retry.wizard", "create", {"job_id": job, "not_on_paper": "9-20"})
        values = remote.call("label.print.retry.wizard", "read", [wizard], ["is_counted_only", "uncertain_count"])[0]
        assert (values["is_counted_only"], values["uncertain_count"]) == (True, 12)
        remote.call("label.print.retry.wizard", "action_confirm", [wizard])
    assert remote.wait(job, "completed")["attempt_number"] == 2
    assert printed(product) == Counter({f"LOT {number}": 1 for number in range(1, 21)})


def test_what_is_on_paper_is_printed_again_only_as_copies(generation, remote: Remote):
    _capabilities, product = generation
    job = fail_at_label_8(remote, product)
    with pytest.raises(Fault, match="Choose at least one label"):
        values = {"job_id": job, "not_on_paper": "9-20" if generation[0] == "none" else ""}
        values.update(choose=True, labels_text="1-8")
        wizard = remote.call("label.print.retry.wizard", "create", values)
        remote.call("label.print.retry.wizard", "action_confirm", [wizard])
    values = {"job_id": job, "labels_text": "1-8", "reason": "unreadable"}
    wizard = remote.call("label.print.again.wizard", "create", values)
    copy = remote.call("label.print.again.wizard", "action_confirm", [wizard])["res_id"]
    remote.wait(copy, "completed")
    assert printed(product) == Counter({f"LOT {number}": 2 for number in range(1, 9)})
    assert (remote.job(job)["status"], remote.job(job)["attempt_number"]) == ("failed", 1)


def test_two_users_at_once_print_once(generation, remote: Remote):
    _capabilities, product = generation
    job = fail_at_label_8(remote, product)

    def retry(login: str) -> bool:
        person = Remote(product, login)
        try:
            wizard = person.call(
                "label.print.retry.wizard", "create", {"job_id": job, "opened_attempt": 1, "not_on_paper": "9-20"}
            )
            person.call("label.print.retry.wizard", "action_confirm", [wizard])
        except Fault as fault:
            words = ("cannot be retried", "just changing", "since this dialog was opened", "is being printed", "is “")
            assert any(text in fault.faultString for text in words), fault.faultString
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(retry, ["supervisor", "operator"]))
    assert sorted(outcomes) == [False, True]
    assert remote.wait(job, "completed")["attempt_number"] == 2
    assert printed(product) == Counter({f"LOT {number}": 1 for number in range(1, 21)})


def test_two_print_dialogs_at_once_print_once(generation, remote: Remote):
    """Two people have an order's print dialog open and both press Print at the same moment, five times."""
    _capabilities, product = generation
    people = [Remote(product, login) for login in ("supervisor", "operator")]
    (printer_id,) = remote.call("printer.configuration", "search", [("cups_name", "=", PRINTER)])
    admin = Remote(product, "admin")  # who may make products
    values = {"name": "Printed at once", "type": "consu", "is_storable": True, "tracking": "lot"}
    product_id = admin.call("product.product", "create", values)
    for number in range(5):
        lot = admin.call("stock.lot", "create", {"name": f"AT-ONCE-{number}", "product_id": product_id})
        order = admin.call("mrp.production", "create", {"product_id": product_id, "product_qty": 3})
        admin.call("mrp.production", "action_confirm", [order])
        admin.call("mrp.production", "write", [order], {"lot_producing_ids": [(6, 0, [lot])], "qty_producing": 3})
        values = {"mo_id": order, "printer_id": printer_id}
        dialogs = [person.call("label.print.wizard", "create", values) for person in people]
        at_once = Barrier(2)

        def press(person: Remote, dialog: int, at_once: Barrier = at_once) -> str:
            at_once.wait(10)
            try:
                person.call("label.print.wizard", "action_print", [dialog])
            except Fault as fault:
                return fault.faultString
            return ""

        with ThreadPoolExecutor(2) as pool:
            outcomes = sorted(pool.map(press, people, dialogs))
        assert outcomes[0] == "" and "since this dialog was opened" in outcomes[1], outcomes
        assert remote.call("label.print.job", "search_count", [("mo_id", "=", order)]) == 1


def test_cancel_stops_between_two_labels(generation, remote: Remote):
    _capabilities, product = generation
    zebra = product.printer(PRINTER)
    zebra.slow(2)
    job = remote.print_labels(PRINTER, 20)
    until(lambda: remote.job(job)["current_label"] >= 1, "nothing was printed")
    remote.call("label.print.job", "action_cancel", [job])
    job_now = remote.wait(job, "cancelled")
    count = len(zebra.labels())
    assert 1 <= count < 20
    # Known when the print server has said how it ended.
    assert job_now["current_label"] == count, remote.job(job, "current_label", "uncertain_count", "label_grid")
    zebra.resume()
    assert len(zebra.labels()) <= count + 1  # the one under way may still come out
