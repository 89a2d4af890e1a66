"""Rules for every file of the repository."""

import ast
import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def tracked(*patterns: str) -> list[Path]:
    git = ["git", "ls-files", "-z", "--", *patterns]
    listed = subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_every_python_file_has_a_module_docstring():
    """Except files that contain only imports, or data such as the manifest."""
    silent = []
    for path in tracked("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        only_imports = all(isinstance(node, ast.Import | ast.ImportFrom) for node in tree.body)
        if not only_imports and path.name != "__manifest__.py" and not ast.get_docstring(tree):
            silent.append(str(path.relative_to(ROOT)))
    assert silent == []


def test_no_file_has_banner_comments():
    banner = re.compile(r"^\s*(?:#|//)\s*[=#*-]{4,}", re.MULTILINE)
    assert [
        str(path.relative_to(ROOT))
        for path in tracked("*.py", "*.js", "*.sh")
        if banner.search(path.read_text(encoding="utf-8"))
    ] == []


def test_requirements_are_pinned_and_agree():
    def pins(path: str) -> dict[str, str]:
        lines = [
            line for line in (ROOT / path).read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")
        ]
        assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines), path
        return dict(line.lower().split("==") for line in lines)

    everything = pins("requirements.txt")
    server = pins("print_server/requirements.txt")
    assert {name: everything.get(name) for name in server} == server
    # These come beside the tests' environment, and must not bring another version of what is there.
    assert not set(pins("scripts/mutation/requirements.txt")) & set(everything)


def test_the_addon_is_licensed_as_the_licence_file_says():
    manifest = ast.literal_eval((ROOT / "label_print_monitor" / "__manifest__.py").read_text(encoding="utf-8"))
    assert manifest["license"] == "LGPL-3"
    assert manifest["version"].startswith("19.0.")
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in (ROOT / "LICENSE").read_text(encoding="utf-8")


def test_scripts_can_be_started():
    assert all(os.access(ROOT / name, os.X_OK) for name in (".ci/run", "scripts/get_odoo.sh"))


def test_the_makefile_has_the_usual_commands():
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert targets >= {
        "run",
        "stop",
        "clean",
        "test",
        "test-unit",
        "test-odoo",
        "test-js",
        "test-e2e",
        "lint",
        "bench",
        "screenshots",
    }


def test_ci_runs_the_same_command_as_a_developer():
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
