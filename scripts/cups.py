"""The CUPS spooler for tests: Debian's packages, unpacked beside the system and never installed, and pycups.

Installing cups-daemon would start a spooler for the whole machine, so its files are only unpacked: that needs no root.
Tests run them as daemons of their own (tests/support/cups_spooler.py). pycups is built into the environment against the
same files.
"""

import importlib.util
import sys
from pathlib import Path

from scripts import places
from scripts.console import step
from scripts.debian_packages import has_apt, is_unpacked, run, unpacked
from scripts.locks import exclusive
from scripts.system_packages import need

PACKAGES = ("cups-daemon", "libcups2", "libcups2-dev", "libcupsimage2-dev")
"""With what they depend on. The headers of libcupsimage2-dev are included by those of libcups2-dev."""
ALONE = ("cups",)
"""It holds the backend for port 9100; what it depends on besides (Ghostscript, PPDs) is not needed."""
FOLDER = "root-1"
REQUIREMENTS = places.CHECKOUT / "print_server" / "requirements-cups.txt"


def need_spooler() -> Path:
    """The folder that holds CUPS as it would be at `/`, with pycups in this environment."""
    home = places.public_cache("cups")
    root = unpacked(home / FOLDER, "the CUPS spooler (5 MB, once)", PACKAGES, ALONE, _link_backend)
    with exclusive(home / "pycups.lock"):
        if importlib.util.find_spec("cups") is None:
            with step("Building pycups (once)"):
                _build_pycups(root)
    return root


def available() -> bool:
    """Whether it is here or can be fetched, which takes Debian's packages."""
    return is_unpacked(places.public_cache("cups") / FOLDER) or has_apt()


def programs() -> list[str]:
    """What it takes to build pycups, where that has not been done."""
    return ["gcc", "python3-config"] if importlib.util.find_spec("cups") is None else []


def library_folder(root: Path) -> Path:
    """Where the unpacked libraries are."""
    return next(root.glob("usr/lib/*/libcups.so.2")).parent


def _link_backend(work: Path, _root: Path) -> None:
    backends = work / "usr/lib/cups"
    if not (backends / "backend/socket").exists():
        (backends / "backend/socket").symlink_to("../backend-available/socket")


def _build_pycups(root: Path) -> None:
    need("gcc")
    need("python3-config")
    libraries = library_folder(root)
    # RPATH, not RUNPATH: the libraries that libcups needs are found beside it too.
    linking = f"-L{libraries} -Wl,-rpath,{libraries} -Wl,--disable-new-dtags"
    flags = {"CFLAGS": f"-I{root}/usr/include", "LDFLAGS": linking}
    pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-deps", "--no-cache-dir"]
    run([*pip, "--requirement", REQUIREMENTS], **flags)
