"""Who has no printers, no orders, or two companies: each screen comes up and says in words what there is, and is not."""

import json

from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .common import LabelPrintCase
from .test_views_browser import SCRIPT

OUR = "label_print_monitor."
USER = f"{OUR}group_label_print_user,mrp.group_mrp_user"


class ScreensCase(LabelPrintCase, HttpCase):
    def open_screens(self, login, screens, companies=None):
        """Open one screen after another in one page; any error dialog, error of the console or missing word fails.

        :param screens: ``(action, selector, words)``, and what to press with what is shown then; the action is an xml id
            of ours, or a dictionary
        :param companies: those that are chosen in the menu
        """
        screens = [
            {
                "name": action if isinstance(action, str) else action["name"],
                "request": OUR + action if isinstance(action, str) else action,
                "selector": selector,
                "words": words,
                "press": pressed[0] if pressed else "",
                "shown": pressed[1] if pressed else "",
            }
            for action, selector, words, *pressed in screens
        ]
        cookies = {"cids": "-".join(map(str, companies.ids))} if companies else None
        self.browser_js(
            "/odoo/label-printing",
            SCRIPT % json.dumps(screens),
            ready="document.querySelector('.o_label_print_overview .o_label_print_tile') !== null",
            login=login,
            cookies=cookies,
            timeout=180,
        )

    def print_dialog(self, order):
        return {
            "type": "ir.actions.act_window",
            "name": "print dialog",
            "res_model": "label.print.wizard",
            "views": [[False, "form"]],
            "target": "new",
            "context": {"default_mo_id": order.id},
        }


@tagged("post_install", "-at_install")
class TestEmptyScreens(ScreensCase):
    """A company in which nothing was made and nothing can be printed yet."""

    NOTHING = ".o_view_nocontent"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["printer.configuration"].search([]).active = False
        cls.company = cls.env["res.company"].create({"name": "Empty Inc."})
        cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)]) or cls.env["stock.warehouse"].create(
            {"name": "Empty", "code": "EMP", "company_id": cls.company.id}
        )
        cls.nobody = new_test_user(
            cls.env, "lpm_empty", groups=USER, company_id=cls.company.id, company_ids=[Command.set(cls.company.ids)]
        )
        cls.chief = new_test_user(
            cls.env,
            "lpm_empty_chief",
            groups=f"{OUR}group_label_print_manager,mrp.group_mrp_manager,base.group_allow_export",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        (cls.nobody | cls.chief).odoobot_state = "disabled"

    def screens(self):
        overview = ".o_label_print_overview"
        yield "action_label_print_overview", overview, "No printer is known yet."
        yield "action_label_print_overview", overview, "Nothing has failed."
        yield "action_label_print_overview", overview, "No label has been printed today."
        yield "action_label_print_job", self.NOTHING, "No print job here"
        yield "action_printer_status", self.NOTHING, "No printer is known yet"
        yield "action_label_print_operator", ".o_label_print_operator", "No printer is known yet"
        yield "action_label_print_wall", ".o_label_print_wall", "No printer is known yet."
        yield "action_label_print_wall", ".o_label_print_wall", "All is well"
        yield "action_label_print_failed_label", self.NOTHING, "No label needs you"
        yield "action_label_print_attempt", self.NOTHING, "No attempt here"
        yield "action_label_print_reprint", self.NOTHING, "Nothing has been printed again"
        yield "action_label_print_cancelled", self.NOTHING, "Nobody has cancelled a print job"
        yield "action_label_print_history", self.NOTHING, "No history yet"
        yield "action_label_print_orders_missing", self.NOTHING, "No order of today lacks labels"

    def test_a_user_without_printers_and_orders(self):
        self.open_screens(self.nobody.login, self.screens())

    def test_a_manager_without_printers_and_orders(self):
        exports = ("action_label_print_export", self.NOTHING, "Nobody has exported the history yet")
        self.open_screens(self.chief.login, [*self.screens(), exports])

    def test_a_display_without_printers(self):
        display = new_test_user(
            self.env,
            "lpm_empty_display",
            groups=f"{OUR}group_label_display",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.browser_js(
            "/odoo/label-wall",
            "console.log('test successful')",
            ready="document.querySelector('.o_label_print_wall')?.innerText.includes('No printer is known yet.')"
            " && !document.querySelector('.o_error_dialog')",
            login=display.login,
        )

    def test_the_print_dialog_without_printers(self):
        """It opens, says what is missing, and *Print* marks the printer instead of failing."""
        order = self.env["mrp.production"].with_company(self.company).create(
            {"product_id": self.product.id, "product_qty": 3, "company_id": self.company.id}
        )  # fmt: skip
        order.action_confirm()
        order.lot_producing_ids = self.env["stock.lot"].create({"name": "LOT-EMPTY", "product_id": self.product.id})
        order.qty_producing = 3
        order.set_qty_producing()
        dialog = self.print_dialog(order)
        self.open_screens(self.nobody.login, [(dialog, ".modal .alert-warning", "printer")])
        wizard = self.env["label.print.wizard"].with_user(self.nobody).create({"mo_id": order.id})
        self.assertFalse(wizard.printer_id)
        self.assertIn("printer", wizard.printer_warning)


@tagged("post_install", "-at_install")
class TestEmptyScreensPhone(TestEmptyScreens):
    browser_size = "390x844"
    touch_enabled = True


@tagged("post_install", "-at_install")
class TestTwoCompanies(ScreensCase):
    def test_all_screens_with_two_companies(self):
        """Both chosen in the menu: what belongs to the one and to the other stands side by side."""
        here = self.env.company
        there = self.env["res.company"].create({"name": "Plant Two"})
        both = new_test_user(
            self.env,
            "lpm_both",
            groups=f"{USER},base.group_multi_company",
            company_id=here.id,
            company_ids=[Command.set([here.id, there.id])],
        )
        both.odoobot_state = "disabled"
        theirs = self.env["printer.configuration"].create(
            {"name": "Plant Two Zebra", "cups_name": "plant-two", "company_id": there.id, "status": "attention"}
        )
        self.make_job(company_id=there.id, printer_id=theirs.id, status="printing", current_label=3)
        order, now = self.make_production(lot="LOT-TWO"), fields.Datetime.now()
        self.make_job(mo_id=order.id, status="failed", current_label=7, error_code="paper_out", completed_date=now)
        screens = [
            ("action_label_print_overview", ".o_label_print_overview", theirs.name),
            ("action_label_print_overview", ".o_label_print_overview", order.name),
            ("action_label_print_job", ".o_list_renderer", order.name),
            ("action_printer_status", ".o_kanban_renderer", theirs.name),
            ("action_printer_status", ".o_kanban_renderer", self.printer.name),
            ("action_label_print_operator", ".o_label_print_operator", theirs.name),
            ("action_label_print_wall", ".o_label_print_wall", theirs.name),
            ("action_label_print_attempt", ".o_list_renderer, .o_view_nocontent", ""),
            ("action_label_print_history", ".o_pivot_view table", ""),
            ("action_label_print_failed_label", ".o_list_renderer, .o_view_nocontent", ""),
            (self.print_dialog(order), ".modal .o_form_sheet", order.name),
        ]
        self.open_screens(both.login, screens, companies=here | there)
        only_here = [screen for screen in screens if theirs.name not in screen]
        self.open_screens(both.login, only_here, companies=here)
