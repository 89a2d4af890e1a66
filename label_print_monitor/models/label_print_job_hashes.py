"""What stays of a job's labels for ever: a hash of each, the template that they were made from, and specimens."""

from contextlib import suppress

from odoo import fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ..services.contract.clean_values import clean_id
from ..services.label_files.label_hashes import LabelTemplate, hash_at, hash_of, hashes_of
from ..services.lifecycle.order_labels import label_entries
from .deletable_records import need_action
from .expected_conflicts import expected_conflicts

TEMPLATE = "label_print_template"  # in the context of whoever makes jobs from a template: a `LabelTemplate`


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    label_hashes = fields.Text(
        prefetch=False, copy=False, help="The SHA-256 of each label's bytes, 64 characters for each label."
    )
    template_xmlid = fields.Char("Label Template", copy=False, help="The report that the labels were made by.")
    template_hash = fields.Char(
        "Template's Hash", copy=False, help="SHA-256 of the report's view as it was, with the views that extend it."
    )

    def _prepare_labels(self, vals):
        result = super()._prepare_labels(vals)
        if labels := label_entries(vals.get("labels_data")):
            vals["label_hashes"] = hashes_of(labels)
        template = self.env.context.get(TEMPLATE)
        if isinstance(template, LabelTemplate):
            vals.update(template_xmlid=template.xmlid, template_hash=template.hash)
        return result

    def _hash_of_label(self, number):
        """The SHA-256 of a label (counted from 1) as it was sent; '' where none is known."""
        self.ensure_one()
        return hash_at(self.label_hashes, number)

    def _specimen_key(self, product_id):
        """What there is one specimen for: a company's template and product. Without a template, the product alone."""
        self.ensure_one()
        return f"{self.company_id.id}:{self.template_hash or ''}:{product_id or 0}"

    def _product_of_specimen(self, label):
        """The product that a label of this job is for, as an id; False where none is known."""
        self.ensure_one()
        return clean_id(label.get("product_id")) or self.product_id.id

    def _labels_of_specimens(self):
        """For each specimen's key the first label of this job that it can be of: ``(label's number, product's id)``."""
        found = {}
        for number, label in enumerate(label_entries(self.labels_data), start=1):
            product = self._product_of_specimen(label)
            found.setdefault(self._specimen_key(product), (number, product))
        return found

    def _keep_specimens(self):
        """Keep a label of each template and product of these new jobs of which there is none yet.

        Past `create`: of two transactions that keep the same one, one does nothing.
        """
        wanted = {}
        for job in self:
            for key, (number, product) in job._labels_of_specimens().items():
                wanted.setdefault(key, (job, number, product))
        if not wanted:
            return
        Specimen = self.env["label.print.specimen"].sudo()
        kept = Specimen.search([("key", "in", list(wanted))])
        for key in kept.mapped("key"):
            wanted.pop(key)
        products = self.env["product.product"].sudo().browse({product for _job, _number, product in wanted.values()})
        products = products.filtered("id").exists()
        self.flush_recordset()
        for key, (job, number, product_id) in sorted(wanted.items()):
            zpl = label_entries(job.labels_data)[number - 1].get("zpl_code")
            if not zpl:
                continue
            product = products.filtered(lambda product, id_=product_id: product.id == id_)
            values = (
                key, job.company_id.id, job.template_xmlid or None, job.template_hash or None, product.id or None,
                product.display_name or None, job.id, number, zpl, hash_of(zpl), self.env.uid, self.env.cr.now(),
            )  # fmt: skip
            statement = SQL(
                """INSERT INTO label_print_specimen (key, company_id, template_xmlid, template_hash, product_id,
                                                     product_name, job_id, label_index, zpl, label_hash,
                                                     create_uid, create_date)
                   VALUES (%s) ON CONFLICT DO NOTHING""",
                SQL(", ").join(SQL("%s", value) for value in values),
            )
            # Kept a moment ago by a transaction that this one cannot see: that is as good.
            with suppress(*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY), expected_conflicts(), self.env.cr.savepoint():
                self.env.cr.execute(statement)

    def action_view_specimens(self):
        """The specimens that show what the labels of this job look like."""
        self.ensure_one()
        self.check_access("read")
        action = need_action(self.env, "label_print_monitor.action_label_print_specimen")
        keys = list(self.sudo()._labels_of_specimens())
        specimens = self.env["label.print.specimen"].search([("key", "in", keys)])
        if len(specimens) == 1:
            return {**action, "res_id": specimens.id, "views": [(False, "form")], "context": {}}
        return {**action, "domain": [("key", "in", keys)], "context": {}}
