"""The rules by which paper, print server and Odoo are compared, label by label; and the account held against them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from label_strategies import STATES, accounts
from services.lifecycle.job_account import AttemptAccount, job_account
from services.lifecycle.label_account import PRINTED, SERVER_STATES, Label, LabelAccount
from services.lifecycle.label_ledgers import (
    ASKED,
    DIVERGENCE,
    DUPLICATE,
    LOST,
    MAY_FOLLOW,
    MISSING,
    UNPRINTED,
    LabelLedgers,
    Order,
    agree,
    check_label,
    check_steps,
    steps_of,
)


def kinds(label):
    return sorted({finding.kind for finding in check_label(label)})


@pytest.mark.parametrize("state", ["confirmed", "spooled", "reported"])
def test_a_label_that_was_printed_once_as_all_three_say(state):
    assert check_label(LabelLedgers([Order(state, state)], paper=1, account=state)) == []


@pytest.mark.parametrize("paper", [0, 1])
def test_of_an_uncertain_label_both_may_be_true(paper):
    assert check_label(LabelLedgers([Order("uncertain", "uncertain")], paper=paper, account="uncertain")) == []


def test_a_label_that_came_out_twice_and_was_asked_for_once():
    assert kinds(LabelLedgers([Order("confirmed", "confirmed")], paper=2, account="confirmed")) == [DUPLICATE]


def test_twice_on_paper_is_right_when_a_person_looked_first_or_wanted_a_copy():
    copied = [Order("confirmed", "confirmed"), Order("confirmed", "confirmed", copy=True)]
    assert check_label(LabelLedgers(copied, paper=2, account="confirmed")) == []
    # Looked for in vain, printed again, and then the first one came out as well: a person has asked for both.
    retried = [Order("uncertain", "uncertain"), Order("confirmed", "confirmed")]
    assert check_label(LabelLedgers(retried, [(1, MISSING)], 2, "confirmed")) == []


def test_a_label_that_is_called_failed_and_lies_there():
    assert kinds(LabelLedgers([Order("failed", "failed")], paper=1, account="failed")) == [DIVERGENCE]
    # A retry does not heal that: it has printed it a second time.
    twice = [Order("failed", "failed"), Order("confirmed", "confirmed")]
    assert kinds(LabelLedgers(twice, paper=2, account="confirmed")) == [DIVERGENCE]


def test_a_label_that_is_called_printed_and_is_not_there():
    assert kinds(LabelLedgers([Order("confirmed", "confirmed")], paper=0, account="confirmed")) == [DIVERGENCE]


def test_what_a_printer_has_taken_may_be_lost_with_its_power():
    assert kinds(LabelLedgers([Order("spooled", "spooled")], paper=0, account="spooled")) == [UNPRINTED]
    assert kinds(LabelLedgers([Order("spooled"), Order("spooled", copy=True)], paper=1, account="spooled")) == [UNPRINTED]
    assert kinds(LabelLedgers([Order("confirmed"), Order("spooled", copy=True)], paper=0)) == [DIVERGENCE]


def test_odoo_and_the_print_server_say_the_contrary():
    assert kinds(LabelLedgers([Order("failed", "confirmed")], account="failed")) == [DIVERGENCE]
    assert kinds(LabelLedgers([Order("confirmed", "uncertain")], account="confirmed")) == [DIVERGENCE]
    assert kinds(LabelLedgers([Order("confirmed", "spooled")], account="confirmed")) == [DIVERGENCE]
    # It knows less: that is no contradiction.
    assert check_label(LabelLedgers([Order("reported", "confirmed")], account="reported")) == []
    assert check_label(LabelLedgers([Order("uncertain", "failed")], account="uncertain")) == []
    # What is only counted is said of no label by itself.
    assert check_label(LabelLedgers([Order("reported", "uncertain", inferred=True)], account="reported")) == []


@pytest.mark.parametrize("state", ["waiting", "sent"])
def test_an_outcome_that_never_came(state):
    assert LOST in kinds(LabelLedgers([Order(state)]))
    assert LOST in kinds(LabelLedgers([Order("confirmed", state)]))


def test_a_retry_of_what_is_on_paper_is_no_retry():
    again = [Order("confirmed"), Order("confirmed")]
    assert [finding.text for finding in check_label(LabelLedgers(again, paper=2))] == ["'asked' after 'confirmed'"]
    assert kinds(LabelLedgers([Order("uncertain"), Order("confirmed")], paper=1)) == [DIVERGENCE]


def test_what_a_person_has_seen_comes_between_the_orders():
    label = LabelLedgers([Order("uncertain"), Order("failed"), Order("confirmed")], [(2, "missing"), (1, "missing")])
    assert steps_of(label) == [ASKED, "uncertain", MISSING, ASKED, "failed", MISSING, ASKED, "confirmed"]
    assert check_steps(steps_of(label)) == []


def test_every_state_may_be_reached_and_every_step_leads_to_one_that_is_known():
    steps = set(STATES) | {ASKED, MISSING}
    assert set(MAY_FOLLOW) == steps | {""}
    assert set().union(*MAY_FOLLOW.values()) == steps


@given(st.lists(accounts(3, [state for state in STATES if state in SERVER_STATES]), min_size=1, max_size=6))
def test_an_account_only_takes_steps_that_a_label_may_take(reports):
    """Whatever reports of an attempt say, and in whichever order: no label's state takes a step that cannot be."""
    account = LabelAccount.of(3)
    for report in reports:
        merged = account.merge(report)
        for before, after in zip(account, merged, strict=True):
            # What was only inferred gives way to what is said of the label itself.
            if not before.inferred and before != after:
                assert check_steps(["asked", before.state, after.state]) == [], (before, after)
        account = merged


