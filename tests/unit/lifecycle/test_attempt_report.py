"""What a report says of each label: of servers of every generation, honest ones and those that contradict themselves."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from label_strategies import CLOCK, ENDS, NOW, OPEN, PRINTED, SENT, named, report, reports, run
from services.contract.payloads import parse_job_report
from services.contract.reports import Counts, FailedLabel
from services.lifecycle.attempt_report import failed_count, printed_count, read_report
from services.lifecycle.label_account import SERVER_STATES, Label, LabelAccount
from services.lifecycle.server_clock import ServerClock


def read(size, said, clock=CLOCK):
    return read_report(size, said, clock, SENT, NOW)


def states(size, said):
    return [label.state for label in read(size, said).account]


@given(st.integers(0, 12).flatmap(lambda size: st.tuples(st.just(size), reports(size))))
def test_whatever_a_report_says_each_label_has_one_possible_state(pair):
    size, said = pair
    heard = read(size, said)
    assert len(heard.account) == size
    assert heard.problems >= said.label_problems
    for label in heard.account:
        assert label.state in SERVER_STATES, "what only a person can see is not a server's to say"
        assert label.at is None or SENT <= label.at <= NOW
    if said.status in ENDS:
        assert not heard.account.count(OPEN), "at the end every label has a fate"
    assert heard.account.merge(heard.account) == heard.account == read(size, said).account
    assert 0 <= printed_count(size, said) <= size


@given(st.integers(1, 12).flatmap(lambda size: st.tuples(st.just(size), reports(size))))
def test_a_server_that_names_no_label_never_makes_a_failed_attempt_complete(pair):
    size, said = pair
    said = replace(said, status="failed", labels=None)
    assert read(size, said).account.count(PRINTED) < size
    assert read(size, replace(said, status="completed_with_errors")).account.count(PRINTED) < size


@given(st.integers(1, 12).flatmap(lambda size: st.tuples(st.just(size), reports(size))))
def test_a_label_that_is_named_as_failed_never_counts_as_printed(pair):
    size, said = pair
    account = read(size, replace(said, labels=None)).account
    for label in said.failed_labels:
        if 1 <= label.index <= size:
            assert account.labels[label.index - 1].state in ("failed", "uncertain")


# --- The first generation only counts ---


def test_first_generation_counts_from_the_front():
    assert states(5, report("printing", current_label=2)) == ["reported", "reported", "waiting", "waiting", "waiting"]
    assert states(4, report("printing", progress_percent=50.0)) == ["reported", "reported", "waiting", "waiting"]
    assert states(3, report("completed")) == ["reported"] * 3
    assert states(3, report("queued")) == states(3, report(None, word="strange")) == ["waiting"] * 3


def test_first_generation_failed_what_follows_is_in_doubt():
    heard = read(5, report("failed", current_label=2, error_code="paper_out"))
    assert [label.state for label in heard.account] == ["reported"] * 2 + ["uncertain"] * 3
    assert not heard.account.exact
    nested = parse_job_report(
        {"job_id": "a", "status": "failed", "progress": {"total": 20, "completed": 8, "failed": 12}}
    )
    assert states(20, nested) == ["reported"] * 8 + ["uncertain"] * 12
    assert states(4, report("failed")) == ["uncertain"] * 4


@pytest.mark.parametrize("said", [{"current_label": 10}, {"progress_percent": 100.0}, {"counts": Counts(10, 0, 0, 0)}])
def test_a_server_that_counts_every_label_and_says_failed_leaves_the_last_one_in_doubt(said):
    assert states(10, report("failed", **said)) == ["reported"] * 9 + ["uncertain"]
    assert states(10, report("completed_with_errors", **said)) == ["reported"] * 9 + ["uncertain"]


def test_an_attempt_of_one_label_and_of_none():
    assert states(1, report("failed", current_label=1)) == ["uncertain"]
    assert states(1, report("completed_with_errors")) == ["uncertain"]
    assert states(1, report("completed")) == ["reported"]
    for status in (*ENDS, "printing", None):
        assert states(0, report(status, current_label=3)) == []


def test_completed_with_errors_of_which_nobody_says_where_is_not_complete():
    assert states(4, report("completed_with_errors")) == ["uncertain"] * 4
    assert states(4, report("completed_with_errors", current_label=4)) == ["reported"] * 3 + ["uncertain"]
    assert states(4, report("completed_with_errors", failed_count=2)) == ["reported"] * 2 + ["uncertain"] * 2
    assert states(4, report("completed", failed_count=1)) == ["reported"] * 3 + ["uncertain"]


def test_first_generation_cancelled():
    account = read(5, report("cancelled", current_label=2)).account
    assert [label.state for label in account] == ["reported"] * 2 + ["taken_back"] * 3
    assert not account.exact
    assert states(5, report("cancelled", current_label=0)) == ["taken_back"] * 5
    assert states(5, report("cancelled", current_label=2, failed_count=1)) == [
        "reported", "reported", "uncertain", "taken_back", "taken_back",
    ]  # fmt: skip


def test_cancelled_without_a_word_about_how_far_it_came_leaves_all_in_doubt():
    """Not "0 printed": the labels may be on paper, and a retry would print them twice."""
    assert states(3, report("cancelled")) == ["uncertain"] * 3


def test_completed_that_its_own_counts_contradict_is_in_doubt():
    assert states(4, report("completed", counts=Counts(2, 2, 0, 0))) == ["confirmed"] * 2 + ["uncertain"] * 2
    assert states(4, report("completed", counts=Counts(3, 0, 1, 0))) == ["reported"] * 3 + ["uncertain"]


# --- Servers that name what failed ---


def test_all_but_the_failed_ones_are_on_paper():
    heard = read(5, report("completed", failed_labels=named(3), failed_count=1))
    assert [label.state for label in heard.account] == ["reported", "reported", "failed", "reported", "reported"]
    assert heard.account.labels[2].code == "paper_out"
    assert heard.account.exact


def test_the_example_of_the_contract_out_of_labels():
    said = report("failed", current_label=8, failed_count=12, failed_labels=named(*range(9, 21)), error_code="paper_out")
    heard = read(20, said)
    assert [label.state for label in heard.account] == ["reported"] * 8 + ["failed"] * 12
    assert heard.account.exact


def test_what_a_failed_job_never_reached_was_not_printed():
    account = read(5, report("failed", current_label=2, failed_labels=named(3), error_code="head_open")).account
    assert [(label.state, label.code) for label in account] == [
        ("reported", ""), ("reported", ""), ("failed", "paper_out"), ("failed", "head_open"), ("failed", "head_open"),
    ]  # fmt: skip
    assert account.exact


def test_the_place_of_the_newest_label_is_not_taken_for_the_number_of_labels():
    """Label 6 once counted as printed, because 5 had been reached and one of them had failed."""
    assert states(8, report("failed", current_label=5, failed_labels=named(5))) == [
        *["reported"] * 4, "failed", "uncertain", "failed", "failed",
    ]  # fmt: skip
    assert printed_count(8, report("printing", current_label=5, failed_labels=named(2, 4))) == 3
    assert states(8, report("cancelled", current_label=5, failed_labels=named(2, 4))) == [
        "reported", "failed", "reported", "failed", "reported", "uncertain", "uncertain", "taken_back",
    ]  # fmt: skip


def test_failures_that_are_counted_and_not_named_leave_the_rest_in_doubt():
    assert states(6, report("failed", current_label=3, failed_count=2, failed_labels=named(2))) == [
        "reported", "failed", "reported", "uncertain", "uncertain", "uncertain",
    ]  # fmt: skip


def test_an_uncertain_label_is_named_as_such():
    """The middle of a job: the line was cut at label 9 of 20."""
    said = report("completed", failed_count=1, failed_labels=named(9, code="uncertain"))
    assert states(20, said) == ["reported"] * 8 + ["uncertain"] + ["reported"] * 11


@pytest.mark.parametrize(
    ("said", "proof"),
    [
        ({"confirmed": True}, "confirmed"),
        ({"counts": Counts(3, 3, 0, 0)}, "confirmed"),
        ({"counts": Counts(3, 2, 0, 0), "confirmed": True}, "reported"),
        ({}, "reported"),
    ],
)
def test_confirmed_by_the_printer(said, proof):
    assert states(3, report("completed", **said)) == [proof] * 3


def test_a_confirmation_is_believed_of_what_is_complete_only():
    assert states(3, report("failed", current_label=2, confirmed=True)) == ["reported", "reported", "uncertain"]
    assert states(2, report("completed", failed_labels=named(1), confirmed=True)) == ["failed", "reported"]


def test_failures_are_counted_however_they_are_told():
    assert failed_count(report("completed", failed_count=2)) == 2
    assert failed_count(report("completed", failed_labels=named(1, 2, 3))) == 3
    assert failed_count(report("completed", counts=Counts(1, 0, 2, 3))) == 5


# --- Servers with an account ---


def test_each_label_as_the_server_names_it():
    at = SENT + timedelta(seconds=3)
    said = report("printing", labels=(
        run(1, 2, "confirmed", at=at, tries=1), run(3, 1, "failed", code="paper_out", tries=3), run(4, 1, "sent"),
    ))  # fmt: skip
    heard = read(5, said)
    assert heard.account.labels == (
        Label("confirmed", "", at, 1), Label("confirmed", "", at, 1), Label("failed", "paper_out", None, 3),
        Label("sent"), Label("waiting"),
    )  # fmt: skip
    assert heard.problems == 0


def test_labels_that_an_ended_account_does_not_explain_are_in_doubt():
    """One entry was unusable, say of a state that is invented later: the label may well be on paper."""
    for status in ENDS:
        said = report(status, labels=(run(1, 2, "confirmed"), run(3, 1, "scanned")))
        heard = read(4, said)
        assert [label.state for label in heard.account] == ["confirmed"] * 2 + ["uncertain"] * 2
        assert heard.problems == 1


def test_labels_that_it_says_wait_at_the_end():
    labels = (run(1, 1, "sent"), run(2, 1, "waiting"))
    assert states(2, report("failed", labels=labels)) == ["uncertain", "failed"]
    assert states(2, report("cancelled", labels=labels)) == ["uncertain", "taken_back"]
    assert states(2, report("completed", labels=labels)) == ["uncertain", "uncertain"]


def test_an_account_in_which_nothing_is_usable_says_no_more_than_its_counts():
    for labels in ((), None):
        heard = read(3, report("completed", labels=labels, label_problems=2))
        assert [label.state for label in heard.account] == ["reported"] * 3
        assert heard.problems == 2


@pytest.mark.parametrize(
    ("labels", "expected", "problems"),
    [
        ([run(1, 2, "confirmed"), run(2, 1, "failed")], ["confirmed", "confirmed", "waiting"], 1),
        ([run(1, 1, "spooled"), run(1, 1, "spooled")], ["spooled", "waiting", "waiting"], 1),
        ([run(2, 9, "spooled")], ["waiting", "spooled", "spooled"], 1),
        ([run(7, 1, "spooled"), run(-4, 6, "failed")], ["failed", "waiting", "waiting"], 2),
        ([run(1, 10**15, "reported")], ["reported"] * 3, 1),
        ([run(1, 3, "checked"), run(1, 1, "void"), run(2, 1, "teleported")], ["waiting"] * 3, 3),
        ([run(1, 0, "spooled"), run(2, -3, "spooled")], ["waiting"] * 3, 2),
        ([run(1, 1, "failed", code="uncertain")], ["uncertain", "waiting", "waiting"], 0),
    ],
)
def test_what_is_sound_is_kept_and_the_rest_counted(labels, expected, problems):
    heard = read(3, report("printing", labels=tuple(labels)))
    assert [label.state for label in heard.account] == expected
    assert heard.problems == problems


@pytest.mark.parametrize("at", [SENT - timedelta(minutes=5), NOW + timedelta(minutes=5)])
def test_a_label_is_believed_where_its_time_is_not(at):
    heard = read(2, report("completed", labels=(run(1, 2, "confirmed", at=at),)))
    assert heard.account == LabelAccount.of(2, Label("confirmed"))
    assert heard.problems == 1


def test_times_of_labels_are_corrected():
    clock = ServerClock(-120.0, SENT, SENT + timedelta(hours=2, seconds=-120))
    said = SENT + timedelta(hours=2, seconds=-110)
    heard = read(1, report("completed", labels=(run(1, 1, "confirmed", at=said),)), clock)
    assert heard.account.labels[0].at == SENT + timedelta(seconds=10)


def test_ten_thousand_entries_of_a_server_that_has_gone_mad():
    entries = [{"index": number % 37 - 3, "state": ("confirmed", "gone", "failed")[number % 3]} for number in range(12_000)]
    said = parse_job_report({"job_id": "a", "status": "completed", "labels": entries})
    heard = read(20, said)
    assert {label.state for label in heard.account} <= {"confirmed", "failed"}
    assert 11_900 < heard.problems < 12_000


def test_an_account_may_be_of_some_labels_of_the_job_only():
    """A retry of three labels: the server counts in the attempt's own list."""
    assert states(3, report("completed", total=3, labels=(run(1, 3, "spooled"),))) == ["spooled"] * 3


