"""What is mutated, by which tests that is noticed, and the folder in which mutmut does both.

mutmut wants a project whose tests import the code by the path that it has there, and all tests in one pytest run. The
addon's services are imported as `services`, and the print server's tests may not share a run with them. So each part
gets a folder of its own under `build/mutation`, with copies of its code and its tests.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from scripts import places
from scripts.console import Failure, step
from scripts.locks import exclusive
from scripts.mutation.mutants import Mutant, read_mutants

FOLDER = places.BUILD / "mutation"
REQUIREMENTS = Path(__file__).parent / "requirements.txt"
RUN_MUTMUT = Path(__file__).parent / "run_mutmut.py"


@dataclass(frozen=True)
class Part:
    """Code that is tested in one pytest run.

    :ivar code: the package that is copied, and its name in the copy
    :ivar mutated: patterns of the files in the copy that are mutated
    :ivar tests: files and folders whose tests must notice
    :ivar copied: what else the tests read
    """

    name: str
    code: tuple[str, str]
    mutated: tuple[str, ...]
    tests: tuple[str, ...]
    copied: tuple[str, ...]

    @property
    def folder(self) -> Path:
        return FOLDER / self.name


PARTS = (
    Part(
        "services",
        ("label_print_monitor/services", "services"),
        ("services/lifecycle/*", "services/contract/*", "services/export/*"),
        ("tests/unit/lifecycle", "tests/unit/contract", "tests/unit/export"),
        ("tests/__init__.py", "tests/unit", "docs", "pyproject.toml"),
    ),
    Part(
        "print_server",
        ("print_server", "print_server"),
        tuple(
            f"print_server/{name}.py"
            for name in (
                "job_store", "label_store", "label_account", "submission_keys", "validation", "worker", "job_run",
            )
        ),
        tuple(
            f"tests/print_server/test_{name}.py"
            for name in (
                "job_store", "label_store", "validation", "worker", "worker_remembers", "job_run", "job_run_connection",
                "job_stopped", "job_end",
            )
        ),
        ("tests/__init__.py", "tests/print_server", "tests/support", "scripts", "pyproject.toml"),
    ),
)  # fmt: skip


def make_mutants(part: Part, processes: int) -> list[Mutant]:
    """Copy a part's code and tests, have mutmut write all mutants, and read them."""
    folder = part.folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    source, name = part.code
    for origin, target in [(source, name), *((path, path) for path in part.copied)]:
        _copy(places.CHECKOUT / origin, folder / target)
    (folder / "setup.cfg").write_text(_configuration(part), encoding="utf-8")
    _mutmut(part, "generate", processes)
    return read_mutants(part.name, folder)


def run_mutants(part: Part, names: list[str], processes: int) -> dict[str, int | None]:
    """Run the tests against these mutants; the exit code of pytest for each."""
    (part.folder / "names.json").write_text(json.dumps(names), encoding="utf-8")
    _mutmut(part, "run", processes)
    found: dict[str, int | None] = {}
    for meta in (part.folder / "mutants").rglob("*.meta"):
        found |= json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
    return {name: found[name] for name in names}


def packages() -> Path:
    """A folder of the cache with mutmut, and what the tests' environment lacks for it."""
    key = places.short_hash(REQUIREMENTS.read_bytes() + sys.version.encode(), 12)
    folder = places.cache() / f"mutation-{key}"
    complete = folder / ".complete"
    if complete.exists():
        return folder
    with exclusive(places.cache() / f"mutation-{key}.lock"):
        if not complete.exists():
            shutil.rmtree(folder, ignore_errors=True)
            with step("Installing mutmut (once)"):
                pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-deps"]
                installed = subprocess.run(
                    [*pip, "--target", folder, "--requirement", REQUIREMENTS],
                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                )  # fmt: skip
            if installed.returncode:
                output = "\n".join(installed.stdout.splitlines()[-15:])
                raise Failure(f"pip could not install mutmut; its last output:\n{output}", "check the network")
            complete.touch()
    return folder


def _mutmut(part: Part, what: str, processes: int) -> None:
    environment = {
        **os.environ,
        "PYTHONPATH": str(packages()),
        "PYTHONHASHSEED": "0",  # the same order of sets each time
        "PYTHONDONTWRITEBYTECODE": "1",
        "HYPOTHESIS_PROFILE": "mutation",
    }
    log = part.folder / f"{what}.log"
    with open(log, "w", encoding="utf-8") as output:
        done = subprocess.run(
            [sys.executable, RUN_MUTMUT, what, str(processes)],
            cwd=part.folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            check=False,
        )  # fmt: skip
    if done.returncode:
        last = "\n".join(log.read_text(encoding="utf-8", errors="replace").replace("\r", "\n").splitlines()[-30:])
        raise Failure(f"mutmut ended with {done.returncode}; its last output:\n{last}", f"look at {log}")


def _copy(origin: Path, target: Path) -> None:
    if origin.is_dir():
        shutil.copytree(origin, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(origin, target)


def _configuration(part: Part) -> str:
    also = [path for path in part.copied if not path.startswith(("tests", "pyproject"))]
    lines = {
        "source_paths": [part.code[1]],
        "only_mutate": part.mutated,
        "also_copy": also,
        "pytest_add_cli_args_test_selection": part.tests,
        "pytest_add_cli_args": ["-p", "no:odoo", "-p", "no:xdist", "-p", "no:cacheprovider"],
    }
    text = "".join(f"{key} =\n" + "".join(f"    {value}\n" for value in values) for key, values in lines.items())
    # A mutant that never ends is stopped after (its tests' time + 1 s) × 8.
    return f"[mutmut]\ntimeout_multiplier = 8\ntimeout_constant = 1\n{text}"
