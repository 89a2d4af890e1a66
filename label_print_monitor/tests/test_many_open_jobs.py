"""5,000 print jobs that are open at once: each screen comes up, asks no more of the database, and counts right."""

from odoo.tests import new_test_user, tagged

from .test_empty_screens import USER, ScreensCase

OPEN = 5_000
MOST_STATEMENTS = 60


@tagged("post_install", "-at_install")
class TestManyOpenJobs(ScreensCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        statuses = ("pending", "sent", "queued", "queued", "queued")
        cls.printing = cls.make_job(status="printing", current_label=3, progress_percent=15.0)
        cls.env["label.print.job"].create(
            [
                {
                    "printer_id": cls.printer.id,
                    "quantity": 1,
                    "labels_data": cls.labels(1),
                    "submitted_by": cls.user.id,
                    "status": statuses[number % 5],
                    "flask_job_id": f"many-{number}" if number % 5 else False,
                }
                for number in range(OPEN - 1)
            ]
        )
        cls.env.flush_all()
        cls.reader = new_test_user(cls.env, "lpm_many", groups=USER)
        cls.reader.odoobot_state = "disabled"

    def test_each_screen_comes_up(self):
        many = "4,999"
        self.open_screens(
            self.reader.login,
            [
                ("action_label_print_overview", "[data-tile=waiting]", many),
                ("action_label_print_job", ".o_list_renderer .o_data_row", ""),
                ("action_label_print_job", ".o_control_panel", "1000+"),  # a click on it counts all of them
                ("action_printer_status", ".o_kanban_renderer", many),
                ("action_label_print_operator", ".o_label_print_operator", self.printer.name),
                ("action_label_print_wall", ".o_label_print_wall_tiles", many),
                ("action_label_print_history", ".o_pivot_view table", ""),
            ],
        )

    def test_a_screen_costs_as_many_statements_as_with_a_few_jobs(self):
        Printer = self.env["printer.configuration"].with_user(self.reader)
        Job = self.env["label.print.job"].with_user(self.reader)
        for look in (
            Job.get_overview,
            Printer.get_wall,
            lambda: Printer.get_operator_page(self.printer.id),
            lambda: Job.web_search_read(
                [("status", "!=", "cancelled")], {"display_name": {}, "status": {}, "waits_because": {}}, limit=80
            ),
            lambda: Printer.web_search_read([], {"name": {}, "waiting_count": {}, "labels_today": {}}),
        ):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            look()
            self.assertLessEqual(self.env.cr.sql_log_count - before, MOST_STATEMENTS)
        page = Printer.get_operator_page(self.printer.id)
        self.assertEqual((page["waiting_count"], len(page["waiting"])), (OPEN - 1, 4))
        self.assertEqual(page["printing"]["id"], self.printing.id)
