"""What an auditor asks, answered within three clicks: each tour counts its own and fails when it needs more."""

from odoo.addons.label_print_monitor.services.contract.payloads import parse_job_report
from odoo.tests import tagged

from .test_tours import TourCase


@tagged("post_install", "-at_install")
class TestAuditorTours(TourCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.audited = cls.make_job(
            40, mo_id=cls.order("LPM/AUDIT"), labels_data=cls.labels(40, "LOT-AUDIT"), status="printing"
        )
        report = {
            "job_id": cls.audited.flask_job_id,
            "status": "completed",
            "progress": {"total": 40, "completed": 40, "failed": 0},
            "labels": [{"index": 1, "count": 40, "state": "confirmed"}],
        }
        cls.env["print.job.status.poller"].apply_reports(cls.audited.server_id, [parse_job_report(report)])

    def ask(self, question, path="/odoo/label-printing"):
        self.start_tour(path, f"label_print_question_{question}", login=self.manager.login)

    def test_all_labels_of_an_order(self):
        self.ask("order", "/odoo/label-print-jobs")

    def test_label_37_of_a_lot(self):
        self.ask("label", "/odoo/label-print-jobs")

    def test_what_was_printed_again(self):
        self.known.with_user(self.user)._retry(list(range(9, 21)), "Boxes were wet")
        self.audited.with_user(self.manager)._print_again([3, 4], "damaged")
        self.ask("reprints")

    def test_who_cancelled_and_why(self):
        self.pending.with_user(self.user)._cancel("wrong_quantity", "Ten too many")
        self.ask("cancelled")

    def test_todays_orders_with_labels_missing(self):
        self.ask("orders")

    def test_a_printers_month(self):
        self.ask("printer")
