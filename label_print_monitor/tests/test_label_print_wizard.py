"""The order's dialog: further labels only, each with its own box; what is missing and what is a copy go their own ways."""

from odoo.exceptions import UserError

from .common import LabelPrintCase


class PrintWizardCase(LabelPrintCase):
    def setUp(self):
        super().setUp()
        self.production = self.make_production(quantity=20)

    def open(self, production=None, user=None, only_lot=None, **values):
        """The dialog as it opens now."""
        self.env.invalidate_all()
        wizard = self.env["label.print.wizard"].with_user(user or self.user)
        opened = wizard.create(
            {"mo_id": (production or self.production).id, "printer_id": self.printer.id, "only_lot_id": only_lot and only_lot.id}
        )
        self.env.flush_all()
        opened.write(values)  # what the person enters
        return opened

    def print(self, wizard):
        return self.env["label.print.job"].browse(wizard.action_print()["res_id"])

    def boxes(self, job):
        return [label["box_number"] for label in job.labels_data]

    def end(self, job, **answer):
        job.write({"status": "printing", "flask_job_id": f"srv-{job.id}", "submission": "accepted"})
        self.report(job, **answer)


class TestFurtherLabels(PrintWizardCase):
    def test_a_part_and_then_the_rest(self):
        wizard = self.open(quantity=12)
        job = self.print(wizard)
        self.assertEqual((self.boxes(job), job.job_type), (list(range(1, 13)), "manual"))
        rest = self.open()
        self.assertEqual(rest.quantity, 8)
        self.assertEqual(self.boxes(self.print(rest)), list(range(13, 21)))
        self.assertEqual(self.production.label_print_summary, "0 of 20 labels on paper")

    def test_everything_has_been_asked_for(self):
        self.end(self.print(self.open()), status="completed")
        again = self.open()
        self.assertIn("All 20 labels of this order are on paper.", again.earlier_display)
        self.assertEqual((again.quantity, again.has_missing), (0, False))
        with self.assertRaisesRegex(UserError, "at least one label"):
            again.action_print()
        again.quantity = 3
        further = self.print(again)
        self.assertEqual((self.boxes(further), further.job_type), ([21, 22, 23], "manual"))
        self.assertFalse(further.copy_of_id)
        self.assertEqual(self.open().quantity, 0)

    def test_copies_of_each_are_for_the_same_box(self):
        job = self.print(self.open(quantity=5, copies=2))
        self.assertEqual(self.boxes(job), [1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
        self.assertEqual(self.open().quantity, 15)

    def test_a_job_cancelled_before_it_printed_has_asked_for_nothing(self):
        self.end(self.print(self.open()), status="cancelled", current_label=0)
        wizard = self.open()
        self.assertEqual(wizard.quantity, 20)
        self.assertEqual(self.boxes(self.print(wizard)), list(range(1, 21)))

    def test_a_dialog_that_was_left_open_prints_nothing_twice(self):
        one, other = self.open(), self.open()
        self.print(one)
        with self.assertRaisesRegex(UserError, "since this dialog was opened"):
            other.action_print()
        self.assertEqual(self.production.label_print_job_count, 1)

    def test_a_quantity_that_has_grown(self):
        self.print(self.open())
        self.production.qty_producing = 25
        self.production.set_qty_producing()
        wizard = self.open()
        self.assertEqual(wizard.quantity, 5)
        self.assertEqual(self.boxes(self.print(wizard)), list(range(21, 26)))

    def test_each_lot_has_what_is_left_of_it(self):
        labels = self.labels(20, lot="LOT-B")
        labels[:10] = self.labels(10, lot="LOT-A")
        self.patch(type(self.production), "_get_label_print_data", lambda _order: [dict(label) for label in labels])
        lot = self.env["stock.lot"].create({"name": "LOT-B", "product_id": self.product.id})
        wizard = self.open(only_lot=lot)
        self.assertEqual([(lot.name, lot.quantity, lot.selected) for lot in wizard.lot_ids], [
            ("LOT-A", 10, False), ("LOT-B", 10, True),
        ])  # fmt: skip
        job = self.print(wizard)
        self.assertEqual({label["lot_number"] for label in job.labels_data}, {"LOT-B"})
        self.assertEqual(self.boxes(job), list(range(11, 21)))
        rest = self.open()
        self.assertEqual([(lot.name, lot.quantity, lot.selected) for lot in rest.lot_ids], [
            ("LOT-A", 10, True), ("LOT-B", 0, False),
        ])  # fmt: skip
        self.assertEqual(self.boxes(self.print(rest)), list(range(1, 11)))

    def test_serial_numbers_are_printed_once(self):
        serial = self.env["product.product"].create(
            {"name": "Machine", "type": "consu", "is_storable": True, "tracking": "serial"}
        )
        production = self.env["mrp.production"].create({"product_id": serial.id, "product_qty": 3})
        production.action_confirm()
        production.lot_producing_ids = self.env["stock.lot"].create(
            [{"name": f"SN-{number}", "product_id": serial.id} for number in range(3)]
        )
        production.qty_producing = 3
        production.set_qty_producing()
        wizard = self.open(production)
        wizard.lot_ids.filtered(lambda lot: lot.name != "SN-1").selected = False
        job = self.print(wizard)
        self.assertEqual([label["lot_number"] for label in job.labels_data], ["SN-1"])
        rest = self.open(production)
        self.assertEqual((rest.lot_ids.mapped("name"), rest.quantity), (["SN-0", "SN-2"], 2))
        self.print(rest)
        done = self.open(production)
        self.assertFalse(done.lot_ids)
        done.quantity = 1
        with self.assertRaisesRegex(UserError, "choose Print Again"):
            done.action_print()


class TestChooseLabels(PrintWizardCase):
    def test_a_range(self):
        wizard = self.open(choose=True)
        self.assertEqual((wizard.labels_text, wizard.quantity), ("1–20", 20))
        wizard.labels_text = "5-8, 20"
        self.assertEqual(wizard.quantity, 5)
        self.assertEqual(self.boxes(self.print(wizard)), [5, 6, 7, 8, 20])
        rest = self.open(choose=True)
        self.assertEqual(rest.labels_text, "1–4, 9–19")

    def test_never_more_than_there_are_nor_what_was_asked_for(self):
        self.print(self.open(quantity=10))
        wizard = self.open(choose=True)
        for text, words in (
            ("19-21", "numbered 1 to 20"),
            ("x", "no label number"),
            ("9-12", "Labels 9–10 of .* have been asked for before"),
            (" ", "at least one label"),
        ):
            with self.subTest(text):
                wizard.labels_text = text
                with self.assertRaisesRegex(UserError, words):
                    wizard.action_print()

    def test_more_than_one_job_holds(self):
        production = self.make_production(quantity=600, lot="LOT-BIG")
        action = self.open(production).action_print()
        jobs = self.env["label.print.job"].search(action["domain"], order="id")
        self.assertEqual(jobs.mapped("quantity"), [300, 300])
        self.assertEqual(len(set(jobs.mapped("idempotency_key"))), 2)
        self.assertEqual([box for job in jobs for box in self.boxes(job)], list(range(1, 601)))
        self.assertEqual(self.open(production).quantity, 0)

    def test_all_of_several_jobs_are_made_or_none(self):
        """The print server takes nothing as large as the last label."""
        self.server.limits = {"labels": 4, "zpl_characters": 2000}
        labels = self.labels(10)
        labels[-1]["zpl_code"] = "^XA" + "x" * 3000 + "^XZ"
        self.patch(type(self.production), "_get_label_print_data", lambda _order: [dict(label) for label in labels])
        wizard = self.open()
        self.assertIn("Label 10 is", wizard.wish_warning)
        with self.assertRaisesRegex(UserError, "Label 10 is"):
            wizard.action_print()
        self.assertFalse(self.production.label_print_job_count)


class TestEarlierLabels(PrintWizardCase):
    def test_what_is_missing_is_named_with_retry(self):
        job = self.print(self.open())
        failed = [{"index": n, "code": "paper_out"} for n in range(13, 20)] + [{"index": 20, "code": "uncertain"}]
        self.end(job, status="failed", current_label=12, error_code="paper_out", failed_labels=failed)
        wizard = self.open()
        self.assertIn("12 of 20 labels of this order are on paper. 1 is uncertain", wizard.earlier_display)
        self.assertIn(f"choose Retry: {job.display_name}.", wizard.earlier_display)
        self.assertTrue(wizard.has_missing)
        action = wizard.action_retry()
        self.assertEqual(action["res_model"], "label.print.retry.wizard")
        self.assertEqual(action["context"]["default_job_id"], job.id)

    def test_print_again_is_for_those_who_may(self):
        job = self.print(self.open())
        self.assertFalse(self.open(user=self.manager).can_print_again)
        self.end(job, status="completed")
        self.assertFalse(self.open().can_print_again)
        wizard = self.open(user=self.manager)
        self.assertTrue(wizard.can_print_again)
        action = wizard.action_print_again()
        self.assertEqual(action["res_model"], "label.print.again.wizard")
        self.assertEqual(action["context"]["default_job_id"], job.id)

    def test_several_jobs_are_shown_to_choose_from(self):
        jobs = self.env["label.print.job"]
        for _half in range(2):
            job = self.print(self.open(quantity=10))
            self.end(job, status="failed", current_label=4, error_code="paper_out")
            jobs |= job
        wizard = self.open(user=self.manager)
        for action in (wizard.action_print_again(), wizard.action_retry()):
            self.assertEqual(action["res_model"], "label.print.job")
            self.assertEqual(jobs.search(action["domain"]), jobs.sorted("id", reverse=True))
