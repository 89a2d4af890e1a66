"""A note on an order's chatter once all of its labels that were asked for are on paper."""

from markupsafe import Markup
from odoo import models


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    def _note_on_orders(self):
        """Note on the orders of these jobs, which are complete now, that their labels are on paper.

        Copies are not told of, nor an order of which another job still lacks labels. However many orders there are, it
        is one batch.
        """
        self.fetch(["mo_id", "copy_of_id", "submitted_by"])
        by_order = self.filtered(lambda job: job.mo_id and not job.copy_of_id).grouped("mo_id")
        orders = self.env["mrp.production"].union(*by_order)
        if not orders:
            return
        totals = orders._label_print_totals()
        complete = orders.filtered(
            lambda order: (
                totals[order.id]["printed"] >= totals[order.id]["asked"] and not totals[order.id]["uncertain"]
            )
        )
        bodies = {
            order.id: order._labels_on_paper_note(by_order[order], totals[order.id]["printed"]) for order in complete
        }
        complete._message_log_batch(bodies)


class MrpProduction(models.Model):
    _inherit = "mrp.production"

    def _labels_on_paper_note(self, jobs, count):
        """What the note says, in the language of who is responsible for the order.

        :param jobs: those that have brought the last labels to paper
        :param int count: how many labels are on paper
        """
        self.ensure_one()
        here = self.with_context(lang=(self.user_id or jobs[-1:].submitted_by).lang or self.env.lang)
        links = Markup(", ").join(job._get_html_link() for job in jobs.with_env(here.env))
        if count == 1:
            return here.env._("The label of this order is on paper: %(jobs)s", jobs=links)
        return here.env._("All %(count)s labels of this order are on paper: %(jobs)s", count=count, jobs=links)
