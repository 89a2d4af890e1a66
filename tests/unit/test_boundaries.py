"""The boundaries of docs/architecture.md: which module may import, write and send what. Read from the source; nothing is run.

The checker looks at the syntax tree, not at the text: receivers that name jobs, dictionaries with the
key `status` that go into a write or a create, SQL that sets the column. The second half proves that it can fail.
"""

import ast
import re

import pytest

from conftest import ADDON

HTTP_LIBRARIES = {"requests", "httpx", "aiohttp", "urllib.request"}
# Packages of services/ that each of them may import; no cycles.
ACCOUNTS_WRITER = "models/label_print_attempt_account.py"
SQL_ACCOUNT = re.compile(r'update\s+"?label_print_attempt"?\s+.*\bset\b.*\baccount\b', re.I | re.S)
SERVICES_MAY_USE = {
    "contract": {"wording"},
    "lifecycle": {"contract", "wording"},
    "transport": {"contract", "lifecycle", "wording"},
    "export": {"contract", "wording"},
    "label_files": {"contract", "wording"},
}
WRITES = {"write", "_write", "create", "update", "_write_multi", "_write_columns"}
# The notifier tells people. To print servers that fetch their calls goes one word without content, in a transaction of
# the call's own: people's notices belong to the transaction that they are about.
BUS_SENDERS = {"models/print_job_notifier.py", "models/label_print_server_call.py"}
BUS = {"_bus_send", "_sendone", "_sendmany", "_sendmany_later"}
JOB_MODEL = "label.print.job"
# `job`, `jobs`, `print_job`, "label.print.job"; not `job_type` and not the attempts or labels of a job.
NAMES_JOBS = re.compile(r"(?:^|[\W_])jobs?(?:_ids?)?\b|label\.print\.job'")
OF_JOBS = re.compile(r"\.(?:attempt|failed_label|printer|server)_ids?\b")
SQL_STATUS = re.compile(
    r'update\s+"?label_print_job"?\s+.*\bset\b.*\bstatus\b|insert\s+into\s+"?label_print_job"?\s*\([^)]*\bstatus\b',
    re.I | re.S,
)


def violations(path, source):
    """What in `source`, at `path` inside the addon, is against the rules: a list of 'line: what'."""
    tree = ast.parse(source)
    found = []
    for node in ast.walk(tree):
        for module in _imported(node):
            if path != "services/transport/http_calls.py" and _within(module, HTTP_LIBRARIES):
                found.append(f"{node.lineno}: imports {module}")
            if path.startswith("services/") and path != "services/wording/error_catalogue.py" and _within(module, {"odoo"}):
                found.append(f"{node.lineno}: a service imports {module}")
        if path.startswith("services/") and isinstance(node, ast.ImportFrom) and node.level > 1:
            package = (node.module or "").split(".")[0]
            if node.level > 2 or package not in SERVICES_MAY_USE.get(path.split("/")[1], ()):
                found.append(f"{node.lineno}: a service imports {package or 'its parent'}")
        if path not in BUS_SENDERS and isinstance(node, ast.Attribute) and node.attr in BUS:
            found.append(f"{node.lineno}: sends to the bus with {node.attr}")
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL_STATUS.search(node.value):
            found.append(f"{node.lineno}: SQL that writes the status of jobs")
    if path.split("/")[0] in ("models", "wizards", "controllers") and path != ACCOUNTS_WRITER:
        found += [f"{node.lineno}: writes an account" for node in ast.walk(tree) if _writes_account(node)]
    if path.split("/")[0] in ("models", "wizards", "controllers"):
        visitor = _StatusWrites()
        visitor.visit(tree)
        found += visitor.found
    return found


def _writes_account(node):
    """Whether this is a write or a create of values that hold an account."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES):
        return isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL_ACCOUNT.search(node.value)
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    return any(
        isinstance(key, ast.Constant) and key.value == "account"
        for value in given
        for part in ast.walk(value)
        if isinstance(part, ast.Dict)
        for key in part.keys
    )


def _imported(node):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and not node.level:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def _within(module, packages):
    return any(module == package or module.startswith(package + ".") for package in packages)


class _StatusWrites(ast.NodeVisitor):
    """Finds writes of a job's status outside `_apply`."""

    def __init__(self):
        self.found = []
        self._of_job_model = [False]
        self._functions = [""]

    def visit_ClassDef(self, node):
        names = {"_name": [], "_inherit": []}
        for statement in node.body:
            if isinstance(statement, ast.Assign) and getattr(statement.targets[0], "id", "") in names:
                names[statement.targets[0].id] = [
                    n.value for n in ast.walk(statement.value) if isinstance(n, ast.Constant)
                ]
        model = names["_name"] or names["_inherit"]
        self._of_job_model.append(JOB_MODEL in model)
        self.generic_visit(node)
        self._of_job_model.pop()

    def visit_FunctionDef(self, node):
        self._functions.append(node.name)
        self.generic_visit(node)
        self._functions.pop()

    def visit_Call(self, node):
        if isinstance(node.func, ast.Attribute) and node.func.attr in WRITES and self._is_jobs(node.func.value):
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            if any(keyword.arg == "status" for keyword in node.keywords) or any(map(_has_status, given)):
                self._note(node, f"{node.func.attr}() of status")
        self.generic_visit(node)

    def visit_Assign(self, node):
        for target in node.targets:
            for part in ast.walk(target):
                if isinstance(part, ast.Attribute) and part.attr == "status" and self._is_jobs(part.value):
                    self._note(node, "assignment of status")
        self.generic_visit(node)

    def _is_jobs(self, receiver):
        text = ast.unparse(receiver)
        if OF_JOBS.search(text):
            return False
        if NAMES_JOBS.search(text):
            return True
        return self._of_job_model[-1] and re.match(r"self\b(?!\.env|\.\w+_ids?\b)|super\(", text) is not None

    def _note(self, node, what):
        if "_apply" not in self._functions:
            self.found.append(f"{node.lineno}: {what} outside label.print.job._apply")


