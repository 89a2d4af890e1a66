"""One label of each template and product, kept for ever: what the labels looked like whose ZPL is no longer kept."""

from odoo import api, fields, models


class LabelPrintSpecimen(models.Model):
    """Written when a job is made (`label.print.job._keep_specimens`), and never afterwards."""

    _name = "label.print.specimen"
    _description = "Label Specimen"
    _order = "id desc"
    _rec_name = "template_xmlid"

    # The company, the template and the product, so that two transactions never keep two.
    key = fields.Char(required=True, copy=False)
    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict")
    template_xmlid = fields.Char(
        "Template", help="The report that the label was made by; empty where a program made it."
    )
    template_hash = fields.Char(
        "Template's Hash", help="SHA-256 of the report's view as it was, with the views that extend it."
    )
    product_id = fields.Many2one("product.product", index="btree_not_null", ondelete="set null")
    product_name = fields.Char("Product's Name Then")
    job_id = fields.Many2one("label.print.job", "First Job", index="btree_not_null", ondelete="set null")
    label_index = fields.Integer("Label", aggregator=None, help="Which label of that job this is, counted from 1.")
    zpl = fields.Text("ZPL", required=True, prefetch=False, help="The label as it was sent to the print server.")
    label_hash = fields.Char("Label's Hash", required=True, help="SHA-256 of the label's bytes.")
    create_date = fields.Datetime("Kept Since", readonly=True)

    _key = models.UniqueIndex("(key)")

    def _compute_display_name(self):
        for specimen in self:
            made_by = specimen.template_xmlid or self.env._("without a template")
            specimen.display_name = " · ".join(filter(None, [specimen.product_name, made_by]))

    @api.readonly
    def get_label_picture(self):
        """What a picture of this label is drawn from, as `label.print.job.get_label_picture` says."""
        self.ensure_one()
        self.check_access("read")
        return self.env["label.print.job"]._picture(self.zpl, self._resolution(), name=self.product_name or "")

    def _resolution(self):
        """The resolution of the printer that its job was for, in dots per inch; False once the job is deleted."""
        return self.sudo().job_id.printer_id.dpi
