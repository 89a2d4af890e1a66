"""The programs that no Python package brings (browser, docker-compose): root gets them installed, others are told."""

import os
import shutil
import subprocess

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
        said = _apt("update") + _apt("install", "--yes", "--no-install-recommends", package)
    found = shutil.which(program)
    if not found:
        raise Failure(f"{package} could not be installed; apt's last words:\n{said[-1500:]}", advice)
    return found


def need_browser() -> str:
    for name in ("chromium", "google-chrome", "chromium-browser"):
        found = shutil.which(name)
        if found:
            return found
    return need("chromium", "chromium", "the browser tests drive it")


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
