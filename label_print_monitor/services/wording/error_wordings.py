"""How servers, CUPS and Zebra printers word the problems of the catalogue.

Two tables for two kinds of server: `SYNONYMS` for those that send a code spelled their own way, `WORDINGS` for those
that send only a sentence. Wordings are looked for in text that `plain_words` has reduced to lower-case words with one
space between them, which keeps the patterns readable; their order matters, the physical cause before the network's
general complaints ("timed out: head open" is an open head).
"""

from __future__ import annotations

import re

# fmt: off
SYNONYMS: dict[str, str] = {
    "media_out": "paper_out", "media_empty": "paper_out", "labels_out": "paper_out", "out_of_paper": "paper_out",
    "out_of_labels": "paper_out", "no_paper": "paper_out", "paper_empty": "paper_out", "media_needed": "paper_out",
    "ribbon_empty": "ribbon_out", "out_of_ribbon": "ribbon_out", "no_ribbon": "ribbon_out",
    "cover_open": "head_open", "door_open": "head_open", "printhead_open": "head_open",
    "printer_paused": "paused", "media_jam": "jam", "paper_jam": "jam", "over_temp": "overheated",
    "overheat": "overheated", "head_too_hot": "overheated", "head_over_temp": "overheated",
    "memory_full": "buffer_full", "offline": "printer_offline", "printer_unreachable": "printer_offline",
    "timeout": "network_timeout", "timed_out": "network_timeout", "connection_timeout": "network_timeout",
    "zpl_error": "invalid_zpl", "zpl_invalid": "invalid_zpl", "missing_zpl_code": "invalid_zpl",
    "invalid_zpl_code": "invalid_zpl", "zpl_too_long": "invalid_zpl", "unauthorized": "key_refused",
    "forbidden": "key_refused", "invalid_api_key": "key_refused", "invalid_key": "key_refused",
    "missing_key": "key_refused", "job_not_found": "job_unknown",
    "unknown_job": "job_unknown", "unknown_printer": "printer_not_found", "rate_limit_exceeded": "rate_limited",
    "too_many_requests": "rate_limited", "service_unavailable": "server_unavailable",
    "storage_unavailable": "server_unavailable",
    "printer_not_answering": "printer_silent", "no_response": "printer_silent", "not_accepting_jobs": "spooler_rejecting",
    "rejecting_jobs": "spooler_rejecting", "queue_rejecting": "spooler_rejecting", "queue_paused": "spooler_paused",
    "queue_stopped": "spooler_paused", "idempotency_mismatch": "idempotency_key_reused",
    "idempotency_conflict": "idempotency_key_reused", "idempotency_key_conflict": "idempotency_key_reused",
    "internal_error": "server_error", "internal_server_error": "server_error", "validation_error": "bad_request",
}
# fmt: on

_STOCK = r"(?:paper|media|labels?|label stock|roll)"
_IS = r"(?:(?:is|are|was|tray|supply|bin) )*"

WORDINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "ribbon_out",
        (
            rf"ribbon {_IS}(?:out|empty|end|missing|not (?:detected|found|installed)|ran out)\b",
            r"(?:out of|no|replace|load|check|change) (?:the )?ribbon",
            r"marker supply empty",
            r"toner empty",
        ),
    ),
    (
        "head_open",
        (
            rf"head {_IS}(?:open|up|not closed)\b",
            rf"(?:cover|door|lid) {_IS}(?:open|not closed)\b",
            r"interlock open",
            r"close (?:the )?(?:print ?)?head",
        ),
    ),
    (
        "paper_out",
        (
            rf"{_STOCK} {_IS}(?:out(?! of)|empty|end|missing|needed|exhausted|ran out)\b",
            rf"(?:out of|no|no more|load|add) (?:the )?{_STOCK}\b(?! (?:at|for|format|printed|failed|was|were)\b)",
            r"(?:paper|media) not (?:detected|found|loaded|present)",
            r"input tray missing",
        ),
    ),
    ("jam", (r"\bjam(?:med)?\b",)),
    ("overheated", (r"over ?heat", r"over ?temp", r"too hot", r"head (?:over|hot)\b")),
    (
        "buffer_full",
        (
            rf"(?:buffer|memory|spool|spool area|disk) {_IS}(?:full|overflow)",
            r"out of memory",
            r"no space left",
        ),
    ),
    (
        "spooler_rejecting",
        (
            r"reject(?:ing|s) (?:new )?jobs",
            r"(?:not|no longer) accepting (?:new )?(?:print )?jobs",
        ),
    ),
    ("spooler_paused", (rf"queue {_IS}(?:paused|stopped|disabled|on hold)",)),
    (
        "paused",
        (
            r"\bpaused?\b",
            rf"printer {_IS}(?:stopped|disabled)",
        ),
    ),
    (
        "invalid_zpl",
        (
            r"(?:invalid|bad|malformed|illegal) (?:\w+ )?zpl",
            r"zpl .{0,40}(?:error|invalid|syntax|missing)",
            r"missing \^x[az]",
            r"\^x[az] (?:is )?missing",
            r"syntax error",
        ),
    ),
    (
        "key_refused",
        (
            r"(?:invalid|wrong|missing|expired|bad) (?:api ?)?(?:key|token)",
            r"unauthori[sz]ed",
            r"forbidden",
        ),
    ),
    ("rate_limited", (r"rate ?limit", r"too many requests")),
    ("too_many_labels", (r"too many labels", r"(?:batch|quantity|label count) (?:size )?(?:limit )?exceed")),
    (
        "printer_not_found",
        (
            r"(?:unknown|no such) (?:printer|queue|destination)",
            r"(?:printer|queue|destination) .{0,60}(?:not found|not exist|doesn t exist)",
        ),
    ),
    ("job_unknown", (r"(?:unknown|no such) job", r"job .{0,60}not found")),
    ("uncertain", (r"(?:server|service|worker) (?:was )?(?:restarted|crashed|stopped unexpectedly)",)),
    ("cancelled_at_printer", (r"cancell?ed (?:at|on|by) (?:the )?(?:printer|operator|front)",)),
    ("tls_failure", (r"certificate", r"\bssl\b", r"\btls\b")),
    (
        "printer_silent",
        (
            r"accepts? (?:the )?connections? (?:and|but) .{0,30}(?:not answer|no answer|silent)",
            r"(?:printer|device) (?:(?:does|did|do) not answer|doesn t answer|gives no answer|is silent|stays silent)",
        ),
    ),
    (
        "printer_offline",
        (
            r"off ?line",
            r"unable to (?:connect|reach|locate|open) .{0,40}(?:printer|device|usb)",
            r"(?:printer|device) .{0,40}(?:not respond|unreachable|not connected|disconnected|no response|unavailable)",
            r"(?:printer|device) .{0,40}(?:switched|powered|turned) off",
            r"no route to host",
            r"host is down",
            r"connection refused",
            r"waiting for printer to (?:become available|finish)",
        ),
    ),
    ("server_unavailable", (r"(?:service|server) (?:is )?(?:temporarily )?unavailable", r"bad gateway")),
    ("network_timeout", (r"time ?d? ?out", r"gateway time")),
    ("server_error", (r"internal (?:server )?error",)),
)

PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (code, re.compile("|".join(fragments))) for code, fragments in WORDINGS
)

_LONGEST_TEXT = 2_000  # what the patterns may be asked to look through


def plain_words(text: str) -> str:
    """`text` in lower case, everything but letters, digits and ZPL's caret turned into single spaces."""
    return " ".join(re.sub(r"[^\w^]|_", " ", text[:_LONGEST_TEXT].casefold()).split())
