"""From a lot to its labels."""

from odoo.exceptions import UserError
from odoo.tests import new_test_user

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

    def test_labels_of_a_lot_whose_order_is_still_to_close(self):
        """Its moves have no lot until the order is closed; the order says which it produces."""
        production = self.make_production(quantity=20, lot="LOT-OPEN")
        lot = production.lot_producing_ids
        self.assertNotEqual(production.state, "done")
        self.assertFalse(production.move_finished_ids.move_line_ids.filtered(lambda line: line.lot_id and line.state == "done"))
        production.move_finished_ids.move_line_ids.unlink()
        action = lot.with_user(self.manager).action_print_labels()
        self.assertEqual(action["context"]["default_only_lot_id"], lot.id)
        self.assertEqual(lot._label_productions(), production)
        production.action_cancel()
        with self.assertRaisesRegex(UserError, "was not made by a manufacturing order"):
            lot.with_user(self.manager).action_print_labels()

    def test_a_renamed_lot_keeps_its_prints(self):
        job = self.job()
        self.report(job, status="completed")
        other = self.env["stock.lot"].create({"name": "LOT-Z", "product_id": self.product.id})
        self.assertEqual(job.lot_ids, self.lot)
        self.lot.name = "LOT-RENAMED"
        lot = self.lot.with_user(self.manager)
        self.assertEqual(lot.label_print_job_count, 1)
        self.assertEqual(job.search(lot.action_view_label_print_jobs()["domain"]), job)
        self.assertFalse(job._label_numbers_of_lot(self.lot), "LOT-X or LOT-Y? Nothing is chosen")
        self.assertFalse(job._label_numbers_of_lot(other))
        # Of one lot there is no doubt, nor where its labels know it by its record.
        single = self.make_job(5, labels_data=self.labels(5, "LOT-Z"), product_id=self.product.id, status="printing")
        self.report(single, status="completed")
        other.name = "LOT-Z-RENAMED"
        action = other.with_user(self.manager).action_print_again()
        self.assertEqual(action["context"], {"default_job_id": single.id, "default_labels_text": "1–5"})
        labels = [{**label, "lot_id": self.lot.id} for label in self.labels(2, "LOT-X")]
        self.assertEqual(self.make_job(2, labels_data=labels)._label_numbers_of_lot(self.lot), [1, 2])

    def test_from_a_job_to_its_lots(self):
        job, other = self.job(), self.make_job()
        job = job.with_user(self.manager)
        self.assertEqual((job.lot_count, other.lot_count), (1, 0))
        action = job.action_view_lots()
        self.assertEqual((action["res_model"], action["res_id"]), ("stock.lot", self.lot.id))
        second = self.env["stock.lot"].create({"name": "LOT-Y", "product_id": self.product.id})
        two = self.job().with_user(self.manager)
        action = two.action_view_lots()
        self.assertEqual(self.env["stock.lot"].search(action["domain"]), self.lot | second)
        employee = new_test_user(self.env, "lpm_no_stock", groups="label_print_monitor.group_label_print_user")
        two.with_user(employee).web_read({"lot_count": {}, "mo_reference": {}})
        form = two.with_user(employee).get_view(view_type="form")["arch"]
        self.assertNotIn("action_view_lots", form)
        self.assertIn("action_view_lots", two.get_view(view_type="form")["arch"])

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
