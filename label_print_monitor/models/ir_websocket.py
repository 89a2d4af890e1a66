"""Who may listen to live changes: members of Label Print User and of Label Display, and nobody else.

And who is told that there are calls to fetch: a print server, by the channel that was given out with its token.
"""

from odoo import models

from .label_print_server_call import NOTIFICATION
from .label_print_server_token import CHANNEL
from .print_job_notifier import LIVE_CHANNEL

LISTENERS = ("label_print_monitor.group_label_print_user", "label_print_monitor.group_label_display")


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        """Replace the subscription to live updates by channels of a group and its companies, for readers only.

        A channel that stayed a plain string could be subscribed to by anybody, portal users included.
        """
        channels = self._with_channels_of_print_servers(channels)
        if LIVE_CHANNEL in channels:
            channels.remove(LIVE_CHANNEL)
            if any(map(self.env.user.has_group, LISTENERS)):
                channels.append((self.env.ref("label_print_monitor.group_label_print_user"), LIVE_CHANNEL))
                # What is sent there has values of jobs, which no other company may see.
                channels += [(company, LIVE_CHANNEL) for company in self.env.user.company_ids]
        return super()._build_bus_channel_list(channels)

    def _with_channels_of_print_servers(self, channels):
        """Replace the channel that a print server was given by one of its token, while that token is good.

        What is sent goes to the token's own channel, which no plain string names. Of others than print servers nobody
        has such a channel's name, and one that is wrong subscribes to nothing.
        """
        given = [channel for channel in channels if isinstance(channel, str) and channel.startswith(CHANNEL)]
        kept = [channel for channel in channels if channel not in given]
        for channel in given[:1]:
            kept += [(token, NOTIFICATION) for token in self.env["label.print.server.token"]._of_channel(channel)]
        return kept
