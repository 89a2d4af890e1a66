"""What a person reads of a job: whether it asks for somebody, and what to do."""

from datetime import timedelta

from lxml import etree
from odoo import fields
from odoo.addons.label_print_monitor.models.label_print_job_display import ATTENTION_FOR
from odoo.addons.label_print_monitor.services.wording import error_catalogue
from odoo.tools.safe_eval import safe_eval

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

    def test_an_administrator_is_not_sent_to_the_administrator(self):
        job = self.make_job(status="failed", error_code="invalid_zpl")
        mine, theirs = job.with_user(self.user), job.with_user(self.manager)
        self.assertEqual(mine.error_action, "Contact administrator to fix template")
        self.assertEqual(theirs.error_action, "Fix the label template, then print again from the order")
        self.assertIn("your administrator", mine.error_steps_html)
        self.assertNotIn("your administrator", theirs.error_steps_html)

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


class TestEvidence(LabelPrintCase):
    """“Completed” says how that is known, and is green only where that is good enough."""

    def completed(self, evidence):
        confirmed = {"confirmed": True} if evidence == "confirmed" else {}
        job = self.make_job(status="printing")
        self.report(job, status="completed", **confirmed)
        return job.with_user(self.user)

    def test_what_suffices_is_a_setting(self):
        jobs = [self.completed(evidence) for evidence in ("reported", "confirmed")]
        self.assertEqual([job.evidence for job in jobs], ["reported", "confirmed"])
        for wanted, expected in (("reported", [True, True]), ("spooled", [False, True]), ("checked", [False, False])):
            self.env["ir.config_parameter"].set_param("label_print.good_evidence", wanted)
            self.env.invalidate_all()
            with self.subTest(wanted):
                self.assertEqual([job.evidence_suffices for job in jobs], expected)

    def test_no_view_is_green_with_less(self):
        """Badges ask for the evidence; the row of the list has the specification's decoration."""
        views = (("list", "label.print.job"), ("kanban", "label.print.job"), ("form", "mrp.production"))
        for kind, model in views:
            with self.subTest(model, kind=kind):
                arch = etree.fromstring(self.env[model].with_user(self.user).get_view(view_type=kind)["arch"])
                badges = arch.xpath("//field[@widget='badge' or @widget='label_print_status'][@decoration-success]")
                green = [b for b in badges if "completed" in b.get("decoration-success")]
                self.assertTrue(green)
                for badge in green:
                    if badge.get("name") in ("status", "label_print_status"):
                        self.assertIn("evidence_suffices", badge.get("decoration-success"))
                        self.assertIn("evidence_suffices", badge.get("decoration-muted"))
        arch = etree.fromstring(self.env["label.print.job"].with_user(self.user).get_view(view_type="list")["arch"])
        self.assertEqual(arch.get("decoration-success"), "status=='completed'")
        self.assertEqual(arch.xpath("./field[@name='evidence']/@widget"), ["label_print_evidence"])
        self.assertEqual(arch.xpath("./field[@name='evidence']/@optional"), ["show"])

    def test_another_end_than_completed_stands_alone_in_the_status_bar(self):
        """As last step of a row it would read "Completed, then Failed"."""
        arch = etree.fromstring(self.env["label.print.job"].get_view(view_type="form")["arch"])
        bars = arch.xpath("//field[@name='status'][@widget='statusbar']")
        shown = {}
        for status, _label in self.env["label.print.job"]._fields["status"].selection:
            (bar,) = [bar for bar in bars if not safe_eval(bar.get("invisible"), {"status": status})]
            steps = {*bar.get("statusbar_visible").split(","), status} - {"none"}
            shown[status] = len(steps)
        alone = dict.fromkeys(("completed_with_errors", "failed", "cancelled"), 1)
        self.assertEqual(shown, {**dict.fromkeys(("pending", "sent", "queued", "printing", "completed"), 5), **alone})

    def test_how_far_is_said_alike_in_list_and_form(self):
        """A dash as long as nothing is printed."""
        for status, done, in_list, in_form in (
            ("pending", 0, "-", "-"),
            ("queued", 0, "-", "-"),
            ("pending", 5, "-", "5 of 20"),  # tried again, with five on paper
            ("printing", 0, "0 of 20", "0 of 20"),
            ("failed", 0, "-", "-"),
            ("cancelled", 5, "5 of 20", "5 of 20"),
        ):
            job = self.env["label.print.job"].new({"status": status, "current_label": done, "quantity": 20})
            self.assertEqual((job.progress_display, job.labels_done_display), (in_list, in_form), status)

    def test_a_job_that_is_being_cancelled_says_so(self):
        job = self.make_job(status="printing", cancel_requested_at=fields.Datetime.now())
        self.assertEqual(job.with_user(self.user).eta_display, "Cancelling")


