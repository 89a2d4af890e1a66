"""Databases in a second: templates that are built once, named by a hash of their contents, and copied for each run.

Two layers. The base template has Odoo's modules only and serves every version of the addon; the addon's template is
made from it by installing the addon as it is in this checkout. A copy shares its files with its template by hard
links: Odoo names stored files by their content and never changes one.
"""

import contextlib
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from scripts import odoo, places
from scripts.console import step
from scripts.locks import FileLock, exclusive
from scripts.postgres import Cluster

BASE_MODULES = "mrp"
ADDON_MODULE = "label_print_monitor"
# What changes neither tables nor data, so that editing it does not rebuild the template.
NOT_INSTALLED = {"tests", "static", "__pycache__"}
NOT_IN_BUNDLES = {"tests", "lib", "__pycache__"}
KEPT_ADDON_TEMPLATES = 48

GENERATE_ASSETS = "env['ir.qweb']._pregenerate_assets_bundles(); env.cr.commit()"


@dataclass(frozen=True)
class Database:
    """One database of the private cluster and the configuration that points Odoo at it."""

    name: str
    cluster: Cluster
    config: Path

    def execute(self, query: str, *parameters: object) -> list[tuple]:
        return self.cluster.execute(query, *parameters, database=self.name)


@contextmanager
def fresh_database(cluster: Cluster, purpose: str, demo: bool = False, assets: bool = False) -> Iterator[Database]:
    """A copy of the addon's template for one run, dropped at its end.

    :param purpose: a word for the database's name (test, e2e, bench)
    :param demo: with demo data
    :param assets: with the web client's bundles built in, which spares each browser test ten seconds
    """
    with temporary_copy(cluster, addon_template(cluster, demo, assets), purpose) as database:
        yield database


@contextmanager
def temporary_copy(cluster: Cluster, template: str, purpose: str) -> Iterator[Database]:
    """A copy of a template, dropped at the end; what a crashed run left is dropped too.

    :param template: the name of a database that is there
    :param purpose: a word for the copy's name
    """
    _drop_abandoned(cluster)
    name = f"lpm_{purpose}_{secrets.token_hex(4)}"
    lease = FileLock(_lease(cluster, name))
    lease.acquire()
    try:
        copy(cluster, template, name)
        config = odoo.write_config(_work(cluster, name) / "odoo.conf", cluster, name)
        yield Database(name, cluster, config)
    finally:
        drop(cluster, name)
        lease.release()
        _lease(cluster, name).unlink(missing_ok=True)


def base_template(cluster: Cluster, demo: bool) -> str:
    """Odoo with the modules the addon builds on."""
    release = odoo.source() / "odoo" / "release.py"
    key = places.short_hash(f"{odoo.source()} {release.stat().st_mtime_ns} {BASE_MODULES}")
    name = f"lpm_base_{'demo' if demo else 'bare'}_{key}"

    def build(unfinished: str) -> None:
        what, seconds = ("with demo data", 60) if demo else ("without demo data", 30)
        with step(f"Installing Odoo's modules {what} into a template database (once, about {seconds} s)"):
            config = odoo.write_config(_work(cluster, unfinished) / "odoo.conf", cluster, unfinished)
            odoo.run(
                config,
                "--init",
                BASE_MODULES,
                "--stop-after-init",
                "--no-http",
                *(["--with-demo"] if demo else []),
                what="Installing Odoo's modules",
            )

    _once(cluster, name, build)
    return name


def addon_template(cluster: Cluster, demo: bool, assets: bool = False) -> str:
    """The base template plus the addon as it is in this checkout."""
    base = base_template(cluster, demo)
    name = f"lpm_addon_{base.removeprefix('lpm_base_')}_{addon_fingerprint()}"

    def install(unfinished: str) -> None:
        with step("Installing the addon into a template database"):
            copy(cluster, base, unfinished)
            config = odoo.write_config(_work(cluster, unfinished) / "odoo.conf", cluster, unfinished)
            odoo.run(
                config,
                "--init",
                ADDON_MODULE,
                "--stop-after-init",
                "--no-http",
                *(["--with-demo"] if demo else []),
                what="Installing the addon",
            )

    def generate(unfinished: str) -> None:
        with step("Building the web client's bundles"):
            copy(cluster, name, unfinished)
            config = odoo.write_config(_work(cluster, unfinished) / "odoo.conf", cluster, unfinished)
            odoo.run(config, script=GENERATE_ASSETS, what="Building the web client's bundles")

    _once(cluster, name, install)
    if assets:
        with_assets = f"{name}_{_fingerprint(NOT_IN_BUNDLES, below='static')}"
        _once(cluster, with_assets, generate)
        return with_assets
    return name


