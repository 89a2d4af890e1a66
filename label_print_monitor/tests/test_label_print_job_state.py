"""What other modules can do when jobs get another status."""

from odoo.addons.label_print_monitor.services.contract.payloads import parse_job_report

from .engine_case import EngineCase
from .notifier_case import NotifierCase


class HookCase(NotifierCase):
    def setUp(self):
        super().setUp()
        self.calls = []

        def record(jobs, old):
            self.calls.append((jobs, old, jobs.mapped("status")))

        self.patch(type(self.env["label.print.job"]), "_on_status_changed", record)


class TestHook(HookCase):
    def test_one_call_for_all_jobs_that_a_report_changes(self):
        jobs, other = self.make_jobs(3), self.make_job(status="queued")
        outcomes = [(job, {"status": "completed"}) for job in jobs] + [(other, {"status": "printing"})]
        reports = [parse_job_report({"job_id": job.flask_job_id, **outcome}) for job, outcome in outcomes]
        self.env["print.job.status.poller"].apply_reports(self.server, reports)
        old, new = {}, {}
        for changed, before, after in self.calls:
            old.update(before)
            new.update(zip(changed.ids, after, strict=True))
        self.assertEqual(len(self.calls), 2, "one for those that go on, one for those that have ended")
        self.assertEqual(old, {**dict.fromkeys(jobs.ids, "printing"), other.id: "queued"})
        self.assertEqual(new, {**dict.fromkeys(jobs.ids, "completed"), other.id: "printing"})

    def test_what_changes_no_status_calls_nothing(self):
        job = self.make_job(status="printing")
        self.report(job, status="printing", current_label=5)
        self.report(job, status="printing", current_label=5)
        self.assertFalse(self.calls)

    def test_what_a_person_does_is_told_too(self):
        job = self.failed_job()
        self.calls.clear()
        job.with_user(self.user).action_retry()
        [(jobs, old, status)] = self.calls
        self.assertEqual((jobs, old, status), (job, {job.id: "failed"}, ["pending"]))
        self.assertTrue(jobs.env.su)

    def test_it_may_write_fields_of_its_own_and_post_messages(self):
        """`write` does for an automation rule what `_apply` does not: see docs/architecture.md."""
        Job = type(self.env["label.print.job"])

        def on_status_changed(jobs, old):
            jobs.write({"priority": "high"})
            for job in jobs:
                job.message_post(body=f"{old[job.id]} → {job.status}", partner_ids=self.manager.partner_id.ids)

        self.patch(Job, "_on_status_changed", on_status_changed)
        self.manager.notification_type = "email"
        job = self.make_job(status="printing", priority="low")
        self.report(job, status="completed")
        self.assertEqual(job.priority, "high")
        message = job.message_ids[:1]
        self.assertIn("printing → completed", message.body)
        self.assertEqual(message.sudo().mail_ids.state, "outgoing", "left to the mail queue")


class TestHookCost(EngineCase):
    def test_without_an_override_it_costs_no_query(self):
        jobs = self.make_job(status="printing") | self.make_job(status="printing")
        with self.assertQueryCount(0):
            jobs._on_status_changed(dict.fromkeys(jobs.ids, "queued"))

    def test_a_sweep_calls_it(self):
        calls = []
        self.patch(type(self.env["label.print.job"]), "_on_status_changed", lambda jobs, old: calls.append(old))
        jobs = self.make_remote_jobs(4)
        self.end_all()
        self.sweep()
        self.assertEqual({id_: old for call in calls for id_, old in call.items()}, dict.fromkeys(jobs.ids, "sent"))
        self.assertEqual(len(calls), 2, "those that are cancelled are written by themselves")
