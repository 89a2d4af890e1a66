"""The evidence page for each kind of record that it is asked for; Odoo's report engine makes the page or the PDF."""

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..models.archived_jobs import ALL_JOBS
from ..services.lifecycle.order_labels import not_asked_for


class ReportEvidenceJob(models.AbstractModel):
    _name = "report.label_print_monitor.report_evidence_job"
    _description = "Evidence of a Print Job"
    _inherit = ["label.print.evidence"]
    _evidence_of = "label.print.job"

    def _page(self, record):
        return self._describe(record.display_name, record, merges_boxes=False)


class ReportEvidenceOrder(models.AbstractModel):
    _name = "report.label_print_monitor.report_evidence_order"
    _description = "Evidence of the Labels of a Manufacturing Order"
    _inherit = ["label.print.evidence"]
    _evidence_of = "mrp.production"

    def _page(self, record):
        jobs = self.env["label.print.job"].search(ALL_JOBS & Domain("mo_id", "=", record.id), order="id")
        title = self.env._("%(order)s: %(product)s", order=record.name, product=record.product_id.display_name)
        return self._describe(title, jobs, not_asked=self._count_not_asked(record))

    def _count_not_asked(self, order):
        try:
            labels = order._get_label_print_data()
        except UserError:
            return 0  # cancelled, or without a quantity or a lot yet: it has no labels
        return len(not_asked_for(labels, order._labels_asked_for()))


class ReportEvidenceLot(models.AbstractModel):
    _name = "report.label_print_monitor.report_evidence_lot"
    _description = "Evidence of the Labels of a Lot"
    _inherit = ["label.print.evidence"]
    _evidence_of = "stock.lot"

    def _page(self, record):
        company = Domain("company_id", "in", self.env.companies.ids)
        jobs = self.env["label.print.job"].search(ALL_JOBS & record._label_print_jobs_domain() & company, order="id")
        title = self.env._("%(lot)s: %(product)s", lot=record.name, product=record.product_id.display_name)
        return self._describe(title, jobs, lot=record)
