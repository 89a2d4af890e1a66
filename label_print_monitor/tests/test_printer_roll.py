"""The labels left on a printer's roll: counted from the accounts when somebody looks, and who says what is in it."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import LabelPrintCase
from .companies_case import CompaniesCase

FULL = 500


class RollCase(LabelPrintCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.printer.write({"roll_size": FULL, "status": "online"})

    def at(self, **ago):
        """Odoo's clock, that much before now."""
        now = fields.Datetime.now() - timedelta(**ago)
        return patch.object(fields.Datetime, "now", lambda *args: now)

    def change(self, labels=None, **ago):
        with self.at(**ago or {"hours": 1}):
            return self.printer.with_user(self.user).change_roll(labels)

    def left(self, printer=None):
        printer = printer or self.printer
        return printer._rolls()[printer.id].left

    def said(self, printer=None):
        printer = (printer or self.printer).with_user(self.user)
        printer.invalidate_recordset()
        return printer.roll_display

    def print_all(self, quantity, **values):
        job = self.make_job(quantity, status="printing", **values)
        self.report(job, status="completed", current_label=quantity)
        return job


class TestPrinterRoll(RollCase):
    def test_without_a_size_nothing_is_counted_and_nobody_asked(self):
        self.printer.roll_size = 0
        self.print_all(3)
        self.assertEqual((self.said(), self.printer._rolls()), (False, {}))
        with self.assertRaisesRegex(UserError, "Nobody counts the labels of Line 1"):
            self.printer.with_user(self.user).change_roll()
        with self.assertQueryCount(0):
            self.assertEqual(self.printer._rolls(), {})

    def test_with_a_size_nothing_is_said_before_the_first_change(self):
        self.print_all(3)
        self.assertFalse(self.said())
        self.change()
        self.assertEqual(self.said(), "About 500 labels left")

    def test_each_printed_label_takes_one_off(self):
        self.print_all(7)
        self.change()
        self.print_all(20)
        self.assertEqual(self.left(), 480)
        self.assertEqual(self.said(), "About 480 labels left")
        job = self.make_job(30, status="printing")
        self.report(job, status="printing", current_label=12)
        self.assertEqual(self.left(), 468, "what prints now")
        self.report(job, status="completed", current_label=30)
        self.assertEqual(self.left(), 450)

    def test_uncertain_labels_count_and_failed_ones_do_not(self):
        self.change()
        job = self.make_job(10, status="printing")
        runs = [
            {"index": 1, "count": 4, "state": "confirmed"},
            {"index": 5, "count": 2, "state": "uncertain"},
            {"index": 7, "count": 4, "state": "failed", "code": "paper_out"},
        ]
        self.report(job, status="failed", current_label=4, labels=runs)
        self.assertEqual(self.left(), 494)
        self.look_and_retry(job, [5, 6, 7, 8, 9, 10])
        self.assertEqual(self.left(), 494, "that somebody has not found it does not bring the paper back")
        job.write({"flask_job_id": "second"})
        job._apply({job.id: {"status": "printing"}})
        self.report(job, status="completed", current_label=6)
        self.assertEqual(self.left(), 488)

    def test_destroyed_labels_and_copies_count(self):
        self.change()
        job = self.print_all(5)
        job.with_user(self.user).action_label_destroyed(2)
        self.assertEqual(self.left(), 495)
        self.print_all(2, copy_of_id=job.id, copy_labels=[1, 2])
        self.assertEqual(self.left(), 493)

    def test_a_roll_changed_while_a_job_prints(self):
        """What the job had printed by then is on the old roll, what it prints afterwards on the new one."""
        job = self.make_job(20, status="printing")
        self.report(job, status="printing", current_label=8)
        self.change(minutes=0)
        self.assertEqual(self.left(), 500)
        self.report(job, status="printing", current_label=11)
        self.assertEqual(self.left(), 497)
        self.report(job, status="completed", current_label=20)
        self.assertEqual(self.left(), 488)

    def test_a_job_that_ends_as_the_roll_is_changed_counts_once_at_most(self):
        self.print_all(20)
        self.change(minutes=0)
        self.assertEqual(self.left(), 500, "learned in the same second, and before")
        job = self.make_job(5, status="printing")
        with self.at(seconds=20):
            self.report(job, status="completed", current_label=5)
        self.assertEqual(self.left(), 495, "written by a transaction that had begun before")

    def test_more_than_the_roll_holds(self):
        self.change(10)
        for _job in range(3):
            self.print_all(4)
        self.assertLessEqual(self.left(), 0)
        self.assertEqual(self.said(), "The roll should be empty: was it changed?")
        self.assertEqual(self.printer.with_user(self.user).roll_warning, self.said())
        self.assertIn("Look at the roll", self.printer.remedy_display)

    def test_the_base_is_counted_beyond_a_small_roll(self):
        """Many jobs of one label ended in the minute before a roll of two labels was put in."""
        for _job in range(6):
            self.print_all(1)
        self.change(2, minutes=0)
        self.assertEqual((self.printer.roll_base, self.left()), (6, 2))
        self.print_all(1)
        self.assertEqual(self.said(), "About 1 label left")

    def test_what_is_printed_next(self):
        self.change(60)
        self.assertEqual(self.said(), "About 60 labels left")
        self.make_job(50, status="queued")
        self.assertEqual(self.said(), "About 60 labels left")
        self.make_job(100, status="queued", priority="high")
        self.assertEqual(self.said(), "About 60 labels left, the next job needs 100")
        job = self.make_job(40, status="printing", current_label=10)
        self.assertEqual(self.said(), "About 50 labels left, the job that prints and the next one need 130")
        self.report(job, status="printing", current_label=35)
        self.assertEqual(self.said(), "About 25 labels left, the job that prints and the next one need 105")
        other = self.make_job(90, status="printing", current_label=0)
        self.assertEqual(self.said(), "About 25 labels left, the job that prints still needs 95")
        self.assertEqual(other.printer_id.remedy_display, self.printer._roll_remedy("next"))

    def test_said_twice_it_is_one_change(self):
        with self.at(seconds=50):
            self.printer.with_user(self.user).change_roll()
        self.print_all(3)
        self.assertIn("just now", self.printer.with_user(self.manager).change_roll())
        self.assertEqual((self.left(), self.printer.roll_changed_by), (497, self.user))
        said = self.printer.message_ids.filtered(lambda message: "Roll changed" in message.body)
        self.assertEqual((len(said), said.author_id), (1, self.user.partner_id))
        self.printer.with_user(self.manager).change_roll(100)
        self.assertEqual((self.left(), self.printer.roll_changed_by), (97, self.user), "the same roll, of another size")

    def test_changed_again_later_it_is_counted_anew(self):
        self.change(hours=2)
        self.print_all(30)
        self.change(minutes=0)
        self.assertEqual(self.left(), 500)

    def test_who_and_when_is_in_the_chatter_and_a_slip_is_undone(self):
        self.change(100, hours=2)
        self.print_all(60)
        self.change(minutes=0)
        message = self.printer.message_ids[0]
        self.assertIn("Roll changed. Labels on the new one: 500.", message.body)
        self.assertIn("Until then: About 40 labels left.", message.body)
        self.assertEqual(message.author_id, self.user.partner_id)
        self.printer.with_user(self.user).correct_roll(40)
        self.assertEqual(self.said(), "About 40 labels left")
        self.assertIn("as counted by a person: 40.", self.printer.message_ids[0].body)
        self.print_all(1)
        self.assertEqual(self.left(), 39)

    def test_numbers_that_no_roll_has(self):
        printer = self.printer.with_user(self.user)
        for labels in (0, -1, 100_001, 10_000_000, "500", 1.5, True):
            with self.subTest(labels), self.assertRaisesRegex(UserError, "between 1 and 100,000"):
                printer.change_roll(labels)
        for labels in (-1, 100_001, None, False):
            with self.subTest(labels), self.assertRaisesRegex(UserError, "between 0 and 100,000"):
                printer.correct_roll(labels)
        printer.change_roll()
        self.assertEqual(self.left(), FULL, "no number is a full roll")
        printer.correct_roll(0)
        self.assertEqual(self.said(), "The roll should be empty: was it changed?")
        for size in (-1, 10_000_000):
            with (
                self.subTest(size),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
            ):
                self.printer.roll_size = size
                self.env.flush_all()
        self.printer.invalidate_recordset()
        self.printer.roll_size = 100_000

    def test_a_printer_that_is_renamed_moved_and_archived(self):
        self.change()
        self.print_all(20)
        self.printer.write({"name": "Line 7", "cups_name": "zebra-line-7"})
        self.printer.server_id = self.env["label.print.server"].create({"name": "Second", "api_url": "http://two"})
        self.assertEqual(self.left(), 480)
        self.printer.active = False
        self.printer.active = True
        self.assertEqual(self.left(), 480)
        copy = self.printer.copy({"cups_name": "another"})
        self.assertEqual((copy.roll_size, copy.roll_counted_at, copy._rolls()), (FULL, False, {}))

    def test_a_job_that_goes_on_at_another_printer(self):
        other = self.printer.create({"name": "Line 2", "cups_name": "zebra-line-2", "roll_size": FULL})
        other.change_roll()
        self.change()
        job = self.make_job(20, status="printing")
        failed = [{"index": number, "code": "paper_out"} for number in range(9, 21)]
        self.report(job, status="failed", current_label=8, error_code="paper_out", failed_labels=failed)
        job._settle(not_on_paper=job.sudo()._job_account().uncertain)
        job._retry(range(9, 21), printer=other)
        job.write({"flask_job_id": "second"})
        job._apply({job.id: {"status": "printing"}})
        self.report(job, status="completed", current_label=12)
        self.assertEqual((self.left(), self.left(other)), (FULL - 8, FULL - 12))

    def test_one_statement_for_all_printers(self):
        self.change()
        others = self.printer.create(
            [{"name": f"P{number}", "cups_name": f"p{number}", "roll_size": FULL} for number in range(20)]
        )
        for printer in others:
            printer.change_roll()
        everything = self.printer | others
        self.env.flush_all()
        self.env.invalidate_all()
        everything.mapped("roll_size")
        with self.assertQueryCount(1):
            self.assertEqual(len(everything._rolls()), 21)

    def test_printing_writes_nothing_to_the_printer(self):
        self.change()
        self.env.flush_all()
        stamp = self.printer.write_date
        job = self.make_job(20, status="printing")
        self.report(job, status="printing", current_label=8)
        self.env.flush_all()
        self.printer.invalidate_recordset()
        self.assertEqual((self.printer.write_date, self.left()), (stamp, 492))
        self.assertFalse(job.attempt_ids.fed_count, "an indexed column, which no label may move")
        self.report(job, status="completed", current_label=20)
        self.assertEqual((job.attempt_ids.fed_count, self.left()), (20, 480))

    def test_a_job_that_is_being_cancelled_is_not_the_next_one(self):
        self.change()
        self.printer.correct_roll(100)
        job = self.make_job(200)
        self.assertIn("the next job needs 200", self.said())
        job.cancel_requested_at = fields.Datetime.now()
        self.env.flush_all()
        self.printer.invalidate_recordset()
        self.assertEqual(self.said(), "About 100 labels left")

    def test_the_dialog(self):
        self.change(hours=2)
        self.print_all(20)
        action = self.printer.with_user(self.user).action_roll_changed()
        Dialog = self.env[action["res_model"]].with_user(self.user).with_context(**action["context"])
        dialog = Dialog.create({})
        self.assertEqual((dialog.labels, dialog.roll_display), (FULL, "About 480 labels left"))
        dialog.which = "same"
        self.assertEqual(dialog.labels, 480)
        dialog.labels = 111
        dialog.action_confirm()
        self.assertEqual(self.said(), "About 111 labels left")
        Dialog.create({"labels": 250}).action_confirm()
        self.assertEqual(self.said(), "About 250 labels left")


