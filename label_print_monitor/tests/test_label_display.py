"""The wall display and its user: what it shows, and that a member of Label Display changes nothing."""

from datetime import timedelta
from unittest.mock import MagicMock, patch

from odoo.addons.label_print_monitor.models.printer_wall import FAILURES_SHOWN
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .access_records import read_table
from .common import LabelPrintCase
from .test_access_matrix import AccessAttempts

GROUP = "label_print_monitor.group_label_display"


class TestWallDisplay(LabelPrintCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.display = new_test_user(cls.env, "lpm_display", groups=GROUP)

    def wall(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["printer.configuration"].with_user(self.display).get_wall()

    def test_printers_with_what_they_print_and_their_remedy(self):
        order = self.make_production(lot="LOT-WALL")
        self.make_job(mo_id=order.id, status="printing", current_label=8, progress_percent=40.0)
        self.make_job(status="queued")
        self.env["printer.configuration"].create(
            {
                "name": "Zz",
                "cups_name": "zz",
                "status": "attention",
                "state_reasons": [{"keyword": "media-empty", "severity": "error"}],
            }
        )
        wall = self.wall()
        troubled, *others = [printer for printer in wall["printers"] if printer["name"] in ("Zz", "Line 1")]
        self.assertEqual((troubled["name"], troubled["reason"]), ("Zz", "Labels empty"))
        self.assertEqual(troubled["action"], "Load labels into the printer")
        (line,) = others
        self.assertEqual((line["order"], line["done"], line["waiting"]), (order.name, "8 of 20", 1))
        self.assertEqual(wall["tiles"]["printing"]["value"], 1)

    def test_it_shows_all_companies_of_its_login(self):
        """A monitor has no menu in which one chooses companies."""
        other = self.env["res.company"].create({"name": "Other company"})
        self.env["printer.configuration"].create({"name": "Theirs", "cups_name": "theirs", "company_id": other.id})
        self.assertNotIn("Theirs", [printer["name"] for printer in self.wall()["printers"]])
        self.display.company_ids = [Command.link(other.id)]
        self.assertIn("Theirs", [printer["name"] for printer in self.wall()["printers"]])

    def test_nothing_to_act_upon(self):
        self.failed_job()
        self.assertEqual([failure["can_retry"] for failure in self.wall()["failures"]], [False])

    def test_it_counts_what_it_does_not_send(self):
        self.failed_job()
        self.assertEqual(self.wall()["failures_count"], 1)
        for _number in range(FAILURES_SHOWN):
            self.failed_job()
        wall = self.wall()
        self.assertEqual((len(wall["failures"]), wall["failures_count"]), (FAILURES_SHOWN, FAILURES_SHOWN + 1))

    def test_it_counts_incidents_and_knows_their_printers(self):
        """Also of those that it does not send."""
        printers = self.printer
        for number in range(FAILURES_SHOWN):
            printers |= self.printer.create({"name": f"Line {number}", "cups_name": f"line-{number}"})
        now = self.env.cr.now()
        for place, printer in enumerate(printers):
            self.env["label.print.incident"].create(
                {
                    "cause": "paper_out",
                    "kind": "paper_out",
                    "printer_id": printer.id,
                    "opened_at": now - timedelta(minutes=place),
                }
            )
        wall = self.wall()
        self.assertEqual((len(wall["incidents"]), wall["incidents_count"]), (FAILURES_SHOWN, FAILURES_SHOWN + 1))
        with_incident = {printer["id"] for printer in wall["printers"] if printer["has_incident"]}
        self.assertEqual(with_incident, set(printers.ids))

    def test_the_failures_are_asked_for_once(self):
        failed = self.failed_job()
        jobs = type(self.env["label.print.job"])
        asked = self.startPatcher(
            patch.object(jobs, "_describe_troubles", autospec=True, side_effect=jobs._describe_troubles)
        )
        self.assertEqual([failure["id"] for failure in self.wall()["failures"]], failed.ids)
        self.assertEqual(asked.call_count, 1)

    def test_it_costs_a_few_statements(self):
        def statements():
            self.wall()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["printer.configuration"].with_user(self.display).get_wall()
            return self.env.cr.sql_log_count - before

        order = self.make_production(lot="LOT-WALL")
        self.make_job(mo_id=order.id, status="printing", current_label=8)
        few = statements()
        for number in range(20):
            printer = self.printer.create({"name": f"Line {number}", "cups_name": f"line-{number}"})
            self.make_job(mo_id=order.id, status="printing", current_label=8, printer_id=printer.id)
        self.assertLessEqual(statements(), few + 2)
        self.assertLessEqual(few, 30)

    def test_a_display_is_told_of_changes(self):
        websocket, request = self.env["ir.websocket"], MagicMock()
        self.startPatcher(patch("odoo.addons.bus.models.ir_websocket.wsrequest", request))
        group = self.env.ref("label_print_monitor.group_label_print_user")
        for user, is_told in ((self.display, True), (new_test_user(self.env, "lpm_stranger"), False)):
            channels = websocket.with_user(user)._build_bus_channel_list(["label_print_monitor"])
            named = [channel for channel in channels if isinstance(channel, tuple)]
            self.assertEqual((group, "label_print_monitor") in named, is_told)


@tagged("post_install", "-at_install")
class TestLabelDisplayChangesNothing(AccessAttempts):
    """Every line of the access matrix, tried by a member of Label Display."""

    # What has no effect but what it returns.
    READS = {
        ("label.print.job", "get_label_names"),
        ("label.print.job", "get_label_picture"),
        ("label.print.job", "get_label_story"),
        ("label.print.job", "get_overview"),
        ("label.print.job", "refresh_label_account"),
        ("label.print.job", "web_read"),
        ("label.print.job", "web_read_group"),
        ("label.print.job", "web_search_read"),
        ("printer.configuration", "web_read"),
        ("label.print.failed.label", "action_open_job"),
        ("label.print.job", "action_open_mo"),
        ("label.print.job", "action_view_copies"),
        ("label.print.server", "action_open_printers"),
        ("label.print.server", "fields_get"),
        ("label.print.server", "get_freshness"),
        ("label.print.incident", "action_open_source"),
        ("label.print.incident", "action_view_jobs"),
        ("printer.configuration", "action_view_availability"),
        ("printer.configuration", "action_view_incidents"),
        ("printer.configuration", "action_view_jobs"),
        ("printer.configuration", "action_view_month"),
        ("printer.configuration", "get_operator_page"),
        ("printer.configuration", "get_wall"),
        ("res.config.settings", "get_values"),
    }
    # Odoo's own setting of each user.
    OWN = {"res.users"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.display = new_test_user(cls.env, "lpm_display", groups=GROUP)
        cls.display.company_ids = [Command.set(cls.company.ids)]
        cls.table = read_table()

    def test_records_are_read_at_most(self):
        for subject, operation in self.table["records"]:
            if operation == "read":
                continue
            with self.subTest(subject=subject, operation=operation):
                self.assertIn(self.try_record(subject, operation, self.display), ("no", "never"))

    def test_what_the_wall_needs_is_read(self):
        for model in ("label.print.job", "label.print.attempt", "printer.configuration", "label.print.server"):
            self.assertEqual(self.try_record(model, "read", self.display), "yes", model)

    def test_fields_are_read_at_most(self):
        for subject, operation in self.table["fields"]:
            model, _dot, _name = subject.rpartition(".")
            if operation == "write" and model not in self.OWN:
                with self.subTest(subject=subject):
                    self.assertEqual(self.try_field(subject, operation, self.display), "no")

    def test_methods_change_nothing(self):
        for subject, method in self.table["methods"]:
            allowed = ("yes", "no", "never") if (subject, method) in self.READS else ("no", "never")
            with self.subTest(subject=subject, method=method):
                self.assertIn(self.try_method(subject, method, self.display), allowed)

    def test_allowed_methods_write_nothing(self):
        for subject, method in sorted(self.READS & self.table["methods"].keys()):
            record, arguments = self.call_of(subject, method)
            with self.subTest(subject=subject, method=method), self.attempt() as changes:
                self.call(self.display, record or subject, method, arguments)
                self.env.flush_all()
            self.assertEqual(changes, [], method)


@tagged("post_install", "-at_install")
class TestDisplayBegins(LabelPrintCase, HttpCase):
    def home_of(self, login):
        self.authenticate(login, login)
        answer = self.url_open("/web/session/get_session_info", json={"jsonrpc": "2.0", "method": "call", "params": {}})
        return answer.json()["result"].get("home_action_id")

    def test_a_display_begins_at_the_wall(self):
        wall = self.env.ref("label_print_monitor.action_label_print_wall").id
        new_test_user(self.env, "lpm_display", groups=GROUP)
        self.assertEqual(self.home_of("lpm_display"), wall)
        both = new_test_user(self.env, "lpm_both", groups=f"{GROUP},label_print_monitor.group_label_print_user")
        self.assertNotEqual(self.home_of(both.login), wall)
