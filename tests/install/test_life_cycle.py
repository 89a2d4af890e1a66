"""One database from installation to reinstallation: with three languages and three companies that were there before.

Nothing above INFO is logged, and nothing stays behind. Each fixture takes one step, on the database of the one before.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from scripts import odoo, places
from scripts.databases import Database, base_template, temporary_copy
from scripts.postgres import running_cluster
from tests.install.installation import (
    CRONS,
    MODULE,
    active_crons,
    addresses,
    complaints,
    install,
    uninstall,
    update,
    use,
)

LANGUAGES = ("de_DE", "fr_FR", "ar_001")
COMPANIES = ("Second company", "Third company")
PREPARE = f"""
for code in {LANGUAGES}:
    env["res.lang"]._activate_lang(code)
env["res.company"].create([{{"name": name}} for name in {COMPANIES}])
env["res.config.settings"].create({{}}).execute()  # writes parameters of Odoo's own
env.cr.commit()
"""
# What the addon adds to and must take away from: each row by what tells it apart.
LEFT_AS_THEY_WERE = {
    "menus": "SELECT id FROM ir_ui_menu",
    "views": "SELECT id FROM ir_ui_view",
    "window actions": "SELECT id FROM ir_act_window",
    "server actions": "SELECT id FROM ir_act_server",
    "scheduled actions": "SELECT id FROM ir_cron",
    "triggers of scheduled actions": "SELECT cron_id FROM ir_cron_trigger",
    "record rules": "SELECT id FROM ir_rule",
    "access rights": "SELECT id FROM ir_model_access",
    "groups": "SELECT id FROM res_groups",
    "privileges": "SELECT id FROM res_groups_privilege",
    "implied groups": "SELECT gid, hid FROM res_groups_implied_rel",
    "models": "SELECT model FROM ir_model",
    "fields": "SELECT model, name FROM ir_model_fields",
    "external identifiers": "SELECT name FROM ir_model_data WHERE module = 'label_print_monitor' OR model LIKE 'label%'",
    "parameters": "SELECT key FROM ir_config_parameter",
    "messages": "SELECT model, res_id FROM mail_message WHERE model LIKE 'label%' OR model LIKE 'printer%'",
    "followers": "SELECT res_model, res_id FROM mail_followers WHERE res_model LIKE 'label%' OR res_model LIKE 'printer%'",
    "activities": "SELECT res_model, res_id FROM mail_activity",
    "attachments": "SELECT name FROM ir_attachment WHERE url IS NULL OR url NOT LIKE '/web/assets/%'",
    "tables": "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'",
    "columns": "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'",
}


@dataclass(frozen=True)
class Step:
    """A database after a step, what the step logged, and what is in the database now."""

    database: Database
    log: str
    rows: dict[str, set]


def after(database: Database, log: str) -> Step:
    # Without parameters, psycopg2 takes a percent sign as it stands.
    return Step(database, log, {what: set(database.execute(query)) for what, query in LEFT_AS_THEY_WERE.items()})


@pytest.fixture(scope="module")
def prepared() -> Iterator[Step]:
    with (
        running_cluster() as cluster,
        temporary_copy(cluster, base_template(cluster, demo=False), "install") as database,
    ):
        odoo.run(database.config, script=PREPARE, what="Adding languages and companies")
        yield after(database, "")


@pytest.fixture(scope="module")
def installed(prepared) -> Step:
    return after(prepared.database, install(prepared.database))


@pytest.fixture(scope="module")
def updated(installed) -> Step:
    use(installed.database, "http://127.0.0.1:9")
    return after(installed.database, update(installed.database))


@pytest.fixture(scope="module")
def uninstalled(updated) -> Step:
    return after(updated.database, uninstall(updated.database))


@pytest.fixture(scope="module")
def reinstalled(uninstalled) -> Step:
    return after(uninstalled.database, install(uninstalled.database))


def check_log(step: Step, contains: str = f"Loading module {MODULE}") -> None:
    assert complaints(step.log) == []
    assert contains in step.log, "the log that was read is that of the step"


def test_an_installation_logs_nothing_above_info(installed):
    check_log(installed)


def test_the_languages_that_are_there_get_their_translation(installed):
    translations = {path.stem for path in (places.ADDON / "i18n").glob("*.po")}
    query = "SELECT count(*) FROM ir_model_fields WHERE model = 'label.print.job' AND field_description ? %s"
    for code in LANGUAGES:
        count = installed.database.execute(query, code)[0][0]
        assert bool(count) == bool({code, code.partition("_")[0]} & translations), (code, count)


def test_an_update_logs_nothing_above_info(updated):
    check_log(updated)


def test_an_update_keeps_what_there_was(updated):
    assert updated.database.execute("SELECT count(*) FROM label_print_job") == [(2,)]
    assert all(addresses(updated.database)), "every print server still has its address"


def test_an_uninstallation_logs_nothing_above_info(uninstalled):
    """Although jobs and printers refer to the default print server, which is a data record of the addon."""
    check_log(uninstalled, "Deleting ir.model(")


@pytest.mark.parametrize("what", LEFT_AS_THEY_WERE)
def test_an_uninstallation_leaves_nothing_behind_and_takes_nothing_else_away(prepared, uninstalled, what):
    assert uninstalled.rows[what] == prepared.rows[what]


def test_a_reinstallation_logs_nothing_above_info(reinstalled):
    check_log(reinstalled)


def test_a_reinstallation_begins_without_jobs_and_without_an_address(reinstalled):
    assert reinstalled.database.execute("SELECT count(*) FROM label_print_job") == [(0,)]
    assert addresses(reinstalled.database) == [""]
    assert active_crons(reinstalled.database) == len(CRONS)
