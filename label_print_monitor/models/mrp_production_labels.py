"""The labels of a manufacturing order, made by Odoo's own report from its finished lines, one line after the other.

So of each label it is known which product and which lot it is for, whatever the template writes and whatever they are
called.
"""

from collections.abc import Sequence

from odoo import models
from odoo.exceptions import UserError

from ..services.contract.print_request import LabelError
from ..services.label_files.label_file import split_labels
from .ir_qweb import CONTEXT_KEY, MARK, mark_value

REPORT = "mrp.label_manufacture_template"


class _ReportRecord:
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
        return _ReportRecords([self], self.__record.browse())

    def mapped(self, path):
        """See _ReportRecords."""
        return self._alone().mapped(path)

    def filtered(self, wanted):
        """See _ReportRecords."""
        return self._alone().filtered(wanted)

    def sorted(self, key=None, reverse=False):
        """See _ReportRecords."""
        return self._alone().sorted(key, reverse)


class _ReportRecords(Sequence):
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
        return _ReportRecords(found, self.__empty) if isinstance(key, slice) else found

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
        return _ReportRecords([*self, *others], self.__empty)

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
        if values and all(isinstance(value, _ReportRecords) for value in values):
            return sum(values[1:], values[0])
        return values

    def filtered(self, wanted):
        """As Odoo's, by a function or by the path of a field."""

        def is_wanted(record):
            return wanted(record) if callable(wanted) else any(_ReportRecords([record], self.__empty).mapped(wanted))

        return _ReportRecords([record for record in self if is_wanted(record)], self.__empty)

    def sorted(self, key=None, reverse=False):
        """As Odoo's, by a function or by names of fields; without either they stay in their order."""
        records = list(self)
        if callable(key):
            records.sort(key=key, reverse=reverse)
        elif key:
            for part in reversed(key.split(",")):
                name, *direction = part.split()
                records.sort(key=_sort_key(name), reverse=reverse != (direction[:1] in (["desc"], ["DESC"])))
        return _ReportRecords(records, self.__empty)


def _sort_key(name):
    """By a field, records without a value first; related records by their number."""

    def key(record):
        value = getattr(record, name)
        value = value.ids if isinstance(value, models.BaseModel) else value
        return bool(value), value

    return key


