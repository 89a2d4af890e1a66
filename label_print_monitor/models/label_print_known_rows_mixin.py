"""What a page that follows jobs or printers reads again: the rows that have changed, and those that follow from them.

A page of eighty rows takes tens of milliseconds of processor time to read, most of it for rows in which nothing has
changed. A page says in the context which rows it has and what has changed since. Which rows come, go and move is still
asked of the database.
"""

from odoo import api, models

# In the context of a read: {"rows": ids of the records that the page shows, "changed": ids of the jobs that have
# changed, "printers": ids of the printers that have changed}.
KNOWN = "label_print_known"
PARTS = ("rows", "changed", "printers")


class LabelPrintKnownRowsMixin(models.AbstractModel):
    _name = "label.print.known.rows.mixin"
    _description = "Rows That a Page Has"

    @api.model
    def _known_rows(self):
        """What the page says that it has, as sets of ids by part; None when it says nothing that can be understood."""
        known = self.env.context.get(KNOWN)
        if not isinstance(known, dict):
            return None
        parts = {name: known.get(name) or [] for name in PARTS}
        if not all(isinstance(ids, list | tuple) and all(type(id_) is int for id_ in ids) for ids in parts.values()):
            return None
        return {name: set(ids) for name, ids in parts.items()} if parts["rows"] else None

    @api.model
    def search_fetch(self, domain, field_names=None, *args, **options):
        """With the company, which the record rule asks for when a list is read: Odoo would fetch whole rows for it.

        For a page that has most of its rows nothing else is fetched before it is known which it needs.
        """
        if field_names is not None and not self.env.su:
            known = self._known_rows()
            field_names = ["company_id"] if known else dict.fromkeys([*field_names, "company_id"])
        return super().search_fetch(domain, field_names, *args, **options)

    @api.readonly
    def web_read(self, specification):
        """As always; of a record that the page has only what may have changed, which can be nothing but the id."""
        known = self._known_rows()
        if not known:
            return super().web_read(specification)
        # Records that a record refers to are read in whole.
        records = self.with_context(**{KNOWN: None})
        read = records._to_read_again(known)
        new = read.filtered(lambda record: record.id not in known["rows"])
        constant = self._constant_fields()
        varying = {name: how for name, how in specification.items() if name not in constant}
        kept = {name: how for name, how in specification.items() if name in constant}
        values = {row["id"]: row for row in super(LabelPrintKnownRowsMixin, read).web_read(varying)}
        if new and kept:
            for row in super(LabelPrintKnownRowsMixin, new).web_read(kept):
                values[row["id"]].update(row)
        return [values.get(id_) or {"id": id_} for id_ in self.ids]

    @api.model
    def _constant_fields(self):
        """Fields that stay what they are for as long as a record is there: a page that has its row has their values.

        They are left out for what they cost: most refer to other records, each of which has its name looked up.
        """
        return frozenset()

    def _to_read_again(self, known):
        """Those of these records that the page does not have, that have changed, or that follow from what has changed.

        :param dict known: sets of ids, see `KNOWN`
        """
        raise NotImplementedError
