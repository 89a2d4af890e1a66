"""From an order to its labels."""

from odoo.exceptions import UserError
from odoo.tests import new_test_user

from .common import LabelPrintCase


class TestOrders(LabelPrintCase):
    def test_order_without_quantity(self):
        production = self.make_production(produce=False)
        with self.assertRaisesRegex(UserError, "no lot or serial number yet"):
            production.action_print_labels()

    def test_labels_of_an_order(self):
        production = self.make_production(quantity=20)
        labels = production._get_label_print_data()
        self.assertEqual(len(labels), 20)
        self.assertEqual({label["lot_number"] for label in labels}, {"LOT-MO-1"})
        self.assertTrue(all(label["zpl_code"].startswith("^XA") for label in labels))

    def test_rendering_leaves_the_order_as_it_was(self):
        production = self.make_production(quantity=20)
        before = production.move_finished_ids.move_line_ids.read(["quantity", "lot_id"])
        production._get_label_print_data()
        self.assertEqual(production.move_finished_ids.move_line_ids.read(["quantity", "lot_id"]), before)

    def test_draft_order(self):
        production = self.env["mrp.production"].create({"product_id": self.product.id, "product_qty": 5})
        with self.assertRaisesRegex(UserError, "no finished quantity|no lot"):
            production.action_print_labels()

    def test_print_from_the_dialog(self):
        production = self.make_production(quantity=20)
        self.printer.is_default = True
        wizard = self.env["label.print.wizard"].with_user(self.user).create({"mo_id": production.id})
        self.assertEqual((wizard.printer_id, wizard.quantity, wizard.total), (self.printer, 20, 20))
        self.assertFalse(wizard.earlier_display)
        self.assertFalse(wizard.printer_warning)
        action = wizard.action_print()
        job = self.env["label.print.job"].browse(action["res_id"])
        self.assertEqual((job.status, job.quantity, job.mo_id), ("pending", 20, production))
        self.assertEqual((production.label_print_job_count, production.label_print_status), (1, "pending"))
        self.assertEqual([label["box_number"] for label in job.labels_data], list(range(1, 21)))
        self.printer.status = "offline"
        again = self.env["label.print.wizard"].with_user(self.user).create({"mo_id": production.id})
        self.assertTrue(again.printer_warning.startswith("This printer is not ready: Offline. "))

    def test_more_than_there_are_serial_numbers(self):
        serial = self.env["product.product"].create(
            {"name": "Machine", "type": "consu", "is_storable": True, "tracking": "serial"}
        )
        for count, words in ((1, "has one serial number to print, not 5"), (2, "has 2 serial numbers to print, not 5")):
            production = self.env["mrp.production"].create({"product_id": serial.id, "product_qty": count})
            production.action_confirm()
            production.lot_producing_ids = self.env["stock.lot"].create(
                [{"name": f"SN-{count}-{number}", "product_id": serial.id} for number in range(count)]
            )
            production.qty_producing = count
            production.set_qty_producing()
            wizard = self.env["label.print.wizard"].create({"mo_id": production.id, "printer_id": self.printer.id})
            self.assertEqual(wizard.quantity, count)
            wizard.quantity = 5
            with self.assertRaisesRegex(UserError, words):
                wizard.action_print()

    def test_too_many(self):
        production = self.make_production(quantity=20)
        wizard = (
            self.env["label.print.wizard"]
            .with_user(self.user)
            .create({"mo_id": production.id, "printer_id": self.printer.id, "copies": 501})
        )
        with self.assertRaisesRegex(UserError, "10000 at most"):
            wizard.action_print()
        wizard.copies = 0
        with self.assertRaises(UserError):
            wizard.action_print()


class TestOrderTotals(LabelPrintCase):
    """What an order says of its labels, over all of its jobs."""

    def setUp(self):
        super().setUp()
        self.production = self.make_production(quantity=40)

    def job(self, quantity=20, **values):
        return self.make_job(quantity, mo_id=self.production.id, **values)

    def read(self):
        self.env.invalidate_all()
        order = self.production.with_user(self.user)
        found = {
            name: order in order.search([(name, "=", True), ("id", "=", order.id)])
            for name in ("labels_missing", "labels_uncertain")
        }
        self.assertEqual(found, {name: order[name] for name in found}, "filter and field disagree")
        for name in found:
            self.assertNotEqual(found[name], bool(order.search([(name, "=", False), ("id", "=", order.id)])))
        return order.label_print_summary, order.labels_missing, order.labels_uncertain

    def test_an_order_without_labels(self):
        self.assertEqual(self.read(), (False, False, False))

    def test_over_all_jobs(self):
        first, second = self.job(status="printing"), self.job(status="printing")
        self.report(first, status="completed")
        self.assertEqual(self.read(), ("20 of 40 labels on paper", False, False))
        self.report(
            second,
            status="failed",
            current_label=18,
            error_code="paper_out",
            failed_labels=[{"index": 19, "code": "paper_out"}, {"index": 20, "code": "uncertain"}],
        )
        self.assertEqual(second.uncertain_count, 1)
        self.assertEqual(self.read(), ("38 of 40 labels on paper, 1 uncertain", True, True))
        second.with_user(self.user)._settle(on_paper=[20])
        self.assertEqual(self.read(), ("39 of 40 labels on paper", True, False))
        second.with_user(self.user)._retry([19])
        self.assertEqual(self.read(), ("39 of 40 labels on paper", False, False))

    def test_copies_do_not_count(self):
        job = self.job(status="printing")
        self.report(job, status="completed")
        copy = job.with_user(self.manager)._print_again([1, 2], "lost")
        copy.sudo().write({"status": "printing", "flask_job_id": "srv-copy"})
        self.report(copy.sudo(), status="failed", current_label=0, error_code="paper_out")
        # But of what may lie on the floor the order tells, too.
        self.assertEqual(self.read(), ("20 of 20 labels on paper; copies uncertain: 2", False, True))
        copy.with_user(self.user)._settle(not_on_paper=[1, 2])
        self.assertEqual(self.read(), ("20 of 20 labels on paper", False, False))

    def test_what_was_cancelled_is_asked_for_until_something_else_is(self):
        job = self.job(status="printing")
        self.report(job, status="cancelled", current_label=5)
        self.assertEqual(self.read(), ("5 of 20 labels on paper", True, False))
        self.job(quantity=15)
        self.assertEqual(self.read(), ("5 of 20 labels on paper", False, False))

    def test_whoever_may_read_an_order_may_read_all_of_it(self):
        """Also without any right on labels; the same for lots."""
        self.job(status="printing")
        reader = new_test_user(self.env, "lpm_reader", groups="mrp.group_mrp_user")
        self.assertFalse(self.env["label.print.job"].with_user(reader).has_access("read"))
        for record in (self.production, self.production.lot_producing_ids):
            (values,) = record.with_user(reader).read()
            self.assertIn("label_print_job_count", values)
            self.assertNotIn("label_print_job_ids", values)
        names = {"label_print_summary", "labels_missing", "labels_uncertain"}
        arch = self.production.with_user(reader).get_view(view_type="list")["arch"]
        self.assertFalse([name for name in names if name in arch])
        arch = self.production.with_user(self.user).get_view(view_type="search")["arch"]
        self.assertIn("labels_missing", arch)
