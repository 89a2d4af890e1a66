"""An incident that nobody is on is told to the next person: each step once, and never after somebody is on it."""

from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation

from .escalation_case import GROUP, EscalationCase
from .incident_case import NO_LABELS, READY


class TestEscalation(EscalationCase):
    def test_without_a_step_nobody_is_told(self):
        incident, _jobs = self.stop(1)
        self.escalate(10_000)
        self.assertFalse(incident.escalation_due_at)
        self.assertEqual((self.told(incident), self.activities(incident)), ([], self.env["res.users"]))

    def test_the_next_person_and_then_the_last_one(self):
        self.step(self.second)
        self.step(self.third, minutes=30)
        incident, _jobs = self.stop(1)
        self.assertEqual(incident.escalation_due_at, incident._needed_since() + timedelta(minutes=15))
        self.escalate(14)
        self.assertFalse(self.activities(incident))
        self.escalate(16)
        self.assertEqual(self.activities(incident), self.second)
        self.assertEqual(incident.escalation_due_at, incident._needed_since() + timedelta(minutes=30))
        self.escalate(31)
        self.assertEqual(self.activities(incident), self.second | self.third)
        self.assertFalse(incident.escalation_due_at, "the last step is the end")
        self.escalate(10_000)
        self.assertEqual(len(self.told(incident)), 2)

    def test_told_once_however_often_it_is_looked(self):
        self.step(self.second)
        incident, _jobs = self.stop(1)
        for minutes in (16, 16, 17, 60):
            incident._write_columns([{"escalation_due_at": incident.opened_at}])
            self.escalate(minutes)
        self.assertEqual((len(self.told(incident)), len(self.mails(self.second))), (1, 1))

    def test_two_workers_at_once(self):
        """The second one finds the incident's row in use."""
        self.step(self.second)
        incident, _jobs = self.stop(1)
        with patch.object(type(incident), "_locked", lambda incident: incident.browse()):
            self.escalate(16)
        self.assertEqual(self.told(incident), [])
        self.assertTrue(incident.escalation_due_at, "it is looked again")

    def test_an_archived_or_changed_step_is_not_told_again(self):
        step = self.step(self.second)
        incident, _jobs = self.stop(1)
        self.escalate(16)
        step.active = False
        step.active = True
        step.minutes = 20
        self.escalate(30)
        self.assertEqual(len(self.told(incident)), 1)

    def test_acknowledging_ends_it(self):
        self.step(self.second)
        self.step(self.third, minutes=30)
        incident, _jobs = self.stop(1)
        self.escalate(16)
        incident.with_user(self.user).action_acknowledge()
        self.assertFalse(incident.escalation_due_at)
        self.assertFalse(self.activities(incident), "nobody else has to do it any more")
        self.escalate(60)
        self.assertEqual(len(self.told(incident)), 1)

    def test_assigning_ends_it(self):
        self.step(self.second)
        incident, _jobs = self.stop(1)
        incident.with_user(self.user).write({"user_id": self.third.id})
        self.escalate(60)
        self.assertEqual(self.told(incident), [])

    def test_given_back_it_counts_anew(self):
        self.step(self.second)
        incident, _jobs = self.stop(1)
        incident._write_columns([{"opened_at": incident.opened_at - timedelta(hours=3)}])
        incident.with_user(self.user).action_acknowledge()
        incident.with_user(self.user).action_release()
        self.assertGreater(incident.escalation_due_at, fields.Datetime.now() + timedelta(minutes=14))
        self.escalate(16)
        self.assertEqual(self.activities(incident), self.second)

    def test_its_end_ends_it_and_takes_back_what_was_asked(self):
        self.step(self.second)
        self.step(self.third, minutes=30)
        incident, _jobs = self.stop(1)
        self.escalate(16)
        self.printer_says(READY)
        self.assertEqual(self.activities(incident), self.second, "it may come again")
        self.escalate(1)
        self.assertFalse(self.activities(incident))
        self.assertFalse(incident.escalation_due_at)
        self.escalate(60)
        self.assertEqual(len(self.told(incident)), 1)

    def test_coming_and_going_is_told_once(self):
        self.step(self.second)
        incident, _jobs = self.stop(1)
        self.escalate(16)
        for _time in range(20):
            self.printer_says(READY)
            self.escalate(seconds=2)
            self.printer_says(NO_LABELS)
            self.escalate(16, seconds=4)
        self.assertEqual(self.incidents(), incident)
        self.assertEqual((len(self.told(incident)), len(self.mails(self.second))), (1, 1))
        self.assertEqual(self.activities(incident), self.second)

    def test_while_it_is_over_for_a_moment_nobody_is_told(self):
        self.step(self.second)
        incident, _jobs = self.stop(1)
        self.printer_says(READY)
        self.escalate(60)
        self.assertEqual(self.told(incident), [])

    def test_a_printer_that_nobody_needs_is_told_to_nobody(self):
        """Until a job waits for it: from then on the minutes count."""
        self.step(self.second)
        incident, _jobs = self.stop()
        self.escalate(10_000)
        self.assertEqual((self.told(incident), incident.escalation_due_at), ([], False))
        incident._write_columns([{"opened_at": incident.opened_at - timedelta(hours=3)}])
        (job,) = self.make_jobs(1)
        self.tell()
        self.assertGreater(incident.escalation_due_at, fields.Datetime.now() + timedelta(minutes=14))
        job._apply({job.id: {"status": "completed"}})
        self.escalate(16)
        self.assertEqual((self.told(incident), incident.escalation_due_at), ([], False), "it has gone on elsewhere")

    def test_a_print_server_that_is_away(self):
        self.step(self.second)
        self.step(self.third, printer_ids=self.printer.ids)
        self.server.write({"state": "unreachable", "state_since": fields.Datetime.now()})
        self.env["label.print.incident"]._apply_server(self.server)
        (incident,) = self.incidents(cause="server_away")
        self.escalate(16)
        self.assertEqual(self.activities(incident), self.second)

    def test_a_mistake_with_one_does_not_keep_another_from_being_told(self):
        self.step(self.second)
        first, _jobs = self.stop(1)
        other = self.env["printer.configuration"].create({"name": "Line 2", "cups_name": "zebra-line-2"})
        self.make_jobs(1, printer_id=other.id)
        self.printer_says(NO_LABELS, printer=other)
        self.tell()
        second = self.incidents(closed_at=False) - first
        Notifier = type(self.env["print.job.notifier"])
        tell = Notifier._tell_step

        def fail_once(notifier, incident, step):
            if incident == first:
                raise ValueError("a mistake")
            return tell(notifier, incident, step)

        with (
            patch.object(Notifier, "_tell_step", fail_once),
            patch.object(Notifier, "_undo", lambda notifier: notifier.env.invalidate_all()),
            mute_logger("odoo.addons.label_print_monitor.models.print_job_notifier_escalation"),
        ):
            self.escalate(16)
        self.assertEqual((len(self.told(first)), len(self.told(second))), (0, 1))
        self.assertGreater(first.escalation_due_at, fields.Datetime.now() + timedelta(minutes=16), "tried again")
        self.escalate(30)
        self.assertEqual(len(self.told(first)), 1)

    def test_an_idle_look_writes_nothing(self):
        self.step(self.second, minutes=60)
        self.stop(1)
        self.env.flush_all()
        with self.assertQueryCount(1):
            moments = self.env["label.print.incident"]._due_moments()
        self.assertTrue(moments.is_open)
        self.assertTrue(moments.escalation)
        with patch.object(type(self.env["label.print.incident"]), "_write_columns") as write:
            self.escalate(1)
        write.assert_not_called()