class TestEarlyWarnings(RollCase):
    def test_what_the_printer_warns_of_has_words_and_a_remedy_whether_or_not_somebody_counts(self):
        self.printer.roll_size = 0
        self.printer.state_reasons = [
            {"keyword": keyword, "severity": severity}
            for keyword, severity in (
                ("media-low", "warning"), ("marker-supply-low", "warning"), ("clean-print-head", "warning"),
                ("replace-print-head", "warning"), ("media-calibration", "warning"), ("toner-low", "report"),
                ("connecting-to-device", "warning"), ("media-empty", "error"),
            )
        ]  # fmt: skip
        lines = self.printer._early_warnings()[self.printer.id]
        self.assertEqual(
            [line["title"] for line in lines],
            ["Labels low", "Ribbon low", "Print head to be cleaned", "Print head to be replaced", "Labels to be calibrated"],
        )
        self.assertTrue(all(line["action"] for line in lines))
        for line in lines:
            self.assertIn(line["action"], self.printer.remedy_display)

    def test_a_printer_that_stands_still_says_that_remedy_first(self):
        self.printer.write(
            {
                "status": "attention",
                "state_reasons": [
                    {"keyword": "marker-supply-low", "severity": "warning"},
                    {"keyword": "head-open", "severity": "error"},
                ],
            }
        )
        self.assertEqual(self.printer.remedy_display, "Close the print head · Have a new ribbon ready")

    def test_a_warning_opens_no_incident_and_tells_nobody(self):
        self.change(10)
        self.print_all(9)
        toasts, incidents = len(self.sent_toasts(self.user)), self.env["label.print.incident"].search_count([])
        self.report(self.make_job(2, status="printing"), status="completed", current_label=2)
        self.assertEqual(len(self.sent_toasts(self.user)), toasts + 1, "that of the job")
        self.assertEqual(self.env["label.print.incident"].search_count([]), incidents)


