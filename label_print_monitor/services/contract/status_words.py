"""The words by which print servers name the states of jobs, labels and printers, and what each one means here.

Among those of jobs are IPP's keywords and numbers of a job's state (RFC 8011, 5.3.7), which servers in front of CUPS
pass on: 3 pending, 4 pending-held, 5 processing, 6 processing-stopped (the printer stands still, the job goes on by
itself), 7 canceled, 8 aborted, 9 completed; and PrintNode's, whose `sent_to_client` means that a computer at the
printer has the job.
"""

from __future__ import annotations

import re
from functools import lru_cache

STATUS_OF_WORD: dict[str, str] = {
    word: status
    for status, words in {
        "sent": "sent submitted received accepted created",
        "queued": "queued pending waiting scheduled held on_hold spooling spooled enqueued new "
        "pending_held queued_for_printing sent_to_client 3 4",
        "printing": "printing processing in_progress running active started printing_labels "
        "processing_stopped processing_to_stop_point 5 6",
        "completed": "completed complete done success succeeded successful finished printed ok 9",
        "completed_with_errors": "completed_with_errors partial partially_completed completed_with_warnings "
        "partial_success partially_failed",
        "failed": "failed failure error errored fail aborted rejected timed_out timeout expired 8",
        "cancelled": "cancelled canceled cancel deleted purged 7",
    }.items()
    for word in words.split()
}

# What a server can say about a label. `checked` and `void` are a person's words and never come from a server.
LABEL_STATES = ("waiting", "sent", "uncertain", "taken_back", "failed", "reported", "spooled", "confirmed")

PRINTER_STATUS_OF_WORD: dict[str, str] = {
    word: status
    for status, words in {
        "online": "online idle ready available ok up connected enabled",
        "busy": "busy printing processing active",
        "attention": "attention needs_attention warning error stopped paused jam paper_out out_of_paper head_open",
        "offline": "offline down disconnected unreachable disabled not_responding unavailable",
    }.items()
    for word in words.split()
}

CANCEL_OUTCOMES = ("cancelled", "cancelling", "barred")

KNOWN_WORDS = frozenset((*STATUS_OF_WORD, *LABEL_STATES, *PRINTER_STATUS_OF_WORD, *CANCEL_OUTCOMES))


@lru_cache(maxsize=1024)  # the same few words come with every job of every answer
def plain_word(word: str) -> str:
    """A remote word as `STATUS_OF_WORD` spells it: lower case, underscores for spaces and hyphens."""
    return re.sub(r"[\s\-_]+", "_", word.strip().casefold())
