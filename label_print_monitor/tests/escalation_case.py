"""What the tests of escalation and maintenance share: steps, people, and what is due so much later."""

import json
from datetime import timedelta

from odoo import fields
from odoo.tests import new_test_user

from .incident_case import IncidentCase
from .push_endpoint import PushEndpoint

GROUP = "label_print_monitor.group_label_print_user"


class EscalationCase(IncidentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Each minute counts, at whatever time the tests run.
        cls.env.company.resource_calendar_id.attendance_ids.unlink()
        cls.second = new_test_user(cls.env, "lpm_second", name="Second Person", groups=GROUP, email="second@example.com")
        cls.third = new_test_user(cls.env, "lpm_third", name="Third Person", groups=GROUP, email="third@example.com")

    def step(self, users=None, minutes=15, **values):
        people = {"user_ids": users.ids} if users else {}
        return self.env["label.print.escalation.step"].create({"minutes": minutes, **people, **values})

    def escalate(self, minutes=0, seconds=1):
        """What housekeeping does between two sweeps, so much later."""
        self.env.flush_all()
        self.env.invalidate_all()
        now = fields.Datetime.now() + timedelta(minutes=minutes, seconds=seconds)
        self.env["print.job.notifier"]._escalate_due(now, self.env.flush_all)
        self.env.invalidate_all()

    def activities(self, incident):
        """The people who have an activity of the escalation."""
        kind = self.env.ref("label_print_monitor.mail_activity_escalation")
        return incident.activity_ids.filtered(lambda one: one.activity_type_id == kind).user_id

    def mails(self, user):
        return self.env["mail.mail"].sudo().search([("recipient_ids", "in", user.partner_id.ids)])

    def told(self, incident):
        """What its chatter says of the escalation, the first line first."""
        bodies = incident.message_ids.sorted("id").mapped("body")
        return [str(body) for body in bodies if "Escalation after" in body]

    def allow_push(self, user):
        """The user has allowed Odoo's notifications in a browser."""
        endpoint = PushEndpoint()
        self.addCleanup(endpoint.stop)
        devices = self.env["mail.push.device"].with_user(user)
        key = devices.get_web_push_vapid_public_key()
        devices.register_devices(endpoint=endpoint.url, keys=endpoint.keys, vapid_public_key=key)
        self.assertEqual(
            json.loads(self.env["mail.push.device"].search([("endpoint", "=", endpoint.url)]).keys), endpoint.keys
        )
        return endpoint
