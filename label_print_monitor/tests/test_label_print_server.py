"""A print server's connection: who may read its key, and where its settings are kept."""

from odoo.exceptions import AccessError, UserError, ValidationError

from .common import LabelPrintCase
from .engine_case import EngineCase


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

    def test_a_ca_bundle_that_cannot_be_used_says_nothing_of_odoos_machine(self):
        said = set()
        for path in ("/etc/hostname", "/etc/no-such-file", "/etc", "/etc/ssl/private/key.pem"):
            self.server.write({"api_url": "https://127.0.0.1:9", "ca_bundle": path})
            with self.assertRaises(UserError) as caught:
                self.server.with_user(self.manager).action_test_connection()
            said.add(str(caught.exception).replace(path, "…"))
        self.assertEqual(len(said), 1)

    def test_a_wrong_address_in_the_words_of_whoever_entered_it(self):
        self.server.api_url = "http://127.0.0.1:9"
        with self.assertRaisesRegex(UserError, "nothing answers at 127.0.0.1:9. Check address and port"):
            self.server.with_user(self.manager).action_test_connection()


class TestTestedConnection(EngineCase):
    def test_a_connection_that_works_is_reachable_at_once(self):
        jobs = self.make_remote_jobs(1, status="printing")
        self.remote.stop()
        self.sweep(3)
        self.assertEqual(self.server.state, "unreachable")
        self.remote.start()
        self.env.cr.precommit.run()
        self.env["bus.bus"].search([]).unlink()
        self.server.with_user(self.manager).action_test_connection()
        self.assertEqual((self.server.state, self.server.failure_count, self.server.state_message), ("ok", 0, False))
        self.assertFalse(self.server.next_probe_at or jobs.unverified_since)
        self.env.cr.precommit.run()
        messages = "".join(self.env["bus.bus"].search([]).mapped("message"))
        self.assertIn("label_print_monitor/changed", messages)
        self.assertIn(f'"servers":[{self.server.id}]', messages.replace(" ", ""))
