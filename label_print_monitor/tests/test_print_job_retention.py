"""Retention: what is old and settled loses its ZPL and nothing else, and people read what to do instead."""

from datetime import timedelta

from odoo.addons.label_print_monitor.models import print_job_retention
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Datetime
from odoo.tests import Form

from .common import LabelPrintCase


class RetentionCase(LabelPrintCase):
    def setUp(self):
        super().setUp()
        print_job_retention._reached.clear()
        self.retention = self.env["print.job.retention"]

    def end(self, job, days, status="completed", **report):
        """The job ended so many days ago."""
        if job.status == "pending":
            job.write({"status": "printing", "flask_job_id": f"srv-old-{job.id}"})
        self.report(job, status=status, **report)
        job.completed_date = Datetime.now() - timedelta(days=days)
        self.env.flush_all()
        return job

    def old_job(self, days=100, quantity=3, **values):
        return self.end(self.make_job(quantity, **values), days)

    def order_job(self, quantity=4, lot="LOT-R"):
        order = self.make_production(quantity=quantity, lot=lot)
        wizard = self.env["label.print.wizard"].with_user(self.user)
        wizard.create({"mo_id": order.id, "printer_id": self.printer.id}).action_print()
        return order.label_print_job_ids

    def clean_up(self):
        done = self.retention._gc_zpl()
        self.env.invalidate_all()
        return done

    def set_rules(self, **rules):
        for name, value in rules.items():
            self.env["ir.config_parameter"].set_param(f"label_print.{name}", value)

    def has_zpl(self, job):
        return ["zpl_code" in label for label in job.labels_data]


