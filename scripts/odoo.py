"""Calling Odoo: where it is, how it is configured, and one-off runs that install modules or execute a snippet."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from scripts import places
from scripts.console import Failure, say, step
from scripts.postgres import PORT as PG_PORT
from scripts.postgres import ROLE, Cluster
from scripts.processes import run_to_end

# psycopg2-binary is here in its place; python-ldap is for logging in by LDAP and has to be compiled.
NOT_INSTALLED = {"psycopg2", "python-ldap", "pypdf2"}


@cache
def source() -> Path:
    """The folder to put on PYTHONPATH; fetches Odoo when there is none."""
    found = Path(_get_odoo())
    if (found / ".complete").exists():  # a clone that was fetched, not a package or a checkout of somebody's own
        _install_requirements(found / "requirements.txt", found / f".requirements-{places.short_hash(sys.prefix)}")
    return found


def programs() -> list[str]:
    """What has to be on this machine to get Odoo: nothing where Debian's apt has it, or it is here already."""
    return ["git"] if _get_odoo("--how") == "git" else []


def _get_odoo(*arguments: str) -> str:
    with tempfile.TemporaryFile("w+", encoding="utf-8") as answer:
        if run_to_end([places.CHECKOUT / "scripts" / "get_odoo.sh", *arguments], output=answer):
            raise Failure("Odoo 19 is not available", "see the message above")
        answer.seek(0)
        return answer.read().strip().splitlines()[-1]


def _install_requirements(requirements: Path, done: Path) -> None:
    """Bring what Odoo names and the environment lacks; the versions of our own requirements.txt stay.

    Those ran together, and Odoo's own need compilers on some systems.
    """
    if done.exists() or not requirements.exists():
        return
    lacking = [text for text in _requirements(requirements) if not _is_installed(text)]
    pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--prefer-binary"]
    pip += ["--constraint", str(places.CHECKOUT / "requirements.txt")]
    for text in lacking:
        with step(f"Installing {text}, which this Odoo names"):
            installed = subprocess.run(
                [*pip, text], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=900, check=False
            )
        if installed.returncode:
            # Most are for single features; if one is not, Odoo says which when it starts.
            last = (installed.stdout.strip().splitlines() or ["nothing"])[-1]
            say(f"  pip could not install it, and Odoo is tried without. Its last words: {last}")
    done.touch()


def _requirements(file: Path) -> Iterator[str]:
    """The lines that are for this Python and system, without those for which we bring another or that are optional."""
    for line in file.read_text(encoding="utf-8").splitlines():
        text = line.partition("#")[0].strip()
        if not text:
            continue
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        applies = requirement.marker is None or requirement.marker.evaluate()
        if applies and canonicalize_name(requirement.name) not in NOT_INSTALLED:
            yield str(requirement)


def _is_installed(text: str) -> bool:
    try:
        metadata.version(Requirement(text).name)
    except metadata.PackageNotFoundError:
        return False
    return True


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
