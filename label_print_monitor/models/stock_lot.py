"""From a lot to its labels: print them again, or see every print of them."""

from odoo import models
from odoo.exceptions import UserError


class StockLot(models.Model):
    _inherit = "stock.lot"

    def action_print_labels(self):
        """Print labels of a finished lot, through the manufacturing order that made it."""
        self.ensure_one()
        production = self.env["mrp.production"].search(
            [("move_finished_ids.move_line_ids.lot_id", "in", self.ids)], order="id desc", limit=1
        )
        if not production:
            raise UserError(
                self.env._(
                    "%(lot)s was not made by a manufacturing order, so there is no label for it here.",
                    lot=self.display_name,
                )
            )
        action = production.action_print_labels()
        action["context"]["default_only_lot"] = self.name
        return action

    def action_view_label_print_jobs(self):
        """Every print of this lot: what quality staff asks for."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("label_print_monitor.action_label_print_job")
        return {**action, "domain": [("lot_number", "=", self.name)], "context": {}}
