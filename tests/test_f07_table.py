"""docs/f07.md is complete and correct: each name of the specification has a row, and what the rows name exists."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "f07.md"
TEST_FILES = [ROOT / "label_print_monitor" / "tests" / name for name in ("test_f07_names.py", "test_f07_criteria.py")]
PATH = re.compile(r"`((?:[\w.-]+/)+[\w-]+\.\w+)`")
# The names in F07's listings, by kind. The specification is not part of this repository, so they are written out here.
NAMES = {
    "Models": "label.print.job print.job.status.poller printer.configuration",
    "Fields": "flask_job_id status current_label progress_percent error_message quantity mo_id job_type submitted_by "
    "create_date progress_display name",
    "Methods": "poll_job_status _send_completion_notification _send_error_notification _cron_poll_active_jobs "
    "_compute_progress_display action_retry action_cancel _format_error_message",
    "Error messages": "printer_offline network_timeout paper_out invalid_zpl",
    "XML ids": "cron_poll_print_job_status view_printer_status_kanban",
    "Job list": "decoration-success decoration-warning decoration-danger decoration-muted create_date mo_id quantity "
    "status progress_display job_type submitted_by action_retry action_cancel",
    "Search": "mo_id submitted_by today this_week completed failed active group_status group_mo group_date",
    "Notifications": "label_print_notification",
    "Export": "action_export_history active_domain Date print_history_",
    "Settings and the call to the print server": "label_print.api_url label_print.api_key timeout",
}
CRITERIA = (
    "Real-time job status updates (queued, printing, completed, failed)",
    "Progress indicator for batch jobs",
    "Print job history with filtering and search",
    "Error messages with actionable troubleshooting steps",
    "Visual notifications (toast messages) for job completion",
    "Export print history to CSV for reporting",
    "Printer status monitoring (online/offline)",
)


def sections() -> dict[str, list[list[str]]]:
    """The rows of each section's table, without its two lines of heading, as cells."""
    found: dict[str, list[list[str]]] = {}
    title = ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            title = line.lstrip("# ")
        elif line.startswith("|"):
            found.setdefault(title, []).append([cell.strip() for cell in line.strip("|").split("|")])
    return {title: rows[2:] for title, rows in found.items()}


def existing_tests() -> set[str]:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in TEST_FILES]
    return {
        f"{cls.name}::{function.name}"
        for tree in trees
        for cls in tree.body
        if isinstance(cls, ast.ClassDef)
        for function in cls.body
        if isinstance(function, ast.FunctionDef) and function.name.startswith("test_")
    }


def test_every_path_exists():
    paths = set(PATH.findall(PAGE.read_text(encoding="utf-8")))
    assert len(paths) > 15
    assert sorted(path for path in paths if not (ROOT / path).is_file()) == []


@pytest.mark.parametrize("kind", NAMES)
def test_every_name_of_the_specification_has_its_row(kind: str):
    listed = " ".join(row[0] for row in sections()[kind])
    missing = [
        name for name in NAMES[kind].split() if not re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", listed)
    ]
    assert missing == []


@pytest.mark.parametrize("kind", NAMES)
def test_every_name_is_in_the_file_that_its_row_gives(kind: str):
    for name, where, *_rest in sections()[kind]:
        file = ROOT / where.strip("`")
        assert name.strip("`") in file.read_text(encoding="utf-8"), f"{name} is not in {where}"


def test_every_criterion_has_its_row():
    listed = [row[0] for row in sections()["Acceptance criteria"]]
    assert len(listed) == len(CRITERIA)
    assert all(row.startswith(criterion) for row, criterion in zip(listed, CRITERIA, strict=True))


def test_the_page_and_the_tests_match():
    on_the_page = set(re.findall(r"\b(TestF07\w+::test_\w+)", PAGE.read_text(encoding="utf-8")))
    assert on_the_page == existing_tests()


@pytest.mark.parametrize(
    "page", ["README.md", "CHANGELOG.md", *(f"docs/{path.name}" for path in sorted(PAGE.parent.glob("*.md")))]
)
def test_links_and_images_exist(page: str):
    file = ROOT / page
    links = re.findall(r"\]\(([^)#\s]+)", file.read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (file.parent / link).exists()]
    assert missing == []
