"""LibreOffice Calc without a screen, for tests: what a spreadsheet makes of the files that people export.

The machine's own, else Debian's packages, unpacked beside the system and never installed (90 MB, 270 MB unpacked).
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from scripts import places
from scripts.console import Failure
from scripts.debian_packages import has_apt, is_unpacked, unpacked

PACKAGES = ("libreoffice-calc-nogui",)
FOLDER = "root-1"
PROGRAM = "usr/lib/libreoffice/program"
_MACOS = Path("/Applications/LibreOffice.app/Contents/MacOS/soffice")
SECONDS = 120


def available() -> bool:
    """Whether it is here or can be fetched."""
    return bool(_installed()) or is_unpacked(places.cache() / "libreoffice" / FOLDER) or has_apt()


def need_libreoffice() -> tuple[list[str], dict[str, str]]:
    """The command that starts it, and the environment that it needs."""
    if found := _installed():
        return [found], dict(os.environ)
    root = unpacked(
        places.cache() / "libreoffice" / FOLDER, "LibreOffice Calc (90 MB, once)", PACKAGES, finish=_make_movable
    )
    libraries = [root / PROGRAM, *(folder for folder in root.glob("usr/lib/*-linux-gnu*"))]
    libraries += [folder for library in libraries for folder in (library / "blas", library / "lapack")]
    path = os.pathsep.join(str(folder) for folder in libraries if folder.is_dir())
    return [str(root / PROGRAM / "soffice")], os.environ | {"LD_LIBRARY_PATH": path}


def convert(files: Sequence[Path], to: str, options: str, folder: Path) -> list[Path]:
    """Open files in LibreOffice and save what it has made of them.

    :param to: the format's name, such as "xlsx"
    :param options: of the filter that reads the files, such as "CSV:44,34,76,1,,0,true"
    :param folder: where the new files go
    :return: the new files
    :raise Failure: with what it said, when one is not made
    """
    command, environment = need_libreoffice()
    with tempfile.TemporaryDirectory(prefix="libreoffice-") as home:
        arguments = [f"-env:UserInstallation={Path(home).as_uri()}", "--headless", "--convert-to", to]
        done = subprocess.run(
            [*command, *arguments, f"--infilter={options}", "--outdir", str(folder), *map(str, files)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment | {"HOME": home},
            timeout=SECONDS,
            check=False,
        )
    made = [folder / f"{file.stem}.{to}" for file in files]
    if done.returncode or not all(file.exists() for file in made):
        raise Failure(
            f"LibreOffice could not open {', '.join(file.name for file in files)}: {done.stdout.strip()[-900:]}",
            f"delete {places.cache() / 'libreoffice'} to have it fetched again",
        )
    return made


def _installed() -> str | None:
    if found := shutil.which("soffice") or shutil.which("libreoffice"):
        return found
    return str(_MACOS) if sys.platform == "darwin" and _MACOS.exists() else None


def _make_movable(work: Path, root: Path) -> None:
    """Debian's settings name /usr and /etc; installing copies those of the program to /etc."""
    settings = work / PROGRAM / "fundamentalrc"
    text = settings.read_text(encoding="utf-8")
    text = text.replace("file:///usr/lib/libreoffice", "${ORIGIN}/..")
    text = text.replace("file:///etc/libreoffice/registry", "${BRAND_BASE_DIR}/share/.registry")
    settings.write_text(text, encoding="utf-8")
    for link in [path for path in work.rglob("*") if path.is_symlink()]:
        target = os.readlink(link)
        if os.path.isabs(target):
            link.unlink()
            link.symlink_to(f"{root}{target}")
