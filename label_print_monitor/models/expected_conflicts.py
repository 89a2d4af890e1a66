"""Conflicts between transactions that are part of ordinary operation.

Sweeps, submissions and pushed events change the same rows. Where one loses against another, the database refuses its
statement, and it is run again: nobody has to do anything about that. Odoo logs every refused statement as an error, all
of it; here that is left out, and only that.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_expected: ContextVar[bool] = ContextVar("label_print_conflicts_expected", default=False)


class _LeaveOutConflicts(logging.Filter):
    """For the logger of Odoo's cursor, whose records have the statement and the exception as their arguments."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not _expected.get() or not isinstance(record.args, tuple):
            return True
        return not any(isinstance(argument, PG_CONCURRENCY_EXCEPTIONS_TO_RETRY) for argument in record.args)


logging.getLogger("odoo.sql_db").addFilter(_LeaveOutConflicts())


@contextmanager
def expected_conflicts() -> Iterator[None]:
    """Around what its caller runs again after a conflict: in this thread, refused statements are not logged."""
    token = _expected.set(True)
    try:
        yield
    finally:
        _expected.reset(token)
