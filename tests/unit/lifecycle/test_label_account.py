"""The account of one attempt: merging goes forward whatever the order, and the stored form is small and read again."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from label_strategies import ENDS, OPEN, SENT, accounts, labels
from services.contract.status_words import LABEL_STATES
from services.lifecycle.label_account import (
    EVIDENCE,
    PRINTED,
    RANK,
    SERVER_STATES,
    STATES,
    AccountError,
    Label,
    LabelAccount,
)

SIZE = 4
UNCERTAIN = Label("uncertain")


def test_the_order_of_the_states():
    """Issue: waiting < sent < taken back, failed, uncertain < reported < spooled < confirmed < checked."""
    groups = [["waiting"], ["sent"], ["taken_back", "failed", "uncertain"], ["reported"], ["spooled"], ["confirmed"],
              ["checked"]]  # fmt: skip
    ranks = [{RANK[state] for state in group} for group in groups]
    assert all(max(weaker) < min(stronger) for weaker, stronger in pairwise(ranks))
    assert set(RANK) == set(STATES)
    assert {"reported", "spooled", "confirmed", "checked", "void"} == PRINTED
    assert {*EVIDENCE, "void"} == PRINTED
    assert set(LABEL_STATES) == SERVER_STATES


@given(accounts(SIZE), accounts(SIZE), accounts(SIZE))
@example(*(LabelAccount.of(SIZE, Label("failed", code)) for code in ("paper_out", "label_failed", "head_open")))
def test_the_order_of_reports_and_repetitions_make_no_difference(one, two, three):
    assert one.merge(two) == two.merge(one)
    assert one.merge(two).merge(three) == one.merge(two.merge(three))
    assert one.merge(one) == one
    both = one.merge(two)
    assert both.merge(one) == both.merge(two) == both


@given(st.lists(accounts(SIZE), min_size=2, max_size=6).flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))))
def test_any_sequence_of_reports_comes_to_the_same(orders):
    results = set()
    for order in orders:
        account = LabelAccount.of(SIZE)
        for heard in order:
            account = account.merge(heard)
        results.add(account)
    assert len(results) == 1


@given(labels(), labels())
def test_merging_only_goes_forward(known, said):
    new = known.stronger(said)
    if known.state not in OPEN:
        assert new.state not in OPEN
    if not known.inferred and known.state not in OPEN:
        assert RANK[new.state] >= RANK[known.state], "what was said of the label itself never gets weaker"
        assert not new.inferred
    if known.inferred == said.inferred:
        assert RANK[new.state] == max(RANK[known.state], RANK[said.state])


def test_what_is_said_of_the_label_is_believed_before_what_counts_suggest():
    said = LabelAccount((Label("failed", "paper_out"), Label("uncertain"), Label("sent"), Label("waiting")))
    guessed = LabelAccount.of(4, Label("reported", inferred=True))
    merged = said.merge(guessed)
    assert [label.state for label in merged] == ["failed", "uncertain", "reported", "reported"]
    assert guessed.merge(said) == merged
    assert not merged.exact


def test_an_account_of_the_middle_of_the_run_keeps_its_word_among_many_counts():
    """It once lost it with the second count, because the whole account was then taken for a guess."""
    account = LabelAccount((Label("confirmed"), Label("failed", "paper_out"), Label("sent"), Label("waiting")))
    for count in (2, 3, 4):
        counted = (Label("reported", inferred=True),) * count + (Label(),) * (4 - count)
        account = account.merge(LabelAccount(counted))
    assert [label.state for label in account] == ["confirmed", "failed", "reported", "reported"]


def test_the_whole_account_makes_a_guess_exact():
    guess = LabelAccount.of(2, Label("reported", inferred=True))
    merged = guess.merge(LabelAccount((Label("failed", "head_open"), Label("confirmed"))))
    assert merged.exact
    assert [label.state for label in merged] == ["failed", "confirmed"]


@pytest.mark.parametrize("state", ["taken_back", "failed", "reported", "spooled", "confirmed"])
def test_an_uncertain_label_is_settled_later(state):
    late = LabelAccount((Label(state),))
    assert LabelAccount((UNCERTAIN,)).merge(late) == late
    assert late.merge(LabelAccount((UNCERTAIN,))) == late


def test_a_failed_label_that_the_printer_has_counted_after_all_is_confirmed():
    account = LabelAccount((Label("failed", "network_timeout", tries=3),)).merge(LabelAccount((Label("confirmed"),)))
    assert account.labels[0].state == "confirmed"


def test_of_two_reports_of_the_same_the_earlier_time_the_cause_and_the_tries_stay():
    early, late = SENT, SENT + timedelta(minutes=1)
    one = Label("failed", "label_failed", late, 1)
    assert one.stronger(Label("failed", "paper_out", early, 3)) == Label("failed", "paper_out", early, 3)
    assert one.stronger(Label("failed", "", None, 0)) == one


def test_accounts_of_different_attempts_do_not_merge():
    with pytest.raises(ValueError, match="accounts of 3 and 4 labels"):
        LabelAccount.of(3).merge(LabelAccount.of(4))


@given(accounts(SIZE), st.sampled_from(ENDS), st.sampled_from(ENDS))
def test_at_the_end_no_label_is_without_a_fate(account, status, other):
    closed = account.close(status, "head_open")
    assert not closed.count(OPEN)
    assert closed.count(PRINTED) == account.count(PRINTED), "no label is printed by the end alone"
    for before, after in zip(account, closed, strict=True):
        assert after == before or before.state in OPEN
        if before.state == "sent":
            assert after.state == "uncertain", "what was on its way may be on paper"
    assert closed.close(other) == closed
    assert closed.give_up() == closed


def test_what_an_end_means_for_labels_that_waited():
    waiting = LabelAccount.of(1)
    assert waiting.close("failed", "head_open", SENT).labels == (Label("failed", "head_open", SENT),)
    assert waiting.close("cancelled", "", SENT).labels == (Label("taken_back", "", SENT),)
    assert waiting.close("completed").labels == waiting.close("completed_with_errors").labels == (UNCERTAIN,)


@given(accounts(SIZE))
def test_of_what_was_given_up_nothing_is_certain_and_everything_can_still_be_learnt(account):
    given_up = account.give_up()
    assert not given_up.count(OPEN)
    assert given_up.close("failed") == given_up.give_up() == given_up
    named = LabelAccount.of(SIZE, Label("confirmed"))
    assert given_up.merge(named).count(PRINTED) == SIZE
    doubt = LabelAccount.of(SIZE, Label("reported", inferred=True))
    assert all(
        before.state not in OPEN or after.state == "reported"
        for before, after in zip(account, given_up.merge(doubt), strict=True)
    ), "even counts that come late say more than nothing"


@given(accounts(SIZE))
def test_the_counts_are_those_of_the_labels(account):
    counts = account.counts()
    assert sum(counts.values()) == len(account) == SIZE
    assert all(counts[state] == account.count([state]) for state in STATES)
    assert sum(count for count, _state, _code in account.runs()) == SIZE
    assert [(state, code) for count, state, code in account.runs() for _one in range(count)] == [
        (label.state, label.code) for label in account
    ]


def stored(account):
    return json.dumps(account.to_stored())


@given(st.integers(0, 30).flatmap(accounts))
def test_the_stored_form_is_read_again(account):
    assert LabelAccount.from_stored(json.loads(stored(account)), len(account)) == account


def test_five_hundred_equal_labels_take_less_than_200_bytes():
    for state in STATES:
        for inferred in (False, True):
            label = Label(state, "network_timeout", datetime(2026, 12, 31, 23, 59, 59, 999000), 3, inferred)
            assert len(stored(LabelAccount.of(500, label)).encode()) < 200


def test_five_hundred_labels_at_a_steady_pace_take_less_than_200_bytes():
    at = [SENT + timedelta(milliseconds=800 * number) for number in range(500)]
    assert len(stored(LabelAccount(tuple(Label("confirmed", "", time, 1) for time in at)))) < 200


def test_five_hundred_labels_that_are_all_different_take_less_than_6000_bytes():
    codes = ["printer_offline", "network_timeout", "paper_out", "ribbon_out", "head_open", "paused", "buffer_full",
             "invalid_zpl", "printer_error", "uncertain", "label_failed"]  # fmt: skip
    account = LabelAccount(
        tuple(
            Label(
                STATES[number % 10],
                codes[number * 7 % 11],
                SENT + timedelta(milliseconds=number * 900 + number * number % 1_777),
                1 + number % 3,
                number % 2 == 1 and STATES[number % 10] not in OPEN,
            )
            for number in range(500)
        )
    )
    assert len(stored(account).encode()) < 6_000
    assert LabelAccount.from_stored(account.to_stored(), 500) == account
    assert len(set(account)) == 500


def test_nothing_stored_means_that_all_labels_wait():
    for nothing in (None, False, {}):
        assert LabelAccount.from_stored(nothing, 3) == LabelAccount.of(3)


def test_the_stored_form_has_a_version():
    assert LabelAccount.of(3).to_stored() == {"v": 1, "s": "w3"}
    for version in (0, 2, "1", None):
        with pytest.raises(AccountError):
            LabelAccount.from_stored({"v": version, "s": "w3"}, 3)


@pytest.mark.parametrize(
    "damage",
    [{"s": "p2"}, {"s": "p4"}, {"s": "p99999999999999"}, {"s": "p" + "9" * 5_000}, {"s": "z3"}, {"s": "3"}, {"s": "2pp"},
     {"s": "p0p3"}, {"s": "P3"}, {"s": "p²p"}, {"s": None}, {"s": 7}, {"s": ["p"]}, {"c": "0*3"}, {"c": "1*3", "k": ["a"]},
     {"c": "-1*3", "k": ["a"]}, {"c": "0*3", "k": "abc"}, {"c": "0*3", "k": [None]}, {"c": "0*3", "k": {"0": 1}},
     {"c": "0*2", "k": ["a"]}, {"t": "!*3"}, {"t": "zzzzzzzzzzzz*3"}, {"t": "1*2"}, {"t": 5}, {"n": "x*3"}, {"n": "-2*3"},
     {"n": "1*99999999999"}, {"x": "2*3"}, {"x": "1*2"}, {"x": [0]}],
)  # fmt: skip
def test_a_damaged_account_is_refused(damage):
    with pytest.raises(AccountError):
        LabelAccount.from_stored({"v": 1, "s": "p3", **damage}, 3)
    missing = {"v": 1, **damage}
    if "s" not in damage:
        with pytest.raises(AccountError):
            LabelAccount.from_stored(missing, 3)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
COLUMN = st.text("wsubfrpckv0123456789*,-. ²", max_size=12)


@given(
    st.fixed_dictionaries(
        {"v": st.just(1)},
        optional=dict.fromkeys("scntx", COLUMN | JSON) | {"k": st.lists(JSON, max_size=3) | JSON},
    )
    | JSON,
    st.integers(0, 5),
)
@example({"v": 1, "s": "w9999999999999"}, 3)
def test_whatever_is_stored_there_is_an_account_or_an_account_error(stored, size):
    try:
        account = LabelAccount.from_stored(stored, size)
    except AccountError:
        return
    assert len(account) == size
    assert LabelAccount.from_stored(account.to_stored(), size) == account


@given(accounts(8), st.data())
def test_a_single_changed_character_is_an_account_or_an_account_error(account, data):
    text = stored(account)
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.characters(codec="ascii"))
    try:
        damaged = json.loads(text[:place] + letter + text[place + 1 :])
    except ValueError:
        return
    try:
        assert len(LabelAccount.from_stored(damaged, 8)) == 8
    except AccountError:
        pass


def test_an_attempt_of_no_labels_and_of_one():
    assert LabelAccount.from_stored(LabelAccount.of(0).to_stored(), 0) == LabelAccount.of(0).close("failed")
    one = LabelAccount.of(1, replace(UNCERTAIN, inferred=True))
    assert LabelAccount.from_stored(one.to_stored(), 1) == one
    assert LabelAccount.of(-1) == LabelAccount.of(0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"v": 99}, "an account of another version"),
        ({"k": [1]}, "codes that are no texts"),
        ({"n": "x" * 30}, "x" * 20 + " is no number"),
        ({"s": "?3"}, "states that cannot be read"),
    ],
)
def test_what_is_wrong_with_a_stored_account_is_said(change, words):
    stored = replace(LabelAccount.of(1), labels=(Label("failed", code="jam", tries=1),)).to_stored()
    with pytest.raises(AccountError, match=words):
        LabelAccount.from_stored({**stored, **change}, 1)
