"""The account of a whole job, and the status that follows: of all its labels, whatever its attempts and people say."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from label_strategies import ENDS, PRINTED, SENT, accounts, named, report, run
from services.lifecycle.attempt_report import read_report
from services.lifecycle.job_account import MARKS, NOT_ON_PAPER, AttemptAccount, Mark, job_account, standing_marks
from services.lifecycle.label_account import STATES, Label, LabelAccount
from services.lifecycle.server_clock import ServerClock

LATER = SENT + timedelta(hours=1)


def expected_status(states, outcomes):
    """Issue 10, point 2, as it stands there: `states` of all labels, `outcomes` of all attempts, the newest last."""
    printed = [state for state in states if state in ("reported", "spooled", "confirmed", "checked", "void")]
    if states and len(printed) == len(states):
        return "completed"
    if outcomes[-1:] == ["cancelled"]:
        return "cancelled"
    if not printed:
        return "failed"
    if any(outcome in ("completed", "completed_with_errors") for outcome in outcomes):
        return "completed_with_errors"
    return "failed"


def attempt(number, indexes, said, outcome=None):
    """An attempt of which `said` was heard, a report or the states of its labels, and that has ended."""
    if isinstance(said, list):
        account = LabelAccount(tuple(Label(state) for state in said))
        return AttemptAccount(number, indexes, account, outcome or "")
    account = read_report(len(indexes), said, ServerClock(0.0), SENT, LATER).account
    return AttemptAccount(number, indexes, account, outcome or said.status)


def whole(quantity):
    return range(1, quantity + 1)


# --- What the issue saw go wrong, at its right value ---


def test_completed_by_the_newest_attempt_while_label_3_is_missing_from_the_first_is_completed_with_errors():
    first = attempt(1, whole(20), report("failed", current_label=10, failed_labels=named(3, *range(11, 21))))
    second = attempt(2, range(11, 21), report("completed"))
    account = job_account(20, [first, second])
    assert account.status == "completed_with_errors"
    assert account.missing == [3]
    assert account.printed == 19


def test_one_uncertain_label_in_the_middle_is_the_one_that_is_asked_about():
    said = report("completed", current_label=20, failed_count=1, failed_labels=named(9, code="uncertain"))
    account = job_account(20, [attempt(1, whole(20), said)])
    assert account.uncertain == [9]
    assert account.missing == []
    assert account.status == "completed_with_errors"
    assert job_account(20, account.attempts, [Mark(1, "checked", frozenset({9}))]).status == "completed"
    assert job_account(20, account.attempts, [Mark(1, "missing", frozenset({9}))]).missing == [9]


def test_labels_4_to_9_failed_twice_then_continue_with_10_is_not_completed():
    attempts = [
        attempt(1, whole(20), report("failed", current_label=3, failed_labels=named(*range(4, 21)))),
        attempt(2, range(4, 21), report("failed", current_label=0, failed_labels=named(*range(1, 18)))),
        attempt(3, range(10, 21), report("completed", confirmed=True)),
    ]
    account = job_account(20, attempts)
    assert account.printed == 14
    assert account.missing == [4, 5, 6, 7, 8, 9]
    assert account.status == "completed_with_errors"


def test_a_dialog_of_an_earlier_attempt_finds_nothing_missing_that_a_later_one_printed():
    first = attempt(1, whole(14), report("failed", current_label=8, failed_labels=named(*range(9, 15))))
    assert job_account(14, [first]).missing == [9, 10, 11, 12, 13, 14]
    assert job_account(14, [first, attempt(2, range(9, 15), report("completed"))]).missing == []


def test_cancelled_while_the_last_label_was_printing_is_what_the_server_says_it_is():
    account = job_account(10, [attempt(1, whole(10), report("completed"), "cancelled")])
    assert account.status == "completed"
    assert account.printed == 10


def test_cancelled_at_about_50_of_200_has_the_servers_final_count():
    account = job_account(200, [attempt(1, whole(200), report("cancelled", current_label=51))])
    assert (account.status, account.printed) == ("cancelled", 51)
    assert account.missing == list(range(52, 201))


def test_a_lost_answer_then_cancel_is_not_nothing_was_printed():
    account = job_account(30, [AttemptAccount(1, whole(30), LabelAccount.of(30).give_up(), "cancelled")])
    assert (account.status, account.printed, len(account.uncertain)) == ("cancelled", 0, 30)
    seen = job_account(30, account.attempts, [Mark(1, "checked", frozenset(whole(30)))])
    assert (seen.status, seen.printed, seen.evidence) == ("completed", 30, "checked")


def test_a_submission_in_doubt_with_all_labels_on_paper_can_be_closed_as_completed():
    given_up = AttemptAccount(1, whole(5), LabelAccount.of(5).give_up(), "failed")
    assert job_account(5, [given_up]).status == "failed"
    assert job_account(5, [given_up], [Mark(1, "checked", frozenset(whole(5)))]).status == "completed"


def added(account):
    """How many labels each attempt has brought to paper."""
    return Counter(label.attempt for label in account.labels if label.printed)


def test_a_retry_that_printed_nothing_adds_none():
    first = attempt(1, whole(5), report("failed", current_label=3, failed_labels=named(4, 5)))
    second = attempt(2, [4, 5], report("failed", current_label=0, failed_labels=named(1, 2)))
    account = job_account(5, [first, second])
    assert (added(account)[1], added(account)[2]) == (3, 0)
    assert account.status == "failed"


def test_a_printer_that_does_not_confirm_is_not_taken_for_confirmed():
    spooled = job_account(10, [attempt(1, whole(10), report("completed", labels=(run(1, 10, "spooled"),)))])
    assert (spooled.status, spooled.evidence) == ("completed", "spooled")
    assert spooled.counts()["confirmed_count"] == 0
    assert job_account(10, [attempt(1, whole(10), report("completed"))]).evidence == "reported"


def test_after_a_retry_it_is_known_which_labels_the_printer_itself_has_confirmed():
    first = attempt(1, whole(3), ["confirmed", "spooled", "failed"], "completed_with_errors")
    account = job_account(3, [first, attempt(2, [3], ["confirmed"], "completed")])
    assert account.counts()["confirmed_count"] == 2
    assert account.evidence == "spooled", "the weakest proof speaks for the job"


def test_job_unknown_leaves_the_labels_that_were_not_reported_uncertain():
    counted = read_report(10, report(None, current_label=4), ServerClock(), SENT, LATER).account.give_up()
    account = job_account(10, [AttemptAccount(1, whole(10), counted, "failed")])
    assert (account.printed, account.uncertain, account.missing) == (4, [5, 6, 7, 8, 9, 10], [])


def test_a_retry_of_all_that_fails_does_not_lose_what_is_on_paper():
    first = attempt(1, whole(3), ["confirmed", "reported", "failed"], "completed_with_errors")
    second = attempt(2, whole(3), ["failed", "uncertain", "failed"], "failed")
    account = job_account(3, [first, second])
    assert [label.state for label in account.labels] == ["confirmed", "reported", "failed"]
    assert account.status == "completed_with_errors"


def test_of_a_label_without_proof_the_newest_attempt_decides():
    first = attempt(1, whole(2), ["failed", "taken_back"], "failed")
    account = job_account(2, [first, attempt(2, [2], ["sent"])])
    assert [(label.state, label.attempt) for label in account.labels] == [("failed", 1), ("sent", 2)]


def test_late_evidence_of_an_earlier_attempt_completes_the_job():
    late = attempt(1, whole(2), ["confirmed", "confirmed"], "failed")
    account = job_account(2, [late, attempt(2, [2], ["failed"], "failed")])
    assert account.status == "completed"
    assert [label.attempt for label in account.labels] == [1, 1]


# --- What people say ---


@pytest.mark.parametrize("state", ["uncertain", "failed", "reported", "taken_back"])
def test_a_label_that_a_person_has_not_found_is_missing(state):
    label = job_account(1, [attempt(1, [1], [state], "failed")], [Mark(1, "missing", frozenset({1}), LATER)]).labels[0]
    assert (label.state, label.code, label.at) == ("failed", NOT_ON_PAPER, LATER)


@pytest.mark.parametrize("state", ["spooled", "confirmed"])
def test_what_the_printer_has_counted_is_not_undone_by_not_finding_it(state):
    account = job_account(1, [attempt(1, [1], [state], "completed")], [Mark(1, "missing", frozenset({1}))])
    assert (account.labels[0].state, account.status) == (state, "completed")


def test_the_printers_own_proof_that_comes_late_is_stronger_than_not_having_found_it():
    mark = Mark(1, "missing", frozenset({1}))
    assert job_account(1, [attempt(1, [1], ["uncertain"], "failed")], [mark]).status == "failed"
    assert job_account(1, [attempt(1, [1], ["confirmed"], "failed")], [mark]).status == "completed"
    assert job_account(1, [attempt(1, [1], ["reported"], "failed")], [mark]).status == "failed", "a mere count is not"


@pytest.mark.parametrize("state", [state for state in STATES if state != "void"])
def test_a_label_that_a_person_has_seen_stays_seen(state):
    seen = Mark(1, "checked", frozenset({1}), LATER)
    account = job_account(1, [attempt(1, [1], [state], "failed"), attempt(2, [1], ["failed"], "failed")], [seen])
    assert (account.labels[0].state, account.labels[0].at, account.status) == ("checked", LATER, "completed")


@pytest.mark.parametrize("state", STATES)
def test_a_destroyed_label_had_been_printed_whatever_is_learnt_of_it_later(state):
    """A server's count was corrected afterwards; but somebody had the label in his hand."""
    destroyed = Mark(1, "void", frozenset({1}))
    for more in ([], [Mark(1, "missing", frozenset({1})), Mark(1, "checked", frozenset({1}))]):
        account = job_account(1, [attempt(1, [1], [state], "failed")], [destroyed, *more])
        assert (account.labels[0].state, account.status, account.missing) == ("void", "completed", [])
        assert account.evidence == "", "it proves nothing of the labels that are there"


