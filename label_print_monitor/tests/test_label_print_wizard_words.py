"""What the order's dialog says before anything is printed: numbers, jobs, printers, and which button is emphasised."""

from lxml import etree
from odoo.fields import Datetime
from odoo.tests import Form
from odoo.tools.safe_eval import safe_eval

from .test_label_print_wizard import PrintWizardCase


class WordsCase(PrintWizardCase):
    def form(self, production=None, user=None, **defaults):
        """The dialog as a browser opens it."""
        self.env.invalidate_all()
        order = production or self.production
        context = {"default_mo_id": order.id, **{f"default_{name}": value for name, value in defaults.items()}}
        return Form(self.env["label.print.wizard"].with_user(user or self.user).with_context(**context))

    def buttons(self, form):
        """Names of the buttons that the dialog shows, those that are emphasised first."""
        arch = etree.fromstring(self.env["label.print.wizard"].get_view(view_type="form")["arch"])
        names = ("next_step", "further_count", "has_missing", "can_print_again")
        values = {name: form[name] for name in names}
        shown = [
            button
            for button in arch.xpath("//footer/button[@name]")
            if not safe_eval(button.get("invisible", "False"), values)
        ]
        by_class = [
            [button.get("string") for button in shown if kind in button.get("class")]
            for kind in ("btn-primary", "btn-secondary")
        ]
        self.assertEqual(len(by_class[0]), 1, "one is emphasised")
        return (*by_class[0], by_class[1])


class TestNumbers(WordsCase):
    def test_what_the_order_needs(self):
        form = self.form()
        self.assertEqual(form.needed_display, "This order needs 20 labels. None of them has been printed yet.")
        self.assertEqual((form.quantity, form.produced_display), (20, False))
        one = self.form(self.make_production(quantity=1, lot="LOT-ONE"))
        self.assertEqual(one.needed_display, "This order needs 1 label. It has not been printed yet.")

    def test_what_is_on_paper_and_what_is_left(self):
        self.end(self.print(self.open(quantity=12)), status="completed")
        form = self.form()
        self.assertIn("12 of 20 labels of this order are on paper.", form.earlier_display)
        self.assertIn("8 labels have not been printed yet", form.earlier_display)
        self.assertFalse(form.needed_display)
        self.assertEqual(form.quantity, 8)
        self.print(self.open(quantity=7))
        self.assertIn("1 label has not been printed yet", self.form().earlier_display)

    def test_labels_that_were_set_aside(self):
        job = self.print(self.open())
        self.end(job, status="failed", current_label=0, error_code="paper_out")
        job._settle(not_on_paper=list(range(1, 21)))
        job.set_aside_date = Datetime.now()
        form = self.form()
        self.assertEqual((form.needed_display, form.quantity), ("No label of this order is left to print.", 0))
        self.assertEqual(self.buttons(form), ("Print", []))
        for reason in ("printed_elsewhere", "by_hand", "not_needed", "other"):
            job.set_aside_reason = reason
            self.assertEqual(self.form().quantity, 0, reason)
        job.set_aside_reason = "only_test"
        self.assertEqual(self.form().quantity, 20, "the boxes still need their labels")

    def test_more_produced_than_ordered(self):
        self.production.qty_producing = 500
        self.production.set_qty_producing()
        form = self.form()
        self.assertIn("The order is for 20.00 Units, and the quantity produced is 500.00", form.produced_display)
        self.assertEqual(form.needed_display, "This order needs 500 labels. None of them has been printed yet.")

    def test_more_than_the_order_has_left_is_asked_about(self):
        production = self.make_production(quantity=10, lot="LOT-TEN")
        form = self.form(production)
        self.assertEqual((form.further_count, form.further_display), (0, False))
        self.assertEqual(self.buttons(form), ("Print", []))
        form.quantity = 500
        self.assertIn("490 of these 500 labels are more than this order has left to print (10)", form.further_display)
        self.assertEqual(self.buttons(form), ("Print Further Labels", []))
        form.quantity = 10
        self.assertFalse(form.further_display)

    def test_serial_numbers_have_no_further_boxes(self):
        self.product.tracking = "serial"
        labels = self.labels(3)
        self.patch(type(self.production), "_get_label_print_data", lambda _order: [dict(label) for label in labels])
        form = self.form(printer_id=self.printer.id)
        form.quantity = 5
        self.assertIn("has 3 serial numbers to print, not 5", form.wish_warning)


