"""A real mail server that hangs: nobody waits for it but Odoo's queue, nothing is lost or sent twice, people are told."""

import time
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.base.models import ir_mail_server
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .escalation_case import EscalationCase
from .mail_server import SILENT, SILENT_AFTER_MAIL, MailServer
from .test_label_print_shift_mail import MailCase

LIMIT = 0.5  # seconds, in place of Odoo's 60
LOGGERS = ("odoo.addons.mail.models.mail_mail", "odoo.addons.base.models.ir_mail_server")


class HangingCase(MailCase, EscalationCase):
    def setUp(self):
        super().setUp()
        self.manager.email = "manager@example.com"  # of which Odoo tells by a mail
        self.mail_server = MailServer()
        self.addCleanup(self.mail_server.stop)
        self.mail_server.hangs = SILENT
        self.env["ir.mail_server"].search([]).active = False
        values = {"name": "Hangs", "smtp_host": "127.0.0.1", "smtp_port": self.mail_server.port}
        self.env["ir.mail_server"].create(values)
        self.patch(ir_mail_server, "SMTP_TIMEOUT", LIMIT)
        self.patch(type(self.env["ir.mail_server"]), "_disable_send", classmethod(lambda cls: False))
        # Others' mails are none of this test's.
        self.env["mail.mail"].sudo().search([("state", "=", "outgoing")]).cancel()

    def run_queue(self, later=timedelta()):
        """What Odoo's scheduled action does so much later.

        :return: how many seconds it took
        """
        self.env.flush_all()
        waiting = self.env["mail.mail"].sudo().search([("state", "=", "outgoing"), ("scheduled_date", "!=", False)])
        for mail in waiting:
            mail.scheduled_date -= later
            self.env.cr.execute("UPDATE mail_mail SET create_date = create_date - %s WHERE id = %s", [later, mail.id])
        self.env.invalidate_all()
        began = time.monotonic()
        self.env["mail.mail"].sudo().process_email_queue()
        took = time.monotonic() - began
        self.env.flush_all()
        self.env.invalidate_all()
        return took

    def arrived(self):
        return sorted(mail["To"].addresses[0].addr_spec for mail in self.mail_server.mails)

    def toasts(self):
        return [toast for toast in self.sent_toasts(self.manager) if toast["title"] == "Mails about labels were not sent"]

    def shift_mails(self):
        """Queued by the scheduled action, which does not wait."""
        self.ended("2025-06-10 08:00", 12)
        self.early.mail_user_ids = self.user + self.german
        began = time.monotonic()
        mails = self.mailed("2025-06-10 14:03")
        self.assertEqual(mails.mapped("state"), ["outgoing"] * 2)
        self.assertEqual(self.mail_server.connections, 0)
        self.assertLess(time.monotonic() - began, 20)
        return mails


