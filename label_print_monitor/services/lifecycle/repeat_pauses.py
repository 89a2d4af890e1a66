"""When a request that was answered with an error is sent again: soon, then after twice as long each time.

Kept in memory alone. A process that does not know a pause asks once too often, nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable

from .poll_schedule import FIRST_REPEAT, LONGEST_REPEAT


class RepeatPauses:
    """The pauses of the requests to one server, by what they are about. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._pauses: dict[str, tuple[float, float]] = {}  # the last pause, and when it ends

    def keep(self, ids: Iterable[str]) -> None:
        """Forget all but these: the others need no further request."""
        wanted = set(ids)
        self._pauses = {id_: pause for id_, pause in self._pauses.items() if id_ in wanted}

    def due(self, ids: Iterable[str], moment: float) -> tuple[str, ...]:
        """Those of ``ids`` that may be asked for now."""
        return tuple(id_ for id_ in ids if id_ not in self._pauses or self._pauses[id_][1] <= moment)

    def failed(self, ids: Iterable[str], moment: float, retry_after: float | None = None) -> None:
        """These were answered with an error, or were not sent because of one.

        :param retry_after: seconds that the server asks to wait at least
        """
        for id_ in ids:
            last = self._pauses.get(id_)
            pause = min(2 * last[0], LONGEST_REPEAT) if last else FIRST_REPEAT
            self._pauses[id_] = (pause, moment + max(pause, retry_after or 0.0))

    def next_at(self) -> float | None:
        """When the first pause ends; None without any."""
        return min((ends for _pause, ends in self._pauses.values()), default=None)
