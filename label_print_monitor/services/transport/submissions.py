"""Hands waiting jobs over to print servers, without a database: each print server has a lane of its own.

A server that accepts connections and never answers must cost the others nothing, and itself one time limit, not one
for each job that waits for it. So a lane sends a few jobs at once, and closes when its server does not answer: what is
left of it was not sent, and is tried again later.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any

from ..lifecycle.poll_schedule import submit_pause
from .print_server_client import PrintServerClient
from .server_errors import ConfigurationError, PrintServerError, RateLimited, Refused, Unreachable

WORKERS = 4  # jobs that are handed to one print server at the same time
FAILURES_IN_A_ROW = 3  # jobs without an answer of the contract, one after the other, after which a lane closes
KEY_REUSED = "idempotency_key_reused"


@dataclass(frozen=True)
class Submission:
    """One job to be handed over.

    :ivar job_id: Odoo's id of the job
    :ivar idempotent: the server knows a repetition by its key
    :ivar lookup: the server can be asked what became of a key
    :ivar maybe: an earlier request under this key may have arrived
    :ivar cancel: the job is not wanted any more
    :ivar until: when to give up trying again, by the monotonic clock
    """

    job_id: int
    client: PrintServerClient
    key: str
    payload: dict[str, Any]
    idempotent: bool
    lookup: bool
    maybe: bool
    cancel: bool
    until: float

    def run(self, may_repeat: Callable[[PrintServerError, float], bool] = lambda _error, _pause: False) -> Any:
        """Talk to the print server.

        :param may_repeat: called with an error after which the same request could be sent again, and with the pause in
            seconds before that; waits so long, and says whether to send it
        :return: the server's answer, or the `PrintServerError` that stays
        """
        with self.client as client:
            try:
                if self.cancel and self.lookup:
                    return client.cancel_submission(self.key)
                answer = self._submit(client, may_repeat)
                if self.lookup and isinstance(answer, PrintServerError) and answer.code == KEY_REUSED:
                    # The server has this key, so the request has arrived: it only does not look like this one.
                    return client.lookup(self.key) or answer
            except PrintServerError as error:
                return error
            return answer

    def _submit(self, client: PrintServerClient, may_repeat: Callable[[PrintServerError, float], bool]) -> Any:
        """Send the job, again after 1, 2 and 4 s where that is safe."""
        tries = 0
        while True:
            tries += 1
            try:
                return client.submit(self.payload, idempotency_key=self.key)
            except PrintServerError as error:
                # Sending again is safe when nothing arrived, or when the server knows a repetition by its key.
                again = error.retryable and (self.idempotent or not error.maybe_delivered)
                pause = submit_pause(tries)
                pause = max(pause, error.retry_after or 0) if pause else None
                if not again or not pause or time.monotonic() + pause > self.until or not may_repeat(error, pause):
                    return error


@dataclass(frozen=True)
class Handover:
    """What became of one submission.

    :ivar answer: the server's answer, a `PrintServerError`, or what went wrong in the program itself
    :ivar sent: whether anything was sent; if not, `answer` is why its lane had closed
    """

    server_id: int
    submission: Submission
    answer: Any
    sent: bool = True


@dataclass
class Lane:
    """The jobs that wait for one print server, in their order.

    :ivar handovers: where results go; one for each submission, sooner or later
    """

    server_id: int
    submissions: Iterable[Submission]
    handovers: queue.SimpleQueue[Handover]
    _waiting: deque[Submission] = field(init=False)
    _closed: threading.Event = field(default_factory=threading.Event, init=False)
    _error: PrintServerError | None = field(default=None, init=False)
    _failures: int = field(default=0, init=False)
    _has_answered: bool = field(default=False, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def __post_init__(self) -> None:
        self._waiting = deque(self.submissions)

    def start(self, pool: Executor, workers: int = WORKERS) -> None:
        """Begin to send, `workers` jobs at a time.

        :raise RuntimeError: when no thread can begin any more, and nothing was sent
        """
        for worker in range(min(workers, len(self._waiting))):
            try:
                pool.submit(self._work)
            except RuntimeError:
                if not worker:
                    raise
                return  # those that have begun take the others' share

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    return
                submission = self._waiting.popleft()
                error = self._error
            if error:
                self.handovers.put(Handover(self.server_id, submission, error, sent=False))
                continue
            try:
                answer = submission.run(self._may_repeat)
            except Exception as mistake:  # noqa: BLE001 - of ours: whoever takes the result raises it where it is logged
                answer = mistake
            self._note(answer)
            self.handovers.put(Handover(self.server_id, submission, answer))

    def _may_repeat(self, error: PrintServerError, pause: float) -> bool:
        if self._hangs(error):
            return False  # it would cost the next time limit; a server that restarts refuses connections, quickly
        return not self._closed.wait(pause)

    def _hangs(self, error: PrintServerError) -> bool:
        """Whether the server let this request wait in vain, and has not answered any other."""
        return error.code == "network_timeout" and error.status is None and not self._has_answered

    def _note(self, answer: Any) -> None:
        """Close the lane when what came back says that its server would answer no other job either."""
        with self._lock:
            if not isinstance(answer, PrintServerError) or (answer.in_envelope and not answer.retryable):
                self._has_answered, self._failures = True, 0
                return
            self._failures += 1
            away = isinstance(answer, Unreachable) and not answer.connected
            refused = isinstance(answer, Refused | RateLimited | ConfigurationError)
            if self._hangs(answer) or away or refused or self._failures >= FAILURES_IN_A_ROW:
                self._error = self._error or answer
                self._closed.set()
