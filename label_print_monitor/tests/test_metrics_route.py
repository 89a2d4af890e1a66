"""Who reads the metrics: tokens and their companies, and the route itself."""

from contextlib import closing

from odoo.addons.label_print_monitor.models import label_print_metrics
from odoo.exceptions import AccessError
from odoo.fields import Datetime
from odoo.tests import Form, HttpCase, new_test_user, tagged
from odoo.tools import SQL

from .common import LabelPrintCase
from .companies_case import CompaniesCase
from .metrics_case import MetricsCase, Scraped

ROUTE = "/label_print_monitor/metrics"


@tagged("post_install", "-at_install")
class TestMetricsOfCompanies(MetricsCase, CompaniesCase):
    def test_a_company_sees_its_own_and_what_is_shared(self):
        for printer, company, quantity in (
            (self.printer_b, self.company_b, 1),
            (self.printer_shared, self.company_b, 1),
            (self.printer_shared, self.company_a, 2),
        ):
            for _number in range(quantity):
                self.make_job(printer_id=printer.id, company_id=company.id)
        self.env["label.print.incident"].sudo().create(
            {
                "printer_id": self.printer_b.id, "server_id": self.server_b.id, "company_id": self.company_b.id,
                "opened_at": Datetime.now(), "cause": "jam", "kind": "jam",
            }
        )  # fmt: skip
        shared = {"server": "Shared", "printer": "s", "status": "pending"}
        of_b = {"server": "Server B", "printer": "b", "status": "pending"}
        a, b, everything = self.scrape(self.company_a), self.scrape(self.company_b), self.scrape()
        self.assertEqual([found.value("jobs", **shared) for found in (a, b, everything)], [2, 1, 3])
        self.assertEqual([found.value("jobs", **of_b) for found in (b, everything)], [1, 1])
        for name in ("Server B", "b"):
            self.assertNotIn(name, a.values_of("server") | a.values_of("printer"))
        self.assertNotIn("jam", a.values_of("cause"))
        self.assertIn("jam", b.values_of("cause"))
        self.assertIn("jam", everything.values_of("cause"))

    def test_a_printer_that_was_given_to_another_company(self):
        """Only one without open jobs can be given away; what its former company printed there is told to neither."""
        job = self.make_job(printer_id=self.printer_shared.id, company_id=self.company_a.id, status="sent")
        now = Datetime.now()
        job.attempt_ids.write({"submitted_date": now, "outcome": "completed", "ended_date": now, "printed_count": 3})
        job.write({"status": "completed", "completed_date": now})
        of_s = {"server": "Shared", "printer": "s"}
        self.assertEqual(self.scrape(self.company_a).value("submissions_total", result="accepted", **of_s), 1)
        self.printer_shared.company_id = self.company_b
        of_b = self.scrape(self.company_b)
        self.assertEqual(of_b.value("submissions_total", result="accepted", **of_s), 0)
        self.assertEqual(of_b.value("last_day_labels", outcome="unconfirmed", **of_s), 0)
        found = self.scrape(self.company_a)
        self.assertNotIn("s", found.values_of("printer"))
        self.assertFalse(found.has("jobs", status="printing"))

    def test_who_makes_tokens(self):
        def page(user):
            Settings = self.env["res.config.settings"].with_user(user).with_company(user.company_id)
            return Settings.create({})

        for user in (self.manager_a, self.user_b):
            with self.assertRaises(AccessError):
                self.as_user(user, page(self.administrator)).action_make_label_print_metrics_token()
        own = new_test_user(
            self.env,
            "lpm_of_b",
            groups="label_print_monitor.group_label_print_manager",
            company_id=self.company_b.id,
            company_ids=[(6, 0, self.company_b.ids)],
        )
        # Only administrators open the settings; the rule holds for whoever calls it.
        checked = self.env["res.config.settings"].with_user(own).with_company(self.company_b)
        checked._check_label_print_metrics(False)
        with self.assertRaisesRegex(AccessError, "all companies"):
            checked._check_label_print_metrics(True)
        tokens = self.env["label.print.metrics.token"]
        page(self.administrator).action_make_label_print_metrics_token()
        self.assertTrue(tokens._of(self.administrator.company_id))
        self.assertFalse(tokens._of(self.env["res.company"]))
        page(self.administrator).action_make_label_print_metrics_token_of_all()
        self.assertTrue(tokens._of(self.env["res.company"]))


