"""The update from release 19.0.1.0.0: the fixture's database is updated as a user's would be, once for all tests here."""

import json
import re
from dataclasses import dataclass
from typing import Any

import pytest

from scripts import odoo
from scripts.databases import Database, addon_template
from scripts.postgres import running_cluster
from tests.upgrade.database_difference import Side
from tests.upgrade.old_database import MODULE, OLD_VERSION, old_database, update

# Odoo's remarks about views and labels, the same when the addon is installed.
REMARKS = re.compile(r"Two fields \(.*\) of .* have the same label|A <i> with fa class .* must have title")
# What the old release knew of each job, and the update must not change.
KNOWN = """
SELECT id, mo_reference AS case, status, current_label, quantity, confirmed, error_code, error_message, attention_code,
       attempt_number, flask_job_id, idempotency_key, priority, job_type, submitted_by, create_date, write_date, timeline,
       submitted_date, started_date, completed_date
  FROM label_print_job ORDER BY id
"""
# As the web client opens a list and each job's form.
OPEN_EVERYTHING = """
import json
answer = {}
for model in ("label.print.job", "label.print.attempt", "label.print.failed.label", "label.print.server", "printer.configuration"):
    Model = env[model].with_context(active_test=False)
    views = Model.get_views([(False, "list"), (False, "form"), (False, "search")])["models"]
    fields = {name: {} for name in views[model]["fields"]}
    answer[model] = len(Model.search([]).web_read(fields))
jobs = env["label.print.job"]
answer["overview"] = bool(jobs.get_overview())
answer["retry"] = sum(job.can_retry for job in jobs.search([]))
print("ANSWER", json.dumps(answer))
"""


@dataclass
class Update:
    """A database after the update, what it held before, and what Odoo logged."""

    database: Database
    before: dict[int, dict[str, Any]]
    counted: dict[str, int]
    log: str

    @property
    def after(self) -> dict[int, dict[str, Any]]:
        return known_jobs(self.database)


def known_jobs(database: Database) -> dict[int, dict[str, Any]]:
    names = [name.split()[-1].rpartition(" AS ")[2] for name in KNOWN.partition("FROM")[0].replace("SELECT", "").split(",")]
    return {row[0]: dict(zip(names, row, strict=True)) for row in database.execute(KNOWN)}


@pytest.fixture(scope="module")
def updated():
    with running_cluster() as cluster, old_database(cluster) as database:
        before = known_jobs(database)
        tables = {"label.print.job": "label_print_job", "label.print.server": "label_print_server",
                  "label.print.failed.label": "label_print_failed_label", "printer.configuration": "printer_configuration"}  # fmt: skip
        counted = {model: database.execute(f"SELECT count(*) FROM {table}")[0][0] for model, table in tables.items()}
        assert before, "the fixture holds no jobs"
        assert database.execute("SELECT state, latest_version FROM ir_module_module WHERE name = %s", MODULE) == [("installed", OLD_VERSION)]
        yield Update(database, before, counted, update(database))


def test_odoo_has_nothing_to_complain_about(updated):
    loud = [line for line in updated.log.splitlines() if re.search(r" (WARNING|ERROR|CRITICAL) ", line)]
    assert [line for line in loud if not REMARKS.search(line)] == []
    state, version = updated.database.execute("SELECT state, latest_version FROM ir_module_module WHERE name = %s", MODULE)[0]
    assert state == "installed"
    assert version >= OLD_VERSION


def test_every_status_and_every_doubt_was_in_the_old_database(updated):
    """Otherwise the tests below would show little."""
    jobs = updated.before.values()
    assert {job["status"] for job in jobs} == {
        "pending", "sent", "queued", "printing", "completed", "completed_with_errors", "failed", "cancelled"
    }  # fmt: skip
    assert {job["attention_code"] for job in jobs} == {None, "stuck", "submission_uncertain"}
    assert {job["attempt_number"] for job in jobs} == {1, 2, 3}
    assert {job["job_type"] for job in jobs} == {"auto", "manual", "manual_reprint", "test"}


def test_no_job_says_anything_else_than_before(updated):
    assert updated.after == updated.before


def test_the_tables_are_those_of_a_new_installation(updated):
    """Columns and their types, constraints and indexes: an update leaves nothing out, and nothing lying about."""
    cluster = updated.database.cluster
    installed, ours = Side(cluster, addon_template(cluster, demo=False)), Side(cluster, updated.database.name)
    tables = sorted({table for side in (installed, ours) for table in side.columns if re.match("label_print|printer_conf", table)})
    assert tables
    for query in (
        "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns WHERE table_name = ANY(%s)",
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid::regclass::text = ANY(%s)",
        "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s)",
        "SELECT relname, reloptions FROM pg_class WHERE relname = ANY(%s)",
    ):
        assert {plain(row) for row in ours.rows(query, tables)} == {plain(row) for row in installed.rows(query, tables)}


def plain(row: tuple) -> str:
    """Without the casts and brackets that PostgreSQL adds to an expression each time it is written and read again."""
    return re.sub(r"::(character varying|text)(\[\])?|[()]", "", repr(row))


def test_records_of_the_module_are_those_of_a_new_installation(updated):
    """Views, menus, rights, scheduled actions, fields: what the release had and the present code has not is gone."""
    query = "SELECT model, name FROM ir_model_data WHERE module = %s AND model <> 'ir.module.category' ORDER BY 1, 2"
    cluster = updated.database.cluster
    assert updated.database.execute(query, MODULE) == Side(cluster, addon_template(cluster, demo=False)).rows(query, MODULE)


def test_everything_can_be_opened(updated):
    said = odoo.run(updated.database.config, script=OPEN_EVERYTHING, what="Opening the old jobs")
    answer = json.loads(said.partition("ANSWER ")[2].splitlines()[0])
    assert {model: answer[model] for model in updated.counted} == updated.counted
    assert answer["overview"]
    assert answer["retry"] >= sum(job["status"] in ("failed", "completed_with_errors") for job in updated.before.values())
