"""Columns of short values as text: equal neighbours once, with how many they are; times as differences.

A job of 500 labels keeps a time, a code and a count for each of them. As JSON objects that would be 40 kB in the
database; PostgreSQL keeps a text inside `jsonb` as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TypeVar

_EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 - naive UTC, as all times here
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


_T = TypeVar("_T")


def runs_of(values: Iterable[_T]) -> list[tuple[_T, int]]:
    """Equal neighbours as ``(value, how many)``."""
    runs: list[tuple[_T, int]] = []
    for value in values:
        if runs and runs[-1][0] == value:
            runs[-1] = (value, runs[-1][1] + 1)
        else:
            runs.append((value, 1))
    return runs


def write_column(values: Iterable[str]) -> str:
    """``a a a b`` → ``a*3,b``; values hold neither commas nor asterisks."""
    return ",".join(f"{value}*{count}" if count > 1 else value for value, count in runs_of(values))


def read_column(text: object, size: int) -> list[str]:
    """What `write_column` wrote; nothing at all are `size` empty values.

    :raises ValueError: when it does not hold `size` values
    """
    if text is None or (text == "" and not size):
        return [""] * size
    values: list[str] = []
    for part in str(text).split(","):
        value, _mark, count = part.partition("*")
        number = int(count or 1)
        if not 0 < number <= size:
            raise ValueError(f"a run of {number} values in a column of {size}")
        values += [value] * number
    if len(values) != size:
        raise ValueError(f"a column of {len(values)} values instead of {size}")
    return values


def write_times(times: Iterable[datetime | None]) -> str:
    """Each time as its distance from the one before, in milliseconds to the base of 36; '' where there is none."""
    values, before = [], 0
    for moment in times:
        if moment is None:
            values.append("")
            continue
        number = round((moment - _EPOCH) / timedelta(milliseconds=1))
        values.append(_to_base_36(number - before))
        before = number
    return write_column(values)


def read_times(text: object, size: int) -> list[datetime | None]:
    """What `write_times` wrote. Raises ValueError or OverflowError when it is damaged."""
    times: list[datetime | None] = []
    before = 0
    for value in read_column(text, size):
        if not value:
            times.append(None)
            continue
        before += int(value, 36)
        times.append(_EPOCH + timedelta(milliseconds=before))
    return times


def _to_base_36(number: int) -> str:
    if number == 0:
        return "0"
    digits, rest = "", abs(number)
    while rest:
        rest, digit = divmod(rest, 36)
        digits = _DIGITS[digit] + digits
    return f"-{digits}" if number < 0 else digits