def test_marks_for_labels_of_a_later_attempt_come_before_it():
    first = attempt(1, whole(2), ["uncertain", "confirmed"], "completed_with_errors")
    missing = Mark(1, "missing", frozenset({1}))
    running = attempt(2, [1], ["sent"])
    assert [label.state for label in job_account(2, [first, running], [missing]).labels] == ["sent", "confirmed"]
    done = attempt(2, [1], ["reported"], "completed")
    account = job_account(2, [first, done], [missing])
    assert (account.status, account.labels[0].attempt) == ("completed", 2)


def test_people_correct_themselves_as_long_as_it_is_only_missing():
    first = attempt(1, [1], ["uncertain"], "failed")
    marks = [Mark(1, "missing", frozenset({1})), Mark(1, "checked", frozenset({1}))]
    assert job_account(1, [first], marks).labels[0].state == "checked"


# --- Odd numbers ---


def test_what_lies_beyond_the_job_is_left_out():
    odd = attempt(1, [0, -2, 2, 3, 99], ["confirmed"] * 5, "completed")
    account = job_account(3, [odd], [Mark(1, "checked", frozenset({0, -1, 4, 10**9}))])
    assert [label.state for label in account.labels] == ["waiting", "confirmed", "confirmed"]


def test_jobs_of_no_label_never_complete():
    for outcome in ENDS:
        account = job_account(0, [AttemptAccount(1, (), LabelAccount.of(0), outcome)])
        assert account.status == ("cancelled" if outcome == "cancelled" else "failed")
    assert job_account(-1, []).labels == ()


