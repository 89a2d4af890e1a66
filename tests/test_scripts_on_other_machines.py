"""The scripts on machines that are not Debian, or where one is not root: what they take, and what they say is missing."""

import ast
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from scripts import cups, libreoffice, odoo, places, postgres, prometheus, system_packages
from scripts import test as test_command
from scripts.console import Failure
from scripts.system_packages import PACKAGES

GET_ODOO = places.CHECKOUT / "scripts" / "get_odoo.sh"
RELEASE = "version_info = ({}, 0, 0, FINAL, 0, '')\n"
IDENTITY = ("-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "init.defaultBranch=19.0")


def path_without(folder: Path, *hidden: str) -> str:
    """A PATH on which everything is that is on this machine's, but for these programs."""
    folder.mkdir()
    for entry in os.environ["PATH"].split(os.pathsep):
        for program in Path(entry).iterdir() if Path(entry).is_dir() else ():
            link = folder / program.name
            if program.name not in hidden and not link.is_symlink():
                link.symlink_to(program)
    return str(folder)


def program(path: Path, text: str = "") -> Path:
    """A program that a shell runs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine without apt, PostgreSQL and browser, with an empty cache."""
    hidden = ("apt-get", "dpkg-deb", "soffice", "libreoffice", *prometheus.PROGRAMS)
    hidden += (*postgres.PROGRAMS, *system_packages.BROWSERS)
    monkeypatch.setenv("PATH", path_without(tmp_path / "bin", *hidden))
    monkeypatch.setenv("LPM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    # As root these would be folders under /var/tmp.
    monkeypatch.setattr(places, "public_cache", lambda name: tmp_path / name)
    monkeypatch.setattr(postgres, "_home", lambda: tmp_path / "postgres")
    for name in (
        "ODOO_HOME",
        "ODOO_REPOSITORY",
        "ODOO_BRANCH",
        "PG_BIN",
        "CHROME_BIN",
        "PLAYWRIGHT_BROWSERS_PATH",
        "TESTS",
        "LPM_ALL_TESTS",
    ):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def repository(folder: Path, series: int = 19, requirements: str = "") -> Path:
    """A bare repository with as much of Odoo as the script looks at, on branch 19.0."""
    work, bare = folder / "work", folder / "odoo.git"
    for folder_of_addons in (work / "addons", work / "odoo" / "addons"):
        (folder_of_addons / "base").mkdir(parents=True)
        (folder_of_addons / "base" / "__init__.py").touch()
    (work / "odoo" / "release.py").write_text(RELEASE.format(series))
    (work / "requirements.txt").write_text(requirements)
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "Odoo"]):
        subprocess.run(["git", *IDENTITY, *command], cwd=work, check=True)
    subprocess.run(["git", "clone", "-q", "--bare", work, bare], check=True)
    return bare


