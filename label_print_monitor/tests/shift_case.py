"""What the tests of shifts share: attempts that ended at a moment of the plant's clock."""

from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from odoo.tools import SQL

from .common import LabelPrintCase

ZONE = ZoneInfo("Europe/Berlin")


def utc(wall, is_dst=False):
    """The moment, in naive UTC, at which the plant's clock shows this, such as "2025-10-25 22:30"."""
    here = datetime.strptime(wall, "%Y-%m-%d %H:%M").replace(tzinfo=ZONE, fold=0 if is_dst else 1)
    return here.astimezone(timezone.utc).replace(tzinfo=None)


class ShiftCase(LabelPrintCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.resource_calendar_id.tz = ZONE.key
        cls.early, cls.late, cls.night = (
            cls.env.ref(f"label_print_monitor.label_print_shift_{name}") for name in ("early", "late", "night")
        )
        cls.Figures = cls.env["label.print.attempt.report"]
        cls.Stored = cls.env["label.print.attempt.figure"]
        cls.store_due()

    @classmethod
    def store_due(cls):
        """What the scheduled action does, without its transactions."""
        while cls.Stored._store_batch() is not None:
            pass

    def ended(self, wall, labels, failed=0, code="paper_out", is_dst=False, first_label=5, **values):
        """A job that ended at this time of the plant's clock.

        :param int labels: that were asked for, of which ``failed`` did not come out
        :param int first_label: seconds from the click to the first label
        """
        job = self.make_job(labels, status="printing", **values)
        if failed:
            self.report(job, status="failed", current_label=labels - failed, error_code=code)
        else:
            self.report(job, status="completed", current_label=labels)
        self.move(job, utc(wall, is_dst), first_label)
        return job

    def move(self, job, at, first_label=5):
        """As if the job had been made a minute before ``at`` (naive UTC), and ended then."""
        self.env.flush_all()
        self.env.cr.execute(
            """UPDATE label_print_job SET create_date = %(at)s::timestamp - interval '1 minute', completed_date = %(at)s
                WHERE id = %(job)s""",
            {"at": at, "job": job.id},
        )
        self.env.cr.execute(
            """UPDATE label_print_attempt
                  SET ended_date = %(at)s, started_date = %(at)s::timestamp - interval '1 minute' + %(first)s * interval '1 s'
                WHERE job_id = %(job)s""",
            {"at": at, "job": job.id, "first": first_label},
        )
        self.env.invalidate_all()
        self.Stored._store(SQL("a.job_id = %s", job.id))

    def figures(self, groupby, *measures, domain=(), user=None):
        """:return: the values of the measures by group, of this test's printers"""
        Figures = self.Figures.with_user(user or self.user)
        rows = Figures._read_group([("printer_id", "=", self.printer.id), *domain], [groupby], list(measures))
        return {row[0]: row[1] if len(measures) == 1 else row[1:] for row in rows}
