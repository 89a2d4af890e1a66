"""The words by which print servers name a job's status, and which of the specification's statuses each one means."""

from __future__ import annotations

import re

STATUS_OF_WORD: dict[str, str] = {
    word: status
    for status, words in {
        "sent": "sent submitted received accepted created",
        "queued": "queued pending waiting scheduled held on_hold spooling spooled enqueued new",
        "printing": "printing processing in_progress running active started printing_labels",
        "completed": "completed complete done success succeeded successful finished printed ok",
        "completed_with_errors": "completed_with_errors partial partially_completed completed_with_warnings "
        "partial_success partially_failed",
        "failed": "failed failure error errored fail aborted rejected timed_out timeout",
        "cancelled": "cancelled canceled cancel deleted purged",
    }.items()
    for word in words.split()
}


def plain_word(word: str) -> str:
    """A remote word as `STATUS_OF_WORD` spells it: lower case, underscores for spaces and hyphens."""
    return re.sub(r"[\s\-_]+", "_", word.strip().casefold())
