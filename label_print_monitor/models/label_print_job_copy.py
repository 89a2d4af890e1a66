"""Print Again: copies of labels that are on paper already but lost, damaged or unreadable.

A copy is a job of its own, linked to the labels that it copies; the original never moves. What is missing is printed by
Retry, never here.
"""

from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..services.contract.label_runs import format_runs
from ..services.lifecycle import job_lifecycle
from ..services.lifecycle.label_account import PRINTED
from .archived_jobs import ARCHIVED_TOO
from .deletable_records import need_action

GROUP = "label_print_monitor.group_label_print_again"
SHOWN_OF_COPIES = ("copy_of_id", "copy_labels", "status", "current_label")


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
        copied = {job: job._copied_first(job._own_numbers()) for job in self.filtered("copy_of_id")}
        originals = self.sudo().browse().union(*(original for original, _labels in copied.values()))
        earlier = defaultdict(list)
        for other in (originals._with_copies() - originals).sorted("id"):
            if other.current_label or other.status not in job_lifecycle.TERMINAL:
                original, labels = other._copied_first(other._own_numbers())
                earlier[original].append((other.id, labels))
        for job in self:
            job.copy_display = False
            if job not in copied:
                continue
            original, labels = copied[job]
            before = [theirs for id_, theirs in earlier[original] if id_ < job._origin.id]
            numbers = {2 + sum(label in theirs for theirs in before) for label in labels}
            name = original.display_name
            job.copy_display = (
                self.env._("Copy %(number)s of %(job)s", number=numbers.pop(), job=name)
                if len(numbers) == 1
                else self.env._("Copies of %(job)s", job=name)
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
        action = need_action(self.env, "label_print_monitor.action_label_print_job")
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

    def _with_copies(self):
        """These jobs and all copies of their labels, copies of copies among them; as superuser."""
        everything = self.sudo().with_context(active_test=False)
        found = level = everything
        while level := everything.search_fetch([("copy_of_id", "in", level.ids)], SHOWN_OF_COPIES) - found:
            found |= level
        return found

    def _labels_of_copies(self):
        """Each label that is a copy of one of this job's labels, or a copy of such a copy, the oldest job first.

        :return: an iterator of ``(job, number of the label that it copies, its label as the account has it)``
        """
        self.ensure_one()
        numbers = {self.id: range(1, self.quantity + 1)}
        for copy in (self._with_copies() - self).sorted("id"):
            copied = numbers[copy.copy_of_id.id]
            numbers[copy.id] = [
                copied[label - 1] if 1 <= label <= len(copied) else 0 for label in copy.copy_labels or ()
            ]
            for number, label in zip(numbers[copy.id], copy._job_account().labels, strict=False):
                if number:
                    yield copy, number, label

    def _printed_copies(self):
        """Those of `_labels_of_copies` that are on paper."""
        return (found for found in self._labels_of_copies() if found[2].state in PRINTED)

    def _own_numbers(self):
        """The labels of this copy, counted from 1."""
        return range(1, len(self.copy_labels or ()) + 1)

    def _copied_first(self, indexes):
        """The job that printed these labels of this job first, and their numbers there.

        A copy of a copy is one more copy of the label.
        """
        job = self.sudo()
        while job.copy_of_id and all(1 <= index <= len(job.copy_labels or ()) for index in indexes):
            indexes, job = [job.copy_labels[index - 1] for index in indexes], job.copy_of_id
        return job, indexes

    def _labels_to_copy(self, indexes):
        """The labels of a copy as this job sent them, and the values that say which template they are from."""
        template = {"template_xmlid": self.template_xmlid, "template_hash": self.template_hash}
        return [self.labels_data[index - 1] for index in indexes], template

    def _print_again(self, indexes, reason, note="", printer=None):
        """Print copies of the labels ``indexes`` (counted from 1), which are on paper.

        :param str reason: one of `COPY_REASONS`
        :param str note: the person's own words
        :return: the new job, a copy of this one; of the original, where this one is a copy itself
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
        original, copied = job._copied_first(indexes)
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
                "copy_of_id": original.id,
                "copy_labels": copied,
                "copy_reason": reason,
                "copy_note": (note or "").strip() or False,
            }
        ).with_env(self.env)
