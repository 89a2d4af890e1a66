"""Who may listen to live changes: members of Label Print User and of Label Display, and nobody else."""

from odoo import models

from .print_job_notifier import LIVE_CHANNEL

LISTENERS = ("label_print_monitor.group_label_print_user", "label_print_monitor.group_label_display")


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        """Replace the subscription to live updates by a channel of a group, so that only readers are told of changes.

        A channel that stayed a plain string could be subscribed to by anybody, portal users included.
        """
        channels = list(channels)
        if LIVE_CHANNEL in channels:
            channels.remove(LIVE_CHANNEL)
            if any(map(self.env.user.has_group, LISTENERS)):
                channels.append((self.env.ref("label_print_monitor.group_label_print_user"), LIVE_CHANNEL))
        return super()._build_bus_channel_list(channels)
