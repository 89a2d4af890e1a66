"""How messages about incidents leave Odoo: by its queues, never by a network call in the transaction of a sweep.

Odoo itself sends a push notice to a few devices at once, in the transaction that makes the message. A push service that
does not answer would hold the sweep, and the incident's row, for seconds.
"""

import json

from odoo import models

from .deletable_records import trigger_cron

# In the context of `message_notify`: by which means, of "mail" and "push"; as Odoo does it when it is not given.
MEANS = "label_print_means"


class LabelPrintIncident(models.Model):
    _inherit = "label.print.incident"

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """An escalation goes out by mail also to whoever reads messages in Odoo: they may not be there."""
        recipients = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        if MEANS in self.env.context:
            recipients = [{**recipient, "notif": "email"} for recipient in recipients]
        return recipients

    def _notify_thread_by_email(self, message, recipients_data, **kwargs):
        if "mail" in self.env.context.get(MEANS, ("mail",)):
            return super()._notify_thread_by_email(message, recipients_data, **kwargs)
        return True

    def _notify_thread_by_web_push(self, message, recipients_data, msg_vals=False, **kwargs):
        if "push" in self.env.context.get(MEANS, ("push",)):
            return super()._notify_thread_by_web_push(message, recipients_data, msg_vals=msg_vals, **kwargs)
        return None

    def _notify_get_recipients_for_extra_notifications(self, message, recipients_data, msg_vals=False):
        """Odoo leaves out those who get a mail as well."""
        if MEANS not in self.env.context:
            return super()._notify_get_recipients_for_extra_notifications(message, recipients_data, msg_vals=msg_vals)
        return {recipient["id"] for recipient in recipients_data if recipient["active"] and recipient["id"]}

    def _web_push_send_notification(self, devices, private_key, public_key, payload_by_lang=None, payload=None):
        self.env["mail.push"].sudo().create(
            [
                {
                    "mail_push_device_id": device.id,
                    "payload": json.dumps(payload_by_lang[device.partner_id.lang] if payload_by_lang else payload),
                }
                for device in devices
            ]
        )
        trigger_cron(self.env, "mail.ir_cron_web_push_notification")
