"""A print server's connection: who may read its key, and where its settings are kept."""

from odoo.exceptions import AccessError, UserError, ValidationError

from .common import LabelPrintCase


class TestServerConnection(LabelPrintCase):
    def test_key_is_for_managers(self):
        self.server.api_key = "secret-key"
        with self.assertRaises(AccessError):
            self.server.with_user(self.user).read(["api_key"])

    def test_another_server_keeps_its_own_settings(self):
        other = self.env["label.print.server"].create(
            {"name": "Other", "api_url": "http://127.0.0.1:9/api/", "api_key": "other-key"}
        )
        self.server.api_url = "http://127.0.0.1:8"
        self.assertEqual(other._connection().base_url, "http://127.0.0.1:9")
        self.assertEqual(other._connection().api_key, "other-key")
        self.assertEqual(self.server._connection().base_url, "http://127.0.0.1:8")

    def test_an_address_that_cannot_be_one_is_refused(self):
        with self.assertRaises(ValidationError):
            self.server.api_url = "gopher://nowhere"

    def test_a_new_key_resets_the_state(self):
        self.server.write({"state": "misconfigured", "failure_count": 7})
        self.server.api_key = "new-key"
        self.assertEqual((self.server.state, self.server.failure_count), ("unknown", 0))

    def test_the_default_server_cannot_be_deleted(self):
        other = self.env["label.print.server"].create({"name": "Other"})
        other.unlink()
        with self.assertRaises(UserError):
            self.server.unlink()

    def test_an_archived_server_takes_no_jobs(self):
        job = self.make_job()
        with self.assertRaisesRegex(UserError, "not ended"):
            self.server.active = False
        job.action_cancel()
        for server in (self.server, self.env["label.print.server"].create({"name": "Other"})):
            self.printer.server_id = server
            server.active = False
            with self.assertRaisesRegex(UserError, "is archived"):
                self.make_job(printer_id=self.printer.id)
            self.assertFalse(self.env["printer.configuration"]._get_default_printer())
            server.active = True
        self.make_job()

    def test_what_sweeps_have_found_is_set_by_nobody(self):
        for values in ({"state": "ok"}, {"capabilities": ["events"]}, {"push_last_at": "2026-01-01"}):
            with self.assertRaises(AccessError):
                self.server.with_user(self.manager).write(values)
            with self.assertRaises(AccessError):
                self.env["label.print.server"].with_user(self.manager).create({"name": "Other", **values})
        with self.assertRaises(AccessError):
            self.env["label.print.server"].with_user(self.manager).with_context(default_state="ok").create(
                {"name": "Other"}
            )

    def test_two_servers_at_one_address(self):
        Server = self.env["label.print.server"]
        self.server.api_url = "http://127.0.0.1:9"
        with self.assertRaisesRegex(ValidationError, "has this address already"):
            Server.create({"name": "Other", "api_url": "HTTP://127.0.0.1:9/api/"})
        other = Server.create({"name": "Other", "api_url": "http://127.0.0.1:9/hall-2"})
        Server.create({"name": "No address"})
        Server.create({"name": "No address either"})
        with self.assertRaisesRegex(ValidationError, "Use .*, or archive it first"):
            other.api_url = "http://127.0.0.1:9"
        other.invalidate_recordset()
        other.active = False
        other.api_url = "http://127.0.0.1:9"
        with self.assertRaises(ValidationError):
            other.active = True

    def test_companies_may_each_have_one_at_an_address(self):
        Server = self.env["label.print.server"]
        companies = self.env["res.company"].create([{"name": "A"}, {"name": "B"}])
        values = {"name": "Factory", "api_url": "http://127.0.0.1:9"}
        first, second = Server.create([{**values, "company_id": company.id} for company in companies])
        with self.assertRaises(ValidationError):
            Server.create({**values, "company_id": companies[0].id})
        with self.assertRaises(ValidationError):
            first.company_id = False  # all companies would have it twice
        first.invalidate_recordset()
        second.active = False
        first.company_id = False
        with self.assertRaises(ValidationError):
            second.active = True

    def test_what_cannot_be_searched_says_so(self):
        Server = self.env["label.print.server"].with_user(self.manager)
        described = Server.fields_get(attributes=["searchable"])
        for name in ("api_key", "webhook_secret", "api_url", "ca_bundle", "events_url"):
            for operator, value in (("=", "secret"), ("!=", False), ("ilike", "s"), ("in", ["a", "b"])):
                with self.assertRaisesRegex(UserError, "search by name"):
                    Server.search([(name, operator, value)])
            self.assertFalse(described[name]["searchable"])
        self.assertTrue(described["name"]["searchable"])

    def test_an_archived_server_is_named_where_its_printers_are_seen(self):
        Server = self.env["label.print.server"].with_user(self.user)
        self.assertTrue(next(found for found in Server.get_freshness() if found["id"] == self.server.id)["active"])
        self.printer.search([]).active = False
        self.printer.active = True
        self.server.active = False
        shown = next(found for found in Server.get_freshness() if found["id"] == self.server.id)
        self.assertEqual((shown["active"], shown["is_followed"]), (False, True))
        warning = self.env["printer.configuration"].with_user(self.user)._not_ready_warning()
        self.assertIn(f"{self.server.name} is archived. Restore it", warning)
        wizard = self.env["label.print.wizard"].new({"mo_id": self.make_production().id})
        self.assertEqual(wizard.printer_warning, warning)
        self.printer.active = False
        self.assertNotIn(self.server.id, [found["id"] for found in Server.get_freshness()])
        self.assertIn("connect a print server", self.printer.browse()._not_ready_warning())
        self.server.active = self.printer.active = True
        self.assertFalse(self.printer.browse()._not_ready_warning())
