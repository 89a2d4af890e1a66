"""What toasts say: titles, sentences, and what to do about a failure."""

from odoo.addons.label_print_monitor.services.contract.payloads import parse_job_report

from .notifier_case import NotifierCase


class TestWording(NotifierCase):
    def test_a_bundle_has_one_problem(self):
        """One answer of a print server about three problems: each has its own toast."""
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
        named = [{"index": index, "code": "label_failed"} for index in (3, 7)]
        for report, words in (
            ({"failed_labels": named}, "6 of 60 labels failed."),
            ({"progress": {"completed": 18, "failed": 2}}, "some of their 60 labels failed."),
        ):
            self.end(self.make_jobs(3), status="completed_with_errors", **report)
            toast = self.sent_toasts(self.user)[-1]
            self.assertEqual(
                (toast["type"], toast["title"], toast["sticky"], toast["retryable"]),
                ("warning", "Print Jobs Completed with Errors", True, True),
            )
            self.assertEqual(
                toast["message"], f"3 jobs on Line 1: {words} Review the failed labels and retry them."
            )

    def test_toast_of_a_failure_says_what_to_do(self):
        job = self.make_job(status="printing")
        self.report(job, status="failed", error_code="paper_out", error_message="Printer is out of paper or labels")
        (toast,) = self.sent_toasts(self.user)
        self.assertEqual((toast["type"], toast["title"], toast["sticky"]), ("danger", "Print Job Failed", True))
        self.assertEqual(
            toast["message"],
            f"Job {job.id} failed: Printer is out of paper or labels. Line 1. 0 of 20 printed. "
            "Load labels into printer and retry.",
        )

    def test_toast_of_a_failure_says_where(self):
        self.printer.location = "Hall 1"
        job = self.make_job(status="printing", mo_reference="WH/MO/00005")
        self.report(job, status="failed", current_label=3, error_message="sensor misaligned")
        (toast,) = self.sent_toasts(self.user)
        self.assertEqual(
            toast["message"],
            f"Job {job.id} failed: sensor misaligned. Line 1 (Hall 1). WH/MO/00005, 3 of 20 printed.",
        )

    def test_toast_of_a_failure_says_its_matter_once_and_in_the_readers_words(self):
        """What a print server says in English, over and over, is one known problem."""
        said = "media out (paper-out): Printer zebra-line-1 reports media-empty-error"
        job = self.make_job(status="printing")
        self.report(job, status="failed", error_code="paper_out", error_message=said)
        message = self.sent_toasts(self.user)[0]["message"]
        self.assertEqual(
            message,
            f"Job {job.id} failed: Printer is out of paper or labels. Line 1. 0 of 20 printed. "
            "Load labels into printer and retry.",
        )
        self.assertEqual(job.error_message, said)

    def test_a_toast_tells_an_administrator_what_to_do(self):
        self.manager.label_print_notify = "all_failures"
        self.report(self.make_job(status="printing"), status="failed", error_code="invalid_zpl")
        said = [self.sent_toasts(user)[0]["message"] for user in (self.user, self.manager)]
        self.assertTrue(said[0].endswith("Contact administrator to fix template."), said[0])
        self.assertTrue(said[1].endswith("Fix the label template, then print again from the order."), said[1])

    def test_one_label_in_words(self):
        production = self.make_production()
        for quantity, words in ((1, "1 label printed"), (2, "2 labels printed")):
            for order, where in ((production, f" for {production.name}"), (production.browse(), " on Line 1")):
                job = self.make_job(quantity, status="printing", mo_id=order.id)
                self.report(job, status="completed")
                self.assertEqual(self.sent_toasts(self.user)[-1]["message"], words + where)

    def test_failed_labels_in_words(self):
        named = [{"index": 3, "code": "label_failed"}]
        reports = (
            ({"failed_labels": named}, "1 of 20 labels failed."),
            ({"progress": {"completed": 19, "failed": 1}}, "of one of its 20 labels it is not known whether it is on paper."),
            (
                {"progress": {"completed": 17, "failed": 3}},
                "of 3 of its 20 labels it is not known whether they are on paper.",
            ),
        )
        for report, words in reports:
            job = self.make_job(status="printing")
            self.report(job, status="completed_with_errors", **report)
            toast = self.sent_toasts(self.user)[-1]
            where = f"Line 1. {job.current_label} of 20 printed"
            self.assertEqual(toast["message"], f"Job {job.id}: {words} {where}. Review the failed labels and retry them.")
