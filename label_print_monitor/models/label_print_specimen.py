"""One label of each template and product, kept for ever: what the labels looked like whose ZPL is no longer kept."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..services.label_files.label_hashes import hash_of


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

    # pylint: disable-next=method-required-super  # it always raises
    def write(self, vals):
        self.check_access("write")
        raise UserError(self.env._("A label specimen is kept as it was sent: it cannot be changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_never(self):
        raise UserError(self.env._("A label specimen is kept as it was sent: it cannot be deleted."))

    def _is_as_sent(self):
        """Whether the ZPL has the hash that is kept of it, and the specimen's job has the same hash of that label."""
        self.ensure_one()
        # The job may be one that the reader does not see.
        of_job = self.sudo().job_id._hash_of_label(self.label_index) if self.job_id else ""
        return self.label_hash == hash_of(self.zpl) and of_job in ("", self.label_hash)

    @api.readonly
    def get_label_picture(self):
        """What a picture of this label is drawn from, as `label.print.job.get_label_picture` says."""
        self.ensure_one()
        self.check_access("read")
        Job = self.env["label.print.job"]
        note = "" if self._is_as_sent() else Job._words_of_other_zpl()
        return Job._picture(self.zpl, self._resolution(), name=self.product_name or "", note=note)

    def _resolution(self):
        """The resolution of the printer that its job was for, in dots per inch; False once the job is deleted."""
        return self.sudo().job_id.printer_id.dpi
