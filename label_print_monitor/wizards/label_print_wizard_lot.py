"""A lot among which the print dialog of an order lets choose."""

from odoo import fields, models

from ..services.lifecycle.order_labels import item_of


class LabelPrintWizardLot(models.TransientModel):
    _name = "label.print.wizard.lot"
    _description = "Lot to Print Labels For"

    wizard_id = fields.Many2one("label.print.wizard", required=True, ondelete="cascade")
    product_id = fields.Many2one("product.product", ondelete="cascade")
    lot_id = fields.Many2one("stock.lot", "Lot/Serial Number", ondelete="cascade")
    name = fields.Char("Lot/Serial")
    quantity = fields.Integer("Labels Left", help="Labels of this lot that no print job has asked for yet.")
    selected = fields.Boolean("Print", default=True)

    def _item(self):
        """Which labels this line is for."""
        self.ensure_one()
        return item_of({"product_id": self.product_id.id, "lot_id": self.lot_id.id, "lot_number": self.name})
