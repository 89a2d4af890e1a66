"""The dialog that prints the labels of a manufacturing order."""

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..models.label_print_job import MAX_LABELS


class LabelPrintWizard(models.TransientModel):
    """Print labels of a manufacturing order: how many, on which printer, of which lots."""

    _name = "label.print.wizard"
    _description = "Print Labels"

    mo_id = fields.Many2one("mrp.production", "Manufacturing Order", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="mo_id.company_id")
    printer_id = fields.Many2one(
        "printer.configuration",
        "Printer",
        compute="_compute_printer_id",
        store=True,
        readonly=False,
        domain="[('company_id', 'in', [False, company_id])]",
    )
    printer_warning = fields.Char(compute="_compute_printer_warning")
    quantity = fields.Integer(
        "Labels", compute="_compute_quantity", store=True, readonly=False, help="How many labels, before copies."
    )
    copies = fields.Integer("Copies of Each", default=1)
    only_lot = fields.Char()
    lot_ids = fields.One2many(
        "label.print.wizard.lot", "wizard_id", "Lots", compute="_compute_lot_ids", store=True, readonly=False
    )
    has_lots = fields.Boolean(compute="_compute_has_lots")
    total = fields.Integer("Labels in All", compute="_compute_total")
    earlier_display = fields.Char(compute="_compute_earlier_display")

    @api.depends("mo_id")
    def _compute_printer_id(self):
        for wizard in self:
            wizard.printer_id = self.env["printer.configuration"]._get_default_printer(wizard.mo_id.company_id)

    @api.depends("printer_id.status")
    @api.depends_context("lang")
    def _compute_printer_warning(self):
        for wizard in self:
            wizard.printer_warning = wizard.printer_id._not_ready_warning()

    @api.depends("mo_id", "lot_ids.selected", "lot_ids.quantity")
    def _compute_quantity(self):
        for wizard in self:
            if wizard.lot_ids:
                wizard.quantity = sum(lot.quantity for lot in wizard.lot_ids if lot.selected)
            else:
                wizard.quantity = len(wizard.mo_id._get_label_print_data()) if wizard.mo_id else 0

    @api.depends("mo_id")
    def _compute_lot_ids(self):
        for wizard in self:
            counts = {}
            for label in wizard.mo_id._get_label_print_data() if wizard.mo_id else []:
                if label.get("lot_number"):
                    counts[label["lot_number"]] = counts.get(label["lot_number"], 0) + 1
            wizard.lot_ids = [Command.clear()] + [
                Command.create({"name": name, "quantity": count, "selected": wizard.only_lot in (False, name)})
                for name, count in counts.items()
            ]

    @api.depends("lot_ids")
    def _compute_has_lots(self):
        for wizard in self:
            wizard.has_lots = len(wizard.lot_ids) > 1

    @api.depends("quantity", "copies")
    def _compute_total(self):
        for wizard in self:
            wizard.total = wizard.quantity * wizard.copies

    @api.depends("mo_id")
    @api.depends_context("lang")
    def _compute_earlier_display(self):
        for wizard in self:
            count = wizard.mo_id.label_print_job_count
            wizard.earlier_display = False
            if count == 1:
                wizard.earlier_display = self.env._(
                    "Labels of this order were printed before, in one job. "
                    "To print only what is missing, retry that job instead."
                )
            elif count:
                wizard.earlier_display = self.env._(
                    "Labels of this order were printed before, in %(count)s jobs. "
                    "To print only what is missing, retry the failed job instead.",
                    count=count,
                )

    def _chosen_labels(self):
        """The labels to print, in order, numbered anew.

        More labels than units were produced is a wish for further boxes of the same lots: the last label is repeated.
        """
        labels = self.mo_id._get_label_print_data()
        if self.lot_ids:
            wanted = {lot.name for lot in self.lot_ids if lot.selected}
            labels = [label for label in labels if label.get("lot_number") in wanted]
            if not labels:
                raise UserError(self.env._("Choose at least one lot to print labels for."))
        if self.quantity > len(labels) and self.mo_id.product_tracking == "serial":
            if len(labels) == 1:
                raise UserError(
                    self.env._(
                        "%(order)s has one serial number to print, not %(quantity)s. "
                        "Use copies to print it more often.",
                        order=self.mo_id.name,
                        quantity=self.quantity,
                    )
                )
            raise UserError(
                self.env._(
                    "%(order)s has %(count)s serial numbers to print, not %(quantity)s. "
                    "Use copies to print each more often.",
                    order=self.mo_id.name,
                    count=len(labels),
                    quantity=self.quantity,
                )
            )
        labels = labels[: self.quantity] + [labels[-1]] * max(self.quantity - len(labels), 0)
        labels = [label for label in labels for _copy in range(self.copies)]
        return [{**label, "box_number": number} for number, label in enumerate(labels, start=1)]

    def action_print(self):
        """Make the print job; its form shows at once and follows it."""
        self.ensure_one()
        if not self.printer_id:
            raise UserError(self.env._("Choose a printer."))
        if self.quantity < 1 or self.copies < 1:
            raise UserError(self.env._("Enter at least one label and one copy."))
        if self.quantity * self.copies > MAX_LABELS:
            raise UserError(
                self.env._(
                    "%(total)s labels are too many for one print job: %(most)s at most. Print in several jobs.",
                    total=self.quantity * self.copies,
                    most=MAX_LABELS,
                )
            )
        labels = self._chosen_labels()
        reprint = self.env["label.print.job"].search_count([("mo_id", "=", self.mo_id.id)], limit=1)
        job = self.env["label.print.job"].create(
            {
                "mo_id": self.mo_id.id,
                "printer_id": self.printer_id.id,
                "quantity": len(labels),
                "labels_data": labels,
                "job_type": "manual_reprint" if reprint else "manual",
            }
        )
        return job._get_form_action()


class LabelPrintWizardLot(models.TransientModel):
    _name = "label.print.wizard.lot"
    _description = "Lot to Print Labels For"

    wizard_id = fields.Many2one("label.print.wizard", required=True, ondelete="cascade")
    name = fields.Char("Lot/Serial")
    quantity = fields.Integer("Labels")
    selected = fields.Boolean("Print", default=True)
