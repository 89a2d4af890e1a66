"""People are told of an incident while a job fails by it: with two real transactions, each of which may be first."""

from odoo import api, fields
from odoo.tests import TransactionCase
from odoo.tools import mute_logger
from psycopg2.errors import SerializationFailure


class TestFailsWhilePeopleAreTold(TransactionCase):
    def setUp(self):
        super().setUp()
        now = fields.Datetime.now()
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            server = env["label.print.server"].create({"name": "Of two transactions"})
            printer = env["printer.configuration"].create(
                {"name": "Line 1", "cups_name": "zebra", "server_id": server.id}
            )
            incident = env["label.print.incident"]._open(
                [env["label.print.incident"]._values_of_new(printer, "paper_out", now)]
            )
            self.server_id, self.incident_id = server.id, incident.id
        self.addCleanup(self.remove)

    def remove(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            env["label.print.incident"].browse(self.incident_id).unlink()
            server = env["label.print.server"].browse(self.server_id)
            server.with_context(active_test=False).printer_ids.unlink()
            server.unlink()

    def tell(self, cr):
        env = api.Environment(cr, api.SUPERUSER_ID, {})
        due = env["label.print.incident"].browse(self.incident_id).notice_due_at
        env["print.job.notifier"]._tell_incidents(due)
        env.flush_all()

    def fail(self, cr, event):
        env = api.Environment(cr, api.SUPERUSER_ID, {})
        env["label.print.incident"].browse(self.incident_id)._note(event)
        env.flush_all()

    def in_a_race(self, first, second):
        """``second`` begins first, and goes on when ``first`` has committed: it must be run again."""
        with self.registry.cursor() as late:
            late.execute("SET LOCAL lock_timeout = '10s'")
            late.execute("SELECT 1")
            with self.registry.cursor() as early:
                first(early)
            with self.assertRaises(SerializationFailure), mute_logger("odoo.sql_db"):
                second(late)
            late.rollback()

    def test_the_job_fails_first(self):
        for event in ("stopped", "left"):
            with self.subTest(event):
                self.in_a_race(lambda cr, event=event: self.fail(cr, event), self.tell)

    def test_people_are_told_first(self):
        for event in ("stopped", "left"):
            with self.subTest(event):
                self.in_a_race(self.tell, lambda cr, event=event: self.fail(cr, event))
                with self.registry.cursor() as cr:  # as it was, for the next one
                    self.fail(cr, event)