class TestWhoIsTold(EscalationCase):
    def test_by_activity_mail_and_push(self):
        endpoint = self.allow_push(self.second)
        self.step(self.second)
        incident, _jobs = self.stop(1)
        self.escalate(16)
        (mail,) = self.mails(self.second)
        self.assertEqual(mail.state, "outgoing", "a mail server that hangs holds Odoo's queue, and nothing else")
        self.assertIn("Nobody is on it", mail.body_html)
        self.assertIn("Load labels into the printer", mail.body_html)
        self.assertEqual(mail.subject, incident.display_name)
        self.assertEqual(endpoint.received, [], "nothing is sent while the row is locked")
        self.env["mail.push"]._push_notification_to_endpoint()
        ((headers, _body),) = endpoint.received
        self.assertTrue(headers["Authorization"].startswith("vapid t="))
        (notice,) = endpoint.notices()
        self.assertIn("Line 1: Printer is out of paper or labels", notice["title"])
        self.assertIn("Nobody is on it", notice["options"]["body"])
        self.assertEqual(notice["options"]["data"], {"model": "label.print.incident", "res_id": incident.id})
        (line,) = self.told(incident)
        self.assertIn("Escalation after 15 min: Second Person (activity, mail, push notice).", line)

    def test_only_by_the_means_of_the_step(self):
        endpoint = self.allow_push(self.second)
        self.step(self.second, by_activity=False, by_mail=False)
        self.step(self.third, by_mail=True, by_activity=False, by_push=False)
        incident, _jobs = self.stop(1)
        self.escalate(16)
        self.env["mail.push"]._push_notification_to_endpoint()
        self.assertEqual((len(endpoint.received), len(self.mails(self.second))), (1, 0))
        self.assertEqual((len(self.mails(self.third)), len(self.activities(incident))), (1, 0))

    def test_activities_of_odoo_for_an_absent_person_do_not_wait_for_a_push_service(self):
        """Also what Odoo sends of its own accord goes through its queue."""
        endpoint = self.allow_push(self.user)
        self.user.notification_type = "inbox"
        jobs = self.make_jobs(1)
        self.printer_says(NO_LABELS)
        self.end(jobs, status="failed", error_code="paper_out", error_message="Out")
        self.tell()
        (incident,) = self.incidents()
        self.assertEqual(incident.activity_ids.user_id, self.user)
        self.assertEqual(endpoint.received, [])
        self.env["mail.push"]._push_notification_to_endpoint()
        self.assertEqual(len(endpoint.received), 1)

    def test_a_group(self):
        group = self.env["res.groups"].create({"name": "Shift Leaders", "user_ids": (self.third | self.second).ids})
        outsider = new_test_user(self.env, "lpm_outsider", groups="base.group_user")
        group.user_ids = [(4, outsider.id)]
        self.step(group_ids=group.ids)
        incident, _jobs = self.stop(1)
        self.escalate(16)
        self.assertEqual(self.activities(incident), self.third | self.second)

    def test_in_each_persons_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.env["ir.module.module"].search([("name", "=", "label_print_monitor")])._update_translations(["de_DE"])
        self.second.lang = "de_DE"
        self.step(self.second | self.third)
        self.stop(1)
        self.escalate(16)
        self.assertIn("Niemand", self.mails(self.second).body_html)
        self.assertIn("Nobody is on it", self.mails(self.third).body_html)

    def test_somebody_who_was_archived_or_has_lost_the_right_is_left_out_and_named(self):
        gone = new_test_user(self.env, "lpm_gone", name="Gone Person", groups=GROUP)
        self.step(self.second | self.third | gone)
        incident, _jobs = self.stop(1)
        gone.active = False
        self.third.group_ids = [(3, self.env.ref(GROUP).id)]
        self.escalate(16)
        self.assertEqual(self.activities(incident), self.second)
        (line,) = self.told(incident)
        self.assertIn("Gone Person (archived)", line)
        self.assertIn("Third Person (no Label Print User)", line)

    def test_when_nobody_is_left_that_is_said(self):
        self.step(self.second)
        incident, _jobs = self.stop(1)
        self.second.active = False
        self.escalate(16)
        (line,) = self.told(incident)
        self.assertIn("nobody could be told", line)

    def test_without_an_address_and_a_device(self):
        self.second.email = False
        self.step(self.second, by_activity=False)
        incident, _jobs = self.stop(1)
        self.escalate(16)
        (line,) = self.told(incident)
        self.assertIn("Second Person (no mail address, no device)", line)
        self.assertFalse(self.mails(self.second))

    def test_another_companys_people_are_not_told(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        theirs = new_test_user(self.env, "lpm_theirs", groups=GROUP, company_id=elsewhere.id, company_ids=elsewhere.ids)
        self.env["label.print.escalation.step"].create(
            {"minutes": 15, "user_ids": theirs.ids, "company_id": elsewhere.id}
        )
        self.step(self.second)
        self.printer.company_id = self.env.company
        incident, _jobs = self.stop(1)
        self.escalate(16)
        self.assertEqual(self.activities(incident), self.second)

    def test_printers_and_places_have_their_own(self):
        self.printer.location = "Hall 1"
        self.step(self.second)
        hall = self.step(self.third, location="hall 1 ")
        incident, _jobs = self.stop(1)
        self.escalate(16)
        self.assertEqual(self.activities(incident), self.third)
        hall.location = "Hall 2"
        self.escalate(17)
        self.assertEqual(self.activities(incident), self.third | self.second, "it follows the steps as they are")


class TestSteps(EscalationCase):
    def test_a_step_that_tells_nobody_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "whom does this step tell"):
            self.step()
        with self.assertRaisesRegex(ValidationError, "by activity, by mail or by push"):
            self.step(self.second, by_activity=False, by_mail=False, by_push=False)

    @mute_logger("odoo.sql_db")
    def test_minutes(self):
        for minutes in (0, -5, 10_081):
            with self.assertRaises(CheckViolation), self.env.cr.savepoint():
                self.step(self.second, minutes=minutes)

    def test_who_cannot_act_is_refused_by_name(self):
        outsider = new_test_user(self.env, "lpm_outsider", name="Out Sider", groups="base.group_user")
        self.third.active = False
        with self.assertRaisesRegex(ValidationError, r"Out Sider \(no Label Print User\)"):
            self.step(self.second | outsider)
        with self.assertRaisesRegex(ValidationError, r"Third Person \(archived\)"):
            self.step(self.second | self.third)
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        with self.assertRaisesRegex(ValidationError, r"Second Person \(not in company Elsewhere\)"):
            self.step(self.second, company_id=elsewhere.id)

    def test_a_group_in_which_nobody_can_act_is_refused(self):
        group = self.env["res.groups"].create({"name": "Drivers"})
        with self.assertRaisesRegex(ValidationError, "Drivers"):
            self.step(group_ids=group.ids)

    def test_managers_of_a_company_set_their_own(self):
        self.env["res.company"].create({"name": "Elsewhere"})
        Step = self.env["label.print.escalation.step"].with_user(self.manager)
        own = Step.create({"minutes": 5, "user_ids": self.second.ids})
        self.assertEqual(own.company_id, self.env.company)
        with self.assertRaisesRegex(AccessError, "shared by all companies"):
            Step.create({"minutes": 5, "user_ids": self.second.ids, "company_id": False})
        with self.assertRaises(AccessError):
            own.with_user(self.user).read(["minutes"])


