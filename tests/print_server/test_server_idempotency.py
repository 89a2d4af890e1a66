"""The same Idempotency-Key never prints twice, whoever repeats it and when."""

from __future__ import annotations

import sqlite3
import threading
import uuid

from print_server.job_store import KEY_LIFETIME
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


def test_keys_are_kept_over_a_crash_and_for_24_hours(zebra, tmp_path):
    key = str(uuid.uuid4())
    with start_print_server({PRINTER: zebra}, data_dir=tmp_path) as server:
        job = send(server, key)[1]["job_id"]
        server.kill()
        server.restart()
        assert send(server, key)[1]["job_id"] == job
        server.wait(job)
        server.stop()
        assert KEY_LIFETIME == 24 * 3600
        with sqlite3.connect(tmp_path / "jobs.sqlite3") as connection:
            connection.execute("UPDATE idempotency SET created_at = created_at - ?", (KEY_LIFETIME + 1,))
        connection.close()
        server.restart()
        assert send(server, key)[0] == 201
