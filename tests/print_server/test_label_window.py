"""What the printer's two counts prove of the labels under way, step by step and in any order of events."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from print_server.label_window import ARRIVAL, ODOMETER_LAG, UNSEEN, UNSEEN_WITH_ODOMETER, LabelWindow
from print_server.printer_port import SILENT, Reading


def counts(formats: int = 0, odometer: int | None = None, parsing: bool = False, code: str | None = None) -> Reading:
    return Reading(code, counted=True, formats=formats, odometer=odometer, parsing=parsing)


def window(*copies: int, odometer: int | None = 100, shared: bool = False) -> LabelWindow:
    """Labels 1, 2 … under way, sent to a printer that had nothing else."""
    result = LabelWindow(shared)
    result.observe(counts(odometer=odometer), 0.0)
    for index, number in enumerate(copies, 1):
        result.sent(index, number, 0.0)
    return result


def looks(label_window: LabelWindow, reading: Reading, start: float, seconds: float) -> list:
    """Several looks that see the same."""
    outcomes = []
    for step in range(5):
        outcomes += label_window.observe(reading, start + seconds * step / 4)
    return outcomes


def test_labels_are_confirmed_when_the_odometer_moves_past_them():
    under_way = window(1, 1)
    assert under_way.observe(counts(2, 100), 1.0) == []
    assert under_way.observe(counts(1, 101), 2.0) == [(1, "confirmed")]
    assert under_way.observe(counts(0, 102), 3.0) == [(2, "confirmed")]
    assert under_way.meter == 102


def test_copies_count_as_so_many_labels():
    under_way = window(5, 1)
    assert under_way.observe(counts(2, 104), 1.0) == []
    assert under_way.observe(counts(1, 105), 2.0) == [(1, "confirmed")]


def test_a_label_of_two_formats_is_out_when_both_are():
    under_way = window()
    under_way.sent(1, 2, 0.0, formats=2)
    under_way.sent(2, 1, 0.0)
    assert under_way.observe(counts(3, 100), 1.0) == []
    assert not under_way.shared
    assert under_way.observe(counts(2, 101), 2.0) == []
    assert under_way.observe(counts(1, 102), 3.0) == [(1, "confirmed")]
    assert under_way.observe(counts(0, 103), 4.0) == [(2, "confirmed")]


def test_a_format_that_is_still_parsed_is_not_printed():
    under_way = window(1, odometer=None)
    for moment in range(1, 20):
        assert under_way.observe(counts(0, parsing=True), float(moment)) == []
    assert under_way.observe(counts(1), 20.0) == []
    assert under_way.observe(counts(0), 21.0) == [(1, "confirmed")]


def test_without_odometer_a_label_that_was_never_seen_is_spooled():
    under_way = window(1, 1, odometer=None)
    assert under_way.observe(counts(0), 1.0) == []
    assert looks(under_way, counts(0), 1.0, UNSEEN + 0.1) == [(1, "spooled"), (2, "spooled")]


def test_a_format_that_prints_nothing_does_not_hold_the_job_for_ever():
    under_way = window(1)
    assert looks(under_way, counts(0, 100), 1.0, ODOMETER_LAG + 1) == []
    assert looks(under_way, counts(0, 100), 10.0, UNSEEN_WITH_ODOMETER) == [(1, "spooled")]


def test_labels_that_were_cancelled_at_the_printer_are_not_called_printed():
    under_way = window(1, 1)
    under_way.observe(counts(2, 100), 1.0)
    assert looks(under_way, counts(0, 100), 2.0, ODOMETER_LAG + 0.5) == [(1, "uncertain"), (2, "uncertain")]


def test_after_a_cut_the_odometer_tells_printed_labels_from_those_that_never_arrived():
    under_way = window(1, 1)
    under_way.broke()
    assert under_way.observe(counts(0, 101), 1.0) == [(1, "confirmed")]
    assert looks(under_way, counts(0, 101), 1.1, ARRIVAL + 0.1) == [(2, "waiting")]
    assert under_way.meter == 101


def test_after_a_cut_labels_that_are_in_the_printer_are_followed():
    under_way = window(1, 1)
    under_way.broke()
    assert looks(under_way, counts(2, 100, code="paper_out"), 1.0, 60.0) == []
    assert under_way.observe(counts(1, 101), 70.0) == [(1, "confirmed")]
    assert under_way.observe(counts(0, 102), 71.0) == [(2, "confirmed")]


def test_after_a_cut_copies_that_are_partly_printed_are_uncertain():
    under_way = window(5, 1)
    under_way.broke()
    assert looks(under_way, counts(0, 102), 1.0, ARRIVAL + 0.1) == [(1, "uncertain"), (2, "waiting")]


def test_after_a_cut_without_odometer_labels_are_uncertain_unless_all_are_there():
    under_way = window(1, 1, odometer=None)
    under_way.broke()
    assert under_way.observe(SILENT, 1.0) == []
    assert under_way.observe(counts(1), 2.0) == [(1, "uncertain"), (2, "uncertain")]
    under_way = window(1, 1, odometer=None)
    under_way.broke()
    assert under_way.observe(counts(2), 2.0) == []
    assert under_way.observe(counts(0), 3.0) == [(1, "confirmed"), (2, "confirmed")]


def test_an_odometer_that_jumped_back_proves_nothing():
    under_way = window(1, 1)
    under_way.broke()
    assert under_way.observe(counts(0, 3), 1.0) == [(1, "uncertain"), (2, "uncertain")]
    under_way = window(1, odometer=100)
    under_way.observe(counts(1, 3), 1.0)
    assert under_way.meter is None
    assert under_way.observe(counts(0, 4), 2.0) == [(1, "confirmed")]


def test_on_a_shared_printer_a_moved_odometer_is_no_proof_after_a_cut():
    under_way = window(1, 1, shared=True)
    under_way.broke()
    assert looks(under_way, counts(0, 101), 1.0, ARRIVAL + 0.1) == [(1, "uncertain"), (2, "uncertain")]
    under_way = window(1, 1, shared=True)
    under_way.broke()
    assert looks(under_way, counts(0, 100), 1.0, ARRIVAL + 0.1) == [(1, "waiting"), (2, "waiting")]


def test_more_formats_than_were_sent_show_another_program():
    under_way = window(1)
    under_way.observe(counts(3, 100), 1.0)
    assert under_way.foreign_seen
    assert under_way.shared
    # Two of theirs were printed: nothing of ours is proven yet.
    assert under_way.observe(counts(1, 102), 2.0) == []
    assert under_way.observe(counts(0, 103), 3.0) == [(1, "confirmed")]


def test_only_what_is_ours_may_be_cleared():
    stopped = counts(2, 100, code="paused")
    assert window(1, 1).all_ours(stopped)
    assert not window(1).all_ours(stopped)
    assert not window(1, 1, shared=True).all_ours(stopped)
    assert not window(1, 1).all_ours(SILENT)
    assert not window(1, 1).all_ours(counts(1, 100, parsing=True, code="paused"))
    assert not window(1, 1).all_ours(counts(2, 101, code="paused"))
    assert not window().all_ours(counts(0, 100, code="paused"))
    # One of ours may have come out, and another program's have taken its place.
    assert not window(1, 1).all_ours(counts(2, None, code="paused"))


def test_what_was_taken_back_waits_and_the_label_that_was_moving_stays():
    under_way = window(1, 1)
    assert under_way.withdrawn(counts(0, 100, code="paused")) == [(1, "waiting"), (2, "waiting")]
    under_way = window(1, 1)
    assert under_way.withdrawn(counts(1, 100, code="paused")) == [(2, "waiting")]
    assert [label.index for label in under_way.under_way] == [1]
    under_way = window(1, 1)
    assert under_way.withdrawn(counts(0, 101, code="paused")) == [(1, "confirmed"), (2, "waiting")]


STEPS = st.lists(st.sampled_from(["send", "print", "look", "look", "cut", "lose"]), max_size=60)


@settings(max_examples=300)
@given(STEPS, st.booleans())
def test_whatever_happens_no_label_is_called_what_it_is_not(steps, odometer):
    """A printer that nobody else uses, with cuts that lose what had not arrived: outcomes agree with the paper."""
    printed, in_printer, outcomes, moment = [], [], {}, 0.0
    under_way, count, line_lost = LabelWindow(), 0, False

    def look(seconds: float) -> None:
        nonlocal moment
        moment += seconds
        reading = counts(len(in_printer), 7 + len(printed) if odometer else None)
        for index, state in under_way.observe(reading, moment):
            assert index not in outcomes
            outcomes[index] = state

    look(0.1)
    for step in steps:
        if step == "send" and len(under_way.under_way) < 2 and not under_way.broken:
            count += 1
            under_way.sent(count, 1, moment)
            if not line_lost:
                in_printer.append(count)
        elif step == "print" and in_printer:
            printed.append(in_printer.pop(0))
        elif step == "lose":
            line_lost = True
        elif step == "cut":
            line_lost = False
            under_way.broke()
            look(0.1)
        elif step == "look" and not line_lost:
            look(0.1)
    if line_lost:
        under_way.broke()
    for _number in range(8):
        look(0.2)
    while in_printer:
        printed.append(in_printer.pop(0))
        look(0.2)
    for _number in range(30):
        look(0.5)
    assert not under_way.under_way
    assert len(outcomes) == count
    for index, state in outcomes.items():
        if state == "confirmed":
            assert index in printed
        elif state == "waiting":
            assert index not in printed
        elif odometer:
            raise AssertionError(f"the odometer leaves no doubt: {state}")
