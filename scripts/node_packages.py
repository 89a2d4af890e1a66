"""What browser tests and `make lint` bring from npm, as tests/package-lock.json says, in the cache of all clones."""

import os
import secrets
import shutil
import subprocess
from pathlib import Path

from scripts import places
from scripts.console import Failure, step
from scripts.locks import exclusive
from scripts.system_packages import need

PACKAGE_FILES = ("package.json", "package-lock.json")


def node_modules() -> Path:
    """The folder `node_modules`; fetched at its first use, each package checked against the lock file by npm."""
    sources = [places.CHECKOUT / "tests" / name for name in PACKAGE_FILES]
    key = places.short_hash(b"".join(source.read_bytes() for source in sources), 12)
    folder = places.cache() / f"node-{key}"
    if not folder.exists():
        with exclusive(places.cache() / f"node-{key}.lock"):
            if not folder.exists():  # another process may have fetched it while we waited
                _fetch(sources, folder)
    return folder / "node_modules"


def _fetch(sources: list[Path], folder: Path) -> None:
    npm = need("npm")
    unfinished = folder.with_name(f"{folder.name}-{secrets.token_hex(4)}")
    unfinished.mkdir()
    try:
        with step("Fetching packages for browser tests and lint from npm (once)"):
            for source in sources:
                shutil.copy(source, unfinished)
            done = subprocess.run(
                [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                cwd=unfinished,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=600,
                check=False,
            )
            if done.returncode:
                said = "\n".join(done.stdout.splitlines()[-15:])
                raise Failure(
                    f"npm could not install tests/package-lock.json; its last words:\n{said}",
                    "check the network, then run the same command again",
                )
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def with_programs(environment: dict[str, str]) -> dict[str, str]:
    """The environment with the packages' programs on the PATH: Odoo looks there for `rtlcss`."""
    return {**environment, "PATH": f"{node_modules() / '.bin'}{os.pathsep}{environment['PATH']}"}
