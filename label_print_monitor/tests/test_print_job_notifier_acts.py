"""Toasts follow their job: they are taken back once somebody has seen to it, and the submitter hears who did what."""

from odoo.tests import new_test_user

from .notifier_case import NotifierCase


class TestToastsFollowTheirJob(NotifierCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_printer = cls.env["printer.configuration"].create({"name": "Line 2", "cups_name": "zebra-line-2"})
        cls.colleague = new_test_user(
            cls.env, "lpm_colleague", name="Anna", groups="label_print_monitor.group_label_print_user"
        )

    def toasts(self, user=None):
        """Of a person's toasts, those about what others have done."""
        return [toast for toast in self.sent_toasts(user or self.user) if toast.get("act")]

    def closed(self, user=None):
        return self.closed_jobs(user or self.user)

    def test_a_retry_takes_the_toast_back_everywhere_and_tells_the_submitter(self):
        self.manager.label_print_notify = "all_failures"
        job = self.failed_job()
        self.assertFalse(self.closed())
        job.with_user(self.colleague).action_retry()
        self.assertEqual([self.closed(self.user), self.closed(self.manager)], [job.ids, job.ids])
        (told,) = self.toasts()
        self.assertEqual((told["type"], told["title"], told["sticky"]), ("info", "Print Job Retried", False))
        self.assertEqual(told["message"], f"Anna has just retried Print Job {job.id}.")
        self.assertFalse(self.toasts(self.manager), "it is not their job")
        self.assertFalse(self.toasts(self.colleague), "nobody is told of what they do themselves")

    def test_who_was_told_of_an_earlier_attempt_loses_the_toast_too(self):
        job = self.failed_job()
        job.with_user(self.colleague).action_retry()
        job.write({"flask_job_id": "srv-second"})
        job._apply({job.id: {"status": "printing"}})
        self.report(job, status="failed", current_label=2, error_code="jam")
        self.look_and_retry(job.with_user(self.manager), [11])
        self.assertIn(job.id, self.closed(self.colleague))

    def test_in_the_dialog_too(self):
        job = self.failed_job(with_labels=False)
        Wizard = self.env["label.print.retry.wizard"].with_user(self.colleague)
        Wizard.create({"job_id": job.id, "not_on_paper": "9-20"}).action_confirm()
        self.assertEqual([toast["act"] for toast in self.toasts()], ["retried"])
        self.assertEqual(self.closed(), job.ids)

    def test_a_selection_is_one_toast(self):
        jobs = self.failed_job() + self.failed_job() + self.failed_job()
        jobs.with_user(self.colleague).action_retry()
        (told,) = self.toasts()
        self.assertEqual(told["message"], "Anna has just retried 3 of your jobs.")
        self.assertEqual(sum("closes_jobs" in sent for sent in self.sent_payloads(self.user)), 1)
        self.assertEqual(self.closed(), sorted(jobs.ids))

    def test_set_aside_moved_and_cancelled(self):
        self.user.label_print_notify = "failures"  # what somebody else does to one's job is no success to be spared
        job = self.failed_job()
        job.with_user(self.colleague)._set_aside("not_needed")
        self.assertEqual(self.closed(), job.ids)
        self.assertEqual(
            self.toasts()[-1]["message"], f"Anna has set Print Job {job.id} aside: Labels no longer needed."
        )
        waiting = self.make_job()
        waiting.with_user(self.colleague)._move(self.other_printer)
        self.assertEqual(self.toasts()[-1]["message"], f"Anna has moved Print Job {waiting.id} to Line 2.")
        waiting.with_user(self.colleague)._cancel("wrong_label")
        cancelled = self.sent_toasts(self.user)[-1]
        self.assertEqual(cancelled["title"], "Print Job Cancelled")
        self.assertIn("Anna has cancelled", cancelled["message"])

    def test_a_job_that_turns_out_to_be_on_paper_needs_nobody(self):
        job = self.failed_job()
        job.with_user(self.colleague)._settle(on_paper=range(9, 21))
        self.assertEqual((job.status, self.closed()), ("completed", job.ids))

    def test_a_failure_after_the_retry_stays(self):
        """In one transaction a job may be retried and fail again: the newest word counts."""
        job = self.failed_job()
        self.sent_toasts(self.user)
        job.with_user(self.colleague).action_retry()
        job._apply({job.id: {"status": "failed"}})
        self.assertFalse(self.closed())

    def test_as_many_queries_to_take_back_50_as_5(self):
        def count(number):
            jobs = self.make_jobs(number, quantity=1)
            jobs._apply({job.id: {"status": "failed"} for job in jobs})
            jobs._apply({job.id: {"status": "completed"} for job in jobs})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["print.job.notifier"]._send_closes()
            self.env.flush_all()
            return self.cr.sql_log_count - before

        count(5)  # fills the caches
        few, many = count(5), count(50)
        self.assertLessEqual(many, few + 3)
