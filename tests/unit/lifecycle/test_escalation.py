"""Which steps concern an incident, and when each is due, whatever steps there are."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.lifecycle.escalation import Step, counted_from, due_moments, is_awaiting, same_place, steps_for

START = datetime(2026, 3, 4, 9, 15)
PRINTERS, PLACES, COMPANIES = (1, 2, 3), ("", "Hall 1", "Hall 2"), (None, 7, 8)
STEPS = st.lists(
    st.builds(
        Step,
        st.integers(1, 10_000),
        st.integers(1, 300),
        st.sampled_from(COMPANIES),
        st.frozensets(st.sampled_from(PRINTERS), max_size=2),
        st.sampled_from(PLACES),
    ),
    max_size=12,
    unique_by=lambda step: step.id,
)


def later(step):
    return START + timedelta(minutes=step.minutes)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("Hall 1", " hall  1 ", True), ("Hall 1", "Hall 2", False), ("", "", False), (" ", "", False), ("Straße", "STRASSE", True)],
)
def test_places_as_people_write_them(one, other, expected):
    assert same_place(one, other) is expected


class TestWhichSteps:
    everywhere, hall, printer = Step(1, 15), Step(2, 10, place="Hall 1"), Step(3, 5, printer_ids=frozenset({1}))
    all_steps = (everywhere, hall, printer)

    @pytest.mark.parametrize(
        ("printer_id", "place", "expected"),
        [
            (1, "Hall 1", (printer,)),
            (2, "hall 1", (hall,)),
            (2, "Hall 2", (everywhere,)),
            (2, "", (everywhere,)),
            (None, "", (everywhere,)),
        ],
    )
    def test_the_narrowest_ones_replace_the_others(self, printer_id, place, expected):
        assert steps_for(self.all_steps, printer_id, place, None) == expected

    def test_a_print_server_has_no_steps_of_printers_and_places(self):
        assert steps_for((self.hall, self.printer), None, "", None) == ()

    def test_another_companys_are_left_out(self):
        ours, theirs, shared = Step(1, 5, 7), Step(2, 5, 8), Step(3, 9)
        assert steps_for((ours, theirs, shared), 1, "", 7) == (ours, shared)

    def test_a_shared_printer_has_those_of_each_company(self):
        """What one company has set for this printer does not replace what another has set for all of its."""
        ours, theirs = Step(1, 5, 7, frozenset({1})), Step(2, 8, 8)
        assert steps_for((ours, theirs), 1, "", None) == (ours, theirs)

    @given(STEPS, st.sampled_from((None, *PRINTERS)), st.sampled_from(PLACES), st.sampled_from(COMPANIES))
    def test_each_once_and_all_of_them_concern_it(self, steps, printer_id, place, company_id):
        found = steps_for(steps, printer_id, place, company_id)
        assert len(set(found)) == len(found)
        assert list(found) == sorted(found, key=lambda step: (step.minutes, step.id))
        for step in found:
            assert not company_id or step.company_id in (None, company_id)
            at_it = printer_id in step.printer_ids or same_place(step.place, place)
            assert at_it or not (step.printer_ids or step.place)

    @given(STEPS, st.sampled_from(PRINTERS), st.sampled_from(PLACES), st.sampled_from(COMPANIES))
    def test_a_step_for_all_printers_leaves_no_printer_without(self, steps, printer_id, place, company_id):
        assert steps_for([*steps, Step(99_999, 1)], printer_id, place, company_id)


class TestWhenDue:
    def test_the_first_one_first(self):
        steps = (Step(1, 30), Step(2, 10))
        assert due_moments(steps, (), later) == [(later(steps[1]), steps[1]), (later(steps[0]), steps[0])]

    def test_what_is_never_due_is_left_out(self):
        assert due_moments((Step(1, 30),), (), lambda step: None) == []

    @given(STEPS, st.lists(st.integers(0, 400), max_size=20))
    def test_told_at_most_once_whenever_it_is_looked(self, steps, looks):
        """Whatever the moments at which somebody looks, also the same ones twice; and it ends."""
        told, history = set(), []
        for minutes in [*looks, *looks, 1000, 1000]:
            now = START + timedelta(minutes=minutes)
            for moment, step in due_moments(steps, told, later):
                if moment <= now:
                    history.append(step.id)
                    told.add(step.id)
                    assert later(step) <= now
        assert sorted(history) == sorted(step.id for step in steps)
        assert due_moments(steps, told, later) == []


class TestWhetherAtAll:
    @pytest.mark.parametrize("is_open", [True, False])
    @pytest.mark.parametrize("is_taken", [True, False])
    @pytest.mark.parametrize("is_quiet", [True, False])
    def test_only_while_it_is_open_and_nobody_is_on_it(self, is_open, is_taken, is_quiet):
        assert is_awaiting(is_open, is_taken, is_quiet) is ((is_open, is_taken, is_quiet) == (True, False, False))

    def test_counted_from_the_last_of_what_is_known(self):
        assert counted_from(START, None) == START
        assert counted_from(START, START + timedelta(minutes=5)) == START + timedelta(minutes=5)
        assert counted_from(START, START - timedelta(minutes=5)) == START