class TestChosenNumbers(WordsCase):
    def setUp(self):
        super().setUp()
        labels = self.labels(200, lot="LOT-B")
        labels[:120] = self.labels(120, lot="LOT-A")
        self.patch(type(self.production), "_get_label_print_data", lambda _order: [dict(label) for label in labels])

    def test_their_lots_are_named(self):
        form = self.form()
        self.assertFalse(form.chosen_display)
        form.choose = True
        form.labels_text = "101-150"
        self.assertEqual((form.quantity, form.chosen_display), (50, "LOT-A 101–120, LOT-B 121–150"))
        job = self.print(form.save())
        self.assertEqual(self.boxes(job), list(range(101, 151)))
        self.assertEqual(job.labels_data[20]["lot_number"], "LOT-B")

    def test_many_serial_numbers(self):
        labels = [{**label, "lot_number": f"SN-{label['box_number']}"} for label in self.labels(200)]
        self.patch(type(self.production), "_get_label_print_data", lambda _order: [dict(label) for label in labels])
        form = self.form()
        form.choose = True
        form.labels_text = "101-150"
        self.assertEqual(form.chosen_display, "SN-101 to SN-150 (50 lots or serial numbers)")

    def test_wrong_ones_are_said_at_once(self):
        self.print(self.open(choose=True, labels_text="1-10"))
        form = self.form()
        form.choose = True
        self.assertEqual((form.labels_text, form.wish_warning), ("11–200", False))
        for text, words in (("199-201", "numbered 1 to 200"), ("x", "no label number"), ("9-12", "asked for before")):
            form.labels_text = text
            self.assertIn(words, form.wish_warning)

    def test_of_one_lot(self):
        lot = self.env["stock.lot"].create({"name": "LOT-B", "product_id": self.product.id})
        form = self.form(only_lot_id=lot.id)
        form.choose = True
        self.assertEqual((form.labels_text, form.quantity), ("121–200", 80))


class TestJobs(WordsCase):
    def test_how_many_jobs_it_will_be(self):
        form = self.form(self.make_production(quantity=600, lot="LOT-BIG"), printer_id=self.printer.id)
        self.assertEqual(
            form.jobs_display,
            "600 labels are more than one job holds: they are printed in 2 jobs (300, 300).",
        )
        form.quantity = 500
        self.assertFalse(form.jobs_display)
        form.copies = 8
        self.assertIn("they are printed in 8 jobs (500 at most in each)", form.jobs_display)
        form.copies = 30
        self.assertIn("15000 labels are too many to print at once: 10000 at most", form.wish_warning)
        self.assertFalse(form.jobs_display)

    def test_by_the_limits_of_the_chosen_printers_server(self):
        small = self.env["label.print.server"].create({"name": "Small", "limits": {"labels": 7}})
        printer = self.env["printer.configuration"].create({"name": "S", "cups_name": "s", "server_id": small.id})
        form = self.form(printer_id=self.printer.id)
        self.assertFalse(form.jobs_display)
        form.printer_id = printer
        self.assertIn("they are printed in 3 jobs (7, 7, 6)", form.jobs_display)
        jobs = self.env["label.print.job"].search(form.save().action_print()["domain"], order="id")
        self.assertEqual(jobs.mapped("quantity"), [7, 7, 6])
        self.assertEqual(len(set(jobs.mapped("idempotency_key"))), 3)

    def test_the_order_is_rendered_once(self):
        rendered = []
        render = type(self.production)._rendered_labels
        self.patch(type(self.production), "_rendered_labels", lambda order: (rendered.append(1), render(order))[1])
        form = self.form(printer_id=self.printer.id)
        self.assertEqual(len(rendered), 1)
        form.quantity = 3
        self.assertEqual(len(rendered), 2)


