"""A submission whose answer was lost: whoever cancels, edits or repeats it first finds out what became of it."""

import json
from xmlrpc.client import Fault

import pytest

from tests.e2e.label_account.stations import Job, Station, once

SUBMISSION = ("POST", "/api/print")


def print_and_lose(station: Station, *quantities: int, deliver: bool = True) -> list[Job]:
    """Jobs that the print server has (or has not) got, of which Odoo cannot know: every answer is lost until further
    notice."""
    station.proxy.add_fault(*SUBMISSION, deliver=deliver)
    jobs = [station.print_labels(quantity) for quantity in quantities]
    for job in jobs:
        station.wait_for(job, submission="maybe")
    return jobs


def cancel(station: Station, job: Job) -> dict:
    return station.remote.call("label.print.job", "action_cancel", [job.id])


def check_truth(station: Station, job: Job, *statuses: str) -> int:
    """Odoo's count is that of the paper, each label at most once; the count."""
    row = station.wait(job)
    printed = station.on_paper(job)
    assert row["status"] in statuses, row
    assert row["current_label"] == printed.total()
    assert printed == once(range(1, printed.total() + 1))
    return printed.total()


def test_cancel_with_lookup(account: Station):
    """Seen: "is cancelled; nothing was printed" while 13, later 30 of 30 labels were on paper; no DELETE was ever sent."""
    account.zebra.slow(4)
    (job,) = print_and_lose(account, 60)
    account.wait_for_paper(job, 3)
    answer = cancel(account, job)["params"]
    assert "nothing was printed" not in answer["message"], answer
    assert 3 <= check_truth(account, job, "cancelled") < 60
    assert len(account.proxy.seen("DELETE", "/api/print")) == 1


def test_cancel_with_lookup_bars_a_late_arrival(account: Station):
    (job,) = print_and_lose(account, 5, deliver=False)
    answer = cancel(account, job)["params"]
    assert answer["message"].endswith("is cancelled; nothing was printed."), answer
    account.proxy.clear_faults()
    # The request that the network had held back arrives after all.
    late = account.proxy.seen(*SUBMISSION, containing=job.mark)[0]
    status, body = account.proxy.forward(late)
    assert (status, json.loads(body)["code"]) == (409, "submission_barred")
    assert check_truth(account, job, "cancelled") == 0


def test_cancel_with_keys_only(keys: Station):
    """The repetition finds the job, and then it is cancelled by its id."""
    keys.zebra.slow(4)
    (job,) = print_and_lose(keys, 100)
    keys.wait_for_paper(job, 3)
    answer = cancel(keys, job)["params"]
    assert "nothing was printed" not in answer["message"], answer
    assert keys.read(job)["is_cancelling"]
    keys.proxy.clear_faults()
    keys.hurry(job)
    assert 3 <= check_truth(keys, job, "cancelled") < 100
    assert len(keys.proxy.seen("DELETE", "/api/jobs")) >= 1


def test_cancel_without_keys_asks_a_person(first: Station):
    """Of two jobs one is cancelled, the other only settled; a third has never arrived."""
    cancelled, settled = print_and_lose(first, 6, 7)
    first.proxy.clear_faults()
    (lost,) = print_and_lose(first, 5, deliver=False)
    for job in (cancelled, settled, lost):
        assert first.wait_for(job, attention_code="submission_uncertain")["status"] == "sent"
    first.wait_for_paper(cancelled, 6)
    first.wait_for_paper(settled, 7)
    total = first.zebra.total()

    dialog = first.open_dialog(cancelled, "action_cancel")
    assert (dialog["purpose"], dialog["label_grid"]["asked"]) == ("cancel", [1, 2, 3, 4, 5, 6])
    with pytest.raises(Fault, match="whether they are on paper"):
        first.confirm(dialog)  # what is on paper, only a person can say
    first.confirm(dialog, on_paper="1-6")
    assert check_truth(first, cancelled, "completed") == 6

    # Seen: the only way to close it said "Cancelled, 0 printed".
    dialog = first.open_dialog(settled, "action_settle")
    first.confirm(dialog, on_paper="1-7")
    row = first.read(settled)
    assert (row["status"], row["current_label"], row["evidence"]) == ("completed", 7, "checked")

    first.confirm(first.open_dialog(lost, "action_cancel"), not_on_paper="1-5")
    assert check_truth(first, lost, "cancelled") == 0
    assert first.zebra.total() == total


def test_the_priority_of_a_job_that_may_have_arrived(account: Station):
    """Seen: the server refused the repetition as another request; failed with 30 on paper, Retry proposed all 30."""
    (job,) = print_and_lose(account, 8)
    before = account.read(job, "priority")["priority"]
    after = "low" if before != "low" else "normal"
    with pytest.raises(Fault, match="priority cannot be changed"):
        account.remote.call("label.print.job", "write", [job.id], {"priority": after})
    # Whoever may change it all the same (a module, the superuser) does not change the request that was sent.
    account.product.database.execute("UPDATE label_print_job SET priority = %s WHERE id = %s", after, job.id)
    account.proxy.clear_faults()
    account.hurry(job)
    assert check_truth(account, job, "completed") == 8
    bodies = {request.body for request in account.proxy.seen(*SUBMISSION, containing=job.mark)}
    assert len(bodies) == 1
    assert account.proxy.seen(*SUBMISSION, containing=job.mark)[-1].status in (200, 201)
