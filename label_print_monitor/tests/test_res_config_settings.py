"""The settings page: whoever may change Odoo's settings can open it, and only managers read and write what is ours."""

from odoo.addons.label_print_monitor.hooks import uninstall_hook
from odoo.addons.label_print_monitor.models.label_print_server_secret import MASK
from odoo.addons.label_print_monitor.services.transport.print_server_client import Unreachable
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Datetime
from odoo.tests import Form, new_test_user

from .common import LabelPrintCase

OURS = ("label_print_api_key", "label_print_webhook_secret", "label_print_api_url", "label_print_default_printer_id")


class TestSettings(LabelPrintCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.parameters = cls.env["ir.config_parameter"].sudo()
        cls.server.write({"api_url": "http://127.0.0.1:9", "api_key": "the-key", "webhook_secret": "the-secret"})
        cls.server.state = "ok"
        cls.administrator = new_test_user(cls.env, "lpm_administrator", groups="base.group_system")
        cls.admin_manager = new_test_user(
            cls.env, "lpm_admin_manager", groups="base.group_system,label_print_monitor.group_label_print_manager"
        )

    def settings(self, user):
        return self.env["res.config.settings"].with_user(user)

    def test_an_administrator_outside_our_groups_opens_and_saves_it(self):
        Settings = self.settings(self.administrator)
        with Form(Settings) as page:
            self.assertNotIn("label_print_api_key", page._view["fields"])
        page.record.execute()
        self.assertEqual(self.parameters.get_param("label_print.api_key"), "the-key")
        self.assertEqual(self.parameters.get_param("label_print.api_url"), "http://127.0.0.1:9")

    def test_nobody_else_reads_what_is_ours(self):
        for user in (self.user, self.administrator):
            values = self.settings(user).default_get(list(self.env["res.config.settings"]._fields))
            self.assertFalse({"the-key", "the-secret"} & {value for value in values.values() if isinstance(value, str)})
        page = self.settings(self.admin_manager).create({})
        for name in OURS:
            with self.assertRaises(AccessError):
                page.with_user(self.administrator).read([name])

    def test_nobody_else_deletes_what_is_ours(self):
        for user in (self.user, self.manager):
            for page in (self.settings(user), self.settings(self.admin_manager).create({}).with_user(user)):
                with self.assertRaises(AccessError):
                    page.set_values()
                with self.assertRaises(AccessError):
                    page.action_generate_label_print_secret()
        self.assertEqual(self.parameters.get_param("label_print.api_key"), "the-key")
        self.assertEqual(self.parameters.get_param("label_print.webhook_secret"), "the-secret")

    def test_a_manager_saves_it(self):
        with Form(self.settings(self.admin_manager)) as page:
            self.assertEqual((page.label_print_api_key, page.label_print_api_url), (MASK, "http://127.0.0.1:9"))
            page.label_print_api_key = " another-key\n"
            page.label_print_default_printer_id = self.printer
        page.record.execute()
        self.assertEqual(self.parameters.get_param("label_print.api_key"), "another-key")
        self.assertEqual(self.parameters.get_param("label_print.default_printer"), "zebra-line-1")
        self.assertEqual(self.server.state, "unknown", "with new settings it is asked again")

    def test_saving_it_unchanged_leaves_the_server_as_it_is(self):
        with Form(self.settings(self.admin_manager)) as page:
            pass
        page.record.execute()
        self.assertEqual(self.server.state, "ok")
        self.assertEqual(self.parameters.get_param("label_print.api_key"), "the-key")
        self.assertEqual(self.parameters.get_param("label_print.webhook_secret"), "the-secret")

    def test_the_key_is_shown_to_nobody_and_removed_by_an_empty_field(self):
        page = self.settings(self.admin_manager).create({})
        for said in (page.read(), self.settings(self.admin_manager).default_get(list(page._fields))):
            self.assertNotIn("the-key", str(said))
            self.assertNotIn("the-secret", str(said))
        with Form(self.settings(self.admin_manager)) as form:
            form.label_print_api_key = False
        form.record.execute()
        self.assertFalse(self.parameters.get_param("label_print.api_key"))
        self.assertEqual(self.parameters.get_param("label_print.webhook_secret"), "the-secret")

    def test_another_address_needs_its_key(self):
        with Form(self.settings(self.admin_manager)) as page:
            page.label_print_api_url = "http://127.0.0.1:9/api"
        page.record.execute()
        self.assertEqual(self.parameters.get_param("label_print.api_key"), "the-key")
        with Form(self.settings(self.admin_manager)) as page:
            page.label_print_api_url = "http://127.0.0.2:9"
        page.record.execute()
        self.assertFalse(self.parameters.get_param("label_print.api_key"))
        self.assertIn("Enter the API key", self.server.state_message)
        # Nothing answers there, either: the key is still what is to be entered.
        self.server._note_failure(Unreachable("unreachable", server="http://127.0.0.2:9"), "unreachable", Datetime.now())
        self.assertIn("Enter the API key", self.server.state_message)
        # In whichever order the page sends them.
        page = self.settings(self.admin_manager).create(
            {"label_print_api_key": "new-key", "label_print_api_url": "http://127.0.0.3:9"}
        )
        page.execute()
        self.assertEqual(self.parameters.get_param("label_print.api_key"), "new-key")
        page.write({"label_print_api_key": MASK, "label_print_api_url": "http://127.0.0.4:9"})
        self.assertFalse(self.parameters.get_param("label_print.api_key"))
        page.write({"label_print_api_key": "newer-key", "label_print_api_url": "http://127.0.0.5:9"})
        self.assertEqual(self.server._connection().api_key, "newer-key")
        self.assertEqual(self.server._connection().base_url, "http://127.0.0.5:9")

    def test_it_says_how_the_server_is(self):
        """Like the server's own form: the key was removed, nothing answers, it is archived."""
        with Form(self.settings(self.admin_manager)) as page:
            self.assertEqual((page.label_print_server_state, page.label_print_server_active), ("ok", True))
            page.label_print_api_url = "http://127.0.0.2:9"
        page.record.execute()
        with Form(self.settings(self.admin_manager)) as page:
            self.assertEqual(page.label_print_server_state, "misconfigured")
            self.assertIn("the API key was removed. Enter the API key", page.label_print_server_state_message)
        self.printer.active = False
        self.server.active = False
        with Form(self.settings(self.admin_manager)) as page:
            self.assertFalse(page.label_print_server_active)
        self.assertEqual(page.record.action_open_label_print_server()["res_id"], self.server.id)

    def test_test_connection_saves_and_says_what_came_of_it(self):
        page = Form(self.settings(self.admin_manager))
        page.label_print_api_url = "http://127.0.0.1:7"
        page.label_print_api_key = "new-key"
        record = page.save()
        answer = record.action_test_label_print_connection()
        self.assertIn("nothing answers at 127.0.0.1:7", answer["params"]["message"])
        self.assertEqual(self.parameters.get_param("label_print.api_url"), "http://127.0.0.1:7")
        self.assertEqual(self.server._connection().api_key, "new-key")
        self.assertEqual(answer["params"]["next"]["tag"], "soft_reload", "the page shows what was found")
        record.invalidate_recordset()
        self.assertEqual(record.label_print_server_state, "unreachable")
        buttons = self.env["res.config.settings"].get_view(view_type="form")["arch"]
        for name in ("action_test_label_print_connection", "action_generate_label_print_secret"):
            self.assertRegex(buttons, f'name="{name}"[^>]*noSaveDialog="true"', "Odoo would save and forget the button")

    def test_a_generated_secret_is_shown_once(self):
        page = self.settings(self.admin_manager).create({})
        answer = page.action_generate_label_print_secret()
        secret = self.parameters.get_param("label_print.webhook_secret")
        self.assertNotEqual(secret, "the-secret")
        self.assertIn(secret, answer["params"]["message"])
        self.assertNotIn(secret, str(self.settings(self.admin_manager).create({}).read()))

    def test_a_company_has_a_default_printer_of_its_own(self):
        self.admin_manager.group_ids += self.env.ref("base.group_multi_company")
        self.printer.is_default = True
        other = self.printer.copy({"name": "Line 2", "cups_name": "zebra-line-2"})
        with Form(self.settings(self.admin_manager)) as page:
            self.assertEqual(page.label_print_default_printer_id, self.printer)
            page.label_print_company_printer_id = other
        page.record.execute()
        self.assertEqual(self.parameters.get_param("label_print.default_printer"), "zebra-line-1")
        Printer = self.env["printer.configuration"]
        self.assertEqual(Printer._get_default_printer(), other)
        self.assertEqual((other.is_default, self.printer.is_default), (True, False))
        self.assertEqual(Printer.search([("is_default", "=", True)]), other)
        company = self.env["res.company"].create({"name": "Without one"})
        self.assertEqual(Printer._get_default_printer(company), self.printer)

    def test_a_default_printer_that_is_not_seen_stays(self):
        self.printer.is_default = True
        self.printer.active = False
        with Form(self.settings(self.admin_manager)) as page:
            self.assertFalse(page.label_print_default_printer_id)
        page.record.execute()
        self.assertEqual(self.parameters.get_param("label_print.default_printer"), "zebra-line-1")

    def test_an_address_that_is_none(self):
        page = Form(self.settings(self.admin_manager))
        page.label_print_api_url = "print.example.com"
        with self.assertRaises(ValidationError):
            page.save()

    def test_two_servers_never_share_a_secret(self):
        other = self.env["label.print.server"].create({"name": "Other", "webhook_secret": "its-own"})
        with self.assertRaises(ValidationError):
            other.webhook_secret = "the-secret"
        with self.assertRaises(ValidationError):
            self.server.webhook_secret = "its-own"

    def test_a_duplicated_server_has_no_secrets(self):
        other = self.env["label.print.server"].create(
            {"name": "Other", "api_key": "other-key", "webhook_secret": "its-own", "rate_limit": 7}
        )
        for server in (other, self.server):
            copied = server.with_user(self.manager).copy()
            self.assertFalse(copied.api_key or copied.webhook_secret or copied.api_url or copied.is_default)
        self.assertEqual(other.copy().rate_limit, 7)

    def test_uninstalling_leaves_nothing_in_clear(self):
        self.make_job()
        export = self.env["label.print.job"].action_export_history()
        attachment = self.env["ir.attachment"].browse(int(export["url"].split("/")[3].split("?")[0]))
        mine = self.env["ir.attachment"].create({"name": "print_history_of_mine.csv", "res_model": "res.partner"})
        uninstall_hook(self.env)
        self.assertFalse(self.parameters.search([("key", "like", "label_print")]))
        self.assertFalse(attachment.exists())
        self.assertTrue(mine.exists())
