"""The record's chain: whatever is done to entries, or to what they speak of, is found; and what cannot be found is said."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.lifecycle.job_account import AttemptAccount, Mark
from services.lifecycle.label_account import Label, LabelAccount
from services.lifecycle.label_histories import impossible_histories
from services.lifecycle.record_chain import Facts, Head, append, canonical, check_chain, check_facts, hash_of, read

JOB = 7
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=4), inner, max_size=3),
    max_leaves=6,
)
contents = st.lists(st.dictionaries(st.sampled_from(["note", "why", "said"]), values, max_size=3), min_size=1, max_size=6)


def chain(said, job=JOB):
    entries, head = [], Head()
    for content in said:
        entry = append(job, head, content)
        entries.append(replace(entry, columns={"kind": content.get("kind")}))
        head = Head(entry.sequence, entry.hash)
    return entries, head


def keys(entries, head, job=JOB):
    return [finding.key for finding in check_chain(job, entries, head)]


@given(contents)
def test_what_was_written_is_whole(said):
    entries, head = chain(said)
    assert check_chain(JOB, entries, head) == []
    assert check_chain(JOB, reversed(entries), head) == []
    for entry, content in zip(entries, said, strict=True):
        assert {**content, "v": 1, "job": JOB, "entry": entry.sequence} == read(entry.content)


@given(contents, st.data())
def test_any_change_of_any_letter_is_found(said, data):
    entries, head = chain(said)
    place = data.draw(st.integers(0, len(entries) - 1))
    name = data.draw(st.sampled_from(["content", "hash", "previous_hash"]))
    text = getattr(entries[place], name)
    cut = data.draw(st.integers(0, len(text)))
    letter = data.draw(st.characters(exclude_categories=["Cs"]))
    longer = text[:cut] + letter + text[cut:]
    other = longer if longer != text and data.draw(st.booleans()) else text[:cut] + text[cut + 1 :]
    if other == text:
        other = longer
    entries[place] = replace(entries[place], **{name: other})
    assert check_chain(JOB, entries, head)


@given(contents, st.data())
def test_a_removed_entry_is_found_the_last_one_too(said, data):
    entries, head = chain(said)
    del entries[data.draw(st.integers(0, len(entries) - 1))]
    assert "entries_missing" in keys(entries, head)


@given(contents, st.data())
def test_the_removal_of_all_is_found(said, data):
    _entries, head = chain(said)
    assert keys([], head) == ["entries_missing"]


@given(contents, st.data())
def test_entries_that_were_exchanged_doubled_or_inserted_are_found(said, data):
    entries, head = chain([*said, {"kind": "x"}])
    one, two = sorted(data.draw(st.lists(st.integers(0, len(entries) - 1), min_size=2, max_size=2, unique=True)))
    exchanged = list(entries)
    exchanged[one] = replace(entries[two], sequence=one + 1)
    exchanged[two] = replace(entries[one], sequence=two + 1)
    assert check_chain(JOB, exchanged, head)
    assert "entry_doubled" in keys([*entries, entries[one]], head)
    inserted = append(JOB, Head(one + 1, entries[one].hash), {"kind": "forged"})
    later = [replace(entry, sequence=entry.sequence + 1) for entry in entries[one + 1 :]]
    assert check_chain(JOB, [*entries[: one + 1], inserted, *later], head)


@given(contents)
def test_one_entry_more_than_the_job_knows_of_is_found(said):
    entries, head = chain(said)
    more = append(JOB, head, {"kind": "forged"})
    assert keys([*entries, more], head) == ["entries_added"]


@given(contents)
def test_the_record_of_another_job_is_found(said):
    entries, head = chain(said, job=8)
    assert set(keys(entries, head)) == {"entry_moved"}


def test_columns_that_say_something_else_are_found():
    entries, head = chain([{"kind": "mark"}])
    assert keys([replace(entries[0], columns={"kind": "state"})], head) == ["entry_column"]


def test_the_head_alone_is_found():
    entries, _head = chain([{"kind": "mark"}])
    assert keys(entries, Head(1, "0" * 64)) == ["head"]
    assert keys(entries, Head()) == ["entries_added"]


def test_a_chain_that_was_written_anew_with_its_head_is_not_found():
    """Honestly: only a hash that was kept elsewhere, as on a printed page, shows that."""
    _entries, head = chain([{"kind": "mark", "said": "failed"}])
    forged, new_head = chain([{"kind": "mark", "said": "printed"}])
    assert check_chain(JOB, forged, new_head) == []
    assert new_head.hash != head.hash


@pytest.mark.parametrize("text", ["", "[]", "{", '{"v": 2}', '{"v":1,"attempts":{}}', '{"v":1,"state":[]}', "[" * 100_000])
def test_an_entry_that_cannot_be_read(text):
    entry = replace(append(JOB, Head(), {}), content=text, hash=hash_of("", text))
    assert "entry_unreadable" in keys([entry], Head(1, entry.hash))
    assert check_facts([entry], Facts({})) == []


def test_the_same_facts_are_the_same_text():
    assert canonical({"b": 1, "a": "ü"}) == canonical({"a": "ü", "b": 1}) == '{"a":"ü","b":1}'


ATTEMPT = {"number": 1, "outcome": "completed", "ended_date": "2026-01-01 10:00:00", "account": {"v": 1, "s": "c3"}}
MARK = {"id": 4, "kind": "checked", "label_indexes": [1], "user_name": "Ann", "date": "2026-01-01 11:00:00"}
LINE = {"status": "completed", "at": "2026-01-01 10:00:00"}
SAID = [
    {"job_facts": {"quantity": 3, "labels": [["1", "L"], ["2", "L"], ["3", "L"]]}, "state": {"status": "pending"}},
    {"attempts": [ATTEMPT], "timeline": [LINE], "state": {"status": "completed", "current_label": 3}},
    {"marks": [MARK], "state": {"status": "completed", "current_label": 3}},
]
KEPT = Facts(
    {"quantity": 3, "labels": SAID[0]["job_facts"]["labels"], "status": "completed", "current_label": 3},
    {1: ATTEMPT}, {4: MARK}, [LINE],
)  # fmt: skip


def differences(**changes):
    return [(one.key, one.params) for one in check_facts(chain(SAID)[0], replace(KEPT, **changes))]


def test_what_is_kept_is_what_was_recorded():
    assert differences() == []
    # What says nothing is written in many ways.
    assert differences(job={**KEPT.job, "uncertain_count": 0, "evidence": None, "cancel_note": ""}) == []
    assert differences(job={**KEPT.job, "product_id": None, "labels": None}) == []


def test_what_was_changed_is_named_with_its_entry():
    assert differences(attempts={1: {**ATTEMPT, "ended_date": "2026-01-01 12:00:00"}}) == [
        ("attempt_changed", {"entry": 2, "field": "ended_date", "number": 1, "before": "2026-01-01 10:00:00", "after": "2026-01-01 12:00:00"})
    ]
    assert differences(attempts={1: {**ATTEMPT, "account": {"v": 1, "s": "f3"}}}) == [
        ("attempt_changed", {"entry": 2, "field": "account", "number": 1})
    ]
    assert differences(marks={4: {**MARK, "user_name": "Bob"}}) == [
        ("mark_changed", {"entry": 3, "field": "user_name", "person": "Ann", "date": MARK["date"], "before": "Ann", "after": "Bob"})
    ]
    assert differences(job={**KEPT.job, "current_label": 2}) == [
        ("job_changed", {"entry": 3, "field": "current_label", "before": 3, "after": 2})
    ]
    assert differences(job={**KEPT.job, "labels": [["1", "L"], ["2", "M"]]}) == [
        ("job_changed", {"entry": 1, "field": "labels", "labels": [2, 3]})
    ]
    assert differences(timeline=[{**LINE, "user": "Bob"}]) == [("timeline_changed", {"entry": 2, "place": 1})]


def test_what_is_gone_or_was_never_recorded_is_named():
    assert differences(attempts={}) == [("attempt_gone", {"entry": 2, "number": 1})]
    assert differences(marks={}) == [("mark_gone", {"entry": 3, "person": "Ann", "date": MARK["date"]})]
    assert differences(timeline=[]) == [("timeline_gone", {"entry": 2, "place": 1})]
    assert differences(attempts={1: ATTEMPT, 2: {"number": 2, "outcome": "failed"}}) == [("attempt_unrecorded", {"number": 2})]
    assert differences(attempts={1: ATTEMPT, 2: {"number": 2}}) == []
    assert [key for key, _params in differences(marks={4: MARK, 5: {**MARK, "id": 5}})] == ["mark_unrecorded"]
    assert differences(timeline=[LINE, LINE]) == [("timeline_unrecorded", {"place": 2})]


def test_while_an_attempt_runs_its_progress_is_no_change():
    entries, _head = chain(SAID[:1])
    running = Facts({"quantity": 3, "labels": SAID[0]["job_facts"]["labels"], "status": "printing", "current_label": 2}, timeline=[LINE], is_at_rest=False)
    assert check_facts(entries, running) == []
    # But a job that has ended does not go back by itself.
    assert [one.params["field"] for one in check_facts(chain(SAID)[0], replace(KEPT, job={**KEPT.job, "status": "queued"}, is_at_rest=False))] == ["status"]


@given(st.dictionaries(st.sampled_from(sorted(ATTEMPT)), values, min_size=1, max_size=2))
def test_any_other_value_of_an_attempt_is_found(change):
    changed = {**ATTEMPT, **change, "number": 1}
    same = all((changed[name] or None) == (ATTEMPT[name] or None) for name in ATTEMPT)
    assert bool(differences(attempts={1: changed})) == (not same)


def test_ten_lines_of_the_documentation_recompute_a_hash(request):
    """What docs/operations.md tells an auditor to do by themselves."""
    text = (request.config.rootpath / "docs" / "operations.md").read_text(encoding="utf-8")
    example = text.partition("<!-- recompute -->")[2].partition("```python\n")[2].partition("```")[0]
    assert 0 < len(example.splitlines()) <= 12
    entries, _head = chain(SAID)
    lines = [json.dumps({"previous_hash": entry.previous_hash or False, "content": entry.content, "hash": entry.hash}) for entry in entries]

    def run(rows):
        names = {"entries": rows, "said": []}
        exec(example.replace("print(", "said.append("), names)
        return names["said"]

    rows = [json.loads(line) for line in lines]
    assert run(rows) == ["3 entries follow each other"]
    rows[1]["content"] = rows[1]["content"].replace("completed", "cancelled")
    with pytest.raises(AssertionError):
        run(rows)


def attempts_of(*states):
    return [AttemptAccount(number, [1], LabelAccount((Label(state),)), "failed") for number, state in enumerate(states, 1)]


def test_histories_of_labels_that_cannot_be():
    assert impossible_histories(attempts_of("failed", "confirmed"), [Mark(2, "checked", frozenset([1]))]) == {}
    seen = [Mark(1, "checked", frozenset([1]))]
    assert list(impossible_histories(attempts_of("confirmed", "failed"), seen).values()) == [[1]], "asked for though seen"
    assert list(impossible_histories(attempts_of("waiting"), []).values()) == [[1]]
    # Marks of kinds that say nothing of a label's state.
    assert impossible_histories(attempts_of("failed"), [Mark(1, "scanned", frozenset([1]))]) == {}


@pytest.mark.parametrize("state", ["reported", "spooled", "confirmed"])
def test_what_was_learnt_late_is_no_contradiction(state):
    """Somebody looked in vain, or retried, before the account of the attempt arrived; nothing of it was changed."""
    missing = [Mark(1, "missing", frozenset([1]))]
    assert impossible_histories(attempts_of(state), missing) == {}
    assert impossible_histories(attempts_of(state, "confirmed"), missing) == {}
    assert impossible_histories(attempts_of(state, "confirmed"), []) == {}
    for late in ("failed", "uncertain", "taken_back"):
        assert impossible_histories(attempts_of(late), [Mark(1, "void", frozenset([1]))]) == {}


def test_rows_that_are_no_rows_say_nothing():
    """Only a hand in the database can have written them; the check goes on with what else there is."""
    said = {"attempts": ["x", {"number": "1"}, {"no": 1}], "marks": [5], "timeline": ["odd"], "state": {"status": "failed"}}
    entries, _head = chain([said, {"state": {"status": "completed"}}])
    facts = Facts({"status": "failed"}, timeline=["odd"])
    assert [(finding.key, finding.params["field"]) for finding in check_facts(entries, facts)] == [("job_changed", "status")]


def test_an_entry_that_cannot_be_read_is_passed_over():
    entries, _head = chain([{"state": {"status": "completed"}}, {"state": {"status": "completed"}}])
    facts = Facts({"status": "failed"})
    assert [finding.params["entry"] for finding in check_facts(entries, facts)] == [2]
    unreadable = [replace(entries[0], content="x"), entries[1]]
    assert [finding.params["entry"] for finding in check_facts(unreadable, facts)] == [2]


def test_a_mark_of_nobody():
    facts = Facts({}, marks={4: {"kind": "checked"}})
    assert [(finding.key, finding.params) for finding in check_facts([], facts)] == [
        ("mark_unrecorded", {"person": "", "date": ""}),
    ]


def test_which_labels_have_changed():
    entries, _head = chain([{"job_facts": {"labels": ["a", "b", "c"]}}])

    def changed(labels):
        return [finding.params["labels"] for finding in check_facts(entries, Facts({"labels": labels}))]

    assert changed(["a", "x", "c"]) == [[2]]
    assert changed(["a", "b"]) == [[3]]
    assert changed(["a", "b", "c", "d"]) == [[4]]
    assert changed("abc") == [[1, 2, 3]]


def test_what_is_said_of_a_chain():
    entries, head = chain([{"kind": "a"}, {"kind": "b"}, {"kind": "c"}])

    def said(entries, head=head, job=JOB):
        return [(finding.key, finding.params) for finding in check_chain(job, entries, head)]

    assert said([entries[0], entries[2]])[0] == ("entries_missing", {"first": 2, "last": 2})
    assert said(entries[:1]) == [("entries_missing", {"first": 2, "last": 3})]
    assert said([*entries, entries[2]])[0] == ("entry_doubled", {"entry": 3})
    assert ("entry_order", {"entry": 2}) in said([entries[0], replace(entries[1], previous_hash="0" * 64), entries[2]])
    assert said(entries, Head(2, entries[1].hash)) == [("entries_added", {"count": 3, "known": 2})]
    assert said(entries, Head(3, "0" * 64)) == [("head", {"entry": 3})]
    assert ("entry_changed", {"entry": 2}) in said([entries[0], replace(entries[1], content="{}"), entries[2]])
    odd = replace(entries[0], content="x", hash=hash_of("", "x"))
    assert said([odd], Head(1, odd.hash)) == [("entry_unreadable", {"entry": 1})]
    assert said(entries[:1], Head(1, entries[0].hash), job=8) == [("entry_moved", {"entry": 1})]
    column = replace(entries[0], columns={"kind": "z"})
    assert said([column], Head(1, column.hash)) == [("entry_column", {"entry": 1, "field": "kind", "now": "z"})]


def test_half_a_character_can_be_hashed():
    assert hash_of("", "\ud800") != hash_of("", "\ud801")
