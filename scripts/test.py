"""Run the tests, or one part of them: `python -m scripts.test unit|odoo|js|e2e|lint|all`.

Each part is a pytest process of its own, since Odoo configures its whole process; the last line is their sum in the
format of pytest's.
`TESTS` names files or folders instead of a whole part, `ARGS` are further arguments for pytest.
"""

import os
import shlex
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

from scripts import cups, libreoffice, odoo, places, prometheus
from scripts.console import exit_code_of, say
from scripts.databases import fresh_database
from scripts.postgres import running_cluster
from scripts.processes import run_to_end, started
from scripts.system_packages import check, need_browser, with_browser

ADDON_TESTS = "label_print_monitor/tests"
INSTALLATIONS = "tests/upgrade tests/install"
JS_TESTS = f"{ADDON_TESTS}/test_hoot.py"
BROWSER_WORDS = ("HttpCase", "browser_js", "start_tour")
FROM_DEBIAN = (
    ("CUPS", "_cups.py", ("start_cups_spooler",), cups.available, cups.need_spooler),
    ("LibreOffice", "_libreoffice.py", ("libreoffice.convert",), libreoffice.available, libreoffice.need_libreoffice),
    (
        "Prometheus", "_prometheus.py", ("prometheus.program", "running_prometheus"), prometheus.available,
        prometheus.need_prometheus,
    ),
)
"""Programs that only some tests need: name, how their files end, what those mention, whether it can be had, get it."""
NOTHING_CHOSEN = 5  # pytest's exit code


def unit() -> Counter:
    """Everything that needs no Odoo. Several processes share the tests of the print server, which wait for printers."""
    tests = _chosen("tests")
    without, left_out = _without_missing(tests)
    elsewhere = [f"--ignore=tests/{folder}" for folder in ("e2e", "upgrade", "install")]
    plain = ["-p", "no:odoo", *without]
    if os.environ.get("TESTS"):
        return _pytest("unit", tests, *elsewhere, *plain) + left_out
    computing = _run_pytest("unit", tests, *elsewhere, "--ignore=tests/print_server", *plain)
    return _sum([computing, *_shared("print server", 3, ["tests/print_server"], *plain)]) + left_out


def odoo_tests(js: bool = True) -> Counter:
    """The addon's own tests, in a fresh copy of a database with the addon installed."""
    return _inside_odoo("odoo", _chosen(ADDON_TESTS), *([] if js else [f"--ignore={JS_TESTS}"]))


def js() -> Counter:
    """The client's unit tests (Hoot), which a browser runs."""
    return _inside_odoo("js", _chosen(JS_TESTS))


def e2e(default: str = f"tests/e2e {INSTALLATIONS}") -> Counter:
    """The whole product: real processes, nothing mocked; updating an old database; several databases at once.

    A file has a product, with processes and a database, of its own, and waits for it more than it computes.
    """
    need_browser()
    tests = _chosen(default)
    without, left_out = _without_missing(tests)
    plain = ["-p", "no:odoo", *without]
    if os.environ.get("TESTS"):
        return _pytest("e2e", tests, *plain) + left_out
    return _sum(_shared("e2e", 1, tests, *plain)) + left_out


def lint() -> Counter:
    from scripts import lint as lint_module

    return lint_module.run()


def everything() -> Counter:
    started = time.monotonic()
    total: Counter = Counter()
    for name, part in (("lint", lint), ("unit", unit)):
        say(f"\n━━ {name}")
        total += part()
    # Installing modules measures no time, and the addon's own tests leave a processor to it.
    with _beside("installations", INSTALLATIONS.split(), "-p", "no:odoo") as installations:
        say("\n━━ Odoo and JavaScript")
        total += odoo_tests()
        say("\n━━ installations and updates, which ran beside them")
        total += installations()
    say("\n━━ end to end")
    total += e2e("tests/e2e")
    print(closing_line(total, time.monotonic() - started), flush=True)
    return total


def closing_line(total: Counter, seconds: float) -> str:
    """The sum of several runs as pytest closes one."""
    words = [
        f"{total[key]} {key if key != 'errors' or total[key] > 1 else 'error'}"
        for key in ("failed", "passed", "skipped", "errors")
        if total[key]
    ]
    clock = f" ({int(seconds) // 3600}:{int(seconds) // 60 % 60:02}:{int(seconds) % 60:02})" if seconds >= 60 else ""
    return f" {', '.join(words) or 'no tests ran'} in {seconds:.2f}s{clock} ".center(80, "=")


def _chosen(default: str) -> list[str]:
    return shlex.split(os.environ.get("TESTS", "") or default)


def _inside_odoo(part: str, tests: list[str], *arguments: str) -> Counter:
    browser = _mention(BROWSER_WORDS, tests)
    if browser:
        need_browser()
    with running_cluster() as cluster, fresh_database(cluster, "test", assets=browser) as database:
        environment = odoo.environment(ODOO_RC=str(database.config))
        if browser:
            environment = with_browser(environment, places.cache() / "browser")
        return _pytest(part, tests, "--odoo-http", "--odoo-log-level=warn", *arguments, environment=environment)


