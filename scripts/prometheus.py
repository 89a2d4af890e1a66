"""Prometheus and its `promtool` for tests: the machine's own, else Debian's package, unpacked and never installed.

Installing it would start a server for the whole machine. The tests that need it check the files in docs/monitoring, and
have a real Prometheus read what the product tells.
"""

import shutil
from pathlib import Path

from scripts import places
from scripts.debian_packages import has_apt, is_unpacked, unpacked

ALONE = ("prometheus",)
"""What it depends on besides are scripts of its old web pages."""
PROGRAMS = ("prometheus", "promtool")
FOLDER = "root-1"


def available() -> bool:
    """Whether it is here or can be fetched."""
    return _installed() or is_unpacked(places.public_cache("prometheus") / FOLDER) or has_apt()


def need_prometheus() -> Path | None:
    """The folder that holds the package as it would be at `/`; None where the machine has its own."""
    if _installed():
        return None
    home = places.public_cache("prometheus")
    return unpacked(home / FOLDER, "Prometheus (20 MB, once)", (), ALONE)


def program(name: str) -> str:
    """The path of one of PROGRAMS."""
    root = need_prometheus()
    return str(root / "usr/bin" / name) if root else str(shutil.which(name))


def _installed() -> bool:
    return all(map(shutil.which, PROGRAMS))
