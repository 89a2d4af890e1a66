"""An administrator has deleted a scheduled action, an action or a view: nothing of the engine fails, and it is said."""

import re
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from odoo import fields
from odoo.addons.label_print_monitor.models import deletable_records, label_print_export, label_print_verification
from odoo.addons.label_print_monitor.models.label_print_incident_escalation import ACTIVITY_OF_ESCALATION
from odoo.addons.label_print_monitor.models.label_print_job_waits import CRON
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import LabelPrintCase
from .escalation_case import EscalationCase

LOGGER = "odoo.addons.label_print_monitor.models.deletable_records"
# What cannot be deleted, or only with all that needs it: see the tests of groups and of the type of activity.
KEPT = {"res.groups", "res.users", "res.partner", "mail.activity.type"}
ROOT = Path(__file__).parents[1]


class DeletedCase(LabelPrintCase):
    def setUp(self):
        super().setUp()
        self.startPatcher(patch.object(deletable_records, "_logged", set()))

    def delete(self, *xmlids):
        for xmlid in xmlids:
            self.env.ref(xmlid).unlink()
        self.env.flush_all()


@tagged("post_install", "-at_install")
class TestDeletable(DeletedCase, EscalationCase):
    def test_the_queues_of_odoo(self):
        self.delete("mail.ir_cron_mail_scheduler_action", "mail.ir_cron_web_push_notification")
        job = self.make_job().with_context(mail_notify_force_send=False)
        with self.assertLogs(LOGGER, "WARNING") as logged:
            for _turn in range(2):
                job.message_notify(partner_ids=self.second.partner_id.ids, body="Look", subject="Look")
        self.assertEqual(len(logged.output), 1)
        self.assertIn("mail.ir_cron_mail_scheduler_action was deleted: upgrading the module mail", logged.output[0])
        self.allow_push(self.third)
        self.step(self.second + self.third)
        incident, _jobs = self.stop(1)
        with self.assertLogs(LOGGER, "WARNING") as logged:
            self.escalate(15)
        self.assertEqual(len(logged.output), 1, "that of the push service; that of mails is known")
        self.assertEqual(len(self.told(incident)), 1)
        self.assertEqual(self.mails(self.second).mapped("state"), ["outgoing"] * 3, "two of the job, and one")

    def test_the_engine_itself(self):
        job = self.make_job()
        job._apply({job.id: {"next_poll_at": fields.Datetime.now() - timedelta(minutes=10)}})
        self.delete(CRON, "label_print_monitor.cron_poll_print_job_status", "label_print_monitor.cron_store_figures")
        with self.assertLogs(LOGGER, "WARNING") as logged:
            for _turn in range(2):
                self.make_job()
                job._trigger_submission()
                job._trigger_engine()
                self.env["label.print.shift"]._store_figures_again()
        self.assertEqual(len(logged.output), 3)
        job.invalidate_recordset()
        self.assertIn("The scheduled action that hands jobs over was deleted", job.with_user(self.user).waits_because)

    def test_what_is_written_in_the_background_is_not_waited_for_in_vain(self):
        jobs = self.make_job() | self.make_job()
        self.delete("label_print_monitor.cron_write_exports", "label_print_monitor.cron_verify_records")
        manager = self.env["label.print.verification"].with_user(self.manager)
        with (
            mute_logger(LOGGER),
            patch.object(label_print_export, "MOST_AT_ONCE", 1),
            patch.object(label_print_verification, "MOST_AT_ONCE", 1),
        ):
            with self.assertRaisesRegex(UserError, "cron_write_exports, .* was deleted .* upgrading the module"):
                self.env["label.print.export"].with_user(self.user)._make(Domain("id", "in", jobs.ids), "id", False)
            with self.assertRaisesRegex(UserError, "cron_verify_records, .* was deleted"):
                manager.action_verify_all()

    def test_a_page(self):
        job = self.make_job(status="failed")
        self.delete(
            "label_print_monitor.action_label_print_history",
            "label_print_monitor.action_label_print_check",
            "label_print_monitor.action_report_shift",
            "label_print_monitor.view_label_print_connect_wizard_command",
        )
        asked = self.env["label.print.shift.wizard"].create(
            {"shift_id": self.env["label.print.shift"].search([], limit=1).id, "day": fields.Date.today()}
        )
        server = self.env["label.print.server"].create({"name": "Pull", "connection_mode": "server_calls"})
        for act in (
            self.printer.action_view_month, job._get_check_action, asked.action_show, server.action_connect
        ):  # fmt: skip
            with self.subTest(act=act), mute_logger(LOGGER), self.assertRaisesRegex(UserError, "was deleted from Odoo"):
                act()

    def test_groups_and_the_type_of_activity_stay(self):
        with self.assertRaisesRegex(UserError, "You cannot delete Printer Needs Somebody"):
            self.delete("label_print_monitor.mail_activity_escalation")
        for name in ("user", "manager"):
            with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                self.delete(f"label_print_monitor.group_label_print_{name}")

    def test_nothing_else_is_taken_for_granted(self):
        """Of the kind: each record that code of the addon names is looked for by deletable_records.py."""
        for path in (path for folder in ("models", "wizards", "controllers", "report") for path in ROOT.joinpath(folder).glob("*.py")):
            if path.name == "deletable_records.py":
                continue
            text = path.read_text(encoding="utf-8")
            self.assertNotIn("_for_xml_id(", text, path.name)
            constants = dict(re.findall(r'^([A-Z_]+) = "([\w.]+)"$', text, re.MULTILINE))
            constants["ACTIVITY_OF_ESCALATION"] = ACTIVITY_OF_ESCALATION
            for name in re.findall(r"env\.ref\(([^,()]+)\)", text):
                record = self.env.ref(constants.get(name) or name.strip('"'))
                self.assertIn(record._name, KEPT, f"{path.name}: {name}")


@tagged("post_install", "-at_install")
class TestWallDeleted(DeletedCase, HttpCase):
    def test_a_display_begins_with_the_menus(self):
        display = new_test_user(self.env, "lpm_display", groups="label_print_monitor.group_label_display")
        self.authenticate(display.login, display.login)
        self.delete("label_print_monitor.action_label_print_wall")
        with mute_logger(LOGGER):
            answer = self.url_open("/web/session/get_session_info", json={"jsonrpc": "2.0", "method": "call", "params": {}})
        self.assertFalse(answer.json()["result"]["home_action_id"])
