"""The record of a job: entries of which each carries the hash of the one before it, so that a later change is found.

An entry is a JSON text. What is hashed is exactly that text, after the hash of the entry before it:

    hash = SHA-256(previous hash as 64 hexadecimal digits, nothing for the first entry, then the text in UTF-8)

so that anybody can compute it again with any tool. The text says itself to which job it belongs and which number it
has there. How it is written is of no importance for that; `canonical` only makes the same facts the same text.

The chain shows that an entry was changed, removed, added or moved. `check_facts` shows that what the record says is
not what is kept now. What nobody can show from inside one database: that somebody who may write all of it has written
the whole chain anew, with the number and hash that the job keeps of its end. The hash on a printed evidence page does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .job_account import ENDED

VERSION = 1

# What is compared, by the names of the fields. What a later version of the form adds is not missing in older entries.
JOB_FACTS = {
    1: (
        "quantity", "company_id", "mo_reference", "product_id", "job_type", "submitted_by", "create_date",
        "copy_of_id", "copy_labels", "copy_reason", "copy_note", "labels",
        "label_hashes", "template_xmlid", "template_hash",
    )
}  # fmt: skip
JOB_STATE = {
    1: (
        "status", "current_label", "confirmed", "confirmed_count", "failed_count", "uncertain_count",
        "reprinted_count", "evidence", "account_exact", "attempt_number", "printer_id", "error_code", "error_message",
        "started_date", "completed_date", "cancel_requested_at", "cancelled_by", "cancel_reason", "cancel_note",
        "set_aside_date", "set_aside_by", "set_aside_reason", "set_aside_note",
    )
}  # fmt: skip
ATTEMPT = {
    1: (
        "number", "label_indexes", "labels_count", "printer_id", "printer_name", "printer_model", "printer_serial",
        "server_id", "server_name", "submitted_by", "reason", "flask_job_id", "submitted_date", "started_date",
        "ended_date", "learned_date", "times_from", "outcome", "error_code", "error_message", "account",
        "account_exact", "printed_count", "added_count", "confirmed_count", "failed_count", "uncertain_count",
        "taken_back_count",
    )
}  # fmt: skip
MARK = {1: ("attempt_number", "kind", "label_indexes", "user_id", "user_name", "reason", "code", "date")}
# What Odoo itself clears when the record behind it is deleted, and what retention may remove.
MAY_BE_GONE = frozenset({"product_id", "labels"})


class RecordError(ValueError):
    """The text of an entry cannot be read."""


@dataclass(frozen=True)
class Head:
    """The end of a job's chain, as the job keeps it: how many entries there are, and the hash of the last one."""

    count: int = 0
    hash: str = ""


@dataclass(frozen=True)
class Entry:
    """One entry as it is kept.

    :ivar columns: what is kept beside the text for searching; it must be what the text says
    """

    sequence: int
    content: str
    previous_hash: str
    hash: str
    columns: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was recorded: a key for its sentence, and what the sentence names."""

    key: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Facts:
    """What is kept of a job now, outside of its record.

    :ivar job: what it was made as and how it stands, by field name
    :ivar attempts: each attempt, by its number
    :ivar marks: what people have seen, by the row's id
    :ivar timeline: its entries
    :ivar is_at_rest: nothing of it is under way
    """

    job: Mapping[str, Any]
    attempts: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    marks: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    timeline: Sequence[Any] = ()
    is_at_rest: bool = True


def plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts without what says nothing: no value, 0, False and an empty text are the same."""
    return {name: value for name, value in facts.items() if value}


def canonical(content: Mapping[str, Any]) -> str:
    """The text of an entry: sorted keys, no spaces, letters as they are."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def hash_of(previous_hash: str, text: str) -> str:
    """The hash of an entry with this text, after an entry with that hash ('' for the first)."""
    return hashlib.sha256((previous_hash + text).encode("utf-8", "surrogatepass")).hexdigest()


def append(job_id: int, head: Head, content: Mapping[str, Any]) -> Entry:
    """The next entry of a job's chain."""
    sequence = head.count + 1
    text = canonical({**content, "v": VERSION, "job": job_id, "entry": sequence})
    previous = head.hash if head.count else ""
    return Entry(sequence, text, previous, hash_of(previous, text))


def read(text: str) -> dict[str, Any]:
    """What an entry says. :raises RecordError: when it cannot be read"""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RecordError(str(error)) from error
    if not isinstance(content, dict) or content.get("v") not in ATTEMPT:
        raise RecordError("an entry of another version")
    for name, kind in (("job_facts", dict), ("state", dict), ("attempts", list), ("marks", list), ("timeline", list)):
        if not isinstance(content.get(name, kind()), kind):
            raise RecordError(f"{name} cannot be read")
    return content


def check_chain(job_id: int, entries: Iterable[Entry], head: Head) -> list[Finding]:
    """Whether the entries of a job are those that were written, all of them, in their order."""
    found: list[Finding] = []
    expected, previous = 1, ""
    for entry in sorted(entries, key=lambda one: one.sequence):
        if entry.sequence > expected:
            found.append(Finding("entries_missing", {"first": expected, "last": entry.sequence - 1}))
        elif entry.sequence < expected:
            found.append(Finding("entry_doubled", {"entry": entry.sequence}))
        elif entry.previous_hash != previous:
            found.append(Finding("entry_order", {"entry": entry.sequence}))
        found += _check_entry(job_id, entry)
        expected, previous = entry.sequence + 1, entry.hash
    count = expected - 1
    if count < head.count:
        found.append(Finding("entries_missing", {"first": expected, "last": head.count}))
    elif count > head.count:
        found.append(Finding("entries_added", {"count": count, "known": head.count}))
    elif previous != head.hash:
        found.append(Finding("head", {"entry": count}))
    return found


