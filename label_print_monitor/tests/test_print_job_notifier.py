"""How often people are told, when one toast stands for many jobs, and what it costs."""

from .notifier_case import NotifierCase


class TestNotifications(NotifierCase):
    def test_many_failures_at_once_are_one_toast(self):
        jobs = self.make_jobs(6)
        self.end(jobs, status="failed", error_code="paper_out")
        toasts = self.sent_toasts(self.user)
        self.assertEqual(len(toasts), 1)
        self.assertEqual(toasts[0]["title"], "Print Jobs Failed")
        self.assertEqual(sorted(toasts[0]["job_ids"]), sorted(jobs.ids))
        self.assertTrue(toasts[0]["sticky"])

    def test_the_second_failure_of_the_same_jobs_is_another_toast(self):
        jobs = self.make_jobs(3)
        self.end(jobs, status="failed", error_code="paper_out")
        self.end(jobs, status="failed", error_code="paper_out")
        self.env["print.job.notifier"]._notify_outcomes(jobs.sorted("id desc"))
        first = {toast["key"] for toast in self.sent_toasts(self.user)}
        self.assertEqual(len(first), 1)
        self.print_again(jobs)
        self.end(jobs, status="failed", error_code="paper_out")
        self.assertEqual(len({toast["key"] for toast in self.sent_toasts(self.user)} - first), 1)

    def test_a_retry_that_does_not_help_is_not_offered(self):
        job, jobs = self.make_job(status="printing"), self.make_jobs(3)
        self.end(job, status="failed", error_code="invalid_zpl")
        self.end(jobs, status="failed", error_code="invalid_zpl")
        self.assertEqual([toast["retryable"] for toast in self.sent_toasts(self.user)], [False, False])
        self.assertTrue(job.can_retry)
        self.look_and_retry(job.with_user(self.user), [1])  # who knows better may
        self.assertEqual(job.status, "pending")
        self.end(self.make_job(status="printing"), status="failed", error_code="paper_out")
        self.end(self.make_jobs(3), status="completed")
        self.assertEqual([toast["retryable"] for toast in self.sent_toasts(self.user)[2:]], [True, False])

    def test_no_query_while_nothing_ends(self):
        job = self.make_job(status="printing")
        self.env.flush_all()
        self.assertEqual(job.status, "printing")
        for jobs in (job, job.browse()):
            with self.assertQueryCount(0):
                self.env["print.job.notifier"]._notify_outcomes(jobs)

    def test_as_many_queries_for_50_jobs_as_for_5(self):
        """Their rows are locked meanwhile. Everybody is told of all, and the submitter is absent."""
        self.manager.label_print_notify = "all"

        def count(number):
            jobs = self.make_jobs(number, quantity=1)
            jobs._apply({job.id: {"status": "failed", "error_code": "paper_out"} for job in jobs})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["print.job.notifier"]._notify_outcomes(jobs)
            self.env.flush_all()
            self.assertEqual(len(jobs.activity_ids), 1)
            return self.cr.sql_log_count - before

        count(5)  # fills the caches
        few, many = count(5), count(50)
        self.assertLessEqual(many, few + 3)
