"""The first steps of an administrator in a new database, from the connection to the first label."""

from odoo.exceptions import UserError
from odoo.tests import new_test_user

from .common import LabelPrintCase


class TestFirstSteps(LabelPrintCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.administrator = new_test_user(
            cls.env, "lpm_administrator", groups="base.group_system,label_print_monitor.group_label_print_manager"
        )
        cls.remove_jobs(cls.env["label.print.job"].search([]))
        (cls.env["printer.configuration"].search([]) - cls.printer).active = False
        (cls.env["label.print.server"].search([]) - cls.server).active = False
        cls.server.write({"api_url": False, "api_key": False, "state": "unknown"})
        cls.printer.active = False

    def steps(self, user=None):
        overview = self.env["label.print.job"].with_user(user or self.administrator).get_overview()
        return {step["name"]: step for step in overview["first_steps"]}

    def done(self):
        return [name for name, step in self.steps().items() if step["is_done"]]

    def start(self, name):
        return getattr(self.env["label.print.server"].with_user(self.administrator), self.steps()[name]["method"])()

    def test_from_an_empty_database_to_the_first_label(self):
        self.assertEqual(list(self.steps()), ["connect", "printer", "test"])
        self.assertFalse(self.done())
        self.assertIn("Enter the print server's address", self.steps()["connect"]["missing"])
        self.assertFalse(self.steps()["test"]["button"], "first things first")
        self.assertEqual(self.start("connect")["res_model"], "res.config.settings")

        self.server.api_url = "http://127.0.0.1:9"
        self.assertIn("has not answered yet: test it", self.steps()["connect"]["missing"])
        self.server.with_user(self.administrator).action_test_connection()
        self.assertIn("nothing answers at 127.0.0.1:9", self.steps()["connect"]["missing"])

        self.server.state = "ok"
        self.assertEqual(self.done(), ["connect"])
        self.assertIn("has no printer yet", self.steps()["printer"]["missing"])
        with self.assertRaisesRegex(UserError, "connect a print server first"):
            self.env["label.print.server"].with_user(self.administrator).action_print_first()

        self.printer.active = True
        self.assertEqual(self.done(), ["connect", "printer"])
        self.assertEqual(self.steps()["test"]["button"], "Print Test Label")
        job = self.env["label.print.job"].browse(self.start("test")["res_id"])
        self.assertEqual((job.job_type, job.printer_id), ("test", self.printer))
        self.assertIn("is on its way", self.steps()["test"]["missing"])
        self.assertEqual(self.start("test")["res_id"], job.id, "one is enough")

        job._apply({job.id: {"status": "sent", "flask_job_id": "first"}})
        self.report(job, status="failed", error_code="paper_out", error_message="media out")
        self.assertIn("was not printed. Printer is out of paper or labels", self.steps()["test"]["missing"])
        self.assertEqual(self.done(), ["connect", "printer"])

        job = self.env["label.print.job"].browse(self.start("test")["res_id"])
        job._apply({job.id: {"status": "sent", "flask_job_id": "second"}})
        self.report(job, status="completed", current_label=1)
        self.assertFalse(self.steps(), "all is done")
        self.server.state = "unreachable"
        self.assertFalse(self.steps(), "that is said in other words")

    def test_who_cannot_connect_anything_is_not_led(self):
        self.assertFalse(self.steps(self.user))

    def test_an_archived_server(self):
        self.server.active = False
        self.assertIn("is archived: restore it", self.steps()["connect"]["missing"])
        self.assertEqual(self.start("connect")["res_id"], self.server.id)
