"""The programs that no Python package brings: found where they usually are, installed for root on Debian, else named.

What is missing is told at once and for all of a command's parts, each with how to get it on Ubuntu and Debian, Fedora
and macOS.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from scripts.console import Failure, step


@dataclass(frozen=True)
class Package:
    """Where a program comes from: Debian's package, and the commands on other systems."""

    why: str
    debian: str
    fedora: str
    macos: str
    ubuntu: str | None = None
    """Its command where it is not Debian's."""

    @property
    def commands(self) -> str:
        debian = f"sudo apt-get install {self.debian}"
        words = [f"Ubuntu: {self.ubuntu}", f"Debian: {debian}"] if self.ubuntu else [f"Ubuntu, Debian: {debian}"]
        return " · ".join([*words, f"Fedora: sudo dnf install {self.fedora}", f"macOS: {self.macos}"])


PYTHON, POSTGRESQL = "Python 3.11 to 3.13", "PostgreSQL"
PACKAGES = {
    "git": Package("it fetches Odoo where there is no Debian apt", "git", "git", "brew install git"),
    "chromium": Package(
        "the browser tests drive it; CHROME_BIN names one that is elsewhere",
        "chromium",
        "chromium",
        "brew install --cask chromium",
        "sudo snap install chromium",
    ),
    "npm": Package(
        "the browser tests bring axe-core and rtlcss from there, and the checks ESLint",
        "npm",
        "nodejs-npm",
        "brew install node",
    ),
    "docker-compose": Package(
        "it checks docker-compose.yml; no engine is needed",
        "docker-compose",
        "docker-compose",
        "brew install docker-compose",
    ),
    "gcc": Package("it builds pycups", "build-essential", "gcc", "xcode-select --install"),
    "python3-config": Package(
        "pycups is built with Python's headers", "python3-dev", "python3-devel", "brew install python"
    ),
    POSTGRESQL: Package(
        "its server keeps the databases; PG_BIN names the folder of its programs where they are elsewhere",
        "postgresql",
        "postgresql-server",
        "brew install postgresql@17",
    ),
    PYTHON: Package(
        "Odoo 19 needs it: make PYTHON=python3.13 …", "python3 python3-venv", "python3.13", "brew install python@3.13"
    ),
}
BROWSERS = ("chromium", "google-chrome", "chromium-browser", "google-chrome-stable")
_MACOS_BROWSERS = (
    "Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "Applications/Chromium.app/Contents/MacOS/Chromium",
)
_PLAYWRIGHT_BROWSERS = (
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/Chromium.app/Contents/MacOS/Chromium",
    "chromium-*/chrome-mac*/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing",
)


def need(name: str) -> str:
    """The path of a program of PACKAGES; installs Debian's package when it is missing and may be installed."""
    found = _find(name)
    if found:
        return found
    package = PACKAGES[name]
    if not _can_install():
        raise missing([name])
    with step(f"Installing {package.debian} ({package.why})"):
        said = _apt("update") + _apt("install", "--yes", "--no-install-recommends", *package.debian.split())
    found = _find(name)
    if not found:
        raise Failure(
            f"{package.debian} could not be installed; apt's last words:\n{said[-1500:]}",
            f"install it by hand. {package.commands}",
        )
    return found


def need_browser() -> str:
    """The path of a Chromium or Chrome: CHROME_BIN's, the system's, or one that Playwright has fetched."""
    return need("chromium")


def check(names: Iterable[str]) -> None:
    """Name all that is missing of these at once, before anything starts. What may be installed is not missing."""
    if not _can_install() and (lacking := [name for name in names if not _find(name)]):
        raise missing(lacking)


def missing(names: list[str]) -> Failure:
    """The failure that names these programs, each in a line with how to get it."""
    lines = "".join(f"\n    {name}: {PACKAGES[name].why}.\n      {PACKAGES[name].commands}" for name in names)
    verb = "is" if len(names) == 1 else "are"
    return Failure(
        f"{', '.join(names)} {verb} missing on this machine", f"install what is missing, then try again{lines}"
    )


def with_browser(environment: dict[str, str], folder: Path) -> dict[str, str]:
    """The environment for a program that finds its browser on the PATH by itself, as Odoo's tests do.

    Where it would not find ours, a wrapper of it in `folder` goes first on the PATH.
    """
    found = need_browser()
    if not os.environ.get("CHROME_BIN") and any(map(shutil.which, BROWSERS)):
        return environment
    folder.mkdir(parents=True, exist_ok=True)
    wrapper = folder / "google-chrome"  # the name that Odoo looks for first
    wrapper.write_text(f'#!/bin/sh\nexec {shlex.quote(found)} "$@"\n', encoding="utf-8")
    wrapper.chmod(0o755)
    return {**environment, "PATH": f"{folder}{os.pathsep}{environment['PATH']}"}


def _find(name: str) -> str | None:
    if name == "chromium":
        return _browser()
    if name == "python3-config":
        header = Path(sysconfig.get_path("include")) / "Python.h"
        return str(header) if header.exists() else None
    return shutil.which(name)


def _browser() -> str | None:
    if explicit := os.environ.get("CHROME_BIN"):
        found = shutil.which(explicit)
        if not found:
            raise Failure(f"CHROME_BIN={explicit} is no program", "give the path of a Chromium or Chrome, or unset it")
        return found
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    for root in (Path("/"), Path.home()):
        for application in _MACOS_BROWSERS if sys.platform == "darwin" else ():
            if (root / application).exists():
                return str(root / application)
    return _playwright_browser()


def _playwright_browser() -> str | None:
    """One that `python -m playwright install chromium` has fetched, the newest."""
    usual = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "ms-playwright"
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or usual)
    found = [path for pattern in _PLAYWRIGHT_BROWSERS for path in folder.glob(pattern) if os.access(path, os.X_OK)]
    return str(max(found, key=lambda path: path.stat().st_mtime)) if found else None


def _can_install() -> bool:
    return not os.geteuid() and bool(shutil.which("apt-get"))


def _apt(*arguments: str) -> str:
    done = subprocess.run(
        ["apt-get", "-q", "-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=300", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        check=False,
    )
    return done.stdout
