"""Lists on narrow screens."""

from lxml import etree
from odoo.tests import TransactionCase


class TestListViews(TransactionCase):
    def test_each_list_leaves_out_columns_on_a_tablet(self):
        """By the renderer of its class (`label_print_list` or a live one): Odoo's own shows every optional column."""
        ours = self.env["ir.model.data"].search([("module", "=", "label_print_monitor"), ("model", "=", "ir.ui.view")])
        views = self.env["ir.ui.view"].browse(ours.mapped("res_id"))
        lists = views.filtered(lambda view: view.type == "list" and view.model.startswith(("label.print", "printer.")))
        self.assertGreater(len(lists), 10)
        without = lists.filtered(lambda view: not etree.fromstring(view.arch).get("js_class") and not view.inherit_id)
        self.assertEqual(without.mapped("name"), [])
