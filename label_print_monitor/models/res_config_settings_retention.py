"""How long labels' ZPL and jobs are kept, and what a choice would do, said before it is made."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .print_job_retention import ARCHIVE_AFTER, ARCHIVE_BY, KEEP_SCANS_DAYS, KEEP_ZPL_DAYS, RetentionRules
from .print_job_retention_scans import FEWEST_DAYS

ARCHIVE_CHOICES = [("months", "Months After They Ended"), ("expiry", "Days After Their Lots Expired")]


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    # Not by `config_parameter`: with it a 0 would be deleted, and mean the default.
    label_print_keep_zpl_days = fields.Integer(
        "Keep ZPL for Days",
        groups="label_print_monitor.group_label_print_manager",
        help="Then only a hash of each label and specimens are kept. 0: for ever.",
    )
    label_print_archive_by = fields.Selection(
        ARCHIVE_CHOICES, "Archive Jobs", groups="label_print_monitor.group_label_print_manager"
    )
    label_print_archive_after = fields.Integer(
        "Archive After", groups="label_print_monitor.group_label_print_manager"
    )
    label_print_keep_scans_days = fields.Integer(
        "Keep Scans for Days",
        groups="label_print_monitor.group_label_print_manager",
        help="How checking went. What was checked stays on the print job and in its record. 0: for ever.",
    )
    label_print_retention_effect = fields.Char(
        compute="_compute_label_print_retention_effect", groups="label_print_monitor.group_label_print_manager"
    )

    def _label_print_rules(self):
        """The rules as they are entered."""
        self.ensure_one()
        return RetentionRules(
            max(self.label_print_keep_zpl_days, 0),
            self.label_print_archive_by or "",
            max(self.label_print_archive_after, 0),
            max(self.label_print_keep_scans_days, 0),
        )

    @api.depends(
        "label_print_keep_zpl_days",
        "label_print_archive_by",
        "label_print_archive_after",
        "label_print_keep_scans_days",
    )
    @api.depends_context("lang")
    def _compute_label_print_retention_effect(self):
        for page in self:
            rules = page._label_print_rules()
            effect = self.env["print.job.retention"]._effect(rules)
            words = [
                self.env._(
                    "Ended jobs whose ZPL is kept: %(jobs)s, about %(size)s MB.",
                    jobs=effect["kept_jobs"],
                    size=effect["kept_mb"],
                ),
                self.env._(
                    "With what is entered here the next daily clean-up removes the ZPL of: %(jobs)s, about "
                    "%(size)s MB.",
                    jobs=effect["reduced_jobs"],
                    size=effect["reduced_mb"],
                ),
                self.env._("It archives: %(jobs)s.", jobs=effect["archived_jobs"]),
                self.env._(
                    "Scans kept: %(scans)s; it removes: %(removed)s.",
                    scans=effect["kept_scans"],
                    removed=effect["removed_scans"],
                ),
            ]
            if rules.archive_by == "expiry" and not self.env["print.job.retention"]._has_expiry():
                words.append(
                    self.env._(
                        "Lots have no expiry date here: switch on Expiration Dates in the settings of Inventory."
                    )
                )
            page.label_print_retention_effect = " ".join(words)

    @api.model
    def get_values(self):
        values = super().get_values()
        if not self.env["label.print.server"].has_access("write"):
            return values
        rules = self.env["print.job.retention"]._rules()
        return {
            **values,
            "label_print_keep_zpl_days": rules.keep_zpl_days,
            "label_print_archive_by": rules.archive_by or False,
            "label_print_archive_after": rules.archive_after,
            "label_print_keep_scans_days": rules.keep_scans_days,
        }

    def set_values(self):
        super().set_values()
        if not self or not self.env["label.print.server"].has_access("write"):
            return
        if self.label_print_keep_zpl_days < 0 or self.label_print_archive_after < 0:
            raise ValidationError(self.env._("Enter 0 or more for how long labels' ZPL and print jobs are kept."))
        if self.label_print_keep_scans_days and self.label_print_keep_scans_days < FEWEST_DAYS:
            raise ValidationError(
                self.env._(
                    "Keep scans for %(days)s days or longer, or enter 0: a device without a connection may send its "
                    "scans so much later.",
                    days=FEWEST_DAYS,
                )
            )
        set_param = self.env["ir.config_parameter"].sudo().set_param
        set_param(KEEP_ZPL_DAYS, str(self.label_print_keep_zpl_days))
        set_param(ARCHIVE_BY, self.label_print_archive_by or False)
        set_param(ARCHIVE_AFTER, self.label_print_archive_after or False)
        set_param(KEEP_SCANS_DAYS, self.label_print_keep_scans_days or False)
