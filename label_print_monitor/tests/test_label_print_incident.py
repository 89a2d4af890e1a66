"""Incidents: what opens and ends them, whatever a print server says; which jobs are linked to them; what people do about them."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form
from odoo.tools import mute_logger
from psycopg2.errors import UniqueViolation

from .companies_case import CompaniesCase
from .incident_case import LATER, NO_LABELS, READY, IncidentCase

STOPPED = {"status": "failed", "current_label": 8, "error_code": "paper_out", "error_message": "media out"}


class TestIncident(IncidentCase):
    def test_it_opens_and_ends(self):
        self.printer_says(NO_LABELS)
        incident = self.incidents()
        self.assertEqual((incident.printer_id, incident.cause, incident.closed_at), (self.printer, "paper_out", False))
        self.assertEqual(incident.title, "Printer is out of paper or labels")
        self.assertEqual(incident.remedy, "Load labels into the printer")
        self.assertEqual(incident.display_name, "Line 1: Printer is out of paper or labels")
        self.printer_says(NO_LABELS)
        self.assertEqual(self.incidents(), incident, "set twice it is one")
        self.printer_says(READY)
        self.assertTrue(incident.closed_at)
        self.assertEqual(incident.closed_because, "cleared")

    def test_what_is_cleared_without_having_been_set_changes_nothing(self):
        for _time in range(2):
            self.printer_says(READY)
        self.assertFalse(self.incidents())

    def test_a_reason_that_nobody_knows(self):
        self.printer_says({"status": "online", "state_reasons": ["acme-flux-capacitor-error"]})
        incident = self.incidents()
        self.assertEqual((incident.cause, incident.kind), ("acme-flux-capacitor", "other"))
        self.assertEqual(incident.title, "Acme flux capacitor")
        self.assertTrue(incident.remedy and incident.steps_html)
        self.printer_says({"status": "online", "state_reasons": ["acme-flux-capacitor-warning", 7, None, "x" * 5000]})
        self.assertTrue(incident.closed_at)

    def test_offline_and_no_more(self):
        """As a print server of the first generation says it."""
        self.printer_says({"status": "offline"})
        self.assertEqual(self.incidents().cause, "printer_offline")
        self.printer_says({"status": "online"})
        self.assertTrue(self.incidents().closed_at)
        self.printer_says({"status": "gone-fishing"})
        self.assertEqual(len(self.incidents()), 1)

    def test_what_comes_again_at_once_is_one(self):
        for _time in range(20):
            self.printer_says(NO_LABELS)
            self.printer_says(READY)
        incident = self.incidents()
        self.assertEqual((len(incident), incident.times), (1, 20))
        incident.closed_at -= LATER
        self.printer_says(NO_LABELS)
        self.assertEqual(len(self.incidents()), 2)

    def test_times_are_the_print_servers_where_they_can_be_true(self):
        now = fields.Datetime.now()
        self.server.clock_skew = 300.0
        self.printer_says(NO_LABELS, occurred_at=fields.Datetime.to_string(now + timedelta(seconds=280)))
        incident = self.incidents()
        self.assertEqual(incident.opened_at, now - timedelta(seconds=20))
        self.printer_says(READY, occurred_at=fields.Datetime.to_string(now + timedelta(seconds=290)))
        self.assertEqual(incident.closed_at, now - timedelta(seconds=10))

    def test_times_of_next_year_and_of_the_last_century(self):
        next_year = fields.Datetime.now() + timedelta(days=365)
        self.printer_says(READY)
        self.printer_says(NO_LABELS, occurred_at=fields.Datetime.to_string(next_year))
        incident = self.incidents()
        self.assertLess(abs(incident.opened_at - fields.Datetime.now()), timedelta(seconds=5))
        self.printer_says(READY, occurred_at="1970-01-01T00:00:00Z")
        self.assertGreaterEqual(incident.closed_at, incident.opened_at)
        self.assertLess(abs(incident.closed_at - fields.Datetime.now()), timedelta(seconds=5))

    def test_the_database_allows_one_open_for_each_printer_and_cause(self):
        self.printer_says(NO_LABELS)
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.incidents().copy()

    def test_another_transaction_was_faster(self):
        self.printer_says(NO_LABELS)
        Incident = self.env["label.print.incident"]
        values = Incident._values_of_new(self.printer, "paper_out", fields.Datetime.now())
        self.assertFalse(Incident._open([values]))
        self.assertEqual(len(self.incidents()), 1)

    def test_a_sweep_that_says_nothing_new_writes_nothing(self):
        self.printer_says(NO_LABELS)
        self.tell()
        execute, written = type(self.env.cr).execute, []

        def noting(cursor, query, *arguments, **options):
            code = getattr(query, "code", query)
            if code.lstrip().split(" ")[0] in ("INSERT", "UPDATE", "DELETE"):
                written.append(code)
            return execute(cursor, query, *arguments, **options)

        with patch.object(type(self.env.cr), "execute", noting):
            self.printer_says(NO_LABELS)
            self.env.flush_all()
        self.assertEqual(written, [])

    def test_a_hundred_printers_cost_as_many_statements_as_two(self):
        def statements(count):
            printers = self.env["printer.configuration"].create(
                [{"name": f"P{count}-{n}", "cups_name": f"p{count}-{n}"} for n in range(count)]
            )
            self.env.flush_all()
            moment = fields.Datetime.now()
            Incident = self.env["label.print.incident"].sudo()
            counted = []
            for causes in (frozenset({"paper_out"}), frozenset({"paper_out"}), frozenset(), frozenset({"paper_out"})):
                before = self.env.cr.sql_log_count
                Incident._apply_printers(dict.fromkeys(printers, (causes, moment)))
                self.env.flush_all()
                counted.append(self.env.cr.sql_log_count - before)
            return counted

        statements(1)
        self.assertEqual(statements(100), statements(2))

    def test_a_printer_that_vanishes(self):
        self.printer_says(NO_LABELS)
        other = self.printer.create({"name": "Line 2", "cups_name": "zebra-line-2"})
        for _sweep in range(3):
            self.printer_says(READY, other, complete=True)
        self.assertEqual((self.printer.status, self.incidents().closed_because), ("unknown", "vanished"))

    def test_a_print_server_that_does_not_say_how_its_printers_are(self):
        """Nobody knows whether it is over."""
        self.printer_says(NO_LABELS)
        self.printer._set_unknown("server_away")
        self.assertFalse(self.incidents().closed_at)
        self.printer_says(READY)
        self.assertTrue(self.incidents().closed_at)

    def test_a_printer_that_is_archived_renamed_or_deleted(self):
        self.printer_says(NO_LABELS)
        incident = self.incidents()
        self.printer.name = "Packing"
        self.assertEqual((incident.printer_name, incident.place), ("Packing", "Packing"))
        self.printer.active = False
        self.assertEqual(incident.closed_because, "archived")
        self.printer_says(NO_LABELS)
        self.assertEqual(len(self.incidents()), 1, "of an archived printer nobody is told")
        self.printer.active = True
        self.printer_says(NO_LABELS)
        self.assertFalse(incident.closed_at, "it is the same within half a minute")
        self.printer.unlink()
        incident.invalidate_recordset()
        self.assertEqual((incident.closed_because, incident.place), ("deleted", "Packing"))

    def test_a_printer_that_moves_to_another_print_server(self):
        self.printer_says(NO_LABELS)
        other = self.env["label.print.server"].create({"name": "Another", "state": "ok"})
        self.printer.server_id = other
        incident = self.incidents()
        self.assertEqual((incident.closed_because, incident.server_id), ("moved", self.server))
        self.printer_says(READY)
        self.assertEqual(self.incidents(), incident)

    def test_a_print_server_that_is_away(self):
        """One incident, whatever printers it has."""
        for number in range(5):
            self.printer.create({"name": f"P{number}", "cups_name": f"p{number}"})
        self.printer_says(NO_LABELS)
        (of_printer,) = self.incidents()
        self.server.write({"state": "unreachable", "state_since": fields.Datetime.now()})
        for _time in range(2):
            self.env["label.print.incident"]._apply_server(self.server)
        (of_server,) = self.incidents(closed_at=False) - of_printer
        self.assertEqual((of_server.cause, of_server.place, of_server.printer_id.ids), ("server_away", self.server.name, []))
        self.assertTrue(of_server.title and of_server.remedy)
        self.server.state = "ok"
        self.env["label.print.incident"]._apply_server(self.server)
        self.assertEqual((of_server.closed_because, of_printer.closed_at), ("cleared", False))
        self.server.state = "unreachable"
        self.env["label.print.incident"]._apply_server(self.server)
        self.assertEqual((of_server.closed_at, of_server.times), (False, 2))

    def test_a_print_server_that_is_archived_while_it_is_away(self):
        other = self.env["label.print.server"].create({"name": "Another", "state": "unreachable"})
        self.env["label.print.incident"]._apply_server(other)
        incident = self.incidents(server_id=other.id)
        other.name = "Renamed"
        self.assertEqual(incident.server_name, "Renamed")
        other.active = False
        self.assertEqual(incident.closed_because, "archived")


class TestIncidentJobs(IncidentCase):
    def test_what_waits_and_what_fails(self):
        jobs = self.make_jobs(5)
        elsewhere = self.make_jobs(2, printer_id=self.printer.create({"name": "Other", "cups_name": "other"}).id)
        self.printer_says(NO_LABELS)
        self.tell()
        incident = self.incidents().with_user(self.user)
        self.assertEqual((incident.waiting_count, incident.stopped_count), (5, 0))
        self.end(jobs[:2], **STOPPED)
        self.end(elsewhere, **STOPPED)
        self.env.invalidate_all()
        self.assertEqual((incident.waiting_count, incident.stopped_count, incident.retry_count), (3, 2, 2))
        self.assertEqual(jobs[:2].incident_ids, incident.sudo(False))
        self.assertFalse(elsewhere.incident_ids)
        self.assertTrue(incident.can_move)

    def test_a_template_that_is_wrong_is_not_the_printers_fault(self):
        (job,) = self.make_jobs(1)
        self.stop()
        self.end(job, status="failed", error_code="invalid_zpl")
        self.assertNotIn("stopped", job.incident_link_ids.mapped("effect"))

    def test_a_failure_that_was_told_before_its_printer_stopped(self):
        (job,) = self.make_jobs(1)
        self.end(job, **STOPPED)
        self.printer_says(NO_LABELS)
        self.assertEqual(job.incident_link_ids.effect, "stopped")

    def test_a_failure_that_is_told_after_its_printer_goes_on(self):
        jobs = self.make_jobs(2)
        self.printer_says(NO_LABELS)
        self.printer_says(READY)
        self.end(jobs[0], **STOPPED)
        self.end(jobs[1], status="failed", error_code="head_open")
        self.assertEqual(jobs[0].incident_link_ids.effect, "stopped")
        self.assertFalse(jobs[1].incident_link_ids)

    def test_retry_what_it_stopped_prints_exactly_the_missing_labels(self):
        failed = [{"index": n, "code": "paper_out"} for n in range(9, 21)]
        jobs = self.make_jobs(3)
        uncertain = self.make_jobs(1)
        self.printer_says(NO_LABELS)
        self.end(jobs, **STOPPED, failed_labels=failed)
        self.end(uncertain, **STOPPED)  # it says nothing of single labels
        incident = self.incidents().with_user(self.user)
        with self.assertRaisesRegex(UserError, "Load labels into the printer"):
            incident.action_retry_stopped()
        self.printer_says(READY)
        self.assertTrue(incident.can_retry)
        incident.action_retry_stopped()
        self.assertEqual(set(jobs.mapped("status")), {"pending"})
        self.assertEqual([job._current_attempt().label_indexes for job in jobs], [list(range(9, 21))] * 3)
        self.assertEqual(uncertain.status, "failed", "somebody has to say which labels are on paper")
        self.env.invalidate_all()
        self.assertEqual(incident.retry_count, 1)
        uncertain._set_aside("not_needed")
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "Nothing is left to retry"):
            incident.action_retry_stopped()

    def test_a_job_that_failed_again_for_another_reason_is_not_retried_by_it(self):
        (job,) = self.make_jobs(1)
        self.printer_says(NO_LABELS)
        self.end(job, **STOPPED)
        self.printer_says(READY)
        self.look_and_retry(job.with_user(self.user), range(9, 21))
        job.flask_job_id = "second"
        job._apply({job.id: {"status": "printing"}})
        self.end(job, status="failed", error_code="invalid_zpl")
        self.assertEqual(self.incidents().retry_count, 0)

    def test_move_what_waits_before_it_is_over(self):
        other = self.printer.create({"name": "Line 2", "cups_name": "zebra-line-2"})
        jobs = self.env["label.print.job"].union(*(self.make_job(status="queued") for _number in range(2)))
        incident, _none = self.stop()
        action = incident.with_user(self.user).action_move_waiting()
        form = Form(self.env[action["res_model"]].with_user(self.user).with_context(**action["context"]))
        form.target_id = other
        self.assertEqual(form.jobs_count, 2)
        jobs._apply({job.id: {"printer_id": other.id} for job in jobs})
        self.env.invalidate_all()
        self.assertEqual(incident.waiting_count, 0)
        self.printer_says(READY)
        with self.assertRaises(UserError):
            incident.with_user(self.user).action_move_waiting()


class TestIncidentPeople(IncidentCase):
    def test_somebody_is_on_it(self):
        self.printer_says(NO_LABELS)
        incident = self.incidents().with_user(self.user)
        incident.action_acknowledge()
        self.assertEqual((incident.acknowledged_by, incident.user_id), (self.user, self.user))
        self.assertIn(f"{self.user.name} is on it.", incident.message_ids[0].body)
        count = len(incident.message_ids)
        incident.action_acknowledge()
        self.assertEqual(len(incident.message_ids), count, "said twice it is one")
        incident.with_user(self.manager).action_acknowledge()
        self.assertEqual((incident.acknowledged_by, incident.user_id), (self.manager, self.user))
        incident.action_release()
        self.assertEqual(incident.acknowledged_by, self.manager, "nobody takes back what another has said")
        incident.with_user(self.manager).action_release()
        self.assertFalse(incident.acknowledged_by)

    def test_assign_and_comment(self):
        self.printer_says(NO_LABELS)
        incident = self.incidents().with_user(self.manager)
        incident.user_id = self.user
        self.assertIn(self.user.partner_id, incident.message_follower_ids.sudo().partner_id)
        incident.message_post(body="The rolls are in hall 2.")
        self.assertIn("hall 2", incident.message_ids[0].body)

    def test_what_the_engine_keeps_is_written_by_nobody(self):
        self.printer_says(NO_LABELS)
        for values in ({"closed_at": "2026-01-01"}, {"cause": "jam"}, {"acknowledged_by": self.user.id}, {"notice_state": "over"}):
            with self.assertRaises(AccessError):
                self.incidents().with_user(self.manager).write(values)


class TestIncidentCompanies(IncidentCase, CompaniesCase):
    def test_each_company_sees_its_own_and_what_is_shared(self):
        for printer in (self.printer_b, self.printer_shared):
            self.printer_says(NO_LABELS, printer)
        Incident = self.env["label.print.incident"]
        seen = {
            user: self.as_user(user, Incident).search([("server_id", "in", (self.server_b | self.shared).ids)]).printer_id
            for user in (self.manager_a, self.user_b)
        }
        self.assertEqual(seen[self.manager_a], self.printer_shared)
        self.assertEqual(seen[self.user_b].sudo(), self.printer_b | self.printer_shared)

    def test_jobs_are_counted_as_the_reader_may_see_them(self):
        for company, count in ((self.company_a, 2), (self.company_b, 3)):
            self.make_jobs(count, printer_id=self.printer_shared.id, company_id=company.id)
        self.printer_says(NO_LABELS, self.printer_shared)
        self.tell()
        incident = self.incidents()
        counts = {user: self.as_user(user, incident).waiting_count for user in (self.manager_a, self.user_b)}
        self.assertEqual(counts, {self.manager_a: 2, self.user_b: 3})
        self.assertEqual(len(self.as_user(self.user_b, incident).job_ids), 3)

    def test_it_goes_with_its_printer_to_a_company(self):
        self.printer_says(NO_LABELS, self.printer_shared)
        self.printer_shared.company_id = self.company_b
        self.assertEqual(self.incidents().company_id, self.company_b)
