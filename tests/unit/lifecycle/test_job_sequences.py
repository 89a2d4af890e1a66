"""Any sequence of reports, retries, cancels and of what people see keeps the rules of a job's life and its account."""

import json
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from label_strategies import CLOCK, ENDS, NOW, OPEN, PRINTED, SENT, reports
from services.lifecycle.attempt_report import read_report
from services.lifecycle.job_account import MARKS, AttemptAccount, Mark, job_account
from services.lifecycle.job_lifecycle import (
    TERMINAL,
    JobState,
    can_cancel,
    can_print_missing,
    check_move,
    merge,
)
from services.lifecycle.label_account import RANK, LabelAccount
from test_job_account import expected_status

QUANTITY = 5


class JobLife(RuleBasedStateMachine):
    """One job of five labels, as the engine leads it, with reports about any of its attempts at any time."""

    @initialize()
    def submit(self):
        self.state = JobState("sent", QUANTITY, QUANTITY)
        self.attempts = [AttemptAccount(1, list(range(1, QUANTITY + 1)), LabelAccount.of(QUANTITY))]
        self.marks = []
        self.settled = {}  # what was said of a label itself, by attempt and place: the strongest so far

    @property
    def account(self):
        return job_account(QUANTITY, self.attempts, self.marks)

    @property
    def newest(self):
        return self.attempts[-1]

    def hear(self, number, account):
        attempt = self.attempts[number - 1]
        merged = attempt.account.merge(account)
        assert merged.merge(account) == merged, "the same report twice changes nothing"
        self.attempts[number - 1] = replace(attempt, account=merged)

    def end(self, outcome):
        """The newest attempt ends; the status follows from the account."""
        self.attempts[-1] = replace(self.newest, account=self.newest.account.close(outcome, "head_open"), outcome=outcome)
        self.follow()

    def follow(self):
        """The job follows its account once its newest attempt has ended."""
        if not self.newest.outcome:
            return
        status = self.account.status
        if status != self.state.status:
            assert check_move(self.state.status, status), (self.state.status, status)
        self.state = replace(self.state, status=status, current_label=self.account.printed)

    @rule(data=st.data())
    def report(self, data):
        size = len(self.newest.indexes)
        said = data.draw(reports(size))
        result = merge(self.state, said)
        assert not {"status"} & result.changes.keys() or check_move(self.state.status, result.changes["status"])
        self.hear(self.newest.number, read_report(size, said, CLOCK, SENT, NOW).account)
        if self.newest.outcome:
            assert result.outcome is None, "an attempt ends once"
            self.follow()
            return
        before = self.state
        self.state = replace(before, **result.changes)
        assert self.state.current_label >= before.current_label
        if result.outcome:
            self.end(result.outcome)

    @rule(data=st.data())
    def late_report_about_any_attempt(self, data):
        attempt = data.draw(st.sampled_from(self.attempts))
        said = data.draw(reports(len(attempt.indexes)))
        if attempt.outcome:
            self.hear(attempt.number, read_report(len(attempt.indexes), said, CLOCK, SENT, NOW).account)
            self.follow()

    @precondition(lambda self: can_cancel(self.state.status))
    @rule()
    def cancel(self):
        self.end("cancelled")

    @precondition(lambda self: not self.newest.outcome)
    @rule(outcome=st.sampled_from(["failed", "cancelled"]))
    def give_up(self, outcome):
        self.attempts[-1] = replace(self.newest, account=self.newest.account.give_up(), outcome=outcome)
        self.follow()

    @precondition(lambda self: self.newest.outcome)
    @rule(kind=st.sampled_from(MARKS), indexes=st.frozensets(st.integers(0, QUANTITY + 1), max_size=3))
    def see(self, kind, indexes):
        self.marks.append(Mark(self.newest.number, kind, indexes, NOW))
        self.follow()

    @precondition(lambda self: self.newest.outcome and can_print_missing(self.state.status) and self.account.missing)
    @rule(data=st.data())
    def retry(self, data):
        missing = self.account.missing
        indexes = sorted(data.draw(st.sets(st.sampled_from(missing), min_size=1)))
        printed = self.account.printed
        self.attempts.append(AttemptAccount(len(self.attempts) + 1, indexes, LabelAccount.of(len(indexes))))
        assert check_move(self.state.status, "pending")
        self.state = JobState("sent", QUANTITY, len(indexes), printed, printed, 100.0 * printed / QUANTITY)
        assert self.account.printed == printed, "a retry by itself adds nothing, and loses nothing"

    @invariant()
    def every_label_is_in_one_place(self):
        account = self.account
        printed = account.indexes(*PRINTED)
        assert sorted([*printed, *account.missing, *account.uncertain]) == list(range(1, QUANTITY + 1))
        assert len(printed) == account.printed == account.counts()["current_label"]

    @invariant()
    def what_was_said_of_a_label_itself_is_never_taken_back(self):
        for attempt in self.attempts:
            for place, label in enumerate(attempt.account):
                known = self.settled.get((attempt.number, place))
                if known:
                    assert RANK[label.state] >= RANK[known]
                    assert not label.inferred
                if label.state not in OPEN and not label.inferred:
                    self.settled[attempt.number, place] = label.state

    @invariant()
    def an_ended_attempt_leaves_no_label_without_a_fate(self):
        assert all(not attempt.account.count(OPEN) for attempt in self.attempts if attempt.outcome)
        assert all(attempt.outcome for attempt in self.attempts[:-1])

    @invariant()
    def the_status_obeys_the_rule(self):
        if self.newest.outcome:
            states = [label.state for label in self.account.labels]
            assert self.state.status == expected_status(states, [attempt.outcome for attempt in self.attempts])
            assert self.newest.outcome in ENDS
            assert self.state.status in TERMINAL
        else:
            assert self.state.status not in TERMINAL

    @invariant()
    def the_stored_form_is_read_again(self):
        for attempt in self.attempts:
            stored = json.loads(json.dumps(attempt.account.to_stored()))
            assert LabelAccount.from_stored(stored, len(attempt.indexes)) == attempt.account


TestJobLife = JobLife.TestCase
TestJobLife.settings = settings(max_examples=60, stateful_step_count=15, deadline=None)
