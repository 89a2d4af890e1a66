"""The metrics for monitoring systems: what they tell, and what they cost."""

import re
import time
from datetime import timedelta

from odoo.addons.label_print_monitor.models import label_print_metrics_total
from odoo.addons.label_print_monitor.services.lifecycle.incidents import SERVER_AWAY
from odoo.addons.label_print_monitor.services.transport.pull_session import Call
from odoo.fields import Datetime
from odoo.tests import tagged

from .metrics_case import NAMES, MetricsCase, Scraped

STATEMENTS = 10
"""As docs/monitoring.md says: one for the tokens, one for the time limit, eight for the figures."""
MOST_SECONDS = 0.05


@tagged("post_install", "-at_install")
class TestMetrics(MetricsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.place = {"server": cls.server.name, "printer": "zebra-line-1"}

    def test_names_follow_the_practice(self):
        self.make_job()
        found = self.scrape()
        self.assertGreater(len(found.families), 15)
        for family in found.families:
            self.assertRegex(family.name, rf"^{NAMES}[a-z_]+[a-z]$")
            self.assertIn(family.type, ("gauge", "counter"))
            for sample in family.samples:
                self.assertEqual(sample.name.endswith("_total"), family.type == "counter", sample.name)
            self.assertNotRegex(family.name, r"_(ms|minutes|hours|percent)(_|$)")
            self.assertTrue(family.documentation.endswith("."), family.name)
            if re.search("age|duration|timestamp", family.name):
                self.assertTrue(family.name.endswith("_seconds"), family.name)
            for sample in family.samples:
                self.assertLessEqual(set(sample.labels), {
                    "server", "printer", "status", "outcome", "result", "severity", "cause", "action", "version",
                })  # fmt: skip
                self.assertLessEqual(len(sample.labels), 3)

    def test_print_servers(self):
        now = Datetime.now()
        self.server.write(
            {"push_last_at": now, "last_contact": now, "sweep_seconds": 0.25, "clock_skew": -7, "failure_count": 0}
        )
        self.server.warnings = ["The disk is full"]
        label = {"server": self.server.name}
        found = self.scrape()
        self.assertEqual(found.value("server_up", **label), 1)
        self.assertEqual(found.value("server_sweep_duration_seconds", **label), 0.25)
        self.assertEqual(found.value("server_clock_ahead_seconds", **label), -7)
        self.assertEqual(found.value("server_warnings", **label), 1)
        for name in ("server_last_push_timestamp_seconds", "server_last_answer_timestamp_seconds"):
            self.assertAlmostEqual(found.value(name, **label), time.time(), delta=60)
        self.server.write({"state": "unreachable", "failure_count": 3})
        found = self.scrape()
        self.assertEqual(found.value("server_up", **label), 0)
        self.assertEqual(found.value("server_failed_sweeps", **label), 3)
        self.server.write({"state": "unknown", "push_last_at": False})
        found = self.scrape()
        self.assertFalse(found.has("server_up", **label), "nobody has asked it yet")
        self.assertFalse(found.has("server_last_push_timestamp_seconds", **label))

    def test_print_servers_that_call_odoo(self):
        server = self.env["label.print.server"].create({"name": "Hall 7", "connection_mode": "server_calls"})
        label, calls = {"server": "Hall 7"}, self.env["label.print.server.call"]
        of_pull = ("server_connected", "server_last_question_timestamp_seconds", "server_calls_waiting")
        for name in of_pull:
            self.assertFalse(self.scrape().has(name, **label), "no computer is connected")
            self.assertFalse(self.scrape().has(name, server=self.server.name), "Odoo calls it")
        token, _given = self.env["label.print.server.token"]._make(server)
        found = self.scrape()
        self.assertEqual(found.value("server_connected", **label), 0, "it has not asked yet")
        self.assertFalse(found.has("server_last_question_timestamp_seconds", **label))
        token.asked_at = Datetime.now()
        for seconds in (5.0, -5.0):  # nobody waits for the second one any more
            calls._put(server.id, Call("GET", "/api/health", {}, "", seconds))
        found = self.scrape()
        self.assertEqual(found.value("server_connected", **label), 1)
        self.assertAlmostEqual(
            found.value("server_last_question_timestamp_seconds", **label), time.time(), delta=60
        )
        self.assertEqual(found.value("server_calls_waiting", **label), 1)
        calls._hand_over(server.id, "1f" * 16)
        self.assertEqual(self.scrape().value("server_calls_waiting", **label), 0)
        token.asked_at = Datetime.now() - timedelta(seconds=62)
        found = self.scrape()
        self.assertEqual(found.value("server_connected", **label), 0)
        self.assertTrue(found.has("server_last_question_timestamp_seconds", **label))
        token._revoke()
        for name in of_pull:
            self.assertFalse(self.scrape().has(name, **label), "it was taken away on purpose")

    def test_the_scheduled_actions(self):
        cron = self.env.ref("label_print_monitor.cron_poll_print_job_status")
        self.env.cr.execute("UPDATE ir_cron SET lastcall = now() AT TIME ZONE 'UTC' WHERE id = %s", [cron.id])
        found = self.scrape()
        self.assertAlmostEqual(found.value("action_last_run_timestamp_seconds", action="poll"), time.time(), delta=120)
        self.assertEqual(found.value("action_active", action="submit"), 1)
        self.env.cr.execute("UPDATE ir_cron SET active = FALSE WHERE id = %s", [cron.id])
        self.assertEqual(self.scrape().value("action_active", action="poll"), 0)

    def test_printers(self):
        self.printer.status = "busy"
        found = self.scrape()
        self.assertEqual(found.value("printer_up", **self.place), 1)
        self.assertEqual(found.value("printer_status", status="busy", **self.place), 1)
        self.assertEqual(found.value("printer_status", status="online", **self.place), 0)
        self.printer.status = "attention"
        self.assertEqual(self.scrape().value("printer_up", **self.place), 0)
        self.printer.status = "unknown"
        self.assertFalse(self.scrape().has("printer_up", **self.place))
        self.printer.active = False
        self.assertNotIn("zebra-line-1", self.scrape().values_of("printer"))

    def test_open_jobs(self):
        found = self.scrape()
        self.assertEqual(found.value("jobs", status="pending", **self.place), 0)
        self.assertEqual(found.value("oldest_waiting_job_age_seconds", **self.place), 0)
        first, _second = self.make_job(), self.make_job()
        printing = self.make_job(status="printing")
        self.make_job(status="queued", submission="maybe")
        self.env.flush_all()
        old = Datetime.now() - timedelta(hours=2)
        self.env.cr.execute("UPDATE label_print_job SET create_date = %s WHERE id = %s", [old, printing.id])
        self.env.cr.execute(
            "UPDATE label_print_job SET create_date = %s WHERE id = %s", [old + timedelta(hours=1), first.id]
        )
        found = self.scrape()
        self.assertEqual(found.value("jobs", status="pending", **self.place), 2)
        self.assertEqual(found.value("jobs", status="printing", **self.place), 1)
        self.assertEqual(found.value("unclear_jobs", **self.place), 1)
        age = found.value("oldest_waiting_job_age_seconds", **self.place)
        self.assertAlmostEqual(age, 3600, delta=60, msg="the one that prints does not wait")
        printing.waiting_for = "paper_out"
        age = self.scrape().value("oldest_waiting_job_age_seconds", **self.place)
        self.assertAlmostEqual(age, 7200, delta=60)

    def test_jobs_of_a_printer_that_is_archived(self):
        self.make_job(status="printing")
        self.printer.active = False
        found = self.scrape()
        self.assertEqual(found.value("jobs", status="printing"), 1)

    def test_the_last_day(self):
        self.failed_job()
        done = self.make_job(4, status="printing")
        self.report(done, status="completed", current_label=4, progress={"total": 4, "completed": 4, "failed": 0})
        long_ago = self.make_job(4, status="printing")
        self.report(long_ago, status="completed", current_label=4)
        long_ago.attempt_ids.ended_date = Datetime.now() - timedelta(hours=25)
        found = self.scrape()
        labels = {
            outcome: found.value("last_day_labels", outcome=outcome, **self.place)
            for outcome in ("confirmed", "unconfirmed", "uncertain", "failed", "taken_back")
        }
        printed = labels["confirmed"] + labels["unconfirmed"]
        self.assertEqual((printed, labels["failed"]), (12, 12))

    def submissions(self):
        found = self.scrape()
        return (
            found.value("submissions_total", result="accepted", **self.place),
            found.value("submissions_total", result="refused", **self.place),
            found.value("labels_submitted_total", **self.place),
        )

    def end(self, job, outcome, submitted):
        now = Datetime.now()
        job.attempt_ids.write({"submitted_date": submitted and now, "outcome": outcome, "ended_date": now})

    def test_submissions(self):
        self.assertEqual(self.submissions(), (0, 0, 0))
        self.end(self.make_job(3, status="sent"), "completed", True)
        self.assertEqual(self.submissions(), (1, 0, 3))
        self.end(self.make_job(5), "failed", False)
        self.end(self.make_job(5), "cancelled", False)
        self.assertEqual(self.submissions(), (1, 1, 3), "nobody has refused what was cancelled before")

    def test_what_was_counted_stays_counted(self):
        """By the daily count or not, corrected afterwards, retried: they never become less."""
        totals = self.env["label.print.metrics.total"]
        done, runs = self.make_job(3, status="sent"), self.make_job(4, status="sent")
        later = self.make_job(6, status="sent")
        for job in (done, later):
            self.end(job, "completed", True)
        runs.attempt_ids.submitted_date = Datetime.now()
        self.assertEqual(self.submissions(), (3, 0, 13))
        waits, refused = self.make_job(8), self.make_job(9)
        self.patch(label_print_metrics_total, "NEWEST_LEFT", 0)
        totals._count_again()
        self.assertEqual(self.submissions(), (3, 0, 13))
        waits.attempt_ids.submitted_date = Datetime.now()
        self.end(refused, "failed", False)
        self.assertEqual(self.submissions(), (4, 1, 21), "what was decided after the count is added to it")
        waits.attempt_ids.submitted_date = False
        refused.attempt_ids.outcome = "cancelled"
        self.assertEqual(self.submissions(), (3, 0, 13))
        runs.attempt_ids.write({"outcome": "failed", "ended_date": Datetime.now()})
        done.attempt_ids.outcome = "failed"
        self.assertEqual(self.submissions(), (3, 0, 13))
        for _night in range(2):
            totals._count_again()
            self.assertEqual(self.submissions(), (3, 0, 13))
        self.end(self.make_job(2, status="sent"), "completed", True)
        self.assertEqual(self.submissions(), (4, 0, 15))

    def test_they_are_counted_daily_where_somebody_reads_them(self):
        totals, tokens = self.env["label.print.metrics.total"], self.env["label.print.metrics.token"]
        self.assertTrue(type(totals)._count_daily._autovacuum, "Odoo calls it once a day")
        tokens.sudo().search([]).unlink()
        tokens._make(self.env.company)
        self.patch(label_print_metrics_total, "NEWEST_LEFT", 0)
        self.end(self.make_job(3, status="sent"), "completed", True)
        totals._count_daily()
        self.assertEqual(sum(totals.sudo().search([("printer_id", "=", self.printer.id)]).mapped("labels")), 3)
        tokens.sudo().search([]).unlink()
        self.end(self.make_job(4, status="sent"), "completed", True)
        totals._count_daily()
        self.assertEqual(sum(totals.sudo().search([("printer_id", "=", self.printer.id)]).mapped("labels")), 3)

    def test_incidents(self):
        values = {
            "printer_id": self.printer.id, "server_id": self.server.id, "opened_at": Datetime.now(),
            "cause": "paper_out", "kind": "paper_out",
        }  # fmt: skip
        Incident = self.env["label.print.incident"].sudo()
        Incident.create([values, {**values, "cause": "jam", "kind": "jam", "acknowledged_at": Datetime.now()}])
        Incident.create({**values, "cause": "head_open", "kind": "head_open", "closed_at": Datetime.now()})
        Incident.create({**values, "printer_id": False, "cause": SERVER_AWAY, "kind": SERVER_AWAY})
        found = self.scrape()
        of_servers = {
            (dict(labels)["cause"], dict(labels)["severity"]): value
            for (name, labels), value in found.items()
            if name == f"{NAMES}incidents_open" and dict(labels)["server"] == self.server.name
        }
        self.assertEqual({cause for cause, _severity in of_servers}, {"paper_out", "jam", SERVER_AWAY})
        self.assertEqual(of_servers[SERVER_AWAY, "error"], 1)
        self.assertLessEqual({severity for _cause, severity in of_servers}, {"error", "warning"})
        self.assertEqual(found.value("incidents_unacknowledged", server=self.server.name), 2)

    def test_strange_names(self):
        """Names are people's: quotes, line feeds, and the same name twice."""
        strange = 'Hall "A"\\1\nÄ'
        self.printer.cups_name = strange
        twins = self.env["label.print.server"].create([{"name": "Twin"}, {"name": "Twin"}])
        found = self.scrape()
        self.assertIn(strange, found.values_of("printer"))
        self.assertLessEqual({f"Twin ({twin.id})" for twin in twins}, found.values_of("server"))

    def test_a_sweep_notes_how_long_it_took(self):
        self.server.last_contact = False
        self.server._note_answer(Datetime.now(), 0.125)
        self.assertEqual(self.scrape().value("server_sweep_duration_seconds", server=self.server.name), 0.125)

    def make_many(self, printers, jobs):
        made = self.env["printer.configuration"].create(
            [{"name": f"Printer {n}", "cups_name": f"many-{n}"} for n in range(printers)]
        )
        template = self.make_job()
        self.env.flush_all()
        columns = ["company_id", "server_id", "quantity", "job_type", "submission", "create_date", "submitted_by"]
        listed = ", ".join(columns)
        self.env.cr.execute(
            f"""INSERT INTO label_print_job (printer_id, status, {listed})
                SELECT (%s::int[])[1 + n %% %s], (ARRAY['pending', 'sent', 'queued', 'printing'])[1 + n %% 4], {listed}
                  FROM label_print_job, generate_series(1, %s) n WHERE id = %s""",
            [made.ids, printers, jobs, template.id],
        )
        self.env.cr.execute(
            """INSERT INTO label_print_attempt (job_id, number, printer_id, outcome, ended_date, printed_count)
                SELECT id, 1, printer_id, 'completed', now() AT TIME ZONE 'UTC', 5 FROM label_print_job
                 WHERE printer_id = ANY(%s)""",
            [made.ids],
        )
        self.env.cr.execute("ANALYZE label_print_job; ANALYZE label_print_attempt; ANALYZE printer_configuration")
        return made

    def read_once(self):
        """:return: statements and seconds of one answer"""
        self.env.flush_all()
        self.env.invalidate_all()
        before, begun = self.cr.sql_log_count, time.perf_counter()
        tokens = self.env["label.print.metrics.token"]
        tokens._scope_of("x")
        text = tokens._exposition(None)
        seconds = time.perf_counter() - begun
        return self.cr.sql_log_count - before, seconds, text

    def test_what_it_costs(self):
        self.assertEqual(self.read_once()[0], STATEMENTS)
        made = self.make_many(100, 1000)
        statements, _seconds, text = self.read_once()
        self.assertEqual(statements, STATEMENTS, "as many as with one printer")
        found = Scraped(text)
        jobs = [value for (name, labels), value in found.items() if name == f"{NAMES}jobs" and "many-" in str(labels)]
        self.assertEqual((len(jobs), sum(jobs)), (4 * len(made), 1000))
        # The best of several: other work on the machine is not what is measured.
        self.assertLessEqual(min(self.read_once()[1] for _again in range(7)), MOST_SECONDS)
