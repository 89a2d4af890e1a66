"""What a printer that is one company's keeps, and what it loses when it goes to another company."""

from odoo.addons.label_print_monitor.services.contract.payloads import parse_printers
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .companies_case import CompaniesCase


@tagged("post_install", "-at_install")
class TestReservedQueue(CompaniesCase):
    """A queue of a shared print server that has been given to one company stays that company's."""

    def setUp(self):
        super().setUp()
        self.printer_shared.company_id = self.company_b

    def sweep(self):
        """The print server names its printers, as it does all the time."""
        reports = parse_printers({"printers": [{"name": "s", "status": "online"}]})
        self.env["printer.configuration"]._apply_reports(self.shared, reports, complete=True)
        return (
            self.env["printer.configuration"]
            .with_context(active_test=False)
            .search([("server_id", "=", self.shared.id), ("cups_name", "=", "s")])
        )

    def test_it_is_archived_instead_of_deleted(self):
        for user in (self.manager_b, self.manager_all):
            printer = self.as_user(user, self.printer_shared)
            with self.assertRaisesRegex(UserError, "Archive it instead"):
                printer.unlink()
        self.as_user(self.manager_b, self.printer_shared).active = False
        self.assertEqual(self.sweep(), self.printer_shared)
        self.assertEqual((self.printer_shared.company_id, self.printer_shared.active), (self.company_b, False))

    def test_it_is_given_back_by_those_who_manage_what_is_shared(self):
        with self.assertRaises(AccessError):
            self.as_user(self.manager_b, self.printer_shared).company_id = False
        printer = self.as_user(self.manager_all, self.printer_shared)
        printer.company_id = False
        printer.unlink()
        self.assertFalse(self.sweep().company_id)

    def test_nor_is_it_taken_elsewhere_and_left_to_all(self):
        printer = self.as_user(self.manager_b, self.printer_shared)
        with self.assertRaisesRegex(AccessError, "shared by all companies"):
            printer.server_id = self.server_b
        with self.assertRaisesRegex(AccessError, "choose your company's print server"):
            printer.cups_name = "other"
        printer.write({"name": "Of B", "location": "Hall 2"})

    def test_a_printer_of_a_companys_own_print_server_can_be_deleted(self):
        self.as_user(self.manager_b, self.printer_b).unlink()
        reports = parse_printers({"printers": [{"name": "b", "status": "online"}]})
        self.env["printer.configuration"]._apply_reports(self.server_b, reports)
        self.assertEqual(self.server_b.printer_ids.company_id, self.company_b)


@tagged("post_install", "-at_install")
class TestDefaultPrinterOfACompany(CompaniesCase):
    def setUp(self):
        super().setUp()
        (self.company_a | self.company_b).label_print_printer_id = self.printer_shared

    def defaults(self):
        self.env.invalidate_all()
        return [company.label_print_printer_id for company in (self.company_a, self.company_b)]

    def test_cleared_where_the_printer_is_another_companys(self):
        none = self.env["printer.configuration"]
        self.as_user(self.manager_all, self.printer_shared).company_id = self.company_b
        self.assertEqual(self.defaults(), [none, self.printer_shared])

    def test_cleared_where_its_print_server_is_another_companys(self):
        none = self.env["printer.configuration"]
        self.as_user(self.manager_all, self.shared).company_id = self.company_b
        self.assertEqual(self.printer_shared.company_id, self.company_b)
        self.assertEqual(self.defaults(), [none, self.printer_shared])

    def test_cleared_where_it_moves_to_another_companys_print_server(self):
        none = self.env["printer.configuration"]
        self.printer_shared.server_id = self.server_b
        self.assertEqual(self.defaults(), [none, self.printer_shared])

    def test_cleared_when_it_is_archived(self):
        none = self.env["printer.configuration"]
        self.as_user(self.administrator, self.printer_shared).active = False
        self.assertEqual(self.defaults(), [none, none])
        self.printer_shared.active = True
        self.assertEqual(self.defaults(), [none, none])

    def test_kept_by_all_else(self):
        self.printer_shared.write({"name": "Renamed", "location": "Hall 1"})
        self.assertEqual(self.defaults(), [self.printer_shared] * 2)


@tagged("post_install", "-at_install")
class TestRetryWithoutThePrinter(CompaniesCase):
    """A job that failed at a printer which then became another company's, or was archived."""

    def failed(self, printer):
        job = self.make_job(quantity=3, printer_id=printer.id, status="printing")
        failed = [{"index": 3, "code": "paper_out", "message": "media out"}]
        self.report(job, status="failed", current_label=2, error_code="paper_out", failed_labels=failed)
        return job

    def open(self, model, job, **values):
        self.env.invalidate_all()
        return self.env[model].with_user(self.manager).create({"job_id": job.id, **values})

    def test_one_click_asks_for_another_printer(self):
        job = self.failed(self.printer_shared)
        self.shared.company_id = self.company_b
        self.env.invalidate_all()
        action = self.as_user(self.user, job).action_retry()
        self.assertEqual(action["res_model"], "label.print.retry.wizard")
        for model in ("label.print.retry.wizard", "label.print.again.wizard"):
            dialog = self.open(model, job)
            self.assertFalse(dialog.printer_id)
            self.assertIn("Printer Shared belongs to another company", dialog.printer_warning)
            self.assertIn("Choose another printer", dialog.printer_warning)
            dialog.printer_id = self.printer
            self.assertFalse(dialog.printer_warning)
        self.open("label.print.retry.wizard", job, printer_id=self.printer.id).action_confirm()
        self.assertEqual((job.status, job.printer_id, job.attempt_labels), ("pending", self.printer, [3]))

    def test_an_archived_printer_is_not_proposed(self):
        job = self.failed(self.printer_shared)
        self.printer_shared.active = False
        action = self.as_user(self.user, job).action_retry()
        self.assertEqual(action["res_model"], "label.print.retry.wizard")
        dialog = self.open("label.print.retry.wizard", job)
        self.assertFalse(dialog.printer_id)
        self.assertIn("Printer Shared is archived", dialog.printer_warning)

    def test_many_at_once_are_named_with_what_to_do(self):
        gone, other = self.failed(self.printer_shared), self.failed(self.printer)
        self.shared.company_id = self.company_b
        self.env.invalidate_all()
        said = self.as_user(self.user, gone | other).action_retry()["params"]["message"]
        self.assertIn("1 × the printer is archived or another company's: open it", said)
        self.assertEqual((gone.status, other.status), ("failed", "pending"))

    def test_no_way_around_the_dialog_ends_in_an_access_error(self):
        job = self.failed(self.printer_shared)
        self.shared.company_id = self.company_b
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "belongs to another company") as raised:
            self.as_user(self.user, job)._retry([3])
        self.assertNotIsInstance(raised.exception, AccessError)
        with self.assertRaisesRegex(UserError, "belongs to another company"):
            self.as_user(self.manager, job)._print_again([1], "lost")

    def test_a_print_server_of_another_company_is_told_once(self):
        with self.assertRaisesRegex(ValidationError, "prints nothing for"):
            self.make_job(server_id=self.server_b.id)
        with self.assertRaisesRegex(UserError, "belongs to another company"):
            self.make_job(printer_id=self.printer_b.id, company_id=self.company_a.id)
