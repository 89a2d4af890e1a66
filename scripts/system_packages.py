"""The two programs that neither Odoo's package nor PyPI brings: a browser and docker-compose. Root gets them installed, others are told."""

import os
import shutil
import subprocess
import sys

from scripts.console import Failure, step


def need(program: str, package: str, why: str) -> str:
    """The path of a program; installs Debian's package when it is missing and may be installed."""
    found = shutil.which(program)
    if found:
        return found
    advice = f"as root: apt-get install {package}"
    if os.geteuid() or not shutil.which("apt-get"):
        raise Failure(f"{program} is missing: {why}", advice)
    with step(f"Installing {package} ({why})"):
        quiet = {"stdin": subprocess.DEVNULL, "stdout": sys.stderr, "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
        options = ["-qq", "-o", "Dpkg::Use-Pty=0", "-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=300"]
        subprocess.run(["apt-get", *options, "update"], check=False, **quiet)
        subprocess.run(["apt-get", *options, "install", "--yes", "--no-install-recommends", package], check=False, **quiet)
    found = shutil.which(program)
    if not found:
        raise Failure(f"{package} could not be installed", f"read apt's message above, then {advice}")
    return found


def need_browser() -> str:
    for name in ("chromium", "google-chrome", "chromium-browser"):
        found = shutil.which(name)
        if found:
            return found
    return need("chromium", "chromium", "the browser tests drive it")
