"""A print server's status objects as `JobReport`, one, many at once, or only the labels of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..wording.error_catalogue import canonical_code, code_from_text
from ..wording.translatable import _lt
from .clean_values import clean_count, clean_percent, clean_text, clean_time
from .json_documents import (
    MAX_ENTRIES,
    MAX_JOB_ID,
    MAX_MESSAGE,
    MAX_WORD,
    PayloadError,
    first_found,
    read_each,
    require_list,
    require_object,
)
from .label_reports import parse_counts, parse_failed_labels, parse_labels
from .reports import BatchAnswer, JobReport
from .status_words import STATUS_OF_WORD, plain_word


def parse_job_report(data: Any, server_job_id: str | None = None) -> JobReport:
    """Read one status object.

    :param server_job_id: the id that was asked for; an object that names another one is refused
    :raises PayloadError: not an object, no usable id, or no status at all
    """
    data = require_object(data)
    job_id = _job_id(data, server_job_id)
    word = clean_text(data.get("status"), MAX_WORD)
    if not word:
        raise PayloadError(_lt("a job without a status"))

    status = STATUS_OF_WORD.get(plain_word(word))
    progress = data.get("progress")
    progress = progress if isinstance(progress, Mapping) else {"percent": progress}
    failed_labels = parse_failed_labels(data.get("failed_labels"))
    failed_count = first_found(clean_count, progress.get("failed"), data.get("failed_count"), data.get("failed"))
    failed_count = max(failed_count or 0, len(failed_labels))
    if status == "completed" and failed_count:
        status = "completed_with_errors"
    total = first_found(clean_count, progress.get("total"), data.get("total"), data.get("quantity"))
    printed = (data.get("current_label"), progress.get("current"), progress.get("completed"), data.get("completed"))
    current = first_found(clean_count, *printed)
    percent = first_found(clean_percent, data.get("progress_percent"), progress.get("percent"))
    if percent is None and current is not None and total:
        percent = min(100.0, 100.0 * current / total)
    ended = status in ("failed", "completed_with_errors", "cancelled")
    # While labels are printed there is no error, and an answer is about hundreds of jobs.
    troubled = ended or any(data.get(name) not in (None, "") for name in ("error_message", "error", "error_code"))
    code, message = _error(data, ended) if troubled else ("", "")
    labels, label_problems = parse_labels(data.get("labels"))
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
        occurred_at=first_found(clean_time, data.get("occurred_at"), data.get("updated_at"), data.get("timestamp")),
        counts=parse_counts(data.get("counts"), total),
        labels=labels,
        label_problems=label_problems,
        created_at=clean_time(data.get("created_at")),
        started_at=clean_time(data.get("started_at")),
        completed_at=clean_time(data.get("completed_at")),
        waiting_for=_waiting_for(data.get("waiting_for")),
        waiting_since=clean_time(data.get("waiting_since")),
    )


def parse_label_account(data: Any, server_job_id: str) -> JobReport:
    """Read the answer to a question about the labels of one job: `{"job_id", "labels": […]}`.

    :return: a report about the labels only: its `status` is None and its `word` ''
    :raises PayloadError: not an object, about another job, or without a list of labels
    """
    data = require_object(data)
    job_id = _job_id(data, server_job_id)
    labels, problems = parse_labels(require_list(data.get("labels"), _lt("the answer has no list of labels")))
    return JobReport(job_id, None, labels=labels, label_problems=problems)


def parse_batch(data: Any) -> BatchAnswer:
    """Read the answer to one question about many jobs: `{"jobs": […], "unknown": […]}`."""
    data = require_object(data)
    reports, rejected = read_each(
        require_list(data.get("jobs"), _lt("the answer has no list of jobs")), parse_job_report
    )
    unknown = data.get("unknown")
    ids = (clean_text(entry, MAX_JOB_ID) for entry in (unknown[:MAX_ENTRIES] if isinstance(unknown, list) else ()))
    return BatchAnswer(reports, tuple(dict.fromkeys(job_id for job_id in ids if job_id)), rejected)


def _job_id(data: Mapping[str, Any], asked_for: str | None) -> str:
    job_id = clean_text(data.get("job_id") or data.get("id") or asked_for, MAX_JOB_ID + 1)
    if not job_id or len(job_id) > MAX_JOB_ID:
        raise PayloadError(_lt("a job without a usable id"))
    if asked_for is not None and job_id != asked_for:
        raise PayloadError(_lt("an answer about another job"))
    return job_id


def _waiting_for(value: Any) -> str:
    return canonical_code(clean_text(value, MAX_WORD)) if isinstance(value, str) else ""


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
