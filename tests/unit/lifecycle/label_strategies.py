"""What the tests of accounts have in common: labels, accounts and reports of all kinds, sound and unsound."""

from datetime import datetime, timedelta

from hypothesis import strategies as st
from services.contract.reports import Counts, FailedLabel, JobReport, LabelReport
from services.contract.status_words import LABEL_STATES
from services.lifecycle.label_account import STATES, Label, LabelAccount
from services.lifecycle.server_clock import ServerClock

SENT = datetime(2026, 3, 4, 9, 15)
NOW = SENT + timedelta(hours=1)
CLOCK = ServerClock(0.0, SENT, SENT)
ENDS = ("completed", "completed_with_errors", "failed", "cancelled")
CODES = st.sampled_from(["", "paper_out", "uncertain", "label_failed", "odd one", "*,w3"])
TIMES = st.integers(0, 3_599_000).map(lambda ms: SENT + timedelta(milliseconds=ms))
ODD_TIMES = st.sampled_from([SENT - timedelta(days=1), NOW + timedelta(days=1), datetime.min, datetime.max])
OPEN = ("waiting", "sent")
PRINTED = ("reported", "spooled", "confirmed", "checked", "void")


def labels(states=STATES):
    """Labels with and without code, time and tries; from a list, so that thousands of them are quickly drawn."""
    return st.sampled_from(
        [
            Label(state, code, at, tries, inferred)
            for state in states
            for code in ("", "paper_out", "label_failed")
            for at in (None, SENT, SENT + timedelta(milliseconds=2_718))
            for tries in (0, 3)
            for inferred in (False, True)
            if not inferred or state not in OPEN
        ]
    )


def accounts(size, states=STATES):
    return st.lists(labels(states), min_size=size, max_size=size).map(lambda some: LabelAccount(tuple(some)))


def report(status, **fields):
    """A report of the job "a"."""
    return JobReport("a", status, fields.pop("word", status or ""), **fields)


def run(index, count, state, **fields):
    return LabelReport(index, count, state, **fields)


def named(*indexes, code="paper_out"):
    return tuple(FailedLabel(index, code, "") for index in indexes)


def reports(size):
    """Reports about an attempt of `size` labels, as servers of every generation and in every condition make them."""
    places = st.integers(0, size + 3)
    runs = st.builds(
        LabelReport,
        index=places,
        count=st.integers(0, size + 3),
        state=st.sampled_from([*LABEL_STATES, "checked", "void", "teleported", ""]),
        code=CODES,
        at=st.none() | TIMES | ODD_TIMES,
        tries=st.integers(0, 3),
    )
    return st.builds(
        JobReport,
        server_job_id=st.just("a"),
        status=st.sampled_from([None, "sent", "queued", "printing", *ENDS]),
        word=st.just(""),
        current_label=st.none() | places,
        total=st.none() | places,
        failed_count=places,
        progress_percent=st.none() | st.floats(0, 100),
        error_code=CODES,
        confirmed=st.booleans(),
        failed_labels=st.lists(places, max_size=3, unique=True).flatmap(
            lambda indexes: st.tuples(*(st.builds(FailedLabel, st.just(index), CODES, st.just("")) for index in indexes))
        ),
        counts=st.none() | st.builds(Counts, places, places, places, places),
        labels=st.none() | st.lists(runs, max_size=5).map(tuple),
        label_problems=st.integers(0, 2),
        created_at=st.none() | TIMES | ODD_TIMES,
    )