class MrpProduction(models.Model):
    _inherit = "mrp.production"

    def _get_label_print_data(self):
        """The order's labels as the print server takes them, in the order of its finished lines.

        :return: a list of ``{zpl_code, box_number, product_id?, lot_id?, lot_number?}``, one entry for each label
        :raise UserError: in words, when the order has nothing to print labels for
        """
        self.ensure_one()
        if self.state == "cancel":
            raise UserError(
                self.env._("%(order)s is cancelled: there is nothing to print labels for.", order=self.name)
            )
        if self.product_tracking != "none" and not (
            self.lot_producing_ids | self.move_finished_ids.move_line_ids.lot_id
        ):
            raise UserError(
                self.env._(
                    "%(order)s has no lot or serial number yet, so its labels would be blank. "
                    "Set one on the order, save it, then print again.",
                    order=self.name,
                )
            )
        try:
            labels = self._rendered_labels()
        except LabelError as error:
            raise UserError(self.env._(error.message, **error.params)) from None
        if not labels:
            raise UserError(
                self.env._(
                    "%(order)s has no finished quantity yet, so there are no labels to print. "
                    "Confirm the order and set the quantity produced, then print again.",
                    order=self.name,
                )
            )
        return [{**label, "box_number": number} for number, label in enumerate(labels, start=1)]

    def _rendered_labels(self):
        """The labels of all finished lines, each with the product and the lot of its line.

        :raise LabelError: for a name that cannot be printed
        """
        report = self.env["ir.actions.report"]._get_report(REPORT).with_context(**{CONTEXT_KEY: True})
        values = {**report._get_rendering_context(report, self.ids, {"report_type": "text"}), MARK: mark_value}
        labels = []
        pairs, looked = self._label_lines(), False
        for move, line in pairs:
            text, read = self._rendered_lines(report, values, [(move, line)])
            texts = split_labels(text, rendered=True)
            if texts and not read:
                return self._labels_not_by_line(report, values, pairs)
            looked = looked or read  # a line that a template passes over has no labels
            names = {"product_id": line.product_id.id}
            if line.lot_id:
                names |= {"lot_id": line.lot_id.id, "lot_number": line.lot_id.name}
            labels += [{"zpl_code": text, **names} for text in texts]
        return labels if looked or not pairs else self._labels_not_by_line(report, values, pairs)

    def _labels_not_by_line(self, report, values, pairs):
        """The labels of a template that does not go by lines: it says itself which there are, given all lines."""
        text = self._rendered_lines(report, values, pairs)[0]
        return [{"zpl_code": label} for label in split_labels(text, rendered=True)]

    def _rendered_lines(self, report, values, pairs):
        """The report of this order as if it had these lines alone, and whether the report has looked at any line.

        :param pairs: of a move and a line of it
        """
        no_line = self.env["stock.move.line"]
        by_move = {}
        for move, line in pairs:
            by_move.setdefault(move, []).append(line)
        lines = [_ReportRecords(of_move, no_line) for of_move in by_move.values()]
        moves = [_ReportRecord(move, move_line_ids=own) for move, own in zip(by_move, lines, strict=True)]
        order_lines = lines[0] if len(lines) == 1 else _ReportRecords([line for _move, line in pairs], no_line)
        order = _ReportRecord(
            self, move_finished_ids=_ReportRecords(moves, self.env["stock.move"]), finished_move_line_ids=order_lines
        )
        docs = _ReportRecords([order], self.browse())
        text = str(report._render_template(report.report_name, {**values, "docs": docs}), "utf-8")
        return text, any(some.read for some in (order_lines, *lines))

    def _label_lines(self):
        """The finished lines to print labels for, the order's own product first.

        Odoo puts the order's lots on the finished moves, and a quantity on those of a product without lots, only when
        the order is done, but labels are stuck on the boxes before. So an order that is still being produced has here
        the lines as they will be; the order itself is not changed.

        :return: a list of pairs of a move and a line of it
        """
        moves = self.move_finished_ids.filtered(lambda move: move.state != "cancel")
        moves = moves.sorted(lambda move: move.product_id != self.product_id)
        pairs = []
        for move in moves:
            to_be = self.state != "done" and move.product_id == self.product_id
            lines = self._lines_to_be(move) if to_be else move.move_line_ids
            pairs += [(move, line) for line in lines if not self._lacks_lot(line)]
        return pairs

    def _lines_to_be(self, move):
        """The finished lines as they will be when the order is done: one for each lot or serial number."""
        lots = list(self.lot_producing_ids)
        if not lots and (move.move_line_ids or self.product_tracking != "none"):
            return list(move.move_line_ids)
        quantity = self.qty_producing - self.qty_produced
        if lots:
            quantity = 1 if self.product_tracking == "serial" else (quantity or move.product_uom_qty) / len(lots)
        line = move.move_line_ids[:1]
        return [
            _ReportRecord(line, move_id=move, product_id=self.product_id, lot_id=lot, quantity=quantity)
            for lot in lots or [self.env["stock.lot"]]
        ]

    def _lacks_lot(self, line):
        """Whether this is a by-product's line that waits for its lot: its label would be blank."""
        return line.product_id != self.product_id and line.product_id.tracking != "none" and not line.lot_id

    def _label_products_without_lot(self):
        """The by-products of which no labels are printed yet, because they have no lot or serial number."""
        lines = self.move_finished_ids.filtered(lambda move: move.state != "cancel").move_line_ids
        return lines.filtered(lambda line: line.quantity and self._lacks_lot(line)).product_id
