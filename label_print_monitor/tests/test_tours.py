"""What people do all day, done by a browser: one tour for each task."""

from odoo import fields
from odoo.addons.label_print_monitor.services.contract.payloads import parse_job_report
from odoo.tests import HttpCase, tagged

from .common import LabelPrintCase


class TourCase(LabelPrintCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        now = fields.Datetime.now()
        cls.printer.write(
            {
                "status": "attention",
                "state_reasons": [{"keyword": "media-low", "severity": "warning"}],
                "last_seen": now,
            }
        )
        cls.env["printer.configuration"].create(
            [
                {"name": "Line 2", "cups_name": "zebra-line-2", "status": "offline"},
                {"name": "A Line", "cups_name": "zebra-a-line", "status": "online"},
            ]
        )
        cls.pending = cls.make_job(mo_id=cls.order("LPM/PENDING"))
        cls.make_job(
            mo_id=cls.order("LPM/PRINTING"),
            status="printing",
            current_label=8,
            progress_percent=40.0,
            started_date=now,
        )
        cls.known = cls.ended(
            "LPM/KNOWN",
            status="failed",
            current_label=8,
            error_code="paper_out",
            failed_labels=[{"index": index, "code": "paper_out"} for index in range(9, 21)],
        )
        cls.counted = cls.ended("LPM/COUNTED", status="failed", current_label=7, error_code="network_timeout")
        cls.uncertain = cls.ended(
            "LPM/UNCERTAIN",
            status="completed",
            progress={"total": 20, "completed": 19, "failed": 1},
            labels=[
                {"index": 1, "count": 8, "state": "confirmed"},
                {"index": 9, "state": "uncertain", "code": "uncertain"},
                {"index": 10, "count": 11, "state": "confirmed"},
            ],
        )

    @classmethod
    def ended(cls, name, **report):
        """A job of an order of this name, ended as its print server said."""
        lot = name.replace("LPM/", "LOT-")
        job = cls.make_job(mo_id=cls.order(name), labels_data=cls.labels(20, lot), status="printing")
        report = parse_job_report({"job_id": job.flask_job_id, **report})
        cls.env["print.job.status.poller"].apply_reports(job.server_id, [report])
        return job

    @classmethod
    def order(cls, name):
        """The id of a manufacturing order of this name."""
        return cls.env["mrp.production"].create({"name": name, "product_id": cls.product.id, "product_qty": 20}).id


@tagged("post_install", "-at_install")
class TestTours(TourCase):
    def test_follow_a_job(self):
        self.start_tour("/odoo", "label_print_follow_a_job", login=self.manager.login)

    def test_act_on_a_failure(self):
        self.start_tour("/odoo", "label_print_act_on_a_failure", login=self.manager.login)
        self.assertEqual(self.known.attempt_labels, list(range(9, 21)))

    def test_cancel(self):
        self.start_tour("/odoo", "label_print_cancel", login=self.user.login)
        self.assertEqual((self.pending.status, self.pending.cancel_reason), ("cancelled", "wrong_printer"))

    def test_cancel_on_the_board(self):
        self.start_tour("/odoo", "label_print_cancel_on_the_board", login=self.user.login)
        self.assertEqual((self.pending.status, self.pending.cancel_reason), ("cancelled", "other"))
        self.assertEqual(self.pending.cancel_note, "Customer moved the date")

    def test_retry_part(self):
        self.start_tour("/odoo", "label_print_retry_part", login=self.user.login)
        self.assertEqual(self.counted.attempt_labels, [6, 7, 8, *range(10, 21)])

    def test_retry_one_uncertain(self):
        self.start_tour("/odoo", "label_print_retry_one_uncertain", login=self.user.login)
        self.assertEqual((self.uncertain.attempt_number, self.uncertain.attempt_labels), (2, [9]))

    def test_retry_on_another_printer(self):
        self.start_tour("/odoo", "label_print_retry_on_another_printer", login=self.user.login)
        self.assertEqual(self.known.printer_id.name, "A Line")
        self.assertEqual(self.known.attempt_labels, list(range(9, 20)))

    def test_print_again(self):
        self.start_tour("/odoo", "label_print_print_again", login=self.manager.login)
        copy = self.uncertain.copy_ids
        self.assertEqual((copy.copy_labels, copy.copy_reason, copy.quantity), ([3, 5, 6, 7], "damaged", 4))
        self.assertEqual((self.uncertain.status, self.uncertain.attempt_number), ("completed_with_errors", 1))

    def test_it_is_on_paper(self):
        self.start_tour("/odoo", "label_print_it_is_on_paper", login=self.user.login)
        self.assertEqual((self.uncertain.status, self.uncertain.attempt_number), ("completed", 1))
        self.assertEqual((self.uncertain.mark_ids.kind, self.uncertain.mark_ids.user_id), ("checked", self.user))

    def test_labels_on_a_desk(self):
        self.start_tour("/odoo", "label_print_labels_on_a_desk", login=self.user.login)

    def test_move_what_waits(self):
        self.start_tour("/odoo", "label_print_move_what_waits", login=self.user.login)
        self.assertEqual((self.pending.printer_id.name, self.pending.status), ("A Line", "pending"))

    def test_find_a_lot(self):
        self.start_tour("/odoo", "label_print_find_a_lot", login=self.user.login)

    def test_export(self):
        self.start_tour("/odoo", "label_print_export", login=self.user.login)
        attachment = self.env["ir.attachment"].search([("name", "like", "print_history_")], limit=1)
        self.assertEqual(attachment.create_uid, self.user)
        self.assertIn(b"LPM/PENDING", attachment.raw)

    def test_read_the_wall(self):
        self.start_tour("/odoo", "label_print_read_the_wall", login=self.user.login)


@tagged("post_install", "-at_install")
class TestToursPhone(TourCase):
    """On a phone Odoo renders other templates."""

    browser_size = "390x844"
    touch_enabled = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A first greeting of Odoo's own would open over the whole screen.
        cls.user.odoobot_state = "disabled"

    def test_labels_on_a_phone(self):
        action = "label_print_monitor.action_label_print_job"
        url = f"/odoo/action-{action}/{self.uncertain.id}"
        self.start_tour(url, "label_print_labels_on_a_phone", login=self.user.login)
        self.assertEqual(self.uncertain.mark_ids.kind, "missing")
