"""A limit of requests a minute for each key, and headers that tell a client how many are left."""

from __future__ import annotations

import math
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass

from .envelope import ApiError

WINDOW = 60.0


@dataclass(frozen=True)
class Allowance:
    """What is left in the running minute; `reset` is in whole seconds until a request is free again."""

    limit: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        """As HTTP headers."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset),
        }


class RateLimiter:
    """A sliding window a key: the times of the last minute's requests. A limit of 0 lets everything pass."""

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit, self._clock = limit, clock
        self._times: defaultdict[str, deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()

    def take(self, key: str) -> Allowance | None:
        """Count one request. None when unlimited; raises ApiError 429 with Retry-After when none is left."""
        if not self.limit:
            return None
        moment = self._clock()
        with self._lock:
            times = self._times[key]
            while times and times[0] <= moment - WINDOW:
                times.popleft()
            if len(times) < self.limit:
                times.append(moment)
                return Allowance(self.limit, self.limit - len(times), math.ceil(times[0] + WINDOW - moment))
            wait = max(1, math.ceil(times[0] + WINDOW - moment))
        headers = {**Allowance(self.limit, 0, wait).headers(), "Retry-After": str(wait)}
        message = f"More than {self.limit} requests in a minute: wait {wait} s, or ask for many jobs in one call."
        raise ApiError(429, "rate_limited", message, headers)
