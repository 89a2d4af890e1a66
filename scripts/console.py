"""Console output of the scripts: a line for each long step, and for each failure what to do about it.

Everything goes to stderr, so that a script may print a result (a path, a table) on stdout.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Failure(Exception):
    """A step that failed: the problem, and what the user can do about it."""

    def __init__(self, problem: str, what_to_do: str):
        super().__init__(problem)
        self.problem = problem
        self.what_to_do = what_to_do


def say(text: str = "") -> None:
    print(text, file=sys.stderr, flush=True)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Print the name of a long step, and how long it took."""
    started = time.monotonic()
    say(f"· {what} …")
    yield
    seconds = time.monotonic() - started
    if seconds >= 2:
        say(f"  done in {seconds:.0f} s")


def exit_code_of(main: Callable[[], int]) -> int:
    """Run a command's main function; a Failure becomes two readable lines, Ctrl-C and `kill` a clean exit."""
    for number in ENDING_SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:  # as under nohup
            signal.signal(number, _interrupt)
    try:
        return main()
    except Failure as failure:
        say(f"\n✗ {failure.problem}")
        say(f"  What to do: {failure.what_to_do}")
        return 1
    except KeyboardInterrupt:
        say("\nInterrupted; everything that was started has been stopped.")
        return 130


def _interrupt(_number: int, _frame: object) -> None:
    for number in ENDING_SIGNALS:  # a second signal must not interrupt the cleanup
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
