"""Performs Odoo's calls on this print server's own application, several at once, and holds their answers.

A call that takes long holds up no other. One that is under way, or whose answer waits to be brought, is not begun again
when Odoo hands it over again.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Response

from ..app import INTERNAL
from ..clock import iso, now
from .answer_memory import AnswerMemory
from .protocol import LARGEST_ANSWER, TOO_LARGE, Answer, Call

_logger = logging.getLogger(__name__)
AT_ONCE = 8
MOST_WAITING = 400
"""Calls that wait or are under way; more are left to Odoo, which hands them over again."""
NOT_RETURNED = ("content-length", "connection", "transfer-encoding")
BATCH, BATCH_BYTES = 100, 6 * 1024 * 1024
"""Answers of one fetch, and bytes of them together unless a single one is larger."""


class Calls:
    """Used by all threads.

    :param answered: called when there is an answer to bring
    :param knows_keys: the application knows a submission again by its `Idempotency-Key`
    """

    def __init__(self, app: Flask, memory: AnswerMemory, answered: Callable[[], None], knows_keys: bool) -> None:
        self._app, self._memory, self._answered, self._knows_keys = app, memory, answered, knows_keys
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="odoo-call")
        self._lock = threading.Lock()
        self._under_way: dict[str, object] = {}
        self._waiting: dict[str, tuple[Answer, float]] = {}
        self._is_closed = False

    def take(self, call: Call, since: float) -> None:
        """Perform a call in the background.

        :param since: the moment (monotonic) before Odoo was asked, from which on its time counts
        """
        with self._lock:
            known = call.id in self._under_way or call.id in self._waiting
            if known or self._is_closed or len(self._under_way) >= MOST_WAITING:
                return
            mark = self._under_way[call.id] = object()
        try:
            future = self._pool.submit(self._run, call, since + call.expires_in, mark)
        except RuntimeError as error:
            # No thread can be started, or the server stops: it is left to Odoo, which hands it over again.
            with self._lock:
                self._under_way.pop(call.id, None)
            _logger.warning("A call of Odoo cannot be performed now: %s", error)
            return
        future.add_done_callback(lambda done: self._under_way.pop(call.id, None) if done.cancelled() else None)

    def answers(self) -> list[Answer]:
        """Answers to bring, the oldest first, as many as go together; those that nobody wants any more are dropped."""
        moment, total, found = time.monotonic(), 0, []
        with self._lock:
            for call, (answer, ends_at) in list(self._waiting.items()):
                if moment > ends_at:
                    del self._waiting[call]
                    _logger.warning("The answer to a call of Odoo could not be brought in time: call %s", _shown(call))
                    continue
                total += len(answer.body)
                if found and (total > BATCH_BYTES or len(found) >= BATCH):
                    break
                found.append(answer)
        return found

    def brought(self, answers: list[Answer]) -> None:
        """Odoo has these answers, or has said that nobody wants them."""
        with self._lock:
            for answer in answers:
                self._waiting.pop(answer.call, None)

    def replace(self, answer: Answer) -> None:
        """Bring another answer to a call, because Odoo did not take the one there was."""
        with self._lock:
            if answer.call in self._waiting:
                self._waiting[answer.call] = (answer, self._waiting[answer.call][1])

    def has_answers(self) -> bool:
        """Whether there is an answer to bring."""
        with self._lock:
            return bool(self._waiting)

    def close(self, seconds: float) -> None:
        """Begin no more, and wait at most so long for what is under way."""
        with self._lock:
            self._is_closed = True
        self._pool.shutdown(wait=False, cancel_futures=True)
        ends_at = time.monotonic() + seconds
        while self._under_way and time.monotonic() < ends_at:
            time.sleep(0.02)

    def _run(self, call: Call, ends_at: float, mark: object) -> None:
        with self._lock:
            if self._under_way.get(call.id) is not mark:
                return  # the pool has kept what it could not start a thread for
        answer = None
        try:
            if time.monotonic() < ends_at:
                answer = self._answer(call)
            else:
                _logger.warning("A call of Odoo came too late to be performed: %s %s", call.method, _shown(call.path))
        except Exception:
            _logger.exception("A call of Odoo met a fault: %s %s", call.method, _shown(call.path))
            answer = own_answer(call.id, 500, "internal_error", "The print server met a fault; its log says more.")
        finally:
            with self._lock:
                self._under_way.pop(call.id, None)
                if answer:
                    self._waiting[call.id] = (answer, ends_at)
        if answer:
            self._answered()

    def _answer(self, call: Call) -> Answer:
        if call.fault:
            _logger.error("A call of Odoo is refused, because %s: %s %s", call.fault, call.method, _shown(call.path))
            status, code = (413, "body_too_large") if call.fault == TOO_LARGE else (400, "bad_request")
            return own_answer(call.id, status, code, f"The call is refused, because {call.fault}.")
        if not call.changes:
            return self._perform(call)
        try:
            if known := self._memory.find(call.id):
                return known
            if not call.can_be_repeated(self._knows_keys) and not self._memory.begin(call.id):
                words = "The print server ended while it performed this call: what became of it is not known."
                return own_answer(call.id, 500, "interrupted", words)
        except sqlite3.Error as error:
            _logger.error("Storage failed: %s", error)
            words = "The job store is not available: check the disk of the print server, then try again."
            return own_answer(call.id, 503, "storage_unavailable", words)
        answer = self._perform(call)
        try:
            self._memory.keep(answer)
        except sqlite3.Error as error:
            _logger.error("The answer to a call of Odoo could not be stored: %s", error)
        return answer

    def _perform(self, call: Call) -> Answer:
        path, _mark, query = call.path.partition("?")
        builder = EnvironBuilder(
            path=path, query_string=query, method=call.method, headers=call.headers, data=call.body or None,
            environ_base={INTERNAL: True, "REMOTE_ADDR": ""},
        )  # fmt: skip
        try:
            response = Response.from_app(self._app, builder.get_environ(), buffered=True)
        finally:
            builder.close()
        headers = {name: value for name, value in response.headers.items() if name.lower() not in NOT_RETURNED}
        body = response.get_data()
        if len(body) > LARGEST_ANSWER:
            # Odoo then says how large it is, as it does of one that comes over HTTP.
            headers, body = {**headers, "Content-Length": str(len(body))}, b""
        return Answer(call.id, response.status_code, headers, body)


def own_answer(call: str, status: int, code: str, message: str) -> Answer:
    """An error in the contract's form."""
    body = json.dumps({"error": code, "message": message, "code": code, "timestamp": iso(now())}).encode("ascii")
    return Answer(call, status, {"Content-Type": "application/json"}, body)


def _shown(text: str) -> str:
    """A text of Odoo's for the log."""
    return ascii(text[:100])[1:-1]