def _without_missing(tests: list[str]) -> tuple[list[str], Counter]:
    """Arguments that leave out the tests of programs that cannot be had, and their files as skipped.

    Never where they are asked for by name, or where all tests have to run (LPM_ALL_TESTS, as CI sets it).
    """
    arguments, left_out = [], Counter()
    for name, ending, words, available, need in FROM_DEBIAN:
        if not _mention(words, tests):
            continue
        by_name = any(test.partition("::")[0].endswith(ending) for test in tests)
        if available() or by_name or os.environ.get("LPM_ALL_TESTS"):
            need()
            continue
        files = [file for test in tests for file in (places.CHECKOUT / test).rglob(f"*{ending}")]
        names = ", ".join(str(file.relative_to(places.CHECKOUT)) for file in files)
        say(f"· Left out, because {name} for its tests comes from Debian's packages and there is no apt here: {names}")
        arguments.append(f"--ignore-glob=*{ending}")
        left_out["skipped"] += len(files)
    return arguments, left_out


def _mention(words: tuple[str, ...], tests: list[str]) -> bool:
    paths = [places.CHECKOUT / test.partition("::")[0] for test in tests]
    files = [file for path in paths for file in (path.rglob("*.py") if path.is_dir() else [path])]
    return any(word in file.read_text(encoding="utf-8") for file in files if file.exists() for word in words)


def _shared(part: str, each: int, tests: list[str], *arguments: str) -> list[tuple[Counter, int]]:
    """Tests that wait more than they compute, file by file in `each` processes for each processor.

    Those that measure time follow, one after the other. Outcomes and exit code of both rounds.
    """
    # A process that ends in a test ends the run, as without others: its file would begin again and again.
    sharing = (f"--numprocesses={each * (os.cpu_count() or 1)}", "--dist=loadfile", "--max-worker-restart=0")
    return [
        _run_pytest(part, tests, *arguments, "--alone=never", *sharing),
        _run_pytest(part, tests, *arguments, "--alone=only"),
    ]


def _sum(runs: list[tuple[Counter, int]]) -> Counter:
    """Outcomes of several runs. Some may have nothing to do (`ARGS="-k …"`), but not all."""
    chosen = [run for run in runs if run[1] != NOTHING_CHOSEN] or runs[:1]
    return sum((_counted(*run) for run in chosen), Counter())


def _pytest(part: str, tests: list[str], *arguments: str, environment: dict[str, str] | None = None) -> Counter:
    return _counted(*_run_pytest(part, tests, *arguments, environment=environment))


def _run_pytest(
    part: str, tests: list[str], *arguments: str, environment: dict[str, str] | None = None
) -> tuple[Counter, int]:
    """The outcomes that pytest reported, and its exit code."""
    with _report(part) as junit:
        code = run_to_end(_command(junit, tests, arguments), environment)
        return _outcomes(junit), code


@contextmanager
def _beside(part: str, tests: list[str], *arguments: str) -> Iterator[Callable[[], Counter]]:
    """Tests that run meanwhile; the function waits for their end, shows what they printed, and gives their outcomes."""
    with (
        _report(part) as junit,
        tempfile.TemporaryFile("w+") as output,
        started(_command(junit, tests, arguments), output=output) as process,
    ):

        def wait() -> Counter:
            code = process.wait()
            output.seek(0)
            shutil.copyfileobj(output, sys.stdout)
            return _counted(_outcomes(junit), code)

        yield wait


@contextmanager
def _report(part: str) -> Iterator[Path]:
    """The file into which pytest writes its outcomes, while they are read."""
    junit = places.BUILD / "junit" / f"{part}.{os.getpid()}.xml"
    junit.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield junit
    finally:
        junit.unlink(missing_ok=True)


def _command(junit: Path, tests: list[str], arguments: Iterable[str]) -> list[str]:
    more = shlex.split(os.environ.get("ARGS", ""))
    return [sys.executable, "-m", "pytest", f"--junit-xml={junit}", *arguments, *more, *tests]


def _outcomes(junit: Path) -> Counter:
    total: Counter = Counter()
    if junit.exists():
        for suite in ElementTree.parse(junit).getroot().iter("testsuite"):
            failed, errors, skipped = (int(suite.get(name, 0)) for name in ("failures", "errors", "skipped"))
            total.update(
                failed=failed,
                errors=errors,
                skipped=skipped,
                passed=int(suite.get("tests", 0)) - failed - errors - skipped,
            )
    return total


def _counted(total: Counter, code: int) -> Counter:
    """Outcomes of one run; one that ended before it wrote its report counts as an error."""
    if code and not total["failed"] and not total["errors"]:
        total["errors"] += 1
    return total


PARTS = {"unit": unit, "odoo": lambda: odoo_tests(js=False), "js": js, "e2e": e2e, "lint": lint, "all": everything}


def programs(part: str) -> list[str]:
    """What has to be on the machine for a part, so that all that is missing is told before the first minute is over."""
    if part == "all":
        return list(dict.fromkeys(name for each in ("lint", "unit", "odoo", "e2e") for name in programs(each)))
    if os.environ.get("TESTS"):
        return []  # what a few tests need is told when they need it
    spooler = cups.programs() if cups.available() else []
    return {
        "lint": [*odoo.programs(), "npm", *(["docker-compose"] if not shutil.which("docker") else [])],
        "unit": spooler,
        "odoo": [*odoo.programs(), "chromium"],
        "js": [*odoo.programs(), "chromium"],
        "e2e": [*odoo.programs(), "chromium", "npm", *spooler],
    }[part]


def main() -> int:
    check(programs(sys.argv[1]))
    total = PARTS[sys.argv[1]]()
    return 1 if total["failed"] or total["errors"] else 0


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
