"""The record of a job grows with what happens to it, and cannot be changed."""

import hashlib

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .record_case import RecordCase


@tagged("post_install", "-at_install")
class TestLabelPrintRecord(RecordCase):
    def test_a_job_is_recorded_when_it_is_made(self):
        job = self.make_job(2)
        [made] = self.contents(job)
        self.assertEqual((made["kind"], made["v"], made["job"], made["entry"]), ("made", 1, job.id, 1))
        self.assertEqual(made["job_facts"]["labels"], [[1, "LOT-1"], [2, "LOT-1"]])
        self.assertEqual(made["job_facts"]["submitted_by_name"], self.user.name)
        self.assertEqual([line["status"] for line in made["timeline"]], ["pending"])
        self.assertNotIn("zpl", self.entries(job).content)
        self.assertEqual(self.findings(job), [])

    def test_an_attempt_is_recorded_when_it_ends_and_not_while_it_runs(self):
        job = self.make_job(3, status="sent")
        self.report(job, status="queued")
        self.report(job, status="printing", current_label=1)
        self.report(job, status="printing", current_label=2)
        self.assertEqual(self.kinds(job), ["made"])
        self.assertEqual(self.findings(job), [])
        self.report(job, status="completed", current_label=3)
        self.assertEqual(self.kinds(job), ["made", "attempt"])
        ended = self.contents(job)[-1]
        self.assertEqual(ended["attempts"][0]["outcome"], "completed")
        self.assertEqual(ended["attempts"][0]["printer_name"], "Line 1")
        self.assertEqual([line["status"] for line in ended["timeline"]], ["queued", "printing", "completed"])
        self.assertEqual(ended["state"]["current_label"], 3)
        self.assertEqual(self.findings(job), [])

    def test_each_entry_carries_the_hash_of_the_one_before_it(self):
        job = self.failed_job()
        job._retry(list(range(9, 21)), reason="ä “new” roll")
        previous = ""
        for entry in self.entries(job):
            self.assertEqual(entry.previous_hash or "", previous)
            previous = hashlib.sha256((previous + entry.content).encode()).hexdigest()
            self.assertEqual(entry.hash, previous)
        self.assertEqual((job.record_hash, job.record_count), (previous, 3))

    def test_an_account_that_comes_after_the_end_is_another_entry(self):
        self.server.capabilities = [*self.server.capabilities, "label_account"]
        job = self.make_job(3, status="printing")
        self.report(job, status="failed", current_label=1, error_code="paper_out")
        self.assertEqual(self.kinds(job), ["made", "attempt"])
        labels = [{"index": 1, "count": 2, "state": "confirmed"}, {"index": 3, "state": "failed", "code": "paper_out"}]
        self.report(job, status="failed", current_label=2, error_code="paper_out", labels=labels)
        self.assertEqual(self.kinds(job), ["made", "attempt", "attempt"])
        first, second = (content["attempts"][0]["account"]["s"] for content in self.contents(job)[1:])
        self.assertNotEqual(first, second)
        self.report(job, status="failed", current_label=2, error_code="paper_out", labels=labels)
        self.assertEqual(len(self.entries(job)), 3, "a repetition says nothing new")
        self.assertEqual(self.findings(job), [])

    def test_what_a_person_sees_is_recorded_with_the_name(self):
        job = self.failed_job()
        job.with_user(self.manager)._settle(on_paper=[9], not_on_paper=[10], reason="looked")
        marks = [mark for content in self.contents(job) for mark in content.get("marks", ())]
        self.assertEqual(
            [(mark["kind"], mark["label_indexes"]) for mark in marks], [("checked", [9]), ("missing", [10])]
        )
        self.assertEqual({mark["user_name"] for mark in marks}, {self.manager.name})
        self.assertEqual(self.entries(job)[-1].user_name, self.manager.name)
        self.assertEqual(self.findings(job), [])

    def test_what_people_do_to_a_job_is_recorded(self):
        job = self.failed_job()
        job.with_user(self.user)._set_aside("not_needed")
        job.with_user(self.user).action_undo_set_aside()
        job._retry(list(range(9, 21)))
        job.with_user(self.user)._note_cancel_request(job.with_user(self.user)._cancellation("duplicate"))
        self.assertEqual(self.kinds(job), ["made", "attempt", "step", "step", "step", "step"])
        self.assertEqual(self.contents(job)[2]["state"]["set_aside_reason"], "not_needed")
        self.assertEqual(self.contents(job)[5]["state"]["cancel_reason"], "duplicate")
        said = [line for content in self.contents(job) for line in content.get("timeline", ())]
        self.assertEqual(said, job.timeline)
        self.assertEqual(self.findings(job), [])

    def test_a_copy_has_a_record_of_its_own(self):
        job = self.finished_job()
        copy = job._print_again([2], "damaged")
        [made] = self.contents(copy)
        self.assertEqual(made["job_facts"]["copy_of_id"], job.id)
        self.assertEqual((made["job_facts"]["copy_labels"], made["job_facts"]["copy_reason"]), ([2], "damaged"))
        self.assertEqual(self.findings(copy) + self.findings(job), [])

    def test_a_job_that_is_entered_as_ended(self):
        job = self.make_job(status="completed_with_errors", current_label=19, failed_count=1)
        self.assertEqual(self.kinds(job), ["made"])
        self.assertEqual(self.contents(job)[0]["attempts"][0]["outcome"], "completed_with_errors")
        self.assertEqual(self.findings(job), [])

    def test_a_late_answer_to_a_submission_is_recorded(self):
        job = self.finished_job()
        job.attempt_ids.write({"flask_job_id": "late-1"})
        self.assertEqual(self.contents(job)[-1]["attempts"][0]["flask_job_id"], "late-1")
        job.attempt_ids.write({"account_due": True})
        self.assertEqual(len(self.entries(job)), 3)
        self.assertEqual(self.findings(job), [])

    def test_a_job_without_a_record_gets_all_at_once(self):
        job = self.failed_job()
        job._settle(on_paper=[9])
        self.env.cr.execute("DELETE FROM label_print_record WHERE job_id = %s", [job.id])
        no_end = (
            "UPDATE label_print_job SET record_count = NULL, record_hash = NULL, record_timeline = NULL WHERE id = %s"
        )
        self.env.cr.execute(no_end, [job.id])
        self.assertIn("no record", self.findings(job)[0])
        job._seal()
        self.assertEqual(self.kinds(job), ["sealed"])
        self.assertEqual(self.findings(job), [])

    def test_nobody_changes_or_deletes_an_entry(self):
        entry = self.entries(self.finished_job())[:1]
        for record in (entry, entry.sudo()):
            with self.assertRaisesRegex(UserError, "only grows"):
                record.write({"content": "{}"})
            with self.assertRaisesRegex(UserError, "only grows"):
                record.unlink()
        for do in (
            lambda record: record.write({"content": "{}"}),
            lambda record: record.unlink(),
            lambda record: record.create({"job_id": record.job_id.id, "sequence": 9, "content": "{}", "hash": "x"}),
        ):
            with self.assertRaises(AccessError):
                do(entry.with_user(self.manager))

    def test_a_job_with_a_record_is_not_deleted(self):
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            self.finished_job().sudo().unlink()
