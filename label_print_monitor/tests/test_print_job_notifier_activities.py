"""Activities for failures whose toast nobody would see."""

import json
import socket
import time
from unittest.mock import patch

from lxml import html
from odoo.addons.base.models import ir_mail_server
from odoo.addons.base.tests.test_ir_cron import CronMixinCase
from odoo.addons.mail.models import mail_thread

from .notifier_case import NotifierCase


class TestActivities(NotifierCase):
    def test_failure_of_an_absent_user_becomes_an_activity(self):
        job = self.make_job(status="printing")
        self.report(job, status="failed", error_code="head_open")
        self.assertEqual(job.activity_ids.user_id, self.user)

    def test_who_is_absent_finds_an_activity(self):
        presence = self.env["mail.presence"].create({"user_id": self.user.id})
        for status, manual, absent in (
            ("online", False, False),
            ("online", "busy", False),
            ("away", False, True),
            ("away", "busy", True),
            ("offline", False, True),
            ("online", "away", True),
        ):
            presence.status = status
            self.user.manual_im_status = manual
            job = self.make_job(status="printing")
            self.report(job, status="failed", error_code="head_open")
            self.assertEqual(bool(job.activity_ids), absent, (status, manual))
        # With these of Odoo's addons the words of the status differ; they need not be installed here.
        presence.status = "online"
        for status, absent in (
            ("leave_online", False),
            ("leave_away", True),
            ("leave_offline", True),
            ("presence_home_online", False),
            ("presence_office_away", True),
        ):
            with patch.object(type(self.user), "im_status", status):
                self.assertEqual(self.env["print.job.notifier"]._is_absent(self.user), absent, status)

    def test_many_failures_of_an_absent_user_are_one_activity(self):
        jobs = self.make_jobs(5)
        self.end(jobs, status="failed", error_code="paper_out")
        first, others = jobs[:1], jobs[1:]
        activity = jobs.activity_ids
        self.assertEqual((len(activity), activity.res_id, activity.user_id), (1, first.id, self.user))
        self.assertEqual(activity.summary, "5 print jobs failed: Printer is out of paper or labels")
        self.assertIn("Open the printer and load a new roll of labels.", activity.note)
        links = html.fromstring(activity.note).xpath("//a[@data-oe-model='label.print.job']")
        self.assertEqual([int(link.get("data-oe-id")) for link in links], others.ids)
        self.assertEqual([link.text for link in links], others.mapped("display_name"))
        # The same jobs again: the activity is renewed, not doubled.
        self.print_again(jobs)
        self.end(jobs, status="failed", error_code="head_open")
        jobs.invalidate_recordset()
        self.assertEqual(jobs.activity_ids.mapped("summary"), ["5 print jobs failed: Print head is open"])
        self.print_again(first)
        self.end(first, status="completed")
        self.assertFalse(jobs.activity_ids)

    def test_activities_of_different_problems_people_and_printers(self):
        jobs = self.make_jobs(3)
        others = self.make_jobs(3, submitted_by=self.manager.id)
        self.end(jobs + others, status="failed", error_message="Error <4711>")
        few = self.make_jobs(2)
        self.end(few, status="failed", error_message="Error 4712")
        self.assertEqual([len(group.activity_ids) for group in (jobs, others, few)], [1, 1, 2])
        self.assertEqual(others.activity_ids.user_id, self.manager)
        self.assertEqual(jobs.activity_ids.summary, "3 print jobs failed: Error <4711>")
        self.assertIn("Error &lt;4711&gt;", jobs.activity_ids.note)

    def test_activities_about_failed_labels_do_not_say_that_jobs_failed(self):
        for jobs, words in (
            (self.make_jobs(1), "Print job completed with errors: "),
            (self.make_jobs(3), "3 print jobs ended with errors: "),
        ):
            self.end(jobs, status="completed_with_errors", failed_labels=[{"index": 1, "code": "label_failed"}])
            self.assertTrue(jobs.activity_ids.summary.startswith(words), jobs.activity_ids.summary)


class TestActivityMail(NotifierCase, CronMixinCase):
    """Whoever gets mails gets one about the activity, and no sweep waits for the mail server."""

    def setUp(self):
        super().setUp()
        self.user.notification_type = "email"
        self.user.partner_id.email = "user@example.com"
        self.job = self.make_job(status="printing")

    def fail_job(self, job):
        self.report(job, status="failed", error_code="head_open")
        self.assertEqual(job.activity_ids.user_id, self.user)

    def test_a_mail_server_that_hangs_holds_up_nothing(self):
        listener = socket.create_server(("127.0.0.1", 0))  # its backlog accepts, and nobody answers
        self.addCleanup(listener.close)
        self.env["ir.mail_server"].search([]).active = False
        port = listener.getsockname()[1]
        self.env["ir.mail_server"].create({"name": "hangs", "smtp_host": "127.0.0.1", "smtp_port": port})
        MailServer = type(self.env["ir.mail_server"])
        self.patch(MailServer, "_disable_send", classmethod(lambda cls: False))  # as outside of tests
        self.patch(ir_mail_server, "SMTP_TIMEOUT", 3)
        begun = time.monotonic()
        self.fail_job(self.job)
        self.assertLess(time.monotonic() - begun, 2)
        mail = self.env["mail.mail"].search([("model", "=", "label.print.job"), ("res_id", "=", self.job.id)])
        self.assertEqual((mail.state, mail.recipient_ids), ("outgoing", self.user.partner_id))
        listener.settimeout(0)
        with self.assertRaises(BlockingIOError):
            listener.accept()

    def test_the_mail_queue_is_told_at_once(self):
        with self.capture_triggers("mail.ir_cron_mail_scheduler_action") as captured:
            self.fail_job(self.job)
        self.assertEqual(len(captured.records), 1)
        self.user.notification_type = "inbox"
        with self.capture_triggers("mail.ir_cron_mail_scheduler_action") as captured:
            self.fail_job(self.make_job(status="printing"))
        self.assertFalse(captured.records)

    def test_push_notifications_are_queued(self):
        self.user.notification_type = "inbox"
        parameters = self.env["ir.config_parameter"].sudo()
        for name in ("private", "public"):
            parameters.set_param(f"mail.web_push_vapid_{name}_key", "key")
        device = self.env["mail.push.device"].create(
            {"partner_id": self.user.partner_id.id, "endpoint": "https://push.example.com/1", "keys": "{}"}
        )
        with patch.object(mail_thread, "push_to_end_point") as sent:
            self.fail_job(self.job)
            sent.assert_not_called()
            queued = self.env["mail.push"].search([("mail_push_device_id", "=", device.id)])
            self.assertIn(self.job.display_name, json.loads(queued.payload)["title"])
            # What people write is sent as Odoo always does.
            self.job.message_post(body="Hello", partner_ids=self.user.partner_id.ids, message_type="comment")
            sent.assert_called_once()