class TestWorkingHours(EscalationCase):
    """The calendar of the company, in its own time zone; the incident's times are UTC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.env.company.resource_calendar_id
        cls.calendar.tz = "Europe/Berlin"

    def work(self, *times):
        """:param times: ``(day of the week, from, to)`` in hours"""
        self.calendar.attendance_ids = [
            (0, 0, {"name": "Shift", "dayofweek": str(day), "hour_from": start, "hour_to": end, "day_period": "morning"})
            for day, start, end in times
        ]

    def due(self, opened_at, minutes=30):
        self.step(self.second, minutes=minutes)
        incident, _jobs = self.stop(1)
        incident._write_columns([{"opened_at": datetime.fromisoformat(opened_at)}])
        self.env.cr.execute("UPDATE label_print_incident_job SET create_date = %s", [opened_at])
        self.env.invalidate_all()
        incident._plan_escalation()
        return str(incident.escalation_due_at)

    def test_over_the_weekend(self):
        self.work(*((day, 8, 17) for day in range(5)))
        # Friday 16:50 in Berlin: ten minutes then, twenty on Monday.
        self.assertEqual(self.due("2026-01-09 15:50:00"), "2026-01-12 07:20:00")

    def test_at_night(self):
        self.work(*((day, 8, 17) for day in range(5)))
        self.assertEqual(self.due("2026-01-06 02:00:00"), "2026-01-06 07:30:00")

    def test_a_public_holiday(self):
        self.work(*((day, 8, 17) for day in range(5)))
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday", "calendar_id": self.calendar.id, "company_id": self.env.company.id,
                "date_from": "2026-01-05 23:00:00", "date_to": "2026-01-06 22:59:59",
            }
        )  # fmt: skip
        self.assertEqual(self.due("2026-01-06 09:00:00"), "2026-01-07 07:30:00")

    def test_the_hour_that_is_left_out_in_spring(self):
        self.work((6, 0, 6))
        # 01:45 in Berlin; half an hour later it is 03:15.
        self.assertEqual(self.due("2026-03-29 00:45:00"), "2026-03-29 01:15:00")

    def test_the_hour_that_comes_twice_in_autumn(self):
        self.work((6, 0, 6))
        # 01:45 in Berlin; two hours later it is 02:45 for the second time.
        self.assertEqual(self.due("2026-10-24 23:45:00", minutes=120), "2026-10-25 01:45:00")

    def test_a_third_of_an_hour_is_exact(self):
        self.work(*((day, 8, 17) for day in range(5)))
        self.assertEqual(self.due("2026-01-06 09:00:00", minutes=20), "2026-01-06 09:20:00")

    def test_without_hours_each_minute_counts(self):
        self.assertEqual(self.due("2026-01-10 02:00:00"), "2026-01-10 02:30:00")

    def test_flexible_hours(self):
        self.calendar.schedule_type = "flexible"
        self.assertEqual(self.due("2026-01-10 02:00:00"), "2026-01-10 02:30:00")

    def test_without_a_calendar(self):
        self.env.company.resource_calendar_id = False
        self.assertEqual(self.due("2026-01-10 02:00:00"), "2026-01-10 02:30:00")
