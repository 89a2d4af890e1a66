"""What it costs to say what is left on many printers' rolls: by the index of what was fed, and never a whole history."""

from odoo import fields
from odoo.tests import tagged
from odoo.tools import SQL

from .common import LabelPrintCase

PRINTERS, ATTEMPTS, LABELS = 100, 100, 20  # attempts of each printer, labels of each attempt


@tagged("post_install", "-at_install")
class TestRollCost(LabelPrintCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.printers = cls.env["printer.configuration"].create(
            [{"name": f"P{number}", "cups_name": f"p{number}", "roll_size": 500} for number in range(PRINTERS)]
        )
        cls.jobs = cls.env["label.print.job"].create(
            [
                {"printer_id": printer.id, "quantity": 1, "labels_data": cls.labels(1), "submitted_by": cls.user.id}
                for printer in cls.printers
            ]
        )
        cls.env.flush_all()
        cls.now = fields.Datetime.now()
        # An attempt a minute, the newest one just now.
        cls.env.cr.execute(
            """INSERT INTO label_print_attempt (job_id, number, printer_id, labels_count, printed_count, fed_count,
                                                learned_date, ended_date, outcome)
               SELECT job.id, 1 + number, job.printer_id, %(labels)s, %(labels)s, %(labels)s, at, at, 'completed'
                 FROM label_print_job job, generate_series(1, %(attempts)s) number,
                      LATERAL (SELECT %(now)s - number * interval '1 minute' AS at) times
                WHERE job.id = ANY(%(jobs)s)""",
            {"now": cls.now, "labels": LABELS, "attempts": ATTEMPTS, "jobs": cls.jobs.ids},
        )
        cls.env.cr.execute("ANALYZE label_print_attempt")
        cls.env.cr.execute("ANALYZE label_print_job")

    def begin(self, minutes, labels):
        since = fields.Datetime.subtract(self.now, minutes=minutes)
        self.printers.write({"roll_labels": labels, "roll_base": 0, "roll_counted_at": since})
        self.env.flush_all()

    def rows_read(self, whole=False):
        """How many rows of attempts the statement reads, from which index."""
        [plan] = self.env.execute_query(
            SQL("EXPLAIN (ANALYZE, FORMAT JSON) %s", self.printers._rolls_query(self.printers.ids, whole))
        )[0]
        found = []

        def look(node):
            if node.get("Relation Name") == "label_print_attempt":
                found.append((node.get("Index Name"), round(node["Actual Rows"] * node["Actual Loops"])))
            for child in node.get("Plans", ()):
                look(child)

        look(plan[0]["Plan"])
        [(index, rows)] = found
        return index, rows

    def test_it_reads_what_was_fed_since(self):
        self.begin(minutes=10, labels=500)
        rolls = self.printers._rolls()
        # Those of the last ten minutes, and of the minute before, which `roll_base` would take off.
        self.assertEqual({roll.left for roll in rolls.values()}, {500 - 11 * LABELS})
        index, rows = self.rows_read()
        self.assertEqual(index, "label_print_attempt_fed")
        self.assertLessEqual(rows, 11 * PRINTERS)

    def test_a_roll_that_nobody_has_changed_costs_no_whole_history(self):
        self.begin(minutes=ATTEMPTS * 2, labels=30)
        self.assertEqual({roll.problem for roll in self.printers._rolls().values()}, {"empty"})
        index, rows = self.rows_read()
        self.assertEqual((index, rows), ("label_print_attempt_fed", 31 * PRINTERS))
