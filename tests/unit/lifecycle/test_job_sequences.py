"""Any sequence of reports and of people's actions keeps the rules of a job's life."""

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from services.contract.payloads import PayloadError, parse_job_report
from services.lifecycle.job_lifecycle import (
    RANK,
    STATUSES,
    TERMINAL,
    JobState,
    can_cancel,
    can_retry,
    check_move,
    merge,
    next_labels,
)

ODD_NUMBERS = st.one_of(
    st.integers(-3, 30), st.none(), st.booleans(), st.floats(), st.integers(10**18, 10**25), st.text(max_size=3)
)
WORDS = st.one_of(st.sampled_from([word for word, _label in STATUSES[1:]]), st.text(max_size=8))
REPORTS = st.fixed_dictionaries(
    {"status": WORDS},
    optional={
        "current_label": ODD_NUMBERS, "progress_percent": ODD_NUMBERS, "confirmed": st.booleans(),
        "progress": st.fixed_dictionaries({"total": ODD_NUMBERS, "completed": ODD_NUMBERS, "failed": ODD_NUMBERS}),
        "failed_labels": st.lists(st.fixed_dictionaries({"index": ODD_NUMBERS, "code": st.text(max_size=5)}), max_size=3),
        "error_message": st.one_of(st.none(), st.text(max_size=9)),
    },
)  # fmt: skip


class JobLife(RuleBasedStateMachine):
    """One job of twelve labels; late reports of earlier attempts never reach it, because their ids differ."""

    def __init__(self):
        super().__init__()
        self.state = JobState("sent", 12, 12)
        self.failed = ()
        self.outcomes = []  # of the newest attempt

    def receive(self, data):
        try:
            report = parse_job_report({"job_id": "x", **data})
        except PayloadError:
            return
        before = self.state
        result = merge(before, report)
        self.state = replace(before, **result.changes)
        if self.state.status != before.status:
            assert check_move(before.status, self.state.status)
        assert self.state.current_label >= before.current_label
        assert self.state.progress_percent >= before.progress_percent
        if result.outcome:
            assert self.state.status == result.outcome
            self.outcomes.append(result.outcome)
        if result.failed_labels:
            self.failed = tuple(label.index for label in result.failed_labels)
        again = merge(self.state, report)
        assert not again.changes
        assert not again.outcome

    @rule(data=REPORTS)
    def report(self, data):
        self.receive(data)

    @rule(data=st.lists(REPORTS, min_size=2, max_size=4))
    def reports_out_of_order(self, data):
        for entry in sorted(data, key=str):
            self.receive(entry)

    @precondition(lambda self: can_cancel(self.state.status))
    @rule()
    def cancel(self):
        assert check_move(self.state.status, "cancelled")
        self.state = replace(self.state, status="cancelled")
        self.outcomes.append("cancelled")

    @precondition(lambda self: can_retry(self.state.status))
    @rule(last=st.one_of(st.none(), st.integers(0, 12)))
    def retry(self, last):
        assert check_move(self.state.status, "pending")
        labels = next_labels(self.state, self.failed, last)
        assert set(labels) <= set(range(1, self.state.attempt_quantity + 1))
        if not labels:
            return
        base = self.state.quantity - len(labels)
        self.state = JobState("sent", 12, len(labels), base, base, 100 * base / 12)
        self.failed, self.outcomes = (), []

    @invariant()
    def bounded(self):
        assert self.state.status in RANK
        assert 0 <= self.state.current_label <= self.state.quantity
        assert 0 <= self.state.progress_percent <= 100
        assert 0 <= self.state.failed_count <= self.state.quantity

    @invariant()
    def one_outcome_for_each_attempt(self):
        assert len(self.outcomes) == (self.state.status in TERMINAL)


TestJobLife = JobLife.TestCase
TestJobLife.settings = settings(max_examples=60, stateful_step_count=15, deadline=None)
