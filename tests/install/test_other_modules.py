"""A module that uses what is there for others: its methods are called in a real database (docs/architecture.md)."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from scripts import odoo, places
from scripts.databases import Database, fresh_database
from scripts.postgres import running_cluster
from tests.install.installation import complaints, run

EXAMPLE = "label_print_monitor_example"
ADDONS = places.CHECKOUT / "tests" / "addons"
# A printer runs out of labels after two of three, comes back, runs out again at once, and comes back.
USE = """
from datetime import timedelta
from odoo import fields
from odoo.addons.label_print_monitor.services.contract.payloads import parse_job_report

server = env["label.print.server"]._get_default()
printer = env["printer.configuration"].create({"name": "Zebra", "cups_name": "zebra", "server_id": server.id})
labels = [{"zpl_code": "^XA^FDx^FS^XZ", "box_number": number} for number in (1, 2, 3)]
job = env["label.print.job"].create({"printer_id": printer.id, "quantity": 3, "labels_data": labels})
job.write({"status": "printing", "flask_job_id": "srv-1", "submission": "accepted"})
Incident, now = env["label.print.incident"].sudo(), fields.Datetime.now()
for seconds, causes in ((0, ["paper_out"]), (5, []), (10, ["paper_out"]), (60, [])):
    Incident._apply_printers({printer: (causes, now + timedelta(seconds=seconds))})
failed = [{"index": 3, "code": "paper_out", "message": "media out"}]
report = {"job_id": "srv-1", "status": "failed", "current_label": 2, "failed_labels": failed}
env["print.job.status.poller"].apply_reports(server, [parse_job_report(report)])
env.cr.commit()
"""

# A job for the printer of a backend that is no print server: handed over by one scheduled action, followed by another.
BACKEND = """
server = env["label.print.server"].create({{"name": "Folder", "example_folder": {folder!r}}})
printer = env["printer.configuration"].create({{"name": "Folder", "cups_name": "folder", "server_id": server.id}})
labels = [{{"zpl_code": "^XA^FDx^FS^XZ", "box_number": number}} for number in (1, 2, 3)]
job = env["label.print.job"].create({{"printer_id": printer.id, "quantity": 3, "labels_data": labels}})
env.cr.commit()
env["print.job.submitter"]._run()
env["print.job.status.poller"]._run()
env.cr.commit()
"""


@pytest.fixture(scope="module")
def used() -> Iterator[Database]:
    with running_cluster() as cluster, fresh_database(cluster, "example") as database:
        path = next(line for line in database.config.read_text().splitlines() if line.startswith("addons_path"))
        config = database.config.with_name("example.conf")
        config.write_text(database.config.read_text().replace(path, f"{path},{ADDONS}"))
        database = replace(database, config=config)
        assert complaints(run(config, "--init", EXAMPLE, "--stop-after-init", "--no-http")) == []
        odoo.run(config, script=USE, what="Using the example")
        yield database


def test_incidents_that_open_and_end(used: Database):
    """One that comes again within a moment is the same; at last it is over."""
    assert used.execute("SELECT times, is_done FROM example_visit") == [(2, True)]


def test_statuses_of_a_job(used: Database):
    assert used.execute("SELECT statuses_seen FROM label_print_job WHERE flask_job_id = 'srv-1'") == [("printing failed",)]


def test_what_became_of_each_label(used: Database):
    assert used.execute("SELECT labels_to_inspect FROM label_print_job WHERE flask_job_id = 'srv-1'") == [("3",)]


def test_another_print_backend(used: Database, tmp_path):
    """The jobs of one print server go to a folder, and are followed there; nothing else is told of it."""
    odoo.run(used.config, script=BACKEND.format(folder=str(tmp_path)), what="Printing into a folder")
    ((status, printed, key),) = used.execute(
        "SELECT j.status, j.current_label, j.flask_job_id FROM label_print_job j JOIN label_print_server s ON s.id = j.server_id"
        " WHERE s.name = 'Folder'"
    )
    assert (status, printed) == ("completed", 3)
    assert [path.name for path in tmp_path.iterdir()] == [f"{key}.zpl"]
    assert (tmp_path / f"{key}.zpl").read_text().count("^XA") == 3
    assert used.execute("SELECT status FROM printer_configuration WHERE cups_name = 'folder'") == [("online",)]
