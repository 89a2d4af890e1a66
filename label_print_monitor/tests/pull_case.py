"""What the tests of print servers that call Odoo share: one that is connected by a code, and asks by the routes."""

import base64
import json
from unittest.mock import patch

from odoo.addons.label_print_monitor.services.transport import pull_session
from odoo.tests import HttpCase

from .common import LabelPrintCase

ENROLL, PULL = "/label_print_monitor/enroll", "/label_print_monitor/pull"
INSTANCE, OTHER = "1f" * 16, "2e" * 16


class PullCase(LabelPrintCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pulling = cls.make_pulling("Factory")

    @classmethod
    def make_pulling(cls, name, **values):
        return cls.env["label.print.server"].create({"name": name, "connection_mode": "server_calls", **values})

    def post(self, route, data, **headers):
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        return self.url_open(route, data=body, headers={"Content-Type": "application/json", **headers})

    def exchange(self, code, **values):
        """The answer to a code."""
        data = {"code": code, "instance": INSTANCE, "host": "line-pc", "version": "2.1.0", "protocol": 1, **values}
        return self.post(ENROLL, data)

    def connect(self, server=None, **values):
        """Connect a print server by a new code.

        :return: its token
        """
        answer = self.exchange((server or self.pulling)._make_code(), **values)
        self.assertEqual(answer.status_code, 200, answer.text)
        return answer.json()["token"]

    def ask(self, token, answers=(), headers=None, **values):
        """The answer to a question for calls."""
        data = {"protocol": 1, "instance": INSTANCE, "version": "2.1.0", "answers": list(answers), **values}
        return self.post(PULL, data, **{"Authorization": f"Bearer {token}", **(headers or {})})

    def fetch(self, token, answers=(), **values):
        answer = self.ask(token, answers, **values)
        self.assertEqual(answer.status_code, 200, answer.text)
        return answer.json()

    def assert_refused(self, answer, status, code, words=""):
        self.assertEqual(answer.status_code, status, answer.text)
        error = answer.json()["error"]
        self.assertEqual(error["code"], code)
        self.assertTrue(error["message"])
        if words:
            self.assertRegex(error["message"], words)
        self.assertEqual(list(answer.json()), ["error"])

    def answer_to(self, call, data, status=200, **headers):
        body = json.dumps(data).encode()
        headers = {"Content-Type": "application/json", **headers}
        return {
            "call": call["call"], "status": status, "headers": headers, "body": base64.b64encode(body).decode(),
        }  # fmt: skip

    def calling(self, while_waiting):
        """A client of the print server whose caller, instead of pausing, does something: the first time and later."""
        steps = iter(while_waiting)

        def pause(session, seconds):
            step = next(steps, None)
            if step:
                step()

        self.startPatcher(patch.object(pull_session.PullSession, "_pause", pause))
        return self.pulling._client()
