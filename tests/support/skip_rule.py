"""A skipped test is a failed one, unless tests/allowed_skips.txt says why it may be skipped.

Odoo silently skips its browser tests when there is no browser or no `websocket-client`; a green run would then
mean nothing. Browser tests cannot be excused by the list at all.
"""

from collections.abc import Generator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

ALLOWED_SKIPS = "tests/allowed_skips.txt"


def allowed_skips(root: Path) -> dict[str, str]:
    """Patterns of test ids and the reason why each may be skipped: lines of `pattern: reason`, `#` for comments."""
    path = root / ALLOWED_SKIPS
    allowed = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        if line.strip() and not line.startswith("#"):
            pattern, _, reason = line.partition(": ")
            if not reason.strip():
                raise pytest.UsageError(f"{ALLOWED_SKIPS}: no reason is given in {line!r}")
            allowed[pattern.strip()] = reason.strip()
    return allowed


def is_browser_test(item: pytest.Item) -> bool:
    if item.get_closest_marker("browser"):
        return True
    cls = getattr(item, "cls", None)
    return cls is not None and any(base.__name__ == "HttpCase" for base in cls.__mro__)


def _refuse(report: pytest.TestReport | pytest.CollectReport, why: str) -> None:
    said = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    report.outcome = "failed"
    report.longrepr = f"{report.nodeid} was skipped ({said}). {why}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        if is_browser_test(item):
            _refuse(report, "A browser test must run: install chromium and requirements.txt.")
        elif not any(fnmatchcase(item.nodeid, pattern) for pattern in allowed_skips(item.config.rootpath)):
            _refuse(report, f"Make it run, or give the reason in {ALLOWED_SKIPS}.")
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.skipped and not any(
        fnmatchcase(collector.nodeid, pattern) for pattern in allowed_skips(collector.config.rootpath)
    ):
        _refuse(report, f"Make it run, or give the reason in {ALLOWED_SKIPS}.")
    return report