class TestRetention(RetentionCase):
    def test_old_zpl_goes_and_hashes_stay(self):
        job = self.old_job()
        hashes, labels = job.label_hashes, job.labels_data
        self.assertEqual(self.clean_up(), (1, False))
        self.assertTrue(job.zpl_removed_date)
        self.assertEqual(job.label_hashes, hashes)
        self.assertEqual(job.labels_data, [{k: v for k, v in label.items() if k != "zpl_code"} for label in labels])
        story = job.get_label_story(2)
        self.assertEqual((story["hash"], story["lot"], story["box"]), (hashes[64:128], "LOT-1", "2"))
        self.assertIn("no longer kept" if not story["zpl_note"] else "was removed on", story["zpl_note"])
        self.assertIn(job, job.search([("lot_number", "=", "LOT-1")]))
        self.assertTrue(self.env["label.print.specimen"].search([("key", "in", list(job._labels_of_specimens()))]).zpl)
        self.assertEqual(self.clean_up(), (0, False))

    def test_what_may_be_needed_is_kept(self):
        kept = {
            "not so old": self.old_job(89),
            "open": self.make_job(3, status="printing"),
            "failed": self.end(
                self.make_job(3), 100, "failed", current_label=2, error_code="paper_out",
                failed_labels=[{"index": 3, "code": "paper_out"}],
            ),
            "uncertain": self.end(
                self.make_job(3), 100, "failed", current_label=2, failed_labels=[{"index": 3, "code": "uncertain"}]
            ),
            "unclear": self.old_job(),
        }  # fmt: skip
        kept["unclear"].attention_code = "submission_uncertain"
        self.env.flush_all()
        self.assertEqual(self.clean_up(), (0, False))
        for why, job in kept.items():
            with self.subTest(why):
                self.assertEqual(self.has_zpl(job), [True] * 3)
        kept["failed"]._set_aside("not_needed")
        self.env.flush_all()
        self.assertEqual(self.clean_up(), (1, False))
        self.assertEqual(self.has_zpl(kept["failed"]), [False] * 3)

    def test_for_ever(self):
        job = self.old_job(5000)
        self.set_rules(keep_zpl_days="0")
        self.assertEqual(self.clean_up(), (0, False))
        for nonsense in ("", "soon", "-5"):
            self.set_rules(keep_zpl_days=nonsense)
            self.assertIn(self.retention._rules().keep_zpl_days, (0, 90))
        self.set_rules(keep_zpl_days="4999")
        self.assertEqual(self.clean_up(), (1, False))
        self.assertTrue(job.zpl_removed_date)

    def test_a_few_jobs_at_a_time(self):
        self.patch(print_job_retention, "JOBS_A_CALL", 2)
        jobs = self.env["label.print.job"].union(*(self.old_job(100 + n) for n in range(5)))
        self.assertEqual([self.clean_up() for _call in range(3)], [(2, True), (2, True), (1, False)])
        self.assertTrue(all(job.zpl_removed_date for job in jobs))

    def test_jobs_without_hashes_get_them_and_a_specimen(self):
        job = self.old_job(labels_data=[*self.labels(2), {**self.labels(1)[0], "zpl_code": "^XA^FDä^FS^XZ"}])
        hashes = job.label_hashes
        self.remove_specimens(self.env["label.print.specimen"].search([]).job_id)
        job.label_hashes = False
        self.env.flush_all()
        self.clean_up()
        self.assertEqual(job.label_hashes, hashes)
        self.assertEqual(self.env["label.print.specimen"].search([]).job_id, job)

    def test_labels_that_are_none(self):
        """Whatever an old database holds is left as it is."""
        jobs = [self.old_job() for _number in range(3)]
        for job, labels in zip(jobs, ("null", "{}", '["x", {"zpl_code": 7}]'), strict=True):
            self.env.cr.execute("UPDATE label_print_job SET labels_data = %s WHERE id = %s", [labels, job.id])
        self.env.invalidate_all()
        self.assertEqual(self.clean_up(), (3, False))
        self.assertEqual([job.labels_data for job in jobs], [False, {}, ["x", {}]])

    def test_retry_says_to_print_from_the_order(self):
        job = self.order_job()
        self.end(job, 100, "failed", current_label=3, failed_labels=[{"index": 4, "code": "paper_out"}])
        job._set_aside("not_needed")
        self.env.flush_all()
        self.clean_up()
        self.assertFalse(job.can_retry or job.can_print_missing)
        for act in (job.action_retry, job.action_retry_choose, lambda: job._retry([4])):
            with self.assertRaisesRegex(UserError, f"no longer kept. Open {job.mo_reference} and choose Print Labels"):
                act()
        # There what is missing is offered.
        wizard = self.env["label.print.wizard"].create({"mo_id": job.mo_id.id, "printer_id": self.printer.id})
        self.assertEqual([label["box_number"] for label in wizard._labels_left()[2]], [4])

    def test_print_again_makes_the_labels_anew(self):
        job = self.end(self.order_job(), 100)
        zpl = [label["zpl_code"] for label in job.labels_data]
        self.clean_up()
        self.assertTrue(job.with_user(self.manager).can_print_again)
        copy = job.with_user(self.manager)._print_again([2, 3], "lost")
        self.assertEqual([label["zpl_code"] for label in copy.labels_data], zpl[1:3])
        self.assertEqual((copy.copy_labels, copy.label_hashes), ([2, 3], job.label_hashes[64:192]))
        self.assertEqual(copy.template_hash, job.template_hash)
        job.mo_id.lot_producing_ids.name = "LOT-RENAMED"
        self.assertIn("LOT-RENAMED", job.with_user(self.manager)._print_again([1], "lost").labels_data[0]["zpl_code"])
        job.mo_id.lot_producing_ids = self.env["stock.lot"].create({"name": "OTHER", "product_id": self.product.id})
        with self.assertRaisesRegex(UserError, "has no such boxes and lots any more: labels 1–2"):
            job.with_user(self.manager)._print_again([1, 2], "lost")

    def test_print_again_without_an_order_says_so(self):
        job = self.old_job()
        self.clean_up()
        own = job.with_user(self.manager)
        self.assertFalse(own.can_print_again)
        for act in (own.action_print_again, lambda: own._print_again([1], "lost")):
            with self.assertRaisesRegex(UserError, "no longer kept, and it was not made for a manufacturing order"):
                act()
        names = [action["name"] for action in own.get_label_story(1)["actions"]]
        self.assertNotIn("action_print_label_again", names)

    def test_the_evidence_page_says_it(self):
        job = self.end(self.order_job(), 100)
        Report = self.env["report.label_print_monitor.report_evidence_order"].with_user(self.user)
        before = Report._get_report_values(job.mo_id.ids)["pages"][0]
        self.clean_up()
        after = Report._get_report_values(job.mo_id.ids)["pages"][0]
        self.assertEqual((before["sums"], before["is_complete"]), (after["sums"], after["is_complete"]))
        self.assertEqual(before["jobs"][0]["labels"], after["jobs"][0]["labels"])
        self.assertEqual(before["jobs"][0]["zpl_note"], "")
        self.assertIn("was removed on", after["jobs"][0]["zpl_note"])

    def test_its_record_is_what_it_was(self):
        """*Verify* finds nothing changed in a job whose ZPL was removed and that was archived."""
        job = self.end(self.order_job(), 100)
        before = job._verify()[job.id].findings  # that it ended on another day, as this test has it
        self.set_rules(archive_by="months", archive_after="3")
        self.clean_up()
        self.assertEqual(self.retention._gc_archive(), (1, False))
        self.env.invalidate_all()
        self.assertEqual(job._verify()[job.id].findings, before)

    def test_the_settings_say_what_a_choice_does(self):
        self.old_job(100)
        self.old_job(40)
        admin = self.env["res.config.settings"]
        with Form(admin) as page:
            self.assertEqual(page.label_print_keep_zpl_days, 90)
            self.assertIn("removes the ZPL of: 1, about", page.label_print_retention_effect)
            self.assertIn("Scans kept: 0; it removes: 0.", page.label_print_retention_effect)
            page.label_print_keep_zpl_days = 30
            self.assertIn("removes the ZPL of: 2, about", page.label_print_retention_effect)
            self.assertIn("archives: 0.", page.label_print_retention_effect)
            page.label_print_archive_by = "months"
            page.label_print_archive_after = 3
            self.assertIn("archives: 1.", page.label_print_retention_effect)
            page.label_print_archive_by = "expiry"
            self.assertIn("no expiry date", page.label_print_retention_effect)
        self.assertEqual(self.retention._rules().keep_zpl_days, 90)  # not before it is saved
        page.record.execute()
        rules = self.retention._rules()
        self.assertEqual((rules.keep_zpl_days, rules.archive_by, rules.archive_after), (30, "expiry", 3))
        admin.create({"label_print_keep_zpl_days": 0, "label_print_archive_by": False}).execute()
        self.assertEqual(self.retention._rules().keep_zpl_days, 0)
        self.assertEqual(admin.create({}).label_print_keep_zpl_days, 0)
        with self.assertRaises(ValidationError):
            admin.create({"label_print_keep_zpl_days": -1}).execute()
        with self.assertRaisesRegex(ValidationError, "31 days or longer"):
            admin.create({"label_print_keep_scans_days": 30}).execute()
