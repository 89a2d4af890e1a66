"""From a lot, a product, a printer or a person to its label prints, by one button of its form."""

from odoo.tests import new_test_user, tagged

from .test_empty_screens import OUR, ScreensCase

ONE_ROW = ".o_label_print_job_list table:has(.o_data_row):not(:has(.o_data_row ~ .o_data_row))"


@tagged("post_install", "-at_install")
class TestPrintButtons(ScreensCase):
    browser_size = "1920x1080"  # where a form has room for all of its buttons

    def test_each_opens_its_jobs_and_no_others(self):
        reader = new_test_user(
            self.env,
            "lpm_reader",
            groups=f"{OUR}group_label_print_manager,mrp.group_mrp_manager,stock.group_stock_manager,"
            "stock.group_production_lot,base.group_system,product.group_product_variant",
        )
        reader.odoobot_state = "disabled"
        lot = self.env["stock.lot"].create({"name": "LOT-BUTTON", "product_id": self.product.id})
        order = self.env["mrp.production"].create({"product_id": self.product.id, "product_qty": 2})
        printer = self.printer.create({"name": "Of the buttons", "cups_name": "buttons"})
        labels = [{**label, "lot_number": lot.name, "lot_id": lot.id} for label in self.labels(2)]
        job = self.make_job(2, mo_id=order.id, labels_data=labels, printer_id=printer.id, submitted_by=reader.id)
        self.make_job(2, submitted_by=self.user.id)  # of another printer, person and lot, and of no product
        self.assertEqual((job.product_id, job.lot_ids), (self.product, lot))
        screens = []
        for record, button in (
            (lot, "button.oe_stat_button[name=action_view_label_print_jobs]"),
            (self.product, ".oe_stat_button:has(.fa-tags)"),
            (self.product.product_tmpl_id, ".oe_stat_button:has(.fa-tags)"),
            (printer, "button.oe_stat_button[name=action_view_jobs]"),
            (reader, ".oe_stat_button:has(.fa-tags)"),
        ):
            form = {
                "type": "ir.actions.act_window",
                "name": f"form of {record}",
                "res_model": record._name,
                "res_id": record.id,
                "views": [[self.env.ref("base.view_users_form").id if record == reader else False, "form"]],
            }
            screens.append((form, f".o_form_view {button}", "", f".o_form_view {button}", ONE_ROW))
        self.open_screens(reader.login, screens)