class TestPrinters(WordsCase):
    def setUp(self):
        super().setUp()
        self.other = self.env["printer.configuration"].create(
            {"name": "Line 2", "cups_name": "zebra-line-2", "location": "Hall 1"}
        )

    def test_the_users_last_printer_first(self):
        self.printer.is_default = True
        self.assertEqual(self.form().printer_id, self.printer)
        self.print(self.open(printer_id=self.other.id, quantity=1))
        self.assertEqual(self.form().printer_id, self.other)
        self.assertEqual(self.form(user=self.manager).printer_id, self.printer, "somebody else's is the default")
        self.printer.with_user(self.user).action_test_print()
        self.assertEqual(self.form().printer_id, self.other, "a test label is printed anywhere")
        self.other.active = False
        self.assertEqual(self.form().printer_id, self.printer)
        self.env.company.label_print_printer_id = self.env["printer.configuration"].create(
            {"name": "Line 3", "cups_name": "zebra-line-3"}
        )
        self.assertEqual(self.form().printer_id.name, "Line 3")

    def test_jobs_of_programs_go_to_the_default_printer(self):
        self.printer.is_default = True
        self.make_job(printer_id=self.other.id, submitted_by=self.env.uid)
        job = self.env["label.print.job"].create({"quantity": 1, "labels_data": self.labels(1)})
        self.assertEqual(job.printer_id, self.printer)

    def test_place_and_state_in_the_list(self):
        self.other.write(
            {"status": "attention", "state_reasons": [{"keyword": "media-empty", "severity": "error"}]}
        )
        self.printer.status = "online"
        Printer = self.env["printer.configuration"].with_user(self.user)
        names = dict(Printer.with_context(label_print_state=True).name_search("line"))
        self.assertEqual(names[self.other.id], f"Line 2 · Hall 1 · {self.other.reason_display}")
        self.assertEqual(names[self.printer.id], "Line 1 · Online")
        self.assertEqual(dict(Printer.name_search("line"))[self.other.id], "Line 2")
        for model, field in (
            ("label.print.wizard", "printer_id"), ("label.print.retry.wizard", "printer_id"),
            ("label.print.again.wizard", "printer_id"), ("label.print.move.wizard", "target_id"),
        ):  # fmt: skip
            arch = etree.fromstring(self.env[model].get_view(view_type="form")["arch"])
            (context,) = arch.xpath(f"//field[@name='{field}']/@context")
            self.assertTrue(safe_eval(context)["label_print_state"], model)

    def test_what_the_job_will_do_is_said(self):
        self.printer.write(
            {"status": "attention", "state_reasons": [{"keyword": "media-empty", "severity": "error"}]}
        )
        form = self.form(printer_id=self.printer.id)
        self.assertIn("will wait or fail", form.printer_warning)
        self.server.capabilities = [*self.server.capabilities, "label_account"]
        form = self.form(printer_id=self.printer.id)
        self.assertIn(f"not ready: {self.printer.reason_display}. The job waits for it", form.printer_warning)
        form.printer_id = self.other
        self.assertFalse(form.printer_warning)
        self.server.state = "unreachable"
        form = self.form(printer_id=self.other.id)
        self.assertIn("cannot be reached just now. The job waits in Odoo", form.printer_warning)


class TestNextStep(WordsCase):
    def test_one_button_is_emphasised_by_what_is_true(self):
        self.assertEqual(self.buttons(self.form()), ("Print", []))
        job = self.print(self.open(quantity=12))
        failed = [{"index": 12, "code": "paper_out"}]
        self.end(job, status="completed", current_label=11, failed_labels=failed)
        self.assertEqual(self.buttons(self.form(user=self.manager)), ("Print", ["Retry", "Print Again"]))
        self.end(self.print(self.open()), status="completed")
        form = self.form(user=self.manager)
        self.assertEqual(self.buttons(form), ("Retry", ["Print", "Print Again"]))
        job._settle(on_paper=[12])
        form = self.form(user=self.manager)
        self.assertIn("All 20 labels of this order are on paper.", form.earlier_display)
        self.assertEqual(self.buttons(form), ("Print Again", ["Print"]))
        self.assertEqual(self.buttons(self.form()), ("Print", []), "without the right to print again")
        form.quantity = 2
        self.assertEqual(self.buttons(form), ("Print Further Labels", ["Print Again"]))


class TestOrderButton(WordsCase):
    def test_it_counts_labels_on_paper(self):
        job = self.print(self.open())
        self.assertEqual(self.production.label_print_on_paper, "0 / 20")
        failed = [{"index": number, "code": "paper_out"} for number in (19, 20)]
        self.end(job, status="completed", current_label=18, failed_labels=failed)
        self.production.invalidate_recordset()
        self.assertEqual(self.production.with_user(self.user).label_print_on_paper, "18 / 20")
        arch = etree.fromstring(self.production.with_user(self.user).get_view(view_type="form")["arch"])
        (button,) = arch.xpath("//button[@name='action_view_label_print_jobs']")
        shown = [field.get("name") for field in button.iter("field") if not field.get("invisible")]
        self.assertIn("label_print_on_paper", shown)
        self.assertNotIn("label_print_job_count", shown)

    def test_labels_that_were_never_printed_are_not_printed_again(self):
        job = self.print(self.open())
        failed = [{"index": number, "code": "paper_out"} for number in range(9, 21)]
        self.end(job, status="failed", current_label=8, error_code="paper_out", failed_labels=failed)
        said = job.with_user(self.user).action_retry()["params"]
        self.assertEqual((said["title"], said["message"]), ("Printing", f"{job.display_name}: labels 9–20 will be printed."))
