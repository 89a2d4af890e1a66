"""A request to cancel that the print server answers with an error is repeated, less and less often."""

import time
from types import SimpleNamespace

from odoo.addons.label_print_monitor.models import print_job_cancel_repeats as repeats_module

from .engine_case import EngineCase


class TestCancelRepeats(EngineCase):
    def setUp(self):
        super().setUp()
        self.later = 0.0
        clock = SimpleNamespace(monotonic=lambda: time.monotonic() + self.later)
        self.patch(repeats_module, "time", clock)

    def cancelled_jobs(self, fault, count=1):
        """Jobs whose cancellation was answered with an error to the person who asked for it."""
        self.remote.fault = lambda handler: fault(handler) if handler.command == "DELETE" else False
        jobs = self.make_remote_jobs(count, status="printing")
        for job in jobs:
            job.with_user(self.user).action_cancel()
        self.assertEqual(jobs.mapped("is_cancelling"), [True] * count)
        self.remote.requests.clear()
        return jobs

    def deletes(self):
        """How many requests to cancel have come since the last look."""
        count = sum(method == "DELETE" for method, _path, _headers in self.remote.requests)
        self.remote.requests.clear()
        return count

    def goes_on(self):
        return self.env["print.job.status.poller"]._cancel_is_due_soon()

    def test_the_pause_grows(self):
        job = self.cancelled_jobs(lambda handler: handler.send_json({"error": "Database is locked"}, 500))
        asked = []
        for pause in (0, 1, 1.5, 1, 3.5, 5, 4):
            self.later += pause
            self.sweep()
            asked.append(self.deletes())
            self.assertTrue(self.goes_on(), "a person waits")
        self.assertEqual(asked, [1, 0, 1, 0, 1, 0, 1])
        self.assertEqual((job.status, job.is_cancelling), ("printing", True))
        self.remote.fault = None
        self.later += 60
        self.sweep(2)
        self.assertEqual((job.status, self.deletes()), ("cancelled", 1))
        self.assertFalse(self.goes_on())

    def test_a_refused_key_is_not_tried_for_each_job(self):
        jobs = self.cancelled_jobs(lambda handler: handler.fault_401(), count=3)
        self.sweep(3)
        self.assertEqual(self.deletes(), 1)
        self.assertEqual(self.server.state, "ok", "what else it is asked it answers")
        self.remote.fault = None
        self.later += 3
        self.sweep(2)
        self.assertEqual(set(jobs.mapped("status")), {"cancelled"})

    def test_a_server_that_is_away_keeps_no_sweep_going(self):
        self.cancelled_jobs(lambda handler: handler.send_json({"error": "Database is locked"}, 500))
        self.sweep()
        self.assertTrue(self.goes_on())
        self.later += 60
        self.assertFalse(self.goes_on())
