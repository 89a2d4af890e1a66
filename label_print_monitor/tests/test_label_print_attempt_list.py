"""The list of attempts: found, filtered and grouped, also those whose failure a retry has mended."""

from lxml import etree
from odoo.tools.safe_eval import safe_eval

from .common import LabelPrintCase


class TestAttemptList(LabelPrintCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_printer = cls.env["printer.configuration"].create({"name": "Line 2", "cups_name": "zebra-line-2"})
        cls.production = cls.make_production()

    def setUp(self):
        super().setUp()
        self.Attempt = self.env["label.print.attempt"].with_user(self.user)
        self.search_view = etree.fromstring(self.Attempt.get_view(view_type="search")["arch"])
        # One that failed and was printed by a retry on another printer, by another person.
        job = self.mended = self.make_job(status="printing", mo_id=self.production.id)
        failed = [{"index": n, "code": "paper_out"} for n in range(9, 21)]
        self.report(job, status="failed", error_message="media out", current_label=8, failed_labels=failed)
        job.with_user(self.manager)._retry(range(9, 21), "roll changed", self.other_printer)
        job.write({"status": "printing", "flask_job_id": "srv-retry", "submission": "accepted"})
        self.report(job, status="completed", current_label=12)
        self.failed = self.make_job(status="printing")
        self.report(self.failed, status="failed", error_message="Error 4711")
        self.own = [("job_id", "in", (self.mended + self.failed).ids)]

    def found(self, *names):
        domain = list(self.own)
        for name in names:
            domain += safe_eval(self.search_view.xpath(f"//filter[@name='{name}']/@domain")[0], {"uid": self.user.id})
        return [(attempt.job_id.id, attempt.number) for attempt in self.Attempt.search(domain, order="id")]

    def test_filters(self):
        mended, failed = self.mended.id, self.failed.id
        self.assertEqual(self.found("failed"), [(mended, 1), (failed, 1)])
        self.assertEqual(self.found("failed", "mended"), [(mended, 1)])
        self.assertEqual(self.found("completed", "retries", "today"), [(mended, 2)])
        self.assertEqual(self.found("no_test_prints", "running"), [])
        self.assertEqual(self.found("my_attempts", "retries"), [])
        jobs = self.env["label.print.job"].with_user(self.user)
        arch = etree.fromstring(jobs.get_view(view_type="search")["arch"])
        domain = safe_eval(arch.xpath("//filter[@name='failed_before']/@domain")[0])
        self.assertEqual(jobs.search([*domain, ("id", "in", (self.mended + self.failed).ids)], order="id").ids, [mended, failed])

    def test_groups_and_measures(self):
        """Each group of the view is one that the database can make, with a name for people."""
        read = {}
        for name in self.search_view.xpath("//filter[starts-with(@name, 'group_')]/@name"):
            context = safe_eval(self.search_view.xpath(f"//filter[@name='{name}']/@context")[0])
            rows = self.Attempt.web_read_group(
                self.own, [context["group_by"]], ["__count", "added_count:sum", "failed_count:sum"]
            )["groups"]
            read[name] = {
                (group[context["group_by"]] or [0, ""])[1]
                if isinstance(group[context["group_by"]], (list, tuple))
                else group[context["group_by"]]: (group["__count"], group["added_count:sum"], group["failed_count:sum"])
                for group in rows
            }
        self.assertEqual(read["group_printer"], {"Line 1": (2, 8, 12), "Line 2": (1, 12, 0)})
        self.assertEqual(read["group_error"], {"paper_out": (1, 8, 12), "other": (1, 0, 0), False: (1, 12, 0)})
        self.assertEqual(read["group_outcome"], {"failed": (2, 8, 12), "completed": (1, 12, 0)})
        self.assertEqual({person.split(" ")[0] for person in read["group_user"]}, {"lpm_user", "lpm_manager"})
        self.assertEqual(len(read["group_date"]), 1)
        self.assertEqual(sorted(count for count, *_sums in read["group_product"].values()), [1, 2])
        words = dict(self.Attempt._fields["error_kind"]._description_selection(self.Attempt.env))
        self.assertEqual(words["paper_out"], "Printer is out of paper or labels")

    def test_a_problem_is_found_by_what_its_reader_sees(self):
        for text, number in (("out of paper", 1), ("media out", 1), ("4711", 1), ("ribbon", 0)):
            found = self.Attempt.search_count([*self.own, ("error_title", "ilike", text)])
            self.assertEqual(found, number, text)

    def test_a_cancelled_one_has_no_problem(self):
        job = self.make_job(status="printing")
        self.report(job, status="cancelled", current_label=3, error_message="Cancelled after 3 of 20 labels.")
        self.assertEqual(job.attempt_ids.outcome, "cancelled")
        self.assertFalse(job.attempt_ids.error_title)

    def test_each_has_a_name(self):
        first = self.mended.attempt_ids.sorted("number")[0]
        self.assertEqual(first.display_name, f"Attempt 1 of {self.mended.display_name}")
        self.assertEqual((first.mo_id, first.product_id), (self.production, self.production.product_id))
        self.assertEqual(first.job_status, "completed")

    def test_a_label_counts_as_printed_since_only_when_it_is_on_paper(self):
        """Not when the retry is merely started, nor when it fails as well."""
        job = self.make_job(status="printing")
        failed = [{"index": n, "code": "paper_out"} for n in (19, 20)]
        self.report(job, status="completed_with_errors", current_label=18, failed_labels=failed)
        rows = self.env["label.print.failed.label"].search([("job_id", "=", job.id)])
        job.with_user(self.user).action_retry()
        self.assertEqual(rows.mapped("reprint_attempt_number"), [0, 0])
        job.write({"status": "printing", "flask_job_id": "srv-again", "submission": "accepted"})
        self.report(job, status="printing", current_label=1)
        self.assertEqual(rows.mapped("reprint_attempt_number"), [0, 0])
        self.report(job, status="failed", current_label=1, failed_labels=[{"index": 2, "code": "jam"}])
        rows.invalidate_recordset()
        self.assertEqual({row.label_index: row.reprint_attempt_number for row in rows}, {19: 2, 20: 0})
