"""A server's account of its labels: what is sound is kept, what is not is counted."""

from datetime import datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from services.contract.label_reports import MAX_LABEL_ENTRIES, parse_counts, parse_labels
from services.contract.payloads import Counts, LabelReport, PayloadError, parse_job_report, parse_label_account
from services.contract.status_words import LABEL_STATES

STATES = st.sampled_from([*LABEL_STATES, "Taken-Back", "checked", "void", "shredded", "", None, 5])
NUMBERS = st.one_of(
    st.integers(-3, 520), st.sampled_from([None, True, "7", "x", 1.5, 2.0, float("nan"), 10**40, [], {}])
)
RUNS = st.fixed_dictionaries(
    {"index": NUMBERS, "state": STATES},
    optional={
        "count": NUMBERS, "tries": NUMBERS, "code": st.one_of(st.text(max_size=80), st.integers(), st.none()),
        "at": st.one_of(st.text(max_size=30), st.floats(), st.just("2026-03-04T09:15:30.125Z")), "x": st.none(),
    },
)  # fmt: skip


@given(st.lists(st.one_of(RUNS, st.none(), st.text(max_size=3), st.integers()), max_size=30))
@example([{"index": 5, "count": 500, "state": "sent"}, {"index": 1, "count": 500, "state": "failed"}])
def test_no_label_is_named_twice_and_each_bad_entry_is_counted_once(entries):
    runs, problems = parse_labels(entries)
    named = [label for run in runs for label in range(run.index, run.index + run.count)]
    assert named == sorted(set(named))
    assert all(1 <= label <= 500 for label in named)
    assert all(run.count >= 1 and run.state in LABEL_STATES and 0 <= run.tries <= 1000 for run in runs)
    assert 0 <= problems <= len(entries)
    assert len(runs) >= bool(len(entries) - problems), "an entry without a problem is kept"
    again = [{"index": run.index, "count": run.count, "state": run.state, "code": run.code, "tries": run.tries,
              "at": run.at and run.at.isoformat()} for run in runs]  # fmt: skip
    assert parse_labels(again) == (runs, 0), "what is kept is sound"


@given(st.lists(st.tuples(st.integers(1, 500), st.sampled_from(LABEL_STATES)), max_size=40))
def test_the_first_entry_for_a_label_is_kept(entries):
    runs, problems = parse_labels([{"index": index, "state": state} for index, state in entries])
    first = dict(reversed(entries))
    assert {run.index: run.state for run in runs} == first
    assert problems == len(entries) - len(first)


def test_a_run_as_the_contract_writes_it():
    runs, problems = parse_labels([
        {"index": 1, "count": 8, "state": "confirmed", "at": "2026-03-04T09:15:30.125Z", "tries": 1},
        {"index": 9, "state": "Taken back"},
        {"index": "10", "count": 2, "state": "failed", "code": "MEDIA-OUT", "tries": "3", "at": "soon"},
    ])  # fmt: skip
    assert problems == 0
    assert runs == (
        LabelReport(1, 8, "confirmed", "", datetime(2026, 3, 4, 9, 15, 30, 125000), 1),
        LabelReport(9, 1, "taken_back"),
        LabelReport(10, 2, "failed", "paper_out", None, 3),
    )


@pytest.mark.parametrize(
    "entry",
    [None, "x", 5, [], {}, {"index": 3}, {"state": "sent"}, {"index": 3, "state": "checked"}, {"index": 3, "state": "void"},
     {"index": 3, "state": ["sent"]}, {"index": 0, "state": "sent"}, {"index": -1, "state": "sent"},
     {"index": 501, "state": "sent"}, {"index": 1.5, "state": "sent"}, {"index": True, "state": "sent"},
     {"index": 3, "count": 0, "state": "sent"}, {"index": 3, "count": -1, "state": "sent"},
     {"index": 3, "count": 1.5, "state": "sent"}, {"index": 3, "count": "many", "state": "sent"},
     {"index": 3, "count": True, "state": "sent"}, {"index": 3, "count": float("inf"), "state": "sent"}],
)  # fmt: skip
def test_a_bad_entry_is_left_out_and_its_neighbours_stay(entry):
    neighbours = [{"index": 2, "state": "spooled"}, entry, {"index": 4, "state": "failed"}]
    runs, problems = parse_labels(neighbours)
    assert [(run.index, run.state) for run in runs] == [(2, "spooled"), (4, "failed")]
    assert problems == 1


