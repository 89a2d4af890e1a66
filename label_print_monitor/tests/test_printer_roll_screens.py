"""Where it is said that a roll or a printer needs somebody soon: dialog, waiting job, operator's page, overview, wall."""

from odoo.tests import Form

from .test_label_print_wizard import PrintWizardCase

NEW_ROLL = "Have a new roll of labels ready, and press Roll Changed when it is in"


class TestRollOnScreens(PrintWizardCase):
    def setUp(self):
        super().setUp()
        self.printer.write({"roll_size": 100, "status": "online"})
        self.printer.change_roll(10)

    def as_user(self, model, **context):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env[model].with_user(self.user).with_context(**context)

    def test_the_print_dialog_says_it_before_the_job_is_made(self):
        dialog = self.open()
        self.assertEqual(
            dialog.roll_warning,
            "About 10 labels left on the roll of this printer. Asked for: 20. Have a new roll ready.",
        )
        dialog.quantity = 10
        self.assertFalse(dialog.roll_warning)
        dialog.copies = 2
        self.assertIn("Asked for: 20.", dialog.roll_warning)
        other = self.printer.create({"name": "Line 2", "cups_name": "zebra-line-2"})
        dialog.printer_id = other
        self.assertFalse(dialog.roll_warning, "nobody counts there")
        dialog.printer_id = self.printer
        self.assertEqual(self.print(dialog).status, "pending", "it is printed all the same")
        self.assertIn("Asked for here: 5, by other jobs: 20.", self.open(quantity=5).roll_warning)

    def test_the_form_shows_it_as_the_number_is_entered(self):
        with Form(self.open(quantity=3)) as dialog:
            self.assertFalse(dialog.roll_warning)
            dialog.quantity = 15
            self.assertIn("Asked for: 15.", dialog.roll_warning)

    def test_the_job_that_is_printed_next_says_it_while_it_waits(self):
        self.printer.correct_roll(40)
        first = self.make_job(200, status="queued")
        second = self.make_job(300, status="queued")
        jobs = self.as_user("label.print.job").browse((first | second).ids)
        self.assertEqual(jobs[0].waits_because, "Next on Line 1 · About 40 labels left, it needs 200")
        self.assertEqual(jobs[1].waits_because, "Behind one job on Line 1")
        self.printer.correct_roll(200)
        self.env.invalidate_all()
        self.assertEqual(jobs[0].waits_because, "Next on Line 1")

    def test_the_operators_page(self):
        page = self.as_user("printer.configuration").get_operator_page(self.printer.id)
        self.assertEqual(page["roll"], {"left": "About 10 labels left", "size": 100})
        self.assertEqual(page["warnings"], [{"title": "About 10 labels left", "action": NEW_ROLL}])
        self.assertEqual(page["problems"], [])
        self.make_job(4, status="queued")
        labels = self.as_user("printer.configuration").browse(self.printer.id).get_order_labels(self.production.id)
        self.assertEqual(labels["roll"], {"left": "About 10 labels left", "room": 6})
        self.printer.roll_size = 0
        page = self.as_user("printer.configuration").get_operator_page(self.printer.id)
        self.assertEqual((page["roll"], page["warnings"]), (False, []))

    def test_overview_and_wall(self):
        self.printer.state_reasons = [{"keyword": "marker-supply-low", "severity": "warning"}]
        self.make_job(50, status="queued")
        said = [
            {"title": "Ribbon low", "action": "Have a new ribbon ready"},
            {"title": "About 10 labels left, the next job needs 50", "action": NEW_ROLL},
        ]
        overview = self.as_user("label.print.job").get_overview()
        [line] = [line for line in overview["printers"] if line["id"] == self.printer.id]
        self.assertEqual(line["warnings"], said)
        self.assertEqual(overview["incidents"], [])
        wall = self.as_user("printer.configuration").get_wall()
        [card] = [card for card in wall["printers"] if card["id"] == self.printer.id]
        self.assertEqual((card["warnings"], card["roll"]), (said, "About 10 labels left, the next job needs 50"))

    def test_two_printers_cost_as_many_statements_as_twenty(self):
        counts = []
        for number in range(2):
            self.as_user("label.print.job").get_overview()
            self.as_user("printer.configuration").get_wall()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.as_user("label.print.job").get_overview()
            self.as_user("printer.configuration").get_wall()
            counts.append(self.env.cr.sql_log_count - before)
            if not number:
                for place in range(2, 20):
                    printer = self.printer.create(
                        {"name": f"P{place}", "cups_name": f"p{place}", "roll_size": 50, "status": "online"}
                    )
                    printer.change_roll()
        self.assertEqual(*counts)

    def test_it_is_said_in_the_readers_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.env["ir.module.module"].search([("name", "=", "label_print_monitor")])._update_translations(["de_DE"])
        printer = self.as_user("printer.configuration", lang="de_DE").browse(self.printer.id)
        self.assertEqual(printer.roll_display, "Noch etwa 10 Etiketten")
        [line] = printer._early_warnings()[printer.id]
        self.assertIn("neue Etikettenrolle", line["action"])

    def test_retry_copy_and_move_say_it_too(self):
        said = "About 10 labels left on the roll of this printer. Asked for: %s. Have a new roll ready."
        failed = self.failed_job()
        self.printer.correct_roll(10)
        again = Form(self.as_user("label.print.again.wizard", default_job_id=failed.id))
        again.labels_text = "1-8"
        self.assertFalse(again.roll_warning, "there are enough")
        retry = Form(self.as_user("label.print.retry.wizard", default_job_id=failed.id, default_opened_attempt=1))
        self.assertEqual(retry.roll_warning, said % 12)
        retry.choose = True
        retry.labels_text = "9-18"
        self.assertFalse(retry.roll_warning, "there are enough")
        other = self.printer.create({"name": "Line 2", "cups_name": "zebra-line-2"})
        waiting = self.make_job(30, status="pending", printer_id=other.id)
        move = Form(self.as_user("label.print.move.wizard", default_printer_id=other.id))
        self.assertFalse(move.roll_warning, "no printer is chosen")
        move.target_id = self.printer
        self.assertEqual(move.roll_warning, said % waiting.quantity)
        told = failed.with_user(self.user).action_retry()["params"]
        self.assertEqual((told["type"], failed.attempt_quantity), ("warning", 12))
        self.assertEqual(told["message"], f"{failed.display_name}: labels 9–20 will be printed. {said % 12}")
        self.printer.correct_roll(40)
        told = self.failed_job().with_user(self.user).action_retry()["params"]
        self.assertEqual(told["type"], "success")