def _has_status(value):
    """Whether a dictionary with the key `status` is written here: alone, in a list, or in a comprehension."""
    if isinstance(value, (ast.List, ast.Tuple)):
        return any(map(_has_status, value.elts))
    if isinstance(value, (ast.ListComp, ast.GeneratorExp)):
        return _has_status(value.elt)
    if isinstance(value, ast.Dict):
        return any(isinstance(key, ast.Constant) and key.value == "status" for key in value.keys)
    if isinstance(value, ast.Call) and getattr(value.func, "id", "") == "dict":
        return any(keyword.arg == "status" for keyword in value.keywords)
    return False


def _sources():
    skipped = {"tests", "static", "migrations"}
    for path in sorted(ADDON.rglob("*.py")):
        relative = path.relative_to(ADDON)
        if relative.parts[0] not in skipped:
            yield relative.as_posix(), path


@pytest.mark.parametrize("path", [pytest.param(path, id=name) for name, path in _sources()])
def test_module_keeps_the_boundaries(path):
    assert violations(path.relative_to(ADDON).as_posix(), path.read_text(encoding="utf-8")) == []


def test_the_modules_that_rules_name_exist():
    names = {name for name, _path in _sources()}
    assert {
        "services/transport/http_calls.py",
        "services/wording/error_catalogue.py",
        *BUS_SENDERS,
        "models/label_print_job.py",
    } <= names


BAD = [
    ("models/label_print_job.py", "import requests"),
    ("services/contract/payloads.py", "from requests import Session"),
    ("services/contract/payloads.py", "from requests.adapters import HTTPAdapter"),
    ("controllers/print_events.py", "def f():\n    import urllib.request"),
    ("services/contract/payloads.py", "import odoo"),
    ("services/contract/payloads.py", "from odoo.tools import float_round"),
    ("services/contract/payloads.py", "from ..models import label_print_job"),
    ("services/contract/payloads.py", "from ...models import label_print_job"),
    ("services/contract/payloads.py", "from ..lifecycle.job_lifecycle import merge"),
    ("models/print_job_status_poller.py", 'job.write({"status": "failed"})'),
    ("models/print_job_status_poller.py", 'self.env["label.print.job"].sudo().create([{"status": "sent"}])'),
    ("models/print_job_status_poller.py", 'jobs.write(dict(status="failed"))'),
    ("models/print_job_status_poller.py", 'jobs.update({"a": 1, "status": "failed"})'),
    ("models/print_job_status_poller.py", 'env["label.print.job"].create([{"status": s} for s in x])'),
    ("wizards/retry.py", 'wizard.job_id.status = "pending"'),
    ("controllers/print_events.py", 'print_job.status = "failed"'),
    (
        "models/label_print_job.py",
        'class J(M):\n    _name = "label.print.job"\n    def action(self):\n        self.status = "x"',
    ),
    (
        "models/mrp.py",
        'class J(M):\n    _inherit = ["label.print.job"]\n    def write(self, v):\n        return super().write({"status": "x"})',
    ),
    ("models/label_print_job.py", 'cr.execute("UPDATE label_print_job SET status = %s WHERE id = 1")'),
    ("models/label_print_job.py", 'attempt.write({"account": {"v": 1}})'),
    ("wizards/retry.py", 'self.env["label.print.attempt"].create([{"number": 1, "account": x}])'),
    ("models/mrp.py", 'cr.execute("UPDATE label_print_attempt SET account = %s WHERE id = 1")'),
    ("models/label_print_job.py", 'self.env["bus.bus"]._sendone(partner, "x", {})'),
    ("wizards/retry.py", 'self.env.user._bus_send("x", {})'),
]
GOOD = [
    ("services/lifecycle/job_lifecycle.py", "from ..contract.reports import JobReport"),
    ("services/transport/http_calls.py", "import requests"),
    ("services/wording/error_catalogue.py", "from odoo.tools.translate import LazyTranslate"),
    (
        "models/label_print_job.py",
        'class J(M):\n    _name = "label.print.job"\n    def _apply(self):\n        self.write({"status": 1})',
    ),
    ("models/print_job_status_poller.py", 'job._apply({job.id: {"status": "failed"}})'),
    (
        "models/printer_configuration.py",
        'class P(M):\n    _name = "printer.configuration"\n    def f(self):\n        self.status = "online"',
    ),
    ("models/printer_configuration.py", 'printer.write({"status": "online"})'),
    ("models/print_job_status_poller.py", 'job.printer_id.write({"status": "online"})'),
    ("models/label_print_job_retry.py", 'self.job_id.sudo().attempt_ids[:1].write({"status": "failed"})'),
    ("models/label_print_job_retry.py", 'self.env["label.print.attempt"].create({"status": job.status})'),
    ("models/label_print_job.py", 'job.write({"timeline": [{"status": "sent"}]})'),
    ("models/label_print_job.py", 'cr.execute("SELECT status FROM label_print_job")'),
    ("models/print_job_notifier.py", 'partner._bus_send("x", {})'),
    ("models/label_print_server_call.py", 'env["bus.bus"]._sendone((token, "x"), "x", {})'),
    ("models/label_print_attempt_account.py", 'attempt.write({"account": {"v": 1}})'),
]


@pytest.mark.parametrize(("path", "source"), BAD)
def test_the_checker_finds_a_violation(path, source):
    assert violations(path, source)


@pytest.mark.parametrize(("path", "source"), GOOD)
def test_the_checker_accepts_what_is_allowed(path, source):
    assert violations(path, source) == []
