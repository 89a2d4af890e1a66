"""Programs out of Debian's packages, unpacked beside the system and never installed: that needs no root.

For tests of other programs: installing them might start a service, or change what the machine opens files with.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

from scripts.console import Failure, step
from scripts.locks import exclusive

ADVICE = "check the network, then run the same command again"
COMPLETE = ".complete"


def has_apt() -> bool:
    return bool(shutil.which("apt-get") and shutil.which("dpkg-deb"))


def is_unpacked(root: Path) -> bool:
    return (root / COMPLETE).exists()


def unpacked(
    root: Path,
    what: str,
    packages: Iterable[str],
    alone: Iterable[str] = (),
    finish: Callable[[Path, Path], None] = lambda work, root: None,
) -> Path:
    """The folder that holds these packages as they would be at `/`; fetches and unpacks them when that is not done.

    :param root: where it is to be
    :param what: for whoever waits, such as "the CUPS spooler (5 MB, once)"
    :param packages: with what they depend on and the system lacks
    :param alone: without what they depend on
    :param finish: called with the folder where they were unpacked, and the one where that will be
    :raise Failure: in words, where there is no apt or no network
    """
    root.parent.mkdir(parents=True, exist_ok=True)
    with exclusive(root.parent / "fetch.lock"):
        if not is_unpacked(root):
            with step(f"Fetching {what}"):
                _fetch(root, what, [*packages], [*alone], finish)
    return root


def _fetch(root: Path, what: str, packages: list[str], alone: list[str], finish: Callable[[Path, Path], None]) -> None:
    if not has_apt():
        raise Failure(
            f"the tests need Debian's packages of {what.partition(' (')[0]}, and this machine has no apt",
            "run them on Debian or Ubuntu; `make test` on this machine runs all the others",
        )
    work = root.parent / f"fetch.{os.getpid()}"
    for folder in ("lists/partial", "cache/archives/partial", "debs", "root"):
        (work / folder).mkdir(parents=True)
    try:
        options = ["-qq", "-o", f"Dir::State::Lists={work}/lists", "-o", f"Dir::Cache={work}/cache"]
        options += ["-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User=", "-o", "Acquire::Retries=3"]
        # --reinstall: also what the system has already.
        install = ["install", "--yes", "--download-only", "--reinstall", "--no-install-recommends", *packages]
        for arguments in (["update"], install, *([["download", *alone]] if alone else [])):
            run(["apt-get", *options, *arguments], cwd=work / "debs")
        for package in [*work.glob("cache/archives/*.deb"), *work.glob("debs/*.deb")]:
            run(["dpkg-deb", "-x", package, work / "root"])
        finish(work / "root", root)
        (work / "root" / COMPLETE).touch()
        run(["chmod", "-R", "a+rX", work / "root"])
        shutil.rmtree(root, ignore_errors=True)
        (work / "root").rename(root)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def run(command: list[object], advice: str = ADVICE, cwd: Path | None = None, **environment: str) -> None:
    """Run a command to its end.

    :raise Failure: with the end of what it said, when it fails
    """
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
