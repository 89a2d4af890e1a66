"""The labels of a manufacturing order, made by Odoo's own report from its finished lines, one line after the other.

So of each label it is known which product and which lot it is for, whatever the template writes and whatever they are
called.
"""

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

    def __getitem__(self, name):
        return getattr(self, name)


class _FinishedLines(list):
    """Finished lines for a report, which note whether it looks at them."""

    read = False

    def __iter__(self):
        self.read = True
        return super().__iter__()


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
        for move, line in self._label_lines():
            lines = _FinishedLines([line])
            moves = [_ReportRecord(move, move_line_ids=lines)]
            docs = [_ReportRecord(self, move_finished_ids=moves, finished_move_line_ids=lines)]
            text = str(report._render_template(report.report_name, {**values, "docs": docs}), "utf-8")
            texts = split_labels(text, rendered=True)
            if not lines.read:
                # A template that is not by line: it says itself which labels an order has.
                return [{"zpl_code": text} for text in texts]
            names = {"product_id": line.product_id.id}
            if line.lot_id:
                names |= {"lot_id": line.lot_id.id, "lot_number": line.lot_id.name}
            labels += [{"zpl_code": text, **names} for text in texts]
        return labels

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
