"""The labels left on the roll in a printer: what the label account says has been fed since the roll was changed.

What counts as fed, rather too much than too little, because a roll that ends before its time is what people are to be
warned of:

- each label that an attempt brought to paper, in each attempt: one that is printed again has moved paper twice; copies,
  test labels, and labels that were destroyed or that somebody has not found on paper count as well;
- each label that is uncertain: it may be on paper;
- of an attempt that runs, what its print server has counted so far.

Not counted is what the account cannot know: labels fed by hand, by a calibration or by another program, and labels that
a print server calls failed or taken back, of which nearly all have never left it. So every number is "about".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

# What is stored of it with the printer, and read with many of them.
ROLL_FIELDS = ("roll_size", "roll_labels", "roll_base", "roll_counted_at")
MOST_LABELS = 100_000  # of a roll or of a stack of fan-fold labels
# A roll is low when a tenth of a full one is left.
LOW_PART = 10
# Whoever says so soon again that the roll was changed means the same change.
SAME_CHANGE = timedelta(minutes=1)


@dataclass(frozen=True)
class Roll:
    """The roll in one printer.

    :ivar size: labels on a full roll
    :ivar labels: how many there were when the count began
    :ivar fed: how many have been fed since
    :ivar printing: how many the job that prints still needs
    :ivar next_job: the id of the job that is printed next, 0 when none waits
    :ivar next_needs: how many labels it needs
    :ivar needed: how many all jobs need that have not ended at this printer
    """

    size: int
    labels: int
    fed: int
    printing: int = 0
    next_job: int = 0
    next_needs: int = 0
    needed: int = 0

    @property
    def left(self) -> int:
        """How many are left; 0 or less when the roll should be empty, the number then means nothing more."""
        return self.labels - max(0, self.fed)

    @property
    def problem(self) -> str:
        """What somebody should know before it happens.

        :return: "empty", "printing" (what prints needs more than is left), "next" (what is printed next does), "low",
            or "" for nothing
        """
        if self.left <= 0:
            return "empty"
        if self.printing > self.left:
            return "printing"
        if self.next_needs and self.printing + self.next_needs > self.left:
            return "next"
        return "low" if self.left * LOW_PART <= self.size else ""

    def lacks(self, wanted: int) -> bool:
        """Whether `wanted` further labels are more than what is left after the jobs that have not ended."""
        return wanted > 0 and self.needed + wanted > self.left


def is_same_change(changed_at: datetime | None, now: datetime) -> bool:
    """Whether a roll that is said to be changed `now` is the one of `changed_at`."""
    return changed_at is not None and timedelta(0) <= now - changed_at < SAME_CHANGE
