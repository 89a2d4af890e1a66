"""No sentence for people is left where Odoo's export of terms does not find it: Python, templates, JavaScript, catalogue.

Read from the source; nothing is run. That what the export finds is in the .pot is for the addon's own tests.
"""

import ast
import re
from pathlib import Path

import polib
import pytest
from lxml import etree
from services.wording.printer_entries import PRINTER_ENTRIES
from services.wording.printer_reasons import REASONS
from services.wording.sentences import SENTENCES
from services.wording.server_entries import SERVER_ENTRIES
from services.wording.waiting_entries import GOES_ON, OTHER_WAITING, WAITING_ENTRIES

from conftest import ADDON

RAISED = {"UserError", "ValidationError", "AccessError", "MissingError", "RedirectWarning", "PayloadError"}
SHOWN_BY = {"_notification", "message_post", "activity_schedule"}
MARKS = {"_", "_lt", "_lazy"}
SHOWN_KEYS = {"title", "message", "subject", "body", "summary", "tooltip", "label", "description", "placeholder"}
# Said to programs only: the answer that json_documents itself turns into another sentence.
FOR_PROGRAMS = {"not JSON"}
PYTHON_FILES = sorted(
    path for folder in ("controllers", "models", "services", "wizards") for path in (ADDON / folder).rglob("*.py")
)

VISIBLE_ATTRIBUTES = (
    "alt|aria-label|aria-placeholder|aria-roledescription|aria-valuetext|data-tooltip|label|placeholder|title"
)
# OWL translates these attributes as they stand, and none that is put together or computed.
PUT_TOGETHER = re.compile(rf"t-attf-(?:{VISIBLE_ATTRIBUTES})")
COMPUTED = re.compile(rf"t-att-(?:{VISIBLE_ATTRIBUTES})|t-out|t-esc")
WORDS_IN_EXPRESSION = re.compile(r"""['"`][^'"`]*(?:[A-Z][a-z]+|[a-z]+ [a-z]+)[^'"`]*['"`]""")

VISIBLE_KEYS = "title|label|message|tooltip|placeholder|description|summary|text|displayName|ariaLabel|body|confirmLabel|cancelLabel"
JS_LITERAL = re.compile(
    rf"""\b(?:{VISIBLE_KEYS})\s*[:=]\s*(?:[^,;{{}}()]*\?\s*)?(["'`][^"'`\n]*[A-Za-z]{{2}}[^"'`\n]*["'`])"""
)
JS_SAID = re.compile(r"""\b(?:notification|notifications)\.add\(\s*["'`]|\b(?:alert|confirm)\(\s*["'`]""")
# The export reads the literal: a variable or a text put together is translated to itself.
JS_NOT_LITERAL = re.compile(r"""\b_t\(\s*+(?!["'])""")


def _is_mark(node):
    function = node.func if isinstance(node, ast.Call) else None
    return getattr(function, "attr", getattr(function, "id", None)) in MARKS


def _bare_texts(node):
    """Texts in an expression that no mark surrounds."""
    if isinstance(node, ast.Call | ast.Compare):
        # What is called or compared with a text is no text itself: `"…".join(…)`, a key of `sentence(…)`.
        return
    if isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        text = ast.unparse(node)
        if re.search(r"[A-Za-z]{2}", re.sub(r"\{[^}]*\}", "", text)):
            yield node.lineno, text
        return
    for child in ast.iter_child_nodes(node):
        yield from _bare_texts(child)


