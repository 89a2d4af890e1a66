"""The operator's page: one read of a few statements, found by scanning, printed by the dialogs' own methods."""

from datetime import timedelta

from odoo.addons.label_print_monitor.models.printer_operator_page import OPEN_READ
from odoo.addons.label_print_monitor.services.contract.payloads import parse_job_report
from odoo.addons.label_print_monitor.services.wording import error_catalogue
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from .common import LabelPrintCase

LONG = "A very long name of a printer or a product " * 5


class OperatorCase(LabelPrintCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.operator = new_test_user(
            cls.env,
            "lpm_operator",
            groups="label_print_monitor.group_label_print_user,label_print_monitor.group_label_print_again,"
            "mrp.group_mrp_user",
        )
        cls.printer.write({"status": "online", "location": "Hall 1"})

    def as_operator(self, **context):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.printer.with_user(self.operator).with_context(**context)

    def page(self, **context):
        return self.as_operator(**context).get_operator_page(self.printer.id)


class TestOperatorPage(OperatorCase):
    def test_what_prints_and_what_waits(self):
        order = self.make_production(lot="LOT-NOW")
        self.make_job(mo_id=order.id, status="printing", current_label=12, progress_percent=60.0)
        low = self.make_job(5, status="queued", priority="low")
        urgent = self.make_job(4, status="queued", priority="high")
        page = self.page()
        self.assertEqual(page["printer"]["name"], "Line 1")
        self.assertEqual(
            {name: page["printing"][name] for name in ("order", "product", "done", "can_cancel")},
            {"order": order.name, "product": "Soup", "done": "12 of 20", "can_cancel": True},
        )
        self.assertEqual([job["id"] for job in page["waiting"]], [urgent.id, low.id])
        self.assertEqual(page["waiting_count"], 2)
        self.assertEqual(page["problems"], [])

    def test_what_prints_is_the_newest_of_very_many(self):
        for _number in range(OPEN_READ):
            self.make_job(20, status="queued", priority="normal")
        held = self.make_job(4, status="queued", priority="low", attention_code="submission_uncertain")
        urgent = self.make_job(4, status="queued", priority="high")
        printing = self.make_job(1, status="printing", priority="high")
        self.report(printing, status="printing", current_label=0, waiting_for="paper_out")
        page = self.page()
        self.assertEqual(page["printing"]["id"], printing.id)
        self.assertEqual(page["waiting"][0]["id"], urgent.id)
        self.assertEqual(page["waiting_count"], OPEN_READ + 2)
        self.assertEqual([problem["job_id"] for problem in page["problems"]], [printing.id, held.id])

    def test_what_was_printed_last_may_be_older_than_many(self):
        """A large job waits while small ones, asked for later, are printed before it."""
        now = self.env.cr.now()
        large = self.make_job(40, status="completed", current_label=40, completed_date=now)
        for number in range(12):
            self.make_job(
                1, status="completed", current_label=1, completed_date=now - timedelta(minutes=number + 1)
            )
        self.assertEqual(self.page()["last"]["id"], large.id)

    def test_a_printer_without_jobs(self):
        page = self.page()
        self.assertEqual(
            (page["printing"], page["waiting"], page["waiting_count"], page["last"]), (False, [], 0, False)
        )

    def test_an_administrator_is_not_sent_to_an_administrator(self):
        job = self.make_job(status="printing")
        self.report(job, status="failed", error_code="invalid_zpl", error_message="bad ZPL")
        [problem] = self.page()["problems"]
        self.assertEqual(problem["action"], "Contact administrator to fix template")
        self.assertTrue(any("administrator" in step for step in problem["steps"]))
        [problem] = self.printer.with_user(self.manager).get_operator_page(self.printer.id)["problems"]
        self.assertFalse(any("your administrator" in step for step in problem["steps"]))
        self.assertNotIn("administrator", problem["action"])
        # What a job waits for, too.
        advice = error_catalogue.waiting_advice("network_timeout")
        said = self.printer.with_user(self.manager)._operator_advice(advice)
        self.assertEqual(said["action"], "Check the network between print server and printer")
        self.assertIn("Contact administrator", self.as_operator()._operator_advice(advice)["action"])

    def test_jobs_of_another_printer_are_not_shown(self):
        other = self.printer.create({"name": "Line 2", "cups_name": "zebra-line-2"})
        for status in ("printing", "queued", "failed"):
            self.make_job(status=status, printer_id=other.id)
        page = self.page()
        self.assertEqual((page["printing"], page["waiting"], page["problems"]), (False, [], []))

    def test_a_printer_that_waits_names_its_remedy(self):
        """In the catalogue's words for what is waited for: nobody has to retry."""
        job = self.make_job(status="printing", current_label=8)
        self.report(job, status="printing", current_label=8, waiting_for="paper_out")
        (problem,) = self.page()["problems"]
        self.assertTrue(problem["title"].startswith("Waiting for labels, since"), problem["title"])
        self.assertEqual(problem["action"], "Load labels into the printer")
        self.assertEqual((problem["order"], problem["done"]), (job.display_name, "8 of 20"))
        self.assertFalse(problem["can_retry"])
        self.assertTrue(problem["steps"])

    def test_a_printer_that_is_stopped_without_a_job(self):
        self.printer.write({"status": "attention", "state_reasons": [{"keyword": "head-open", "severity": "error"}]})
        (problem,) = self.page()["problems"]
        self.assertEqual((problem["title"], problem["action"]), ("Print head open", "Close the print head"))
        self.printer.write({"status": "offline", "state_reasons": False})
        (problem,) = self.page()["problems"]
        self.assertEqual((problem["title"], problem["action"]), ("Offline", "Check printer power and connection"))

    def test_a_failure_offers_retry(self):
        job = self.failed_job()
        (problem,) = self.page()["problems"]
        self.assertEqual(problem["title"], "Printer is out of paper or labels")
        self.assertEqual(problem["action"], "Load labels into printer and retry")
        self.assertEqual((problem["job_id"], problem["done"], problem["can_retry"]), (job.id, "8 of 20", True))
        for _job in range(4):
            self.failed_job()
        page = self.page()
        self.assertEqual((len(page["problems"]), page["more_failures"]), (3, True))

    def test_words_are_the_readers(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.env["ir.module.module"].search([("name", "=", "label_print_monitor")])._update_translations(["de_DE"])
        self.failed_job()
        (problem,) = self.page(lang="de_DE")["problems"]
        self.assertNotEqual(problem["title"], "Printer is out of paper or labels")

    def test_it_costs_a_few_statements(self):
        """However many jobs there are, here and in the history."""

        def statements():
            self.page()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.printer.with_user(self.operator).get_operator_page(self.printer.id)
            return self.env.cr.sql_log_count - before

        order = self.make_production(lot="LOT-COST")
        self.make_job(mo_id=order.id, status="printing", current_label=1)
        self.make_job(mo_id=order.id, status="queued")
        self.failed_job()
        few = statements()
        for _turn in range(10):
            self.make_job(2, status="queued", mo_id=order.id)
            self.make_job(2, status="completed", mo_id=order.id, current_label=2)
        self.failed_job()
        self.assertLessEqual(statements(), few)
        self.assertLessEqual(few, 16)

    def test_names_of_200_characters(self):
        self.printer.write({"name": LONG[:200], "location": LONG[:200]})
        self.product.name = LONG[:200]
        self.make_job(mo_id=self.make_production(lot="L" * 200).id, status="printing", current_label=1)
        page = self.page()
        self.assertEqual(page["printer"]["name"], LONG[:200].strip())
        self.assertIn(LONG[:200].strip(), page["printing"]["product"])
        self.assertEqual(len(self.as_operator().find_orders("L" * 200)), 1)

    def test_the_printer_is_chosen_once(self):
        mine = self.printer.create({"name": "Zz", "cups_name": "zz", "user_ids": [(4, self.operator.id)]})
        page = self.as_operator().get_operator_page()
        self.assertFalse(page["printer"])
        self.assertEqual(page["printers"][0]["id"], mine.id)
        self.assertIn(self.printer.id, [printer["id"] for printer in page["printers"]])

    def test_a_printer_that_is_gone(self):
        self.printer.active = False
        page = self.page()
        self.assertFalse(page["printer"])
        self.assertNotIn(self.printer.id, [printer["id"] for printer in page["printers"]])

    def test_a_user_without_printers(self):
        self.env["printer.configuration"].search([]).active = False
        page = self.page()
        self.assertEqual((page["printer"], page["printers"]), (False, []))

    def test_a_printer_of_another_company_is_not_there(self):
        self.printer.company_id = self.env["res.company"].create({"name": "Elsewhere"})
        page = self.page()
        self.assertFalse(page["printer"])
        self.assertNotIn(self.printer.id, [printer["id"] for printer in page["printers"]])
        with self.assertRaises(AccessError):
            self.as_operator().find_orders("X")

    def test_rights(self):
        self.assertEqual(self.page()["rights"], {"act": True, "print": True, "print_again": True})
        plain = new_test_user(self.env, "lpm_plain", groups="label_print_monitor.group_label_print_user")
        page = self.printer.with_user(plain).get_operator_page(self.printer.id)
        self.assertEqual(page["rights"], {"act": True, "print": False, "print_again": False})
        with self.assertRaises(AccessError):
            self.printer.with_user(plain).find_orders("X")
        with self.assertRaises(AccessError):
            self.printer.with_user(plain).get_last_label()


class TestOrderSearch(OperatorCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls.make_production(lot="SOUP-1")
        cls.other = cls.make_production(lot="SOUP-2")

    def found(self, text):
        return [(order["order"], order["lot"]) for order in self.as_operator().find_orders(text)]

    def test_by_reference(self):
        self.assertEqual(self.found(self.order.name), [(self.order.name, "")])
        self.assertEqual(self.found(f"  {self.order.name.lower()} "), [(self.order.name, "")])

    def test_by_lot(self):
        """Also before the order is done: its lot is on no move yet."""
        self.assertEqual(self.found("SOUP-1"), [(self.order.name, "SOUP-1")])
        self.order.button_mark_done()
        self.assertEqual(self.found("SOUP-1"), [(self.order.name, "SOUP-1")])

    def test_by_serial_number(self):
        serial = self.env["product.product"].create(
            {"name": "Pump", "type": "consu", "is_storable": True, "tracking": "serial"}
        )
        order = self.env["mrp.production"].create({"product_id": serial.id, "product_qty": 1})
        order.action_confirm()
        order.lot_producing_ids = self.env["stock.lot"].create({"name": "SN-0042", "product_id": serial.id})
        self.assertEqual(self.found("SN-0042"), [(order.name, "SN-0042")])

    def test_by_the_gs1_code_of_a_box(self):
        self.product.barcode = "04012345123456"
        same_name = self.env["product.product"].create(
            {"name": "Stew", "type": "consu", "is_storable": True, "tracking": "lot"}
        )
        self.env["stock.lot"].create({"name": "SOUP-1", "product_id": same_name.id})
        self.assertEqual(self.found("010401234512345610SOUP-1"), [(self.order.name, "SOUP-1")])
        self.assertEqual(self.found("]C110SOUP-2"), [(self.other.name, "SOUP-2")])

    def test_by_a_part(self):
        self.assertEqual(self.found("OUP-2"), [(self.other.name, "SOUP-2")])
        self.assertEqual({order for order, _lot in self.found("SOUP-")}, {self.order.name, self.other.name})

    def test_nothing_is_found(self):
        for text in ("NO-SUCH-LOT", "", "  ", "x", "%%%%", False, "7" * 5000):
            with self.subTest(text=text), self.assertRaises(UserError):
                self.found(text)

    def test_a_cancelled_order_is_none(self):
        self.other.action_cancel()
        with self.assertRaises(UserError):
            self.found(self.other.name)

    def test_orders_of_another_company_are_not_found(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.order.company_id = elsewhere
        with self.assertRaises(UserError):
            self.found(self.order.name)


class TestOperatorPrints(OperatorCase):
    def test_labels_of_the_order_in_front_of_me(self):
        order = self.make_production(lot="SOUP-1")
        lot = order.lot_producing_ids
        labels = self.as_operator().get_order_labels(order.id, lot.id)
        self.assertEqual((labels["order"], labels["lot"], labels["quantity"]), (order.name, "SOUP-1", 20))
        wizard = self.env["label.print.wizard"].with_user(self.operator).browse(labels["wizard_id"])
        wizard.quantity = 8
        wizard.action_print()
        job = self.env["label.print.job"].search([("mo_id", "=", order.id)])
        self.assertEqual((job.quantity, job.printer_id, job.submitted_by), (8, self.printer, self.operator))
        # A glove touches twice.
        with self.assertRaises(UserError):
            wizard.action_print()
        labels = self.as_operator().get_order_labels(order.id)
        self.assertEqual(labels["quantity"], 12)
        self.assertIn("12 labels have not been printed yet", labels["earlier"])

    def test_an_order_without_labels_says_so(self):
        order = self.make_production(produce=False)
        with self.assertRaisesRegex(UserError, "no lot or serial number yet"):
            self.as_operator().get_order_labels(order.id)

    def test_an_order_that_is_deleted_meanwhile(self):
        order = self.env["mrp.production"].create({"product_id": self.product.id, "product_qty": 1})
        number = order.id
        order.unlink()
        with self.assertRaisesRegex(UserError, "no longer exists"):
            self.as_operator().get_order_labels(number)

    def completed(self, quantity, **values):
        job = self.make_job(quantity, status="printing", **values)
        report = {"job_id": job.flask_job_id, "status": "completed"}
        report["labels"] = [{"index": 1, "count": quantity, "state": "confirmed"}]
        self.env["print.job.status.poller"].apply_reports(job.server_id, [parse_job_report(report)])
        return job

    def again(self):
        """As the page does it: the last label, one reason."""
        last = self.as_operator().get_last_label()
        wizard = (
            self.env["label.print.again.wizard"]
            .with_user(self.operator)
            .create(
                {
                    "job_id": last["job_id"],
                    "labels_text": str(last["index"]),
                    "reason": "damaged",
                    "printer_id": self.printer.id,
                }
            )
        )
        wizard.action_confirm()
        return last, self.env["label.print.job"].search([("copy_of_id", "!=", False)], limit=1)

    def test_the_last_label_once_more(self):
        job = self.completed(6)
        last, copy = self.again()
        self.assertEqual((last["job_id"], last["index"], last["label"]), (job.id, 6, "Label 6 of 6"))
        self.assertEqual((copy.copy_of_id, copy.copy_labels, copy.copy_reason), (job, [6], "damaged"))
        # The copy is damaged, too: its original is copied again, and counted there.
        self.report(self.reported(copy), status="completed", labels=[{"index": 1, "state": "confirmed"}])
        last, second = self.again()
        self.assertEqual((last["job_id"], last["index"], second.copy_of_id), (job.id, 6, job))

    def reported(self, job):
        job.sudo().write({"flask_job_id": f"srv-copy-{job.id}", "status": "printing", "submission": "accepted"})
        job.attempt_ids.sudo().write({"flask_job_id": job.flask_job_id})
        return job

    def test_of_a_failed_job_the_last_label_on_paper(self):
        job = self.failed_job()
        last = self.as_operator().get_last_label()
        self.assertEqual((last["job_id"], last["index"]), (job.id, 8))

    def test_nothing_to_print_again(self):
        self.make_job(status="printing", current_label=3)
        with self.assertRaisesRegex(UserError, "No label is known"):
            self.as_operator().get_last_label()

    def test_reasons_need_one_touch(self):
        page = self.page()
        self.assertNotIn("other", dict(page["copy_reasons"]) | dict(page["cancel_reasons"]))
        self.env["ir.config_parameter"].set_param("label_print.cancel_without_reason", "True")
        self.assertEqual(self.page()["cancel_reasons"], [])
