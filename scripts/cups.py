"""The CUPS spooler for tests: Debian's packages, unpacked beside the system and never installed, and pycups.

Installing cups-daemon would start a spooler for the whole machine, so its files are only unpacked: that needs no root.
Tests run them as daemons of their own (tests/support/cups_spooler.py). pycups is built into the environment against the
same files.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from scripts import places
from scripts.console import Failure, step
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
    root = home / FOLDER
    with exclusive(home / "fetch.lock"):
        if not (root / ".complete").exists():
            with step("Fetching the CUPS spooler (5 MB, once)"):
                _fetch(home, root)
        if importlib.util.find_spec("cups") is None:
            with step("Building pycups (once)"):
                _build_pycups(root)
    return root


def available() -> bool:
    """Whether it is here or can be fetched, which takes Debian's packages."""
    return (places.public_cache("cups") / FOLDER / ".complete").exists() or _has_apt()


def programs() -> list[str]:
    """What it takes to build pycups, where that has not been done."""
    return ["gcc", "python3-config"] if importlib.util.find_spec("cups") is None else []


def library_folder(root: Path) -> Path:
    """Where the unpacked libraries are."""
    return next(root.glob("usr/lib/*/libcups.so.2")).parent


def _fetch(home: Path, root: Path) -> None:
    advice = "check the network, then run the same command again"
    if not _has_apt():
        raise Failure(
            "the tests of CUPS need Debian's packages of it, and this machine has no apt",
            "run them on Debian or Ubuntu; `make test` on this machine runs all the others",
        )
    work = home / f"fetch.{os.getpid()}"
    for folder in ("lists/partial", "cache/archives/partial", "debs", "root"):
        (work / folder).mkdir(parents=True)
    try:
        options = ["-qq", "-o", f"Dir::State::Lists={work}/lists", "-o", f"Dir::Cache={work}/cache"]
        options += ["-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User=", "-o", "Acquire::Retries=3"]
        for arguments in (
            ["update"],
            # --reinstall: also what the system has already.
            ["install", "--yes", "--download-only", "--reinstall", "--no-install-recommends", *PACKAGES],
            ["download", *ALONE],
        ):
            _run(["apt-get", *options, *arguments], advice, cwd=work / "debs")
        for package in [*work.glob("cache/archives/*.deb"), *work.glob("debs/*.deb")]:
            _run(["dpkg-deb", "-x", package, work / "root"], advice)
        backends = work / "root/usr/lib/cups"
        if not (backends / "backend/socket").exists():
            (backends / "backend/socket").symlink_to("../backend-available/socket")
        (work / "root/.complete").touch()
        _run(["chmod", "-R", "a+rX", work / "root"], advice)
        shutil.rmtree(root, ignore_errors=True)
        (work / "root").rename(root)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _has_apt() -> bool:
    return bool(shutil.which("apt-get") and shutil.which("dpkg-deb"))


def _build_pycups(root: Path) -> None:
    need("gcc")
    need("python3-config")
    libraries = library_folder(root)
    # RPATH, not RUNPATH: the libraries that libcups needs are found beside it too.
    linking = f"-L{libraries} -Wl,-rpath,{libraries} -Wl,--disable-new-dtags"
    flags = {"CFLAGS": f"-I{root}/usr/include", "LDFLAGS": linking}
    pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-deps", "--no-cache-dir"]
    _run([*pip, "--requirement", REQUIREMENTS], "check the network, then run the same command again", **flags)


def _run(command: list[object], advice: str, cwd: Path | None = None, **environment: str) -> None:
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | environment,
        check=False,
    )
    if done.returncode:
        raise Failure(f"{command[0]} failed: {done.stdout.strip()[-900:]}", advice)