def exists(cluster: Cluster, name: str) -> bool:
    return bool(cluster.execute("SELECT 1 FROM pg_database WHERE datname = %s", name))


def copy(cluster: Cluster, source: str, target: str) -> None:
    cluster.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')
    shutil.rmtree(filestore(target), ignore_errors=True)
    if filestore(source).is_dir():
        shutil.copytree(filestore(source), filestore(target), copy_function=os.link)


def comment(cluster: Cluster, name: str) -> str | None:
    """The comment that `set_comment` set on a database."""
    rows = cluster.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", name)
    return rows[0][0] if rows else None


def set_comment(cluster: Cluster, name: str, text: str) -> None:
    cluster.execute(f'COMMENT ON DATABASE "{name}" IS %s', text)


def addon_fingerprint() -> str:
    """Changes when the addon has to be installed anew."""
    return _fingerprint(NOT_INSTALLED)


def drop(cluster: Cluster, name: str) -> None:
    cluster.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    shutil.rmtree(filestore(name), ignore_errors=True)
    shutil.rmtree(_work(cluster, name), ignore_errors=True)


def filestore(name: str) -> Path:
    return odoo.data_dir() / "filestore" / name


def _once(cluster: Cluster, name: str, build: Callable[[str], None]) -> None:
    """Build a template under another name and rename it when it is finished: a template that exists is complete."""
    if not exists(cluster, name):
        with exclusive(_lease(cluster, name)):
            if not exists(cluster, name):
                unfinished = f"{name}_new"
                drop(cluster, unfinished)
                if name.startswith("lpm_base_"):
                    cluster.execute(
                        f"CREATE DATABASE \"{unfinished}\" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C'"
                    )
                try:
                    build(unfinished)
                except BaseException:
                    drop(cluster, unfinished)
                    raise
                shutil.rmtree(filestore(name), ignore_errors=True)
                if filestore(unfinished).is_dir():
                    filestore(unfinished).rename(filestore(name))
                shutil.rmtree(_work(cluster, unfinished), ignore_errors=True)
                _note_use(cluster, name)  # before anybody sees it: others drop what has not been used for long
                cluster.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')
                _drop_oldest(cluster, keep=name)
    _note_use(cluster, name)


def _note_use(cluster: Cluster, name: str) -> None:
    _work(cluster, name).mkdir(parents=True, exist_ok=True)
    os.utime(_work(cluster, name))


def _drop_oldest(cluster: Cluster, keep: str) -> None:
    """Every edit of the addon makes a new template; only the last used stay."""
    names = [
        name
        for (name,) in cluster.execute(
            r"SELECT datname FROM pg_database WHERE datname LIKE 'lpm\_addon\_%%' AND datname NOT LIKE '%%\_new'"
        )
    ]
    used = {name: _work(cluster, name).stat().st_mtime if _work(cluster, name).exists() else 0 for name in names}
    for name in sorted(names, key=used.__getitem__, reverse=True)[KEPT_ADDON_TEMPLATES:]:
        if name != keep:
            with contextlib.suppress(psycopg2.Error):  # being copied right now
                drop(cluster, name)


def _drop_abandoned(cluster: Cluster) -> None:
    for lease in _lease(cluster, "any").parent.glob("lpm_*_*.lock"):
        name = lease.stem
        if re.fullmatch(r"lpm_[a-z0-9]+_[0-9a-f]{8}", name):
            lock = FileLock(lease)
            if lock.acquire(wait=False):
                drop(cluster, name)
                lease.unlink(missing_ok=True)
            lock.release()


def _fingerprint(skip: set[str], below: str = "") -> str:
    """A hash of the addon's files by name and content."""
    parts = []
    root = places.ADDON / below
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if path.is_file() and not skip.intersection(relative.parts) and path.suffix not in (".md", ".pyc"):
            parts.append(f"{relative} {places.short_hash(path.read_bytes(), 32)}")
    return places.short_hash("\n".join(parts))


def _lease(cluster: Cluster, name: str) -> Path:
    return cluster.home / "leases" / f"{name}.lock"


def _work(cluster: Cluster, name: str) -> Path:
    return places.cache() / "databases" / name
