"""A job's life: forward only, one outcome, nothing twice, whatever is reported in whatever order."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from services.contract.payloads import FailedLabel, JobReport, parse_job_report
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
    can_retry,
    check_move,
    merge,
    next_labels,
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
    word=st.sampled_from(["printing", "strange", "Completed"]),
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
)


@st.composite
def states(draw):
    quantity = draw(st.integers(1, 500))
    size = draw(st.integers(1, quantity))
    base = draw(st.sampled_from([0, quantity - size]))
    return JobState(draw(st.sampled_from(OPEN)), quantity, size, base, current_label=base)


@given(states(), st.lists(REPORTS, max_size=12))
@example(JobState("printing", 10, 10), [report("completed", failed_count=10**6), report("completed", confirmed=True)])
def test_any_sequence_of_reports_keeps_the_rules(state, reports):
    outcomes = []
    for one in reports:
        before = state
        result = merge(state, one)
        state = replace(state, **result.changes)
        if result.outcome:
            outcomes.append(result.outcome)

        assert RANK[state.status] >= RANK[before.status], "never backwards"
        assert state.status == before.status or check_move(before.status, state.status)
        assert before.current_label <= state.current_label <= state.quantity
        assert before.progress_percent <= state.progress_percent <= 100
        assert before.failed_count <= state.failed_count <= state.attempt_quantity
        assert state.confirmed or not before.confirmed
        assert all(1 <= label.index <= state.attempt_quantity for label in result.failed_labels or ())
        if before.status in TERMINAL:
            assert state.status == before.status, "the end is the end"
            assert set(result.changes) <= {"confirmed"}
            assert result.outcome is None
            assert result.failed_labels is None
        if state.status == "completed":
            assert (state.current_label, state.progress_percent) == (state.quantity, 100.0)
        assert result.outcome == (state.status if state.status in TERMINAL and before.status not in TERMINAL else None)

        again = merge(state, one)
        assert not again.changes, "the same report twice changes nothing"
        assert again.outcome is None
        assert again.failed_labels is None
    assert len(outcomes) <= 1


@given(states(), st.lists(REPORTS, min_size=1, max_size=8))
def test_odoos_false_for_empty_is_no_change(state, reports):
    for one in reports:
        state = replace(state, **merge(state, one).changes)
    empty = replace(state, error_code=state.error_code or False, error_message=state.error_message or False,
                    server_warning=state.server_warning or False)  # fmt: skip
    for one in reports:
        assert merge(empty, one).changes == merge(state, one).changes


def test_every_status_has_a_rank_and_moves():
    assert set(ALL) == set(RANK) == set(MOVES) == set(OPEN) | set(TERMINAL)
    assert set(STATUS_OF_WORD.values()) <= set(ALL)
    assert all(plain_word(word) == word for word in STATUS_OF_WORD)
    assert set(ALL) - {"pending"} <= set(STATUS_OF_WORD), "our own words are understood too"


@pytest.mark.parametrize("old", ALL)
@pytest.mark.parametrize("new", ALL)
def test_moves(old, new):
    forward = old in OPEN and RANK[new] > RANK[old]
    retry = old in ("failed", "completed_with_errors") and new == "pending"
    assert check_move(old, new) == (forward or retry)


@pytest.mark.parametrize("status", ALL)
def test_what_a_person_may_do(status):
    assert can_retry(status) == (status in ("failed", "completed_with_errors"))
    assert can_cancel(status) == (status in ("pending", "sent", "queued", "printing"))
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


def test_progress_of_a_retry_is_of_the_whole_job():
    state = JobState(
        "queued", quantity=200, attempt_quantity=20, attempt_base=180, current_label=180, progress_percent=90.0
    )
    changes = merge(state, report("printing", current_label=5, progress_percent=25.0)).changes
    assert (changes["current_label"], changes["progress_percent"]) == (185, 92.5)
    done = merge(state, report("completed"))
    assert done.outcome == done.changes["status"] == "completed"
    assert (done.changes["current_label"], done.changes["progress_percent"]) == (200, 100.0)


def test_a_short_job_may_jump_from_sent_to_completed():
    result = merge(JobState("sent", 20, 20), report("completed"))
    assert result.outcome == "completed"


def test_older_reports_change_nothing():
    state = replace(STATE, current_label=50, progress_percent=25.0)
    for old in (report("queued"), report("sent"), report("printing", current_label=40)):
        assert merge(state, old).changes == {}


def test_an_unknown_word_is_only_a_warning_and_a_known_one_clears_it():
    result = merge(STATE, report(None, word="defragmenting", current_label=90))
    assert result.changes == {"server_warning": "defragmenting"}
    warned = replace(STATE, server_warning="defragmenting")
    assert merge(warned, report("printing")).changes == {"server_warning": ""}
    assert merge(replace(warned, status="failed"), report(None, word="x")).changes == {}


def test_completed_with_errors():
    result = merge(STATE, report("completed", failed_labels=(FailedLabel(51, "paper_out", "m"),), failed_count=1))
    assert result.outcome == "completed_with_errors"
    assert (result.changes["failed_count"], result.changes["error_code"]) == (1, "paper_out")
    assert [label.index for label in result.failed_labels] == [51]
    assert merge(STATE, report("completed_with_errors")).changes["error_code"] == "label_failed"


def test_failed_labels_outside_the_attempt_are_dropped():
    state = JobState("printing", 10, 2, 8)
    labels = tuple(FailedLabel(index, "", "") for index in (1, 2, 3))
    assert [label.index for label in merge(state, report("failed", failed_labels=labels)).failed_labels] == [1, 2]


def test_confirmation_may_come_after_the_end():
    state = replace(STATE, status="completed")
    assert merge(state, report("completed", confirmed=True)).changes == {"confirmed": True}
    assert merge(replace(state, status="failed"), report("completed", confirmed=True)).changes == {}
    assert merge(state, report("failed", confirmed=True)).changes == {}


def test_the_last_known_reason_outlives_an_end_without_one():
    state = replace(STATE, error_code="paper_out", error_message="Out of paper")
    assert "error_code" not in merge(state, report("failed")).changes
    assert merge(state, report("completed")).changes["error_code"] == ""
    assert merge(state, report("printing", current_label=3)).changes["error_message"] == ""


@pytest.mark.parametrize(
    ("status", "current", "failed", "last", "labels"),
    [
        ("completed_with_errors", 10, [3, 7], None, (3, 7)),
        ("failed", 5, [5], None, (5, 6, 7, 8, 9, 10)),
        ("failed", 8, [9, 10], None, (9, 10)),
        ("failed", 10, [4], None, (4,)),
        ("failed", 6, [], None, (7, 8, 9, 10)),
        ("failed", 6, [], 4, (5, 6, 7, 8, 9, 10)),
        ("failed", 0, [], None, tuple(range(1, 11))),
        ("failed", 10, [], None, (10,)),
        ("failed", 10, [], 10, ()),
        ("failed", 6, [0, 11, 99], None, (7, 8, 9, 10)),
        ("failed", 6, [2], 8, (9, 10)),
        ("failed", 6, [], -3, tuple(range(1, 11))),
    ],
)
def test_a_retry_prints_as_few_labels_as_is_safe(status, current, failed, last, labels):
    assert next_labels(JobState(status, 10, 10, 0, current), failed, last) == labels


def test_a_retry_of_a_retry_counts_in_its_own_list():
    assert next_labels(JobState("failed", 200, 20, 180, current_label=190)) == tuple(range(11, 21))
    assert ACTIVE == ("sent", "queued", "printing")
