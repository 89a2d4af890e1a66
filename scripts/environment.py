"""The Python environment that everything else runs in, built once in the cache and reused by every later clone.

Only the standard library here: this is the one file that a bare `python3` runs.
`python3 -m scripts.environment ARGUMENTS` prepares the environment, then replaces itself by `<its python> ARGUMENTS`.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from scripts import places
from scripts.console import Failure, exit_code_of, step
from scripts.locks import exclusive
from scripts.system_packages import PACKAGES, PYTHON

REQUIREMENTS = places.CHECKOUT / "requirements.txt"
OLDEST, NEWEST = (3, 11), (3, 13)


def python() -> Path:
    """The environment's interpreter; builds the environment when this is its first use."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        raise Failure(
            f"Odoo 19 needs Python {_dotted(OLDEST)} to {_dotted(NEWEST)}, and {sys.executable} is another",
            f"name another interpreter: make PYTHON=python3.13 …\n    {PACKAGES[PYTHON].commands}",
        )
    key = places.short_hash(
        REQUIREMENTS.read_bytes() + f"{platform.python_version()} {platform.machine()}".encode(), 12
    )
    folder = places.cache() / f"venv-{key}"
    complete = folder / ".complete"
    if not complete.exists():
        with exclusive(places.cache() / f"venv-{key}.lock"):
            if not complete.exists():  # another process may have built it while we waited
                _build(folder)
                complete.touch()
    return folder / "bin" / "python"


def _build(folder: Path) -> None:
    # Scripts inside an environment name its path, so it is built where it stays; the marker says that it is complete.
    shutil.rmtree(folder, ignore_errors=True)
    with step("Making the Python environment (once, about a minute)"):
        made = subprocess.run([sys.executable, "-m", "venv", folder], capture_output=True, text=True, check=False)
        if made.returncode:
            shutil.rmtree(folder, ignore_errors=True)
            raise Failure(
                f"python -m venv failed: {(made.stdout + made.stderr).strip()}",
                f"install Python with its module venv, then try again\n    {PACKAGES[PYTHON].commands}",
            )
        pip = [
            folder / "bin" / "python",
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "--requirement",
            REQUIREMENTS,
        ]
        installed = subprocess.run(pip, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if installed.returncode:
            output = "\n".join(installed.stdout.splitlines()[-15:])
            raise Failure(
                f"pip could not install requirements.txt; its last output:\n{output}",
                "check the network, then run the same command again",
            )


def _dotted(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))


def main() -> int:
    interpreter = str(python())
    os.environ["PATH"] = f"{Path(interpreter).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    os.execv(interpreter, [interpreter, *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
