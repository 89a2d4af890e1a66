"""What comes from npm, in the cache of all clones: for browser tests and `make lint`, and the label renderer.

Which versions, and with which hashes, is said by a package-lock.json: tests/ has one, scripts/renderer/ another.
"""

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
FOR_TESTS = places.CHECKOUT / "tests"


def node_modules(said_by: Path = FOR_TESTS) -> Path:
    """The folder `node_modules`; fetched at its first use, each package checked against the lock file by npm.

    :param said_by: the folder with package.json and package-lock.json
    :raise Failure: where npm is missing or cannot install them
    """
    sources = [said_by / name for name in PACKAGE_FILES]
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
        names = "packages for browser tests and lint" if sources[0].parent == FOR_TESTS else "the label renderer"
        with step(f"Fetching {names} from npm (once)"):
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
                    f"npm could not install {sources[1].relative_to(places.CHECKOUT)}; its last words:\n{said}",
                    "check the network, then run the same command again",
                )
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def with_programs(environment: dict[str, str]) -> dict[str, str]:
    """The environment with the packages' programs on the PATH: Odoo looks there for `rtlcss`."""
    return {**environment, "PATH": f"{node_modules() / '.bin'}{os.pathsep}{environment['PATH']}"}
