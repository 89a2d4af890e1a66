"""Make a print server's times ours, and believe them only where they can be true.

A clock that is minutes off, or a server that writes its local time without a zone, must spoil neither the history nor
an estimate. Two things tell how far it is off: the `Date` header of its answers, and the moment at which it says it
took the job over, which Odoo saw itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

# The `Date` header has whole seconds and the answer has been on its way.
TOLERANCE = timedelta(seconds=5)
# Zones differ from UTC by multiples of this, within these limits.
ZONE_STEP = timedelta(minutes=15)
_WIDEST_ZONE = timedelta(hours=14)
# So far the moment at which the server took the job over may be from the one that Odoo saw: the request and its answer
# have been on their way. Where the clock itself is not known, it may be wrong by minutes beside its zone.
_ON_ITS_WAY = timedelta(minutes=1)
_CLOCK_UNKNOWN = timedelta(minutes=5)
WARN_ABOVE = 60.0  # seconds of skew that an administrator should know of


@dataclass(frozen=True)
class ServerClock:
    """How a server's times become ours.

    :ivar skew: seconds by which its clock is ahead of ours, None when it is not known
    :ivar accepted_at: when Odoo handed the job over (naive UTC)
    :ivar created_at: when the server says that it took the job over
    """

    skew: float | None = None
    accepted_at: datetime | None = None
    created_at: datetime | None = None

    @property
    def ahead(self) -> timedelta:
        """What has to be taken off the server's times."""
        ahead = timedelta(seconds=self.skew or 0.0)
        if self.accepted_at and self.created_at:
            rest = self.created_at - ahead - self.accepted_at
            zone = round(rest / ZONE_STEP) * ZONE_STEP
            # Any other difference is no zone: the request may have arrived, or been begun, long after it was sent.
            if abs(zone) <= _WIDEST_ZONE and abs(rest - zone) <= (_CLOCK_UNKNOWN if self.skew is None else _ON_ITS_WAY):
                ahead += zone
        return ahead

    def believe(self, said: datetime | None, earliest: datetime | None, latest: datetime) -> datetime | None:
        """A time of the server's as ours, to the millisecond as accounts keep it; None when it cannot be true.

        :param said: the server's own time, naive UTC
        :param earliest: it cannot have happened before this (the submission)
        :param latest: nor after this (now)
        """
        if said is None:
            return None
        try:
            moment = said - self.ahead
        except OverflowError:
            return None
        if (earliest and moment < earliest - TOLERANCE) or moment > latest + TOLERANCE:
            return None
        moment = min(max(moment, earliest) if earliest else moment, latest)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
