"""The print server's JSON as frozen dataclasses: every oddity of the contract ends here.

Two generations of print servers answer (progress flat or nested, errors under three names, "completed" that is not
quite complete), and a third party's program can send anything at all. What leaves this module is typed, bounded and
safe to store. An answer of the wrong shape raises `PayloadError`; one bad job or printer among many is left out and
counted, never spoiling its neighbours.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ..wording.error_catalogue import canonical_code, code_from_text, split_reason, stops_printer
from .clean_values import clean_count, clean_number, clean_percent, clean_text, clean_time
from .print_request import LabelError, build_print_payload, validate_labels
from .reports import (
    BatchAnswer,
    EventBatch,
    FailedLabel,
    Health,
    JobReport,
    PrinterReason,
    PrinterReport,
    SubmitAnswer,
)
from .status_words import STATUS_OF_WORD, plain_word

# Requests and answers are one contract, so callers find both directions here.
__all__ = [
    "BatchAnswer", "EventBatch", "FailedLabel", "Health", "JobReport", "LabelError", "PayloadError", "PrinterReason",
    "PrinterReport", "SubmitAnswer", "build_print_payload", "load_json", "parse_batch", "parse_events", "parse_health",
    "parse_job_report", "parse_printer", "parse_printers", "parse_submit", "validate_labels",
]  # fmt: skip

MAX_JOB_ID = 255  # characters
MAX_WORD = 64
MAX_MESSAGE = 1_000
MAX_FAILED_LABELS = 500  # labels in one attempt
MAX_ENTRIES = 5_000  # jobs, printers or events looked at in one answer

_T = TypeVar("_T")


class PayloadError(ValueError):
    """The answer is not what the contract says. The message names what was missing, never the content."""


def load_json(raw: bytes) -> Any:
    """Decode a JSON document. Raises PayloadError for anything that is not one, however deep or long-winded."""
    try:
        return json.loads(raw, parse_int=_parse_int)
    except (ValueError, RecursionError):  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise PayloadError("not JSON") from None


def _parse_int(digits: str) -> int | None:
    # Python needs quadratic time for a number of a million digits, and no number in the contract is that long.
    return int(digits) if len(digits) < 20 else None


def parse_job_report(data: Any, server_job_id: str | None = None) -> JobReport:
    """Read one status object.

    :param server_job_id: the id that was asked for; an object that names another one is refused
    :raises PayloadError: not an object, no usable id, or no status at all
    """
    data = _mapping(data, "status")
    job_id = clean_text(data.get("job_id") or data.get("id") or server_job_id, MAX_JOB_ID + 1)
    if not job_id or len(job_id) > MAX_JOB_ID:
        raise PayloadError("a job without a usable id")
    if server_job_id is not None and job_id != server_job_id:
        raise PayloadError("an answer about another job")
    word = clean_text(data.get("status"), MAX_WORD)
    if not word:
        raise PayloadError("a job without a status")

    status = STATUS_OF_WORD.get(plain_word(word))
    progress = data.get("progress")
    progress = progress if isinstance(progress, Mapping) else {"percent": progress}
    failed_labels = _failed_labels(data.get("failed_labels"))
    failed_count = _first(clean_count, progress.get("failed"), data.get("failed_count"), data.get("failed"))
    failed_count = max(failed_count or 0, len(failed_labels))
    if status == "completed" and failed_count:
        status = "completed_with_errors"
    total = _first(clean_count, progress.get("total"), data.get("total"), data.get("quantity"))
    printed = (data.get("current_label"), progress.get("current"), progress.get("completed"), data.get("completed"))
    current = _first(clean_count, *printed)
    percent = _first(clean_percent, data.get("progress_percent"), progress.get("percent"))
    if percent is None and current is not None and total:
        percent = min(100.0, 100.0 * current / total)
    code, message = _error(data, ended=status in ("failed", "completed_with_errors", "cancelled"))
    return JobReport(
        server_job_id=job_id,
        status=status,
        word=word,
        current_label=current,
        total=total,
        failed_count=failed_count,
        progress_percent=percent,
        error_code=code,
        error_message=message,
        confirmed=data.get("confirmed") is True,
        failed_labels=failed_labels,
        estimated_completion=clean_time(data.get("estimated_completion")),
        occurred_at=_first(clean_time, data.get("occurred_at"), data.get("updated_at"), data.get("timestamp")),
    )


def parse_batch(data: Any) -> BatchAnswer:
    """Read the answer to one question about many jobs: `{"jobs": […], "unknown": […]}`."""
    data = _mapping(data, "batch status")
    reports, rejected = _read_each(_listing(data.get("jobs"), "jobs"), parse_job_report)
    unknown = data.get("unknown")
    ids = (clean_text(entry, MAX_JOB_ID) for entry in (unknown[:MAX_ENTRIES] if isinstance(unknown, list) else ()))
    return BatchAnswer(reports, tuple(dict.fromkeys(job_id for job_id in ids if job_id)), rejected)


def parse_printers(data: Any) -> tuple[PrinterReport, ...]:
    """Read `{"printers": […]}`; printers without a name are left out."""
    if isinstance(data, Mapping):
        data = data.get("printers")
    return _read_each(_listing(data, "printers"), parse_printer)[0]


def parse_printer(data: Any) -> PrinterReport:
    """Read one printer object; raises PayloadError when it has no name."""
    data = _mapping(data, "printer")
    name = clean_text(data.get("name") or data.get("cups_name"), MAX_JOB_ID)
    if not name:
        raise PayloadError("a printer without a name")
    reasons = _reasons(data.get("state_reasons"))
    status = _PRINTER_STATUS.get(plain_word(clean_text(data.get("status"), MAX_WORD)), "unknown")
    if status in ("online", "busy") and any(reason.severity == "error" for reason in reasons):
        status = "attention"
    return PrinterReport(
        cups_name=name,
        model=clean_text(data.get("model"), 128),
        status=status,
        reasons=reasons,
        connection=clean_text(data.get("connection"), 128),
        location=clean_text(data.get("location"), 128),
        jobs_in_queue=clean_count(data.get("jobs_in_queue")) or 0,
        occurred_at=clean_time(data.get("occurred_at")),
    )


def parse_submit(data: Any) -> SubmitAnswer:
    """Read the answer to a print request; raises PayloadError when the job has no id to ask for later."""
    data = _mapping(data, "print")
    job_id = clean_text(data.get("job_id") or data.get("id"), MAX_JOB_ID + 1)
    if not job_id or len(job_id) > MAX_JOB_ID:
        raise PayloadError("no job id for the print request")
    status = STATUS_OF_WORD.get(plain_word(clean_text(data.get("status"), MAX_WORD)), "queued")
    return SubmitAnswer(
        job_id, status, clean_text(data.get("message"), MAX_MESSAGE), clean_time(data.get("estimated_completion"))
    )


def parse_health(data: Any) -> Health:
    """Read the health answer, with its services nested or flat."""
    data = _mapping(data, "health")
    services = data.get("services")
    if "status" not in data and not isinstance(services, Mapping):
        raise PayloadError("a health answer without a status")
    known = {"status", "version", "capabilities", "services", "timestamp"}
    if not isinstance(services, Mapping):
        services = {key: value for key, value in data.items() if key not in known}
    capabilities = data.get("capabilities")
    names = [clean_text(name, MAX_WORD) for name in (capabilities[:100] if isinstance(capabilities, list) else ())]
    return Health(
        status=clean_text(data.get("status"), MAX_WORD).lower() or "unknown",
        version=clean_text(data.get("version"), MAX_WORD),
        capabilities=frozenset(name for name in names if name),
        services={clean_text(key, MAX_WORD): _service_word(services[key]) for key in list(services)[:50]},
    )


def parse_events(data: Any) -> EventBatch:
    """Read a push: `{"events": [{"id", "type": "job"|"printer", "occurred_at", …}]}`."""
    events = _listing(_mapping(data, "events").get("events"), "events")
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


def _mapping(data: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise PayloadError(f"the {what} answer is not an object")
    return data


def _listing(data: Any, what: str) -> list[Any]:
    if not isinstance(data, list):
        raise PayloadError(f"the answer has no list of {what}")
    return data


def _read_each(entries: list[Any], parse: Callable[[Any], _T]) -> tuple[tuple[_T, ...], int]:
    read: list[_T] = []
    for entry in entries[:MAX_ENTRIES]:
        try:
            read.append(parse(entry))
        except PayloadError:
            continue
    return tuple(read), len(entries) - len(read)


def _first(clean: Callable[[Any], _T | None], *values: Any) -> _T | None:
    return next((found for found in map(clean, values) if found is not None), None)


def _error(data: Mapping[str, Any], ended: bool) -> tuple[str, str]:
    """Code and words of an error. `message` is small talk ("Printing…") unless the attempt has ended badly."""
    error = data.get("error")
    nested = error if isinstance(error, Mapping) else {}
    texts = [data.get("error_message"), error, nested.get("message"), *([data.get("message")] if ended else ())]
    message = next((text for text in (clean_text(value, MAX_MESSAGE) for value in texts) if text), "")
    codes = (data.get("error_code"), nested.get("code"), data.get("code") if ended or message else None)
    code = next((text for text in (clean_text(value, MAX_WORD) for value in codes) if text), "")
    code = canonical_code(code) or code_from_text(message)
    # That a job was cancelled is its status, not an error to give advice about.
    return ("" if code in ("cancelled", "canceled") else code), message


def _failed_labels(value: Any) -> tuple[FailedLabel, ...]:
    labels: dict[int, FailedLabel] = {}
    for entry in value[:MAX_ENTRIES] if isinstance(value, list) else ():
        entry = entry if isinstance(entry, Mapping) else {"index": entry}
        number = clean_number(entry.get("index"))
        if number is None or number != int(number) or not 1 <= number <= MAX_FAILED_LABELS:
            continue
        message = clean_text(entry.get("message") or entry.get("error"), MAX_MESSAGE)
        code = canonical_code(clean_text(entry.get("code"), MAX_WORD)) or code_from_text(message)
        labels.setdefault(int(number), FailedLabel(int(number), code, message))
    return tuple(labels[index] for index in sorted(labels))


_PRINTER_STATUS = {
    word: status
    for status, words in {
        "online": "online idle ready available ok up connected enabled",
        "busy": "busy printing processing active",
        "attention": "attention needs_attention warning error stopped paused jam paper_out out_of_paper head_open",
        "offline": "offline down disconnected unreachable disabled not_responding unavailable",
    }.items()
    for word in words.split()
}


def _reasons(value: Any) -> tuple[PrinterReason, ...]:
    if isinstance(value, str):  # CUPS' own tools print them with commas between
        value = value.split(",")
    severities: dict[str, str] = {}
    for entry in value[:100] if isinstance(value, list) else ():
        keyword, severity = split_reason(clean_text(entry, 128))
        if keyword and keyword != "none":
            severity = severity or ("error" if stops_printer(keyword) else "report")
            worst = max(severity, severities.get(keyword, "report"), key=("report", "warning", "error").index)
            severities[keyword] = worst
    return tuple(PrinterReason(keyword, severities[keyword]) for keyword in sorted(severities))


def _service_word(value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get("status", value.get("state"))
    if isinstance(value, bool):
        return "ok" if value else "down"
    return clean_text(value, 128)
