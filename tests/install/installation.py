"""What these tests share: Odoo's server, on one database or several, and its scheduled actions run now."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from scripts.databases import Database
from scripts.processes import Service, free_port
from scripts.product import _odoo as odoo_service

MODULE = "label_print_monitor"
CRONS = ("cron_poll_print_job_status", "cron_submit_print_jobs")


@contextmanager
def running_odoo(
    database: Database, folder: Path, options: Mapping[str, object] | None = None, port: int = 0
) -> Iterator[Service]:
    """Odoo's server on one database, or on several where the options say so."""
    service = odoo_service(database, folder, port or free_port(), options or {})
    service.start()
    try:
        yield service
    finally:
        service.stop()


def run_crons(database: Database) -> None:
    """Have a running Odoo look at its scheduled actions now; those of the addon are due."""
    database.execute(
        "UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' - interval '1 minute' WHERE id IN"
        " (SELECT res_id FROM ir_model_data WHERE module = %s AND name = ANY(%s))",
        MODULE,
        list(CRONS),
    )
    database.cluster.execute("SELECT pg_notify('cron_trigger', %s)", database.name)