@tagged("post_install", "-at_install")
class TestMailRetry(HangingCase):
    def test_a_shift_report_waits_and_arrives_once(self):
        mails = self.shift_mails()
        took = self.run_queue()
        self.assertEqual(self.mail_server.connections, 1, "one try for all that leaves together")
        self.assertLess(took, 5 * LIMIT)
        self.assertEqual(mails.mapped("state"), ["outgoing"] * 2, "not lost")
        # Told in words: to managers, and at the shift.
        [toast] = self.toasts()
        self.assertIn("Odoo could not connect to its mail server", toast["message"])
        self.assertIn("“Shift Report: Early, Tuesday, June 10, 2025", toast["message"])
        self.assertIn("Frau Schmidt", toast["message"])
        self.assertRegex(self.early.mail_not_sent, "Shift Report.* waits: Odoo could not connect to its mail server .*timed out")
        # Not before it is due; and when it fails again, nobody is told again.
        self.run_queue()
        self.assertEqual(self.mail_server.connections, 1)
        self.run_queue(timedelta(minutes=6))
        self.assertEqual(self.mail_server.connections, 2)
        self.assertEqual(len(self.toasts()), 1)
        # The scheduled action makes no second one meanwhile.
        self.assertFalse(self.mailed("2025-06-10 14:20"))
        self.mail_server.hangs = ""
        self.run_queue(timedelta(hours=1))
        self.assertEqual(self.arrived(), ["schmidt@example.com", "user@example.com"])
        self.run_queue(timedelta(hours=2))
        self.assertEqual(len(self.arrived()), 2)
        self.assertFalse(mails.exists())
        self.early.invalidate_recordset()
        self.assertFalse(self.early.mail_not_sent)

    def test_it_is_tried_at_longer_and_longer_intervals_for_half_a_day(self):
        mails = self.shift_mails()
        tries, waited = 0, timedelta()
        while mails[:1].state == "outgoing":
            self.run_queue(later := max(timedelta(), (mails[0].scheduled_date or fields.Datetime.now()) - fields.Datetime.now()))
            tries, waited = tries + 1, waited + later
        self.assertEqual(self.mail_server.connections, tries)
        self.assertIn(tries, range(14, 20))
        self.assertTrue(timedelta(hours=12) <= waited < timedelta(hours=13), waited)
        self.assertEqual(mails.mapped("state"), ["exception"] * 2)
        told = self.toasts()
        self.assertEqual(len(told), 2)
        self.assertIn("was not sent", told[1]["message"])
        self.assertIn("It is not tried again", self.early.mail_not_sent)

    def test_one_that_may_have_arrived_is_not_sent_twice(self):
        mails = self.shift_mails()
        self.mail_server.hangs = SILENT_AFTER_MAIL
        with patch.multiple(f"{LOGGERS[0]}._logger", exception=lambda *args, **options: None):
            self.run_queue()
        self.assertEqual(len(self.arrived()), 1)
        self.assertEqual(sorted(mails.mapped("state")), ["exception", "outgoing"])
        [toast] = self.toasts()
        self.assertIn("was not sent, as far as Odoo knows", toast["message"])
        self.mail_server.hangs = ""
        self.run_queue(timedelta(hours=1))
        self.assertEqual(self.arrived(), ["schmidt@example.com", "user@example.com"])
        self.assertIn("as far as Odoo knows", self.early.mail_not_sent)

    def test_others_see_nothing_of_it(self):
        mails = self.shift_mails()
        messages = mails.mail_message_id.with_user(self.user)
        self.assertFalse(messages.search([("id", "in", messages.ids)]))
        other = self.env["mail.mail"].sudo().create(
            {"subject": "Of another module", "email_to": "a@example.com", "email_from": mails[0].email_from}
        )
        self.run_queue()
        self.assertEqual(other.state, "exception", "as Odoo has it")
        self.assertEqual(len(self.toasts()), 1)
        self.assertNotIn("another module", self.toasts()[0]["message"])

    def escalated(self):
        self.step(self.second, by_push=False)
        incident, _jobs = self.stop(1)
        began = time.monotonic()
        self.escalate(15)
        self.assertLess(time.monotonic() - began, 10)
        self.assertEqual(self.mail_server.connections, 0)
        self.assertEqual(self.mails(self.second).state, "outgoing")
        return incident

    def said(self, incident):
        return [str(body) for body in incident.message_ids.mapped("body") if "waits: Odoo" in body]

    def test_an_escalation_waits_and_says_so_in_the_incident(self):
        incident = self.escalated()
        self.run_queue()
        [said] = self.said(incident)
        self.assertIn("Second Person", said)
        self.assertEqual(len(self.toasts()), 1)
        self.escalate(30)  # the next sweep tells nobody twice
        self.mail_server.hangs = ""
        self.run_queue(timedelta(minutes=6))
        self.run_queue(timedelta(minutes=60))
        self.assertEqual(self.arrived(), ["second@example.com"])
        self.assertEqual(len(self.said(incident)), 1)

    def test_an_escalation_that_waits_is_not_sent_once_somebody_is_on_it(self):
        incident = self.escalated()
        self.run_queue()
        incident.with_user(self.user).action_acknowledge()
        self.mail_server.hangs = ""
        self.run_queue(timedelta(hours=1))
        self.assertEqual(self.arrived(), [])
        self.assertEqual(self.mails(self.second).state, "cancel")

    def test_somebody_is_on_it_before_the_first_try(self):
        incident = self.escalated()
        incident.with_user(self.user).action_acknowledge()
        self.mail_server.hangs = ""
        self.run_queue()
        self.assertEqual(self.arrived(), [])

    def test_what_people_write_about_an_incident_waits_and_arrives(self):
        """Also while somebody is on it: a person wrote it to a person."""
        incident, _jobs = self.stop(1)
        incident.user_id = self.user
        incident.with_user(self.user).message_post(
            body="Please bring a roll", partner_ids=self.manager.partner_id.ids, subtype_xmlid="mail.mt_comment"
        )
        mail = self.env["mail.mail"].sudo().search(
            [("model", "=", incident._name), ("res_id", "=", incident.id), ("body_html", "like", "bring a roll")]
        )
        self.run_queue()
        self.assertEqual(mail.mapped("state"), ["outgoing"])
        self.assertTrue(self.said(incident))
        self.mail_server.hangs = ""
        self.run_queue(timedelta(minutes=6))
        self.assertIn("manager@example.com", self.arrived())

    def test_saying_so_notifies_nobody(self):
        """A mail to a follower would fail, too, and be said again, without end."""
        incident = self.escalated()
        incident.message_subscribe(self.manager.partner_id.ids, self.env.ref("mail.mt_note").ids)
        before = self.env["mail.mail"].sudo().search_count([])
        self.run_queue()
        self.assertTrue(self.said(incident))
        self.assertEqual(self.env["mail.mail"].sudo().search_count([]), before)

    def test_what_becomes_of_it_is_kept_when_the_next_sender_holds_the_queue(self):
        """In Odoo's scheduled action, whose worker may be ended for that."""
        self.shift_mails()
        poller = type(self.env["print.job.status.poller"])
        commit = self.startPatcher(patch.object(poller, "_commit", autospec=True))
        self.run_queue()
        commit.assert_not_called()  # somebody's own transaction
        queue = self.env.ref("mail.ir_cron_mail_scheduler_action")
        mails = self.env["mail.mail"].sudo().search([("state", "=", "outgoing")])
        mails.with_context(cron_id=queue.id).send()
        commit.assert_called_once()

    def test_the_scheduled_action_was_deleted(self):
        """Odoo's queue is emptied by other means, such as a button: nothing fails, and each waits for the next time."""
        mails = self.shift_mails()
        self.env.ref("mail.ir_cron_mail_scheduler_action").unlink()
        with mute_logger("odoo.addons.label_print_monitor.models.deletable_records"):
            self.run_queue()
        self.assertEqual(mails.mapped("state"), ["outgoing"] * 2)
        self.assertTrue(all(mail.scheduled_date for mail in mails))
        self.assertEqual(len(self.toasts()), 1)
        self.mail_server.hangs = ""
        self.run_queue(timedelta(hours=1))
        self.assertEqual(self.arrived(), ["schmidt@example.com", "user@example.com"])

    def test_managers_of_other_companies_are_not_told(self):
        other = self.env["res.company"].create({"name": "Another plant"})
        theirs = new_test_user(
            self.env, "lpm_other_manager", groups="label_print_monitor.group_label_print_manager",
            company_id=other.id, company_ids=[Command.set(other.ids)],
        )  # fmt: skip
        self.mail_server.connections = 0  # of a new user Odoo has tried to send a mail
        self.shift_mails()
        self.run_queue()
        self.assertEqual(len(self.toasts()), 1)
        self.assertFalse([toast for toast in self.sent_toasts(theirs) if toast["title"] == "Mails about labels were not sent"])

    def test_an_escalation_whose_incident_is_over_is_not_tried_again(self):
        incident = self.escalated()
        incident.closed_at = fields.Datetime.now()
        self.run_queue()
        self.assertEqual(self.mails(self.second).state, "cancel")
        self.assertFalse(self.said(incident))
        self.assertFalse(self.toasts())
