"""Calling Odoo: where it is, how it is configured, and one-off runs that install modules or execute a snippet."""

import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from scripts import places
from scripts.console import Failure
from scripts.postgres import PORT as PG_PORT
from scripts.postgres import ROLE, Cluster
from scripts.processes import run_to_end


@cache
def source() -> Path:
    """The folder to put on PYTHONPATH; fetches Odoo when there is none."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as answer:
        if run_to_end([places.CHECKOUT / "scripts" / "get_odoo.sh"], output=answer):
            raise Failure("Odoo 19 is not available", "see the message above")
        answer.seek(0)
        return Path(answer.read().strip().splitlines()[-1])


def environment(**extra: str) -> dict[str, str]:
    """Environment variables for a process that imports Odoo; without the caller's own PostgreSQL settings."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PG") and name not in ("ODOO_RC", "OPENERP_SERVER")
    }
    return kept | {"PYTHONPATH": str(source()), "PYTHONUNBUFFERED": "1"} | extra


def data_dir() -> Path:
    return places.cache() / "data"


def write_config(path: Path, cluster: Cluster, database: str, **options: object) -> Path:
    """A configuration file for one database of the private cluster; `options` are Odoo's own names."""
    # A checkout of Odoo keeps most addons beside its package, Debian's package has all of them inside.
    addons_path = [folder for folder in (source() / "odoo" / "addons", source() / "addons") if folder.is_dir()] + [
        places.CHECKOUT
    ]
    values: dict[str, object] = {
        "addons_path": ",".join(map(str, addons_path)),
        "data_dir": data_dir(),
        "db_host": cluster.sockets,
        "db_port": PG_PORT,
        "db_user": ROLE,
        "db_name": database,
        "dbfilter": f"^{database}$",
        "list_db": False,
        "http_interface": "127.0.0.1",
        "workers": 0,
        "server_wide_modules": "base,rpc,web",
        "admin_passwd": "private-cluster-without-a-database-manager",
        # Nothing that runs on a developer's machine may send mail.
        "smtp_server": "localhost.invalid",
    }
    values.update(options)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("[options]\n" + "".join(f"{name} = {value}\n" for name, value in values.items()), encoding="utf-8")
    path.chmod(0o600)
    return path


def run(config: Path, *arguments: str, script: str | None = None, what: str) -> str:
    """One run of Odoo that ends by itself; with `script`, of its shell. Returns what it printed."""
    command = [
        sys.executable,
        "-m",
        "odoo",
        *(["shell", "--no-http"] if script is not None else []),
        "--config",
        str(config),
        *arguments,
    ]
    done = subprocess.run(
        command, input=script or "", capture_output=True, text=True, env=environment(), cwd=places.CHECKOUT, check=False
    )
    troubled = [line for line in done.stderr.splitlines() if " ERROR " in line or " CRITICAL " in line]
    if done.returncode or troubled:
        shown = "\n".join((done.stdout + done.stderr).splitlines()[-40:])
        raise Failure(f"{what} failed; the end of Odoo's log:\n{shown}", "the last traceback above names the cause")
    return done.stdout
