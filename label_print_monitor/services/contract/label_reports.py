"""What a print server says about single labels: its account of them, its counts, the labels that failed.

An account comes as runs of consecutive labels that are alike. A server may be wrong about some of them (a label twice,
a label that the job does not have, a state from a later version): what is sound is kept, the rest is counted, and one
bad entry never affects the others. Whether a time is possible, and whether the job has so many labels, is for the
lifecycle to judge, which knows the job.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..wording.error_catalogue import canonical_code, code_from_text
from .clean_values import clean_count, clean_number, clean_text, clean_time
from .json_documents import MAX_ENTRIES, MAX_MESSAGE, MAX_WORD
from .print_request import MAX_LABELS
from .reports import Counts, FailedLabel, LabelReport
from .status_words import LABEL_STATES, plain_word

MAX_LABEL_ENTRIES = 10_000  # entries of one account that are looked at
MAX_TRIES = 1_000


def parse_labels(value: Any) -> tuple[tuple[LabelReport, ...] | None, int]:
    """Read an account of labels: a list of runs `{"index", "count", "state", "at", "tries", "code"}`.

    :return: the runs by index, no label in more than one of them, None when the server said nothing about labels; and
        how many entries could not be used, in full or in part: no object, no such state, an index below 1 or a label
        above 500, a count that is no whole number above 0, a label that an earlier entry has named
    """
    if value is None:
        return None, 0
    if not isinstance(value, list):
        return None, 1
    runs: list[LabelReport] = []
    named = bytearray(MAX_LABELS + 1)  # 1 for each label that has been named
    problems = max(0, len(value) - MAX_LABEL_ENTRIES)
    for entry in value[:MAX_LABEL_ENTRIES]:
        run = _label_run(entry)
        if run is None:
            problems += 1
            continue
        end = min(run.index + run.count, MAX_LABELS + 1)
        whole = run.index + run.count == end and not any(named[run.index : end])
        if whole:
            runs.append(run)
        else:
            problems += 1
            runs.extend(_parts_not_named(run, end, named))
        named[run.index : end] = b"\x01" * (end - run.index)
    return tuple(sorted(runs, key=lambda run: run.index)), problems


def _label_run(entry: Any) -> LabelReport | None:
    if not isinstance(entry, Mapping):
        return None
    index = _whole_number(entry.get("index"))
    count = 1 if entry.get("count") is None else _whole_number(entry["count"])
    state = plain_word(clean_text(entry.get("state"), MAX_WORD))
    if index is None or not 1 <= index <= MAX_LABELS or count is None or count < 1 or state not in LABEL_STATES:
        return None
    code = canonical_code(clean_text(entry.get("code"), MAX_WORD))
    tries = min(MAX_TRIES, clean_count(entry.get("tries")) or 0)
    return LabelReport(index, count, state, code, clean_time(entry.get("at")), tries)


def _whole_number(value: Any) -> int | None:
    number = clean_number(value)
    return int(number) if number is not None and number == int(number) else None


def _parts_not_named(run: LabelReport, end: int, named: bytearray) -> list[LabelReport]:
    """Those parts of `run` before label `end` that no earlier entry has named."""
    parts: list[LabelReport] = []
    start = named.find(b"\x00", run.index, end)
    while start >= 0:
        stop = named.find(b"\x01", start, end)
        stop = end if stop < 0 else stop
        parts.append(replace(run, index=start, count=stop - start))
        start = named.find(b"\x00", stop, end)
    return parts


def parse_counts(value: Any, total: int | None) -> Counts | None:
    """Read `{"printed", "confirmed", "failed", "uncertain"}`; here `failed` does not include `uncertain`.

    :param total: labels of the attempt; 500, the most that one can have, when it is not known
    :return: None when the server said nothing, not how many are printed, or more labels than there are
    """
    if not isinstance(value, Mapping):
        return None
    printed = clean_count(value.get("printed"))
    if printed is None:
        return None
    failed = clean_count(value.get("failed")) or 0
    uncertain = clean_count(value.get("uncertain")) or 0
    if printed + failed + uncertain > (MAX_LABELS if total is None else total):
        return None
    return Counts(printed, min(printed, clean_count(value.get("confirmed")) or 0), failed, uncertain)


def parse_failed_labels(value: Any) -> tuple[FailedLabel, ...]:
    """Read `failed_labels`, objects or bare numbers; sorted by index, the first entry of each label."""
    labels: dict[int, FailedLabel] = {}
    for entry in value[:MAX_ENTRIES] if isinstance(value, list) else ():
        entry = entry if isinstance(entry, Mapping) else {"index": entry}
        index = _whole_number(entry.get("index"))
        if index is None or not 1 <= index <= MAX_LABELS:
            continue
        message = clean_text(entry.get("message") or entry.get("error"), MAX_MESSAGE)
        code = canonical_code(clean_text(entry.get("code"), MAX_WORD)) or code_from_text(message)
        labels.setdefault(index, FailedLabel(index, code, message))
    return tuple(labels[index] for index in sorted(labels))
