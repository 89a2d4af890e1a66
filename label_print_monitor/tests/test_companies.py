"""Nobody reads or changes through a dialog or a button what belongs to a company that is not theirs."""

import json

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import LabelPrintCase

DIALOGS = (
    "label.print.wizard", "label.print.retry.wizard", "label.print.again.wizard", "label.print.cancel.wizard", "label.print.set.aside.wizard",
    "label.print.move.wizard", "label.print.roll.wizard",
)  # fmt: skip


@tagged("post_install", "-at_install")
class TestCompanies(LabelPrintCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.env["res.company"].create({"name": "Other company"})
        theirs = cls.env["printer.configuration"].create(
            {"name": "Their printer", "cups_name": "theirs", "company_id": cls.other_company.id}
        )
        cls.their_printer = theirs
        cls.their_job = cls.make_job(
            status="printing", quantity=7, printer_id=theirs.id, company_id=cls.other_company.id
        )
        untracked = cls.env["product.product"].create({"name": "Salt", "type": "consu"})
        cls.their_order = (
            cls.env["mrp.production"]
            .with_company(cls.other_company)
            .create({"product_id": untracked.id, "product_qty": 7, "company_id": cls.other_company.id})
        )
        cls.their_order.action_confirm()
        cls.their_order.qty_producing = 7
        cls.their_user = new_test_user(
            cls.env,
            "lpm_other",
            groups="label_print_monitor.group_label_print_manager",
            company_id=cls.other_company.id,
            company_ids=[Command.set(cls.other_company.ids)],
        )

    def values(self, model):
        """Values with which a dialog about the other company's records would open."""
        return {
            "label.print.wizard": {"mo_id": self.their_order.id},
            "label.print.retry.wizard": {"job_id": self.their_job.id},
            "label.print.again.wizard": {"job_id": self.their_job.id},
            "label.print.cancel.wizard": {"job_ids": [Command.set(self.their_job.ids)]},
            "label.print.set.aside.wizard": {"job_ids": [Command.set(self.their_job.ids)]},
            "label.print.move.wizard": {"printer_id": self.their_printer.id},
            "label.print.roll.wizard": {"printer_id": self.their_printer.id},
        }[model]

    def test_no_dialog_opens_on_what_is_not_theirs(self):
        for model in DIALOGS:
            with self.subTest(model):
                Dialog = self.env[model].with_user(self.manager)
                with self.assertRaises(AccessError):
                    dialog = Dialog.create(self.values(model))
                    dialog.read([name for name in Dialog._fields if Dialog._fields[name].type != "binary"])

    def test_no_dialog_computes_what_is_not_theirs(self):
        for model in ("label.print.wizard", "label.print.retry.wizard", "label.print.again.wizard"):
            with self.subTest(model):
                Dialog = self.env[model].with_user(self.manager)
                values = self.values(model)
                spec = {name: {} for name in Dialog._fields if Dialog._fields[name].type in ("integer", "char")}
                with self.assertRaises(AccessError):
                    Dialog.onchange(values, list(values), {**spec, **{name: {} for name in values}})

    def test_a_dialog_is_its_users_own(self):
        for model in DIALOGS:
            with self.subTest(model):
                dialog = self.env[model].with_user(self.their_user).create(self.values(model))
                self.assertEqual(self.env[model].with_user(self.their_user).search([]), dialog)
                colleague = self.their_user.copy({"login": f"colleague_{model}"})
                self.assertFalse(self.env[model].with_user(colleague).search([]))

    def test_a_printer_is_watched_by_those_who_may_see_it(self):
        portal = new_test_user(self.env, "lpm_portal", groups="base.group_portal")
        employee = new_test_user(self.env, "lpm_employee", groups="base.group_user")
        for user, printer in ((portal, self.printer), (employee, self.printer), (self.user, self.their_printer)):
            with self.assertRaises(AccessError):
                printer.with_user(user).action_toggle_mine()
        self.printer.with_user(self.user).action_toggle_mine()
        self.assertEqual(self.printer.user_ids, self.user)


@tagged("post_install", "-at_install")
class TestForgedJobs(LabelPrintCase):
    def create_with(self, **context):
        Job = self.env["label.print.job"].with_user(self.user).with_context(**context)
        return Job.create({"printer_id": self.printer.id, "labels_data": self.labels(3), "quantity": 3})

    def test_defaults_of_the_context_make_no_other_job(self):
        for name, value in (
            ("status", "completed"), ("confirmed", True), ("submitted_by", self.manager.id), ("timeline", []),
            ("current_label", 3), ("evidence", "confirmed"), ("submission", "accepted"), ("flask_job_id", "x"),
        ):  # fmt: skip
            with self.subTest(name), self.assertRaises(AccessError):
                self.create_with(**{f"default_{name}": value})

    def test_nor_one_of_another_order_or_product(self):
        order = self.make_production()
        job = self.create_with(default_mo_reference="WH/MO/FORGED", default_product_id=self.product.id)
        self.assertFalse(job.mo_reference or job.product_id)
        job = self.create_with(default_mo_id=order.id, default_mo_reference="WH/MO/FORGED")
        self.assertEqual((job.mo_id, job.mo_reference, job.product_id), (order, order.name, order.product_id))
        other = self.env["res.company"].create({"name": "Other company"})
        theirs = self.env["mrp.production"].with_company(other).create(
            {"product_id": self.product.id, "product_qty": 7, "company_id": other.id}
        )
        with self.assertRaises(AccessError):
            self.create_with(default_mo_id=theirs.id)
        with self.assertRaises(ValidationError):
            self.env["label.print.job"].create(
                {
                    "mo_id": theirs.id, "company_id": self.env.company.id, "printer_id": self.printer.id,
                    "labels_data": self.labels(3), "quantity": 3,
                }
            )  # fmt: skip

    def test_nor_more_labels_than_there_may_be(self):
        Job = self.env["label.print.job"].with_user(self.user)
        with self.assertRaisesRegex(UserError, "100000"):
            Job.with_context(default_quantity=100_000).create(
                {"printer_id": self.printer.id, "labels_data": self.labels(3)}
            )
        with self.assertRaisesRegex(UserError, "made of labels"):
            Job.create({"printer_id": self.printer.id, "quantity": 3})

    def test_nor_an_import(self):
        Job = self.env["label.print.job"].with_user(self.user)
        labels = json.dumps(self.labels(3))
        columns = ["printer_id/.id", "quantity", "labels_data", "status"]
        result = Job.load(columns, [[str(self.printer.id), "3", labels, "Completed"]])
        self.assertFalse(result["ids"])
        self.assertIn("status", result["messages"][0]["message"])
