"""Questions to a spooler that never take longer than they may: the process that asks them is ended when they do.

One process for all queues of one spooler (see spooler_process.py). When it is ended because one question got no answer,
the others that were under way get none either: what became of them is asked again, which every operation allows.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

_logger = logging.getLogger(__name__)
_REST = 1.0
"""Seconds between two starts of the process, so that a spooler that hangs does not cost a start for each question."""
_PACKAGE = Path(__file__).resolve().parent


class SpoolerUnreachable(Exception):
    """No answer within the time, or none that can be read. Whether the question has arrived is not known."""


class SpoolerRefused(Exception):
    """The spooler has answered that it did not do it; `status` is IPP's (RFC 8011, appendix B) or HTTP's."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{message} (0x{status:04x})")
        self.status = status


class SpoolerLink:
    """The process of one spooler, started when it is needed. For several threads."""

    def __init__(self, host: str, port: int, module: str = f"{__package__}.spooler_process") -> None:
        """`host` may be the path of a socket."""
        self._command = [sys.executable, "-m", module, host, str(port)]
        self._lock = threading.Lock()
        self._child: subprocess.Popen[str] | None = None
        self._questions: dict[int, _Question] = {}
        self._number = 0
        self._started = 0.0

    def call(self, lane: str, operation: str, *arguments: Any, timeout: float) -> Any:
        """Ask and wait at most `timeout` seconds. Raises SpoolerUnreachable, SpoolerRefused."""
        question = _Question()
        with self._lock:
            child = self._running()
            self._number += 1
            number = self._number
            self._questions[number] = question
            question.child = child
            try:
                child.stdin.write(json.dumps([number, lane, operation, arguments]) + "\n")
                child.stdin.flush()
            except OSError as error:
                del self._questions[number]
                self._end(child)
                raise SpoolerUnreachable(f"the process has ended: {error}") from error
        if not question.done.wait(timeout):
            with self._lock:
                self._questions.pop(number, None)
                _logger.warning("The spooler has not answered %r within %.1f s", operation, timeout)
                self._end(child)
            raise SpoolerUnreachable("timed out")
        if question.answer is None:
            raise SpoolerUnreachable("the process has ended")
        if len(question.answer) == 2:
            return question.answer[1]
        _number, _nothing, status, message = question.answer
        if status:
            raise SpoolerRefused(status, message)
        raise SpoolerUnreachable(message)

    def close(self) -> None:
        """End the process."""
        with self._lock:
            if self._child:
                self._end(self._child)

    def _running(self) -> subprocess.Popen[str]:
        if self._child and self._child.poll() is None:
            return self._child
        if time.monotonic() - self._started < _REST and self._started:
            raise SpoolerUnreachable("it has not answered a moment ago")
        self._started = time.monotonic()
        path = os.pathsep.join(filter(None, [str(_PACKAGE.parent), os.environ.get("PYTHONPATH", "")]))
        # In the C locale the spooler's messages are the ones that cups_printer.py knows.
        self._child = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**os.environ, "LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "1", "PYTHONPATH": path},
        )
        threading.Thread(target=self._read, args=(self._child,), name="spooler answers", daemon=True).start()
        return self._child

    def _end(self, child: subprocess.Popen[str]) -> None:
        with contextlib.suppress(OSError):
            child.kill()
        if self._child is child:
            self._child = None

    def _read(self, child: subprocess.Popen[str]) -> None:
        for line in child.stdout:
            with contextlib.suppress(ValueError, IndexError, TypeError):
                answer = json.loads(line)
                with self._lock:
                    question = self._questions.pop(answer[0], None)
                if question:
                    question.answer = answer
                    question.done.set()
        with self._lock:
            lost = [number for number, question in self._questions.items() if question.child is child]
            for number in lost:
                self._questions.pop(number).done.set()
        child.wait()
        for stream in (child.stdin, child.stdout):
            with contextlib.suppress(OSError):
                stream.close()


class _Question:
    """One that waits for its answer; `answer` stays None when the process ended."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.answer: list[Any] | None = None
        self.child: subprocess.Popen[str] | None = None
