"""Attempts and their accounts: rows from the first moment, written by nobody but the engine."""

from odoo import Command
from odoo.addons.label_print_monitor.services.contract.payloads import parse_job_report
from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from .common import LabelPrintCase


class TestAttempts(LabelPrintCase):
    def labels_report(self, job, runs, **data):
        self.report(job, labels=runs, **data)

    def states(self, job):
        return [label.state for label in job._job_account().labels]

    def test_an_attempt_is_a_row_from_its_first_moment(self):
        job = self.make_job(quantity=3)
        attempt = job.attempt_ids
        self.assertEqual((attempt.number, attempt.labels_count, attempt.outcome), (1, 3, False))
        self.assertEqual((attempt.printer_name, attempt.submitted_by, attempt.status), ("Line 1", self.user, "pending"))

    def test_each_label_has_its_state_its_time_and_its_evidence(self):
        job = self.make_job(quantity=4, status="printing", submitted_date="2026-03-04 09:00:00")
        job.attempt_ids.submitted_date = "2026-03-04 09:00:00"
        runs = [
            {"index": 1, "count": 2, "state": "confirmed", "at": "2026-03-04T09:15:30Z", "tries": 1},
            {"index": 3, "state": "spooled", "at": "2026-03-04T09:15:40Z"},
            {"index": 4, "state": "failed", "code": "paper_out", "tries": 3},
        ]
        counts = {"printed": 3, "confirmed": 2, "failed": 1, "uncertain": 0}
        times = {"started_at": "2026-03-04T09:15:29Z", "completed_at": "2026-03-04T09:16:00Z"}
        self.labels_report(job, runs, status="completed", counts=counts, **times)
        self.assertEqual(self.states(job), ["confirmed", "confirmed", "spooled", "failed"])
        self.assertEqual((job.status, job.current_label, job.evidence), ("completed_with_errors", 3, "spooled"))
        self.assertEqual((job.confirmed_count, job.failed_count, job.uncertain_count), (2, 1, 0))
        attempt = job.attempt_ids
        self.assertEqual((attempt.printed_count, attempt.confirmed_count, attempt.failed_count), (3, 2, 1))
        self.assertEqual((str(attempt.started_date), str(job.completed_date)), ("2026-03-04 09:15:29", "2026-03-04 09:16:00"))
        self.assertEqual(attempt.times_from, "server")
        story = job.with_user(self.user).get_label_story(4)
        self.assertEqual((story["state"], story["box"], story["lot"]), ("failed", "4", "LOT-1"))
        self.assertIn("out of paper", story["entries"][0]["text"])

    def test_later_evidence_settles_what_was_uncertain_without_a_second_toast(self):
        job = self.make_job(quantity=3, status="printing")
        runs = [{"index": 1, "count": 2, "state": "confirmed"}, {"index": 3, "state": "uncertain"}]
        self.labels_report(job, runs, status="completed", progress={"total": 3, "completed": 2, "failed": 1})
        self.assertEqual((job.status, job.uncertain_count), ("completed_with_errors", 1))
        ended, toasts = job.completed_date, len(self.sent_toasts(self.user))
        self.labels_report(job, [{"index": 1, "count": 3, "state": "confirmed"}], status="completed")
        self.assertEqual((job.status, job.uncertain_count, job.confirmed), ("completed", 0, True))
        self.assertEqual((job.completed_date, len(self.sent_toasts(self.user))), (ended, toasts))

    def test_reports_about_an_earlier_attempt_complete_its_account(self):
        job = self.make_job(quantity=3, status="printing")
        first = job.flask_job_id
        job.attempt_ids.flask_job_id = first
        runs = [{"index": 1, "state": "confirmed"}, {"index": 2, "count": 2, "state": "failed", "code": "paper_out"}]
        self.labels_report(job, runs, status="failed", current_label=1)
        job.with_user(self.user).action_retry()
        job.write({"flask_job_id": "second"})
        job._apply({job.id: {"status": "sent"}})
        late = {"job_id": first, "status": "failed", "labels": [{"index": 1, "count": 2, "state": "confirmed"}]}
        self.env["print.job.status.poller"].apply_reports(self.server, [parse_job_report(late)])
        self.assertEqual(self.states(job), ["confirmed", "confirmed", "waiting"])
        self.assertEqual(job.status, "sent")

    def test_an_account_that_contradicts_itself_is_used_as_far_as_it_is_sound(self):
        job = self.make_job(quantity=3, status="printing")
        runs = [
            {"index": 1, "state": "confirmed"},
            {"index": 1, "state": "failed"},
            {"index": 2, "state": "teleported"},
            {"index": 400, "state": "confirmed"},
            {"index": 3, "state": "confirmed", "at": "2099-01-01T00:00:00Z"},
            "nonsense",
        ]
        self.labels_report(job, runs * 2000, status="completed", current_label=3)
        self.assertEqual(self.states(job), ["confirmed", "uncertain", "confirmed"])
        self.assertIn("could not be used", job.account_warning)
        self.assertEqual(job.status, "completed_with_errors")

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_nobody_forges_an_account(self):
        job = self.make_job(quantity=3, status="printing").with_user(self.user)
        fake = {"v": 1, "s": "c3"}
        Attempt = self.env["label.print.attempt"].with_user(self.user)
        with self.assertRaises(AccessError):
            job.attempt_ids.with_user(self.user).write({"account": fake})
        with self.assertRaises(AccessError):
            Attempt.create({"job_id": job.id, "number": 2, "account": fake})
        for values in (
            {"attempt_ids": [Command.update(job.attempt_ids.id, {"account": fake})]},
            {"attempt_ids": [Command.create({"number": 2, "account": fake})]},
            {"mark_ids": [Command.create({"kind": "checked", "label_indexes": [1], "attempt_number": 1})]},
            {"evidence": "confirmed"},
            {"submission": "accepted"},
            {"cancelled_by": self.manager.id},
        ):
            with self.assertRaises(AccessError, msg=values):
                job.write(values)
        made = {"printer_id": self.printer.id, "quantity": 1, "labels_data": self.labels(1)}
        for context in (
            {"default_status": "completed"},
            {"default_submitted_by": self.manager.id},
            {"default_evidence": "checked"},
            {"default_copy_of_id": job.id},
        ):
            with self.assertRaises(AccessError, msg=context):
                self.env["label.print.job"].with_user(self.user).with_context(**context).create(dict(made))

    def test_copies_are_jobs_of_their_own(self):
        job = self.make_job(quantity=3, status="printing")
        self.report(job, status="completed", current_label=3, confirmed=True)
        with self.assertRaisesRegex(AccessError, "may not print labels again"):
            job.with_user(self.user).action_print_again()
        manager = job.with_user(self.manager)
        with self.assertRaisesRegex(UserError, "Say why"):
            manager._print_again([2], False)
        copy = manager._print_again([2], "damaged")
        self.assertEqual((copy.job_type, copy.copy_of_id, copy.copy_labels, copy.quantity), ("manual_reprint", job, [2], 1))
        self.assertEqual((copy.submitted_by, job.status, job.attempt_number), (self.manager, "completed", 1))
        copy.sudo().write({"flask_job_id": "copy"})
        copy.sudo()._apply({copy.id: {"status": "sent"}})
        self.report(copy.sudo(), status="completed", current_label=1)
        self.assertEqual((copy.reprinted_count, job.reprinted_count), (1, 0))
        self.assertEqual(job.label_grid["copies"], {"2": 2})
        self.assertIn("Printed again", job.get_label_story(2)["entries"][-1]["text"])

    def test_a_destroyed_label_still_counts_as_printed(self):
        job = self.make_job(quantity=2, status="printing")
        self.report(job, status="completed", current_label=2)
        job.with_user(self.user).action_label_destroyed(2)
        self.assertEqual(self.states(job), ["reported", "void"])
        self.assertEqual((job.status, job.current_label), ("completed", 2))

    def test_what_waits_moves_to_another_printer(self):
        other = self.env["printer.configuration"].create({"name": "Line 2", "cups_name": "zebra-line-2"})
        job = self.make_job(quantity=2)
        Wizard = self.env["label.print.move.wizard"].with_user(self.user)
        wizard = Wizard.create({"printer_id": self.printer.id, "target_id": other.id})
        self.assertEqual(wizard.job_ids, job)
        said = wizard.action_confirm()["params"]["message"]
        self.assertIn("1 job moves to Line 2", said)
        self.assertEqual((job.printer_id, job.status, job.attempt_ids.printer_name), (other, "pending", "Line 2"))
        self.assertFalse(self.sent_toasts(self.user))

    def test_what_nobody_finds_on_paper_is_not_complete(self):
        """A print server counted the only label; it was not there. The job stayed "Completed", with 0 labels printed."""
        job = self.make_job(quantity=1, status="printing")
        self.report(job, status="completed", current_label=1)
        job.with_user(self.user).action_label_not_on_paper(1)
        self.assertEqual((job.status, job.current_label, job.failed_count), ("failed", 0, 1))
        self.assertTrue(job.can_retry)
