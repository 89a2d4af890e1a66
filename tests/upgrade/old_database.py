"""A database in which release 19.0.1.0.0 is installed, with its jobs, and the update to the present code."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts import odoo
from scripts.databases import Database, base_template, temporary_copy
from scripts.postgres import Cluster

MODULE = "label_print_monitor"
OLD_VERSION = "19.0.1.0.0"
FIXTURE = Path(__file__).with_name("release_19_0_1.sql")


@contextmanager
def old_database(cluster: Cluster) -> Iterator[Database]:
    """Odoo's modules as they are installed on this machine, and beside them what the release had added."""
    with temporary_copy(cluster, base_template(cluster, demo=False), "upgrade") as database:
        database.execute(FIXTURE.read_text(encoding="utf-8"))
        yield database


def update(database: Database) -> str:
    """Update the addon to the code of this checkout, as `odoo --update` does it; what Odoo logged is returned."""
    log = database.config.with_name("update.log")
    odoo.run(
        database.config, "--update", MODULE, "--stop-after-init", "--no-http", "--logfile", str(log),
        what="Updating the addon",
    )  # fmt: skip
    return log.read_text(encoding="utf-8")
