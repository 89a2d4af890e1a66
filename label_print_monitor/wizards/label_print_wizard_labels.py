"""Which labels of an order the print dialog prints: those that are left, of some lots, or with some numbers."""

from collections import Counter

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..services.contract.label_runs import LabelRunsError, format_runs, parse_runs
from ..services.lifecycle.order_labels import LABEL_NAMES, is_of_lot, item_of, not_asked_for, with_boxes

MOST_AT_ONCE = 10_000  # labels, in as many jobs as they take


class LabelPrintWizard(models.TransientModel):
    _inherit = "label.print.wizard"

    # The report that makes them is the slowest part of the dialog: it is asked once for all that depends on it.
    order_labels = fields.Json(compute="_compute_order_labels", compute_sudo=True)
    choose = fields.Boolean("Choose Labels")
    labels_text = fields.Char(
        "Labels to Print",
        compute="_compute_labels_text",
        store=True,
        readonly=False,
        help="Numbers of the order's labels, for example 101-150.",
    )
    quantity = fields.Integer(
        "Labels", compute="_compute_quantity", store=True, readonly=False, help="How many labels, before copies."
    )
    copies = fields.Integer("Copies of Each", default=1)
    only_lot_id = fields.Many2one("stock.lot", ondelete="cascade")
    lot_ids = fields.One2many(
        "label.print.wizard.lot", "wizard_id", "Lots", compute="_compute_lot_ids", store=True, readonly=False
    )
    has_lots = fields.Boolean(compute="_compute_has_lots")
    total = fields.Integer("Total Labels", compute="_compute_total")
    further_count = fields.Integer(
        "Labels for Further Boxes",
        compute="_compute_further_count",
        help="How many of the labels are more than the order has left.",
    )

    @api.depends("mo_id")
    def _compute_order_labels(self):
        for wizard in self:
            # What is computed of an order needs more rights than its reader has.
            wizard.mo_id.sudo(False).check_access("read")
            wizard.order_labels = wizard.mo_id and {
                "labels": wizard.mo_id._get_label_print_data(),
                "asked": [
                    {name: label.get(name) for name in LABEL_NAMES} for label in wizard.mo_id._labels_asked_for()
                ],
            }

    def _labels_left(self):
        """:return: all labels of the order, those that have been asked for, and those of the first that have not"""
        known = self.order_labels or {}
        labels, asked = known.get("labels", []), known.get("asked", [])
        return labels, asked, not_asked_for(labels, asked)

    @api.depends("mo_id", "choose")
    def _compute_labels_text(self):
        for wizard in self:
            left = wizard._labels_left()[2] if wizard.choose else []
            if only := wizard.only_lot_id:
                left = [label for label in left if is_of_lot(label, only.id, only.name)]
            wizard.labels_text = format_runs([label["box_number"] for label in left])

    @api.depends("mo_id", "lot_ids.selected", "lot_ids.quantity", "choose", "labels_text")
    def _compute_quantity(self):
        for wizard in self:
            if wizard.choose:
                try:
                    wizard.quantity = len(parse_runs(wizard.labels_text, len(wizard._labels_left()[0])))
                except LabelRunsError:
                    wizard.quantity = 0
            elif wizard.lot_ids:
                wizard.quantity = sum(lot.quantity for lot in wizard.lot_ids if lot.selected)
            else:
                wizard.quantity = len(wizard._labels_left()[2])

    @api.depends("mo_id")
    def _compute_lot_ids(self):
        """The order's lots, and its products without, each with how many labels have not been asked for.

        Of serial numbers only those of which there are.
        """
        for wizard in self:
            labels, _asked, left = wizard._labels_left()
            open_ = Counter(item_of(label) for label in left)
            serial = {product.id for product in wizard._products(labels) if product.tracking == "serial"}
            items = {}
            for label in labels:
                if open_[item_of(label)] or label.get("product_id") not in serial:
                    items.setdefault(item_of(label), label)
            if not any(label.get("lot_number") for label in labels) and len(items) < 2:
                items = {}  # nothing to choose among
            only = wizard.only_lot_id
            wizard.lot_ids = [Command.clear()] + [
                Command.create(
                    {
                        "name": label.get("lot_number"),
                        "lot_id": label.get("lot_id"),
                        "product_id": label.get("product_id"),
                        "quantity": open_[item],
                        "selected": is_of_lot(label, only.id, only.name)
                        if only
                        else bool(open_[item]) or len(items) == 1,
                    }
                )
                for item, label in items.items()
            ]

    def _products(self, labels):
        """The products that these labels are for."""
        return self.env["product.product"].browse({label["product_id"] for label in labels if label.get("product_id")})

    @api.depends("lot_ids")
    def _compute_has_lots(self):
        for wizard in self:
            wizard.has_lots = len(wizard.lot_ids) > 1

    @api.depends("quantity", "copies")
    def _compute_total(self):
        for wizard in self:
            wizard.total = wizard.quantity * wizard.copies

    @api.depends("mo_id", "quantity", "choose", "lot_ids.selected")
    def _compute_further_count(self):
        for wizard in self:
            wizard.further_count = 0 if wizard.choose else max(wizard.quantity - len(wizard._labels_of_lots()[1]), 0)

    def _labels_of_lots(self):
        """:return: the labels of the chosen lots, and those of them that have not been asked for"""
        labels, _asked, left = self._labels_left()
        if self.lot_ids:
            wanted = {lot._item() for lot in self.lot_ids if lot.selected}
            labels = [label for label in labels if item_of(label) in wanted]
            left = [label for label in left if item_of(label) in wanted]
        return labels, left

    def _chosen_labels(self):
        """The labels to print, in order, each with its box; copies of a label have the same box.

        More of them than the order has left is a wish for further boxes of the same lots: the last label is repeated.

        :raise UserError: in words, for what cannot be printed as it is wished for
        """
        if problem := self._problem_of_wish():
            raise UserError(problem)
        labels, asked, _left = self._labels_left()
        if self.choose:
            chosen = [labels[number - 1] for number in parse_runs(self.labels_text, len(labels))]
        else:
            of_lots, left = self._labels_of_lots()
            chosen = left[: self.quantity] + of_lots[-1:] * max(self.quantity - len(left), 0)
        boxed = with_boxes(chosen, asked, len(labels))
        return [label for label in boxed for _copy in range(self.copies)]

    def _problem_of_wish(self):
        """Why labels cannot be printed as they are wished for, and what to do, in words; False when they can."""
        if self.choose and (problem := self._problem_of_numbers()):
            return problem
        if self.total > MOST_AT_ONCE:
            return self.env._(
                "%(total)s labels are too many to print at once: %(most)s at most. Print fewer at a time.",
                total=self.total,
                most=MOST_AT_ONCE,
            )
        return False if self.choose else self._problem_of_lots()

    def _problem_of_numbers(self):
        """What is no label of the order, or has been asked for before."""
        labels, _asked, left = self._labels_left()
        try:
            numbers = parse_runs(self.labels_text, len(labels))
        except LabelRunsError as error:
            return self.env._(error.message, **error.params)
        open_ = {label["box_number"] for label in left}
        again = [number for number in numbers if number not in open_]
        return bool(again) and self.env._(
            "Labels %(runs)s of %(order)s have been asked for before. "
            "What is missing is printed with Retry, copies with Print Again.",
            runs=format_runs(again),
            order=self.mo_id.name,
        )

    def _problem_of_lots(self):
        """No lot, or further boxes where serial numbers are among what is chosen."""
        labels, left = self._labels_of_lots()
        if self.quantity > 0 and not labels:
            return self.env._("Choose at least one lot to print labels for.")
        if self.quantity > len(left):
            serial = [self._is_of_serial_number(label) for label in labels]
            if any(serial):
                return self._words_of_serial_numbers(len(left), all(serial))
        return False

    def _is_of_serial_number(self, label):
        """Whether a label is for one serial number. One that does not say its product is for the order's own."""
        products = self._products([label])
        return (products.tracking if products else self.mo_id.product_tracking) == "serial"

    def _words_of_serial_numbers(self, count, alone):
        """A serial number has one label: there are no further boxes of it.

        :param count: how many labels of what is chosen are left
        :param alone: whether nothing but serial numbers is chosen; beside them may be by-products, which have boxes
        """
        order, quantity = self.mo_id.name, self.quantity
        if not count:
            return self.env._(
                "All serial numbers of %(order)s have been printed or are being printed. "
                "To print one again, choose Print Again.",
                order=order,
            )
        if not alone:
            return self.env._(
                "%(quantity)s labels are more than are left to print of %(order)s (%(count)s), and a serial number "
                "has one label only. To print further labels of another product, choose that product alone.",
                order=order,
                count=count,
                quantity=quantity,
            )
        if count == 1:
            return self.env._(
                "%(order)s has one serial number to print, not %(quantity)s. Use copies to print it more often.",
                order=order,
                quantity=quantity,
            )
        return self.env._(
            "%(order)s has %(count)s serial numbers to print, not %(quantity)s. Use copies to print each more often.",
            order=order,
            count=count,
            quantity=quantity,
        )
