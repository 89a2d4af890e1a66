"""Mails and push notifications about a job that are left to Odoo's queues, where the engine makes them.

Otherwise Odoo sends a mail right after the commit and a push notification before it, in the same thread: a mail server
that does not answer would hold up a sweep, and all live views with it, for a minute.
"""

import json

from odoo import models

from .deletable_records import trigger_cron


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    def _queues_notifications(self):
        return self.env.context.get("mail_notify_force_send") is False

    def _notify_thread_by_email(self, message, recipients_data, **kwargs):
        done = super()._notify_thread_by_email(message, recipients_data, **kwargs)
        if self._queues_notifications() and any(recipient["notif"] == "email" for recipient in recipients_data):
            self.env["mail.mail"]._trigger_queue()
        return done

    def _web_push_send_notification(self, devices, private_key, public_key, payload_by_lang=None, payload=None):
        """As Odoo does it for many devices, also for few."""
        if not self._queues_notifications() or not devices:
            return super()._web_push_send_notification(devices, private_key, public_key, payload_by_lang, payload)
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
        return None
