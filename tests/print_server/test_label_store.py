"""What the worker's side of the store keeps of each label, and how a job ends."""

from __future__ import annotations

from small_shop import PRINTER, request, total, zpl

from print_server.codes import CANCELLED, MESSAGES, PAPER_OUT, UNCERTAIN
from print_server.label_store import LabelStore, OpenJob, WaitingLabel
from print_server.spooled_labels import SpooledLabel, SpooledLabels

OTHER = "Zebra-2"


def row(stores, job, *names):
    found = stores.jobs.get(job.job_id)
    return tuple(found[name] for name in names)


def counted(stores, outcome):
    return total(stores.totals, "labels", PRINTER, outcome)


def test_the_next_job_is_the_one_begun_then_by_priority_and_age(stores, at):
    jobs = [stores.jobs.accept(request(zpl(1), priority=priority)).job_id for priority in (2, 1, 1, 0)]
    stores.jobs.accept(request(zpl(1), printer=OTHER))
    taken = []
    at(5000.0)
    while job := stores.labels.next_job(PRINTER):
        assert stores.labels.next_job(PRINTER) == job
        taken.append(job)
        stores.labels.end(job, PAPER_OUT)
    assert [job.job_id for job in taken] == [jobs[3], jobs[1], jobs[2], jobs[0]]
    assert taken[0] == OpenJob(4, jobs[3], 1, PRINTER)


def test_a_job_that_is_picked_up(stores, at):
    job_id = stores.jobs.accept(request(zpl(1))).job_id
    at(5000.0)
    job = stores.labels.next_job(PRINTER)
    assert row(stores, job, "status", "picked_up", "started_at", "updated_at", "revision") == (
        "printing", 1, 5000.0, 5000.0, 1,
    )  # fmt: skip
    at(6000.0)
    assert stores.labels.next_job(PRINTER) == job
    assert row(stores, job, "started_at", "revision") == (5000.0, 1)
    assert stores.told == [job_id] * 2


def test_a_job_begun_goes_first_whatever_its_priority(stores):
    begun = stores.begin(zpl(1), priority=2)
    stores.jobs.accept(request(zpl(2), priority=0))
    assert stores.labels.next_job(PRINTER) == begun


def test_nothing_to_do(stores):
    stores.jobs.accept(request(zpl(1), printer=OTHER))
    assert stores.labels.next_job(PRINTER) is None


def test_a_job_that_is_cancelled_at_that_moment_is_not_picked_up(stores, monkeypatch):
    job_id = stores.jobs.accept(request(zpl(1))).job_id
    write = stores.database.write

    def cancelled_meanwhile():
        monkeypatch.setattr(stores.database, "write", write)
        stores.jobs.request_cancel(job_id)
        return write()

    monkeypatch.setattr(stores.database, "write", cancelled_meanwhile)
    assert stores.labels.next_job(PRINTER) is None


def test_labels_leave_in_order(stores):
    job = stores.begin(zpl(1), zpl(2), zpl(3))
    stores.begin(zpl(9), printer=OTHER)
    assert stores.labels.next_labels(job, 2) == [WaitingLabel(1, zpl(1)), WaitingLabel(2, zpl(2))]
    stores.labels.advance(job, leaving=[1, 2], tries=2, meter=70, meter_of="A1")
    assert stores.labels.next_labels(job, 5) == [WaitingLabel(3, zpl(3))]
    sent = stores.labels.sent_labels(job)
    assert (sent.labels, sent.meter, sent.meter_of) == ([WaitingLabel(1, zpl(1)), WaitingLabel(2, zpl(2))], 70, "A1")
    assert stores.states(job.job_id) == ["sent", "sent", "waiting"]


def test_whether_a_job_has_begun(stores):
    job, other = stores.begin(zpl(1)), stores.begin(zpl(2), printer=OTHER)
    assert stores.labels.has_begun(job) is False
    stores.labels.advance(job, leaving=[1])
    assert stores.labels.has_begun(job) is True
    stores.labels.advance(job, [(1, "waiting")])
    # It has been tried, and may be again.
    assert stores.labels.has_begun(job) is True
    assert stores.labels.has_begun(other) is False


def test_a_label_that_leaves_is_noted_with_tries_and_time(stores, at):
    job = stores.begin(zpl(1), zpl(2))
    at(5000.0)
    told, revision = len(stores.told), row(stores, job, "revision")
    stores.labels.advance(job, leaving=[1])
    assert stores.jobs.labels(job.job_id)[0] == {
        "index": 1, "state": "sent", "at": "1970-01-01T01:23:20.000Z", "tries": 1,
    }  # fmt: skip
    # That is nothing to tell.
    assert (len(stores.told), row(stores, job, "revision")) == (told, revision)


