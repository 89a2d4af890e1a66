"""The routes of access_matrix.txt, and that without a session no method can be called at all."""

import json
import time

from odoo.addons.label_print_monitor.services.contract.event_signature import sign
from odoo.tests import HttpCase, tagged

from .access_records import AccessCase, read_table


@tagged("post_install", "-at_install")
class TestRoutesMatrix(AccessCase, HttpCase):
    """Routes ask no user's rights but a signature or a token; and without a session no method can be called at all."""

    def ask(self, route, signed):
        if route.endswith(("/enroll", "/pull")):
            return self.call_odoo(route, signed)
        return self.get(route, signed) if route.endswith("/metrics") else self.post(route, signed)

    def call_odoo(self, route, signed):
        values = {"name": "To be connected", "connection_mode": "server_calls"}
        code = self.env["label.print.server"].create(values)._make_code() if signed else "AAAA-BBBB-CCCC"
        data = {"protocol": 1, "instance": "1f" * 16, "code": code, "answers": []}
        headers = {"Authorization": f"Bearer {self.given_token if signed else 'another token'}"}
        return {200: "yes", 401: "no", 403: "no"}.get(
            self.url_open(route, json=data, headers=headers).status_code, "other"
        )

    def get(self, route, signed):
        token = self.metrics_token if signed else "another token"
        code = self.url_open(route, headers={"Authorization": f"Bearer {token}"}).status_code
        return {200: "yes", 401: "no"}.get(code, "other")

    def post(self, route, signed):
        body = json.dumps({"events": []}).encode()
        secret = self.server._secret("webhook_secret") if signed else "another secret"
        headers = {"Content-Type": "application/json", **sign(secret, "msg_1", int(time.time()), body)}
        return {204: "yes", 401: "no"}.get(
            self.url_open(
                route.replace("<int:server_id>", str(self.server.id)), data=body, headers=headers
            ).status_code,
            "other",
        )

    def test_routes(self):
        for (route, kind), (words, elsewhere) in read_table()["routes"].items():
            self.assertEqual(elsewhere, "same" if "yes" in words.values() else "-")
            for role, word in words.items():
                for company in (self.company, self.elsewhere):
                    with self.subTest(route=route, kind=kind, role=role, company=company.name):
                        login = self.people[role, company].login if role != "anonymous" else None
                        self.authenticate(login, login)
                        self.assertEqual(self.ask(route, kind == "signed"), word)

    def test_nothing_can_be_called_without_a_session(self):
        self.authenticate(None, None)
        for model, method in read_table()["methods"]:
            params = {"model": model, "method": method, "args": [[self.failed.id]], "kwargs": {}}
            answer = self.url_open(
                f"/web/dataset/call_kw/{model}/{method}", json={"jsonrpc": "2.0", "method": "call", "params": params}
            ).json()
            self.assertIn("SessionExpired", answer["error"]["data"]["name"], (model, method))
