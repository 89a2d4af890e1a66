"""A print server's printer objects as `PrinterReport`: one status word and the IPP reasons behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..wording.error_catalogue import split_reason, stops_printer, warns
from ..wording.translatable import _lt
from .clean_values import clean_count, clean_odometer, clean_text, clean_time
from .json_documents import MAX_JOB_ID, MAX_WORD, PayloadError, read_each, require_list, require_object
from .reports import PrinterReason, PrinterReport
from .status_words import PRINTER_STATUS_OF_WORD, plain_word


def parse_printers(data: Any) -> tuple[PrinterReport, ...]:
    """Read `{"printers": […]}`; printers without a name are left out."""
    if isinstance(data, Mapping):
        data = data.get("printers")
    return read_each(require_list(data, _lt("the answer has no list of printers")), parse_printer)[0]


def parse_printer(data: Any) -> PrinterReport:
    """Read one printer object; raises PayloadError when it has no name."""
    data = require_object(data)
    name = clean_text(data.get("name") or data.get("cups_name"), MAX_JOB_ID)
    if not name:
        raise PayloadError(_lt("a printer without a name"))
    reasons = _reasons(data.get("state_reasons"))
    status = PRINTER_STATUS_OF_WORD.get(plain_word(clean_text(data.get("status"), MAX_WORD)), "unknown")
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
        confirms_labels=data["confirms_labels"] if isinstance(data.get("confirms_labels"), bool) else None,
        serial_number=clean_text(data.get("serial_number"), 128),
        firmware=clean_text(data.get("firmware"), 128),
        odometer=clean_odometer(data.get("odometer")),
    )


def _reasons(value: Any) -> tuple[PrinterReason, ...]:
    if isinstance(value, str):  # CUPS' own tools print them with commas between
        value = value.split(",")
    severities: dict[str, str] = {}
    for entry in value[:100] if isinstance(value, list) else ():
        keyword, severity = split_reason(clean_text(entry, 128))
        if keyword and keyword != "none":
            severity = severity or ("error" if stops_printer(keyword) else "warning" if warns(keyword) else "report")
            worst = max(severity, severities.get(keyword, "report"), key=("report", "warning", "error").index)
            severities[keyword] = worst
    return tuple(PrinterReason(keyword, severities[keyword]) for keyword in sorted(severities))
