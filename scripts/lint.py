"""The checks that need no running product. Each is counted like a test, and says in one line what it looked at."""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml
from lxml import etree

from scripts import node_packages, odoo, places
from scripts import translations as translation_files
from scripts.console import Failure, say
from scripts.system_packages import need

# Written in parts, so that the check does not match this file.
REGISTRY_HOSTS = (
    "pypi" + ".org",
    "python" + "hosted.org",
    "registry.npm" + "js.org",
    "deb.debian" + ".org",
    "debian.org" + "/debian",
)
MACHINE_PATH = re.compile(
    r"(?<![\w.$~}/-])/(?:" + "|".join(("root", "work", "home/[a-z]", "Users/[A-Za-z]")) + r")[/\w]"
)
# What Odoo's test_lint enables in pylint, but gettext-variable: services return sentences that are marked as
# translatable where they stand, and pylint-odoo's translation-contains-variable watches the rest.
ODOO_PYLINT = (
    "used-before-assignment",
    "undefined-variable",
    "eval-used",
    "unreachable",
    "function-redefined",
    "sql-injection",
    "missing-gettext",
    "gettext-placeholders",
    "gettext-repr",
    "raise-unlink-override",
)
IN_CONTAINERS = {"docker-compose.yml", "odoo.conf"}


def run() -> Counter:
    total: Counter = Counter()
    for name, check in CHECKS.items():
        try:
            complaints = list(check())
        except Failure as failure:
            complaints = [f"{failure.problem}\n  What to do: {failure.what_to_do}"]
        say(f"{'✗' if complaints else '✓'} {name}")
        for complaint in complaints:
            say(f"    {complaint}")
        total["failed" if complaints else "passed"] += 1
    return total


def ruff() -> Iterator[str]:
    return _complaints([_tool("ruff"), "check", "--quiet", "--output-format=concise", "."])


def pylint_odoo() -> Iterator[str]:
    return _complaints([_tool("pylint"), "--score=n", "label_print_monitor"])


def odoo_pylint() -> Iterator[str]:
    """Odoo's own checks for pylint, as its addon `test_lint` calls them: SQL injection, translations, `unlink`."""
    plugins = _odoo_addon("test_lint") / "tests"
    command = [
        _tool("pylint"),
        "--rcfile=/dev/null",
        "--score=n",
        "--disable=all,unknown-option-value",
        f"--enable={','.join(ODOO_PYLINT)}",
        f"--load-plugins={','.join(sorted(path.stem for path in plugins.glob('_odoo_checker_*.py')))}",
        "label_print_monitor",
    ]
    yield from _complaints(command, PYTHONPATH=os.pathsep.join(map(str, (plugins, odoo.source()))))


def javascript() -> Iterator[str]:
    """ESLint and Prettier with both of Odoo's configurations: its developers' and that of its own test."""
    configurations = (
        _odoo_addon("web") / "tooling" / "_eslintrc.json",
        _odoo_addon("test_lint") / "tests" / "eslintrc",
    )
    eslint = node_packages.node_modules() / ".bin" / "eslint"
    for configuration in configurations:
        yield from _complaints(
            [eslint, "--no-ignore", "--no-eslintrc", "--format=unix", "--config", configuration,
             "--resolve-plugins-relative-to", node_packages.node_modules().parent, *_own_static()]
        )  # fmt: skip


def _own_static() -> list[Path]:
    """The folders of the addon's static files with scripts, but that of other people's."""
    scripts = (path.relative_to(places.ADDON / "static") for path in _files(".js") if places.ADDON in path.parents)
    return sorted({places.ADDON / "static" / path.parts[0] for path in scripts if path.parts[0] != "lib"})


def compose_file() -> Iterator[str]:
    return _complaints([*_compose(), "--env-file", ".env.example", "--file", "docker-compose.yml", "config", "--quiet"])


