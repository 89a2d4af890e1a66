"""Test Connection: what it says, what it keeps, whom it tells, and that a toast is taken back."""

from odoo.addons.label_print_monitor.models.expected_conflicts import _expected
from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from .common import LabelPrintCase
from .engine_case import EngineCase

PAGE = b"<!doctype html><html><title>404 Not Found</title></html>"


class TestAddresses(LabelPrintCase):
    def try_connection(self, **values):
        self.server.write(values)
        return self.server.with_user(self.manager).action_test_connection()["params"]

    def test_a_ca_bundle_that_cannot_be_used_says_nothing_of_odoos_machine(self):
        said = set()
        for path in ("/etc/hostname", "/etc/no-such-file", "/etc", "/etc/ssl/private/key.pem"):
            answer = self.try_connection(api_url="https://127.0.0.1:9", ca_bundle=path)
            said.add(answer["message"].replace(path, "…"))
        self.assertEqual(len(said), 1)
        self.assertEqual(self.server.state, "misconfigured")

    def test_a_wrong_address_in_the_words_of_whoever_entered_it(self):
        answer = self.try_connection(api_url="http://127.0.0.1:9")
        self.assertRegex(answer["message"], "nothing answers at 127.0.0.1:9. Check address and port")
        self.assertEqual((answer["type"], answer["sticky"]), ("danger", True))

    def test_no_address(self):
        answer = self.try_connection(api_url=False)
        self.assertRegex(answer["message"], "address of the print server is not set. Check the print server's settings")


