"""What each user wants to be told about print jobs."""

from odoo import SUPERUSER_ID, fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    label_print_notify = fields.Selection(
        [
            ("all", "All label print jobs"),
            ("all_failures", "Failures of all label print jobs"),
            ("mine", "My label print jobs"),
            ("failures", "Failures of my label print jobs"),
        ],
        string="Label Print Notifications",
        default="mine",
        required=True,
        help="Which label print jobs tell you in the web client that they have ended. "
        "Jobs that you follow count as yours.",
    )

    def _manages_label_printing(self):
        """Whether this is the administrator to whom others are sent. The engine's own user is no reader."""
        self.ensure_one()
        return self.id != SUPERUSER_ID and any(
            self.has_group(group) for group in ("label_print_monitor.group_label_print_manager", "base.group_system")
        )

    @property
    def SELF_READABLE_FIELDS(self):
        return super().SELF_READABLE_FIELDS + ["label_print_notify"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return super().SELF_WRITEABLE_FIELDS + ["label_print_notify"]
