"""Whom an incident is told to that nobody is on: which steps concern it, and when each of them is due.

How long people have worked since is counted by the caller, who knows their calendar.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

LEAST_MINUTES, MOST_MINUTES = 1, 7 * 24 * 60


@dataclass(frozen=True)
class Step:
    """A step as a print manager has set it.

    :ivar minutes: of working time for which nobody has been on the incident
    :ivar company_id: whose incidents it is for; None for those of all companies
    :ivar printer_ids: the printers that it is for
    :ivar place: the place whose printers it is for; '' together with no printer: for all printers and print servers
    """

    id: int
    minutes: int
    company_id: int | None = None
    printer_ids: frozenset[int] = frozenset()
    place: str = ""


def same_place(one: str, other: str) -> bool:
    """Whether two people have written the same place: upper case and spaces make no difference."""
    first, second = (" ".join(text.split()).casefold() for text in (one, other))
    return bool(first) and first == second


def steps_for(steps: Collection[Step], printer_id: int | None, place: str, company_id: int | None) -> tuple[Step, ...]:
    """The steps for an incident: those of its printer, else those of its place, else those for all printers.

    A printer that all companies share has the steps of each of them, found for each company by itself, so that a step
    of one company for this printer does not replace what another one has set for all its printers.

    :param printer_id: None for an incident of a print server
    :param company_id: None where all companies share it
    """
    companies = {company_id} if company_id else {step.company_id for step in steps if step.company_id} or {None}
    found: set[Step] = set()
    for company in companies:
        of_company = [step for step in steps if step.company_id in (None, company)]
        found.update(
            [step for step in of_company if printer_id and printer_id in step.printer_ids]
            or [step for step in of_company if same_place(step.place, place)]
            or [step for step in of_company if not step.printer_ids and not step.place]
        )
    return tuple(sorted(found, key=lambda step: (step.minutes, step.id)))


def counted_from(*moments: datetime | None) -> datetime:
    """From when on the minutes count: the last of when it began, was given back, and could be told of at all.

    :raise ValueError: when none of them is known
    """
    return max(moment for moment in moments if moment)


def due_moments(
    steps: Iterable[Step], told: Collection[int], after: Callable[[Step], datetime | None]
) -> list[tuple[datetime, Step]]:
    """When each step is due that has not been told yet, the first one first.

    :param told: ids of the steps that have been told; none is told twice
    :param after: the moment at which the step's minutes of working time are over; None when that is never
    """
    moments = [(moment, step) for step in steps if step.id not in told and (moment := after(step))]
    return sorted(moments, key=lambda due: (due[0], due[1].minutes, due[1].id))


def is_awaiting(is_open: bool, is_taken: bool, is_quiet: bool) -> bool:
    """Whether steps are told at all.

    :param is_taken: somebody is on it, or has been made responsible
    :param is_quiet: its printer is in maintenance
    """
    return is_open and not is_taken and not is_quiet
