"""From a lot to its labels: print them, print them again, or see every print of them."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .archived_jobs import ALL_JOBS
from .deletable_records import need_action


class StockLot(models.Model):
    _inherit = "stock.lot"

    # For everybody who may read a lot, or reading all of its fields would fail; the view shows it to those who print.
    label_print_job_count = fields.Integer(
        "Label Print Jobs", compute="_compute_label_print_job_count", compute_sudo=True
    )

    # Jobs are linked when they are made, from their side: nothing of the lot itself changes its count.
    @api.depends_context("allowed_company_ids")
    def _compute_label_print_job_count(self):
        domain = ALL_JOBS & self._label_print_jobs_domain() & Domain("company_id", "in", self.env.companies.ids)
        counts = dict(self.env["label.print.job"]._read_group(domain, ["lot_ids"], ["__count"]))
        for lot in self:
            lot.label_print_job_count = counts.get(lot._origin, 0)

    def _label_productions(self):
        """The manufacturing orders that make this lot: also one that is not closed yet, whose moves have no lot."""
        self.ensure_one()
        made = Domain("lot_producing_ids", "in", self.ids) | Domain(
            "move_finished_ids.move_line_ids.lot_id", "in", self.ids
        )
        return self.env["mrp.production"].search(made & Domain("state", "!=", "cancel"))

    def _label_print_jobs_domain(self):
        """The jobs that print labels of these lots: another product may have a lot of the same name."""
        return Domain("lot_ids", "in", self.ids)

    def action_print_labels(self):
        """Print labels of a finished lot, through the manufacturing order that made it."""
        self.ensure_one()
        self.check_access("read")
        self.env["label.print.job"].check_access("create")
        production = self._label_productions().sorted("id")[-1:]
        if not production:
            raise UserError(
                self.env._(
                    "%(lot)s was not made by a manufacturing order, so there is no label for it here.",
                    lot=self.display_name,
                )
            )
        action = production.action_print_labels()
        action["context"]["default_only_lot_id"] = self.id
        return action

    def action_print_again(self):
        """Copies of labels of this lot: the dialog of the job that printed them, or the list of those jobs."""
        self.ensure_one()
        self.check_access("read")
        self.env["label.print.job"].check_access("read")
        self.env["label.print.job"]._check_right_to_print_again()
        originals = ALL_JOBS & self._label_print_jobs_domain() & Domain("copy_of_id", "=", False)
        jobs = self.env["label.print.job"].search(originals).filtered("can_print_again")
        if not jobs:
            raise UserError(
                self.env._(
                    "No label of %(lot)s can be printed again: none is on paper, or you may not print labels again.",
                    lot=self.display_name,
                )
            )
        if len(jobs) > 1:
            return jobs._get_list_action(self.env._("Print Again: Choose the Job"))
        return jobs._get_print_lot_again_action(self)

    def action_view_label_print_jobs(self):
        """Every print of this lot: what quality staff asks for."""
        self.ensure_one()
        self.check_access("read")
        self.env["label.print.job"].check_access("read")
        action = need_action(self.env, "label_print_monitor.action_label_print_job")
        return {**action, "domain": list(ALL_JOBS & self._label_print_jobs_domain()), "context": {}}
