"""The labels that a job is given: each prints one, its lot is linked, and what is no text or too large is refused."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..services.contract.clean_values import clean_id
from ..services.contract.print_request import MAX_LABELS, LabelError, validate_labels, with_text_lot
from ..services.contract.sizes import check_sizes
from ..services.label_files.label_file import single_entries
from ..services.lifecycle.order_labels import is_of_lot, label_entries, lot_of, lots_in_short


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    lot_ids = fields.Many2many(
        "stock.lot",
        "label_print_job_lot_rel",
        "job_id",
        "lot_id",
        "Lots/Serial Numbers",
        copy=False,
        # Who may read no lots shall still be able to read all other fields of a job.
        groups="stock.group_stock_user",
        help="The lots that the labels of this job are for.",
    )
    # Stored, because a list must not read the labels of all its jobs.
    lot_display = fields.Char(
        "Lot/Serial", readonly=True, copy=False, help="The first lot or serial number on the labels, and how many more."
    )
    # For everybody who may read a job, whether or not they may read lots.
    lot_count = fields.Integer("Number of Lots/Serial Numbers", compute="_compute_lot_count", compute_sudo=True)

    @api.depends("lot_ids")
    def _compute_lot_count(self):
        for job in self:
            job.lot_count = len(job.lot_ids)

    def action_view_lots(self):
        """The lots that this job printed labels for, under the names that they have now."""
        self.ensure_one()
        self.check_access("read")
        action = {"type": "ir.actions.act_window", "name": self.env._("Lots/Serial Numbers"), "res_model": "stock.lot"}
        if len(self.lot_ids) == 1:
            return {**action, "res_id": self.lot_ids.id, "views": [(False, "form")]}
        return {**action, "domain": [("id", "in", self.lot_ids.ids)], "views": [(False, "list"), (False, "form")]}

    @api.model
    def _prepare_labels(self, vals):
        """The labels of a job to be made, one entry for each label that comes out, with lots as texts.

        A copy keeps its entries: they are those of its original, one for one.

        :raise ValidationError: in words, for what cannot be cut into labels
        """
        labels = vals.get("labels_data")
        if not isinstance(labels, (list, tuple)) or not labels:
            return
        self._check_quantity(len(labels))  # before any is cut: each may ask for thousands of copies
        try:
            single = [with_text_lot(label) for label in labels]
            if not vals.get("copy_of_id"):
                single = single_entries(single, MAX_LABELS)
        except LabelError as error:
            raise ValidationError(self.env._(error.message, **error.params)) from None
        if vals.get("quantity", 1) == len(labels):
            vals["quantity"] = len(single)
        vals["labels_data"] = single
        vals["lot_display"] = lots_in_short(single)

    def _check_labels(self):
        """:raise ValidationError: in words, when the labels cannot be sent as they are"""
        for job in self:
            try:
                validate_labels(job.labels_data, job.quantity)
                check_sizes(job.labels_data, job.server_id._get_limits())
            except LabelError as error:
                raise ValidationError(self.env._(error.message, **error.params)) from None

    def _check_printer_takes(self, printer, labels):
        """:raise UserError: when `printer` must not get this job, or its print server takes less than `labels` are"""
        self.ensure_one()
        printer._check_can_print(self.company_id)
        if not printer.server_id or printer.server_id == self.server_id:
            return
        try:
            check_sizes(label_entries(labels), printer.server_id._get_limits())
        except LabelError as error:
            raise UserError(self.env._(error.message, **error.params)) from None

    def _link_lots(self):
        """Link these new jobs to the lots of their labels: by record where a label has one, else by name."""
        for job in self.sudo():
            labels = label_entries(job.labels_data)
            ids = {clean_id(label.get("lot_id")) for label in labels} - {0}
            lots = job._own_lots("id", ids)
            names = {lot_of(label) for label in labels if not label.get("lot_id")} - {""}
            if names:
                lots |= job._lots_of_names(names)
            if lots:
                job.lot_ids = lots

    def _label_numbers_of_lot(self, lot):
        """The labels of this job that are for a lot (a record), counted from 1.

        A label that knows its lot by name alone has the name that the lot had when it was printed. When the lot has
        another one now, they are the labels whose name is the only one that belongs to no other lot of the job.
        """
        self.ensure_one()
        labels = dict(enumerate(label_entries(self.labels_data), start=1))
        numbers = [number for number, label in labels.items() if is_of_lot(label, lot.id, lot.name)]
        if numbers or lot not in self.lot_ids:
            return numbers
        by_name = {number: lot_of(label) for number, label in labels.items() if not clean_id(label.get("lot_id"))}
        left = set(by_name.values()) - {"", *(self.lot_ids - lot).mapped("name")}
        return [number for number, name in by_name.items() if name in left] if len(left) == 1 else []

    def _lots_of_names(self, names):
        """The lots with these names, of the products that the job is for; of no product, where a name has one lot."""
        products = self._products_of_labels()
        by_name = self._own_lots("name", names).grouped("name").values()
        return self.env["stock.lot"].union(*(lots for lots in by_name if products or len(lots) == 1))

    def _own_lots(self, field, values):
        """The lots with these values that labels of this job can be for: of its company and its products.

        Labels come from whoever makes the job, and lots are read here without that person's rules.
        """
        domain = [(field, "in", list(values)), ("company_id", "in", [False, self.company_id.id])]
        if products := self._products_of_labels():
            domain.append(("product_id", "in", products.ids))
        return self.env["stock.lot"].sudo().search(domain)

    def _products_of_labels(self):
        """The products that labels of this job can be for; none when that is not known."""
        return self.product_id | self.mo_id.move_finished_ids.product_id
