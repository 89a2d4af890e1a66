"""What a job is: who may write it, what it may hold, and that it outlives what it refers to."""

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import LabelPrintCase


class TestRights(LabelPrintCase):
    def test_engine_fields_cannot_be_written_by_hand(self):
        job = self.make_job()
        with self.assertRaises(AccessError):
            job.with_user(self.manager).write({"status": "completed"})
        with self.assertRaises(UserError):
            job.with_user(self.manager).write({"quantity": 5})
        with self.assertRaises(AccessError):
            self.env["label.print.job"].with_user(self.user).create({"quantity": 1, "status": "completed"})

    def test_nobody_deletes_history(self):
        with self.assertRaises(AccessError), mute_logger("odoo.models"):
            self.make_job().with_user(self.manager).unlink()

    def test_other_companies_jobs_are_invisible(self):
        other = self.env["res.company"].create({"name": "Other"})
        job = self.make_job(company_id=other.id)
        self.assertNotIn(job, self.env["label.print.job"].with_user(self.user).search([]))


class TestBadInput(LabelPrintCase):
    def test_quantities(self):
        for quantity in (0, -3, 501):
            with self.subTest(quantity=quantity), self.assertRaises(ValidationError):
                self.make_job(quantity=quantity, labels_data=self.labels(max(quantity, 1)))

    def test_labels(self):
        bad = {
            "not a list": {"zpl_code": "^XA^XZ"},
            "empty": [{"zpl_code": ""}],
            "no frame": [{"zpl_code": "hello"}],
            "too large": [{"zpl_code": "^XA" + "x" * 1_100_000 + "^XZ"}],
            "other count": self.labels(3),
        }
        for name, labels in bad.items():
            with self.subTest(name), self.assertRaises(ValidationError):
                self.make_job(quantity=1, labels_data=labels)

    def test_printer_archived_or_of_another_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        foreign = self.env["printer.configuration"].create({"name": "F", "cups_name": "f", "company_id": other.id})
        self.printer.active = False
        for printer in (self.printer, foreign):
            with self.subTest(printer.name), self.assertRaises(UserError):
                self.make_job(printer_id=printer.id, company_id=self.env.company.id)


class TestHistory(LabelPrintCase):
    def test_job_outlives_its_order(self):
        production = self.make_production()
        job = self.make_job(mo_id=production.id)
        name = production.name
        production.action_cancel()
        production.unlink()
        job.invalidate_recordset()
        self.assertEqual((job.mo_id.id, job.mo_reference), (False, name))
        with self.assertRaisesRegex(UserError, f"{name} no longer exists"):
            job.with_user(self.user).action_open_mo()
        with self.assertRaisesRegex(UserError, "was not made for a manufacturing order"):
            self.make_job(job_type="test").with_user(self.user).action_open_mo()

    def test_job_outlives_its_lot(self):
        lot = self.env["stock.lot"].create({"name": "GONE-1", "product_id": self.product.id})
        job = self.make_job(labels_data=self.labels(20, lot="GONE-1"))
        lot.unlink()
        self.assertEqual(self.env["label.print.job"].search([("lot_number", "=", "GONE-1")]), job)

    def test_who_and_where_cannot_be_deleted_from_under_a_job(self):
        self.make_job()
        for record in (self.user, self.printer):
            with (
                self.subTest(record),
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.cr.savepoint(),
            ):
                record.unlink()

    def test_archived_printer_keeps_its_jobs_but_gets_no_new_attempt(self):
        job = self.make_job(status="printing")
        failed = [{"index": n, "code": "paper_out", "message": ""} for n in range(9, 21)]
        self.report(job, status="failed", current_label=8, failed_labels=failed)
        self.printer.active = False
        self.assertEqual(job.printer_id, self.printer)
        action = job.with_user(self.user).action_retry()
        self.assertEqual(action["res_model"], "label.print.retry.wizard", "which asks for another printer")
        with self.assertRaisesRegex(UserError, "is archived"):
            job.with_user(self.user)._retry([9])
        self.assertEqual((job.status, job.attempt_number), ("failed", 1))

    def test_archived_user_keeps_the_job_and_is_not_told(self):
        job = self.make_job(status="printing")
        self.user.active = False
        self.report(job, status="completed")
        self.assertEqual(job.submitted_by, self.user)
        self.assertFalse(self.sent_toasts(self.user))
