"""`--capabilities none`: a server as the oldest documents describe it."""

from __future__ import annotations

import pytest

from tests.support.print_server import start_print_server

LABEL = "^XA^FDone^FS^XZ"


@pytest.fixture(scope="module")
def old(_zebra):
    with start_print_server({"Zebra-1": _zebra}, capabilities="none", pickup_delay=0.4) as server:
        yield server


def test_status_is_404_until_a_worker_picked_the_job_up(old, zebra):
    job = old.print_labels("Zebra-1", [LABEL] * 3)
    code, answer = old.call("GET", f"/api/status/{job}")
    assert (code, answer["code"]) == (404, "job_unknown")
    assert old.wait(job) == {
        "job_id": job,
        "status": "completed",
        "progress": {"total": 3, "completed": 3, "failed": 0},
    }


def test_a_failure_has_no_reason(old, zebra):
    zebra.paper_out(1)
    job = old.print_labels("Zebra-1", [LABEL] * 3)
    assert old.wait(job) == {"job_id": job, "status": "failed", "progress": {"total": 3, "completed": 1, "failed": 2}}


def test_there_are_no_extensions(old, zebra):
    assert "capabilities" not in old.call("GET", "/api/health")[1]
    assert "state_reasons" not in old.printer("Zebra-1")
    assert old.call("POST", "/api/status", {"job_ids": []})[0] in (404, 405)
    body = {"printer": "Zebra-1", "quantity": 1, "labels": [{"zpl_code": LABEL}]}
    twice = [old.call("POST", "/api/print", body, **{"Idempotency-Key": "k"}) for _time in range(2)]
    assert [code for code, _answer in twice] == [201, 201]
    old.wait(twice[1][1]["job_id"])


def test_a_cancelled_job_is_known(old, zebra):
    job = old.print_labels("Zebra-1", [LABEL])
    assert old.call("DELETE", f"/api/jobs/{job}")[0] == 200
    assert old.call("GET", f"/api/status/{job}")[1]["status"] == "cancelled"
