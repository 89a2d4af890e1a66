"""The note on an order's chatter once its labels are on paper: once, by number, with the job, in a batch."""

from odoo.addons.label_print_monitor.services.contract.payloads import parse_job_report
from odoo.tests import tagged

from .common import LabelPrintCase


@tagged("post_install", "-at_install")
class TestNotesOnOrders(LabelPrintCase):
    def notes(self, order):
        messages = order.message_ids.filtered(lambda message: "on paper" in (message.body or ""))
        return [str(message.body) for message in messages.sorted("id")]

    def print_all(self, *jobs):
        reports = [
            parse_job_report({"job_id": job.flask_job_id, "status": "completed", "current_label": job.quantity})
            for job in jobs
        ]
        self.env["print.job.status.poller"].apply_reports(self.server, reports)

    def test_when_all_labels_are_on_paper(self):
        order = self.make_production()
        job = self.make_job(mo_id=order.id, status="printing")
        self.report(job, status="printing", current_label=19)
        self.assertEqual(self.notes(order), [])
        self.report(job, status="completed", current_label=20)
        (note,) = self.notes(order)
        self.assertIn("All 20 labels of this order are on paper", note)
        self.assertIn(f'data-oe-id="{job.id}"', note)
        self.report(job, status="completed", current_label=20)
        self.assertEqual(len(self.notes(order)), 1, "what is said again is not noted again")

    def test_of_several_jobs_the_last_one_tells(self):
        order = self.make_production()
        first, second = (self.make_job(10, mo_id=order.id, status="printing") for _part in range(2))
        self.print_all(second)
        self.assertEqual(self.notes(order), [])
        self.print_all(first)
        (note,) = self.notes(order)
        self.assertIn("All 20 labels", note)

    def test_a_failure_that_is_mended(self):
        order = self.make_production()
        job = self.failed_job()
        job.mo_id = order
        self.look_and_retry(job.with_user(self.user), list(range(9, 21)))
        job.write({"status": "printing", "flask_job_id": "srv-again"})
        self.assertEqual(self.notes(order), [])
        self.report(job, status="completed", current_label=12)
        self.assertEqual(len(self.notes(order)), 1)

    def test_what_somebody_has_found_on_paper(self):
        order = self.make_production()
        job = self.make_job(mo_id=order.id, status="printing")
        labels = [
            {"index": 1, "count": 19, "state": "confirmed"},
            {"index": 20, "state": "uncertain", "code": "uncertain"},
        ]
        self.report(job, status="completed", progress={"total": 20, "completed": 19, "failed": 1}, labels=labels)
        self.assertEqual(self.notes(order), [])
        job.with_user(self.user)._settle(on_paper=[20])
        (note,) = self.notes(order)
        self.assertIn("All 20 labels", note)

    def test_copies_and_jobs_without_an_order_tell_nothing(self):
        order = self.make_production()
        job = self.make_job(mo_id=order.id, status="printing")
        self.print_all(job)
        copy = self.make_job(
            2, mo_id=order.id, copy_of_id=job.id, copy_labels=[1, 2], copy_reason="lost", status="printing"
        )
        self.print_all(copy, self.make_job(status="printing"))
        self.assertEqual(len(self.notes(order)), 1)

    def test_the_person_is_not_told_by_mail(self):
        order = self.make_production()
        order.message_subscribe(self.manager.partner_id.ids)
        self.print_all(self.make_job(mo_id=order.id, status="printing"))
        note = order.message_ids.filtered(lambda message: "on paper" in (message.body or ""))
        self.assertFalse(note.notification_ids)
        self.assertTrue(note.is_internal)

    def test_many_orders_are_one_batch(self):
        def count(number):
            orders = self.env["mrp.production"].create(
                [{"product_id": self.product.id, "product_qty": 1} for _order in range(number)]
            )
            jobs = [self.make_job(1, mo_id=order.id, status="printing") for order in orders]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.print_all(*jobs)
            self.env.flush_all()
            statements = self.env.cr.sql_log_count - before
            self.assertTrue(all(len(self.notes(order)) == 1 for order in orders))
            return statements

        count(1)
        self.assertLessEqual(count(20), count(5) + 15, "no statement of ours for each order")