@pytest.mark.parametrize("state", STATES)
def test_a_job_of_one_label(state):
    account = job_account(1, [attempt(1, [1], [state], "completed_with_errors")])
    assert account.status == ("completed" if state in PRINTED else "failed")


# --- Any sequence ---

QUANTITY = 6


@st.composite
def lives(draw):
    """Attempts of subsets of the labels with any accounts, and marks between and after them."""
    attempts = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        indexes = sorted(draw(st.sets(st.integers(1, QUANTITY), min_size=1))) if number > 1 else list(whole(QUANTITY))
        states = [state for state in STATES if state not in ("checked", "void")]
        attempts.append(
            AttemptAccount(number, indexes, draw(accounts(len(indexes), states)), draw(st.sampled_from(ENDS)))
        )
    marks = st.builds(
        Mark, st.integers(1, len(attempts)), st.sampled_from(MARKS), st.frozensets(st.integers(1, QUANTITY), max_size=3)
    )
    return attempts, draw(st.lists(marks, max_size=4))


@given(lives())
def test_the_whole_account(life):
    attempts, _marks = life
    account = job_account(QUANTITY, *life)
    states = [label.state for label in account.labels]

    printed = account.indexes(*PRINTED)
    assert sorted([*printed, *account.missing, *account.uncertain]) == list(whole(QUANTITY)), (
        "no label is lost, and none is both missing and printed"
    )
    assert len(printed) == account.printed == sum(added(account).values()), "no label counts in two attempts"
    assert account.counts() == {
        "current_label": sum(state in PRINTED for state in states),
        "confirmed_count": states.count("confirmed") + states.count("checked"),
        "failed_count": states.count("failed"),
        "uncertain_count": states.count("uncertain"),
    }
    assert [state for count, state, _code in account.runs() for _one in range(count)] == states
    assert account.status == expected_status(states, [attempt.outcome for attempt in attempts])


