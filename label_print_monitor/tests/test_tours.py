"""What people do all day, done by a browser: one tour for each task."""

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import LabelPrintCase


@tagged("post_install", "-at_install")
class TestTours(LabelPrintCase, HttpCase):
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
        failed = {"status": "failed", "current_label": 7, "progress_percent": 35.0, "completed_date": now}
        cls.known = cls.make_job(
            mo_id=cls.order("LPM/KNOWN"), labels_data=cls.labels(20, "LOT-KNOWN"), error_code="paper_out", **failed
        )
        cls.env["label.print.failed.label"].create(
            [
                {
                    "job_id": cls.known.id,
                    "attempt_number": 1,
                    "label_index": index,
                    "lot_number": "LOT-KNOWN",
                    "code": "paper_out",
                    "message": "Out of labels",
                }
                for index in range(8, 21)
            ]
        )
        cls.unknown = cls.make_job(mo_id=cls.order("LPM/UNKNOWN"), error_code="network_timeout", **failed)

    @classmethod
    def order(cls, name):
        """The id of a manufacturing order of this name."""
        return cls.env["mrp.production"].create({"name": name, "product_id": cls.product.id, "product_qty": 20}).id

    def test_follow_a_job(self):
        self.start_tour("/odoo", "label_print_follow_a_job", login=self.manager.login)

    def test_act_on_a_failure(self):
        self.start_tour("/odoo", "label_print_act_on_a_failure", login=self.manager.login)
        self.assertEqual(self.known.attempt_labels, list(range(8, 21)))

    def test_cancel(self):
        self.start_tour("/odoo", "label_print_cancel", login=self.user.login)
        self.assertEqual(self.pending.status, "cancelled")

    def test_cancel_on_the_board(self):
        self.start_tour("/odoo", "label_print_cancel_on_the_board", login=self.user.login)
        self.assertEqual(self.pending.status, "cancelled")

    def test_retry_part(self):
        self.start_tour("/odoo", "label_print_retry_part", login=self.user.login)
        self.assertEqual(self.unknown.attempt_labels, list(range(6, 21)))

    def test_find_a_lot(self):
        self.start_tour("/odoo", "label_print_find_a_lot", login=self.user.login)

    def test_export(self):
        self.start_tour("/odoo", "label_print_export", login=self.user.login)
        attachment = self.env["ir.attachment"].search([("name", "like", "print_history_")], limit=1)
        self.assertEqual(attachment.create_uid, self.user)
        self.assertIn(b"LPM/PENDING", attachment.raw)

    def test_read_the_wall(self):
        self.start_tour("/odoo", "label_print_read_the_wall", login=self.user.login)
