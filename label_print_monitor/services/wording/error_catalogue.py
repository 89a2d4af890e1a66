"""What an error code means and what to do about it, in words that can be translated.

Jobs keep codes, people read advice: the form's troubleshooting card, the toast and the specification's
`_format_error_message` all ask here. Print servers of the first generation send no code, only text from CUPS or a Zebra
printer, so `code_from_text` finds the code behind usual wordings.

This is the only module of the package that looks at Odoo, and only for lazy translation: sentences that leave here as
`ErrorAdvice`, `reason_label` or `sentence` are translated when Odoo shows them (`env._(…)` or `str(…)`). Without Odoo
they are plain English strings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .error_wordings import PATTERNS, SYNONYMS, plain_words
from .printer_entries import PRINTER_ENTRIES
from .printer_reasons import REASONS
from .sentences import SENTENCES
from .server_entries import SERVER_ENTRIES
from .waiting_entries import GOES_ON, OTHER_WAITING, WAITING_ENTRIES
from .warning_remedies import WARNING_REMEDIES

if __name__.startswith("odoo.addons."):
    from odoo.tools.translate import LazyTranslate

    _lazy = LazyTranslate(__name__)
else:

    def _lazy(source: str, **params: Any) -> str:
        return source % params if params else source


ENTRIES = {**PRINTER_ENTRIES, **SERVER_ENTRIES}

# The texts as the specification words them, for whoever compares or joins them. `advice` gives the translated ones.
ERROR_MESSAGES: dict[str, dict[str, str]] = {
    code: {"message": entry["message"], "action": entry["action"]} for code, entry in ENTRIES.items()
}

SEVERITIES = ("error", "warning", "info")


@dataclass(frozen=True, eq=False)
class ErrorAdvice:
    """What is wrong and what to do. Texts are lazy inside Odoo, so pass them to `env._` or `str`; never compare them."""

    code: str
    message: str
    action: str
    steps: tuple[str, ...]
    severity: str
    retryable: bool
    manager_action: str = ""
    manager_steps: tuple[str, ...] = ()

    def action_for(self, manager: bool) -> str:
        """What to do, for somebody who sends others to an administrator, or for the administrator."""
        return (manager and self.manager_action) or self.action

    def steps_for(self, manager: bool) -> tuple[str, ...]:
        return self.manager_steps if manager else self.steps


OTHER = "other"  # the kind of a problem that is not in the catalogue


def _for_managers(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Whoever is the administrator is told what to do, and is not sent to an administrator."""
    return {
        "manager_action": _lazy(entry["manager_action"]) if "manager_action" in entry else "",
        "manager_steps": tuple(_lazy(step) for step in entry["steps"] if "your administrator" not in step),
    }


_ADVICE = {
    code: ErrorAdvice(
        code=code,
        message=_lazy(entry["message"]),
        action=_lazy(entry["action"]),
        steps=tuple(_lazy(step) for step in entry["steps"]),
        severity=entry.get("severity", "error"),
        retryable=entry.get("retryable", True),
        **_for_managers(entry),
    )
    for code, entry in ENTRIES.items()
}


_WAITING_ADVICE = {
    code: ErrorAdvice(
        code=code,
        message=_lazy(entry["message"]),
        action=_lazy(entry["action"]),
        steps=(*(_lazy(step) for step in entry["steps"]), _lazy(GOES_ON)),
        severity="warning",
        retryable=False,
        **_for_managers({**entry, "steps": (*entry["steps"], GOES_ON)}),
    )
    for code, entry in {**WAITING_ENTRIES, OTHER: OTHER_WAITING}.items()
}


def advice(code: str | None) -> ErrorAdvice | None:
    """The advice for one of our codes, or None for a code that only the print server knows."""
    return _ADVICE.get(code or "")


def waiting_advice(code: str | None) -> ErrorAdvice | None:
    """What a job waits for at its printer and what to do about it; None for a job that does not wait.

    :param code: the status object's `waiting_for`; a code that nobody here knows gets general advice
    """
    return (_WAITING_ADVICE.get(code) or _WAITING_ADVICE[OTHER]) if code else None