def _check_entry(job_id: int, entry: Entry) -> Iterator[Finding]:
    if hash_of(entry.previous_hash, entry.content) != entry.hash:
        yield Finding("entry_changed", {"entry": entry.sequence})
        return
    try:
        content = read(entry.content)
    except RecordError:
        yield Finding("entry_unreadable", {"entry": entry.sequence})
        return
    if (content.get("job"), content.get("entry")) != (job_id, entry.sequence):
        yield Finding("entry_moved", {"entry": entry.sequence})
    for name, value in entry.columns.items():
        if (content.get(name) or None) != (value or None):
            yield Finding("entry_column", {"entry": entry.sequence, "field": name, "now": value})


def check_facts(entries: Iterable[Entry], facts: Facts) -> list[Finding]:
    """Whether what is kept of a job now is what the newest entries about it say; unreadable ones are left out."""
    said = _Said()
    for entry in sorted(entries, key=lambda one: one.sequence):
        try:
            said.add(entry.sequence, read(entry.content))
        except RecordError:
            continue
    return [
        *said.check_job(facts),
        *said.check_rows("attempt", said.attempts, facts.attempts, ATTEMPT),
        *said.check_rows("mark", said.marks, facts.marks, MARK),
        *said.check_timeline(facts),
    ]


class _Said:
    """What the entries of a job say, the newest word of each thing with the number of its entry."""

    def __init__(self) -> None:
        self.job: tuple[int, int, dict[str, Any]] | None = None
        self.state: tuple[int, int, dict[str, Any]] | None = None
        self.attempts: dict[int, tuple[int, int, dict[str, Any]]] = {}
        self.marks: dict[int, tuple[int, int, dict[str, Any]]] = {}
        self.timeline: list[tuple[int, Any]] = []

    def add(self, sequence: int, content: Mapping[str, Any]) -> None:
        version = content["v"]
        if "job_facts" in content:
            self.job = sequence, version, content["job_facts"]
        if "state" in content:
            self.state = sequence, version, content["state"]
        for key, rows, known in (("number", "attempts", self.attempts), ("id", "marks", self.marks)):
            for row in content.get(rows, ()):
                if isinstance(row, dict) and isinstance(row.get(key), int):
                    known[row[key]] = sequence, version, row
        self.timeline += [(sequence, one) for one in content.get("timeline", ())]

    def check_job(self, facts: Facts) -> Iterator[Finding]:
        if self.job:
            yield from _differences("job", self.job, facts.job, JOB_FACTS)
        if self.state and (facts.is_at_rest or self.state[2].get("status") in ENDED):
            yield from _differences("job", self.state, facts.job, JOB_STATE)

    def check_rows(
        self,
        what: str,
        said: Mapping[int, tuple[int, int, dict[str, Any]]],
        rows: Mapping[int, Mapping[str, Any]],
        names: Mapping[int, tuple[str, ...]],
    ) -> Iterator[Finding]:
        for key, (sequence, version, row) in said.items():
            if key in rows:
                yield from _differences(what, (sequence, version, row), rows[key], names, key)
            else:
                yield Finding(f"{what}_gone", {"entry": sequence, **_named(what, key, row)})
        for key, row in rows.items():
            if key not in said and (what == "mark" or row.get("outcome")):
                yield Finding(f"{what}_unrecorded", _named(what, key, row))

    def check_timeline(self, facts: Facts) -> Iterator[Finding]:
        for place, (sequence, said) in enumerate(self.timeline):
            if place >= len(facts.timeline):
                yield Finding("timeline_gone", {"entry": sequence, "place": place + 1})
            elif _line(facts.timeline[place]) != _line(said):
                yield Finding("timeline_changed", {"entry": sequence, "place": place + 1})
        if facts.is_at_rest and len(facts.timeline) > len(self.timeline):
            yield Finding("timeline_unrecorded", {"place": len(self.timeline) + 1})


def _line(said: Any) -> Any:
    return plain(said) if isinstance(said, dict) else said


def _named(what: str, key: int, row: Mapping[str, Any]) -> dict[str, Any]:
    if what == "attempt":
        return {"number": key}
    return {"person": row.get("user_name") or "", "date": row.get("date") or ""}


def _differences(
    what: str,
    said: tuple[int, int, Mapping[str, Any]],
    now: Mapping[str, Any],
    names: Mapping[int, tuple[str, ...]],
    key: int = 0,
) -> Iterator[Finding]:
    sequence, version, then = said
    for name in names[version]:
        before, after = then.get(name) or None, now.get(name) or None
        if before == after or (after is None and name in MAY_BE_GONE):
            continue
        params = {"entry": sequence, "field": name, **(_named(what, key, then) if key else {})}
        if name == "labels":
            params["labels"] = _different_places(before, after)
        elif name != "account":
            params |= {"before": before, "after": after}
        yield Finding(f"{what}_changed", params)


def _different_places(before: object, after: object) -> list[int]:
    """The labels, counted from 1, of which box or lot are others."""
    before, after = (rows if isinstance(rows, list) else [] for rows in (before, after))
    longest = max(len(before), len(after))
    return [
        place + 1
        for place in range(longest)
        if (before[place] if place < len(before) else None) != (after[place] if place < len(after) else None)
    ]
