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

    def test_a_wrong_address_in_the_words_of_whoever_entered_it(self):
        self.server.api_url = "http://127.0.0.1:9"
        with self.assertRaisesRegex(UserError, "nothing answers at 127.0.0.1:9. Check address and port"):
            self.server.with_user(self.manager).action_test_connection()
