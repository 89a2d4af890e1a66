"""Exports as people open them: LibreOffice with "quoted field as text", and pandas with `dtype=str`, cell by cell."""

import datetime
import io
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pandas
import pytest
import requests

from scripts import libreoffice
from scripts.product import Product, running_product
from tests.e2e.remote import Remote

PRINTER = "Zebra-Line-1"
# What a person typed, and what stands in the cell: only what a spreadsheet would run gets an apostrophe.
TEXTS = {
    "000123": "000123",
    "00042.50": "00042.50",
    "-5": "-5",
    "+7": "+7",
    "1e5": "1e5",
    "12/5": "12/5",
    "2026-01-02": "2026-01-02",
    "WH/MO/00012": "WH/MO/00012",
    "N/A": "N/A",
    "nan": "nan",
    " two blanks ": " two blanks ",
    "=1+1": "'=1+1",
    '=HYPERLINK("http://x","y")': '\'=HYPERLINK("http://x","y")',
    "=cmd|' /C calc'!A0": "'=cmd|' /C calc'!A0",
    "+49 30 1234": "'+49 30 1234",
    "-2+3": "'-2+3",
    "@SUM(A1:A9)": "'@SUM(A1:A9)",
    "＝1+1": "'＝1+1",
    "\t=1+1": "'\t'=1+1",
    "\r=1+1": "'\r'=1+1",
    "one\ntwo\r\nthree": "one\ntwo\r\nthree",
    "one\n=1+1": "one\n'=1+1",
    "one,=1+1": "one,'=1+1",
    "one;=1+1": "one;'=1+1",
    "one;two,three\tfour|five": "one;two,three\tfour|five",
    'say "yes", “no”': 'say "yes", “no”',
    "Größe Ä, Straße; Łódź": "Größe Ä, Straße; Łódź",
    "שלום עולם 12": "שלום עולם 12",
    "مطبعة ١٢": "مطبعة ١٢",
    "ラベル 🏷": "ラベル 🏷",
}
PERSON, PERSON_SHOWN = '=Анна; Müller, "מירי"', '\'=Анна; Müller, "מירי"'
HEADER = ["Date", "MO Reference", "Quantity", "Status", "Job Type", "Submitted By", "Error Message"]
NUMBERS = {
    "Quantity", "Job", "Attempts", "Labels Printed", "Labels Confirmed", "Labels Failed", "Labels Uncertain",
    "Labels Printed Again", "Seconds Waited", "Seconds Printed", "Copy of Job",
}  # fmt: skip
TIMES = {"Date", "Handed to Server", "Printing Started", "Ended"}
TIME = "%Y-%m-%d %H:%M:%S"


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with running_product(labels_per_second=100) as product:
        yield product


@pytest.fixture(scope="module")
def jobs(product: Product) -> list[int]:
    """A job for each text, which stands in each of its texts; no user could write them all, but other programs can."""
    remote = Remote(product)
    (printer,) = remote.call("printer.configuration", "search", [("cups_name", "=", PRINTER)])
    values = {"printer_id": printer, "quantity": 1, "labels_data": [{"zpl_code": "^XA^FDone^FS^XZ"}]}
    jobs = remote.call("label.print.job", "create", [values] * len(TEXTS))
    for job in jobs:
        remote.wait(job, "completed")
    for job, text in zip(jobs, TEXTS, strict=True):
        product.database.execute(
            "UPDATE label_print_job SET mo_reference = %s, lot_display = %s, error_message = %s, flask_job_id = %s "
            "WHERE id = %s",
            text, text, text, f"job-{job}", job,
        )  # fmt: skip
    product.database.execute(
        "UPDATE res_partner SET name = %s WHERE id = (SELECT partner_id FROM res_users WHERE login = 'supervisor')",
        PERSON,
    )
    return jobs


def exported(product: Product, jobs: list[int], extended: bool, separator: str) -> bytes:
    """The file, as the browser gets it."""
    Remote(product, "admin").call(
        "ir.config_parameter", "set_param", "label_print.export_separator", {";": "semicolon"}.get(separator, "comma")
    )
    method = "action_export_history_extended" if extended else "action_export_history"
    context = {"active_domain": [("id", "in", jobs)], "active_order": "id", "tz": "UTC", "lang": "en_US"}
    action = Remote(product).call("label.print.job", method, [], context=context)
    session = requests.Session()
    login = {"db": product.database.name, "login": "supervisor", "password": "supervisor"}
    session.post(f"{product.url}/web/session/authenticate", json={"params": login}, timeout=30).raise_for_status()
    answer = session.get(product.url + action["url"], timeout=30)
    answer.raise_for_status()
    return answer.content


def lines_as_one(text: str) -> str:
    """A spreadsheet has one kind of line break within a cell."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def shown(value: object) -> str:
    """What LibreOffice has in a cell, as text."""
    if isinstance(value, datetime.datetime):
        return value.strftime(TIME)
    return "" if value is None else str(value)


def check(header: list[str], rows: list[list[str]], jobs: list[int], breaks=lambda text: text) -> None:
    assert header[:7] == HEADER
    for job, text, cells in zip(jobs, TEXTS.values(), rows, strict=True):
        row = dict(zip(header, cells, strict=True))
        status, job_type = ("Completed", "Manual") if len(header) > 7 else ("completed", "manual")
        assert [row[name] for name in HEADER[1:]] == [
            breaks(text), "1", status, job_type, PERSON_SHOWN, breaks(text),
        ]  # fmt: skip
        datetime.datetime.strptime(row["Date"], TIME)
        if len(header) > 7:
            assert (row["Job"], row["Printer"], row["Lots"]) == (str(job), PRINTER, breaks(text))
            assert (row["Status (Code)"], row["Job Type (Code)"]) == ("completed", "manual")
            assert row["Server Job"] == f"job-{job}"
            assert (row["Labels Printed"], row["Attempts"], row["Copy of Job"]) == ("1", "1", "")
            assert datetime.datetime.strptime(row["Ended"], TIME) >= datetime.datetime.strptime(row["Date"], TIME)


@pytest.mark.parametrize("extended", [False, True], ids=["plain", "extended"])
@pytest.mark.parametrize("separator", [",", ";"], ids=["comma", "semicolon"])
def test_libreoffice_and_pandas_have_the_same_cells(
    product: Product, jobs: list[int], tmp_path: Path, extended: bool, separator: str
):
    content = exported(product, jobs, extended, separator)

    frame = pandas.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False, sep=separator, encoding="utf-8-sig")
    check(list(frame.columns), frame.values.tolist(), jobs)

    file = tmp_path / "print_history.csv"
    file.write_bytes(content)
    # Separator, quote, UTF-8, from the first line, no formats, any language, quoted field as text, detect numbers.
    (made,) = libreoffice.convert([file], "xlsx", f"CSV:{ord(separator)},34,76,1,,0,true,true", tmp_path / "made")
    header, *rows = openpyxl.load_workbook(made).active.iter_rows()
    names = [cell.value for cell in header]
    for row in rows:
        for name, cell in zip(names, row, strict=True):
            # Numbers count, times are times, and all else is a text: nothing is run.
            wanted = "n" if name in NUMBERS else "d" if name in TIMES else "s"
            assert cell.value is None or cell.data_type == wanted, (name, cell.value, cell.data_type)
    check(names, [[shown(cell.value) for cell in row] for row in rows], jobs, lines_as_one)
