"""A copy of a database that Odoo has neutralised never calls a print server: not by itself, and not when it is asked to.

Both of Odoo's ways of making such a copy; what the copied database itself calls gives their silence its meaning.
"""

import dataclasses
import time
from collections.abc import Iterator

import pytest

from scripts import databases, odoo
from scripts.databases import Database, fresh_database
from scripts.postgres import running_cluster
from tests.install.installation import Listener, active_crons, addresses, run, running_odoo, use

WAYS = ("duplicate", "neutralize")
# What calls a print server, by the scheduled actions' methods and by a button.
CALL = """
from odoo.exceptions import UserError

env["label.print.job"]._cron_submit_pending_jobs()
env["label.print.job"]._cron_poll_active_jobs()
env.cr.commit()
for server in env["label.print.server"].search([]):
    try:
        server.action_test_connection()
    except UserError:
        pass  # no address
"""
DUE = "UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' - interval '1 minute' WHERE active"
STILL_DUE = "SELECT id FROM ir_cron WHERE active AND nextcall <= now() AT TIME ZONE 'UTC'"


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.stop()


@pytest.fixture(scope="module")
def original(listener: Listener) -> Iterator[Database]:
    with running_cluster() as cluster, fresh_database(cluster, "install") as database:
        use(database, listener.url)
        for made in ("metrics_token", "server_token", "server_code", "server_call"):
            assert database.execute(f"SELECT count(*) FROM label_print_{made}") == [(1,)]
        yield database


@pytest.fixture(scope="module")
def copies(original: Database) -> Iterator[dict[str, Database]]:
    """Copies of the database made by Odoo's two ways, dropped at the end."""
    made = {}
    for way in WAYS:
        name = f"{original.name}_{way}"
        config = odoo.write_config(original.config.with_name(f"{way}.conf"), original.cluster, name)
        made[way] = dataclasses.replace(original, name=name, config=config)
    try:
        run(original.config, "duplicate", "--neutralize", original.name, made["duplicate"].name, main=("db",))
        databases.copy(original.cluster, original.name, made["neutralize"].name)
        run(made["neutralize"].config, "--database", made["neutralize"].name, main=("neutralize",))
        yield made
    finally:
        for copy in made.values():
            databases.drop(copy.cluster, copy.name)


@pytest.mark.parametrize("way", WAYS)
def test_it_keeps_the_jobs_and_has_no_address_key_or_secret(copies, way):
    copy = copies[way]
    assert copy.execute("SELECT count(*) FROM label_print_job") == [(2,)]
    assert addresses(copy) == ["", ""]
    assert not copy.execute("SELECT id FROM label_print_server_secret")
    secrets = "SELECT key FROM ir_config_parameter WHERE key IN ('label_print.api_key', 'label_print.webhook_secret')"
    assert not copy.execute(secrets)
    assert not copy.execute("SELECT id FROM label_print_metrics_token")
    for kept in ("token", "code", "call"):
        assert not copy.execute(f"SELECT id FROM label_print_server_{kept}")
    assert active_crons(copy) == 0


def test_it_calls_nobody_by_itself(copies, listener, tmp_path):
    """With all scheduled actions that are still active run once."""
    listener.paths.clear()
    listed = ",".join(copy.name for copy in copies.values())
    with running_odoo(copies["duplicate"], tmp_path, {"db_name": listed, "dbfilter": ".*"}):
        for copy in copies.values():
            copy.execute(DUE)
        ends = time.monotonic() + 90
        while due := [copy for copy in copies.values() if copy.execute(STILL_DUE)]:
            assert time.monotonic() < ends, "the scheduled actions of the copies do not run"
            for copy in due:  # again and again: Odoo may not have listened the last time
                copy.cluster.execute("SELECT pg_notify('cron_trigger', %s)", copy.name)
            time.sleep(0.5)
    assert listener.paths == []


@pytest.mark.parametrize("way", WAYS)
def test_it_calls_nobody_when_it_is_asked_to(copies, listener, way):
    listener.paths.clear()
    odoo.run(copies[way].config, script=CALL, what="Calling print servers")
    assert listener.paths == []


def test_the_database_that_was_copied_does_call(original, copies, listener):
    """Both of its print servers: the copies' silence is not that of a database that never calls."""
    listener.paths.clear()
    run(original.config, "--no-http", main=("shell",), script=CALL)
    assert {path.startswith("/hall-2") for path in listener.paths} == {True, False}