# --- A server that says the truth, in any of these ways, in any order ---


@dataclass(frozen=True)
class Snapshot:
    """What a server knows at one moment: the fates of the labels that it has done, and whether it has ended."""

    size: int
    fates: tuple
    end: str = ""

    def labels(self):
        rest = {"cancelled": "taken_back", "failed": "failed", "": "waiting"}.get(self.end, "uncertain")
        return [*self.fates, *[rest] * (self.size - len(self.fates))]

    def status(self):
        if self.end:
            return self.end
        return "printing" if self.fates else "queued"

    def exact(self):
        code = {"failed": "paper_out", "uncertain": "uncertain"}
        labels = tuple(run(place, 1, state, code=code.get(state, "")) for place, state in enumerate(self.labels(), 1))
        return report(self.status(), labels=labels)

    def naming(self, counted=False):
        """As servers without accounts: the place of the newest printed label, and the labels that failed."""
        states = self.labels()
        failed = tuple(
            FailedLabel(place, "uncertain" if state == "uncertain" else "paper_out", "")
            for place, state in enumerate(states, 1)
            if state in ("failed", "uncertain")
        )
        printed = [place for place, state in enumerate(states, 1) if state == "confirmed"]
        counts = Counts(len(printed), len(printed), states.count("failed"), states.count("uncertain"))
        return report(
            self.status(), current_label=max(printed, default=0), failed_labels=failed, failed_count=len(failed),
            counts=counts if counted else None,
        )  # fmt: skip