def test_what_became_of_labels(stores, at):
    job = stores.begin(*[zpl(number, copies=number) for number in range(1, 6)])
    stores.labels.advance(job, leaving=[1, 2, 3, 4], tries=1)
    stores.labels.set_pieces_begun(job, 1)
    at(7000.0)
    told = len(stores.told)
    stores.labels.advance(job, [(1, "confirmed"), (2, "spooled"), (3, "uncertain"), (4, "waiting")], tries=3)
    assert stores.states(job.job_id) == ["confirmed", "spooled", "uncertain", "waiting", "waiting"]
    assert row(stores, job, "printed", "confirmed", "failed", "uncertain", "current_label") == (2, 1, 1, 1, 2)
    assert row(stores, job, "pieces_printed", "pieces_begun", "meter", "meter_of") == (3, 0, None, None)
    labels = stores.jobs.labels(job.job_id)
    assert [label.get("at") for label in labels] == ["1970-01-01T01:56:40.000Z"] * 3 + [None, None]
    assert [label.get("tries") for label in labels] == [1, 1, 3, 1, None]
    assert len(stores.told) == told + 1
    assert row(stores, job, "revision", "updated_at") == (3, 7000.0)
    assert [counted(stores, outcome) for outcome in ("confirmed", "spooled", "uncertain")] == [1, 1, 1]
    assert "waiting" not in str(list(stores.totals.registry.collect()))


def test_one_outcome_after_the_other_adds_up(stores):
    job = stores.begin(zpl(1), zpl(2), zpl(3))
    stores.labels.advance(job, leaving=[1, 2, 3])
    stores.labels.advance(job, [(1, "confirmed"), (2, "confirmed")])
    stores.labels.advance(job, [(3, "confirmed")])
    assert row(stores, job, "printed", "confirmed", "current_label", "pieces_printed") == (3, 3, 3, 3)
    assert counted(stores, "confirmed") == 3


def test_the_newest_label_stays_the_furthest_one(stores):
    job = stores.begin(zpl(1), zpl(2))
    stores.labels.advance(job, leaving=[1, 2])
    stores.labels.advance(job, [(2, "confirmed")])
    stores.labels.advance(job, [(1, "confirmed")])
    assert row(stores, job, "current_label") == (2,)


def test_only_a_label_that_was_sent_gets_an_outcome(stores):
    job = stores.begin(zpl(1), zpl(2))
    stores.labels.advance(job, leaving=[1])
    stores.labels.advance(job, [(1, "uncertain")])
    stores.labels.advance(job, [(1, "waiting"), (2, "waiting")])
    assert stores.states(job.job_id) == ["uncertain", "waiting"]


def test_a_label_that_comes_back_is_nothing_to_tell(stores):
    job = stores.begin(zpl(1))
    stores.labels.advance(job, leaving=[1])
    told = len(stores.told)
    stores.labels.advance(job, [(1, "waiting")])
    assert len(stores.told) == told


def test_the_job_of_the_spooler_is_forgotten_with_the_outcome(stores):
    job = stores.begin(zpl(1))
    spooled = SpooledLabels(stores.database)
    spooled.leave(job, [SpooledLabel(1, "lpm-1")], 1)
    stores.labels.advance(job, [(1, "confirmed")])
    assert stores.database.reader.execute("SELECT spooler_job FROM labels").fetchone()[0] is None


def test_the_labels_of_other_jobs_are_left_alone(stores):
    job, other = stores.begin(zpl(1), zpl(2)), stores.begin(zpl(1), zpl(2), printer=OTHER)
    stores.labels.advance(job, leaving=[1])
    stores.labels.advance(job, [(1, "confirmed")], meter=5, meter_of="A1")
    stores.labels.set_waiting(job, PAPER_OUT)
    stores.labels.set_pieces_begun(job, 4)
    stores.labels.fail(job, 2, 2, PAPER_OUT, 1)
    stores.labels.end(job, PAPER_OUT)
    assert stores.states(other.job_id) == ["waiting"] * 2
    names = ("status", "printed", "failed", "meter", "waiting_for", "pieces_begun", "revision")
    assert row(stores, other, *names) == ("printing", 0, 0, None, None, 0, 1)


def test_copies_on_paper_so_far(stores, at):
    job = stores.begin(zpl(1, copies=400))
    at(5000.0)
    told = len(stores.told)
    stores.labels.set_pieces_begun(job, 17)
    assert row(stores, job, "pieces_begun", "updated_at", "revision") == (17, 5000.0, 2)
    assert stores.told[told:] == [job.job_id]


def test_what_a_job_waits_for_and_since_when(stores, at):
    job = stores.begin(zpl(1))
    told = len(stores.told)
    for moment, code in ((5000.0, PAPER_OUT), (5100.0, PAPER_OUT), (5200.0, "head_open")):
        at(moment)
        stores.labels.set_waiting(job, code)
    assert row(stores, job, "waiting_for", "waiting_since", "updated_at") == ("head_open", 5000.0, 5200.0)
    assert len(stores.told) == told + 2
    stores.labels.set_waiting(job, None)
    assert row(stores, job, "waiting_for", "waiting_since") == (None, None)
    assert len(stores.told) == told + 3
    stores.labels.set_waiting(job, None)
    assert len(stores.told) == told + 3