class TestConnections(EngineCase):
    def setUp(self):
        super().setUp()
        self.other_manager = new_test_user(
            self.env, "lpm_other_manager", groups="label_print_monitor.group_label_print_manager"
        )

    def try_connection(self):
        return self.server.with_user(self.manager).action_test_connection()["params"]

    def test_a_connection_that_works_is_reachable_at_once(self):
        jobs = self.make_remote_jobs(1, status="printing")
        self.remote.stop()
        self.sweep(3)
        self.assertEqual(self.server.state, "unreachable")
        self.remote.start()
        self.env.cr.precommit.run()
        self.env["bus.bus"].search([]).unlink()
        answer = self.try_connection()
        self.assertEqual((answer["type"], answer["title"]), ("success", "Connection works"))
        self.assertEqual((self.server.state, self.server.failure_count, self.server.state_message), ("ok", 0, False))
        self.assertFalse(self.server.next_probe_at or jobs.unverified_since)
        self.env.cr.precommit.run()
        messages = "".join(self.env["bus.bus"].search([]).mapped("message"))
        self.assertIn("label_print_monitor/changed", messages)
        self.assertIn(f'"servers":[{self.server.id}]', messages.replace(" ", ""))

    def test_another_program_at_the_address(self):
        other_programs = {
            "web site": lambda handler: handler.send_raw(PAGE, 404, "text/html"),
            "other API": lambda handler: handler.send_json({"error": "Not found"}, 404),
            "no GET": lambda handler: handler.send_json({"detail": "Method not allowed"}, 405),
            "one page for all": lambda handler: handler.send_raw(PAGE, 200, "text/html"),
            "list": lambda handler: handler.send_json([1, 2]),
            "object": lambda handler: handler.send_json({"jsonrpc": "2.0", "result": {}}),
            "login page": lambda handler: handler.send_raw(b"", 303, "text/html", Location="/web/login"),
            "router": lambda handler: handler.send_raw(PAGE, 401, "text/html", WWW_Authenticate="Basic"),
        }
        for name, fault in other_programs.items():
            with self.subTest(name):
                self.remote.fault = lambda handler, fault=fault: fault(handler)
                answer = self.try_connection()
                self.assertIn(f"Something answers at 127.0.0.1:{self.remote.port}, but it is no", answer["message"])
                self.assertIn("Check host, port and path of the address", answer["message"])
                self.assertNotRegex(answer["message"], "printed labels|ontact administrator")
                self.assertEqual(self.server.state, "misconfigured")
                self.assertIn("no print server", self.server.state_message)

    def test_a_refused_key(self):
        self.remote.fault = "401"
        self.assertRegex(
            self.try_connection()["message"], "refused the API key .*Compare the API key with the one in the print server"
        )
        self.server.api_key = False
        self.assertRegex(self.try_connection()["message"], "asks for an API key .401., and none is entered. Compare the")

    def test_a_removed_key_and_another_program(self):
        other = self.start_remote()
        other.fault = lambda handler: handler.send_raw(PAGE, 404, "text/html")
        self.server.with_user(self.env.ref("base.user_admin")).api_url = other.url
        said = self.try_connection()["message"]
        self.assertRegex(said, "no print server.*Check host, port and path.*so the API key was removed")
        other.fault = "401"
        self.assertRegex(self.try_connection()["message"], "^[^:]*: The address has changed, so the API key was removed")

    def test_a_failure_is_told_once(self):
        self.remote.stop()
        answer = self.try_connection()
        self.assertIn("nothing answers", answer["message"])
        self.assertEqual(self.server.state, "unreachable")
        self.sweep(4)
        self.assertFalse(self.notices(), "whoever tested has read it")
        told = self.sent_toasts(self.other_manager)
        self.assertEqual([toast["title"] for toast in told], ["Print server cannot be reached"])
        self.assertEqual(told[0]["topic"], answer["topic"], "one takes the place of the other")

    def test_a_toast_is_taken_back_when_the_server_answers(self):
        self.make_remote_jobs(1, status="printing")
        self.remote.stop()
        self.sweep(3)
        (away,) = self.sent_toasts(self.manager)
        self.remote.start()
        self.sweep()
        _away, closed, back = self.sent_toasts(self.manager)
        self.assertEqual(closed, {"closes": away["topic"]})
        self.assertEqual((back["title"], back["topic"]), ("Print server is back", False))

    def test_a_toast_is_taken_back_after_the_settings_were_corrected(self):
        self.remote.fault = "401"
        self.make_remote_jobs(1, status="printing")
        self.sweep()
        (refused,) = self.sent_toasts(self.manager)
        self.remote.fault = None
        self.server.api_key = "another-key"
        self.assertEqual(self.server.state, "unknown")
        answer = self.try_connection()
        self.assertEqual(answer["closes"], refused["topic"])
        self.assertEqual(self.sent_toasts(self.manager)[1:], [{"closes": refused["topic"]}])

    def test_a_toast_about_a_server_that_is_no_longer_used(self):
        self.remote.stop()
        self.sweep(3)
        (away,) = self.sent_toasts(self.manager)
        self.server.active = False
        self.assertEqual(self.sent_toasts(self.manager)[1:], [{"closes": away["topic"]}])

    def test_another_program_is_named_by_the_sweeps_too(self):
        self.remote.fault = lambda handler: handler.send_raw(PAGE, 404, "text/html")
        self.server.last_health = False
        self.sweep(3)
        self.assertEqual(self.server.state, "misconfigured")
        self.assertEqual(self.notices(), ["No print server at this address"])
        self.assertNotIn("printed labels", self.sent_toasts(self.manager)[0]["message"])

    def test_a_manager_of_one_company_tests_a_shared_server(self):
        company = self.env["res.company"].create({"name": "Company B"})
        manager = new_test_user(
            self.env, "lpm_manager_b", groups="label_print_monitor.group_label_print_manager",
            company_id=company.id, company_ids=company.ids,
        )  # fmt: skip
        server = self.server.with_user(manager)
        self.assertFalse(server.can_change)
        self.assertEqual(server.action_test_connection()["params"]["type"], "success")
        self.assertTrue(self.env["label.print.server"].with_user(manager).new({}).can_change)
        self.assertTrue(self.server.with_user(self.env.ref("base.user_admin")).can_change)
        with self.assertRaises(AccessError):
            self.server.with_user(self.user).action_test_connection()


class TestConflictsOfTheTest(EngineCase):
    def test_a_conflict_with_a_sweep_is_no_error_in_the_log(self):
        """Seen: Test Connection and a sweep note the same server; Odoo runs the call again, and logged an error."""
        expected = []
        Server = type(self.env["label.print.server"])
        note_health = Server._note_health

        def note(server, health):
            expected.append(_expected.get())
            return note_health(server, health)

        self.patch(Server, "_note_health", note)
        self.server.with_user(self.manager).action_test_connection()
        self.assertEqual(expected, [True])
