"""What the buttons on jobs have in common: states in which they do nothing, selections, and what they are called."""

from lxml import etree
from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged
from odoo.tools.safe_eval import safe_eval

from .common import LabelPrintCase


class TestActions(LabelPrintCase):
    def test_retry_and_cancel_in_the_wrong_state(self):
        job = self.make_job(status="printing")
        with self.assertRaisesRegex(UserError, "cannot be retried"):
            job.with_user(self.user).action_retry()
        self.report(job, status="completed")
        with self.assertRaisesRegex(UserError, "nothing to cancel"):
            job.with_user(self.user).action_cancel()

    def test_a_selection_that_was_cut_is_refused(self):
        self.env["ir.config_parameter"].set_param("web.active_ids_limit", "2")
        jobs = self.failed_job() + self.failed_job() + self.failed_job()
        selection = jobs[:2].with_user(self.user).with_context(active_domain=[("id", "in", jobs.ids)])
        for act in (selection.action_retry, selection.action_cancel):
            with self.assertRaisesRegex(UserError, "selected 3 jobs; at most 2"):
                act()
        self.assertEqual(set(jobs.mapped("status")), {"failed"})
        selection.with_context(active_domain=[("id", "in", jobs[:2].ids)]).action_retry()
        self.assertEqual(jobs.mapped("status"), ["pending", "pending", "failed"])

    def test_the_summary_of_a_selection_counts_instead_of_naming(self):
        """It named each job twice and filled the screen; now a button opens those that are left."""
        jobs = self.env["label.print.job"].union(*(self.make_job() for _job in range(13)))
        retried, aside = self.failed_job(), self.failed_job()
        aside.with_user(self.user)._set_aside("not_needed")
        action = (jobs + retried + aside).with_user(self.user).action_retry()
        self.assertEqual(
            action["params"]["message"],
            "1 job prints its missing labels. 14 jobs are left: "
            "13 × not failed, or retried by somebody just now; 1 × set aside.",
        )
        self.assertEqual(action["params"]["job_ids"], (jobs + aside).ids)


@tagged("post_install", "-at_install")
class TestButtons(LabelPrintCase):
    def test_retry_is_the_first_thing_to_do_only_where_it_helps(self):
        arch = etree.fromstring(self.env["label.print.job"].get_view(view_type="form")["arch"])
        for code, primary in (("paper_out", True), ("invalid_zpl", False)):
            job = self.make_job(status="failed", error_code=code)
            shown = [
                button
                for button in arch.xpath("//header/button[@name='action_retry']")
                if not safe_eval(button.get("invisible"), {n: job[n] for n in ("can_retry", "error_retry_helps")})
            ]
            self.assertEqual(len(shown), 1, code)
            self.assertEqual("btn-primary" in (shown[0].get("class") or ""), primary, code)

    def test_every_cancel_asks_for_a_reason_with_words_that_cannot_be_mistaken(self):
        for kind in ("list", "kanban", "form"):
            arch = etree.fromstring(self.env["label.print.job"].get_view(view_type=kind)["arch"])
            buttons = arch.xpath("//button[@name='action_cancel']")
            self.assertTrue(buttons, kind)
            for button in buttons:
                self.assertEqual(button.get("context"), "{'label_print_ask_reason': True}", kind)
        arch = etree.fromstring(self.env["label.print.cancel.wizard"].get_view(view_type="form")["arch"])
        self.assertEqual([button.get("string") for button in arch.xpath("//footer/button")], ["Keep Printing"])
        self.assertFalse(arch.xpath("//button[@string='Cancel']"))


class TestCallers(LabelPrintCase, HttpCase):
    def call(self, route, method, jobs):
        path = f"/web/dataset/{route}/label.print.job/{method}"
        params = {"model": "label.print.job", "method": method, "args": [jobs.ids], "kwargs": {}}
        return self.make_jsonrpc_request(path, params)

    def test_only_a_button_of_a_view_has_its_view_read_again(self):
        """From a toast, a reload would save the form in which somebody types, and a close would shut their dialog."""
        self.authenticate(self.user.login, self.user.login)
        jobs = [self.failed_job() for _job in range(6)]
        for route, expected in (("call_button", {"type": "ir.actions.act_window_close"}), ("call_kw", None)):
            one, first, second = jobs.pop(), jobs.pop(), jobs.pop()
            for method, some in (("action_retry", one), ("action_retry", first + second), ("action_cancel", one)):
                with self.subTest(route=route, method=method, jobs=len(some)):
                    action = self.call(route, method, some)
                    self.assertEqual(action["tag"], "display_notification")
                    self.assertEqual(action["params"].get("next"), expected)

    def test_refresh_reads_its_form_again(self):
        self.authenticate(self.user.login, self.user.login)
        job = self.make_job(status="completed")
        self.assertEqual(self.call("call_button", "action_refresh", job)["tag"], "soft_reload")