def test_labels_that_failed(stores, at):
    job = stores.begin(*[zpl(number) for number in range(1, 6)])
    stores.labels.advance(job, leaving=[1, 2, 3], tries=2)
    stores.labels.advance(job, [(2, "confirmed")])
    at(8000.0)
    told = len(stores.told)
    stores.labels.fail(job, 2, 4, PAPER_OUT, 1)
    assert stores.states(job.job_id) == ["sent", "confirmed", "failed", "failed", "waiting"]
    failed = stores.job(job.job_id).failed_labels
    assert [(label["index"], label["tries"], label["code"]) for label in failed] == [
        (3, 2, PAPER_OUT),
        (4, 1, PAPER_OUT),
    ]
    assert {label["message"] for label in failed} == {MESSAGES[PAPER_OUT]}
    assert stores.jobs.labels(job.job_id)[3]["at"] == "1970-01-01T02:13:20.000Z"
    assert row(stores, job, "failed", "uncertain") == (2, 0)
    assert (counted(stores, "failed"), counted(stores, "uncertain")) == (2, 0)
    assert stores.told[told:] == [job.job_id]
    assert row(stores, job, "updated_at") == (8000.0,)


def test_labels_of_which_nobody_knows(stores):
    job = stores.begin(zpl(1), zpl(2))
    stores.labels.advance(job, leaving=[1])
    stores.labels.fail(job, 1, 1, UNCERTAIN, 1)
    assert stores.states(job.job_id) == ["uncertain", "waiting"]
    assert row(stores, job, "failed", "uncertain") == (1, 1)
    assert (counted(stores, "failed"), counted(stores, "uncertain")) == (0, 1)


def test_at_the_start_labels_on_their_way_become_uncertain_where_nothing_else_tells(stores):
    by_itself = stores.begin(zpl(1), zpl(2))
    stores.labels.advance(by_itself, leaving=[1])
    by_odometer = stores.begin(zpl(1), printer=OTHER)
    stores.labels.advance(by_odometer, leaving=[1], meter=5)
    by_spooler = stores.begin(zpl(1), printer="Queue")
    SpooledLabels(stores.database).leave(by_spooler, [SpooledLabel(1, "lpm-1")], 1)
    untouched = stores.begin(zpl(1), printer="Fourth")
    told = len(stores.told)
    stores.labels.settle_all_sent()
    assert stores.states(by_itself.job_id) == ["uncertain", "waiting"]
    assert stores.states(by_odometer.job_id) == stores.states(by_spooler.job_id) == ["sent"]
    assert stores.states(untouched.job_id) == ["waiting"]
    assert stores.told[told:] == [by_itself.job_id]
    assert counted(stores, "uncertain") == 1
    assert row(stores, by_itself, "revision") == (2,)
    (label,) = stores.job(by_itself.job_id).failed_labels
    assert (label["code"], label["tries"]) == (UNCERTAIN, 1)


def test_a_job_without_labels_on_their_way_is_not_touched(stores):
    job = stores.begin(zpl(1))
    told = len(stores.told)
    stores.labels.settle_sent(job)
    assert len(stores.told) == told


def test_of_several_labels_on_their_way_all_are_counted(stores):
    job = stores.begin(zpl(1), zpl(2))
    stores.labels.advance(job, leaving=[1, 2])
    stores.labels.settle_sent(job)
    assert counted(stores, "uncertain") == 2


def test_open_jobs_of_printers_that_are_gone(stores):
    stores.begin(zpl(1))
    gone = stores.begin(zpl(1), printer=OTHER)
    queued = stores.jobs.accept(request(zpl(1), zpl(2), printer="Third")).job_id
    ended = stores.begin(zpl(1), printer="Fourth")
    stores.labels.end(ended, CANCELLED)
    found = stores.labels.open_jobs_elsewhere(name for name in (PRINTER,))
    assert sorted(found, key=lambda job: job.seq) == [gone, OpenJob(3, queued, 2, "Third")]


def test_whether_a_cancel_was_asked_for(stores):
    job = stores.begin(zpl(1))
    assert stores.labels.cancel_requested(job) is False
    stores.jobs.request_cancel(job.job_id)
    assert stores.labels.cancel_requested(job) is True
    assert stores.labels.cancel_requested(OpenJob(99, "unknown", 1, PRINTER)) is False


def test_a_store_works_without_listeners(stores):
    job = stores.begin(zpl(1))
    alone = LabelStore(stores.database)
    alone.fail(job, 1, 1, PAPER_OUT, 1)
    assert alone.end(job) == "failed"
    assert alone.database is stores.database
