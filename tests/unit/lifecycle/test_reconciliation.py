"""Reconciliation: no label is counted twice or lost, and only what is explained is complete."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.lifecycle.label_account import EVIDENCE, OPEN, PRINTED, STATES
from services.lifecycle.reconciliation import AskedLabel, Print, Reconciliation, reconcile

prints = st.builds(Print, state=st.sampled_from(STATES), explained=st.booleans(), cancelled=st.booleans())
labels = st.lists(
    st.builds(AskedLabel, key=st.integers(1, 6), label=prints, copies=st.lists(prints, max_size=3)), max_size=20
)


def asked(*rows):
    """Labels from ``(key, state, explained, copies)``; the last two may be left out."""
    return [
        AskedLabel(key, Print(state, *rest[:1]), [Print(*copy) for copy in (rest[1:] or [()])[0]])
        for key, state, *rest in rows
    ]


@given(labels, st.sampled_from(EVIDENCE))
def test_the_sums_add_up(asked, wanted):
    sums = reconcile(asked, wanted)
    assert sums.asked == len({label.key for label in asked})
    assert sums.asked == sums.on_paper + sums.destroyed + sums.uncertain + sums.under_way + sums.missing
    assert 0 <= sums.unexplained <= sums.missing
    assert sums.checked <= sums.on_paper


@given(labels)
def test_every_piece_of_paper_is_counted_once(asked):
    """Issued = used + destroyed, and nothing in doubt is hidden by another label of the same box."""
    sums = reconcile(asked)
    states = [label.label.state for label in asked]
    copies = [copy.state for label in asked for copy in label.copies]
    assert sum(state in PRINTED - {"void"} for state in states) == sums.on_paper + sums.repeated
    assert states.count("void") == sums.destroyed + sums.destroyed_beside
    assert states.count("uncertain") == sums.uncertain + sums.uncertain_beside
    assert sum(state in OPEN for state in states) == sums.under_way + sums.under_way_beside
    assert sum(state in PRINTED for state in copies) == sums.copies
    assert copies.count("void") == sums.copies_destroyed
    assert copies.count("uncertain") == sums.copies_uncertain
    assert sum(state in OPEN for state in copies) == sums.copies_under_way


@given(labels)
def test_nothing_in_doubt_is_complete(asked):
    if reconcile(asked).is_complete:
        states = {one.state for label in asked for one in (label.label, *label.copies)}
        assert not states & {"uncertain", *OPEN}
        for key in {label.key for label in asked}:
            same = [label.label for label in asked if label.key == key]
            assert sum(label.fate == "on_paper" for label in same) <= 1
            wanted = [label for label in same if not label.cancelled] or same
            assert all(label.explained for label in wanted) or any(label.state in PRINTED for label in same)


@given(labels)
def test_the_order_of_jobs_makes_no_difference(asked):
    assert reconcile(asked) == reconcile(asked[::-1])


@pytest.mark.parametrize(
    ("rows", "is_complete"),
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
        # What another job has printed hides nothing that may be on paper, too.
        ([("a", "confirmed"), ("a", "uncertain")], False),
        ([("a", "confirmed"), ("a", "sent")], False),
        # Asked for anew after a reason: the reason was for the first time.
        ([("a", "failed", True), ("a", "failed")], False),
        ([("a", "failed", True), ("a", "failed", True)], True),
        # Copies.
        ([("a", "confirmed", False, [("confirmed",)])], True),
        ([("a", "confirmed", False, [("uncertain",)])], False),
        ([("a", "confirmed", False, [("waiting",)])], False),
        ([("a", "confirmed", False, [("failed",)])], False),
        ([("a", "confirmed", False, [("failed", True)])], True),
        ([("a", "confirmed", False, [("failed",), ("reported",)])], True),
        ([("a", "confirmed", False, [("reported",), ("failed",)])], False),
    ],
)
def test_complete_is_what_has_no_open_difference(rows, is_complete):
    assert reconcile(asked(*rows)).is_complete is is_complete


@pytest.mark.parametrize(
    ("later", "is_complete"),
    [(Print("failed"), False), (Print("failed", explained=True), True), (Print("confirmed"), True)],
)
def test_of_a_cancelled_job_and_another_one_the_other_decides(later, is_complete):
    for reason in (False, True):
        cancelled = Print("taken_back", explained=reason, cancelled=True)
        assert reconcile([AskedLabel("a", cancelled), AskedLabel("a", later)]).is_complete is is_complete
        assert reconcile([AskedLabel("a", cancelled)]).is_complete is reason


def test_a_label_that_two_jobs_printed_is_one_label_on_paper_too_often():
    sums = reconcile(asked(("a", "confirmed"), ("a", "reported"), ("b", "void")))
    assert sums == Reconciliation(asked=2, on_paper=1, destroyed=1, repeated=1)
    assert not sums.is_complete


def test_the_one_too_many_is_destroyed():
    """Two were issued: one is used, one destroyed."""
    sums = reconcile(asked(("a", "confirmed"), ("a", "void")))
    assert sums == Reconciliation(asked=1, on_paper=1, destroyed_beside=1)
    assert sums.is_complete


@pytest.mark.parametrize(
    ("label", "copies", "checked", "weak"),
    [
        ("reported", [], 0, 1),
        ("confirmed", [], 0, 0),
        ("checked", ["reported"], 1, 0),
        ("reported", ["checked"], 1, 0),  # lost: who scans the box scans the copy
        ("reported", ["spooled", "uncertain"], 0, 1),
        ("void", [], 0, 0),
        ("void", ["reported"], 0, 1),
        ("void", ["checked"], 0, 0),
        ("failed", [], 0, 0),
    ],
)
def test_how_well_a_label_is_known_is_how_well_its_best_paper_is(label, copies, checked, weak):
    sums = reconcile([AskedLabel("a", Print(label), [Print(copy) for copy in copies])], "confirmed")
    assert (sums.checked, sums.weak) == (checked, weak)
    assert sums.is_complete is (not weak and label != "failed" and "uncertain" not in copies)


def test_a_label_that_two_attempts_of_one_job_have_printed():
    """The account of the first one came after the retry: one is too many until somebody has destroyed it."""
    sums = reconcile([AskedLabel("a", Print("confirmed", again=1)), AskedLabel("b", Print("confirmed"))])
    assert (sums.asked, sums.on_paper, sums.repeated, sums.is_complete) == (2, 2, 1, False)
    sums = reconcile([AskedLabel("a", Print("void", again=1)), AskedLabel("b", Print("confirmed"))])
    assert (sums.on_paper, sums.destroyed, sums.destroyed_beside, sums.repeated, sums.is_complete) == (2, 0, 1, 0, True)
    sums = reconcile([AskedLabel("a", Print("void", again=2))])
    assert (sums.on_paper, sums.destroyed_beside, sums.repeated, sums.is_complete) == (1, 1, 1, False)
