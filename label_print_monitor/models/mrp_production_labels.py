"""The labels of a manufacturing order, made by Odoo's own report from its finished lines, one line after the other.

So of each label it is known which product and which lot it is for, whatever the template writes and whatever they are
called.
"""

from lxml import etree
from odoo import models
from odoo.exceptions import UserError

from ..services.contract.print_request import LabelError
from ..services.label_files.label_file import split_labels
from ..services.label_files.label_hashes import LabelTemplate, hash_of
from .ir_qweb import CONTEXT_KEY, MARK, mark_value
from .report_records import ReportRecord, ReportRecords

REPORT = "mrp.label_manufacture_template"


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

    def _label_template(self):
        """What the labels of an order are made from just now: the report, and the hash of its view.

        Hashed is the view as it is rendered, with the views that extend it, and each view that it calls.
        """
        report = self.env["ir.actions.report"]._get_report(REPORT)
        documents, names = [], [report.report_name]
        for name in names:
            document = self.env["ir.qweb"]._get_template(name)[1]
            documents.append(document)
            calls = etree.fromstring(document).xpath("//@t-call")  # "{" is in a name that is computed
            names += [call for call in dict.fromkeys(calls) if call not in names and "{" not in call and call != "0"]
        return LabelTemplate(REPORT, hash_of("\n".join(documents)))

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
        lines = [ReportRecords(of_move, no_line) for of_move in by_move.values()]
        moves = [ReportRecord(move, move_line_ids=own) for move, own in zip(by_move, lines, strict=True)]
        order_lines = lines[0] if len(lines) == 1 else ReportRecords([line for _move, line in pairs], no_line)
        order = ReportRecord(
            self, move_finished_ids=ReportRecords(moves, self.env["stock.move"]), finished_move_line_ids=order_lines
        )
        docs = ReportRecords([order], self.browse())
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
            ReportRecord(line, move_id=move, product_id=self.product_id, lot_id=lot, quantity=quantity)
            for lot in lots or [self.env["stock.lot"]]
        ]

    def _lacks_lot(self, line):
        """Whether this is a by-product's line that waits for its lot: its label would be blank."""
        return line.product_id != self.product_id and line.product_id.tracking != "none" and not line.lot_id

    def _label_products_without_lot(self):
        """The by-products of which no labels are printed yet, because they have no lot or serial number."""
        lines = self.move_finished_ids.filtered(lambda move: move.state != "cancel").move_line_ids
        return lines.filtered(lambda line: line.quantity and self._lacks_lot(line)).product_id
