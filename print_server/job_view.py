"""A job's row as the contract's status object, in the words of the generation the server plays."""

from __future__ import annotations

from typing import Any

from . import capabilities as cap
from .clock import iso, now
from .job_store import StoredJob

DEFAULT_LABEL_SECONDS = 0.5


def status_object(
    job: StoredJob, capabilities: frozenset[str], label_seconds: float = DEFAULT_LABEL_SECONDS
) -> dict[str, Any]:
    """Build the answer of `GET /api/status/<job_id>`; `label_seconds` is the printer's measured pace."""
    row = job.row
    progress = {"total": row["quantity"], "completed": row["printed"], "failed": row["failed"]}
    if cap.first_generation(capabilities):
        return {"job_id": row["id"], "status": row["status"], "progress": progress}
    left = row["quantity"] - row["printed"] - row["failed"]
    is_open = row["completed_at"] is None
    result = {
        "job_id": row["id"],
        "status": row["status"],
        "printer": row["printer"],
        "quantity": row["quantity"],
        "current_label": row["current_label"],
        "progress_percent": round(100 * row["current_label"] / row["quantity"], 1),
        "progress": progress,
        "mo_reference": row["mo_reference"],
        "error": row["error_message"],
        "error_message": row["error_message"],
        "created_at": iso(row["created_at"]),
        "started_at": iso(row["started_at"]),
        "completed_at": iso(row["completed_at"]),
        "updated_at": iso(row["updated_at"]),
        "estimated_completion": iso(now() + left * label_seconds) if is_open else None,
        "waiting_for": row["waiting_for"],
        "waiting_since": iso(row["waiting_since"]),
        "revision": row["revision"],
    }
    if cap.FAILED_LABELS in capabilities:
        result["error_code"] = row["error_code"]
        result["confirmed"] = row["status"] == "completed" and row["confirmed"] == row["quantity"]
        result["failed_labels"] = job.failed_labels
    if cap.LABEL_ACCOUNT in capabilities:
        uncertain = row["uncertain"]
        result["counts"] = {
            "printed": row["printed"],
            "confirmed": row["confirmed"],
            "failed": row["failed"] - uncertain,
            "uncertain": uncertain,
        }
        if row["pieces"] != row["quantity"]:
            result["pieces"] = {"total": row["pieces"], "printed": row["pieces_printed"] + row["pieces_begun"]}
        if job.labels is not None:
            result["labels"] = job.labels
    return result
