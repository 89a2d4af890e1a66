"""Any sequence of sweeps, reports, faults and clicks keeps the rules."""

import random

from odoo.addons.label_print_monitor.services.contract.payloads import parse_job_report
from odoo.addons.label_print_monitor.services.lifecycle import job_lifecycle

from .engine_case import EngineCase


class TestSequences(EngineCase):
    """Random sequences of sweeps, reports in any order, faults and clicks. The seed stands in the message."""

    def test_any_sequence_of_reports_and_actions_keeps_the_rules(self):
        for seed in range(6):
            with self.subTest(seed=seed):
                self.run_sequence(random.Random(seed))

    def run_sequence(self, chance):
        job = self.make_remote_jobs(1)
        poller = self.env["print.job.status.poller"]
        words = [word for word, _label in job_lifecycle.STATUSES[1:]] + ["nonsense"]
        seen = [(job.attempt_number, job.status, job.current_label)]
        for _step in range(30):
            move = chance.random()
            if move < 0.75:
                data = {"status": chance.choice(words), "current_label": chance.randint(-2, 25)}
                if not job.flask_job_id:
                    job.sudo()._apply({job.id: {"status": "sent", "flask_job_id": f"again-{job.id}-{job.attempt_number}"}})
                report = parse_job_report({"job_id": job.flask_job_id, **data})
                poller.apply_reports(self.server, [report] * chance.randint(1, 2))
            elif move < 0.9 and job_lifecycle.can_retry(job.status):
                missing = [*job._job_account().missing, *job._job_account().uncertain]
                self.look_and_retry(job.with_user(self.user), sorted(chance.sample(missing, min(5, len(missing)))))
            elif job.can_cancel:
                self.remote.jobs.setdefault(job.flask_job_id, {"job_id": job.flask_job_id})
                job.with_user(self.user).action_cancel()
            job.invalidate_recordset()
            now = (job.attempt_number, job.status, job.current_label)
            before = seen[-1]
            self.assertIn(job.status, dict(job_lifecycle.STATUSES))
            self.assertTrue(0 <= job.current_label <= job.quantity)
            if now[0] == before[0]:
                self.assertTrue(before[1] == now[1] or job_lifecycle.check_move(before[1], now[1]), (before, now))
                # Of one that ended badly with every label counted, the last one is in doubt.
                doubted = now[1] in ("failed", "completed_with_errors") and before[2] == job.attempt_base + job.attempt_quantity
                self.assertGreaterEqual(now[2], before[2] - doubted)
            else:
                self.assertEqual((now[0], now[1]), (before[0] + 1, "pending"))
            seen.append(now)
        ended = {(attempt, status) for attempt, status, _label in seen if status in ("completed", "completed_with_errors", "failed")}
        keys = [toast["key"] for toast in self.sent_toasts(self.user) if job.id in toast["job_ids"]]
        self.assertEqual(sorted(keys), sorted(f"job-{job.id}-{attempt}-{status}" for attempt, status in ended))