def advice_about(code: str | None, text: str | None) -> ErrorAdvice | None:
    """The advice for a code, else for what a print server's words mean, None when neither is known."""
    return advice(code) or (advice(code_from_text(text)) if text else None)


def kind_of(code: str | None, text: str | None) -> str:
    """Our code for what a server's code or words mean, `OTHER` for what only the server knows, '' for nothing at all."""
    found = advice_about(code, text)
    if found:
        return found.code
    return OTHER if code or text else ""


def sentence(key: str, **params: Any) -> str:
    """The sentence `key` of `sentences.py` with its parameters filled in, lazily translatable inside Odoo."""
    if key == "not_understood":
        params["reason"] = _lazy(params["reason"])  # the contract's own words: see PayloadError
    return _lazy(SENTENCES[key], **params)


def kept_sentence(problem: Mapping[str, Any] | None) -> str:
    """The sentence kept as `PrintServerError.problem` or as a timeline's note; '' for none and for one that is no longer known."""
    params = dict(problem or {})
    key = params.pop("key", "")
    return sentence(key, **params) if key in SENTENCES else ""


def canonical_code(code: str | None) -> str:
    """A server's code in our spelling; a code that nobody here knows comes back as it was, '' for none."""
    given = (code or "").strip()
    if not given:
        return ""
    key = re.sub(r"[\s.\-]+", "_", given.casefold())
    return key if key in ENTRIES else SYNONYMS.get(key, given)


def code_from_text(text: str | None) -> str:
    """The code behind free text of a print server, CUPS or a Zebra printer; '' when nothing fits."""
    if not text:
        return ""
    words = plain_words(text)
    return next((code for code, pattern in PATTERNS if pattern.search(words)), "")


def code_for_http(status: int) -> str:
    """The code for an HTTP status that is not a success."""
    known = {401: "key_refused", 403: "key_refused", 404: "job_unknown", 408: "network_timeout", 425: "server_unavailable",
             429: "rate_limited", 502: "server_unavailable", 503: "server_unavailable", 504: "network_timeout"}  # fmt: skip
    if status in known:
        return known[status]
    if status >= 500:
        return "server_error"
    return "bad_request" if status >= 400 else "bad_answer"


def split_reason(keyword: str) -> tuple[str, str]:
    """`media-empty-error` → ('media-empty', 'error'); severity '' when the keyword carries none."""
    word = keyword.strip().casefold()
    if word in REASONS:  # a few registered keywords end in a severity's word themselves
        return word, ""
    for severity in ("report", "warning", "error"):
        if word.endswith("-" + severity) and len(word) > len(severity) + 1:
            return word[: -len(severity) - 1], severity
    return word, ""


def stops_printer(keyword: str) -> bool:
    """Whether a printer that reports the bare `keyword` has stopped printing."""
    reason = REASONS.get(split_reason(keyword)[0])
    return bool(reason and reason.stops)


def warns(keyword: str) -> bool:
    """Whether the bare `keyword` is an early warning: the printer prints, and somebody should see to it before it stops."""
    return split_reason(keyword)[0] in WARNING_REMEDIES


def warning_remedy(keyword: str) -> str:
    """What to do about a reason of severity warning, '' when it asks for nobody or is unknown."""
    word = split_reason(keyword)[0]
    if word in WARNING_REMEDIES:
        return _lazy(WARNING_REMEDIES[word])
    found = waiting_advice(code_for_reason(word))
    return found.action if found else ""


def reason_label(keyword: str) -> str:
    """Words for an IPP keyword, with or without severity; an unknown one is made readable."""
    word = split_reason(keyword)[0]
    if word in REASONS:
        return _lazy(REASONS[word].label)
    return word.replace("-", " ").strip().capitalize()


def code_for_reason(keyword: str) -> str:
    """The catalogue's code for an IPP keyword, '' when it asks for no action or is unknown."""
    reason = REASONS.get(split_reason(keyword)[0])
    return reason.code if reason else ""
