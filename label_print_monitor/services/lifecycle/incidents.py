"""What stops a printer, as incidents: which one opens, goes on, comes again or is over, and when people are told of it.

A printer that stops says why, and often more than one thing at once, or one after the other: out of labels, then
paused, then open while somebody changes the roll. To people that is one stop with one remedy.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..contract.reports import PrinterReason
from ..wording.error_catalogue import code_for_reason
from .server_clock import ServerClock

# What is over for no longer than this, and comes again, has not been over.
FLAPPING = timedelta(seconds=30)
# So long is gathered what a stop does to jobs before people are told, in one message.
GATHER = timedelta(seconds=2)
# People who know of it are told no more often than this that more of their jobs have failed by it.
TELL_AGAIN = timedelta(seconds=10)
# People who have heard that it is over, while it comes and goes, hear at the latest after so long that it is not.
TELL_OF_FLAPPING = timedelta(minutes=5)

SERVER_AWAY = "server_away"
NO_REASON = "no_reason"  # the printer needs somebody, and its print server says no more
OFFLINE = "printer_offline"
# How a printer is while somebody sees to it: no new incident while there is, or just was, another one. A printer
# without labels is paused, too. In the order in which a person removes them.
HANDLING = ("head_open", "paused")
# While one of these is so, nobody knows what else is wrong with the printer.
UNREACHABLE = frozenset({OFFLINE, "printer_silent", "network_timeout", "spooler_unreachable"})
# Codes of a job's error that a stopped printer is the cause of; all others are the label's, the request's, a person's.
OF_THE_PRINTER = frozenset(
    {
        OFFLINE, "printer_silent", "printer_error", "network_timeout", "paper_out", "ribbon_out", "head_open", "paused",
        "jam", "overheated", "buffer_full", "uncertain", "label_failed", "not_on_paper", "spooler_paused",
        "spooler_rejecting", "spooler_unreachable", "spooler_no_queue", "spooler_refused",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Known:
    """An incident of one printer that is open, or has been over for a short time. Times are naive UTC."""

    id: int
    cause: str
    opened_at: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True)
class Changes:
    """What a report changes.

    :ivar opened: causes of new incidents
    :ivar reopened: ids of incidents that are not over after all
    :ivar closed: ids of incidents that are over
    """

    opened: tuple[str, ...] = ()
    reopened: tuple[int, ...] = ()
    closed: tuple[int, ...] = ()


def causes_of(status: str, reasons: Iterable[PrinterReason]) -> frozenset[str]:
    """What keeps a printer from printing: the catalogue's codes, and keywords that it does not know as they are."""
    reasons = tuple(reasons)
    causes = {code_for_reason(reason.keyword) or reason.keyword for reason in reasons if reason.severity == "error"}
    if status == "offline":
        causes.add(OFFLINE)
    elif status == "attention" and not reasons:
        causes.add(NO_REASON)
    return frozenset(causes)


def compare(known: Collection[Known], causes: Collection[str], at: datetime) -> Changes:
    """What it means for the incidents of one printer that exactly these causes are so since ``at``.

    :param known: the printer's incidents that are open, and those that have been over for no longer than `FLAPPING`
    """
    is_open = [incident for incident in known if incident.closed_at is None]
    over = sorted(
        (incident for incident in known if incident.closed_at and at - incident.closed_at <= FLAPPING),
        key=lambda incident: (incident.closed_at, incident.id),
    )
    causes = set(causes)
    main = causes - set(HANDLING)
    if not main and causes:
        # Somebody is at it, or must be: what was open goes on until the printer is ready.
        if is_open:
            return Changes()
        if over:
            return Changes(reopened=(over[-1].id,))
        return Changes(opened=(next(cause for cause in HANDLING if cause in causes),))
    goes_on = {incident.cause for incident in is_open if incident.cause in causes or causes & UNREACHABLE}
    wanted = sorted(main - goes_on)
    last = {incident.cause: incident.id for incident in over}
    return Changes(
        opened=tuple(cause for cause in wanted if cause not in last),
        reopened=tuple(last[cause] for cause in wanted if cause in last),
        closed=tuple(incident.id for incident in is_open if incident.cause not in goes_on),
    )


def believed(said: datetime | None, skew: float, earliest: datetime | None, now: datetime) -> datetime:
    """When it happened: by the print server's clock where that can be true, else now.

    :param said: the print server's own time, naive UTC; None where it says none
    :param skew: seconds by which its clock is ahead of ours
    :param earliest: it cannot have happened before
    """
    return ServerClock(skew).believe(said, earliest, now) or now


def is_stopped_by(error_code: str, causes: Collection[str]) -> str:
    """The one of these causes, those of the incidents at a job's printer, by which the job has failed; '' for none."""
    if error_code in causes:
        return error_code
    if not causes or (error_code and error_code not in OF_THE_PRINTER):
        return ""
    return min(causes)


def when_to_tell(
    event: str,
    told: str,
    now: datetime,
    times: int = 1,
    last_told: datetime | None = None,
    due: datetime | None = None,
) -> datetime:
    """When it is looked what people are to be told of an incident, after what has just happened to it.

    :param event: "opened", "stopped" (a job has failed or begun to wait by it), "left" (a job does not wait for it any
        more), "closed" or "reopened"
    :param told: what they have been told: "no", "open" or "over"
    :param times: how often it has come so far
    :param last_told: when people were last told of it
    :param due: when it was to be looked at before this; what is to be told already does not wait for what comes later
    """
    soon = now + GATHER
    if event == "reopened" and told == "over":
        # Told again only when it stays: each time that it comes the wait begins anew.
        stays = max(soon, min(now + FLAPPING, (last_told or now) + TELL_OF_FLAPPING))
        return due if due and due <= soon else stays
    next_due = _when_to_tell(event, told, now, times, last_told)
    return min(due, next_due) if due else next_due


def _when_to_tell(event: str, told: str, now: datetime, times: int, last_told: datetime | None) -> datetime:
    if event == "closed":
        # One that comes and goes is over when it has stayed away.
        return now + (GATHER if times == 1 else FLAPPING)
    soon = now + GATHER
    if event == "stopped" and told == "open" and last_told:
        return max(soon, last_told + TELL_AGAIN)
    return soon  # after "left", too: it may be of nobody's concern now


def is_over(closed_at: datetime | None, times: int, now: datetime) -> bool:
    """Whether people are to be told that it is over: one that comes and goes must have stayed away for a while."""
    return bool(closed_at) and (times == 1 or now - closed_at >= FLAPPING)


def duration(opened_at: datetime, closed_at: datetime | None, now: datetime) -> timedelta:
    """How long it has lasted; never less than nothing."""
    return max((closed_at or now) - opened_at, timedelta(0))


def by_printer(rows: Iterable[Mapping[str, object]]) -> dict[int, list[Known]]:
    """`Known` incidents by the id of their printer, from rows with the same names and `printer_id`."""
    found: dict[int, list[Known]] = {}
    for row in rows:
        incident = Known(row["id"], row["cause"], row["opened_at"], row["closed_at"])  # type: ignore[arg-type]
        found.setdefault(row["printer_id"], []).append(incident)  # type: ignore[arg-type]
    return found
