"""The same Idempotency-Key never prints twice, whoever repeats it and when."""

from __future__ import annotations

import sqlite3
import threading
import uuid

from tests.support.print_server import start_print_server

PRINTER = "Zebra-1"
BODY = {"printer": PRINTER, "quantity": 2, "labels": [{"zpl_code": "^XA^FD1^FS^XZ"}, {"zpl_code": "^XA^FD2^FS^XZ"}]}


def send(server, key, body=BODY):
    return server.call("POST", "/api/print", body, **{"Idempotency-Key": key})


def test_second_time_answers_the_first_job(server, zebra):
    key = str(uuid.uuid4())
    code, first = send(server, key)
    assert code == 201
    server.wait(first["job_id"])
    code, again = send(server, key)
    assert (code, again["job_id"], again["status"]) == (200, first["job_id"], "completed")
    assert len(zebra.labels()) == 2


def test_twenty_at_once_make_one_job(server, zebra):
    key, answers = str(uuid.uuid4()), []
    threads = [threading.Thread(target=lambda: answers.append(send(server, key))) for _number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(code for code, _answer in answers) == [200] * 19 + [201]
    assert len({answer["job_id"] for _code, answer in answers}) == 1
    server.wait(answers[0][1]["job_id"])
    assert len(zebra.labels()) == 2


def test_other_request_with_the_same_key_is_refused(server, zebra):
    key = str(uuid.uuid4())
    job = send(server, key)[1]["job_id"]
    code, answer = send(server, key, {**BODY, "quantity": 1, "labels": BODY["labels"][:1]})
    assert (code, answer["code"]) == (422, "idempotency_key_reused")
    server.wait(job)
    assert len(zebra.labels()) == 2


def test_keys_live_as_long_as_their_jobs(zebra, tmp_path):
    old, barred, open_one = (str(uuid.uuid4()) for _number in range(3))
    with start_print_server({PRINTER: zebra}, data_dir=tmp_path, keep_days=3) as server:
        assert server.call("GET", "/api/health")[1]["idempotency_hours"] == 72
        job = send(server, old)[1]["job_id"]
        server.wait(job)
        server.call("DELETE", f"/api/print/{barred}")
        server.kill()
        _make_older(tmp_path, 71)
        server.restart()
        code, again = send(server, old)
        assert (code, again["job_id"], again["status"]) == (200, job, "completed")
        assert send(server, barred)[1]["code"] == "submission_barred"
        zebra.pause()
        waiting = send(server, open_one)[1]["job_id"]
        server.stop()
        _make_older(tmp_path, 2)
        zebra.resume()
        server.restart()
        assert server.call("GET", f"/api/status/{job}")[0] == 404
        assert send(server, open_one)[1]["job_id"] == waiting
        for code, answer in (send(server, old), send(server, barred)):
            assert code == 201
            server.wait(answer["job_id"])
        assert len(zebra.labels()) == 8


def _make_older(data_dir, hours):
    """Move all that has happened so many hours into the past."""
    with sqlite3.connect(data_dir / "jobs.sqlite3") as connection:
        connection.execute("UPDATE submissions SET created_at = created_at - ?", (hours * 3600,))
        connection.execute("UPDATE jobs SET completed_at = completed_at - ?", (hours * 3600,))
    connection.close()
