"""Slows down whoever tries out API keys: so many wrong ones a minute from one address, then 429.

The right key passes at an address from which it came before, so that a stranger behind the same proxy, or a second
Odoo with an old key, does not lock out the first one.
"""

from __future__ import annotations

import hashlib
import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from .envelope import ApiError

WINDOW = 60.0
"""Seconds in which so many wrong keys are answered."""
MOST_ADDRESSES = 1000
"""So many are remembered, the longest unseen forgotten first."""
_MOST_KEYS = 10


@dataclass
class _Caller:
    wrong: deque[float]
    known: set[bytes] = field(default_factory=set)


class WrongKeyLimit:
    """Used by all threads. `check` before a key is compared, then `right` or `wrong`. A limit of 0 lets all pass."""

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._clock = limit, clock
        self._callers: OrderedDict[str, _Caller] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, address: str, key: str) -> None:
        """Raises ApiError 429 when this address has tried too many wrong keys and this is none it is known by."""
        with self._lock:
            caller = self._callers.get(address)
            if caller is None or not self._limit or len(caller.wrong) < self._limit or _digest(key) in caller.known:
                return
            wait = caller.wrong[0] + WINDOW - self._clock()
        if wait > 0:
            seconds = math.ceil(wait)
            message = f"Too many wrong API keys from this address: wait {seconds} s, and correct the key."
            raise ApiError(429, "too_many_wrong_keys", message, {"Retry-After": str(seconds)})

    def right(self, address: str, key: str) -> None:
        """A key was one of ours."""
        with self._lock:
            known = self._caller(address).known
            if len(known) < _MOST_KEYS:
                known.add(_digest(key))

    def wrong(self, address: str) -> bool:
        """A key was none of ours. True when this was the last one that is answered for now."""
        with self._lock:
            wrong = self._caller(address).wrong
            wrong.append(self._clock())
            return bool(self._limit) and len(wrong) == self._limit

    def _caller(self, address: str) -> _Caller:
        caller = self._callers.setdefault(address, _Caller(deque(maxlen=self._limit)))
        self._callers.move_to_end(address)
        if len(self._callers) > MOST_ADDRESSES:
            self._callers.popitem(last=False)
        return caller


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
