"""Who is told what, in which words, and how often."""

from unittest.mock import patch

from lxml import html
from odoo.addons.label_print_monitor.services.contract.payloads import parse_job_report
from odoo.tests import new_test_user

from .common import LabelPrintCase


class TestNotifications(LabelPrintCase):
    def test_many_failures_at_once_are_one_toast(self):
        jobs = self.make_jobs(6)
        self.end(jobs, status="failed", error_code="paper_out")
        toasts = self.sent_toasts(self.user)
        self.assertEqual(len(toasts), 1)
        self.assertEqual(toasts[0]["title"], "Print Jobs Failed")
        self.assertEqual(sorted(toasts[0]["job_ids"]), sorted(jobs.ids))
        self.assertTrue(toasts[0]["sticky"])

    def end(self, jobs, **outcome):
        """All these jobs end alike, in one answer of their print server."""
        reports = [parse_job_report({"job_id": job.flask_job_id, **outcome}) for job in jobs]
        self.env["print.job.status.poller"].apply_reports(self.server, reports)
        jobs.invalidate_recordset()

    def make_jobs(self, count, **values):
        return self.env["label.print.job"].union(*(self.make_job(status="printing", **values) for _i in range(count)))

    def print_again(self, jobs):
        for job in jobs:
            job.with_user(self.user)._retry([1])
            job.flask_job_id = f"second-{job.id}"
            job._apply({job.id: {"status": "printing"}})

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

    def test_a_bundle_has_one_problem(self):
        """One print server's answer, and three stories: none is told as another."""
        poller = self.env["print.job.status.poller"]
        kinds = (
            (self.make_jobs(3), {"error_code": "paper_out"}),
            (self.make_jobs(3), {"error_message": "ZEBRA: HEAD OPEN"}),
            (self.make_jobs(3), {"error_message": "Error 4711"}),
        )
        reports = [
            parse_job_report({"job_id": job.flask_job_id, "status": "failed", **error})
            for jobs, error in kinds
            for job in jobs
        ]
        poller.apply_reports(self.server, reports)
        toasts = {tuple(sorted(toast["job_ids"])): toast for toast in self.sent_toasts(self.user)}
        self.assertEqual(len(toasts), 3)
        words = (
            "Printer is out of paper or labels. Load labels into printer and retry.",
            "Print head is open. Close the print head and retry.",
            "Error 4711",
        )
        for (jobs, _error), problem in zip(kinds, words, strict=True):
            toast = toasts[tuple(sorted(jobs.ids))]
            self.assertEqual(toast["message"], f"3 jobs on Line 1 failed: {problem}")
            self.assertTrue(toast["retryable"])

    def test_a_bundle_of_different_words_repeats_none_of_them(self):
        jobs = self.make_jobs(3)
        self.env["print.job.status.poller"].apply_reports(
            self.server,
            [
                parse_job_report({"job_id": job.flask_job_id, "status": "failed", "error_message": f"Error {job.id}"})
                for job in jobs
            ],
        )
        (toast,) = self.sent_toasts(self.user)
        self.assertEqual(toast["message"], "3 jobs on Line 1 failed")

    def test_many_jobs_with_failed_labels_have_not_failed(self):
        for progress, words in (({"failed": 2}, "6 of 60 labels failed."), ({}, "some of their 60 labels failed.")):
            self.end(self.make_jobs(3), status="completed_with_errors", progress={"total": 20, **progress})
            toast = self.sent_toasts(self.user)[-1]
            self.assertEqual(
                (toast["type"], toast["title"], toast["sticky"], toast["retryable"]),
                ("warning", "Print Jobs Completed with Errors", True, True),
            )
            self.assertEqual(
                toast["message"], f"3 jobs on Line 1: {words} Review the failed labels and retry them."
            )

    def test_a_retry_that_does_not_help_is_not_offered(self):
        job, jobs = self.make_job(status="printing"), self.make_jobs(3)
        self.end(job, status="failed", error_code="invalid_zpl")
        self.end(jobs, status="failed", error_code="invalid_zpl")
        self.assertEqual([toast["retryable"] for toast in self.sent_toasts(self.user)], [False, False])
        self.assertTrue(job.can_retry)
        job.with_user(self.user)._retry([1])  # who knows better may
        self.assertEqual(job.status, "pending")
        self.end(self.make_job(status="printing"), status="failed", error_code="paper_out")
        self.end(self.make_jobs(3), status="completed")
        self.assertEqual([toast["retryable"] for toast in self.sent_toasts(self.user)[2:]], [True, False])

    def test_toast_of_a_failure_says_what_to_do(self):
        job = self.make_job(status="printing")
        self.report(job, status="failed", error_code="paper_out", error_message="Printer is out of paper or labels")
        (toast,) = self.sent_toasts(self.user)
        self.assertEqual((toast["type"], toast["title"], toast["sticky"]), ("danger", "Print Job Failed", True))
        words = "Printer is out of paper or labels. Load labels into printer and retry."
        self.assertEqual(toast["message"], f"Job {job.id} failed: {words}")

    def test_one_label_in_words(self):
        production = self.make_production()
        for quantity, words in ((1, "1 label printed"), (2, "2 labels printed")):
            for order, where in ((production, f" for {production.name}"), (production.browse(), " on Line 1")):
                job = self.make_job(quantity, status="printing", mo_id=order.id)
                self.report(job, status="completed")
                self.assertEqual(self.sent_toasts(self.user)[-1]["message"], words + where)

    def test_failed_labels_in_words(self):
        reports = (
            (1, {"failed": 1}, "its label failed."),
            (20, {"failed": 1}, "1 of 20 labels failed."),
            (20, {}, "some of its 20 labels failed."),
        )
        for quantity, progress, words in reports:
            job = self.make_job(quantity, status="printing")
            self.report(job, status="completed_with_errors", progress={"total": quantity, **progress})
            toast = self.sent_toasts(self.user)[-1]
            self.assertEqual(toast["message"], f"Job {job.id}: {words} Review the failed labels and retry them.")

    def test_cron_user_is_not_told(self):
        job = self.make_job(status="printing", submitted_by=self.env.ref("base.user_root").id)
        self.report(job, status="completed")
        self.assertFalse(self.sent_toasts(self.env.ref("base.user_root")))

    def test_users_choose_what_they_hear(self):
        self.user.label_print_notify = "failures"
        self.manager.label_print_notify = "all"
        job = self.make_job(status="printing")
        self.report(job, status="completed")
        self.assertFalse(self.sent_toasts(self.user))
        self.assertEqual(len(self.sent_toasts(self.manager)), 1)

    def test_only_failures_of_all(self):
        self.manager.label_print_notify = "all_failures"
        done, failed = self.make_job(status="printing"), self.make_job(status="printing")
        self.report(done, status="completed")
        self.assertFalse(self.sent_toasts(self.manager))
        self.report(failed, status="failed", error_code="paper_out")
        self.assertEqual([toast["job_ids"] for toast in self.sent_toasts(self.manager)], [failed.ids])
        own = self.make_job(status="printing", submitted_by=self.manager.id)
        self.report(own, status="completed")
        self.assertEqual(len(self.sent_toasts(self.manager)), 1)

    def test_only_who_may_see_the_job_is_told(self):
        group = "label_print_monitor.group_label_print_user"
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        told = new_test_user(self.env, "lpm_follower", groups=group)
        others = (
            new_test_user(self.env, "lpm_no_group", groups="base.group_user"),
            new_test_user(self.env, "lpm_portal", groups="base.group_portal"),
            new_test_user(self.env, "lpm_gone", groups=group),
            new_test_user(
                self.env, "lpm_elsewhere", groups=group, company_id=elsewhere.id, company_ids=[(6, 0, elsewhere.ids)]
            ),
        )
        people = self.env["res.users"].union(told, *others)
        people.label_print_notify = "all"
        others[2].active = False
        for status in ("completed", "failed"):
            job = self.make_job(status="printing")
            job.message_subscribe(people.partner_id.ids)
            self.report(job, status=status)
        self.assertEqual(len(self.sent_toasts(told)), 2)
        for user in others:
            self.assertFalse(self.sent_toasts(user), user.login)

    def test_a_submitter_who_may_not_see_the_job_any_more_is_not_told(self):
        job = self.make_job(status="printing")
        self.user.group_ids -= self.env.ref("label_print_monitor.group_label_print_user")
        self.report(job, status="failed")
        self.assertFalse(self.sent_toasts(self.user))
        self.assertFalse(job.activity_ids)

    def test_failure_of_an_absent_user_becomes_an_activity(self):
        job = self.make_job(status="printing")
        self.report(job, status="failed", error_code="head_open")
        self.assertEqual(job.activity_ids.user_id, self.user)

    def test_who_is_absent_finds_an_activity(self):
        presence = self.env["mail.presence"].create({"user_id": self.user.id})
        for status, manual, absent in (
            ("online", False, False),
            ("online", "busy", False),
            ("away", False, True),
            ("away", "busy", True),
            ("offline", False, True),
            ("online", "away", True),
        ):
            presence.status = status
            self.user.manual_im_status = manual
            job = self.make_job(status="printing")
            self.report(job, status="failed", error_code="head_open")
            self.assertEqual(bool(job.activity_ids), absent, (status, manual))
        # With these of Odoo's addons the words of the status differ; they need not be installed here.
        presence.status = "online"
        for status, absent in (
            ("leave_online", False),
            ("leave_away", True),
            ("leave_offline", True),
            ("presence_home_online", False),
            ("presence_office_away", True),
        ):
            with patch.object(type(self.user), "im_status", status):
                self.assertEqual(self.env["print.job.notifier"]._is_absent(self.user), absent, status)

    def test_many_failures_of_an_absent_user_are_one_activity(self):
        jobs = self.make_jobs(5)
        self.end(jobs, status="failed", error_code="paper_out")
        first, others = jobs[:1], jobs[1:]
        activity = jobs.activity_ids
        self.assertEqual((len(activity), activity.res_id, activity.user_id), (1, first.id, self.user))
        self.assertEqual(activity.summary, "5 print jobs failed: Printer is out of paper or labels")
        self.assertIn("Open the printer and load a new roll of labels.", activity.note)
        links = html.fromstring(activity.note).xpath("//a[@data-oe-model='label.print.job']")
        self.assertEqual([int(link.get("data-oe-id")) for link in links], others.ids)
        self.assertEqual([link.text for link in links], others.mapped("display_name"))
        # The same jobs again: the activity is renewed, not doubled.
        self.print_again(jobs)
        self.end(jobs, status="failed", error_code="head_open")
        jobs.invalidate_recordset()
        self.assertEqual(jobs.activity_ids.mapped("summary"), ["5 print jobs failed: Print head is open"])
        self.print_again(first)
        self.end(first, status="completed")
        self.assertFalse(jobs.activity_ids)

    def test_activities_of_different_problems_people_and_printers(self):
        jobs = self.make_jobs(3)
        others = self.make_jobs(3, submitted_by=self.manager.id)
        self.end(jobs + others, status="failed", error_message="Error <4711>")
        few = self.make_jobs(2)
        self.end(few, status="failed", error_message="Error 4712")
        self.assertEqual([len(group.activity_ids) for group in (jobs, others, few)], [1, 1, 2])
        self.assertEqual(others.activity_ids.user_id, self.manager)
        self.assertEqual(jobs.activity_ids.summary, "3 print jobs failed: Error <4711>")
        self.assertIn("Error &lt;4711&gt;", jobs.activity_ids.note)

    def test_activities_about_failed_labels_do_not_speak_of_failed_jobs(self):
        for jobs, words in (
            (self.make_jobs(1), "Print job completed with errors: "),
            (self.make_jobs(3), "3 print jobs ended with errors: "),
        ):
            self.end(jobs, status="completed_with_errors", failed_labels=[{"index": 1, "code": "label_failed"}])
            self.assertTrue(jobs.activity_ids.summary.startswith(words), jobs.activity_ids.summary)

    def test_no_query_while_nothing_ends(self):
        job = self.make_job(status="printing")
        self.env.flush_all()
        self.assertEqual(job.status, "printing")
        for jobs in (job, job.browse()):
            with self.assertQueryCount(0):
                self.env["print.job.notifier"]._notify_outcomes(jobs)

    def test_as_many_queries_for_50_jobs_as_for_5(self):
        """Their rows are locked meanwhile. Everybody hears of all, and the submitter is absent."""
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