class TestCopies(LabelPrintCase):
    def copy(self, job, labels, status="completed"):
        copy = job.with_user(self.manager)._print_again(labels, "lost").sudo()
        copy.write({"status": "printing", "flask_job_id": f"srv-copy-{copy.id}", "submission": "accepted"})
        self.report(copy, status=status, current_label=len(labels) if status == "completed" else 0)
        return copy.with_user(self.user)

    def test_which_copy_it_is(self):
        job = self.make_job(status="printing")
        self.report(job, status="completed")
        first = self.copy(job, [3, 4])
        lost = self.copy(job, [3], status="cancelled")
        second = self.copy(job, [3])
        mixed = self.copy(job, [3, 9])
        name = job.with_user(self.user).display_name
        self.assertEqual(first.copy_display, f"Copy 2 of {name}")
        self.assertEqual(lost.copy_display, f"Copy 3 of {name}")
        self.assertEqual(second.copy_display, f"Copy 3 of {name}", "nothing came of the one before")
        self.assertEqual(mixed.copy_display, f"Copies of {name}")
        self.assertFalse(job.copy_display)
        self.assertEqual((first.reprinted_count, job.reprinted_count), (2, 0))

    def test_found_and_left_out_by_a_filter(self):
        job = self.make_job(status="printing")
        self.report(job, status="completed")
        copy = self.copy(job, [1])
        arch = etree.fromstring(job.get_view(view_type="search")["arch"])
        for name, expected in (("copies", copy), ("no_copies", job)):
            (domain,) = arch.xpath(f"//filter[@name='{name}']/@domain")
            found = job.search([*safe_eval(domain), ("id", "in", (job | copy).ids)])
            self.assertEqual(found.ids, expected.ids)


class TestMeasures(LabelPrintCase):
    """What pivot and graph add up: labels, and of those what became of them."""

    def test_a_failed_job_counts_what_it_printed(self):
        job = self.make_job(24, status="printing")
        failed = [{"index": 9, "code": "paper_out"}, {"index": 10, "code": "uncertain"}]
        self.report(job, status="failed", current_label=8, error_code="paper_out", failed_labels=failed)
        names = ("current_label", "confirmed_count", "failed_count", "uncertain_count", "reprinted_count")
        (sums,) = job.with_user(self.user)._read_group([("id", "=", job.id)], [], [f"{name}:sum" for name in names])
        printed, confirmed, failed, uncertain, again = sums
        self.assertEqual((printed, confirmed, uncertain, again), (8, 0, 1, 0))
        self.assertLess(failed, 24)
        self.assertLessEqual(printed + failed + uncertain, 24)

    def test_measures_of_the_views(self):
        """Labels printed is what they open with; numbers that mean nothing as a sum are no measures."""
        jobs = self.env["label.print.job"].with_user(self.user)
        for kind in ("pivot", "graph"):
            arch = etree.fromstring(jobs.get_view(view_type=kind)["arch"])
            self.assertEqual(arch.xpath("./field[@type='measure']/@name"), ["current_label"], kind)
        words = {
            name: field["string"]
            for name, field in jobs.fields_get(attributes=["string", "type", "store", "aggregator"]).items()
            if field["type"] == "integer" and field["store"] and field.get("aggregator") and name != "id"
        }
        self.assertEqual(
            words,
            {
                "quantity": "Quantity",
                "current_label": "Labels Printed",
                "confirmed_count": "Labels Confirmed",
                "checked_count": "Labels Checked",
                "failed_count": "Labels Failed",
                "uncertain_count": "Labels Uncertain",
                "reprinted_count": "Labels Printed Again",
            },
        )
