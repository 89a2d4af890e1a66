"""While a printer is in maintenance nobody is told of what stops it; what is still so at the end is told then, once."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from .escalation_case import EscalationCase
from .incident_case import NO_LABELS, READY
from .test_label_print_incident import STOPPED


class TestMaintenance(EscalationCase):
    def begin(self, hours=1, user=None):
        until = fields.Datetime.now() + timedelta(hours=hours)
        Wizard = self.env["label.print.maintenance.wizard"].with_user(user or self.user)
        return Wizard.create({"printer_id": self.printer.id, "until": until}).action_confirm()

    def time_passes(self, hours=2):
        """What housekeeping does so much later."""
        self.env["printer.configuration"]._end_maintenances(fields.Datetime.now() + timedelta(hours=hours))
        self.env.flush_all()
        self.env.invalidate_all()

    def tell_later(self):
        self.tell(timedelta(hours=2, seconds=3))

    def toasts(self):
        """Of what came up at people; what was taken back is none."""
        return [toast for toast in self.sent_payloads(self.user) if "closes" not in toast]

    def test_words(self):
        answer = self.begin()
        until = self.env["label.print.job"].with_user(self.user)._time_in_words(self.printer.maintenance_until)
        words = f"Maintenance until {until} ({self.user.name})"
        self.assertEqual(self.printer.with_user(self.user).maintenance_display, words)
        self.assertEqual(answer["params"]["message"], words)
        self.assertTrue(any(words in body for body in self.printer.message_ids.mapped("body")))
        page = self.env["printer.configuration"].with_user(self.user).get_operator_page(self.printer.id)
        self.assertEqual(page["printer"]["maintenance"], words)
        wall = self.env["printer.configuration"].with_user(self.user).get_wall()
        self.assertIn(words, [printer["maintenance"] for printer in wall["printers"]])
        self.assertIn(words, self.printer.with_user(self.user)._not_ready_warning())
        incident, _jobs = self.stop(1)
        self.assertEqual(incident.with_user(self.user).maintenance_display, words)
        self.assertEqual(incident.with_user(self.user)._describe()[0]["maintenance"], words)

    def test_nobody_is_told_and_at_the_end_once(self):
        self.step(self.second)
        self.begin()
        incident, _jobs = self.stop(2)
        self.escalate(60)
        self.assertEqual((self.toasts(), self.told(incident), incident.escalation_due_at), ([], [], False))
        self.time_passes()
        self.assertFalse(self.printer.maintenance_until)
        self.assertFalse(self.printer.maintenance_display)
        self.tell_later()
        self.tell_later()
        self.assertEqual(len(self.toasts()), 1)
        self.assertFalse(self.activities(incident))
        self.assertGreater(incident.escalation_due_at, incident.escalation_since + timedelta(minutes=14))
        self.time_passes()
        self.tell_later()
        self.assertEqual(len(self.toasts()), 1)

    def test_jobs_that_fail_meanwhile_are_told_at_the_end(self):
        self.begin()
        jobs = self.make_jobs(3)
        self.printer_says(NO_LABELS)
        self.end(jobs, **STOPPED)
        self.tell()
        (incident,) = self.incidents()
        self.assertEqual((self.toasts(), incident.activity_ids.ids), ([], []))
        self.printer_says(READY)
        self.tell()
        self.assertEqual(self.toasts(), [])
        self.time_passes()
        self.tell_later()
        (toast,) = self.toasts()
        self.assertIn("3 jobs that it stopped still lack labels", toast["message"])

    def test_what_was_over_and_has_stopped_nothing_is_not_told(self):
        self.begin()
        self.stop(1)
        self.printer_says(READY)
        self.tell()
        self.time_passes()
        self.tell_later()
        self.assertEqual(self.toasts(), [])

    def test_what_is_on_the_screen_is_taken_back_and_comes_again(self):
        incident, _jobs = self.stop(1)
        self.assertEqual(len(self.toasts()), 1)
        self.begin()
        self.tell()
        self.assertIn({"closes": f"incident-{incident.id}"}, self.sent_payloads(self.user))
        self.time_passes()
        self.tell_later()
        self.assertEqual(len(self.toasts()), 2)

    def test_a_step_is_not_told_twice_because_of_it(self):
        self.step(self.second)
        incident, _jobs = self.stop(1)
        self.escalate(16)
        self.begin()
        self.assertFalse(self.activities(incident))
        self.time_passes()
        self.escalate(200)
        self.assertEqual(len(self.told(incident)), 1)

    def test_ended_early(self):
        self.begin()
        incident, _jobs = self.stop(1)
        incident.with_user(self.user).action_end_maintenance()
        self.assertFalse(self.printer.maintenance_until)
        self.tell()
        self.assertEqual(len(self.toasts()), 1)
        self.printer.with_user(self.user).action_end_maintenance()  # twice does nothing

    def test_another_end(self):
        self.begin(hours=1)
        since = self.printer.maintenance_since
        self.begin(hours=5, user=self.manager)
        self.time_passes(hours=2)
        self.assertTrue(self.printer.maintenance_until)
        self.assertEqual((self.printer.maintenance_since, self.printer.maintenance_by), (since, self.manager))

    def test_bad_ends_are_refused_in_words(self):
        with self.assertRaisesRegex(UserError, "still to come"):
            self.begin(hours=-1)
        with self.assertRaisesRegex(UserError, "30 days"):
            self.begin(hours=24 * 31)

    def test_one_touch_on_the_operators_page(self):
        mine = self.printer.with_user(self.user)
        self.assertEqual(mine.begin_maintenance(120), mine.maintenance_display)
        left = self.printer.maintenance_until - fields.Datetime.now()
        self.assertTrue(timedelta(minutes=119) < left <= timedelta(minutes=120))
        mine.begin_maintenance(30)
        self.assertLess(self.printer.maintenance_until - fields.Datetime.now(), timedelta(minutes=31))
        for minutes in (0, -5, None, "60", 10**30, 60 * 24 * 31):
            with self.assertRaises(UserError):
                mine.begin_maintenance(minutes)
        mine.action_end_maintenance()
        self.assertFalse(mine.maintenance_display)

    def test_who_only_looks_may_not(self):
        display = new_test_user(self.env, "lpm_display", groups="label_print_monitor.group_label_display")
        with self.assertRaises(AccessError):
            self.printer.with_user(display).action_maintenance()
        with self.assertRaises(AccessError):
            self.printer.with_user(display).begin_maintenance(60)
        with self.assertRaises(AccessError):
            self.printer.with_user(display).action_end_maintenance()

    def test_a_job_that_waits_without_an_incident_is_told_at_the_end(self):
        self.begin()
        (job,) = self.make_jobs(1)
        job._apply({job.id: {"waiting_for": "paper_out"}})
        self.assertEqual(self.toasts(), [])
        self.time_passes()
        self.assertEqual(len(self.toasts()), 1)

    def test_jobs_go_on(self):
        self.begin()
        (job,) = self.make_jobs(1)
        self.end(job, status="completed")
        self.assertEqual(job.status, "completed")
