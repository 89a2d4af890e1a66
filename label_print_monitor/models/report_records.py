"""Records for a report: as they will be, nothing written, and it is noted whether the report has looked at them.

Unsaved records of Odoo's own (`new`) would do for the values, but not tell whether a template goes by its lines.
"""

from collections.abc import Sequence

from odoo import models


class ReportRecord:
    """A record for a report: some values replaced, everything else read from the record, nothing written."""

    def __init__(self, record, **values):
        self.__record = record
        self.__dict__.update(values)

    def __getattr__(self, name):
        return getattr(self.__record, name)

    def __getitem__(self, key):
        return getattr(self, key) if isinstance(key, str) else self._alone()[key]

    def __iter__(self):
        return iter((self,))

    def __len__(self):
        return 1

    def _alone(self):
        """This record as several: in Odoo one is no different."""
        return ReportRecords([self], self.__record.browse())

    def mapped(self, path):
        """See ReportRecords."""
        return self._alone().mapped(path)

    def filtered(self, wanted):
        """See ReportRecords."""
        return self._alone().filtered(wanted)

    def sorted(self, key=None, reverse=False):
        """See ReportRecords."""
        return self._alone().sorted(key, reverse)


class ReportRecords(Sequence):
    """Several records for a report, used as Odoo's own are: templates filter them, map them, and read their fields.

    :ivar read: whether the report has looked at one of them; to count them is no look
    """

    def __init__(self, records, empty):
        """:param empty: no record of their model: what a field of none of them is"""
        self.__records = list(records)
        self.__empty = empty
        self.read = False

    def __len__(self):
        return len(self.__records)

    def __getitem__(self, key):
        self.read = True
        found = self.__records[key]
        return ReportRecords(found, self.__empty) if isinstance(key, slice) else found

    def __iter__(self):
        self.read = True  # also of none: the report goes by these records
        return iter(self.__records)

    def __getattr__(self, name):
        """A field of all of them, as far as several records have one together: what it leads to, never a value."""
        if len(self.__records) == 1:
            return getattr(self[0], name)
        field = self.__empty._fields.get(name)
        return self.mapped(name) if self.__records and field and field.relational else getattr(self.__empty, name)

    def __add__(self, others):
        return ReportRecords([*self, *others], self.__empty)

    def __or__(self, others):
        return self + [one for one in others if one not in self]

    @property
    def ids(self):
        """Their numbers in the database."""
        return [record.id for record in self]

    def mapped(self, path):
        """As Odoo's: what a function, or the path of a field, makes of all of them."""
        if callable(path):
            return self.__joined([path(record) for record in self])
        name, _dot, rest = path.partition(".")
        found = self.__joined([getattr(record, name) for record in self]) if len(self) else self.__empty.mapped(name)
        return found.mapped(rest) if rest else found

    def __joined(self, values):
        """What several records lead to, as one; plain values as a list."""
        if values and all(isinstance(value, models.BaseModel) for value in values):
            return values[0].union(*values[1:])
        if values and all(isinstance(value, ReportRecords) for value in values):
            return sum(values[1:], values[0])
        return values

    def filtered(self, wanted):
        """As Odoo's, by a function or by the path of a field."""

        def is_wanted(record):
            return wanted(record) if callable(wanted) else any(ReportRecords([record], self.__empty).mapped(wanted))

        return ReportRecords([record for record in self if is_wanted(record)], self.__empty)

    def sorted(self, key=None, reverse=False):
        """As Odoo's, by a function or by names of fields; without either they stay in their order."""
        records = list(self)
        if callable(key):
            records.sort(key=key, reverse=reverse)
        elif key:
            for part in reversed(key.split(",")):
                name, *direction = part.split()
                records.sort(key=_sort_key(name), reverse=reverse != (direction[:1] in (["desc"], ["DESC"])))
        return ReportRecords(records, self.__empty)


def _sort_key(name):
    """By a field, records without a value first; related records by their number."""

    def key(record):
        value = getattr(record, name)
        value = value.ids if isinstance(value, models.BaseModel) else value
        return bool(value), value

    return key