def python_complaints(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", None))
            if _is_mark(node) and node.args and isinstance(node.args[0], ast.JoinedStr | ast.BinOp):
                yield node.lineno, ast.unparse(node.args[0])
            elif name in RAISED:
                yield from (found for argument in node.args for found in _bare_texts(argument))
            elif name in SHOWN_BY:
                arguments = node.args[1:] if name == "_notification" else []
                arguments += [keyword.value for keyword in node.keywords if keyword.arg in SHOWN_KEYS]
                yield from (found for argument in arguments for found in _bare_texts(argument))
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                action = any(isinstance(other, ast.Constant) and other.value == "res_model" for other in node.keys)
                if isinstance(key, ast.Constant) and key.value in SHOWN_KEYS | ({"name"} if action else set()):
                    yield from _bare_texts(value)


def template_complaints(source):
    for node in etree.fromstring(source.encode()).iter(etree.Element):
        for name, value in node.attrib.items():
            if PUT_TOGETHER.fullmatch(name) and re.search(r"[A-Za-z]", re.sub(r"\{\{.*?\}\}|#\{.*?\}", "", value)):
                yield node.sourceline, f'{name}="{value}"'
            is_property = node.tag[:1].isupper() and re.fullmatch(VISIBLE_ATTRIBUTES, name)
            if (COMPUTED.fullmatch(name) or is_property) and WORDS_IN_EXPRESSION.search(value):
                yield node.sourceline, f'{name}="{value}"'


def javascript_complaints(source):
    for number, line in enumerate(source.splitlines(), 1):
        if line.lstrip().startswith(("*", "//", "/*")):
            continue
        for pattern in (JS_LITERAL, JS_SAID):
            if pattern.search(line):
                yield number, line.strip()
    for match in JS_NOT_LITERAL.finditer(source):
        yield source.count("\n", 0, match.start()) + 1, source[match.start() :].split("\n")[0]


def complaints_about(paths, check):
    return [
        f"{path.relative_to(ADDON)}:{line}: {what}"
        for path in paths
        for line, what in check(path.read_text(encoding="utf-8"))
        if what.strip("'\"") not in FOR_PROGRAMS
    ]


def test_what_python_says_is_marked():
    assert complaints_about(PYTHON_FILES, python_complaints) == []


def test_what_templates_say_is_found_by_the_export():
    assert complaints_about(sorted((ADDON / "static" / "src").rglob("*.xml")), template_complaints) == []


def test_what_javascript_says_is_marked():
    assert complaints_about(sorted((ADDON / "static" / "src").rglob("*.js")), javascript_complaints) == []


def catalogue():
    for entries in (PRINTER_ENTRIES, SERVER_ENTRIES, WAITING_ENTRIES, {"other": OTHER_WAITING}):
        for code, entry in entries.items():
            for text in (entry["message"], entry["action"], entry.get("manager_action", entry["action"]), *entry["steps"]):
                yield code, text
    yield "goes on", GOES_ON
    yield from SENTENCES.items()
    yield from ((word, reason.label) for word, reason in REASONS.items())


def test_every_text_of_the_catalogue_is_in_the_template_and_translated():
    folder = Path(ADDON) / "i18n"
    template = {entry.msgid for entry in polib.pofile(str(folder / "label_print_monitor.pot"))}
    assert [f"{code}: {text}" for code, text in catalogue() if text not in template] == [], "make translations"
    for path in sorted(folder.glob("*.po")):
        translated = {entry.msgid for entry in polib.pofile(str(path)).translated_entries()}
        assert [text for _code, text in catalogue() if text not in translated] == [], path.name


@pytest.mark.parametrize(
    ("check", "source"),
    [
        (python_complaints, 'raise UserError("Choose a printer.")'),
        (python_complaints, 'raise ValidationError(f"{name} is not a printer")'),
        (python_complaints, 'raise UserError(self.env._("Right.") if ok else "Wrong.")'),
        (python_complaints, 'raise UserError(self.env._(f"{name} is not a printer"))'),
        (python_complaints, 'raise PayloadError("a job without a status")'),
        (python_complaints, 'job._notification("warning", "Too late", self.env._("Right."))'),
        (python_complaints, 'send({"title": "Print job failed"})'),
        (python_complaints, 'return {"name": "Print Jobs", "res_model": "label.print.job"}'),
        (python_complaints, 'job.activity_schedule(summary="Print job failed")'),
        (template_complaints, '<t><button t-attf-aria-label="Retry {{ job.name }}"/></t>'),
        (template_complaints, "<t><i t-att-title=\"isOpen ? 'Close' : 'Open'\"/></t>"),
        (template_complaints, "<t><t t-out=\"'of all'\"/></t>"),
        (template_complaints, "<t><Dialog title=\"'Choose labels'\"/></t>"),
        (javascript_complaints, 'const look = { title: "Seen on paper" };'),
        (javascript_complaints, 'return { label: isOpen ? "Close" : "" };'),
        (javascript_complaints, 'notification.add("Odoo cannot be reached.");'),
        (javascript_complaints, "return _t(`Label ${number}`);"),
        (javascript_complaints, "return _t(title);"),
    ],
)
def test_what_is_not_marked_is_found(check, source):
    assert list(check(source))


@pytest.mark.parametrize(
    ("check", "source"),
    [
        (python_complaints, 'raise UserError(self.env._("%(name)s waits.", name=self.name))'),
        (python_complaints, 'raise UserError("\\n".join(problems))'),
        (python_complaints, "raise UserError(error.text)"),
        (
            python_complaints,
            'return {"message": entry["message"], "title": self.env._("Failed") if status == "failed" else ""}',
        ),
        (python_complaints, 'job._notification("warning", self.env._("Too late"), words)'),
        (template_complaints, '<t><button aria-label="Retry" t-attf-class="fa fa-{{ icon }} me-1">Retry</button></t>'),
        (
            template_complaints,
            "<t><i t-att-title=\"props.title || ''\" t-att-class=\"isOpen ? 'fa-minus' : 'fa-plus'\"/></t>",
        ),
        (javascript_complaints, 'return { label: _t("Close"), type: "success" };'),
        (javascript_complaints, 'return _t(\n    "Close"\n);'),
    ],
)
def test_what_is_marked_is_not(check, source):
    assert not list(check(source))
