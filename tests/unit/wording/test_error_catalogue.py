"""Codes, words and advice: the specification's texts to the letter, and usual wordings of servers and printers."""

import ast
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.transport.server_errors import ConfigurationError, Unreachable
from services.wording import error_catalogue
from services.wording.error_catalogue import (
    ENTRIES,
    ERROR_MESSAGES,
    OTHER,
    SEVERITIES,
    advice,
    advice_about,
    canonical_code,
    code_for_http,
    code_for_reason,
    code_from_text,
    kept_sentence,
    kind_of,
    reason_label,
    sentence,
    split_reason,
    stops_printer,
    waiting_advice,
    warning_remedy,
    warns,
)
from services.wording.error_wordings import PATTERNS, SYNONYMS
from services.wording.printer_entries import PRINTER_ENTRIES
from services.wording.printer_reasons import REASONS
from services.wording.sentences import SENTENCES
from services.wording.server_entries import SERVER_ENTRIES
from services.wording.waiting_entries import GOES_ON, WAITING_ENTRIES
from services.wording.warning_remedies import WARNING_REMEDIES

from conftest import ADDON

SPECIFIED = {
    "printer_offline": ("Printer is offline or not responding", "Check printer power and connection, then retry"),
    "network_timeout": ("Network connection to print server timed out", "Check network connection and retry"),
    "paper_out": ("Printer is out of paper or labels", "Load labels into printer and retry"),
    "invalid_zpl": ("Invalid ZPL code in template", "Contact administrator to fix template"),
}
ARCHITECTURE = Path(__file__).resolve().parents[3] / "docs" / "architecture.md"


@pytest.mark.parametrize("code", SPECIFIED)
def test_the_specifications_texts(code):
    assert (ERROR_MESSAGES[code]["message"], ERROR_MESSAGES[code]["action"]) == SPECIFIED[code]
    assert list(ERROR_MESSAGES)[:4] == list(SPECIFIED)


def test_nobody_sends_the_administrator_to_the_administrator():
    """Whoever is one is told what to do; for everybody else the texts stay as they are."""
    everything = [*map(advice, ERROR_MESSAGES), *map(waiting_advice, [*WAITING_ENTRIES, "anything else"])]
    assert any("administrator" in found.action.lower() for found in everything)
    for found in everything:
        assert found.action_for(False) == found.action
        assert found.steps_for(False) == found.steps
        said = found.action_for(True)
        assert "administrator" not in said.lower(), found.code
        assert said[0].isupper()
        assert not said.endswith(".")
        assert found.steps_for(True)
        assert not any("your administrator" in step for step in found.steps_for(True)), found.code


@pytest.mark.parametrize("code", ERROR_MESSAGES)
def test_every_code_has_complete_advice(code):
    found = advice(code)
    assert found.code == code
    assert found.severity in SEVERITIES
    assert found.steps
    for text in (found.message, found.action):
        assert text[0].isupper()
        assert not text.endswith("."), "the specification adds the full stop"
    for step in found.steps:
        assert step[0].isupper()
        assert step.endswith(".")
        assert not re.match(r"\d", step), "the form numbers them"


def test_every_code_of_the_architecture_is_there():
    line = re.search(r"^- codes: (.+)$", ARCHITECTURE.read_text(encoding="utf-8"), re.MULTILINE).group(1)
    assert set(line.split()) <= set(ERROR_MESSAGES)


def test_each_code_stands_in_one_table():
    assert not set(PRINTER_ENTRIES) & set(SERVER_ENTRIES)


def test_only_the_network_is_called_a_timed_out_network():
    """A printer that is silent, or a queue that is stopped, has advice of its own."""
    assert code_for_http(504) == "network_timeout"
    assert "network_timeout" not in {reason.code for reason in REASONS.values()}


