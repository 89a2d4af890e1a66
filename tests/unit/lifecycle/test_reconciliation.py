"""Reconciliation: no label is counted twice or lost, and only what is explained is complete."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.lifecycle.label_account import PRINTED, STATES
from services.lifecycle.reconciliation import AskedLabel, Reconciliation, reconcile

labels = st.lists(
    st.builds(AskedLabel, key=st.integers(1, 6), state=st.sampled_from(STATES), explained=st.booleans()), max_size=20
)


@given(labels)
def test_the_sums_add_up(asked):
    sums = reconcile(asked)
    assert sums.asked == len({label.key for label in asked})
    assert sums.asked == sums.on_paper + sums.destroyed + sums.uncertain + sums.under_way + sums.missing
    assert 0 <= sums.unexplained <= sums.missing
    pieces = sum(label.state in PRINTED - {"void"} for label in asked)
    assert pieces == sums.on_paper + sums.repeated


@given(labels)
def test_the_order_of_jobs_makes_no_difference(asked):
    assert reconcile(asked) == reconcile(asked[::-1])


@pytest.mark.parametrize(
    ("asked", "is_complete"),
    [
        ([], False),
        ([("a", "confirmed")], True),
        ([("a", "void")], True),
        ([("a", "failed")], False),
        ([("a", "failed", True)], True),
        ([("a", "taken_back", True), ("b", "uncertain")], False),
        ([("a", "sent")], False),
        ([("a", "failed"), ("a", "spooled")], True),
        ([("a", "void"), ("a", "uncertain")], False),
    ],
)
def test_complete_is_what_has_no_open_difference(asked, is_complete):
    assert reconcile(AskedLabel(*label) for label in asked).is_complete is is_complete


def test_a_label_that_two_jobs_printed_is_one_label_on_paper_too_often():
    sums = reconcile([AskedLabel("a", "confirmed"), AskedLabel("a", "reported"), AskedLabel("b", "void")])
    assert sums == Reconciliation(asked=2, on_paper=1, destroyed=1, repeated=1)
