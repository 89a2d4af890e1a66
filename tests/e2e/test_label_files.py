"""Label files as people have them, from Odoo to the printer's paper, counted and read where they come out."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xmlrpc.client import Fault

import pytest

from scripts.product import AS_SHIPPED, Product, running_product
from tests.e2e.remote import Remote, fresh_printer, until

PRINTER = "Zebra-Line-1"
DATA = Path(__file__).resolve().parents[1] / "unit" / "data"


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with running_product(labels_per_second=25, print_server_options={**AS_SHIPPED, "rate_limit": 0}) as product:
        remote = Remote(product)
        until(
            lambda: bool(remote.call("printer.configuration", "search", [("cups_name", "=", PRINTER)])),
            "the printer did not appear",
        )
        yield product


@pytest.fixture
def remote(product: Product) -> Remote:
    remote = Remote(product)
    fresh_printer(remote, product.printer(PRINTER))
    return remote


def hand_over(remote: Remote, *zpl: str) -> int:
    (printer_id,) = remote.call("printer.configuration", "search", [("cups_name", "=", PRINTER)])
    values = {"printer_id": printer_id, "quantity": len(zpl), "labels_data": [{"zpl_code": text} for text in zpl]}
    return remote.call("label.print.job", "create", values)


def case(name: str) -> str:
    return (DATA / f"{name}.zpl").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("graphics_before_label", [["Box 1"], ["Box 2"]]),
        ("whole_label_is_one_graphic", [[]]),
        ("stored_format", [["Box 1"], ["Box 2"]]),
        ("setup_label_cleanup", [["Box 1"]]),
        ("five_copies", [["Box 1"]] * 5),
        ("copies_in_a_comment", [["Box 1"]]),
        ("cp1252_declared", [["Café"]]),
        ("accents_undeclared", [["Crème brûlée"]]),
    ],
)
def test_a_file_comes_out_as_its_labels(product: Product, remote: Remote, name: str, labels: list[list[str]]):
    job = hand_over(remote, case(name))
    remote.wait(job, "completed")
    assert product.printer(PRINTER).shown() == labels
    assert remote.job(job, "quantity", "current_label", "confirmed_count") == {
        "id": job, "quantity": len(labels), "current_label": len(labels), "confirmed_count": len(labels),
    }  # fmt: skip


def test_labels_out_after_two_of_five_copies(product: Product, remote: Remote):
    product.printer(PRINTER).paper_out(after=2)
    job = hand_over(remote, case("five_copies"))
    until(lambda: len(product.printer(PRINTER).labels()) == 2, "two labels did not come out")
    product.printer(PRINTER).resume()
    remote.wait(job, "completed", "failed")
    if remote.job(job)["status"] == "failed":
        remote.call("label.print.job", "action_retry", [job])
        remote.wait(job, "completed")
    assert len(product.printer(PRINTER).labels()) == 5


def test_a_picture_of_two_megabytes(product: Product, remote: Remote):
    """The print server says in its health that it takes it."""
    job = hand_over(remote, f"^XA^GFA,1000000,1000000,100,{'F0' * 1_000_000}^FS^FDBox 1^FS^XZ")
    remote.wait(job, "completed")
    assert product.printer(PRINTER).shown() == [["Box 1"]]
    with pytest.raises(Fault, match="kB large, and its print server takes"):
        hand_over(remote, f"^XA^GFA,1000000,1000000,100,{'F0' * 2_200_000}^FS^XZ")


def test_names_of_an_order_on_paper(product: Product, remote: Remote):
    remote = Remote(product, "admin")  # who may make products
    names = (DATA / "names.txt").read_text(encoding="utf-8").splitlines()
    printed: Counter = Counter()
    for name in names:
        values = {"name": name, "type": "consu", "is_storable": True, "tracking": "lot"}
        product_id = remote.call("product.product", "create", values)
        lot = remote.call("stock.lot", "create", {"name": name, "product_id": product_id})
        order = remote.call("mrp.production", "create", {"product_id": product_id, "product_qty": 2})
        remote.call("mrp.production", "action_confirm", [order])
        remote.call("mrp.production", "write", [order], {"lot_producing_ids": [(6, 0, [lot])], "qty_producing": 2})
        (printer_id,) = remote.call("printer.configuration", "search", [("cups_name", "=", PRINTER)])
        wizard = remote.call("label.print.wizard", "create", {"mo_id": order, "printer_id": printer_id})
        job = remote.call("label.print.wizard", "action_print", [wizard])["res_id"]
        remote.wait(job, "completed")
        assert remote.job(job, "lot_ids")["lot_ids"] == [lot]
        printed[name] += 2
    shown = Counter(texts[0] for texts in product.printer(PRINTER).shown())
    assert shown == printed
    assert all(texts[1] == f"LN/SN: {texts[0]}" for texts in product.printer(PRINTER).shown())
