"""The dialog that asks a person which labels are missing when the print server cannot know."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class LabelPrintRetryWizard(models.TransientModel):
    """Which labels to print again, when nobody but a person at the printer can know which are missing."""

    _name = "label.print.retry.wizard"
    _description = "Retry Print Job"

    job_id = fields.Many2one("label.print.job", "Print Job", required=True, ondelete="cascade")
    quantity = fields.Integer("Labels in the Job", related="job_id.quantity")
    last_label = fields.Integer("Last Label Reported", compute="_compute_last_label")
    last_label_display = fields.Char(compute="_compute_last_label_display")
    failed_labels = fields.Char("Labels Reported Failed", compute="_compute_last_label")
    attempt_labels_display = fields.Char("Labels of This Attempt", compute="_compute_last_label")
    mode = fields.Selection(
        [
            ("failed", "Only the labels that failed"),
            ("resume", "Continue after the last good label"),
            ("all", "All labels again"),
        ],
        "Print",
        compute="_compute_mode",
        store=True,
        readonly=False,
    )
    resume_from = fields.Integer("Start with Label", compute="_compute_resume_from", store=True, readonly=False)
    labels_count = fields.Integer("Labels to Print", compute="_compute_labels_count")
    reason = fields.Char()

    @api.depends("job_id")
    def _compute_last_label(self):
        for wizard in self:
            job = wizard.job_id
            own = job._attempt_indexes() if job else []
            # Attempts may print any labels of the job, so the last one is looked up, not counted.
            reached = min(job.current_label - job.attempt_base, len(own))
            wizard.last_label = own[reached - 1] if reached > 0 else 0
            failed = wizard._failed_indexes()
            wizard.failed_labels = job._describe_labels(failed) if failed else False
            wizard.attempt_labels_display = job._describe_labels(own) if job.attempt_labels else False

    @api.depends("last_label", "quantity")
    @api.depends_context("lang")
    def _compute_last_label_display(self):
        for wizard in self:
            wizard.last_label_display = (
                self.env._(
                    "The last label reported as printed is number %(last)s of %(quantity)s. "
                    "Start with the first label that you do not have in your hand.",
                    last=wizard.last_label,
                    quantity=wizard.quantity,
                )
                if wizard.last_label
                else self.env._(
                    "No label was reported as printed. Start with the first label that you do not have in your hand."
                )
            )

    @api.depends("job_id")
    def _compute_mode(self):
        for wizard in self:
            certain = wizard.job_id._known_missing_labels() if wizard.job_id else None
            wizard.mode = "failed" if certain else "resume"

    @api.depends("job_id")
    def _compute_resume_from(self):
        for wizard in self:
            own = wizard.job_id._attempt_indexes() if wizard.job_id else []
            wizard.resume_from = next((index for index in own if index > wizard.last_label), own[-1] if own else 1)

    @api.depends("mode", "resume_from", "job_id")
    def _compute_labels_count(self):
        for wizard in self:
            wizard.labels_count = len(wizard._chosen_labels()) if wizard.job_id else 0

    def _failed_indexes(self):
        job = self.job_id
        return job.failed_label_ids.filtered(lambda label: label.attempt_number == job.attempt_number).mapped(
            "label_index"
        )

    def _chosen_labels(self):
        """The labels, counted from 1 in the job, that the person asks for."""
        job = self.job_id
        if self.mode == "all":
            return list(range(1, job.quantity + 1))
        if self.mode == "failed":
            return job._missing_labels(self._failed_indexes())
        return [index for index in job._attempt_indexes() if index >= self.resume_from]

    def action_confirm(self):
        self.ensure_one()
        if self.mode == "resume" and not 1 <= self.resume_from <= self.job_id.quantity:
            raise UserError(self.env._("Enter a label from 1 to %(last)s to start with.", last=self.job_id.quantity))
        labels = self._chosen_labels()
        if not labels and self.mode == "resume":
            raise UserError(self.env._("No label of this attempt comes after that one. Choose a lower number."))
        if not labels:
            raise UserError(self.env._("The print server named no failed label. Choose where to continue instead."))
        self.job_id._retry(labels, self.reason or "")
        return {"type": "ir.actions.act_window_close"}