def _compose() -> list[str]:
    """docker-compose, or the plugin of a Docker that is there."""
    plugin = ["docker", "compose"]
    if not shutil.which("docker-compose") and shutil.which("docker"):
        asked = subprocess.run([*plugin, "version"], capture_output=True, timeout=30, check=False)
        if not asked.returncode:
            return plugin
    return [need("docker-compose")]


def shell_scripts() -> Iterator[str]:
    for path in _files(".sh"):
        yield from _complaints(["bash", "-n", path])
    yield from _complaints(["bash", "-n", ".ci/run"])


def xml_files() -> Iterator[str]:
    for path in _files(".xml", ".svg"):
        try:
            etree.parse(path)
        except etree.XMLSyntaxError as error:
            yield f"{_name(path)}: {error}"


def yaml_files() -> Iterator[str]:
    for path in _files(".yml", ".yaml"):
        try:
            list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
        except yaml.YAMLError as error:
            yield f"{_name(path)}: {error}"


def translations() -> Iterator[str]:
    """Each .po file can be read, says all that the .pot says, and keeps the placeholders of its originals."""
    try:
        template = translation_files.read(translation_files.TEMPLATE)
    except ValueError as error:
        yield f"{_name(translation_files.TEMPLATE)}: {error}"
        return
    for path in translation_files.translation_files():
        try:
            translated = translation_files.read(path)
        except ValueError as error:
            yield f"{_name(path)}: {error}"
            continue
        for msgid, problem in translation_files.problems(translated, template):
            yield f"{_name(path)}: {problem}: {msgid[:60]!r} ({translation_files.COMMAND})"


def machine_names() -> Iterator[str]:
    """Nothing may depend on the machine it was written on, nor name the host of a package registry."""
    for path in _files():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, 1):
            found = next((host for host in REGISTRY_HOSTS if host in line), None)
            if not found and _name(path) not in IN_CONTAINERS and (match := MACHINE_PATH.search(line)):
                found = match[0]
            if found:
                yield f"{_name(path)}:{number}: {found}"


CHECKS: dict[str, Callable[[], Iterator[str]]] = {
    "ruff": ruff,
    "pylint-odoo on the addon": pylint_odoo,
    "Odoo's own pylint checks on the addon": odoo_pylint,
    "ESLint and Prettier with Odoo's settings on the addon's JavaScript": javascript,
    "docker-compose.yml, by docker-compose config": compose_file,
    "shell scripts": shell_scripts,
    "XML is well-formed": xml_files,
    "YAML is well-formed": yaml_files,
    "translations are complete": translations,
    "no machine's paths, no registry's host": machine_names,
}


def _files(*suffixes: str) -> Iterator[Path]:
    """Files of the project, committed or about to be."""
    git = [shutil.which("git") or "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(git, cwd=places.CHECKOUT, capture_output=True, text=True, check=True).stdout
    for name in sorted(set(filter(None, listed.split("\0")))):
        path = places.CHECKOUT / name
        if path.is_file() and (not suffixes or path.suffix in suffixes):
            yield path


def _name(path: Path) -> str:
    return str(path.relative_to(places.CHECKOUT))


def _odoo_addon(name: str) -> Path:
    """The folder of one of Odoo's addons: most are beside its package in a checkout, all inside in Debian's package."""
    folders = (odoo.source() / "odoo" / "addons" / name, odoo.source() / "addons" / name)
    found = next((folder for folder in folders if folder.is_dir()), None)
    if not found:
        raise Failure(f"Odoo's addon {name} is missing in {odoo.source()}", "use a complete Odoo 19")
    return found


def _tool(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def _complaints(command: list, **environment: str) -> Iterator[str]:
    done = subprocess.run(
        list(map(str, command)),
        cwd=places.CHECKOUT,
        capture_output=True,
        text=True,
        env=os.environ | environment,
        check=False,
    )
    if done.returncode:
        yield from (done.stdout + done.stderr).strip().splitlines() or [
            f"{command[0]} ended with code {done.returncode}"
        ]
