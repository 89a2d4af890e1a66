"""Which extensions of the contract this server offers, so that one program can stand for every generation."""

from __future__ import annotations

BATCH_STATUS = "batch_status"
FAILED_LABELS = "failed_labels"
IDEMPOTENCY = "idempotency"
PRINTER_REASONS = "printer_reasons"
EVENTS = "events"
LABEL_ACCOUNT = "label_account"
SUBMISSION_LOOKUP = "submission_lookup"

ALL = (BATCH_STATUS, FAILED_LABELS, IDEMPOTENCY, PRINTER_REASONS, EVENTS, LABEL_ACCOUNT, SUBMISSION_LOOKUP)


def parse(text: str) -> frozenset[str]:
    """Read `all`, `none` or a comma list. Raises ValueError that says what is wrong with it."""
    words = {word.strip() for word in text.split(",") if word.strip()}
    if words == {"all"}:
        return frozenset(ALL)
    if words in (set(), {"none"}):
        return frozenset()
    unknown = words - set(ALL)
    if unknown:
        raise ValueError(f"Unknown capability {min(unknown)!r}: use all, none or some of {', '.join(ALL)}.")
    if SUBMISSION_LOOKUP in words and IDEMPOTENCY not in words:
        raise ValueError(f"Capability {SUBMISSION_LOOKUP} looks for idempotency keys: offer {IDEMPOTENCY} as well.")
    return frozenset(words)


def first_generation(capabilities: frozenset[str]) -> bool:
    """A server without any extension behaves as the oldest ones do: nested progress, 404 before a job is picked up."""
    return not capabilities
