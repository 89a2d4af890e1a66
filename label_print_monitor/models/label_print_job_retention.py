"""A job whose ZPL is no longer kept, or that is archived: what can still be done with it, and where it is still found.

Odoo's searches leave archived records out. So does the list of print jobs; whatever says what has been printed (orders,
lots, evidence, reports of the history) asks for all of them.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ..services.lifecycle.order_labels import box_of, item_of, label_entries


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    # Nobody archives by hand: it is the settings' matter, see print_job_retention.py.
    active = fields.Boolean(default=True, readonly=True, copy=False)
    zpl_removed_date = fields.Datetime("ZPL Removed On", copy=False, readonly=True)

    _zpl_kept = models.Index("(completed_date) WHERE zpl_removed_date IS NULL AND completed_date IS NOT NULL")
    _archived = models.Index("(id DESC) WHERE active IS NOT TRUE")

    def init(self):
        result = super().init()
        # For whoever makes rows by SQL; else they would be archived.
        self.env.cr.execute("ALTER TABLE label_print_job ALTER COLUMN active SET DEFAULT TRUE")
        return result

    @api.depends("zpl_removed_date", "mo_id")
    def _compute_can_print_again(self):
        result = super()._compute_can_print_again()
        for job in self:
            if job.zpl_removed_date and not job.mo_id:
                job.can_print_again = False
        return result

    @api.depends("zpl_removed_date")
    def _compute_allowed_actions(self):
        result = super()._compute_allowed_actions()
        for job in self:
            if job.zpl_removed_date:
                job.can_retry = job.can_print_missing = False
        return result

    def _check_can_retry(self):
        self._check_has_zpl()
        return super()._check_can_retry()

    def _check_can_print_missing(self):
        self._check_has_zpl()
        return super()._check_can_print_missing()

    def _check_can_print_again(self):
        if self.zpl_removed_date and not self.mo_id:
            self._check_right_to_print_again()
            self._check_has_zpl()
        return super()._check_can_print_again()

    def _zpl_words(self):
        """What became of the ZPL of a job's labels; '' while it is kept."""
        self.ensure_one()
        if not self.zpl_removed_date:
            return ""
        return self.env._(
            "The ZPL of these labels was removed on %(date)s, as the settings ask for. Their hashes and a specimen are "
            "kept.",
            date=format_datetime(self.env, self.zpl_removed_date, dt_format="short"),
        )

    def _check_has_zpl(self):
        """:raise UserError: when the labels' ZPL is no longer kept, with what to do instead"""
        self.ensure_one()
        if not self.zpl_removed_date:
            return
        if self.mo_id:
            raise UserError(
                self.env._(
                    "The ZPL of %(job)s is no longer kept. Open %(order)s and choose Print Labels there: labels that "
                    "are missing are made anew.",
                    job=self.display_name,
                    order=self.mo_reference,
                )
            )
        raise UserError(
            self.env._(
                "The ZPL of %(job)s is no longer kept, and it was not made for a manufacturing order. Print its labels "
                "anew from where they came from.",
                job=self.display_name,
            )
        )

    def _labels_to_copy(self, indexes):
        """The labels of a copy: as they were sent, or, where their ZPL is no longer kept, made anew from the order.

        :param indexes: the labels of this job, counted from 1
        :return: the labels, and the values of the new job that say which template they are from
        """
        labels = label_entries(self.labels_data)
        if not self.zpl_removed_date:
            return super()._labels_to_copy(indexes)
        order = self.sudo().mo_id
        by_name = {(box_of(label), item_of(label)): label for label in order._get_label_print_data()}
        wanted = {index: (box_of(labels[index - 1]), item_of(labels[index - 1])) for index in indexes}
        if gone := [index for index, name in wanted.items() if name not in by_name]:
            raise UserError(
                self.env._(
                    "The ZPL of %(job)s is no longer kept, and %(order)s has no such boxes and lots any more: "
                    "%(labels)s. Choose other labels.",
                    job=self.display_name,
                    order=self.mo_reference,
                    labels=self._describe_labels(gone),
                )
            )
        template = order._label_template()
        values = {"template_xmlid": template.xmlid, "template_hash": template.hash}
        return [by_name[wanted[index]] for index in indexes], values

    def _values_of_attempt(self, number, indexes, printed, printer):
        # What is printed again is no history.
        return {**super()._values_of_attempt(number, indexes, printed, printer), "active": True}

    def _actions_of_label(self, label):
        actions = super()._actions_of_label(label)
        if self.zpl_removed_date and not self.mo_id:
            actions = [action for action in actions if action["name"] != "action_print_label_again"]
        return actions
