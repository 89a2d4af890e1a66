"""What the tests share of jobs for a print server that calls Odoo: one that fetches, carries out and answers."""

import base64
import time
from concurrent.futures import Future
from contextlib import contextmanager
from unittest.mock import patch

import requests
from odoo import fields
from odoo.addons.label_print_monitor.models import label_print_server_call as call_module
from odoo.addons.label_print_monitor.services.contract.pull_messages import PulledAnswer
from odoo.addons.label_print_monitor.services.transport import pull_session

from .loopback import KEY
from .pull_case import INSTANCE
from .submission_case import SubmissionCase


class PulledJobsCase(SubmissionCase):
    """The engine as it is, with a print server that fetches: the loopback one, by way of the calls' table."""

    timeout = 1.0

    def setUp(self):
        super().setUp()
        self.server.connection_mode = "server_calls"
        record, self.given = self.env["label.print.server.token"]._make(self.server, instance=INSTANCE, host="line-pc")
        self.token = record
        record.asked_at = fields.Datetime.now()
        self.lost_answers = 0
        self.fetches = True
        self.instance = INSTANCE
        case = self

        @contextmanager
        def transaction(calls):
            yield case.env(su=True)

        def pause(session, seconds):
            time.sleep(seconds)
            case.serve()

        self.startPatcher(patch.object(call_module.ServerCalls, "_transaction", transaction))
        self.startPatcher(patch.object(pull_session.PullSession, "_pause", pause))
        self.startPatcher(patch("odoo.addons.label_print_monitor.models.print_job_sweeps.ThreadPoolExecutor", _Here))
        self.startPatcher(patch("odoo.addons.label_print_monitor.models.print_job_submitter.ThreadPoolExecutor", _Here))

    def serve(self):
        """What the print server does when it is woken: fetch, carry out, bring back."""
        if not self.fetches:
            return
        for call in self.env["label.print.server.call"]._hand_over(self.server.id, self.instance)[0]:
            done = requests.request(
                call["method"],
                self.remote.url + call["path"],
                headers={**call["headers"], "Authorization": f"Bearer {KEY}"},
                data=base64.b64decode(call["body"]),
                timeout=5,
            )
            if self.lost_answers:
                self.lost_answers -= 1
                continue
            answer = PulledAnswer(
                call["call"], done.status_code, dict(done.headers), base64.b64encode(done.content).decode()
            )
            self.assertFalse(self.env["label.print.server.call"]._answer(self.server.id, (answer,)))


class _Here:
    """Runs what it is given at once, in the caller's thread: a test has one transaction."""

    def __init__(self, *args, **kwargs):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        return False

    def submit(self, do, *args):
        future = Future()
        try:
            future.set_result(do(*args))
        except Exception as error:  # noqa: BLE001 - as a pool does
            future.set_exception(error)
        return future

    def shutdown(self, *args, **kwargs):
        pass