class TestRollRights(CompaniesCase):
    def test_an_operator_of_the_company_may(self):
        self.printer_b.roll_size = FULL
        self.as_user(self.user_b, self.printer_b).change_roll(300)
        self.assertEqual((self.printer_b.roll_labels, self.printer_b.roll_changed_by), (300, self.user_b))
        with self.assertRaises(AccessError):
            self.as_user(self.user_b, self.printer_b).roll_size = 7

    def test_another_company_may_not(self):
        self.printer_b.roll_size = FULL
        for act in (lambda printer: printer.change_roll(300), lambda printer: printer.correct_roll(3)):
            with self.assertRaises(AccessError):
                act(self.as_user(self.manager_a, self.printer_b))
        self.assertFalse(self.printer_b.roll_counted_at)

    def test_on_a_shared_printer_all_labels_count_and_each_company_may_say_so(self):
        self.printer_shared.roll_size = FULL
        self.as_user(self.user_b, self.printer_shared).change_roll()
        for company in (self.company_a, self.company_b):
            job = self.make_job(10, printer_id=self.printer_shared.id, company_id=company.id, status="printing")
            self.report(job, status="completed", current_label=10)
        seen = self.as_user(self.user_b, self.printer_shared)
        self.assertEqual(seen.roll_display, "About 480 labels left")
        self.as_user(self.manager_a, self.printer_shared).correct_roll(200)

    def test_a_display_may_not(self):
        display = new_test_user(self.env, "lpm_display", groups="label_print_monitor.group_label_display")
        self.printer_shared.roll_size = FULL
        for act in ("change_roll", "action_roll_changed"):
            with self.assertRaises(AccessError):
                getattr(self.printer_shared.with_user(display), act)()
        self.assertFalse(self.printer_shared.roll_counted_at)
        self.printer_shared.change_roll(50)
        self.assertEqual(self.printer_shared.with_user(display).roll_display, "About 50 labels left")
