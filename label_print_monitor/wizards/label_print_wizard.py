"""The dialog that prints labels of a manufacturing order that have not been asked for yet: printer and buttons."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.label_print_job_hashes import TEMPLATE
from ..services.contract.print_request import LabelError
from ..services.contract.sizes import split_jobs


class LabelPrintWizard(models.TransientModel):
    """Print labels of a manufacturing order: how many or which, on which printer, of which lots.

    Labels that have been asked for are not printed here a second time: those that are missing are printed by Retry,
    copies of those that are on paper by Print Again. What is asked for beyond the order's labels is for further boxes.
    """

    _name = "label.print.wizard"
    _description = "Print Labels"

    mo_id = fields.Many2one("mrp.production", "Manufacturing Order", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="mo_id.company_id", related_sudo=False)
    newest_job = fields.Integer(
        compute="_compute_newest_job",
        store=True,
        readonly=False,
        help="The order's newest print job when the dialog was opened.",
    )
    printer_id = fields.Many2one(
        "printer.configuration",
        compute="_compute_printer_id",
        store=True,
        readonly=False,
        domain="[('company_id', 'in', [False, company_id]), ('server_id.active', '=', True)]",
    )
    printer_warning = fields.Char(compute="_compute_printer_warning")
    roll_warning = fields.Char(compute="_compute_roll_warning")
    can_print_again = fields.Boolean(compute="_compute_earlier_jobs")
    has_missing = fields.Boolean(compute="_compute_earlier_jobs")
    next_step = fields.Selection(
        [("print", "Print"), ("retry", "Retry"), ("again", "Print Again")],
        compute="_compute_next_step",
        help="What is most likely to be wanted: the one button that the dialog emphasises.",
    )

    @api.depends("mo_id")
    def _compute_newest_job(self):
        for wizard in self:
            wizard.mo_id.sudo(False).check_access("read")
            wizard.newest_job = wizard._newest_job_id()

    def _newest_job_id(self):
        jobs = self.env["label.print.job"].sudo().with_context(active_test=False)
        return jobs.search([("mo_id", "=", self.mo_id.id), ("copy_of_id", "=", False)], order="id desc", limit=1).id

    @api.depends("mo_id")
    def _compute_printer_id(self):
        for wizard in self:
            wizard.printer_id = self.env["printer.configuration"]._get_proposed_printer(wizard.mo_id.company_id)

    @api.depends("printer_id.status", "printer_id.server_id.state")
    @api.depends_context("lang")
    def _compute_printer_warning(self):
        for wizard in self:
            wizard.printer_warning = wizard.printer_id._not_ready_warning(wizard.company_id)

    @api.depends("printer_id", "total")
    @api.depends_context("lang")
    def _compute_roll_warning(self):
        """Said before the job is made, so that somebody fetches a roll in time; it is printed all the same."""
        for wizard in self:
            wizard.roll_warning = wizard.printer_id._roll_shortage(wizard.total)

    def _jobs_to_retry(self):
        """The order's jobs that have ended without all of their labels on paper."""
        jobs = self.mo_id._label_print_originals()
        return jobs.filtered(
            lambda job: (
                job.can_print_missing
                and not job.set_aside_date
                and job.current_label < job.quantity
                and (job.status != "cancelled" or job == jobs[-1:])
            )
        )

    def _jobs_to_copy(self):
        """The order's jobs of which labels are on paper."""
        return self.mo_id._label_print_originals().filtered("can_print_again")

    @api.depends("mo_id")
    @api.depends_context("uid")
    def _compute_earlier_jobs(self):
        for wizard in self:
            wizard.mo_id.sudo(False).check_access("read")
            wizard.has_missing = bool(wizard.mo_id and wizard._jobs_to_retry())
            wizard.can_print_again = bool(wizard.mo_id and wizard._jobs_to_copy())

    @api.depends("quantity", "has_missing", "can_print_again")
    def _compute_next_step(self):
        for wizard in self:
            if wizard.quantity > 0 or not (wizard.has_missing or wizard.can_print_again):
                wizard.next_step = "print"
            else:
                wizard.next_step = "retry" if wizard.has_missing else "again"

    def _claim_order(self):
        """Let one transaction at a time print labels of the order.

        A lock alone would not do: whoever has waited for it goes on with a view of the database from before, without
        the other's job. After an update of the row it gets a serialization failure instead, Odoo runs its request
        again, and then it finds the job.
        """
        query = "UPDATE mrp_production SET write_date = write_date WHERE id = %s"
        self.env.cr.execute(query, [self.mo_id.id], log_exceptions=False)

    def _check_wish(self):
        """:raise UserError: in words, for what cannot be printed as it is entered"""
        if not self.printer_id:
            raise UserError(self.env._("Choose a printer."))
        self._claim_order()
        if self.newest_job != self._newest_job_id():
            raise UserError(
                self.env._(
                    "Labels of %(order)s have been printed since this dialog was opened. "
                    "Close it and open it again: other labels may be left now.",
                    order=self.mo_id.name,
                )
            )
        self.invalidate_recordset(["order_labels"])  # as they are now that nobody else prints them
        if problem := self._problem_of_wish():
            raise UserError(problem)
        if self.quantity < 1 or self.copies < 1:
            raise UserError(self.env._("Enter at least one label and one copy."))

    def _split_labels(self):
        """The labels to print, shared out into the jobs that the printer's print server takes.

        :raise UserError: in words, for a label that is too large
        """
        server = self.printer_id.server_id or self.env["label.print.server"]._get_default()
        try:
            return split_jobs(self._chosen_labels(), server._get_limits())
        except LabelError as error:
            raise UserError(self.env._(error.message, **error.params)) from None

    def action_print(self):
        """Make the print job; its form shows at once and follows it. More than one job holds is several, in a list.

        All of them are made, or none: each has an idempotency key of its own.
        """
        self.ensure_one()
        self.check_access("write")
        self.mo_id.check_access("read")
        self._check_wish()
        template = {TEMPLATE: self.mo_id._label_template()}
        jobs = self.env["label.print.job"].with_context(**template).create(
            [
                {
                    "mo_id": self.mo_id.id,
                    "printer_id": self.printer_id.id,
                    "quantity": len(labels),
                    "labels_data": labels,
                    "job_type": "manual",
                }
                for labels in self._split_labels()
            ]
        ).with_env(self.env)
        return jobs._get_form_action() if len(jobs) == 1 else jobs._get_list_action(self.env._("Print Jobs"))

    def action_print_again(self):
        """Copies of labels that are on paper: the dialog of the job that printed them, or the list of those jobs."""
        self.ensure_one()
        self.check_access("write")
        self.env["label.print.job"]._check_right_to_print_again()
        jobs = self._jobs_to_copy()
        if len(jobs) != 1:
            return jobs._get_list_action(self.env._("Print Again: Choose the Job"))
        if self.only_lot_id:
            return jobs._get_print_lot_again_action(self.only_lot_id)
        return jobs.action_print_again()

    def action_retry(self):
        """What is missing: the dialog of the job that lacks it, or the list of those jobs."""
        self.ensure_one()
        self.check_access("write")
        jobs = self._jobs_to_retry()
        if len(jobs) != 1:
            return jobs._get_list_action(self.env._("Retry: Choose the Job"))
        return jobs.action_retry_choose()