def test_unknown_codes_have_no_advice():
    for code in ("E-4711", "", None):
        assert advice(code) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("out of paper", "paper_out"), ("Media out", "paper_out"), ("PAPER OUT", "paper_out"), ("No labels", "paper_out"),
        ('Printer "Z1" is out of labels.', "paper_out"), ("Media tray empty!", "paper_out"), ("media-empty-error", "paper_out"),
        ("Load labels", "paper_out"), ("The paper has run out; paper ran out", "paper_out"),
        ("Unable to connect to printer", "printer_offline"), ("The printer is not responding.", "printer_offline"),
        ("The printer is unreachable at this time.", "printer_offline"), ("Printer is offline", "printer_offline"),
        ('Unable to open device file "/dev/usb/lp0": No such device', "printer_offline"), ("No route to host", "printer_offline"),
        ("Connection refused", "printer_offline"), ("Waiting for printer to become available.", "printer_offline"),
        ("HEAD OPEN", "head_open"), ("Print head is open", "head_open"), ("Cover open", "head_open"), ("door is open", "head_open"),
        ("Timed out: head open", "head_open"), ("RIBBON OUT", "ribbon_out"), ("Out of ribbon", "ribbon_out"),
        ("ribbon not detected", "ribbon_out"), ("Paper jam", "jam"), ("labels jammed", "jam"), ("Head too hot", "overheated"),
        ("printhead over temp", "overheated"), ("Buffer full", "buffer_full"), ("No space left on device", "buffer_full"),
        ("Printer paused", "paused"), ("queue is stopped", "spooler_paused"), ("label 12: invalid ZPL, ^XA missing", "invalid_zpl"),
        ("ZPL syntax error", "invalid_zpl"), ("Connection timed out", "network_timeout"), ("ETIMEDOUT timeout", "network_timeout"),
        ("Invalid API key", "key_refused"), ("Rate limit exceeded", "rate_limited"), ("Too many labels", "too_many_labels"),
        ('Printer "zebra1" not found', "printer_not_found"), ("The printer or class does not exist.", "printer_not_found"),
        ("Job 17 not found", "job_unknown"), ("worker crashed", "uncertain"), ("certificate verify failed", "tls_failure"),
        ("Printer stopped", "paused"), ("Rejecting Jobs", "spooler_rejecting"), ("The queue is paused", "spooler_paused"),
        ("Destination is not accepting jobs.", "spooler_rejecting"), ("The printer does not answer", "printer_silent"),
        ("The printer accepts connections but does not answer", "printer_silent"), ("Printer is silent: out of labels", "paper_out"),
        ("Cancelled at printer", "cancelled_at_printer"), ("502 Bad Gateway", "server_unavailable"),
        ("Internal Server Error", "server_error"),
    ],
)  # fmt: skip
def test_wordings(text, code):
    assert code_from_text(text) == code


@pytest.mark.parametrize(
    "text",
    ["", None, "All labels printed", "Label out of range", "Printing label 5 of 20", "No labels failed", "Ready", "head office",
     "Kein Papier", "Everything is fine"],
)  # fmt: skip
def test_wordings_that_say_nothing(text):
    assert code_from_text(text) == ""


@given(st.text())
def test_any_text_gives_a_known_code_or_none(text):
    assert code_from_text(text) in {"", *ERROR_MESSAGES}
    assert isinstance(canonical_code(text), str)
    assert isinstance(reason_label(text), str)


def test_long_texts_are_quick():
    assert code_from_text("printer " * 100_000) == ""


def test_tables_name_real_codes():
    assert {code for code, _pattern in PATTERNS} <= set(ERROR_MESSAGES)
    assert set(SYNONYMS.values()) <= set(ERROR_MESSAGES)
    assert not set(SYNONYMS) & set(ERROR_MESSAGES)
    assert {reason.code for reason in REASONS.values()} <= {"", *ERROR_MESSAGES, *WAITING_ENTRIES}


@pytest.mark.parametrize(
    ("code", "canonical"),
    [
        ("PAPER_OUT", "paper_out"),
        ("paper-out", "paper_out"),
        ("Media Empty", "paper_out"),
        ("queue-stopped", "spooler_paused"),
        ("IDEMPOTENCY_MISMATCH", "idempotency_key_reused"),
        ("E-4711", "E-4711"),
        (None, ""),
    ],
)
def test_canonical_codes(code, canonical):
    assert canonical_code(code) == canonical


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "bad_request"), (401, "key_refused"), (403, "key_refused"), (404, "job_unknown"), (409, "bad_request"),
     (425, "server_unavailable"), (429, "rate_limited"), (500, "server_error"), (502, "server_unavailable"), (503, "server_unavailable"),
     (504, "network_timeout"), (302, "bad_answer")],
)  # fmt: skip
def test_http_codes(status, code):
    assert code_for_http(status) == code
    assert advice(code)


def test_reasons():
    assert split_reason("Media-Empty-Error") == ("media-empty", "error")
    assert split_reason("paused") == ("paused", "")
    assert split_reason("-error") == ("-error", "")
    assert reason_label("media-empty-error") == reason_label("media-empty") == "Labels empty"
    assert reason_label("com.vendor-odd-thing-warning") == "Com.vendor odd thing"
    assert code_for_reason("marker-supply-empty-error") == "ribbon_out"
    assert code_for_reason("timed-out-error") == "printer_silent"
    assert code_for_reason("unheard-of") == ""
    assert stops_printer("media-empty")
    assert not stops_printer("media-low")
    assert all(split_reason(keyword + "-warning") == (keyword, "warning") for keyword in REASONS)


@pytest.mark.parametrize(
    "keyword",
    # As print_server/host_query.py reads them from the printer, and as CUPS names them.
    ["media-calibration", "clean-print-head", "replace-print-head", "media-low", "marker-supply-low", "toner-low"],
)
def test_what_the_print_server_warns_of_has_words_and_a_remedy(keyword):
    assert keyword in REASONS
    assert warns(keyword)
    assert not stops_printer(keyword)
    assert warning_remedy(keyword + "-warning") == warning_remedy(keyword) != ""


