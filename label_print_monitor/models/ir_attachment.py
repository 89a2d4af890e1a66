"""Exports are not searched by their content."""

from odoo import models


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def _index(self, bin_data, file_type, checksum=None):
        if self.env.context.get("label_print_no_index"):
            return None
        return super()._index(bin_data, file_type, checksum=checksum)
