"""The dialog that prints what a job lacks, and asks a person about the labels that may be on paper."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..services.contract.label_runs import LabelRunsError, format_runs, parse_runs


class LabelPrintRetryWizard(models.TransientModel):
    """What is missing is printed; what is uncertain is asked about first, label by label.

    The dialog remembers the attempt on which it was opened: if the job has been printed again meanwhile, other labels
    are missing now, and it refuses.
    """

    _name = "label.print.retry.wizard"
    _description = "Print Missing Labels"

    job_id = fields.Many2one("label.print.job", "Print Job", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="job_id.company_id")
    opened_attempt = fields.Integer(default=0, help="The newest attempt when the dialog was opened.")
    purpose = fields.Selection(
        [("retry", "Print what is missing"), ("settle", "Only note what is on paper"), ("cancel", "Cancel the job")],
        default="retry",
        required=True,
    )
    quantity = fields.Integer("Labels in the Job", related="job_id.quantity")
    label_grid = fields.Json(compute="_compute_label_grid")
    uncertain_count = fields.Integer("Labels in Doubt", compute="_compute_label_grid")
    is_counted_only = fields.Boolean(compute="_compute_label_grid")
    last_label_display = fields.Char(compute="_compute_label_grid")
    on_paper = fields.Char("On Paper", help="Label numbers, for example 3, 9-11.")
    not_on_paper = fields.Char("Not on Paper", help="Label numbers, for example 3, 9-11.")
    resume_from = fields.Integer(
        "First Label That Is Missing",
        help="The first label that you do not have in your hand; all after it count as missing.",
    )
    choose = fields.Boolean("Choose Labels")
    labels_text = fields.Char("Labels to Print", compute="_compute_labels_text", store=True, readonly=False)
    labels_count = fields.Integer("Labels That Will Be Printed", compute="_compute_labels_count")
    printer_id = fields.Many2one(
        "printer.configuration",
        "Printer",
        compute="_compute_printer_id",
        store=True,
        readonly=False,
        domain="[('company_id', 'in', [False, company_id])]",
    )
    printer_warning = fields.Char(compute="_compute_printer_warning")
    reason = fields.Char()

    def _account(self):
        """The job's account; of one whose submission is in doubt, as if no report about it came any more."""
        account = self.job_id._job_account()
        if self.job_id.submission != "maybe":
            return account
        return self.job_id._account_if_given_up()

    @api.depends("job_id")
    @api.depends_context("lang")
    def _compute_label_grid(self):
        for wizard in self:
            job = wizard.job_id
            wizard.label_grid = wizard.last_label_display = False
            wizard.uncertain_count, wizard.is_counted_only = 0, False
            if not job:
                continue
            account = wizard._account()
            wizard.uncertain_count = len(account.uncertain)
            wizard.is_counted_only = bool(account.uncertain) and not job.account_exact
            grid = job._grid_of(account)
            wizard.label_grid = {
                **grid,
                "asked": account.uncertain,
                "missing": account.missing,
                "selectable": sorted({*account.missing, *account.uncertain}),
            }
            if wizard.is_counted_only:
                wizard.last_label_display = (
                    self.env._(
                        "The print server only counted: %(printed)s of %(quantity)s labels. "
                        "Which of the others are on paper, only you can see.",
                        printed=account.printed,
                        quantity=job.quantity,
                    )
                    if account.printed
                    else self.env._(
                        "The print server reported no label as printed. What is on paper, only you can see."
                    )
                )

    @api.depends("job_id")
    def _compute_printer_id(self):
        for wizard in self:
            wizard.printer_id = wizard.job_id.printer_id

    @api.depends("printer_id.status")
    @api.depends_context("lang")
    def _compute_printer_warning(self):
        for wizard in self:
            wizard.printer_warning = wizard.printer_id._not_ready_warning()

    @api.onchange("resume_from")
    def _onchange_resume_from(self):
        """One number instead of one answer for each label: those before it are on paper, the others are not."""
        if self.job_id and self.resume_from:
            account = self._account()
            doubtful = sorted({*account.uncertain, *account.indexes("reported")})
            self.on_paper = format_runs([index for index in account.uncertain if index < self.resume_from])
            self.not_on_paper = format_runs([index for index in doubtful if index >= self.resume_from])

    @api.depends("job_id", "not_on_paper", "choose")
    def _compute_labels_text(self):
        for wizard in self:
            if not wizard.job_id:
                wizard.labels_text = False
                continue
            account = wizard._account()
            try:
                absent = parse_runs(wizard.not_on_paper, wizard.job_id.quantity)
            except LabelRunsError:
                absent = []
            wizard.labels_text = format_runs(sorted({*account.missing, *absent}))

    @api.depends("labels_text", "purpose", "quantity")
    def _compute_labels_count(self):
        for wizard in self:
            try:
                wizard.labels_count = len(parse_runs(wizard.labels_text, wizard.quantity or 0))
            except LabelRunsError:
                wizard.labels_count = 0
            if wizard.purpose != "retry":
                wizard.labels_count = 0

    def _numbers(self, text):
        """:raise UserError: in words, for what are no label numbers of this job"""
        try:
            return parse_runs(text, self.quantity)
        except LabelRunsError as error:
            raise UserError(self.env._(error.message, **error.params)) from None

    def action_confirm(self):
        """Keep what the person has seen, then print what is missing."""
        self.ensure_one()
        job = self.job_id
        job.check_access("write")
        on_paper, not_on_paper = self._numbers(self.on_paper), self._numbers(self.not_on_paper)
        chosen = self._numbers(self.labels_text)
        job._lock_or_tell()
        job._check_attempt(self.opened_attempt)
        if self.purpose == "retry":
            job._check_can_print_missing()
        open_questions = sorted(set(self._account().uncertain) - {*on_paper, *not_on_paper})
        if open_questions and self.purpose != "settle":
            raise UserError(
                self.env._(
                    "Say of %(labels)s whether they are on paper. Look for them first.",
                    labels=job._describe_labels(open_questions),
                )
            )
        job._settle(on_paper, not_on_paper, reason=self.reason or "", cancelled=self.purpose == "cancel")
        if self.purpose == "retry" and job.status != "completed":
            missing = job._job_account().missing
            labels = [index for index in missing if not self.choose or index in chosen]
            if not labels:
                raise UserError(self.env._("Choose at least one label to print."))
            job._retry(labels, self.reason or "", self.printer_id, self.opened_attempt)
        return {"type": "ir.actions.act_window_close"}