def test_remedies_of_warnings():
    assert WARNING_REMEDIES.keys() <= REASONS.keys()
    assert not any(REASONS[keyword].stops or REASONS[keyword].code for keyword in WARNING_REMEDIES)
    assert not any(remedy.endswith(".") for remedy in WARNING_REMEDIES.values())
    # What stops other printers and is only a warning here has the remedy of a job that waits for it.
    assert warning_remedy("media-empty-warning") == WAITING_ENTRIES["paper_out"]["action"]
    assert warning_remedy("connecting-to-device-warning") == warning_remedy("unheard-of-warning") == ""
    assert not warns("connecting-to-device")


@pytest.mark.parametrize("key", SENTENCES)
def test_sentences_are_complete(key):
    names = re.findall(r"%\((\w+)\)s", SENTENCES[key])
    said = sentence(key, **dict.fromkeys(names, "9"))
    assert "%" not in said
    assert said.count("9") >= len(names)


def _texts(codes, advice=advice):
    return {
        text
        for found in map(advice, codes)
        for text in (found.message, found.action, found.manager_action or found.action, *found.steps)
    }


def test_every_sentence_is_marked_for_translation():
    """A sentence that is not inside `_lt(…)` as one literal is invisible to Odoo's export."""
    for name in ("sentences", "printer_reasons", "printer_entries", "server_entries", "waiting_entries"):
        tree = ast.parse((ADDON / "services" / "wording" / f"{name}.py").read_text(encoding="utf-8"))
        marked = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_lt":
                assert isinstance(node.args[0], ast.Constant), ast.unparse(node)
                marked.add(node.args[0].value)
        shown = {
            "sentences": lambda: set(SENTENCES.values()),
            "printer_reasons": lambda: {reason.label for reason in REASONS.values()},
            "printer_entries": lambda: _texts(PRINTER_ENTRIES),
            "server_entries": lambda: _texts(SERVER_ENTRIES),
            "waiting_entries": lambda: _texts((*WAITING_ENTRIES, OTHER), waiting_advice),
        }[name]()
        assert shown == marked


def test_inside_odoo_the_texts_are_lazy(monkeypatch):
    """Load the module under its name in Odoo, with a stand-in for Odoo's lazy translation."""
    import sys
    import types

    class Lazy:
        def __init__(self, source, /, **params):
            self.source, self.params = source, params

    translate = types.ModuleType("odoo.tools.translate")
    translate.LazyTranslate = lambda name: Lazy
    package = "odoo.addons.label_print_monitor"
    for name in ("odoo", "odoo.tools", "odoo.addons", package, f"{package}.services", f"{package}.services.wording"):
        module = types.ModuleType(name)
        module.__path__ = [str(ADDON / "services" / "wording")] if name.endswith("wording") else []
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setitem(sys.modules, "odoo.tools.translate", translate)
    before = set(sys.modules)
    try:
        import importlib

        inside = importlib.import_module(f"{package}.services.wording.error_catalogue")
        assert isinstance(inside.advice("paper_out").message, Lazy)
        assert inside.advice("paper_out").message.source == SPECIFIED["paper_out"][0]
        assert isinstance(inside.advice("paper_out").steps[0], Lazy)
        assert isinstance(inside.reason_label("media-empty"), Lazy)
        assert inside.sentence("label_not_zpl", index=3).params == {"index": 3}
        assert inside.ERROR_MESSAGES == error_catalogue.ERROR_MESSAGES, "plain, so that they can be compared"
    finally:
        for name in set(sys.modules) - before:
            del sys.modules[name]


def test_an_error_is_kept_as_data_and_said_again():
    error = Unreachable("timed_out", seconds=0.5)
    kept = json.loads(json.dumps(error.problem))
    assert kept_sentence(kept) == error.message
    assert kept_sentence(ConfigurationError("address_missing").problem) == SENTENCES["address_missing"]
    for nothing in (None, False, {}, {"key": "a sentence of an older version", "server": "x"}):
        assert kept_sentence(nothing) == ""


def test_advice_by_code_else_by_words():
    assert advice_about("jam", "Printer is out of paper").code == "jam"
    assert advice_about("E-4711", "Printer is out of paper").code == "paper_out"
    assert advice_about("", "sensor misaligned") is advice_about(None, None) is None


def test_the_kind_of_a_problem():
    assert kind_of("E-4711", "Printer is out of paper") == "paper_out"
    assert kind_of("", "sensor misaligned") == kind_of("E-4711", None) == OTHER
    assert OTHER not in ENTRIES
    assert kind_of(None, "") == ""


def test_a_job_that_waits_is_not_to_be_retried():
    for code in (*WAITING_ENTRIES, "a_code_of_later"):
        advice = waiting_advice(code)
        assert "retry" not in " ".join((advice.message, advice.action, *advice.steps)).casefold()
        assert not advice.retryable
        assert advice.steps[-1] == GOES_ON
    assert waiting_advice("paper_out").message == "Waiting for labels"
    assert waiting_advice("") is waiting_advice(None) is None


def test_what_stops_a_printer_has_advice_for_those_who_wait():
    codes = {reason.code for reason in REASONS.values() if reason.stops and reason.code}
    assert codes <= {*WAITING_ENTRIES, "invalid_zpl"}
