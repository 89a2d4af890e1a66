"""The labels that whoever makes a job hands over: cut into single ones, linked to their lots, or refused in words."""

from odoo.exceptions import AccessError, ValidationError
from odoo.modules.migration import load_script
from odoo.tools.misc import file_path

from ..models import label_print_job_lots
from .common import LabelPrintCase

PLAIN = "^XA^FO40,40^A0N,30,30^FDBox 1^FS^XZ"


class TestJobLabels(LabelPrintCase):
    def make(self, *labels, quantity=None):
        labels = [label if isinstance(label, dict) else {"zpl_code": label} for label in labels]
        return self.make_job(quantity or len(labels), labels_data=labels)

    def test_copies_are_counted_and_only_what_is_missing_is_printed_again(self):
        job = self.make(PLAIN.replace("^XZ", "^PQ5^XZ"))
        self.assertEqual((job.quantity, job.attempt_quantity, len(job.labels_data)), (5, 5, 5))
        job.write({"status": "printing", "flask_job_id": "srv-5", "submission": "accepted"})
        failed = [{"index": index, "code": "paper_out"} for index in (3, 4, 5)]
        self.report(job, status="failed", current_label=2, error_code="paper_out", failed_labels=failed)
        job.with_user(self.user)._retry([3, 4, 5])
        self.assertEqual(len(job._labels_of_attempt()), 3)
        self.assertTrue(all("^PQ1," in label["zpl_code"] for label in job._labels_of_attempt()))

    def test_a_file_of_several_labels(self):
        job = self.make(f"~DGR:L.GRF,1,1,F\n{PLAIN}^XA^XGL^FS^XZ^XA^IDR:L.GRF^FS^XZ", PLAIN)
        self.assertEqual(job.quantity, 3)
        self.assertEqual([label["zpl_code"][:3] for label in job.labels_data], ["^XA", "~DG", "^XA"])

    def test_more_than_a_job_holds(self):
        many = PLAIN.replace("^XZ", "^PQ3000^XZ")
        for labels in ([many], [many] * 3, [PLAIN.replace("^XZ", "^PQ300^XZ")] * 2, [PLAIN * 501]):
            with self.assertRaisesRegex(ValidationError, "more than 500 labels, copies .* counted"):
                self.make(*labels)

    def test_more_entries_than_a_job_holds_are_not_even_read(self):
        """Their copies could be millions, and a request of half a megabyte would take all memory."""
        original = self.make_job(1)
        self.patch(label_print_job_lots, "single_entries", lambda *_arguments: self.fail("read"))
        for values in ({}, {"copy_of_id": original.id}):
            labels = [{"zpl_code": PLAIN.replace("^XZ", "^PQ10000^XZ")}] * 501
            with self.assertRaisesRegex(ValidationError, "501 labels cannot be printed in one job"):
                self.make_job(501, labels_data=labels, **values)

    def test_what_cannot_be_cut(self):
        for zpl, words in (
            ("^XA^FDa^FS^XA^FDb^FS^XZ", "no .XZ at its end"),
            (f"^XA^GFA,1,1,1,{'F' * 2_000_000}^FS^XZ", "kB large"),
            ("not ZPL", "must have .XA"),
        ):
            with self.subTest(zpl[:20]), self.assertRaisesRegex(ValidationError, words):
                self.make(zpl)

    def test_a_lot_that_is_no_text(self):
        job = self.make({"zpl_code": PLAIN, "lot_number": 42})
        self.assertEqual((job.labels_data[0]["lot_number"], job.lot_number), ("42", "42"))
        self.assertEqual(job.search([("lot_number", "=", "42")]), job)
        for lot in (["A"], {"name": "A"}, True, "x" * 300):
            with self.subTest(lot), self.assertRaisesRegex(ValidationError, "lot of label 1 must be a text"):
                self.make({"zpl_code": PLAIN, "lot_number": lot})

    def test_records_that_are_none(self):
        """What a label is for is compared with other labels: it has to be a number, or the order's dialog breaks."""
        for key in ("product_id", "lot_id"):
            for odd in ([5], {"id": 5}, "5", True, -1, 2**31):
                with self.subTest(key, odd=odd), self.assertRaisesRegex(ValidationError, "label 1 .* unknown"):
                    self.make({"zpl_code": PLAIN, key: odd})

    def test_lots_of_others_are_not_linked(self):
        """A lot's number is believed no more than its name: it must be of the job's company and products."""
        other = self.env["product.product"].create({"name": "Jam", "is_storable": True, "tracking": "lot"})
        company = self.env["res.company"].create({"name": "Other Company"})
        own, shared, foreign, jam = self.env["stock.lot"].create(
            [
                {"name": "L-1", "product_id": self.product.id, "company_id": self.env.company.id},
                {"name": "L-2", "product_id": self.product.id},
                {"name": "L-3", "product_id": self.product.id, "company_id": company.id},
                {"name": "L-4", "product_id": other.id},
            ]
        )
        labels = [{"zpl_code": PLAIN, "lot_id": lot.id} for lot in (own, shared, foreign, jam)]
        job = self.make_job(4, labels_data=labels, product_id=self.product.id)
        self.assertEqual(job.lot_ids, own | shared)
        self.assertEqual(self.make(*labels).lot_ids, own | shared | jam, "of no product")

    def test_an_old_one_breaks_no_form(self):
        production = self.make_production(quantity=3, lot="7")
        job = self.make_job(3, status="printing", mo_id=production.id)
        odd = [
            {"zpl_code": PLAIN, "lot_number": 7, "box_number": {}, "product_id": [5], "lot_id": {"id": 5}},
            {"lot_number": ["A", None], "product_id": {}, "lot_id": 2**40},
            "no label",
        ]
        for data in (odd, {"lot_number": 5}, "text", None):
            with self.subTest(data):
                job.sudo().labels_data = data
                job.flush_recordset()
                job.invalidate_recordset()
                job.with_user(self.user).read()
                job.with_user(self.user).get_label_names()
                job.with_user(self.user).get_label_story(1)
                job.search([("lot_number", "ilike", "7")])
                self.env["label.print.wizard"].with_user(self.user).create({"mo_id": production.id}).read()
        job.sudo().labels_data = odd
        self.report(job, status="failed", current_label=0, error_code="paper_out")
        job.failed_label_ids.read()
        self.assertEqual(job.lot_number, "7, ['A', None]")

    def test_lots_are_linked_by_record_or_by_name(self):
        other = self.env["product.product"].create({"name": "Jam", "is_storable": True, "tracking": "lot"})
        lot, namesake, alone = self.env["stock.lot"].create(
            [
                {"name": "L-1", "product_id": self.product.id},
                {"name": "L-1", "product_id": other.id},
                {"name": "L-2", "product_id": other.id},
            ]
        )
        self.assertEqual(self.make({"zpl_code": PLAIN, "lot_number": "L-1", "lot_id": namesake.id}).lot_ids, namesake)
        self.assertFalse(self.make({"zpl_code": PLAIN, "lot_number": "L-1"}).lot_ids, "which of the two?")
        self.assertEqual(self.make({"zpl_code": PLAIN, "lot_number": "L-2"}).lot_ids, alone)
        self.assertFalse(self.make({"zpl_code": PLAIN, "lot_number": "L-2", "lot_id": 10**9}).lot_ids)
        job = self.make_job(1, labels_data=[{"zpl_code": PLAIN, "lot_number": "L-1"}], product_id=self.product.id)
        self.assertEqual(job.lot_ids, lot)
        with self.assertRaises(AccessError):
            job.with_user(self.user).lot_ids = namesake

    def test_jobs_of_the_first_release_are_linked_by_name(self):
        other = self.env["product.product"].create({"name": "Jam", "is_storable": True, "tracking": "lot"})
        lots = self.env["stock.lot"].create(
            [{"name": "L-1", "product_id": product.id} for product in (self.product, other)]
            + [{"name": "L-2", "product_id": other.id}]
        )
        label = {"zpl_code": PLAIN, "lot_number": "L-1"}
        production = self.make_production(lot="L-MO")
        jobs = (
            self.make_job(2, labels_data=[label, label], product_id=self.product.id)
            | self.make_job(1, labels_data=[{**label, "lot_number": "L-MO"}], mo_id=production.id)
            | self.make({**label, "lot_number": "L-2"})
            | self.make(label)
        )
        linked = [job.lot_ids for job in jobs]
        self.assertEqual(linked, [lots[0], production.lot_producing_ids, lots[2], lots.browse()])
        jobs.sudo().lot_ids = False
        odd = self.make_job(1)
        odd.sudo().labels_data = {"lot_number": [5]}
        self.env.flush_all()
        path = file_path("label_print_monitor/migrations/19.0.2.0.0/post-50-lots.py")
        load_script(path, "post_50_lots").migrate(self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        self.assertEqual([job.lot_ids for job in jobs], linked)
