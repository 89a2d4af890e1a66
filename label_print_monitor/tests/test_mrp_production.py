"""From an order to its labels."""

from odoo.exceptions import UserError

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
        self.printer.status = "offline"
        for jobs in ("one job", "2 jobs"):
            again = self.env["label.print.wizard"].with_user(self.user).create({"mo_id": production.id})
            self.assertIn(f"printed before, in {jobs}.", again.earlier_display)
            self.assertTrue(again.printer_warning.startswith("This printer is not ready: Offline. "))
            again.action_print()

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
            .create({"mo_id": production.id, "printer_id": self.printer.id, "copies": 26})
        )
        with self.assertRaisesRegex(UserError, "500 at most"):
            wizard.action_print()
        wizard.copies = 0
        with self.assertRaises(UserError):
            wizard.action_print()
