"""What a retry prints: exactly the labels that are not on paper, and none of which nobody has been asked.

Each label carries its own text, so that the paper itself is the judge.
"""

from xmlrpc.client import Fault

import pytest

from tests.e2e.label_account.stations import Job, Station, once
from tests.e2e.remote import Remote


@pytest.fixture
def job_with_label_9_in_doubt(account: Station) -> Job:
    """20 labels; the line was cut in the middle of label 9, which is not on paper, but nobody knows."""
    account.zebra.cut(after=8)
    job = account.print_labels(20)
    row = account.wait(job)
    assert (row["status"], row["current_label"], row["uncertain_count"]) == ("completed_with_errors", 19, 1)
    assert account.states(job)[8] == "uncertain"
    return job


def test_label_3_is_missing(account: Station):
    """Seen: "Completed, 20 of 20" although label 3 is known to be missing."""
    account.zebra.cut(after=2)
    job = account.print_labels(20)
    account.wait(job)
    account.remote.call("label.print.job", "action_label_not_on_paper", [job.id], 3)
    row = account.read(job)
    assert (row["status"], row["current_label"]) == ("completed_with_errors", 19)
    assert account.states(job)[2] == "failed"
    answer = account.remote.call("label.print.job", "action_retry", [job.id])
    assert "label 3" in answer["params"]["message"]
    row = account.wait(job, "completed")
    assert (row["current_label"], row["confirmed"]) == (20, True)
    assert account.on_paper(job) == once(range(1, 21))
    assert account.attempts(job, "label_indexes")[1]["label_indexes"] == [3]


def test_an_uncertain_label_that_is_not_on_paper(account: Station, job_with_label_9_in_doubt: Job):
    """Seen: the dialog proposed label 20; accepted as proposed, 20 was printed twice and 9 never."""
    job = job_with_label_9_in_doubt
    dialog = account.open_dialog(job)
    assert dialog["label_grid"]["asked"] == [9]
    assert dialog["label_grid"]["missing"] == []
    assert not dialog["is_counted_only"]
    with pytest.raises(Fault, match="label 9"):
        account.confirm(dialog)  # the question is still open
    account.confirm(dialog, not_on_paper="9")
    account.wait(job, "completed")
    assert account.on_paper(job) == once(range(1, 21))


def test_an_uncertain_label_that_is_on_paper(account: Station, job_with_label_9_in_doubt: Job):
    job = job_with_label_9_in_doubt
    total = account.zebra.total()
    account.confirm(account.open_dialog(job), on_paper="9")
    row = account.read(job)
    assert (row["status"], row["current_label"], row["attempt_number"]) == ("completed", 20, 1)
    assert account.states(job)[8] == "checked"
    assert account.zebra.total() == total
    assert len(account.toasts(job)) == 1  # the status has risen without a second one


def test_a_dialog_that_is_out_of_date_is_refused(account: Station, job_with_label_9_in_doubt: Job):
    """Seen: a dialog left open printed what a colleague had printed meanwhile."""
    job = job_with_label_9_in_doubt
    left_open = account.open_dialog(job)
    colleague = Remote(account.product, "operator")
    account.zebra.cut()  # in the second attempt, label 9 is in doubt once more: the job can be retried still
    account.confirm(account.open_dialog(job, remote=colleague), colleague, not_on_paper="9")
    row = account.wait_for(job, attempt_number=2, status="completed_with_errors")
    total = account.zebra.total()
    with pytest.raises(Fault, match=r"again since this dialog was opened \(attempt 2\)"):
        account.confirm(left_open, not_on_paper="9")
    with pytest.raises(Fault, match="again since"):
        account.confirm(left_open, on_paper="9")
    assert account.read(job) == row
    assert account.zebra.total() == total
    assert account.on_paper(job) == once({*range(1, 21)} - {9})


@pytest.mark.parametrize("generation", ["account", "first"])
def test_labels_left_out_on_purpose_stay_missing(stations, generation: str):
    """Seen: labels 4 to 9 failed twice, "continue with 10" was chosen: Completed, 20 of 20, with 14 on paper."""
    station = stations(generation)
    station.reset()
    station.zebra.paper_out(after=3)
    job = station.print_labels(20)
    assert station.wait(job)["status"] == "failed"
    said = {"not_on_paper": "4-20"} if generation == "first" else {}
    dialog = station.open_dialog(job, "action_retry_choose")
    assert dialog["label_grid"]["asked" if said else "missing"] == [*range(4, 21)]
    station.confirm(dialog, **said)  # the roll is empty still
    station.wait_for(job, attempt_number=2, status="failed")
    station.zebra.resume()
    dialog = station.open_dialog(job, "action_retry_choose")
    station.confirm(dialog, **said, choose=True, labels_text="10-20")
    row = station.wait_for(job, attempt_number=3, status="completed_with_errors")
    assert (row["current_label"], row["confirmed"]) == (14, False)
    assert station.on_paper(job) == once([1, 2, 3, *range(10, 21)])
    dialog = station.open_dialog(job, "action_retry_choose")
    assert dialog["label_grid"]["missing"] == [*range(4, 10)]
    assert dialog["labels_text"] == "4–9"
    station.confirm(dialog)
    row = station.wait(job, "completed")
    assert row["current_label"] == 20
    assert station.on_paper(job) == once(range(1, 21))
