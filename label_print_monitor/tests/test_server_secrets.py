"""Key and webhook secret of a print server: entered, replaced and removed in forms, read by nobody, in no log."""

import json
import logging

from odoo import api
from odoo.addons.label_print_monitor.models.label_print_server_secret import MASK, SECRETS
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2.errors import SerializationFailure

from .common import LabelPrintCase

KEYS = {"api_key": "key-of-the-factory", "webhook_secret": "secret-of-the-factory"}


@tagged("post_install", "-at_install")
class TestSecretsAreKept(LabelPrintCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.administrator = new_test_user(
            cls.env, "lpm_all", groups="base.group_system,label_print_monitor.group_label_print_manager"
        )
        cls.other = cls.env["label.print.server"].create({"name": "Other", "api_url": "http://127.0.0.1:9", **KEYS})
        cls.server.api_url = "http://127.0.0.1:8"
        cls.server.write({name: f"default-{value}" for name, value in KEYS.items()})

    def kept(self, server):
        return {name: server._secret(name) for name in SECRETS}

    def test_nobody_groups_or_sorts_by_them(self):
        servers = self.env["label.print.server"].with_user(self.manager)
        for name in SECRETS:
            words = f"cannot be grouped or sorted by “{servers._fields[name].string}”"
            self.assertFalse(servers.fields_get([name])[name].get("groupable"))
            for look in (
                lambda name=name: servers.formatted_read_group([], [name], ["__count"]),
                lambda name=name: servers.formatted_read_group([], [], [f"{name}:count"]),
                lambda name=name: servers.formatted_read_grouping_sets([], [["state"], [name]], ["__count"]),
                lambda name=name: servers.search([], order=f"state, {name} desc"),
            ):
                with self.subTest(name), self.assertRaisesRegex(UserError, words):
                    look()

    def refusal(self, look):
        try:
            look()
        except (UserError, ValueError) as error:
            return str(error)
        return self.fail("it was not refused")

    def test_nothing_of_them_on_the_way_from_another_model(self):
        """A domain, a group, an order and an export may follow a many2one: it ends in words, or in nothing."""
        job = self.make_job(server_id=self.other.id)
        self.env.flush_all()
        values = "|".join(KEYS.values())
        for model in ("label.print.job", "label.print.attempt", "printer.configuration", "label.print.failed.label"):
            records = self.env[model].with_user(self.administrator)
            path = "server_id" if "server_id" in records._fields else "job_id.server_id"
            for name in (*SECRETS, "own_secrets"):
                secret = f"{path}.{name}"
                for look in (
                    lambda records=records, secret=secret: records.search([(secret, "=like", "k%")]),
                    lambda records=records, secret=secret: records.search([(secret, "!=", False)]),
                    lambda records=records, secret=secret: records.formatted_read_group([], [secret], ["__count"]),
                    lambda records=records, secret=secret: records.web_read_group([], [secret], ["__count"]),
                    lambda records=records, secret=secret: records.formatted_read_grouping_sets(
                        [], [[secret]], ["__count"]
                    ),
                ):
                    with self.subTest(secret, model=model), self.assertRaises(UserError) as caught:
                        look()
                    self.assertNotRegex(str(caught.exception), values)
                # Which the web client never asks for: Odoo knows no such path, whatever the field.
                for look in (
                    lambda records=records, secret=secret: records.search([], order=secret),
                    lambda records=records, secret=secret: records.formatted_read_group([], [], [f"{secret}:max"]),
                ):
                    with self.subTest(secret, model=model):
                        self.assertNotRegex(self.refusal(look), values)
                if name in SECRETS:
                    said = records.search([], limit=5).export_data([secret.replace(".", "/")])
                    self.assertNotRegex(json.dumps(said), values)
        rows = job.with_user(self.administrator).export_data(["server_id/api_key"])["datas"]
        self.assertEqual(rows, [[MASK]])
        read = job.with_user(self.administrator).web_read({"server_id": {"fields": {name: {} for name in SECRETS}}})
        self.assertEqual({read[0]["server_id"][name] for name in SECRETS}, {MASK})

    def everything_said(self, servers):
        """What the methods that the web client and integrations call answer about these servers."""
        names = [name for name, field in servers.fields_get().items() if field["type"] != "binary"]
        yield servers.read()
        yield servers.read(list(SECRETS))
        yield servers.search_read([("id", "in", servers.ids)])
        yield servers.web_read({name: {} for name in names})
        yield servers.web_search_read([("id", "in", servers.ids)], {name: {} for name in SECRETS})
        yield servers.export_data(list(SECRETS))
        yield servers.name_search("key-of")
        yield servers.default_get(names)
        yield servers.browse().onchange({}, [], {name: {} for name in SECRETS})
        yield servers[:1].copy_data()

    def test_nobody_reads_them(self):
        for user in (self.manager, self.administrator):
            servers = (self.server | self.other).with_user(user)
            for said in self.everything_said(servers):
                text = json.dumps(said, default=str)
                for secret in KEYS.values():
                    self.assertNotIn(secret, text)
            self.assertEqual(servers.mapped("api_key"), [MASK, MASK])
        self.other.write(dict.fromkeys(SECRETS, False))
        self.assertEqual([self.other[name] for name in SECRETS], [False, False])

    def test_no_search_tells_them(self):
        Server = self.env["label.print.server"].with_user(self.administrator)
        Printer = self.env["printer.configuration"].with_user(self.administrator)
        for name in (*SECRETS, "own_secrets"):
            refused = AccessError if name == "own_secrets" else UserError
            for condition in ((name, "=like", "k%"), (name, "=", KEYS["api_key"]), (name, "in", [False])):
                for call in (
                    lambda condition=condition: Server.search([condition]),
                    lambda condition=condition: Printer.search([(f"server_id.{condition[0]}", *condition[1:])]),
                ):
                    with self.subTest(condition), self.assertRaises(refused):
                        call()
            refused = AccessError if name == "own_secrets" else UserError  # in words, not as a fault of the program
            with self.subTest(name), self.assertRaises(refused):
                Server.formatted_read_group([], [name], ["__count"])
            with self.subTest(name), self.assertRaises(refused):
                Server.search([], order=name)

    def test_their_rows_are_open_to_nobody(self):
        for user in (self.user, self.manager, self.administrator, self.env.ref("base.user_admin")):
            Secret = self.env["label.print.server.secret"].with_user(user)
            rows = Secret.sudo().search([]).sudo(False)
            self.assertTrue(rows)
            for call in (
                lambda rows=rows: rows.read(["server_id"]), lambda rows=rows: rows.read(["api_key"]),
                lambda rows=rows: rows.search([("api_key", "=like", "k%")]), lambda rows=rows: rows.unlink(),
                lambda rows=rows: rows.write({"api_key": "mine"}), lambda rows=rows: rows.search_count([]),
                lambda rows=rows: rows.create({"server_id": self.server.id}),
            ):  # fmt: skip
                with self.assertRaises(AccessError):
                    call()
            with self.assertRaises(AccessError):
                self.other.with_user(user).read(["own_secrets"])
        with self.assertRaises(AccessError):
            self.other.with_user(self.user).read(["api_key"])

    def test_a_form_keeps_replaces_and_removes(self):
        for server in (self.server, self.other):
            before = self.kept(server)
            with Form(server.with_user(self.manager)) as form:
                self.assertEqual((form.api_key, form.webhook_secret), (MASK, MASK))
                form.rate_limit = 50
            self.assertEqual(self.kept(server), before)
            server.state = "ok"
            server.with_user(self.manager).write({"api_key": MASK, "webhook_secret": f" {MASK}"})
            self.assertEqual((self.kept(server), server.state), (before, "ok"))
            with Form(server.with_user(self.manager)) as form:
                form.api_key = " another-key\n"
            self.assertEqual(self.kept(server), {**before, "api_key": "another-key"})
            self.assertEqual((server.api_key, server.state), (MASK, "unknown"))
            self.assertEqual(server._connection().api_key, "another-key")
            with Form(server.with_user(self.manager)) as form:
                form.webhook_secret = False
            self.assertEqual(self.kept(server), {"api_key": "another-key", "webhook_secret": ""})
            self.assertFalse(server.webhook_secret)

    def test_a_kept_key_is_sent_to_no_other_address(self):
        for server, key in ((self.server, "default-key-of-the-factory"), (self.other, "key-of-the-factory")):
            mine = server.with_user(self.manager)
            address = server.api_url
            for same in (f"{address}/api", f"{address.upper().replace('HTTP', 'http')}/", f" {address}/path\n", address):
                mine.api_url = same
                self.assertEqual(server._secret("api_key"), key, same)
            for values in (
                {"api_url": "http://127.0.0.2:9"}, {"api_url": "http://127.0.0.1:10"}, {"api_url": False},
                {"api_url": address.replace("http:", "https:")}, {"api_url": "http://127.0.0.2:9", "api_key": MASK},
                {"api_key": f" {MASK}", "api_url": "http://127.0.0.2:9"},
            ):  # fmt: skip
                mine.write(values)
                self.assertEqual((server._secret("api_key"), server.api_key), ("", False), values)
                self.assertEqual(server.state, "misconfigured")
                self.assertIn("Enter the API key", server.state_message)
                self.assertTrue(server._secret("webhook_secret"), "that is sent to nobody")
                # The key first: what is entered in the same save is for the new address, whatever the order.
                mine.write({"api_key": key, "api_url": address})
                self.assertEqual((server._secret("api_key"), server.state), (key, "unknown"), values)
                self.assertFalse(server.state_message)
            with Form(mine) as form:
                form.api_url = "http://127.0.0.2:9"
            self.assertFalse(server.api_key)
            with Form(mine) as form:
                form.api_key = "entered"
                form.api_url = "http://127.0.0.3:9"
            self.assertEqual(server._connection().api_key, "entered")
            server.sudo().api_url = f"http://127.0.0.4:9/{server.id}"
            self.assertEqual(server._secret("api_key"), "entered", "Odoo itself may")

    def test_no_way_round_to_another_address(self):
        """As the default server, its address is that of the system parameters."""
        self.server.is_default = False
        thief = self.env["label.print.server"].with_user(self.manager).create({"name": "Mine", "api_url": "http://a:9"})
        thief.write({"is_default": True, "api_url": "http://a:9"})
        self.assertFalse(thief.sudo()._secret("api_key"))
        with self.assertRaises(AccessError):
            self.other.with_user(self.administrator).write({"own_api_url": "http://a:9"})

    def test_an_address_after_its_key(self):
        server = self.env["label.print.server"].with_user(self.manager).create({"name": "New", "api_key": "first"})
        server.api_url = "http://127.0.0.1:7"
        self.assertEqual(server._connection().api_key, "first")

    def test_dots_with_something_else_are_no_key(self):
        for value in (f"{MASK}x", MASK[:3], f"{MASK}{MASK}"):
            with self.assertRaisesRegex(ValidationError, "Clear the field"):
                self.other.with_user(self.manager).api_key = value

    def test_they_are_deleted_with_their_server(self):
        rows = self.env["label.print.server.secret"].search([("server_id", "=", self.other.id)])
        self.assertEqual(len(rows), 1)
        copied = self.other.with_user(self.manager).copy()
        self.assertEqual(self.kept(copied), {"api_key": "", "webhook_secret": ""})
        self.other.unlink()
        self.assertFalse(rows.exists())

    def test_reading_the_connections_is_one_query(self):
        servers = self.other | self.env["label.print.server"].create(
            [{"name": str(n), "api_url": f"http://127.0.0.1:9/{n}", "api_key": f"key-{n}"} for n in range(3)]
        )
        job = self.make_job()
        self.env.flush_all()
        self.env.invalidate_all()
        servers.fetch(["connection_mode", "is_default", "own_api_url", "own_ca_bundle"])
        with self.assertQueryCount(1):
            keys = [server._connection().api_key for server in servers for _job in range(5)]
        self.assertEqual(len(set(keys)), 4)
        job.server_id._connection()
        with self.assertQueryCount(0):
            self.assertEqual(job.server_id._connection().api_key, "default-key-of-the-factory")


@tagged("post_install", "-at_install")
class TestSecretsInNoLog(TransactionCase):
    """With two real transactions: one commits what the other, which began before, then wants to change."""

    KEY = "label_print.api_key"

    def setUp(self):
        super().setUp()
        with self.registry.cursor() as cr:
            env = self.environment(cr)
            self.before = env["ir.config_parameter"].get_param(self.KEY)
            self.own_id = env["label.print.server"].create({"name": "Of two transactions", "api_key": "first"}).id
            self.default_id = env["label.print.server"]._get_default().id
        self.addCleanup(self.restore)

    def environment(self, cr):
        cr.execute("SET LOCAL lock_timeout = '10s'")
        return api.Environment(cr, api.SUPERUSER_ID, {})

    def restore(self):
        with self.registry.cursor() as cr:
            env = self.environment(cr)
            env["label.print.server"].browse(self.own_id).unlink()
            env["ir.config_parameter"].set_param(self.KEY, self.before)

    def log_of_a_conflict(self, server_id, meanwhile):
        """What is logged when a key is saved after ``meanwhile(env)`` was committed by another transaction."""
        handler = logging.Handler()
        said = []
        handler.emit = lambda record: said.append(record.getMessage())
        root = logging.getLogger("odoo")
        with self.registry.cursor() as first, self.registry.cursor() as second:
            env = self.environment(first)
            env["label.print.server"].browse(server_id).name  # noqa: B018  its snapshot is from now on
            meanwhile(self.environment(second))
            second.commit()
            root.addHandler(handler)
            try:
                with self.assertRaises(SerializationFailure), mute_logger("odoo.sql_db"):
                    logging.getLogger("odoo.sql_db").addHandler(handler)
                    env["label.print.server"].browse(server_id).write({"name": "Renamed", "api_key": "the-secret-key"})
                    env.flush_all()
            finally:
                root.removeHandler(handler)
                logging.getLogger("odoo.sql_db").removeHandler(handler)
                first.rollback()
        return "\n".join(said)

    def test_the_row_of_a_servers_secrets(self):
        log = self.log_of_a_conflict(
            self.own_id, lambda env: env["label.print.server"].browse(self.own_id).write({"webhook_secret": "theirs"})
        )
        self.assertNotIn("the-secret-key", log)

    def test_a_server_that_a_sweep_has_written(self):
        log = self.log_of_a_conflict(
            self.own_id, lambda env: env["label.print.server"].browse(self.own_id).write({"failure_count": 1})
        )
        self.assertIn("UPDATE", log, "a statement that fails is logged")
        self.assertNotIn("the-secret-key", log)

    def test_a_system_parameter_that_exists(self):
        with self.registry.cursor() as cr:
            self.environment(cr)["ir.config_parameter"].set_param(self.KEY, "first")
        log = self.log_of_a_conflict(
            self.default_id, lambda env: env["ir.config_parameter"].set_param(self.KEY, "theirs")
        )
        self.assertNotIn("the-secret-key", log)

    def test_a_system_parameter_that_is_made_meanwhile(self):
        with self.registry.cursor() as cr:
            self.environment(cr)["ir.config_parameter"].set_param(self.KEY, False)
        log = self.log_of_a_conflict(
            self.default_id, lambda env: env["ir.config_parameter"].set_param(self.KEY, "theirs")
        )
        self.assertNotIn("the-secret-key", log)
