"""The print server's JSON as frozen dataclasses: every oddity of the contract ends in this package.

Two generations of print servers answer (progress flat or nested, errors under three names, "completed" that is not
quite complete), and a third party's program can send anything at all. What leaves this package is typed, bounded and
safe to store. An answer of the wrong shape raises `PayloadError`; one bad job or printer among many is left out and
counted, never affecting the others. Jobs are read in `job_reports`, their labels in `label_reports`, printers in
`printer_reports`; here are the other answers and the pushed events.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..wording.translatable import _lt
from .clean_values import clean_number, clean_text, clean_time
from .job_reports import parse_batch, parse_job_report, parse_label_account
from .json_documents import (
    MAX_ENTRIES,
    MAX_JOB_ID,
    MAX_MESSAGE,
    MAX_WORD,
    PayloadError,
    load_json,
    require_list,
    require_object,
)
from .label_reports import parse_labels
from .print_request import LabelError, build_print_payload, validate_labels
from .printer_reports import parse_printer, parse_printers
from .reports import (
    BatchAnswer,
    CancelAnswer,
    Counts,
    EventBatch,
    FailedLabel,
    Health,
    JobReport,
    LabelReport,
    LookupAnswer,
    PrinterReason,
    PrinterReport,
    SubmitAnswer,
)
from .sizes import parse_limits
from .status_words import CANCEL_OUTCOMES, STATUS_OF_WORD, plain_word

# Requests and answers are one contract, so callers find both directions here.
__all__ = [
    "BatchAnswer", "CancelAnswer", "Counts", "EventBatch", "FailedLabel", "Health", "JobReport", "LabelError",
    "LabelReport", "LookupAnswer", "PayloadError", "PrinterReason", "PrinterReport", "SubmitAnswer",
    "build_print_payload", "load_json", "parse_batch", "parse_cancel", "parse_events", "parse_health",
    "parse_job_report", "parse_label_account", "parse_labels", "parse_lookup", "parse_printer", "parse_printers",
    "parse_submission_cancel", "parse_submit", "validate_labels",
]  # fmt: skip

IDEMPOTENCY_HOURS = 24.0  # how long a server that does not say keeps its idempotency keys
_HOURS_BELIEVED = (1.0, 10 * 365.25 * 24)  # from an hour to ten years


def parse_submit(data: Any) -> SubmitAnswer:
    """Read the answer to a print request; raises PayloadError when the job has no id to ask for later."""
    data = require_object(data)
    job_id = _job_id(data)
    message = clean_text(data.get("message"), MAX_MESSAGE)
    return SubmitAnswer(job_id, _status(data), message, clean_time(data.get("estimated_completion")))


def parse_lookup(data: Any) -> LookupAnswer:
    """Read what became of a submission: `{"job_id", "status"}`. Raises PayloadError when there is no id."""
    data = require_object(data)
    return LookupAnswer(_job_id(data), _status(data))


def parse_cancel(data: Any) -> CancelAnswer:
    """Read the answer to a request to cancel: `{"success", "message", "outcome"?, "job_id"?}`.

    :return: `outcome` is '' when the server says `"success": false`, and 'cancelled' when it names none that is known
    :raises PayloadError: not an object
    """
    data = require_object(data)
    words = (clean_text(data.get(key), MAX_MESSAGE) for key in ("message", "error_message", "error"))
    message = next((text for text in words if text), "")
    if data.get("success", True) is not True:
        return CancelAnswer("", message)
    outcome = plain_word(clean_text(data.get("outcome"), MAX_WORD))
    job_id = clean_text(data.get("job_id"), MAX_JOB_ID + 1)
    return CancelAnswer(
        outcome if outcome in CANCEL_OUTCOMES else "cancelled",
        message,
        job_id if len(job_id) <= MAX_JOB_ID else "",
    )


def parse_submission_cancel(data: Any) -> CancelAnswer:
    """Read the answer to a request to cancel by idempotency key, where the outcome must be said.

    :raises PayloadError: no known outcome, or a job that is cancelled without its id
    """
    answer = parse_cancel(data)
    if answer.outcome and plain_word(clean_text(data.get("outcome"), MAX_WORD)) != answer.outcome:
        raise PayloadError(_lt("no outcome of the cancelled submission"))
    if answer.outcome in ("cancelled", "cancelling") and not answer.server_job_id:
        raise PayloadError(_lt("a cancelled submission without a job id"))
    return answer


def parse_health(data: Any) -> Health:
    """Read the health answer, with its services nested or flat."""
    data = require_object(data)
    services = data.get("services")
    if "status" not in data and not isinstance(services, Mapping):
        raise PayloadError(_lt("a health answer without a status"))
    known = {"status", "version", "capabilities", "services", "timestamp", "idempotency_hours", "limits", "warnings"}
    if not isinstance(services, Mapping):
        services = {key: value for key, value in data.items() if key not in known}
    capabilities = data.get("capabilities")
    names = [clean_text(name, MAX_WORD) for name in (capabilities[:100] if isinstance(capabilities, list) else ())]
    warnings = data.get("warnings")
    said = [clean_text(text, MAX_MESSAGE) for text in (warnings[:10] if isinstance(warnings, list) else ())]
    hours = clean_number(data.get("idempotency_hours"))
    shortest, longest = _HOURS_BELIEVED
    return Health(
        status=clean_text(data.get("status"), MAX_WORD).lower() or "unknown",
        version=clean_text(data.get("version"), MAX_WORD),
        capabilities=frozenset(name for name in names if name),
        services={clean_text(key, MAX_WORD): _service_word(services[key]) for key in list(services)[:50]},
        idempotency_hours=hours if hours is not None and shortest <= hours <= longest else IDEMPOTENCY_HOURS,
        limits=parse_limits(data.get("limits")),
        warnings=tuple(text for text in said if text),
    )


def parse_events(data: Any) -> EventBatch:
    """Read a push: `{"events": [{"id", "type": "job"|"printer", "occurred_at", …}]}`."""
    events = require_list(require_object(data).get("events"), _lt("the answer has no list of events"))
    jobs: list[JobReport] = []
    printers: list[PrinterReport] = []
    rejected = max(0, len(events) - MAX_ENTRIES)
    for event in events[:MAX_ENTRIES]:
        try:
            kind = event.get("type") if isinstance(event, Mapping) else None
            if kind == "job":
                # `id` is the event's own; only a sender without `job_id` can mean the job by it.
                jobs.append(parse_job_report(event))
            elif kind == "printer":
                printers.append(parse_printer(event))
            else:
                rejected += 1
        except PayloadError:
            rejected += 1
    return EventBatch(tuple(jobs), tuple(printers), rejected)


def _job_id(data: Mapping[str, Any]) -> str:
    job_id = clean_text(data.get("job_id") or data.get("id"), MAX_JOB_ID + 1)
    if not job_id or len(job_id) > MAX_JOB_ID:
        raise PayloadError(_lt("no job id for the print request"))
    return job_id


def _status(data: Mapping[str, Any]) -> str:
    return STATUS_OF_WORD.get(plain_word(clean_text(data.get("status"), MAX_WORD)), "queued")


def _service_word(value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get("status", value.get("state"))
    if isinstance(value, bool):
        return "ok" if value else "down"
    return clean_text(value, 128)
