"""How a job ends: its status, its words, and what becomes of its labels that have no outcome."""

from __future__ import annotations

from small_shop import PRINTER, total, zpl

from print_server.codes import CANCELLED, MESSAGES, PAPER_OUT, UNCERTAIN


def row(stores, job, *names):
    found = stores.jobs.get(job.job_id)
    return tuple(found[name] for name in names)


def counted(stores, outcome):
    return total(stores.totals, "labels", PRINTER, outcome)


def printed(stores, number, of):
    """A job of which so many labels are on paper."""
    job = stores.begin(*[zpl(each) for each in range(1, of + 1)])
    stores.labels.advance(job, leaving=range(1, number + 1))
    stores.labels.advance(job, [(index, "confirmed") for index in range(1, number + 1)], meter=5)
    return job


def test_a_job_that_is_done(stores, at):
    job = printed(stores, 2, of=2)
    stores.labels.set_waiting(job, PAPER_OUT)
    at(9000.0)
    told = len(stores.told)
    assert stores.labels.end(job) == "completed"
    assert row(stores, job, "status", "error_code", "error_message", "completed_at", "updated_at") == (
        "completed", None, None, 9000.0, 9000.0,
    )  # fmt: skip
    assert row(stores, job, "waiting_for", "waiting_since", "meter") == (None, None, None)
    assert len(stores.told) == told + 1
    assert total(stores.totals, "jobs_ended", PRINTER, "completed") == 1
    assert counted(stores, "failed") == counted(stores, "uncertain") == counted(stores, "taken_back") == 0


def test_a_job_that_is_done_but_for_some_labels(stores):
    job = printed(stores, 1, of=3)
    stores.labels.fail(job, 2, 2, PAPER_OUT, 1)
    stores.labels.fail(job, 3, 3, "head_open", 1)
    assert stores.labels.end(job) == "completed"
    message = f"2 of 3 labels failed. {MESSAGES[PAPER_OUT]}"
    assert row(stores, job, "error_code", "error_message") == (PAPER_OUT, message)


def test_a_job_of_which_nothing_was_printed(stores):
    job = stores.begin(zpl(1))
    stores.labels.fail(job, 1, 1, UNCERTAIN, 1)
    assert stores.labels.end(job) == "failed"
    assert row(stores, job, "error_code", "error_message") == (
        UNCERTAIN, f"1 of 1 labels failed. {MESSAGES[UNCERTAIN]}",
    )  # fmt: skip
    assert total(stores.totals, "jobs_ended", PRINTER, "failed") == 1


def test_a_job_that_is_given_up(stores):
    job = printed(stores, 1, of=4)
    stores.labels.advance(job, leaving=[2])
    assert stores.labels.end(job, "head_open", tries=3) == "failed"
    assert stores.states(job.job_id) == ["confirmed", "uncertain", "failed", "failed"]
    assert row(stores, job, "error_code", "error_message", "failed") == ("head_open", MESSAGES["head_open"], 3)
    assert [label["tries"] for label in stores.job(job.job_id).failed_labels] == [1, 3, 3]
    assert (counted(stores, "uncertain"), counted(stores, "failed")) == (1, 2)


def test_a_job_that_is_cancelled(stores, at):
    job = printed(stores, 1, of=4)
    stores.labels.advance(job, leaving=[2])
    at(9000.0)
    assert stores.labels.end(job, CANCELLED, tries=3) == "cancelled"
    assert stores.states(job.job_id) == ["confirmed", "uncertain", "taken_back", "taken_back"]
    assert row(stores, job, "error_code", "error_message") == (CANCELLED, "Cancelled after 1 of 4 labels.")
    assert stores.jobs.labels(job.job_id)[2]["at"] == "1970-01-01T02:30:00.000Z"
    assert (counted(stores, "uncertain"), counted(stores, "failed"), counted(stores, "taken_back")) == (1, 0, 2)
