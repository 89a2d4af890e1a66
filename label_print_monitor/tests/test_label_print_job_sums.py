"""Sums over the history: whatever a view asks for, they are what Odoo's own statement says."""

import random
from datetime import datetime, timedelta

from odoo import Command
from odoo.fields import Domain
from odoo.models import BaseModel
from odoo.tests import tagged

from ..models.label_print_job_sums import SummedDomain
from .common import LabelPrintCase

ZONES = ("UTC", "Europe/Berlin", "America/Los_Angeles", "Asia/Kathmandu", "America/Santiago", "Pacific/Apia", False)
SUMS = ("quantity:sum", "__count", "confirmed_count:sum")
HISTORY = [("job_type", "!=", "test")]


@tagged("post_install", "-at_install")
class TestLabelPrintJobSums(LabelPrintCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Job = cls.env["label.print.job"]
        chance = random.Random(7)
        cls.Job.search([]).sudo().unlink()
        printers = cls.printer | cls.printer.copy({"name": "A second one", "cups_name": "second"})
        jobs = cls.Job.union(
            *(
                cls.make_job(
                    chance.randint(1, 4),
                    printer_id=chance.choice(printers).id,
                    job_type=chance.choice(["auto", "manual", "test"]),
                )
                for _job in range(150)
            )
        )
        jobs.flush_recordset()
        # Two years with changes of the clock in both directions, also at midnight (Santiago), and a day that Apia left out.
        for job in jobs:
            made = datetime(2010, 9, 1) + timedelta(seconds=chance.randint(0, 2 * 365 * 86400))
            cls.env.cr.execute(
                "UPDATE label_print_job SET create_date = %s, status = %s, confirmed_count = %s WHERE id = %s",
                [made, chance.choice(["completed", "failed", "cancelled"]), chance.randint(0, 3), job.id],
            )
        for clock_changes in ("2011-03-27 00:59:59", "2011-03-27 01:00:00", "2011-10-30 00:30", "2011-04-03 03:00", "2011-12-30 09:59:59"):
            cls.env.cr.execute("UPDATE label_print_job SET create_date = %s WHERE id = %s", [clock_changes, chance.choice(jobs.ids)])
        cls.env.invalidate_all()

    def assertSame(self, domain, grouping_sets, aggregates=SUMS, **options):
        """Ours, which must have come from sums, is what Odoo's own method says, with its types."""
        for zone in ZONES:
            jobs = self.Job.with_context(tz=zone)
            with self.subTest(domain=domain, sets=grouping_sets, zone=zone):
                self.assertIsInstance(jobs._summed_domain(domain, grouping_sets, aggregates), SummedDomain)
                ours = jobs._read_grouping_sets(domain, grouping_sets, aggregates, **options)
                theirs = BaseModel._read_grouping_sets(jobs, domain, grouping_sets, aggregates, **options)
                self.assertEqual(ours, theirs)
                self.assertEqual([type(cell) for row in ours[0] for cell in row], [type(cell) for row in theirs[0] for cell in row])
                for groupby in grouping_sets:
                    self.assertEqual(
                        jobs._read_group(domain, groupby, aggregates, **options),
                        BaseModel._read_group(jobs, domain, groupby, aggregates, **options),
                    )

    def test_pivot_and_graph(self):
        self.assertSame(HISTORY, [[], ["printer_id"], ["status"], ["printer_id", "status"]])
        for granularity in ("day", "week", "month", "quarter", "year"):
            self.assertSame(HISTORY, [[f"create_date:{granularity}", "status"]])
        self.assertSame([], [["create_date:month", "printer_id"], ["create_date:month"], []])

    def test_filters_by_time(self):
        for domain in (
            [("create_date", ">=", "2011-03-26 23:30:00"), ("create_date", "<", "2011-04-03 04:10:00")],
            [("create_date", ">", "2011-10-29 22:00:00"), *HISTORY],
            [("create_date", "<=", "2011-12-30 09:59:59")],
            ["|", ("create_date", "<", "2010-12-01"), ("create_date", ">", "2012-03-01")],
        ):
            self.assertSame(domain, [["create_date:day", "status"], ["create_date:day"]])

    def test_nothing_found(self):
        never = [("create_date", ">", "2031-01-01")]
        self.assertSame(never, [["create_date:day"]])
        self.assertSame(never, [["status"]])
        self.assertEqual(self.Job._read_group(never, [], SUMS), BaseModel._read_group(self.Job, never, [], SUMS))
        self.assertEqual(self.Job._read_group(Domain.FALSE, [], SUMS), BaseModel._read_group(self.Job, Domain.FALSE, [], SUMS))

    def test_order_having_and_limit(self):
        options = {"order": "quantity:sum desc, status", "limit": 2, "offset": 1, "having": [("__count", ">", 5)]}
        ours = self.Job._read_group(HISTORY, ["status", "printer_id"], SUMS, **options)
        self.assertEqual(ours, BaseModel._read_group(self.Job, HISTORY, ["status", "printer_id"], SUMS, **options))
        self.assertEqual(len(ours), 2)

    def test_what_sums_do_not_have(self):
        """Then the statement is Odoo's own, and the answer is right."""
        for domain, groupby, aggregates in (
            (HISTORY, ["mo_id"], SUMS),
            (HISTORY, ["create_date:hour"], SUMS),
            (HISTORY, ["status"], ["id:recordset"]),
            (HISTORY, ["status"], ["progress_percent:avg"]),
            ([("printer_id", "=", self.printer.id)], ["create_date:day"], SUMS),
            (HISTORY, ["printer_id.name"], SUMS),
        ):
            with self.subTest(groupby=groupby, aggregates=aggregates):
                self.assertNotIsInstance(self.Job._summed_domain(domain, [groupby], aggregates), SummedDomain)
                self.assertEqual(
                    self.Job._read_group(domain, groupby, aggregates),
                    BaseModel._read_group(self.Job, domain, groupby, aggregates),
                )

    def test_companies(self):
        """A reader's sums are of the jobs that they may see."""
        other = self.env["res.company"].create({"name": "Somewhere else"})
        person = self.env["res.users"].create(
            {
                "name": "Reader", "login": "sums-reader", "company_id": other.id, "company_ids": [Command.set(other.ids)],
                "group_ids": [Command.link(self.env.ref("label_print_monitor.group_label_print_user").id)],
            }
        )  # fmt: skip
        theirs = self.Job.with_user(person)
        self.assertEqual(theirs._read_group(HISTORY, [], SUMS)[0][1], 0)
        self.assertFalse(theirs._read_group(HISTORY, ["create_date:day", "status"], SUMS))