def test_a_run_that_is_right_in_part_is_kept_in_part():
    runs, problems = parse_labels([
        {"index": 5, "state": "failed"}, {"index": 1, "count": 10, "state": "confirmed"},
        {"index": 490, "count": 999_999, "state": "sent"},
    ])  # fmt: skip
    assert [(run.index, run.count, run.state) for run in runs] == [
        (1, 4, "confirmed"),
        (5, 1, "failed"),
        (6, 5, "confirmed"),
        (490, 11, "sent"),
    ]
    assert problems == 2


def test_ten_thousand_entries_are_the_limit():
    entries = [{"index": 1, "state": "sent"}] * (MAX_LABEL_ENTRIES - 1)
    late = [{"index": 2, "state": "sent"}, {"index": 3, "state": "sent"}]
    runs, problems = parse_labels(entries + late)
    assert [run.index for run in runs] == [1, 2]
    assert problems == MAX_LABEL_ENTRIES - 2 + 1


def test_nothing_said_is_not_no_labels():
    assert parse_labels(None) == (None, 0)
    assert parse_labels([]) == ((), 0)
    assert parse_labels({"1": "sent"}) == (None, 1)
    report = parse_job_report({"job_id": "a", "status": "printing"})
    assert (report.labels, report.label_problems, report.counts) == (None, 0, None)


def test_a_report_carries_its_labels_counts_and_times():
    report = parse_job_report({
        "job_id": "a", "status": "completed", "quantity": 20, "progress": {"total": 20, "completed": 18, "failed": 2},
        "counts": {"printed": 18, "confirmed": 17, "failed": 1, "uncertain": 1},
        "labels": [{"index": 1, "count": 18, "state": "confirmed"}, {"index": 600, "state": "sent"}],
        "created_at": "2026-03-04T09:15:20Z", "started_at": "Wed, 04 Mar 2026 09:15:21 GMT", "completed_at": 1772615730,
    })  # fmt: skip
    assert report.counts == Counts(18, 17, 1, 1)
    assert (report.status, report.failed_count) == ("completed_with_errors", 2)
    assert [run.count for run in report.labels] == [18]
    assert report.label_problems == 1
    assert (report.created_at, report.started_at, report.completed_at) == (
        datetime(2026, 3, 4, 9, 15, 20),
        datetime(2026, 3, 4, 9, 15, 21),
        datetime(2026, 3, 4, 9, 15, 30),
    )


@pytest.mark.parametrize(
    ("value", "total", "counts"),
    [
        ({"printed": 5, "confirmed": 4, "failed": 1, "uncertain": 2}, 8, Counts(5, 4, 1, 2)),
        ({"printed": "5"}, None, Counts(5, 0, 0, 0)),
        ({"printed": 5, "confirmed": 9, "failed": -3, "uncertain": None}, 5, Counts(5, 5, 0, 0)),
        ({"printed": 5, "failed": 3, "uncertain": 1}, 8, None),
        ({"printed": 9}, 8, None), ({"printed": 501}, None, None), ({"printed": 1}, 0, None),
        ({"failed": 1}, 8, None), ({"printed": True}, 8, None), ({"printed": float("nan")}, 8, None),
        ({}, 8, None), (None, 8, None), ([5], 8, None), ("5", 8, None),
    ],
)  # fmt: skip
def test_counts(value, total, counts):
    assert parse_counts(value, total) == counts


@given(
    st.fixed_dictionaries({}, optional=dict.fromkeys(("printed", "confirmed", "failed", "uncertain"), NUMBERS)),
    st.one_of(st.none(), st.integers(0, 500)),
)
def test_counts_never_contradict_each_other(value, total):
    counts = parse_counts(value, total)
    if counts:
        assert 0 <= counts.confirmed <= counts.printed
        assert min(counts.failed, counts.uncertain) >= 0
        assert counts.printed + counts.failed + counts.uncertain <= (500 if total is None else total)


def test_an_account_by_itself_says_nothing_about_the_status():
    report = parse_label_account({"job_id": "a", "labels": [{"index": 1, "state": "sent"}, None]}, "a")
    assert (report.server_job_id, report.status, report.word) == ("a", None, "")
    assert report.labels == (LabelReport(1, 1, "sent"),)
    assert report.label_problems == 1
    assert parse_label_account({"labels": []}, "a").labels == ()


@pytest.mark.parametrize("data", [None, [], {}, {"labels": None}, {"labels": {}}, {"job_id": "b", "labels": []}])
def test_an_account_of_the_wrong_shape_is_refused(data):
    with pytest.raises(PayloadError):
        parse_label_account(data, "a")