@st.composite
def runs_of_a_server(draw):
    """The true states at the end, and reports about them: some of earlier moments, and the last one."""
    size = draw(st.integers(1, 8))
    end = draw(st.sampled_from(["ran", "failed", "cancelled"]))
    done = size if end == "ran" else draw(st.integers(0, size - 1))
    fates = tuple(draw(st.lists(st.sampled_from(["confirmed", "confirmed", "failed", "uncertain"]),
                                min_size=done, max_size=done)))  # fmt: skip
    if end == "ran":
        end = "completed" if set(fates) == {"confirmed"} else "completed_with_errors"
    earlier = [Snapshot(size, fates[:count]) for count in draw(st.lists(st.integers(0, done), max_size=4))]
    last = Snapshot(size, fates, end)
    ways = st.sampled_from([Snapshot.exact, Snapshot.naming, lambda moment: moment.naming(counted=True)])
    return last, [draw(ways)(moment) for moment in earlier]


def heard_in(order, size):
    account = LabelAccount.of(size)
    for said in order:
        account = account.merge(read(size, said).account)
    return account


@given(runs_of_a_server(), st.data())
def test_a_truthful_account_settles_everything_whatever_came_before_and_comes_after(run_of_server, data):
    last, earlier = run_of_server
    order = data.draw(st.permutations([*earlier, last.exact(), last.exact(), last.naming()]))
    account = heard_in(order, last.size)
    assert [label.state for label in account] == [{"reported": "confirmed"}.get(s, s) for s in last.labels()]
    assert account.exact


@given(runs_of_a_server(), st.booleans(), st.data())
def test_without_an_account_nothing_that_is_missing_counts_as_printed_and_the_other_way_round(run_of_server, counted, data):
    last, earlier = run_of_server
    order = data.draw(st.permutations([*earlier, last.naming(counted)]))
    for truth, label in zip(last.labels(), heard_in(order, last.size), strict=True):
        if truth == "confirmed":
            assert label.state in (*PRINTED, "uncertain"), "a retry would print it twice"
        else:
            assert label.state not in PRINTED, "it would never be printed"


@pytest.mark.parametrize(("status", "inferred"), [("printing", [True, False, False]), ("cancelled", [True] * 3)])
def test_what_only_counts_say_is_inferred(status, inferred):
    account = read(3, report(status, current_label=1)).account
    assert [label.inferred for label in account] == inferred
    assert account.labels[0].state == "reported"


def test_a_named_label_in_doubt_has_the_code_of_a_doubt():
    account = read(2, report("failed", current_label=1, failed_labels=named(2, code="uncertain"))).account
    assert account.labels[1].code == "uncertain"
