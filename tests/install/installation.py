"""What these tests share: Odoo's own commands with what they log, and a print server that only notes who calls.

And Odoo's server, on one database or several, and its scheduled actions run now.
"""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from scripts import odoo, places
from scripts.databases import Database
from scripts.processes import Service, free_port
from scripts.product import _odoo as odoo_service

MODULE = "label_print_monitor"
CRONS = ("cron_poll_print_job_status", "cron_submit_print_jobs")
# Everything of a database in use that could call out, or stay behind.
USE = """
server = env["label.print.server"]._get_default()
server.write({{"api_url": "{url}", "api_key": "the-key", "webhook_secret": "the-secret"}})
second = env["label.print.server"].create(
    {{"name": "Hall 2", "api_url": "{url}/hall-2", "api_key": "key-2", "webhook_secret": "secret-2"}}
)
printers = env["printer.configuration"].create(
    [{{"name": owner.name, "cups_name": "zebra", "server_id": owner.id}} for owner in (server, second)]
)
for printer in printers:
    printer.message_post(body="Cleaned")
jobs = env["label.print.job"].create([
    {{"printer_id": printer.id, "quantity": 1, "labels_data": [{{"zpl_code": "^XA^FDx^FS^XZ"}}]}} for printer in printers
])
jobs.activity_schedule("mail.mail_activity_data_todo", summary="Look")
jobs.action_export_history()
printers[0].is_default = True
env["label.print.metrics.token"]._make(env.company)
env["label.print.server.token"]._make(second)
env["label.print.server.code"]._make(env["label.print.server"].search([], limit=1))
env.cr.execute(
    "INSERT INTO label_print_server_call (server_ref, name, state, method, path, expires_at)"
    " VALUES (%s, 'x', 'waiting', 'GET', '/api/health', now() + interval '1 day')", [second.id]
)
env["res.config.settings"].create({{"label_print_good_evidence": "spooled"}}).execute()
env.cr.commit()
"""


def run(config: Path, *command: str, main: tuple[str, ...] = (), script: str = "") -> str:
    """One run of Odoo's command line, which must succeed; what it logged.

    :param main: the subcommand with its own arguments before the configuration, such as ``("module", "uninstall")``
    :param script: what its shell runs
    """
    done = subprocess.run(
        [sys.executable, "-m", "odoo", *main, "--config", str(config), *command],
        input=script, capture_output=True, text=True, env=odoo.environment(), cwd=places.CHECKOUT, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, "\n".join(done.stderr.splitlines()[-40:])
    return done.stderr


def install(database: Database) -> str:
    """``odoo-bin --init``; what it logged."""
    return run(database.config, "--init", MODULE, "--stop-after-init", "--no-http")


def update(database: Database) -> str:
    """``odoo-bin --update``; what it logged."""
    return run(database.config, "--update", MODULE, "--stop-after-init", "--no-http")


def uninstall(database: Database) -> str:
    """``odoo-bin module uninstall``; what it logged."""
    return run(database.config, "--database", database.name, MODULE, main=("module", "uninstall"))


def complaints(log: str) -> list[str]:
    """Lines at WARNING or above."""
    return [line for line in log.splitlines() if re.search(r" (WARNING|ERROR|CRITICAL) ", line)]


class Listener:
    """Answers every request of any method with an empty JSON object, and notes its path."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                outer.paths.append(self.path)
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            do_GET = do_POST = do_DELETE = answer

            def log_message(self, *_arguments: object) -> None:
                """Nothing on the terminal."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


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


def use(database: Database, url: str) -> None:
    """Two print servers at an address, each with a printer and a job."""
    odoo.run(database.config, script=USE.format(url=url), what="Using the addon")


def addresses(database: Database) -> list[str]:
    """The address of every print server; the default one's is a system parameter."""
    query = (
        "SELECT CASE WHEN is_default THEN (SELECT value FROM ir_config_parameter WHERE key = 'label_print.api_url')"
        " ELSE own_api_url END FROM label_print_server ORDER BY id"
    )
    return [address or "" for (address,) in database.execute(query)]


def active_crons(database: Database) -> int:
    """How many of the scheduled actions that call print servers are active."""
    query = (
        "SELECT count(*) FROM ir_cron JOIN ir_model_data data ON data.res_id = ir_cron.id AND data.model = 'ir.cron'"
        " WHERE data.module = %s AND data.name = ANY(%s) AND ir_cron.active"
    )
    return database.execute(query, MODULE, list(CRONS))[0][0]
