"""The evidence page for each kind of record that it is asked for; Odoo's report engine makes the page or the PDF."""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..services.lifecycle.order_labels import not_asked_for


class ReportEvidenceJob(models.AbstractModel):
    _name = "report.label_print_monitor.report_evidence_job"
    _description = "Evidence of a Print Job"

    @api.model
    def _get_report_values(self, docids, data=None):
        jobs = self.env["label.print.job"].browse(docids)
        jobs.check_access("read")
        evidence = self.env["label.print.evidence"]
        return {
            "docs": jobs,
            "pages": [evidence._describe(job.display_name, job, merges_boxes=False) for job in jobs],
        }


class ReportEvidenceOrder(models.AbstractModel):
    _name = "report.label_print_monitor.report_evidence_order"
    _description = "Evidence of the Labels of a Manufacturing Order"

    @api.model
    def _get_report_values(self, docids, data=None):
        orders = self.env["mrp.production"].browse(docids)
        orders.check_access("read")
        self.env["label.print.job"].check_access("read")
        return {"docs": orders, "pages": [self._describe(order) for order in orders]}

    def _describe(self, order):
        jobs = self.env["label.print.job"].search([("mo_id", "=", order.id)], order="id")
        title = self.env._("%(order)s: %(product)s", order=order.name, product=order.product_id.display_name)
        return self.env["label.print.evidence"]._describe(title, jobs, not_asked=self._count_not_asked(order))

    def _count_not_asked(self, order):
        try:
            labels = order._get_label_print_data()
        except UserError:
            return 0  # cancelled, or without a quantity or a lot yet: it has no labels
        return len(not_asked_for(labels, order._labels_asked_for()))


class ReportEvidenceLot(models.AbstractModel):
    _name = "report.label_print_monitor.report_evidence_lot"
    _description = "Evidence of the Labels of a Lot"

    @api.model
    def _get_report_values(self, docids, data=None):
        lots = self.env["stock.lot"].browse(docids)
        lots.check_access("read")
        self.env["label.print.job"].check_access("read")
        return {"docs": lots, "pages": [self._describe(lot) for lot in lots]}

    def _describe(self, lot):
        company = Domain("company_id", "in", self.env.companies.ids)
        jobs = self.env["label.print.job"].search(lot._label_print_jobs_domain() & company, order="id")
        title = self.env._("%(lot)s: %(product)s", lot=lot.name, product=lot.product_id.display_name)
        return self.env["label.print.evidence"]._describe(title, jobs, lot=lot)
