"""Write many records with different values in few statements, as the ORM itself does when it flushes."""

from collections import defaultdict
from collections.abc import Hashable

from odoo import models
from odoo.tools import SQL

# Rows of one statement. What it takes to read one is little, so that a sweep's thousand jobs are one statement.
ROWS_A_STATEMENT = 1000


class BulkWriteMixin(models.AbstractModel):
    """For what a sweep writes: a thousand rows, each with values of its own."""

    _name = "label.print.bulk.write.mixin"
    _description = "Bulk Write of Different Values"

    def _write_columns(self, vals_list):
        """Write ``vals_list[n]`` to the n-th record, past `write` and its checks.

        For stored fields that are neither translated nor dependent on the company.
        """
        log = {"write_uid": self.env.uid, "write_date": self.env.cr.now()} if self._log_access else {}
        converted = {}  # by field and value: most rows of a sweep have the same times
        rows = defaultdict(list)  # by the columns that are written
        for id_, vals in zip(self._ids, vals_list, strict=True):
            names = tuple(sorted(vals))
            rows[names].append((id_, *[self._column_value(name, vals[name], converted) for name in names]))
        for names, of_names in rows.items():
            for start in range(0, len(of_names), ROWS_A_STATEMENT):
                self._update_rows(names, of_names[start : start + ROWS_A_STATEMENT], log)
        names = set().union(*vals_list)
        self.invalidate_recordset([*names, *log], flush=False)
        self.modified(names)

    def _column_value(self, name, value, converted):
        """A value of the field `name` as its column takes it; equal values become the same object."""
        key = (name, type(value), value) if isinstance(value, Hashable) else None
        if key is not None and key in converted:
            return converted[key]
        field = self._fields[name]
        column = field.convert_to_column(field.convert_to_write(field.convert_to_cache(value, self), self), self)
        if key is not None:
            converted[key] = column
        return column

    def _update_rows(self, names, rows, log):
        """One statement for rows ``(id, *values)``. A value that all of them have is sent once."""
        ids, *columns = zip(*rows, strict=True)
        same = {name: column[0] for name, column in zip(names, columns, strict=True) if _one_object(column)}
        different = {name: column for name, column in zip(names, columns, strict=True) if name not in same}
        assignments = [
            SQL("%s = %s::%s", SQL.identifier(name), value, SQL.identifier(self._fields[name].column_type[0]))
            for name, value in {**log, **same}.items()
        ]
        assignments += [SQL("%s = new.%s", SQL.identifier(name), SQL.identifier(name)) for name in different]
        arrays = [SQL("%s::integer[]", list(ids))]
        arrays += [
            SQL("%s::%s[]", list(column), SQL.identifier(self._fields[name].column_type[0]))
            for name, column in different.items()
        ]
        self.env.cr.execute(
            SQL(
                "UPDATE %(table)s SET %(assignments)s FROM unnest(%(arrays)s) AS new(%(columns)s) "
                "WHERE %(table)s.id = new.id",
                table=SQL.identifier(self._table),
                assignments=SQL(", ").join(assignments),
                arrays=SQL(", ").join(arrays),
                columns=SQL(", ").join(map(SQL.identifier, ("id", *different))),
            )
        )


def _one_object(column):
    """Whether all these values are one and the same."""
    return all(value is column[0] for value in column)
