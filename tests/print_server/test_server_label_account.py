"""The account of each label: its state, when, how we know, and counts that always agree with it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from datetime import datetime, timezone

import pytest

from print_server import job_store
from print_server.ask_interval import WIDEST_WINDOW
from print_server.database import Database
from print_server.job_store import JobStore
from print_server.label_store import LabelStore
from tests.support.print_server import start_print_server, start_virtual_zebra

PRINTER = "Zebra-1"
PRINTED = ("reported", "spooled", "confirmed")


def labels(count: int, job: str = "Box") -> list[str]:
    return [f"^XA^FD{job} {number}^FS^XZ" for number in range(1, count + 1)]


def moment(text: str) -> float:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc).timestamp()


def expanded(runs):
    """One entry a label; the runs must follow one another without a gap."""
    entries, index = [], 1
    for run in runs:
        assert run["index"] == index, runs
        entries += [run] * run.get("count", 1)
        index += run.get("count", 1)
    return entries


def assert_counts_agree(status):
    """Counts, progress and labels of one status object say the same."""
    states = Counter(entry["state"] for entry in expanded(status["labels"]))
    assert sum(states.values()) == status["quantity"]
    counts = status["counts"]
    assert counts["printed"] == sum(states[state] for state in PRINTED) == status["progress"]["completed"]
    assert counts["confirmed"] == states["confirmed"]
    assert (counts["failed"], counts["uncertain"]) == (states["failed"], states["uncertain"])
    assert status["progress"]["failed"] == counts["failed"] + counts["uncertain"] == len(status["failed_labels"])


def with_labels(server, *jobs):
    code, answer = server.call("POST", "/api/status", {"job_ids": list(jobs), "labels": True})
    assert code == 200, answer
    return answer["jobs"]


def test_confirmed_labels_have_their_times(server, zebra):
    zebra.slow(10)
    before = time.time()
    job = server.print_labels(PRINTER, labels(4))
    assert server.label_runs(job)[-1].items() >= {"state": "waiting"}.items()
    status = server.wait(job)
    runs = server.label_runs(job)
    assert [run["state"] for run in runs] == ["confirmed"] * 4
    times = [moment(run["at"]) for run in runs]
    assert times == sorted(times)
    assert before - 0.01 <= moment(status["created_at"]) <= moment(status["started_at"]) <= times[0]
    assert times[-1] <= moment(status["completed_at"]) <= time.time() + 0.01
    # Each label has the time at which it was printed, as the printer has it too (which ends a label every 0.1 s).
    assert times[3] - times[0] == pytest.approx(0.3, abs=0.2)
    assert status["counts"] == {"printed": 4, "confirmed": 4, "failed": 0, "uncertain": 0}
    assert "labels" not in status


def test_equal_labels_are_one_run(server, zebra):
    zebra.paper_out(1)
    job = server.print_labels(PRINTER, labels(300))
    status = server.wait(job)
    first, rest = server.label_runs(job)
    assert (first["index"], first["state"], first["tries"]) == (1, "confirmed", 1)
    assert rest == {"index": 2, "count": 299, "state": "failed", "at": rest["at"], "tries": 3, "code": "paper_out"}
    assert "count" not in first
    assert "code" not in first
    assert status["counts"] == {"printed": 1, "confirmed": 1, "failed": 299, "uncertain": 0}


def test_an_uncertain_label_is_neither_printed_nor_failed(tmp_path):
    config = tmp_path / "printers.json"
    with start_virtual_zebra(PRINTER, 5, odometer=False) as zebra:
        config.write_text(f'[{{"name": "{PRINTER}", "uri": "{zebra.uri}", "window": 1}}]')
        with start_print_server(printers_file=config) as server:
            zebra.cut(after=1)
            job = server.print_labels(PRINTER, labels(4))
            status = server.wait(job)
            assert server.label_states(job) == ["confirmed", "uncertain", "confirmed", "confirmed"]
            assert server.label_runs(job)[1]["code"] == "uncertain"
    assert status["counts"] == {"printed": 3, "confirmed": 3, "failed": 0, "uncertain": 1}
    # The highest index reached is not the number of printed labels.
    assert (status["current_label"], status["progress"]["failed"], status["confirmed"]) == (4, 1, False)


def test_a_printer_that_does_not_count_spools(zebra, tmp_path):
    config = tmp_path / "printers.json"
    config.write_text(f'[{{"name": "Plain", "uri": "{zebra.uri}", "host_status": false}}]')
    with start_print_server({}, printers_file=config) as server:
        job = server.print_labels("Plain", labels(3))
        status = server.wait(job)
        assert server.label_states(job) == ["spooled"] * 3
    assert status["counts"] == {"printed": 3, "confirmed": 0, "failed": 0, "uncertain": 0}
    assert status["confirmed"] is False


def test_labels_are_told_in_the_batch_only_when_asked(server, zebra):
    jobs = [server.print_labels(PRINTER, labels(number)) for number in (1, 2, 3)]
    for job in jobs:
        server.wait(job)
    answered = with_labels(server, *jobs)
    assert [len(expanded(status["labels"])) for status in answered] == [1, 2, 3]
    assert [status["labels"] for status in answered] == [server.label_runs(job) for job in jobs]
    for body in ({"job_ids": jobs}, {"job_ids": jobs, "labels": False}):
        assert not any("labels" in status for status in server.call("POST", "/api/status", body)[1]["jobs"])
    code, answer = server.call("POST", "/api/status", {"job_ids": jobs, "labels": "yes"})
    assert (code, answer["code"]) == (400, "invalid_labels")


def test_labels_of_an_unknown_job(server):
    code, answer = server.call("GET", "/api/jobs/nobody/labels")
    assert (code, answer["code"]) == (404, "job_unknown")


def test_counts_agree_with_the_labels_at_every_moment():
    with start_virtual_zebra(PRINTER, 60, odometer=False) as zebra, start_print_server({PRINTER: zebra}) as server:
        _assert_counts_agree_while_printing(server, zebra)


def _assert_counts_agree_while_printing(server, zebra):
    zebra.cut(after=7)
    jobs = [server.print_labels(PRINTER, labels(20)) for _number in range(3)]
    answers = 0
    while (answered := with_labels(server, *jobs))[-1]["status"] != "completed":
        for status in answered:
            assert_counts_agree(status)
        answers += 1
    assert answers > 20
    for status in answered:
        assert_counts_agree(status)
    assert 1 <= sum(status["counts"]["uncertain"] for status in answered) <= WIDEST_WINDOW


def test_a_server_without_the_capability_says_nothing_of_it(zebra):
    with start_print_server({PRINTER: zebra}, capabilities="batch_status,failed_labels") as server:
        job = server.print_labels(PRINTER, labels(2))
        assert "counts" not in server.wait(job)
        assert server.call("GET", f"/api/jobs/{job}/labels")[0] == 404
        assert "labels" not in with_labels(server, job)[0]
        assert "idempotency_hours" not in server.call("GET", "/api/health")[1]


def test_an_answer_has_room_for_so_many_labels(tmp_path, monkeypatch):
    monkeypatch.setattr(job_store, "ANSWERED_LABELS", 5)
    store = JobStore(Database(tmp_path))
    ids = [store.accept(_request(count)).job_id for count in (3, 2, 4, 1)]
    told = [job.labels for job in store.read(ids, labels=True)]
    assert [runs and sum(run.get("count", 1) for run in runs) for runs in told] == [3, 2, None, None]
    # One job is always told, and those that were left out can be asked for again.
    assert [job.labels is not None for job in store.read([ids[2], ids[3]], labels=True)] == [True, True]
    store_of_one = store.accept(_request(8)).job_id
    assert store.read([store_of_one], labels=True)[0].labels == [{"index": 1, "count": 8, "state": "waiting"}]


def test_the_status_call_reads_no_labels(tmp_path):
    database = Database(tmp_path)
    store, work = JobStore(database), LabelStore(database)
    job_id = store.accept(_request(3)).job_id
    job = work.next_job(PRINTER)
    work.advance(job, leaving=[1])
    work.advance(job, [(1, "confirmed")])
    statements: list[str] = []
    database.reader.set_trace_callback(statements.append)
    assert store.read([job_id])[0].row["printed"] == 1
    assert not [statement for statement in statements if "labels" in statement]


@pytest.mark.parametrize(("fault", "code"), [("offline", "printer_offline"), ("head_open", "head_open")])
def test_labels_given_up_have_the_code_of_the_fault(server, zebra, fault, code):
    getattr(zebra, fault)()
    job = server.print_labels(PRINTER, labels(3))
    server.wait(job)
    (run,) = server.label_runs(job)
    assert (run["count"], run["state"], run["code"], run["tries"]) == (3, "failed", code, 3)


def test_reading_accounts_does_not_hold_up_the_printing():
    with start_virtual_zebra("Fast", 1000) as fast, start_print_server({"Fast": fast}) as server:
        job = server.print_labels("Fast", labels(200))
        failures, done = [], threading.Event()

        def read():
            while not done.wait(0.02):
                try:
                    assert_counts_agree(with_labels(server, job)[0])
                except (AssertionError, OSError) as error:
                    failures.append(error)

        readers = [threading.Thread(target=read) for _number in range(2)]
        for reader in readers:
            reader.start()
        try:
            status = server.wait(job, timeout=30)
        finally:
            done.set()
        for reader in readers:
            reader.join()
        assert failures == []
        assert status["counts"]["confirmed"] == fast.total() == 200


def _request(count: int):
    label = {"zpl": "^XA^XZ", "label_index": None, "box_number": None, "lot_number": None, "metadata": {}}
    return {"printer": PRINTER, "labels": [label] * count, "metadata": {}, "mo_reference": None, "priority": 1}
