"""The labels that need somebody: listed until they are on paper, seen, or in a newer attempt; newest first."""

from lxml import etree
from odoo.addons.label_print_monitor.models.print_job_retention import SETTLED
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from .common import LabelPrintCase


class TestLabelsThatNeedSomebody(LabelPrintCase):
    def setUp(self):
        super().setUp()
        self.Label = self.env["label.print.failed.label"].with_user(self.user)

    def job(self, *failed):
        job = self.make_job(status="printing")
        self.report(
            job,
            status="completed_with_errors",
            current_label=20 - len(failed),
            failed_labels=[{"index": index, "code": code} for index, code in failed],
        )
        return job

    def needing(self, job):
        labels = self.Label.search([("needs_somebody", "=", True), ("job_id", "=", job.id)])
        return [(label.label_index, label.state) for label in labels]

    def test_the_problem_is_said_in_the_readers_language(self):
        """Print servers speak English: what the catalogue knows is said in its words, the server's stand in the form."""
        self.env["res.lang"]._activate_lang("de_DE")
        job = self.make_job(status="printing")
        failed = [
            {"index": 3, "code": "paper_out", "message": "The printer is out of labels: load a new roll."},
            {"index": 4, "code": "levitating", "message": "The label floats."},
        ]
        self.report(job, status="completed_with_errors", current_label=18, failed_labels=failed)
        known, other = self.Label.search([("job_id", "=", job.id)], order="label_index")
        self.assertEqual(known.problem, "Printer is out of paper or labels")
        self.assertEqual(known.with_context(lang="de_DE").problem, "Drucker hat kein Papier oder keine Etiketten mehr")
        self.assertEqual((known.message, other.problem), (failed[0]["message"], "The label floats."))

    def test_until_they_are_printed_or_seen(self):
        job = self.job((3, "paper_out"), (7, "uncertain"))
        self.assertEqual(sorted(self.needing(job)), [(3, "failed"), (7, "uncertain")])
        job.with_user(self.user)._settle(on_paper=[7])
        self.assertEqual(self.needing(job), [(3, "failed")])
        job.with_user(self.user)._retry([3])
        job.write({"status": "printing", "flask_job_id": "srv-again", "submission": "accepted"})
        self.report(job, status="completed", current_label=1)
        self.assertEqual(self.needing(job), [])
        row = self.Label.search([("job_id", "=", job.id), ("label_index", "=", 3)])
        self.assertEqual(row.reprint_attempt_number, 2)

    def test_a_label_that_was_only_counted_and_that_nobody_finds(self):
        job = self.make_job(status="printing")
        self.report(job, status="completed", current_label=20)
        self.assertEqual((self.needing(job), job.status), ([], "completed"))
        job.with_user(self.user)._settle(not_on_paper=[7])
        self.assertEqual((self.needing(job), job.failed_count), ([(7, "failed")], 1))
        row = self.Label.search([("job_id", "=", job.id)])
        self.assertEqual((row.box_number, row.lot_number, row.code), ("7", "LOT-1", "not_on_paper"))
        self.assert_zpl_is_kept(job)
        job.with_user(self.user)._settle(on_paper=[7])
        self.assertEqual(self.needing(job), [])

    def assert_zpl_is_kept(self, job):
        """However long ago the job has ended: somebody has to print the label."""
        self.env.flush_all()
        self.env.cr.execute("UPDATE label_print_job SET completed_date = '2020-01-01' WHERE id = %s", [job.id])
        self.env.cr.execute(SQL("SELECT count(*) FROM label_print_job job WHERE job.id = %s AND %s", job.id, SETTLED))
        self.assertEqual(self.env.cr.fetchone(), (0,))
        self.env.cr.execute("UPDATE label_print_failed_label SET needs_somebody = FALSE WHERE job_id = %s", [job.id])
        self.env.cr.execute(SQL("SELECT count(*) FROM label_print_job job WHERE job.id = %s AND %s", job.id, SETTLED))
        self.assertEqual(self.env.cr.fetchone(), (0,), "also where the list of labels did not say so")
        self.env.cr.execute("UPDATE label_print_failed_label SET needs_somebody = TRUE WHERE job_id = %s", [job.id])
        self.env.invalidate_all()

    def test_found_by_the_lot_although_it_was_renamed(self):
        """By the name on paper and by the present one; of several lots only the labels of the one that is meant."""
        lots = self.env["stock.lot"].create([{"name": name, "product_id": self.product.id} for name in ("LOT-A", "LOT-B")])
        labels = [{**label, "lot_number": "LOT-A" if n < 10 else "LOT-B"} for n, label in enumerate(self.labels(20))]
        job = self.make_job(labels_data=labels, product_id=self.product.id, status="printing")
        failed = [{"index": index, "code": "paper_out"} for index in (3, 15)]
        self.report(job, status="completed_with_errors", current_label=18, failed_labels=failed)
        lots[0].name = "LOT-NEW"
        arch = etree.fromstring(self.Label.get_view(view_type="search")["arch"])
        (lot,) = arch.xpath("//field[@name='lot_number']/@filter_domain")
        for text, found in (("lot-new", [3]), ("LOT-A", [3]), ("LOT-B", [15]), ("LOT-", [3, 15]), ("LOT-C", [])):
            rows = self.Label.search(safe_eval(lot, {"self": text}))
            self.assertEqual(sorted(rows.mapped("label_index")), found, text)

    def test_newest_first_and_each_opens_its_job(self):
        old, new = self.job((3, "paper_out")), self.job((4, "ribbon_out"))
        rows = self.Label.search([("job_id", "in", (old + new).ids)])
        self.assertEqual(rows.job_id.ids, [new.id, old.id])
        action = rows[0].action_open_job()
        self.assertEqual((action["res_model"], action["res_id"]), ("label.print.job", new.id))

    def test_the_page_opens_with_what_is_open(self):
        action = self.env.ref("label_print_monitor.action_label_print_failed_label")
        self.assertEqual(action.name, "Labels That Need Somebody")
        self.assertIn("search_default_needs_somebody", action.context)
        self.assertEqual(self.env.ref("label_print_monitor.menu_label_print_failed_label").name, action.name)
        job = self.job((3, "paper_out"), (7, "uncertain"))
        arch = etree.fromstring(self.Label.get_view(view_type="search")["arch"])
        found = {}
        for name in ("needs_somebody", "settled", "uncertain", "not_printed", "reprinted"):
            domain = safe_eval(arch.xpath(f"//filter[@name='{name}']/@domain")[0])
            rows = self.Label.search([*domain, ("job_id", "=", job.id)])
            found[name] = sorted(rows.mapped("label_index"))
        self.assertEqual(
            found, {"needs_somebody": [3, 7], "settled": [], "uncertain": [7], "not_printed": [3], "reprinted": []}
        )
