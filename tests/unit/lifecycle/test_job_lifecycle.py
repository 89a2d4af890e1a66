"""A job's life: forward only, one outcome, nothing twice, whatever is reported in whatever order."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from services.contract.payloads import FailedLabel, JobReport, parse_job_report
from services.contract.reports import Counts
from services.contract.status_words import STATUS_OF_WORD, plain_word
from services.lifecycle.job_lifecycle import (
    ACTIVE,
    MOVES,
    OPEN,
    RANK,
    STATUSES,
    TERMINAL,
    JobState,
    can_cancel,
    can_print_missing,
    can_retry,
    check_move,
    merge,
)

ALL = [status for status, _label in STATUSES]
STATE = JobState("printing", quantity=200, attempt_quantity=200)


def report(status, **fields):
    word = fields.pop("word", status or "strange")
    return JobReport("a", status, word, **fields)


REPORTS = st.builds(
    JobReport,
    server_job_id=st.just("a"),
    status=st.sampled_from([None, "sent", "queued", "printing", *TERMINAL]),
    word=st.sampled_from(["printing", "strange", "Completed", ""]),
    current_label=st.none() | st.integers(0, 1_000_000),
    total=st.none() | st.integers(0, 600),
    failed_count=st.integers(0, 1_000_000),
    progress_percent=st.none() | st.floats(0, 100),
    error_code=st.sampled_from(["", "paper_out", "odd"]),
    error_message=st.sampled_from(["", "Out of paper"]),
    confirmed=st.booleans(),
    failed_labels=st.lists(st.integers(1, 500), max_size=4, unique=True).map(
        lambda indexes: tuple(FailedLabel(index, "", "") for index in sorted(indexes))
    ),
    counts=st.none() | st.builds(Counts, *[st.integers(0, 600)] * 4),
    waiting_for=st.sampled_from(["", "paper_out"]),
)


@st.composite
def states(draw):
    quantity = draw(st.integers(1, 500))
    size = draw(st.integers(1, quantity))
    base = draw(st.integers(0, quantity - size))
    return JobState(draw(st.sampled_from(OPEN)), quantity, size, base, current_label=base)


@given(states(), st.lists(REPORTS, max_size=12))
@example(JobState("printing", 10, 10), [report("completed", failed_count=10**6), report("completed", confirmed=True)])
def test_any_sequence_of_reports_keeps_the_rules(state, reports):
    outcomes = []
    for one in reports:
        before = state
        result = merge(state, one)
        state = replace(state, **result.changes)
        assert state.status not in TERMINAL, "which end it is follows from the account"
        assert RANK[state.status] >= RANK[before.status], "never backwards"
        assert state.status == before.status or check_move(before.status, state.status)
        assert before.current_label <= state.current_label <= state.quantity
        assert before.progress_percent <= state.progress_percent <= 100
        assert before.failed_count <= state.failed_count <= state.attempt_quantity
        if result.outcome:
            assert result.outcome in TERMINAL
            assert (result.outcome == "completed") <= (one.status == "completed" and not one.failed_labels)
            outcomes.append(result.outcome)
            state = replace(state, status=result.outcome)
        again = merge(state, one)
        assert not again.changes, "the same report twice changes nothing"
        assert again.outcome is None
        if outcomes:
            break
    for one in reports if outcomes else ():
        assert merge(state, one).outcome is None, "the end is the end"
        assert not merge(state, one).changes


@given(states(), st.lists(REPORTS, min_size=1, max_size=8))
def test_odoos_false_for_empty_is_no_change(state, reports):
    for one in reports:
        state = replace(state, **merge(state, one).changes)
    empty = replace(state, error_code=state.error_code or False, error_message=state.error_message or False,
                    server_warning=state.server_warning or False)  # fmt: skip
    for one in reports:
        assert merge(empty, one) == merge(state, one)


def test_every_status_has_a_rank_and_moves():
    assert set(ALL) == set(RANK) == set(MOVES) == set(OPEN) | set(TERMINAL)
    assert set(STATUS_OF_WORD.values()) <= set(ALL)
    assert all(plain_word(word) == word for word in STATUS_OF_WORD)
    assert set(ALL) - {"pending"} <= set(STATUS_OF_WORD), "our own words are understood too"
    assert ACTIVE == ("sent", "queued", "printing")


# What is learnt after the end may raise a status, and lower it where somebody looked for a label in vain or a count
# was corrected. A job whose newest attempt was cancelled is cancelled, or completed.
LEARNT = {
    "completed": ("completed_with_errors", "failed", "cancelled"),
    "completed_with_errors": ("completed", "failed"),
    "failed": ("completed", "completed_with_errors"),
    "cancelled": ("completed",),
}


@pytest.mark.parametrize("old", ALL)
@pytest.mark.parametrize("new", ALL)
def test_moves(old, new):
    forward = old in OPEN and RANK[new] > RANK[old]
    attempt = old in ("failed", "completed_with_errors", "cancelled") and new == "pending"
    assert check_move(old, new) == (forward or attempt or new in LEARNT.get(old, ()))


@pytest.mark.parametrize("status", ALL)
def test_what_a_person_may_do(status):
    assert can_retry(status) == (status in ("failed", "completed_with_errors"))
    assert can_print_missing(status) == (status in ("failed", "completed_with_errors", "cancelled"))
    assert can_cancel(status) == (status in ("pending", "sent", "queued", "printing"))
    assert can_print_missing(status) == check_move(status, "pending")
    assert not check_move(status, "nonsense")
    assert not check_move("nonsense", status)


@pytest.mark.parametrize(
    ("word", "status"),
    [("Printing", "printing"), ("IN-PROGRESS", "printing"), ("in progress", "printing"), ("waiting", "queued"),
     ("pending", "queued"), ("done", "completed"), ("Success", "completed"), ("error", "failed"),
     ("canceled", "cancelled"), ("aborted", "failed"), ("on hold", "queued")],
)  # fmt: skip
def test_words(word, status):
    assert STATUS_OF_WORD[plain_word(word)] == status


def test_progress_of_the_specification():
    result = merge(
        STATE, parse_job_report({"job_id": "a", "status": "printing", "current_label": 150, "progress_percent": 75})
    )
    assert result.changes == {"current_label": 150, "progress_percent": 75.0}
    assert result.outcome is None


def test_a_percentage_alone_gives_the_label_and_the_other_way_round():
    assert merge(STATE, report("printing", progress_percent=25.0)).changes["current_label"] == 50
    assert merge(STATE, report("printing", current_label=50)).changes["progress_percent"] == 25.0


def test_counts_are_better_than_the_place_of_the_newest_label():
    changes = merge(STATE, report("printing", current_label=50, counts=Counts(48, 40, 1, 1))).changes
    assert (changes["current_label"], changes["progress_percent"], changes["failed_count"]) == (48, 24.0, 2)


def test_progress_of_a_retry_is_of_the_whole_job():
    state = JobState(
        "queued", quantity=200, attempt_quantity=20, attempt_base=180, current_label=180, progress_percent=90.0
    )
    changes = merge(state, report("printing", current_label=5, progress_percent=25.0)).changes
    assert (changes["current_label"], changes["progress_percent"]) == (185, 92.5)


def test_progress_of_a_retry_of_some_of_the_missing_labels():
    state = JobState("queued", quantity=200, attempt_quantity=10, attempt_base=100, current_label=100)
    assert merge(state, report("printing", current_label=10)).changes["current_label"] == 110


def test_a_short_job_may_jump_from_sent_to_completed():
    result = merge(JobState("sent", 20, 20), report("completed"))
    assert result.outcome == "completed"
    assert "status" not in result.changes


def test_older_reports_change_nothing():
    state = replace(STATE, current_label=50, progress_percent=25.0)
    for old in (report("queued"), report("sent"), report("printing", current_label=40)):
        assert merge(state, old).changes == {}


def test_an_unknown_word_is_only_a_warning_and_a_known_one_clears_it():
    result = merge(STATE, report(None, word="defragmenting", current_label=90))
    assert result.changes == {"server_warning": "defragmenting"}
    warned = replace(STATE, server_warning="defragmenting")
    assert merge(warned, report("printing")).changes == {"server_warning": ""}
    assert merge(warned, report("sent")).changes == {"server_warning": ""}
    assert merge(replace(warned, status="failed"), report(None, word="x")).changes == {}


def test_an_answer_about_the_labels_alone_says_nothing_of_the_status():
    assert merge(STATE, report(None, word="", labels=())) == merge(replace(STATE, status="sent"), report(None, word=""))
    assert merge(replace(STATE, server_warning="odd"), report(None, word="")).changes == {}


@pytest.mark.parametrize(
    "said",
    [{"failed_count": 1}, {"failed_labels": (FailedLabel(51, "paper_out", "m"),)}, {"counts": Counts(199, 199, 0, 1)}],
)
def test_completed_with_a_label_that_failed_is_completed_with_errors(said):
    result = merge(STATE, report("completed", **said))
    assert result.outcome == "completed_with_errors"
    assert result.changes["error_code"] == ("paper_out" if "failed_labels" in said else "label_failed")


def test_after_the_end_nothing_changes_here():
    for status in TERMINAL:
        for late in (report("completed", confirmed=True), report("printing"), report(None, word="odd")):
            assert merge(replace(STATE, status=status), late) == merge(replace(STATE, status=status), report("sent"))


def test_the_last_known_reason_outlives_an_end_without_one():
    state = replace(STATE, error_code="paper_out", error_message="Out of paper")
    assert "error_code" not in merge(state, report("failed")).changes
    assert merge(state, report("completed")).changes["error_code"] == ""
    assert merge(state, report("printing", current_label=3)).changes["error_message"] == ""


def test_waiting_begins_and_ends_without_progress():
    waits = merge(STATE, report("printing", waiting_for="paper_out"))
    assert waits.changes == {"waiting_for": "paper_out"}
    state = replace(STATE, **waits.changes)
    assert merge(state, report("printing", waiting_for="paper_out")).changes == {}
    assert merge(state, report("printing")).changes == {"waiting_for": ""}


def test_the_percentage_of_a_retry_that_is_not_counted_is_its_share_of_the_job():
    state = replace(STATE, attempt_base=100, attempt_quantity=100)
    assert merge(state, report("printing", progress_percent=25.0)).changes["progress_percent"] == 62.5
    third = replace(STATE, quantity=3, attempt_quantity=3)
    assert merge(third, report("printing", current_label=1)).changes["progress_percent"] == 33.33
