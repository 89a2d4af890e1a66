"""From a lot to its labels."""

from odoo.exceptions import UserError

from .common import LabelPrintCase


class TestLots(LabelPrintCase):
    def setUp(self):
        super().setUp()
        self.production = self.make_production(quantity=20, lot="LOT-X")
        self.lot = self.production.lot_producing_ids

    def job(self, lots="XXXXXYYYYY", **values):
        labels = [
            {**label, "lot_number": f"LOT-{lot}"} for label, lot in zip(self.labels(len(lots)), lots, strict=True)
        ]
        return self.make_job(len(lots), labels_data=labels, mo_id=self.production.id, status="printing", **values)

    def test_every_print_of_a_lot(self):
        job = self.job()
        other = self.env["product.product"].create({"name": "Jam", "is_storable": True, "tracking": "lot"})
        namesake = self.env["stock.lot"].create({"name": "LOT-X", "product_id": other.id})
        self.make_job(1, labels_data=[{**self.labels(1)[0], "lot_number": "LOT-X"}], product_id=other.id)
        for lot, count in ((self.lot, 1), (namesake, 1)):
            self.assertEqual(lot.with_user(self.user).label_print_job_count, count)
        action = self.lot.with_user(self.user).action_view_label_print_jobs()
        self.assertEqual(job.search(action["domain"]), job)

    def test_the_count_of_many_lots_is_one_query(self):
        """It is right after each further job, also of a lot that shares its jobs with others."""
        other = self.env["stock.lot"].create({"name": "LOT-Y", "product_id": self.product.id})
        unused = self.env["stock.lot"].create({"name": "LOT-Z", "product_id": self.product.id})
        lots = (self.lot | other | unused).with_user(self.user)
        self.job()
        self.assertEqual(lots.mapped("label_print_job_count"), [1, 1, 0])
        self.job("XX")
        lots.invalidate_recordset(["label_print_job_count"])
        with self.assertQueryCount(1):
            self.assertEqual(lots.mapped("label_print_job_count"), [2, 1, 0])
        self.assertEqual(self.lot.new({"name": "LOT-X"}).label_print_job_count, 0)

    def test_print_again_from_one_job(self):
        """The labels of the lot that are on paper are chosen already."""
        job = self.job()
        lot = self.lot.with_user(self.manager)
        with self.assertRaisesRegex(UserError, "none is on paper"):
            lot.action_print_again()
        self.report(job, status="failed", current_label=3, error_code="paper_out")
        action = lot.action_print_again()
        self.assertEqual(action["context"], {"default_job_id": job.id, "default_labels_text": "1–3"})
        wizard = self.env["label.print.again.wizard"].with_user(self.manager).with_context(action["context"])
        self.assertEqual(wizard.create({"reason": "lost"}).labels_count, 3)

    def test_print_again_from_several_jobs(self):
        jobs = self.job() | self.job()
        for job in jobs:
            self.report(job, status="completed")
        copy = jobs[0].with_user(self.manager)._print_again([1], "lost")
        action = self.lot.with_user(self.manager).action_print_again()
        self.assertEqual(set(jobs.search(action["domain"]).ids), set(jobs.ids))
        self.assertEqual(self.lot.with_user(self.manager).label_print_job_count, 3)
        self.assertTrue(copy)
