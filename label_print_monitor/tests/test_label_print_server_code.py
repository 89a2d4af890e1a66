"""Codes that connect print servers: exchanged once, and what is refused in which words."""

import json
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.label_print_monitor.models import label_print_server_code as code_module

from .pull_case import ENROLL, INSTANCE, OTHER, PullCase


class TestEnrolment(PullCase):
    def test_a_code_is_exchanged_once(self):
        code = self.pulling._make_code()
        answer = self.exchange(code)
        self.assertEqual(answer.status_code, 200)
        data = answer.json()
        self.assertRegex(data["token"], r"\Alpt_[\w-]{43}\Z")
        self.assertEqual((data["server"], data["protocol"]), ("Factory", 1))
        self.assertEqual(data["events"]["url"], f"/label_print_monitor/events/{self.pulling.id}")
        self.assertEqual(data["events"]["secret"], self.pulling._secret("webhook_secret"))
        self.assertTrue(data["events"]["secret"].startswith("whsec_"))
        self.assert_refused(self.exchange(code), 403, "code_used", "used already")
        self.assertEqual(len(self.pulling.token_ids), 1)
        self.assertEqual(self.pulling.token_ids.host, "line-pc")

    def test_a_code_as_people_type_it(self):
        self.assertEqual(self.exchange(self.pulling._make_code().lower().replace("-", " ")).status_code, 200)

    def test_a_code_as_a_phone_copies_it(self):
        """Programs that lay out text make dashes of hyphens, and put in characters that nobody sees."""
        for dash in ("\N{EN DASH}", "\N{NON-BREAKING HYPHEN}", "\N{SOFT HYPHEN}-", "\N{ZERO WIDTH SPACE}-", "_"):
            with self.subTest(dash):
                code = self.pulling._make_code()
                self.assertEqual(self.exchange(code.replace("-", dash)).status_code, 200)

    def test_the_clock_of_a_revoked_computer_is_forgotten(self):
        self.connect()
        self.pulling.sudo().write(
            {"events_refused_at": fields.Datetime.now(), "events_refused_skew": 7200, "clock_skew": 7200}
        )
        self.assertTrue(self.pulling.clock_warning)
        self.pulling.action_revoke_tokens()
        self.assertFalse(self.pulling.clock_warning)

    def test_the_command_of_an_odoo_that_only_its_own_computer_reaches(self):
        Wizard = self.env["label.print.connect.wizard"].with_context(label_print_code="ABCD-EFGH-JKLM")
        for address, is_only_here in (
            ("http://localhost:8069", True),
            ("http://127.0.0.1:8069", True),
            ("http://[::1]:8069", True),
            ("https://odoo.example.com", False),
            ("http://192.0.2.1", False),
        ):
            with self.subTest(address):
                self.env["ir.config_parameter"].set_param("web.base.url", address)
                wizard = Wizard.create({"server_id": self.pulling.id})
                self.assertEqual(wizard.is_only_here, is_only_here)
                self.assertEqual(
                    wizard.command,
                    f"label-print-server --odoo {address} --code ABCD-EFGH-JKLM --printers printers.json"
                    if "[" not in address
                    else f"label-print-server --odoo '{address}' --code ABCD-EFGH-JKLM --printers printers.json",
                )
                listed = json.loads(wizard.printers_file)
                self.assertEqual([set(printer) for printer in listed], [{"name", "uri"}])

    def test_each_enrolment_has_a_secret_of_its_own(self):
        """Of two computers that were one print server, the former one must not be able to report."""
        secrets = {self.exchange(self.pulling._make_code()).json()["events"]["secret"] for _time in range(2)}
        self.assertEqual(len(secrets), 2)
        self.assertIn(self.pulling._secret("webhook_secret"), secrets)
        self.pulling.action_revoke_tokens()
        self.assertFalse(self.pulling._secret("webhook_secret"))

    def test_a_secret_that_is_saved_with_the_mode_stays(self):
        self.connect()
        self.pulling.write({"connection_mode": "odoo_calls", "webhook_secret": "of-the-address"})
        self.assertEqual(self.pulling._secret("webhook_secret"), "of-the-address")

    def test_time_tells_nothing_about_codes(self):
        """The slow hash is computed once, whether there is such a first group or not."""
        code = self.pulling._make_code()
        for given in ("AAAA-BBBB-CCCC", code[:-1] + ("A" if code[-1] != "A" else "B"), code):
            with patch.object(code_module, "_hash", wraps=code_module._hash) as slow:
                self.exchange(given)
            self.assertEqual(slow.call_count, 1)

    def test_a_computer_without_a_name(self):
        self.assertFalse(self.pulling.is_enrolled)
        self.assertFalse(self.pulling.pull_host)
        self.connect(host="")
        self.assertTrue(self.pulling.is_enrolled)
        self.assertEqual(self.pulling.pull_host, "A computer without a name")

    def test_codes_that_are_too_old_or_wrong(self):
        code = self.pulling._make_code()
        kept = self.env["label.print.server.code"].search([("server_id", "=", self.pulling.id)])
        kept.expires_at = fields.Datetime.now() - timedelta(seconds=1)
        self.assert_refused(self.exchange(code), 403, "code_expired", "15 minutes")
        for wrong in ("AAAA-BBBB-CCCC", code[:-1], code + "A", "x" * 64, "ä" * 12, "\ud800" * 12):
            with self.subTest(wrong):
                self.assert_refused(self.exchange(wrong), 403, "code_unknown", "does not know")
        self.assertFalse(self.pulling.token_ids)

    def test_a_new_code_takes_the_place_of_the_former(self):
        former = self.pulling._make_code()
        self.pulling._make_code()
        self.assert_refused(self.exchange(former), 403, "code_unknown")

    def test_after_five_wrong_tries_the_right_code_is_unknown_too(self):
        code = self.pulling._make_code()
        wrong = code[:-1] + ("A" if code[-1] != "A" else "B")
        for _time in range(5):
            self.assert_refused(self.exchange(wrong), 403, "code_unknown")
        self.assert_refused(self.exchange(code), 403, "code_unknown")
        self.assertFalse(self.pulling.token_ids)

    def test_a_used_code_says_so_only_to_whoever_has_all_of_it(self):
        code = self.pulling._make_code()
        self.exchange(code)
        wrong = code[:-1] + ("A" if code[-1] != "A" else "B")
        self.assert_refused(self.exchange(wrong), 403, "code_unknown")

    def test_what_is_no_enrolment(self):
        code = self.pulling._make_code()
        good = {"code": code, "instance": INSTANCE, "host": "x", "version": "1", "protocol": 1}
        for bad in (
            b" ", b"{", b"[]", b"null", b"\xff\xfe", {**good, "code": None}, {**good, "code": ["x"]}, {**good, "code": ""},
            {**good, "instance": ""}, {**good, "instance": "a b c d e f g"}, {**good, "instance": "x" * 65},
            {**good, "protocol": "1"}, {**good, "protocol": True}, {**good, "protocol": 0}, {},
        ):  # fmt: skip
            with self.subTest(str(bad).replace(code, "…")):
                self.assert_refused(self.post(ENROLL, bad), 400, "bad_request")
        self.assert_refused(self.post(ENROLL, b" " * 20000), 413, "too_large")
        self.assert_refused(self.post(ENROLL, good, **{"Content-Type": "text/plain"}), 415, "bad_request")
        self.assertEqual(self.exchange(code).status_code, 200)  # none of them has used it up

    def test_a_protocol_of_another_version(self):
        code = self.pulling._make_code()
        self.assert_refused(self.exchange(code, protocol=2), 426, "protocol_unsupported", "update Odoo's module")
        self.assertEqual(self.exchange(code).status_code, 200)

    def test_an_archived_print_server(self):
        code = self.pulling._make_code()
        self.pulling.active = False
        self.assert_refused(self.exchange(code), 410, "server_archived", "Factory is archived")
        self.assertFalse(self.pulling.token_ids)

    def test_words_of_the_print_server_are_bounded(self):
        self.connect(host="h\x00o" + "s" * 1000, version=["no text"])
        self.assertEqual(len(self.pulling.token_ids.host), 255)
        self.assertNotIn("\x00", self.pulling.token_ids.host)
        self.assertFalse(self.pulling.token_ids.version)

    def test_another_computer_is_connected(self):
        """Of two that would be one print server, the one that was connected last is."""
        former = self.connect()
        token = self.connect(instance=OTHER, host="other-pc")
        self.assert_refused(self.ask(former), 403, "token_revoked", "another computer was connected")
        self.assertEqual(self.fetch(token, instance=OTHER)["calls"], [])
        self.assertEqual(self.pulling.pull_host, "other-pc")
