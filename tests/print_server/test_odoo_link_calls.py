"""Calls of Odoo on the application, in one process: what is begun, and what is not begun again."""

from __future__ import annotations

import json
import sqlite3
import time

import pytest
from flask import Flask
from small_odoo import until

from print_server.database import Database
from print_server.odoo_link.answer_memory import AnswerMemory
from print_server.odoo_link.calls import Calls
from print_server.odoo_link.protocol import Call

KEY = {"Idempotency-Key": "key-1"}


@pytest.fixture
def memory(tmp_path):
    database = Database(tmp_path)
    yield AnswerMemory(database)
    database.close()


@pytest.fixture
def performed():
    return []


@pytest.fixture
def run(memory, performed):
    """Makes the calls of one run of the print server."""
    app, made = Flask("small"), []

    @app.route("/api/print", methods=["POST", "GET"])
    def print_labels():
        performed.append(time.monotonic())
        return {"job_id": f"job-{len(performed)}"}, 201

    def begin(knows_keys=True):
        made.append(Calls(app, memory, lambda: None, knows_keys))
        return made[-1]

    yield begin
    for calls in made:
        calls.close(2)


def answer(calls, call):
    calls.take(call, time.monotonic())
    until(calls.has_answers, "no answer")
    (found,) = calls.answers()
    calls.brought([found])
    return found.status, json.loads(found.body)


@pytest.mark.parametrize(
    ("knows_keys", "headers", "status", "times"), [(True, KEY, 201, 2), (False, KEY, 500, 1), (True, {}, 500, 1), (False, {}, 500, 1)]
)
def test_a_call_whose_answer_died_with_the_server_is_performed_again_only_with_a_key_that_is_known(
    run, memory, performed, monkeypatch, knows_keys, headers, status, times
):
    """Without the capability `idempotency` the print server reads no key: it would print once more."""

    def killed(_answer):
        raise sqlite3.OperationalError("the process has ended")

    call = Call("a", "POST", "/api/print", headers, b"{}", 30)
    with monkeypatch.context() as patch:
        patch.setattr(memory, "keep", killed)
        assert answer(run(knows_keys), call)[0] == 201
    found, document = answer(run(knows_keys), call)
    assert (found, len(performed)) == (status, times)
    if status == 500:
        assert document["code"] == "interrupted"


def test_a_call_that_no_thread_can_be_started_for_is_taken_the_next_time(run, performed, monkeypatch, caplog):
    calls, call = run(), Call("a", "GET", "/api/print", {}, b"", 30)
    adjust = calls._pool._adjust_thread_count

    def none():
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(calls._pool, "_adjust_thread_count", none)
    calls.take(call, time.monotonic())
    assert "can't start new thread" in caplog.text
    monkeypatch.setattr(calls._pool, "_adjust_thread_count", adjust)
    assert answer(calls, call)[0] == 201
    # The pool still has the first one in its queue: it is not performed besides.
    assert answer(calls, Call("b", "GET", "/api/print", {}, b"", 30))[0] == 201
    assert len(performed) == 2