@tagged("post_install", "-at_install")
class TestMetricsRoute(LabelPrintCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tokens = cls.env["label.print.metrics.token"]
        cls.tokens.sudo().search([]).unlink()
        cls.administrator = new_test_user(
            cls.env, "lpm_administrator", groups="base.group_system,label_print_monitor.group_label_print_manager"
        )

    def get(self, token=None, **headers):
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return self.url_open(ROUTE, headers=headers)

    def page(self):
        return Form(self.env["res.config.settings"].with_user(self.administrator))

    def test_without_a_token_in_the_settings(self):
        for answer in (self.get(), self.get("anything")):
            self.assertEqual(answer.status_code, 404)
            self.assertIn("Settings", answer.text)

    def test_a_token_opens_it(self):
        page = self.page()
        self.assertFalse(page.label_print_metrics_made)
        self.assertTrue(page.label_print_metrics_url.endswith(ROUTE))
        action = page.save().action_make_label_print_metrics_token()
        self.assertEqual(action["params"]["next"]["tag"], "soft_reload")
        token = action["params"]["message"].split()[-1]
        self.assertGreaterEqual(len(token), 43, "256 bits")
        page = self.page()
        self.assertIn(self.administrator.name, page.label_print_metrics_made)
        self.assertNotIn(token, str(page.save().read()), "shown once")
        self.env.flush_all()
        kept = self.tokens._of(self.env.company)
        self.assertEqual(len(kept), 1)
        self.env.cr.execute("SELECT * FROM label_print_metrics_token")
        self.assertNotIn(token, str(self.env.cr.fetchall()))

        answer = self.get(token)
        self.assertEqual(answer.status_code, 200, answer.text)
        self.assertEqual(answer.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertNotIn("session_id", answer.cookies, "no session")
        self.assertEqual(Scraped(answer.text).value("server_up", server=self.server.name), 1)
        self.assertEqual(self.get(None, Authorization=f"bearer  {token} ").status_code, 200)

    def test_wrong_tokens(self):
        token = self.tokens._make(self.env.company)
        wrong = ["", "x", token[:-1], f"{token}x", token.swapcase(), "é" * 43, "x" * 5000]
        for answer in (self.get(), *map(self.get, wrong), self.get(None, Authorization=token)):
            self.assertEqual(answer.status_code, 401)
            self.assertIn("oken", answer.text)
            self.assertTrue(answer.headers["WWW-Authenticate"].startswith("Bearer"))
            self.assertNotIn("label_print_jobs", answer.text)
        basic = self.get(None, Authorization=f"Basic {token}")
        self.assertEqual(basic.status_code, 401)
        self.assertEqual(self.url_open(f"{ROUTE}?token={token}").status_code, 401, "it would stand in logs")

    def test_a_new_token_ends_the_old_one(self):
        first = self.page().save().action_make_label_print_metrics_token()["params"]["message"].split()[-1]
        second = self.page().save().action_make_label_print_metrics_token()["params"]["message"].split()[-1]
        self.assertEqual([self.get(one).status_code for one in (first, second)], [401, 200])
        self.page().save().action_remove_label_print_metrics_token()
        self.assertEqual(self.get(second).status_code, 404)

    def test_the_token_of_all_companies(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.env["label.print.server"].create({"name": "Of elsewhere", "company_id": elsewhere.id})
        own = self.page().save().action_make_label_print_metrics_token()["params"]["message"].split()[-1]
        everything = self.page().save().action_make_label_print_metrics_token_of_all()["params"]["message"].split()[-1]
        self.assertNotIn("Of elsewhere", self.get(own).text)
        self.assertIn("Of elsewhere", self.get(everything).text)

    def test_it_is_read_whoever_is_logged_in(self):
        token = self.tokens._make(self.env.company)
        self.authenticate("lpm_user", "lpm_user")
        self.assertEqual(self.get().status_code, 401, "a session is no token")
        self.assertEqual(self.get(token).status_code, 200)

    def test_it_writes_nothing(self):
        token = self.tokens._make(self.env.company)
        self.make_job()
        self.get(token)
        self.env.flush_all()
        with closing(self.env.cr.savepoint()):
            # PostgreSQL itself refuses each statement that writes.
            self.env.cr.execute("SET LOCAL transaction_read_only = on")
            self.assertEqual(self.get(token).status_code, 200)
            self.assertEqual(self.get("wrong").status_code, 401)

    def test_it_does_not_wait_for_the_database(self):
        token = self.tokens._make(self.env.company)
        self.patch(label_print_metrics, "MOST_MILLISECONDS", 50)
        self.patch(type(self.tokens), "_rows_of_printers", lambda self, _id: self._read_dicts(SQL("SELECT pg_sleep(60)")))
        with self.assertLogs("odoo.addons.label_print_monitor.controllers.print_metrics", "WARNING"):
            answer = self.get(token)
        self.assertEqual(answer.status_code, 503)
        self.assertIn("in time", answer.text)
        self.assertEqual(self.get("wrong").status_code, 401, "the transaction can be used again")

    def test_only_reading(self):
        token = self.tokens._make(self.env.company)
        answer = self.url_open(ROUTE, data=b"x", headers={"Authorization": f"Bearer {token}"})
        self.assertIn(answer.status_code, (404, 405))
