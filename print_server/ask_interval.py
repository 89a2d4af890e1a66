"""How often a printing printer is asked, and how many labels are under way: as little as keeps it from stopping.

A printer whose next label is not there when one ends has to stop, which costs it some tenths of a second. So the
question must come soon after a label's end; but each question costs the printer time too.
"""

from __future__ import annotations

FIRST, SHORTEST, LONGEST = 0.005, 0.001, 0.25
"""Seconds between an answer and the next question."""
_SHARE = 0.2
"""Of the time that a label takes."""
USUAL_WINDOW, WIDEST_WINDOW = 2, 4
_SLOW_ANSWER = 0.01
_MANNER = 3
_FORGET = 1.05
"""By this factor for each label the quickest one is forgotten: printers slow down with the print."""


class AskInterval:
    """`seconds` until the next question, and the size of the `window`, for one printer."""

    def __init__(self, window: int | None) -> None:
        self._fixed = window is not None
        self._window = window or USUAL_WINDOW
        self._closes = 0
        self.seconds = FIRST
        self._longest = LONGEST
        self._quickest = 0.5

    def finished(self, ran_dry: bool, label_seconds: float, answer_seconds: float, settled: bool = True) -> None:
        """Labels have left the printer, `label_seconds` each; it `ran_dry` when it had no other one to go on with.

        More than the usual ones are under way only where an odometer settles what becomes of them: `settled`.
        """
        self._quickest = max(SHORTEST, min(self._quickest * _FORGET, label_seconds))
        slow = answer_seconds >= _SLOW_ANSWER
        if self.window == 1:
            self.seconds = min(max(SHORTEST, 0.5 * _SHARE * self._quickest), 0.1)
        elif not ran_dry:
            self.seconds = max(SHORTEST, min(1.5 * self.seconds, _SHARE * self._quickest, self._longest))
        else:
            # That was too long, and stays so: without a limit each growth would end in another stop.
            self._longest = max(SHORTEST, self.seconds / 2)
            self.seconds = max(SHORTEST, self.seconds / 4)
        # It prints faster than it answers: however soon it is asked, the answer may come late.
        late = ran_dry or (self._window == USUAL_WINDOW and 2 * answer_seconds > self._quickest)
        if late and slow and settled and not self._fixed and not self._closes:
            self._window = min(self._window + 1, WIDEST_WINDOW)

    @property
    def window(self) -> int:
        """Most labels under way. One to a printer that closes the connection, or another on its heels would be lost."""
        return 1 if self._closes else self._window

    @property
    def closes_always(self) -> bool:
        """Whether the connection has ended after each of several labels: that is the printer's behaviour."""
        return self._closes >= _MANNER

    def closed(self) -> None:
        """The connection has ended with labels under way.

        One that the printer closes while another label is coming in looks like a fault, so every end counts, until a
        label has come out and the connection stands.
        """
        self._closes += 1

    def kept_open(self) -> None:
        """A label was printed, and its connection is still there."""
        self._closes = 0

    def stopped(self) -> None:
        """The printer was stopped: its next labels say nothing of its pace."""
        self.seconds = FIRST