def get_odoo(*arguments: str, **variables: object) -> subprocess.CompletedProcess:
    environment = os.environ | {name: str(value) for name, value in variables.items()}
    return subprocess.run(
        [GET_ODOO, *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_odoo_is_cloned_once(machine):
    bare = repository(machine)
    assert get_odoo("--how").stdout == "git\n"
    address = str(bare)
    first = get_odoo(ODOO_REPOSITORY=address)
    assert first.returncode == 0, first.stderr
    folder = Path(first.stdout.strip())
    assert folder.is_relative_to(machine / "cache")
    assert (folder / "odoo" / "release.py").read_text() == RELEASE.format(19)
    history = subprocess.run(
        ["git", "rev-list", "--count", "HEAD"], cwd=folder, capture_output=True, text=True, check=True
    )
    assert history.stdout == "1\n"
    shutil.rmtree(bare)
    assert get_odoo("--how", ODOO_REPOSITORY=address).stdout == "cached\n"
    again = get_odoo(ODOO_REPOSITORY=address)
    assert (again.returncode, again.stdout, again.stderr) == (0, first.stdout, "")
    assert not list((machine / "cache").glob("fetch.*"))


def test_two_that_need_it_at_once_clone_it_once(machine):
    variables = os.environ | {"ODOO_REPOSITORY": str(repository(machine))}
    both = [
        subprocess.Popen([GET_ODOO], env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _number in range(2)
    ]
    answers = [process.communicate(timeout=60) for process in both]
    assert len({answer for answer, _said in answers}) == 1
    assert "".join(said for _answer, said in answers).count("Cloning branch") == 1


def test_debians_package_is_preferred_where_there_is_debians_apt(tmp_path):
    keyring = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
    debian = shutil.which("apt-get") and keyring.exists() and Path("/etc/debian_version").exists()
    environment = {"LPM_CACHE": str(tmp_path), "ODOO_HOME": "", "ODOO_REPOSITORY": "", "ODOO_BRANCH": ""}
    assert get_odoo("--how", **environment).stdout == ("package\n" if debian else "git\n")
    assert get_odoo("--how", **environment | {"ODOO_REPOSITORY": "https://example.com/odoo.git"}).stdout == "git\n"


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        ({"ODOO_BRANCH": "18.0"}, "git could not clone branch 18.0 of"),
        ({"ODOO_REPOSITORY": "/nowhere/odoo.git"}, "git could not clone branch 19.0 of /nowhere/odoo.git"),
        ({"ODOO_REPOSITORY": "--upload-pack=touch nothing"}, "git could not clone"),
        ({"series": 18}, "is not Odoo 19"),
    ],
)
def test_a_clone_that_fails_is_told_and_leaves_nothing(machine, variables, problem):
    variables = {"ODOO_REPOSITORY": repository(machine, series=variables.pop("series", 19)), **variables}
    failed = get_odoo(**variables)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert problem in failed.stderr
    assert "What to do: " in failed.stderr
    assert "ODOO_REPOSITORY" in failed.stderr
    assert {path.name for path in (machine / "cache").iterdir()} <= {"odoo-19.lock"}


def test_a_machine_without_git_is_told(machine, monkeypatch):
    monkeypatch.setenv("PATH", path_without(machine / "without-git", "git", "apt-get"))
    failed = get_odoo()
    assert failed.returncode == 1
    for part in ("git is missing", "apt-get install git", "dnf install git", "brew install git"):
        assert part in failed.stderr
    assert odoo.programs() == ["git"]
    with pytest.raises(Failure, match="git is missing"):
        system_packages.check(odoo.programs())


REQUIREMENTS = """
# of Odoo
requests==2.31.0  # via everything
psycopg2==2.9.9 ; sys_platform != 'win32'
python-ldap==3.4.4 ; sys_platform != 'win32'
pypiwin32 ; sys_platform == 'win32'
no-such-package-1==1.0 ; python_version >= '3.10'
no-such-package-2==2.0 ; python_version < '3.0'
-r other.txt
"""


def test_what_odoo_names_and_the_environment_lacks_is_installed_once(machine, monkeypatch, capsys):
    monkeypatch.setenv("ODOO_REPOSITORY", str(repository(machine, requirements=REQUIREMENTS)))
    called = []

    def pip(command, **_options):
        called.append(command)
        return subprocess.CompletedProcess(command, 1, "…\nERROR: No matching distribution")

    monkeypatch.setattr(odoo.subprocess, "run", pip)
    source = odoo.source.__wrapped__
    assert source() == source()
    assert [command[-1] for command in called] == ['no-such-package-1==1.0; python_version >= "3.10"']
    constraint = called[0].index("--constraint")
    assert called[0][constraint + 1] == str(places.CHECKOUT / "requirements.txt")
    assert "ERROR: No matching distribution" in capsys.readouterr().err


def test_addons_of_a_clone_are_found(machine, monkeypatch):
    monkeypatch.setenv("ODOO_REPOSITORY", str(repository(machine)))
    found = odoo.source.__wrapped__()
    monkeypatch.setattr(odoo, "source", lambda: found)
    cluster = type("Cluster", (), {"sockets": machine})
    config = odoo.write_config(machine / "odoo.conf", cluster, "test").read_text()
    assert f"addons_path = {found / 'odoo' / 'addons'},{found / 'addons'},{places.CHECKOUT}\n" in config


def test_postgresql_of_pg_bin(machine, monkeypatch):
    folder = machine / "pg"
    monkeypatch.setenv("PG_BIN", str(folder))
    program(folder / "initdb")
    with pytest.raises(Failure, match="holds no pg_ctl, no postgres"):
        postgres._binaries(machine)
    for name in postgres.PROGRAMS:
        program(folder / name, "echo 'postgres (PostgreSQL) 12.19'")
    assert postgres._binaries(machine) == folder
    with pytest.raises(Failure, match="holds PostgreSQL 12, and Odoo 19 needs 13 or newer") as failure:
        postgres.Cluster()
    assert "brew install postgresql" in failure.value.what_to_do


def test_postgresql_of_the_path_and_of_usual_folders(machine, monkeypatch):
    for folder in ("on-path", "pgsql-16/bin", "pgsql-9/bin", "pgsql-17/bin"):
        for name in postgres.PROGRAMS if "17" not in folder else ("initdb",):
            program(machine / folder / name)
    pattern = f"{machine}/pgsql-*/bin".lstrip("/")
    monkeypatch.setattr(postgres, "DEBIAN_FOLDERS", "nowhere/*/bin")
    monkeypatch.setattr(postgres, "OTHER_FOLDERS", (pattern,))
    assert postgres._binaries(machine) == machine / "pgsql-16/bin"
    monkeypatch.setenv("PATH", f"{machine / 'on-path'}:{os.environ['PATH']}")
    assert postgres._binaries(machine) == machine / "on-path"


def test_without_any_postgresql_the_failure_says_how_to_get_one(machine, monkeypatch):
    monkeypatch.setattr(
        postgres.subprocess, "run", lambda command, **_options: subprocess.CompletedProcess(command, 1, "no network")
    )
    with pytest.raises(Failure, match="no network") as failure:
        postgres._fallback(machine)
    for part in ("PG_BIN", "apt-get install postgresql", "dnf install postgresql-server", "brew install postgresql"):
        assert part in failure.value.what_to_do


def test_the_browser_of_chrome_bin(machine, monkeypatch):
    chrome = program(machine / "My Chrome's" / "chrome", 'echo "$@"')
    monkeypatch.setenv("CHROME_BIN", str(chrome))
    assert system_packages.need_browser() == str(chrome)
    # Odoo's tests look for one on the PATH.
    environment = system_packages.with_browser(dict(os.environ), machine / "browser")
    found = shutil.which("google-chrome", path=environment["PATH"])
    said = subprocess.run([found, "--headless", "a b"], capture_output=True, text=True, check=True).stdout
    assert said == "--headless a b\n"
    chrome.unlink()
    with pytest.raises(Failure, match=r"CHROME_BIN=.* is no program"):
        system_packages.need_browser()


def test_the_browser_of_the_path_and_of_playwright(machine):
    fetched = program(machine / "home/.cache/ms-playwright/chromium-1200/chrome-linux64/chrome")
    assert system_packages.need_browser() == str(fetched)
    on_path = program(machine / "bin" / "chromium")
    assert system_packages.need_browser() == str(on_path)
    environment = dict(os.environ)
    assert system_packages.with_browser(environment, machine / "browser") == environment
    assert not (machine / "browser").exists()


def test_the_browser_of_macos(machine, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    chrome = program(machine / "home/Applications/Chromium.app/Contents/MacOS/Chromium")
    assert system_packages.need_browser() == str(chrome)


def test_all_that_is_missing_is_told_at_once(machine, monkeypatch):
    monkeypatch.setenv("PATH", str(machine / "bin2"))
    program(machine / "bin2" / "npm")
    with pytest.raises(Failure) as failure:
        system_packages.check(["git", "chromium", "npm", "docker-compose"])
    assert failure.value.problem == "git, chromium, docker-compose are missing on this machine"
    lines = failure.value.what_to_do.splitlines()
    for name in ("git", "chromium", "docker-compose"):
        number = next(index for index, line in enumerate(lines) if line.startswith(f"    {name}: "))
        for system in ("Ubuntu", "Debian: sudo apt-get install ", "Fedora: sudo dnf install ", "macOS: brew install "):
            assert system in lines[number + 1]
    assert "npm" not in failure.value.what_to_do


def test_root_on_debian_gets_it_installed(machine, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    chromium = machine / "bin" / "chromium"
    program(
        machine / "bin" / "apt-get", f'[ "$4" = update ] || printf "#!/bin/sh\\n" > {chromium}; chmod +x {chromium}'
    )
    system_packages.check(["chromium"])
    assert not chromium.exists()
    assert system_packages.need_browser() == str(chromium)


def test_every_part_knows_what_it_needs(machine, monkeypatch):
    for part in test_command.PARTS:
        assert set(test_command.programs(part)) <= set(PACKAGES)
    assert {"git", "chromium", "npm"} <= set(test_command.programs("all"))
    monkeypatch.setenv("TESTS", "tests/test_scripts.py")
    assert test_command.programs("unit") == []


def test_tests_of_debians_programs_are_left_out_in_words_where_there_is_no_apt(machine, capsys):
    assert not cups.available() and not libreoffice.available() and not prometheus.available()
    arguments, left_out = test_command._without_missing(["tests"])
    assert arguments == ["--ignore-glob=*_cups.py", "--ignore-glob=*_libreoffice.py", "--ignore-glob=*_prometheus.py"]
    endings = ("cups", "libreoffice", "prometheus")
    files = [file for ending in endings for file in (places.CHECKOUT / "tests").rglob(f"*_{ending}.py")]
    assert left_out == Counter(skipped=len(files))
    said = capsys.readouterr().err
    assert "tests/print_server/test_server_cups.py" in said
    assert "tests/e2e/test_export_in_libreoffice.py" in said
    assert all(str(file.relative_to(places.CHECKOUT)) in said for file in files)
    assert test_command._without_missing(["tests/test_scripts.py"]) == ([], Counter())


@pytest.mark.parametrize("reason", ["asked for by name", "all tests have to run"])
@pytest.mark.parametrize(
    "test",
    [
        "tests/print_server/test_server_cups.py",
        "tests/e2e/test_export_in_libreoffice.py",
        "tests/test_monitoring_prometheus.py",
    ],
)
def test_tests_of_debians_programs_are_never_left_out(machine, monkeypatch, test, reason):
    tests = [test] if reason == "asked for by name" else [str(Path(test).parent)]
    if reason == "all tests have to run":
        monkeypatch.setenv("LPM_ALL_TESTS", "1")
    with pytest.raises(Failure, match="this machine has no apt"):
        test_command._without_missing(tests)


def test_debians_libreoffice_finds_its_files_where_it_is_unpacked(machine, tmp_path):
    work, root = tmp_path / "work", tmp_path / "root"
    settings = work / libreoffice.PROGRAM / "fundamentalrc"
    settings.parent.mkdir(parents=True)
    settings.write_text(
        "BRAND_BASE_DIR=file:///usr/lib/libreoffice\nCONFIGURATION_LAYERS=res:file:///etc/libreoffice/registry dconf:*\n"
    )
    (work / "usr/lib/libreoffice/share").symlink_to("/etc/libreoffice")
    libreoffice._make_movable(work, root)
    assert settings.read_text() == (
        "BRAND_BASE_DIR=${ORIGIN}/..\nCONFIGURATION_LAYERS=res:${BRAND_BASE_DIR}/share/.registry dconf:*\n"
    )
    assert os.readlink(work / "usr/lib/libreoffice/share") == f"{root}/etc/libreoffice"


def test_an_old_python_is_told_so_and_meets_no_syntax_error():
    """macOS brings Python 3.9, which runs these before it can be told that it is too old."""
    for name in ("environment", "places", "console", "locks", "system_packages"):
        text = (places.CHECKOUT / "scripts" / f"{name}.py").read_text(encoding="utf-8")
        ast.parse(text, feature_version=(3, 9))
        assert "from __future__ import annotations" in text
