"""Print servers and printers of companies and shared ones: who sees, uses and changes them."""

from lxml import etree
from odoo.addons.label_print_monitor.services.contract.payloads import parse_printers
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import LabelPrintCase
from .companies_case import CompaniesCase


@tagged("post_install", "-at_install")
class TestServerCompanies(CompaniesCase):
    def test_a_companys_server_is_seen_by_that_company(self):
        Server, Printer = self.env["label.print.server"], self.env["printer.configuration"]
        self.assertNotIn(self.server_b, self.as_user(self.manager_a, Server).search([]))
        self.assertNotIn(self.printer_b, self.as_user(self.manager_a, Printer).search([]))
        self.assertNotIn(self.server_b.id, [row["id"] for row in self.as_user(self.user, Server).get_freshness()])
        for user in (self.manager_b, self.user_b, self.manager_all):
            self.assertEqual(self.as_user(user, Server).search([]) & self.server_b, self.server_b)
        for act in (
            lambda server: server.read(["name"]), lambda server: server.write({"name": "Mine"}),
            lambda server: server.unlink(), lambda server: server.action_test_connection(),
        ):  # fmt: skip
            with self.assertRaises(AccessError):
                act(self.as_user(self.manager_a, self.server_b))

    def test_what_is_shared_is_seen_by_all_and_changed_by_few(self):
        shared = self.server | self.shared
        values = (
            {"name": "Mine"}, {"api_url": "http://127.0.0.1:9"}, {"api_key": "mine"}, {"webhook_secret": "mine"},
            {"active": False}, {"rate_limit": 1}, {"company_id": self.company_b.id}, {"is_default": False},
        )  # fmt: skip
        for user in (self.manager_a, self.manager_b):
            self.assertEqual(self.as_user(user, self.env["label.print.server"]).search([]) & shared, shared)
            for server in self.as_user(user, shared):
                for change in values:
                    with self.assertRaisesRegex(AccessError, "shared by all companies"):
                        server.write(change)
                with self.assertRaisesRegex(AccessError, "shared by all companies"):
                    server.unlink()
                self.assertFalse(server.can_change)
                self.assertEqual(server.action_test_connection()["tag"], "label_print_notice", "it changes nothing")
        self.assertFalse(self.shared._secret("api_key"))
        for user in (self.manager_all, self.administrator):
            self.as_user(user, self.shared).write({"name": f"Of {user.name}", "api_key": f"of-{user.login}"})
            self.assertEqual(self.shared._secret("api_key"), f"of-{user.login}")

    def test_shared_printers_are_used_by_all_and_changed_by_few(self):
        printer = self.as_user(self.manager_b, self.printer_shared)
        for change in (
            {"name": "Mine"}, {"company_id": self.company_b.id}, {"server_id": self.server_b.id}, {"active": False},
            {"is_default": True}, {"cups_name": "mine"},
        ):  # fmt: skip
            with self.assertRaisesRegex(AccessError, "shared by all companies"):
                printer.write(change)
        with self.assertRaises(AccessError):
            printer.unlink()
        # The form says so before anybody types.
        self.assertFalse(printer.can_change)
        arch = etree.fromstring(printer.get_view(view_type="form")["arch"])
        for name in ("name", "cups_name", "server_id", "location", "dpi", "is_default", "user_ids", "company_id"):
            readonly = {field.get("readonly") for field in arch.xpath(f"//sheet//field[@name='{name}']")}
            self.assertLessEqual(readonly, {"not can_change"}, name)
        self.assertIn("Shared by all companies", arch.xpath("//div[@invisible='can_change']")[0].xpath("string()"))
        job = self.env["label.print.job"].with_user(self.user_b).create(self.job_values(self.printer_shared))
        self.assertEqual((job.company_id, job.server_id), (self.company_b, self.shared))
        self.printer_shared.with_user(self.user_b).action_toggle_mine()
        self.as_user(self.manager_all, self.printer_shared).write({"location": "Hall 1", "is_default": True})
        self.assertEqual(self.printer_shared.location, "Hall 1")

    def test_a_manager_manages_what_is_the_companys(self):
        Server = self.as_user(self.manager_b, self.env["label.print.server"])
        with Form(Server) as form:
            form.name = "Second"
            form.api_url = "http://127.0.0.1:9"
            form.api_key = "second"
        server = form.record
        self.assertEqual(server.company_id, self.company_b)
        server.write({"api_key": "third"})
        with Form(self.as_user(self.manager_b, self.env["printer.configuration"])) as form:
            form.name = form.cups_name = "new"
            form.server_id = server
        self.assertEqual(form.record.company_id, self.company_b)
        form.record.write({"cups_name": "newer", "is_default": True})
        self.assertEqual(self.env["printer.configuration"]._get_default_printer(self.company_b), form.record)
        self.assertFalse(self.env["ir.config_parameter"].get_param("label_print.default_printer"))
        form.record.unlink()
        server.copy().unlink()
        server.unlink()

    def test_nobody_of_one_company_shares_or_gives_away(self):
        empty = self.env["label.print.server"].create({"name": "Empty", "company_id": self.company_b.id})
        for records, company, error in (
            (self.server_b, False, AccessError), (empty, False, AccessError), (empty, self.company_a.id, AccessError),
            (self.server_b, self.company_a.id, ValidationError), (self.printer_b, False, ValidationError),
            (self.printer_b, self.company_a.id, ValidationError),
        ):  # fmt: skip
            with self.assertRaises(error):
                self.as_user(self.manager_b, records).write({"company_id": company})
        Server = self.as_user(self.manager_b, self.env["label.print.server"])
        with self.assertRaises(AccessError):
            Server.create({"name": "For all", "company_id": False})
        with self.assertRaises(AccessError):
            Server.create({"name": "For A", "company_id": self.company_a.id})
        Printer = self.as_user(self.manager_b, self.env["printer.configuration"])
        with self.assertRaisesRegex(AccessError, "shared by all companies"):
            # A queue of the shared server, which would be theirs alone from then on.
            Printer.create({"name": "Taken", "cups_name": "taken", "server_id": self.shared.id})
        with self.assertRaisesRegex(AccessError, "shared by all companies"):
            self.as_user(self.manager_b, self.printer_b).write({"server_id": self.shared.id})

    def test_a_printer_is_its_servers_company(self):
        self.assertEqual(self.printer_b.company_id, self.company_b)
        with self.assertRaises(ValidationError):
            self.printer_b.company_id = self.company_a
        with self.assertRaises(ValidationError):
            self.printer_b.company_id = False
        self.printer_b.server_id = self.shared
        self.assertEqual(self.printer_b.company_id, self.company_b, "it may be one company's at a shared server")
        with self.assertRaisesRegex(ValidationError, "Company B"):
            self.shared.company_id = self.company_a
        self.shared.company_id = self.company_b
        self.assertEqual((self.printer_b | self.printer_shared).company_id, self.company_b)
        self.shared.company_id = False
        self.assertEqual(self.printer_shared.company_id, self.company_b)

    def test_not_while_another_company_prints_there(self):
        job = self.make_job(printer_id=self.printer_shared.id)
        with self.assertRaisesRegex(ValidationError, "another company"):
            self.printer_shared.company_id = self.company_b
        self.printer_shared.invalidate_recordset()
        with self.assertRaisesRegex(ValidationError, "another company"):
            self.shared.company_id = self.company_b
        self.shared.invalidate_recordset()
        self.printer_shared.invalidate_recordset()
        job.action_cancel()
        self.shared.company_id = self.company_b

    def test_not_while_another_companys_job_is_on_its_way_there(self):
        job = self.make_job(status="queued")
        job.move_to_id = self.printer_shared
        with self.assertRaisesRegex(ValidationError, "Printer Shared .*another company"):
            self.printer_shared.company_id = self.company_b
        self.printer_shared.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "not ended"):
            self.shared.active = False
        self.shared.invalidate_recordset()
        job.move_to_id = False
        self.printer_shared.company_id = self.company_b

    def test_old_jobs_stay_readable_when_their_printer_is_another_companys(self):
        job = self.make_job(quantity=3, printer_id=self.printer_shared.id, status="printing")
        failed = [{"index": 3, "code": "paper_out", "message": "media out"}]
        self.report(job, status="failed", current_label=2, error_code="paper_out", failed_labels=failed)
        self.shared.company_id = self.company_b
        self.env.flush_all()
        self.env.invalidate_all()
        user = self.as_user(self.user, job)
        with self.assertRaises(AccessError):
            user.printer_id.read(["name"])
        overview = user.browse().get_overview()
        self.assertIn("Shared", [failure["printer"] for failure in overview["failures"] if failure["id"] == job.id])
        self.assertIn("Shared", str(user.get_label_story(1)))
        manager = self.as_user(self.manager, job)
        for model in ("label.print.retry.wizard", "label.print.again.wizard"):
            self.env.invalidate_all()
            with Form(manager.env[model].with_context(default_job_id=job.id)) as dialog:
                self.assertFalse(dialog.printer_id, model)
                self.assertIn("belongs to another company", dialog.printer_warning)
                dialog.printer_id = self.printer
                if model == "label.print.again.wizard":
                    dialog.labels_text = "1"
                    dialog.reason = "damaged"
        wizard = manager.env["label.print.retry.wizard"].create({"job_id": job.id, "printer_id": self.printer.id})
        self.assertIn("Line 1", str(wizard.action_confirm()))

    def test_a_foreign_server_is_not_named(self):
        printers = self.as_user(self.manager_a, self.env["printer.configuration"])
        mine = self.env["label.print.server"].create({"name": "Mine", "company_id": self.company_a.id})
        own = printers.create({"name": "Own", "cups_name": "own", "server_id": mine.id})
        values = {"name": "Spy", "cups_name": "spy", "company_id": self.company_a.id}
        for act in (
            lambda: printers.create({**values, "server_id": self.server_b.id}),
            lambda: printers.with_context(default_server_id=self.server_b.id).create(values),
            lambda: own.write({"server_id": self.server_b.id, "company_id": self.company_a.id}),
        ):
            with self.assertRaises(AccessError):
                act()

    def test_all_that_is_forbidden_is_named(self):
        servers = self.server_b | self.shared | self.env["label.print.server"].create(
            {"name": "Mine", "company_id": self.company_a.id}
        )
        allowed = self.as_user(self.manager_a, servers)._filtered_access("write")
        self.assertEqual(allowed.mapped("name"), ["Mine"])
        self.assertEqual(len(self.as_user(self.manager_a, servers)._filtered_access("read")), 2)

    def test_archived_companies_do_not_count(self):
        self.env["res.company"].create({"name": "Closed"}).active = False
        server = self.as_user(self.manager_all, self.shared).with_context(active_test=False)
        server.write({"name": "Still theirs"})

    def test_a_company_with_a_print_server_is_not_deleted(self):
        """It would be everybody's from then on, with its key."""
        self.env.cr.execute(
            """SELECT conrelid::regclass::text, confdeltype::text FROM pg_constraint
            WHERE confrelid = 'res_company'::regclass AND contype = 'f'
            AND conrelid IN ('label_print_server'::regclass, 'printer_configuration'::regclass)"""
        )
        self.assertEqual(dict(self.env.cr.fetchall()), {"label_print_server": "r", "printer_configuration": "r"})

    def test_the_default_server_is_shared(self):
        with self.assertRaisesRegex(ValidationError, "shared by all companies"):
            self.server.company_id = self.company_a

    def test_jobs_go_where_their_company_may_print(self):
        with self.assertRaises(UserError):
            self.make_job(printer_id=self.printer_b.id, company_id=self.company_a.id)
        with self.assertRaises(ValidationError):
            self.make_job(server_id=self.server_b.id)
        job = self.make_job()
        with self.assertRaises(UserError):
            job._check_printer_takes(self.printer_b, job.labels_data)
        self.assertEqual(
            self.env["printer.configuration"]._get_default_printer(self.company_b), self.env["printer.configuration"]
        )
        self.printer_shared.active = self.printer.active = False
        self.assertEqual(
            self.as_user(self.manager_b, self.env["printer.configuration"])._get_default_printer(self.company_b),
            self.printer_b,
        )

    def test_dialogs_offer_what_the_job_may_go_to(self):
        archived = self.env["label.print.server"].create({"name": "Archived"})
        self.env["printer.configuration"].create({"name": "P", "cups_name": "p", "server_id": archived.id})
        archived.active = False
        offered = self.printer | self.printer_shared
        Printer = self.as_user(self.manager_all, self.env["printer.configuration"])
        domain = [("company_id", "in", [False, self.company_a.id]), ("server_id.active", "=", True)]
        self.assertEqual(Printer.search(domain) & (offered | self.printer_b | archived.printer_ids), offered)
        job = self.make_job()
        dialog = self.as_user(self.manager_all, self.env["label.print.move.wizard"]).create(
            {"printer_id": self.printer.id, "target_id": self.printer_b.id}
        )
        answer = dialog.action_confirm()
        self.assertIn("cannot print for", str(answer))
        self.assertEqual(job.printer_id, self.printer)

    def test_its_managers_are_told(self):
        self.env["print.job.notifier"]._notify_managers(self.server_b, "danger", lambda server: ("Away", server.name))
        self.assertEqual([toast["title"] for toast in self.sent_toasts(self.manager_b)], ["Away"])
        self.assertEqual([toast["title"] for toast in self.sent_toasts(self.manager_all)], ["Away"])
        self.assertFalse(self.sent_toasts(self.manager_a))

    def test_new_printers_of_a_companys_server_are_the_companys(self):
        reports = parse_printers({"printers": [{"name": "new", "status": "online"}]})
        for server, company in ((self.server_b, self.company_b), (self.shared, self.env["res.company"])):
            self.env["printer.configuration"]._apply_reports(server, reports)
            made = self.env["printer.configuration"].search([("server_id", "=", server.id), ("cups_name", "=", "new")])
            self.assertEqual((len(made), made.company_id), (1, company))


@tagged("post_install", "-at_install")
class TestServersOfOneCompany(LabelPrintCase):
    def test_the_manager_manages_everything(self):
        """As before there were companies: of all there are, which may be several in this database."""
        self.manager.company_ids = self.env["res.company"].search([])
        server = self.server.with_user(self.manager)
        server.write({"name": "Factory", "api_url": "http://127.0.0.1:9", "api_key": "mine", "webhook_secret": "own"})
        made = self.env["label.print.server"].with_user(self.manager).create({"name": "Second"})
        self.assertFalse(made.company_id)
        printer = self.env["printer.configuration"].with_user(self.manager).create({"name": "P", "cups_name": "p"})
        self.assertFalse(printer.company_id)
        printer.write({"is_default": True, "cups_name": "q", "server_id": made.id})
        self.printer.with_user(self.manager).is_default = True
        self.assertEqual(self.env["ir.config_parameter"].get_param("label_print.default_printer"), "zebra-line-1")
        printer.unlink()
        made.active = False
        made.unlink()
