"""What a person reads of a job: whether it asks for somebody, and what to do."""

from datetime import timedelta

from odoo import fields
from odoo.addons.label_print_monitor.models.label_print_job_display import ATTENTION_FOR
from odoo.addons.label_print_monitor.services.wording import error_catalogue

from .common import LabelPrintCase


class TestNeedsAttention(LabelPrintCase):
    def test_the_flag_and_the_filter_agree(self):
        now = fields.Datetime.now()
        hour = timedelta(hours=1)
        asking = {
            "stuck": self.make_job(status="printing", attention_code="stuck"),
            "unclear": self.make_job(status="sent", attention_code="submission_uncertain"),
            "failed": self.make_job(status="failed", completed_date=now),
            "with errors": self.make_job(status="completed_with_errors", completed_date=now - ATTENTION_FOR + hour),
        }
        quiet = {
            "waiting": self.make_job(),
            "printing": self.make_job(status="printing"),
            "completed": self.make_job(status="completed", completed_date=now),
            "cancelled": self.make_job(status="cancelled", completed_date=now),
            "history": self.make_job(status="failed", completed_date=now - ATTENTION_FOR - hour),
            "old errors": self.make_job(status="completed_with_errors", completed_date=now - ATTENTION_FOR - hour),
            "no date": self.make_job(status="failed"),
        }
        jobs = self.env["label.print.job"].union(*asking.values(), *quiet.values()).with_user(self.user)
        for name, expected, job in [
            *((name, True, job) for name, job in asking.items()),
            *((name, False, job) for name, job in quiet.items()),
        ]:
            with self.subTest(name):
                self.assertEqual(job.needs_attention, expected)
                for operator, found in (("=", expected), ("!=", not expected)):
                    domain = [("needs_attention", operator, True), ("id", "=", job.id)]
                    self.assertEqual(bool(jobs.search(domain)), found, domain)

    def test_a_job_that_is_stuck_says_so_once_and_then_what_to_do(self):
        for code, steps in (("stuck", 3), ("submission_uncertain", 3)):
            with self.subTest(code):
                job = self.make_job(status="sent", attention_code=code).with_user(self.user)
                advice = error_catalogue.advice(code)
                self.assertEqual(job.attention_message, str(advice.message))
                self.assertEqual((job.error_title, job.error_action), (str(advice.action), False))
                self.assertEqual(job.error_steps_html.count("<li>"), steps)

    def test_the_reason_that_the_server_gives_wins_over_our_suspicion(self):
        values = {"status": "printing", "attention_code": "stuck"}
        for known in ({"error_code": "paper_out"}, {"error_message": "Printer is out of paper"}):
            with self.subTest(**known):
                job = self.make_job(**values, **known)
                self.assertEqual(job.error_title, "Printer is out of paper or labels")
                self.assertIn("No progress", job.attention_message)
        job = self.make_job(**values, error_message="sensor misaligned")
        self.assertEqual(job.error_title, "Look at the printer")
        self.assertEqual(job.error_message, "sensor misaligned")  # shown below the steps, as what the server said

    def test_problems_are_grouped_in_words(self):
        """Whatever way a server says it, and for failed labels alike; a reader sees words, not codes."""
        jobs = self.env["label.print.job"]
        for values in (
            {"error_code": "paper_out"},
            {"error_message": "media out"},
            {"error_code": "E-4711", "error_message": "sensor misaligned"},
            {},
        ):
            jobs |= self.make_job(status="failed", **values)
        groups = jobs.with_user(self.user)._read_group(
            [("id", "in", jobs.ids)], ["error_kind"], ["__count"], order="error_kind"
        )
        self.assertEqual(dict(groups), {"other": 1, "paper_out": 2, False: 1})
        words = dict(jobs._fields["error_kind"]._description_selection(self.env))
        self.assertEqual(words["paper_out"], "Printer is out of paper or labels")
        label = self.env["label.print.failed.label"].create(
            {"job_id": jobs[0].id, "attempt_number": 1, "label_index": 300, "code": "ribbon_out"}
        )
        self.assertEqual((label.error_kind, label.problem), ("ribbon_out", "Printer is out of ribbon"))

    def test_a_report_moves_the_kind_with_the_code(self):
        job = self.make_job(status="printing")
        self.report(job, status="failed", error_code="ribbon_out", current_label=3)
        self.assertEqual(job.error_kind, "ribbon_out")
        self.look_and_retry(job.with_user(self.user), [4, 5])
        self.assertFalse(job.error_kind)
