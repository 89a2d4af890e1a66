"""Print Again: copies of labels that are on paper already but lost, damaged or unreadable.

A copy is a job of its own, linked to the labels that it copies; the original never moves. What is missing is printed by
Retry, never here.
"""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..services.contract.label_runs import format_runs
from ..services.lifecycle import job_lifecycle
from ..services.lifecycle.label_account import PRINTED
from .archived_jobs import ARCHIVED_TOO

GROUP = "label_print_monitor.group_label_print_again"


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    can_print_again = fields.Boolean(compute="_compute_can_print_again")
    can_destroy = fields.Boolean(compute="_compute_can_print_again")
    copy_display = fields.Char("Copy", compute="_compute_copy_display")
    copy_count = fields.Integer("Number of Copies", compute="_compute_copy_count")

    @api.model
    def _may_print_again(self):
        """Whether the reader has the right to print labels again that are on paper."""
        return self.env.su or self.env.user.has_group(GROUP)

    @api.model
    def _check_right_to_print_again(self):
        """:raise AccessError: without that right"""
        if not self._may_print_again():
            raise AccessError(
                self.env._(
                    "You may not print labels again that are on paper already. Ask a Label Print Manager for it."
                )
            )

    @api.depends("status", "current_label")
    @api.depends_context("uid")
    def _compute_can_print_again(self):
        allowed = self._may_print_again()
        for job in self:
            job.can_destroy = job.status in job_lifecycle.TERMINAL and job.current_label > 0
            job.can_print_again = allowed and job.can_destroy and bool(job.labels_data)

    @api.depends("copy_ids")
    def _compute_copy_count(self):
        everything = self.with_context(active_test=False)
        counts = dict(everything._read_group([("copy_of_id", "in", self.ids)], ["copy_of_id"], ["__count"]))
        counts = {original.id: count for original, count in counts.items()}
        for job in self:
            job.copy_count = counts.get(job.id, 0)

    @api.depends("copy_of_id", "copy_labels")
    @api.depends_context("lang")
    def _compute_copy_display(self):
        """“Copy 2 of Print Job 12”: the original is the first; “Copies of …” where its labels are not all the same."""
        copies = self.filtered("copy_of_id")
        siblings = self.browse()
        if copies:
            domain = [("copy_of_id", "in", copies.copy_of_id.ids)]
            everything = self.sudo().with_context(active_test=False)
            siblings = everything.search_fetch(domain, ["copy_of_id", "copy_labels", "status", "current_label"])
        for job in self:
            job.copy_display = False
            if not job.copy_of_id:
                continue
            earlier = siblings.filtered(
                lambda other, job=job: (
                    other.copy_of_id == job.copy_of_id
                    and other.id < job._origin.id
                    and (other.current_label or other.status not in job_lifecycle.TERMINAL)
                )
            )
            numbers = {
                2 + sum(label in (other.copy_labels or ()) for other in earlier) for label in job.copy_labels or ()
            }
            job.copy_display = (
                self.env._("Copy %(number)s of %(job)s", number=numbers.pop(), job=job.copy_of_id.display_name)
                if len(numbers) == 1
                else self.env._("Copies of %(job)s", job=job.copy_of_id.display_name)
            )

    def action_print_again(self):
        """Open the dialog that prints labels of this job again, with a reason."""
        self.ensure_one()
        self.check_access("read")
        return self._get_print_again_action()

    def action_print_label_again(self, index):
        """The same for one label."""
        self.ensure_one()
        self.check_access("read")
        return self._get_print_again_action(default_labels_text=str(int(index)))

    def _get_print_lot_again_action(self, lot):
        """The same with the labels of one lot or serial number (a record) chosen, those of them that are on paper."""
        self.ensure_one()
        account = self._job_account()
        of_lot = self._label_numbers_of_lot(lot)
        indexes = [index for index in of_lot if account.labels[index - 1].state in PRINTED]
        return self._get_print_again_action(default_labels_text=format_runs(indexes))

    def _get_print_again_action(self, **context):
        self._check_can_print_again()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Print Labels Again"),
            "res_model": "label.print.again.wizard",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_job_id": self.id, **context},
        }

    def action_view_copies(self):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("label_print_monitor.action_label_print_job")
        return {**action, "domain": [("copy_of_id", "=", self.id), ARCHIVED_TOO], "context": {}}

    def _check_can_print_again(self):
        """:raise AccessError: without the right; :raise UserError: when no label of this job is on paper"""
        self.ensure_one()
        self.check_access("read")
        self._check_right_to_print_again()
        if not self.can_print_again:
            raise UserError(
                self.env._(
                    "No label of %(job)s can be printed again: "
                    "it has not ended yet, or none of its labels is on paper.",
                    job=self.display_name,
                )
            )

    def _printed_copies(self):
        """The copies of this job's labels that are on paper, the oldest job first.

        :return: an iterator of ``(job, number of the label that it copies, its label as the account has it)``
        """
        for copy in self.sudo().copy_ids.sorted("id"):
            for number, label in zip(copy.copy_labels or (), copy._job_account().labels, strict=False):
                if label.state in PRINTED:
                    yield copy, number, label

    def _labels_to_copy(self, indexes):
        """The labels of a copy as this job sent them, and the values that say which template they are from."""
        template = {"template_xmlid": self.template_xmlid, "template_hash": self.template_hash}
        return [self.labels_data[index - 1] for index in indexes], template

    def _print_again(self, indexes, reason, note="", printer=None):
        """Print copies of the labels ``indexes`` (counted from 1), which are on paper.

        :param str reason: one of `COPY_REASONS`
        :param str note: the person's own words
        :return: the new job, a copy of this one
        """
        self._check_can_print_again()
        if not reason or (reason == "other" and not (note or "").strip()):
            raise UserError(self.env._("Say why these labels are printed again."))
        indexes = sorted({index for index in indexes if 1 <= index <= self.quantity})
        if not indexes:
            raise UserError(self.env._("Choose at least one label to print again."))
        account = self._job_account()
        if missing := [index for index in indexes if account.labels[index - 1].state not in PRINTED]:
            raise UserError(
                self.env._(
                    "%(labels)s of %(job)s are not on paper: print them with Retry, not as copies.",
                    labels=self._describe_labels(missing).capitalize(),
                    job=self.display_name,
                )
            )
        printer = printer or self.printer_id
        printer._check_can_print(self.company_id)
        job = self.sudo()
        labels, template = job._labels_to_copy(indexes)
        return job.create(
            {
                **template,
                "company_id": job.company_id.id,
                "mo_id": job.mo_id.id,
                "mo_reference": job.mo_reference,
                "product_id": job.product_id.id,
                "printer_id": printer.id,
                "quantity": len(indexes),
                "labels_data": labels,
                "job_type": "manual_reprint",
                "submitted_by": self.env.user.id,
                "copy_of_id": job.id,
                "copy_labels": indexes,
                "copy_reason": reason,
                "copy_note": (note or "").strip() or False,
            }
        ).with_env(self.env)
