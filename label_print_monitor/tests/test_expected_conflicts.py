"""Conflicts that are part of ordinary operation are run again, and no administrator reads of them."""

from contextlib import ExitStack, closing
from unittest.mock import patch

from odoo.addons.label_print_monitor.models.expected_conflicts import _expected, expected_conflicts
from odoo.sql_db import db_connect
from odoo.tests import TransactionCase
from psycopg2.errors import SerializationFailure, SyntaxError

ROW = "ir_module_category WHERE id = (SELECT min(id) FROM ir_module_category)"
CHANGE = "UPDATE ir_module_category SET sequence = sequence WHERE id = (SELECT min(id) FROM ir_module_category)"


class TestExpectedConflicts(TransactionCase):
    def conflict(self, around):
        """Lock a row that another transaction has changed since this one began to read."""
        with ExitStack() as stack:
            ours, theirs = (stack.enter_context(closing(db_connect(self.env.cr.dbname).cursor())) for _each in "ab")
            ours.execute(f"SELECT id FROM {ROW}")
            theirs.execute(CHANGE)
            theirs.commit()
            with self.assertRaises(SerializationFailure), around:
                ours.execute(f"SELECT id FROM {ROW} FOR NO KEY UPDATE SKIP LOCKED")

    def test_a_conflict_is_no_error_where_it_is_run_again(self):
        with self.assertNoLogs("odoo.sql_db", "WARNING"):
            self.conflict(expected_conflicts())

    def test_elsewhere_it_is(self):
        with self.assertLogs("odoo.sql_db", "ERROR") as logs:
            self.conflict(ExitStack())
        self.assertIn("could not serialize access", logs.output[0])

    def test_any_other_refused_statement_is_an_error_everywhere(self):
        with (
            closing(db_connect(self.env.cr.dbname).cursor()) as cursor,
            self.assertLogs("odoo.sql_db", "ERROR"),
            self.assertRaises(SyntaxError),
            expected_conflicts(),
        ):
            cursor.execute("SELEC 1")

    def test_people_and_sweeps_change_the_same_incidents(self):
        """Whoever loses is run again, and nothing is logged as an error."""
        Incident, expected = self.env["label.print.incident"], []

        def lock(records, **_options):
            expected.append(_expected.get())
            return records

        with patch.object(type(Incident), "try_lock_for_update", lock):
            Incident._close("cleared")
            Incident._reopen()
            self.env["print.job.notifier"]._tell_incidents(self.env.cr.now())
        self.assertEqual(expected, [True, True, True])
