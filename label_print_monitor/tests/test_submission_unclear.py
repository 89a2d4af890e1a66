"""A submission whose answer was lost: found out where the print server can tell, left to a person where it cannot."""

from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import UserError
from psycopg2.errors import SerializationFailure

from .engine_case import SINGLE
from .submission_case import SubmissionCase


class TestSubmissionWithoutIdempotency(SubmissionCase):
    capabilities = tuple(name for name in SINGLE if name != "idempotency")

    def test_an_answer_that_was_lost_is_left_to_a_person(self):
        self.remote.faulty_paths = ("/api/print",)
        self.remote.fault = self.die_after_sending
        job = self.make_job()
        self.submit()
        self.assertEqual((job.status, job.attention_code), ("sent", "submission_uncertain"))
        self.remote.fault = None
        self.submit(later=300)
        self.assertEqual(len(self.remote.printed), 1, "never sent a second time by itself")
        self.assertTrue(job.can_retry)

    def test_the_dialog_says_that_a_silent_print_server_may_still_print(self):
        """Seen: a person looked while the print server hung, found nothing, and had it printed again; then both came out."""
        self.remote.faulty_paths = ("/api/print",)
        self.remote.fault = self.die_after_sending
        job = self.make_job()
        self.submit()
        wizard = self.env["label.print.retry.wizard"].create({"job_id": job.id})
        self.server.failure_count = 1
        self.assertIn("Wait until it answers", wizard.question)
        self.server.failure_count = 0
        wizard.invalidate_recordset()
        self.assertNotIn("Wait until it answers", wizard.question)

    def test_the_dialog_says_that_the_request_may_still_arrive(self):
        """Seen: the print server answered again, a person looked and found nothing, and it took the request two seconds later."""
        self.remote.faulty_paths = ("/api/print",)
        self.remote.fault = self.die_after_sending
        job = self.make_job()
        self.submit()
        self.server.failure_count = 0
        sent = job.attempt_ids.first_sent_date
        for seconds, warns in ((0, True), (29, True), (30, False)):
            with freeze_time(sent + timedelta(seconds=seconds)):
                wizard = self.env["label.print.retry.wizard"].create({"job_id": job.id})
                self.assertEqual("Wait half a minute" in wizard.question, warns, seconds)

    def test_a_crash_while_sending_is_left_to_a_person(self):
        job = self.make_job()
        with patch.object(type(self.env["print.job.submitter"]), "_finish", lambda *_args: None):
            self.submit()
        self.submit(later=61)
        self.assertEqual((job.status, job.attention_code), ("sent", "submission_uncertain"))
        self.assertEqual(len(self.remote.printed), 1)

    def test_an_answer_is_noted_again_when_another_transaction_was_faster(self):
        Submitter = type(self.env["print.job.submitter"])
        accepted, tries = Submitter._accepted, []

        def lose_twice(submitter, job, answer, note=None):
            tries.append(job.id)
            if len(tries) < 3:
                raise SerializationFailure
            return accepted(submitter, job, answer, note)

        self.patch(Submitter, "_accepted", lose_twice)
        job = self.make_job()
        self.submit()
        self.assertEqual((job.status, job.flask_job_id, job.attention_code), ("queued", "made-1", False))

    def test_nothing_arrived_so_it_is_sent_again(self):
        self.remote.stop()
        job = self.make_job()
        self.submit()
        self.assertEqual((job.status, job.attention_code), ("pending", False))
        self.remote.start()
        self.submit(later=60)
        self.assertEqual(job.status, "queued")
        self.assertEqual(len(self.remote.printed), 1)


