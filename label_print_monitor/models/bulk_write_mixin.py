"""Write many records with different values in few statements, as the ORM itself does when it flushes."""

from odoo import models


class BulkWriteMixin(models.AbstractModel):
    """For what a sweep writes: a thousand rows, each with values of its own."""

    _name = "label.print.bulk.write.mixin"
    _description = "Bulk Write of Different Values"

    def _write_columns(self, vals_list):
        """Write ``vals_list[n]`` to the n-th record, past `write` and its checks."""
        names = set().union(*vals_list)
        columns = [
            {
                name: self._fields[name].convert_to_column(
                    self._fields[name].convert_to_write(self._fields[name].convert_to_cache(value, self), self), self
                )
                for name, value in vals.items()
            }
            for vals in vals_list
        ]
        self._write_multi(columns)
        self.invalidate_recordset([*names, "write_date", "write_uid"], flush=False)
        self.modified(names)