@given(lives())
def test_of_each_label_the_strongest_proof_or_else_the_newest_attempt(life):
    """Written again from the issue, for jobs in which nobody has seen anything."""
    attempts, _marks = life
    account = job_account(QUANTITY, attempts)
    for index, label in enumerate(account.labels, start=1):
        said = [
            (attempt.account.labels[attempt.indexes.index(index)], attempt.number)
            for attempt in attempts
            if index in attempt.indexes
        ]
        proofs = [one.state for one, _number in said if one.printed]
        if proofs:
            assert label.state == max(proofs, key=("reported", "spooled", "confirmed").index)
        else:
            assert (label.state, label.code, label.attempt) == (said[-1][0].state, said[-1][0].code, said[-1][1])


@given(lives(), st.data())
def test_in_which_order_it_is_told_makes_no_difference(life, data):
    attempts, marks = life
    account = job_account(QUANTITY, attempts, marks)
    assert job_account(QUANTITY, data.draw(st.permutations(attempts)), marks) == account
    by_attempt = sorted(data.draw(st.permutations(marks)), key=lambda mark: marks.index(mark))
    assert job_account(QUANTITY, attempts, by_attempt) == account
    assert job_account(QUANTITY, attempts, [*marks, *marks][: len(marks)]) == account


@given(lives(), st.integers(1, 4), accounts(QUANTITY, ["failed", "reported", "spooled", "confirmed"]))
def test_later_evidence_never_takes_a_proof_away(life, number, evidence):
    attempts, marks = life
    before = job_account(QUANTITY, attempts, marks)
    heard = [
        AttemptAccount(
            one.number, one.indexes, one.account.merge(LabelAccount(evidence.labels[: len(one.indexes)])), one.outcome
        )
        if one.number == number
        else one
        for one in attempts
    ]
    after = job_account(QUANTITY, heard, marks)
    for old, new in zip(before.labels, after.labels, strict=True):
        if old.printed and not old.inferred and old.state != "void":
            assert new.printed


def test_a_label_keeps_what_its_attempt_said_of_it():
    said = Label("reported", "odd", LATER, 2, inferred=True)
    first = AttemptAccount(4, [1], LabelAccount((said,)), "completed")
    (label,) = job_account(1, [first]).labels
    assert (label.state, label.code, label.at, label.tries, label.inferred, label.attempt) == (
        "reported", "odd", LATER, 2, True, 4,
    )  # fmt: skip


def test_a_scan_that_is_taken_back_counts_no_more():
    marks = [
        Mark(1, "checked", frozenset({1, 2})),
        Mark(1, "missing", frozenset({3})),
        Mark(1, "unchecked", frozenset({2, 3})),
    ]
    assert [(mark.kind, mark.indexes) for mark in standing_marks(marks)] == [("checked", {1}), ("missing", {3})]
    # The newest scan of that label is the one that is taken back, and one that leaves nothing is gone.
    again = [marks[0], Mark(1, "checked", frozenset({2})), Mark(1, "unchecked", frozenset({2}))]
    assert standing_marks(again) == [marks[0]]


def test_labels_that_two_attempts_have_printed_are_known():
    first = attempt(1, whole(4), ["confirmed", "spooled", "reported", "failed"], "failed")
    account = job_account(4, [first, attempt(2, whole(4), ["confirmed"] * 4, "completed")])
    assert account.printed_again() == {1: 1, 2: 1}, "what was only counted may have been missing"
    assert job_account(4, [first]).printed_again() == {}
