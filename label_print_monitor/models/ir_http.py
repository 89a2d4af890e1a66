"""Where a wall display begins: whoever is in Label Display and has no home action of their own."""

from odoo import api, models

from .deletable_records import find_record


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @api.private  # for the page of the web client, not for RPC
    def session_info(self):
        info = super().session_info()
        user = self.env.user
        # Label Print Users have menus to choose from; they may be in the group to look at what a display shows.
        is_display = user.has_group("label_print_monitor.group_label_display")
        prints = user.has_group("label_print_monitor.group_label_print_user")
        if is_display and not prints and not info.get("home_action_id"):
            wall = find_record(self.env, "label_print_monitor.action_label_print_wall")
            info["home_action_id"] = bool(wall) and wall.id
        return info