class TestCancelOfAnUnclearSubmission(SubmissionCase):
    """A lost answer, then Cancel: what became of the submission is found out first."""

    def lose(self, deliver=True, capabilities=None):
        """A job whose submission has got no answer, delivered or not."""
        if capabilities is not None:
            self.remote.capabilities = list(capabilities)
            self.server.capabilities = list(capabilities)
        self.remote.faulty_paths = ("/api/print",)
        self.remote.fault = self.die_after_sending if deliver else "reset"
        job = self.make_job()
        self.submit()
        self.remote.fault = None
        self.assertEqual(job.submission, "maybe")
        return job

    def cancel(self, job):
        said = job.with_user(self.user).action_cancel()
        job.invalidate_recordset()
        return said

    def test_by_key_where_the_server_can_be_asked(self):
        job = self.lose(capabilities=(*SINGLE, "submission_lookup"))
        self.cancel(job)
        self.assertEqual((job.submission, job.flask_job_id), ("accepted", "made-1"))
        self.sweep()
        self.assertEqual((job.status, job.cancelled_by), ("cancelled", self.user))
        self.assertEqual(len(self.remote.printed), 1)

    def test_a_submission_that_never_arrived_is_barred(self):
        job = self.lose(deliver=False, capabilities=(*SINGLE, "submission_lookup"))
        said = self.cancel(job)["params"]
        self.assertEqual((job.status, said["type"]), ("cancelled", "success"))
        self.assertIn("nothing was printed", said["message"])
        self.assertEqual(self.remote.barred, {job.idempotency_key})
        self.submit(later=300)
        self.assertFalse(self.remote.printed)

    def test_by_repeating_with_the_key(self):
        job = self.lose()
        said = self.cancel(job)["params"]
        self.assertEqual((job.status, job.is_cancelling, said["title"]), ("pending", True, "Cancelling"))
        self.submit(later=60)
        self.assertEqual(job.flask_job_id, "made-1")
        self.sweep()
        self.assertEqual((job.status, job.cancelled_by), ("cancelled", self.user))
        self.assertEqual(len(self.remote.printed), 1)

    def test_where_nothing_can_be_asked_a_person_is(self):
        job = self.lose(capabilities=[name for name in SINGLE if name != "idempotency"])
        action = self.cancel(job)
        self.assertEqual(action["res_model"], "label.print.retry.wizard")
        Wizard = self.env["label.print.retry.wizard"].with_user(self.user).with_context(**action["context"])
        wizard = Wizard.create({})
        self.assertEqual(wizard.uncertain_count, 20)
        with self.assertRaisesRegex(UserError, "labels 1–20 whether they are on paper"):
            wizard.action_confirm()
        wizard.on_paper = "1-20"
        wizard.action_confirm()
        self.assertEqual((job.status, job.current_label, job.evidence), ("completed", 20, "checked"))
        self.assertEqual(len(self.remote.printed), 1)

    def test_a_key_that_is_too_old_is_not_repeated(self):
        job = self.lose()
        job.attempt_ids.first_sent_date = fields.Datetime.now() - timedelta(hours=25)
        self.submit(later=60)
        self.assertEqual((job.status, job.attention_code), ("sent", "submission_uncertain"))
        self.assertEqual(len(self.remote.printed), 1)

    def test_the_payload_is_frozen_with_its_key(self):
        job = self.lose()
        with self.assertRaisesRegex(UserError, "priority cannot be changed"):
            job.with_user(self.user).priority = "low"
        job.priority = "low"
        self.submit(later=60)
        self.assertEqual(job.status, "queued")
        (sent,) = [payload for _key, payload in self.remote.printed]
        self.assertEqual(sent["job_metadata"]["priority"], "normal")
        self.assertEqual(job.attempt_ids.request["priority"], "normal")

    def test_a_job_that_surely_has_not_arrived_goes_with_its_new_priority(self):
        job = self.make_job()
        self.remote.fault = "401"
        self.submit()
        self.assertEqual((job.status, job.submission), ("pending", "not_sent"))
        job.with_user(self.user).priority = "low"
        self.remote.fault = None
        self.submit(later=60)
        self.assertEqual(job.status, "queued")
        (sent,) = [payload for _key, payload in self.remote.printed]
        self.assertEqual(sent["job_metadata"]["priority"], "low")

    def test_cancelled_while_it_is_handed_over_and_that_fails(self):
        job = self.make_job(submission="sending", submit_started_at=fields.Datetime.now())
        self.cancel(job)
        job._apply({job.id: {"submission": "not_sent", "submit_started_at": False}})
        self.submit(later=60)
        self.assertEqual((job.status, job.cancelled_by), ("cancelled", self.user))
        self.assertFalse(self.remote.printed)
