"""The dialogs about a job as a browser uses them: answers, what follows from them, and what is refused in words."""

from lxml import etree
from odoo.exceptions import UserError
from odoo.tests import Form

from ..models.label_print_job import CANCEL_REASONS
from .common import LabelPrintCase


class DialogCase(LabelPrintCase):
    def open(self, model, user=None, **values):
        """A form of the dialog as it opens with these values."""
        context = {f"default_{name}": value for name, value in values.items()}
        dialog = Form(self.env[model].with_user(user or self.user).with_context(**context))
        if model == "label.print.retry.wizard":
            # The widget of `on_paper` writes both answers.
            dialog._view["modifiers"]["not_on_paper"]["invisible"] = "False"
        return dialog

    def uncertain_job(self):
        """Labels 3 and 9 are uncertain, 17 to 20 have failed, the others are confirmed."""
        job = self.make_job(status="printing")
        runs = [
            {"index": 1, "count": 2, "state": "confirmed"},
            {"index": 3, "state": "uncertain", "code": "uncertain"},
            {"index": 4, "count": 5, "state": "confirmed"},
            {"index": 9, "state": "uncertain", "code": "uncertain"},
            {"index": 10, "count": 7, "state": "confirmed"},
            {"index": 17, "count": 4, "state": "failed", "code": "paper_out"},
        ]
        counts = {"total": 20, "completed": 14, "failed": 6}
        self.report(job, status="failed", error_code="paper_out", progress=counts, labels=runs)
        self.assertEqual((job.uncertain_count, job.failed_count), (2, 4))
        return job


class TestRetryDialog(DialogCase):
    model = "label.print.retry.wizard"

    def test_what_will_be_printed_follows_the_answers(self):
        dialog = self.open(self.model, job_id=self.uncertain_job().id)
        self.assertEqual(dialog.question, "It is not known whether labels 3, 9 came to paper.")
        self.assertEqual((dialog.labels_count, dialog.labels_display), (4, "4 labels: 17–20"))
        dialog.not_on_paper = "9"
        self.assertEqual((dialog.labels_display, dialog.label_grid["selectable"]), ("5 labels: 9, 17–20", [9, *range(17, 21)]))
        dialog.on_paper = "3"
        dialog.not_on_paper = False
        self.assertEqual(dialog.labels_display, "4 labels: 17–20")

    def test_a_choice_is_kept_when_an_answer_follows(self):
        job = self.uncertain_job()
        dialog = self.open(self.model, job_id=job.id)
        dialog.choose = True
        dialog.labels_text = "18"
        self.assertEqual(dialog.labels_display, "1 label: 18")
        dialog.not_on_paper = "9"
        self.assertEqual((dialog.labels_text, dialog.labels_count), ("9, 18", 2))
        dialog.not_on_paper = False
        dialog.on_paper = "3, 9"
        self.assertEqual(dialog.labels_text, "18")
        dialog.save().action_confirm()
        self.assertEqual(job.attempt_labels, [18])

    def test_what_is_on_paper_is_not_printed_though_it_is_chosen(self):
        dialog = self.open(self.model, job_id=self.uncertain_job().id)
        dialog.choose = True
        dialog.labels_text = "1-2"
        self.assertEqual(dialog.labels_display, "Nothing, until you have said what is on paper")
        dialog.on_paper = "3, 9"
        self.assertEqual(dialog.labels_display, "Nothing: no label is chosen")
        with self.assertRaisesRegex(UserError, "Choose at least one label"):
            dialog.save().action_confirm()

    def test_each_question_needs_an_answer(self):
        job = self.uncertain_job()
        dialog = self.open(self.model, job_id=job.id).save()
        with self.assertRaisesRegex(UserError, "labels 3, 9 whether they are on paper"):
            dialog.action_confirm()
        dialog.on_paper = "3"
        with self.assertRaisesRegex(UserError, "label 9 whether it is on paper. Look for it first"):
            dialog.action_confirm()
        dialog.not_on_paper = "3, 9"
        with self.assertRaisesRegex(UserError, "cannot be both"):
            dialog.action_confirm()
        dialog.not_on_paper = "nine"
        with self.assertRaises(UserError):
            dialog.action_confirm()
        self.assertFalse(job.mark_ids)

    def test_all_on_paper_leaves_nothing_to_print(self):
        job = self.make_job(status="printing")
        failed = [{"index": 9, "code": "uncertain"}]
        counts = {"total": 20, "completed": 19, "failed": 1}
        self.report(job, status="completed", progress=counts, failed_labels=failed)
        dialog = self.open(self.model, job_id=job.id)
        self.assertEqual(dialog.labels_count, 0)
        dialog.on_paper = "9"
        self.assertEqual(dialog.labels_display, "Nothing: all labels are on paper")
        said = dialog.save().action_confirm()["params"]
        self.assertEqual((job.status, said["title"]), ("completed", "Noted"))
        self.assertIn("20 of 20 labels are on paper", said["message"])

    def test_where_to_go_on_answers_for_each_label(self):
        dialog = self.open(self.model, job_id=self.failed_job(with_labels=False).id)
        self.assertTrue(dialog.is_counted_only)
        dialog.resume_from = 7
        self.assertEqual((dialog.on_paper, dialog.not_on_paper), ("", "7–20"))
        self.assertEqual((dialog.label_grid["asked"][0], dialog.labels_display), (7, "14 labels: 7–20"))
        dialog.resume_from = 12
        self.assertEqual((dialog.on_paper, dialog.not_on_paper), ("9–11", "12–20"))
        dialog.resume_from = 21
        self.assertEqual((dialog.resume_from, dialog.not_on_paper), (0, "12–20"))

    def test_to_note_something_something_must_be_said(self):
        job = self.uncertain_job()
        dialog = self.open(self.model, job_id=job.id, purpose="settle")
        self.assertEqual((dialog.labels_count, dialog.labels_display), (0, False))
        with self.assertRaisesRegex(UserError, "at least one label"):
            dialog.save().action_confirm()
        dialog.on_paper = "3"
        said = dialog.save().action_confirm()["params"]["message"]
        self.assertIn("15 of 20 labels are on paper, 1 is uncertain", said)
        self.assertEqual((job.status, job.uncertain_count, job.attempt_number), ("failed", 1, 1))

    def test_a_printer_is_needed_and_named(self):
        job = self.failed_job()
        dialog = self.open(self.model, job_id=job.id).save()
        printer, dialog.printer_id = dialog.printer_id, False
        with self.assertRaisesRegex(UserError, "Choose a printer"):
            dialog.action_confirm()
        dialog.printer_id = printer
        self.assertIn("labels 9–20 will be printed on Line 1", dialog.action_confirm()["params"]["message"])


