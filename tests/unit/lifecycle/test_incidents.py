"""Which incidents open, go on, come again and end, whatever a printer says, in whatever order and with whatever times."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.contract.reports import PrinterReason
from services.lifecycle import incidents
from services.lifecycle.incidents import FLAPPING, HANDLING, Changes, Known, causes_of, compare

START = datetime(2026, 3, 4, 9, 15)
SECOND = timedelta(seconds=1)
MAIN = ("paper_out", "ribbon_out", "printer_offline", "printer_silent", "vendor-thing", "jam")
SOME_CAUSES = st.frozensets(st.sampled_from((*MAIN, *HANDLING)), max_size=4)
REPORTS = st.lists(st.tuples(st.integers(-60, 120), SOME_CAUSES), max_size=30)


class Printer:
    """What is kept of one printer, as the model keeps it."""

    def __init__(self):
        self.kept = {}
        self.now = START

    def says(self, causes, seconds=0):
        self.now += timedelta(seconds=seconds)
        changes = compare(list(self.kept.values()), causes, self.now)
        for cause in changes.opened:
            id_ = len(self.kept) + 1
            self.kept[id_] = Known(id_, cause, self.now)
        for id_ in changes.reopened:
            self.kept[id_] = Known(id_, self.kept[id_].cause, self.kept[id_].opened_at)
        for id_ in changes.closed:
            self.kept[id_] = Known(id_, self.kept[id_].cause, self.kept[id_].opened_at, max(self.now, self.kept[id_].opened_at))
        return changes

    @property
    def open_causes(self):
        return [one.cause for one in self.kept.values() if one.closed_at is None]


def reason(keyword, severity="error"):
    return PrinterReason(keyword, severity)


@given(REPORTS)
def test_whatever_a_printer_says(reports):
    printer = Printer()
    for seconds, causes in reports:
        printer.says(causes, seconds)
        is_open = printer.open_causes
        assert len(is_open) == len(set(is_open)), "one open incident for each cause"
        assert set(causes) - set(HANDLING) <= set(is_open)
        assert bool(is_open) == bool(causes), "a printer that is ready has none, one that is not has one"
        assert printer.says(causes) == Changes(), "said twice it changes nothing"


@given(SOME_CAUSES.filter(bool), st.lists(st.floats(0.1, 29), min_size=1, max_size=40))
def test_what_comes_and_goes_is_one_incident_for_each_cause(causes, pauses):
    printer = Printer()
    printer.says(causes)
    count = len(printer.kept)
    for pause in pauses:
        printer.says(frozenset(), pause)
        printer.says(causes, pause)
    assert len(printer.kept) == count


def test_after_half_a_minute_it_is_another_one():
    printer = Printer()
    printer.says({"paper_out"})
    printer.says(set(), 10)
    assert printer.says({"paper_out"}, FLAPPING.total_seconds()).reopened == (1,)
    printer.says(set(), 10)
    assert printer.says({"paper_out"}, FLAPPING.total_seconds() + 1).opened == ("paper_out",)


def test_a_change_of_the_roll_is_one_incident():
    printer = Printer()
    for causes in ({"paper_out", "paused"}, {"head_open", "paper_out"}, {"head_open"}, {"paused"}):
        printer.says(causes, 5)
    assert printer.open_causes == ["paper_out"]
    printer.says(set(), 5)
    printer.says({"paused"}, 5)
    assert (len(printer.kept), printer.open_causes) == (1, ["paper_out"])
    assert printer.says(set(), 5).closed == (1,)


def test_a_printer_that_is_open_and_paused_is_one_incident():
    printer = Printer()
    assert printer.says({"paused", "head_open"}).opened == ("head_open",)


def test_of_a_printer_that_cannot_be_reached_nobody_knows_whether_it_has_labels():
    printer = Printer()
    printer.says({"paper_out"})
    printer.says({"printer_offline"}, 60)
    assert sorted(printer.open_causes) == ["paper_out", "printer_offline"]
    printer.says({"paper_out"}, 60)
    assert printer.open_causes == ["paper_out"]


def test_what_was_never_set_is_cleared_without_a_word():
    assert compare([], frozenset(), START) == Changes()


def test_what_is_over_for_long_stays_over():
    over = Known(1, "jam", START, START + SECOND)
    assert compare([over], {"jam"}, START + timedelta(hours=1)) == Changes(opened=("jam",))


def test_causes():
    assert causes_of("attention", [reason("media-empty"), reason("media-needed"), reason("cover-open")]) == {"paper_out", "head_open"}
    assert causes_of("attention", [reason("acme-flux-capacitor")]) == {"acme-flux-capacitor"}
    assert causes_of("online", [reason("media-low", "warning"), reason("label-waiting", "report")]) == frozenset()
    assert causes_of("attention", [reason("media-low", "warning")]) == frozenset()
    assert causes_of("offline", []) == causes_of("offline", [reason("offline")]) == {"printer_offline"}
    assert causes_of("attention", []) == {"no_reason"}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (None, START),
        (START - 10 * SECOND, START - 10 * SECOND),
        (START + timedelta(days=365), START),
        (START - timedelta(days=365), START),
        (datetime.min, START),
        (datetime.max, START),
    ],
)
def test_times_are_believed_only_where_they_can_be_true(said, expected):
    assert incidents.believed(said, 0.0, START - timedelta(minutes=5), START) == expected


def test_times_are_by_the_print_servers_clock():
    assert incidents.believed(START + timedelta(seconds=290), 300.0, None, START) == START - 10 * SECOND


@given(st.datetimes(), st.floats(-1e6, 1e6), st.one_of(st.none(), st.datetimes(max_value=START)))
def test_a_time_is_never_in_the_future_nor_before_it_can_have_been(said, skew, earliest):
    moment = incidents.believed(said, skew, earliest, START)
    assert moment <= START
    assert earliest is None or moment >= earliest - timedelta(milliseconds=1)  # kept to the millisecond


@pytest.mark.parametrize(
    ("code", "causes", "expected"),
    [
        ("paper_out", {"paper_out", "jam"}, "paper_out"),
        ("printer_offline", {"paper_out"}, "paper_out"),
        ("", {"jam"}, "jam"),
        ("invalid_zpl", {"jam"}, ""),
        ("cancelled_at_printer", {"jam"}, ""),
        ("paper_out", set(), ""),
    ],
)
def test_by_what_a_job_has_failed(code, causes, expected):
    assert incidents.is_stopped_by(code, causes) == expected


def test_when_people_are_told():
    told = incidents.when_to_tell
    soon, late = START + incidents.GATHER, START + FLAPPING
    assert told("opened", "no", START) == soon
    assert told("stopped", "open", START, last_told=START - SECOND) == START - SECOND + incidents.TELL_AGAIN
    assert told("stopped", "open", START, last_told=START - timedelta(hours=1)) == soon
    assert told("left", "open", START, last_told=START - SECOND) == soon
    assert told("closed", "open", START, times=1) == soon
    assert told("closed", "open", START, times=2) == late
    assert told("reopened", "open", START, times=2) == soon
    assert told("reopened", "over", START, times=2) == late
    assert told("reopened", "no", START, times=2) == soon


def test_when_it_is_over():
    assert incidents.is_over(START, 1, START)
    assert not incidents.is_over(None, 1, START)
    assert not incidents.is_over(START, 2, START + FLAPPING - SECOND)
    assert incidents.is_over(START, 2, START + FLAPPING)


def test_flapping_twenty_times_in_a_minute_is_told_once():
    printer, notices, told, due = Printer(), [], "no", None
    for number in range(40):
        causes = set() if number % 2 else {"paper_out"}
        changes = printer.says(causes, 1.5)
        event = "opened" if changes.opened else "reopened" if changes.reopened else "closed"
        due = incidents.when_to_tell(event, told, printer.now, number // 2 + 1, due=due)
        closed_at = printer.kept[1].closed_at
        if due <= printer.now:
            due = None
            if closed_at is None and told == "no":
                told = "open"
                notices.append(told)
            assert not incidents.is_over(closed_at, number // 2 + 1, printer.now) or number < 2
    assert (len(printer.kept), notices) == (1, ["open"])


def flap(seconds: int, every: int) -> list[int]:
    """What comes each `every` seconds, after people have heard that it is over.

    :return: the seconds after which it is looked what they are to be told, while it goes on so
    """
    due, looked_at = None, []
    for second in range(seconds):
        now = START + second * SECOND
        if second % every in (0, every // 2):
            event = "closed" if second % every else "reopened"
            due = incidents.when_to_tell(event, "over", now, 2 + second // every, START - SECOND, due)
        if due and due <= now:
            due = None
            looked_at.append(second)
    return looked_at


def test_who_has_heard_that_it_is_over_hears_of_flapping_when_it_stays_or_goes_on_for_long():
    # Here a printer came again after the notice of its end, which a busy machine gives in the first pause.
    assert flap(60, every=3) == []
    assert flap(400, every=3)[0] == incidents.TELL_OF_FLAPPING.seconds - 1
    at = incidents.when_to_tell("reopened", "over", START, 2, START - SECOND)
    assert at == START + FLAPPING
    # Labels that have failed by it meanwhile do not wait for that.
    failed = incidents.when_to_tell("stopped", "over", START, 2, START - SECOND, at)
    assert failed == START + incidents.GATHER
    assert incidents.when_to_tell("reopened", "over", START + SECOND, 3, START - SECOND, failed) == failed


def test_how_long_an_incident_has_lasted():
    assert incidents.duration(START, None, START + 5 * SECOND) == 5 * SECOND
    assert incidents.duration(START, START + 3 * SECOND, START + 5 * SECOND) == 3 * SECOND
    assert incidents.duration(START, START - SECOND, START) == timedelta(0)


def test_incidents_by_their_printer():
    rows = [
        {"id": number, "cause": "jam", "opened_at": START, "closed_at": closed, "printer_id": printer}
        for number, closed, printer in ((1, None, 7), (2, START + SECOND, 7), (3, None, 8))
    ]
    assert incidents.by_printer(rows) == {
        7: [Known(1, "jam", START), Known(2, "jam", START, START + SECOND)],
        8: [Known(3, "jam", START)],
    }
    assert incidents.by_printer([]) == {}


def test_people_who_know_are_told_again_after_a_while():
    told = START + SECOND
    soon, later = START + incidents.GATHER, told + incidents.TELL_AGAIN
    assert incidents.when_to_tell("stopped", "open", START, last_told=told) == later
    assert incidents.when_to_tell("stopped", "no", START, last_told=told) == soon
    assert incidents.when_to_tell("stopped", "open", START) == soon
    assert incidents.when_to_tell("closed", "open", START) == soon
    assert incidents.when_to_tell("closed", "open", START, times=2) == START + FLAPPING