@given(st.lists(st.sampled_from(STATES[:8]), min_size=1, max_size=3), st.integers(0, 3))
def test_the_jobs_account_says_what_its_attempts_say(states, more):
    """Told of each attempt what its server knows, the job's account contradicts neither the servers nor the paper."""
    ended = [state if state not in ("waiting", "sent") else "failed" for state in states]
    while len(ended) > 1 and any(state in PRINTED or state == "uncertain" for state in ended[:-1]):
        ended.pop(0)  # these are never retried without a look
    attempts = [
        AttemptAccount(number, [1], LabelAccount((Label(state),)), "completed") for number, state in enumerate(ended, 1)
    ]
    account = job_account(1, attempts).labels[0].state
    printed = sum(state in PRINTED for state in ended)
    orders = [Order(state, state) for state in ended]
    assert check_label(LabelLedgers(orders, paper=printed, account=account)) == []
    if more:
        doubtful = sum(state == "uncertain" for state in ended)
        assert check_label(LabelLedgers(orders, paper=printed + doubtful + more, account=account))


@given(st.sampled_from(STATES), st.sampled_from(STATES))
def test_two_words_agree_only_where_one_is_the_weaker_of_the_other(server, account):
    if agree(server, account) and account != "uncertain":
        assert (server in PRINTED) == (account in PRINTED)


@pytest.mark.parametrize(
    ("label", "texts"),
    [
        (
            LabelLedgers([Order("confirmed"), Order("sent", copy=True)]),
            ["order 2 has ended, and its label is still 'sent' in Odoo"],
        ),
        (
            LabelLedgers([Order("confirmed"), Order("confirmed", "waiting", copy=True)]),
            ["order 2: the print server has not ended with it ('waiting')"],
        ),
        (
            LabelLedgers([Order("confirmed"), Order("confirmed", "spooled", copy=True)]),
            ["order 2: 'spooled' at the print server, 'confirmed' in Odoo"],
        ),
        (LabelLedgers([Order("confirmed")], paper=2), ["2 on paper, and it was asked for once"]),
        (
            LabelLedgers([Order("confirmed"), Order("confirmed", copy=True)], paper=3),
            ["3 on paper, and it was asked for 2 times"],
        ),
        (LabelLedgers([Order("confirmed")], paper=0), ["0 on paper, and Odoo says that it was printed once"]),
        (
            LabelLedgers([Order("spooled"), Order("spooled", copy=True)], paper=1),
            ["1 on paper, and printers took it 2 times"],
        ),
        (LabelLedgers([Order("spooled")], paper=0), ["0 on paper, and printers took it once"]),
        (
            LabelLedgers([Order("uncertain")], paper=0, account="confirmed"),
            ["'confirmed' in the job's account, and not on paper"],
        ),
        (
            LabelLedgers([Order("uncertain")], paper=1, account="failed"),
            ["'failed' in the job's account, and on paper"],
        ),
    ],
)
def test_what_is_said_of_a_label(label, texts):
    assert [finding.text for finding in check_label(label)] == texts


def test_a_mark_is_what_a_person_has_seen():
    label = LabelLedgers([Order("uncertain"), Order("confirmed", copy=True), Order("confirmed")], [(1, "missing"), (2, "checked"), (2, "void")])
    assert steps_of(label) == [ASKED, "uncertain", MISSING, ASKED, "confirmed", "checked", "void"]
    # Marks of the same moment keep their order, and what is no mark says that the label was not found.
    assert steps_of(LabelLedgers([Order("confirmed")], [(1, "void"), (1, "checked")]))[2:] == ["void", "checked"]
    assert steps_of(LabelLedgers([Order("confirmed")], [(1, "not found")]))[2:] == [MISSING]


def test_steps_that_nobody_knows():
    assert [finding.text for finding in check_steps(["confirmed", "unheard", "asked"])] == [
        "'confirmed' after 'nothing'", "'unheard' after 'confirmed'", "'asked' after 'unheard'",
    ]  # fmt: skip


def test_the_same_word_agrees():
    assert agree("spooled", "spooled")
    assert agree("confirmed", "reported")
    assert not agree("reported", "confirmed")
    assert not agree("failed", "taken_back")