class TestCancelDialog(DialogCase):
    model = "label.print.cancel.wizard"

    def test_each_reason_is_a_button(self):
        arch = etree.fromstring(self.env[self.model].get_view(view_type="form")["arch"])
        shown = [
            (button.get("context").split("'")[3], button.get("string"))
            for button in arch.xpath("//button[@name='action_confirm']")
        ]
        self.assertEqual(dict(shown[:-1]), {reason: words for reason, words in CANCEL_REASONS if reason != "other"})
        self.assertEqual(shown[-1][0], "other")

    def test_one_tap(self):
        job = self.make_job()
        dialog = self.open(self.model, job_ids=job.ids)
        self.assertEqual(dialog.progress_display, "No label of 20 is printed yet.")
        dialog.note = " and the lot "
        dialog.save().with_context(label_print_cancel_reason="wrong_label").action_confirm()
        self.assertEqual((job.status, job.cancel_reason, job.cancel_note), ("cancelled", "wrong_label", "and the lot"))

    def test_words_of_ones_own(self):
        job = self.make_job()
        dialog = self.open(self.model, job_ids=job.ids).save()
        with self.assertRaisesRegex(UserError, "in a few words"):
            dialog.with_context(label_print_cancel_reason="other").action_confirm()
        with self.assertRaisesRegex(UserError, "none of the reasons"):
            dialog.with_context(label_print_cancel_reason="forged").action_confirm()
        dialog.note = "Customer has called"
        dialog.action_confirm()
        self.assertEqual((job.cancel_reason, job.cancel_note), ("other", "Customer has called"))

    def test_a_selection_is_named(self):
        jobs = self.env["label.print.job"].union(*(self.make_job() for _job in range(45)))
        dialog = self.open(self.model, job_ids=jobs.ids)
        self.assertIn("and 40 more", dialog.jobs_display)
        dialog.save().with_context(label_print_cancel_reason="order_changed").action_confirm()
        self.assertEqual(set(jobs.mapped("status")), {"cancelled"})

    def test_the_reason_outlives_the_question_what_is_on_paper(self):
        """The print server may have the job and cannot say so: who cancels it is asked, and the reason stays."""
        self.server.capabilities = []
        job = self.make_job(status="pending")
        job._apply({job.id: {"submission": "maybe", "attention_code": "submission_uncertain"}})
        dialog = self.open(self.model, job_ids=job.ids).save()
        action = dialog.with_context(label_print_cancel_reason="wrong_printer").action_confirm()
        asked = {name.removeprefix("default_"): value for name, value in action["context"].items()}
        question = self.open(action["res_model"], **asked)
        self.assertIn("cannot be asked about it any more", question.question)
        question.not_on_paper = "1-20"
        question.save().action_confirm()
        self.assertEqual((job.status, job.cancel_reason, job.cancelled_by), ("cancelled", "wrong_printer", self.user))


class TestOtherDialogs(DialogCase):
    def test_print_again_says_what_can_be_chosen(self):
        job = self.failed_job()
        dialog = self.open("label.print.again.wizard", self.manager, job_id=job.id)
        self.assertIn("8 of 20 can be chosen", dialog.missing_display)
        dialog.labels_text = "2-3"
        self.assertEqual(dialog.labels_count, 2)
        dialog.reason = "damaged"
        copy = self.env["label.print.job"].browse(dialog.save().action_confirm()["res_id"])
        self.assertEqual((copy.copy_labels, copy.copy_reason), ([2, 3], "damaged"))

    def test_move_needs_another_printer(self):
        job = self.make_job()
        other = self.env["printer.configuration"].create({"name": "Line 2", "cups_name": "zebra-line-2"})
        dialog = self.open("label.print.move.wizard", printer_id=self.printer.id)
        self.assertEqual(dialog.jobs_count, 1)
        dialog.target_id = other
        wizard = dialog.save()
        wizard.target_id = False
        with self.assertRaisesRegex(UserError, "Choose another printer"):
            wizard.action_confirm()
        wizard.target_id = other
        self.assertIn("1 job moves to Line 2", wizard.action_confirm()["params"]["message"])
        self.assertEqual(job.printer_id, other)
